//! Checks the index of a WACZ: every line must point to its record, and every record must have a line.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::blocks;
use super::lines::{MAX_LINE, each_line, short};
use super::warcs::{Records, ShortDigest};
use crate::bundle::{Maker, Tree, surt};
use crate::model::FindingKind::{Malformed, Warning};
use crate::verify::findings::{Findings, MAX_LISTED};

/// The URL and the timestamp of every line of all indexes, sorted.
#[derive(Default)]
pub(super) struct IndexLines(Vec<(ShortDigest, u64)>);

impl IndexLines {
    /// Returns whether a line has this URL.
    pub fn has(&self, url: &str) -> bool {
        let short_digest = ShortDigest::of(url);
        let at = self.0.partition_point(|(other, _)| *other < short_digest);
        self.0.get(at).is_some_and(|(other, _)| *other == short_digest)
    }

    /// Returns whether a line has this URL and timestamp.
    pub fn has_at(&self, url: &str, moment: u64) -> bool {
        self.0.binary_search(&(ShortDigest::of(url), moment)).is_ok()
    }
}

/// Returns whether a path is that of an index, not of a list of its blocks.
pub(super) fn is_cdx(path: &str) -> bool {
    [".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz"].iter().any(|end| path.ends_with(end))
}

/// Checks all indexes, and returns their lines.
pub(super) fn check(
    tree: &Tree,
    files: &[String],
    records: &mut Records,
    maker: Maker,
    found: &mut Findings,
) -> IndexLines {
    let mut lines = IndexLines::default();
    for path in files.iter().filter(|path| path.starts_with("indexes/")) {
        if is_cdx(path) {
            let mut checker = IndexChecker { path, records, maker, lines: &mut lines, found, last: String::new() };
            if let Err(error) = checker.file(tree) {
                found.add(Malformed, path, "an index that can be read to its end", error.to_string());
            }
        } else if path.ends_with(".idx") {
            blocks::check(tree, path, found);
        }
    }
    lines.0.sort_unstable();
    lines.0.dedup();
    let kind = if maker.is_bindery() { Malformed } else { Warning };
    for (name, offset) in records.without_line().take(MAX_LISTED) {
        let path = format!("archive/{name}");
        found.add(kind, &path, format!("an index line for the record at byte {offset}"), "none");
    }
    lines
}

/// Checks the lines of one index.
struct IndexChecker<'a> {
    path: &'a str,
    records: &'a mut Records,
    maker: Maker,
    lines: &'a mut IndexLines,
    found: &'a mut Findings,
    last: String,
}

impl IndexChecker<'_> {
    fn file(&mut self, tree: &Tree) -> io::Result<()> {
        let bytes = tree.open(self.path)?.bytes;
        let source: Box<dyn Read> =
            if self.path.ends_with(".gz") { Box::new(MultiGzDecoder::new(bytes)) } else { Box::new(bytes) };
        each_line(source, MAX_LINE, |line| match line {
            Some(line) => self.line(line),
            None => self.fault("lines in UTF-8", "other bytes".to_owned()),
        })
    }

    fn line(&mut self, line: &str) {
        if *line < *self.last {
            self.fault("lines in order", format!("`{}`", short(line)));
        }
        line.clone_into(&mut self.last);
        let mut parts = line.splitn(3, ' ');
        let (key, moment, json) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
        let Some(Value::Object(fields)) = json.and_then(|json| serde_json::from_str(json).ok()) else {
            return self.fault("a key, a timestamp and a JSON object", format!("`{}`", short(line)));
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
        let Some(known) = self.records.at(&name, offset) else {
            let at = number("offset").map_or_else(|| "no offset".to_owned(), |offset| format!("offset {offset}"));
            return self.fault(&place, format!("{at}, where no record begins"));
        };
        known.has_line = true;
        let mut faults = Vec::new();
        if known.url != ShortDigest::of(&url) {
            faults.push((place.clone(), format!("that of another URL at offset {offset}")));
        }
        // Programs built on warcio leave out the two line ends after an uncompressed record.
        let without_end = (!self.maker.is_bindery() && !name.ends_with(".gz")).then(|| known.length.saturating_sub(4));
        let length = number("length");
        if length != Some(known.length) && (length.is_none() || length != without_end) {
            let stated = number("length").map_or_else(|| "none".to_owned(), |length| length.to_string());
            faults.push((format!("{} bytes for {place}", known.length), stated));
        }
        if moment.parse() != Ok(known.moment) {
            faults.push((format!("the timestamp {} for {place}", known.moment), short(moment)));
        }
        let digest = text("digest");
        let forms = known.digests();
        let bare = |digest: &str| digest.split_once(':').map_or(digest.to_owned(), |(_, value)| value.to_owned());
        let is_known = forms.iter().any(|known| *known == digest || bare(known) == bare(&digest));
        let has_none = matches!(digest.as_str(), "" | "-");
        if !is_known && !(has_none && (!self.maker.is_bindery() || forms.is_empty())) {
            let expected = forms.first().map_or("-", String::as_str);
            faults.push((format!("the digest {expected} for {place}"), digest));
        }
        if self.maker.is_bindery() && key != surt(&url) {
            faults.push((format!("the key {} for {place}", surt(&url)), short(key)));
        }
        faults.into_iter().for_each(|(expected, found)| self.fault(&expected, found));
        self.lines.0.push((ShortDigest::of(&url), moment.parse().unwrap_or_default()));
    }

    fn fault(&mut self, expected: &str, found: String) {
        self.found.line(self.path, "lines that point to their records", expected, &found);
    }
}
