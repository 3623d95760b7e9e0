//! Web archives: the HTML that servers sent, with the images from the same file. WARC files of any program, alone or in
//! a WACZ. <https://specs.webrecorder.net/wacz/1.1.1/>

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::SeekFrom;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::pack::Archive;
use super::{Around, IMAGE_CAP, ImportError, Input, Item, PAGE_CAP, Report, Sink, What};
use crate::model::{Headers, ImageRef, Loss, LossKind, Origin, RawPage, Timestamp, UrlKey, safe_name, slug};
use crate::warc::{self, Reader, RecordId, RecordKind, coding};

/// The longest list of pages that is read, in bytes.
const PAGES_CAP: u64 = 256 << 20;

/// Bytes of the head and the record around a body.
const AROUND: u64 = 1 << 20;

/// Reads a WARC file.
pub fn warc(input: &Input, sink: Sink<'_>) -> Result<Report, ImportError> {
    let file = match input.packing()? {
        // Packed record by record it can be read from any record; other packings are taken off.
        Some(super::Packing::Zstd) => input.seekable()?,
        _ => input.clone(),
    };
    let captures = Captures::of(vec![file])?;
    Ok(captures.read(&Listed::default(), sink))
}

/// Reads a WACZ: its WARC files as one, and its lists of pages. None for a zip archive that is none.
pub fn wacz(archive: &Archive, name: &str, sink: Sink<'_>) -> Option<Result<Report, ImportError>> {
    let is_warc = |place: &&str| place.starts_with("archive/") && place.contains(".warc");
    archive.places().find(|place| *place == "datapackage.json")?;
    let places: Vec<&str> = archive.places().filter(is_warc).collect();
    if places.is_empty() {
        return None;
    }
    let files = places.iter().map(|place| archive.input(place, &format!("{name}/{place}"), false));
    let captures = files.collect::<Result<Vec<_>, _>>().and_then(Captures::of);
    let lists = ["pages/pages.jsonl", "pages/extraPages.jsonl"];
    let listed = Listed::of(lists.iter().filter_map(|place| archive.take(place, PAGES_CAP).ok()));
    Some(captures.map(|captures| captures.read(&listed, sink)))
}

/// The pages that a WACZ lists.
#[derive(Default)]
struct Listed {
    /// Their URLs by key.
    pages: HashMap<String, String>,
}

impl Listed {
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

/// Where a record is.
#[derive(Debug, Clone)]
struct Found {
    file: usize,
    offset: u64,
    id: RecordId,
    date: Timestamp,
    target: Url,
    is_http: bool,
}

/// What a record holds, its codings taken off.
struct Answer {
    status: u16,
    headers: Headers,
    body: Vec<u8>,
}

/// The records of one or more WARC files.
struct Captures {
    files: Vec<Input>,
    /// The newest record of each URL that holds a body, in the order of the files.
    found: Vec<Found>,
    by_key: HashMap<String, usize>,
    pages: HashSet<String>,
    report: Report,
}

impl Captures {
    fn of(files: Vec<Input>) -> Result<Self, ImportError> {
        let mut captures =
            Self { files, found: Vec::new(), by_key: HashMap::new(), pages: HashSet::new(), report: Report::default() };
        for file in 0..captures.files.len() {
            captures.survey(file)?;
        }
        Ok(captures)
    }

    fn survey(&mut self, file: usize) -> Result<(), ImportError> {
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
            let Some(target) = target.filter(|url| matches!(url.scheme(), "http" | "https")) else { continue };
            let key = UrlKey::of(&target).to_string();
            let is_http = entry.kind == RecordKind::Response;
            let found = Found { file, offset: entry.offset, id: entry.id, date: entry.date, target, is_http };
            match self.by_key.get(&key) {
                Some(&known) if self.found[known].date > found.date => self.report.leave_out("older capture"),
                Some(&known) if self.status(&found).is_some_and(|status| status == 200) => {
                    self.report.leave_out("older capture");
                    self.found[known] = found;
                }
                Some(_) => self.report.leave_out("redirect or error"),
                None => {
                    self.by_key.insert(key, self.found.len());
                    self.found.push(found);
                }
            }
        }
        Ok(())
    }

    fn status(&self, found: &Found) -> Option<u16> {
        self.load(found, PAGE_CAP).ok().map(|answer| answer.status)
    }

