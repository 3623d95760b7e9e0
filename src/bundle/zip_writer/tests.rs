//! The thresholds of ZIP64, with sparse files instead of gigabytes.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, System, ZipWriter};

use super::*;
use crate::bundle::{Tree, Zip};

#[path = "../../../tests/it/support/skip.rs"]
mod skip;

/// 1980-01-01, in the format of ZIP files.
const DATE: u32 = 0x21 << 16;
static MEGABYTE: [u8; 1 << 20] = [0; 1 << 20];

/// A sparse file: long runs of zeros are holes.
struct SparseFile(File);

impl Write for SparseFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() == MEGABYTE.len() && *bytes == MEGABYTE {
            self.0.seek(SeekFrom::Current(bytes.len() as i64))?;
            return Ok(bytes.len());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Seek for SparseFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

/// Writes a ZIP file of entries of zeros with these names and lengths.
fn write(path: &Path, entries: impl Iterator<Item = (String, u64)>) {
    let mut zip = StoreWriter::new(SparseFile(File::create(path).unwrap()), tempfile::tempfile().unwrap(), DATE);
    for (name, length) in entries {
        zip.begin(&name, length);
        let mut left = length;
        while left > 0 {
            let some = left.min(MEGABYTE.len() as u64);
            zip.write(&MEGABYTE[..some as usize]).unwrap();
            left -= some;
        }
        zip.end().unwrap();
    }
    zip.finish().unwrap();
}

/// Whether a file has the end records of ZIP64.
fn has_zip64(path: &Path) -> bool {
    let mut tail = Vec::new();
    let mut file = File::open(path).unwrap();
    let length = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(length.saturating_sub(1 << 16))).unwrap();
    file.read_to_end(&mut tail).unwrap();
    [END64, LOCATOR64].iter().any(|signature| tail.windows(4).any(|bytes| bytes == signature.to_le_bytes()))
}

/// Reads a file with bindery, which must find no fault: number of entries, sum of their lengths, length of the last one.
fn read(path: &Path) -> (usize, u64, usize) {
    let zip = Arc::new(Zip::open(path).unwrap());
    assert_eq!(zip.faults(), []);
    assert!(zip.is_uniform());
    let tree = Tree::in_zip(&zip, "");
    let names: Vec<&str> = zip.names().collect();
    let mut last = Vec::new();
    tree.open(names[names.len() - 1]).unwrap().bytes.read_to_end(&mut last).unwrap();
    (names.len(), names.iter().map(|name| tree.length(name).unwrap()).sum(), last.len())
}

/// The same with Python; None, with a message, if it is not installed.
fn read_by_python(path: &Path) -> Option<(usize, u64, usize)> {
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nall = z.infolist()\n\
        print(len(all), sum(i.file_size for i in all), len(z.read(max(i.filename for i in all))))";
    let Ok(output) = Command::new("python3").args(["-c", script]).arg(path).output() else {
        skip::skip("python3", "it is not asked what it reads");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<u64> = printed.split_whitespace().map(|number| number.parse().unwrap()).collect();
    Some((numbers[0] as usize, numbers[1], numbers[2] as usize))
}

/// The number of entries that Info-ZIP lists; None, with a message, if it is not installed.
fn count_by_unzip(path: &Path) -> Option<usize> {
    let Ok(output) = Command::new("unzip").arg("-Z1").arg(path).output() else {
        skip::skip("unzip", "it is not asked what it lists");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().lines().count())
}

fn all_agree(path: &Path, expected: (usize, u64, usize)) {
    assert_eq!(read(path), expected);
    assert!(read_by_python(path).is_none_or(|found| found == expected));
    assert!(count_by_unzip(path).is_none_or(|count| count == expected.0));
}

fn scratch() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.zip");
    (folder, path)
}

#[test]
fn a_small_file_is_identical_to_that_of_the_zip_crate() {
    let (_folder, path) = scratch();
    let files = [("bag/a", &b"abc"[..]), ("bag/文.md", &[7; 3000]), ("bag/空", b"")];
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644)
        .system(System::Unix);
    let mut expected = ZipWriter::new(Cursor::new(Vec::new()));
    let mut zip = StoreWriter::new(File::create(&path).unwrap(), tempfile::tempfile().unwrap(), DATE);
    for (name, bytes) in files {
        expected.start_file(name, options).unwrap();
        expected.write_all(bytes).unwrap();
        zip.begin(name, bytes.len() as u64);
        // Some at once, others in several parts.
        bytes.chunks(2000).for_each(|part| zip.write(part).unwrap());
        zip.end().unwrap();
    }
    zip.finish().unwrap();
    assert_eq!(fs::read(&path).unwrap(), expected.finish().unwrap().into_inner());
    all_agree(&path, (3, 3003, 0));
}

#[test]
fn zip64_is_used_for_more_than_65_535_entries() {
    let (_folder, path) = scratch();
    for count in [65_535, 65_536] {
        write(&path, (0..count).map(|n| (format!("{n:05}"), 1)));
        assert_eq!(has_zip64(&path), count > 65_535, "{count}");
        all_agree(&path, (count as usize, count, 1));
    }
}

#[test]
fn zip64_is_used_for_entries_of_4_gib() {
    let (_folder, path) = scratch();
    for (length, is_large) in [(MAX32 - 1, false), (MAX32, true), (MAX32 + 2, true)] {
        write(&path, [("big".to_owned(), length)].into_iter());
        let bytes = {
            let mut begin = vec![0; 53];
            File::open(&path).unwrap().read_exact(&mut begin).unwrap();
            begin
        };
        assert_eq!(bytes[4] == LARGE as u8 && bytes[28] == 20, is_large, "{length}");
        // The central directory may be beyond 4 GiB although the entry is not that large.
        let behind = 33 + length + if is_large { 20 } else { 0 } >= MAX32;
        assert_eq!(has_zip64(&path), behind, "{length}");
        let zip = Zip::open(&path).unwrap();
        assert!(zip.faults().is_empty() && zip.is_uniform(), "{length}: {:?}", zip.faults());
        assert_eq!(Tree::in_zip(&Arc::new(zip), "").length("big"), Some(length));
        assert!(count_by_unzip(&path).is_none_or(|count| count == 1));
    }
}

#[test]
fn zip64_is_used_for_entries_beyond_4_gib() {
    let (_folder, path) = scratch();
    // The header of the first entry has 33 bytes, so the second begins just before, at and after the limit.
    for (length, is_far) in [(MAX32 - 34, false), (MAX32 - 33, true), (MAX32 - 20, true)] {
        write(&path, [("big".to_owned(), length), ("far".to_owned(), 5)].into_iter());
        let zip = fs::metadata(&path).unwrap().len();
        assert!(zip > MAX32 && has_zip64(&path));
        all_agree(&path, (2, length + 5, 5));
        let mut tail = Vec::new();
        let mut file = File::open(&path).unwrap();
        file.seek(SeekFrom::End(-300)).unwrap();
        file.read_to_end(&mut tail).unwrap();
        let central = tail.windows(4).rposition(|bytes| bytes == CENTRAL.to_le_bytes()).unwrap();
        assert_eq!(tail[central + 30] == 12, is_far, "only the offset needs more room");
    }
}

#[test]
fn an_entry_must_have_the_stated_length() {
    let (_folder, path) = scratch();
    let mut zip = StoreWriter::new(File::create(&path).unwrap(), tempfile::tempfile().unwrap(), DATE);
    zip.begin("a", 3);
    assert!(zip.write(b"abcd").is_err());
    zip.begin("b", 3);
    zip.write(b"ab").unwrap();
    assert!(zip.end().is_err());
}
