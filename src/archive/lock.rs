//! One writer at a time: a lock that names its holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::ArchiveError;

/// A lock on an archive, free again when it is dropped or its process ends in any way.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// What became of an attempt to lock.
pub(super) enum Locking {
    /// It is ours.
    Ours(Lock),
    /// It is another's: what the holder wrote into it; None where that cannot be read.
    Held(Option<String>),
}

/// Locks the file at `path` and writes the holder's text into it.
pub(super) fn lock(path: &Path, holder: &str) -> Result<Locking, ArchiveError> {
    let fail = |error| ArchiveError::io("lock", path, error);
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(fail)?;
    if !try_lock(&file).map_err(fail)? {
        return Ok(Locking::Held(holder_in(&mut file)));
    }
    file.set_len(0).and_then(|()| writeln!(file, "{holder}")).map_err(fail)?;
    Ok(Locking::Ours(Lock { _file: file }))
}

/// Tries for a moment: whoever asks whether a writer is there holds the lock for an instant.
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
    fn a_lock_is_held_once_and_is_free_when_its_holder_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let Locking::Ours(first) = lock(&path, "first, process 1").unwrap() else { panic!("not ours") };
        assert!(matches!(lock(&path, "second").unwrap(), Locking::Held(Some(holder)) if holder == "first, process 1"));
        drop(first);
        assert!(matches!(lock(&path, "second").unwrap(), Locking::Ours(_)));
    }
}
