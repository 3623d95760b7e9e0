//! What a writer or reader refuses, and what it says.

use std::fs;

use bindery::archive::{Archive, ArchiveError, Writer};
use bindery::model::Sourced;
use bindery::verify::{self, VerifyError};

use super::fixture::*;

#[test]
fn a_second_writer_learns_who_the_first_is() {
    let scratch = scratch();
    let first = open(&scratch.root);
    let error = Writer::open(&scratch.root, opening("2026-11-24T12:00:00Z")).unwrap_err().to_string();
    assert!(error.contains(HOLDER), "{error}");
    assert!(Archive::open(&scratch.root).is_ok(), "readers are not kept out");
    drop(first);
    assert!(Writer::open(&scratch.root, opening("2026-11-24T12:00:00Z")).is_ok());
}

#[test]
fn a_newer_format_is_left_alone() {
    let scratch = scratch();
    fs::create_dir(&scratch.root).unwrap();
    fs::write(scratch.root.join("bindery-archive.json"), "{\"format\": 2}\n").unwrap();
    let before = files(&scratch.root);
    assert!(matches!(
        Writer::open(&scratch.root, opening("2026-11-24T12:00:00Z")),
        Err(ArchiveError::NewerFormat { found: 2, .. })
    ));
    assert!(matches!(Archive::open(&scratch.root), Err(ArchiveError::NewerFormat { found: 2, .. })));
    let verified = verify::archive(&scratch.root, 1, &mut |_| {});
    assert!(matches!(verified, Err(VerifyError::NewerFormat { found: 2, .. })));
    assert_eq!(files(&scratch.root), before);
    assert!(!scratch.root.join(".bindery").exists());
}

#[test]
fn a_folder_with_other_things_is_left_alone() {
    let scratch = scratch();
    fs::create_dir(&scratch.root).unwrap();
    fs::write(scratch.root.join("photo.jpg"), "x").unwrap();
    assert!(matches!(
        Writer::open(&scratch.root, opening("2026-11-24T12:00:00Z")),
        Err(ArchiveError::NotAnArchive { .. })
    ));
    assert!(matches!(verify::archive(&scratch.root, 1, &mut |_| {}), Err(VerifyError::NotAnArchive { .. })));
    assert_eq!(fs::read_dir(&scratch.root).unwrap().count(), 1);
    fs::remove_file(scratch.root.join("photo.jpg")).unwrap();
    assert!(Writer::open(&scratch.root, opening("2026-11-24T12:00:00Z")).is_ok(), "an empty folder becomes an archive");
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let scratch = scratch();
    fs::write(&scratch.root, "a file").unwrap();
    let error = Writer::open(&scratch.root.join("below"), opening("2026-11-24T12:00:00Z")).unwrap_err().to_string();
    assert!(error.contains("archive/below") && error.contains("a file exists where a folder is needed"), "{error}");
    let gone = verify::archive(&scratch.root.with_file_name("gone"), 1, &mut |_| {});
    assert!(matches!(gone, Err(VerifyError::Missing { .. })));
}

#[test]
fn a_visit_that_cannot_be_written_leaves_the_article_as_it_was() {
    let scratch = scratch();
    small(&scratch.root);
    let mut writer = open(&scratch.root);
    let before = files(&scratch.root);
    let changed = visit(RIVER, "2026-12-01T08:00:00Z", "河水不见了。", &[]);
    let folder = writer.find(&changed.key).unwrap().unwrap().folder;
    let blocked = scratch.root.join(&folder).join(".bindery-record.json.tmp");
    fs::create_dir(&blocked).unwrap();
    let error = writer.keep(changed).unwrap_err().to_string();
    assert!(error.contains("record.json"), "{error}");
    fs::remove_dir(&blocked).unwrap();
    assert_eq!(files(&scratch.root), before);
    writer.commit().unwrap();
    drop(writer);
    assert_whole(&scratch.root, "after a failure");
}

#[test]
fn a_damaged_record_is_neither_overwritten_nor_the_end_of_the_list() {
    let scratch = scratch();
    small(&scratch.root);
    age(&scratch.root);
    let river = visit(RIVER, "2026-12-01T08:00:00Z", "河水不见了。", &[]);
    let folder = open(&scratch.root).find(&river.key).unwrap().unwrap().folder;
    let record = scratch.root.join(folder).join("record.json");
    spoil(&record, b"{\"format\": 1, ");
    let listed = Archive::open(&scratch.root).unwrap().articles().unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed.iter().filter(|entry| entry.is_err()).count(), 1);
    let mut writer = open(&scratch.root);
    let mut renamed = river.clone();
    renamed.metadata.title = Some(Sourced::new("别的标题".to_owned(), "h1"));
    for visit in [river, renamed] {
        let error = writer.keep(visit).unwrap_err();
        assert!(error.is_of_one_article(), "the others go on: {error}");
        assert!(error.to_string().contains("record"), "{error}");
    }
    drop(writer);
    fs::remove_dir_all(scratch.root.join(".bindery")).unwrap();
    let mut writer = open(&scratch.root);
    assert!(writer.notes().iter().any(|note| note.contains("record.json")), "{:?}", writer.notes());
    let error = writer.keep(visit(RIVER, "2026-12-01T08:00:00Z", "河水不见了。", &[])).unwrap_err();
    assert!(matches!(error, ArchiveError::FolderOccupied { .. }), "{error}");
    assert_eq!(fs::read(&record).unwrap(), b"{\"format\": 1, ");
}
