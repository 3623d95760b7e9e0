//! Keeping visits: capture, text, `index.md`, record, in this order.

use std::collections::BTreeSet;
use std::path::Path;

use crate::model::{Digest, Outcome, Timestamp, Update, UrlKey};

use super::ArchiveError;
use super::captures::{Answer, Captured, Captures};
use super::disk::Step;
use super::images::digest_of;
use super::index::Entry as IndexEntry;
use super::layout::{INDEX, RECORD, article_folder, check_path, slug_end, text_name};
use super::reader::read_entry;
use super::record::{MAX_RECORD_BYTES, Reason, Record, Snapshot};
use super::recover::{list_article, restore_index};
use super::visit::{self, Kept, NotModified, Visit, VisitImage};
use super::writer::{State, Writer, index_of};

impl Writer {
    /// Keeps a visit: a new text when the page is new, its text differs, or a missing image was recovered; otherwise
    /// only the counters and validators of its record. Durable when it returns.
    ///
    /// # Errors
    /// A record of the page that cannot be read, a key that no URL has, and what the operating system refuses. The
    /// article is then as it was before.
    pub fn keep(&mut self, visit: Visit) -> Result<Kept, ArchiveError> {
        let before = self.find(&visit.key)?;
        let reason = visit::reason(&visit, before.as_ref().map(|entry| &entry.record));
        let folder = match &before {
            Some(entry) => entry.folder.clone(),
            None => self.new_folder(&visit)?,
        };
        self.unseal()?;
        let before = before.map(|entry| entry.record);
        let was = before.clone();
        self.undone_on_failure(&folder, was.as_ref(), |writer| {
            let capture = writer.capture(&visit, before.as_ref(), reason.is_some())?;
            let record = match (reason, before) {
                (None, Some(record)) => {
                    let record = visit::without_text(&visit, record, capture);
                    writer.write_record(&folder, record)?
                }
                (reason, before) => {
                    writer.write_text(&folder, &visit, before, reason.unwrap_or(Reason::New), capture)?
                }
            };
            writer.register(&folder, &record)
        })?;
        self.new += usize::from(reason == Some(Reason::New));
        self.commit_if_much_is_new()?;
        Ok(kept(reason, &folder))
    }

    /// Keeps a visit in which the server said that the page is as it was: counters and validators of its record. Durable
    /// when it returns.
    ///
    /// # Errors
    /// As [`Writer::keep`]; a page that was never kept has no URL.
    pub fn keep_unchanged(&mut self, visit: &NotModified) -> Result<Kept, ArchiveError> {
        let entry = self.find(&visit.key)?.ok_or_else(|| ArchiveError::NoUrl { key: visit.key.to_string() })?;
        self.unseal()?;
        let folder = entry.folder;
        self.undone_on_failure(&folder, Some(&entry.record), |writer| {
            let capture = writer.append_unchanged(&visit.answers, entry.record.newest())?;
            let record = visit::not_modified(visit, entry.record.clone(), capture);
            let record = writer.write_record(&folder, record)?;
            writer.register(&folder, &record)
        })?;
        Ok(kept(None, &folder))
    }

    /// Notes that a page that was kept is gone from its server (404, 410); nothing is deleted. The article's folder, or
    /// None when the page was never kept.
    ///
    /// # Errors
    /// As [`Writer::keep`].
    pub fn note_absence(&mut self, key: &UrlKey, status: u16, at: Timestamp) -> Result<Option<String>, ArchiveError> {
        let Some(entry) = self.find(key)? else { return Ok(None) };
        self.unseal()?;
        self.write_record(&entry.folder, visit::absent(entry.record, status, at))?;
        Ok(Some(entry.folder))
    }

    /// What was appended to the capture is taken back when the visit cannot be kept.
    fn undone_on_failure(
        &mut self,
        folder: &str,
        before: Option<&Record>,
        work: impl FnOnce(&mut Self) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        if self.captures.is_full() {
            self.seal_captures()?;
        }
        let begin = self.captures.begin();
        let Err(error) = work(self) else { return Ok(()) };
        let tidied = match read_entry(&self.root, folder.to_owned()) {
            // The record came to its place before the disk failed: it names what was appended.
            Ok(Some(entry)) if Some(&entry.record) != before => self.list(folder, &entry.record),
            _ => self.captures.take_back(&self.state.disk, begin),
        };
        self.state.disk.tidied(tidied);
        Err(error)
    }

    fn list(&mut self, folder: &str, record: &Record) -> Result<(), ArchiveError> {
        let digest = digest_of(&self.root.join(folder).join(RECORD))?;
        list_article(&mut self.state.pending, folder, record, digest)?;
        self.register(folder, record)
    }

    /// Appends what the servers sent, if this visit leaves it.
    fn capture(&mut self, visit: &Visit, before: Option<&Record>, is_news: bool) -> Result<Captured, ArchiveError> {
        let leaves = match self.mode {
            Captures::None => false,
            Captures::All => true,
            Captures::Changed | Captures::Pages => is_news,
        };
        let images = if self.mode == Captures::Pages { &[][..] } else { &visit.images };
        match leaves {
            true => self.append(&visit.answers, &visit.continuation_pages, images, before.and_then(Record::newest)),
            false => Ok(Captured::default()),
        }
    }

