//! Writing an archive: one writer at a time.

use std::fs;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

use crate::model::{Image, Timestamp, Tracking, UrlKey};

use super::ArchiveError;
use super::captures::{CaptureLog, Captures};
use super::disk::{Batch, Disk, Watch};
use super::layout::{LOCK, MARKER, MARKER_TEXT, PRIVATE, RECORD, RUNS, UNSEALED, is_temp_name};
use super::lock::{Lock, LockAttempt, lock};
use super::log::Log;
use super::reader::{Entry, check_marker, read_entry};
use super::recover;
use super::state::State;

/// The manifests are written when the number of new articles exceeds this number and a tenth of the archive.
const COMMIT_AFTER: usize = 1000;

/// The options of a [`Writer`].
#[derive(Debug, Clone)]
pub struct WriterOptions {
    /// The description of this process that other processes see while it writes: `bindery 0.1.0, process 123`.
    pub holder: String,
    /// Name and version of the program: `bindery 0.1.0`.
    pub software: String,
    /// The start of the run, which names its captures and events.
    pub started: Timestamp,
    /// When the responses of servers are captured.
    pub captures: Captures,
    /// The names of further request header fields to redact, besides cookies and authorisation.
    pub secret: Vec<String>,
    /// Query parameters that select no page, besides those of the URL key.
    pub tracking: Tracking,
    /// Whether to rebuild the index from the files.
    pub reindex: bool,
    /// A callback before every change on disk; `None` for none.
    pub watch: Option<Watch>,
    /// The size at which a WARC file is sealed and the next one started, in bytes; `None` for 1 GB.
    pub roll_at: Option<u64>,
}

impl WriterOptions {
    /// Creates the options for a run of a program, with defaults for all others.
    pub fn new(holder: &str, software: &str, started: Timestamp) -> Self {
        Self {
            holder: holder.to_owned(),
            software: software.to_owned(),
            started,
            captures: Captures::default(),
            secret: Vec::new(),
            tracking: Tracking::default(),
            reindex: false,
            watch: None,
            roll_at: None,
        }
    }
}

/// Writes an archive. What [`Writer::keep`] returned is durable; the manifests list it after [`Writer::commit`].
#[derive(Debug)]
pub struct Writer {
    pub(super) root: PathBuf,
    pub(super) state: State,
    pub(super) captures: CaptureLog,
    pub(super) mode: Captures,
    pub(super) software: String,
    pub(super) tracking: Tracking,
    started: Timestamp,
    events: Option<Log>,
    /// The number of articles that the manifests list; `None` until it is needed, because counting takes longer the
    /// more there are.
    committed: Option<usize>,
    /// The number of new articles since the last commit.
    pub(super) new: usize,
    /// Whether `.bindery/unsealed` exists.
    unsealed: bool,
    _lock: Lock,
}

/// Whether the archive's folder has a marker file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    Present,
    /// The archive is new.
    Missing,
}

impl Writer {
    /// Opens the archive in a folder, and creates it if the folder is missing or empty.
    ///
    /// What a killed run left is completed or set aside before this returns; [`Writer::notes`] describes it.
    ///
    /// # Errors
    /// The folder contains something else, the format is newer, the marker is damaged, another process is writing to
    /// the archive, or an operation of the operating system fails.
    pub fn open(root: &Path, options: WriterOptions) -> Result<Self, ArchiveError> {
        let create = match check_marker(root) {
            Ok(()) => false,
            Err(ArchiveError::Missing { .. }) => true,
            Err(ArchiveError::NotAnArchive { .. }) if is_blank(root)? => true,
            Err(error) => return Err(error),
        };
        let disk = Disk::new(options.watch);
        disk.create_folder(&root.join(PRIVATE))?;
        let lock = match lock(&root.join(LOCK), &options.holder)? {
            LockAttempt::Acquired(lock) => lock,
            LockAttempt::Held(holder) => {
                let holder = holder.unwrap_or_else(|| "another process".to_owned());
                return Err(ArchiveError::Locked { path: root.to_owned(), holder });
            }
        };
        let index = if options.reindex || create { None } else { recover::current_index(root)? };
        let needs_recovery = index.is_none();
        let mut writer = Self {
            root: root.to_owned(),
            state: State::new(disk, index),
            captures: CaptureLog::new(options.started, &options.software, &options.secret, options.roll_at),
            mode: options.captures,
            software: options.software,
            tracking: options.tracking,
            started: options.started,
            events: None,
            committed: None,
            new: 0,
            unsealed: false,
            _lock: lock,
        };
        if needs_recovery {
            writer.recover(if create { Marker::Missing } else { Marker::Present })?;
        }
        Ok(writer)
    }

