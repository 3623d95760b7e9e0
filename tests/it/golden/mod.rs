//! `archive/golden-1` is frozen: every release must read and verify it, and find what is done to it.

mod build;

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use bindery::archive::{Archive, Writer, WriterOptions};
use bindery::model::UrlKey;
use bindery::{verify, warc};
use url::Url;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("archive/golden-1")
}

fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let below = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && below != ".bindery" {
                folders.push(path);
            } else if path.is_file() {
                found.insert(below, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn lay_out(files: &BTreeMap<String, Vec<u8>>) -> tempfile::TempDir {
    let scratch = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        put(scratch.path(), path, bytes);
    }
    scratch
}

fn put(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn it_is_whole_and_can_be_read() {
    let report = verify::archive(&golden(), 1, &mut |_| {}).unwrap();
    assert_eq!(report.findings, []);
    assert_eq!((report.articles, report.images), (3, 3));
    let archive = Archive::open(&golden()).unwrap();
    let library = archive.find("http://example.org/2021/library?utm_source=x&id=7").unwrap().remove(0);
    assert_eq!(library.record.title, "图书馆的七十年");
    assert_eq!(archive.find("https://example.org/go").unwrap().remove(0).folder, library.folder);
    let reasons: Vec<String> = library.record.snapshots.iter().map(|text| format!("{:?}", text.reason)).collect();
    assert_eq!(reasons, ["New", "Images"]);
    assert_eq!(library.record.absences.len(), 2);
    assert!(archive.find("https://example.com/secret").unwrap().is_empty());
}

#[test]
fn a_writer_goes_on_where_it_ends() {
    let scratch = lay_out(&files(&golden()));
    let mut writer =
        Writer::open(scratch.path(), WriterOptions::new("test", "test", "2026-11-24T08:00:00Z".parse().unwrap()));
    let writer = writer.as_mut().unwrap();
    assert!(writer.notes().is_empty(), "{:?}", writer.notes());
    let river = UrlKey::of(&Url::parse("http://news.example.cn:8080/river").unwrap());
    assert_eq!(writer.find(&river).unwrap().unwrap().record.snapshots.len(), 2);
    writer.note_absence(&river, 410, "2026-11-24T08:00:00Z".parse().unwrap()).unwrap();
    writer.commit().unwrap();
    assert_eq!(verify::archive(scratch.path(), 1, &mut |_| {}).unwrap().findings, []);
}

#[test]
fn todays_writer_makes_the_same_archive() {
    let scratch = tempfile::tempdir().unwrap();
    build::build(scratch.path()).unwrap();
    let (frozen, made) = (files(&golden()), files(scratch.path()));
    assert_eq!(frozen.keys().collect::<Vec<_>>(), made.keys().collect::<Vec<_>>());
    for (path, bytes) in &frozen {
        if path.starts_with("captures/") || path == "manifest-sha256.txt" {
            // Another gzip may press the same records otherwise; their digests then differ in the manifests too.
            continue;
        }
        assert_eq!(String::from_utf8_lossy(bytes), String::from_utf8_lossy(&made[path]), "{path}");
    }
    for path in frozen.keys().filter(|path| path.ends_with(".warc.gz")) {
        let records = |bytes: &[u8]| -> Vec<_> {
            let entries = warc::Reader::new(Cursor::new(bytes.to_vec())).map(Result::unwrap);
            entries.map(|entry| (entry.id, entry.fields, entry.block_digest)).collect()
        };
        assert_eq!(records(&frozen[path]), records(&made[path]), "{path}");
    }
}

/// What may befall a file.
fn damages(bytes: &[u8]) -> Vec<(&'static str, Option<Vec<u8>>)> {
    let flipped = |at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 4;
        Some(bytes)
    };
    vec![
        ("its first byte flipped", flipped(0)),
        ("a byte in its middle flipped", flipped(bytes.len() / 2)),
        ("its last byte flipped", flipped(bytes.len() - 1)),
        ("cut in half", Some(bytes[..bytes.len() / 2].to_vec())),
        ("grown by a byte", Some([bytes, b"\n"].concat())),
        ("gone", None),
    ]
}

#[test]
fn every_damaged_twin_is_found_and_names_the_file() {
    let whole = files(&golden());
    let mut twins = 0;
    for (path, bytes) in &whole {
        for (what, damaged) in damages(bytes) {
            let mut twin = whole.clone();
            match damaged {
                Some(damaged) => twin.insert(path.clone(), damaged),
                None => twin.remove(path),
            };
            let scratch = lay_out(&twin);
            let Ok(report) = verify::archive(scratch.path(), 1, &mut |_| {}) else {
                assert_eq!(path, "bindery-archive.json", "{what}");
                continue;
            };
            assert!(report.is_damaged(), "{path}, {what}");
            assert!(report.findings.iter().any(|found| &found.path == path), "{path}, {what}: {:#?}", report.findings);
            twins += 1;
        }
    }
    println!("{twins} damaged twins of {} files, all found", whole.len());
}

#[test]
fn files_that_changed_places_or_came_from_elsewhere_are_found() {
    let whole = files(&golden());
    let paths: Vec<&String> = whole.keys().collect();
    for pair in paths.windows(2).filter(|pair| whole[pair[0]] != whole[pair[1]]) {
        let mut twin = whole.clone();
        twin.insert(pair[0].clone(), whole[pair[1]].clone());
        twin.insert(pair[1].clone(), whole[pair[0]].clone());
        let scratch = lay_out(&twin);
        let found = verify::archive(scratch.path(), 1, &mut |_| {});
        assert!(found.is_err() || found.is_ok_and(|report| report.is_damaged()), "{} and {}", pair[0], pair[1]);
    }
    for folder in ["", "articles/", "images/00/", "captures/2021/06/", "runs/2021/"] {
        let mut twin = whole.clone();
        twin.insert(format!("{folder}stranger.txt"), b"x".to_vec());
        let scratch = lay_out(&twin);
        let found = verify::archive(scratch.path(), 1, &mut |_| {}).unwrap();
        assert!(found.findings.iter().any(|found| found.path == format!("{folder}stranger.txt")), "{folder}");
    }
    let mut newer = whole.clone();
    newer.insert("bindery-archive.json".to_owned(), b"{\"format\": 2}\n".to_vec());
    newer.remove("manifest-sha256.txt");
    let scratch = lay_out(&newer);
    let refused = verify::archive(scratch.path(), 1, &mut |_| {}).unwrap_err().to_string();
    assert!(refused.contains("use a newer bindery"), "{refused}");
}
