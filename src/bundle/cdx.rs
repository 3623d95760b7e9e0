//! Writes the index of a WACZ: sorted CDXJ lines in gzip blocks, and a list of the blocks (ZipNum).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::{Compression, GzBuilder};
use serde::Serialize;
use url::{Host, Url};

use crate::model::{Digest, Timestamp};
use crate::warc::{Entry, RecordKind};

use super::output::unnamed_file;
use super::piece::Piece;
use super::spool::Spool;

/// The number of lines in one block.
const BLOCK: usize = 3000;
/// The number of bytes that are sorted in memory; beyond it sorted runs are written to temporary files.
const MAX_IN_MEMORY: usize = 16 << 20;

/// Collects and sorts the lines of an index.
pub(super) struct IndexWriter<'a> {
    target: &'a Path,
    lines: Vec<String>,
    bytes: usize,
    max_in_memory: usize,
    /// Files of sorted lines.
    runs: Vec<File>,
}

/// The JSON object of a line; every value is a string.
#[derive(Serialize)]
struct Fields<'a> {
    url: &'a str,
    mime: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    digest: String,
    length: String,
    offset: String,
    filename: &'a str,
}

impl<'a> IndexWriter<'a> {
    /// Returns an empty index for the bundle `target`.
    pub fn new(target: &'a Path) -> Self {
        Self { target, lines: Vec::new(), bytes: 0, max_in_memory: MAX_IN_MEMORY, runs: Vec::new() }
    }

    /// Adds a record that can be replayed; ignores others.
    pub fn add(&mut self, filename: &str, entry: &Entry) -> io::Result<()> {
        let (mime, digest) = match (entry.kind, entry.payload_digest) {
            (RecordKind::Response | RecordKind::Resource, Some(digest)) => (entry.media_type.as_deref(), Some(digest)),
            (RecordKind::Revisit, _) => (Some("warc/revisit"), entry.revisited_payload()),
            _ => return Ok(()),
        };
        let Some(url) = &entry.target else { return Ok(()) };
        let mime = mime.map(|mime| mime.split(';').next().unwrap_or_default().trim()).filter(|mime| !mime.is_empty());
        let fields = Fields {
            url,
            mime: mime.unwrap_or("unk"),
            status: entry
                .status
                .or((entry.kind == RecordKind::Resource).then_some(200))
                .map(|status| status.to_string()),
            digest: digest.map_or_else(|| "-".to_owned(), |digest| format!("sha256:{digest}")),
            length: entry.length.to_string(),
            offset: entry.offset.to_string(),
            filename,
        };
        let line = format!("{} {} {}\n", surt(url), digits(entry.date), serde_json::to_string(&fields)?);
        self.push(line)
    }

    fn push(&mut self, line: String) -> io::Result<()> {
        self.bytes += line.len();
        self.lines.push(line);
        if self.bytes > self.max_in_memory { self.spill() } else { Ok(()) }
    }

    /// Returns whether no record was added.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.runs.is_empty()
    }

    fn spill(&mut self) -> io::Result<()> {
        self.lines.sort();
        let mut file = BufWriter::new(unnamed_file(self.target)?);
        self.lines.iter().try_for_each(|line| file.write_all(line.as_bytes()))?;
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        self.runs.push(file);
        self.lines.clear();
        self.bytes = 0;
        Ok(())
    }

    /// Returns `index.cdx.gz` (named `filename`) and `index.idx`.
    pub fn files(mut self, filename: &str) -> io::Result<(Piece, Vec<u8>)> {
        self.spill()?;
        let mut lines = LineMerger::new(self.runs)?;
        let mut packed = Spool::new(self.target)?;
        let mut list =
            format!("!meta 0 {{\"format\": \"cdxj-gzip-1.0\", \"filename\": \"{filename}\"}}\n").into_bytes();
        while let Some(first) = lines.next()? {
            let begins = first.split_once(" {").map(|(key, _)| key.to_owned()).unwrap_or_default();
            let gzip = GzBuilder::new().mtime(0).operating_system(255);
            let mut gzip = gzip.write(Vec::new(), Compression::new(6));
            gzip.write_all(first.as_bytes())?;
            for _ in 1..BLOCK {
                let Some(line) = lines.next()? else { break };
                gzip.write_all(line.as_bytes())?;
            }
            let block = gzip.finish()?;
            let entry = BTreeMap::from([
                ("digest", serde_json::json!(format!("sha256:{}", Digest::of(&block)))),
                ("filename", serde_json::json!(filename)),
                ("length", serde_json::json!(block.len())),
                ("offset", serde_json::json!(packed.length())),
            ]);
            list.extend(format!("{begins} {}\n", serde_json::to_string(&entry)?).into_bytes());
            packed.write_all(&block)?;
        }
        Ok((packed.finish()?, list))
    }
}

