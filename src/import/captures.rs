//! WARC and ARC files of any program, alone, together or in a WACZ: the HTML that servers sent, with the images from the same
//! files. <https://specs.webrecorder.net/wacz/1.1.1/>

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::SeekFrom;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use super::capture_body::{Form, Response, framed};
use super::capture_index::{Capture, Index, Key, State, States, key};
use super::container::{Container, Storage};
use super::error::ImportError;
use super::input::{Compression, IMAGE_CAP, Input, PAGE_CAP};
use super::item::{Item, ItemContent, Report, Sink};
use super::resources::Resources;
use crate::model::{Headers, ImageRef, Loss, LossKind, Origin, RawPage, UrlKey, safe_name, slug};
use crate::warc::{self, Fault, Recovery, StoredRecord, WarcError};

/// The maximum number of bytes that are read of a list of pages.
const PAGES_CAP: u64 = 256 << 20;

/// The maximum size of the headers of a record, in bytes.
const HEADERS_CAP: u64 = 1 << 20;

/// The maximum number of unresolved revisits that are named.
const MAX_NAMED: usize = 100;

/// Reads a WARC or ARC file alone.
pub fn warc(input: &Input, sink: Sink<'_>) -> Result<Report, ImportError> {
    Arc::new(WebArchives::of(vec![input.clone()], &PageList::default())).read(0, sink)
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
    let lists = ["pages/pages.jsonl", "pages/extraPages.jsonl"];
    let listed = PageList::of(lists.iter().filter_map(|path| container.take(path, PAGES_CAP).ok()));
    let archives = files.collect::<Result<Vec<_>, _>>().map(|files| Arc::new(WebArchives::of(files, &listed)));
    Some(archives.and_then(|archives| read_all(&archives, &listed, sink)))
}

fn read_all(archives: &Arc<WebArchives>, listed: &PageList, sink: Sink<'_>) -> Result<Report, ImportError> {
    let mut report = Report::default();
    let mut flow = ControlFlow::Continue(());
    for (_, url) in listed.pages.iter().filter(|(key, _)| !archives.pages.contains_key(*key)).collect::<BTreeSet<_>>() {
        report.lose(&Loss::new(LossKind::ListedAndNotCaptured, url.clone()));
    }
    for file in 0..archives.files.len() {
        let one = archives.read(file, &mut |item| {
            flow = sink(item);
            flow
        })?;
        report.add(one);
        if flow.is_break() {
            break;
        }
    }
    Ok(report)
}

/// The pages that a WACZ lists.
#[derive(Default)]
struct PageList {
    /// The URL of each, by its key.
    pages: HashMap<Key, String>,
}

impl PageList {
    fn of(lists: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut listed = Self::default();
        for list in lists {
            for line in String::from_utf8_lossy(&list).lines() {
                let Ok(page) = serde_json::from_str::<serde_json::Value>(line) else { continue };
                if let Some(url) = page["url"].as_str().and_then(|url| Url::parse(url).ok()) {
                    listed.pages.insert(key(&UrlKey::of(&url)), url.into());
                }
            }
        }
        listed
    }
}

/// A file, and what reading its records gave.
struct CaptureFile {
    /// The file, or a copy from any part of which reading can start.
    input: Input,
    /// Why it cannot be read.
    error: Option<String>,
}

/// WARC and ARC files that are read together: a URL has one state in all of them, the newest, and a revisit in one file can
/// refer to a capture in another.
pub struct WebArchives {
    files: Vec<CaptureFile>,
    reports: Vec<Report>,
    states: HashMap<Key, State>,
    /// The files and names of the pages.
    pages: HashMap<Key, (usize, PathBuf)>,
    /// The pages of each file, in the order of their records.
    order: Vec<Vec<Key>>,
}

impl WebArchives {
    /// Reads all records of files. What is wrong with a file is reported when its pages are read.
    pub fn index(files: Vec<Input>) -> Arc<Self> {
        Arc::new(Self::of(files, &PageList::default()))
    }

    fn of(inputs: Vec<Input>, listed: &PageList) -> Self {
        let (mut files, mut reports, mut index) = (Vec::new(), Vec::new(), Index::default());
        for input in inputs {
            let mut report = Report::default();
            let length = index.len();
            let opened = index_file(&input, files.len(), &mut index, &mut report);
            if opened.is_err() {
                index.truncate(length);
            }
            files.push(match opened {
                Ok(input) => CaptureFile { input, error: None },
                Err(error) => CaptureFile { input, error: Some(error.to_string()) },
            });
            reports.push(report);
        }
        let States { all: states, unresolved } = index.states(&mut reports);
        let (pages, order) = (HashMap::new(), vec![Vec::new(); files.len()]);
        let mut archives = Self { files, reports, states, pages, order };
        archives.find_pages(listed);
        archives.name_unresolved(&unresolved);
        archives
    }

