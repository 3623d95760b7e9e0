//! Where an import's bytes lie: a file, memory, or an unpacked copy of either.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

use super::ImportError;

/// How much of an input is looked at to see what it is, in bytes.
pub const START: usize = 32 << 10;

/// The most bytes that an unpacked copy may have for each byte of the packed one: DEFLATE itself cannot exceed this.
const MOST_TIMES: u64 = 1100;

/// An unpacked copy of no more than this is never called a bomb, in bytes.
const HARMLESS: u64 = 256 << 20;

/// Bytes that can be read from any place.
pub trait Bytes: Read + Seek + Send {}

impl<T: Read + Seek + Send> Bytes for T {}

/// Something to import: what to call it, and its bytes. It can be opened as often as one likes, by several threads.
#[derive(Debug, Clone)]
pub struct Input {
    name: String,
    lies: Lies,
}

#[derive(Debug, Clone)]
enum Lies {
    File(PathBuf),
    Memory(Arc<[u8]>),
    Copy(Arc<tempfile::TempPath>),
}

impl Input {
    /// A file on disk.
    pub fn file(path: &Path) -> Self {
        Self { name: path.display().to_string(), lies: Lies::File(path.to_owned()) }
    }

    /// Bytes at hand; `name` is what to call them in messages.
    pub fn memory(bytes: Vec<u8>, name: &str) -> Self {
        Self { name: name.to_owned(), lies: Lies::Memory(bytes.into()) }
    }

    /// What to call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file as it was named; None for bytes from elsewhere.
    pub fn path(&self) -> Option<&Path> {
        match &self.lies {
            Lies::File(path) => Some(path),
            Lies::Memory(_) | Lies::Copy(_) => None,
        }
    }

    /// Its bytes as they lie there.
    ///
    /// # Errors
    /// The file is not there, is none, or cannot be read.
    pub fn open(&self) -> Result<Box<dyn Bytes>, ImportError> {
        let path = match &self.lies {
            Lies::Memory(bytes) => return Ok(Box::new(Cursor::new(Arc::clone(bytes)))),
            Lies::File(path) => path.as_path(),
            Lies::Copy(path) => path,
        };
        // Told before opening: to open a pipe waits for a writer.
        if !std::fs::metadata(path).map_err(|error| self.unreadable(error))?.is_file() {
            return Err(ImportError::NotAFile { name: self.name.clone() });
        }
        Ok(Box::new(File::open(path).map_err(|error| self.unreadable(error))?))
    }

