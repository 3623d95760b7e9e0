//! Files cut short, edited, swapped, from the future.

use std::time::Duration;

use bindery::model::Digest;
use bindery::warc::{Fault, Reader, Record, RecordId, RecordKind, find, valid_length};

use super::fixture::*;
use crate::support::growth::took;

/// A record's bytes with a change, as one gzip member with the head that bindery writes.
fn edited(record: &Record, from: &str, to: &str) -> Vec<u8> {
    let bytes = unpacked(record);
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
    packed(&[&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat())
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut member = gzip(bytes);
    member[8..10].copy_from_slice(&[0, 0xff]);
    member
}

/// The only fault of a file.
fn fault(file: &[u8]) -> Fault {
    let mut faults = Reader::strict(file).filter_map(Result::err).map(|error| error.fault);
    let first = faults.next().unwrap();
    assert!(faults.next().is_none());
    first
}

/// A file, and what its only fault must be.
type Case = (Vec<u8>, fn(&Fault) -> bool);

#[test]
fn a_file_cut_anywhere_has_its_valid_length_and_nothing_more() {
    let file = file();
    let ends: Vec<u64> = entries(&file).unwrap().iter().map(|entry| entry.offset + entry.length).collect();
    for cut in 0..=file.len() {
        let mut whole = ends.iter().filter(|end| **end <= cut as u64);
        let (count, end) = (whole.clone().count(), whole.next_back().copied().unwrap_or(0));
        assert_eq!(valid_length(&file[..cut]).unwrap(), end, "cut after {cut}");
        let mut read = Reader::strict(&file[..cut]);
        assert!(read.by_ref().take(count).all(|entry| entry.is_ok()), "cut after {cut}");
        match read.next() {
            None => assert_eq!(end, cut as u64),
            Some(error) => {
                let error = error.unwrap_err();
                assert!(matches!(error.fault, Fault::Truncated), "cut after {cut}: {error}");
                assert_eq!(error.offset, end);
                assert!(read.next().is_none());
            }
        }
    }
    for foreign in [records().iter().flat_map(unpacked).collect::<Vec<u8>>(), b"WARC/".to_vec()] {
        for cut in 0..foreign.len() {
            for entry in Reader::new(&foreign[..cut]) {
                assert!(matches!(entry, Ok(_) | Err(bindery::warc::WarcError { fault: Fault::Truncated, .. })));
            }
        }
    }
}

#[test]
fn what_a_power_cut_leaves_behind_the_last_member_is_not_whole() {
    let file = file();
    for tail in [&[0u8; 4096][..], b"\r\n", b"WARC/1.1\r\n", &[0x1f, 0x8b], &file[..20]] {
        let spoilt = [&file[..], tail].concat();
        assert_eq!(valid_length(&spoilt[..]).unwrap(), file.len() as u64);
    }
    assert_eq!(valid_length(&b""[..]).unwrap(), 0);
}

#[test]
fn one_flipped_bit_is_found_or_changes_nothing_that_is_read() {
    let file = file();
    let before = entries(&file).unwrap();
    let mut unseen = 0;
    for at in 0..file.len() {
        for bit in [at % 8, 0, 7] {
            let mut spoilt = file.clone();
            spoilt[at] ^= 1 << bit;
            match entries(&spoilt) {
                Err(_) => {}
                // The bits that fill up the last byte of packed data belong to nothing; a manifest still has them.
                Ok(same) => {
                    assert_eq!(same, before, "byte {at}, bit {bit}");
                    unseen += 1;
                }
            }
        }
    }
    assert!(unseen <= 4 * before.len(), "{unseen} flips were not seen");
}

#[test]
fn every_edit_has_its_own_name() {
    let all = records();
    let (info, answer, revisit) = (&all[0], &all[1], &all[4]);
    let file = &all[6];
    let block = |digest: &Digest| format!("WARC-Block-Digest: sha256:{digest}");
    let wrong = Digest::of(b"other");
    let cases: Vec<Case> = vec![
        (edited(file, "<p>山", "<p>河"), |fault| matches!(fault, Fault::Digest { part: "block", .. })),
        (edited(file, &block(&Digest::of(file.block())), &block(&wrong)), |fault| {
            matches!(fault, Fault::Digest { part: "block", .. })
        }),
        (edited(answer, "WARC-Payload-Digest: sha256:", "WARC-Payload-Digest: sha1:"), |fault| {
            matches!(fault, Fault::Malformed { .. })
        }),
        (edited(answer, &Digest::of(&page()).hex(), &wrong.hex()), |fault| {
            matches!(fault, Fault::Digest { part: "payload", .. })
        }),
        (edited(answer, "example.org/river", "example.org/rover"), |fault| matches!(fault, Fault::WrongId { .. })),
        (edited(answer, "08:58:55Z", "08:58:56Z"), |fault| matches!(fault, Fault::WrongId { .. })),
        (edited(answer, "WARC-Type: response", "WARC-Type: request"), |fault| matches!(fault, Fault::WrongId { .. })),
        (edited(answer, "WARC-Type: response", "WARC-Type: metadata"), |fault| {
            matches!(fault, Fault::Malformed { .. })
        }),
        (edited(file, "Content-Length: 10", "Content-Length: 11"), |fault| matches!(fault, Fault::WrongLength { .. })),
        (edited(file, "Content-Length: 10", "Content-Length: 9"), |fault| matches!(fault, Fault::WrongLength { .. })),
        (edited(file, "Content-Length: 10", "Content-Length: 99999999999"), |fault| {
            matches!(fault, Fault::WrongLength { stated: 99_999_999_999 })
        }),
        (edited(file, "Content-Length: 10", "Content-Length: -1"), |fault| matches!(fault, Fault::Malformed { .. })),
        (
            edited(info, "WARC/1.1", "WARC/2.0"),
            |fault| matches!(fault, Fault::NewerVersion { version } if version == "WARC/2.0"),
        ),
        (edited(info, "WARC/1.1", "WARC/one"), |fault| matches!(fault, Fault::Malformed { .. })),
        (edited(info, "WARC-Record-ID", "WARC-Record-IX"), |fault| {
            matches!(fault, Fault::MissingField { field: "WARC-Record-ID" })
        }),
        (edited(answer, "WARC-Target-URI", "WARC-Target-URX"), |fault| {
            matches!(fault, Fault::MissingField { field: "WARC-Target-URI" })
        }),
        (edited(revisit, "WARC-Refers-To:", "WARC-Refers-Ti:"), |fault| {
            matches!(fault, Fault::MissingField { field: "WARC-Refers-To" })
        }),
        (edited(answer, "WARC-IP-Address", "WARC-Date"), |fault| matches!(fault, Fault::Malformed { .. })),
        (packed(b"hello"), |fault| matches!(fault, Fault::Malformed { .. })),
        (packed(&[unpacked(info), unpacked(file)].concat()), |fault| matches!(fault, Fault::Shared)),
        (gzip(&unpacked(info)), |fault| matches!(fault, Fault::Gzip { .. })),
        (unpacked(info), |fault| matches!(fault, Fault::Malformed { .. })),
    ];
    for (at, (member, fits)) in cases.into_iter().enumerate() {
        let found = fault(&member);
        assert!(fits(&found), "case {at}: {found:?}");
        let sentence = found.to_string();
        assert!(sentence.contains("; ") && sentence.len() > 40, "it says what to do: {sentence}");
    }
}

#[test]
fn damage_in_one_record_does_not_hide_the_next() {
    let all = records();
    let spoilt = edited(&all[3], "and so on", "and so in");
    let file = [all[0].to_gzip(), spoilt, all[6].to_gzip()].concat();
    let read: Vec<_> = Reader::strict(&file[..]).collect();
    assert_eq!(read.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(read[1].as_ref().unwrap_err().offset, all[0].to_gzip().len() as u64);
    assert!(find(&file[..], all[6].id(), 1 << 20).unwrap().is_some());
    assert!(find(&file[..], all[3].id(), 1 << 20).is_err());
    assert_eq!(valid_length(&file[..]).unwrap(), all[0].to_gzip().len() as u64);
}

#[test]
fn a_record_under_the_id_of_another_is_found() {
    let all = records();
    let swapped = edited(&all[6], all[6].id().as_str(), all[3].id().as_str());
    let Fault::WrongId { stated, derived } = fault(&swapped) else { panic!() };
    assert_eq!((&stated, &derived), (all[3].id(), all[6].id()));
    assert_eq!(derived, RecordId::derive(RecordKind::Resource, all[6].target(), date(), &Digest::of(all[6].block())));
}

#[test]
fn a_head_without_end_is_refused_in_no_time() {
    let fields = "a:\r\n".repeat(1 << 18);
    let heads = [format!("WARC/1.1\r\n{fields}"), "WARC/1.1 ".repeat(1 << 20), format!("WARC/1.1\r\n{fields}\r\n")];
    for head in heads {
        let time = took(|| {
            for file in [packed(head.as_bytes()), head.clone().into_bytes()] {
                assert!(Reader::new(&file[..]).next().unwrap().is_err());
                assert!(Reader::strict(&file[..]).next().unwrap().is_err());
            }
        });
        assert!(time < Duration::from_secs(20), "{time:?}");
    }
}