    fn load(&self, found: &Found, cap: u64) -> Result<Answer, String> {
        let mut bytes = self.files[found.file].open().map_err(|error| error.to_string())?;
        bytes.seek(SeekFrom::Start(found.offset)).map_err(|error| error.to_string())?;
        let stored = warc::find(bytes, &found.id, cap + AROUND).map_err(|error| error.to_string())?;
        let stored = stored.ok_or("the record is not where it was")?;
        if !found.is_http {
            let kind = stored.entry.field("Content-Type").unwrap_or_default().to_owned();
            let headers = Headers(vec![("Content-Type".to_owned(), kind.into_bytes())]);
            return Ok(Answer { status: 200, headers, body: stored.block });
        }
        let message = stored.http().ok_or("it holds no HTTP message")?;
        let chunked = message.headers.get("transfer-encoding").is_some_and(|coding| coding.contains("chunked"));
        let body = if chunked { unchunked(message.body) } else { None };
        let body = body.unwrap_or_else(|| message.body.to_vec());
        let coding = message.headers.all("content-encoding").collect::<Vec<_>>().join(", ");
        // Some programs take the coding off and leave its name.
        let decoded = coding::decode(&coding, &body, cap).unwrap_or_default();
        Ok(Answer { status: message.status.unwrap_or(0), body: decoded.unwrap_or(body), headers: message.headers })
    }

    /// Gives every page, in the order of the records.
    fn read(mut self, listed: &Listed, sink: Sink<'_>) -> Report {
        let mut report = std::mem::take(&mut self.report);
        let mut frames = HashSet::new();
        let mut html = Vec::new();
        for (at, found) in self.found.iter().enumerate() {
            match self.load(found, PAGE_CAP) {
                Ok(answer) if is_html(&answer) && answer.status == 200 => {
                    frames.extend(framed(&answer.body, &found.target));
                    html.push(at);
                }
                Ok(answer) if is_html(&answer) => report.leave_out(&format!("HTML with status {}", answer.status)),
                Ok(_) => {}
                Err(error) => report.lose(&Loss::new(LossKind::DamagedRecord, error)),
            }
        }
        let key = |at: usize| UrlKey::of(&self.found[at].target).to_string();
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
            let found = &captures.found[at];
            let what = match captures.load(found, PAGE_CAP) {
                Ok(answer) => What::Page(page(answer, found, captures.files[found.file].name())),
                Err(cause) => What::Broken(ImportError::Damaged { name: found.target.to_string(), cause }),
            };
            let around = Arc::clone(&captures) as Arc<dyn Around>;
            let item = Item { name: place(&found.target), what, around, losses: Vec::new() };
            if let ControlFlow::Break(()) = sink(item) {
                break;
            }
        }
        report
    }
}

fn page(answer: Answer, found: &Found, name: &str) -> RawPage {
    let url = Some(found.target.clone());
    let mut raw = RawPage::from_bytes(answer.body, url, Origin::Import(name.to_owned()), Some(found.date));
    let wanted = ["content-type", "content-language", "referrer-policy", "last-modified"];
    let fields = answer.headers.0.into_iter();
    raw.headers =
        Headers(fields.filter(|(name, _)| wanted.iter().any(|want| name.eq_ignore_ascii_case(want))).collect());
    raw
}

/// Where the article of a URL goes: a folder for its host, a name from its path.
fn place(url: &Url) -> PathBuf {
    let host = safe_name(url.host_str().unwrap_or("local"));
    let path = percent_encoding::percent_decode_str(url.path().trim_matches('/')).decode_utf8_lossy().into_owned();
    let path = if path.is_empty() { "index".to_owned() } else { path };
    PathBuf::from(format!("{host}/{}", slug(&path, UrlKey::of(url).as_str())))
}

impl Around for Captures {
    fn image(&self, image: &ImageRef) -> Option<Vec<u8>> {
        std::iter::once(&image.url).chain(&image.alternatives).find_map(|url| {
            let url = Url::parse(url).ok()?;
            let at = self.by_key.get(&UrlKey::of(&url).to_string())?;
            let answer = self.load(&self.found[*at], IMAGE_CAP).ok()?;
            (answer.status == 200).then_some(answer.body)
        })
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        let url = Url::parse(href).ok()?;
        let key = UrlKey::of(&url).to_string();
        self.pages.contains(&key).then(|| self.by_key.get(&key).map(|&at| place(&self.found[at].target)))?
    }
}

/// HTML by what the server says, or by its bytes where it says nothing that helps.
fn is_html(answer: &Answer) -> bool {
    let kind = answer.headers.get("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "text/html" | "application/xhtml+xml" => !answer.body.trim_ascii().is_empty(),
        "" | "text/plain" | "application/octet-stream" => {
            let start = &answer.body[..answer.body.len().min(1024)];
            let start = String::from_utf8_lossy(start).trim_start().to_ascii_lowercase();
            start.starts_with("<!doctype html") || start.starts_with("<html")
        }
        _ => false,
    }
}

/// The keys of the pages that are shown inside this one.
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

/// A body without the framing of HTTP/1.1; None when it has none, whatever the header says.
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
