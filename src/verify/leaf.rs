//! Checks a leaf folder: its manifest against its files, and against its line in the root manifest.

use std::collections::BTreeMap;
use std::io;
use std::time::SystemTime;

use crate::bundle::Tree;
use crate::model::FindingKind::{Changed, Malformed, Missing, Unexpected};
use crate::model::{Digest, ImageFormat};

use super::hash::FileReader;
use super::manifest::{self, MANIFEST, Manifest};
use super::notes::{Age, Notes};
use super::walk::{Leaf, is_temp, names_or_note, note_stray};

/// A file of a leaf folder.
pub(super) struct FileState {
    /// The digest of its bytes.
    pub digest: Digest,
    /// When it was last modified.
    pub modified: SystemTime,
}

/// The files of a leaf folder by path below it.
pub(super) type Files = BTreeMap<String, FileState>;

/// The result of checking a leaf folder.
#[derive(Default)]
pub(super) struct LeafResult {
    pub notes: Notes,
    pub files: u64,
    pub articles: u64,
    pub images: u64,
    /// How its manifest compares to the root manifest.
    pub root_status: RootStatus,
}

/// How a leaf's manifest compares to the root manifest.
#[derive(Default)]
pub(super) enum RootStatus {
    /// They agree, or the damage is noted.
    #[default]
    Settled,
    /// The root manifest lists another digest, but all files agree with the leaf's manifest.
    RootDiffers { digest: Digest, age: Age },
    /// The root manifest has no line for it.
    Unlisted { digest: Digest, age: Age },
}

/// Checks a folder of images. `top` is the root manifest; None if there is none.
pub(super) fn check_images(root: &Tree, leaf: &Leaf, top: Option<&Manifest>, reader: &mut FileReader) -> LeafResult {
    let mut out = LeafResult::default();
    // The manifest is read first, so that files which a writer adds meanwhile are newer than it.
    let listed = read_manifest(root, leaf, reader, &mut out.notes);
    let names = names_or_note(root, &leaf.path, &mut out.notes);
    names.folders.iter().for_each(|name| note_stray(&format!("{}/{name}", leaf.path), &mut out.notes));
    let mut files = Files::new();
    for name in names.files.iter().filter(|name| *name != MANIFEST) {
        if let Some(seen) = read_file(root, leaf, name, reader, &mut out.notes) {
            out.images += 1;
            files.insert(name.clone(), seen);
        }
    }
    compare_or_note(leaf, &listed, &files, top, &mut out);
    check_names(leaf, &files, &mut out.notes);
    out
}

/// Compares a leaf's manifest with its files and its line in the root manifest.
pub(super) fn compare_or_note(
    leaf: &Leaf,
    listed: &Result<Option<Manifest>, ()>,
    files: &Files,
    top: Option<&Manifest>,
    out: &mut LeafResult,
) {
    match listed {
        Ok(Some(listed)) => out.root_status = compare(leaf, listed, files, top, &mut out.notes),
        Ok(None) => unlisted(leaf, files, top, &mut out.notes),
        // It is noted that the manifest cannot be read, so there is nothing to compare the files with.
        Err(()) => {}
    }
}

/// Reads a leaf's manifest. None if there is none; an error if it cannot be read, which is noted.
pub(super) fn read_manifest(
    root: &Tree,
    leaf: &Leaf,
    reader: &mut FileReader,
    notes: &mut Notes,
) -> Result<Option<Manifest>, ()> {
    let path = format!("{}/{MANIFEST}", leaf.path);
    if !root.is_file(&path) {
        // A symbolic link or folder of that name is noted where the folder is listed.
        return Ok(None);
    }
    match reader.bytes(root, &path, manifest::MAX_BYTES) {
        Ok((bytes, hashed)) => {
            let (lines, fault) = manifest::parse(&bytes);
            Ok(Some(Manifest { lines, fault, digest: hashed.digest, modified: hashed.modified }))
        }
        Err(error) => {
            notes.add(Malformed, path, format!("cannot be read: {error}"));
            Err(())
        }
    }
}

/// Reads one file. None if it is a staging file, or cannot be read, which is noted.
fn read_file(root: &Tree, leaf: &Leaf, below: &str, reader: &mut FileReader, notes: &mut Notes) -> Option<FileState> {
    let path = format!("{}/{below}", leaf.path);
    if is_temp(below) {
        note_stray(&path, notes);
        return None;
    }
    match reader.hash(root, &path, None) {
        Ok(hashed) => Some(FileState { digest: hashed.digest, modified: hashed.modified }),
        Err(error) => {
            note_unreadable(&path, &error, notes);
            None
        }
    }
}

