//! What the index stores of an article: its record in a row, and the words of its texts.

use std::path::Path;

use crate::archive::ArchiveError;
use crate::archive::layout::INDEX;
use crate::archive::reader::read_entry;
use crate::archive::record::{Record, Snapshot};
use crate::archive::tokens::readable;
use crate::frontmatter;
use crate::model::Timestamp;

/// An article as a row of the index.
pub struct Row {
    pub title: String,
    pub url: String,
    pub site: String,
    pub host: String,
    pub published: Option<String>,
    /// The day of publication; without one that of the newest text's capture.
    pub day: String,
    pub captured: i64,
    pub texts: i64,
}

impl Row {
    pub fn of(record: &Record) -> Self {
        let captured = record.newest().map(|newest| newest.captured);
        let published = record.published.as_ref().map(ToString::to_string);
        let day = published.clone().or_else(|| captured.map(|at| at.to_string())).unwrap_or_default();
        let url = url::Url::parse(&record.url).ok();
        let host = url.as_ref().and_then(url::Url::host_str).unwrap_or_default();
        Self {
            title: record.title.clone(),
            url: record.url.clone(),
            site: record.site.clone().unwrap_or_default(),
            host: host.strip_prefix("www.").unwrap_or(host).to_owned(),
            published,
            day: day.chars().take(10).collect(),
            captured: captured.map_or(0, |at| at.as_second()),
            texts: i64::try_from(record.accepted().count()).unwrap_or(i64::MAX),
        }
    }
}

/// A text as it is searched.
pub struct Text {
    pub title: String,
    pub tags: Vec<String>,
    /// Its visible text.
    pub body: String,
}

/// Reads an article's newest text; `None` if it is missing or its record cannot be read, which `verify` reports.
pub fn newest(root: &Path, folder: &str) -> Result<Option<Text>, ArchiveError> {
    let Some(record) = record(root, folder) else { return Ok(None) };
    let start = record.newest().map_or(0, |newest| newest.front_matter_bytes);
    let text = read(&root.join(folder).join(INDEX), start)?;
    Ok(text.map(|text| Text { title: record.title, ..text }))
}

/// Reads the texts of an article that its newest one replaced, with their files and the times of their capture, newest
/// first.
pub fn earlier(root: &Path, folder: &str) -> Result<Vec<(String, Timestamp, Text)>, ArchiveError> {
    let Some(record) = record(root, folder) else { return Ok(Vec::new()) };
    let newest = record.newest().map(|newest| newest.file.as_str());
    let mut texts = Vec::new();
    for snapshot in record.snapshots.iter().rev().filter(|snapshot| Some(snapshot.file.as_str()) != newest) {
        if let Some(text) = of_snapshot(root, folder, snapshot)? {
            texts.push((snapshot.file.clone(), snapshot.captured, text));
        }
    }
    Ok(texts)
}

/// Reads one text of an article, by the name of its file.
pub fn one(root: &Path, folder: &str, file: &str) -> Result<Option<Text>, ArchiveError> {
    let Some(record) = record(root, folder) else { return Ok(None) };
    match record.snapshots.iter().find(|snapshot| snapshot.file == file) {
        Some(snapshot) => of_snapshot(root, folder, snapshot),
        None => Ok(None),
    }
}

fn of_snapshot(root: &Path, folder: &str, snapshot: &Snapshot) -> Result<Option<Text>, ArchiveError> {
    read(&root.join(folder).join(&snapshot.file), snapshot.front_matter_bytes)
}

fn record(root: &Path, folder: &str) -> Option<Record> {
    read_entry(root, folder.to_owned()).ok().flatten().map(|entry| entry.record)
}

/// Reads a text whose body begins at a byte; `None` if there is none.
fn read(path: &Path, start: u64) -> Result<Option<Text>, ArchiveError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ArchiveError::io("read", path, error)),
    };
    let (front, body) = bytes.split_at(usize::try_from(start).unwrap_or(usize::MAX).min(bytes.len()));
    let fields = frontmatter::read_fields(&String::from_utf8_lossy(front));
    let tags = fields.search_tags().collect();
    Ok(Some(Text { title: fields.title.unwrap_or_default(), tags, body: readable(&String::from_utf8_lossy(body)) }))
}
