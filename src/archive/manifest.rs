//! Manifests: `sha256sum -c` lines, sorted bytewise by path, paths relative to the manifest's folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

use crate::model::Digest;

use super::ArchiveError;
use super::layout::MANIFEST;

/// Path below the manifest's folder → digest. The map's order is the order of the lines.
pub(super) type Lines = BTreeMap<String, Digest>;

/// More than any manifest of a folder that a file system handles well.
const MAX_BYTES: u64 = 1 << 30;

/// A manifest as it stands on disk.
pub(super) struct Found {
    /// Digest of the file itself.
    pub digest: Digest,
    /// When it was written.
    pub modified: SystemTime,
    /// Its well-formed lines.
    pub lines: Lines,
    /// How many lines were not well-formed, and are not in `lines`.
    pub malformed: usize,
}

/// The text of a manifest.
pub(super) fn render(lines: &Lines) -> String {
    lines.iter().map(|(path, digest)| format!("{digest}  {path}\n")).collect()
}

/// Reads the manifest of a folder; None when there is none.
pub(super) fn read(folder: &Path) -> Result<Option<Found>, ArchiveError> {
    let path = folder.join(MANIFEST);
    let fail = |source| ArchiveError::io("read", &path, source);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(error)),
    };
    let modified = file.metadata().and_then(|meta| meta.modified()).map_err(fail)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(fail)?;
    let (lines, malformed) = parse(&bytes);
    Ok(Some(Found { digest: Digest::of(&bytes), modified, lines, malformed }))
}

fn parse(bytes: &[u8]) -> (Lines, usize) {
    let mut lines = Lines::new();
    let mut malformed = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        match parse_line(line) {
            Some((path, digest)) => drop(lines.insert(path.to_owned(), digest)),
            None => malformed += 1,
        }
    }
    (lines, malformed)
}

fn parse_line(line: &[u8]) -> Option<(&str, Digest)> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (hex, path) = line.split_once("  ")?;
    Some((path, hex.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_sha256sum_writes_and_reads_back() {
        let lines = Lines::from([("b/index.md".to_owned(), Digest::of(b"abc")), ("B".to_owned(), Digest::of(b""))]);
        let text = render(&lines);
        assert!(text.starts_with("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  B\n"), "{text}");
        assert_eq!(parse(text.as_bytes()), (lines, 0));
    }

    #[test]
    fn a_broken_line_is_counted_and_the_others_stand() {
        let text = format!("{}  a\nnonsense\n{}  cut", Digest::of(b"a"), Digest::of(b"b"));
        let (lines, malformed) = parse(text.as_bytes());
        assert_eq!((lines.len(), malformed), (1, 2));
    }
}