    /// Returns the number of a file by its path.
    pub fn position(&self, path: &Path) -> Option<usize> {
        self.files.iter().position(|file| file.input.path() == Some(path))
    }

    /// Finds the states that are pages: HTML that is not in a frame of another page.
    fn find_pages(&mut self, listed: &PageList) {
        let mut candidates: Vec<(Key, State)> = self.states.iter().map(|(key, state)| (*key, *state)).collect();
        candidates.retain(|(_, state)| state.body.form != Form::Other);
        candidates.sort_unstable_by_key(|(_, state)| (state.record.file, state.record.offset));
        let (mut framed_pages, mut html) = (HashSet::new(), Vec::new());
        for (key, state) in candidates {
            let report = &mut self.reports[state.record.file];
            match load(&self.files, &state, PAGE_CAP) {
                Ok((response, url)) if response.is_html() && response.status == 200 => {
                    framed_pages.extend(framed(&response.body, &url).iter().map(super::capture_index::key));
                    html.push((key, state, url));
                }
                Ok((response, _)) if response.is_html() => {
                    report.leave_out(&format!("HTML with status {}", response.status));
                }
                Ok(_) => {}
                Err(error) => report.lose(&Loss::new(LossKind::DamagedRecord, error)),
            }
        }
        for (key, state, url) in html {
            let file = state.record.file;
            if framed_pages.contains(&key) && !listed.pages.contains_key(&key) {
                self.reports[file].leave_out("frame of a page");
                continue;
            }
            self.pages.insert(key, (file, item_name(&url)));
            self.order[file].push(key);
        }
    }

    /// Reports the URLs of revisits whose captures are in none of the files.
    fn name_unresolved(&mut self, unresolved: &[Capture]) {
        let mut named = vec![0; self.files.len()];
        for revisit in unresolved {
            named[revisit.file] += 1;
            let target = match named[revisit.file] > MAX_NAMED {
                true => None,
                false => record(&self.files, revisit, PAGE_CAP).ok().and_then(|stored| stored.entry.target),
            };
            let url = target.unwrap_or_else(|| "others".to_owned());
            self.reports[revisit.file].lose(&Loss::new(LossKind::UnresolvedRevisit, url));
        }
    }

    /// Passes the pages whose newest state is in a file to `sink`, in the order of its records.
    ///
    /// # Errors
    /// The file cannot be read at all.
    pub fn read(self: &Arc<Self>, file: usize, sink: Sink<'_>) -> Result<Report, ImportError> {
        let CaptureFile { input, error } = &self.files[file];
        if let Some(cause) = error.clone() {
            input.open()?;
            return Err(ImportError::Damaged { name: input.name().to_owned(), cause });
        }
        let resources = Arc::new(FileResources { archives: Arc::clone(self), file });
        for (key, state) in self.order[file].iter().filter_map(|key| Some((key, self.states.get(key)?))) {
            let Some((_, name)) = self.pages.get(key) else { continue };
            let content = match load(&self.files, state, PAGE_CAP) {
                Ok(loaded) => ItemContent::Page(page(loaded, state, input.name())),
                Err(cause) => ItemContent::Broken(ImportError::Damaged { name: name.display().to_string(), cause }),
            };
            let resources = Arc::clone(&resources) as Arc<dyn Resources>;
            let item = Item { name: name.clone(), content, resources, losses: Vec::new() };
            if let ControlFlow::Break(()) = sink(item) {
                break;
            }
        }
        Ok(self.reports[file].clone())
    }
}

/// Returns the page of a state.
fn page((response, url): (Response, Url), state: &State, source: &str) -> RawPage {
    let date = state.record.date.or_else(|| response.date());
    let mut raw = RawPage::from_bytes(response.body, Some(url), Origin::Import(source.to_owned()), date);
    let wanted = ["content-type", "content-language", "referrer-policy", "last-modified"];
    let fields = response.headers.0.into_iter();
    let is_wanted = |name: &str| wanted.iter().any(|want| name.eq_ignore_ascii_case(want));
    raw.headers = Headers(fields.filter(|(name, _)| is_wanted(name)).collect());
    raw
}

