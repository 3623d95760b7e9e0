//! Files that a run appends to and seals at its end: captures and events.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::model::{Digest, Hasher, Timestamp};

use super::ArchiveError;
use super::disk::Disk;
use super::layout::OPEN;

/// A file that is being appended to: `<name>.open`, in no manifest until it is sealed.
#[derive(Debug)]
pub(super) struct Log {
    /// Its path below the archive after sealing.
    sealed_path: String,
    /// Its path before sealing.
    path: PathBuf,
    file: File,
    end: Position,
}

/// A position in the file, with the digest of the bytes before it.
#[derive(Clone)]
pub(super) struct Position {
    length: u64,
    hasher: Hasher,
}

impl std::fmt::Debug for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Position({})", self.length)
    }
}

impl Log {
    /// Creates a file in a folder, named by the start of the run; a number is added if that name exists.
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
        let exists = |path: &String| root.join(path).exists() || root.join(format!("{path}{OPEN}")).exists();
        let mut free = names.map(|name| format!("{folder}/{name}.{extension}")).filter(|path| !exists(path));
        // The sequence of names is infinite in practice, so one is always free.
        let sealed_path = free.next().unwrap_or_default();
        let path = root.join(format!("{sealed_path}{OPEN}"));
        let file = disk.open_to_append(&path)?;
        Ok(Self { sealed_path, path, file, end: Position { length: 0, hasher: Hasher::new() } })
    }

    /// Returns its path below the archive after sealing.
    pub fn sealed_path(&self) -> &str {
        &self.sealed_path
    }

    /// Returns its length in bytes.
    pub fn length(&self) -> u64 {
        self.end.length
    }

    /// Returns its current end.
    pub fn position(&self) -> Position {
        self.end.clone()
    }

    /// Appends bytes.
    pub fn append(&mut self, disk: &Disk, bytes: &[u8]) -> Result<(), ArchiveError> {
        disk.append(&mut self.file, &self.path, bytes)?;
        self.end.length += bytes.len() as u64;
        self.end.hasher.update(bytes);
        Ok(())
    }

    /// Flushes the file to the disk.
    pub fn flush(&self, disk: &Disk) -> Result<(), ArchiveError> {
        disk.flush(&self.file, &self.path)
    }

    /// Flushes the file to the disk: now, or with the deferred batch.
    pub fn flush_or_defer(&self, disk: &Disk) -> Result<(), ArchiveError> {
        disk.flush_or_defer(&self.file, &self.path)
    }

    /// Removes what was appended since `position`.
    pub fn truncate(&mut self, disk: &Disk, position: Position) -> Result<(), ArchiveError> {
        disk.truncate(&self.path, position.length)?;
        self.end = position;
        Ok(())
    }

    /// Renames the file to its final name, and returns its path below the archive and its digest.
    pub fn seal(&self, disk: &Disk, root: &Path) -> Result<(String, Digest), ArchiveError> {
        let target = root.join(&self.sealed_path);
        // An earlier attempt may have renamed the file before it failed.
        if self.path.exists() || !target.exists() {
            self.flush(disk)?;
            disk.rename(&self.path, &target)?;
        }
        Ok((self.sealed_path.clone(), self.end.hasher.clone().finish()))
    }

    /// Deletes the file.
    pub fn discard(&self, disk: &Disk) -> Result<(), ArchiveError> {
        disk.remove(&self.path)
    }
}
