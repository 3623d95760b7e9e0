//! Archiving visits: capture, text, `index.md` and record, in this order.

use std::collections::BTreeSet;
use std::path::Path;

use crate::model::{Digest, Outcome, Timestamp, Update, UrlKey, Warning};

use super::ArchiveError;
use super::acceptance::objection;
use super::captures::{Answer, Captured, Captures};
use super::disk::Phase;
use super::edited::keep_copy;
use super::identity::PageIdentity;
use super::images::digest_of;
use super::index::IndexEntry;
use super::known::Recorded;
use super::layout::{INDEX, RECORD, article_folder, check_path, index_path, slug_end, text_name};
use super::reader::Entry;
use super::record::{MAX_RECORD_BYTES, Reason, Record, Snapshot, read_bytes};
use super::recover::{list_article, restore_index};
use super::state::State;
use super::visit::{self, Absent, Kept, NotModified, Step, Visit, VisitImage};
use super::writer::Writer;

impl Writer {
    /// Archives a visit. A new text is written if the page is new, its text differs from all texts of the article, or a
    /// missing image was recovered; otherwise only the counters and validators of its record are updated. A text that is
    /// worse than the newest is set aside. The visit is durable when this returns.
    ///
    /// # Errors
    /// The page's record cannot be read, none of the URLs has the page's key, or an operation of the operating system
    /// fails. The article is then unchanged.
    pub fn keep(&mut self, visit: Visit) -> Result<Kept, ArchiveError> {
        let before = self.find_own(&visit.key)?;
        let (step, set_aside) = self.step(&visit, before.as_ref())?;
        let is_new = step == Step::Add(Reason::New);
        let folder = match &before {
            Some(entry) => entry.folder.clone(),
            None => self.new_folder(&visit)?,
        };
        self.mark_unsealed()?;
        let before = before.map(|entry| entry.record);
        let kept = result(&step, before.as_ref(), set_aside.clone(), &folder);
        let unchanged = before.clone();
        self.roll_back_on_failure(&folder, unchanged.as_ref(), |writer| {
            let capture = writer.capture(&visit, before.as_ref(), &step)?;
            let record = match (step, before) {
                (Step::Count(at), Some(before)) => {
                    let record = match &set_aside {
                        Some(_) => visit::counted(&visit, before.clone(), at, capture),
                        None => visit::without_text(&visit, before.clone(), at, capture),
                    };
                    writer.put_record(&folder, &before, record)?
                }
                (step, before) => {
                    let reason = if let Step::Add(reason) = step { reason } else { Reason::New };
                    writer.write_text(&folder, &visit, before, (reason, set_aside), capture)?
                }
            };
            writer.register(&folder, &record)
        })?;
        self.new += usize::from(is_new);
        self.commit_if_due()?;
        Ok(Kept { notes: std::mem::take(&mut self.state.edited), ..kept })
    }

