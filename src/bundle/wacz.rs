//! Writes WACZ 1.1.1: captures with an index and a list of pages.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use crate::archive::{Archive, Entry, Snapshot};
use crate::model::{Digest, Timestamp};
use crate::warc::{self, RecordId};

use super::cdx::IndexWriter;
use super::pack::{Checksums, Packer};
use super::piece::{Piece, Pieces};
use super::plan::{Contents, contents};
use super::spool::Spool;
use super::text::{counted, plain};
use super::{BundleError, BundleFormat, BundleOptions, BundleSummary, Notes, Rules, Tree};

const VERSION: &str = "1.1.1";
const CDX: &str = "index.cdx.gz";
const HEADING: &[u8] =
    b"{\"format\": \"json-pages-1.0\", \"id\": \"pages\", \"title\": \"All Pages\", \"hasText\": true}\n";

/// A line of `pages.jsonl`; fields in the order in which they are written.
#[derive(Serialize)]
struct Page<'a> {
    id: String,
    url: &'a str,
    ts: Timestamp,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
}

/// `datapackage.json`; fields in the order of their names.
#[derive(Serialize)]
struct Package<'a> {
    created: Timestamp,
    description: String,
    #[serde(rename = "mainPageDate", skip_serializing_if = "Option::is_none")]
    main_page_date: Option<Timestamp>,
    #[serde(rename = "mainPageUrl", skip_serializing_if = "Option::is_none")]
    main_page_url: Option<&'a str>,
    modified: Timestamp,
    profile: &'static str,
    resources: Vec<Resource<'a>>,
    software: &'a str,
    title: String,
    wacz_version: &'static str,
}

#[derive(Serialize)]
struct Resource<'a> {
    bytes: u64,
    hash: String,
    name: String,
    path: &'a str,
}

/// WACZ 1.1.1: captures that can be replayed.
#[derive(Debug, Clone, Copy)]
pub struct Wacz;

impl BundleFormat for Wacz {
    fn name(&self) -> &'static str {
        "wacz"
    }

    fn about(&self) -> &'static str {
        "The captures of the articles in WACZ 1.1.1, for replay"
    }

    fn write(
        &self,
        archive: &Archive,
        path: &Path,
        options: &BundleOptions,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<BundleSummary, BundleError> {
        let contents = contents(archive, &options.selection, Notes::LeftOut)?;
        let date = options.date.or(contents.newest).unwrap_or_else(super::default_date);
        let Contents { folders, pieces, left_out, .. } = contents;
        let mut skipped: Vec<(String, String)> =
            left_out.into_iter().filter(|(path, _)| path.starts_with("captures/")).collect();
        let texts = texts(archive, &folders, &mut skipped)?;
        let mut files: Pieces = pieces
            .into_iter()
            .filter(|(path, _)| path.starts_with("captures/") && path.ends_with(".warc.gz"))
            .map(|(path, piece)| (format!("archive/{}", path.rsplit('/').next().unwrap_or_default()), piece))
            .collect();
        let io = |error| BundleError::io("write", path, error);
        let mut index = IndexWriter::new(path);
        let records = index_captures(&files, &texts, &mut index, &options.stop, &io)?;
        let captured = texts.iter().map(|text| text.folder).collect::<BTreeSet<_>>().len();
        let pages = pages(&texts, &records);
        if index.is_empty() {
            return Err(BundleError::NoCaptures);
        }
        let (cdx, list) = index.files(CDX).map_err(io)?;
        files.insert(format!("indexes/{CDX}"), cdx);
        files.insert("indexes/index.idx".to_owned(), Piece::of_bytes(list));
        files.insert("pages/pages.jsonl".to_owned(), page_lines(archive, path, &pages)?);
        let package =
            package(folders.len(), &pages, &files, date, &options.software).map_err(|error| io(error.into()))?;
        let digest =
            format!("{{\n  \"hash\": \"sha256:{}\",\n  \"path\": \"datapackage.json\"\n}}\n", Digest::of(&package));
        files.insert("datapackage-digest.json".to_owned(), Piece::of_bytes(digest.into_bytes()));
        files.insert("datapackage.json".to_owned(), Piece::of_bytes(package));
        let all: u64 = files.values().map(|piece| piece.length).sum();
        let mut done = 0;
        let mut count = |bytes| {
            done += bytes;
            progress(done, all);
        };
        let mut packer = Packer::create(path, date, Checksums::Sha256, &options.stop, &mut count)?;
        for (name, piece) in &files {
            packer.add(name, piece)?;
        }
        packer.finish()?;
        let written = vec![path.to_owned()];
        let tex_formulas = Vec::new();
        Ok(BundleSummary { articles: captured, files: files.len(), bytes: all, written, skipped, tex_formulas })
    }

    fn is_in(&self, folder: &Tree) -> bool {
        let names = folder.names();
        let parts = ["datapackage.json", "archive", "indexes", "pages"];
        parts.iter().filter(|part| names.contains(**part)).count() >= 2
    }

    fn rules(&self) -> Rules {
        Rules::Wacz
    }
}

/// A text that has a capture.
struct TextCapture<'a> {
    folder: &'a str,
    title: String,
    file: String,
    front_matter_bytes: u64,
    body_sha256: Digest,
    /// The capture record of its page.
    page: RecordId,
}

