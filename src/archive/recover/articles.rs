//! Recovery of articles.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::Digest;

use super::super::ArchiveError;
use super::super::disk::Disk;
use super::super::edited::keep_copy;
use super::super::images::digest_of;
use super::super::index::IndexEntry;
use super::super::layout::{INDEX, RECORD, TOMBSTONE, UNFINISHED, index_path, is_slug, is_text_name};
use super::super::manifest::Manifest;
use super::super::pending::Pending;
use super::super::reader::list;
use super::super::record::{self, Record};
use super::super::tombstone::Tombstone;
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

    fn article(&mut self, leaf: &str, slug: &str, manifest: Option<&Manifest>) -> Result<(), ArchiveError> {
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
        self.state.index.put_article(folder, &IndexEntry::of(record))?;
        let listed = at.line(RECORD) == Some(&digest);
        if listed && !self.is_recent(&at.path, at.manifest)? {
            return Ok(());
        }
        let files = list(&at.path)?.1;
        self.remove_temps(folder, &files)?;
        let known: BTreeSet<&str> = record.snapshots.iter().map(|snapshot| snapshot.file.as_str()).collect();
        let unnamed: Vec<&String> = files
            .iter()
            .filter(|name| is_text_name(name) && !known.contains(name.as_str()) && at.line(name).is_none())
            .collect();
        if !unnamed.is_empty() {
            self.keep_edited(folder, Some(record), &unnamed)?;
            restore_index(&self.state.disk, &at.path, record)?;
            self.set_aside(folder, &unnamed)?;
        }
        if listed {
            return Ok(());
        }
        if !self.is_recent(&at.path.join(RECORD), at.manifest)? {
            self.note(format!("{folder}/{RECORD} differs from the digest in its manifest; run `bindery verify`"));
            return Ok(());
        }
        self.note(format!("{folder} was archived by an interrupted run and is now listed"));
        list_article(&mut self.state.pending, folder, record, digest)
    }

    /// Handles a folder without a record: its first visit was interrupted, unless a manifest lists files of the folder.
    fn without_record(&mut self, folder: String, at: &Article) -> Result<(), ArchiveError> {
        let files = list(&at.path)?.1;
        if at.line(RECORD).is_some() || files.iter().any(|name| at.line(name).is_some()) {
            self.note(format!("{folder}/{RECORD} is missing; restore it from a copy, then run `bindery verify`"));
            self.state.unreadable.push(folder);
            return Ok(());
        }
        self.remove_temps(&folder, &files)?;
        let texts: Vec<&String> = files.iter().filter(|name| is_text_name(name)).collect();
        if !texts.is_empty() {
            self.keep_edited(&folder, None, &texts)?;
            self.state.disk.remove(&at.path.join(INDEX))?;
            self.set_aside(&folder, &texts)?;
        }
        if is_slug(at.slug) {
            self.state.disk.remove_empty_folder(&at.path);
        }
        Ok(())
    }

    /// Keeps the version of an article that somebody edited before the next run. `unnamed` are the texts in its folder
    /// that no record names.
    fn keep_edited(&mut self, folder: &str, record: Option<&Record>, unnamed: &[&String]) -> Result<(), ArchiveError> {
        let unnamed: Result<Vec<Digest>, _> =
            unnamed.iter().map(|name| digest_of(&self.root.join(folder).join(name))).collect();
        let unnamed = unnamed?;
        let is_text =
            |digest: &Digest| unnamed.contains(digest) || record.is_some_and(|record| record.has_text(digest));
        let kept = keep_copy(&self.state.disk, self.root, &index_path(folder), &is_text)?;
        self.state.notes.extend(kept);
        Ok(())
    }

    /// Moves texts that were never reported as archived out of the archive's tree.
    fn set_aside(&mut self, folder: &str, names: &[&String]) -> Result<(), ArchiveError> {
        let below = folder.strip_prefix("articles/").unwrap_or(folder);
        let target = format!("{UNFINISHED}/{below}");
        self.state.disk.create_folder(&self.root.join(&target))?;
        for name in names {
            self.state.disk.rename(&self.root.join(folder).join(name), &self.root.join(&target).join(name))?;
            self.note(format!("{folder}/{name} belongs to an interrupted visit and was moved to {target}/{name}"));
        }
        Ok(())
    }

    /// Returns the tombstone in a folder; `None` if there is none or it cannot be read.
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

    /// Handles a folder with a tombstone and without a record: the manifest may still list files that were removed.
    fn removed(&mut self, folder: &str, at: &Article) -> Result<(), ArchiveError> {
        let files = list(&at.path)?.1;
        self.remove_temps(folder, &files)?;
        let start = format!("{}/", at.slug);
        let lines = at.manifest.into_iter().flat_map(|found| found.lines.keys());
        let listed: Vec<&str> = lines.filter_map(|path| path.strip_prefix(&start)).collect();
        // A removal takes texts out of the manifest before the record. A listed text was therefore deleted by something
        // else.
        if listed.iter().any(|name| is_text_name(name)) {
            return self.without_record(folder.to_owned(), at);
        }
        listed
            .iter()
            .filter(|name| **name != TOMBSTONE)
            .try_for_each(|name| self.state.pending.removed(&format!("{folder}/{name}")))
    }
}

/// Restores `index.md` from the newest text, if that text is undamaged.
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
    manifest: Option<&'a Manifest>,
}

impl Article<'_> {
    fn line(&self, name: &str) -> Option<&Digest> {
        self.manifest?.lines.get(&format!("{}/{name}", self.slug))
    }
}

/// Adds the manifest lines of an article, with the digests that its record states.
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
