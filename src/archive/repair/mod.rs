//! Repair: files that a verifier reported are restored from what else the archive contains.
//!
//! `index.md` is a copy of the newest text, so each restores the other. README and marker are the same in every archive.
//! An image is in the capture of its page. A manifest follows from the files, as far as names, records and captures vouch
//! for them. Nothing is restored from a file that is damaged itself, and the version of a file that was edited is kept.

mod images;
mod manifests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::model::{Digest, Finding, FindingKind};

use super::ArchiveError;
use super::disk::Disk;
use super::edited::keep_copy;
use super::folders::folder_of;
use super::images::digest_of;
use super::layout::{
    ARTICLES, IMAGES, INDEX, LOCK, MANIFEST, MARKER, MARKER_TEXT, PRIVATE, README, README_TEXT, RECORD, index_path,
    is_text_name,
};
use super::lock::{LockAttempt, lock};
use super::manifest;
use super::reader::{check_marker, read_entry};
use super::record::Record;
use super::writer::{Writer, WriterOptions};

use images::CapturedImage;

/// A file that was, or can be, restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// Its path below the archive.
    pub path: String,
    /// Where its bytes come from, to follow the path in a sentence.
    pub how: String,
}

/// Where the bytes of a file come from.
enum Source {
    Bytes(Vec<u8>),
    /// Another file of the archive.
    Copy(String),
    Capture(CapturedImage),
}

/// One file to restore, and the digest that it then has.
struct Step {
    repair: Repair,
    source: Source,
    digest: Digest,
}

impl Step {
    fn new(path: &str, how: String, source: Source, digest: Digest) -> Self {
        Self { repair: Repair { path: path.to_owned(), how }, source, digest }
    }

    fn of_bytes(path: &str, how: &str, bytes: Vec<u8>) -> Self {
        let digest = Digest::of(&bytes);
        Self::new(path, how.to_owned(), Source::Bytes(bytes), digest)
    }

    fn bytes(&self, root: &Path) -> Result<Vec<u8>, ArchiveError> {
        match &self.source {
            Source::Bytes(bytes) => Ok(bytes.clone()),
            Source::Copy(path) => {
                let path = root.join(path);
                fs::read(&path).map_err(|error| ArchiveError::io("read", &path, error))
            }
            Source::Capture(image) => image.read(root),
        }
    }
}

/// Returns what a repair would restore. `findings` are those of a verifier.
///
/// # Errors
/// The archive cannot be read.
pub fn plan_repair(root: &Path, findings: &[Finding]) -> Result<Vec<Repair>, ArchiveError> {
    Ok(steps(root, findings)?.into_iter().map(|step| step.repair).collect())
}

/// Restores a marker that is missing or damaged. Returns whether it did: the root manifest must list the marker of this
/// format.
///
/// # Errors
/// Another process is writing to the archive, or an operation of the operating system fails.
pub fn restore_marker(root: &Path, options: &WriterOptions) -> Result<bool, ArchiveError> {
    let is_broken =
        matches!(check_marker(root), Err(ArchiveError::NotAnArchive { .. } | ArchiveError::DamagedMarker { .. }));
    let known = Digest::of(MARKER_TEXT.as_bytes());
    if !is_broken || manifest::read(root)?.and_then(|top| top.lines.get(MARKER).copied()) != Some(known) {
        return Ok(false);
    }
    let disk = Disk::new(options.watch.clone());
    disk.create_folder(&root.join(PRIVATE))?;
    match lock(&root.join(LOCK), &options.holder)? {
        LockAttempt::Acquired(_lock) => {
            keep_copy(&disk, root, MARKER, &|_| false)?;
            disk.write(&root.join(MARKER), MARKER_TEXT.as_bytes()).map(|()| true)
        }
        LockAttempt::Held(holder) => {
            let holder = holder.unwrap_or_else(|| "another process".to_owned());
            Err(ArchiveError::Locked { path: root.to_owned(), holder })
        }
    }
}

impl Writer {
    /// Restores what can be restored of the files in `findings`, those of a verifier. `on_repair` receives each file that was
    /// restored, and a sentence if a version was edited and is kept. [`Writer::commit`] ends the repair.
    ///
    /// # Errors
    /// An operation of the operating system fails. What was restored before stays, and the repair can be repeated.
    pub fn repair(
        &mut self,
        findings: &[Finding],
        on_repair: &mut dyn FnMut(Repair, Option<String>),
    ) -> Result<(), ArchiveError> {
        for step in steps(&self.root.clone(), findings)? {
            self.mark_unsealed()?;
            let path = step.repair.path.as_str();
            let bytes = step.bytes(&self.root)?;
            let is_derived = path.ends_with(MANIFEST);
            let is_known = |found: &Digest| is_derived || *found == step.digest || self.has_text(path, found);
            let kept = keep_copy(&self.state.disk, &self.root, path, &is_known)?;
            let file = self.root.join(path);
            self.state.disk.create_folder(folder_of(&file))?;
            self.state.disk.write(&file, &bytes)?;
            on_repair(step.repair, kept);
        }
        Ok(())
    }

