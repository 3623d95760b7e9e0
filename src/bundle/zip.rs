//! Reads ZIP files strictly (PKWARE's APPNOTE 6.3.10), without extracting them.
//!
//! If the central directory and the local headers disagree, or there are gaps between entries, two programs may read
//! different contents from the same file. Each disagreement is a [`ZipFault`].

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use crc32fast::Hasher as Crc;
use flate2::read::DeflateDecoder;

use super::BundleError;

mod directory;

/// An entry larger than this in bytes is not read if its compression ratio is larger than [`MAX_RATIO`].
const MAX_UNPACKED: u64 = 1 << 28;
const MAX_RATIO: u64 = 200;

/// What is wrong with a ZIP file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZipFault {
    /// The entry's name; empty for the whole file.
    pub name: String,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// True if the entry must not be read, because its contents are ambiguous or its size is excessive.
    pub is_blocked: bool,
}

/// An entry, as the central directory describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ZipEntry {
    /// The offset of its data.
    pub data: u64,
    /// The length of its data, compressed or not.
    pub packed: u64,
    /// The length of its contents.
    pub size: u64,
    pub crc: u32,
    pub deflated: bool,
}

/// A ZIP file.
#[derive(Debug)]
pub struct Zip {
    path: PathBuf,
    /// Files by name, without unsafe and duplicate names.
    entries: BTreeMap<String, ZipEntry>,
    /// Names of folders with entries of their own, ending in `/`.
    folders: BTreeSet<String>,
    faults: Vec<ZipFault>,
    uniform: bool,
}

impl Zip {
    /// Opens a file and compares its central directory with the local headers.
    ///
    /// # Errors
    /// The file cannot be read, or its central directory is missing or too large.
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        let file = File::open(path).map_err(|error| BundleError::io("read", path, error))?;
        let length = file.metadata().map_err(|error| BundleError::io("read", path, error))?.len();
        let scan = directory::read(&mut BufReader::new(file), length)
            .map_err(|cause| BundleError::InvalidZip { path: path.to_owned(), cause })?;
        let mut zip = Self {
            path: path.to_owned(),
            entries: BTreeMap::new(),
            folders: scan.folders.into_iter().collect(),
            faults: scan.faults,
            uniform: scan.uniform,
        };
        for (name, entry) in scan.entries.into_iter().filter_map(|(name, entry)| Some((name, entry?))) {
            let is_excessive = entry.size > MAX_UNPACKED && entry.size / MAX_RATIO > entry.packed;
            if is_excessive {
                let expected = format!("at most {MAX_RATIO} times its {} compressed bytes", entry.packed);
                let fault = ZipFault { name, expected, found: format!("{} bytes", entry.size), is_blocked: true };
                zip.faults.push(fault);
            } else {
                zip.entries.insert(name, entry);
            }
        }
        Ok(zip)
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what is wrong with the ZIP file; empty if nothing is.
    pub fn faults(&self) -> &[ZipFault] {
        &self.faults
    }

    /// Returns whether all entries are as bindery writes them: stored, with one date, the mode 0644 and no extra fields,
    /// sorted by name.
    pub fn is_uniform(&self) -> bool {
        self.uniform
    }

    /// Returns the names of its files, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Returns whether a file is stored without compression; None if there is no file of this name.
    pub fn is_stored(&self, name: &str) -> Option<bool> {
        self.entries.get(name).map(|entry| !entry.deflated)
    }

    pub(super) fn entry(&self, name: &str) -> Option<&ZipEntry> {
        self.entries.get(name)
    }

    /// Returns the first name that is not before this one, of a file or (ending in `/`) of a folder.
    pub(super) fn first_from(&self, name: &str) -> Option<&String> {
        let from = (Bound::Included(name), Bound::Unbounded);
        let file = self.entries.range::<str, _>(from).next().map(|(name, _)| name);
        let folder = self.folders.range::<str, _>(from).next();
        file.into_iter().chain(folder).min()
    }

    /// Opens an entry. Reading it to its end checks its length and checksum.
    pub(super) fn read(&self, entry: &ZipEntry) -> io::Result<Box<dyn Read + Send>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(entry.data))?;
        let packed = file.take(entry.packed);
        let inner: Box<dyn Read + Send> = match entry.deflated {
            true => Box::new(DeflateDecoder::new(BufReader::with_capacity(1 << 16, packed))),
            false => Box::new(packed),
        };
        Ok(Box::new(ChecksumReader { inner, crc: Crc::new(), left: entry.size, expected: entry.crc, size: entry.size }))
    }
}

/// Reads an entry. Its end is an error unless length and checksum are those of the central directory.
struct ChecksumReader {
    inner: Box<dyn Read + Send>,
    crc: Crc,
    left: u64,
    size: u64,
    expected: u32,
}

impl Read for ChecksumReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = self.inner.read(buffer)?;
        let bad = |what: String| Err(io::Error::new(io::ErrorKind::InvalidData, what));
        if read as u64 > self.left {
            return bad(format!("the entry contains more than its {} bytes", self.size));
        }
        self.left -= read as u64;
        self.crc.update(&buffer[..read]);
        if read > 0 {
            return Ok(read);
        }
        let found = self.crc.clone().finalize();
        match (self.left, found == self.expected) {
            (0, true) => Ok(0),
            (0, false) => bad(format!("its checksum is {found:08x}, but the directory has {:08x}", self.expected)),
            (left, _) => bad(format!("it ends {left} bytes before its {} bytes", self.size)),
        }
    }
}
