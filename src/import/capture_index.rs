//! The newest state of each URL in WARC and ARC files, in which a revisit has the body of the capture that it refers to.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::capture_body::Form;
use super::item::Report;
use super::source_url::is_web;
use crate::model::{Digest, Timestamp, UrlKey};
use crate::warc::{Entry, HeadWarning, RecordKind};

/// The key of a URL, truncated to a length that distinguishes the URLs of one run.
pub(super) type Key = [u8; 16];

/// What identifies records, digests and dates within one run; 0 for none.
type Mark = u64;

/// Revisits of revisits are followed to this depth.
const MAX_DEPTH: usize = 8;

/// Where a record is, and what is known of it without its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Capture {
    pub file: usize,
    pub offset: u64,
    /// None without a valid date.
    pub date: Option<Timestamp>,
    pub status: u16,
    pub form: Form,
    is_empty: bool,
}

impl Capture {
    /// Returns true for a page or an image; false for a redirect, an error or an empty body.
    pub fn is_usable(&self) -> bool {
        self.status == 200 && !self.is_empty
    }
}

/// The newest state of a URL.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    /// The record that states it.
    pub record: Capture,
    /// The record with its body: the same, or the one that a revisit refers to.
    pub body: Capture,
}

struct Indexed {
    key: Key,
    id: Mark,
    digest: Option<PayloadDigest>,
    capture: Capture,
    revisit: Option<Box<Reference>>,
}

/// The digest of a payload, by one of the algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct PayloadDigest {
    algorithm: Mark,
    value: Mark,
}

/// What a revisit says of the capture that it refers to.
struct Reference {
    id: Mark,
    place: Option<(Key, Timestamp)>,
    /// The body of the URL's previous capture is still current.
    is_not_modified: bool,
}

/// The records of the files of a run.
#[derive(Default)]
pub(super) struct Index {
    records: Vec<Indexed>,
}

/// The states of all URLs, and the revisits without a body.
pub(super) struct States {
    pub all: HashMap<Key, State>,
    pub unresolved: Vec<Capture>,
}

impl Index {
    /// Returns the number of records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Forgets the records after the first `length`.
    pub fn truncate(&mut self, length: usize) {
        self.records.truncate(length);
    }

    /// Adds a record of a file.
    pub fn add(&mut self, file: usize, entry: &Entry, report: &mut Report) {
        for warning in &entry.warnings {
            report.warn(match warning {
                HeadWarning::NoId => "record without an id",
                HeadWarning::NoDate => "record without a valid date",
                HeadWarning::DateForm => "record whose date has an invalid form",
                HeadWarning::NoType => "record without a type",
            });
        }
        let is_revisit = entry.kind == RecordKind::Revisit;
        let has_body = matches!(entry.kind, RecordKind::Response | RecordKind::Resource);
        let target = entry.target.as_deref().filter(|_| is_revisit || has_body).and_then(|url| Url::parse(url).ok());
        let Some(target) = target.filter(is_web) else { return };
        let date = (!entry.warnings.contains(&HeadWarning::NoDate)).then_some(entry.date);
        let status = if entry.kind == RecordKind::Response { entry.status.unwrap_or(200) } else { 200 };
        let media_type = match entry.status {
            None => entry.field("ARC-Content-Type").or(entry.media_type.as_deref()),
            Some(_) => entry.media_type.as_deref(),
        };
        let is_empty = !is_revisit && entry.payload_digest == Some(Digest::of(b""));
        let capture = Capture { file, offset: entry.offset, date, status, form: Form::of(media_type), is_empty };
        let revisit = is_revisit.then(|| Box::new(Reference::of(entry)));
        let id = if entry.id.as_str().is_empty() { 0 } else { mark(entry.id.as_str()) };
        self.records.push(Indexed { key: key(&UrlKey::of(&target)), id, digest: digest(entry), capture, revisit });
    }

    /// Returns the newest state of each URL. Counts the other states in the reports of their files.
    pub fn states(self, reports: &mut [Report]) -> States {
        let originals = Originals::of(&self.records);
        let mut states = States { all: HashMap::new(), unresolved: Vec::new() };
        for (at, record) in self.records.iter().enumerate() {
            let Some(body) = originals.body(&self.records, at) else {
                reports[record.capture.file].leave_out("unresolved revisit");
                states.unresolved.push(record.capture);
                continue;
            };
            let state = State { record: record.capture, body: self.records[body].capture };
            let older = match states.all.entry(record.key) {
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert(state);
                    continue;
                }
                std::collections::hash_map::Entry::Occupied(mut known) => {
                    let rank = |state: &State| (state.body.is_usable(), state.record.date);
                    // Of two states of one second, the later record is the newer one.
                    if rank(&state) >= rank(known.get()) { known.insert(state) } else { state }
                }
            };
            let what = if older.body.is_usable() { "older capture" } else { "redirect or error" };
            reports[older.record.file].leave_out(what);
        }
        states
    }
}

impl Reference {
    fn of(entry: &Entry) -> Self {
        let uri = entry.field("WARC-Refers-To-Target-URI").map(|uri| uri.trim_matches(['<', '>']));
        let uri = uri.and_then(|uri| Url::parse(uri).ok()).map(|url| key(&UrlKey::of(&url)));
        let date = entry.field("WARC-Refers-To-Date").and_then(|date| date.parse::<Timestamp>().ok());
        let date = date.map(|date| Timestamp::new(date.instant()));
        Self {
            id: entry.refers_to().map_or(0, |id| mark(id.as_str())),
            place: uri.zip(date),
            is_not_modified: entry.field("WARC-Profile").is_some_and(|profile| profile.contains("not-modified")),
        }
    }
}

