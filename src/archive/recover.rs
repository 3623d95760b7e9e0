//! What an earlier run left behind: found when a writer opens the archive, completed or set aside.
//!
//! There is no journal. The write order leaves few states: files that a record vouches for and no manifest lists yet
//! (they are listed), texts that no record names (the visit was never reported as kept; they are moved out of the
//! archive's tree), manifests that the root does not list yet (they are listed), temporary files (they are removed).
//! Only what is younger than the manifest that should list it can come from a killed run. Older differences are damage:
//! they are left as they are, for `verify` to find, and noted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use crate::model::{Digest, UrlKey};

use super::images::{Shelf, digest_of};
use super::layout::{
    ARTICLES, IMAGES, INDEX, MANIFEST, MARKER, MARKER_TEXT, README, README_TEXT, RECORD, UNFINISHED, image_name,
    is_temp_name, is_text_name,
};
use super::manifest::{self, Found};
use super::pending::Pending;
use super::reader::list;
use super::record::{self, Record};
use super::{ArchiveError, store};

/// What is known about an archive after it was opened for writing.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Key of a page → its folder.
    pub folders: BTreeMap<UrlKey, String>,
    /// Key of another address of a page → its folder.
    pub aliases: BTreeMap<UrlKey, String>,
    /// Folders whose record cannot be read.
    pub unreadable: Vec<String>,
    /// The images.
    pub shelf: Shelf,
    /// What the manifests do not list yet.
    pub pending: Pending,
    /// What was completed, set aside or left, one sentence each.
    pub notes: Vec<String>,
}

/// Looks through an archive and brings it in order. The caller holds the lock.
pub(super) fn run(root: &Path) -> Result<State, ArchiveError> {
    let mut recovery = Recovery { root, top: None, state: State::default() };
    recovery.root_files()?;
    for (host, years) in two_levels(root)? {
        for year in years {
            recovery.articles(&format!("{ARTICLES}/{host}/{year}"))?;
        }
    }
    for start in list(&root.join(IMAGES))?.0 {
        recovery.images(&format!("{IMAGES}/{start}"))?;
    }
    Ok(recovery.state)
}

/// Makes `index.md` the newest text again, if that text is whole.
pub(super) fn restore_index(folder: &Path, record: &Record) -> Result<(), ArchiveError> {
    let Some(newest) = record.newest() else { return Ok(()) };
    let index = folder.join(INDEX);
    if index.exists() && digest_of(&index)? == newest.sha256 {
        return Ok(());
    }
    let text = record::read_bytes(&folder.join(&newest.file))?;
    if Digest::of(&text) != newest.sha256 {
        return Ok(());
    }
    store::write(&index, &text)
}

fn two_levels(root: &Path) -> Result<Vec<(String, Vec<String>)>, ArchiveError> {
    let articles = root.join(ARTICLES);
    list(&articles)?.0.into_iter().map(|host| Ok((host.clone(), list(&articles.join(host))?.0))).collect()
}

struct Recovery<'a> {
    root: &'a Path,
    top: Option<Found>,
    state: State,
}

