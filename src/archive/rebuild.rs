//! Archiving a text that was extracted again from a stored capture.

use crate::model::Timestamp;

use super::ArchiveError;
use super::captures::Captured;
use super::image_urls::image_key;
use super::keep::free_name;
use super::reader::Entry;
use super::record::{Reason, Record, RecordedImage, Snapshot};
use super::visit::{self, Kept, Visit};
use super::writer::Writer;

/// The field of a snapshot with the time at which its text was rebuilt from the capture of an earlier one.
const REBUILT: &str = "rebuilt";

impl Writer {
    /// Keeps as an article's newest text the one that the visit of the newest text brings when it is replayed `at` a
    /// later time; what was captured when, and the capture itself, are those of the text it follows. Durable when it
    /// returns.
    ///
    /// # Errors
    /// An article that is not there or changed meanwhile, and what the operating system refuses. The article is then as it
    /// was before.
    pub fn keep_rebuilt(&mut self, entry: &Entry, replayed: &Visit, at: Timestamp) -> Result<Kept, ArchiveError> {
        let has_changed = || ArchiveError::BadRecord {
            path: self.root().join(&entry.folder),
            cause: "the article was changed while its text was rebuilt; run the command again".to_owned(),
        };
        let key = entry.record.key().ok_or_else(has_changed)?;
        let found = self.find(&key)?.filter(|found| found.record == entry.record).ok_or_else(has_changed)?;
        let newest = found.record.newest().cloned().ok_or_else(has_changed)?;
        let file = free_name(&self.root().join(&entry.folder), Some(&found.record), newest.captured);
        let record = with_text(found.record.clone(), (replayed, at), &newest, file.clone());
        self.mark_unsealed()?;
        let record = self.put_text(&entry.folder, &file, &replayed.document.text(), Some(&found.record), record)?;
        self.register(&entry.folder, &record)?;
        Ok(self.kept(Some(Reason::Text), &entry.folder))
    }
}

fn with_text(mut record: Record, (replayed, at): (&Visit, Timestamp), newest: &Snapshot, file: String) -> Record {
    let made = visit::snapshot(replayed, Reason::Text, file, Captured::default());
    let mut other = newest.other.clone();
    other.insert(REBUILT.to_owned(), at.to_string().into());
    let image = |image: RecordedImage| {
        let known = newest.images.iter().find(|known| image_key(&known.url) == image_key(&image.url));
        known.cloned().unwrap_or(image)
    };
    let snapshot = Snapshot {
        captured: newest.captured,
        requested: newest.requested.clone(),
        answered: newest.answered.clone(),
        redirects: newest.redirects.clone(),
        status: newest.status,
        payload_sha256: newest.payload_sha256,
        origin: newest.origin.clone(),
        images: made.images.into_iter().map(image).collect(),
        capture: newest.capture.clone(),
        other,
        ..made
    };
    visit::push(&mut record, replayed, snapshot);
    record
}
