//! Checks every byte of an archive or bundle, using nothing but its files.
//!
//! This module does not use the code that writes archives: it implements the specification in `archive/README.md`
//! independently. The root manifest certifies the leaf manifests, and these the files. If two of the three agree, the third
//! is reported as damaged; otherwise names of images, digests in records, and captures decide.

mod articles;
mod bag;
mod bundles;
mod captures;
mod checksums;
mod explain;
mod findings;
mod hash;
mod jobs;
mod leaf;
mod listed;
mod manifest;
mod names;
mod notes;
mod record;
mod root;
mod runs;
mod tar;
mod tombstones;
mod top;
mod wacz;
mod walk;

use std::io;
use std::path::{Path, PathBuf};

use crate::archive::{OLDER_ADVICE, lock_holder};
use crate::bundle::{BundleError, Tree};
use crate::model::{Finding, FindingKind};

pub use bundles::any;
#[doc(hidden)]
pub use explain::{Link, explain};

use hash::FileReader;
use jobs::JobQueue;
use manifest::{MANIFEST, Manifest};
use notes::{Excuse, Notes, RunState};
use root::{Root, unsealed_since};

/// Why an archive or bundle could not be checked. Damage is a [`Finding`], not an error.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The file or folder does not exist.
    #[error("{} does not exist; check the path", .path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is not an archive.
    #[error("{} is not a bindery archive: it does not contain bindery-archive.json; check the path", .path.display())]
    NotAnArchive {
        /// The folder.
        path: PathBuf,
    },
    /// The archive was written by a newer version.
    #[error("{} has archive format {found}, but this bindery supports format 1 only; use a newer bindery", .path.display())]
    NewerFormat {
        /// The archive.
        path: PathBuf,
        /// The format in its marker.
        found: u64,
    },
    /// Nothing is damaged, but records were written by a development version, before the names of format 1 were final.
    #[error("{} has records in an older form ({count}), which this bindery does not read; {OLDER_ADVICE}", .path.display())]
    OlderRecords {
        /// The archive.
        path: PathBuf,
        /// The number of these records.
        count: usize,
    },
    /// The file or folder is neither an archive nor a bundle.
    #[error("{} is neither an archive nor a bundle: {cause}; use the folder of an archive, or a bundle ({})", .path.display(), bundles::names())]
    UnknownFormat {
        /// The file or folder.
        path: PathBuf,
        /// What was found.
        cause: String,
    },
    /// The bundle is made for reading and lists no digests.
    #[error("{} is made for reading ({format}) and lists no digests to check it with; verify the archive that it was made from", .path.display())]
    ForReading {
        /// The file or folder.
        path: PathBuf,
        /// The name of its format.
        format: &'static str,
    },
    /// The file is a tar file.
    #[error("{} is {what}, which bindery does not read; unpack it (`tar -xf`) and check the folder", .path.display())]
    Tar {
        /// The file.
        path: PathBuf,
        /// What it contains.
        what: &'static str,
    },
    /// The bundle has a newer format.
    #[error("{} is {found}, but this version of bindery supports {known} only; use a newer one", .path.display())]
    NewerBundle {
        /// The bundle.
        path: PathBuf,
        /// The format that it declares.
        found: String,
        /// The supported formats.
        known: &'static str,
    },
    /// The bundle cannot be opened.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The archive's folder or marker cannot be read.
    #[error("cannot read {}: {source}; check the path and the permissions", .path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// The progress of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// The number of bytes read.
    pub bytes: u64,
    /// The number of leaf folders (such as a host's year), or files of a bundle, that are done.
    pub folders: u64,
    /// The number of all leaf folders or files.
    pub all_folders: u64,
}

/// What was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Subject {
    /// An archive's folder.
    #[default]
    Archive,
    /// A bundle, with the name of its format.
    Bundle(&'static str),
}

impl Subject {
    /// Returns the word used in events.
    pub fn word(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Bundle(name) => name,
        }
    }
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// What was checked.
    pub subject: Subject,
    /// The findings, sorted by path; empty if there is nothing to say.
    pub findings: Vec<Finding>,
    /// The number of files read, including manifests.
    pub files: u64,
    /// The number of bytes read.
    pub bytes: u64,
    /// The number of articles with a record.
    pub articles: u64,
    /// The number of images.
    pub images: u64,
}

