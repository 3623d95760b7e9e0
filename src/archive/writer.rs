//! Writing an archive: one writer at a time.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::model::{Digest, Image, Outcome, PageDate, Timestamp, Update, UrlKey};

use super::ArchiveError;
use super::layout::{
    INDEX, LOCK, MARKER, MARKER_TEXT, PRIVATE, RECORD, article_folder, check_path, is_temp_name, slug_end, text_name,
};
use super::reader::{Entry, check_marker, read_entry};
use super::record::{MAX_RECORD_BYTES, Reason, Record};
use super::recover::{State, list_article, register, restore_index, run};
use super::store::{self, Lock, Locking};
use super::visit::{self, Kept, Visit};

/// Manifests are written when more new articles than this have come since they were, or a tenth of the archive.
const COMMIT_AFTER: usize = 1000;

/// An archive that is written. Nothing is certified before [`Writer::commit`]; what [`Writer::keep`] returned is durable.
#[derive(Debug)]
pub struct Writer {
    root: PathBuf,
    state: State,
    committed: usize,
    _lock: Lock,
}

impl Writer {
    /// Opens the archive in a folder, and creates it when the folder is missing or empty. `holder` is what another
    /// process is told while this one writes: `bindery 0.1.0, process 123`.
    ///
    /// What a killed run left is completed or set aside before this returns; [`Writer::notes`] says what.
    ///
    /// # Errors
    /// A folder that holds other things, a newer format, a damaged marker, an archive that another process writes to,
    /// and what the operating system refuses.
    pub fn open(root: &Path, holder: &str) -> Result<Self, ArchiveError> {
        let create = match check_marker(root) {
            Ok(()) => false,
            Err(ArchiveError::Missing { .. }) => true,
            Err(ArchiveError::NotAnArchive { .. }) if is_blank(root)? => true,
            Err(error) => return Err(error),
        };
        store::create_folder(&root.join(PRIVATE))?;
        let lock = match store::lock(&root.join(LOCK), holder)? {
            Locking::Ours(lock) => lock,
            Locking::Held(holder) => {
                let holder = holder.unwrap_or_else(|| "another process".to_owned());
                return Err(ArchiveError::Locked { path: root.to_owned(), holder });
            }
        };
        if create {
            store::write(&root.join(MARKER), MARKER_TEXT.as_bytes())?;
        }
        let mut state = run(root)?;
        state.pending.commit(root)?;
        let committed = state.folders.len();
        Ok(Self { root: root.to_owned(), state, committed, _lock: lock })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What was found when the archive was opened: completed, set aside, or left because it is damage. One sentence each;
    /// empty when all was in order.
    pub fn notes(&self) -> &[String] {
        &self.state.notes
    }

    /// What is known about the page with this key or an alias of this key; None when it was never kept.
    ///
    /// # Errors
    /// A record that cannot be read.
    pub fn find(&self, key: &UrlKey) -> Result<Option<Entry>, ArchiveError> {
        match self.folder_of(key) {
            Some(folder) => read_entry(&self.root, folder.to_owned()),
            None => Ok(None),
        }
    }

    /// The folder below the archive of the page with this key: the one it has, or else the one it would get.
    pub fn place(&self, key: &UrlKey, title: &str, published: Option<PageDate>, captured: Timestamp) -> String {
        match self.folder_of(key) {
            Some(folder) => folder.to_owned(),
            None => article_folder(key, title, published, captured),
        }
    }

    /// Stores an image unless it is there and whole, and returns its path below the archive. The first name of a digest
    /// stays.
    ///
    /// # Errors
    /// Bytes of another digest, and what the operating system refuses.
    pub fn store_image(&mut self, image: &Image) -> Result<String, ArchiveError> {
        let stored = self.state.shelf.store(&self.root, image)?;
        if stored.written {
            self.state.pending.file(&stored.path, image.digest)?;
        }
        Ok(stored.path)
    }

    /// Keeps a visit: a new text when the page is new, its text differs, or a missing image was recovered; otherwise
    /// only the counters and validators of its record. Durable when it returns.
    ///
    /// # Errors
    /// A record of the page that cannot be read, a key that no address has, and what the operating system refuses. The
    /// article is then as it was before.
    pub fn keep(&mut self, visit: Visit) -> Result<Kept, ArchiveError> {
        let before = self.find(&visit.key)?;
        let reason = visit::reason(&visit, before.as_ref().map(|entry| &entry.record));
        let folder = match &before {
            Some(entry) => entry.folder.clone(),
            None => self.new_folder(&visit)?,
        };
        let before = before.map(|entry| entry.record);
        let record = match (reason, before) {
            (None, Some(record)) => {
                let record = visit::without_text(&visit, record);
                self.write_record(&folder, record)?
            }
            (reason, before) => self.write_text(&folder, &visit, before, reason.unwrap_or(Reason::New))?,
        };
        register(&mut self.state, &folder, &record);
        if self.state.folders.len() - self.committed > COMMIT_AFTER.max(self.committed / 10) {
            self.commit()?;
        }
        let outcome = match reason {
            Some(Reason::New) => Outcome::New,
            Some(Reason::Text) => Outcome::Updated(Update::Text),
            Some(Reason::Images) => Outcome::Updated(Update::Images),
            None => Outcome::Unchanged,
        };
        Ok(Kept { outcome, path: format!("{folder}/{INDEX}"), folder })
    }

    /// Writes the manifests of the folders that changed, then the root's. A commit without changes writes nothing.
    ///
    /// # Errors
    /// What the operating system refuses; the commit can be tried again.
    pub fn commit(&mut self) -> Result<(), ArchiveError> {
        self.state.pending.commit(&self.root)?;
        self.committed = self.state.folders.len();
        Ok(())
    }

    fn folder_of(&self, key: &UrlKey) -> Option<&str> {
        self.state.folders.get(key).or_else(|| self.state.aliases.get(key)).map(String::as_str)
    }

    fn new_folder(&self, visit: &Visit) -> Result<String, ArchiveError> {
        let folder = article_folder(&visit.key, &visit.title, visit.published, visit.captured);
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
    ) -> Result<Record, ArchiveError> {
        let path = self.root.join(folder);
        let file = free_name(&path, before.as_ref(), visit.captured);
        let record = visit::with_text(visit, before.clone(), reason, file.clone())?;
        store::create_folder(&path)?;
        let text = visit.document.text();
        let written = store::write(&path.join(&file), text.as_bytes())
            .and_then(|()| store::write(&path.join(INDEX), text.as_bytes()))
            .and_then(|()| self.write_record(folder, record));
        if written.is_err() && !self.names(folder, &file) {
            // The error that matters is the first; what cannot be put back now is put back by the next run.
            let _ = match &before {
                Some(before) => restore_index(&path, before),
                None => store::remove(&path.join(INDEX)),
            };
            let _ = store::remove(&path.join(&file));
            store::remove_empty_folder(&path);
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
        store::write(&path, json.as_bytes())?;
        list_article(&mut self.state.pending, folder, &record, Digest::of(json.as_bytes()))?;
        Ok(record)
    }
}

/// The name of a new text: by its second, with a number when that second has one already.
fn free_name(folder: &Path, before: Option<&Record>, captured: Timestamp) -> String {
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

/// Whether a folder holds nothing but what a bindery leaves that was killed while it made an archive there.
fn is_blank(root: &Path) -> Result<bool, ArchiveError> {
    let fail = |error| ArchiveError::io("list", root, error);
    for entry in fs::read_dir(root).map_err(fail)? {
        let name = entry.map_err(fail)?.file_name();
        if name != PRIVATE && !name.to_str().is_some_and(is_temp_name) {
            return Ok(false);
        }
    }
    Ok(true)
}
