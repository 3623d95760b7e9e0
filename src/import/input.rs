//! The bytes of an import: a file, memory, or a decompressed copy of either.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

use super::error::ImportError;

/// The maximum size of a page, in bytes.
pub const PAGE_CAP: u64 = 64 * 1024 * 1024;

/// The maximum size of an image, in bytes.
pub const IMAGE_CAP: u64 = 50 * 1024 * 1024;

/// The number of bytes from which the kind of an input is detected.
pub const DETECTION_BYTES: usize = 32 << 10;

/// The maximum ratio of decompressed to compressed size. DEFLATE itself cannot exceed it.
const MAX_RATIO: u64 = 1100;

/// The size in bytes up to which a decompressed copy is allowed whatever its ratio.
const HARMLESS: u64 = 256 << 20;

/// A seekable source of bytes.
pub trait Bytes: Read + Seek + Send {}

impl<T: Read + Seek + Send> Bytes for T {}

/// Something to import: its name and its bytes. It can be opened many times and by several threads.
#[derive(Debug, Clone)]
pub struct Input {
    name: String,
    source: Source,
}

/// Where the bytes are.
#[derive(Debug, Clone)]
enum Source {
    File(PathBuf),
    Memory(Arc<[u8]>),
    TemporaryFile(Arc<tempfile::TempPath>),
}

impl Input {
    /// Returns the input for a file on disk.
    pub fn file(path: &Path) -> Self {
        Self { name: path.display().to_string(), source: Source::File(path.to_owned()) }
    }

    /// Returns the input for bytes in memory; `name` is their name in messages.
    pub fn memory(bytes: Vec<u8>, name: &str) -> Self {
        Self { name: name.to_owned(), source: Source::Memory(bytes.into()) }
    }

    /// Returns its name in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the path of the file; None for other sources.
    pub fn path(&self) -> Option<&Path> {
        match &self.source {
            Source::File(path) => Some(path),
            Source::Memory(_) | Source::TemporaryFile(_) => None,
        }
    }

    /// Opens its bytes as they are, without decompression.
    ///
    /// # Errors
    /// The file does not exist, is not a regular file, or cannot be read.
    pub fn open(&self) -> Result<Box<dyn Bytes>, ImportError> {
        let path = match &self.source {
            Source::Memory(bytes) => return Ok(Box::new(Cursor::new(Arc::clone(bytes)))),
            Source::File(path) => path.as_path(),
            Source::TemporaryFile(path) => path,
        };
        // Checked before opening, since opening a pipe waits for a writer.
        if !std::fs::metadata(path).map_err(|error| self.unreadable(error))?.is_file() {
            return Err(ImportError::NotAFile { name: self.name.clone() });
        }
        Ok(Box::new(File::open(path).map_err(|error| self.unreadable(error))?))
    }

