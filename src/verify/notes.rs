//! Findings while they are gathered: which of them a live writer would explain is decided at the end.

use std::collections::BTreeSet;

use crate::model::{Finding, FindingKind};

/// A finding, and what it is beside a live writer.
struct Note {
    finding: Finding,
    /// The path that is pending if a writer is at work; None when no writer explains the finding.
    pending: Option<String>,
}

/// Findings in the order in which they were made.
#[derive(Default)]
pub(super) struct Notes {
    notes: Vec<Note>,
    paths: BTreeSet<String>,
}

impl Notes {
    /// Notes damage.
    pub fn add(&mut self, kind: FindingKind, path: impl Into<String>, detail: impl Into<String>) {
        self.add_young(false, kind, path, detail);
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
        self.notes.push(Note { finding: Finding { kind, path, detail: detail.into() }, pending });
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
    }

    /// The findings, sorted by path, one of a kind for each path. `live`: a writer was at work.
    pub fn finish(self, live: bool) -> Vec<Finding> {
        let settle = |note: Note| match note.pending {
            Some(path) if live => Finding {
                kind: FindingKind::Pending,
                path,
                detail: "is newer than its manifest, and a writer is at work".to_owned(),
            },
            _ => note.finding,
        };
        let mut findings: Vec<Finding> = self.notes.into_iter().map(settle).collect();
        findings.sort_by(|a, b| a.path.cmp(&b.path).then(a.kind.cmp(&b.kind)));
        findings.dedup_by(|a, b| a.path == b.path && a.kind == b.kind);
        findings
    }
}
