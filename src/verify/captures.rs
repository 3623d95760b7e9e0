//! Captures: every record of every file, and what articles and revisits say of them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use serde::Deserialize;

use crate::bundle::Tree;
use crate::model::Digest;
use crate::model::FindingKind::{Malformed, Missing, Unexpected};
use crate::warc::{self, Entry, RecordId, RecordKind};

use super::hash::{Hashed, Reader};
use super::leaf::{self, Checked, Files, MANIFEST, Seen, foreign, unreadable};
use super::manifest::Listed;
use super::names;
use super::notes::Notes;
use super::walk::{Leaf, Names, names_or_note, stray};

const ALL: &str = "captures/";

/// What an article says of one record.
pub(super) struct Claim<'a> {
    /// The capture file, as a path below the archive.
    pub file: &'a str,
    /// The record.
    pub id: &'a RecordId,
    /// What the record is said to be.
    pub is: Said,
    /// The record that is said to hold the payload when this one only stands for it.
    pub original: Option<&'a Original>,
}

/// What a record is said to be.
#[derive(Clone, Copy)]
pub(super) enum Said {
    /// There.
    There,
    /// An answer. With this payload, when one is given, unless the server said that nothing was modified.
    Answer(Option<Digest>),
    /// Whole, with this payload when one is given.
    Whole(Option<Digest>),
}

/// The record that holds the payload of a revisit.
#[derive(Deserialize)]
pub(super) struct Original {
    file: String,
    record: RecordId,
}

/// A month's folder before its files are read.
pub(super) struct Month {
    listed: Result<Option<Listed>, ()>,
    names: Names,
    notes: Notes,
}

impl Month {
    /// Reads the manifest and then the names, so that what a live writer adds meanwhile is younger than the manifest.
    pub fn list(root: &Tree, leaf: &Leaf, reader: &mut Reader) -> Self {
        let mut notes = Notes::default();
        let listed = leaf::read_manifest(root, leaf, reader, &mut notes);
        let names = names_or_note(root, &leaf.path, &mut notes);
        Self { listed, names, notes }
    }

    /// Paths of the capture files.
    pub fn captures(&self, leaf: &Leaf) -> Vec<String> {
        let captures = self.names.files.iter().filter(|name| names::is_capture(&leaf.path, name));
        captures.map(|name| format!("{}/{name}", leaf.path)).collect()
    }

    /// Paths that files of a run under way will have.
    pub fn unsealed(&self, leaf: &Leaf) -> Vec<String> {
        let open = self.names.files.iter().filter_map(|name| names::sealed(name));
        open.map(|name| format!("{}/{name}", leaf.path)).collect()
    }
}

/// What a record of a capture holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    /// A payload.
    Payload(Digest),
    /// Word of a payload that an earlier record holds.
    Word(Digest),
    /// Word that nothing was modified.
    NotModified,
    /// Nothing that was received.
    Nothing,
}

impl Holds {
    fn is(self, said: Said) -> bool {
        let fits = |found: Digest, payload: Option<Digest>| payload.is_none_or(|payload| payload == found);
        match (said, self) {
            (Said::There, _) | (Said::Answer(_), Self::NotModified) => true,
            (Said::Answer(payload), Self::Payload(found) | Self::Word(found)) => fits(found, payload),
            (Said::Whole(payload), Self::Payload(found)) => fits(found, payload),
            (Said::Answer(_) | Said::Whole(_), _) => false,
        }
    }
}

/// Bits of an id, file, content.
type Known = ([u8; 16], u32, Holds);

/// A capture file as it was gone through.
pub(super) struct Capture {
    hashed: Hashed,
    records: Vec<([u8; 16], Holds)>,
    /// Ids of identical revisits, what they refer to, and its payload.
    revisits: Vec<(RecordId, [u8; 16], Digest)>,
    /// What is wrong with it by itself; None when nothing is.
    fault: Option<String>,
}

impl Capture {
    /// Reads a file once, for its digest and its records.
    pub fn read(root: &Tree, path: &str, reader: &mut Reader) -> io::Result<Self> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let (capture, hashed) = reader.through(root, path, |source| go_through(source, name))?;
        Ok(Self { hashed, ..capture })
    }

    fn take(&mut self, entry: &Entry) -> Result<(), String> {
        let holds = match (entry.kind, entry.payload_digest, entry.revisited_payload()) {
            (RecordKind::Response | RecordKind::Resource, Some(payload), _) => Holds::Payload(payload),
            (RecordKind::Revisit, _, Some(payload)) => {
                let original = entry.refers_to().and_then(|id| id.bits());
                let original = original.ok_or_else(|| format!("{} refers to no record", entry.id))?;
                self.revisits.push((entry.id.clone(), original, payload));
                Holds::Word(payload)
            }
            (RecordKind::Revisit, ..) => Holds::NotModified,
            _ => Holds::Nothing,
        };
        let bits = entry.id.bits().ok_or_else(|| format!("{} is no id of the format", entry.id))?;
        self.records.push((bits, holds));
        Ok(())
    }
}

fn go_through(source: &mut dyn Read, name: &str) -> Capture {
    let nothing = Hashed { digest: Digest::of(b""), tail: None, modified: std::time::UNIX_EPOCH };
    let mut capture = Capture { hashed: nothing, records: Vec::new(), revisits: Vec::new(), fault: None };
    let mut faults = Vec::new();
    for (at, entry) in warc::Reader::strict(source).enumerate() {
        let taken = entry.map_err(|error| error.to_string()).and_then(|entry| {
            let named = entry.kind == RecordKind::Warcinfo && entry.field("WARC-Filename") == Some(name);
            match at > 0 || named {
                true => capture.take(&entry),
                false => Err("its first record is no warcinfo of a file of this name".to_owned()),
            }
        });
        faults.extend(taken.err());
    }
    capture.fault = match faults.split_first() {
        None if capture.records.is_empty() => Some("holds no record".to_owned()),
        None => None,
        Some((first, [])) => Some(first.clone()),
        Some((first, more)) => Some(format!("{first} ({} more of its records are faulty)", more.len())),
    };
    capture
}

