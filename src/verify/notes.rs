//! Collects the findings of an archive. At the end those that an active writer explains become pending.

use std::collections::BTreeSet;
use std::time::SystemTime;

use crate::model::{Digest, Finding, FindingKind};

/// The age of a file, compared with that of the manifest that should list it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// As old as the manifest, or newer: an active writer may have just written it.
    Young,
    /// Older than the manifest.
    Settled,
}

impl Age {
    /// Compares the times of a file and its manifest.
    pub fn of(file: SystemTime, manifest: SystemTime) -> Self {
        if file >= manifest { Self::Young } else { Self::Settled }
    }

    /// Returns the path of a young file, which is pending if a writer is active.
    pub fn pending<T>(self, path: T) -> Option<T> {
        (self == Self::Young).then_some(path)
    }
}

/// Whether a writer was active during the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WriterState {
    /// It was, so young files are pending.
    Active,
    /// None was.
    Absent,
}

/// A finding, and what may explain it.
#[derive(Clone)]
struct Note {
    finding: Finding,
    /// The path that is pending if a writer is active; None if that does not explain the finding.
    pending: Option<String>,
    /// The file or folder (ending in `/`) whose own damage would explain the finding; None if there is none.
    cause: Option<String>,
}

/// The findings in the order in which they were added.
#[derive(Clone, Default)]
pub(super) struct Notes {
    notes: Vec<Note>,
    paths: BTreeSet<String>,
    /// Whether an article was removed after the root manifest was written, which explains missing files.
    has_removal: bool,
}

impl Notes {
    /// Adds damage.
    pub fn add(&mut self, kind: FindingKind, path: impl Into<String>, detail: impl Into<String>) {
        self.add_young(Age::Settled, kind, path, detail);
    }

    /// Adds a file whose digest differs from the one that `by` lists. It is pending if it is young and a writer is active.
    pub fn add_changed(&mut self, age: Age, path: String, by: &str, listed: &Digest, found: &Digest) {
        let detail = format!("{by} lists it as {listed}, but it is {found}");
        self.add_young(age, FindingKind::Changed, path, detail);
        if let Some(note) = self.notes.last_mut() {
            note.finding.expected = Some(listed.to_string());
            note.finding.found = Some(found.to_string());
        }
    }

    /// Adds damage. The file is pending if it is young and a writer is active.
    pub fn add_young(&mut self, age: Age, kind: FindingKind, path: impl Into<String>, detail: impl Into<String>) {
        let path = path.into();
        self.add_or_pending(age.pending(path.clone()), kind, path, detail);
    }

    /// Adds damage. If a writer is active, the file at `pending` is pending instead.
    pub fn add_or_pending(
        &mut self,
        pending: Option<String>,
        kind: FindingKind,
        path: impl Into<String>,
        detail: impl Into<String>,
    ) {
        let path = path.into();
        self.paths.insert(path.clone());
        self.notes.push(Note { finding: Finding::new(kind, path, detail), pending, cause: None });
    }

    /// Adds damage that is dropped if damage is found at `cause`, a file, or a folder if it ends in `/`. It is pending if
    /// the file is young and a writer is active.
    pub fn add_unless(&mut self, cause: &str, age: Age, kind: FindingKind, path: &str, detail: String) {
        let finding = Finding::new(kind, path, detail);
        let pending = age.pending(path.to_owned());
        self.notes.push(Note { finding, pending, cause: Some(cause.to_owned()) });
    }

    /// Notes that an article was removed after the root manifest was written.
    pub fn note_removal(&mut self) {
        self.has_removal = true;
    }

    /// Returns whether there is a finding at this path.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Returns whether there is a finding at this path or below it.
    pub fn has_below(&self, folder: &str) -> bool {
        self.paths.range(folder.to_owned()..).next().is_some_and(|path| path.starts_with(folder))
    }

    /// Adds other findings.
    pub fn extend(&mut self, other: Self) {
        self.notes.extend(other.notes);
        self.paths.extend(other.paths);
        self.has_removal |= other.has_removal;
    }

    /// Returns the findings sorted by path, one of each kind for each path.
    pub fn finish(mut self, writer: WriterState) -> Vec<Finding> {
        self.explain(|note| note.cause.is_none(), |cause| !cause.ends_with('/'));
        // Damage found in this step may explain that of other files in the folder.
        self.explain(
            |note| !note.cause.as_deref().is_some_and(|cause| cause.ends_with('/')),
            |cause| cause.ends_with('/'),
        );
        let live = writer == WriterState::Active;
        let is_removed = |finding: &Finding| self.has_removal && finding.kind == FindingKind::Missing;
        let pending = |path: String, detail: &str| Finding::new(FindingKind::Pending, path, detail);
        let settle = |note: Note| match note.pending {
            Some(path) if live => pending(path, "is newer than its manifest, and a writer is active"),
            None if live && is_removed(&note.finding) => {
                pending(note.finding.path, "does not exist, and an active writer is removing articles")
            }
            _ => note.finding,
        };
        let mut findings: Vec<Finding> = self.notes.into_iter().map(settle).collect();
        findings.sort_by(|a, b| a.path.cmp(&b.path).then(a.kind.cmp(&b.kind)));
        findings.dedup_by(|a, b| a.path == b.path && a.kind == b.kind);
        findings
    }

    /// Drops the findings with one of `these` causes that `sure` findings explain. An unexpected file explains nothing.
    fn explain(&mut self, sure: impl Fn(&Note) -> bool, these: impl Fn(&str) -> bool) {
        let own = self.notes.iter().filter(|note| sure(note) && note.finding.kind != FindingKind::Unexpected);
        let damaged: BTreeSet<String> = own.map(|note| note.finding.path.clone()).collect();
        let explained = |cause: &str| these(cause) && is_explained(&damaged, cause);
        self.notes.retain(|note| !note.cause.as_deref().is_some_and(explained));
    }
}

fn is_explained(damaged: &BTreeSet<String>, cause: &str) -> bool {
    let first = damaged.range(cause.to_owned()..).next();
    first.is_some_and(|path| path == cause || cause.ends_with('/') && path.starts_with(cause))
}
