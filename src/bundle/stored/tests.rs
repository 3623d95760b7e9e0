//! The thresholds of ZIP64, without the bytes: a file with holes stands for gigabytes.

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

/// 1980-01-01, as ZIP files have it.
const DATE: u32 = 0x21 << 16;
static MEGABYTE: [u8; 1 << 20] = [0; 1 << 20];

/// A file in which long runs of zeros are holes.
struct Holes(File);

impl Write for Holes {
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

impl Seek for Holes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

/// A ZIP file of entries that are all zeros: names and lengths.
fn packed(path: &Path, entries: impl Iterator<Item = (String, u64)>) {
    let mut zip = Stored::new(Holes(File::create(path).unwrap()), tempfile::tempfile().unwrap(), DATE);
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

/// Whether anything in a file, its long runs of zeros aside, says that a reader must know ZIP64.
fn has_zip64(path: &Path) -> bool {
    let mut tail = Vec::new();
    let mut file = File::open(path).unwrap();
    let length = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(length.saturating_sub(1 << 16))).unwrap();
    file.read_to_end(&mut tail).unwrap();
    [END64, LOCATOR64].iter().any(|sign| tail.windows(4).any(|bytes| bytes == sign.to_le_bytes()))
}

/// Number of entries, their lengths added up, and what is in the last, as bindery reads them; nothing is wrong with them.
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

/// The same as Python reads them; None, which is said, where there is none.
fn read_by_python(path: &Path) -> Option<(usize, u64, usize)> {
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nall = z.infolist()\n\
        print(len(all), sum(i.file_size for i in all), len(z.read(max(i.filename for i in all))))";
    let Ok(output) = Command::new("python3").args(["-c", script]).arg(path).output() else {
        skip::skip("python3", "it is not asked what it reads");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<u64> = said.split_whitespace().map(|number| number.parse().unwrap()).collect();
    Some((numbers[0] as usize, numbers[1], numbers[2] as usize))
}

/// The names as Info-ZIP lists them; None, which is said, where there is none.
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
fn a_small_file_is_as_the_library_writes_it() {
    let (_folder, path) = scratch();
    let files = [("bag/a", &b"abc"[..]), ("bag/文.md", &[7; 3000]), ("bag/空", b"")];
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644)
        .system(System::Unix);
    let mut expected = ZipWriter::new(Cursor::new(Vec::new()));
    let mut zip = Stored::new(File::create(&path).unwrap(), tempfile::tempfile().unwrap(), DATE);
    for (name, bytes) in files {
        expected.start_file(name, options).unwrap();
        expected.write_all(bytes).unwrap();
        zip.begin(name, bytes.len() as u64);
        // In one piece, and in several.
        bytes.chunks(2000).for_each(|part| zip.write(part).unwrap());
        zip.end().unwrap();
    }
    zip.finish().unwrap();
    assert_eq!(fs::read(&path).unwrap(), expected.finish().unwrap().into_inner());
    all_agree(&path, (3, 3003, 0));
}

#[test]
fn zip64_begins_behind_65_535_entries() {
    let (_folder, path) = scratch();
    for count in [65_535, 65_536] {
        packed(&path, (0..count).map(|n| (format!("{n:05}"), 1)));
        assert_eq!(has_zip64(&path), count > 65_535, "{count}");
        all_agree(&path, (count as usize, count, 1));
    }
}

#[test]
fn zip64_begins_with_entries_that_have_no_room() {
    let (_folder, path) = scratch();
    for (length, is_large) in [(MAX32 - 1, false), (MAX32, true), (MAX32 + 2, true)] {
        packed(&path, [("big".to_owned(), length)].into_iter());
        let bytes = {
            let mut begin = vec![0; 53];
            File::open(&path).unwrap().read_exact(&mut begin).unwrap();
            begin
        };
        assert_eq!(bytes[4] == LARGE as u8 && bytes[28] == 20, is_large, "{length}");
        // The central directory lies behind 4 GiB in any case but never for this alone.
        let behind = 33 + length + if is_large { 20 } else { 0 } >= MAX32;
        assert_eq!(has_zip64(&path), behind, "{length}");
        let zip = Zip::open(&path).unwrap();
        assert!(zip.faults().is_empty() && zip.is_uniform(), "{length}: {:?}", zip.faults());
        assert_eq!(Tree::in_zip(&Arc::new(zip), "").length("big"), Some(length));
        assert!(count_by_unzip(&path).is_none_or(|count| count == 1));
    }
}

#[test]
fn zip64_begins_with_entries_that_are_far_away() {
    let (_folder, path) = scratch();
    // The header of the first has 33 bytes: the second begins right before, and right where, there is no room for it.
    for (length, is_far) in [(MAX32 - 34, false), (MAX32 - 33, true), (MAX32 - 20, true)] {
        packed(&path, [("big".to_owned(), length), ("far".to_owned(), 5)].into_iter());
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
fn an_entry_must_be_as_long_as_was_said() {
    let (_folder, path) = scratch();
    let mut zip = Stored::new(File::create(&path).unwrap(), tempfile::tempfile().unwrap(), DATE);
    zip.begin("a", 3);
    assert!(zip.write(b"abcd").is_err());
    zip.begin("b", 3);
    zip.write(b"ab").unwrap();
    assert!(zip.end().is_err());
}