impl Report {
    /// Returns whether there is damage. Files that a run has not listed yet, whether it is active or was killed, files that
    /// are not the archive's, and warnings are not damage.
    pub fn is_damaged(&self) -> bool {
        self.findings.iter().any(|finding| finding.kind.is_damage())
    }

    /// Returns the number of findings of a kind.
    pub fn count(&self, kind: FindingKind) -> usize {
        self.findings.iter().filter(|finding| finding.kind == kind).count()
    }
}

/// Reads every byte of the archive at `root` once, with this number of threads (0 counts as 1), and compares the files with
/// manifests, names and records. The findings do not depend on the number of threads.
///
/// While a writer is active, files newer than their manifest are [`FindingKind::Pending`], not damage. What a killed run
/// left, as far as the next run completes it, is [`FindingKind::Unfinished`], and what other programs or the user left in
/// the folder is [`FindingKind::Foreign`].
///
/// # Errors
/// A folder that is not an archive of format 1, or cannot be read. Damage is a finding, not an error.
pub fn archive(root: &Path, threads: usize, progress: &mut dyn FnMut(Progress)) -> Result<Report, VerifyError> {
    tree(&Tree::folder(root), threads, progress)
}

/// Checks an archive on disk or in a bag.
fn tree(root: &Tree, threads: usize, progress: &mut dyn FnMut(Progress)) -> Result<Report, VerifyError> {
    let active_before = root.on_disk().is_some_and(|path| lock_holder(path).is_some());
    let mut notes = Notes::default();
    let (mut bytes, mut files) = (0, 0);
    let mut tick = |n| bytes += n;
    let mut reader = FileReader::new(&mut tick);
    let since = unsealed_since(root);
    let read = top::read_manifest(root, &mut reader);
    let top = read.as_ref().ok();
    let root = Root { tree: root, top, since };
    top::marker(root, &mut reader, &mut notes)?;
    top::readme(root, &mut reader, &mut notes);
    let leaves = walk::leaves(root.tree, &mut notes)
        .map_err(|source| VerifyError::Unreadable { path: root.tree.path(), source })?;
    if let Err(error) = &read {
        // In a new archive it is written last, before there is any leaf folder.
        let excuse = if leaves.is_empty() { Excuse::Run } else { Excuse::Writer };
        top::note_unreadable(error, excuse, &mut notes);
    }
    let jobs = JobQueue::new(root, &leaves, &mut reader);
    files += reader.files;
    let mut report = Report { bytes, files, ..Report::default() };
    let mut statuses = Vec::new();
    for (leaf, checked) in leaves.iter().zip(jobs.run(threads, &mut report, progress)) {
        report.articles += checked.articles;
        report.images += checked.images;
        report.files += checked.files;
        notes.extend(checked.notes);
        statuses.push((format!("{}/{MANIFEST}", leaf.path), checked.root_status));
    }
    let folders: std::collections::BTreeSet<&str> = leaves.iter().map(|leaf| leaf.path.as_str()).collect();
    let known =
        |path: &str| path.strip_suffix(MANIFEST).is_some_and(|rest| folders.contains(rest.trim_end_matches('/')));
    top::compare_leaves(top, statuses, known, &mut notes);
    let is_active = || root.tree.on_disk().is_some_and(|path| lock_holder(path).is_some() || has_changed(path, top));
    let state = match (active_before || is_active(), since.is_some() || notes.has_open()) {
        (true, _) => RunState::Active,
        (false, true) => RunState::Killed,
        (false, false) => RunState::Ended,
    };
    let older = notes.older();
    report.findings = notes.finish(state);
    match older {
        0 => Ok(report),
        _ if report.is_damaged() => Ok(report),
        count => Err(VerifyError::OlderRecords { path: root.tree.path(), count }),
    }
}

/// Returns whether the root manifest was replaced after it was read, so a writer was active meanwhile.
fn has_changed(root: &Path, top: Option<&Manifest>) -> bool {
    let modified = root.join(MANIFEST).metadata().and_then(|meta| meta.modified());
    modified.is_ok_and(|modified| top.is_some_and(|top| top.modified != modified))
}