    /// Returns whether a digest is that of a text of the article with this `index.md`.
    fn has_text(&self, path: &str, digest: &Digest) -> bool {
        let folder = path.strip_suffix(INDEX).map(|folder| folder.trim_end_matches('/'));
        let entry = folder.and_then(|folder| read_entry(&self.root, folder.to_owned()).ok().flatten());
        entry.is_some_and(|entry| entry.record.has_text(digest))
    }
}

/// Returns the files that can be restored, in the order in which they are written.
fn steps(root: &Path, findings: &[Finding]) -> Result<Vec<Step>, ArchiveError> {
    let is_restorable = |kind| matches!(kind, FindingKind::Missing | FindingKind::Changed | FindingKind::Malformed);
    let damaged: BTreeSet<&str> =
        findings.iter().filter(|finding| is_restorable(finding.kind)).map(|finding| finding.path.as_str()).collect();
    let mut steps = images::steps(root, &damaged)?;
    for path in &damaged {
        let step = match path.rsplit_once('/') {
            None if *path == README => Some(of_every_archive(README, README_TEXT)),
            None if *path == MARKER => Some(of_every_archive(MARKER, MARKER_TEXT)),
            Some((folder, name)) if folder.starts_with(ARTICLES) => article_file(root, folder, name, &damaged)?,
            _ => None,
        };
        steps.extend(step);
    }
    // Images come first, then texts, then copies of them, as in every run.
    let rank = |step: &Step| (!step.repair.path.starts_with(IMAGES), step.repair.path.ends_with(INDEX));
    steps.sort_by(|a, b| rank(a).cmp(&rank(b)).then(a.repair.path.cmp(&b.repair.path)));
    let restored: BTreeMap<String, Digest> = steps.iter().map(|step| (step.repair.path.clone(), step.digest)).collect();
    steps.extend(manifests::steps(root, &damaged, restored)?);
    Ok(steps)
}

fn of_every_archive(path: &str, text: &str) -> Step {
    Step::of_bytes(path, "is the same in every archive of this format", text.as_bytes().to_vec())
}

/// Restores a text from `index.md`, or `index.md` from the newest text, if the record of the article vouches for it.
fn article_file(root: &Path, folder: &str, name: &str, damaged: &BTreeSet<&str>) -> Result<Option<Step>, ArchiveError> {
    let Some(record) = intact_record(root, folder, damaged)? else { return Ok(None) };
    let (wanted, from) = match record.newest() {
        Some(newest) if name == INDEX => (newest.sha256, newest.file.clone()),
        _ if is_text_name(name) => {
            let snapshot = record.snapshots.iter().find(|snapshot| snapshot.file == name);
            let Some(snapshot) = snapshot else { return Ok(None) };
            (snapshot.sha256, INDEX.to_owned())
        }
        _ => return Ok(None),
    };
    let path = format!("{folder}/{name}");
    let source = format!("{folder}/{from}");
    let is_intact = root.join(&source).is_file() && digest_of(&root.join(&source))? == wanted;
    Ok(is_intact.then(|| Step::new(&path, format!("is a copy of {from}"), Source::Copy(source), wanted)))
}

/// Returns the record of an article; `None` if it is damaged or missing.
fn intact_record(root: &Path, folder: &str, damaged: &BTreeSet<&str>) -> Result<Option<Record>, ArchiveError> {
    if damaged.contains(format!("{folder}/{RECORD}").as_str()) {
        return Ok(None);
    }
    match read_entry(root, folder.to_owned()) {
        Ok(entry) => Ok(entry.map(|entry| entry.record)),
        Err(error) if error.is_of_one_article() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether an article's files are as its record says; `restored` are the digests of files that are restored before.
fn is_consistent(
    root: &Path,
    folder: &str,
    restored: &BTreeMap<String, Digest>,
    damaged: &BTreeSet<&str>,
) -> Result<bool, ArchiveError> {
    let Some(record) = intact_record(root, folder, damaged)? else { return Ok(false) };
    let index = record.newest().map(|newest| (index_path(folder), newest.sha256));
    let texts = record.snapshots.iter().map(|text| (format!("{folder}/{}", text.file), text.sha256));
    for (path, wanted) in texts.chain(index) {
        let file = root.join(&path);
        let found = match restored.get(&path) {
            Some(digest) => Some(*digest),
            None if file.is_file() => Some(digest_of(&file)?),
            None => None,
        };
        if found != Some(wanted) {
            return Ok(false);
        }
    }
    Ok(true)
}
