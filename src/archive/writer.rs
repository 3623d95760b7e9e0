//! Writing an archive: one writer at a time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::model::{Digest, Image, Timestamp, UrlKey};

use super::ArchiveError;
use super::captures::{CaptureLog, Captures};
use super::disk::{Disk, Taken, Watch};
use super::images::Shelf;
use super::index::Index;
use super::layout::{INDEX, LOCK, MARKER, MARKER_TEXT, PRIVATE, RECORD, RUNS, UNSEALED, is_temp_name};
use super::lock::{Lock, Locking, lock};
use super::log::Log;
use super::pending::Pending;
use super::reader::{Entry, check_marker, read_entry};
use super::recover;

/// Manifests are written when more new articles than this have come since they were, or a tenth of the archive.
const COMMIT_AFTER: usize = 1000;

/// What a writer is told when it opens an archive.
#[derive(Debug, Clone)]
pub struct Opening {
    /// What another process is told while this one writes: `bindery 0.1.0, process 123`.
    pub holder: String,
    /// Name and version of the program: `bindery 0.1.0`.
    pub software: String,
    /// The instant of the run: its captures and events are named by it.
    pub started: Timestamp,
    /// Which visits leave what servers sent.
    pub captures: Captures,
    /// Names of request header fields whose values must not reach the disk, besides those of cookies and authorisation.
    pub secret: Vec<String>,
    /// Makes the index anew from the files.
    pub reindex: bool,
    /// Is told of every change on disk; None for nobody.
    pub watch: Option<Watch>,
    /// A WARC file that is longer is sealed and another begun, in bytes; None for 1 GB.
    pub roll_at: Option<u64>,
}

impl Opening {
    /// A run of a program at an instant.
    pub fn new(holder: &str, software: &str, started: Timestamp) -> Self {
        Self {
            holder: holder.to_owned(),
            software: software.to_owned(),
            started,
            captures: Captures::default(),
            secret: Vec::new(),
            reindex: false,
            watch: None,
            roll_at: None,
        }
    }
}

/// An archive that is written. Nothing is certified before [`Writer::commit`]; what [`Writer::keep`] returned is durable.
#[derive(Debug)]
pub struct Writer {
    pub(super) root: PathBuf,
    pub(super) state: State,
    pub(super) captures: CaptureLog,
    pub(super) mode: Captures,
    pub(super) software: String,
    started: Timestamp,
    events: Option<Log>,
    /// Articles that the manifests list; None while nobody had to count them, which takes the longer the more there are.
    committed: Option<usize>,
    /// Articles that came since.
    pub(super) new: usize,
    /// Whether the file that tells of an unsealed run is there.
    unsealed: bool,
    _lock: Lock,
}

/// What is known about an archive that is written.
#[derive(Debug)]
pub(super) struct State {
    /// The disk it lies on.
    pub disk: Disk,
    /// Where its articles and images are.
    pub index: Box<dyn Index>,
    /// Folders whose record cannot be read.
    pub unreadable: Vec<String>,
    /// Folders of articles whose removal was cut off.
    pub half_removed: Vec<String>,
    /// The images.
    pub shelf: Shelf,
    /// What the manifests do not list yet.
    pub pending: Pending,
    /// What was completed, set aside or left, one sentence each.
    pub notes: Vec<String>,
}

impl Writer {
    /// Opens the archive in a folder, and creates it when the folder is missing or empty.
    ///
    /// What a killed run left is completed or set aside before this returns; [`Writer::notes`] says what.
    ///
    /// # Errors
    /// A folder that holds other things, a newer format, a damaged marker, an archive that another process writes to,
    /// and what the operating system refuses.
    pub fn open(root: &Path, opening: Opening) -> Result<Self, ArchiveError> {
        let create = match check_marker(root) {
            Ok(()) => false,
            Err(ArchiveError::Missing { .. }) => true,
            Err(ArchiveError::NotAnArchive { .. }) if is_blank(root)? => true,
            Err(error) => return Err(error),
        };
        let disk = Disk::new(opening.watch);
        disk.create_folder(&root.join(PRIVATE))?;
        let lock = match lock(&root.join(LOCK), &opening.holder)? {
            Locking::Ours(lock) => lock,
            Locking::Held(holder) => {
                let holder = holder.unwrap_or_else(|| "another process".to_owned());
                return Err(ArchiveError::Locked { path: root.to_owned(), holder });
            }
        };
        let known = if opening.reindex || create { None } else { recover::known(root)? };
        let is_sound = known.is_some();
        let mut writer = Self {
            root: root.to_owned(),
            state: State::new(disk, known),
            captures: CaptureLog::new(opening.started, &opening.software, &opening.secret, opening.roll_at),
            mode: opening.captures,
            software: opening.software,
            started: opening.started,
            events: None,
            committed: None,
            new: 0,
            unsealed: false,
            _lock: lock,
        };
        if !is_sound {
            writer.bring_in_order(create)?;
        }
        Ok(writer)
    }

