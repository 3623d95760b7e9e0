//! Writes ZIP files whose entries are all stored (PKWARE's APPNOTE 6.3.10), in constant memory.
//!
//! The crate `zip` keeps a few hundred bytes of every entry in memory until the end. Here the central directory is kept in
//! a temporary file. ZIP64 is used only where a number does not fit otherwise.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use crc32fast::Hasher as Crc;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR64: u32 = 0x0706_4b50;
/// Versions of the format that a reader must support: 1.0 for stored entries, 4.5 for ZIP64.
const PLAIN: u16 = 10;
const LARGE: u16 = 45;
/// Made on Unix.
const UNIX: u16 = 3 << 8;
/// The name is UTF-8.
const UTF8: u16 = 1 << 11;
const REGULAR_0644: u32 = 0o100_644 << 16;
/// The offset of the checksum in a local header.
const CRC_AT: u64 = 14;
/// These values mean that the real ones are in ZIP64 fields.
const MAX32: u64 = u32::MAX as u64;
const MAX16: u64 = u16::MAX as u64;

/// Writes a ZIP file.
pub(super) struct StoreWriter<W: Write + Seek> {
    out: BufWriter<W>,
    /// The offset of the next byte.
    at: u64,
    directory: BufWriter<File>,
    directory_length: u64,
    entries: u64,
    /// Date and time of every entry, in the format of ZIP files.
    date: u32,
    open: Option<OpenEntry>,
}

/// The entry that is being written.
struct OpenEntry {
    name: String,
    begins: u64,
    length: u64,
    left: u64,
    crc: Crc,
    /// Whether the local header was written with the checksum.
    has_checksum: bool,
}

impl<W: Write + Seek> StoreWriter<W> {
    /// Starts a ZIP file at the beginning of `out`. `directory` is an empty file that holds the central directory until the
    /// end.
    pub fn new(out: W, directory: File, date: u32) -> Self {
        let (out, directory) = (BufWriter::with_capacity(1 << 20, out), BufWriter::new(directory));
        Self { out, at: 0, directory, directory_length: 0, entries: 0, date, open: None }
    }

    /// Starts an entry of this length.
    pub fn begin(&mut self, name: &str, length: u64) {
        let name = name.to_owned();
        let (begins, crc) = (self.at, Crc::new());
        self.open = Some(OpenEntry { name, begins, length, left: length, crc, has_checksum: false });
    }

    /// Writes bytes of the entry. An error if it becomes longer than its length.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Err(io::ErrorKind::NotConnected.into()) };
        let is_first = open.left == open.length;
        open.left = open.left.checked_sub(bytes.len() as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        open.crc.update(bytes);
        if is_first && !bytes.is_empty() {
            // The checksum of an entry that is written at once is known before its header.
            open.has_checksum = open.left == 0;
            let header = open.local(self.date);
            self.put(&header)?;
        }
        self.put(bytes)
    }

    /// Ends the entry.
    pub fn end(&mut self) -> io::Result<()> {
        let Some(mut open) = self.open.take() else { return Err(io::ErrorKind::NotConnected.into()) };
        if open.left > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if open.length == 0 {
            open.has_checksum = true;
            let header = open.local(self.date);
            self.put(&header)?;
        }
        let crc = open.crc.clone().finalize();
        if !open.has_checksum {
            self.out.seek(SeekFrom::Start(open.begins + CRC_AT))?;
            self.out.write_all(&crc.to_le_bytes())?;
            self.out.seek(SeekFrom::Start(self.at))?;
        }
        let header = open.central(self.date, crc);
        self.directory.write_all(&header)?;
        self.directory_length += header.len() as u64;
        self.entries += 1;
        Ok(())
    }

