//! Reading every byte of a file once.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

use crate::model::{Digest, Hasher};

const BLOCK: usize = 1 << 20;

/// A file as it was read.
pub(super) struct Hashed {
    /// Digest of all of it.
    pub digest: Digest,
    /// Digest of what follows the offset asked for; None when none was, or the file is shorter.
    pub tail: Option<Digest>,
    /// When it was last changed.
    pub modified: SystemTime,
}

/// Reads one file after another into one block.
pub(super) struct Reader<'a> {
    block: Vec<u8>,
    /// Told the number of bytes of each block.
    tick: &'a mut dyn FnMut(u64),
    /// Files read to their end.
    pub files: u64,
}

impl<'a> Reader<'a> {
    pub fn new(tick: &'a mut dyn FnMut(u64)) -> Self {
        Self { block: vec![0; BLOCK], tick, files: 0 }
    }

    /// Digests of a file and of its bytes from `tail` on.
    pub fn hash(&mut self, path: &Path, tail: Option<u64>) -> io::Result<Hashed> {
        let mut whole = Hasher::new();
        let mut rest = tail.map(|_| Hasher::new());
        let mut at = 0;
        let modified = self.read(path, |bytes| {
            whole.update(bytes);
            if let (Some(rest), Some(from)) = (&mut rest, tail) {
                let skip = usize::try_from(from.saturating_sub(at)).unwrap_or(usize::MAX);
                rest.update(bytes.get(skip..).unwrap_or_default());
            }
            at += bytes.len() as u64;
        })?;
        let tail = rest.filter(|_| tail <= Some(at)).map(Hasher::finish);
        Ok(Hashed { digest: whole.finish(), tail, modified })
    }

    /// A file's bytes, at most `limit` of them, and the digest of all of it.
    pub fn bytes(&mut self, path: &Path, limit: usize) -> io::Result<(Vec<u8>, Hashed)> {
        let mut whole = Hasher::new();
        let mut kept = Vec::new();
        let modified = self.read(path, |bytes| {
            whole.update(bytes);
            kept.extend_from_slice(&bytes[..bytes.len().min(limit - kept.len())]);
        })?;
        Ok((kept, Hashed { digest: whole.finish(), tail: None, modified }))
    }

    fn read(&mut self, path: &Path, mut take: impl FnMut(&[u8])) -> io::Result<SystemTime> {
        let mut file = File::open(path)?;
        let modified = file.metadata()?.modified()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_starts_at_its_byte_wherever_the_blocks_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let bytes: Vec<u8> = (0..BLOCK * 2 + 17).map(|at| at as u8).collect();
        std::fs::write(file.path(), &bytes).unwrap();
        let mut seen = 0;
        let mut tick = |n| seen += n;
        let mut reader = Reader::new(&mut tick);
        for from in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, bytes.len()] {
            let hashed = reader.hash(file.path(), Some(from as u64)).unwrap();
            assert_eq!(hashed.digest, Digest::of(&bytes));
            assert_eq!(hashed.tail, Some(Digest::of(&bytes[from..])), "{from}");
        }
        assert_eq!(reader.hash(file.path(), Some(bytes.len() as u64 + 1)).unwrap().tail, None);
        assert_eq!(reader.bytes(file.path(), 5).unwrap().0, &bytes[..5]);
        assert_eq!(seen, 8 * bytes.len() as u64);
    }
}
