//! The files of a bundle before they are packed: where their bytes are, their length and digest.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use crate::model::Digest;

/// Where the bytes of a file come from.
pub(super) enum Source {
    /// A complete file on disk.
    File(PathBuf),
    /// Ranges of a file, each with offset and length.
    Ranges(PathBuf, Vec<(u64, u64)>),
    /// Bytes in memory.
    Bytes(Vec<u8>),
    /// A temporary file without a name.
    Spool(File),
}

/// A file to be packed.
pub(super) struct Piece {
    pub source: Source,
    /// Its length in bytes.
    pub length: u64,
    /// The digest that its bytes must have.
    pub digest: Digest,
}

impl Piece {
    /// Returns a piece of bytes in memory.
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        Self { length: bytes.len() as u64, digest: Digest::of(&bytes), source: Source::Bytes(bytes) }
    }

    /// Opens it for reading.
    pub fn open(&self) -> std::io::Result<Box<dyn Read + '_>> {
        let (path, ranges) = match &self.source {
            Source::Bytes(bytes) => return Ok(Box::new(bytes.as_slice())),
            Source::File(path) => return Ok(Box::new(File::open(path)?)),
            Source::Spool(file) => {
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(0))?;
                return Ok(Box::new(file));
            }
            Source::Ranges(path, ranges) => (path, ranges.as_slice()),
        };
        Ok(Box::new(RangeReader { file: File::open(path)?, ranges, left: 0 }))
    }
}

/// Reads ranges of a file one after another.
struct RangeReader<'a> {
    file: File,
    /// The ranges after the current one.
    ranges: &'a [(u64, u64)],
    /// The number of bytes left in the current range.
    left: u64,
}

impl Read for RangeReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.left == 0 {
            let Some(((offset, length), rest)) = self.ranges.split_first() else { return Ok(0) };
            self.file.seek(SeekFrom::Start(*offset))?;
            (self.left, self.ranges) = (*length, rest);
        }
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read(&mut buffer[..wanted])?;
        if read == 0 && wanted > 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// The files of a bundle by path, in the order in which they are packed.
pub(super) type Pieces = BTreeMap<String, Piece>;
