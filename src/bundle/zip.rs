//! Reading ZIP files strictly, without extracting: every entry where both directories say it is, and nothing between.
//!
//! PKWARE's APPNOTE 6.3.10. Two readers may see two different files in a ZIP file whose central directory, local headers
//! and gaps disagree; each disagreement is a [`Fault`].

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use crc32fast::Hasher as Crc;
use flate2::read::DeflateDecoder;

use super::BundleError;

mod directory;

/// An entry that is larger than this and was made smaller than its size divided by [`MAX_RATIO`] is a trap.
const MAX_UNPACKED: u64 = 1 << 28;
const MAX_RATIO: u64 = 200;

/// What is wrong with a ZIP file as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The entry's name; empty for the file as a whole.
    pub name: String,
    /// What was expected, in words or as a value.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// True when the entry must not be read: what is in it cannot be told, or it is a trap.
    pub closed: bool,
}

/// An entry as the central directory has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where its data begins.
    pub data: u64,
    /// Length of its data.
    pub packed: u64,
    /// Length of what is in it.
    pub size: u64,
    pub crc: u32,
    pub deflated: bool,
}

/// A ZIP file.
#[derive(Debug)]
pub struct Zip {
    path: PathBuf,
    /// Files by name. Names that are unsafe or stand twice are not among them.
    entries: BTreeMap<String, Entry>,
    /// Names of folders that have entries of their own, ending in `/`.
    folders: BTreeSet<String>,
    faults: Vec<Fault>,
    uniform: bool,
}

impl Zip {
    /// Opens a file and compares its directories.
    ///
    /// # Errors
    /// The file cannot be read, has no central directory, or one that is larger than any use.
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        let file = File::open(path).map_err(|error| BundleError::io("read", path, error))?;
        let length = file.metadata().map_err(|error| BundleError::io("read", path, error))?.len();
        let found = directory::read(&mut BufReader::new(file), length)
            .map_err(|cause| BundleError::NoZip { path: path.to_owned(), cause })?;
        let mut zip = Self {
            path: path.to_owned(),
            entries: BTreeMap::new(),
            folders: found.folders.into_iter().collect(),
            faults: found.faults,
            uniform: found.uniform,
        };
        for (name, entry) in found.entries.into_iter().filter_map(|(name, entry)| Some((name, entry?))) {
            let trap = entry.size > MAX_UNPACKED && entry.size / MAX_RATIO > entry.packed;
            if trap {
                let expected = format!("at most {MAX_RATIO} times its {} packed bytes", entry.packed);
                let fault = Fault { name, expected, found: format!("{} bytes", entry.size), closed: true };
                zip.faults.push(fault);
            } else {
                zip.entries.insert(name, entry);
            }
        }
        Ok(zip)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong with it as a ZIP file; empty when nothing is.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whether every entry is stored, of one date, with the mode 0644 and no extra fields, in the order of the names: as
    /// bindery writes them.
    pub fn is_uniform(&self) -> bool {
        self.uniform
    }

    /// Names of its files, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Whether a file is stored, and not compressed; None when there is none of this name.
    pub fn is_stored(&self, name: &str) -> Option<bool> {
        self.entries.get(name).map(|entry| !entry.deflated)
    }

    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    /// The first name, of a file or ending in `/` of a folder, that is not before this one.
    pub(super) fn first_from(&self, name: &str) -> Option<&String> {
        let from = (Bound::Included(name), Bound::Unbounded);
        let file = self.entries.range::<str, _>(from).next().map(|(name, _)| name);
        let folder = self.folders.range::<str, _>(from).next();
        file.into_iter().chain(folder).min()
    }

    /// Opens an entry; reading it to its end checks its length and checksum.
    pub(super) fn read(&self, entry: &Entry) -> io::Result<Box<dyn Read + Send>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(entry.data))?;
        let packed = file.take(entry.packed);
        let inner: Box<dyn Read + Send> = match entry.deflated {
            true => Box::new(DeflateDecoder::new(BufReader::with_capacity(1 << 16, packed))),
            false => Box::new(packed),
        };
        Ok(Box::new(Checked { inner, crc: Crc::new(), left: entry.size, expected: entry.crc, size: entry.size }))
    }
}

/// An entry's bytes, whose end is an error unless length and checksum are those of the directory.
struct Checked {
    inner: Box<dyn Read + Send>,
    crc: Crc,
    left: u64,
    size: u64,
    expected: u32,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = self.inner.read(buffer)?;
        let bad = |what: String| Err(io::Error::new(io::ErrorKind::InvalidData, what));
        if read as u64 > self.left {
            return bad(format!("the entry unpacks to more than its {} bytes", self.size));
        }
        self.left -= read as u64;
        self.crc.update(&buffer[..read]);
        if read > 0 {
            return Ok(read);
        }
        let found = self.crc.clone().finalize();
        match (self.left, found == self.expected) {
            (0, true) => Ok(0),
            (0, false) => bad(format!("its checksum is {found:08x}, and the directory has {:08x}", self.expected)),
            (left, _) => bad(format!("it ends {left} bytes before its {} bytes", self.size)),
        }
    }
}
