//! The archive that is checked, and the time from which on an unfinished run may have changed its files.

use std::time::SystemTime;

use crate::bundle::Tree;

use super::manifest::Manifest;
use super::walk::Leaf;

/// The mark of a run that has changed files and not yet written the root manifest.
const MARK: &str = ".bindery/unsealed";

/// The archive that is checked.
#[derive(Clone, Copy)]
pub(super) struct Root<'a> {
    /// Its files.
    pub tree: &'a Tree,
    /// Its root manifest; None if it cannot be read.
    pub top: Option<&'a Manifest>,
    /// When the run began that has not ended; None if there is no such run, or this is unknown.
    pub since: Option<SystemTime>,
}

impl Root<'_> {
    /// Returns whether an unfinished run may have written a file: it was modified since that run began or, if that is
    /// unknown, since the manifest was written that should list it. An equal time counts.
    pub fn is_recent(&self, modified: SystemTime, manifest: Option<&Manifest>) -> bool {
        self.since.or(manifest.map(|found| found.modified)).is_none_or(|since| modified >= since)
    }

    /// Returns whether a file is newer than the root manifest, or the unfinished run.
    pub fn is_newer_than_top(&self, modified: SystemTime) -> bool {
        self.is_recent(modified, self.top)
    }
}

/// A leaf folder of the archive.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub root: Root<'a>,
    pub leaf: &'a Leaf,
}

impl Place<'_> {
    /// Returns the path below the archive of a file in the folder.
    pub fn path(&self, below: &str) -> String {
        format!("{}/{below}", self.leaf.path)
    }
}

/// Returns when the run began that has not ended; None if every run did.
pub(super) fn unsealed_since(tree: &Tree) -> Option<SystemTime> {
    tree.on_disk()?.join(MARK).metadata().and_then(|meta| meta.modified()).ok()
}
