//! Records as bytes: one gzip member each, so that any of them can be read without the others.

use std::io::{self, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::record::Record;

/// The head of every member (RFC 1952): deflate, no name, no time, no system. The same for every level, so that a reader
/// can hold every byte of it to account.
pub(super) const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// What ends a record.
pub(super) const END: &[u8] = b"\r\n\r\n";

impl Record {
    /// The record as one gzip member. Bodies that are packed already are stored; the same record always gives the same
    /// bytes.
    pub fn to_gzip(&self) -> Vec<u8> {
        let level = if self.packed { Compression::none() } else { Compression::new(6) };
        let head = self.head();
        let parts = [head.as_bytes(), self.block(), END];
        let room = if self.packed { self.block().len() + self.block().len() / 1000 + 1024 } else { 1024 };
        let mut out = Vec::with_capacity(room);
        out.extend(GZIP_HEAD);
        let mut crc = Crc::new();
        parts.iter().for_each(|part| crc.update(part));
        #[expect(clippy::expect_used, reason = "memory takes every write")]
        let mut out = deflate(out, &parts, level).expect("memory takes every write");
        out.extend(crc.sum().to_le_bytes());
        out.extend(crc.amount().to_le_bytes());
        out
    }
}

fn deflate(out: Vec<u8>, parts: &[&[u8]], level: Compression) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(out, level);
    parts.iter().try_for_each(|part| encoder.write_all(part))?;
    encoder.finish()
}
