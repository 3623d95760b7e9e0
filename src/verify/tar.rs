//! Recognizes tar files, in which other programs pack bags. They are named, not read.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

/// The size of a header, and of the unit in which files are stored.
const BLOCK: usize = 512;
/// The maximum number of headers that are read.
const MAX_HEADERS: usize = 10_000;
/// The maximum number of bytes that are read, uncompressed.
const MAX_BYTES: u64 = 1 << 28;

/// What a tar file contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TarContent {
    /// A bag.
    Bag,
    /// Something else, or a bag whose declaration is far from the beginning.
    Other,
}

/// Returns what a tar file contains, compressed with gzip or not; None for other files.
pub(super) fn content(path: &Path) -> Option<TarContent> {
    let mut begin = [0; 2];
    File::open(path).ok()?.read_exact(&mut begin).ok()?;
    let file = BufReader::new(File::open(path).ok()?);
    let source: Box<dyn Read> =
        if begin == [0x1f, 0x8b] { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    scan(&mut source.take(MAX_BYTES))
}

fn scan(source: &mut dyn Read) -> Option<TarContent> {
    let mut header = [0; BLOCK];
    for at in 0..MAX_HEADERS {
        let is_read = source.read_exact(&mut header).is_ok() && &header[257..262] == b"ustar";
        match (is_read, at) {
            (false, 0) => return None,
            (false, _) => break,
            (true, _) => {}
        }
        let name = text(&header[..100]);
        if name == "bagit.txt" || name.ends_with("/bagit.txt") {
            return Some(TarContent::Bag);
        }
        let Ok(size) = u64::from_str_radix(text(&header[124..136]).trim(), 8) else { break };
        let padded = size.saturating_add(BLOCK as u64 - 1) / BLOCK as u64 * BLOCK as u64;
        if io::copy(&mut source.take(padded), &mut io::sink()).is_err() {
            break;
        }
    }
    Some(TarContent::Other)
}

/// Returns the text of a field, which ends at the first zero byte.
fn text(field: &[u8]) -> &str {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    std::str::from_utf8(&field[..end]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, bytes: &[u8]) -> Vec<u8> {
        let mut header = vec![0; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        let size = format!("{:011o}", bytes.len());
        header[124..124 + size.len()].copy_from_slice(size.as_bytes());
        header[257..262].copy_from_slice(b"ustar");
        header.extend(bytes);
        header.resize(header.len().div_ceil(BLOCK) * BLOCK, 0);
        header
    }

    #[test]
    fn a_bag_is_found_wherever_its_declaration_is() {
        let bag = [entry("bag/", b""), entry("bag/data/a", &[7; 700]), entry("bag/bagit.txt", b"x")].concat();
        let other = [entry("notes/a", &[7; 512]), vec![0; 1024]].concat();
        assert_eq!(scan(&mut bag.as_slice()), Some(TarContent::Bag));
        assert_eq!(scan(&mut other.as_slice()), Some(TarContent::Other));
        assert_eq!(scan(&mut &bag[..800]), Some(TarContent::Other));
        for not_tar in [&b""[..], b"PK\x03\x04", &[0; 2000]] {
            assert_eq!(scan(&mut &not_tar[..]), None);
        }
    }
}
