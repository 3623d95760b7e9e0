//! Collects the findings of an archive. At the end it is decided which of them a run explains that has not ended.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Digest, Finding, FindingKind};

/// What may explain a finding, so that it is not damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excuse {
    /// Nothing.
    None,
    /// A writer that changes files while they are read.
    Writer,
    /// A run that has not written its manifests yet, whether it is active or was killed.
    Run,
    /// The removal of an article that has not ended.
    Removal,
}

/// Whether a run has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunState {
    /// A writer is active.
    Active,
    /// A run was killed.
    Killed,
    /// Every run has ended.
    Ended,
}

/// A finding, and what may explain it.
#[derive(Clone)]
struct Note {
    finding: Finding,
    excuse: Excuse,
    /// The path that is reported if the excuse holds; None for that of the finding.
    excused: Option<String>,
    /// The file or folder (ending in `/`) whose own damage would explain the finding; None if there is none.
    cause: Option<String>,
}

/// The findings in the order in which they were added.
#[derive(Clone, Default)]
pub(super) struct Notes {
    notes: Vec<Note>,
    paths: BTreeSet<String>,
    /// Files and folders that are not the archive's, with what is said of them.
    foreign: BTreeMap<String, &'static str>,
    /// The folders of articles whose removal has not ended.
    removals: BTreeSet<String>,
    /// Whether there are captures or events that were not sealed.
    has_open: bool,
    /// The number of records in an older form.
    older: usize,
}

impl Notes {
    /// Adds damage.
    pub fn add(&mut self, kind: FindingKind, path: impl Into<String>, detail: impl Into<String>) {
        self.add_excused(Excuse::None, kind, path, detail);
    }

    /// Adds a file whose digest differs from the one that `by` lists.
    pub fn add_changed(&mut self, excuse: Excuse, path: String, by: &str, listed: &Digest, found: &Digest) {
        let detail = format!("{by} lists it as {listed}, but it is {found}");
        self.add_excused(excuse, FindingKind::Changed, path, detail);
        if let Some(note) = self.notes.last_mut() {
            note.finding.expected = Some(listed.to_string());
            note.finding.found = Some(found.to_string());
        }
    }

    /// Replaces what is said of the finding that was added last.
    pub fn explain_last(&mut self, detail: &str) {
        if let Some(note) = self.notes.last_mut() {
            detail.clone_into(&mut note.finding.detail);
        }
    }

    /// Adds damage, unless the excuse holds.
    pub fn add_excused(
        &mut self,
        excuse: Excuse,
        kind: FindingKind,
        path: impl Into<String>,
        detail: impl Into<String>,
    ) {
        let path = path.into();
        self.paths.insert(path.clone());
        self.push(Finding::new(kind, path, detail), excuse);
    }

    fn push(&mut self, finding: Finding, excuse: Excuse) {
        self.notes.push(Note { finding, excuse, excused: None, cause: None });
    }

    /// Adds damage to one file. If the excuse holds, the other file, `excused`, is reported instead.
    pub fn add_or_unfinished(&mut self, excuse: Excuse, excused: &str, kind: FindingKind, path: &str, detail: String) {
        self.add_excused(excuse, kind, path, detail);
        if let Some(note) = self.notes.last_mut() {
            note.excused = Some(excused.to_owned());
        }
    }

    /// Adds damage that is dropped if damage is found at `cause`, a file, or a folder if it ends in `/`.
    pub fn add_unless(&mut self, cause: &str, excuse: Excuse, kind: FindingKind, path: &str, detail: String) {
        let finding = Finding::new(kind, path, detail);
        self.notes.push(Note { finding, excuse, excused: None, cause: Some(cause.to_owned()) });
    }

    /// Adds a file that only an unfinished run leaves: a staging file, or captures or events that were not sealed.
    pub fn add_unfinished(&mut self, path: &str, detail: &str) {
        self.has_open |= path.ends_with(".open");
        self.push(Finding::new(FindingKind::Unfinished, path, detail), Excuse::Writer);
    }

    /// Adds a file or folder that is not the archive's.
    pub fn add_foreign(&mut self, path: impl Into<String>, detail: &'static str) {
        self.foreign.insert(path.into(), detail);
    }

    /// Notes an article whose removal has not ended.
    pub fn note_removal(&mut self, folder: &str) {
        self.removals.insert(format!("{folder}/"));
    }

    /// Adds a record in an older form, recognised by this field.
    pub fn add_older(&mut self, path: String, field: &str) {
        self.older += 1;
        self.paths.insert(path.clone());
        let detail = format!("has an older form (`{field}`), which this bindery does not read");
        self.push(Finding::new(FindingKind::Warning, path, detail), Excuse::None);
    }

