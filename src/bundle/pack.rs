//! Packing files into a ZIP file: in order, stored, with the same bytes from every build.
//!
//! Nothing is compressed: captures and images are packed already, texts are small beside them, and a bundle depends on no
//! version of a compressor. Entries are sorted, have one date, the mode 0644 and, but for ZIP64 where it is needed, no
//! extra fields.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use sha2::{Digest as _, Sha512};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, System, ZipWriter};

use crate::model::{Digest, Hasher, Timestamp};

use super::BundleError;
use super::plan::{Piece, Source};

const BLOCK: usize = 1 << 18;
/// Blocks that may wait for a digest.
const WAITING: usize = 4;

/// Digests of a packed file.
pub(super) struct Sums {
    pub sha256: Digest,
    /// In hex; None when it was not asked for.
    pub sha512: Option<String>,
}

/// A ZIP file under way. It gets its name when it is finished; until then, and when it fails, there is none of that name.
pub(super) struct Packer<'a> {
    zip: Option<ZipWriter<BufWriter<File>>>,
    temp: PathBuf,
    path: PathBuf,
    options: SimpleFileOptions,
    progress: &'a mut dyn FnMut(u64),
    sha256: Worker<Digest>,
    sha512: Option<Worker<String>>,
}

impl<'a> Packer<'a> {
    /// Begins a file whose entries all have the date `date`. `both`: SHA-512 is wanted too. `progress` is told the bytes of
    /// each block.
    pub fn create(
        path: &Path,
        date: Timestamp,
        both: bool,
        progress: &'a mut dyn FnMut(u64),
    ) -> Result<Self, BundleError> {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let temp = path.with_file_name(format!(".bindery-{name}.tmp"));
        let file = File::create(&temp).map_err(|error| BundleError::io("write", path, error))?;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(dos_time(date))
            .unix_permissions(0o644)
            .system(System::Unix);
        let sha256 = Worker::start(Hasher::new, Hasher::update, Hasher::finish);
        let sha512 = both.then(|| Worker::start(Sha512::new, |hasher, bytes| hasher.update(bytes), hex_of));
        let zip = Some(ZipWriter::new(BufWriter::with_capacity(1 << 20, file)));
        Ok(Self { zip, temp, path: path.to_owned(), options, progress, sha256, sha512 })
    }

    /// Packs a file under a name; its bytes must have the digest and length that were planned.
    pub fn add(&mut self, name: &str, piece: &Piece) -> Result<Sums, BundleError> {
        let options = self.options.large_file(piece.length > zip::ZIP64_BYTES_THR);
        let Some(zip) = &mut self.zip else { return Err(closed(&self.path)) };
        zip.start_file(name, options).map_err(|error| BundleError::io("write", &self.path, error.into()))?;
        let mut length = 0;
        let mut take = |block: &Arc<Vec<u8>>| {
            length += block.len() as u64;
            self.sha256.send(block);
            if let Some(sha512) = &self.sha512 {
                sha512.send(block);
            }
            (self.progress)(block.len() as u64);
            zip.write_all(block).map_err(|error| BundleError::io("write", &self.path, error))
        };
        copy(name, piece, &mut take)?;
        let found = self.sha256.finish().ok_or_else(|| closed(&self.path))?;
        let sha512 =
            self.sha512.as_ref().map(|sha512| sha512.finish().ok_or_else(|| closed(&self.path))).transpose()?;
        if length != piece.length || found != piece.digest {
            let cause = format!("{} is listed, and it is {found} with {length} bytes", piece.digest);
            return Err(BundleError::damaged(name, cause));
        }
        Ok(Sums { sha256: found, sha512 })
    }

    /// Packs bytes under a name.
    pub fn add_bytes(&mut self, name: &str, bytes: Vec<u8>) -> Result<Sums, BundleError> {
        self.add(name, &Piece::of_bytes(bytes))
    }

    /// Writes the directory and gives the file its name.
    pub fn finish(mut self) -> Result<(), BundleError> {
        let fail = |error: io::Error| BundleError::io("write", &self.path, error);
        let Some(zip) = self.zip.take() else { return Err(closed(&self.path)) };
        let mut written = zip.finish().map_err(|error| fail(error.into()))?;
        written.flush().map_err(fail)?;
        written.get_ref().sync_all().map_err(fail)?;
        drop(written);
        fs::rename(&self.temp, &self.path).map_err(fail)
    }
}