impl Recovery<'_> {
    fn root_files(&mut self) -> Result<(), ArchiveError> {
        self.remove_temps("", &list(self.root)?.1)?;
        if !self.root.join(README).exists() {
            store::write(&self.root.join(README), README_TEXT.as_bytes())?;
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
            Some(found) if top.is_none_or(|top| found.modified >= top.modified) => {
                self.state.pending.root_line(&path, found.digest);
                self.note(format!("{path} was written by a run that did not end, and is listed now"));
            }
            Some(_) => self.note(format!("{path} and {MANIFEST} do not agree; run `bindery verify`")),
            None if line.is_some() => self.note(format!("{path} was gone and is written anew from the records")),
            None => {}
        }
        Ok(found)
    }

    fn articles(&mut self, leaf: &str) -> Result<(), ArchiveError> {
        let (slugs, files) = list(&self.root.join(leaf))?;
        self.remove_temps(leaf, &files)?;
        let manifest = self.leaf(leaf)?;
        for slug in slugs {
            self.article(leaf, &slug, manifest.as_ref())?;
        }
        Ok(())
    }

    fn article(&mut self, leaf: &str, slug: &str, manifest: Option<&Found>) -> Result<(), ArchiveError> {
        let folder = format!("{leaf}/{slug}");
        let at = Article { path: self.root.join(&folder), slug, manifest };
        let path = at.path.join(RECORD);
        let bytes = match record::read_bytes(&path) {
            Ok(bytes) => bytes,
            Err(ArchiveError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return self.without_record(folder, &at);
            }
            Err(error) => {
                self.unreadable(folder, &error);
                return Ok(());
            }
        };
        match Record::parse(&path, &bytes) {
            Ok(record) => self.with_record(&folder, &at, &record, Digest::of(&bytes)),
            Err(error) => {
                self.unreadable(folder, &error);
                Ok(())
            }
        }
    }

    fn with_record(&mut self, folder: &str, at: &Article, record: &Record, digest: Digest) -> Result<(), ArchiveError> {
        register(&mut self.state, folder, record);
        let listed = at.line(RECORD) == Some(&digest);
        if listed && !at.is_younger(&at.path)? {
            return Ok(());
        }
        let files = list(&at.path)?.1;
        self.remove_temps(folder, &files)?;
        let known: BTreeSet<&str> = record.snapshots.iter().map(|snapshot| snapshot.file.as_str()).collect();
        let loose: Vec<&String> = files
            .iter()
            .filter(|name| is_text_name(name) && !known.contains(name.as_str()) && at.line(name).is_none())
            .collect();
        if !loose.is_empty() {
            restore_index(&at.path, record)?;
            self.set_aside(folder, &loose)?;
        }
        if listed {
            return Ok(());
        }
        if !at.is_younger(&at.path.join(RECORD))? {
            self.note(format!("{folder}/{RECORD} is not what its manifest lists; run `bindery verify`"));
            return Ok(());
        }
        self.note(format!("{folder} was kept by a run that did not end, and is listed now"));
        list_article(&mut self.state.pending, folder, record, digest)
    }

    /// A folder without a record: the first visit was cut off, unless a manifest lists what is there.
    fn without_record(&mut self, folder: String, at: &Article) -> Result<(), ArchiveError> {
        let files = list(&at.path)?.1;
        if at.line(RECORD).is_some() || files.iter().any(|name| at.line(name).is_some()) {
            self.note(format!("{folder}/{RECORD} is gone; restore it from a copy, then run `bindery verify`"));
            self.state.unreadable.push(folder);
            return Ok(());
        }
        self.remove_temps(&folder, &files)?;
        let texts: Vec<&String> = files.iter().filter(|name| is_text_name(name)).collect();
        if !texts.is_empty() {
            store::remove(&at.path.join(INDEX))?;
            self.set_aside(&folder, &texts)?;
        }
        store::remove_empty_folder(&at.path);
        Ok(())
    }

    /// Moves texts that were never reported as kept out of the archive's tree.
    fn set_aside(&mut self, folder: &str, names: &[&String]) -> Result<(), ArchiveError> {
        let below = folder.strip_prefix("articles/").unwrap_or(folder);
        let target = format!("{UNFINISHED}/{below}");
        store::create_folder(&self.root.join(&target))?;
        for name in names {
            store::rename(&self.root.join(folder).join(name), &self.root.join(&target).join(name))?;
            self.note(format!("{folder}/{name} was not finished by the run that wrote it, and is now {target}/{name}"));
        }
        Ok(())
    }

    fn images(&mut self, leaf: &str) -> Result<(), ArchiveError> {
        let files = list(&self.root.join(leaf))?.1;
        self.remove_temps(leaf, &files)?;
        let manifest = self.leaf(leaf)?;
        for name in &files {
            let Some((digest, format)) = image_name(name) else { continue };
            self.state.shelf.note(digest, format);
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
        files.iter().filter(|name| is_temp_name(name)).try_for_each(|name| store::remove(&folder.join(name)))
    }

    fn unreadable(&mut self, folder: String, error: &ArchiveError) {
        self.note(error.to_string());
        self.state.unreadable.push(folder);
    }

    fn note(&mut self, text: String) {
        self.state.notes.push(text);
    }
}

/// An article's folder and the manifest that should list it.
struct Article<'a> {
    path: std::path::PathBuf,
    slug: &'a str,
    manifest: Option<&'a Found>,
}

impl Article<'_> {
    fn line(&self, name: &str) -> Option<&Digest> {
        self.manifest?.lines.get(&format!("{}/{name}", self.slug))
    }

    /// Whether a file or folder was changed after the manifest was written, or in the same instant.
    fn is_younger(&self, path: &Path) -> Result<bool, ArchiveError> {
        let Some(manifest) = self.manifest else { return Ok(true) };
        let modified: SystemTime = fs::metadata(path)
            .and_then(|meta| meta.modified())
            .map_err(|error| ArchiveError::io("read", path, error))?;
        Ok(modified >= manifest.modified)
    }
}

/// Makes an article findable by its keys. An article's own key goes before another's alias.
pub(super) fn register(state: &mut State, folder: &str, record: &Record) {
    let mut keys = record.keys();
    if let Some(key) = keys.next() {
        state.folders.entry(key).or_insert_with(|| folder.to_owned());
    }
    for key in keys {
        state.aliases.entry(key).or_insert_with(|| folder.to_owned());
    }
}

/// The manifest lines of an article, as its record vouches for them.
pub(super) fn list_article(
    pending: &mut Pending,
    folder: &str,
    record: &Record,
    digest: Digest,
) -> Result<(), ArchiveError> {
    for snapshot in &record.snapshots {
        pending.file(&format!("{folder}/{}", snapshot.file), snapshot.sha256)?;
    }
    if let Some(newest) = record.newest() {
        pending.file(&format!("{folder}/{INDEX}"), newest.sha256)?;
    }
    pending.file(&format!("{folder}/{RECORD}"), digest)
}
