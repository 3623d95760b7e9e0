//! What an earlier run left behind: found when a writer opens the archive, completed or set aside.
//!
//! There is no journal. The write order leaves few states: files that a record vouches for and no manifest lists yet
//! (they are listed), texts that no record names (the visit was never reported as kept; they are moved out of the
//! archive's tree), captures and events of a run that did not end (cut after what is whole, and sealed), articles half
//! removed (the removal is completed), manifests that the root does not list yet (they are listed), temporary files
//! (they are removed). Only what was written since the killed run began can come from it, which the file that it left
//! tells; where that file is gone, what is younger than the manifest that should list it. Other differences are damage:
//! they are left as they are, for `verify` to find, and noted.

mod articles;
mod runs;

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use crate::model::Digest;

use super::ArchiveError;
use super::images::digest_of;
use super::index::{Index, MemoryIndex};
use super::layout::{
    ARTICLES, CAPTURES, IMAGES, MANIFEST, MARKER, MARKER_TEXT, README, README_TEXT, RUNS, UNSEALED, image_name,
    is_temp_name,
};
use super::manifest::{self, Found};
use super::reader::list;
use super::writer::{State, root_digest};

pub(super) use articles::{list_article, restore_index};

/// The index of an archive that nothing happened to since its last commit; None when its files must be looked through.
pub(super) fn known(root: &Path) -> Result<Option<Box<dyn Index>>, ArchiveError> {
    if root.join(UNSEALED).exists() {
        return Ok(None);
    }
    let Some(index) = kept_index(root) else { return Ok(None) };
    let stamp = index.stamp()?;
    Ok((stamp.is_some() && stamp == root_digest(root)?).then_some(index))
}

/// An empty index: kept on disk where that is possible, else in memory, which is noted.
pub(super) fn empty_index(root: &Path, notes: &mut Vec<String>) -> Box<dyn Index> {
    #[cfg(feature = "store")]
    {
        let path = root.join(super::layout::INDEX_FILE);
        let opened = super::index::SqliteIndex::open(&path).and_then(|mut index| index.clear().map(|()| index));
        match opened {
            Ok(index) => return Box::new(index),
            Err(error) => notes.push(format!("{error}; this run does without it")),
        }
    }
    #[cfg(not(feature = "store"))]
    let _ = (root, notes);
    Box::new(MemoryIndex::default())
}

#[cfg(feature = "store")]
fn kept_index(root: &Path) -> Option<Box<dyn Index>> {
    let path = root.join(super::layout::INDEX_FILE);
    // What cannot be read is made anew.
    let index = path.exists().then(|| super::index::SqliteIndex::open(&path).ok()).flatten()?;
    Some(Box::new(index))
}

#[cfg(not(feature = "store"))]
fn kept_index(_: &Path) -> Option<Box<dyn Index>> {
    None
}

/// When the run began that did not seal what it changed; None when every run did.
pub(super) fn unsealed_since(root: &Path) -> Result<Option<SystemTime>, ArchiveError> {
    let path = root.join(UNSEALED);
    match fs::metadata(&path).and_then(|meta| meta.modified()) {
        Ok(modified) => Ok(Some(modified)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ArchiveError::io("read", &path, error)),
    }
}

/// Looks through an archive, brings it in order and fills its index. The caller holds the lock. `since` is when the run
/// began that was killed; None when that is not known.
pub(super) fn run(root: &Path, state: &mut State, since: Option<SystemTime>) -> Result<(), ArchiveError> {
    let mut recovery = Recovery { root, since, top: None, state };
    recovery.root_files()?;
    // Before the articles: a record that names a capture must find it sealed.
    for (year, months) in two_levels(root, CAPTURES)? {
        for month in months {
            recovery.captures(&format!("{CAPTURES}/{year}/{month}"))?;
        }
    }
    for year in list(&root.join(RUNS))?.0 {
        recovery.events(&format!("{RUNS}/{year}"))?;
    }
    for (host, years) in two_levels(root, ARTICLES)? {
        for year in years {
            recovery.articles(&format!("{ARTICLES}/{host}/{year}"))?;
        }
    }
    for start in list(&root.join(IMAGES))?.0 {
        recovery.images(&format!("{IMAGES}/{start}"))?;
    }
    Ok(())
}

