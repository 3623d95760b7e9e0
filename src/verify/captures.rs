//! Checks captures: every record of every file, and the references of articles and revisits to them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use serde::Deserialize;

use crate::bundle::Tree;
use crate::model::Digest;
use crate::model::FindingKind::{Malformed, Missing};
use crate::warc::{self, Entry, RecordId, RecordKind};

use super::hash::{FileHash, FileReader};
use super::leaf::{self, FileState, Files, LeafResult, Role, note_unreadable, read_foreign};
use super::manifest::{MANIFEST, Manifest};
use super::names;
use super::notes::{Excuse, Notes};
use super::root::Place;
use super::walk::{Leaf, Names, names_or_note, note_foreign};

const ALL: &str = "captures/";

/// A reference of an article to a capture record.
pub(super) struct RecordReference<'a> {
    /// The capture file, as a path below the archive.
    pub file: &'a str,
    /// The record.
    pub id: &'a RecordId,
    /// What the record must be.
    pub expected: ExpectedRecord,
    /// The record that contains the payload if this one is a revisit.
    pub original: Option<&'a Original>,
}

/// What a referenced record must be.
#[derive(Clone, Copy)]
pub(super) enum ExpectedRecord {
    /// Any record.
    Any,
    /// A response with this payload if one is given, its revisit, or a response that nothing was modified.
    Response(Option<Digest>),
    /// A response with this payload if one is given, not a revisit.
    Complete(Option<Digest>),
}

/// The record that contains the payload of a revisit.
#[derive(Deserialize)]
pub(super) struct Original {
    file: String,
    record: RecordId,
}

/// A month's folder before its files are read.
pub(super) struct Month {
    listed: Result<Option<Manifest>, ()>,
    names: Names,
    notes: Notes,
}

impl Month {
    /// Reads the manifest and then the names, so that files which a writer adds meanwhile are newer than the manifest.
    pub fn list(place: Place<'_>, reader: &mut FileReader) -> Self {
        let mut notes = Notes::default();
        let listed = leaf::read_manifest(place, reader, &mut notes);
        let names = names_or_note(place.root.tree, &place.leaf.path, &mut notes);
        Self { listed, names, notes }
    }

    /// Returns the paths of the capture files.
    pub fn captures(&self, leaf: &Leaf) -> Vec<String> {
        let captures = self.names.files.iter().filter(|name| names::is_capture(&leaf.path, name));
        captures.map(|name| format!("{}/{name}", leaf.path)).collect()
    }

    /// Returns the final paths of files whose run has not ended.
    pub fn unsealed(&self, leaf: &Leaf) -> Vec<String> {
        let open = self.names.files.iter().filter_map(|name| names::sealed(name));
        open.map(|name| format!("{}/{name}", leaf.path)).collect()
    }
}

/// The contents of a capture record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RecordContent {
    /// A payload.
    Payload(Digest),
    /// A revisit: the payload is in an earlier record.
    Revisit(Digest),
    /// A response that nothing was modified.
    NotModified,
    /// No response.
    Other,
}

impl RecordContent {
    fn matches(self, expected: ExpectedRecord) -> bool {
        let fits = |found: Digest, payload: Option<Digest>| payload.is_none_or(|payload| payload == found);
        match (expected, self) {
            (ExpectedRecord::Any, _) | (ExpectedRecord::Response(_), Self::NotModified) => true,
            (ExpectedRecord::Response(payload), Self::Payload(found) | Self::Revisit(found)) => fits(found, payload),
            (ExpectedRecord::Complete(payload), Self::Payload(found)) => fits(found, payload),
            (ExpectedRecord::Response(_) | ExpectedRecord::Complete(_), _) => false,
        }
    }
}

/// The bits of a record's id, the index of its file, and its contents.
type IndexedRecord = ([u8; 16], u32, RecordContent);

