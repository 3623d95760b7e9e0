//! The captures of a WACZ, record by record.

use std::collections::BTreeMap;

use crate::bundle::Tree;
use crate::model::Digest;
use crate::model::FindingKind::Malformed;
use crate::verify::found::Found;
use crate::warc::{self, RecordKind};

/// Faults of one file that are told one by one.
const MAX_TOLD: usize = 20;

/// What stands for a URL or a record's id where very many of them are held: the first half of its SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark([u8; 16]);

impl Mark {
    pub fn of(text: &str) -> Self {
        let digest = Digest::of(text.as_bytes());
        Self(std::array::from_fn(|at| digest.as_bytes()[at]))
    }
}

/// A record that an index must lead to.
pub(super) struct Known {
    offset: u64,
    pub length: u64,
    /// Its URL.
    pub url: Mark,
    /// `20261123085855`.
    pub moment: u64,
    /// Whether a line of an index leads to it.
    pub has_line: bool,
    payload: Option<Digest>,
    /// The payload's digest as the record states it, where that is another form.
    stated: Option<Box<str>>,
}

impl Known {
    /// The payload's digest, in every form in which an index may have it.
    pub fn digests(&self) -> Vec<String> {
        let payload = self.payload.map(|digest| format!("sha256:{digest}"));
        payload.into_iter().chain(self.stated.as_deref().map(str::to_owned)).collect()
    }
}

/// Records by file name, in the order in which they stand in the file.
#[derive(Default)]
pub(super) struct Records(BTreeMap<String, Vec<Known>>);

impl Records {
    /// The record that begins at this byte of a file.
    pub fn at(&mut self, name: &str, offset: u64) -> Option<&mut Known> {
        let records = self.0.get_mut(name)?;
        let at = records.binary_search_by_key(&offset, |known| known.offset).ok()?;
        records.get_mut(at)
    }

    /// File name and offset of the records to which no line leads.
    pub fn without_line(&self) -> impl Iterator<Item = (&str, u64)> {
        let all = self.0.iter().flat_map(|(name, records)| records.iter().map(move |known| (name.as_str(), known)));
        all.filter(|(_, known)| !known.has_line).map(|(name, known)| (name, known.offset))
    }
}

/// Goes through every capture. What is damaged, and a revisit of a record that is not there, is told.
pub(super) fn read(tree: &Tree, files: &[String], own: bool, threads: usize, found: &mut Found) -> Records {
    let warcs: Vec<&String> = files.iter().filter(|path| path.starts_with("archive/")).collect();
    let mut all = Vec::new();
    for some in warcs.chunks(threads.max(1)) {
        std::thread::scope(|scope| {
            let running: Vec<_> = some.iter().map(|path| scope.spawn(|| (*path, one(tree, path, own)))).collect();
            // A thread that panicked has no result, and its file is told.
            all.extend(running.into_iter().zip(some).map(|(thread, path)| {
                thread.join().unwrap_or_else(|_| {
                    (path, Through { faults: vec!["cannot be gone through".to_owned()], ..Through::default() })
                })
            }));
        });
    }
    let mut records = Records::default();
    let mut payloads: Vec<(Mark, Option<Digest>)> = Vec::new();
    for (path, through) in &mut all {
        for fault in &through.faults {
            found.add(Malformed, path, "a WARC file whose records are whole", fault);
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        records.0.entry(name.to_owned()).or_default().append(&mut through.records);
        payloads.append(&mut through.payloads);
    }
    payloads.sort_unstable_by_key(|(id, _)| *id);
    for (path, through) in &all {
        let lost = |revisit: &&Revisit| {
            let at = payloads.partition_point(|(id, _)| *id < revisit.original);
            let mut same = payloads[at..].iter().take_while(|(id, _)| *id == revisit.original);
            !same.any(|(_, payload)| *payload == Some(revisit.payload))
        };
        if let Some(revisit) = through.revisits.iter().find(lost) {
            let expected = format!("the record for which the one at byte {} stands", revisit.offset);
            found.add(Malformed, path, expected, "no such record with that payload");
        }
    }
    records
}

/// A record that stands for another one.
struct Revisit {
    offset: u64,
    /// The other one's id.
    original: Mark,
    payload: Digest,
}

/// A file as it was gone through.
#[derive(Default)]
struct Through {
    records: Vec<Known>,
    /// Payloads by the ids of their records, where revisits are followed.
    payloads: Vec<(Mark, Option<Digest>)>,
    revisits: Vec<Revisit>,
    faults: Vec<String>,
}

fn one(tree: &Tree, path: &str, own: bool) -> Through {
    let mut through = Through::default();
    let source = match tree.open(path) {
        Ok(opened) => opened.bytes,
        Err(error) => return Through { faults: vec![error.to_string()], ..through },
    };
    let reader = if own { warc::Reader::strict(source) } else { warc::Reader::new(source) };
    for entry in reader {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                if through.faults.len() < MAX_TOLD {
                    through.faults.push(error.to_string());
                }
                continue;
            }
        };
        // What revisits of others refer to may lie elsewhere.
        if let (Some(original), Some(payload), true) = (entry.refers_to(), entry.revisited_payload(), own) {
            let original = Mark::of(original.as_str());
            through.revisits.push(Revisit { offset: entry.offset, original, payload });
        }
        if !matches!(entry.kind, RecordKind::Response | RecordKind::Resource | RecordKind::Revisit) {
            continue;
        }
        if own {
            through.payloads.push((Mark::of(entry.id.as_str()), entry.payload_digest));
        }
        let canonical = entry.payload_digest.map(|digest| format!("sha256:{digest}"));
        let stated = entry.field("WARC-Payload-Digest").filter(|stated| canonical.as_deref() != Some(*stated));
        let moment: String = entry.date.compact().chars().filter(char::is_ascii_digit).collect();
        through.records.push(Known {
            offset: entry.offset,
            length: entry.length,
            url: Mark::of(entry.target.as_deref().unwrap_or_default()),
            moment: moment.parse().unwrap_or_default(),
            has_line: false,
            payload: entry.payload_digest,
            stated: stated.map(Into::into),
        });
    }
    through
}