/// Merges sorted runs of lines.
struct LineMerger {
    runs: Vec<BufReader<File>>,
    /// The next line of each run that is not at its end.
    heads: BinaryHeap<Reverse<(String, usize)>>,
}

impl LineMerger {
    fn new(runs: Vec<File>) -> io::Result<Self> {
        let mut merged = Self { runs: runs.into_iter().map(BufReader::new).collect(), heads: BinaryHeap::new() };
        (0..merged.runs.len()).try_for_each(|run| merged.fetch(run))?;
        Ok(merged)
    }

    fn fetch(&mut self, run: usize) -> io::Result<()> {
        let mut line = String::new();
        if self.runs[run].read_line(&mut line)? > 0 {
            self.heads.push(Reverse((line, run)));
        }
        Ok(())
    }

    fn next(&mut self) -> io::Result<Option<String>> {
        let Some(Reverse((line, run))) = self.heads.pop() else { return Ok(None) };
        self.fetch(run)?;
        Ok(Some(line))
    }
}

/// Returns a date in the form of indexes, such as `20261123085855`.
pub(super) fn digits(date: Timestamp) -> String {
    date.compact().chars().filter(char::is_ascii_digit).collect()
}

/// Returns the sort key (SURT) of a URL, as cdxj-indexer and replay programs derive it: reversed host (an IPv4 address too)
/// without `www.`, path and query in lower case, query parameters sorted. A URL with another scheme than http and https is
/// its own key.
pub fn surt(url: &str) -> String {
    let lower = url.to_lowercase();
    let url = match Url::parse(&lower) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        _ => return url.to_owned(),
    };
    let host = url.host_str().unwrap_or_default();
    let host = match host.strip_prefix("www").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit())) {
        Some(rest) if rest.starts_with('.') => &rest[1..],
        _ => host,
    };
    let reversed = match url.host() {
        Some(Host::Ipv6(address)) => address.to_string(),
        _ => host.rsplit('.').collect::<Vec<_>>().join(","),
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let mut pairs: Vec<&str> = url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
    format!("{reversed}{port}){}{query}", url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_larger_than_the_memory_limit_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("all.wacz");
        let files = |max_in_memory| {
            let mut index = IndexWriter { max_in_memory, ..IndexWriter::new(&target) };
            for n in 0..7000_u32 {
                // In no order.
                let key = Digest::of(&n.to_le_bytes());
                index.push(format!("org,example)/{key} 20261123085855 {{}}\n")).unwrap();
            }
            let (packed, list) = index.files("index.cdx.gz").unwrap();
            let mut bytes = Vec::new();
            io::Read::read_to_end(&mut packed.open().unwrap(), &mut bytes).unwrap();
            assert_eq!((bytes.len() as u64, Digest::of(&bytes)), (packed.length, packed.digest));
            (bytes, list)
        };
        let in_memory = files(MAX_IN_MEMORY);
        assert_eq!(in_memory.1.iter().filter(|&&byte| byte == b'\n').count(), 4, "three blocks below the header");
        assert_eq!(files(1000), in_memory);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn keys_are_those_of_replay_programs() {
        let cases = [
            ("https://www.Example.org/A?b=2&a=1#x", "org,example)/a?a=1&b=2"),
            ("http://www2.example.com.cn:8080/", "cn,com,example:8080)/"),
            ("http://127.0.0.1:81/x", "1,0,0,127:81)/x"),
            ("http://192.168.0.1:80/", "1,0,168,192)/"),
            ("http://[2001:db8::1]:81/A", "2001:db8::1:81)/a"),
            ("https://wwwhat.example/", "example,wwwhat)/"),
            ("urn:sha256:AB", "urn:sha256:AB"),
        ];
        for (url, key) in cases {
            assert_eq!(surt(url), key);
        }
    }
}