    /// Looks through all of the archive.
    fn bring_in_order(&mut self, create: bool) -> Result<(), ArchiveError> {
        let since = recover::unsealed_since(&self.root)?;
        self.unseal()?;
        if create {
            self.state.disk.write(&self.root.join(MARKER), MARKER_TEXT.as_bytes())?;
        }
        self.state.index = recover::empty_index(&self.root, &mut self.state.notes);
        recover::run(&self.root, &mut self.state, since)?;
        for folder in std::mem::take(&mut self.state.half_removed) {
            self.finish_removal(&folder)?;
        }
        self.commit()
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

    /// How many articles the archive has.
    ///
    /// # Errors
    /// An index that cannot be read.
    pub fn articles(&self) -> Result<usize, ArchiveError> {
        self.state.index.articles()
    }

    /// What is known about the page with this key or an alias of this key; None when it was never kept.
    ///
    /// # Errors
    /// A record that cannot be read.
    pub fn find(&self, key: &UrlKey) -> Result<Option<Entry>, ArchiveError> {
        match self.state.index.folder(key)? {
            Some(folder) => self.entry(folder),
            None => Ok(None),
        }
    }

    /// The article in a folder, as it was kept last.
    pub(super) fn entry(&self, folder: String) -> Result<Option<Entry>, ArchiveError> {
        if self.state.disk.waits(&self.root.join(&folder).join(RECORD)) {
            self.state.disk.settle()?;
        }
        read_entry(&self.root, folder)
    }

    /// From now on what [`Writer::keep`] returns is durable only when [`Writer::settle`] returned after it: pages that are
    /// kept together share their flushes.
    pub fn hold(&mut self) {
        self.state.disk.hold();
    }

    /// Makes durable what was kept before. Others may keep meanwhile: the writer is locked only for a moment.
    ///
    /// # Errors
    /// What the operating system refuses. What is on the disk then is seen to by the next run; this writer changes nothing
    /// any more.
    pub fn settle(writer: &Mutex<Self>) -> Result<(), ArchiveError> {
        // A writer that panicked left plain files, which its next run makes whole.
        let lock = || writer.lock().unwrap_or_else(PoisonError::into_inner);
        let disk = lock().state.disk.clone();
        let taken = {
            // Between two visits: of each, all waits or nothing.
            let _between = lock();
            disk.take()
        };
        taken.map_or(Ok(()), Taken::place)
    }

    /// Stores an image unless it is there and whole, and returns its path below the archive. The first name of a digest
    /// stays.
    ///
    /// # Errors
    /// Bytes of another digest, and what the operating system refuses.
    pub fn store_image(&mut self, image: &Image) -> Result<String, ArchiveError> {
        self.unseal()?;
        let State { disk, index, shelf, pending, .. } = &mut self.state;
        let stored = shelf.store(disk, index.as_mut(), &self.root, image)?;
        if stored.written {
            pending.file(&stored.path, image.digest)?;
        }
        stored.flushed.map(|()| stored.path)
    }

    /// Writes an event of the run, one JSON object, at the end of the run's events.
    ///
    /// # Errors
    /// What the operating system refuses.
    pub fn tell(&mut self, event: &serde_json::Value) -> Result<(), ArchiveError> {
        self.unseal()?;
        let log = match self.events.take() {
            Some(log) => log,
            None => {
                let folder = format!("{RUNS}/{}", &self.started.compact()[..4]);
                Log::create(&self.state.disk, &self.root, &folder, self.started, "jsonl")?
            }
        };
        let log = self.events.insert(log);
        let mark = log.mark();
        let told = log.append(&self.state.disk, format!("{event}\n").as_bytes());
        if told.is_err() {
            self.state.disk.tidied(log.cut_back(&self.state.disk, mark));
        }
        told
    }

    /// Seals the run's captures and events, writes the manifests of the folders that changed, then the root's. A commit
    /// without changes writes nothing.
    ///
    /// # Errors
    /// What the operating system refuses; the commit can be tried again.
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
        // What could not be taken away, and an index that could not be kept, is seen to by the next run.
        if self.unsealed {
            self.state.disk.tidied(self.state.index.seal(&stamp));
        }
        if self.unsealed && !self.state.disk.is_untidy() {
            self.state.disk.remove(&self.root.join(UNSEALED))?;
            self.unsealed = false;
        }
        Ok(())
    }

    pub(super) fn commit_if_much_is_new(&mut self) -> Result<(), ArchiveError> {
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

    pub(super) fn seal_captures(&mut self) -> Result<(), ArchiveError> {
        self.state.disk.settle()?;
        if let Some((path, digest)) = self.captures.seal(&self.state.disk, &self.root)? {
            self.state.pending.file(&path, digest)?;
        }
        Ok(())
    }

    /// Leaves word that a run changes things, until it has sealed them: whoever finds that word looks through the files.
    pub(super) fn unseal(&mut self) -> Result<(), ArchiveError> {
        let path = self.root.join(UNSEALED);
        // What an earlier run left tells since when files may be unlisted.
        if !self.unsealed && !path.exists() {
            self.state.disk.write(&path, b"")?;
        }
        self.unsealed = true;
        Ok(())
    }
}

impl State {
    fn new(disk: Disk, index: Option<Box<dyn Index>>) -> Self {
        Self {
            disk,
            index: index.unwrap_or_else(|| Box::new(super::index::MemoryIndex::default())),
            unreadable: Vec::new(),
            half_removed: Vec::new(),
            shelf: Shelf::default(),
            pending: Pending::default(),
            notes: Vec::new(),
        }
    }

    /// Notes what a person should know of the archive as it was found.
    pub fn note(&mut self, text: String) {
        self.notes.push(text);
    }
}

/// Where an article's newest text lies below the archive.
pub(super) fn index_of(folder: &str) -> String {
    format!("{folder}/{INDEX}")
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

/// The digest of the root manifest as it stands; None when there is none.
pub(super) fn root_digest(root: &Path) -> Result<Option<Digest>, ArchiveError> {
    Ok(super::manifest::bytes(root)?.map(|bytes| Digest::of(&bytes)))
}
