//! Checks a leaf folder: its manifest against its files, and against its line in the root manifest.

use std::collections::BTreeMap;
use std::io;
use std::time::SystemTime;

use crate::model::FindingKind::{Changed, Malformed, Missing, Unexpected};
use crate::model::{Digest, ImageFormat};

use super::hash::{FileHash, FileReader};
use super::manifest::{self, MANIFEST, Manifest};
use super::notes::{Excuse, Notes};
use super::root::Place;
use super::walk::{names_or_note, note_foreign};

/// A file of a leaf folder.
pub(super) struct FileState {
    /// The digest of its bytes.
    pub digest: Digest,
    /// When it was last modified.
    pub modified: SystemTime,
    /// How it may differ from its manifest without damage.
    pub role: Role,
}

impl FileState {
    /// Returns a file as it was read.
    pub fn new(hashed: &FileHash, role: Role) -> Self {
        Self { digest: hashed.digest, modified: hashed.modified, role }
    }
}

/// How a file may differ from its manifest after a run that did not end, judged by what the file contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// No run leaves it like this.
    Fixed,
    /// A run adds such files and never changes them.
    Added,
    /// A run adds such files and replaces them.
    Replaced,
    /// A run adds such files, and a removal replaces them.
    Shortened,
    /// Somebody edited it, or it is damaged; `bindery repair` restores it from the text of this name.
    Edited(String),
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

/// How a leaf's manifest compares to the root manifest. The excuse holds if it is newer than the root manifest.
#[derive(Default)]
pub(super) enum RootStatus {
    /// They agree, or the damage is noted.
    #[default]
    Settled,
    /// The root manifest lists another digest, but all files agree with the leaf's manifest.
    RootDiffers { digest: Digest, excuse: Excuse },
    /// The root manifest has no line for it.
    Unlisted { digest: Digest, excuse: Excuse },
}

/// Checks a folder of images.
pub(super) fn check_images(place: Place<'_>, reader: &mut FileReader) -> LeafResult {
    let mut out = LeafResult::default();
    // The manifest is read first, so that files which a writer adds meanwhile are newer than it.
    let listed = read_manifest(place, reader, &mut out.notes);
    let names = names_or_note(place.root.tree, &place.leaf.path, &mut out.notes);
    names.folders.iter().for_each(|name| note_foreign(&place.path(name), &mut out.notes));
    let mut files = Files::new();
    for name in names.files.iter().filter(|name| *name != MANIFEST) {
        let Some(named) = named_digest(name) else {
            read_foreign(place, name, &listed, &mut files, (reader, &mut out.notes));
            continue;
        };
        let path = place.path(name);
        match reader.hash(place.root.tree, &path, None) {
            Ok(hashed) => {
                out.images += 1;
                let role = if hashed.digest == named { Role::Added } else { Role::Fixed };
                files.insert(name.clone(), FileState::new(&hashed, role));
            }
            Err(error) => note_unreadable(&path, &error, &mut out.notes),
        }
    }
    compare_or_note(place, &listed, &files, &mut out);
    check_names(place, &files, &mut out.notes);
    out
}

/// Compares a leaf's manifest with its files and its line in the root manifest.
pub(super) fn compare_or_note(
    place: Place<'_>,
    listed: &Result<Option<Manifest>, ()>,
    files: &Files,
    out: &mut LeafResult,
) {
    match listed {
        Ok(Some(listed)) => out.root_status = compare(place, listed, files, &mut out.notes),
        Ok(None) => unlisted(place, files, &mut out.notes),
        // It is noted that the manifest cannot be read, so there is nothing to compare the files with.
        Err(()) => {}
    }
}