impl Drop for Packer<'_> {
    fn drop(&mut self) {
        if let Some(zip) = self.zip.take() {
            // What is left of a file that failed is taken away; who asked for it has the error already.
            drop(zip);
            let _ = fs::remove_file(&self.temp);
        }
    }
}

fn closed(path: &Path) -> BundleError {
    BundleError::io("write", path, io::ErrorKind::BrokenPipe.into())
}

/// What is done with each block.
type Take<'t> = &'t mut dyn FnMut(&Arc<Vec<u8>>) -> Result<(), BundleError>;

/// Hands over the bytes of a file in blocks, never more than it should have by more than a block.
fn copy(name: &str, piece: &Piece, take: Take<'_>) -> Result<(), BundleError> {
    // One byte more than there should be is seen as a change.
    let whole = [(0, piece.length + 1)];
    let (file, parts) = match &piece.source {
        Source::Bytes(bytes) => return bytes.chunks(BLOCK).try_for_each(|block| take(&Arc::new(block.to_vec()))),
        Source::Spool(file) => (file.try_clone(), &whole[..]),
        Source::File(path) => (File::open(path), &whole[..]),
        Source::Parts(path, parts) => (File::open(path), parts.as_slice()),
    };
    let fail = |error: io::Error| BundleError::damaged(name, error.to_string());
    let mut file = file.map_err(fail)?;
    for (offset, length) in parts {
        file.seek(SeekFrom::Start(*offset)).map_err(fail)?;
        let mut part = (&file).take(*length);
        loop {
            let room = usize::try_from(part.limit()).unwrap_or(BLOCK).min(BLOCK);
            let mut block = vec![0; room];
            let read = fill(&mut part, &mut block).map_err(fail)?;
            if read == 0 {
                break;
            }
            block.truncate(read);
            take(&Arc::new(block))?;
        }
    }
    Ok(())
}

/// Reads until the block is full or the source ends.
fn fill(source: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut at = 0;
    while at < block.len() {
        match source.read(&mut block[at..]) {
            Ok(0) => break,
            Ok(read) => at += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(at)
}

enum Message {
    Block(Arc<Vec<u8>>),
    Finish,
}

/// A thread that computes digests of one file after another, beside the thread that reads and writes.
struct Worker<T> {
    blocks: SyncSender<Message>,
    results: Receiver<T>,
}

impl<T: Send + 'static> Worker<T> {
    fn start<H: 'static>(new: fn() -> H, update: fn(&mut H, &[u8]), finish: fn(H) -> T) -> Self {
        let (blocks, inbox) = sync_channel(WAITING);
        let (outbox, results) = sync_channel(1);
        thread::spawn(move || {
            let mut hasher = new();
            // Ends when the packer is dropped.
            while let Ok(message) = inbox.recv() {
                match message {
                    Message::Block(block) => update(&mut hasher, &block),
                    Message::Finish => {
                        if outbox.send(finish(std::mem::replace(&mut hasher, new()))).is_err() {
                            return;
                        }
                    }
                }
            }
        });
        Self { blocks, results }
    }

    fn send(&self, block: &Arc<Vec<u8>>) {
        // A thread that is gone has no result, which is seen when it is asked for.
        let _ = self.blocks.send(Message::Block(Arc::clone(block)));
    }

    /// The digest of what was sent since the last; None when the thread is gone.
    fn finish(&self) -> Option<T> {
        self.blocks.send(Message::Finish).ok()?;
        self.results.recv().ok()
    }
}

fn hex_of(hasher: Sha512) -> String {
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The date of ZIP entries, in UTC; what lies outside of its years is brought to their ends.
fn dos_time(date: Timestamp) -> zip::DateTime {
    let time = jiff::tz::Offset::UTC.to_datetime(date.instant());
    let part = |part: i8| u8::try_from(part).unwrap_or(1);
    let exact = u16::try_from(time.year()).ok().and_then(|year| {
        let (month, day) = (part(time.month()), part(time.day()));
        zip::DateTime::from_date_and_time(year, month, day, part(time.hour()), part(time.minute()), part(time.second()))
            .ok()
    });
    let last = || zip::DateTime::from_date_and_time(2107, 12, 31, 23, 59, 58).unwrap_or_default();
    exact.unwrap_or_else(|| if time.year() > 2107 { last() } else { zip::DateTime::default() })
}
