//! Packing files into a ZIP file: in order, stored, with the same bytes from every build.
//!
//! Nothing is compressed: captures and images are packed already, texts are small beside them, and a bundle depends on no
//! version of a compressor. Entries are sorted, have one date, the mode 0644 and, but for ZIP64 where it is needed, no
//! extra fields.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use sha2::{Digest as _, Sha512};

use crate::archive::folders;
use crate::model::{Digest, Hasher, Timestamp};

use super::BundleError;
use super::plan::{Piece, Source};
use super::spool::nameless;
use super::stored::Stored;

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
    zip: Option<Stored<File>>,
    temp: PathBuf,
    /// The file has its own name.
    is_named: bool,
    path: PathBuf,
    stop: &'a AtomicBool,
    progress: &'a mut dyn FnMut(u64),
    sha256: Worker<Digest>,
    sha512: Option<Worker<String>>,
}

impl<'a> Packer<'a> {
    /// Begins a file whose entries all have the date `date`. `both`: SHA-512 is wanted too. `progress` is told the bytes of
    /// each block; setting `stop` ends it.
    pub fn create(
        path: &Path,
        date: Timestamp,
        both: bool,
        stop: &'a AtomicBool,
        progress: &'a mut dyn FnMut(u64),
    ) -> Result<Self, BundleError> {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let temp = path.with_file_name(format!(".bindery-{name}.tmp"));
        let directory = nameless(path).map_err(|error| BundleError::io("write", path, error))?;
        let file = File::create(&temp).map_err(|error| BundleError::io("write", path, error))?;
        let sha256 = Worker::start(Hasher::new, Hasher::update, Hasher::finish);
        let sha512 = both.then(|| Worker::start(Sha512::new, |hasher, bytes| hasher.update(bytes), hex_of));
        let zip = Some(Stored::new(file, directory, dos_time(date)));
        Ok(Self { zip, temp, is_named: false, path: path.to_owned(), stop, progress, sha256, sha512 })
    }

    /// Packs a file under a name; its bytes must have the digest and length that were planned.
    pub fn add(&mut self, name: &str, piece: &Piece) -> Result<Sums, BundleError> {
        let Some(zip) = &mut self.zip else { return Err(closed(&self.path)) };
        zip.begin(name, piece.length);
        let mut length = 0;
        let mut take = |block: &Arc<Vec<u8>>| {
            if self.stop.load(Ordering::Relaxed) {
                return Err(BundleError::Interrupted);
            }
            length += block.len() as u64;
            if length > piece.length {
                return Err(BundleError::damaged(name, format!("it has more than its {} bytes", piece.length)));
            }
            self.sha256.send(block);
            if let Some(sha512) = &self.sha512 {
                sha512.send(block);
            }
            (self.progress)(block.len() as u64);
            zip.write(block).map_err(|error| BundleError::io("write", &self.path, error))
        };
        copy(name, piece, &mut take)?;
        let found = self.sha256.finish().ok_or_else(|| closed(&self.path))?;
        let sha512 =
            self.sha512.as_ref().map(|sha512| sha512.finish().ok_or_else(|| closed(&self.path))).transpose()?;
        if length != piece.length || found != piece.digest {
            let cause = format!("{} is listed, and it is {found} with {length} bytes", piece.digest);
            return Err(BundleError::damaged(name, cause));
        }
        zip.end().map_err(|error| BundleError::io("write", &self.path, error))?;
        Ok(Sums { sha256: found, sha512 })
    }

    /// Writes the directory and gives the file its name.
    pub fn finish(mut self) -> Result<(), BundleError> {
        let fail = |error: io::Error| BundleError::io("write", &self.path, error);
        let Some(zip) = self.zip.take() else { return Err(closed(&self.path)) };
        zip.finish().map_err(fail)?.sync_all().map_err(fail)?;
        fs::rename(&self.temp, &self.path).map_err(fail)?;
        self.is_named = true;
        folders::flush(folders::folder_of(&self.path)).map_err(fail)
    }
}

impl Drop for Packer<'_> {
    fn drop(&mut self) {
        drop(self.zip.take());
        if !self.is_named {
            // What is left of a file that failed is taken away; who asked for it has the error already.
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

/// The date of ZIP entries, in UTC and steps of two seconds; what lies outside of its years is brought to their ends.
fn dos_time(date: Timestamp) -> u32 {
    let time = jiff::tz::Offset::UTC.to_datetime(date.instant());
    let part = |part: i8| u32::try_from(part).unwrap_or_default();
    match u32::from(time.year().clamp(0, i16::MAX).unsigned_abs()) {
        // 1980-01-01 and the last moment of 2107.
        ..1980 => 1 << 21 | 1 << 16,
        2108.. => 127 << 25 | 12 << 21 | 31 << 16 | 23 << 11 | 59 << 5 | 29,
        year => {
            let day = (year - 1980) << 9 | part(time.month()) << 5 | part(time.day());
            day << 16 | part(time.hour()) << 11 | part(time.minute()) << 5 | (part(time.second()) / 2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_zip_files() {
        let dos = |text: &str| dos_time(text.parse().unwrap());
        for (text, parts) in
            [("2026-11-24T08:00:01Z", (2026, 11, 24, 8, 0, 1)), ("2107-12-31T23:59:59Z", (2107, 12, 31, 23, 59, 59))]
        {
            let (year, month, day, hour, minute, second) = parts;
            let time = zip::DateTime::from_date_and_time(year, month, day, hour, minute, second).unwrap();
            assert_eq!(dos(text), u32::from(time.datepart()) << 16 | u32::from(time.timepart()), "{text}");
        }
        assert_eq!(dos("1970-01-01T00:00:00Z"), dos("1980-01-01T00:00:00Z"));
        assert_eq!(dos("2200-01-01T00:00:00Z"), dos("2107-12-31T23:59:59Z"));
    }
}