/// The records of a capture file.
pub(super) struct Capture {
    hashed: FileHash,
    records: Vec<([u8; 16], RecordContent)>,
    /// The ids of revisits, those of their originals, and the payload.
    revisits: Vec<(RecordId, [u8; 16], Digest)>,
    /// What is wrong with the file by itself; None if nothing is.
    fault: Option<String>,
}

impl Capture {
    /// Reads the digest and the records of a file in one pass.
    pub fn read(root: &Tree, path: &str, reader: &mut FileReader) -> io::Result<Self> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let (capture, hashed) = reader.read_with(root, path, |source| read_records(source, name))?;
        Ok(Self { hashed, ..capture })
    }

    fn take(&mut self, entry: &Entry) -> Result<(), String> {
        let content = match (entry.kind, entry.payload_digest, entry.revisited_payload()) {
            (RecordKind::Response | RecordKind::Resource, Some(payload), _) => RecordContent::Payload(payload),
            (RecordKind::Revisit, _, Some(payload)) => {
                let original = entry.refers_to().and_then(|id| id.bits());
                let original = original.ok_or_else(|| format!("{} does not refer to a record", entry.id))?;
                self.revisits.push((entry.id.clone(), original, payload));
                RecordContent::Revisit(payload)
            }
            (RecordKind::Revisit, ..) => RecordContent::NotModified,
            _ => RecordContent::Other,
        };
        let bits = entry.id.bits().ok_or_else(|| format!("{} is not a record id of the format", entry.id))?;
        self.records.push((bits, content));
        Ok(())
    }
}

fn read_records(source: &mut dyn Read, name: &str) -> Capture {
    let nothing = FileHash { digest: Digest::of(b""), tail: None, modified: std::time::UNIX_EPOCH };
    let mut capture = Capture { hashed: nothing, records: Vec::new(), revisits: Vec::new(), fault: None };
    let mut faults = Vec::new();
    for (at, entry) in warc::Reader::strict(source).enumerate() {
        let taken = entry.map_err(|error| error.to_string()).and_then(|entry| {
            let named = entry.kind == RecordKind::Warcinfo && entry.field("WARC-Filename") == Some(name);
            match at > 0 || named {
                true => capture.take(&entry),
                false => Err("its first record is not a warcinfo with this file name".to_owned()),
            }
        });
        faults.extend(taken.err());
    }
    capture.fault = match faults.split_first() {
        None if capture.records.is_empty() => Some("contains no record".to_owned()),
        None => None,
        Some((first, [])) => Some(first.clone()),
        Some((first, more)) => Some(format!("{first} ({} more records are malformed)", more.len())),
    };
    capture
}

/// All capture files of the archive.
pub(super) struct Captures {
    /// Sorted by path.
    files: Vec<(String, io::Result<Capture>)>,
    /// The final paths of files whose run has not ended.
    unsealed: BTreeSet<String>,
    /// All records, sorted.
    records: Vec<IndexedRecord>,
}

impl Captures {
    pub fn new(read: BTreeMap<String, io::Result<Capture>>, unsealed: BTreeSet<String>) -> Self {
        let mut files: Vec<_> = read.into_iter().collect();
        let mut records = Vec::new();
        for (at, (_, capture)) in files.iter_mut().enumerate() {
            if let Ok(capture) = capture {
                let found = std::mem::take(&mut capture.records);
                // No archive has 2^32 capture files.
                records.extend(found.into_iter().map(|(bits, content)| (bits, at as u32, content)));
            }
        }
        records.sort_unstable();
        Self { files, unsealed, records }
    }

    /// Returns all records with these bits.
    fn find(&self, bits: [u8; 16]) -> impl Iterator<Item = &IndexedRecord> {
        let start = self.records.partition_point(|(other, ..)| *other < bits);
        self.records[start..].iter().take_while(move |(other, ..)| *other == bits)
    }

    /// Returns whether there is a record with these bits and this payload.
    fn has_payload(&self, bits: [u8; 16], payload: Digest) -> bool {
        self.find(bits).any(|(_, _, content)| *content == RecordContent::Payload(payload))
    }

