//! Manifest lines that are not written yet.

use std::collections::BTreeMap;
use std::path::Path;

use crate::model::Digest;

use super::ArchiveError;
use super::disk::{Disk, Phase};
use super::layout::{MANIFEST, check_path, leaf_of};
use super::manifest::{self, Changes};

/// The lines to write at the next commit point.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Leaf folder → changes of its manifest.
    leaves: BTreeMap<String, Changes>,
    /// Changes of the root manifest.
    root: Changes,
}

impl Pending {
    /// Sets the digest of a file below a leaf folder.
    pub fn file(&mut self, path: &str, digest: Digest) -> Result<(), ArchiveError> {
        self.change(path, Some(digest))
    }

    /// Removes the line of a file below a leaf folder.
    pub fn removed(&mut self, path: &str) -> Result<(), ArchiveError> {
        self.change(path, None)
    }

    fn change(&mut self, path: &str, digest: Option<Digest>) -> Result<(), ArchiveError> {
        check_path(path)?;
        let (leaf, below) = leaf_of(path).ok_or_else(|| ArchiveError::BadName { path: path.to_owned() })?;
        match self.leaves.get_mut(leaf) {
            Some(lines) => drop(lines.insert(below.to_owned(), digest)),
            None => drop(self.leaves.insert(leaf.to_owned(), Changes::from([(below.to_owned(), digest)]))),
        }
        Ok(())
    }

    /// Sets the digest of a file that the root manifest lists.
    pub fn root_line(&mut self, path: &str, digest: Digest) {
        self.root.insert(path.to_owned(), Some(digest));
    }

    /// Writes the manifests of the leaf folders that changed, then the root manifest, and returns its digest. A failed
    /// commit can be repeated: it continues with the changes not yet written.
    ///
    /// Unchanged lines are copied from the manifests on disk, so that damage remains visible.
    pub fn commit(&mut self, disk: &Disk, root: &Path) -> Result<Digest, ArchiveError> {
        while let Some((leaf, changes)) = self.leaves.first_key_value() {
            let digest = merge(disk, &root.join(leaf), changes)?;
            self.root.insert(format!("{leaf}/{MANIFEST}"), digest);
            self.leaves.pop_first();
        }
        // The root manifest is written after everything that it lists.
        disk.commit_deferred()?;
        let digest = merge(disk, root, &self.root)?;
        disk.commit_deferred()?;
        self.root.clear();
        // A root manifest is never empty: it lists at least the marker.
        Ok(digest.unwrap_or_else(|| Digest::of(b"")))
    }
}

/// Applies changes to the manifest of a folder and returns its new digest; `None` if nothing is left to list.
fn merge(disk: &Disk, folder: &Path, changes: &Changes) -> Result<Option<Digest>, ArchiveError> {
    let old = manifest::bytes(folder)?.unwrap_or_default();
    let new = manifest::merged(&old, changes);
    let path = folder.join(MANIFEST);
    if new.is_empty() {
        disk.remove(&path)?;
        disk.remove_empty_folder(folder);
        return Ok(None);
    }
    if new != old {
        disk.write_in_phase(Phase::Content, &path, &new)?;
    }
    Ok(Some(Digest::of(&new)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_commit_rewrites_only_the_folders_that_changed() {
        let root = tempfile::tempdir().unwrap();
        for leaf in ["images/aa", "images/bb"] {
            fs::create_dir_all(root.path().join(leaf)).unwrap();
        }
        let mut pending = Pending::default();
        pending.file("images/aa/1.png", Digest::of(b"1")).unwrap();
        pending.file("images/bb/2.png", Digest::of(b"2")).unwrap();
        pending.commit(&Disk::default(), root.path()).unwrap();
        fs::write(root.path().join("images/aa").join(MANIFEST), "unchanged").unwrap();
        pending.file("images/bb/3.png", Digest::of(b"3")).unwrap();
        pending.commit(&Disk::default(), root.path()).unwrap();
        assert_eq!(fs::read(root.path().join("images/aa").join(MANIFEST)).unwrap(), b"unchanged");
        assert_eq!(manifest::read(&root.path().join("images/bb")).unwrap().unwrap().lines.len(), 2);
        assert_eq!(manifest::read(root.path()).unwrap().unwrap().lines.len(), 2);
    }

    #[test]
    fn a_path_that_a_manifest_cannot_list_is_refused() {
        let mut pending = Pending::default();
        assert!(pending.file("images/aa/a\nb.png", Digest::of(b"")).is_err());
        assert!(pending.file("elsewhere/a", Digest::of(b"")).is_err());
    }
}
