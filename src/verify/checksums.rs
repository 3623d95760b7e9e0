//! Computes digests of many files with several algorithms and threads.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use sha2::digest::DynDigest;

use crate::bundle::Tree;

const BLOCK: usize = 1 << 18;

/// The digest algorithms of bag manifests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    const ALL: [(&'static str, Self); 6] = [
        ("md5", Self::Md5),
        ("sha1", Self::Sha1),
        ("sha224", Self::Sha224),
        ("sha256", Self::Sha256),
        ("sha384", Self::Sha384),
        ("sha512", Self::Sha512),
    ];

    /// Returns the algorithm of a name in file names; None if it is unknown.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, algorithm)| *algorithm)
    }

    /// Returns whether collisions are feasible.
    pub fn is_weak(self) -> bool {
        matches!(self, Self::Md5 | Self::Sha1)
    }

    /// Returns the number of hex digits of a digest.
    pub fn hex_length(self) -> usize {
        self.length() * 2
    }

    /// Returns the number of bytes of a digest.
    fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    fn hasher(self) -> Box<dyn DynDigest + Send> {
        match self {
            Self::Md5 => Box::<md5::Md5>::default(),
            Self::Sha1 => Box::<sha1::Sha1>::default(),
            Self::Sha224 => Box::<sha2::Sha224>::default(),
            Self::Sha256 => Box::<sha2::Sha256>::default(),
            Self::Sha384 => Box::<sha2::Sha384>::default(),
            Self::Sha512 => Box::<sha2::Sha512>::default(),
        }
    }
}

/// Length and digests of a file, in little memory, since there may be a million of them.
pub(super) struct FileDigests {
    pub length: u64,
    /// Concatenated in the order of the requested algorithms.
    digests: Box<[u8]>,
}

impl FileDigests {
    /// Returns the digest of one of the requested algorithms; empty for others.
    pub fn bytes(&self, requested: &[Algorithm], algorithm: Algorithm) -> &[u8] {
        let before: usize = requested.iter().take_while(|other| **other != algorithm).map(|other| other.length()).sum();
        self.digests.get(before..before + algorithm.length()).unwrap_or_default()
    }

    /// Returns [`FileDigests::bytes`] in lower-case hex.
    pub fn hex(&self, requested: &[Algorithm], algorithm: Algorithm) -> String {
        hex(self.bytes(requested, algorithm))
    }
}

/// Returns bytes in lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads every file once, and returns the results in the order of the paths. `tick` receives the number of bytes of each
/// block.
pub(super) fn compute(
    tree: &Tree,
    paths: &[String],
    algorithms: &[Algorithm],
    threads: usize,
    tick: &mut dyn FnMut(u64),
) -> Vec<io::Result<FileDigests>> {
    // The largest first, so that no thread is left with a large one at the end.
    let mut order: Vec<usize> = (0..paths.len()).collect();
    order.sort_by_cached_key(|at| std::cmp::Reverse(tree.length(&paths[*at])));
    let next = AtomicUsize::new(0);
    let (sender, events) = mpsc::channel();
    let mut results: Vec<io::Result<FileDigests>> = paths.iter().map(|_| Err(io::ErrorKind::NotFound.into())).collect();
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, paths.len().max(1)) {
            let (sender, next, order) = (sender.clone(), &next, &order);
            scope.spawn(move || {
                let mut block = vec![0; BLOCK];
                while let Some(at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut report = |bytes| drop(sender.send(Err(bytes)));
                    let digests = read(tree, &paths[*at], algorithms, &mut block, &mut report);
                    // The receiver outlives the workers.
                    let _ = sender.send(Ok((*at, digests)));
                }
            });
        }
        drop(sender);
        for event in events {
            match event {
                Ok((at, digests)) => results[at] = digests,
                Err(bytes) => tick(bytes),
            }
        }
    });
    results
}

fn read(
    tree: &Tree,
    path: &str,
    algorithms: &[Algorithm],
    block: &mut [u8],
    report: &mut dyn FnMut(u64),
) -> io::Result<FileDigests> {
    let mut hashers: Vec<_> = algorithms.iter().map(|algorithm| algorithm.hasher()).collect();
    let mut file = tree.open(path)?.bytes;
    let mut length = 0;
    loop {
        match file.read(block) {
            Ok(0) => break,
            Ok(read) => {
                hashers.iter_mut().for_each(|hasher| hasher.update(&block[..read]));
                length += read as u64;
                report(read as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let digests: Vec<u8> = hashers.into_iter().flat_map(|hasher| hasher.finalize().into_vec()).collect();
    Ok(FileDigests { length, digests: digests.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_computes_the_digest_of_its_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), b"abc").unwrap();
        let all: Vec<Algorithm> = Algorithm::ALL.iter().map(|(_, algorithm)| *algorithm).collect();
        let summed = super::compute(&Tree::folder(folder.path()), &["a".to_owned()], &all, 2, &mut |_| {});
        let summed = summed[0].as_ref().unwrap();
        let begins = [
            "900150983cd24fb0",
            "a9993e364706816a",
            "23097d223405d822",
            "ba7816bf8f01cfea",
            "cb00753f45a35e8b",
            "ddaf35a193617aba",
        ];
        for (algorithm, begin) in all.iter().zip(begins) {
            let digest = summed.hex(&all, *algorithm);
            assert!(digest.starts_with(begin) && digest.len() == algorithm.hex_length(), "{algorithm:?} {digest}");
        }
    }
}
