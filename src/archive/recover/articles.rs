//! Articles that a killed run left.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::Digest;

use super::super::ArchiveError;
use super::super::disk::Disk;
use super::super::images::digest_of;
use super::super::index::Entry;
use super::super::layout::{INDEX, RECORD, TOMBSTONE, UNFINISHED, is_text_name};
use super::super::manifest::Found;
use super::super::pending::Pending;
use super::super::reader::list;
use super::super::record::{self, Record};
use super::super::remove::Tombstone;
use super::Recovery;

impl Recovery<'_> {
    pub(super) fn articles(&mut self, leaf: &str) -> Result<(), ArchiveError> {
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
        let tombstone = self.tombstone(&folder, &at)?;
        let path = at.path.join(RECORD);
        let bytes = match record::read_bytes(&path) {
            Ok(bytes) => bytes,
            Err(ArchiveError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return match tombstone {
                    Some(_) => self.removed(&folder, &at),
                    None => self.without_record(folder, &at),
                };
            }
            Err(error) => {
                self.unreadable(folder, &error);
                return Ok(());
            }
        };
        let digest = Digest::of(&bytes);
        if tombstone.is_some_and(|tombstone| tombstone.record_sha256 == digest) {
            self.state.half_removed.push(folder);
            return Ok(());
        }
        match Record::parse(&path, &bytes) {
            Ok(record) => self.with_record(&folder, &at, &record, digest),
            Err(error) => {
                self.unreadable(folder, &error);
                Ok(())
            }
        }
    }

    fn with_record(&mut self, folder: &str, at: &Article, record: &Record, digest: Digest) -> Result<(), ArchiveError> {
        self.state.index.put_article(folder, &Entry::of(record))?;
        let listed = at.line(RECORD) == Some(&digest);
        if listed && !self.is_recent(&at.path, at.manifest)? {
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
            restore_index(&self.state.disk, &at.path, record)?;
            self.set_aside(folder, &loose)?;
        }
        if listed {
            return Ok(());
        }
        if !self.is_recent(&at.path.join(RECORD), at.manifest)? {
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
            self.state.disk.remove(&at.path.join(INDEX))?;
            self.set_aside(&folder, &texts)?;
        }
        self.state.disk.remove_empty_folder(&at.path);
        Ok(())
    }

    /// Moves texts that were never reported as kept out of the archive's tree.
    fn set_aside(&mut self, folder: &str, names: &[&String]) -> Result<(), ArchiveError> {
        let below = folder.strip_prefix("articles/").unwrap_or(folder);
        let target = format!("{UNFINISHED}/{below}");
        self.state.disk.create_folder(&self.root.join(&target))?;
        for name in names {
            self.state.disk.rename(&self.root.join(folder).join(name), &self.root.join(&target).join(name))?;
            self.note(format!("{folder}/{name} was not finished by the run that wrote it, and is now {target}/{name}"));
        }
        Ok(())
    }

    /// The tombstone in a folder; None when there is none that can be read.
    fn tombstone(&mut self, folder: &str, at: &Article) -> Result<Option<Tombstone>, ArchiveError> {
        let path = at.path.join(TOMBSTONE);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = record::read_bytes(&path)?;
        let digest = Digest::of(&bytes);
        if at.line(TOMBSTONE) != Some(&digest) && self.is_recent(&path, at.manifest)? {
            self.state.pending.file(&format!("{folder}/{TOMBSTONE}"), digest)?;
        }
        match Tombstone::parse(&path, &bytes) {
            Ok(tombstone) => Ok(Some(tombstone)),
            Err(error) => {
                self.note(error.to_string());
                Ok(None)
            }
        }
    }

    /// A folder with a tombstone and no record: the manifest may list a record that is gone.
    fn removed(&mut self, folder: &str, at: &Article) -> Result<(), ArchiveError> {
        let files = list(&at.path)?.1;
        self.remove_temps(folder, &files)?;
        let start = format!("{}/", at.slug);
        let lines = at.manifest.into_iter().flat_map(|found| found.lines.keys());
        let listed: Vec<&str> = lines.filter_map(|path| path.strip_prefix(&start)).collect();
        // Texts go first and the record last, so a text that is listed still was taken by somebody else.
        if listed.iter().any(|name| is_text_name(name)) {
            return self.without_record(folder.to_owned(), at);
        }
        listed
            .iter()
            .filter(|name| **name != TOMBSTONE)
            .try_for_each(|name| self.state.pending.gone(&format!("{folder}/{name}")))
    }
}

/// Makes `index.md` the newest text again, if that text is whole.
pub(in crate::archive) fn restore_index(disk: &Disk, folder: &Path, record: &Record) -> Result<(), ArchiveError> {
    let Some(newest) = record.newest() else { return Ok(()) };
    let index = folder.join(INDEX);
    if index.exists() && digest_of(&index)? == newest.sha256 {
        return Ok(());
    }
    let text = record::read_bytes(&folder.join(&newest.file))?;
    if Digest::of(&text) != newest.sha256 {
        return Ok(());
    }
    disk.write(&index, &text)
}

/// An article's folder and the manifest that should list it.
struct Article<'a> {
    path: PathBuf,
    slug: &'a str,
    manifest: Option<&'a Found>,
}

impl Article<'_> {
    fn line(&self, name: &str) -> Option<&Digest> {
        self.manifest?.lines.get(&format!("{}/{name}", self.slug))
    }
}

/// The manifest lines of an article, as its record vouches for them.
pub(in crate::archive) fn list_article(
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