    /// Opens its bytes as a stream, decompressed from gzip or zstd.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn stream(&self) -> Result<Box<dyn Read + Send>, ImportError> {
        let mut bytes = self.open()?;
        let mut magic = [0; 4];
        let found = fill(&mut bytes, &mut magic).map_err(|error| self.unreadable(error))?;
        bytes.rewind().map_err(|error| self.unreadable(error))?;
        Ok(match Compression::of(&magic[..found]) {
            Some(Compression::Gzip) => Box::new(MultiGzDecoder::new(BufReader::new(bytes))),
            Some(Compression::Zstd) => {
                Box::new(ZstdReader { frames: Box::new(BufReader::new(bytes)), open: None, done: false })
            }
            None => Box::new(bytes),
        })
    }

    /// Returns the compression of the bytes; None when they are not compressed.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn compression(&self) -> Result<Option<Compression>, ImportError> {
        let mut magic = [0; 4];
        let found = fill(&mut self.open()?, &mut magic).map_err(|error| self.unreadable(error))?;
        Ok(Compression::of(&magic[..found]))
    }

    /// Returns the first bytes after decompression, at most [`DETECTION_BYTES`].
    ///
    /// # Errors
    /// As [`Input::open`], or not even the first byte can be decompressed.
    pub fn start(&self) -> Result<Vec<u8>, ImportError> {
        let mut start = Vec::new();
        let read = self.stream()?.take(DETECTION_BYTES as u64).read_to_end(&mut start);
        match read {
            Err(error) if start.is_empty() => Err(self.unreadable(error)),
            _ => Ok(start),
        }
    }

    /// Returns its size in bytes, without decompression.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn length(&self) -> Result<u64, ImportError> {
        self.open()?.seek(io::SeekFrom::End(0)).map_err(|error| self.unreadable(error))
    }

    /// Returns all bytes after decompression.
    ///
    /// # Errors
    /// As [`Input::open`]; or there are more than `cap`, or the compression is damaged.
    pub fn read_all(&self, cap: u64) -> Result<Vec<u8>, ImportError> {
        // Compressed bytes become more.
        let length = match &self.source {
            Source::Memory(bytes) => bytes.len() as u64,
            Source::File(path) => std::fs::metadata(path).map_or(0, |about| about.len()),
            Source::TemporaryFile(path) => std::fs::metadata(&**path).map_or(0, |about| about.len()),
        };
        let mut bytes = Vec::with_capacity(usize::try_from(length.min(cap)).unwrap_or(0).saturating_add(1));
        let mut stream = self.stream()?.take(cap.saturating_add(1));
        stream.read_to_end(&mut bytes).map_err(|error| self.unreadable(error))?;
        if bytes.len() as u64 > cap {
            return Err(ImportError::TooLarge { name: self.name.clone(), cap });
        }
        Ok(bytes)
    }

    /// Returns an uncompressed input with the same bytes: itself, or a decompressed copy in a temporary file.
    ///
    /// # Errors
    /// As [`Input::open`]; or the compression is damaged, or the copy would exceed the maximum ratio.
    pub fn seekable(&self) -> Result<Self, ImportError> {
        if self.compression()?.is_none() {
            return Ok(self.clone());
        }
        self.copy_of(self.stream()?, self.copy_cap()?, &self.name)
    }

    /// Returns the maximum size of a decompressed copy, in bytes.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub(super) fn copy_cap(&self) -> Result<u64, ImportError> {
        Ok(self.length()?.saturating_mul(MAX_RATIO).max(HARMLESS))
    }

    /// Returns an input whose bytes `write` writes to a temporary file, and what `write` returns.
    pub(super) fn written<T>(
        &self,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<T>,
    ) -> Result<(Self, T), ImportError> {
        let unreadable = |source| ImportError::Unreadable { name: self.name.clone(), source };
        let mut copy = tempfile::NamedTempFile::new().map_err(unreadable)?;
        let result = write(copy.as_file_mut()).map_err(unreadable)?;
        let source = Source::TemporaryFile(Arc::new(copy.into_temp_path()));
        Ok((Self { name: self.name.clone(), source }, result))
    }

    /// Copies a stream of at most `cap` bytes to a temporary file.
    pub(super) fn copy_of(&self, stream: impl Read, cap: u64, name: &str) -> Result<Self, ImportError> {
        let unreadable = |source| ImportError::Unreadable { name: name.to_owned(), source };
        let mut copy = tempfile::NamedTempFile::new().map_err(unreadable)?;
        let copied = io::copy(&mut stream.take(cap.saturating_add(1)), copy.as_file_mut()).map_err(unreadable)?;
        if copied > cap {
            return Err(ImportError::TooLarge { name: name.to_owned(), cap });
        }
        Ok(Self { name: name.to_owned(), source: Source::TemporaryFile(Arc::new(copy.into_temp_path())) })
    }

    /// Returns an error of the operating system as an error of this input.
    pub(super) fn unreadable(&self, source: io::Error) -> ImportError {
        let name = self.name.clone();
        match source.kind() {
            io::ErrorKind::NotFound => ImportError::Missing { name },
            _ => ImportError::Unreadable { name, source },
        }
    }
}

