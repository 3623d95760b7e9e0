//! Findings while they are gathered: which of them a live writer would explain is decided at the end.

use std::collections::BTreeSet;

use crate::model::{Digest, Finding, FindingKind};

/// A finding, and what would explain it.
#[derive(Clone)]
struct Note {
    finding: Finding,
    /// The path that is pending if a writer is at work; None when no writer explains the finding.
    pending: Option<String>,
    /// The file or folder (ending in `/`) whose own damage would explain the finding; None when none would.
    cause: Option<String>,
}

/// Findings in the order in which they were made.
#[derive(Clone, Default)]
pub(super) struct Notes {
    notes: Vec<Note>,
    paths: BTreeSet<String>,
    /// Whether something was removed since the archive's manifest was read: a writer at work explains what is missing.
    removal: bool,
}

impl Notes {
    /// Notes damage.
    pub fn add(&mut self, kind: FindingKind, path: impl Into<String>, detail: impl Into<String>) {
        self.add_young(false, kind, path, detail);
    }

    /// Notes a file with other bytes than `by` lists, or, when it is `young` and a writer is at work, that it is pending.
    pub fn add_changed(&mut self, young: bool, path: String, by: &str, listed: &Digest, found: &Digest) {
        let detail = format!("{by} lists it as {listed}, and it is {found}");
        self.add_young(young, FindingKind::Changed, path, detail);
        if let Some(note) = self.notes.last_mut() {
            note.finding.expected = Some(listed.to_string());
            note.finding.found = Some(found.to_string());
        }
    }

    /// Notes damage, or, when the file is `young` and a writer is at work, that the file is pending.
    pub fn add_young(&mut self, young: bool, kind: FindingKind, path: impl Into<String>, detail: impl Into<String>) {
        let path = path.into();
        self.add_or_pending(young.then(|| path.clone()), kind, path, detail);
    }

    /// Notes damage, or, when a writer is at work, that the file at `pending` is.
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

    /// Notes what a file says of others, unless damage is found at `cause`: a file, or a folder when it ends in `/`.
    /// Beside a live writer it is pending when the file is `young`.
    pub fn add_unless(&mut self, cause: &str, young: bool, kind: FindingKind, path: &str, detail: String) {
        let finding = Finding::new(kind, path, detail);
        let pending = young.then(|| path.to_owned());
        self.notes.push(Note { finding, pending, cause: Some(cause.to_owned()) });
    }

    /// Notes that an article was removed since the archive's manifest was written.
    pub fn removal(&mut self) {
        self.removal = true;
    }

    /// Whether something was found at this path already.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Whether something was found at this path or below it.
    pub fn has_below(&self, folder: &str) -> bool {
        self.paths.range(folder.to_owned()..).next().is_some_and(|path| path.starts_with(folder))
    }

    /// Takes over the findings of a part.
    pub fn extend(&mut self, other: Self) {
        self.notes.extend(other.notes);
        self.paths.extend(other.paths);
        self.removal |= other.removal;
    }

    /// The findings, sorted by path, one of a kind for each path. `live`: a writer was at work.
    pub fn finish(mut self, live: bool) -> Vec<Finding> {
        self.explain(|note| note.cause.is_none(), |cause| !cause.ends_with('/'));
        // What a file is missed for explains more than one.
        self.explain(
            |note| !note.cause.as_deref().is_some_and(|cause| cause.ends_with('/')),
            |cause| cause.ends_with('/'),
        );
        let taken = |finding: &Finding| self.removal && finding.kind == FindingKind::Missing;
        let pending = |path: String, detail: &str| Finding::new(FindingKind::Pending, path, detail);
        let settle = |note: Note| match note.pending {
            Some(path) if live => pending(path, "is newer than its manifest, and a writer is at work"),
            None if live && taken(&note.finding) => {
                pending(note.finding.path, "is not there, and a writer at work is removing articles")
            }
            _ => note.finding,
        };
        let mut findings: Vec<Finding> = self.notes.into_iter().map(settle).collect();
        findings.sort_by(|a, b| a.path.cmp(&b.path).then(a.kind.cmp(&b.kind)));
        findings.dedup_by(|a, b| a.path == b.path && a.kind == b.kind);
        findings
    }

    /// Drops notes of `these` causes that are explained by notes that are `sure`. A file that is only too many explains
    /// nothing.
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
