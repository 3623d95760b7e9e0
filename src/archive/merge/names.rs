//! Names for files that come in.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::layout::{OPEN, text_name};
use super::super::reader::list;
use super::super::record::{Record, Snapshot};

/// The names of the texts in a folder.
pub struct TextNames {
    taken: BTreeSet<String>,
}

impl TextNames {
    /// Returns the names that a folder and its record have.
    pub fn of(folder: &Path, before: Option<&Record>) -> Self {
        let recorded = before.into_iter().flat_map(|record| &record.snapshots).map(|snapshot| snapshot.file.clone());
        let there = list(folder).map(|(_, files)| files).unwrap_or_default();
        Self { taken: recorded.chain(there).collect() }
    }

    /// Returns an unused name for a text: its own, or the next one of that second.
    pub fn free(&mut self, snapshot: &Snapshot) -> String {
        let own = snapshot.file.clone();
        let others = (1..).map(|n| text_name(snapshot.captured, n));
        // The sequence of names is infinite in practice, so one is always free.
        let name = std::iter::once(own).chain(others).find(|name| !self.taken.contains(name)).unwrap_or_default();
        self.taken.insert(name.clone());
        name
    }
}

/// Returns an unused path for a capture or a run: its own, or one with the next number.
pub fn free_path(root: &Path, path: &str) -> String {
    let exists = |path: &String| root.join(path).exists() || root.join(format!("{path}{OPEN}")).exists();
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    let instant = stem.split('-').next().unwrap_or(stem);
    let numbered = (2u64..).map(|n| format!("{folder}/{instant}-{n}.{extension}"));
    let mut free = std::iter::once(path.to_owned()).chain(numbered).filter(|path| !exists(path));
    // As above.
    free.next().unwrap_or_default()
}
