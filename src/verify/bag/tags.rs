//! Reads and checks the tag files of a bag: `bagit.txt`, `bag-info.txt` and `fetch.txt`.

use std::collections::BTreeMap;
use std::io::Read;

use encoding_rs::{Encoding, UTF_8};

use super::paths;
use crate::bundle::Tree;
use crate::model::FindingKind::{Malformed, Missing, Warning};
use crate::verify::VerifyError;
use crate::verify::findings::Findings;

const DECLARATION: &str = "bagit.txt";
const KNOWN: [&str; 6] = ["0.93", "0.94", "0.95", "0.96", "0.97", "1.0"];
/// The maximum size of a tag file that is not a manifest, in bytes.
const MAX_BYTES: u64 = 1 << 24;

/// The bag declaration (`bagit.txt`).
pub(super) struct BagDeclaration {
    /// The version of BagIt.
    version: String,
    /// The encoding of the other tag files.
    pub encoding: &'static Encoding,
}

impl BagDeclaration {
    /// Returns whether the version is 1.0, the final standard.
    pub fn is_final(&self) -> bool {
        self.version == "1.0"
    }

    /// Decodes a tag file.
    pub fn decode(&self, bytes: &[u8]) -> String {
        self.encoding.decode(bytes).0.into_owned()
    }
}

/// Reads `bagit.txt`. If it is missing or malformed, which is reported, version 1.0 in UTF-8 is assumed.
pub(super) fn declaration(tree: &Tree, found: &mut Findings) -> Result<BagDeclaration, VerifyError> {
    let mut declared = BagDeclaration { version: "1.0".to_owned(), encoding: UTF_8 };
    let Some(bytes) = read(tree, DECLARATION, found) else {
        if !tree.is_file(DECLARATION) {
            found.add(Missing, DECLARATION, "the declaration of a bag", "nothing");
        }
        return Ok(declared);
    };
    let mut malformed = |expected: &str, what: String| found.add(Malformed, DECLARATION, expected, what);
    let Ok(text) = std::str::from_utf8(&bytes) else {
        malformed("UTF-8", "other bytes".to_owned());
        return Ok(declared);
    };
    if text.starts_with('\u{feff}') {
        malformed("no byte order mark", "one".to_owned());
    }
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let version = lines.next().unwrap_or_default();
    match version.strip_prefix("BagIt-Version: ").map(str::trim_end) {
        Some(number) if KNOWN.contains(&number) => declared.version = number.to_owned(),
        Some(number) if is_later(number) => {
            let found = format!("a bag of BagIt {number}");
            return Err(VerifyError::NewerBundle { path: tree.path(), found, known: "BagIt 0.93 to 1.0" });
        }
        _ => malformed("`BagIt-Version: M.N` with a version from 0.93 to 1.0", format!("`{version}`")),
    }
    let encoding = lines.next().unwrap_or_default();
    match encoding.strip_prefix("Tag-File-Character-Encoding: ") {
        Some(label) => match Encoding::for_label(label.trim_end().as_bytes()) {
            // Without a mark UTF-16 is big-endian (RFC 2781).
            Some(_) if label.trim_end().eq_ignore_ascii_case("utf-16") => declared.encoding = encoding_rs::UTF_16BE,
            Some(known) => declared.encoding = known,
            None => malformed("a known encoding", format!("`{}`", label.trim_end())),
        },
        None => malformed("`Tag-File-Character-Encoding: `", format!("`{encoding}`")),
    }
    if let Some(line) = lines.next() {
        malformed("two lines", format!("a third, `{line}`"));
    }
    Ok(declared)
}

fn is_later(number: &str) -> bool {
    let part = |text: &str| text.parse::<u32>().ok();
    number
        .split_once('.')
        .and_then(|(major, minor)| Some((part(major)?, part(minor)?)))
        .is_some_and(|version| version > (1, 0))
}

/// The labels and values of `bag-info.txt`, in order.
pub(super) struct BagInfo {
    /// The file that they were read from.
    pub path: String,
    pairs: Vec<(String, String)>,
}

impl BagInfo {
    /// Returns the first value with this label, ignoring case; None if there is none.
    pub fn first(&self, label: &str) -> Option<&str> {
        self.pairs.iter().find(|(name, _)| name.eq_ignore_ascii_case(label)).map(|(_, value)| value.as_str())
    }
}

/// Reads `bag-info.txt`, or `package-info.txt` of versions before 0.95. Empty if there is neither, which is allowed.
pub(super) fn info(tree: &Tree, declaration: &BagDeclaration, found: &mut Findings) -> BagInfo {
    let path =
        ["bag-info.txt", "package-info.txt"].into_iter().find(|path| tree.is_file(path)).unwrap_or("bag-info.txt");
    let mut info = BagInfo { path: path.to_owned(), pairs: Vec::new() };
    if !tree.is_file(path) {
        return info;
    }
    let Some(bytes) = read(tree, path, found) else { return info };
    for line in declaration.decode(&bytes).lines().filter(|line| !line.trim().is_empty()) {
        match (line.starts_with([' ', '\t']), line.split_once(':'), info.pairs.last_mut()) {
            (true, _, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (_, Some((label, value)), _) => {
                if label.trim() != label {
                    found.add(Warning, path, "a label right before its colon", format!("`{label}:`"));
                }
                info.pairs.push((label.trim().to_owned(), value.trim().to_owned()));
            }
            _ => found.add(Malformed, path, "`Label: value`", format!("`{line}`")),
        }
    }
    for label in ["Payload-Oxum", "Bagging-Date", "Bag-Size"] {
        if info.pairs.iter().filter(|(name, _)| name.eq_ignore_ascii_case(label)).count() > 1 {
            found.add(Warning, path, format!("{label} once"), "several times");
        }
    }
    info
}

/// Returns the URLs of `fetch.txt` by path. Nothing is downloaded.
pub(super) fn fetch(tree: &Tree, declaration: &BagDeclaration, found: &mut Findings) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    if !tree.is_file("fetch.txt") {
        return all;
    }
    let Some(bytes) = read(tree, "fetch.txt", found) else { return all };
    for line in declaration.decode(&bytes).lines().filter(|line| !line.trim().is_empty()) {
        let mut parts = line.splitn(3, [' ', '\t']);
        let (url, length, path) = (parts.next().unwrap_or_default(), parts.next(), parts.next().unwrap_or_default());
        let path = paths::decode(path.trim_start());
        let length_fits = length.is_some_and(|length| length == "-" || length.parse::<u64>().is_ok());
        if !length_fits || paths::escapes(&path) {
            found.add(Malformed, "fetch.txt", "a URL, a length or `-`, and a path in the bag", format!("`{line}`"));
            continue;
        }
        if !path.starts_with("data/") && !tree.is_file(&path) {
            // Old bags omit the folder.
            found.add(Warning, "fetch.txt", "a path in data/", path.as_str());
            continue;
        }
        all.insert(path, url.to_owned());
    }
    all
}

fn read(tree: &Tree, path: &str, found: &mut Findings) -> Option<Vec<u8>> {
    if tree.length(path)? > MAX_BYTES {
        found.add(Malformed, path, format!("at most {MAX_BYTES} bytes"), "more");
        return None;
    }
    let mut bytes = Vec::new();
    let opened = tree.open(path).and_then(|opened| opened.bytes.take(MAX_BYTES).read_to_end(&mut bytes));
    match opened {
        Ok(_) => Some(bytes),
        Err(error) => {
            found.add(Malformed, path, "a file that can be read to its end", error.to_string());
            None
        }
    }
}
