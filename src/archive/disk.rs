//! Durable changes. Every change that this room makes on disk goes through here.
//!
//! A file is written beside its place under a temporary name, flushed, renamed, and the folder is flushed: a reader sees
//! the old file or the new one, never a part, and what was reported as written survives a power cut.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::{Digest, Hasher};

use super::ArchiveError;
use super::folders::{self, folder_of};

mod held;

use held::Held;
pub(super) use held::{Step, Taken};

/// A change that is about to be made on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A folder is made.
    CreateFolder,
    /// A file is made, or emptied.
    CreateFile,
    /// Bytes are written; a large write is announced in halves.
    Write,
    /// A file or folder is flushed to the disk itself.
    Flush,
    /// A file gets another name.
    Rename,
    /// A file or empty folder is removed.
    Remove,
    /// A file is cut to a length.
    Cut,
}

/// Is told of every change before it is made; an error it returns takes the place of the system's. Tests stop a writer
/// with it at each step in turn.
#[derive(Clone)]
pub struct Watch(Arc<Tell>);

type Tell = dyn Fn(Change, &Path) -> io::Result<()> + Send + Sync;

impl Watch {
    /// A watch that calls `tell`.
    pub fn new(tell: impl Fn(Change, &Path) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

/// The disk, watched or not.
#[derive(Debug, Clone, Default)]
pub(super) struct Disk {
    watch: Option<Watch>,
    /// Whether something was left behind that should have been taken away.
    untidy: Arc<AtomicBool>,
    /// What waits to be put in place; None while each file goes to its place at once.
    held: Option<Arc<Held>>,
}

impl Disk {
    pub fn new(watch: Option<Watch>) -> Self {
        Self { watch, untidy: Arc::default(), held: None }
    }

    /// Takes note of a clean-up that failed. The error that matters came before it; the next run looks for what is left.
    pub fn tidied(&self, cleaned: Result<(), ArchiveError>) {
        self.untidy.fetch_or(cleaned.is_err(), Ordering::Relaxed);
    }

    /// Whether some clean-up failed.
    pub fn is_untidy(&self) -> bool {
        self.untidy.load(Ordering::Relaxed)
    }

    /// Writes a file, in place of what stood there.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
        let temp = temp_path(path);
        let written = self.write_flushed(&temp, bytes).and_then(|()| self.rename_here(&temp, path));
        if let Err(error) = written {
            self.tidied(self.remove(&temp));
            return Err(ArchiveError::io("write", path, error));
        }
        self.flush_folder_of(path)
    }

    /// Creates a folder and what is missing above it.
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
            match self.told(Change::CreateFolder, folder).and_then(|()| fs::create_dir(folder)) {
                Ok(()) => match &self.held {
                    Some(held) => held.folder_made_in(folder_of(folder)),
                    None => self.flush_folder_of(folder)?,
                },
                Err(_) if folder.is_dir() => {}
                Err(error) => return Err(ArchiveError::io("create the folder", folder, error)),
            }
        }
        Ok(())
    }

    /// Removes a file; one that is not there is no error.
    pub fn remove(&self, path: &Path) -> Result<(), ArchiveError> {
        self.forget(path);
        match self.told(Change::Remove, path).and_then(|()| fs::remove_file(path)) {
            Ok(()) => self.flush_folder_of(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(ArchiveError::io("remove", path, error)),
        }
    }

    /// Removes a folder if nothing is in it.
    pub fn remove_empty_folder(&self, path: &Path) {
        // A folder with something in it stays, and an empty one that stays harms nothing.
        let _ = self.told(Change::Remove, path).and_then(|()| fs::remove_dir(path));
    }

    /// Gives a file another name on the same disk; its folder must exist.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<(), ArchiveError> {
        self.rename_here(from, to).map_err(|error| ArchiveError::io("move", from, error))?;
        self.flush_folder_of(to)?;
        if from.parent() == to.parent() {
            return Ok(());
        }
        self.flush_folder_of(from)
    }

    /// Opens a file to write at its end, and makes it when it is not there.
    pub fn open_to_append(&self, path: &Path) -> Result<File, ArchiveError> {
        let fail = |error| ArchiveError::io("write", path, error);
        let is_new = !path.exists();
        self.told(Change::CreateFile, path).map_err(fail)?;
        let file = File::options().append(true).create(true).open(path).map_err(fail)?;
        if is_new && let Err(error) = self.flush_folder_of(path) {
            self.tidied(self.remove(path));
            return Err(error);
        }
        Ok(file)
    }

    /// Writes at the end of a file.
    pub fn append(&self, file: &mut File, path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.put(file, path, bytes).map_err(|error| ArchiveError::io("write", path, error))
    }

    /// Waits until the bytes of a file are on the disk.
    pub fn flush(&self, file: &File, path: &Path) -> Result<(), ArchiveError> {
        let flushed = self.told(Change::Flush, path).and_then(|()| file.sync_all());
        flushed.map_err(|error| ArchiveError::io("flush", path, error))
    }

    /// Puts in place of a file those of its parts that are named, offset and length each; the digest of what it is now.
    pub fn copy_parts(&self, path: &Path, parts: &[(u64, u64)]) -> Result<Digest, ArchiveError> {
        let temp = temp_path(path);
        let copied = self.copy_to(&temp, path, parts).and_then(|digest| self.rename(&temp, path).map(|()| digest));
        if copied.is_err() {
            self.tidied(self.remove(&temp));
        }
        copied
    }

    fn copy_to(&self, temp: &Path, path: &Path, parts: &[(u64, u64)]) -> Result<Digest, ArchiveError> {
        let fail = |error| ArchiveError::io("write", path, error);
        let mut source = File::open(path).map_err(|error| ArchiveError::io("read", path, error))?;
        self.told(Change::CreateFile, temp).map_err(fail)?;
        let mut target = File::create(temp).map_err(fail)?;
        let mut hasher = Hasher::new();
        let mut block = vec![0; 1 << 16];
        for (offset, length) in parts {
            source.seek(SeekFrom::Start(*offset)).map_err(fail)?;
            let mut part = (&source).take(*length);
            loop {
                let read = part.read(&mut block).map_err(fail)?;
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

    /// Cuts a file to `length` bytes, and flushes it.
    pub fn cut(&self, path: &Path, length: u64) -> Result<(), ArchiveError> {
        let fail = |error| ArchiveError::io("cut", path, error);
        self.told(Change::Cut, path).map_err(fail)?;
        let file = File::options().write(true).open(path).map_err(fail)?;
        file.set_len(length).map_err(fail)?;
        self.flush(&file, path)
    }

    fn told(&self, change: Change, path: &Path) -> io::Result<()> {
        self.held.as_ref().map_or(Ok(()), |held| held.refusal())?;
        self.watch.as_ref().map_or(Ok(()), |watch| (watch.0)(change, path))
    }

    fn rename_here(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.told(Change::Rename, to)?;
        fs::rename(from, to)
    }

    fn write_flushed(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let file = self.write_unflushed(path, bytes)?;
        self.told(Change::Flush, path)?;
        file.sync_all()
    }

    fn write_unflushed(&self, path: &Path, bytes: &[u8]) -> io::Result<File> {
        self.told(Change::CreateFile, path)?;
        let mut file = File::create(path)?;
        self.put(&mut file, path, bytes)?;
        Ok(file)
    }

    /// In halves when somebody watches: a kill can leave a part.
    fn put(&self, file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let (first, rest) = match self.watch {
            Some(_) => bytes.split_at(bytes.len() / 2),
            None => (bytes, &[][..]),
        };
        self.told(Change::Write, path)?;
        file.write_all(first)?;
        if !rest.is_empty() {
            self.told(Change::Write, path)?;
            file.write_all(rest)?;
        }
        Ok(())
    }

    fn flush_folder_of(&self, path: &Path) -> Result<(), ArchiveError> {
        self.flush_folder(folder_of(path))
    }

    fn flush_folder(&self, folder: &Path) -> Result<(), ArchiveError> {
        let flushed = self.told(Change::Flush, folder).and_then(|()| folders::flush(folder));
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
    fn a_write_replaces_the_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        Disk::default().write(&path, b"old").unwrap();
        Disk::default().write(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_write_that_fails_names_the_path_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir(&path).unwrap();
        let error = Disk::default().write(&path, b"x").unwrap_err().to_string();
        assert!(error.contains("taken"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let below_a_file = folder.path().join("file");
        fs::write(&below_a_file, b"").unwrap();
        let error = Disk::default().create_folder(&below_a_file.join("a/b")).unwrap_err().to_string();
        assert!(error.contains("a file stands where a folder is needed"), "{error}");
    }
}
