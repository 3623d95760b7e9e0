//! Durable changes to files. Every change that this module makes on disk goes through here.
//!
//! A file is written to a staging file in its folder, flushed and renamed, and the folder is flushed. So a reader sees
//! the old file or the new one, never a part, and a write that was reported as done survives a power failure.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::{Digest, Hasher};

use super::ArchiveError;
use super::folders::{self, folder_of};

mod queue;

use queue::WriteQueue;
pub(super) use queue::{Batch, Phase};

/// A change that is about to be made on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A folder is created.
    CreateFolder,
    /// A file is created, or emptied.
    CreateFile,
    /// Bytes are written. With a [`Watch`], each write is made in two halves.
    Write,
    /// A file or folder is flushed to the disk itself.
    Flush,
    /// A file is renamed.
    Rename,
    /// A file or empty folder is removed.
    Remove,
    /// A file is truncated.
    Truncate,
}

/// A callback before every change on disk. An error that it returns is treated as the system's. Tests use it to stop a
/// writer at every change in turn.
#[derive(Clone)]
pub struct Watch(Arc<WatchFn>);

type WatchFn = dyn Fn(Change, &Path) -> io::Result<()> + Send + Sync;

impl Watch {
    /// Creates a watch that calls `callback`.
    pub fn new(callback: impl Fn(Change, &Path) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(callback))
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

/// Access to the disk, with or without a watch.
#[derive(Debug, Clone, Default)]
pub(super) struct Disk {
    watch: Option<Watch>,
    /// Whether a clean-up failed, so that files may be left behind.
    cleanup_failed: Arc<AtomicBool>,
    /// The deferred writes; `None` if every write is made at once.
    queue: Option<Arc<WriteQueue>>,
}

impl Disk {
    pub fn new(watch: Option<Watch>) -> Self {
        Self { watch, cleanup_failed: Arc::default(), queue: None }
    }

    /// Records whether a clean-up failed. The caller reports the error that made it necessary; the next run looks for
    /// what is left.
    pub fn note_cleanup(&self, result: Result<(), ArchiveError>) {
        self.cleanup_failed.fetch_or(result.is_err(), Ordering::Relaxed);
    }

    /// Returns whether a clean-up failed.
    pub fn has_failed_cleanup(&self) -> bool {
        self.cleanup_failed.load(Ordering::Relaxed)
    }

    /// Writes a file, replacing an existing one.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
        let temp = temp_path(path);
        let written = self.write_flushed(&temp, bytes).and_then(|()| self.rename_unflushed(&temp, path));
        if let Err(error) = written {
            self.note_cleanup(self.remove(&temp));
            return Err(ArchiveError::io("write", path, error));
        }
        self.flush_folder_of(path)
    }

    /// Creates a folder and its missing parents.
    pub fn create_folder(&self, path: &Path) -> Result<(), ArchiveError> {
        let mut missing = Vec::new();
        let mut at = path;
        while !at.is_dir() && at != Path::new("") {
            missing.push(at);
            match at.parent() {
                Some(parent) => at = parent,
                None => break,
            }
        }
        for folder in missing.into_iter().rev() {
            match self.announce(Change::CreateFolder, folder).and_then(|()| fs::create_dir(folder)) {
                Ok(()) => match &self.queue {
                    Some(queue) => queue.folder_created_in(folder_of(folder)),
                    None => self.flush_folder_of(folder)?,
                },
                Err(_) if folder.is_dir() => {}
                Err(error) => return Err(ArchiveError::io("create the folder", folder, error)),
            }
        }
        Ok(())
    }

    /// Removes a file. A missing file is not an error.
    pub fn remove(&self, path: &Path) -> Result<(), ArchiveError> {
        self.cancel(path);
        match self.announce(Change::Remove, path).and_then(|()| fs::remove_file(path)) {
            Ok(()) => self.flush_folder_of(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(ArchiveError::io("remove", path, error)),
        }
    }

    /// Removes a folder if it is empty.
    pub fn remove_empty_folder(&self, path: &Path) {
        // A folder that is not empty stays; an empty one that cannot be removed does no harm.
        let _ = self.announce(Change::Remove, path).and_then(|()| fs::remove_dir(path));
    }

    /// Renames a file on the same file system; the target's folder must exist.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<(), ArchiveError> {
        self.rename_unflushed(from, to).map_err(|error| ArchiveError::io("move", from, error))?;
        self.flush_folder_of(to)?;
        if from.parent() == to.parent() {
            return Ok(());
        }
        self.flush_folder_of(from)
    }

    /// Opens a file for appending, and creates it if it is missing.
    pub fn open_to_append(&self, path: &Path) -> Result<File, ArchiveError> {
        let fail = |error| ArchiveError::io("write", path, error);
        let is_new = !path.exists();
        self.announce(Change::CreateFile, path).map_err(fail)?;
        let file = File::options().append(true).create(true).open(path).map_err(fail)?;
        if is_new && let Err(error) = self.flush_folder_of(path) {
            self.note_cleanup(self.remove(path));
            return Err(error);
        }
        Ok(file)
    }

    /// Appends bytes to a file.
    pub fn append(&self, file: &mut File, path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.put(file, path, bytes).map_err(|error| ArchiveError::io("write", path, error))
    }

    /// Flushes a file to the disk.
    pub fn flush(&self, file: &File, path: &Path) -> Result<(), ArchiveError> {
        let flushed = self.announce(Change::Flush, path).and_then(|()| file.sync_all());
        flushed.map_err(|error| ArchiveError::io("flush", path, error))
    }

