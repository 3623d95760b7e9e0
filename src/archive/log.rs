//! Files that a run writes piece by piece and seals by giving them their name: captures, events.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::model::{Digest, Hasher, Timestamp};

use super::ArchiveError;
use super::disk::Disk;
use super::layout::OPEN;

/// A file under way: `<name>.open`, in no manifest.
#[derive(Debug)]
pub(super) struct Log {
    /// Its path below the archive once it is sealed.
    below: String,
    /// Where it lies until then.
    path: PathBuf,
    file: File,
    at: Mark,
}

/// A place in a file under way, to go back to.
#[derive(Clone)]
pub(super) struct Mark {
    length: u64,
    hasher: Hasher,
}

impl std::fmt::Debug for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mark({})", self.length)
    }
}

impl Log {
    /// Makes a file in a folder, named by the run's instant, with a number when that second has one already.
    pub fn create(
        disk: &Disk,
        root: &Path,
        folder: &str,
        started: Timestamp,
        extension: &str,
    ) -> Result<Self, ArchiveError> {
        disk.create_folder(&root.join(folder))?;
        let instant = started.compact();
        let names = std::iter::once(instant.clone()).chain((2u64..).map(|n| format!("{instant}-{n}")));
        let taken = |below: &String| root.join(below).exists() || root.join(format!("{below}{OPEN}")).exists();
        let mut free = names.map(|name| format!("{folder}/{name}.{extension}")).filter(|below| !taken(below));
        // The names never end; some folder of that size cannot be.
        let below = free.next().unwrap_or_default();
        let path = root.join(format!("{below}{OPEN}"));
        let file = disk.open_to_append(&path)?;
        Ok(Self { below, path, file, at: Mark { length: 0, hasher: Hasher::new() } })
    }

    /// Its path below the archive once it is sealed.
    pub fn below(&self) -> &str {
        &self.below
    }

    /// Its length in bytes.
    pub fn length(&self) -> u64 {
        self.at.length
    }

    /// Where it ends now.
    pub fn mark(&self) -> Mark {
        self.at.clone()
    }

    /// Writes at its end.
    pub fn append(&mut self, disk: &Disk, bytes: &[u8]) -> Result<(), ArchiveError> {
        disk.append(&mut self.file, &self.path, bytes)?;
        self.at.length += bytes.len() as u64;
        self.at.hasher.update(bytes);
        Ok(())
    }

    /// Waits until everything is on the disk.
    pub fn flush(&self, disk: &Disk) -> Result<(), ArchiveError> {
        disk.flush(&self.file, &self.path)
    }

    /// Waits until everything is on the disk: now, or with all that waits.
    pub fn flush_in(&self, disk: &Disk) -> Result<(), ArchiveError> {
        disk.flush_in(&self.file, &self.path)
    }

    /// Takes back what was written since `mark`.
    pub fn cut_back(&mut self, disk: &Disk, mark: Mark) -> Result<(), ArchiveError> {
        disk.cut(&self.path, mark.length)?;
        self.at = mark;
        Ok(())
    }

    /// Gives it its name; its path below the archive, and its digest.
    pub fn seal(&self, disk: &Disk, root: &Path) -> Result<(String, Digest), ArchiveError> {
        let target = root.join(&self.below);
        // An attempt before this one may have come so far.
        if self.path.exists() || !target.exists() {
            self.flush(disk)?;
            disk.rename(&self.path, &target)?;
        }
        Ok((self.below.clone(), self.at.hasher.clone().finish()))
    }

    /// Takes it off the disk.
    pub fn discard(&self, disk: &Disk) -> Result<(), ArchiveError> {
        disk.remove(&self.path)
    }
}
