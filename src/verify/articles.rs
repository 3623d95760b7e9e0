//! Checks articles: compares records with texts, images and captures.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::archive::older_field;
use crate::model::Digest;
use crate::model::FindingKind::{Changed, Malformed, Missing, Unexpected};

use super::captures::Captures;
use super::hash::FileReader;
use super::leaf::{self, FileState, Files, LeafResult, Role, note_unreadable, read_foreign};
use super::manifest::{MANIFEST, Manifest};
use super::names;
use super::notes::{Excuse, Notes};
use super::record::{Record, Snapshot};
use super::root::Place;
use super::tombstones::{self, TOMBSTONE};
use super::walk::{is_temp, names_or_note, note_foreign};

const RECORD: &str = "record.json";
const INDEX: &str = "index.md";
/// The reader's own notes: not the archive's, never a finding.
const NOTES: &str = "notes.md";
/// The maximum size of a record in bytes, set by the format.
const MAX_RECORD_BYTES: usize = 64 << 20;

/// An article's folder as it was read.
pub(super) struct Article {
    /// Its name.
    slug: String,
    /// Its record, or what is wrong with it; None if there is no record.
    record: Option<Result<Record, RecordFault>>,
    /// The digest of each text's body, by file name; None if the text ends before the body begins.
    bodies: BTreeMap<String, Option<Digest>>,
    /// The digest of the record that its tombstone names, or what is wrong with the tombstone; None if there is none.
    tombstone: Option<Result<Digest, String>>,
}

/// Why a record is not used.
enum RecordFault {
    /// It is invalid.
    Invalid(String),
    /// It has an older form, recognised by this field.
    Older(&'static str),
}

/// A year's folder while it is read.
struct Year<'a> {
    place: Place<'a>,
    listed: Result<Option<Manifest>, ()>,
    files: Files,
    out: LeafResult,
}

/// Reads every file of a year's folder, compares it with its manifest, and checks each article. `captures` may be set later,
/// while the files are read.
pub(super) fn check(place: Place<'_>, captures: &OnceLock<Captures>, reader: &mut FileReader) -> LeafResult {
    let mut out = LeafResult::default();
    // The manifest is read first, so that files which a writer adds meanwhile are newer than it.
    let listed = leaf::read_manifest(place, reader, &mut out.notes);
    let names = names_or_note(place.root.tree, &place.leaf.path, &mut out.notes);
    let mut year = Year { place, listed, files: Files::new(), out };
    for name in names.files.iter().filter(|name| *name != MANIFEST) {
        year.foreign(name, reader);
    }
    let articles: Vec<Article> = names.folders.into_iter().filter_map(|slug| year.article(slug, reader)).collect();
    articles.iter().for_each(|article| year.judge(article));
    let Year { listed, files, mut out, .. } = year;
    leaf::compare_or_note(place, &listed, &files, &mut out);
    for article in &articles {
        check_tombstone(place, article, &files, &mut out.notes);
        cross_check(place, article, &files, &mut out.notes);
        check_captures(place, article, &files, captures.wait(), &mut out.notes);
    }
    out
}