/// Notes a file whose name the format does not allow, and reads it, since a manifest may list it.
pub(super) fn note_foreign(
    root: &Tree,
    leaf: &Leaf,
    below: &str,
    reader: &mut FileReader,
    files: &mut Files,
    notes: &mut Notes,
) {
    if let Some(seen) = read_file(root, leaf, below, reader, notes) {
        note_stray(&format!("{}/{below}", leaf.path), notes);
        files.insert(below.to_owned(), seen);
    }
}

/// Notes a file of a folder that cannot be read.
pub(super) fn note_unreadable(path: &str, error: &io::Error, notes: &mut Notes) {
    let gone = error.kind() == io::ErrorKind::NotFound;
    let (kind, age) = if gone { (Missing, Age::Young) } else { (Malformed, Age::Settled) };
    notes.add_young(age, kind, path, format!("cannot be read: {error}"));
}

/// Compares a manifest with the files and its line in the root manifest. Of these three, the one that differs from the other
/// two is damaged.
fn compare(leaf: &Leaf, listed: &Manifest, files: &Files, top: Option<&Manifest>, notes: &mut Notes) -> RootStatus {
    let path = format!("{}/{MANIFEST}", leaf.path);
    let line = top.and_then(|top| top.lines.get(&path));
    let vouched = line == Some(&listed.digest);
    let age = top.map_or(Age::Settled, |top| Age::of(listed.modified, top.modified));
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
            notes.add(kind, path, format!("{fault}; the files it lists agree with {MANIFEST} at the root"));
            return RootStatus::Settled;
        }
        if let Some(fault) = &listed.fault {
            notes.add(Malformed, &path, fault);
        }
        let by = if vouched { MANIFEST } else { "its manifest, which is itself damaged," };
        line_by_line(leaf, listed, files, by, notes);
    }
    match line {
        _ if vouched || top.is_none() => RootStatus::Settled,
        None => RootStatus::Unlisted { digest: listed.digest, age },
        Some(_) if same => RootStatus::RootDiffers { digest: listed.digest, age },
        Some(line) => {
            let detail = format!("{MANIFEST} at the root lists it as {line}, but it is {}", listed.digest);
            notes.add_young(age, Changed, path, detail);
            RootStatus::Settled
        }
    }
}

/// Compares each line of a manifest with its file. `by` names the manifest in details.
fn line_by_line(leaf: &Leaf, listed: &Manifest, files: &Files, by: &str, notes: &mut Notes) {
    for (below, digest) in &listed.lines {
        let path = format!("{}/{below}", leaf.path);
        match files.get(below) {
            Some(seen) if seen.digest != *digest => {
                notes.add_changed(Age::of(seen.modified, listed.modified), path, by, digest, &seen.digest);
            }
            None if !notes.has(&path) => notes.add(Missing, path, format!("{by} lists it, but it does not exist")),
            _ => {}
        }
    }
    for (below, seen) in files.iter().filter(|(below, _)| !listed.lines.contains_key(*below)) {
        let path = format!("{}/{below}", leaf.path);
        notes.add_young(Age::of(seen.modified, listed.modified), Unexpected, path, "is listed in no manifest");
    }
}

/// Notes the damage of a folder without a manifest.
fn unlisted(leaf: &Leaf, files: &Files, top: Option<&Manifest>, notes: &mut Notes) {
    let path = format!("{}/{MANIFEST}", leaf.path);
    match top.and_then(|top| top.lines.get(&path)) {
        Some(line) => {
            let derived = manifest::derive(files.iter().map(|(path, seen)| (path.clone(), seen.digest)));
            let rest =
                if derived == *line { "the files it listed are intact" } else { "other files there changed too" };
            notes.add(Missing, path, format!("{MANIFEST} at the root lists it, but it does not exist; {rest}"));
        }
        None => {
            for below in files.keys() {
                notes.add_young(Age::Young, Unexpected, format!("{}/{below}", leaf.path), "is listed in no manifest");
            }
        }
    }
}

/// Checks that images are named by their digests, each once.
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
            None => note_stray(&path, notes),
            Some(_) if !below.starts_with(folder) => note_stray(&path, notes),
            Some(digest) if digest != seen.digest => {
                notes.add(Changed, path, format!("its name is its digest, but its digest is {}", seen.digest));
            }
            Some(digest) if last == Some(digest) => notes.add(Unexpected, path, "exists under another name too"),
            Some(digest) => last = Some(digest),
        }
    }
}
