//! The members of WARC files that a selection requires: the records that its articles name, their requests, and the
//! originals of revisits among them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::model::{Digest, Hasher};
use crate::warc::{self, RecordId, RecordKind};

use super::BundleError;
use super::piece::{Piece, Pieces, Source};

/// One member of a WARC file.
struct Member {
    /// Offset and length.
    range: (u64, u64),
    id: RecordId,
    is_info: bool,
    /// Its request, and the original of a revisit.
    requires: Vec<RecordId>,
}

/// Returns the capture files of a selection, with the required members only.
///
/// `captures` contains every capture file of the archive and its digest; `named` are those that the selected articles name,
/// and `records` the records in them.
pub(super) fn select(
    root: &Path,
    captures: &BTreeMap<String, Digest>,
    named: &BTreeSet<String>,
    records: BTreeSet<RecordId>,
) -> Result<Pieces, BundleError> {
    let mut required = records;
    let mut files: BTreeMap<&str, Vec<Member>> = BTreeMap::new();
    for name in named {
        let Some((path, digest)) = captures.get_key_value(name) else {
            return Err(BundleError::damaged(name, "a record names it, but no manifest lists it"));
        };
        files.insert(path, read_members(root, path, digest)?);
    }
    if !add_required(&files, &mut required) {
        // The original of a revisit is in a file that no selected article names.
        for (path, digest) in captures.iter().filter(|(path, _)| !named.contains(*path)) {
            files.insert(path, read_members(root, path, digest)?);
        }
        add_required(&files, &mut required);
    }
    let mut pieces = Pieces::new();
    for (path, members) in files {
        if members.iter().any(|member| !member.is_info && required.contains(&member.id)) {
            pieces.insert(path.to_owned(), piece(root, path, &members, &required)?);
        }
    }
    Ok(pieces)
}

/// Adds the records that the required ones require. Returns false if some of them are in none of the files.
fn add_required(files: &BTreeMap<&str, Vec<Member>>, required: &mut BTreeSet<RecordId>) -> bool {
    let known: BTreeMap<&RecordId, &Member> = files.values().flatten().map(|member| (&member.id, member)).collect();
    let mut pending: Vec<RecordId> = required.iter().cloned().collect();
    let mut is_complete = true;
    while let Some(id) = pending.pop() {
        match known.get(&id) {
            Some(member) => pending.extend(member.requires.iter().filter(|id| required.insert((*id).clone())).cloned()),
            None => is_complete = false,
        }
    }
    is_complete
}

fn read_members(root: &Path, path: &str, digest: &Digest) -> Result<Vec<Member>, BundleError> {
    let file = File::open(root.join(path)).map_err(|error| BundleError::damaged(path, error.to_string()))?;
    let mut hashed = DigestReader { inner: BufReader::with_capacity(1 << 16, file), hasher: Hasher::new() };
    let mut members = Vec::new();
    for entry in warc::Reader::new(&mut hashed) {
        let entry = entry.map_err(|source| BundleError::Capture { path: path.to_owned(), source: Box::new(source) })?;
        let request = entry.field("WARC-Concurrent-To").and_then(|id| id.parse().ok());
        let original = entry.refers_to().filter(|_| entry.kind == RecordKind::Revisit);
        members.push(Member {
            range: (entry.offset, entry.length),
            is_info: entry.kind == RecordKind::Warcinfo,
            requires: request.into_iter().chain(original).collect(),
            id: entry.id,
        });
    }
    let found = hashed.hasher.finish();
    match found == *digest {
        true => Ok(members),
        false => Err(BundleError::damaged(path, format!("its digest is {found}, but the manifest lists {digest}"))),
    }
}

/// A reader that hashes what is read. A WARC reader reads its file to the end.
struct DigestReader<R> {
    inner: R,
    hasher: Hasher,
}

impl<R: Read> Read for DigestReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

/// Returns a file with the required members only.
fn piece(root: &Path, path: &str, members: &[Member], required: &BTreeSet<RecordId>) -> Result<Piece, BundleError> {
    let chosen = members.iter().filter(|member| member.is_info || required.contains(&member.id));
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for (offset, length) in chosen.map(|member| member.range) {
        match ranges.last_mut() {
            Some((start, so_far)) if *start + *so_far == offset => *so_far += length,
            _ => ranges.push((offset, length)),
        }
    }
    let fail = |error| BundleError::io("read", &root.join(path), error);
    let mut file = File::open(root.join(path)).map_err(fail)?;
    let mut hasher = Hasher::new();
    let mut block = vec![0; 1 << 18];
    for (offset, length) in &ranges {
        file.seek(SeekFrom::Start(*offset)).map_err(fail)?;
        let mut range = (&file).take(*length);
        loop {
            match range.read(&mut block).map_err(fail)? {
                0 => break,
                read => hasher.update(&block[..read]),
            }
        }
    }
    let length = ranges.iter().map(|(_, length)| length).sum();
    Ok(Piece { source: Source::Ranges(root.join(path), ranges), length, digest: hasher.finish() })
}
