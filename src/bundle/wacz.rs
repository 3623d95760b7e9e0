//! WACZ 1.1.1: captures with an index and a list of pages.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::archive::{Archive, Entry, Snapshot};
use crate::model::{Digest, Timestamp};
use crate::warc::{self, RecordId};

use super::cdx::Index;
use super::pack::Packer;
use super::plan::{Contents, Piece, Pieces, contents};
use super::{BundleError, Made, Making, Seal, text};

const VERSION: &str = "1.1.1";
const CDX: &str = "index.cdx.gz";

/// A page that can be replayed; fields in the order in which they are written.
#[derive(Serialize)]
struct Page {
    id: String,
    url: String,
    ts: Timestamp,
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
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

/// Packs the captures of the selected articles.
pub(super) fn write(
    archive: &Archive,
    path: &Path,
    making: &Making,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Made, BundleError> {
    let contents = contents(archive, &making.selection)?;
    let date = making.date.or(contents.newest()).unwrap_or_else(super::earliest);
    let mut skipped: Vec<(String, String)> =
        contents.left_out.iter().filter(|(path, _)| path.starts_with("captures/")).cloned().collect();
    let mut captured = contents.entries.len();
    for entry in
        contents.entries.iter().filter(|entry| entry.record.snapshots.iter().all(|text| text.capture.is_none()))
    {
        skipped.push((entry.folder.clone(), "it has no capture".to_owned()));
        captured -= 1;
    }
    let Contents { entries, pieces, .. } = contents;
    let mut files: Pieces = pieces
        .into_iter()
        .filter(|(path, _)| path.starts_with("captures/") && path.ends_with(".warc.gz"))
        .map(|(path, piece)| (format!("archive/{}", path.rsplit('/').next().unwrap_or_default()), piece))
        .collect();
    let (index, records) = index(&files)?;
    if index.is_empty() {
        return Err(BundleError::NoCaptures);
    }
    let io = |error| BundleError::io("write", path, error);
    let (cdx, list) = index.files(CDX).map_err(io)?;
    let pages = pages(archive, &entries, &records)?;
    files.insert(format!("indexes/{CDX}"), Piece::of_bytes(cdx));
    files.insert("indexes/index.idx".to_owned(), Piece::of_bytes(list));
    files
        .insert("pages/pages.jsonl".to_owned(), Piece::of_bytes(page_lines(&pages).map_err(|error| io(error.into()))?));
    let package = package(&entries, &pages, &files, date, &making.software).map_err(|error| io(error.into()))?;
    let seal = format!("{{\n  \"hash\": \"sha256:{}\",\n  \"path\": \"datapackage.json\"\n}}\n", Digest::of(&package))
        .into_bytes();
    files.insert("datapackage-digest.json".to_owned(), Piece::of_bytes(seal.clone()));
    files.insert("datapackage.json".to_owned(), Piece::of_bytes(package));
    let all: u64 = files.values().map(|piece| piece.length).sum();
    let mut done = 0;
    let mut count = |bytes| {
        done += bytes;
        progress(done, all);
    };
    let mut packer = Packer::create(path, date, false, &mut count)?;
    for (name, piece) in &files {
        packer.add(name, piece)?;
    }
    packer.finish()?;
    let seals = vec![Seal { path: path.to_owned(), bytes: seal }];
    Ok(Made { articles: captured, files: files.len(), bytes: all, seals, skipped })
}

/// Address and date of every record, by its id.
type Records = BTreeMap<RecordId, (String, Timestamp)>;

fn index(files: &Pieces) -> Result<(Index, Records), BundleError> {
    let (mut index, mut records) = (Index::default(), Records::new());
    for (path, piece) in files {
        let name = path.rsplit('/').next().unwrap_or_default();
        let source = piece.open().map_err(|error| BundleError::damaged(path, error.to_string()))?;
        for entry in warc::Reader::new(source) {
            let entry =
                entry.map_err(|source| BundleError::Capture { path: path.clone(), source: Box::new(source) })?;
            index.add(name, &entry);
            if let Some(target) = entry.target {
                records.insert(entry.id, (target, entry.date));
            }
        }
    }
    Ok((index, records))
}

/// A page for every text that has a capture, by address and date.
fn pages(archive: &Archive, entries: &[Entry], records: &Records) -> Result<Vec<Page>, BundleError> {
    let mut pages = Vec::new();
    for entry in entries {
        for snapshot in &entry.record.snapshots {
            let Some((url, date)) = snapshot.capture.as_ref().and_then(|capture| records.get(&capture.page)) else {
                continue;
            };
            let id = Digest::of(format!("{url}\n{date}").as_bytes()).hex()[..16].to_owned();
            let text = words(archive, entry, snapshot)?;
            pages.push(Page { id, url: url.clone(), ts: *date, title: entry.record.title.clone(), text });
        }
    }
    pages.sort_by(|a, b| (&a.url, a.ts).cmp(&(&b.url, b.ts)));
    pages.dedup_by(|a, b| a.id == b.id);
    Ok(pages)
}

fn words(archive: &Archive, entry: &Entry, snapshot: &Snapshot) -> Result<String, BundleError> {
    let path = format!("{}/{}", entry.folder, snapshot.file);
    let bytes = fs::read(archive.root().join(&path)).map_err(|error| BundleError::damaged(&path, error.to_string()))?;
    let body =
        usize::try_from(snapshot.front_matter_bytes).ok().and_then(|start| bytes.get(start..)).unwrap_or_default();
    let found = Digest::of(body);
    match found == snapshot.body_sha256 {
        true => Ok(text::plain(&String::from_utf8_lossy(body))),
        false => Err(BundleError::damaged(
            &path,
            format!("its body is {found}, and its record has {}", snapshot.body_sha256),
        )),
    }
}

fn page_lines(pages: &[Page]) -> serde_json::Result<Vec<u8>> {
    let mut lines =
        b"{\"format\": \"json-pages-1.0\", \"id\": \"pages\", \"title\": \"All Pages\", \"hasText\": true}\n".to_vec();
    for page in pages {
        serde_json::to_writer(&mut lines, page)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

fn package(
    entries: &[Entry],
    pages: &[Page],
    files: &Pieces,
    date: Timestamp,
    software: &str,
) -> serde_json::Result<Vec<u8>> {
    let resources = files.iter().enumerate().map(|(at, (path, piece))| Resource {
        bytes: piece.length,
        hash: format!("sha256:{}", piece.digest),
        // Never the file's name: readers take lower-case ASCII only, each once.
        name: format!("r{:04}", at + 1),
        path,
    });
    let (title, main) = match entries {
        [only] => (only.record.title.clone(), pages.last()),
        all => (format!("{} articles", all.len()), None),
    };
    let package = Package {
        created: date,
        description: format!("Captures of {} articles, {} pages", entries.len(), pages.len()),
        main_page_date: main.map(|page| page.ts),
        main_page_url: main.map(|page| page.url.as_str()),
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
