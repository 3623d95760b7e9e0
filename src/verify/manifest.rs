//! Reads manifests strictly.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::model::Digest;

/// Digests by path below the manifest's folder.
pub(super) type Lines = BTreeMap<String, Digest>;

/// The name of every manifest of an archive, and of the manifest of a TextPack.
pub(super) const MANIFEST: &str = "manifest-sha256.txt";
/// The maximum size of a manifest in bytes; more than that of any folder that a file system handles well.
pub(super) const MAX_BYTES: usize = 1 << 30;

/// A manifest on disk.
pub(super) struct Manifest {
    /// Its well-formed lines.
    pub lines: Lines,
    /// What is wrong with the first line that is malformed or out of order; None if there is none.
    pub fault: Option<String>,
    /// The digest of the file itself.
    pub digest: Digest,
    /// When it was last modified.
    pub modified: SystemTime,
}

/// Parses lines in the format of `sha256sum`: 64 lower-case hex digits, two spaces, path, newline; sorted by path, bytewise.
/// Returns the well-formed lines, and what is wrong with the first other one.
pub(super) fn parse(bytes: &[u8]) -> (Lines, Option<String>) {
    let mut lines = Lines::new();
    let mut fault = None;
    let mut last = "";
    for (at, line) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let wrong = match parse_line(line) {
            Err(wrong) => Some(wrong),
            Ok((path, digest)) => {
                lines.insert(path.to_owned(), digest);
                let in_order = path > last;
                last = path;
                (!in_order).then_some("is not in order")
            }
        };
        if let Some(wrong) = wrong {
            fault.get_or_insert_with(|| format!("line {} {wrong}", at + 1));
        }
    }
    (lines, fault)
}

fn parse_line(line: &[u8]) -> Result<(&str, Digest), &'static str> {
    let line = std::str::from_utf8(line).map_err(|_| "is not UTF-8")?;
    let line = line.strip_suffix('\n').ok_or("has no line break at its end")?;
    let (hex, path) = line.split_once("  ").ok_or("has no two spaces after its digest")?;
    let digest = hex.parse().map_err(|_| "does not begin with a SHA-256 digest")?;
    let bad_part = |part: &str| part.is_empty() || part == "." || part == "..";
    if path.split('/').any(bad_part) || path.chars().any(|c| c == '\\' || c.is_control()) {
        return Err("does not contain a valid path");
    }
    Ok((path, digest))
}

/// Returns the digest of the manifest of these files.
pub(super) fn derive(lines: impl Iterator<Item = (String, Digest)>) -> Digest {
    let mut hasher = crate::model::Hasher::new();
    lines.for_each(|(path, digest)| hasher.update(format!("{digest}  {path}\n").as_bytes()));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(path: &str) -> String {
        format!("{}  {path}\n", Digest::of(path.as_bytes()))
    }

    #[test]
    fn lines_in_order_are_accepted() {
        let text = line("README.md") + &line("文/index.md");
        let (lines, fault) = parse(text.as_bytes());
        assert_eq!((lines.len(), fault), (2, None));
        assert_eq!(derive(lines.into_iter()), Digest::of(text.as_bytes()));
    }

    #[test]
    fn every_other_format_is_refused() {
        let good = line("b");
        let cases = [
            good.to_uppercase(),
            good.replace("  ", " *"),
            good.trim_end().to_owned(),
            good.replace('\n', "\r\n"),
            good.clone() + &good,
            good.clone() + &line("a"),
            good.clone() + "\n",
            line("../b"),
            line("a\\b"),
            line("/b"),
        ];
        for text in cases {
            assert!(parse(text.as_bytes()).1.is_some(), "{text:?}");
        }
    }
}
