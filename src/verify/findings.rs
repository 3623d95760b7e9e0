//! Collects the findings of a bundle, each with what was expected and what was found.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use crate::bundle::{FileKind, Maker, Tree};
use crate::model::{Finding, FindingKind};

/// The maximum number of faults of one kind in one file that are listed individually.
pub(super) const MAX_LISTED: usize = 100;

/// The findings of a bundle.
#[derive(Default)]
pub(super) struct Findings {
    findings: Vec<Finding>,
    /// The paths of findings other than warnings.
    paths: BTreeSet<String>,
    /// The number of malformed lines by file and expectation.
    lines: BTreeMap<(String, &'static str), usize>,
}

impl Findings {
    /// Returns the regular files of a bundle, and the findings about everything else in it.
    pub fn of_files(tree: &Tree) -> (Vec<String>, Self) {
        let mut found = Self::default();
        let (files, faults) = tree.files();
        for (path, fault) in faults {
            found.add(FindingKind::Malformed, &path, "a readable folder and a name in UTF-8", fault);
        }
        (found.only_files(files), found)
    }

    pub fn add(&mut self, kind: FindingKind, path: &str, expected: impl Into<String>, found: impl Into<String>) {
        self.push(Finding::differing(kind, path, expected, found));
    }

    pub fn push(&mut self, finding: Finding) {
        if finding.kind != FindingKind::Warning {
            self.paths.insert(finding.path.clone());
        }
        self.findings.push(finding);
    }

    /// Adds a malformed line. After [`MAX_LISTED`] of them one more finding says that there are others; `lines` is what all
    /// lines of the file should be.
    pub fn line(&mut self, path: &str, lines: &'static str, expected: &str, found: &str) {
        let count = self.lines.entry((path.to_owned(), lines)).or_default();
        *count += 1;
        match *count {
            1..=MAX_LISTED => self.add(FindingKind::Malformed, path, expected, found),
            count if count == MAX_LISTED + 1 => {
                self.add(FindingKind::Malformed, path, lines, "more malformed lines than are listed");
            }
            _ => {}
        }
    }

    /// Adds the findings in a folder, except those of the same kind at a known path.
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

    /// Returns whether there is a finding other than a warning at this path.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Returns whether there is a finding other than a warning.
    pub fn is_damage(&self) -> bool {
        self.findings.iter().any(|other| other.kind != FindingKind::Warning)
    }

    /// Returns the findings without duplicates, sorted by path.
    pub fn finish(mut self) -> Vec<Finding> {
        self.findings.sort();
        self.findings.dedup();
        self.findings
    }

    /// Adds the faults of the ZIP file. `top` is the folder that paths are relative to.
    pub fn zip_faults(&mut self, tree: &Tree, top: &str, maker: Maker) {
        let Some(zip) = tree.zip() else { return };
        let whole = zip.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        for fault in zip.faults() {
            let name = fault.name.strip_prefix(top).map_or(fault.name.as_str(), |name| name.trim_start_matches('/'));
            let path = if name.is_empty() { whole.as_str() } else { name };
            self.add(FindingKind::Malformed, path, &fault.expected, &fault.found);
        }
        if maker.is_bindery() && zip.faults().is_empty() && !zip.is_uniform() {
            let expected = "stored entries with the same date and mode, in order, as bindery writes them";
            self.add(FindingKind::Malformed, &whole, expected, "a changed header");
        }
    }

    /// Adds a warning if the ZIP file has no top folder, and a finding for each file outside of it.
    pub fn check_top_folder(&mut self, tree: &Tree, top: &str) {
        let Some(zip) = tree.zip() else { return };
        if top.is_empty() {
            let whole = zip.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            return self.add(FindingKind::Warning, &whole, "one top folder around the bundle", "none");
        }
        let begin = format!("{top}/");
        for name in zip.names().filter(|name| !name.starts_with(&begin)) {
            self.add(FindingKind::Unexpected, name, format!("nothing outside of the folder {top}"), "a file");
        }
    }

    /// Adds a finding of this kind for names that some systems do not distinguish, and a warning for names that some systems
    /// do not allow.
    pub fn check_names<'a>(&mut self, paths: impl Iterator<Item = &'a String>, kind: FindingKind) {
        let mut known: BTreeMap<String, &str> = BTreeMap::new();
        for path in paths {
            let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
            for part in ends.map(|end| &path[..end]) {
                match known.insert(folded(part), part) {
                    Some(other) if other != part => {
                        let expected = "names that differ in more than case or normal form";
                        self.add(kind, path, expected, format!("{other} and {part}"));
                    }
                    _ => {}
                }
            }
            if let Some(part) = path.split('/').find(|part| !is_portable(part)) {
                self.add(FindingKind::Warning, path, "a name that every system allows", part);
            }
        }
    }

    /// Returns the paths of regular files, and adds a finding for each special file.
    fn only_files(&mut self, files: BTreeMap<String, FileKind>) -> Vec<String> {
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

/// Returns a name in composed form (NFC) and without case, to compare names as some systems do.
fn folded(name: &str) -> String {
    name.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

/// Returns the composed form (NFC) of a path.
pub(super) fn composed(path: &str) -> String {
    path.nfc().collect()
}

/// Returns whether Windows and macOS allow a name too.
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
    fn names_that_some_systems_do_not_distinguish_or_allow_are_reported() {
        let paths = ["a/Straße", "a/STRASSE", "b/e\u{301}", "b/\u{e9}", "c/x", "C/y", "d/aux.txt"].map(str::to_owned);
        let mut found = Findings::default();
        found.check_names(paths.iter(), FindingKind::Malformed);
        let reported: Vec<String> = found.finish().into_iter().map(|finding| finding.path).collect();
        assert_eq!(reported, ["C/y", "a/STRASSE", "b/\u{e9}", "d/aux.txt"]);
    }
}
