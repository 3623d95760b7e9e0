//! Recovery: when a writer opens the archive, it completes or sets aside what an interrupted run left.
//!
//! There is no journal. The write order allows only a few states:
//!
//! * files that a record names and no manifest lists yet: they are listed;
//! * texts that no record names, whose visit was never reported as archived: they are moved out of the archive's tree;
//! * captures and events that were not sealed: they are truncated after the last complete record or line, and sealed;
//! * articles whose removal was interrupted: the removal is completed;
//! * manifests that the root manifest does not list yet: they are listed;
//! * staging files: they are removed.
//!
//! Only files changed since the interrupted run began can come from it; the time of `.bindery/unsealed` is that of its
//! beginning. If that file is missing, files newer than the manifest that should list them are considered. All other
//! differences are damage: they are noted and left for `verify` to report.

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
use super::manifest::{self, Manifest};
use super::reader::list;
use super::state::State;

pub(super) use articles::{list_article, restore_index};

/// Returns the index if it agrees with the archive's root manifest; `None` if all files must be checked.
pub(super) fn current_index(root: &Path) -> Result<Option<Box<dyn Index>>, ArchiveError> {
    if root.join(UNSEALED).exists() {
        return Ok(None);
    }
    let Some(index) = stored_index(root) else { return Ok(None) };
    let stamp = index.stamp()?;
    Ok((stamp.is_some() && stamp == manifest::digest(root)?).then_some(index))
}

/// Returns an empty index: on disk if possible, otherwise in memory, with a note.
pub(super) fn empty_index(root: &Path, notes: &mut Vec<String>) -> Box<dyn Index> {
    #[cfg(feature = "store")]
    {
        let path = root.join(super::layout::INDEX_FILE);
        let opened = super::index::SqliteIndex::open(&path).and_then(|mut index| index.clear().map(|()| index));
        match opened {
            Ok(index) => return Box::new(index),
            Err(error) => notes.push(format!("{error}; this run keeps its index in memory")),
        }
    }
    #[cfg(not(feature = "store"))]
    let _ = (root, notes);
    Box::new(MemoryIndex::default())
}

#[cfg(feature = "store")]
fn stored_index(root: &Path) -> Option<Box<dyn Index>> {
    let path = root.join(super::layout::INDEX_FILE);
    // An index that cannot be read is rebuilt.
    let index = path.exists().then(|| super::index::SqliteIndex::open(&path).ok()).flatten()?;
    Some(Box::new(index))
}

#[cfg(not(feature = "store"))]
fn stored_index(_: &Path) -> Option<Box<dyn Index>> {
    None
}

/// Returns when the run began that did not seal its changes; `None` if every run did.
pub(super) fn unsealed_since(root: &Path) -> Result<Option<SystemTime>, ArchiveError> {
    let path = root.join(UNSEALED);
    match fs::metadata(&path).and_then(|meta| meta.modified()) {
        Ok(modified) => Ok(Some(modified)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ArchiveError::io("read", &path, error)),
    }
}

/// Checks all files of an archive, recovers what an interrupted run left and fills the index. The caller holds the
/// lock. `since` is the beginning of the interrupted run; `None` if unknown.
pub(super) fn run(root: &Path, state: &mut State, since: Option<SystemTime>) -> Result<(), ArchiveError> {
    let mut recovery = Recovery { root, since, root_manifest: None, state };
    recovery.root_files()?;
    // Captures come before articles, because records refer to sealed captures.
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

fn two_levels(root: &Path, folder: &str) -> Result<Vec<(String, Vec<String>)>, ArchiveError> {
    let folder = root.join(folder);
    list(&folder)?.0.into_iter().map(|name| Ok((name.clone(), list(&folder.join(name))?.0))).collect()
}

struct Recovery<'a> {
    root: &'a Path,
    /// When the interrupted run began; `None` if unknown.
    since: Option<SystemTime>,
    root_manifest: Option<Manifest>,
    state: &'a mut State,
}

impl Recovery<'_> {
    fn root_files(&mut self) -> Result<(), ArchiveError> {
        self.remove_temps("", &list(self.root)?.1)?;
        if !self.root.join(README).exists() {
            self.state.disk.write(&self.root.join(README), README_TEXT.as_bytes())?;
        }
        self.root_manifest = manifest::read(self.root)?;
        if self.root_manifest.as_ref().is_some_and(|manifest| manifest.malformed > 0) {
            self.note(format!("{MANIFEST} contains malformed lines; run `bindery verify`"));
        }
        for (name, text) in [(README, README_TEXT), (MARKER, MARKER_TEXT)] {
            if !self.root_manifest.as_ref().is_some_and(|manifest| manifest.lines.contains_key(name)) {
                self.state.pending.root_line(name, Digest::of(text.as_bytes()));
            }
        }
        Ok(())
    }

    /// Returns the manifest of a leaf folder, and updates its line in the root manifest if needed.
    fn leaf(&mut self, leaf: &str) -> Result<Option<Manifest>, ArchiveError> {
        let found = manifest::read(&self.root.join(leaf))?;
        let path = format!("{leaf}/{MANIFEST}");
        let top = self.root_manifest.as_ref();
        let line = top.and_then(|top| top.lines.get(&path));
        match &found {
            Some(found) if line == Some(&found.digest) => {}
            // A manifest is written whole: a malformed one is damage.
            Some(found)
                if found.malformed == 0
                    && top.is_none_or(|top| found.modified >= self.since.unwrap_or(top.modified)) =>
            {
                self.state.pending.root_line(&path, found.digest);
                self.note(format!("{path} was written by an interrupted run and is now listed"));
            }
            Some(_) => self.note(format!("{path} differs from the digest in {MANIFEST}; run `bindery verify`")),
            None if line.is_some() => self.note(format!("{path} was missing and is rebuilt from the records")),
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
            // The name contains the digest of the bytes, so a damaged image is not listed.
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

    /// Returns whether an interrupted run may have written a file or folder: it was changed since that run began or, if
    /// that is unknown, since the manifest was written. An equal time counts.
    fn is_recent(&self, path: &Path, manifest: Option<&Manifest>) -> Result<bool, ArchiveError> {
        let Some(reference) = self.since.or(manifest.map(|found| found.modified)) else { return Ok(true) };
        let modified = fs::metadata(path)
            .and_then(|meta| meta.modified())
            .map_err(|error| ArchiveError::io("read", path, error))?;
        Ok(modified >= reference)
    }
}
