//! Which members of shared WARC files a selection needs: those its records name, the requests they answer, and every
//! record that a revisit among them refers to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::model::{Digest, Hasher};
use crate::warc::{self, RecordId, RecordKind};

use super::BundleError;
use super::plan::{Needs, Piece, Pieces, Source};

/// One member of a WARC file.
struct Member {
    at: (u64, u64),
    id: RecordId,
    is_info: bool,
    /// Its request, and the record that a revisit stands for.
    needs: Vec<RecordId>,
}

/// The captures of the selected articles. `captures` lists every capture file of the archive and its digest.
pub(super) fn pick(root: &Path, captures: &BTreeMap<String, Digest>, needs: &Needs) -> Result<Pieces, BundleError> {
    let (mut needed, named) = (needs.records.clone(), &needs.captures);
    let mut files: BTreeMap<&str, Vec<Member>> = BTreeMap::new();
    for name in named {
        let Some((path, digest)) = captures.get_key_value(name) else {
            return Err(BundleError::damaged(name, "a record names it, and no manifest lists it"));
        };
        files.insert(path, go_through(root, path, digest)?);
    }
    if !close(&files, &mut needed) {
        // A revisit refers to what no record of the selection names: it is somewhere else.
        for (path, digest) in captures.iter().filter(|(path, _)| !named.contains(*path)) {
            files.insert(path, go_through(root, path, digest)?);
        }
        close(&files, &mut needed);
    }
    let mut pieces = Pieces::new();
    for (path, members) in files {
        if members.iter().any(|member| !member.is_info && needed.contains(&member.id)) {
            pieces.insert(path.to_owned(), piece(root, path, &members, &needed)?);
        }
    }
    Ok(pieces)
}

/// Adds what the needed records need; false when some of it is in none of the files.
fn close(files: &BTreeMap<&str, Vec<Member>>, needed: &mut BTreeSet<RecordId>) -> bool {
    let known: BTreeMap<&RecordId, &Member> = files.values().flatten().map(|member| (&member.id, member)).collect();
    let mut open: Vec<RecordId> = needed.iter().cloned().collect();
    let mut is_closed = true;
    while let Some(id) = open.pop() {
        match known.get(&id) {
            Some(member) => open.extend(member.needs.iter().filter(|id| needed.insert((*id).clone())).cloned()),
            None => is_closed = false,
        }
    }
    is_closed
}

fn go_through(root: &Path, path: &str, digest: &Digest) -> Result<Vec<Member>, BundleError> {
    let file = File::open(root.join(path)).map_err(|error| BundleError::damaged(path, error.to_string()))?;
    let mut hashed = Hashing { inner: BufReader::with_capacity(1 << 16, file), hasher: Hasher::new() };
    let mut members = Vec::new();
    for entry in warc::Reader::new(&mut hashed) {
        let entry = entry.map_err(|source| BundleError::Capture { path: path.to_owned(), source: Box::new(source) })?;
        let request = entry.field("WARC-Concurrent-To").and_then(|id| id.parse().ok());
        let original = entry.refers_to().filter(|_| entry.kind == RecordKind::Revisit);
        members.push(Member {
            at: (entry.offset, entry.length),
            is_info: entry.kind == RecordKind::Warcinfo,
            needs: request.into_iter().chain(original).collect(),
            id: entry.id,
        });
    }
    let found = hashed.hasher.finish();
    match found == *digest {
        true => Ok(members),
        false => Err(BundleError::damaged(path, format!("{digest} is listed, and it is {found}"))),
    }
}

/// A reader whose bytes are hashed; a WARC reader reads its file to the end.
struct Hashing<R> {
    inner: R,
    hasher: Hasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

/// The needed members of a file, one after another.
fn piece(root: &Path, path: &str, members: &[Member], needed: &BTreeSet<RecordId>) -> Result<Piece, BundleError> {
    let chosen = members.iter().filter(|member| member.is_info || needed.contains(&member.id));
    let mut parts: Vec<(u64, u64)> = Vec::new();
    for (offset, length) in chosen.map(|member| member.at) {
        match parts.last_mut() {
            Some((start, so_far)) if *start + *so_far == offset => *so_far += length,
            _ => parts.push((offset, length)),
        }
    }
    let fail = |error| BundleError::io("read", &root.join(path), error);
    let mut file = File::open(root.join(path)).map_err(fail)?;
    let mut hasher = Hasher::new();
    let mut block = vec![0; 1 << 18];
    for (offset, length) in &parts {
        file.seek(SeekFrom::Start(*offset)).map_err(fail)?;
        let mut part = (&file).take(*length);
        loop {
            match part.read(&mut block).map_err(fail)? {
                0 => break,
                read => hasher.update(&block[..read]),
            }
        }
    }
    let length = parts.iter().map(|(_, length)| length).sum();
    Ok(Piece { source: Source::Parts(root.join(path), parts), length, digest: hasher.finish() })
}
