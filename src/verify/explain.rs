//! Explains the chain of digests from a text to the server's response, with shell commands that check each link.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::GzDecoder;

use super::manifest::{self, MANIFEST};
use crate::archive::{Archive, Entry, Payload, Snapshot};
use crate::model::{Digest, Hasher};
use crate::warc::{self, RecordId};

/// The maximum size of a record in bytes.
const MAX_RECORD: u64 = 1 << 30;

/// One link of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What the link proves.
    pub what: String,
    /// The digest that both ends must have, in hex, or the id of the record that connects them.
    pub value: String,
    /// What was found instead; None if the link is valid.
    pub fault: Option<String>,
    /// A shell command that prints `value`, or a path and `OK`, when run in the archive's folder.
    pub command: String,
}

/// Returns the links from the newest text of an article to its record, the payload that the server sent, the WARC record
/// that contains it, and the manifests up to the archive's digest.
pub fn explain(archive: &Archive, entry: &Entry) -> Vec<Link> {
    let root = archive.root();
    let folder = entry.folder.as_str();
    let mut chain = Chain { root, links: Vec::new() };
    let Some(newest) = entry.record.newest() else { return chain.links };
    let text = format!("{folder}/{}", newest.file);
    let index = format!("{folder}/index.md");
    chain.file("index.md is the newest text", &index, &newest.sha256);
    chain.file("the text has the digest in its record", &text, &newest.sha256);
    let body = newest.front_matter_bytes;
    let command = format!("tail -c +{} {} | sha256sum", body + 1, quoted(&text));
    let found = hash(&root.join(&text), body, u64::MAX);
    chain.add("its body, without the front matter, too", newest.body_sha256, found, command);
    chain.capture(newest);
    let year = folder.rsplit_once('/').map_or(folder, |(year, _)| year);
    chain.listed(&text, year);
    chain.listed(&format!("{folder}/record.json"), year);
    if let Some(capture) = &newest.capture {
        let originals =
            capture.original.iter().chain(capture.continuation_pages.iter().filter_map(|page| page.original.as_ref()));
        let mut files: Vec<&String> = originals.map(|original| &original.file).chain([&capture.file]).collect();
        files.sort();
        files.dedup();
        let mut months = Vec::new();
        for file in files {
            let month = file.rsplit_once('/').map_or(file.as_str(), |(month, _)| month);
            chain.listed(file, month);
            months.push(month.to_owned());
        }
        months.dedup();
        months.iter().for_each(|month| chain.listed(&format!("{month}/{MANIFEST}"), ""));
    }
    chain.listed(&format!("{year}/{MANIFEST}"), "");
    let found = hash(&root.join(MANIFEST), 0, u64::MAX);
    let value = found.as_ref().map(Digest::hex).unwrap_or_default();
    let fault = found.err().map(|error| error.to_string());
    let what = "the digest of the whole archive, to be kept elsewhere".to_owned();
    chain.links.push(Link { what, value, fault, command: format!("sha256sum {MANIFEST}") });
    chain.links
}

struct Chain<'a> {
    root: &'a Path,
    links: Vec<Link>,
}

