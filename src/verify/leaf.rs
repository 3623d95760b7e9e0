//! One leaf folder: its manifest against its files, and both against the root manifest's line.

use std::collections::BTreeMap;
use std::io;
use std::time::SystemTime;

use crate::bundle::Tree;
use crate::model::FindingKind::{Changed, Malformed, Missing, Unexpected};
use crate::model::{Digest, ImageFormat};

use super::hash::Reader;
use super::manifest::{self, Listed};
use super::notes::Notes;
use super::walk::{Leaf, is_temp, names_or_note, stray};

pub(super) const MANIFEST: &str = "manifest-sha256.txt";

/// A file of a leaf folder.
pub(super) struct Seen {
    /// Digest of its bytes.
    pub digest: Digest,
    /// When it was last changed.
    pub modified: SystemTime,
}

/// The files of a leaf folder by their paths below it.
pub(super) type Files = BTreeMap<String, Seen>;

/// What is known of a leaf folder after every byte in it was read.
#[derive(Default)]
pub(super) struct Checked {
    pub notes: Notes,
    pub files: u64,
    pub articles: u64,
    pub images: u64,
    /// What the root manifest must be asked about.
    pub claim: Claim,
}

/// How a leaf's manifest stands to the root manifest.
#[derive(Default)]
pub(super) enum Claim {
    /// They agree, or what is wrong is noted.
    #[default]
    Settled,
    /// The root's line has another digest, and every file agrees with the leaf's manifest.
    RootDiffers { digest: Digest, young: bool },
    /// The root has no line for it.
    Unlisted { digest: Digest, young: bool },
}

/// Reads a folder of images. `top` is the root manifest; None when there is none.
pub(super) fn check_images(root: &Tree, leaf: &Leaf, top: Option<&Listed>, reader: &mut Reader) -> Checked {
    let mut out = Checked::default();
    // The manifest before the files: whatever a live writer adds meanwhile is then younger than what was read.
    let listed = read_manifest(root, leaf, reader, &mut out.notes);
    let names = names_or_note(root, &leaf.path, &mut out.notes);
    names.folders.iter().for_each(|name| stray(&format!("{}/{name}", leaf.path), &mut out.notes));
    let mut files = Files::new();
    for name in names.files.iter().filter(|name| *name != MANIFEST) {
        if let Some(seen) = see(root, leaf, name, reader, &mut out.notes) {
            out.images += 1;
            files.insert(name.clone(), seen);
        }
    }
    compare_or_note(leaf, &listed, &files, top, &mut out);
    check_names(leaf, &files, &mut out.notes);
    out
}

/// A leaf's manifest against its files and the root's line for it.
pub(super) fn compare_or_note(
    leaf: &Leaf,
    listed: &Result<Option<Listed>, ()>,
    files: &Files,
    top: Option<&Listed>,
    out: &mut Checked,
) {
    match listed {
        Ok(Some(listed)) => out.claim = compare(leaf, listed, files, top, &mut out.notes),
        Ok(None) => unlisted(leaf, files, top, &mut out.notes),
        // It is noted that the manifest cannot be read; nothing more can be said of the files' digests.
        Err(()) => {}
    }
}

/// Reads a leaf's manifest; None when there is none, an error when it cannot be read, which is noted.
pub(super) fn read_manifest(
    root: &Tree,
    leaf: &Leaf,
    reader: &mut Reader,
    notes: &mut Notes,
) -> Result<Option<Listed>, ()> {
    let path = format!("{}/{MANIFEST}", leaf.path);
    if !root.is_file(&path) {
        // A symbolic link or folder of that name is noted where the folder is listed.
        return Ok(None);
    }
    match reader.bytes(root, &path, manifest::MAX_BYTES) {
        Ok((bytes, hashed)) => {
            let (lines, fault) = manifest::parse(&bytes);
            Ok(Some(Listed { lines, fault, digest: hashed.digest, modified: hashed.modified }))
        }
        Err(error) => {
            notes.add(Malformed, path, format!("cannot be read: {error}"));
            Err(())
        }
    }
}

/// Reads one file; None when it is a temporary one, is gone meanwhile, or cannot be read, which is noted.
fn see(root: &Tree, leaf: &Leaf, below: &str, reader: &mut Reader, notes: &mut Notes) -> Option<Seen> {
    let path = format!("{}/{below}", leaf.path);
    if is_temp(below) {
        stray(&path, notes);
        return None;
    }
    match reader.hash(root, &path, None) {
        Ok(hashed) => Some(Seen { digest: hashed.digest, modified: hashed.modified }),
        Err(error) => {
            unreadable(&path, &error, notes);
            None
        }
    }
}

/// A file whose name the format does not have: read, since a manifest may list it, and noted.
pub(super) fn foreign(
    root: &Tree,
    leaf: &Leaf,
    below: &str,
    reader: &mut Reader,
    files: &mut Files,
    notes: &mut Notes,
) {
    if let Some(seen) = see(root, leaf, below, reader, notes) {
        stray(&format!("{}/{below}", leaf.path), notes);
        files.insert(below.to_owned(), seen);
    }
}

