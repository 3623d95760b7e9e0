//! The root: marker, README and the manifest that lists every other manifest.

use std::io;
use std::path::Path;

use serde::Deserialize;

use crate::bundle::Tree;
use crate::model::Digest;
use crate::model::FindingKind::{Changed, Malformed, Missing, Unexpected};

use super::VerifyError;
use super::hash::Reader;
use super::leaf::{Claim, MANIFEST};
use super::manifest::{self, Listed};
use super::notes::Notes;
use super::walk::is_leaf_manifest;

const MARKER: &str = "bindery-archive.json";
const MARKER_TEXT: &[u8] = b"{\"format\": 1}\n";
const README: &str = "README.md";
/// Digest of the README that every archive of format 1 has.
const README_DIGEST: &str = "b994a92ee357f2bbda64684afb0dfd35445bc74370baee8deddef202e68d068f";
const MAX_MARKER_BYTES: usize = 1 << 16;

#[derive(Deserialize)]
struct Marker {
    format: u64,
}

/// Reads the root manifest; None when there is none or it cannot be read, which is noted.
pub(super) fn read_manifest(root: &Tree, reader: &mut Reader, notes: &mut Notes) -> Option<Listed> {
    let is_file = root.is_file(MANIFEST);
    let read =
        if is_file { reader.bytes(root, MANIFEST, manifest::MAX_BYTES) } else { Err(io::ErrorKind::NotFound.into()) };
    match read {
        Ok((bytes, hashed)) => {
            let (lines, fault) = manifest::parse(&bytes);
            Some(Listed { lines, fault, digest: hashed.digest, modified: hashed.modified })
        }
        Err(error) => {
            // A writer that makes a new archive writes it last.
            let gone = error.kind() == io::ErrorKind::NotFound;
            let kind = if gone { Missing } else { Malformed };
            notes.add_young(gone, kind, MANIFEST, format!("cannot be read: {error}"));
            None
        }
    }
}

/// Checks the marker, or says that this is no archive.
pub(super) fn marker(
    root: &Tree,
    top: Option<&Listed>,
    reader: &mut Reader,
    notes: &mut Notes,
) -> Result<(), VerifyError> {
    let line = top.and_then(|top| top.lines.get(MARKER));
    let (bytes, hashed) = match reader.bytes(root, MARKER, MAX_MARKER_BYTES) {
        Ok(read) => read,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let path = root.path();
            return match line {
                Some(_) => {
                    notes.add(Missing, MARKER, format!("{MANIFEST} lists it, and it is not there"));
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
        // A later format, unless the root manifest says that the marker of format 1 was here.
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
pub(super) fn readme(root: &Tree, top: Option<&Listed>, reader: &mut Reader, notes: &mut Notes) {
    let is_file = root.is_file(README);
    if !is_file {
        return notes.add_young(true, Missing, README, "every archive has it, and it is not there");
    }
    match (reader.hash(root, README, None), README_DIGEST.parse()) {
        (Ok(hashed), Ok(known)) => listed_file(README, hashed.digest, known, top, notes),
        (Err(error), _) => notes.add(Malformed, README, format!("cannot be read: {error}")),
        (Ok(_), Err(_)) => {}
    }
}

/// A file that is the same in every archive: its own bytes tell whether it or the root manifest's line is wrong.
fn listed_file(name: &str, found: Digest, known: Digest, top: Option<&Listed>, notes: &mut Notes) {
    let line = top.and_then(|top| top.lines.get(name));
    match line {
        _ if top.is_none() && found == known => {}
        Some(line) if *line == found => {}
        _ if found == known => {
            notes.add(Changed, MANIFEST, format!("does not list {name} as it is, and {name} is whole"))
        }
        Some(line) => notes.add_changed(false, name.to_owned(), MANIFEST, line, &found),
        None => notes.add(Changed, name, "is not that of format 1"),
    }
}

/// What the root manifest says of leaf folders against what is there. `claims` are the open questions by the path of the
/// leaf's manifest; `known` says whether a leaf's folder was looked at.
pub(super) fn settle(
    top: Option<&Listed>,
    claims: Vec<(String, Claim)>,
    known: impl Fn(&str) -> bool,
    notes: &mut Notes,
) {
    let Some(top) = top else { return };
    let mut faulty = top.fault.is_some();
    if let Some(fault) = &top.fault {
        notes.add(Malformed, MANIFEST, fault);
    }
    let mut unlisted = Vec::new();
    for (path, claim) in claims {
        match claim {
            Claim::Settled => {}
            Claim::RootDiffers { digest, young } => {
                let detail = format!("its line for {path} is not {digest}, and every file there agrees with {path}");
                notes.add_or_pending(young.then_some(path), Changed, MANIFEST, detail);
            }
            Claim::Unlisted { digest, young } => unlisted.push((path, digest, young)),
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
            notes.add(Missing, path, format!("{MANIFEST} at the root lists it, and it is not there"));
        } else {
            faulty = true;
            notes.add(Changed, MANIFEST, format!("lists {path}, which belongs to no archive"));
        }
    }
    if faulty {
        // A line that was spoilt is a line that is not there.
        unlisted.retain(|(.., young)| *young);
    }
    for (path, _, young) in unlisted {
        if faulty {
            notes.add_or_pending(young.then_some(path.clone()), Changed, MANIFEST, format!("does not list {path}"));
        } else {
            notes.add_young(young, Unexpected, path, format!("{MANIFEST} at the root does not list it"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_is_known_by_its_digest() {
        let readme = Digest::of(include_bytes!("../archive/root-readme.md"));
        let change = "src/archive/root-readme.md has changed: README_DIGEST must follow, and archives made before it must be told apart";
        assert_eq!(readme.hex(), README_DIGEST, "{change}");
    }
}
