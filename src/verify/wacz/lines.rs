//! Lines of indexes and lists of a WACZ.

use std::io::{self, BufRead, BufReader, Read};

/// The maximum length of a line of an index, in bytes.
pub(super) const MAX_LINE: u64 = 1 << 20;

/// Calls `take` with each line that is neither empty nor a header, without its line break; with None if it is not UTF-8. A
/// line of more than `max` bytes is split.
pub(super) fn each_line(source: impl Read, max: u64, mut take: impl FnMut(Option<&str>)) -> io::Result<()> {
    let mut source = BufReader::with_capacity(1 << 16, source);
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut source).take(max).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        match std::str::from_utf8(&line) {
            Ok(text) if text.starts_with("!meta") || text.trim().is_empty() => {}
            Ok(text) => take(Some(text.trim_end_matches(['\n', '\r']))),
            Err(_) => take(None),
        }
    }
}

/// Returns the first 120 characters, for messages.
pub(super) fn short(text: &str) -> String {
    text.chars().take(120).collect()
}
