//! WARC files of other programs.

use bindery::model::Digest;
use bindery::warc::{Fault, Reader, RecordKind, Recovery, find};

use super::fixture::*;

const OLD: &str = "WARC/1.0
    WARC-Type: response
    WARC-Record-ID: <urn:uuid:AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE>
    WARC-Date: 2012-03-04T05:06:07.89Z
    WARC-Target-URI: <http://example.org/old>
    WARC-Block-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ
    WARC-Payload-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ
    Content-Type: application/http;msgtype=response";

const HTTP: &[u8] = b"HTTP/1.0 200 OK\nContent-Type: text/html\n\n<p>old</p>";

#[test]
fn an_old_file_is_read_packed_or_not() {
    let metadata = raw("WARC/1.0\nWARC-Type: metadata\nWARC-Record-ID: <urn:x>\nWARC-Date: 2012-03", b"a: b");
    let plain = [raw(OLD, HTTP), b"\r\n\n".to_vec(), metadata.clone()].concat();
    let packed = [gzip(&raw(OLD, HTTP)), gzip(&metadata)].concat();
    for file in [plain, packed] {
        let entries: Vec<_> = Reader::new(&file[..]).collect::<Result<_, _>>().unwrap();
        assert_eq!(entries.len(), 2);
        let first = &entries[0];
        assert_eq!((first.kind, first.target.as_deref()), (RecordKind::Response, Some("http://example.org/old")));
        assert_eq!(first.id.as_str(), "urn:uuid:AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE");
        assert_eq!(first.date.to_string(), "2012-03-04T05:06:07Z");
        assert_eq!(first.payload_digest, Some(Digest::of(b"<p>old</p>")));
        assert_eq!((entries[1].kind, entries[1].field("warc-type")), (RecordKind::Other, Some("metadata")));
        assert_eq!(entries[1].date.to_string(), "2012-03-01T00:00:00Z");
        let stored = find(&file[..], &first.id, 1 << 20).unwrap().unwrap();
        let message = stored.http().unwrap();
        assert_eq!((message.status, message.body), (Some(200), &b"<p>old</p>"[..]));
    }
}

#[test]
fn records_are_read_with_their_blocks_unless_these_are_too_large() {
    let small = raw(&OLD.replace("/old", "/small"), b"HTTP/1.0 200 OK\n\n<p>");
    for file in [[raw(OLD, HTTP), small.clone()].concat(), [gzip(&raw(OLD, HTTP)), gzip(&small)].concat()] {
        let mut reader = Recovery::new(std::io::Cursor::new(&file));
        let first = reader.next_with_block(HTTP.len() as u64 - 1).unwrap().unwrap();
        assert_eq!((first.entry.block_length, first.block.len()), (HTTP.len() as u64, 0));
        assert_eq!(first.entry.payload_digest, Some(Digest::of(b"<p>old</p>")));
        let second = reader.next_with_block(HTTP.len() as u64 - 1).unwrap().unwrap();
        assert_eq!(second.http().unwrap().body, b"<p>");
        assert!(reader.next_with_block(u64::MAX).is_none());
    }
}

#[test]
fn folded_lines_and_missing_ends_do_no_harm() {
    let lines = "WARC/1.1\nWARC-Type: resource\nWARC-Record-ID: urn:x\nWARC-Date: 2012-03-04T05:06:07Z";
    let mut file = format!("{}\nX-Note: one\n\ttwo\nContent-Length: 3\n\nabc", lines).into_bytes();
    let read = |file: &[u8]| Reader::new(file).next().unwrap().unwrap();
    assert_eq!(read(&gzip(&file)).field("x-note"), Some("one two"));
    file.extend(b"\r\n\r\n");
    assert_eq!(read(&file).block_digest, Digest::of(b"abc"));
}

#[test]
fn a_digest_that_can_be_checked_is_checked() {
    let lines = OLD.replace("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", &format!("sha256:{}", Digest::of(b"no")));
    let error = Reader::new(&raw(&lines, HTTP)[..]).next().unwrap().unwrap_err();
    assert!(matches!(error.fault, Fault::Digest { part: "block", .. }), "{error}");
}

#[test]
fn what_is_no_warc_is_refused() {
    for file in [&b"<html>"[..], &gzip(b"<html>"), b"PK\x03\x04", b"WARC/0.9\r\n\r\n", &[0; 100]] {
        let error = Reader::new(file).next().unwrap().unwrap_err();
        assert!(matches!(error.fault, Fault::Malformed { .. }), "{error}");
    }
    let shared = gzip(&[raw(OLD, HTTP), raw(OLD, HTTP)].concat());
    let error = Reader::new(&shared[..]).next().unwrap().unwrap_err();
    assert!(matches!(error.fault, Fault::Shared), "{error}");
}
