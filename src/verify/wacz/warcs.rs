//! The captures of a WACZ, record by record.

use std::collections::HashMap;

use crate::bundle::Tree;
use crate::model::Digest;
use crate::model::FindingKind::Malformed;
use crate::verify::found::Found;
use crate::warc::{self, RecordId, RecordKind};

/// A record that an index must lead to.
pub(super) struct Known {
    pub length: u64,
    pub url: String,
    /// `20261123085855`.
    pub moment: String,
    /// The payload's digest, and every form in which the record states it.
    pub digests: Vec<String>,
}

/// Records by file name and offset.
pub(super) type Records = HashMap<(String, u64), Known>;

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
    let mut records = Records::new();
    let mut payloads: HashMap<RecordId, Option<Digest>> = HashMap::new();
    for (path, through) in &mut all {
        for fault in through.faults.iter().take(20) {
            found.add(Malformed, path, "a WARC file whose records are whole", fault);
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        records
            .extend(std::mem::take(&mut through.records).into_iter().map(|(at, known)| ((name.to_owned(), at), known)));
        payloads.extend(std::mem::take(&mut through.payloads));
    }
    for (path, through) in &all {
        let lost =
            |(_, original, payload): &&(RecordId, RecordId, Digest)| payloads.get(original) != Some(&Some(*payload));
        if let Some((id, original, _)) = through.revisits.iter().find(lost).filter(|_| own) {
            found.add(
                Malformed,
                path,
                format!("record {original}, for which {id} stands"),
                "no such record with that payload",
            );
        }
    }
    records
}

/// A file as it was gone through.
#[derive(Default)]
struct Through {
    records: Vec<(u64, Known)>,
    payloads: Vec<(RecordId, Option<Digest>)>,
    revisits: Vec<(RecordId, RecordId, Digest)>,
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
                through.faults.push(error.to_string());
                continue;
            }
        };
        if let (Some(original), Some(payload)) = (entry.refers_to(), entry.revisited_payload()) {
            through.revisits.push((entry.id.clone(), original, payload));
        }
        if !matches!(entry.kind, RecordKind::Response | RecordKind::Resource | RecordKind::Revisit) {
            continue;
        }
        through.payloads.push((entry.id.clone(), entry.payload_digest));
        let payload = entry.payload_digest.map(|digest| format!("sha256:{digest}"));
        let stated = entry.field("WARC-Payload-Digest").map(str::to_owned);
        let known = Known {
            length: entry.length,
            moment: entry.date.compact().chars().filter(char::is_ascii_digit).collect(),
            digests: payload.into_iter().chain(stated).collect(),
            url: entry.target.unwrap_or_default(),
        };
        through.records.push((entry.offset, known));
    }
    through
}