/// The records that revisits refer to.
#[derive(Default)]
struct Originals {
    by_id: HashMap<Mark, usize>,
    by_place: HashMap<(Key, Timestamp), usize>,
    by_digest: HashMap<PayloadDigest, usize>,
    /// The same of one URL only.
    by_url_and_digest: HashMap<(Key, PayloadDigest), usize>,
    /// The bodies of the URLs with a revisit of a body that was not modified.
    by_url: HashMap<Key, Vec<usize>>,
}

impl Originals {
    fn of(records: &[Indexed]) -> Self {
        let mut found = Self::default();
        let revisits = || records.iter().filter_map(|record| Some((record, record.revisit.as_deref()?)));
        let ids: HashSet<Mark> = revisits().map(|(_, reference)| reference.id).collect();
        let places: HashSet<Key> = revisits().filter_map(|(_, reference)| Some(reference.place?.0)).collect();
        let digests: HashSet<PayloadDigest> = revisits().filter_map(|(record, _)| record.digest).collect();
        let unmodified: HashSet<Key> =
            revisits().filter(|(_, reference)| reference.is_not_modified).map(|(record, _)| record.key).collect();
        for (at, record) in records.iter().enumerate() {
            if record.id != 0 && ids.contains(&record.id) {
                found.by_id.entry(record.id).or_insert(at);
            }
            if let Some(date) = record.capture.date.filter(|_| places.contains(&record.key)) {
                let known = found.by_place.entry((record.key, date)).or_insert(at);
                // A revisit of the same second does not hide the body.
                if records[*known].revisit.is_some() {
                    *known = at;
                }
            }
            if record.revisit.is_some() {
                continue;
            }
            if let Some(digest) = record.digest.filter(|digest| digests.contains(digest)) {
                found.by_digest.entry(digest).or_insert(at);
                found.by_url_and_digest.entry((record.key, digest)).or_insert(at);
            }
            if unmodified.contains(&record.key) {
                found.by_url.entry(record.key).or_default().push(at);
            }
        }
        found
    }

    /// Returns the record with the body of a record: itself, or the one that a revisit refers to.
    fn body(&self, records: &[Indexed], at: usize) -> Option<usize> {
        let wanted = records[at].digest;
        let mut at = at;
        for _ in 0..MAX_DEPTH {
            let record = &records[at];
            let Some(reference) = &record.revisit else { return Some(at) };
            let agrees = |at: &usize| match (wanted, records[*at].digest) {
                (Some(wanted), Some(found)) => wanted == found || wanted.algorithm != found.algorithm,
                _ => true,
            };
            let by_id = || self.by_id.get(&reference.id).copied().filter(agrees);
            let by_place = || self.by_place.get(&reference.place?).copied().filter(agrees);
            let by_digest = || {
                let of_url = self.by_url_and_digest.get(&(record.key, wanted?));
                of_url.or_else(|| self.by_digest.get(&wanted?)).copied()
            };
            let by_url = || {
                let bodies = self.by_url.get(&record.key).filter(|_| reference.is_not_modified)?;
                let is_before = |at: &&usize| {
                    records[**at].capture.is_usable() && records[**at].capture.date <= record.capture.date
                };
                bodies.iter().filter(is_before).max_by_key(|at| records[**at].capture.date).copied()
            };
            let other = |found: &usize| *found != at;
            at = by_id().filter(other).or_else(|| by_place().filter(other)).or_else(by_digest).or_else(by_url)?;
        }
        None
    }
}

/// Returns the key of a URL.
pub(super) fn key(url: &UrlKey) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(&Digest::of(url.as_str().as_bytes()).as_bytes()[..16]);
    key
}

fn mark(text: &str) -> Mark {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&Digest::of(text.as_bytes()).as_bytes()[..8]);
    Mark::from_be_bytes(bytes)
}

/// Returns the payload digest that a record states, or else the one of its bytes.
fn digest(entry: &Entry) -> Option<PayloadDigest> {
    let computed = || stated_digest(&format!("sha256:{}", entry.payload_digest?));
    entry.field("WARC-Payload-Digest").and_then(stated_digest).or_else(computed)
}

/// Returns a digest such as `sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ`, in base 32 or in hexadecimal digits.
fn stated_digest(text: &str) -> Option<PayloadDigest> {
    let (algorithm, value) = text.split_once(':')?;
    let (algorithm, value) = (algorithm.to_ascii_lowercase().replace('-', ""), value.trim());
    let hex_length = match algorithm.as_str() {
        "md5" => 32,
        "sha1" => 40,
        "sha256" => 64,
        _ => return Some(PayloadDigest { algorithm: mark(&algorithm), value: mark(value) }),
    };
    let hex = if value.len() == hex_length { value.to_ascii_lowercase() } else { hex_of_base_32(value)? };
    Some(PayloadDigest { algorithm: mark(&algorithm), value: mark(&hex) })
}

/// Converts base 32 (RFC 4648, in any case, with or without padding) to hexadecimal digits.
fn hex_of_base_32(text: &str) -> Option<String> {
    let (mut bits, mut count, mut hex) = (0u32, 0, String::new());
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        (bits, count) = (bits << 5 | u32::from(value), count + 5);
        if count >= 8 {
            count -= 8;
            hex.push_str(&format!("{:02x}", bits >> count & 0xff));
        }
    }
    Some(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_same_in_either_base() {
        let base_32 = stated_digest("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ");
        assert_eq!(base_32, stated_digest("SHA-1:da39a3ee5e6b4b0d3255bfef95601890afd80709"));
        assert!(base_32.is_some() && stated_digest("sha1:?").is_none());
    }
}
