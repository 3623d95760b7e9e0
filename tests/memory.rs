//! What reading a large WARC file takes: the peak of this process, for which it is a program of its own with one test.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use bindery::warc::{Reader, RecordKind};

/// The most memory that the process ever had, in KiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// A packed record of `size` zeros that never lie in memory together.
fn zeros(size: usize) -> Vec<u8> {
    let lines = "WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:x>\r\nWARC-Date: 2026-11-23T08:58:55Z";
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, format!("{lines}\r\nContent-Length: {size}\r\n\r\n").as_bytes()).unwrap();
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), size as u64), &mut encoder).unwrap();
    std::io::Write::write_all(&mut encoder, b"\r\n\r\n").unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_large_file_is_gone_through_in_little_memory() {
    let file = zeros(128 << 20);
    let before = peak();
    let entries: Vec<_> = Reader::new(&file[..]).collect::<Result<_, _>>().unwrap();
    assert_eq!((entries[0].kind, entries[0].block_length), (RecordKind::Resource, 128 << 20));
    if let (Some(before), Some(after)) = (before, peak()) {
        assert!(after - before < 64 << 10, "{} KiB more", after - before);
    }
}
