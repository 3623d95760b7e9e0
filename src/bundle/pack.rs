//! Packs files into a reproducible ZIP file.
//!
//! Entries are stored, not compressed: captures and images are compressed already, texts are small in comparison, and the
//! bytes do not depend on the version of a compressor. Entries are sorted, have the same date, the mode 0644 and no extra
//! fields except ZIP64 where it is needed.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use sha2::{Digest as _, Sha512};

use crate::model::{Digest, Hasher, Timestamp};

use super::BundleError;
use super::output::{Staging, unnamed_file};
use super::piece::{Piece, Source};
use super::zip_writer::StoreWriter;

const BLOCK: usize = 1 << 18;
/// The number of blocks that may be queued for hashing.
const QUEUED_BLOCKS: usize = 4;

/// Which digests of packed files are computed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Checksums {
    Sha256,
    Sha256AndSha512,
}

/// The digests of a packed file.
pub(super) struct Digests {
    pub sha256: Digest,
    /// In hex; None unless [`Checksums::Sha256AndSha512`].
    pub sha512: Option<String>,
}

/// Writes a ZIP file as a staging file.
pub(super) struct Packer<'a> {
    zip: StoreWriter<File>,
    staging: Staging,
    path: PathBuf,
    stop: &'a AtomicBool,
    progress: &'a mut dyn FnMut(u64),
    sha256: Worker<Digest>,
    sha512: Option<Worker<String>>,
}

impl<'a> Packer<'a> {
    /// Creates a file whose entries all have this date. `progress` receives the number of bytes of each block; setting
    /// `stop` interrupts the work.
    pub fn create(
        path: &Path,
        date: Timestamp,
        checksums: Checksums,
        stop: &'a AtomicBool,
        progress: &'a mut dyn FnMut(u64),
    ) -> Result<Self, BundleError> {
        let directory = unnamed_file(path).map_err(|error| BundleError::io("write", path, error))?;
        let (file, staging) = Staging::create(path).map_err(|error| BundleError::io("write", path, error))?;
        let sha256 = Worker::start(Hasher::new, Hasher::update, Hasher::finish);
        let sha512 = (checksums == Checksums::Sha256AndSha512)
            .then(|| Worker::start(Sha512::new, |hasher, bytes| hasher.update(bytes), hex_of));
        let zip = StoreWriter::new(file, directory, dos_time(date));
        Ok(Self { zip, staging, path: path.to_owned(), stop, progress, sha256, sha512 })
    }

    /// Packs a file under a name. An error if its bytes do not have the planned digest and length.
    pub fn add(&mut self, name: &str, piece: &Piece) -> Result<Digests, BundleError> {
        let zip = &mut self.zip;
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
            let cause = format!("its digest is {found} ({length} bytes), but the manifest lists {}", piece.digest);
            return Err(BundleError::damaged(name, cause));
        }
        zip.end().map_err(|error| BundleError::io("write", &self.path, error))?;
        Ok(Digests { sha256: found, sha512 })
    }

    /// Writes the central directory and completes the file.
    pub fn finish(self) -> Result<(), BundleError> {
        let Self { zip, staging, path, .. } = self;
        zip.finish().and_then(|file| staging.finish(file)).map_err(|error| BundleError::io("write", &path, error))
    }
}

/// Returns the error of a thread that has ended.
fn closed(path: &Path) -> BundleError {
    BundleError::io("write", path, io::Error::other("a thread that computes digests has ended"))
}

/// Receives each block of a file.
type Take<'t> = &'t mut dyn FnMut(&Arc<Vec<u8>>) -> Result<(), BundleError>;

/// Calls `take` with the bytes of a file in blocks; at most one byte more than its planned length.
fn copy(name: &str, piece: &Piece, take: Take<'_>) -> Result<(), BundleError> {
    // The additional byte reveals a file that has grown.
    let all = [(0, piece.length + 1)];
    let (file, ranges) = match &piece.source {
        Source::Bytes(bytes) => return bytes.chunks(BLOCK).try_for_each(|block| take(&Arc::new(block.to_vec()))),
        Source::Spool(file) => (file.try_clone(), &all[..]),
        Source::File(path) => (File::open(path), &all[..]),
        Source::Ranges(path, ranges) => (File::open(path), ranges.as_slice()),
    };
    let fail = |error: io::Error| BundleError::damaged(name, error.to_string());
    let mut file = file.map_err(fail)?;
    for (offset, length) in ranges {
        file.seek(SeekFrom::Start(*offset)).map_err(fail)?;
        let mut range = (&file).take(*length);
        loop {
            let size = usize::try_from(range.limit()).unwrap_or(BLOCK).min(BLOCK);
            let mut block = vec![0; size];
            let read = fill(&mut range, &mut block).map_err(fail)?;
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

/// A thread that computes digests while another reads and writes.
struct Worker<T> {
    blocks: SyncSender<Message>,
    results: Receiver<T>,
}

impl<T: Send + 'static> Worker<T> {
    fn start<H: 'static>(new: fn() -> H, update: fn(&mut H, &[u8]), finish: fn(H) -> T) -> Self {
        let (blocks, inbox) = sync_channel(QUEUED_BLOCKS);
        let (outbox, results) = sync_channel(1);
        thread::spawn(move || {
            let mut hasher = new();
            // The channel is closed when the packer is dropped.
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
        // If the thread has ended, `finish` returns None.
        let _ = self.blocks.send(Message::Block(Arc::clone(block)));
    }

    /// Returns the digest of the blocks sent since the last call; None if the thread has ended.
    fn finish(&self) -> Option<T> {
        self.blocks.send(Message::Finish).ok()?;
        self.results.recv().ok()
    }
}

fn hex_of(hasher: Sha512) -> String {
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the date of ZIP entries, in UTC and steps of two seconds, clamped to the years 1980 to 2107.
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
    fn dates_are_in_the_dos_format_and_clamped_to_its_range() {
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
