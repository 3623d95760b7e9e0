//! Files of the output folder: each is written to a staging file and renamed, so that it is there whole or not at all.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use crate::archive::folders::{flush, folder_of};
use crate::model::{Digest, Hasher};

use super::error::ExportError;

/// The ending of staging files.
const STAGING: &str = ".bindery-part";

/// The output folder.
pub(super) struct OutputFolder {
    root: PathBuf,
    /// The archive, into which nothing may be written.
    archive: PathBuf,
    /// Folders that are known to exist outside of the archive.
    checked: BTreeSet<PathBuf>,
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnDisk {
    /// Nothing.
    Nothing,
    /// A file without bytes, as a power failure leaves it.
    Empty,
    /// A file.
    File(Digest),
    /// Anything else.
    Other,
}

impl OutputFolder {
    /// Returns the folder at a path, which need not exist.
    pub fn new(root: &Path, archive: &Path) -> Result<Self, ExportError> {
        // An archive that does not exist yet is compared by its path.
        let absolute = || std::path::absolute(archive).unwrap_or_else(|_| archive.to_owned());
        let archive = archive.canonicalize().unwrap_or_else(|_| absolute());
        let folder = Self { root: root.to_owned(), archive, checked: BTreeSet::new() };
        folder.check_outside(root)?;
        Ok(folder)
    }

    /// Checks that a folder, or the nearest one above it that exists, does not lie in the archive.
    fn check_outside(&self, folder: &Path) -> Result<(), ExportError> {
        let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let existing = absolute.ancestors().find_map(|folder| folder.canonicalize().ok());
        match existing.is_some_and(|existing| existing.starts_with(&self.archive)) {
            true => Err(ExportError::InArchive { path: folder.to_owned() }),
            false => Ok(()),
        }
    }

    /// Returns the path of a file.
    pub fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    /// Returns whether nothing is in it.
    pub fn is_empty(&self) -> Result<bool, ExportError> {
        match fs::read_dir(&self.root) {
            Ok(mut entries) => Ok(entries.next().is_none()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(ExportError::io("list", &self.root, error)),
        }
    }

    /// Returns the names in a folder below it.
    pub fn names(&self, below: &str) -> Result<Vec<String>, ExportError> {
        let folder = self.path(below);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(ExportError::io("list", &folder, error)),
        };
        let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
        names.collect::<Result<_, _>>().map_err(|error| ExportError::io("list", &folder, error))
    }

    /// Returns what is at a path.
    pub fn on_disk(&self, below: &str) -> Result<OnDisk, ExportError> {
        let path = self.path(below);
        match fs::metadata(&path) {
            Ok(meta) if meta.is_file() && meta.len() == 0 => Ok(OnDisk::Empty),
            Ok(meta) if meta.is_file() => {
                digest_of(&path).map(OnDisk::File).map_err(|e| ExportError::io("read", &path, e))
            }
            Ok(_) => Ok(OnDisk::Other),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                // A link that leads nowhere is the user's.
                Ok(if path.is_symlink() { OnDisk::Other } else { OnDisk::Nothing })
            }
            Err(error) => Err(ExportError::io("read", &path, error)),
        }
    }

    /// Returns whether anything is at a path.
    pub fn has(&self, below: &str) -> bool {
        self.path(below).symlink_metadata().is_ok()
    }

    /// Returns whether a file of this size is at a path.
    pub fn has_size(&self, below: &str, bytes: u64) -> bool {
        fs::metadata(self.path(below)).is_ok_and(|meta| meta.is_file() && meta.len() == bytes)
    }

    /// Writes a file and the folders above it.
    pub fn write(&mut self, below: &str, bytes: &[u8]) -> Result<(), ExportError> {
        let path = self.prepare(below)?;
        write(&path, bytes)
    }

    /// Copies a file, and the folders above it are created.
    pub fn copy(&mut self, from: &Path, below: &str) -> Result<(), ExportError> {
        let path = self.prepare(below)?;
        let fill = |file: &mut File| io::copy(&mut File::open(from)?, file).map(drop);
        through(&path, fill).map_err(|error| ExportError::io("write", &path, error))
    }

    /// Creates the folders above a file, and checks that none of them leads into the archive.
    pub fn prepare(&mut self, below: &str) -> Result<PathBuf, ExportError> {
        let path = self.path(below);
        let folder = path.parent().unwrap_or(&self.root).to_owned();
        if !self.checked.contains(&folder) {
            self.check_outside(&folder)?;
            fs::create_dir_all(&folder).map_err(|error| ExportError::io("create the folder", &folder, error))?;
            self.checked.insert(folder);
        }
        Ok(path)
    }

    /// Removes a file, and the folders above it that are empty then.
    pub fn remove(&self, below: &str) -> Result<(), ExportError> {
        let path = self.path(below);
        self.check_outside(path.parent().unwrap_or(&self.root))?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ExportError::io("remove", &path, error));
            }
            _ => {}
        }
        for above in Path::new(below).ancestors().skip(1).filter(|above| *above != Path::new("")) {
            // A folder that is not empty stays.
            if fs::remove_dir(self.root.join(above)).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// Returns whether a path leads below the folder that it is in.
pub(super) fn is_below(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// Writes a file to a staging file, and renames it.
fn write(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    through(path, |file| file.write_all(bytes)).map_err(|error| ExportError::io("write", path, error))
}

/// Writes a file that must be there after a power failure, whole.
pub(super) fn write_flushed(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    let fill = |file: &mut File| file.write_all(bytes).and_then(|()| file.sync_all());
    let written = through(path, fill).and_then(|()| flush(folder_of(path)));
    written.map_err(|error| ExportError::io("write", path, error))
}

fn through(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let own = path.file_name().unwrap_or_default();
    // The name of a file may be as long as names can be.
    let mut name = OsString::from(format!(".{}", &Digest::of(own.as_encoded_bytes()).hex()[..16]));
    name.push(STAGING);
    let staging = path.with_file_name(name);
    let written = File::create(&staging).and_then(|mut file| fill(&mut file)).and_then(|()| fs::rename(&staging, path));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&staging);
    }
    written
}

/// Returns the digest of a file's bytes.
pub(super) fn digest_of(path: &Path) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut hasher = Hasher::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(length) => hasher.update(&block[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
