//! What reading large files takes: the peak of this process, for which it is a program of its own with one test.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use bindery::import::{self, Input, Kind};
use bindery::warc::{Reader, RecordKind};

/// The size of each export, in bytes. `BINDERY_EXPORT_SIZE` names another.
const EXPORT: usize = 24 << 20;

/// Writes an export of that size, item by item, and returns its path and the number of its items.
fn export(folder: &Path, (start, item, end): (&str, &dyn Fn(usize) -> String, &str), size: usize) -> (PathBuf, usize) {
    let path = folder.join("export");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    file.write_all(start.as_bytes()).unwrap();
    let (mut written, mut count) = (0, 0);
    while written < size {
        let item = item(count);
        file.write_all(item.as_bytes()).unwrap();
        written += item.len();
        count += 1;
    }
    file.write_all(end.as_bytes()).unwrap();
    file.flush().unwrap();
    (path, count)
}

/// Goes through exports of each kind that is read as a stream.
fn exports(size: usize) {
    let text = "<p>渡口每天早上六点开船，船工把灯挂在桅杆上，等对岸的人招手。</p>".repeat(60);
    let coded = "bm90IGFuIGltYWdl".repeat(8000);
    let enex = |n| {
        format!(
            "<note><title>{n}</title><content><![CDATA[<en-note>{text}</en-note>]]></content><resource><data>{coded}</data>\
             <mime>image/png</mime></resource></note>"
        )
    };
    let wordpress = |n| {
        format!(
            "<item><title>{n}</title><content:encoded><![CDATA[{text}]]></content:encoded><wp:post_id>{n}</wp:post_id>\
             <wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>"
        )
    };
    let comma = |n: usize| if n == 0 { "" } else { "," };
    let wallabag = |n| format!("{}{{\"is_archived\":0,\"id\":{n},\"title\":\"{n}\",\"content\":\"{text}\"}}", comma(n));
    let ghost = |n| format!("{}{{\"id\":\"{n}\",\"title\":\"{n}\",\"html\":\"{text}\"}}", comma(n));
    let kinds: [(Kind, (&str, &dyn Fn(usize) -> String, &str)); 4] = [
        (Kind::Enex, ("<?xml version='1.0'?><en-export>", &enex, "</en-export>")),
        (Kind::Wxr, ("<?xml version='1.0'?><rss xmlns:wp='x'><channel>", &wordpress, "</channel></rss>")),
        (Kind::Wallabag, ("[", &wallabag, "]")),
        (Kind::Ghost, ("{\"meta\":{\"exported_on\":1},\"data\":{\"posts\":[", &ghost, "]}}")),
    ];
    for (kind, parts) in kinds {
        let folder = tempfile::tempdir().unwrap();
        let (path, expected) = export(folder.path(), parts, size);
        let (before, mut count) = (peak(), 0);
        let report = import::open(&Input::file(&path), kind, None, &mut |_| {
            count += 1;
            ControlFlow::Continue(())
        });
        assert_eq!((count, report.unwrap().cut), (expected, None), "{kind:?}");
        if let (Some(before), Some(after)) = (before, peak()) {
            assert!(after - before < 16 << 10, "{kind:?}: {} KiB more", after - before);
        }
    }
}

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
    // The peak never falls: what takes least comes first.
    let size = std::env::var("BINDERY_EXPORT_SIZE").ok().and_then(|size| size.parse().ok());
    exports(size.unwrap_or(EXPORT));
    let file = zeros(128 << 20);
    let before = peak();
    let entries: Vec<_> = Reader::new(&file[..]).collect::<Result<_, _>>().unwrap();
    assert_eq!((entries[0].kind, entries[0].block_length), (RecordKind::Resource, 128 << 20));
    if let (Some(before), Some(after)) = (before, peak()) {
        assert!(after - before < 64 << 10, "{} KiB more", after - before);
    }
}