    /// Returns what a visit does, and why its text is set aside if it is.
    fn step(&self, visit: &Visit, before: Option<&Entry>) -> Result<(Step, Option<Warning>), ArchiveError> {
        let record = before.map(|entry| &entry.record);
        let step = visit::step(visit, record);
        let (Some(entry), Some(newest)) = (before, record.and_then(Record::newest)) else { return Ok((step, None)) };
        match step {
            Step::Count(at) if record.and_then(Record::newest_at) == Some(at) => return Ok((step, None)),
            Step::Count(at) if !entry.record.snapshots[at].is_accepted() => {
                let set_aside = entry.record.snapshots[at].set_aside.as_ref().and_then(Recorded::known).cloned();
                return Ok((step, set_aside));
            }
            _ => {}
        }
        let body = || {
            let text = read_bytes(&self.root.join(&entry.folder).join(&newest.file))?;
            let start = usize::try_from(newest.front_matter_bytes).unwrap_or_default();
            Ok(String::from_utf8_lossy(text.get(start..).unwrap_or_default()).into_owned())
        };
        let set_aside = objection(visit, newest, body)?;
        // A wall that is worded anew at each visit is stored once.
        let counted = || set_aside.as_ref().and_then(|why| visit::set_aside_before(&entry.record, why));
        let step = if matches!(step, Step::Add(_)) { counted().map_or(step, Step::Count) } else { step };
        Ok((step, set_aside))
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
                feed: &visit.feed,
                title: visit.title(),
                warnings: &visit.warnings,
                text_digest: &visit.text_digest,
                body: &|| visit.document.body.clone(),
            })?;
            // The record needs a URL with this key.
            let asked = visit.aliases.first().map(|asked| self.tracking.strip(asked));
            visit.aliases.extend(asked);
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

    /// Records that a visit of an archived page did not find an article: the server reported it as gone (404, 410), or
    /// something else stood in its place. Nothing is deleted. Returns the article's folder; `None` if the page is not in the
    /// archive.
    ///
    /// # Errors
    /// As [`Writer::keep`].
    pub fn note_absence(
        &mut self,
        key: &UrlKey,
        found: impl Into<Absent>,
        at: Timestamp,
    ) -> Result<Option<String>, ArchiveError> {
        let Some(entry) = self.find(key)? else { return Ok(None) };
        self.mark_unsealed()?;
        self.write_record(&entry.folder, visit::absent(entry.record, found.into(), at))?;
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
        let is_deferred = self.state.disk.is_deferred(&self.root.join(folder).join(RECORD));
        let cleaned = match self.entry(folder.to_owned()) {
            // The record was written before the failure, or its write is deferred: it refers to what was appended.
            Ok(Some(entry)) if Some(&entry.record) != before => self.list_in_manifests(folder, &entry.record),
            // Whether the record was written is unknown, and the next run recovers it with what was appended.
            Err(error) if is_deferred => Err(error),
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
    fn capture(&mut self, visit: &Visit, before: Option<&Record>, step: &Step) -> Result<Captured, ArchiveError> {
        let is_captured = match self.mode {
            Captures::None => false,
            Captures::All => true,
            Captures::Changed | Captures::Pages => matches!(step, Step::Add(_)),
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
            Some(other) => Err(match self.entry(other.clone()) {
                Err(older @ ArchiveError::OlderRecord { .. }) => older,
                _ => ArchiveError::FolderOccupied { key: key.to_string(), path: self.root.join(other) },
            }),
            None => Ok(folder),
        }
    }

    /// Writes text, `index.md` and record; on failure the article is restored.
    fn write_text(
        &mut self,
        folder: &str,
        visit: &Visit,
        before: Option<Record>,
        (reason, set_aside): (Reason, Option<Warning>),
        capture: Captured,
    ) -> Result<Record, ArchiveError> {
        let path = self.root.join(folder);
        let file = free_name(&path, before.as_ref(), visit.captured);
        let mut snapshot = visit::snapshot(visit, reason, file.clone(), capture);
        snapshot.set_aside = set_aside.map(Recorded::Known);
        let record = match (before.clone(), &snapshot.set_aside) {
            (Some(record), Some(_)) => {
                let snapshots = [record.snapshots, vec![snapshot]].concat();
                Record { snapshots, ..record }
            }
            (before, _) => visit::with_text(visit, before, snapshot)?,
        };
        self.put_text(folder, &file, &visit.document.text(), before.as_ref(), record)
    }

    /// Writes a record that names no new text, and before it `index.md` if another text is the newest now; on failure
    /// `index.md` is restored.
    fn put_record(&mut self, folder: &str, before: &Record, record: Record) -> Result<Record, ArchiveError> {
        let path = self.root.join(folder);
        let file = |record: &Record| record.newest().map(|newest| (newest.file.clone(), newest.sha256));
        let Some((newest, digest)) = file(&record).filter(|newest| Some(newest) != file(before).as_ref()) else {
            return self.write_record(folder, record);
        };
        let text = read_bytes(&path.join(&newest))?;
        if Digest::of(&text) != digest {
            let cause = format!("{newest} beside it does not have the digest in it; run `bindery verify`");
            return Err(ArchiveError::BadRecord { path: path.join(RECORD), cause });
        }
        self.keep_edited(folder, &|digest| before.has_text(digest))?;
        let disk = self.state.disk.clone();
        let written = disk
            .write_in_phase(Phase::Index, &path.join(INDEX), &text)
            .and_then(|()| self.write_record(folder, record));
        if written.is_err() {
            disk.cancel(&path.join(INDEX));
            disk.note_cleanup(restore_index(&disk, &path, before));
        }
        written
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
        let is_newest = record.newest().is_some_and(|newest| newest.file == file);
        if is_newest {
            self.keep_edited(folder, &|digest| *digest == new || before.is_some_and(|before| before.has_text(digest)))?;
        }
        let disk = self.state.disk.clone();
        let written = disk
            .write_in_phase(Phase::Content, &path.join(file), text.as_bytes())
            .and_then(|()| match is_newest {
                true => disk.write_in_phase(Phase::Index, &path.join(INDEX), text.as_bytes()),
                false => Ok(()),
            })
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
        Kept { outcome, path: index_path(folder), folder: folder.to_owned(), set_aside: None, back_to: None, notes }
    }

    /// Returns whether the record on disk names a text: writing the record can fail after the rename.
    fn names(&self, folder: &str, file: &str) -> bool {
        let entry = self.entry(folder.to_owned()).ok().flatten();
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

/// Returns the result of a visit of an article whose record was `before`.
fn result(step: &Step, before: Option<&Record>, set_aside: Option<Warning>, folder: &str) -> Kept {
    let outcome = match step {
        _ if set_aside.is_some() => Outcome::Unchanged,
        Step::Add(Reason::New) => Outcome::New,
        Step::Add(Reason::Text) => Outcome::Updated(Update::Text),
        Step::Add(Reason::Images) => Outcome::Updated(Update::Images),
        Step::Count(_) => Outcome::Unchanged,
    };
    let back_to = match (step, before) {
        (Step::Count(at), Some(record)) if set_aside.is_none() && record.newest_at() != Some(*at) => {
            Some(record.snapshots[*at].captured)
        }
        _ => None,
    };
    Kept { outcome, path: index_path(folder), folder: folder.to_owned(), set_aside, back_to, notes: Vec::new() }
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