    /// Its bytes with gzip or zstd taken off, one after the other.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn stream(&self) -> Result<Box<dyn Read + Send>, ImportError> {
        let mut bytes = self.open()?;
        let mut magic = [0; 4];
        let found = fill(&mut bytes, &mut magic).map_err(|error| self.unreadable(error))?;
        bytes.rewind().map_err(|error| self.unreadable(error))?;
        Ok(match Packing::of(&magic[..found]) {
            Some(Packing::Gzip) => Box::new(MultiGzDecoder::new(BufReader::new(bytes))),
            Some(Packing::Zstd) => Box::new(Zstd { frames: Box::new(BufReader::new(bytes)), open: None, done: false }),
            None => Box::new(bytes),
        })
    }

    /// The packing that its first bytes tell of; None for none.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn packing(&self) -> Result<Option<Packing>, ImportError> {
        let mut magic = [0; 4];
        let found = fill(&mut self.open()?, &mut magic).map_err(|error| self.unreadable(error))?;
        Ok(Packing::of(&magic[..found]))
    }

    /// The first bytes, unpacked, at most [`START`] of them.
    ///
    /// # Errors
    /// As [`Input::open`]; bytes that unpack no further than this are as good as any.
    pub fn start(&self) -> Result<Vec<u8>, ImportError> {
        let mut start = Vec::new();
        let read = self.stream()?.take(START as u64).read_to_end(&mut start);
        match read {
            Err(error) if start.is_empty() => Err(self.unreadable(error)),
            _ => Ok(start),
        }
    }

    /// How many bytes it has as it lies there.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn length(&self) -> Result<u64, ImportError> {
        self.open()?.seek(io::SeekFrom::End(0)).map_err(|error| self.unreadable(error))
    }

    /// All bytes, unpacked.
    ///
    /// # Errors
    /// As [`Input::open`]; or there are more than `cap`, or the packing is damaged.
    pub fn whole(&self, cap: u64) -> Result<Vec<u8>, ImportError> {
        let mut bytes = Vec::new();
        let mut stream = self.stream()?.take(cap.saturating_add(1));
        stream.read_to_end(&mut bytes).map_err(|error| self.unreadable(error))?;
        if bytes.len() as u64 > cap {
            return Err(ImportError::TooLarge { name: self.name.clone(), cap });
        }
        Ok(bytes)
    }

    /// The same bytes, unpacked, in a place that can be read from anywhere: itself, if it is not packed.
    ///
    /// # Errors
    /// As [`Input::open`]; the packing is damaged, or more comes out of it than goes in by any honest means.
    pub fn seekable(&self) -> Result<Self, ImportError> {
        if self.packing()?.is_none() {
            return Ok(self.clone());
        }
        self.copy_of(self.stream()?, self.length()?.saturating_mul(MOST_TIMES).max(HARMLESS), &self.name)
    }

    /// A copy of at most `cap` bytes of a stream that belongs to this input.
    pub(super) fn copy_of(&self, stream: impl Read, cap: u64, name: &str) -> Result<Self, ImportError> {
        let unreadable = |source| ImportError::Unreadable { name: name.to_owned(), source };
        let mut copy = tempfile::NamedTempFile::new().map_err(unreadable)?;
        let copied = io::copy(&mut stream.take(cap.saturating_add(1)), copy.as_file_mut()).map_err(unreadable)?;
        if copied > cap {
            return Err(ImportError::TooLarge { name: name.to_owned(), cap });
        }
        Ok(Self { name: name.to_owned(), lies: Lies::Copy(Arc::new(copy.into_temp_path())) })
    }

    /// What the system says, as an error of this input.
    pub(super) fn unreadable(&self, source: io::Error) -> ImportError {
        let name = self.name.clone();
        match source.kind() {
            io::ErrorKind::NotFound => ImportError::Missing { name },
            _ => ImportError::Unreadable { name, source },
        }
    }
}

/// A packing around a whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// One gzip member or more.
    Gzip,
    /// One zstd frame or more.
    Zstd,
}

impl Packing {
    fn of(magic: &[u8]) -> Option<Self> {
        match magic {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd] => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// zstd frames one after the other; each is checked as it is read.
struct Zstd {
    frames: Box<dyn FrameBytes>,
    open: Option<Box<StreamingDecoder<Box<dyn FrameBytes>, ruzstd::decoding::FrameDecoder>>>,
    done: bool,
}

trait FrameBytes: io::BufRead + Send {}

impl<T: io::BufRead + Send> FrameBytes for T {}

impl Read for Zstd {
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

impl Zstd {
    /// Begins the next frame, if there is one.
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

/// Reads until the buffer is full or the end is there; gives how many bytes were read.
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
    fn packings_are_taken_off_and_members_follow_each_other() {
        let two = [gzip("一".as_bytes()), gzip("二".as_bytes())].concat();
        assert_eq!(Input::memory(two, "x").whole(100).unwrap(), "一二".as_bytes());
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let zstd = |text: &str| ruzstd::encoding::compress_to_vec(text.as_bytes(), level);
        let two = [zstd("三"), zstd("四")].concat();
        assert_eq!(Input::memory(two, "x").whole(100).unwrap(), "三四".as_bytes());
        assert_eq!(Input::memory(b"plain".to_vec(), "x").whole(100).unwrap(), b"plain");
    }

    #[test]
    fn a_bomb_and_a_cut_packing_are_told() {
        let bomb = gzip(&vec![b'x'; 5000]);
        assert!(matches!(Input::memory(bomb.clone(), "b").whole(4999), Err(ImportError::TooLarge { cap: 4999, .. })));
        let cut = Input::memory(bomb[..bomb.len() / 2].to_vec(), "c.gz").whole(9000).unwrap_err().to_string();
        assert!(cut.starts_with("c.gz cannot be read"), "{cut}");
    }

    #[test]
    fn a_packed_input_can_be_read_from_any_place() {
        let copy = Input::memory(gzip(b"0123456789"), "x").seekable().unwrap();
        let mut bytes = copy.open().unwrap();
        bytes.seek(io::SeekFrom::Start(7)).unwrap();
        let mut end = String::new();
        bytes.read_to_string(&mut end).unwrap();
        assert_eq!(end, "789");
    }
}
