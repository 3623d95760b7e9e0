//! Checks articles: compares records with texts, images and captures.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::bundle::Tree;
use crate::model::Digest;
use crate::model::FindingKind::{Changed, Malformed, Missing, Unexpected};

use super::captures::Captures;
use super::hash::FileReader;
use super::leaf::{self, FileState, Files, LeafResult, note_foreign, note_unreadable};
use super::manifest::{MANIFEST, Manifest};
use super::names;
use super::notes::{Age, Notes};
use super::record::{Record, Snapshot};
use super::tombstones::{self, TOMBSTONE};
use super::walk::{Leaf, names_or_note, note_stray};

const RECORD: &str = "record.json";
const INDEX: &str = "index.md";
/// The maximum size of a record in bytes, set by the format.
const MAX_RECORD_BYTES: usize = 64 << 20;

/// An article's folder as it was read.
pub(super) struct Article {
    /// Its name.
    slug: String,
    /// Its record, or why it is invalid; None if there is no record.
    record: Option<Result<Record, String>>,
    /// The digest of each text's body, by file name; None if the text ends before the body begins.
    bodies: BTreeMap<String, Option<Digest>>,
    /// What is wrong with its tombstone; None if nothing is wrong, or there is none.
    tombstone_fault: Option<String>,
}

/// Reads every file of a year's folder, compares it with its manifest, and checks each article. `captures` may be set later,
/// while the files are read.
pub(super) fn check(
    root: &Tree,
    leaf: &Leaf,
    captures: &OnceLock<Captures>,
    top: Option<&Manifest>,
    reader: &mut FileReader,
) -> LeafResult {
    let mut out = LeafResult::default();
    // The manifest is read first, so that files which a writer adds meanwhile are newer than it.
    let listed = leaf::read_manifest(root, leaf, reader, &mut out.notes);
    let names = names_or_note(root, &leaf.path, &mut out.notes);
    let mut files = Files::new();
    for name in names.files.iter().filter(|name| *name != MANIFEST) {
        note_foreign(root, leaf, name, reader, &mut files, &mut out.notes);
    }
    let mut article = |slug| article(root, leaf, slug, reader, &mut files, &mut out);
    let articles: Vec<Article> = names.folders.into_iter().map(&mut article).collect();
    leaf::compare_or_note(leaf, &listed, &files, top, &mut out);
    for article in &articles {
        check_tombstone(leaf, article, &files, top, &mut out.notes);
        cross_check(root, leaf, article, &files, &mut out.notes);
        check_captures(leaf, article, &files, captures.wait(), top, &mut out.notes);
    }
    out
}

fn article(
    root: &Tree,
    leaf: &Leaf,
    slug: String,
    reader: &mut FileReader,
    files: &mut Files,
    out: &mut LeafResult,
) -> Article {
    let folder = format!("{}/{slug}", leaf.path);
    let names = names_or_note(root, &folder, &mut out.notes);
    names.folders.iter().for_each(|name| note_stray(&format!("{folder}/{name}"), &mut out.notes));
    let mut article = Article { slug, record: None, bodies: BTreeMap::new(), tombstone_fault: None };
    // The record is read first, since it says where the bodies of the texts begin.
    if names.files.iter().any(|name| name == RECORD) {
        out.articles += 1;
        let below = format!("{}/{RECORD}", article.slug);
        let read = read_limited(root, leaf, &below, MAX_RECORD_BYTES, reader, files, &mut out.notes);
        let parse =
            |bytes: Vec<u8>| serde_json::from_slice(&bytes).map_err(|error| format!("is not a valid record: {error}"));
        article.record = read.map(parse);
    }
    let offsets: BTreeMap<String, u64> = match &article.record {
        Some(Ok(record)) => record.snapshots.iter().map(|text| (text.file.clone(), text.front_matter_bytes)).collect(),
        _ => BTreeMap::new(),
    };
    for name in names.files.iter().filter(|name| *name != RECORD) {
        let below = format!("{}/{name}", article.slug);
        if name == TOMBSTONE {
            let read = read_limited(root, leaf, &below, tombstones::MAX_BYTES, reader, files, &mut out.notes);
            article.tombstone_fault = read.and_then(|bytes| tombstones::fault(&bytes, &leaf.path, &article.slug));
            continue;
        }
        if name != INDEX && !names::is_text(name) {
            note_foreign(root, leaf, &below, reader, files, &mut out.notes);
            continue;
        }
        match reader.hash(root, &format!("{}/{below}", leaf.path), offsets.get(name).copied()) {
            Ok(hashed) => {
                article.bodies.insert(name.clone(), hashed.tail);
                files.insert(below, FileState { digest: hashed.digest, modified: hashed.modified });
            }
            Err(error) => note_unreadable(&format!("{folder}/{name}"), &error, &mut out.notes),
        }
    }
    article
}

