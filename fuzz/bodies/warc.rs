//! WARC files of any program: records one after the other, each with its own bytes.

use std::io::Cursor;

use bindery::model::Digest;
use bindery::warc::{Reader, Recovery, decompress, find, first, valid_length};

/// The maximum number of decompressed bytes.
const CAP: u64 = 1 << 20;

pub fn body(input: &[u8]) {
    let mut end = 0;
    let mut sample = Vec::new();
    for (at, entry) in Reader::new(input).enumerate() {
        assert!(at <= input.len(), "more records than bytes");
        match entry {
            Ok(entry) => {
                assert!(entry.offset >= end && entry.offset + entry.length <= input.len() as u64, "{entry:?}");
                end = entry.offset + entry.length;
                if sample.len() < 3 {
                    sample.push(entry);
                }
            }
            Err(error) => super::assert_said(&error.to_string()),
        }
    }
    for entry in &sample {
        let alone =
            &input[usize::try_from(entry.offset).unwrap()..usize::try_from(entry.offset + entry.length).unwrap()];
        if let Ok(Some(stored)) = find(alone, &entry.id, 1 << 20) {
            assert_eq!(stored.block.len() as u64, stored.entry.block_length);
            assert_eq!(Digest::of(&stored.block), stored.entry.block_digest);
            assert_eq!(stored.entry.block_digest, entry.block_digest, "found by itself it is another");
            if let Some(message) = stored.http() {
                assert!(message.body.len() <= stored.block.len());
            }
        }
    }
    recover(input);
    let whole = valid_length(input).unwrap();
    assert!(whole <= input.len() as u64);
    let kept = &input[..usize::try_from(whole).unwrap()];
    assert!(Reader::strict(kept).all(|entry| entry.is_ok()), "what is kept of a cut file is whole");
}

/// Damaged files, and ARC files: records that do not overlap, each with the same bytes when it is read alone.
fn recover(input: &[u8]) {
    let mut end = 0;
    for (at, entry) in Recovery::new(Cursor::new(input)).enumerate() {
        assert!(at <= input.len(), "more records than bytes");
        match entry {
            Ok(entry) => {
                assert!(entry.offset >= end && entry.offset + entry.length <= input.len() as u64, "{entry:?}");
                end = entry.offset + entry.length;
                if let Ok(stored) = first(&input[usize::try_from(entry.offset).unwrap()..], CAP) {
                    assert_eq!(stored.entry.block_digest, entry.block_digest, "read alone it is another");
                }
            }
            Err(error) => super::assert_said(&error.to_string()),
        }
    }
    let mut copy = Vec::new();
    match decompress(Cursor::new(input), &mut copy, CAP) {
        Ok(damage) => damage.iter().for_each(|damage| super::assert_said(&damage.to_string())),
        Err(error) => super::assert_said(&error.to_string()),
    }
}