/// Every capture file of the archive.
pub(super) struct Captures {
    /// By path, sorted.
    files: Vec<(String, io::Result<Capture>)>,
    /// Paths that files of a run under way will have.
    unsealed: BTreeSet<String>,
    /// Every record, sorted.
    records: Vec<Known>,
}

impl Captures {
    pub fn new(read: BTreeMap<String, io::Result<Capture>>, unsealed: BTreeSet<String>) -> Self {
        let mut files: Vec<_> = read.into_iter().collect();
        let mut records = Vec::new();
        for (at, (_, capture)) in files.iter_mut().enumerate() {
            if let Ok(capture) = capture {
                let found = std::mem::take(&mut capture.records);
                // An archive with four thousand million capture files has other troubles.
                records.extend(found.into_iter().map(|(bits, holds)| (bits, at as u32, holds)));
            }
        }
        records.sort_unstable();
        Self { files, unsealed, records }
    }

    /// Every record with these bits.
    fn find(&self, bits: [u8; 16]) -> impl Iterator<Item = &Known> {
        let start = self.records.partition_point(|(other, ..)| *other < bits);
        self.records[start..].iter().take_while(move |(other, ..)| *other == bits)
    }

    /// Whether an archive has a record with this payload.
    fn has_payload(&self, bits: [u8; 16], payload: Digest) -> bool {
        self.find(bits).any(|(_, _, holds)| *holds == Holds::Payload(payload))
    }

    /// What an article says of a record against the file that it names. `path` is that of the article's record.json;
    /// `young` says that it is newer than the archive's manifest.
    pub fn check_claim(&self, claim: &Claim, path: &str, young: bool, notes: &mut Notes) {
        let Claim { file, id, .. } = claim;
        if !names::is_capture_path(file) {
            return notes.add(Malformed, path, format!("`{file}` is the path of no capture"));
        }
        let Ok(at) = self.files.binary_search_by(|(path, _)| path.as_str().cmp(file)) else {
            if !self.unsealed.contains(*file) {
                notes.add_unless(file, young, Missing, file, format!("{path} names it, and it is not there"));
            }
            return;
        };
        let known = id.bits().and_then(|bits| self.find(bits).find(|(_, file, _)| *file as usize == at));
        let Some((.., holds)) = known else {
            let detail = format!("names record {id} of {file}, which has none such");
            return notes.add_unless(file, young, Malformed, path, detail);
        };
        if !holds.is(claim.is) {
            let detail = format!("what it says of record {id} of {file} is not so: another payload, or none");
            notes.add_unless(file, young, Malformed, path, detail);
        }
        if let Some(Original { file, record }) = claim.original {
            let payload = if let Holds::Word(payload) = holds { Some(*payload) } else { None };
            let original = Claim { file, id: record, is: Said::Whole(payload), original: None };
            self.check_claim(&original, path, young, notes);
        }
    }
}

/// A month's folder, its files read already, against its manifest; then each file by itself and its revisits.
pub(super) fn check(
    root: &Tree,
    leaf: &Leaf,
    month: &Month,
    captures: &Captures,
    top: Option<&Listed>,
    reader: &mut Reader,
) -> Checked {
    let mut out = Checked { notes: month.notes.clone(), ..Checked::default() };
    let mut files = Files::new();
    month.names.folders.iter().for_each(|name| stray(&format!("{}/{name}", leaf.path), &mut out.notes));
    let mut read = Vec::new();
    for name in month.names.files.iter().filter(|name| *name != MANIFEST) {
        let path = format!("{}/{name}", leaf.path);
        if names::sealed(name).is_some_and(|name| names::is_capture(&leaf.path, name)) {
            note_open(&path, &mut out.notes);
            continue;
        }
        match captures.files.binary_search_by(|(other, _)| other.cmp(&path)).map(|at| &captures.files[at].1) {
            Ok(Ok(capture)) => {
                let Hashed { digest, modified, .. } = capture.hashed;
                files.insert(name.clone(), Seen { digest, modified });
                read.push((path, capture));
            }
            Ok(Err(error)) => unreadable(&path, error, &mut out.notes),
            Err(_) => foreign(root, leaf, name, reader, &mut files, &mut out.notes),
        }
    }
    leaf::compare_or_note(leaf, &month.listed, &files, top, &mut out);
    for (path, capture) in read {
        check_file(&path, capture, captures, &mut out.notes);
    }
    out
}

/// A capture that is not what its manifest lists accuses nobody; what it says of others depends on their being whole.
fn check_file(path: &str, capture: &Capture, captures: &Captures, notes: &mut Notes) {
    if notes.has(path) {
        return;
    }
    if let Some(fault) = &capture.fault {
        return notes.add(Malformed, path, fault);
    }
    let lost = |(_, original, payload): &&(RecordId, [u8; 16], Digest)| !captures.has_payload(*original, *payload);
    if let Some((id, ..)) = capture.revisits.iter().find(lost) {
        let detail = format!("its record {id} stands for one that no capture holds with the same payload");
        notes.add_unless(ALL, false, Malformed, path, detail);
    }
}

/// Notes a file of a run that has not ended.
pub(super) fn note_open(path: &str, notes: &mut Notes) {
    notes.add_young(true, Unexpected, path, "was left by a run that did not end; the next run seals it");
}
