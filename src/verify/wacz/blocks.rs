//! Checks the list of an index's blocks (ZipNum): consecutive gzip members without gaps.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::lines::{MAX_LINE, each_line, short};
use crate::bundle::Tree;
use crate::model::Digest;
use crate::model::FindingKind::{Malformed, Missing};
use crate::verify::findings::Findings;

/// The maximum size of a compressed block in bytes; blocks have a few thousand lines.
const MAX_BLOCK: u64 = 1 << 24;
/// The maximum number of indexes in one list.
const MAX_INDEXES: usize = 64;

/// An index whose blocks are read in order.
struct IndexFile {
    bytes: Box<dyn Read + Send>,
    /// The offset of the next block.
    at: u64,
}

/// Checks that each block of a list follows the previous one, has the stated digest, and begins with the stated key.
pub(super) fn check(tree: &Tree, path: &str, found: &mut Findings) {
    let mut open: BTreeMap<String, IndexFile> = BTreeMap::new();
    let read = tree.open(path).and_then(|opened| {
        each_line(opened.bytes, MAX_LINE, |line| {
            if let Err((expected, what)) = line.ok_or_else(not_text).and_then(|line| block(tree, line, &mut open)) {
                found.line(path, "lines that lead to their blocks", &expected, &what);
            }
        })
    });
    if let Err(error) = read {
        found.add(Malformed, path, "a file that can be read to its end", error.to_string());
    }
    for (index, IndexFile { at, .. }) in open {
        if tree.length(&index) != Some(at) {
            found.add(Missing, path, format!("every block of {index}"), format!("those up to byte {at}"));
        }
    }
}

fn not_text() -> (String, String) {
    ("lines in UTF-8".to_owned(), "other bytes".to_owned())
}

/// Checks one line. An error holds what was expected and what was found.
fn block(tree: &Tree, line: &str, open: &mut BTreeMap<String, IndexFile>) -> Result<(), (String, String)> {
    let json = line.find('{').and_then(|at| serde_json::from_str::<Value>(&line[at..]).ok());
    let quoted = format!("`{}`", short(line));
    let json = json.ok_or_else(|| ("a key and a JSON object".to_owned(), quoted.clone()))?;
    let number = |name: &str| json.get(name).and_then(Value::as_u64).unwrap_or_default();
    let name = json.get("filename").and_then(Value::as_str).unwrap_or("index.cdx.gz");
    let index = format!("indexes/{name}");
    let none = || (format!("the next block of {index}"), quoted.clone());
    if !open.contains_key(&index) {
        let bytes = tree.open(&index).ok().filter(|_| !name.contains('/') && open.len() < MAX_INDEXES);
        open.insert(index.clone(), IndexFile { bytes: bytes.ok_or_else(none)?.bytes, at: 0 });
    }
    let from = open.get_mut(&index).ok_or_else(none)?;
    if number("offset") != from.at || number("length") > MAX_BLOCK {
        return Err(none());
    }
    let bytes = from.next(number("length")).map_err(|error| (none().0, error.to_string()))?;
    let stated = json.get("digest").and_then(Value::as_str).and_then(|digest| digest.strip_prefix("sha256:"));
    let actual = Digest::of(&bytes).hex();
    if let Some(stated) = stated.filter(|stated| *stated != actual) {
        return Err((format!("the digest {actual} of a block"), stated.to_owned()));
    }
    let mut first = String::new();
    let begins = BufReader::new(MultiGzDecoder::new(bytes.as_slice())).take(MAX_LINE).read_line(&mut first);
    let key = line.split(" {").next().unwrap_or_default().trim_end();
    match begins.is_ok() && first.starts_with(key) {
        true => Ok(()),
        false => Err((format!("`{}`, the first key of the block", short(&first)), short(key))),
    }
}

impl IndexFile {
    fn next(&mut self, length: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&mut self.bytes).take(length).read_to_end(&mut bytes)?;
        self.at += bytes.len() as u64;
        match bytes.len() as u64 == length {
            true => Ok(bytes),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
