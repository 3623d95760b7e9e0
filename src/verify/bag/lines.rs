//! The lines of a manifest, in little memory, since a bag may have a million files.

use std::collections::BTreeMap;

/// The lines of one manifest.
pub(super) struct ManifestLines<'a> {
    /// Every file of the bag, sorted.
    files: &'a [String],
    /// The length of a digest in bytes.
    length: usize,
    /// The digests of all files, concatenated.
    digests: Vec<u8>,
    /// Whether there is a line for each file.
    listed: Vec<bool>,
    /// The digests of missing files, by path.
    missing: BTreeMap<String, Box<[u8]>>,
}

impl<'a> ManifestLines<'a> {
    pub fn new(files: &'a [String], length: usize) -> Self {
        let (digests, listed) = (vec![0; files.len() * length], vec![false; files.len()]);
        Self { files, length, digests, listed, missing: BTreeMap::new() }
    }

    /// Adds a line, whose digest must be hex of the right length. Returns None if it is the first for its path, otherwise
    /// whether the previous one has the same digest.
    pub fn insert(&mut self, path: String, hex: &str) -> Option<bool> {
        let digest = bytes_of(hex);
        let Some(at) = self.find(&path) else {
            return self.missing.insert(path, digest.clone()).map(|before| before == digest);
        };
        let place = &mut self.digests[at * self.length..(at + 1) * self.length];
        let before = std::mem::replace(&mut self.listed[at], true).then(|| *place == *digest);
        place.copy_from_slice(&digest);
        before
    }

    /// Returns the digest of the file with this index; None if it is not listed.
    pub fn of(&self, at: usize) -> Option<&[u8]> {
        self.listed[at].then(|| &self.digests[at * self.length..(at + 1) * self.length])
    }

    /// Returns whether there is a line for a path.
    pub fn has(&self, path: &str) -> bool {
        self.find(path).map_or_else(|| self.missing.contains_key(path), |at| self.listed[at])
    }

    /// Returns the paths of missing files.
    pub fn missing(&self) -> impl Iterator<Item = &String> {
        self.missing.keys()
    }

    fn find(&self, path: &str) -> Option<usize> {
        self.files.binary_search_by(|file| file.as_str().cmp(path)).ok()
    }
}

/// Returns the bytes of hex digits.
fn bytes_of(hex: &str) -> Box<[u8]> {
    let value = |digit: u8| (digit as char).to_digit(16).unwrap_or_default() as u8;
    hex.as_bytes().chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | value(*digit))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_existing_and_missing_files_are_found_by_path() {
        let files = ["data/a", "data/b"].map(str::to_owned);
        let mut lines = ManifestLines::new(&files, 2);
        assert_eq!(lines.insert("data/b".to_owned(), "00fF"), None);
        assert_eq!(lines.insert("data/b".to_owned(), "00ff"), Some(true));
        assert_eq!(lines.insert("data/b".to_owned(), "1234"), Some(false));
        assert_eq!(lines.insert("data/c".to_owned(), "0000"), None);
        assert_eq!(lines.insert("data/c".to_owned(), "0001"), Some(false));
        assert_eq!((lines.of(0), lines.of(1)), (None, Some(&[0x12, 0x34][..])));
        assert_eq!(["data/a", "data/b", "data/c", "data/d"].map(|path| lines.has(path)), [false, true, true, false]);
        assert_eq!(lines.missing().collect::<Vec<_>>(), ["data/c"]);
    }
}
