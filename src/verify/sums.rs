//! Digests of many files by several algorithms, shared among threads.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use sha2::digest::DynDigest;

use crate::bundle::Tree;

const BLOCK: usize = 1 << 18;

/// The algorithms that manifests of bags use.
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

    /// By the name that file names have; None when it is not known.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, algorithm)| *algorithm)
    }

    /// Whether two files with one digest can be made.
    pub fn is_weak(self) -> bool {
        matches!(self, Self::Md5 | Self::Sha1)
    }

    /// Length of a digest in hex.
    pub fn hex_length(self) -> usize {
        self.length() * 2
    }

    /// Length of a digest in bytes.
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

/// A file as it was read. There may be very many of these at once.
pub(super) struct Summed {
    pub length: u64,
    /// One behind the other, in the order of the algorithms asked for.
    digests: Box<[u8]>,
}

impl Summed {
    /// The digest by one of the algorithms that were asked for; empty when it is none of them.
    pub fn bytes(&self, asked: &[Algorithm], algorithm: Algorithm) -> &[u8] {
        let before: usize = asked.iter().take_while(|other| **other != algorithm).map(|other| other.length()).sum();
        self.digests.get(before..before + algorithm.length()).unwrap_or_default()
    }

    /// The same in lower-case hex.
    pub fn hex(&self, asked: &[Algorithm], algorithm: Algorithm) -> String {
        hex(self.bytes(asked, algorithm))
    }
}

/// Bytes in lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads every file once. The results are in the order of the paths; `tick` is told the bytes of each block.
pub(super) fn all(
    tree: &Tree,
    paths: &[String],
    algorithms: &[Algorithm],
    threads: usize,
    tick: &mut dyn FnMut(u64),
) -> Vec<io::Result<Summed>> {
    // The largest first, so that none is left over when the rest is done.
    let mut order: Vec<usize> = (0..paths.len()).collect();
    order.sort_by_cached_key(|at| std::cmp::Reverse(tree.length(&paths[*at])));
    let next = AtomicUsize::new(0);
    let (sender, events) = mpsc::channel();
    let mut results: Vec<io::Result<Summed>> = paths.iter().map(|_| Err(io::ErrorKind::NotFound.into())).collect();
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, paths.len().max(1)) {
            let (sender, next, order) = (sender.clone(), &next, &order);
            scope.spawn(move || {
                let mut block = vec![0; BLOCK];
                while let Some(at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut told = |bytes| drop(sender.send(Err(bytes)));
                    let summed = one(tree, &paths[*at], algorithms, &mut block, &mut told);
                    // The receiver outlives the workers.
                    let _ = sender.send(Ok((*at, summed)));
                }
            });
        }
        drop(sender);
        for event in events {
            match event {
                Ok((at, summed)) => results[at] = summed,
                Err(bytes) => tick(bytes),
            }
        }
    });
    results
}

fn one(
    tree: &Tree,
    path: &str,
    algorithms: &[Algorithm],
    block: &mut [u8],
    told: &mut dyn FnMut(u64),
) -> io::Result<Summed> {
    let mut hashers: Vec<_> = algorithms.iter().map(|algorithm| algorithm.hasher()).collect();
    let mut file = tree.open(path)?.bytes;
    let mut length = 0;
    loop {
        match file.read(block) {
            Ok(0) => break,
            Ok(read) => {
                hashers.iter_mut().for_each(|hasher| hasher.update(&block[..read]));
                length += read as u64;
                told(read as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let digests: Vec<u8> = hashers.into_iter().flat_map(|hasher| hasher.finalize().into_vec()).collect();
    Ok(Summed { length, digests: digests.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_gives_the_digest_of_its_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), b"abc").unwrap();
        let all: Vec<Algorithm> = Algorithm::ALL.iter().map(|(_, algorithm)| *algorithm).collect();
        let summed = super::all(&Tree::folder(folder.path()), &["a".to_owned()], &all, 2, &mut |_| {});
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
