//! Checks the captures of a WACZ record by record.

use std::collections::BTreeMap;

use crate::bundle::{Maker, Tree};
use crate::model::Digest;
use crate::model::FindingKind::Malformed;
use crate::verify::findings::Findings;
use crate::warc::{self, RecordKind};

/// The maximum number of malformed records of one file that are listed.
const MAX_LISTED: usize = 20;

/// The first half of the SHA-256 of a URL or a record id, to save memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ShortDigest([u8; 16]);

impl ShortDigest {
    pub fn of(text: &str) -> Self {
        let digest = Digest::of(text.as_bytes());
        Self(std::array::from_fn(|at| digest.as_bytes()[at]))
    }
}

/// A record that must be in an index.
pub(super) struct WarcRecord {
    offset: u64,
    pub length: u64,
    /// Its URL.
    pub url: ShortDigest,
    /// `20261123085855`.
    pub moment: u64,
    /// Whether a line of an index points to it.
    pub has_line: bool,
    payload: Option<Digest>,
    /// The payload's digest as the record states it; None if that is the SHA-256 in `payload`.
    stated: Option<Box<str>>,
}

impl WarcRecord {
    /// Returns the payload's digest in all forms that an index may contain.
    pub fn digests(&self) -> Vec<String> {
        let payload = self.payload.map(|digest| format!("sha256:{digest}"));
        payload.into_iter().chain(self.stated.as_deref().map(str::to_owned)).collect()
    }
}

/// The records by file name, sorted by offset.
#[derive(Default)]
pub(super) struct Records(BTreeMap<String, Vec<WarcRecord>>);

impl Records {
    /// Returns the record at this offset of a file.
    pub fn at(&mut self, name: &str, offset: u64) -> Option<&mut WarcRecord> {
        let records = self.0.get_mut(name)?;
        let at = records.binary_search_by_key(&offset, |record| record.offset).ok()?;
        records.get_mut(at)
    }

    /// Returns file name and offset of the records without a line in an index.
    pub fn without_line(&self) -> impl Iterator<Item = (&str, u64)> {
        let all = self.0.iter().flat_map(|(name, records)| records.iter().map(move |record| (name.as_str(), record)));
        all.filter(|(_, record)| !record.has_line).map(|(name, record)| (name, record.offset))
    }
}

/// Reads all captures, and reports damage and revisits of missing records.
pub(super) fn read(tree: &Tree, files: &[String], maker: Maker, threads: usize, found: &mut Findings) -> Records {
    let warcs: Vec<&String> = files.iter().filter(|path| path.starts_with("archive/")).collect();
    let mut all = Vec::new();
    for some in warcs.chunks(threads.max(1)) {
        std::thread::scope(|scope| {
            let running: Vec<_> =
                some.iter().map(|path| scope.spawn(|| (*path, scan_file(tree, path, maker)))).collect();
            // If a thread panicked, its file is reported.
            all.extend(running.into_iter().zip(some).map(|(thread, path)| {
                thread.join().unwrap_or_else(|_| {
                    (path, WarcScan { faults: vec!["cannot be read".to_owned()], ..WarcScan::default() })
                })
            }));
        });
    }
    let mut records = Records::default();
    let mut payloads: Vec<(ShortDigest, Option<Digest>)> = Vec::new();
    for (path, scan) in &mut all {
        for fault in &scan.faults {
            found.add(Malformed, path, "a WARC file with intact records", fault);
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        records.0.entry(name.to_owned()).or_default().append(&mut scan.records);
        payloads.append(&mut scan.payloads);
    }
    payloads.sort_unstable_by_key(|(id, _)| *id);
    for (path, scan) in &all {
        let lost = |revisit: &&Revisit| {
            let at = payloads.partition_point(|(id, _)| *id < revisit.original);
            let mut same = payloads[at..].iter().take_while(|(id, _)| *id == revisit.original);
            !same.any(|(_, payload)| *payload == Some(revisit.payload))
        };
        if let Some(revisit) = scan.revisits.iter().find(lost) {
            let expected = format!("the original of the revisit at byte {}", revisit.offset);
            found.add(Malformed, path, expected, "no such record with that payload");
        }
    }
    records
}

/// A revisit record.
struct Revisit {
    offset: u64,
    /// The id of its original.
    original: ShortDigest,
    payload: Digest,
}

/// The records and faults of one file.
#[derive(Default)]
struct WarcScan {
    records: Vec<WarcRecord>,
    /// Payloads by the ids of their records; empty unless revisits are checked.
    payloads: Vec<(ShortDigest, Option<Digest>)>,
    revisits: Vec<Revisit>,
    faults: Vec<String>,
}

fn scan_file(tree: &Tree, path: &str, maker: Maker) -> WarcScan {
    let mut scan = WarcScan::default();
    let source = match tree.open(path) {
        Ok(opened) => opened.bytes,
        Err(error) => return WarcScan { faults: vec![error.to_string()], ..scan },
    };
    let reader = if maker.is_bindery() { warc::Reader::strict(source) } else { warc::Reader::new(source) };
    for entry in reader {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                if scan.faults.len() < MAX_LISTED {
                    scan.faults.push(error.to_string());
                }
                continue;
            }
        };
        // In a WACZ of another program the originals may be elsewhere.
        if let (Some(original), Some(payload), true) =
            (entry.refers_to(), entry.revisited_payload(), maker.is_bindery())
        {
            let original = ShortDigest::of(original.as_str());
            scan.revisits.push(Revisit { offset: entry.offset, original, payload });
        }
        if !matches!(entry.kind, RecordKind::Response | RecordKind::Resource | RecordKind::Revisit) {
            continue;
        }
        if maker.is_bindery() {
            scan.payloads.push((ShortDigest::of(entry.id.as_str()), entry.payload_digest));
        }
        let canonical = entry.payload_digest.map(|digest| format!("sha256:{digest}"));
        let stated = entry.field("WARC-Payload-Digest").filter(|stated| canonical.as_deref() != Some(*stated));
        let moment: String = entry.date.compact().chars().filter(char::is_ascii_digit).collect();
        scan.records.push(WarcRecord {
            offset: entry.offset,
            length: entry.length,
            url: ShortDigest::of(entry.target.as_deref().unwrap_or_default()),
            moment: moment.parse().unwrap_or_default(),
            has_line: false,
            payload: entry.payload_digest,
            stated: stated.map(Into::into),
        });
    }
    scan
}
