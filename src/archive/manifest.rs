//! Manifests: `sha256sum -c` lines, sorted bytewise by path, paths relative to the manifest's folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

use crate::model::Digest;

use super::ArchiveError;
use super::layout::MANIFEST;

/// Path below the manifest's folder → digest, in the order of the lines.
pub(super) type Lines = BTreeMap<String, Digest>;

/// The maximum size of a manifest in bytes. No folder that a file system handles well needs more.
const MAX_BYTES: u64 = 1 << 30;

/// A manifest on disk.
pub(super) struct Manifest {
    /// The digest of the file itself.
    pub digest: Digest,
    /// When the file was written.
    pub modified: SystemTime,
    /// Its well-formed lines.
    pub lines: Lines,
    /// The number of malformed lines; they are not in `lines`.
    pub malformed: usize,
}

/// Path below the manifest's folder → its new digest; `None` if the file was removed.
pub(super) type Changes = BTreeMap<String, Option<Digest>>;

/// Returns a manifest's bytes with changes applied. Other lines are kept unchanged, even malformed ones, so that damage
/// remains visible.
pub(super) fn merged(old: &[u8], changes: &Changes) -> Vec<u8> {
    let mut new = Vec::with_capacity(old.len() + changes.len() * 128);
    let mut changes = changes.iter().peekable();
    let put = |new: &mut Vec<u8>, path: &str, digest: &Option<Digest>| {
        if let Some(digest) = digest {
            new.extend_from_slice(format!("{digest}  {path}\n").as_bytes());
        }
    };
    // Unchanged lines are copied in ranges, because the manifest of a large folder has very many lines.
    let (mut copied, mut at) = (0, 0);
    while let Some((next, _)) = changes.peek()
        && at < old.len()
    {
        let end = memchr::memchr(b'\n', &old[at..]).map_or(old.len(), |length| at + length + 1);
        if let Some(path) = path_of(&old[at..end]).filter(|path| next.as_bytes() <= *path) {
            new.extend_from_slice(&old[copied..at]);
            copied = at;
            while let Some((change, digest)) = changes.next_if(|(change, _)| change.as_bytes() < path) {
                put(&mut new, change, digest);
            }
            if let Some((change, digest)) = changes.next_if(|(change, _)| change.as_bytes() == path) {
                put(&mut new, change, digest);
                copied = end;
            }
        }
        at = end;
    }
    new.extend_from_slice(&old[copied..]);
    changes.for_each(|(change, digest)| put(&mut new, change, digest));
    new
}

/// Returns the path in a line that ends with a newline.
fn path_of(line: &[u8]) -> Option<&[u8]> {
    line.strip_suffix(b"\n")?.get(66..).filter(|path| !path.is_empty())
}

/// Returns the bytes of a folder's manifest; `None` if there is none.
pub(super) fn bytes(folder: &Path) -> Result<Option<Vec<u8>>, ArchiveError> {
    Ok(open(folder)?.map(|(bytes, _)| bytes))
}

/// Reads the manifest of a folder; `None` if there is none.
pub(super) fn read(folder: &Path) -> Result<Option<Manifest>, ArchiveError> {
    Ok(open(folder)?.map(|(bytes, modified)| {
        let (lines, malformed) = parse(&bytes);
        Manifest { digest: Digest::of(&bytes), modified, lines, malformed }
    }))
}

/// Returns the bytes of a folder's manifest and when it was last modified; `None` if there is none.
fn open(folder: &Path) -> Result<Option<(Vec<u8>, SystemTime)>, ArchiveError> {
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
    Ok(Some((bytes, modified)))
}

/// Returns the digest of a folder's manifest; `None` if there is none.
pub(super) fn digest(folder: &Path) -> Result<Option<Digest>, ArchiveError> {
    Ok(bytes(folder)?.map(|bytes| Digest::of(&bytes)))
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
    fn a_manifest_has_the_form_of_sha256sum() {
        let lines = Lines::from([("b/index.md".to_owned(), Digest::of(b"abc")), ("B".to_owned(), Digest::of(b""))]);
        let changes = lines.iter().map(|(path, digest)| (path.clone(), Some(*digest))).collect();
        let bytes = merged(b"", &changes);
        assert!(bytes.starts_with(b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  B\n"));
        assert_eq!(parse(&bytes), (lines, 0));
    }

    #[test]
    fn changes_are_sorted_in_and_other_lines_are_kept() {
        let line = |path: &str, text: &[u8]| format!("{}  {path}\n", Digest::of(text));
        let old = line("b", b"1") + "nonsense\n" + &line("d", b"1") + &line("f", b"1");
        let put = |path: &str| (path.to_owned(), Some(Digest::of(b"2")));
        let changes = Changes::from([put("a"), put("b"), put("c"), ("d".to_owned(), None), put("g")]);
        let new =
            line("a", b"2") + &line("b", b"2") + "nonsense\n" + &line("c", b"2") + &line("f", b"1") + &line("g", b"2");
        assert_eq!(String::from_utf8(merged(old.as_bytes(), &changes)).unwrap(), new);
    }

    #[test]
    fn malformed_lines_are_counted_and_others_are_read() {
        let text = format!("{}  a\nnonsense\n{}  cut", Digest::of(b"a"), Digest::of(b"b"));
        let (lines, malformed) = parse(text.as_bytes());
        assert_eq!((lines.len(), malformed), (1, 2));
    }
}
