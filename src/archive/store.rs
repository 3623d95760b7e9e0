//! Durable writes. Every change that this room makes on disk goes through here.
//!
//! A file is written beside its place under a temporary name, flushed, renamed, and the folder is flushed: a reader sees
//! the old file or the new one, never a part, and what was reported as written survives a power cut.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::ArchiveError;

/// Writes a file, in place of what stood there.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let temp = temp_path(path);
    let written = write_flushed(&temp, bytes).and_then(|()| fs::rename(&temp, path));
    if let Err(error) = written {
        // The error that matters is the first; a temporary file that cannot be removed is removed by the next run.
        let _ = fs::remove_file(&temp);
        return Err(ArchiveError::io("write", path, error));
    }
    flush_folder_of(path)
}

/// Creates a folder and what is missing above it.
pub(super) fn create_folder(path: &Path) -> Result<(), ArchiveError> {
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
        match fs::create_dir(folder) {
            Ok(()) => flush_folder_of(folder)?,
            Err(_) if folder.is_dir() => {}
            Err(error) => return Err(ArchiveError::io("create the folder", folder, error)),
        }
    }
    Ok(())
}

/// Removes a file; one that is not there is no error.
pub(super) fn remove(path: &Path) -> Result<(), ArchiveError> {
    match fs::remove_file(path) {
        Ok(()) => flush_folder_of(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(ArchiveError::io("remove", path, error)),
    }
}

/// Removes a folder if nothing is in it.
pub(super) fn remove_empty_folder(path: &Path) {
    // A folder with something in it stays, and an empty one that stays harms nothing.
    let _ = fs::remove_dir(path);
}

/// Moves a file to another folder of the same disk.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), ArchiveError> {
    fs::rename(from, to).map_err(|error| ArchiveError::io("move", from, error))?;
    flush_folder_of(to)?;
    flush_folder_of(from)
}

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

fn temp_path(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    path.with_file_name(format!(".bindery-{name}.tmp"))
}

fn write_flushed(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn flush_folder_of(path: &Path) -> Result<(), ArchiveError> {
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| ArchiveError::io("flush", folder, error))
}

/// Folders cannot be flushed here; the file system's journal orders the renames.
#[cfg(not(unix))]
fn flush_folder_of(_: &Path) -> Result<(), ArchiveError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write(&path, b"old").unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_write_that_fails_names_the_path_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir(&path).unwrap();
        let error = write(&path, b"x").unwrap_err().to_string();
        assert!(error.contains("taken"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let below_a_file = folder.path().join("file");
        fs::write(&below_a_file, b"").unwrap();
        let error = create_folder(&below_a_file.join("a/b")).unwrap_err().to_string();
        assert!(error.contains("a file stands where a folder is needed"), "{error}");
    }

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