impl Year<'_> {
    fn foreign(&mut self, below: &str, reader: &mut FileReader) {
        read_foreign(self.place, below, &self.listed, &mut self.files, (reader, &mut self.out.notes));
    }

    /// Returns the lines of the manifest below a folder.
    fn lines(&self, slug: &str) -> impl Iterator<Item = &str> {
        let start = format!("{slug}/");
        let lines = self.listed.as_ref().ok().and_then(Option::as_ref).map(|listed| &listed.lines);
        let from = lines.into_iter().flat_map({
            let start = start.clone();
            move |lines| lines.range(start.clone()..)
        });
        from.map_while(move |(path, _)| path.strip_prefix(start.as_str()))
    }

    /// Reads an article's folder; None if it is not the archive's.
    fn article(&mut self, slug: String, reader: &mut FileReader) -> Option<Article> {
        let folder = self.place.path(&slug);
        let names = names_or_note(self.place.root.tree, &folder, &mut self.out.notes);
        let is_own = |name: &String| {
            matches!(name.as_str(), RECORD | INDEX | TOMBSTONE) || names::is_text(name) || is_temp(name)
        };
        let is_slug =
            || names::is_slug(&slug) && names.files.iter().all(|name| name == NOTES) && names.folders.is_empty();
        if !names.files.iter().any(is_own) && !is_slug() && self.lines(&slug).next().is_none() {
            note_foreign(&folder, &mut self.out.notes);
            return None;
        }
        names.folders.iter().for_each(|name| note_foreign(&format!("{folder}/{name}"), &mut self.out.notes));
        let mut article = Article { slug, record: None, bodies: BTreeMap::new(), tombstone: None };
        // The record is read first, since it says where the bodies of the texts begin.
        if names.files.iter().any(|name| name == RECORD) {
            self.out.articles += 1;
            let read = self.read_limited(&format!("{}/{RECORD}", article.slug), MAX_RECORD_BYTES, reader);
            let invalid = |error| RecordFault::Invalid(format!("is not a valid record: {error}"));
            let parse = |bytes: Vec<u8>| match older_field(&bytes) {
                Some(field) => Err(RecordFault::Older(field)),
                None => serde_json::from_slice(&bytes).map_err(invalid),
            };
            article.record = read.map(parse);
        }
        for name in names.files.iter().filter(|name| *name != RECORD) {
            self.file(&mut article, name, reader);
        }
        Some(article)
    }

    /// Reads a file of an article's folder other than the record.
    fn file(&mut self, article: &mut Article, name: &str, reader: &mut FileReader) {
        let below = format!("{}/{name}", article.slug);
        if name == TOMBSTONE {
            let read = self.read_limited(&below, tombstones::MAX_BYTES, reader);
            let year = &self.place.leaf.path;
            article.tombstone = read.map(|bytes| tombstones::removed_record(&bytes, year, &article.slug));
            return;
        }
        if name != INDEX && !names::is_text(name) {
            let is_listed = || self.lines(&article.slug).any(|listed| listed == name);
            if name != NOTES || is_listed() {
                self.foreign(&below, reader);
            }
            return;
        }
        let path = self.place.path(&below);
        match reader.hash(self.place.root.tree, &path, article.offset(name)) {
            Ok(hashed) => {
                article.bodies.insert(name.to_owned(), hashed.tail);
                self.files.insert(below, FileState::new(&hashed, Role::Fixed));
            }
            Err(error) => note_unreadable(&path, &error, &mut self.out.notes),
        }
    }

    /// Returns a file's bytes, at most `limit` of them; None if it cannot be read, which is noted.
    fn read_limited(&mut self, below: &str, limit: usize, reader: &mut FileReader) -> Option<Vec<u8>> {
        let path = self.place.path(below);
        match reader.bytes(self.place.root.tree, &path, limit) {
            Ok((bytes, hashed)) => {
                self.files.insert(below.to_owned(), FileState::new(&hashed, Role::Fixed));
                Some(bytes)
            }
            Err(error) => {
                note_unreadable(&path, &error, &mut self.out.notes);
                None
            }
        }
    }

    /// Sets how each file of an article may differ from the manifest after a run that did not end.
    fn judge(&mut self, article: &Article) {
        let record = self.whole_record(article);
        let digest = |name: &str| self.files.get(&format!("{}/{name}", article.slug)).map(|seen| seen.digest);
        let listed: BTreeSet<&str> = self.lines(&article.slug).collect();
        let texts: Vec<&String> = article.bodies.keys().filter(|name| *name != INDEX).collect();
        let newest = record.and_then(Record::newest);
        // The index is replaced before the record names its text.
        let added = texts.iter().filter(|name| !listed.contains(name.as_str())).filter_map(|name| digest(name));
        let may_be_index =
            newest.map(|text| text.sha256).into_iter().chain(added).any(|text| digest(INDEX) == Some(text));
        let index = match newest {
            _ if may_be_index => Role::Replaced,
            Some(newest) => Role::Edited(newest.file.clone()),
            None => Role::Fixed,
        };
        let mut roles: Vec<(&str, Role)> = texts.iter().map(|name| (name.as_str(), Role::Added)).collect();
        roles.push((INDEX, index));
        roles.extend(record.map(|_| (RECORD, Role::Replaced)));
        roles.extend(article.tombstone.as_ref().filter(|found| found.is_ok()).map(|_| (TOMBSTONE, Role::Replaced)));
        for (name, role) in roles {
            if let Some(seen) = self.files.get_mut(&format!("{}/{name}", article.slug)) {
                seen.role = role;
            }
        }
    }

    /// Returns the record if it agrees with the texts beside it and names all texts that the manifest lists.
    fn whole_record<'r>(&self, article: &'r Article) -> Option<&'r Record> {
        let record = article.record.as_ref()?.as_ref().ok()?;
        let has = |text: &Snapshot| {
            let seen = self.files.get(&format!("{}/{}", article.slug, text.file));
            seen.is_some_and(|seen| seen.digest == text.sha256)
        };
        let names = |file: &str| record.snapshots.iter().any(|text| text.file == file);
        let is_whole = record.fault(&self.place.leaf.path, &article.slug).is_none()
            && record.snapshots.iter().all(has)
            && self.lines(&article.slug).all(|name| !names::is_text(name) || names(name));
        is_whole.then_some(record)
    }
}

