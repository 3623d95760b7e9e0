//! Generated files of a bundle that may be larger than memory: written to temporary files until they are packed.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::model::Hasher;

use super::output::unnamed_file;
use super::piece::{Piece, Source};

/// Writes a generated file to a temporary file.
pub(super) struct Spool {
    file: BufWriter<File>,
    hasher: Hasher,
    length: u64,
}

impl Spool {
    pub fn new(target: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(unnamed_file(target)?), hasher: Hasher::new(), length: 0 })
    }

    /// Returns the number of bytes written so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Returns what was written, to be packed.
    pub fn finish(self) -> io::Result<Piece> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Piece { source: Source::Spool(file), length: self.length, digest: self.hasher.finish() })
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
