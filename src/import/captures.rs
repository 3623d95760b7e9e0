//! WARC files of any program, alone or in a WACZ: the HTML that servers sent, with the images from the same files. <https://specs.webrecorder.net/wacz/1.1.1/>

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::SeekFrom;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::container::{Container, Storage};
use super::error::ImportError;
use super::input::{Compression, IMAGE_CAP, Input, PAGE_CAP};
use super::item::{Item, ItemContent, Report, Sink};
use super::resources::Resources;
use super::source_url::is_web;
use crate::model::{Headers, ImageRef, Loss, LossKind, Origin, RawPage, Timestamp, UrlKey, safe_name, slug};
use crate::warc::{self, Reader, RecordId, RecordKind, coding};

/// The maximum number of bytes that are read of a list of pages.
const PAGES_CAP: u64 = 256 << 20;

/// The maximum size of the headers of a record, in bytes.
const HEADERS_CAP: u64 = 1 << 20;

/// Reads a WARC file.
pub fn warc(input: &Input, sink: Sink<'_>) -> Result<Report, ImportError> {
    let file = match input.compression()? {
        // With gzip each record is a member, from which reading can start; with zstd the file is decompressed first.
        Some(Compression::Zstd) => input.seekable()?,
        _ => input.clone(),
    };
    let captures = Captures::of(vec![file])?;
    Ok(captures.read(&PageList::default(), sink))
}

/// Reads a WACZ: its WARC files together, and its lists of pages. None for a ZIP file that is not a WACZ.
pub fn wacz(container: &Container, name: &str, sink: Sink<'_>) -> Option<Result<Report, ImportError>> {
    let is_warc = |path: &&str| path.starts_with("archive/") && path.contains(".warc");
    container.paths().find(|path| *path == "datapackage.json")?;
    let paths: Vec<&str> = container.paths().filter(is_warc).collect();
    if paths.is_empty() {
        return None;
    }
    let files = paths.iter().map(|path| container.input(path, &format!("{name}/{path}"), Storage::TemporaryFile));
    let captures = files.collect::<Result<Vec<_>, _>>().and_then(Captures::of);
    let lists = ["pages/pages.jsonl", "pages/extraPages.jsonl"];
    let listed = PageList::of(lists.iter().filter_map(|path| container.take(path, PAGES_CAP).ok()));
    Some(captures.map(|captures| captures.read(&listed, sink)))
}

/// The pages that a WACZ lists.
#[derive(Default)]
struct PageList {
    /// The URL of each, by its key.
    pages: HashMap<String, String>,
}

impl PageList {
    fn of(lists: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut listed = Self::default();
        for list in lists {
            for line in String::from_utf8_lossy(&list).lines() {
                let Ok(page) = serde_json::from_str::<serde_json::Value>(line) else { continue };
                if let Some(url) = page["url"].as_str().and_then(|url| Url::parse(url).ok()) {
                    listed.pages.insert(UrlKey::of(&url).to_string(), url.into());
                }
            }
        }
        listed
    }
}

/// Where a record with a body is, and what it captures.
#[derive(Debug, Clone)]
struct RecordRef {
    file: usize,
    offset: u64,
    id: RecordId,
    date: Timestamp,
    target: Url,
    is_http: bool,
}

/// The HTTP response in a record, decoded.
struct Response {
    status: u16,
    headers: Headers,
    body: Vec<u8>,
}

/// The records of one or more WARC files.
struct Captures {
    files: Vec<Input>,
    /// The newest record with a body for each URL, in the order of the files.
    records: Vec<RecordRef>,
    by_key: HashMap<String, usize>,
    pages: HashSet<String>,
    report: Report,
}

impl Captures {
    fn of(files: Vec<Input>) -> Result<Self, ImportError> {
        let mut captures = Self {
            files,
            records: Vec::new(),
            by_key: HashMap::new(),
            pages: HashSet::new(),
            report: Report::default(),
        };
        for file in 0..captures.files.len() {
            captures.index(file)?;
        }
        Ok(captures)
    }