/// Returns all texts with a capture, and adds articles without any to `skipped`.
fn texts<'a>(
    archive: &Archive,
    folders: &'a [String],
    skipped: &mut Vec<(String, String)>,
) -> Result<Vec<TextCapture<'a>>, BundleError> {
    let mut texts = Vec::new();
    for folder in folders {
        let Entry { record, .. } = archive.entry(folder)?;
        let before = texts.len();
        for snapshot in record.snapshots.into_iter().filter(Snapshot::is_accepted) {
            let Snapshot { file, front_matter_bytes, body_sha256, capture, .. } = snapshot;
            let Some(capture) = capture else { continue };
            let (title, page) = (record.title.clone(), capture.page);
            texts.push(TextCapture { folder, title, file, front_matter_bytes, body_sha256, page });
        }
        if texts.len() == before {
            skipped.push((folder.clone(), "it has no capture".to_owned()));
        }
    }
    Ok(texts)
}

/// URL and date of the capture records of pages, by their ids.
type PageRecords = BTreeMap<RecordId, (String, Timestamp)>;

/// Adds all records of the captures to the index, and returns those of the texts' pages.
fn index_captures(
    files: &Pieces,
    texts: &[TextCapture<'_>],
    index: &mut IndexWriter<'_>,
    stop: &AtomicBool,
    io: &dyn Fn(std::io::Error) -> BundleError,
) -> Result<PageRecords, BundleError> {
    let wanted: BTreeSet<&RecordId> = texts.iter().map(|text| &text.page).collect();
    let mut records = PageRecords::new();
    for (path, piece) in files {
        let name = path.rsplit('/').next().unwrap_or_default();
        let source = piece.open().map_err(|error| BundleError::damaged(path, error.to_string()))?;
        for entry in warc::Reader::new(source) {
            if stop.load(Ordering::Relaxed) {
                return Err(BundleError::Interrupted);
            }
            let entry =
                entry.map_err(|source| BundleError::Capture { path: path.clone(), source: Box::new(source) })?;
            index.add(name, &entry).map_err(io)?;
            if let Some(target) = entry.target.filter(|_| wanted.contains(&entry.id)) {
                records.insert(entry.id, (target, entry.date));
            }
        }
    }
    Ok(records)
}

/// A text whose capture is in the bundle.
struct ReplayPage<'a> {
    url: &'a str,
    ts: Timestamp,
    text: &'a TextCapture<'a>,
}

/// Returns the texts whose captures are in the bundle, sorted by URL and date.
fn pages<'a>(texts: &'a [TextCapture<'a>], records: &'a PageRecords) -> Vec<ReplayPage<'a>> {
    let page = |text: &'a TextCapture<'a>| {
        let (url, ts) = records.get(&text.page)?;
        Some(ReplayPage { url, ts: *ts, text })
    };
    let mut pages: Vec<_> = texts.iter().filter_map(page).collect();
    pages.sort_by_key(|page| (page.url, page.ts));
    pages.dedup_by_key(|page| (page.url, page.ts));
    pages
}

/// Returns the plain text of an article's text.
fn plain_text(archive: &Archive, text: &TextCapture<'_>) -> Result<String, BundleError> {
    let path = format!("{}/{}", text.folder, text.file);
    let bytes = fs::read(archive.root().join(&path)).map_err(|error| BundleError::damaged(&path, error.to_string()))?;
    let body = usize::try_from(text.front_matter_bytes).ok().and_then(|start| bytes.get(start..)).unwrap_or_default();
    let found = Digest::of(body);
    match found == text.body_sha256 {
        true => Ok(plain(&String::from_utf8_lossy(body))),
        false => {
            let cause = format!("the digest of its body is {found}, and its record has {}", text.body_sha256);
            Err(BundleError::damaged(&path, cause))
        }
    }
}

fn page_lines(archive: &Archive, target: &Path, pages: &[ReplayPage<'_>]) -> Result<Piece, BundleError> {
    let io = |error| BundleError::io("write", target, error);
    let mut lines = Spool::new(target).map_err(io)?;
    lines.write_all(HEADING).map_err(io)?;
    for ReplayPage { url, ts, text } in pages {
        let id = Digest::of(format!("{url}\n{ts}").as_bytes()).hex()[..16].to_owned();
        let page = Page { id, url, ts: *ts, title: &text.title, text: plain_text(archive, text)? };
        let mut line = serde_json::to_vec(&page).map_err(|error| io(error.into()))?;
        line.push(b'\n');
        lines.write_all(&line).map_err(io)?;
    }
    lines.finish().map_err(io)
}

fn package(
    articles: usize,
    pages: &[ReplayPage<'_>],
    files: &Pieces,
    date: Timestamp,
    software: &str,
) -> serde_json::Result<Vec<u8>> {
    let resources = files.iter().enumerate().map(|(at, (path, piece))| Resource {
        bytes: piece.length,
        hash: format!("sha256:{}", piece.digest),
        // Not the file's name, because names must be unique and lower-case ASCII.
        name: format!("r{:04}", at + 1),
        path,
    });
    let (title, main) = match (articles, pages.last()) {
        (1, Some(page)) => (page.text.title.clone(), Some(page)),
        _ => (counted(articles, "article"), None),
    };
    let package = Package {
        created: date,
        description: format!("Captures of {}, {}", counted(articles, "article"), counted(pages.len(), "page")),
        main_page_date: main.map(|page| page.ts),
        main_page_url: main.map(|page| page.url),
        modified: date,
        profile: "data-package",
        resources: resources.collect(),
        software,
        title,
        wacz_version: VERSION,
    };
    let mut bytes = serde_json::to_vec_pretty(&package)?;
    bytes.push(b'\n');
    Ok(bytes)
}