/// Adds the records of a file to an index. Returns the file, or a copy of it from any part of which reading can start.
fn index_file(input: &Input, nth: usize, index: &mut Index, report: &mut Report) -> Result<Input, ImportError> {
    let length = index.len();
    let file = match input.compression()? {
        // With gzip each record is a member, from which reading can start; with zstd the file is decompressed first.
        Some(Compression::Zstd) => input.seekable()?,
        _ => input.clone(),
    };
    if add_records(&file, nth, index, report)? == Members::OneRecordEach {
        return Ok(file);
    }
    // Several records share a gzip member.
    index.truncate(length);
    *report = Report::default();
    let (copy, damage) = decompressed(&file)?;
    add_records(&copy, nth, index, report)?;
    if let (Some(damage), None) = (damage, &report.cut) {
        report.cut = Some(format!("{}: {damage}", input.name()));
    }
    Ok(copy)
}

/// Returns a decompressed copy of a gzip file whose members hold several records each, and the first damage in it.
///
/// # Errors
/// The file cannot be read, or the copy cannot be written or would be too large.
pub fn decompressed(file: &Input) -> Result<(Input, Option<WarcError>), ImportError> {
    let cap = file.copy_cap()?;
    file.written(|out| warc::decompress(file.open().map_err(std::io::Error::other)?, out, cap))
}

/// What the gzip members of a file hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Members {
    OneRecordEach,
    Several,
}

fn add_records(file: &Input, nth: usize, index: &mut Index, report: &mut Report) -> Result<Members, ImportError> {
    let (mut first, mut count) = (None, 0u64);
    for entry in Recovery::new(file.open()?) {
        match entry {
            Ok(entry) => index.add(nth, &entry, report),
            Err(error) if matches!(error.fault, Fault::Shared) => return Ok(Members::Several),
            Err(error) => {
                count += 1;
                let message = error.to_string();
                if count <= MAX_NAMED as u64 {
                    report.lose(&Loss::new(LossKind::DamagedRecord, message.clone()));
                } else {
                    report.lose(&Loss::new(LossKind::DamagedRecord, "others"));
                }
                first.get_or_insert(message);
            }
        }
    }
    let more = if count > 1 { format!(" (and {} other records)", count - 1) } else { String::new() };
    report.cut = first.map(|message| format!("{}: {message}{more}", file.name()));
    Ok(Members::OneRecordEach)
}

/// Returns a record with its block.
fn record(files: &[CaptureFile], at: &Capture, cap: u64) -> Result<StoredRecord, String> {
    let mut bytes = files[at.file].input.open().map_err(|error| error.to_string())?;
    bytes.seek(SeekFrom::Start(at.offset)).map_err(|error| error.to_string())?;
    warc::first(bytes, cap + HEADERS_CAP).map_err(|error| error.fault.to_string())
}

/// Returns the response of a state, and its URL: the body of a revisit may have been captured under another URL.
fn load(files: &[CaptureFile], state: &State, cap: u64) -> Result<(Response, Url), String> {
    let body = record(files, &state.body, cap)?;
    let url = if state.record == state.body { target(&body)? } else { target(&record(files, &state.record, cap)?)? };
    Ok((Response::of(body, cap)?, url))
}

fn target(stored: &StoredRecord) -> Result<Url, String> {
    let url = stored.entry.target.as_deref().unwrap_or_default();
    Url::parse(url).map_err(|error| format!("its URL is not valid: {error}"))
}

/// Returns the name of the item for a URL: a folder for its host, and a name from its path.
fn item_name(url: &Url) -> PathBuf {
    let host = safe_name(url.host_str().unwrap_or("local"));
    let path = percent_encoding::percent_decode_str(url.path().trim_matches('/')).decode_utf8_lossy().into_owned();
    let path = if path.is_empty() { "index".to_owned() } else { path };
    PathBuf::from(format!("{host}/{}", slug(&path, UrlKey::of(url).as_str())))
}

/// What lies around the pages of one file.
struct FileResources {
    archives: Arc<WebArchives>,
    file: usize,
}

impl Resources for FileResources {
    fn image(&self, image: &ImageRef) -> Option<Vec<u8>> {
        std::iter::once(&image.url).chain(&image.alternatives).find_map(|url| {
            let url = Url::parse(url).ok()?;
            let state = self.archives.states.get(&key(&UrlKey::of(&url)))?;
            let (response, _) = load(&self.archives.files, state, IMAGE_CAP).ok()?;
            (response.status == 200).then_some(response.body)
        })
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        let url = Url::parse(href).ok()?;
        let (file, name) = self.archives.pages.get(&key(&UrlKey::of(&url)))?;
        // The pages of other files lie elsewhere.
        (*file == self.file).then(|| name.clone())
    }
}