    /// Finds the records of a file.
    fn index(&mut self, file: usize) -> Result<(), ImportError> {
        for entry in Reader::new(self.files[file].open()?) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let damage = format!("{}: {error}", self.files[file].name());
                    self.report.lose(&Loss::new(LossKind::DamagedRecord, error.to_string()));
                    self.report.cut = Some(damage);
                    continue;
                }
            };
            let is_body = matches!(entry.kind, RecordKind::Response | RecordKind::Resource);
            if entry.kind == RecordKind::Revisit {
                self.report.leave_out("revisit of what is kept");
            }
            let target = entry.target.as_deref().filter(|_| is_body).and_then(|target| Url::parse(target).ok());
            let Some(target) = target.filter(is_web) else { continue };
            let key = UrlKey::of(&target).to_string();
            let is_http = entry.kind == RecordKind::Response;
            let found = RecordRef { file, offset: entry.offset, id: entry.id, date: entry.date, target, is_http };
            match self.by_key.get(&key) {
                Some(&known) if self.records[known].date > found.date => self.report.leave_out("older capture"),
                Some(&known) if self.status(&found).is_some_and(|status| status == 200) => {
                    self.report.leave_out("older capture");
                    self.records[known] = found;
                }
                Some(_) => self.report.leave_out("redirect or error"),
                None => {
                    self.by_key.insert(key, self.records.len());
                    self.records.push(found);
                }
            }
        }
        Ok(())
    }

    fn status(&self, found: &RecordRef) -> Option<u16> {
        self.load(found, PAGE_CAP).ok().map(|response| response.status)
    }

    fn load(&self, found: &RecordRef, cap: u64) -> Result<Response, String> {
        let mut bytes = self.files[found.file].open().map_err(|error| error.to_string())?;
        bytes.seek(SeekFrom::Start(found.offset)).map_err(|error| error.to_string())?;
        let stored = warc::find(bytes, &found.id, cap + HEADERS_CAP).map_err(|error| error.to_string())?;
        let stored = stored.ok_or("the record is not where it was")?;
        if !found.is_http {
            let kind = stored.entry.field("Content-Type").unwrap_or_default().to_owned();
            let headers = Headers(vec![("Content-Type".to_owned(), kind.into_bytes())]);
            return Ok(Response { status: 200, headers, body: stored.block });
        }
        let message = stored.http().ok_or("it holds no HTTP message")?;
        let chunked = message.headers.get("transfer-encoding").is_some_and(|coding| coding.contains("chunked"));
        let body = if chunked { unchunked(message.body) } else { None };
        let body = body.unwrap_or_else(|| message.body.to_vec());
        let coding = message.headers.all("content-encoding").collect::<Vec<_>>().join(", ");
        // Some programs decode the body and keep the header field.
        let decoded = coding::decode(&coding, &body, cap).unwrap_or_default().body;
        Ok(Response { status: message.status.unwrap_or(0), body: decoded.unwrap_or(body), headers: message.headers })
    }

    /// Passes every page to `sink`, in the order of the records.
    fn read(mut self, listed: &PageList, sink: Sink<'_>) -> Report {
        let mut report = std::mem::take(&mut self.report);
        let mut frames = HashSet::new();
        let mut html = Vec::new();
        for (at, found) in self.records.iter().enumerate() {
            match self.load(found, PAGE_CAP) {
                Ok(response) if is_html(&response) && response.status == 200 => {
                    frames.extend(framed(&response.body, &found.target));
                    html.push(at);
                }
                Ok(response) if is_html(&response) => {
                    report.leave_out(&format!("HTML with status {}", response.status))
                }
                Ok(_) => {}
                Err(error) => report.lose(&Loss::new(LossKind::DamagedRecord, error)),
            }
        }
        let key = |at: usize| UrlKey::of(&self.records[at].target).to_string();
        let is_frame = |at: &usize| frames.contains(&key(*at)) && !listed.pages.contains_key(&key(*at));
        let (framed, pages): (Vec<usize>, Vec<usize>) = html.into_iter().partition(is_frame);
        for _ in framed {
            report.leave_out("frame of a page");
        }
        self.pages = pages.iter().map(|&at| key(at)).collect();
        for (_, url) in listed.pages.iter().filter(|(key, _)| !self.pages.contains(*key)).collect::<BTreeSet<_>>() {
            report.lose(&Loss::new(LossKind::ListedAndNotCaptured, url.clone()));
        }
        let captures = Arc::new(self);
        for at in pages {
            let found = &captures.records[at];
            let content = match captures.load(found, PAGE_CAP) {
                Ok(response) => ItemContent::Page(page(response, found, captures.files[found.file].name())),
                Err(cause) => ItemContent::Broken(ImportError::Damaged { name: found.target.to_string(), cause }),
            };
            let resources = Arc::clone(&captures) as Arc<dyn Resources>;
            let item = Item { name: item_name(&found.target), content, resources, losses: Vec::new() };
            if let ControlFlow::Break(()) = sink(item) {
                break;
            }
        }
        report
    }
}