    /// Checks all files of the archive and recovers what an earlier run left unfinished. Writes the marker of a new archive.
    fn recover(&mut self, marker: Marker) -> Result<(), ArchiveError> {
        let since = recover::unsealed_since(&self.root)?;
        self.mark_unsealed()?;
        if marker == Marker::Missing {
            self.state.disk.write(&self.root.join(MARKER), MARKER_TEXT.as_bytes())?;
        }
        self.state.index = recover::empty_index(&self.root, &mut self.state.notes);
        recover::run(&self.root, &mut self.state, since)?;
        for folder in std::mem::take(&mut self.state.half_removed) {
            self.finish_removal(&folder)?;
        }
        self.commit()
    }

    /// Returns the archive's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the query parameters that select no page, besides those of the URL key.
    pub fn tracking(&self) -> &Tracking {
        &self.tracking
    }

    /// Returns what was completed, set aside or left as damage when the archive was opened, one sentence each; empty if
    /// there was nothing to recover.
    pub fn notes(&self) -> &[String] {
        &self.state.notes
    }

    /// Returns the number of articles in the archive.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn articles(&self) -> Result<usize, ArchiveError> {
        self.state.index.articles()
    }

    /// Returns the article with this key, or with an alias of this key; `None` if there is none.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn find(&self, key: &UrlKey) -> Result<Option<Entry>, ArchiveError> {
        match self.state.index.folder(key)? {
            Some(folder) => self.entry(folder),
            None => Ok(None),
        }
    }

    /// Returns whether the archive has an article with this key, or with an alias of this key.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn contains(&self, key: &UrlKey) -> Result<bool, ArchiveError> {
        Ok(self.state.index.folder(key)?.is_some())
    }

    /// Returns the article with this own key; `None` if there is none, even if the key is an alias of another article.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn find_own(&self, key: &UrlKey) -> Result<Option<Entry>, ArchiveError> {
        Ok(self.find(key)?.filter(|entry| entry.record.key().as_ref() == Some(key)))
    }

    /// Returns the article in a folder, including deferred writes.
    pub(super) fn entry(&self, folder: String) -> Result<Option<Entry>, ArchiveError> {
        if self.state.disk.is_deferred(&self.root.join(&folder).join(RECORD)) {
            self.state.disk.commit_deferred()?;
        }
        read_entry(&self.root, folder)
    }

    /// Defers all following writes, so that pages share their flushes. What [`Writer::keep`] returns is then durable
    /// only after a later [`Writer::commit_deferred`].
    pub fn defer_writes(&mut self) {
        self.state.disk.defer_writes();
    }

    /// Makes all deferred writes durable. The writer is locked only briefly, so other threads can use it meanwhile.
    ///
    /// # Errors
    /// An operation of the operating system fails. The writer then refuses all further changes, and the next run
    /// recovers the archive.
    pub fn commit_deferred(writer: &Mutex<Self>) -> Result<(), ArchiveError> {
        let disk = writer.lock().state.disk.clone();
        let batch = {
            // The lock ensures that the batch contains no visit in part.
            let _guard = writer.lock();
            disk.take_batch()
        };
        batch.map_or(Ok(()), Batch::commit)
    }

    /// Stores an image unless the archive has it undamaged, and returns its path below the archive. A digest keeps its
    /// first file name.
    ///
    /// # Errors
    /// The bytes have another digest, or an operation of the operating system fails.
    pub fn store_image(&mut self, image: &Image) -> Result<String, ArchiveError> {
        self.put_image(image).map(|(path, _)| path)
    }

    /// Stores an image like [`Writer::store_image`]; also returns whether it was written.
    pub(super) fn put_image(&mut self, image: &Image) -> Result<(String, bool), ArchiveError> {
        self.mark_unsealed()?;
        let State { disk, index, images, pending, .. } = &mut self.state;
        let stored = images.store(disk, index.as_mut(), &self.root, image)?;
        if stored.written {
            pending.file(&stored.path, image.digest)?;
        }
        stored.flushed.map(|()| (stored.path, stored.written))
    }

    /// Appends an event, one JSON object, to the run's events.
    ///
    /// # Errors
    /// An operation of the operating system fails.
    pub fn write_event(&mut self, event: &serde_json::Value) -> Result<(), ArchiveError> {
        self.mark_unsealed()?;
        let log = match self.events.take() {
            Some(log) => log,
            None => {
                let folder = format!("{RUNS}/{}", &self.started.compact()[..4]);
                Log::create(&self.state.disk, &self.root, &folder, self.started, "jsonl")?
            }
        };
        let log = self.events.insert(log);
        let position = log.position();
        let written = log.append(&self.state.disk, format!("{event}\n").as_bytes());
        if written.is_err() {
            self.state.disk.note_cleanup(log.truncate(&self.state.disk, position));
        }
        written
    }

    /// Seals the run's captures and events, and writes the manifests of the folders that changed, then the root
    /// manifest. A commit without changes writes nothing.
    ///
    /// # Errors
    /// An operation of the operating system fails; the commit can be repeated.
    pub fn commit(&mut self) -> Result<(), ArchiveError> {
        self.seal_captures()?;
        if let Some(log) = &self.events {
            let (path, digest) = log.seal(&self.state.disk, &self.root)?;
            self.events = None;
            self.state.pending.file(&path, digest)?;
        }
        let stamp = self.state.pending.commit(&self.state.disk, &self.root)?;
        let new = std::mem::take(&mut self.new);
        self.committed = self.committed.map(|committed| committed + new);
        // If the index cannot be sealed or a clean-up failed, the mark stays, and the next run recovers the archive.
        if self.unsealed {
            self.state.disk.note_cleanup(self.state.index.seal(&stamp));
        }
        if self.unsealed && !self.state.disk.has_failed_cleanup() {
            self.state.disk.remove(&self.root.join(UNSEALED))?;
            self.unsealed = false;
        }
        Ok(())
    }

    /// Commits if enough articles are new.
    pub(super) fn commit_if_due(&mut self) -> Result<(), ArchiveError> {
        if self.new <= COMMIT_AFTER {
            return Ok(());
        }
        let committed = match self.committed {
            Some(committed) => committed,
            None => self.state.index.articles()?.saturating_sub(self.new),
        };
        self.committed = Some(committed);
        if self.new > committed / 10 { self.commit() } else { Ok(()) }
    }

    /// Seals the run's WARC file.
    pub(super) fn seal_captures(&mut self) -> Result<(), ArchiveError> {
        self.state.disk.commit_deferred()?;
        if let Some((path, digest)) = self.captures.seal(&self.state.disk, &self.root)? {
            self.state.pending.file(&path, digest)?;
        }
        Ok(())
    }

    /// Creates `.bindery/unsealed` before a run's first change. Until it is removed at a commit, opening the archive
    /// checks all files.
    pub(super) fn mark_unsealed(&mut self) -> Result<(), ArchiveError> {
        let path = self.root.join(UNSEALED);
        // The time of an existing mark shows since when files may be missing from the manifests.
        if !self.unsealed && !path.exists() {
            self.state.disk.write(&path, b"")?;
        }
        self.unsealed = true;
        Ok(())
    }
}

/// Returns whether a folder contains nothing, or only what a killed run leaves while it creates an archive.
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
