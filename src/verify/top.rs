//! Checks the root: marker, README, and the manifest that lists all other manifests.

use std::io;
use std::path::Path;

use serde::Deserialize;

use crate::bundle::Tree;
use crate::model::Digest;
use crate::model::FindingKind::{Changed, Malformed, Missing, Unexpected};

use super::VerifyError;
use super::hash::FileReader;
use super::leaf::RootStatus;
use super::manifest::{self, MANIFEST, Manifest};
use super::notes::{Excuse, Notes};
use super::root::Root;
use super::walk::is_leaf_manifest;

const MARKER: &str = "bindery-archive.json";
const MARKER_TEXT: &[u8] = b"{\"format\": 1}\n";
const README: &str = "README.md";
/// The digest of the README of every archive of format 1.
const README_DIGEST: &str = "cbff675955b07cc1ab48fb01fc79f0872a560b6736220ad8186adc3cf46c11b1";
const MAX_MARKER_BYTES: usize = 1 << 16;

#[derive(Deserialize)]
struct Marker {
    format: u64,
}

/// Reads the root manifest.
pub(super) fn read_manifest(root: &Tree, reader: &mut FileReader) -> io::Result<Manifest> {
    if !root.is_file(MANIFEST) {
        return Err(io::ErrorKind::NotFound.into());
    }
    let (bytes, hashed) = reader.bytes(root, MANIFEST, manifest::MAX_BYTES)?;
    let (lines, fault) = manifest::parse(&bytes);
    Ok(Manifest { lines, fault, digest: hashed.digest, modified: hashed.modified })
}

/// Notes that the root manifest cannot be read. `excuse` may explain that it does not exist.
pub(super) fn note_unreadable(error: &io::Error, excuse: Excuse, notes: &mut Notes) {
    let is_gone = error.kind() == io::ErrorKind::NotFound;
    let (kind, excuse) = if is_gone { (Missing, excuse) } else { (Malformed, Excuse::None) };
    notes.add_excused(excuse, kind, MANIFEST, format!("cannot be read: {error}"));
}

/// Checks the marker. An error if this is not an archive of format 1.
pub(super) fn marker(root: Root<'_>, reader: &mut FileReader, notes: &mut Notes) -> Result<(), VerifyError> {
    let Root { tree: root, top, since } = root;
    let line = top.and_then(|top| top.lines.get(MARKER));
    let (bytes, hashed) = match reader.bytes(root, MARKER, MAX_MARKER_BYTES) {
        Ok(read) => read,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let path = root.path();
            return match line {
                Some(_) => {
                    notes.add(Missing, MARKER, format!("{MANIFEST} lists it, but it does not exist"));
                    Ok(())
                }
                None if since.is_some() => {
                    notes.add_excused(Excuse::Run, Missing, MARKER, "every archive contains it, but it does not exist");
                    Ok(())
                }
                None if root.on_disk().is_none_or(Path::exists) => Err(VerifyError::NotAnArchive { path }),
                None => Err(VerifyError::Missing { path }),
            };
        }
        Err(source) => return Err(VerifyError::Unreadable { path: root.path().join(MARKER), source }),
    };
    let known = Digest::of(MARKER_TEXT);
    match serde_json::from_slice::<Marker>(&bytes) {
        Ok(Marker { format: 1 }) => {}
        // A newer format, unless the root manifest lists the marker of format 1.
        Ok(Marker { format }) if format > 1 && line != Some(&known) => {
            return Err(VerifyError::NewerFormat { path: root.path(), found: format });
        }
        _ => {
            notes.add(Malformed, MARKER, "is not `{\"format\": 1}`");
            return Ok(());
        }
    }
    listed_file(MARKER, hashed.digest, known, top, notes);
    Ok(())
}

/// Checks the README.
pub(super) fn readme(root: Root<'_>, reader: &mut FileReader, notes: &mut Notes) {
    let top = root.top;
    if !root.tree.is_file(README) {
        // In a new archive it is written before the root manifest.
        let excuse = if top.is_none() { Excuse::Run } else { Excuse::Writer };
        return notes.add_excused(excuse, Missing, README, "every archive contains it, but it does not exist");
    }
    match (reader.hash(root.tree, README, None), README_DIGEST.parse()) {
        (Ok(hashed), Ok(known)) => listed_file(README, hashed.digest, known, top, notes),
        (Err(error), _) => notes.add(Malformed, README, format!("cannot be read: {error}")),
        (Ok(_), Err(_)) => {}
    }
}

/// Compares a file that is the same in every archive with its known digest and its line in the root manifest.
fn listed_file(name: &str, found: Digest, known: Digest, top: Option<&Manifest>, notes: &mut Notes) {
    let line = top.and_then(|top| top.lines.get(name));
    match line {
        _ if top.is_none() && found == known => {}
        Some(line) if *line == found => {}
        _ if found == known => {
            notes.add(Changed, MANIFEST, format!("does not list the digest of {name}, which is intact"))
        }
        Some(line) => notes.add_changed(Excuse::None, name.to_owned(), MANIFEST, line, &found),
        None => notes.add(Changed, name, "differs from that of format 1"),
    }
}

/// Compares the root manifest with the leaf manifests. `statuses` are the results of the leaf folders by path of their
/// manifests; `known` returns whether a manifest's folder was checked.
pub(super) fn compare_leaves(
    top: Option<&Manifest>,
    statuses: Vec<(String, RootStatus)>,
    known: impl Fn(&str) -> bool,
    notes: &mut Notes,
) {
    let Some(top) = top else { return };
    let mut faulty = top.fault.is_some();
    if let Some(fault) = &top.fault {
        notes.add(Malformed, MANIFEST, fault);
    }
    let mut unlisted = Vec::new();
    for (path, status) in statuses {
        match status {
            RootStatus::Settled => {}
            RootStatus::RootDiffers { digest, excuse } => {
                let detail = format!("its line for {path} is not {digest}, although all files agree with {path}");
                notes.add_or_unfinished(excuse, &path, Changed, MANIFEST, detail);
            }
            RootStatus::Unlisted { digest, excuse } => unlisted.push((path, digest, excuse)),
        }
    }
    for (path, line) in &top.lines {
        if path == README || path == MARKER || known(path) {
            continue;
        }
        if let Some(at) = unlisted.iter().position(|(_, digest, _)| digest == line) {
            let (found, ..) = unlisted.remove(at);
            notes.add(Changed, MANIFEST, format!("lists {found} under the name {path}"));
        } else if is_leaf_manifest(path) {
            notes.add(Missing, path, format!("{MANIFEST} at the root lists it, but it does not exist"));
        } else {
            faulty = true;
            notes.add(Changed, MANIFEST, format!("lists {path}, which does not belong to an archive"));
        }
    }
    if faulty {
        // A damaged line may be the missing one.
        unlisted.retain(|(.., excuse)| *excuse != Excuse::None);
    }
    for (path, _, excuse) in unlisted {
        if faulty {
            let detail = format!("does not list {path}");
            notes.add_or_unfinished(excuse, &path, Changed, MANIFEST, detail);
        } else {
            notes.add_excused(excuse, Unexpected, path, format!("{MANIFEST} at the root does not list it"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_the_readme_is_up_to_date() {
        let readme = Digest::of(include_bytes!("../archive/root-readme.md"));
        let change = "src/archive/root-readme.md has changed: update README_DIGEST, and still accept older archives";
        assert_eq!(readme.hex(), README_DIGEST, "{change}");
    }
}
