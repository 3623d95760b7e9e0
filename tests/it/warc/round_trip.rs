//! What is written reads back, and says nothing it should not.

use bindery::model::{Digest, Exchange};
use bindery::warc::{HttpHead, HttpMessage, Record, find};

use super::fixture::*;

#[test]
fn every_record_reads_back_with_its_digests_and_place() {
    let (records, file) = (records(), file());
    let entries = entries(&file).unwrap();
    assert_eq!(entries.len(), records.len());
    let mut offset = 0;
    for (entry, record) in entries.iter().zip(&records) {
        assert_eq!((entry.kind, &entry.id, entry.date), (record.kind(), record.id(), record.date()));
        assert_eq!(entry.target.as_deref(), record.target());
        assert_eq!((entry.offset, entry.length), (offset, record.to_gzip().len() as u64));
        assert_eq!((entry.block_length, entry.block_digest), (record.block().len() as u64, Digest::of(record.block())));
        let stored = find(&file[..], record.id(), 1 << 20).unwrap().unwrap();
        assert_eq!((&stored.entry, &stored.block[..]), (entry, record.block()));
        let alone = find(&file[offset as usize..], record.id(), 1 << 20).unwrap().unwrap();
        assert_eq!(alone.block, record.block());
        offset += entry.length;
    }
    assert_eq!(offset, file.len() as u64);
    let kinds: Vec<&str> = entries.iter().map(|entry| entry.kind.word()).collect();
    assert_eq!(kinds, ["warcinfo", "response", "request", "response", "revisit", "revisit", "resource"]);
    assert_eq!(entries[1].payload_digest, Some(Digest::of(&page())));
    assert_eq!(entries[3].payload_digest, Some(Digest::of(PNG)));
    assert_eq!(entries[4].payload_digest, None);
    assert_eq!(entries[4].revisited_payload(), entries[3].payload_digest);
    assert_eq!(entries[4].refers_to().as_ref(), Some(&entries[3].id));
    assert_eq!((entries[5].revisited_payload(), entries[5].refers_to().as_ref()), (None, Some(&entries[1].id)));
    assert_eq!(entries[6].payload_digest, Some(entries[6].block_digest));
}

#[test]
fn an_answer_is_kept_as_it_was_received() {
    let records = records();
    let message = HttpMessage::parse(records[1].block()).unwrap();
    assert_eq!((message.status, message.body), (Some(200), &page()[..]));
    assert_eq!(message.headers.get("content-encoding"), Some("gzip"));
    assert_eq!(message.headers.get("transfer-encoding"), None);
    assert_eq!(message.headers.get("x-archive-orig-transfer-encoding"), Some("chunked"));
    assert_eq!(message.headers.get("etag"), Some("\"1\""));
    let text = String::from_utf8_lossy(&unpacked(&records[1])).into_owned();
    for line in [
        "WARC/1.1\r\nWARC-Type: response\r\n",
        "\r\nWARC-Date: 2026-11-23T08:58:55Z\r\n",
        "\r\nWARC-Target-URI: https://example.org/river?page=1\r\n",
        "\r\nWARC-IP-Address: 192.0.2.7\r\nWARC-Protocol: h2\r\n",
        "\r\nContent-Type: application/http; msgtype=response\r\n",
        "\r\n\r\nHTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n",
    ] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
    let request = HttpMessage::parse(records[2].block()).unwrap();
    assert_eq!(request.headers.get("accept"), Some("text/html"));
    assert!(records[2].block().starts_with(b"GET /river?page=1 HTTP/1.1\r\nhost: example.org\r\n"));
    assert!(unpacked(&records[2]).windows(19).any(|window| window == b"WARC-Concurrent-To:"));
}

#[test]
fn no_secret_is_in_any_record() {
    let with_password = url("https://user:s3cret@example.org/a#s3cret");
    let mut records = records();
    records.push(response(&with_password, 200, &headers(&[]), b""));
    records.push(Record::request(&exchange(), &with_password, date(), &["x-TOKEN".to_owned()]));
    for record in &records {
        let bytes = unpacked(record);
        let shown = String::from_utf8_lossy(&bytes);
        assert!(!shown.contains("s3cret"), "{shown}");
    }
    let shown = String::from_utf8_lossy(records[2].block()).into_owned();
    assert_eq!(shown.matches(": redacted\r\n").count(), 3, "{shown}");
}

#[test]
fn a_hostile_header_cannot_forge_a_record() {
    let evil = "x\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n";
    let fields = headers(&[("x-a", evil), (evil, "y"), ("content-type", evil)]);
    let hostile = Exchange { protocol: evil.to_owned(), method: evil.to_owned(), ..exchange() };
    let url = url("https://example.org/%0d%0a?a=%0d%0ab");
    let head = HttpHead { url: &url, status: 200, headers: &fields, exchange: &hostile, secret: &[] };
    let file = [
        Record::response(&head, b"", date()),
        Record::request(&hostile, &url, date(), &[]),
        Record::resource(evil, evil, b"", date()),
        Record::warcinfo(evil, evil, date()),
    ]
    .map(|record| record.to_gzip())
    .concat();
    let entries = entries(&file).unwrap();
    assert_eq!(entries.len(), 4);
    assert_eq!(entries[0].payload_digest, Some(Digest::of(b"")));
    assert!(entries.iter().all(|entry| entry.fields.iter().filter(|(name, _)| name == "WARC-Type").count() == 1));
}

#[test]
fn a_body_shorter_than_stated_is_marked() {
    let fields = headers(&[("content-length", "10")]);
    let truncated = |body: &[u8]| {
        let file = response(&url(PAGE), 200, &fields, body).to_gzip();
        entries(&file).unwrap()[0].field("warc-truncated").map(str::to_owned)
    };
    assert_eq!(truncated(b"123456789").as_deref(), Some("length"));
    assert_eq!(truncated(b"1234567890"), None);
}

#[test]
fn the_same_record_has_the_same_bytes_and_another_has_another_id() {
    assert_eq!(file(), file());
    let mut ids: Vec<_> = records().iter().map(|record| record.id().clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 7);
    let part = |name| Record::warcinfo(name, "bindery 0.1.0", date());
    assert_ne!(part("a.warc.gz").id(), part("a-2.warc.gz").id(), "two parts of a run begin in one second");
}

#[test]
fn bodies_that_are_packed_are_stored_and_others_are_packed() {
    let text = "长".repeat(10_000);
    let resource = |media_type| Record::resource("urn:x", media_type, text.as_bytes(), date()).to_gzip();
    assert!(resource("text/html").len() < 1_000);
    assert!(resource("image/png").len() > 30_000);
    let coded = headers(&[("content-type", "text/html"), ("content-encoding", "br")]);
    assert!(response(&url(PAGE), 200, &coded, text.as_bytes()).to_gzip().len() > 30_000);
    for file in [resource("text/html"), resource("image/png")] {
        assert_eq!(file[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
        assert_eq!(entries(&file).unwrap()[0].payload_digest, Some(Digest::of(text.as_bytes())));
    }
}

#[test]
fn a_block_larger_than_the_cap_is_not_brought_back() {
    let record = &records()[1];
    let length = record.block().len() as u64;
    assert!(find(&file()[..], record.id(), length).unwrap().is_some());
    let error = find(&file()[..], record.id(), length - 1).unwrap_err().to_string();
    assert!(error.contains("largest size"), "{error}");
    let absent = "urn:uuid:00000000-0000-8000-8000-000000000000".parse().unwrap();
    assert_eq!(find(&file()[..], &absent, 1).unwrap(), None);
}
