//! Manifest lines that are not on disk yet, and how they get there.

use std::collections::BTreeMap;
use std::path::Path;

use crate::model::Digest;

use super::ArchiveError;
use super::disk::{Disk, Step};
use super::layout::{MANIFEST, check_path, leaf_of};
use super::manifest::{self, Changes};

/// Lines to write at the next commit point.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Leaf folder → its new lines.
    leaves: BTreeMap<String, Changes>,
    /// New lines of the root manifest.
    root: Changes,
}

impl Pending {
    /// Notes the digest of a file below a leaf folder.
    pub fn file(&mut self, path: &str, digest: Digest) -> Result<(), ArchiveError> {
        self.change(path, Some(digest))
    }

    /// Notes that a file below a leaf folder is gone.
    pub fn gone(&mut self, path: &str) -> Result<(), ArchiveError> {
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

    /// Notes the digest of a file that the root manifest lists.
    pub fn root_line(&mut self, path: &str, digest: Digest) {
        self.root.insert(path.to_owned(), Some(digest));
    }

    /// Writes the manifests of the leaf folders that changed, then the root's; the root manifest's digest. What is written
    /// is forgotten, so a commit that failed can be tried again.
    ///
    /// Lines that did not change are taken over from the manifests on disk as they are: damage stays visible.
    pub fn commit(&mut self, disk: &Disk, root: &Path) -> Result<Digest, ArchiveError> {
        while let Some((leaf, changes)) = self.leaves.first_key_value() {
            let digest = merge(disk, &root.join(leaf), changes)?;
            self.root.insert(format!("{leaf}/{MANIFEST}"), digest);
            self.leaves.pop_first();
        }
        // The root's manifest comes after all that it lists.
        disk.settle()?;
        let digest = merge(disk, root, &self.root)?;
        disk.settle()?;
        self.root.clear();
        // A root manifest lists the marker at least.
        Ok(digest.unwrap_or_else(|| Digest::of(b"")))
    }
}

/// Puts changes into the manifest of a folder; the manifest's new digest, or None when nothing is left to list.
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
        disk.write_in(Step::Content, &path, &new)?;
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
        fs::write(root.path().join("images/aa/manifest-sha256.txt"), "left alone").unwrap();
        pending.file("images/bb/3.png", Digest::of(b"3")).unwrap();
        pending.commit(&Disk::default(), root.path()).unwrap();
        assert_eq!(fs::read(root.path().join("images/aa/manifest-sha256.txt")).unwrap(), b"left alone");
        assert_eq!(manifest::read(&root.path().join("images/bb")).unwrap().unwrap().lines.len(), 2);
        assert_eq!(manifest::read(root.path()).unwrap().unwrap().lines.len(), 2);
    }

    #[test]
    fn a_name_that_breaks_a_manifest_is_refused() {
        let mut pending = Pending::default();
        assert!(pending.file("images/aa/a\nb.png", Digest::of(b"")).is_err());
        assert!(pending.file("elsewhere/a", Digest::of(b"")).is_err());
    }
}
