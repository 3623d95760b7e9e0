//! The lock that allows one writer at a time and names its holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::ArchiveError;
use super::layout::LOCK;

/// A lock on an archive. It is released when it is dropped or its process ends in any way.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    /// Releases the lock even if a process that another thread is starting still has a copy of the descriptor.
    fn drop(&mut self) {
        // If that fails, closing the file releases the lock a moment later.
        let _ = self.file.unlock();
    }
}

/// The result of an attempt to lock.
pub(super) enum LockAttempt {
    /// The lock is ours.
    Acquired(Lock),
    /// Another process holds the lock. Holds the text that it wrote into the file; `None` if that cannot be read.
    Held(Option<String>),
}

/// Tries to lock the file at `path`, and writes the holder's description into it.
pub(super) fn lock(path: &Path, holder: &str) -> Result<LockAttempt, ArchiveError> {
    let fail = |error| ArchiveError::io("lock", path, error);
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(fail)?;
    if !try_lock(&file).map_err(fail)? {
        return Ok(LockAttempt::Held(holder_in(&mut file)));
    }
    file.set_len(0).and_then(|()| writeln!(file, "{holder}")).map_err(fail)?;
    Ok(LockAttempt::Acquired(Lock { file }))
}

/// Tries to lock for up to 100 ms, because a check for a writer holds the lock for an instant.
fn try_lock(file: &File) -> io::Result<bool> {
    for _ in 0..5 {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(20)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

/// Returns the holder of an archive's lock, as the lock file names it; None if the archive is not locked.
pub fn lock_holder(root: &Path) -> Option<String> {
    let mut file = File::open(root.join(LOCK)).ok()?;
    if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
        let _ = file.unlock();
        return None;
    }
    // Without a readable name there is a holder anyway.
    Some(holder_in(&mut file).unwrap_or_default())
}

fn holder_in(file: &mut File) -> Option<String> {
    let mut bytes = Vec::new();
    file.take(1000).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_released_though_a_process_that_was_just_started_has_a_copy_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let LockAttempt::Acquired(first) = lock(&path, "first, process 1").unwrap() else { panic!("not acquired") };
        let copy = first.file.try_clone().unwrap();
        drop(first);
        assert!(matches!(lock(&path, "second, process 2").unwrap(), LockAttempt::Acquired(_)));
        drop(copy);
    }

    #[test]
    fn a_lock_has_one_holder_and_is_released_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LOCK);
        std::fs::create_dir(path.parent().unwrap()).unwrap();
        assert_eq!(lock_holder(folder.path()), None);
        let LockAttempt::Acquired(first) = lock(&path, "first, process 1").unwrap() else { panic!("not acquired") };
        assert!(
            matches!(lock(&path, "second").unwrap(), LockAttempt::Held(Some(holder)) if holder == "first, process 1")
        );
        assert_eq!(lock_holder(folder.path()).as_deref(), Some("first, process 1"));
        drop(first);
        assert_eq!(lock_holder(folder.path()), None);
        assert!(matches!(lock(&path, "second").unwrap(), LockAttempt::Acquired(_)));
    }
}
