//! Archiving visits: capture, text, `index.md` and record, in this order.

use std::collections::BTreeSet;
use std::path::Path;

use crate::model::{Digest, Outcome, Timestamp, Update, UrlKey};

use super::ArchiveError;
use super::captures::{Answer, Captured, Captures};
use super::disk::Phase;
use super::edited::keep_copy;
use super::identity::PageIdentity;
use super::images::digest_of;
use super::index::IndexEntry;
use super::layout::{INDEX, RECORD, article_folder, check_path, index_path, slug_end, text_name};
use super::reader::read_entry;
use super::record::{MAX_RECORD_BYTES, Reason, Record, Snapshot};
use super::recover::{list_article, restore_index};
use super::state::State;
use super::visit::{self, Kept, NotModified, Visit, VisitImage};
use super::writer::Writer;

impl Writer {
    /// Archives a visit. A new text is written if the page is new, its text differs, or a missing image was recovered;
    /// otherwise only the counters and validators of its record are updated. The visit is durable when this returns.
    ///
    /// # Errors
    /// The page's record cannot be read, none of the URLs has the page's key, or an operation of the operating system
    /// fails. The article is then unchanged.
    pub fn keep(&mut self, visit: Visit) -> Result<Kept, ArchiveError> {
        let before = self.find_own(&visit.key)?;
        let reason = visit::reason(&visit, before.as_ref().map(|entry| &entry.record));
        let folder = match &before {
            Some(entry) => entry.folder.clone(),
            None => self.new_folder(&visit)?,
        };
        self.mark_unsealed()?;
        let before = before.map(|entry| entry.record);
        let unchanged = before.clone();
        self.roll_back_on_failure(&folder, unchanged.as_ref(), |writer| {
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
        self.commit_if_due()?;
        Ok(self.kept(reason, &folder))
    }

    /// Archives a visit of a page under the key that its URLs and its text have at this moment: another visit may have
    /// brought the same article since its key was determined.
    ///
    /// # Errors
    /// As [`Writer::keep`].
    pub fn keep_identified(&mut self, mut visit: Visit) -> Result<Kept, ArchiveError> {
        if let Some(answered) = visit.answered.clone() {
            visit.key = self.article_key(&PageIdentity {
                answered: &answered,
                redirected_from: &visit.aliases,
                canonical: visit.metadata.canonical.as_ref().map(|found| &found.value),
                title: visit.title(),
                warnings: &visit.warnings,
                text_digest: &visit.text_digest,
                body: &|| visit.document.body.clone(),
            })?;
            // The record needs a URL with this key.
            visit.aliases.push(self.tracking.strip(&answered));
        }
        self.keep(visit)
    }

    /// Archives a visit with status 304: updates the counters and validators of the record. The visit is durable when
    /// this returns.
    ///
    /// # Errors
    /// As [`Writer::keep`]; [`ArchiveError::NoUrl`] if the page is not in the archive.
    pub fn keep_unchanged(&mut self, visit: &NotModified) -> Result<Kept, ArchiveError> {
        let entry = self.find(&visit.key)?.ok_or_else(|| ArchiveError::NoUrl { key: visit.key.to_string() })?;
        self.mark_unsealed()?;
        let folder = entry.folder;
        self.roll_back_on_failure(&folder, Some(&entry.record), |writer| {
            let capture = writer.append_unchanged(&visit.answers, entry.record.newest())?;
            let record = visit::not_modified(visit, entry.record.clone(), capture);
            let record = writer.write_record(&folder, record)?;
            writer.register(&folder, &record)
        })?;
        Ok(self.kept(None, &folder))
    }

    /// Records that the server reported an archived page as gone (404, 410); nothing is deleted. Returns the article's
    /// folder; `None` if the page is not in the archive.
    ///
    /// # Errors
    /// As [`Writer::keep`].
    pub fn note_absence(&mut self, key: &UrlKey, status: u16, at: Timestamp) -> Result<Option<String>, ArchiveError> {
        let Some(entry) = self.find(key)? else { return Ok(None) };
        self.mark_unsealed()?;
        self.write_record(&entry.folder, visit::absent(entry.record, status, at))?;
        Ok(Some(entry.folder))
    }

    /// Runs `work`, and removes what it appended to the capture if the visit cannot be archived.
    fn roll_back_on_failure(
        &mut self,
        folder: &str,
        before: Option<&Record>,
        work: impl FnOnce(&mut Self) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        if self.captures.is_full() {
            self.seal_captures()?;
        }
        let start = self.captures.begin();
        let Err(error) = work(self) else { return Ok(()) };
        let cleaned = match read_entry(&self.root, folder.to_owned()) {
            // The record was written before the failure, so it refers to what was appended.
            Ok(Some(entry)) if Some(&entry.record) != before => self.list_in_manifests(folder, &entry.record),
            _ => self.captures.roll_back(&self.state.disk, start),
        };
        self.state.disk.note_cleanup(cleaned);
        Err(error)
    }

    fn list_in_manifests(&mut self, folder: &str, record: &Record) -> Result<(), ArchiveError> {
        let digest = digest_of(&self.root.join(folder).join(RECORD))?;
        list_article(&mut self.state.pending, folder, record, digest)?;
        self.register(folder, record)
    }

    /// Appends the visit's responses to the capture, if the capture mode includes this visit.
    fn capture(&mut self, visit: &Visit, before: Option<&Record>, is_new: bool) -> Result<Captured, ArchiveError> {
        let is_captured = match self.mode {
            Captures::None => false,
            Captures::All => true,
            Captures::Changed | Captures::Pages => is_new,
        };
        let images = if self.mode == Captures::Pages { &[][..] } else { &visit.images };
        match is_captured {
            true => self.append(&visit.answers, &visit.continuation_pages, images, before.and_then(Record::newest)),
            false => Ok(Captured::default()),
        }
    }

    /// Appends the redirects, the page and its images; nothing for a visit without responses.
    fn append(
        &mut self,
        answers: &[Answer],
        continuation_pages: &[Vec<Answer>],
        images: &[VisitImage],
        newest: Option<&Snapshot>,
    ) -> Result<Captured, ArchiveError> {
        let Some((page, hops)) = answers.split_last() else { return Ok(Captured::default()) };
        let State { disk, index, .. } = &self.state;
        let mut appender = self.captures.appender(disk, &self.root, index.as_ref());
        for (page, hops) in continuation_pages.iter().filter_map(|answers| answers.split_last()) {
            for hop in hops {
                appender.hop(hop)?;
            }
            appender.continuation_page(page)?;
        }
        for hop in hops {
            appender.hop(hop)?;
        }
        let page = appender.page(page, newest.and_then(Snapshot::page_payload))?;
        let mut written = Vec::new();
        for image in images {
            let Some((last, hops)) = image.answers.split_last().filter(|_| image.path.is_some()) else {
                written.push(None);
                continue;
            };
            for hop in hops {
                appender.hop(hop)?;
            }
            let stored = image.path.as_ref().map(|path| self.root.join(path));
            written.push(Some(appender.answer(last, stored.as_deref())?));
        }
        Ok(Captured { pointer: Some(appender.finish(page)?), images: written })
    }

    /// Appends a response with status 304, which is captured only if every visit is.
    fn append_unchanged(&mut self, answers: &[Answer], newest: Option<&Snapshot>) -> Result<Captured, ArchiveError> {
        let is_known = newest.and_then(Snapshot::page_payload).is_some();
        match self.mode == Captures::All && is_known {
            true => self.append(answers, &[], &[], newest),
            false => Ok(Captured::default()),
        }
    }

    /// Adds the article to the index.
    pub(super) fn register(&mut self, folder: &str, record: &Record) -> Result<(), ArchiveError> {
        self.state.index.put_article(folder, &IndexEntry::of(record))
    }

    fn new_folder(&self, visit: &Visit) -> Result<String, ArchiveError> {
        let published = visit.metadata.published.as_ref().map(|date| date.value);
        let folder = article_folder(&visit.key, visit.title(), published, visit.captured);
        check_path(&folder)?;
        self.unoccupied(&visit.key, folder)
    }

    /// Returns the folder of a new article if no other record is in its place.
    pub(super) fn unoccupied(&self, key: &UrlKey, folder: String) -> Result<String, ArchiveError> {
        let host = format!("articles/{}/", key.host_folder());
        let end = slug_end(key);
        let has_same_page = |other: &&String| other.starts_with(&host) && other.ends_with(&end);
        let occupied = self.root.join(&folder).join(RECORD).exists().then_some(&folder);
        match occupied.or_else(|| self.state.unreadable.iter().find(has_same_page)) {
            Some(other) => Err(ArchiveError::FolderOccupied { key: key.to_string(), path: self.root.join(other) }),
            None => Ok(folder),
        }
    }

    /// Writes text, `index.md` and record; on failure the article is restored.
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

    /// Writes a text, `index.md` and the record that names it; on failure the article is restored.
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
        let new = Digest::of(text.as_bytes());
        self.keep_edited(folder, &|digest| *digest == new || before.is_some_and(|before| before.has_text(digest)))?;
        let disk = self.state.disk.clone();
        let written = disk
            .write_in_phase(Phase::Content, &path.join(file), text.as_bytes())
            .and_then(|()| disk.write_in_phase(Phase::Index, &path.join(INDEX), text.as_bytes()))
            .and_then(|()| self.write_record(folder, record));
        if written.is_err() && !self.names(folder, file) {
            disk.cancel(&path.join(INDEX));
            disk.note_cleanup(match before {
                Some(before) => restore_index(&disk, &path, before),
                None => disk.remove(&path.join(INDEX)),
            });
            disk.note_cleanup(disk.remove(&path.join(file)));
            disk.remove_empty_folder(&path);
        }
        written
    }

    /// Keeps the version of an article that somebody edited, before its `index.md` is replaced or removed.
    pub(super) fn keep_edited(&mut self, folder: &str, is_text: &dyn Fn(&Digest) -> bool) -> Result<(), ArchiveError> {
        let kept = keep_copy(&self.state.disk, &self.root, &index_path(folder), is_text)?;
        self.state.edited.extend(kept);
        Ok(())
    }

    /// Returns the result of a visit.
    pub(super) fn kept(&mut self, reason: Option<Reason>, folder: &str) -> Kept {
        let outcome = match reason {
            Some(Reason::New) => Outcome::New,
            Some(Reason::Text) => Outcome::Updated(Update::Text),
            Some(Reason::Images) => Outcome::Updated(Update::Images),
            None => Outcome::Unchanged,
        };
        let notes = std::mem::take(&mut self.state.edited);
        Kept { outcome, path: index_path(folder), folder: folder.to_owned(), notes }
    }

    /// Returns whether the record on disk names a text: writing the record can fail after the rename.
    fn names(&self, folder: &str, file: &str) -> bool {
        let entry = read_entry(&self.root, folder.to_owned()).ok().flatten();
        entry.is_some_and(|entry| entry.record.snapshots.iter().any(|snapshot| snapshot.file == file))
    }

    pub(super) fn write_record(&mut self, folder: &str, record: Record) -> Result<Record, ArchiveError> {
        let path = self.root.join(folder).join(RECORD);
        let json = record
            .to_json()
            .map_err(|error| ArchiveError::BadRecord { path: path.clone(), cause: error.to_string() })?;
        if json.len() as u64 >= MAX_RECORD_BYTES {
            return Err(ArchiveError::RecordTooLarge { path, size: json.len(), limit: MAX_RECORD_BYTES });
        }
        self.state.disk.write_in_phase(Phase::Record, &path, json.as_bytes())?;
        list_article(&mut self.state.pending, folder, &record, Digest::of(json.as_bytes()))?;
        Ok(record)
    }
}

/// Returns an unused file name for a new text: the second of its capture, with a number if that name exists.
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