fn two_levels(root: &Path, part: &str) -> Result<Vec<(String, Vec<String>)>, ArchiveError> {
    let part = root.join(part);
    list(&part)?.0.into_iter().map(|name| Ok((name.clone(), list(&part.join(name))?.0))).collect()
}

struct Recovery<'a> {
    root: &'a Path,
    /// When the killed run began; None when that is not known.
    since: Option<SystemTime>,
    top: Option<Found>,
    state: &'a mut State,
}

impl Recovery<'_> {
    fn root_files(&mut self) -> Result<(), ArchiveError> {
        self.remove_temps("", &list(self.root)?.1)?;
        if !self.root.join(README).exists() {
            self.state.disk.write(&self.root.join(README), README_TEXT.as_bytes())?;
        }
        self.top = manifest::read(self.root)?;
        if self.top.as_ref().is_some_and(|top| top.malformed > 0) {
            self.note(format!("{MANIFEST} holds lines that are none; run `bindery verify`"));
        }
        for (name, text) in [(README, README_TEXT), (MARKER, MARKER_TEXT)] {
            if !self.top.as_ref().is_some_and(|top| top.lines.contains_key(name)) {
                self.state.pending.root_line(name, Digest::of(text.as_bytes()));
            }
        }
        Ok(())
    }

    /// The manifest of a leaf folder, after its line in the root manifest was seen to.
    fn leaf(&mut self, leaf: &str) -> Result<Option<Found>, ArchiveError> {
        let found = manifest::read(&self.root.join(leaf))?;
        let path = format!("{leaf}/{MANIFEST}");
        let top = self.top.as_ref();
        let line = top.and_then(|top| top.lines.get(&path));
        match &found {
            Some(found) if line == Some(&found.digest) => {}
            Some(found) if top.is_none_or(|top| found.modified >= self.since.unwrap_or(top.modified)) => {
                self.state.pending.root_line(&path, found.digest);
                self.note(format!("{path} was written by a run that did not end, and is listed now"));
            }
            Some(_) => self.note(format!("{path} and {MANIFEST} do not agree; run `bindery verify`")),
            None if line.is_some() => self.note(format!("{path} was gone and is written anew from the records")),
            None => {}
        }
        Ok(found)
    }

    fn images(&mut self, leaf: &str) -> Result<(), ArchiveError> {
        let files = list(&self.root.join(leaf))?.1;
        self.remove_temps(leaf, &files)?;
        let manifest = self.leaf(leaf)?;
        for name in &files {
            let Some((digest, format)) = image_name(name) else { continue };
            self.state.index.put_image(&digest, format)?;
            if manifest.as_ref().is_some_and(|found| found.lines.contains_key(name)) {
                continue;
            }
            // The name says what the bytes must be, so no damage can slip in here.
            if digest_of(&self.root.join(leaf).join(name))? == digest {
                self.state.pending.file(&format!("{leaf}/{name}"), digest)?;
            } else {
                self.note(format!("{leaf}/{name} is damaged; run `bindery verify`"));
            }
        }
        Ok(())
    }

    fn remove_temps(&mut self, folder: &str, files: &[String]) -> Result<(), ArchiveError> {
        let folder = self.root.join(folder);
        files.iter().filter(|name| is_temp_name(name)).try_for_each(|name| self.state.disk.remove(&folder.join(name)))
    }

    fn unreadable(&mut self, folder: String, error: &ArchiveError) {
        self.note(error.to_string());
        self.state.unreadable.push(folder);
    }

    fn note(&mut self, text: String) {
        self.state.note(text);
    }

    /// Whether a killed run may have written a file or folder: it was changed since that run began, or, where that is
    /// not known, since the manifest was written. The same instant counts.
    fn is_recent(&self, path: &Path, manifest: Option<&Found>) -> Result<bool, ArchiveError> {
        let Some(reference) = self.since.or(manifest.map(|found| found.modified)) else { return Ok(true) };
        let modified = fs::metadata(path)
            .and_then(|meta| meta.modified())
            .map_err(|error| ArchiveError::io("read", path, error))?;
        Ok(modified >= reference)
    }
}