/// Notes a file that was listed and cannot be read.
pub(super) fn unreadable(path: &str, error: &io::Error, notes: &mut Notes) {
    let gone = error.kind() == io::ErrorKind::NotFound;
    notes.add_young(gone, if gone { Missing } else { Malformed }, path, format!("cannot be read: {error}"));
}

/// A manifest against the files and the root's line for it. Of three that should agree, two tell which is wrong.
fn compare(leaf: &Leaf, listed: &Listed, files: &Files, top: Option<&Listed>, notes: &mut Notes) -> Claim {
    let path = format!("{}/{MANIFEST}", leaf.path);
    let line = top.and_then(|top| top.lines.get(&path));
    let vouched = line == Some(&listed.digest);
    let young = top.is_some_and(|top| listed.modified >= top.modified);
    let same = listed.fault.is_none()
        && listed
            .lines
            .iter()
            .map(|(path, digest)| (path, *digest))
            .eq(files.iter().map(|(path, seen)| (path, seen.digest)));
    if !same {
        let derived = manifest::derive(files.iter().map(|(path, seen)| (path.clone(), seen.digest)));
        if !vouched && line == Some(&derived) {
            let fault = listed.fault.as_deref().unwrap_or("a line differs");
            let kind = if listed.fault.is_some() { Malformed } else { Changed };
            notes.add(kind, path, format!("{fault}; the files it lists are as {MANIFEST} at the root vouches for"));
            return Claim::Settled;
        }
        if let Some(fault) = &listed.fault {
            notes.add(Malformed, &path, fault);
        }
        line_by_line(leaf, listed, files, vouched, notes);
    }
    match line {
        _ if vouched || top.is_none() => Claim::Settled,
        None => Claim::Unlisted { digest: listed.digest, young },
        Some(_) if same => Claim::RootDiffers { digest: listed.digest, young },
        Some(line) => {
            let detail = format!("{MANIFEST} at the root lists it as {line}, and it is {}", listed.digest);
            notes.add_young(young, Changed, path, detail);
            Claim::Settled
        }
    }
}

fn line_by_line(leaf: &Leaf, listed: &Listed, files: &Files, vouched: bool, notes: &mut Notes) {
    let by = if vouched { MANIFEST } else { "its manifest, which is itself damaged," };
    for (below, digest) in &listed.lines {
        let path = format!("{}/{below}", leaf.path);
        match files.get(below) {
            Some(seen) if seen.digest != *digest => {
                notes.add_changed(seen.modified >= listed.modified, path, by, digest, &seen.digest);
            }
            None if !notes.has(&path) => notes.add(Missing, path, format!("{by} lists it, and it is not there")),
            _ => {}
        }
    }
    for (below, seen) in files.iter().filter(|(below, _)| !listed.lines.contains_key(*below)) {
        let path = format!("{}/{below}", leaf.path);
        notes.add_young(seen.modified >= listed.modified, Unexpected, path, "is listed in no manifest");
    }
}

/// A folder without a manifest.
fn unlisted(leaf: &Leaf, files: &Files, top: Option<&Listed>, notes: &mut Notes) {
    let path = format!("{}/{MANIFEST}", leaf.path);
    match top.and_then(|top| top.lines.get(&path)) {
        Some(line) => {
            let derived = manifest::derive(files.iter().map(|(path, seen)| (path.clone(), seen.digest)));
            let rest = if derived == *line { "the files it listed are whole" } else { "and other files there changed" };
            notes.add(Missing, path, format!("{MANIFEST} at the root lists it, and it is not there; {rest}"));
        }
        None => {
            for below in files.keys() {
                notes.add_young(true, Unexpected, format!("{}/{below}", leaf.path), "is listed in no manifest");
            }
        }
    }
}

/// Images are named by their bytes, each once.
fn check_names(leaf: &Leaf, files: &Files, notes: &mut Notes) {
    let folder = leaf.path.rsplit('/').next().unwrap_or_default();
    let mut last: Option<Digest> = None;
    for (below, seen) in files {
        let path = format!("{}/{below}", leaf.path);
        let name = below.split_once('.').filter(|(_, extension)| ImageFormat::from_extension(extension).is_some());
        let named: Option<Digest> = name.and_then(|(hex, _)| hex.parse().ok());
        if notes.has(&path) {
            continue;
        }
        match named {
            None => stray(&path, notes),
            Some(_) if !below.starts_with(folder) => stray(&path, notes),
            Some(digest) if digest != seen.digest => {
                notes.add(Changed, path, format!("is named by its bytes, and they are {}", seen.digest));
            }
            Some(digest) if last == Some(digest) => notes.add(Unexpected, path, "is here under another name too"),
            Some(digest) => last = Some(digest),
        }
    }
}