/// Returns a file's bytes, at most `limit` of them; None if it cannot be read, which is noted.
fn read_limited(
    root: &Tree,
    leaf: &Leaf,
    below: &str,
    limit: usize,
    reader: &mut FileReader,
    files: &mut Files,
    notes: &mut Notes,
) -> Option<Vec<u8>> {
    let path = format!("{}/{below}", leaf.path);
    match reader.bytes(root, &path, limit) {
        Ok((bytes, hashed)) => {
            files.insert(below.to_owned(), FileState { digest: hashed.digest, modified: hashed.modified });
            Some(bytes)
        }
        Err(error) => {
            note_unreadable(&path, &error, notes);
            None
        }
    }
}

fn check_tombstone(leaf: &Leaf, article: &Article, files: &Files, top: Option<&Manifest>, notes: &mut Notes) {
    let below = format!("{}/{TOMBSTONE}", article.slug);
    let path = format!("{}/{below}", leaf.path);
    if files.get(&below).is_some_and(|seen| top.is_some_and(|top| seen.modified >= top.modified)) {
        notes.note_removal();
    }
    if let Some(fault) = article.tombstone_fault.as_ref().filter(|_| !notes.has(&path)) {
        notes.add(Malformed, path, fault);
    }
}

/// Compares a record with the files next to it and the images it names. Damage is not reported twice, and a record that does
/// not match its manifest is not used.
fn cross_check(root: &Tree, leaf: &Leaf, article: &Article, files: &Files, notes: &mut Notes) {
    let folder = format!("{}/{}", leaf.path, article.slug);
    let path = format!("{folder}/{RECORD}");
    if notes.has(&path) {
        return;
    }
    let record = match &article.record {
        Some(Ok(record)) => record,
        Some(Err(cause)) => return notes.add(Malformed, path, cause),
        None => {
            let has_text = article.bodies.keys().next().is_some();
            if has_text && !notes.has_below(&format!("{folder}/")) {
                notes.add(Missing, path, "the texts in this folder have no record");
            }
            return;
        }
    };
    if let Some(wrong) = record.fault(&leaf.path, &article.slug) {
        return notes.add(Malformed, path, wrong);
    }
    check_texts(&folder, article, record, files, notes);
    for image in record.snapshots.iter().flat_map(|text| &text.images).filter_map(|image| image.path.as_deref()) {
        if names::image_digest(image).is_none() {
            return notes.add(Malformed, path, format!("`{image}` is not the path of an image"));
        }
        let exists = root.is_file(image);
        if !exists && !notes.has(image) {
            notes.add(Missing, image, format!("{path} names it, but it does not exist"));
        }
    }
}

/// Compares a record's references with the captures. A record with findings is not used.
fn check_captures(
    leaf: &Leaf,
    article: &Article,
    files: &Files,
    captures: &Captures,
    top: Option<&Manifest>,
    notes: &mut Notes,
) {
    let below = format!("{}/{RECORD}", article.slug);
    let path = format!("{}/{below}", leaf.path);
    let (Some(Ok(record)), Some(seen), false) = (&article.record, files.get(&below), notes.has(&path)) else { return };
    let age = top.map_or(Age::Young, |top| Age::of(seen.modified, top.modified));
    for reference in record.snapshots.iter().flat_map(Snapshot::references) {
        captures.check_reference(&reference, &path, age, notes);
    }
}

fn check_texts(folder: &str, article: &Article, record: &Record, files: &Files, notes: &mut Notes) {
    let digest = |name: &str| files.get(&format!("{}/{name}", article.slug)).map(|seen| seen.digest);
    let mut expect = |name: &str, sha256: &Digest, body: Option<&Digest>| {
        let path = format!("{folder}/{name}");
        if notes.has(&path) {
            return;
        }
        match digest(name) {
            None => notes.add(Missing, path, format!("{RECORD} in this folder names it, but it does not exist")),
            Some(found) if found != *sha256 => {
                notes.add(Changed, path, format!("{RECORD} in this folder has {sha256}, but it is {found}"));
            }
            Some(_) if body.is_some_and(|body| article.bodies.get(name) != Some(&Some(*body))) => {
                let record = format!("{folder}/{RECORD}");
                notes.add(Malformed, record, format!("its digest of the body of {name} is wrong"));
            }
            Some(_) => {}
        }
    };
    for text in &record.snapshots {
        expect(&text.file, &text.sha256, Some(&text.body_sha256));
    }
    if let Some(newest) = record.newest() {
        expect(INDEX, &newest.sha256, None);
    }
    let named = |name: &str| record.snapshots.iter().any(|text| text.file == name);
    for name in article.bodies.keys().filter(|name| *name != INDEX && !named(name)) {
        let path = format!("{folder}/{name}");
        if !notes.has(&path) {
            notes.add(Unexpected, path, format!("{RECORD} in this folder does not name it"));
        }
    }
}