    /// Appends the redirects, the page and its images; nothing for a visit without answers.
    fn append(
        &mut self,
        answers: &[Answer],
        continuation_pages: &[Vec<Answer>],
        images: &[VisitImage],
        newest: Option<&Snapshot>,
    ) -> Result<Captured, ArchiveError> {
        let Some((page, hops)) = answers.split_last() else { return Ok(Captured::default()) };
        let State { disk, index, .. } = &self.state;
        let mut appending = self.captures.appending(disk, &self.root, index.as_ref());
        for (page, hops) in continuation_pages.iter().filter_map(|answers| answers.split_last()) {
            for hop in hops {
                appending.hop(hop)?;
            }
            appending.continuation_page(page)?;
        }
        for hop in hops {
            appending.hop(hop)?;
        }
        let page = appending.page(page, newest.and_then(Snapshot::page_payload))?;
        let mut written = Vec::new();
        for image in images {
            let Some((last, hops)) = image.answers.split_last().filter(|_| image.path.is_some()) else {
                written.push(None);
                continue;
            };
            for hop in hops {
                appending.hop(hop)?;
            }
            let stored = image.path.as_ref().map(|path| self.root.join(path));
            written.push(Some(appending.answer(last, stored.as_deref())?));
        }
        Ok(Captured { pointer: Some(appending.finish(page)?), images: written })
    }

    /// Appends an answer of 304, which only a capture of every visit holds.
    fn append_unchanged(&mut self, answers: &[Answer], newest: Option<&Snapshot>) -> Result<Captured, ArchiveError> {
        let is_known = newest.and_then(Snapshot::page_payload).is_some();
        match self.mode == Captures::All && is_known {
            true => self.append(answers, &[], &[], newest),
            false => Ok(Captured::default()),
        }
    }

    pub(super) fn register(&mut self, folder: &str, record: &Record) -> Result<(), ArchiveError> {
        self.state.index.put_article(folder, &IndexEntry::of(record))
    }

    fn new_folder(&self, visit: &Visit) -> Result<String, ArchiveError> {
        let published = visit.metadata.published.as_ref().map(|date| date.value);
        let folder = article_folder(&visit.key, visit.title(), published, visit.captured);
        check_path(&folder)?;
        let host = format!("articles/{}/", visit.key.host_folder());
        let end = slug_end(&visit.key);
        let hides = |other: &&String| other.starts_with(&host) && other.ends_with(&end);
        let taken = self.root.join(&folder).join(RECORD).exists().then_some(&folder);
        match taken.or_else(|| self.state.unreadable.iter().find(hides)) {
            Some(other) => Err(ArchiveError::InTheWay { key: visit.key.to_string(), path: self.root.join(other) }),
            None => Ok(folder),
        }
    }

    /// Text → `index.md` → record; on failure the article is put back as it was.
    fn write_text(
        &mut self,
        folder: &str,
        visit: &Visit,
        before: Option<Record>,
        reason: Reason,
        capture: Captured,
    ) -> Result<Record, ArchiveError> {
        let path = self.root.join(folder);
        let file = free_name(&path, before.as_ref(), visit.captured);
        let record = visit::with_text(visit, before.clone(), reason, file.clone(), capture)?;
        self.put_text(folder, &file, &visit.document.text(), before.as_ref(), record)
    }

    /// A text, `index.md` and the record that names it; on failure the article is put back as it was.
    pub(super) fn put_text(
        &mut self,
        folder: &str,
        file: &str,
        text: &str,
        before: Option<&Record>,
        record: Record,
    ) -> Result<Record, ArchiveError> {
        let path = self.root.join(folder);
        self.state.disk.create_folder(&path)?;
        let disk = self.state.disk.clone();
        let written = disk
            .write_in(Step::Content, &path.join(file), text.as_bytes())
            .and_then(|()| disk.write_in(Step::Index, &path.join(INDEX), text.as_bytes()))
            .and_then(|()| self.write_record(folder, record));
        if written.is_err() && !self.names(folder, file) {
            disk.forget(&path.join(INDEX));
            disk.tidied(match before {
                Some(before) => restore_index(&disk, &path, before),
                None => disk.remove(&path.join(INDEX)),
            });
            disk.tidied(disk.remove(&path.join(file)));
            disk.remove_empty_folder(&path);
        }
        written
    }

    /// Whether the record on disk names a text: its write may fail after the rename.
    fn names(&self, folder: &str, file: &str) -> bool {
        let entry = read_entry(&self.root, folder.to_owned()).ok().flatten();
        entry.is_some_and(|entry| entry.record.snapshots.iter().any(|snapshot| snapshot.file == file))
    }

    fn write_record(&mut self, folder: &str, record: Record) -> Result<Record, ArchiveError> {
        let path = self.root.join(folder).join(RECORD);
        let json = record
            .to_json()
            .map_err(|error| ArchiveError::BadRecord { path: path.clone(), cause: error.to_string() })?;
        if json.len() as u64 >= MAX_RECORD_BYTES {
            return Err(ArchiveError::RecordTooLarge { path, size: json.len(), limit: MAX_RECORD_BYTES });
        }
        self.state.disk.write_in(Step::Record, &path, json.as_bytes())?;
        list_article(&mut self.state.pending, folder, &record, Digest::of(json.as_bytes()))?;
        Ok(record)
    }
}

fn kept(reason: Option<Reason>, folder: &str) -> Kept {
    let outcome = match reason {
        Some(Reason::New) => Outcome::New,
        Some(Reason::Text) => Outcome::Updated(Update::Text),
        Some(Reason::Images) => Outcome::Updated(Update::Images),
        None => Outcome::Unchanged,
    };
    Kept { outcome, path: index_of(folder), folder: folder.to_owned() }
}

/// The name of a new text: by its second, with a number when that second has one already.
pub(super) fn free_name(folder: &Path, before: Option<&Record>, captured: Timestamp) -> String {
    let taken: BTreeSet<&str> =
        before.iter().flat_map(|record| &record.snapshots).map(|snapshot| snapshot.file.as_str()).collect();
    let mut n = 1;
    loop {
        let name = text_name(captured, n);
        if !taken.contains(name.as_str()) && !folder.join(&name).exists() {
            return name;
        }
        n += 1;
    }
}