    /// Writes the central directory and the end records.
    pub fn finish(mut self) -> io::Result<W> {
        let begins = self.at;
        let mut directory = self.directory.into_inner().map_err(io::IntoInnerError::into_error)?;
        directory.seek(SeekFrom::Start(0))?;
        let copied = io::copy(&mut directory.take(self.directory_length), &mut self.out)?;
        if copied != self.directory_length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.out.write_all(&end(self.entries, copied, begins))?;
        self.out.into_inner().map_err(io::IntoInnerError::into_error)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

impl OpenEntry {
    fn is_large(&self) -> bool {
        self.length >= MAX32
    }

    /// Writes the fields that both headers have: flags, method, date, checksum, both sizes and the length of the name.
    fn common(&self, header: &mut Vec<u8>, date: u32, crc: u32) {
        let flags = if self.name.is_ascii() { 0 } else { UTF8 };
        header.extend([flags, 0].map(u16::to_le_bytes).as_flattened());
        let size = short32(self.length);
        header.extend([date, crc, size, size].map(u32::to_le_bytes).as_flattened());
        // No operating system supports names that are too long for this.
        header.extend(short16(self.name.len() as u64).to_le_bytes());
    }

    fn local(&self, date: u32) -> Vec<u8> {
        let mut header = LOCAL.to_le_bytes().to_vec();
        header.extend((if self.is_large() { LARGE } else { PLAIN }).to_le_bytes());
        let crc = if self.has_checksum { self.crc.clone().finalize() } else { 0 };
        self.common(&mut header, date, crc);
        let large = [self.length; 2];
        let extra = extra(if self.is_large() { &large } else { &[] });
        header.extend((extra.len() as u16).to_le_bytes());
        header.extend(self.name.as_bytes());
        header.extend(extra);
        header
    }

    fn central(&self, date: u32, crc: u32) -> Vec<u8> {
        let is_far = self.begins >= MAX32;
        let needed = if self.is_large() || is_far { LARGE } else { PLAIN };
        let mut header = CENTRAL.to_le_bytes().to_vec();
        header.extend([UNIX | needed, needed].map(u16::to_le_bytes).as_flattened());
        self.common(&mut header, date, crc);
        let large = [self.length; 2].into_iter().filter(|_| self.is_large());
        let extra = extra(&large.chain(Some(self.begins).filter(|_| is_far)).collect::<Vec<_>>());
        // No comment, disk 0, no internal attributes.
        header.extend([extra.len() as u16, 0, 0, 0].map(u16::to_le_bytes).as_flattened());
        header.extend([REGULAR_0644, short32(self.begins)].map(u32::to_le_bytes).as_flattened());
        header.extend(self.name.as_bytes());
        header.extend(extra);
        header
    }
}

/// Returns the ZIP64 field of a header; empty if no value needs it.
fn extra(values: &[u64]) -> Vec<u8> {
    let mut field = Vec::new();
    if !values.is_empty() {
        field.extend([1, values.len() as u16 * 8].map(u16::to_le_bytes).as_flattened());
        values.iter().for_each(|value| field.extend(value.to_le_bytes()));
    }
    field
}

/// Returns the end records, with ZIP64's if a value needs them.
fn end(entries: u64, length: u64, begins: u64) -> Vec<u8> {
    let mut out = Vec::new();
    if entries > MAX16 || length >= MAX32 || begins >= MAX32 {
        out.extend(END64.to_le_bytes());
        // The length of what follows.
        out.extend(44u64.to_le_bytes());
        out.extend([UNIX | LARGE, LARGE].map(u16::to_le_bytes).as_flattened());
        out.extend([0u32; 2].map(u32::to_le_bytes).as_flattened());
        out.extend([entries, entries, length, begins].map(u64::to_le_bytes).as_flattened());
        out.extend([LOCATOR64, 0].map(u32::to_le_bytes).as_flattened());
        out.extend((begins + length).to_le_bytes());
        out.extend(1u32.to_le_bytes());
    }
    out.extend(END.to_le_bytes());
    out.extend([0, 0, short16(entries), short16(entries)].map(u16::to_le_bytes).as_flattened());
    out.extend([short32(length), short32(begins)].map(u32::to_le_bytes).as_flattened());
    out.extend(0u16.to_le_bytes());
    out
}

fn short32(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn short16(value: u64) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
