//! Deferred writes, so that many pages share one set of flushes.
//!
//! A deferred write is a staging file in the folder of its target. A batch of them is flushed and then renamed in
//! phases; each phase is on the disk before the next begins. So no name ever refers to an incomplete file, and no
//! record to a file that does not exist yet: the order is the same as for a single page.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::{Mutex, MutexGuard};

use super::super::ArchiveError;
use super::{Change, Disk, folder_of, temp_path};

/// The maximum number of concurrent flushes. Disks handle several of them together.
const CONCURRENT: usize = 8;

/// The minimum number of flushes per thread.
const PER_THREAD: usize = 4;

/// When a file of a batch is renamed to its final name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::archive) enum Phase {
    /// Images and texts.
    Content,
    /// `index.md`, a copy of a text.
    Index,
    /// The record, which refers to all of these.
    Record,
}

const PHASES: [Phase; 3] = [Phase::Content, Phase::Index, Phase::Record];

/// The writes that are deferred.
#[derive(Debug, Default)]
pub(super) struct WriteQueue {
    writes: Mutex<Writes>,
    /// Locked before a batch is taken until it is committed, so that batches are committed in the order of their
    /// writes.
    committing: Mutex<()>,
    /// Whether a batch could not be committed completely: only recovery can then tell what is on the disk.
    broken: AtomicBool,
}

#[derive(Debug, Default)]
struct Writes {
    /// The final path of each staging file.
    files: BTreeMap<PathBuf, Phase>,
    /// Folders in which folders were created.
    folders: BTreeSet<PathBuf>,
    /// Files that were appended to.
    grown: BTreeSet<PathBuf>,
}

/// Deferred writes that are about to be committed together.
pub(in crate::archive) struct Batch<'a> {
    disk: &'a Disk,
    queue: &'a WriteQueue,
    writes: Writes,
    _committing: MutexGuard<'a, ()>,
}

impl WriteQueue {
    /// Returns an error if a batch could not be committed: no further change is allowed then.
    pub fn check(&self) -> io::Result<()> {
        match self.broken.load(Ordering::Acquire) {
            true => Err(io::Error::other("an earlier write failed; the next run recovers the archive")),
            false => Ok(()),
        }
    }

    pub fn folder_created_in(&self, folder: &Path) {
        self.writes.lock().folders.insert(folder.to_owned());
    }
}

impl Disk {
    /// Defers all following writes until [`Disk::commit_deferred`].
    pub fn defer_writes(&mut self) {
        self.queue.get_or_insert_default();
    }

    /// Writes a file, replacing an existing one: now, or with the deferred batch.
    pub fn write_in_phase(&self, phase: Phase, path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
        let Some(queue) = &self.queue else { return self.write(path, bytes) };
        let temp = temp_path(path);
        if let Err(error) = self.write_unflushed(&temp, bytes) {
            self.note_cleanup(self.remove(&temp));
            return Err(ArchiveError::io("write", path, error));
        }
        queue.writes.lock().files.insert(path.to_owned(), phase);
        Ok(())
    }

    /// Flushes a file that was appended to: now, or with the deferred batch.
    pub fn flush_or_defer(&self, file: &File, path: &Path) -> Result<(), ArchiveError> {
        match &self.queue {
            Some(queue) => {
                queue.writes.lock().grown.insert(path.to_owned());
                Ok(())
            }
            None => self.flush(file, path),
        }
    }

    /// Returns whether a write of this file is deferred.
    pub fn is_deferred(&self, path: &Path) -> bool {
        self.queue.is_some() && temp_path(path).exists()
    }

    /// Reads a file, including a deferred write.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, ArchiveError> {
        let deferred = self.queue.is_some().then(|| fs::read(temp_path(path)).ok()).flatten();
        let read = deferred.map_or_else(|| fs::read(path), Ok);
        read.map_err(|error| ArchiveError::io("read", path, error))
    }

    /// Cancels the deferred write of a file, if there is one.
    pub fn cancel(&self, path: &Path) {
        let Some(queue) = &self.queue else { return };
        let was_deferred = {
            let mut writes = queue.writes.lock();
            writes.grown.remove(path);
            writes.files.remove(path).is_some()
        };
        if was_deferred {
            self.note_cleanup(self.remove(&temp_path(path)));
        }
    }

    /// Takes the deferred writes as a batch to commit; `None` if writes are not deferred.
    pub fn take_batch(&self) -> Option<Batch<'_>> {
        let queue = self.queue.as_deref()?;
        let committing = queue.committing.lock();
        let writes = std::mem::take(&mut *queue.writes.lock());
        Some(Batch { disk: self, queue, writes, _committing: committing })
    }

    /// Commits the deferred writes; they are durable when this returns.
    pub fn commit_deferred(&self) -> Result<(), ArchiveError> {
        self.take_batch().map_or(Ok(()), Batch::commit)
    }
}

impl Batch<'_> {
    /// Commits the writes; they are durable when this returns. After a failure the disk refuses every further change.
    pub fn commit(self) -> Result<(), ArchiveError> {
        // If an earlier batch failed, this one must fail too: it may depend on it.
        let first = self.writes.files.keys().next().map_or(Path::new(""), PathBuf::as_path);
        self.queue.check().map_err(|error| ArchiveError::io("write", first, error))?;
        let committed = self.flush().and_then(|()| PHASES.into_iter().try_for_each(|phase| self.rename(phase)));
        if committed.is_err() {
            self.queue.broken.store(true, Ordering::Release);
        }
        committed
    }

    fn flush(&self) -> Result<(), ArchiveError> {
        let temps: Vec<PathBuf> = self.writes.files.keys().map(|path| temp_path(path)).collect();
        let files: Vec<&Path> = temps.iter().chain(&self.writes.grown).map(PathBuf::as_path).collect();
        self.disk.for_each(&files, |path| {
            let flushed = self.disk.announce(Change::Flush, path).and_then(|()| {
                // Some systems flush only files that are open for writing.
                File::options().write(true).open(path)?.sync_all()
            });
            flushed.map_err(|error| ArchiveError::io("flush", path, error))
        })
    }

    fn rename(&self, phase: Phase) -> Result<(), ArchiveError> {
        let mut folders: BTreeSet<&Path> = BTreeSet::new();
        if phase == Phase::Content {
            folders.extend(self.writes.folders.iter().map(PathBuf::as_path));
        }
        for (path, _) in self.writes.files.iter().filter(|(_, of)| **of == phase) {
            let renamed = self.disk.rename_unflushed(&temp_path(path), path);
            renamed.map_err(|error| ArchiveError::io("write", path, error))?;
            folders.insert(folder_of(path));
        }
        let folders: Vec<&Path> = folders.into_iter().collect();
        self.disk.for_each(&folders, |folder| self.disk.flush_folder(folder))
    }
}

impl Disk {
    /// Applies a function to many paths: concurrently, or in order if there is a watch.
    fn for_each(
        &self,
        paths: &[&Path],
        work: impl Fn(&Path) -> Result<(), ArchiveError> + Sync,
    ) -> Result<(), ArchiveError> {
        if self.watch.is_some() || paths.len() < CONCURRENT {
            return paths.iter().try_for_each(|path| work(path));
        }
        let next = AtomicUsize::new(0);
        let take = || -> Result<(), ArchiveError> {
            while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                work(path)?;
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..CONCURRENT.min(paths.len() / PER_THREAD)).map(|_| scope.spawn(take)).collect();
            let own = take();
            others
                .into_iter()
                .map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .fold(own, Result::and)
        })
    }
}
