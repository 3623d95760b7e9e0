//! Files that wait to be put in place together, so that many pages share one set of flushes.
//!
//! A file that waits lies beside its place under its temporary name. A lot is flushed, then named in steps; each step is
//! on the disk before the next begins. So no name ever stands for half a file, and no record for what is not there yet:
//! the same order as with one page, only wider.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::ArchiveError;
use super::{Change, Disk, folder_of, temp_path};

/// Flushes that are under way at once: the disk takes several in one go.
const AT_ONCE: usize = 8;

/// For fewer flushes than this a thread of their own is not worth its making.
const A_THREAD: usize = 4;

/// When a file of a lot gets its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::archive) enum Step {
    /// Images and texts.
    Content,
    /// `index.md`, a copy of a text.
    Index,
    /// The record, which names all of these.
    Record,
}

const STEPS: [Step; 3] = [Step::Content, Step::Index, Step::Record];

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Held {
    lot: Mutex<Lot>,
    /// Locked while a lot is put in place, and before it is taken: lots go in the order in which they were written.
    placing: Mutex<()>,
    /// A lot was not put in place whole: only a run that looks through the files can tell what is there.
    broken: AtomicBool,
}

#[derive(Debug, Default)]
struct Lot {
    /// Each file's place.
    files: BTreeMap<PathBuf, Step>,
    /// Folders in which new ones were made.
    folders: BTreeSet<PathBuf>,
    /// Files that grew.
    grown: BTreeSet<PathBuf>,
}

/// A lot on its way to its places.
pub(in crate::archive) struct Taken<'a> {
    disk: &'a Disk,
    held: &'a Held,
    lot: Lot,
    _placing: MutexGuard<'a, ()>,
}

impl Held {
    fn lot(&self) -> MutexGuard<'_, Lot> {
        // It is changed in single steps: a panic elsewhere leaves it whole.
        self.lot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The refusal of every change after one that left nobody knows what.
    pub fn refusal(&self) -> io::Result<()> {
        match self.broken.load(Ordering::Acquire) {
            true => Err(io::Error::other("an earlier change could not be completed; the next run sees to it")),
            false => Ok(()),
        }
    }

    pub fn folder_made_in(&self, folder: &Path) {
        self.lot().folders.insert(folder.to_owned());
    }
}

impl Disk {
    /// From now on files wait to be put in place by [`Disk::settle`].
    pub fn hold(&mut self) {
        self.held.get_or_insert_default();
    }

    /// Writes a file in place of what stood there: now, or with all that waits.
    pub fn write_in(&self, step: Step, path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
        let Some(held) = &self.held else { return self.write(path, bytes) };
        let temp = temp_path(path);
        if let Err(error) = self.write_unflushed(&temp, bytes) {
            self.tidied(self.remove(&temp));
            return Err(ArchiveError::io("write", path, error));
        }
        held.lot().files.insert(path.to_owned(), step);
        Ok(())
    }

    /// Waits until the bytes of a file that grew are on the disk: now, or with all that waits.
    pub fn flush_in(&self, file: &File, path: &Path) -> Result<(), ArchiveError> {
        match &self.held {
            Some(held) => {
                held.lot().grown.insert(path.to_owned());
                Ok(())
            }
            None => self.flush(file, path),
        }
    }

    /// Whether a file waits to be put in place.
    pub fn waits(&self, path: &Path) -> bool {
        self.held.is_some() && temp_path(path).exists()
    }

    /// The bytes of a file, wherever it waits.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, ArchiveError> {
        let waiting = self.held.is_some().then(|| fs::read(temp_path(path)).ok()).flatten();
        let read = waiting.map_or_else(|| fs::read(path), Ok);
        read.map_err(|error| ArchiveError::io("read", path, error))
    }

    /// Takes a file out of what waits, if it does.
    pub fn forget(&self, path: &Path) {
        let Some(held) = &self.held else { return };
        let waited = {
            let mut lot = held.lot();
            lot.grown.remove(path);
            lot.files.remove(path).is_some()
        };
        if waited {
            self.tidied(self.remove(&temp_path(path)));
        }
    }

    /// Takes what waits, to put it in place; None when nothing ever waits.
    pub fn take(&self) -> Option<Taken<'_>> {
        let held = self.held.as_deref()?;
        let placing = held.placing.lock().unwrap_or_else(PoisonError::into_inner);
        let lot = std::mem::take(&mut *held.lot());
        Some(Taken { disk: self, held, lot, _placing: placing })
    }

    /// Puts in place what waits; it is on the disk when this returns.
    pub fn settle(&self) -> Result<(), ArchiveError> {
        self.take().map_or(Ok(()), Taken::place)
    }
}

impl Taken<'_> {
    /// Puts it in place; it is on the disk when this returns. After a failure nothing can be changed any more.
    pub fn place(self) -> Result<(), ArchiveError> {
        // A lot before this one may have failed, and with it what is reported with this one.
        let first = self.lot.files.keys().next().map_or(Path::new(""), PathBuf::as_path);
        self.held.refusal().map_err(|error| ArchiveError::io("write", first, error))?;
        let placed = self.flushed().and_then(|()| STEPS.into_iter().try_for_each(|step| self.named(step)));
        if placed.is_err() {
            self.held.broken.store(true, Ordering::Release);
        }
        placed
    }

    fn flushed(&self) -> Result<(), ArchiveError> {
        let temps: Vec<PathBuf> = self.lot.files.keys().map(|path| temp_path(path)).collect();
        let files: Vec<&Path> = temps.iter().chain(&self.lot.grown).map(PathBuf::as_path).collect();
        self.disk.each(&files, |path| {
            let flushed = self.disk.told(Change::Flush, path).and_then(|()| {
                // Without the right to write, some systems flush nothing.
                File::options().write(true).open(path)?.sync_all()
            });
            flushed.map_err(|error| ArchiveError::io("flush", path, error))
        })
    }

    fn named(&self, step: Step) -> Result<(), ArchiveError> {
        let mut folders: BTreeSet<&Path> = BTreeSet::new();
        if step == Step::Content {
            folders.extend(self.lot.folders.iter().map(PathBuf::as_path));
        }
        for (path, _) in self.lot.files.iter().filter(|(_, of)| **of == step) {
            let renamed = self.disk.rename_here(&temp_path(path), path);
            renamed.map_err(|error| ArchiveError::io("write", path, error))?;
            folders.insert(folder_of(path));
        }
        let folders: Vec<&Path> = folders.into_iter().collect();
        self.disk.each(&folders, |folder| self.disk.flush_folder(folder))
    }
}

impl Disk {
    /// Does the same to many paths, some at once; to one after another when somebody watches.
    fn each(
        &self,
        paths: &[&Path],
        work: impl Fn(&Path) -> Result<(), ArchiveError> + Sync,
    ) -> Result<(), ArchiveError> {
        if self.watch.is_some() || paths.len() < AT_ONCE {
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
            let others: Vec<_> = (1..AT_ONCE.min(paths.len() / A_THREAD)).map(|_| scope.spawn(take)).collect();
            let own = take();
            others
                .into_iter()
                .map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .fold(own, Result::and)
        })
    }
}