    /// Checks a reference of an article. `path` is that of the article's `record.json`; `excuse` may explain what is missing.
    pub fn check_reference(&self, reference: &RecordReference, path: &str, excuse: Excuse, notes: &mut Notes) {
        let RecordReference { file, id, .. } = reference;
        if !names::is_capture_path(file) {
            return notes.add(Malformed, path, format!("`{file}` is not the path of a capture"));
        }
        let Ok(at) = self.files.binary_search_by(|(path, _)| path.as_str().cmp(file)) else {
            if !self.unsealed.contains(*file) {
                notes.add_unless(file, excuse, Missing, file, format!("{path} names it, but it does not exist"));
            }
            return;
        };
        let known = id.bits().and_then(|bits| self.find(bits).find(|(_, file, _)| *file as usize == at));
        let Some((.., content)) = known else {
            let detail = format!("names record {id}, which {file} does not contain");
            return notes.add_unless(file, excuse, Malformed, path, detail);
        };
        if !content.matches(reference.expected) {
            let detail = format!("record {id} of {file} does not have the payload that it states");
            notes.add_unless(file, excuse, Malformed, path, detail);
        }
        if let Some(Original { file, record }) = reference.original {
            let payload = if let RecordContent::Revisit(payload) = content { Some(*payload) } else { None };
            let expected = ExpectedRecord::Complete(payload);
            let original = RecordReference { file, id: record, expected, original: None };
            self.check_reference(&original, path, excuse, notes);
        }
    }
}

/// Compares a month's folder, whose files were read before, with its manifest, and checks each file and its revisits.
pub(super) fn check(place: Place<'_>, month: &Month, captures: &Captures, reader: &mut FileReader) -> LeafResult {
    let mut out = LeafResult { notes: month.notes.clone(), ..LeafResult::default() };
    let mut files = Files::new();
    month.names.folders.iter().for_each(|name| note_foreign(&place.path(name), &mut out.notes));
    let mut read = Vec::new();
    for name in month.names.files.iter().filter(|name| *name != MANIFEST) {
        let path = place.path(name);
        if names::sealed(name).is_some_and(|name| names::is_capture(&place.leaf.path, name)) {
            note_open(&path, &mut out.notes);
            continue;
        }
        match captures.files.binary_search_by(|(other, _)| other.cmp(&path)).map(|at| &captures.files[at].1) {
            Ok(Ok(capture)) => {
                let role = if capture.fault.is_none() { Role::Shortened } else { Role::Fixed };
                files.insert(name.clone(), FileState::new(&capture.hashed, role));
                read.push((path, capture));
            }
            Ok(Err(error)) => note_unreadable(&path, error, &mut out.notes),
            Err(_) => read_foreign(place, name, &month.listed, &mut files, (reader, &mut out.notes)),
        }
    }
    leaf::compare_or_note(place, &month.listed, &files, &mut out);
    for (path, capture) in read {
        check_file(&path, capture, captures, &mut out.notes);
    }
    out
}

/// Checks a capture file and its revisits. One that does not match its manifest is not used.
fn check_file(path: &str, capture: &Capture, captures: &Captures, notes: &mut Notes) {
    if notes.has(path) {
        return;
    }
    if let Some(fault) = &capture.fault {
        return notes.add(Malformed, path, fault);
    }
    let lost = |(_, original, payload): &&(RecordId, [u8; 16], Digest)| !captures.has_payload(*original, *payload);
    if let Some((id, ..)) = capture.revisits.iter().find(lost) {
        let detail = format!("its record {id} is a revisit of one that no capture contains with the same payload");
        notes.add_unless(ALL, Excuse::None, Malformed, path, detail);
    }
}

/// Notes a file whose run has not ended.
pub(super) fn note_open(path: &str, notes: &mut Notes) {
    notes.add_unfinished(path, "was left by a run that did not end; the next run completes it");
}
