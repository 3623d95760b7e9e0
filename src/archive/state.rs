//! What a writer knows about the archive that it writes.

use super::disk::Disk;
use super::images::ImageStore;
use super::index::{Index, MemoryIndex};
use super::pending::Pending;

/// The disk, the index and the changes that are not in a manifest yet.
#[derive(Debug)]
pub(super) struct State {
    /// The disk that holds the archive.
    pub disk: Disk,
    /// The index of its articles and images.
    pub index: Box<dyn Index>,
    /// Folders whose record cannot be read.
    pub unreadable: Vec<String>,
    /// Folders of articles whose removal was interrupted.
    pub half_removed: Vec<String>,
    /// The stored images.
    pub images: ImageStore,
    /// The changes that no manifest lists yet.
    pub pending: Pending,
    /// What recovery completed, set aside or left, one sentence each.
    pub notes: Vec<String>,
    /// Where edited versions of articles were kept since this was last asked, one sentence each.
    pub edited: Vec<String>,
}

impl State {
    pub fn new(disk: Disk, index: Option<Box<dyn Index>>) -> Self {
        Self {
            disk,
            index: index.unwrap_or_else(|| Box::new(MemoryIndex::default())),
            unreadable: Vec::new(),
            half_removed: Vec::new(),
            images: ImageStore::default(),
            pending: Pending::default(),
            notes: Vec::new(),
            edited: Vec::new(),
        }
    }

    /// Adds a note about the archive as it was found.
    pub fn note(&mut self, text: String) {
        self.notes.push(text);
    }
}