/// Returns the bytes of a file, at most `cap`, without decompression.
pub(super) fn read_file(path: &Path, cap: u64) -> Result<Vec<u8>, ImportError> {
    let input = Input::file(path);
    let mut bytes = Vec::new();
    let file = input.open()?;
    file.take(cap.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| input.unreadable(error))?;
    if bytes.len() as u64 > cap {
        return Err(ImportError::TooLarge { name: input.name, cap });
    }
    Ok(bytes)
}

/// The compression of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// One or more gzip members.
    Gzip,
    /// One or more zstd frames.
    Zstd,
}

impl Compression {
    fn of(magic: &[u8]) -> Option<Self> {
        match magic {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd] => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// Decompresses consecutive zstd frames and checks each.
struct ZstdReader {
    frames: Box<dyn FrameBytes>,
    open: Option<Box<StreamingDecoder<Box<dyn FrameBytes>, ruzstd::decoding::FrameDecoder>>>,
    done: bool,
}

trait FrameBytes: io::BufRead + Send {}

impl<T: io::BufRead + Send> FrameBytes for T {}

impl Read for ZstdReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.done && !buffer.is_empty() {
            let Some(mut decoder) = self.open.take() else {
                self.begin()?;
                continue;
            };
            match decoder.read(buffer)? {
                0 => self.frames = decoder.into_inner(),
                read => {
                    self.open = Some(decoder);
                    return Ok(read);
                }
            }
        }
        Ok(0)
    }
}

impl ZstdReader {
    /// Starts the next frame, if there is one.
    fn begin(&mut self) -> io::Result<()> {
        if self.frames.fill_buf()?.is_empty() {
            self.done = true;
            return Ok(());
        }
        let frames = std::mem::replace(&mut self.frames, Box::new(io::empty()));
        let decoder = StreamingDecoder::new(frames).map_err(io::Error::other)?;
        self.open = Some(Box::new(decoder));
        Ok(())
    }
}

/// Reads until the buffer is full or the source ends; returns the number of bytes read.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        coder.write_all(bytes).unwrap();
        coder.finish().unwrap()
    }

    #[test]
    fn consecutive_gzip_members_and_zstd_frames_are_decompressed() {
        let two = [gzip("一".as_bytes()), gzip("二".as_bytes())].concat();
        assert_eq!(Input::memory(two, "x").read_all(100).unwrap(), "一二".as_bytes());
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let zstd = |text: &str| ruzstd::encoding::compress_to_vec(text.as_bytes(), level);
        let two = [zstd("三"), zstd("四")].concat();
        assert_eq!(Input::memory(two, "x").read_all(100).unwrap(), "三四".as_bytes());
        assert_eq!(Input::memory(b"plain".to_vec(), "x").read_all(100).unwrap(), b"plain");
    }

    #[test]
    fn a_decompression_bomb_and_a_truncated_file_are_errors() {
        let bomb = gzip(&vec![b'x'; 5000]);
        assert!(matches!(
            Input::memory(bomb.clone(), "b").read_all(4999),
            Err(ImportError::TooLarge { cap: 4999, .. })
        ));
        let cut = Input::memory(bomb[..bomb.len() / 2].to_vec(), "c.gz").read_all(9000).unwrap_err().to_string();
        assert!(cut.starts_with("c.gz cannot be read"), "{cut}");
    }

    #[test]
    fn a_compressed_input_can_be_made_seekable() {
        let copy = Input::memory(gzip(b"0123456789"), "x").seekable().unwrap();
        let mut bytes = copy.open().unwrap();
        bytes.seek(io::SeekFrom::Start(7)).unwrap();
        let mut end = String::new();
        bytes.read_to_string(&mut end).unwrap();
        assert_eq!(end, "789");
    }
}
