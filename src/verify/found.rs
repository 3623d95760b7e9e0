//! Findings of a bundle: by path, each with what was expected and what is there.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use crate::bundle::{FileKind, Tree};
use crate::model::{Finding, FindingKind};

/// Faults of one kind in one file that are told one by one.
pub(super) const MAX_TOLD: usize = 100;

/// Findings while they are gathered.
#[derive(Default)]
pub(super) struct Found {
    findings: Vec<Finding>,
    /// Paths at which something other than a warning was found.
    paths: BTreeSet<String>,
    /// How many lines of a file are not what they should be: file and what its lines should be.
    lines: BTreeMap<(String, &'static str), usize>,
}

impl Found {
    pub fn add(&mut self, kind: FindingKind, path: &str, expected: impl Into<String>, found: impl Into<String>) {
        if kind != FindingKind::Warning {
            self.paths.insert(path.to_owned());
        }
        self.findings.push(Finding::differing(kind, path, expected, found));
    }

    /// A line that is malformed, as long as there are not very many in that file; then once that `lines`, what all of them
    /// should be, are not.
    pub fn line(&mut self, path: &str, lines: &'static str, expected: &str, found: &str) {
        let told = self.lines.entry((path.to_owned(), lines)).or_default();
        *told += 1;
        match *told {
            1..=MAX_TOLD => self.add(FindingKind::Malformed, path, expected, found),
            told if told == MAX_TOLD + 1 => {
                self.add(FindingKind::Malformed, path, lines, "more faults than are told");
            }
            _ => {}
        }
    }

    /// Takes over findings of a part that lies in `folder`, unless the same was found there.
    pub fn extend(&mut self, folder: &str, findings: Vec<Finding>) {
        let known: BTreeSet<(String, FindingKind)> =
            self.findings.iter().map(|finding| (finding.path.clone(), finding.kind)).collect();
        for finding in findings {
            let path = format!("{folder}/{}", finding.path);
            if !known.contains(&(path.clone(), finding.kind)) {
                self.findings.push(Finding { path, ..finding });
            }
        }
    }

    /// Whether something other than a warning was found at this path.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Whether anything but warnings was found.
    pub fn is_damage(&self) -> bool {
        self.findings.iter().any(|other| other.kind != FindingKind::Warning)
    }

    /// Sorted by path, each once.
    pub fn finish(mut self) -> Vec<Finding> {
        self.findings.sort();
        self.findings.dedup();
        self.findings
    }

    /// What is wrong with the ZIP file as such. `top` is the folder whose paths are told without it.
    pub fn zip_faults(&mut self, tree: &Tree, top: &str, own: bool) {
        let Some(zip) = tree.zip() else { return };
        let whole = zip.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        for fault in zip.faults() {
            let name = fault.name.strip_prefix(top).map_or(fault.name.as_str(), |name| name.trim_start_matches('/'));
            let path = if name.is_empty() { whole.as_str() } else { name };
            self.add(FindingKind::Malformed, path, &fault.expected, &fault.found);
        }
        if own && zip.faults().is_empty() && !zip.is_uniform() {
            let expected = "stored entries of one date and mode, in order, as bindery writes them";
            self.add(FindingKind::Malformed, &whole, expected, "a header that was changed");
        }
    }

    /// A packed bundle has one top folder, and nothing beside it.
    pub fn outside(&mut self, tree: &Tree, top: &str) {
        let Some(zip) = tree.zip() else { return };
        if top.is_empty() {
            let whole = zip.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            return self.add(FindingKind::Warning, &whole, "one top folder around the bundle", "none");
        }
        let begin = format!("{top}/");
        for name in zip.names().filter(|name| !name.starts_with(&begin)) {
            self.add(FindingKind::Unexpected, name, format!("nothing beside the folder {top}"), "a file");
        }
    }

    /// Names that some systems take for one, or cannot hold. `kind`: how much that weighs.
    pub fn names<'a>(&mut self, paths: impl Iterator<Item = &'a String>, kind: FindingKind) {
        let mut known: BTreeMap<String, &str> = BTreeMap::new();
        for path in paths {
            let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
            for part in ends.map(|end| &path[..end]) {
                match known.insert(folded(part), part) {
                    Some(other) if other != part => {
                        let expected = "a name that is not another's in other case or normal form";
                        self.add(kind, path, expected, format!("{other} and {part}"));
                    }
                    _ => {}
                }
            }
            if let Some(part) = path.split('/').find(|part| !is_portable(part)) {
                self.add(FindingKind::Warning, path, "a name that every system can hold", part);
            }
        }
    }

    /// Special files are told and taken out of the list.
    pub fn only_files(&mut self, files: BTreeMap<String, FileKind>) -> Vec<String> {
        let mut kept = Vec::new();
        for (path, kind) in files {
            match kind {
                FileKind::File => kept.push(path),
                _ => self.add(FindingKind::Unexpected, &path, "a file", "a symbolic link or special file"),
            }
        }
        kept
    }
}

/// The form in which names clash: without case, composed.
fn folded(name: &str) -> String {
    name.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

/// The composed form of a path.
pub(super) fn composed(path: &str) -> String {
    path.nfc().collect()
}

/// Whether Windows and macOS can hold a name too.
fn is_portable(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_device = matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || stem
            .strip_prefix("com")
            .or(stem.strip_prefix("lpt"))
            .is_some_and(|rest| matches!(rest.chars().collect::<Vec<_>>().as_slice(), ['0'..='9' | '¹' | '²' | '³']));
    let odd = |c: char| matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\\') || c.is_control();
    !is_device && !name.contains(odd) && !name.ends_with(['.', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_clash_somewhere_are_told() {
        let paths = ["a/Straße", "a/STRASSE", "b/e\u{301}", "b/\u{e9}", "c/x", "C/y", "d/aux.txt"].map(str::to_owned);
        let mut found = Found::default();
        found.names(paths.iter(), FindingKind::Malformed);
        let told: Vec<String> = found.finish().into_iter().map(|finding| finding.path).collect();
        assert_eq!(told, ["C/y", "a/STRASSE", "b/\u{e9}", "d/aux.txt"]);
    }
}
