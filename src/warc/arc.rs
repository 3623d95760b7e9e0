//! Headers of ARC files, the predecessor of WARC: one line a record, then the response as the server sent it.
//!
//! <https://archive.org/web/researcher/ArcFileFormat.php>: `URL IP-address Archive-date Content-type Archive-length`; version
//! 2 has five more fields before the length.

use std::io::{BufRead, Read};

use super::error::Fault;
use super::head::{Head, HeadWarning, recovered_date};
use super::id::RecordId;
use super::kind::RecordKind;

/// The maximum length of a header, in bytes.
pub(super) const MAX_LINE: usize = 32 << 10;

/// The field that a header of an ARC file gets here: the media type that its line states.
pub(super) const MARK: &str = "ARC-Content-Type";

/// The schemes of the URLs with which a header begins.
const SCHEMES: [&[u8]; 6] = [b"http://", b"https://", b"filedesc:", b"dns:", b"ftp://", b"warcinfo:"];

/// Returns whether a file is an ARC file: its first line is the header of the record that describes the file.
pub fn begins(start: &[u8]) -> bool {
    start.starts_with(b"filedesc:") && line(start).is_some_and(|line| parse(&line).is_some())
}

/// Returns whether a line begins like a header; `line` may be longer than that line.
pub(super) fn is_header(bytes: &[u8]) -> bool {
    SCHEMES.iter().any(|scheme| bytes.starts_with(scheme)) && line(bytes).is_some_and(|line| parse(&line).is_some())
}

/// Returns whether the bytes after a record are the end of the file or begin another record.
pub(super) fn may_follow(bytes: &[u8]) -> bool {
    let next = bytes.trim_ascii_start();
    next.is_empty() || is_header(next) || next.starts_with(b"WARC/") || next.starts_with(&[0x1f, 0x8b])
}

/// Returns the first line as text; `None` without a line end.
fn line(bytes: &[u8]) -> Option<String> {
    let bytes = &bytes[..bytes.len().min(MAX_LINE)];
    let end = memchr::memchr(b'\n', bytes)?;
    Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

/// Reads a header.
pub(super) fn read(source: &mut dyn BufRead) -> Result<Head, Fault> {
    let mut bytes = Vec::new();
    source.take(MAX_LINE as u64).read_until(b'\n', &mut bytes).map_err(Fault::of_io)?;
    let is_header = SCHEMES.iter().any(|scheme| bytes.starts_with(scheme));
    match line(&bytes).filter(|_| is_header) {
        None if is_header && bytes.len() < MAX_LINE => Err(Fault::Truncated),
        line => line.and_then(|line| parse(&line)).ok_or_else(|| Fault::malformed("no WARC record begins here")),
    }
}

/// Parses a header. A URL may contain spaces, so that the fields are found by the date, which follows an IP address.
fn parse(line: &str) -> Option<Head> {
    let words: Vec<&str> = line.trim_end().split(' ').collect();
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_address = |word: &str| {
        word.contains(['.', ':']) && word.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':'))
    };
    let found = (2..words.len().saturating_sub(2)).find(|&at| is_number(words[at]) && is_address(words[at - 1]));
    let date_at = found?;
    let length = words.last().filter(|word| is_number(word))?.parse().ok()?;
    let url = words[..date_at - 1].join(" ");
    let (date, warning) = recovered_date(words[date_at]);
    let mut warnings = Vec::new();
    if words[date_at].len() != 14 || warning == HeadWarning::NoDate {
        warnings.push(warning);
    }
    let is_http = url.starts_with("http");
    let (kind, media_type) = match url.as_str() {
        url if url.starts_with("filedesc:") || url.starts_with("warcinfo:") => {
            (RecordKind::Warcinfo, words[date_at + 1])
        }
        _ if is_http => (RecordKind::Response, "application/http; msgtype=response"),
        _ => (RecordKind::Resource, words[date_at + 1]),
    };
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let fields = vec![
        field("WARC-IP-Address", words[date_at - 1]),
        field("Content-Type", media_type),
        field(MARK, words[date_at + 1]),
    ];
    Some(Head { kind, id: RecordId::foreign(""), target: Some(url), date, length, fields, warnings })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_both_versions_are_parsed() {
        let one = parse("http://a.test/x y 192.0.2.7 20010203040506 text/html 42").unwrap();
        assert_eq!((one.target.as_deref(), one.length), (Some("http://a.test/x y"), 42));
        assert_eq!(one.date.to_string(), "2001-02-03T04:05:06Z");
        let two = parse("http://a.test/ 192.0.2.7 20010203040506 text/html 200 checksum - 0 a.arc 7").unwrap();
        assert_eq!((two.target.as_deref(), two.length, two.warnings), (Some("http://a.test/"), 7, vec![]));
        let wrong = parse("http://a.test/ 192.0.2.7 200102 text/html 7").unwrap();
        assert_eq!(wrong.warnings, [HeadWarning::NoDate]);
        for line in ["", "http://a.test/ is a link", "http://a.test/ 192.0.2.7 20010203040506 text/html x"] {
            assert!(parse(line).is_none(), "{line}");
        }
    }
}