impl Article {
    /// Returns where the body of a text begins, as the record states it.
    fn offset(&self, name: &str) -> Option<u64> {
        let record = self.record.as_ref()?.as_ref().ok()?;
        record.snapshots.iter().rfind(|text| text.file == name).map(|text| text.front_matter_bytes)
    }
}

fn check_tombstone(place: Place<'_>, article: &Article, files: &Files, notes: &mut Notes) {
    let below = format!("{}/{TOMBSTONE}", article.slug);
    let path = place.path(&below);
    match &article.tombstone {
        Some(Ok(removed)) => {
            let record = files.get(&format!("{}/{RECORD}", article.slug));
            let is_unfinished = record.is_none_or(|record| record.digest == *removed);
            if is_unfinished && files.get(&below).is_some_and(|seen| place.root.is_newer_than_top(seen.modified)) {
                notes.note_removal(&place.path(&article.slug));
            }
        }
        Some(Err(fault)) if !notes.has(&path) => notes.add(Malformed, path, fault),
        _ => {}
    }
}

/// Compares a record with the files next to it and the images it names. Damage is not reported twice, and a record that does
/// not match its manifest is not used.
fn cross_check(place: Place<'_>, article: &Article, files: &Files, notes: &mut Notes) {
    let folder = place.path(&article.slug);
    let path = format!("{folder}/{RECORD}");
    if notes.has(&path) {
        return;
    }
    let record = match &article.record {
        Some(Ok(record)) => record,
        Some(Err(RecordFault::Invalid(cause))) => return notes.add(Malformed, path, cause),
        Some(Err(RecordFault::Older(field))) => return notes.add_older(path, field),
        None => {
            let has_text = article.bodies.keys().next().is_some();
            if has_text && !notes.has_below(&format!("{folder}/")) {
                notes.add(Missing, path, "the texts in this folder have no record");
            }
            return;
        }
    };
    if let Some(wrong) = record.fault(&place.leaf.path, &article.slug) {
        return notes.add(Malformed, path, wrong);
    }
    check_texts(&folder, article, record, files, notes);
    for image in record.snapshots.iter().flat_map(|text| &text.images).filter_map(|image| image.path.as_deref()) {
        if names::image_digest(image).is_none() {
            return notes.add(Malformed, path, format!("`{image}` is not the path of an image"));
        }
        let exists = place.root.tree.is_file(image);
        if !exists && !notes.has(image) {
            notes.add(Missing, image, format!("{path} names it, but it does not exist"));
        }
    }
}

/// Compares a record's references with the captures. A record with findings is not used.
fn check_captures(place: Place<'_>, article: &Article, files: &Files, captures: &Captures, notes: &mut Notes) {
    let below = format!("{}/{RECORD}", article.slug);
    let path = place.path(&below);
    let (Some(Ok(record)), Some(seen), false) = (&article.record, files.get(&below), notes.has(&path)) else { return };
    let excuse = if place.root.is_newer_than_top(seen.modified) { Excuse::Writer } else { Excuse::None };
    for reference in record.snapshots.iter().flat_map(Snapshot::references) {
        captures.check_reference(&reference, &path, excuse, notes);
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