impl Chain<'_> {
    fn add(&mut self, what: &str, expected: Digest, found: io::Result<Digest>, command: String) {
        let fault = match found {
            Ok(found) if found == expected => None,
            Ok(found) => Some(found.hex()),
            Err(error) => Some(error.to_string()),
        };
        self.links.push(Link { what: what.to_owned(), value: expected.hex(), fault, command });
    }

    fn file(&mut self, what: &str, path: &str, expected: &Digest) {
        let found = hash(&self.root.join(path), 0, u64::MAX);
        self.add(&format!("{what}: {path}"), *expected, found, format!("sha256sum {}", quoted(path)));
    }

    /// Adds the link between a file and the manifest in `folder`.
    fn listed(&mut self, path: &str, folder: &str) {
        let manifest = if folder.is_empty() { MANIFEST.to_owned() } else { format!("{folder}/{MANIFEST}") };
        let below = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
        let bytes = File::open(self.root.join(&manifest)).and_then(|file| {
            let mut bytes = Vec::new();
            file.take(manifest::MAX_BYTES as u64).read_to_end(&mut bytes).map(|_| bytes)
        });
        let line = bytes.ok().and_then(|bytes| manifest::parse(&bytes).0.remove(below));
        let go = if folder.is_empty() { String::new() } else { format!("cd {} && ", quoted(folder)) };
        let command = format!("({go}grep -F {} {MANIFEST} | sha256sum -c -)", quoted(&format!("  {below}")));
        let what = format!("{manifest} lists {below}");
        match line {
            Some(line) => self.add(&what, line, hash(&self.root.join(path), 0, u64::MAX), command),
            None => {
                self.links.push(Link { what, value: String::new(), fault: Some("no such line".to_owned()), command })
            }
        }
    }

    /// Adds the records and payloads of the page and its continuation pages.
    fn capture(&mut self, text: &Snapshot) {
        let Some(capture) = &text.capture else {
            let what = "the server's response was not stored (--captures)".to_owned();
            self.links.push(Link { what, value: String::new(), fault: None, command: String::new() });
            return;
        };
        self.page("the page", &capture.file, &capture.page, capture.original.as_ref(), &text.payload_sha256);
        for (at, page) in capture.continuation_pages.iter().enumerate() {
            let name = format!("page {} of it, {},", at + 2, page.url);
            self.page(&name, &capture.file, &page.record, page.original.as_ref(), &page.payload_sha256);
        }
    }

    /// Adds the record of one page, its original if it is a revisit, and the payload.
    fn page(&mut self, name: &str, file: &str, id: &RecordId, original: Option<&Payload>, payload: &Digest) {
        let what = format!("the record names the capture of {}", name.trim_end_matches(','));
        if original.is_some() {
            self.record(file, id, &format!("{what}, a revisit of an earlier one"));
        }
        let (file, id) = original.map_or((file, id), |original| (original.file.as_str(), &original.record));
        self.record(file, id, &what);
        match PayloadLocation::find(self.root, file, id) {
            Ok(location) => {
                let command = format!(
                    "tail -c +{} {} | head -c {} | zcat | tail -c +{} | head -c {} | sha256sum",
                    location.offset + 1,
                    quoted(file),
                    location.length,
                    location.head + 1,
                    location.payload
                );
                let what = format!("{name} as the server sent it: {} bytes in that record", location.payload);
                self.add(&what, *payload, Ok(location.digest), command);
            }
            Err(cause) => {
                let what = format!("{name} as the server sent it");
                self.links.push(Link { what, value: payload.hex(), fault: Some(cause), command: String::new() });
            }
        }
    }

    fn record(&mut self, file: &str, id: &RecordId, what: &str) {
        let fault = PayloadLocation::find(self.root, file, id).err();
        let command = format!("zcat {} | grep -a -F 'WARC-Record-ID: <{id}>'", quoted(file));
        self.links.push(Link { what: format!("{what}: {file}"), value: id.to_string(), fault, command });
    }
}

/// Where the payload of a record is.
struct PayloadLocation {
    offset: u64,
    length: u64,
    /// The number of bytes of the decompressed member before the payload.
    head: u64,
    payload: u64,
    digest: Digest,
}

impl PayloadLocation {
    fn find(root: &Path, file: &str, id: &RecordId) -> Result<Self, String> {
        let path = root.join(file);
        let opened = || File::open(&path).map_err(|error| format!("{file} cannot be read: {error}"));
        let stored = warc::find(BufReader::new(opened()?), id, MAX_RECORD).map_err(|error| error.to_string())?;
        let stored = stored.ok_or_else(|| format!("{file} has no record {id}"))?;
        let entry = &stored.entry;
        let mut source = opened()?;
        source.seek(SeekFrom::Start(entry.offset)).map_err(|error| error.to_string())?;
        let mut member = GzDecoder::new(BufReader::new(source.take(entry.length)));
        let whole = io::copy(&mut member, &mut io::sink()).map_err(|error| error.to_string())?;
        let body = stored.http().map_or(stored.block.len(), |message| message.body.len()) as u64;
        // The block is followed by two line breaks.
        let head = whole.saturating_sub(4).saturating_sub(body);
        let digest = match stored.http() {
            Some(message) => Digest::of(message.body),
            None => Digest::of(&stored.block),
        };
        Ok(Self { offset: entry.offset, length: entry.length, head, payload: body, digest })
    }
}

fn hash(path: &Path, from: u64, length: u64) -> io::Result<Digest> {
    let mut file = fs::File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let (mut hasher, mut block, mut part) = (Hasher::new(), vec![0; 1 << 16], file.take(length));
    loop {
        match part.read(&mut block)? {
            0 => return Ok(hasher.finish()),
            read => hasher.update(&block[..read]),
        }
    }
}

/// Returns a path quoted for a shell.
fn quoted(path: &str) -> String {
    format!("'{}'", path.replace('\'', "'\\''"))
}
