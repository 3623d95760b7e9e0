//! Files that were made to do harm, or are broken: a finding or a clear error, and never a byte outside the target.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use bindery::bundle::{self, Selection, Zip};
use bindery::model::FindingKind;
use bindery::verify;
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::packed::{bag, damage, scratch, unzip};
use crate::archive::fixture as store;

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
}

/// A bag of one file, with more entries put in by `more`.
fn bag_with(path: &Path, name: &str, more: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>)) {
    let digest: String = Sha256::digest(b"x").iter().map(|byte| format!("{byte:02x}")).collect();
    let files = [
        ("bag/bagit.txt".to_owned(), "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_owned()),
        ("bag/data/bindery-archive.json".to_owned(), "x".to_owned()),
        ("bag/manifest-sha256.txt".to_owned(), format!("{digest}  data/bindery-archive.json\n{digest}  data/{name}\n")),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(name, options()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    more(&mut zip);
    fs::write(path, zip.finish().unwrap().into_inner()).unwrap();
}

/// It is reported, nothing is restored, and nothing lies beside the target.
fn is_refused(folder: &Path, path: &Path, what: &str) {
    let found = verify::any(path, 1, &mut |_| {}).map(|report| report.is_damaged()).unwrap_or(true);
    assert!(found, "{what} is found");
    let inner = folder.join("inner");
    fs::create_dir_all(&inner).unwrap();
    assert!(
        bundle::restore(path, &inner.join("target"), &AtomicBool::new(false), &mut |_, _| {}).is_err(),
        "{what} is not restored"
    );
    assert_eq!(fs::read_dir(&inner).unwrap().count(), 0, "{what} leaves nothing");
    assert!(!folder.join("escaped").exists() && !Path::new("/escaped").exists(), "{what} stays inside");
}

#[test]
fn paths_that_lead_out_are_found_and_not_followed() {
    let scratch = scratch();
    let path = scratch.folder.join("evil.zip");
    for name in ["../../escaped", "../escaped", "/escaped", "a\\..\\..\\escaped", "C:/escaped", "a/./b", "a//b"] {
        bag_with(&path, name, |zip| {
            zip.start_file(format!("bag/data/{name}"), options()).unwrap();
            zip.write_all(b"x").unwrap();
        });
        is_refused(&scratch.folder, &path, name);
    }
    bag_with(&path, "link", |zip| zip.add_symlink("bag/data/link", "../../escaped", options()).unwrap());
    is_refused(&scratch.folder, &path, "a symbolic link");
}

#[test]
fn names_that_stand_twice_are_found() {
    let scratch = scratch();
    let path = scratch.folder.join("twice.zip");
    bag_with(&path, "one", |zip| {
        for name in ["bag/data/one", "bag/data/two"] {
            zip.start_file(name, options()).unwrap();
            zip.write_all(b"x").unwrap();
        }
    });
    let bytes = fs::read(&path).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.contains("bag/data/two"));
    let mut twice = bytes.clone();
    for at in 0..bytes.len() - 12 {
        if &bytes[at..at + 12] == b"bag/data/two" {
            twice[at + 9..at + 12].copy_from_slice(b"one");
        }
    }
    fs::write(&path, twice).unwrap();
    assert!(damage(&path).iter().any(|finding| finding.detail.contains("occurs twice")));
    is_refused(&scratch.folder, &path, "a name twice");
}

#[test]
fn a_bomb_is_reported_by_its_size_and_not_unpacked() {
    let scratch = scratch();
    let path = scratch.folder.join("bomb.zip");
    bag_with(&path, "bomb", |zip| {
        let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file("bag/data/bomb", packed).unwrap();
        let zeros = vec![0; 1 << 20];
        (0..300).for_each(|_| zip.write_all(&zeros).unwrap());
    });
    assert!(fs::metadata(&path).unwrap().len() < 1 << 20);
    let found = damage(&path);
    assert!(
        found.iter().any(|finding| finding.path == "data/bomb" && finding.detail.contains("314572800")),
        "{found:?}"
    );
    is_refused(&scratch.folder, &path, "a bomb");
}

#[test]
fn a_file_that_is_cut_or_is_none_is_reported_in_a_sentence() {
    let scratch = scratch();
    store::small(&scratch.root);
    let path = bag(&scratch, "all.zip", Selection::default());
    let bytes = fs::read(&path).unwrap();
    let cut = scratch.folder.join("cut.zip");
    for length in [0, 1, 21, 100, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&cut, &bytes[..length]).unwrap();
        let error = verify::any(&cut, 1, &mut |_| {}).unwrap_err().to_string();
        assert!(error.contains("cut.zip") && error.contains("not a complete ZIP file"), "{length}: {error}");
    }
    assert!(Zip::open(&scratch.folder.join("none.zip")).is_err());
}

#[test]
fn a_truncated_capture_in_a_bag_is_named() {
    let scratch = scratch();
    store::small(&scratch.root);
    let path = bag(&scratch, "all.zip", Selection::default());
    let mut files = unzip(&path);
    let name = files.keys().find(|name| name.ends_with(".warc.gz")).unwrap().clone();
    files.get_mut(&name).unwrap().truncate(300);
    super::packed::zip(&path, &files);
    assert!(damage(&path).iter().any(|finding| name.ends_with(&finding.path)));
}

#[test]
fn very_many_folders_cost_no_more_than_their_number() {
    let scratch = scratch();
    let took = |folders: u64| {
        let path = scratch.folder.join("folders.zip");
        bag_with(&path, "one", |zip| {
            (0..folders).for_each(|n| zip.add_directory(format!("bag/data/{n:05}"), options()).unwrap());
        });
        let begin = std::time::Instant::now();
        let found = damage(&path);
        assert!(found.iter().any(|finding| finding.path == "data/one"), "{found:?}");
        begin.elapsed()
    };
    let (few, many) = (took(2_000), took(16_000));
    // Eight times as many, which at the square of their number would take sixty-four times as long.
    assert!(many < few * 24 + std::time::Duration::from_millis(200), "{few:?}, then {many:?}");
}

/// A million take a minute without optimisation, and ten thousand a hundredth of it.
const LINES: u64 = 100_000;

#[test]
fn a_manifest_of_very_many_lines_is_gone_through() {
    let scratch = scratch();
    let root = scratch.folder.join("bag");
    let line = |n: u64| format!("{:064x}  data/{n}\n", n);
    let manifest: String = (0..LINES).map(line).collect();
    let files = [
        ("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_owned()),
        ("data/x", "x".to_owned()),
        ("manifest-sha256.txt", manifest),
    ];
    super::packed::put(&root, &BTreeMap::from(files.map(|(name, text)| (name.to_owned(), text.into_bytes()))));
    let found = damage(&root);
    let count = |kind| found.iter().filter(|finding| finding.kind == kind).count();
    // Every line is a missing file, and one file is in no line. Ten thousand are reported by name, the others by their number.
    assert_eq!((count(FindingKind::Missing), count(FindingKind::Unexpected), found.len()), (10_001, 1, 10_002));
    assert!(
        found.iter().any(|finding| finding.path == "data" && finding.detail.contains("90000 more")),
        "{:?}",
        found[0]
    );
}

#[test]
fn a_line_without_an_end_is_not_held() {
    let scratch = scratch();
    let root = scratch.folder.join("bag");
    let files = [
        ("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_owned()),
        ("data/x", "x".to_owned()),
        ("manifest-sha256.txt", "0".repeat(10 << 20)),
    ];
    super::packed::put(&root, &BTreeMap::from(files.map(|(name, text)| (name.to_owned(), text.into_bytes()))));
    let found = damage(&root);
    assert!(found.iter().any(|finding| finding.detail.contains("65,536")), "{:?}", found.first());
    assert!(found.len() < 200 && found.iter().all(|finding| finding.detail.len() < 1 << 18), "{}", found.len());
}