    /// Returns the number of records in an older form.
    pub fn older(&self) -> usize {
        self.older
    }

    /// Returns whether there is a finding at this path.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Returns whether there is a finding at this path or below it.
    pub fn has_below(&self, folder: &str) -> bool {
        self.paths.range(folder.to_owned()..).next().is_some_and(|path| path.starts_with(folder))
    }

    /// Returns whether there are captures or events that were not sealed.
    pub fn has_open(&self) -> bool {
        self.has_open
    }

    /// Adds other findings.
    pub fn extend(&mut self, other: Self) {
        self.notes.extend(other.notes);
        self.paths.extend(other.paths);
        self.foreign.extend(other.foreign);
        self.removals.extend(other.removals);
        self.has_open |= other.has_open;
        self.older += other.older;
    }

    /// Returns the findings sorted by path, one of each kind for each path.
    pub fn finish(mut self, state: RunState) -> Vec<Finding> {
        self.explain(|note| note.cause.is_none(), |cause| !cause.ends_with('/'));
        // Damage found in this step may explain that of other files in the folder.
        self.explain(
            |note| !note.cause.as_deref().is_some_and(|cause| cause.ends_with('/')),
            |cause| cause.ends_with('/'),
        );
        let Self { notes, foreign, removals, .. } = self;
        let mut findings: Vec<Finding> = notes.into_iter().map(|note| settle(note, state, &removals)).collect();
        let known: BTreeSet<String> = findings.iter().map(|finding| finding.path.clone()).collect();
        let foreign = foreign.into_iter().filter(|(path, _)| !known.contains(path));
        findings.extend(foreign.map(|(path, detail)| Finding::new(FindingKind::Foreign, path, detail)));
        findings.sort_by(|a, b| a.path.cmp(&b.path).then(a.kind.cmp(&b.kind)));
        findings.dedup_by(|a, b| a.path == b.path && a.kind == b.kind);
        findings
    }

    /// Drops the findings with one of `these` causes that `sure` findings explain. An unexpected file explains nothing.
    fn explain(&mut self, sure: impl Fn(&Note) -> bool, these: impl Fn(&str) -> bool) {
        let is_cause = |kind| !matches!(kind, FindingKind::Unexpected | FindingKind::Unfinished);
        let own = self.notes.iter().filter(|note| sure(note) && is_cause(note.finding.kind));
        let damaged: BTreeSet<String> = own.map(|note| note.finding.path.clone()).collect();
        let explained = |cause: &str| these(cause) && is_explained(&damaged, cause);
        self.notes.retain(|note| !note.cause.as_deref().is_some_and(explained));
    }
}

fn is_explained(damaged: &BTreeSet<String>, cause: &str) -> bool {
    let first = damaged.range(cause.to_owned()..).next();
    first.is_some_and(|path| path == cause || cause.ends_with('/') && path.starts_with(cause))
}

/// Returns the finding, or what takes its place if its excuse holds.
fn settle(note: Note, state: RunState, removals: &BTreeSet<String>) -> Finding {
    let Note { finding, excuse, excused, .. } = note;
    let is_removed = !removals.is_empty() && (excuse == Excuse::Removal || is_taken(&finding, removals));
    let holds = match state {
        RunState::Active => matches!(excuse, Excuse::Writer | Excuse::Run) || is_removed,
        RunState::Killed => excuse == Excuse::Run || is_removed,
        RunState::Ended => false,
    };
    let path = excused.unwrap_or_else(|| finding.path.clone());
    match (holds, state) {
        (true, RunState::Active) if is_removed => {
            Finding::new(FindingKind::Pending, path, "does not exist, and an active writer is removing articles")
        }
        (true, RunState::Active) => {
            Finding::new(FindingKind::Pending, path, "is newer than its manifest, and a writer is active")
        }
        (true, _) if is_removed => {
            let detail = "belongs to a removal that did not end; the next run completes it";
            Finding::new(FindingKind::Unfinished, path, detail)
        }
        (true, _) => {
            let detail = "is newer than its manifest, since a run did not end; the next run lists it";
            Finding::new(FindingKind::Unfinished, path, detail)
        }
        _ => finding,
    }
}

/// Returns whether a removal that has not ended explains a finding: it is in the article's folder, or it is an image, a
/// capture or a manifest that does not exist any more.
fn is_taken(finding: &Finding, removals: &BTreeSet<String>) -> bool {
    let path = finding.path.as_str();
    let is_inside = removals.iter().any(|folder| path.starts_with(folder.as_str()));
    let is_shared =
        path.starts_with("images/") || path.starts_with("captures/") || path.ends_with("manifest-sha256.txt");
    is_inside || finding.kind == FindingKind::Missing && is_shared
}