fn page(response: Response, found: &RecordRef, name: &str) -> RawPage {
    let url = Some(found.target.clone());
    let mut raw = RawPage::from_bytes(response.body, url, Origin::Import(name.to_owned()), Some(found.date));
    let wanted = ["content-type", "content-language", "referrer-policy", "last-modified"];
    let fields = response.headers.0.into_iter();
    raw.headers =
        Headers(fields.filter(|(name, _)| wanted.iter().any(|want| name.eq_ignore_ascii_case(want))).collect());
    raw
}

/// Returns the name of the item for a URL: a folder for its host, and a name from its path.
fn item_name(url: &Url) -> PathBuf {
    let host = safe_name(url.host_str().unwrap_or("local"));
    let path = percent_encoding::percent_decode_str(url.path().trim_matches('/')).decode_utf8_lossy().into_owned();
    let path = if path.is_empty() { "index".to_owned() } else { path };
    PathBuf::from(format!("{host}/{}", slug(&path, UrlKey::of(url).as_str())))
}

impl Resources for Captures {
    fn image(&self, image: &ImageRef) -> Option<Vec<u8>> {
        std::iter::once(&image.url).chain(&image.alternatives).find_map(|url| {
            let url = Url::parse(url).ok()?;
            let at = self.by_key.get(&UrlKey::of(&url).to_string())?;
            let response = self.load(&self.records[*at], IMAGE_CAP).ok()?;
            (response.status == 200).then_some(response.body)
        })
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        let url = Url::parse(href).ok()?;
        let key = UrlKey::of(&url).to_string();
        self.pages.contains(&key).then(|| self.by_key.get(&key).map(|&at| item_name(&self.records[at].target)))?
    }
}

/// Returns true for HTML by its content type, or by its bytes where the type is missing or general.
fn is_html(response: &Response) -> bool {
    let kind = response.headers.get("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "text/html" | "application/xhtml+xml" => !response.body.trim_ascii().is_empty(),
        "" | "text/plain" | "application/octet-stream" => {
            let start = &response.body[..response.body.len().min(1024)];
            let start = String::from_utf8_lossy(start).trim_start().to_ascii_lowercase();
            start.starts_with("<!doctype html") || start.starts_with("<html")
        }
        _ => false,
    }
}

/// Returns the URL keys of the pages in the frames of a page.
fn framed(body: &[u8], base: &Url) -> Vec<String> {
    let mut keys = Vec::new();
    for at in memchr::memmem::find_iter(body, b"<iframe") {
        let tag = &body[at..body.len().min(at + 4096)];
        let tag = &tag[..tag.iter().position(|&byte| byte == b'>').unwrap_or(tag.len())];
        let tag = String::from_utf8_lossy(tag);
        let Some((_, value)) = tag.split_once(" src=") else { continue };
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next(),
            _ => value.split_whitespace().next(),
        };
        if let Some(url) = value.and_then(|value| base.join(&value.replace("&amp;", "&")).ok()) {
            keys.push(UrlKey::of(&url).to_string());
        }
    }
    keys
}

/// Removes the chunked transfer coding from a body; None when it does not have it, whatever the header says.
/// <https://www.rfc-editor.org/rfc/rfc9112#section-7.1>
fn unchunked(body: &[u8]) -> Option<Vec<u8>> {
    let mut rest = body;
    let mut out = Vec::with_capacity(body.len());
    loop {
        let end = rest.iter().take(64).position(|&byte| byte == b'\n')?;
        let line = std::str::from_utf8(&rest[..end]).ok()?;
        let length = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[end + 1..];
        if length == 0 {
            return Some(out);
        }
        out.extend(rest.get(..length)?);
        rest = &rest[length..];
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
    }
}
