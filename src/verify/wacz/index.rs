//! The index of a WACZ: every line lands on the record that it names, and every record has a line.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::warcs::Records;
use crate::bundle::{Tree, surt};
use crate::model::FindingKind::{Malformed, Missing, Warning};
use crate::verify::found::Found;

/// Longer than any line.
const MAX_LINE: u64 = 1 << 20;
/// Faults of one index that are told one by one.
const MAX_TOLD: usize = 100;

/// What the indexes list.
#[derive(Default)]
pub(super) struct Lines {
    /// Address → moments.
    pub moments: BTreeMap<String, BTreeSet<String>>,
    /// File name and offset of the records that have a line.
    landed: HashSet<(String, u64)>,
}

/// Whether a path is that of an index, and not of a list of its blocks.
pub(super) fn is_cdx(path: &str) -> bool {
    [".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz"].iter().any(|end| path.ends_with(end))
}

/// Checks every index.
pub(super) fn check(tree: &Tree, files: &[String], records: &Records, own: bool, found: &mut Found) -> Lines {
    let mut lines = Lines::default();
    for path in files.iter().filter(|path| path.starts_with("indexes/")) {
        if is_cdx(path) {
            let mut checking = Checking { path, records, own, lines: &mut lines, found, told: 0, last: String::new() };
            if let Err(error) = checking.file(tree) {
                found.add(Malformed, path, "an index that can be read to its end", error.to_string());
            }
        } else if path.ends_with(".idx") {
            blocks(tree, path, found);
        }
    }
    let mut unlisted: Vec<_> = records.iter().filter(|(place, _)| !lines.landed.contains(*place)).collect();
    unlisted.sort_by_key(|(place, _)| (*place).clone());
    let kind = if own { Malformed } else { Warning };
    for ((name, offset), known) in unlisted.into_iter().take(MAX_TOLD) {
        let path = format!("archive/{name}");
        found.add(kind, &path, format!("an index line for {} at byte {offset}", known.url), "none");
    }
    lines
}

struct Checking<'a> {
    path: &'a str,
    records: &'a Records,
    own: bool,
    lines: &'a mut Lines,
    found: &'a mut Found,
    told: usize,
    last: String,
}

impl Checking<'_> {
    fn file(&mut self, tree: &Tree) -> std::io::Result<()> {
        let bytes = tree.open(self.path)?.bytes;
        let source: Box<dyn Read> =
            if self.path.ends_with(".gz") { Box::new(MultiGzDecoder::new(bytes)) } else { Box::new(bytes) };
        let mut source = BufReader::with_capacity(1 << 16, source);
        let mut line = Vec::new();
        loop {
            line.clear();
            if (&mut source).take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            match std::str::from_utf8(&line) {
                Ok(text) if text.starts_with("!meta") || text.trim().is_empty() => {}
                Ok(text) => self.line(text.trim_end_matches(['\n', '\r'])),
                Err(_) => self.fault("lines in UTF-8", "other bytes".to_owned()),
            }
        }
    }

    fn line(&mut self, line: &str) {
        if *line < *self.last {
            self.fault("lines in order", format!("`{}`", short(line)));
        }
        line.clone_into(&mut self.last);
        let mut parts = line.splitn(3, ' ');
        let (key, moment, json) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
        let Some(Value::Object(fields)) = json.and_then(|json| serde_json::from_str(json).ok()) else {
            return self.fault("a key, a moment and a JSON object", format!("`{}`", short(line)));
        };
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = |name: &str| match fields.get(name) {
            Some(Value::String(text)) => text.parse::<u64>().ok(),
            Some(value) => value.as_u64(),
            None => None,
        };
        let (url, name) = (text("url"), text("filename"));
        let name = name.strip_prefix("archive/").unwrap_or(&name).to_owned();
        let offset = number("offset").unwrap_or(u64::MAX);
        let place = format!("the record of {} in {name}", short(&url));
        let Some(known) = self.records.get(&(name.clone(), offset)) else {
            let at = number("offset").map_or_else(|| "no offset".to_owned(), |offset| format!("offset {offset}"));
            return self.fault(&place, format!("{at}, where no record begins"));
        };
        if known.url != url {
            self.fault(&place, format!("that of {} at offset {offset}", short(&known.url)));
        }
        if number("length") != Some(known.length) {
            self.fault(&format!("{} bytes for {place}", known.length), format!("{:?}", number("length")));
        }
        if known.moment != moment {
            self.fault(&format!("the moment {} for {place}", known.moment), short(moment));
        }
        let digest = text("digest");
        let bare = |digest: &str| digest.split_once(':').map_or(digest.to_owned(), |(_, value)| value.to_owned());
        let is_known = known.digests.iter().any(|known| *known == digest || bare(known) == bare(&digest));
        let has_none = matches!(digest.as_str(), "" | "-");
        if !is_known && !(has_none && (!self.own || known.digests.is_empty())) {
            self.fault(
                &format!("the digest {} for {place}", known.digests.first().map_or("-", String::as_str)),
                digest,
            );
        }
        if self.own && key != surt(&url) {
            self.fault(&format!("the key {} for {place}", surt(&url)), short(key));
        }
        self.lines.landed.insert((name, offset));
        self.lines.moments.entry(url).or_default().insert(moment.to_owned());
    }

    fn fault(&mut self, expected: &str, found: String) {
        self.told += 1;
        match self.told {
            1..=MAX_TOLD => self.found.add(Malformed, self.path, expected, found),
            _ => self.found.add(Malformed, self.path, "lines that lead to their records", "more faults than are told"),
        }
    }
}

