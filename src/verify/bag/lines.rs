//! What a manifest says of the files of its bag, in little room: there may be a million of them.

use std::collections::BTreeMap;

/// The lines of one manifest.
pub(super) struct Lines<'a> {
    /// Every file of the bag, sorted.
    files: &'a [String],
    /// Length of a digest in bytes.
    length: usize,
    /// A digest for each file, one behind the other.
    digests: Vec<u8>,
    /// Whether there is a line for each file.
    listed: Vec<bool>,
    /// Digests of what is not there, by path.
    missing: BTreeMap<String, Box<[u8]>>,
}

impl<'a> Lines<'a> {
    pub fn new(files: &'a [String], length: usize) -> Self {
        let (digests, listed) = (vec![0; files.len() * length], vec![false; files.len()]);
        Self { files, length, digests, listed, missing: BTreeMap::new() }
    }

    /// Takes a line, whose digest is in hex and as long as it must be. None when it is the first for its path, otherwise
    /// whether the one before it has the same digest.
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

    /// The digest that is stated for a file, by its place among them.
    pub fn of(&self, at: usize) -> Option<&[u8]> {
        self.listed[at].then(|| &self.digests[at * self.length..(at + 1) * self.length])
    }

    /// Whether there is a line for a path.
    pub fn has(&self, path: &str) -> bool {
        self.find(path).map_or_else(|| self.missing.contains_key(path), |at| self.listed[at])
    }

    /// Paths of what is listed and not there.
    pub fn missing(&self) -> impl Iterator<Item = &String> {
        self.missing.keys()
    }

    fn find(&self, path: &str) -> Option<usize> {
        self.files.binary_search_by(|file| file.as_str().cmp(path)).ok()
    }
}

/// Pairs of hex digits as bytes.
fn bytes_of(hex: &str) -> Box<[u8]> {
    let value = |digit: u8| (digit as char).to_digit(16).unwrap_or_default() as u8;
    hex.as_bytes().chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | value(*digit))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_by_its_path_whether_the_file_is_there_or_not() {
        let files = ["data/a", "data/b"].map(str::to_owned);
        let mut lines = Lines::new(&files, 2);
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
