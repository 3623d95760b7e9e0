//! Checking an archive down to every byte, from the files alone.
//!
//! Nothing here uses the code that writes archives: what is found is derived again from the normative text in
//! `archive/README.md`. A root manifest vouches for the manifests below it, and they for the files. Where two of the
//! three agree, the third is what is reported; names of images, digests in records and captures tell the rest.

mod articles;
mod bag;
mod bundles;
mod captures;
mod found;
mod hash;
mod leaf;
mod manifest;
mod names;
mod notes;
mod record;
mod runs;
mod sums;
mod textpack;
mod tombstones;
mod top;
mod wacz;
mod walk;
mod work;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::bundle::{BundleError, Tree};
use crate::model::{Finding, FindingKind};

pub use bundles::any;

use hash::Reader;
use leaf::MANIFEST;
use manifest::Listed;
use notes::Notes;
use work::Work;

/// Why an archive cannot be checked at all. Damage is a [`Finding`], not an error.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The folder does not exist.
    #[error("there is nothing to verify at {}: the folder does not exist; check the path", .path.display())]
    Missing {
        /// The folder asked for.
        path: PathBuf,
    },
    /// The folder is no archive.
    #[error("{} is no bindery archive: it holds no bindery-archive.json; name the folder that does", .path.display())]
    NotAnArchive {
        /// The folder asked for.
        path: PathBuf,
    },
    /// A later bindery made the archive.
    #[error("{} has archive format {found} and this bindery knows format 1 only; use a newer bindery", .path.display())]
    NewerFormat {
        /// The archive.
        path: PathBuf,
        /// The format its marker names.
        found: u64,
    },
    /// What is there is neither an archive nor a bundle.
    #[error("{} is neither an archive nor a bundle: {cause}; name a folder with bindery-archive.json, a bag, a WACZ or a TextPack", .path.display())]
    NothingKnown {
        /// The file or folder asked for.
        path: PathBuf,
        /// What was found.
        cause: String,
    },
    /// A bundle of a later version.
    #[error("{} is {found}, and this bindery knows {known}; use a newer bindery", .path.display())]
    NewerBundle {
        /// The bundle.
        path: PathBuf,
        /// What it says it is.
        found: String,
        /// The latest that is known.
        known: &'static str,
    },
    /// A bundle that cannot be opened.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The archive's own folder or marker cannot be read.
    #[error("cannot read {}: {source}; check the path and who may read it", .path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// How far a check has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Leaf folders (a host's year, a folder of images), or files of a bundle, done.
    pub folders: u64,
    /// All leaf folders or files.
    pub all_folders: u64,
}

/// What was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Subject {
    /// An archive's folder.
    #[default]
    Archive,
    /// A bag, packed or not.
    Bag,
    /// A WACZ.
    Wacz,
    /// A TextPack or TextBundle.
    TextPack,
}

impl Subject {
    /// The word used in events.
    pub fn word(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Bag => "bag",
            Self::Wacz => "wacz",
            Self::TextPack => "textpack",
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// What was checked.
    pub subject: Subject,
    /// What is wrong, sorted by path; empty when every byte is as it was written.
    pub findings: Vec<Finding>,
    /// Files read, manifests included.
    pub files: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Articles with a record.
    pub articles: u64,
    /// Images.
    pub images: u64,
}

impl Report {
    /// True when something is wrong; what a live writer has not sealed yet is no damage.
    pub fn is_damaged(&self) -> bool {
        self.findings.iter().any(|finding| !matches!(finding.kind, FindingKind::Pending | FindingKind::Warning))
    }
}

/// Reads every byte of the archive at `root` once, with as many threads as `threads` says (0 counts as 1), and compares
/// what is there with what manifests, names and records say. The findings do not depend on the number of threads.
///
/// Beside a live writer, files newer than their manifest are [`FindingKind::Pending`], never damage.
///
/// # Errors
/// A folder that is no archive of format 1 or cannot be read. Damage is no error.
pub fn archive(root: &Path, threads: usize, progress: &mut dyn FnMut(Progress)) -> Result<Report, VerifyError> {
    tree(&Tree::folder(root), threads, progress)
}

/// Checks an archive wherever it lies.
fn tree(root: &Tree, threads: usize, progress: &mut dyn FnMut(Progress)) -> Result<Report, VerifyError> {
    let live_before = root.on_disk().is_some_and(has_writer);
    let mut notes = Notes::default();
    let (mut bytes, mut files) = (0, 0);
    let mut tick = |n| bytes += n;
    let mut reader = Reader::new(&mut tick);
    let mut top_notes = Notes::default();
    let top = top::read_manifest(root, &mut reader, &mut top_notes);
    top::marker(root, top.as_ref(), &mut reader, &mut notes)?;
    top::readme(root, top.as_ref(), &mut reader, &mut notes);
    notes.extend(top_notes);
    let leaves =
        walk::leaves(root, &mut notes).map_err(|source| VerifyError::Unreadable { path: root.path(), source })?;
    let work = Work::new(root, &leaves, top.as_ref(), &mut reader);
    files += reader.files;
    let mut report = Report { bytes, files, ..Report::default() };
    let mut claims = Vec::new();
    for (leaf, checked) in leaves.iter().zip(work.run(threads, &mut report, progress)) {
        report.articles += checked.articles;
        report.images += checked.images;
        report.files += checked.files;
        notes.extend(checked.notes);
        claims.push((format!("{}/{MANIFEST}", leaf.path), checked.claim));
    }
    let folders: std::collections::BTreeSet<&str> = leaves.iter().map(|leaf| leaf.path.as_str()).collect();
    let known =
        |path: &str| path.strip_suffix(MANIFEST).is_some_and(|rest| folders.contains(rest.trim_end_matches('/')));
    top::settle(top.as_ref(), claims, known, &mut notes);
    let live = live_before || root.on_disk().is_some_and(|root| has_writer(root) || has_changed(root, top.as_ref()));
    report.findings = notes.finish(live);
    Ok(report)
}

/// A file's bytes, at most `limit` of them.
fn whole(tree: &Tree, path: &str, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = tree.open(path)?.bytes.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    match read > limit {
        true => Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {limit} bytes"))),
        false => Ok(bytes),
    }
}

/// Whether a writer holds the archive's lock.
fn has_writer(root: &Path) -> bool {
    let lock = File::open(root.join(".bindery/lock"));
    lock.is_ok_and(|file| matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)))
}

/// Whether the root manifest was written since it was read: a writer came and went.
fn has_changed(root: &Path, top: Option<&Listed>) -> bool {
    let modified = root.join(MANIFEST).metadata().and_then(|meta| meta.modified());
    modified.is_ok_and(|modified| top.is_some_and(|top| top.modified != modified))
}
