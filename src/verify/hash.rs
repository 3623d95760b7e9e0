//! Reads files once, and computes their digests.

use std::io::{self, Read};
use std::time::SystemTime;

use crate::bundle::{Tree, TreeFile};
use crate::model::{Digest, Hasher};

const BLOCK: usize = 1 << 20;

/// The digests of a file.
pub(super) struct FileHash {
    /// The digest of the whole file.
    pub digest: Digest,
    /// The digest of the bytes after the requested offset; None without an offset, or if the file is shorter.
    pub tail: Option<Digest>,
    /// When it was last modified.
    pub modified: SystemTime,
}

/// Reads one file after another, with one buffer.
pub(super) struct FileReader<'a> {
    block: Vec<u8>,
    /// Receives the number of bytes of each block.
    tick: &'a mut dyn FnMut(u64),
    /// The number of files that were read.
    pub files: u64,
}

impl<'a> FileReader<'a> {
    pub fn new(tick: &'a mut dyn FnMut(u64)) -> Self {
        Self { block: vec![0; BLOCK], tick, files: 0 }
    }

    /// Returns the digest of a file, and of its bytes from the offset `tail` on.
    pub fn hash(&mut self, root: &Tree, path: &str, tail: Option<u64>) -> io::Result<FileHash> {
        if let Some(digest) = root.known(path).filter(|_| tail.is_none()) {
            self.files += 1;
            return Ok(FileHash { digest, tail: None, modified: SystemTime::UNIX_EPOCH });
        }
        let mut whole = Hasher::new();
        let mut rest = tail.map(|_| Hasher::new());
        let mut at = 0;
        let modified = self.read(root, path, |bytes| {
            whole.update(bytes);
            if let (Some(rest), Some(from)) = (&mut rest, tail) {
                let skip = usize::try_from(from.saturating_sub(at)).unwrap_or(usize::MAX);
                rest.update(bytes.get(skip..).unwrap_or_default());
            }
            at += bytes.len() as u64;
        })?;
        let tail = rest.filter(|_| tail <= Some(at)).map(Hasher::finish);
        Ok(FileHash { digest: whole.finish(), tail, modified })
    }

    /// Returns the first `limit` bytes of a file, and the digest of the whole file.
    pub fn bytes(&mut self, root: &Tree, path: &str, limit: usize) -> io::Result<(Vec<u8>, FileHash)> {
        let mut whole = Hasher::new();
        let mut kept = Vec::new();
        let modified = self.read(root, path, |bytes| {
            whole.update(bytes);
            kept.extend_from_slice(&bytes[..bytes.len().min(limit - kept.len())]);
        })?;
        Ok((kept, FileHash { digest: whole.finish(), tail: None, modified }))
    }

    /// Lets `take` read a file, reads the rest, and returns the digest of the whole file.
    pub fn read_with<T>(
        &mut self,
        root: &Tree,
        path: &str,
        take: impl FnOnce(&mut dyn Read) -> T,
    ) -> io::Result<(T, FileHash)> {
        let TreeFile { bytes, modified } = root.open(path)?;
        let mut source = DigestReader { file: bytes, whole: Hasher::new(), tick: self.tick, failure: None };
        let taken = take(&mut source);
        while source.failure.is_none() && source.read(&mut self.block).is_ok_and(|read| read > 0) {}
        if let Some(failure) = source.failure {
            return Err(failure);
        }
        let hashed = FileHash { digest: source.whole.finish(), tail: None, modified };
        self.files += 1;
        Ok((taken, hashed))
    }

    fn read(&mut self, root: &Tree, path: &str, mut take: impl FnMut(&[u8])) -> io::Result<SystemTime> {
        let TreeFile { bytes: mut file, modified } = root.open(path)?;
        loop {
            match file.read(&mut self.block) {
                Ok(0) => {
                    self.files += 1;
                    return Ok(modified);
                }
                Ok(n) => {
                    take(&self.block[..n]);
                    (self.tick)(n as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// A reader that hashes what is read.
struct DigestReader<'a> {
    file: Box<dyn Read + Send>,
    whole: Hasher,
    tick: &'a mut dyn FnMut(u64),
    /// The first error, kept because the consumer may ignore it.
    failure: Option<io::Error>,
}

impl Read for DigestReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.file.read(buffer) {
                Ok(read) => {
                    self.whole.update(&buffer[..read]);
                    (self.tick)(read as u64);
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let kind = error.kind();
                    self.failure = Some(error);
                    return Err(kind.into());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_starts_at_its_offset_in_any_block() {
        let folder = tempfile::tempdir().unwrap();
        let root = Tree::folder(folder.path());
        let bytes: Vec<u8> = (0..BLOCK * 2 + 17).map(|at| at as u8).collect();
        std::fs::write(folder.path().join("file"), &bytes).unwrap();
        let mut seen = 0;
        let mut tick = |n| seen += n;
        let mut reader = FileReader::new(&mut tick);
        for from in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, bytes.len()] {
            let hashed = reader.hash(&root, "file", Some(from as u64)).unwrap();
            assert_eq!(hashed.digest, Digest::of(&bytes));
            assert_eq!(hashed.tail, Some(Digest::of(&bytes[from..])), "{from}");
        }
        assert_eq!(reader.hash(&root, "file", Some(bytes.len() as u64 + 1)).unwrap().tail, None);
        assert_eq!(reader.bytes(&root, "file", 5).unwrap().0, &bytes[..5]);
        let first = |source: &mut dyn Read| {
            let mut first = [0; 3];
            source.read_exact(&mut first).unwrap();
            first
        };
        let (first, hashed) = reader.read_with(&root, "file", first).unwrap();
        assert_eq!((&first[..], hashed.digest), (&bytes[..3], Digest::of(&bytes)));
        assert_eq!(seen, 9 * bytes.len() as u64);
    }
}