    /// Rewrites a file so that only the given ranges (offset and length) remain, and returns its new digest.
    pub fn keep_ranges(&self, path: &Path, ranges: &[(u64, u64)]) -> Result<Digest, ArchiveError> {
        let temp = temp_path(path);
        let copied =
            self.copy_ranges(&temp, path, b"", ranges).and_then(|digest| self.rename(&temp, path).map(|()| digest));
        if copied.is_err() {
            self.note_cleanup(self.remove(&temp));
        }
        copied
    }

    /// Copies a file whose digest is known; returns false, and leaves no file, if it has another one.
    pub fn copy(&self, from: &Path, to: &Path, digest: &Digest) -> Result<bool, ArchiveError> {
        let length = fs::metadata(from).map_err(|error| ArchiveError::io("read", from, error))?.len();
        let temp = temp_path(to);
        let copied = self.copy_ranges(&temp, from, b"", &[(0, length)]).and_then(|found| match found == *digest {
            true => self.rename(&temp, to).map(|()| true),
            false => self.remove(&temp).map(|()| false),
        });
        if copied.is_err() {
            self.note_cleanup(self.remove(&temp));
        }
        copied
    }

    /// Writes `head` and what follows the first `offset` bytes of a file to another one, and returns its digest.
    pub fn copy_behind(&self, from: &Path, to: &Path, head: &[u8], offset: u64) -> Result<Digest, ArchiveError> {
        let length = fs::metadata(from).map_err(|error| ArchiveError::io("read", from, error))?.len();
        let temp = temp_path(to);
        let copied = self
            .copy_ranges(&temp, from, head, &[(offset, length.saturating_sub(offset))])
            .and_then(|digest| self.rename(&temp, to).map(|()| digest));
        if copied.is_err() {
            self.note_cleanup(self.remove(&temp));
        }
        copied
    }

    fn copy_ranges(
        &self,
        temp: &Path,
        path: &Path,
        head: &[u8],
        ranges: &[(u64, u64)],
    ) -> Result<Digest, ArchiveError> {
        let fail = |error| ArchiveError::io("write", path, error);
        let mut source = File::open(path).map_err(|error| ArchiveError::io("read", path, error))?;
        self.announce(Change::CreateFile, temp).map_err(fail)?;
        let mut target = File::create(temp).map_err(fail)?;
        let mut hasher = Hasher::new();
        let mut block = vec![0; 1 << 16];
        hasher.update(head);
        self.put(&mut target, temp, head).map_err(fail)?;
        for (offset, length) in ranges {
            source.seek(SeekFrom::Start(*offset)).map_err(fail)?;
            let mut range = (&source).take(*length);
            loop {
                let read = range.read(&mut block).map_err(fail)?;
                if read == 0 {
                    break;
                }
                hasher.update(&block[..read]);
                self.put(&mut target, temp, &block[..read]).map_err(fail)?;
            }
        }
        self.flush(&target, temp)?;
        Ok(hasher.finish())
    }

    /// Truncates a file to `length` bytes, and flushes it.
    pub fn truncate(&self, path: &Path, length: u64) -> Result<(), ArchiveError> {
        let fail = |error| ArchiveError::io("truncate", path, error);
        self.announce(Change::Truncate, path).map_err(fail)?;
        let file = File::options().write(true).open(path).map_err(fail)?;
        file.set_len(length).map_err(fail)?;
        self.flush(&file, path)
    }

    fn announce(&self, change: Change, path: &Path) -> io::Result<()> {
        self.queue.as_ref().map_or(Ok(()), |queue| queue.check())?;
        self.watch.as_ref().map_or(Ok(()), |watch| (watch.0)(change, path))
    }

    fn rename_unflushed(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.announce(Change::Rename, to)?;
        fs::rename(from, to)
    }

    fn write_flushed(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let file = self.write_unflushed(path, bytes)?;
        self.announce(Change::Flush, path)?;
        file.sync_all()
    }

    fn write_unflushed(&self, path: &Path, bytes: &[u8]) -> io::Result<File> {
        self.announce(Change::CreateFile, path)?;
        let mut file = File::create(path)?;
        self.put(&mut file, path, bytes)?;
        Ok(file)
    }

    /// Writes bytes; in two halves if there is a watch, so that tests can stop the writer between them.
    fn put(&self, file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let (first, rest) = match self.watch {
            Some(_) => bytes.split_at(bytes.len() / 2),
            None => (bytes, &[][..]),
        };
        self.announce(Change::Write, path)?;
        file.write_all(first)?;
        if !rest.is_empty() {
            self.announce(Change::Write, path)?;
            file.write_all(rest)?;
        }
        Ok(())
    }

    fn flush_folder_of(&self, path: &Path) -> Result<(), ArchiveError> {
        self.flush_folder(folder_of(path))
    }

    fn flush_folder(&self, folder: &Path) -> Result<(), ArchiveError> {
        let flushed = self.announce(Change::Flush, folder).and_then(|()| folders::flush(folder));
        flushed.map_err(|error| ArchiveError::io("flush", folder, error))
    }
}

fn temp_path(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    path.with_file_name(format!(".bindery-{name}.tmp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_file_and_leaves_no_other_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        Disk::default().write(&path, b"old").unwrap();
        Disk::default().write(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_names_the_path_and_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir(&path).unwrap();
        let error = Disk::default().write(&path, b"x").unwrap_err().to_string();
        assert!(error.contains("taken"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let below_a_file = folder.path().join("file");
        fs::write(&below_a_file, b"").unwrap();
        let error = Disk::default().create_folder(&below_a_file.join("a/b")).unwrap_err().to_string();
        assert!(error.contains("a file exists where a folder is needed"), "{error}");
    }
}
