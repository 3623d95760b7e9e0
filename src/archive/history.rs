//! The new texts of articles since a given time, of the whole archive or of one source.

mod atom;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde_json::Value;

use crate::model::Timestamp;

use super::ArchiveError;
use super::diff::{Hunk, diff};
use super::layout::RUNS;
use super::reader::{Archive, list};
use super::record::{Reason, Record, Snapshot};

pub use atom::atom;

/// The maximum length of a line of a run's events, in bytes.
const LINE_CAP: u64 = 16 << 20;

/// A new text of an article.
#[derive(Debug, Clone, PartialEq)]
pub struct TextChange {
    /// The article's folder below the archive.
    pub folder: String,
    /// The article's record.
    pub record: Record,
    /// The index of the text in the record's snapshots.
    pub number: usize,
}

impl TextChange {
    /// Returns when the text was captured.
    pub fn captured(&self) -> Timestamp {
        self.record.snapshots[self.number].captured
    }

    /// Returns why there is a new text.
    pub fn reason(&self) -> Reason {
        self.record.snapshots[self.number].reason
    }

    /// Returns the path of the text below the archive.
    pub fn path(&self) -> String {
        format!("{}/{}", self.folder, self.record.snapshots[self.number].file)
    }

    /// Returns the index of the accepted text before this one; `None` for the first.
    pub fn before(&self) -> Option<usize> {
        self.record.snapshots[..self.number].iter().rposition(Snapshot::is_accepted)
    }

    /// Returns the differences from the accepted text before it, with `context` unchanged lines around each; empty for the
    /// first text.
    ///
    /// # Errors
    /// A text cannot be read.
    pub fn difference(&self, archive: &Archive, context: usize) -> Result<Vec<Hunk>, ArchiveError> {
        let Some(before) = self.before() else { return Ok(Vec::new()) };
        let read = |number: usize| archive.version(&self.folder, &self.record.snapshots[number]);
        Ok(differences(&read(before)?, &read(self.number)?, context))
    }

    /// Returns a text without its front matter.
    fn body(&self, archive: &Archive, number: usize) -> Result<String, ArchiveError> {
        Ok(archive.version(&self.folder, &self.record.snapshots[number])?.body)
    }
}

/// A text in its two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its front matter, empty if it has none.
    pub front_matter: String,
    /// What stands after it.
    pub body: String,
}

/// The keys of front matter that differences show: title, authors and dates, in every profile.
const SHOWN: [&str; 9] =
    ["title", "author", "authors", "published", "modified", "date", "updated", "lastmod", "last_modified_at"];

/// Returns the differences of two texts: first those of title, authors and dates, then those of the body.
pub fn differences(old: &Version, new: &Version, context: usize) -> Vec<Hunk> {
    let mut hunks = diff(&shown_fields(&old.front_matter), &shown_fields(&new.front_matter), 0);
    hunks.extend(diff(&old.body, &new.body, context));
    hunks
}

/// Returns the lines of title, authors and dates of a front matter in YAML or TOML.
fn shown_fields(front_matter: &str) -> String {
    let mut is_shown = false;
    let mut lines = String::new();
    for line in front_matter.lines() {
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let key = line.split([':', '=']).next().unwrap_or_default().trim();
            is_shown = SHOWN.contains(&key);
        } else if !line.starts_with([' ', '-']) || line == "---" {
            is_shown = false;
        }
        if is_shown {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    lines
}

impl Archive {
    /// Reads the text of a snapshot of the article in a folder.
    ///
    /// # Errors
    /// The text cannot be read.
    pub fn version(&self, folder: &str, snapshot: &Snapshot) -> Result<Version, ArchiveError> {
        let path = self.root().join(folder).join(&snapshot.file);
        let bytes = std::fs::read(&path).map_err(|error| ArchiveError::io("read", &path, error))?;
        let start = usize::try_from(snapshot.front_matter_bytes).unwrap_or(usize::MAX).min(bytes.len());
        let (front_matter, body) = bytes.split_at(start);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Version { front_matter: text(front_matter), body: text(body) })
    }

    /// Returns the accepted texts captured at `since` or later, newest first. `None` for `since` means from the beginning. With
    /// `source`, only articles that a run of that source visited are included. Records that cannot be read are skipped;
    /// [`Archive::articles`] reports them.
    ///
    /// # Errors
    /// A folder cannot be listed, or events cannot be read.
    pub fn changes(&self, since: Option<Timestamp>, source: Option<&str>) -> Result<Vec<TextChange>, ArchiveError> {
        let of_source = source.map(|name| self.folders_of_source(name)).transpose()?;
        let mut changes = Vec::new();
        for entry in self.articles()?.into_iter().flatten() {
            if of_source.as_ref().is_some_and(|folders| !folders.contains(&entry.folder)) {
                continue;
            }
            let is_new = |number: &usize| since.is_none_or(|since| entry.record.snapshots[*number].captured >= since);
            let is_accepted = |number: &usize| entry.record.snapshots[*number].is_accepted();
            let numbers = (0..entry.record.snapshots.len()).rev().filter(is_new).filter(is_accepted);
            for number in numbers {
                changes.push(TextChange { folder: entry.folder.clone(), record: entry.record.clone(), number });
            }
        }
        changes.sort_by(|one, other| (other.captured(), &one.folder).cmp(&(one.captured(), &other.folder)));
        Ok(changes)
    }

    /// Returns the folders of the articles that the runs of a source visited, from the runs' events; empty for an unknown
    /// source.
    ///
    /// # Errors
    /// A folder cannot be listed, or events cannot be read.
    pub fn folders_of_source(&self, source: &str) -> Result<BTreeSet<String>, ArchiveError> {
        let mut folders = BTreeSet::new();
        for year in list(&self.root().join(RUNS))?.0 {
            let folder = self.root().join(RUNS).join(year);
            for name in list(&folder)?.1.into_iter().filter(|name| name.contains(".jsonl")) {
                read_run(&folder.join(name), source, &mut folders)?;
            }
        }
        Ok(folders)
    }
}

/// Adds the folders of articles that one file of events names.
fn read_run(path: &Path, source: &str, folders: &mut BTreeSet<String>) -> Result<(), ArchiveError> {
    let fail = |error| ArchiveError::io("read", path, error);
    let mut reader = BufReader::new(File::open(path).map_err(fail)?);
    let mut is_of_source = false;
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.by_ref().take(LINE_CAP).read_until(b'\n', &mut line).map_err(fail)? == 0 {
            return Ok(());
        }
        // A killed run may leave an incomplete line.
        let Ok(event) = serde_json::from_slice::<Value>(&line) else { continue };
        if event["event"] == "run" {
            is_of_source = event["source"] == source;
        }
        let folder = event["path"].as_str().and_then(|path| path.rsplit_once('/')).map(|(folder, _)| folder);
        folders.extend(folder.filter(|_| is_of_source).map(str::to_owned));
    }
}