/// A list of blocks: each is a gzip member of its index, with the digest stated, that begins with the key stated.
fn blocks(tree: &Tree, path: &str, found: &mut Found) {
    let text =
        super::super::whole(tree, path, super::MAX_JSON).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = match text {
        Ok(text) => text,
        Err(error) => return found.add(Malformed, path, "a file that can be read to its end", error.to_string()),
    };
    let mut ends: BTreeMap<String, u64> = BTreeMap::new();
    let mut packed: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with("!meta")).take(1 << 20) {
        let json = line.find('{').and_then(|at| serde_json::from_str::<Value>(&line[at..]).ok());
        let Some(json) = json else {
            found.add(Malformed, path, "a key and a JSON object", format!("`{}`", short(line)));
            continue;
        };
        let number = |name: &str| json.get(name).and_then(Value::as_u64).unwrap_or_default();
        let name = json.get("filename").and_then(Value::as_str).unwrap_or("index.cdx.gz");
        let index = format!("indexes/{name}");
        let block = tree.length(&index).filter(|_| !name.contains('/')).and_then(|all| {
            let end = number("offset").checked_add(number("length")).filter(|end| *end <= all)?;
            ends.insert(index.clone(), end);
            if !packed.contains_key(&index) {
                packed.insert(index.clone(), super::super::whole(tree, &index, super::MAX_JSON).ok()?);
            }
            let (from, to) = (usize::try_from(number("offset")).ok()?, usize::try_from(end).ok()?);
            packed.get(&index)?.get(from..to).map(<[u8]>::to_vec)
        });
        let Some(block) = block else {
            found.add(Malformed, path, format!("a block of {index}"), format!("`{}`", short(line)));
            continue;
        };
        let stated = json.get("digest").and_then(Value::as_str).and_then(|digest| digest.strip_prefix("sha256:"));
        let actual: String = Sha256::digest(&block).iter().map(|byte| format!("{byte:02x}")).collect();
        if stated.is_some_and(|stated| stated != actual) {
            found.add(Malformed, path, format!("the digest {actual} of a block"), stated.unwrap_or_default());
        }
        let mut first = String::new();
        let begins = BufReader::new(MultiGzDecoder::new(block.as_slice())).take(MAX_LINE).read_line(&mut first);
        let key = line.split(" {").next().unwrap_or_default().trim_end();
        if begins.is_err() || !first.starts_with(key) {
            found.add(Malformed, path, format!("`{}`, with which a block begins", short(&first)), short(key));
        }
    }
    for (index, end) in ends {
        if tree.length(&index) != Some(end) {
            found.add(Missing, path, format!("every block of {index}"), format!("those up to byte {end}"));
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}