/// Reads a leaf's manifest. None if there is none; an error if it cannot be read, which is noted.
pub(super) fn read_manifest(
    place: Place<'_>,
    reader: &mut FileReader,
    notes: &mut Notes,
) -> Result<Option<Manifest>, ()> {
    let path = place.path(MANIFEST);
    if !place.root.tree.is_file(&path) {
        // A symbolic link or folder of that name is noted where the folder is listed.
        return Ok(None);
    }
    match reader.bytes(place.root.tree, &path, manifest::MAX_BYTES) {
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

/// Notes a file that is not the archive's. If the manifest lists it nevertheless, it is damage, and is read.
pub(super) fn read_foreign(
    place: Place<'_>,
    below: &str,
    listed: &Result<Option<Manifest>, ()>,
    files: &mut Files,
    (reader, notes): (&mut FileReader, &mut Notes),
) {
    let path = place.path(below);
    let is_listed = matches!(listed, Ok(Some(listed)) if listed.lines.contains_key(below));
    if !is_listed {
        return note_foreign(&path, notes);
    }
    match reader.hash(place.root.tree, &path, None) {
        Ok(hashed) => {
            files.insert(below.to_owned(), FileState::new(&hashed, Role::Fixed));
            notes.add(Unexpected, path, "does not belong to an archive, but a manifest lists it");
        }
        Err(error) => note_unreadable(&path, &error, notes),
    }
}

/// Notes a file of a folder that cannot be read.
pub(super) fn note_unreadable(path: &str, error: &io::Error, notes: &mut Notes) {
    let is_gone = error.kind() == io::ErrorKind::NotFound;
    let (excuse, kind) = if is_gone { (Excuse::Writer, Missing) } else { (Excuse::None, Malformed) };
    notes.add_excused(excuse, kind, path, format!("cannot be read: {error}"));
}

/// Compares a manifest with the files and its line in the root manifest. Of these three, the one that differs from the other
/// two is damaged.
fn compare(place: Place<'_>, listed: &Manifest, files: &Files, notes: &mut Notes) -> RootStatus {
    let path = place.path(MANIFEST);
    let line = place.root.top.and_then(|top| top.lines.get(&path));
    let vouched = line == Some(&listed.digest);
    let is_newer = place.root.top.is_some_and(|_| place.root.is_newer_than_top(listed.modified));
    let excuse = if is_newer { Excuse::Run } else { Excuse::None };
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
        line_by_line(place, listed, files, (by, notes));
    }
    match line {
        _ if vouched || place.root.top.is_none() => RootStatus::Settled,
        None => RootStatus::Unlisted { digest: listed.digest, excuse },
        Some(_) if same => RootStatus::RootDiffers { digest: listed.digest, excuse },
        Some(line) => {
            let detail = format!("{MANIFEST} at the root lists it as {line}, but it is {}", listed.digest);
            notes.add_excused(excuse, Changed, path, detail);
            RootStatus::Settled
        }
    }
}

/// Notes each file that differs from its line in the manifest, which messages call `by`.
fn line_by_line(place: Place<'_>, listed: &Manifest, files: &Files, (by, notes): (&str, &mut Notes)) {
    for (below, digest) in &listed.lines {
        let path = place.path(below);
        match files.get(below) {
            Some(seen) if seen.digest != *digest => {
                let excuse = match &seen.role {
                    _ if !place.root.is_recent(seen.modified, Some(listed)) => Excuse::None,
                    Role::Replaced => Excuse::Run,
                    Role::Shortened => Excuse::Removal,
                    Role::Fixed | Role::Added | Role::Edited(_) => Excuse::Writer,
                };
                notes.add_changed(excuse, path.clone(), by, digest, &seen.digest);
                if let Role::Edited(text) = &seen.role {
                    notes.explain_last(&edited(text));
                }
            }
            None if !notes.has(&path) => notes.add(Missing, path, format!("{by} lists it, but it does not exist")),
            _ => {}
        }
    }
    for (below, seen) in files.iter().filter(|(below, _)| !listed.lines.contains_key(*below)) {
        note_unlisted(place, below, seen, Some(listed), notes);
    }
}

/// Returns what is said of an `index.md` that differs from the text of this name, which is intact.
pub(super) fn edited(text: &str) -> String {
    format!(
        "differs from the newest text, {text}, which is intact: it was edited or damaged; `bindery repair` restores it and \
         keeps this version in .bindery/edited (notes of your own belong into notes.md beside it)"
    )
}

fn note_unlisted(place: Place<'_>, below: &str, seen: &FileState, listed: Option<&Manifest>, notes: &mut Notes) {
    let excuse = match seen.role {
        _ if !place.root.is_recent(seen.modified, listed) => Excuse::None,
        Role::Added | Role::Replaced | Role::Shortened => Excuse::Run,
        Role::Fixed | Role::Edited(_) => Excuse::Writer,
    };
    notes.add_excused(excuse, Unexpected, place.path(below), "is listed in no manifest");
}

/// Notes the damage of a folder without a manifest.
fn unlisted(place: Place<'_>, files: &Files, notes: &mut Notes) {
    let path = place.path(MANIFEST);
    match place.root.top.and_then(|top| top.lines.get(&path)) {
        Some(line) => {
            let derived = manifest::derive(files.iter().map(|(path, seen)| (path.clone(), seen.digest)));
            let rest =
                if derived == *line { "the files it listed are intact" } else { "other files there changed too" };
            notes.add(Missing, path, format!("{MANIFEST} at the root lists it, but it does not exist; {rest}"));
        }
        None => files.iter().for_each(|(below, seen)| note_unlisted(place, below, seen, None, notes)),
    }
}

/// Returns the digest in the name of an image; None for other names.
fn named_digest(name: &str) -> Option<Digest> {
    let (hex, extension) = name.split_once('.')?;
    ImageFormat::from_extension(extension)?;
    hex.parse().ok()
}

/// Checks that images are named by their digests, each once.
fn check_names(place: Place<'_>, files: &Files, notes: &mut Notes) {
    let folder = place.leaf.path.rsplit('/').next().unwrap_or_default();
    let mut last: Option<Digest> = None;
    for (below, seen) in files {
        let path = place.path(below);
        let Some(digest) = named_digest(below).filter(|_| !notes.has(&path)) else { continue };
        if !below.starts_with(folder) {
            notes.add(Unexpected, path, "does not belong in this folder");
        } else if digest != seen.digest {
            notes.add(Changed, path, format!("its name is its digest, but its digest is {}", seen.digest));
        } else if last == Some(digest) {
            notes.add(Unexpected, path, "exists under another name too");
        } else {
            last = Some(digest);
        }
    }
}
