//! Lists the files and folders of an archive. Symbolic links are not followed.

use std::io;

use crate::bundle::{FileKind, Tree};
use crate::model::FindingKind::Malformed;

use super::manifest::MANIFEST;
use super::notes::Notes;

/// A folder with a manifest of its own.
pub(super) struct Leaf {
    /// Its path below the archive.
    pub path: String,
    /// What it contains.
    pub kind: LeafKind,
}

/// What a leaf folder contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeafKind {
    /// `articles/<host>/<yyyy>`.
    Articles,
    /// `images/<2 hex>`.
    Images,
    /// `captures/<yyyy>/<mm>`.
    Captures,
    /// `runs/<yyyy>`.
    Runs,
}

/// The names in a folder, each list sorted.
#[derive(Default)]
pub(super) struct Names {
    pub folders: Vec<String>,
    pub files: Vec<String>,
}

/// The kinds by the name of their top folder, with the patterns of the folder names below it.
const LEAF_KINDS: [(&str, LeafKind, &[NamePattern]); 4] = [
    ("articles", LeafKind::Articles, &[NamePattern::Any, NamePattern::Digits(4)]),
    ("images", LeafKind::Images, &[NamePattern::TwoHex]),
    ("captures", LeafKind::Captures, &[NamePattern::Digits(4), NamePattern::Digits(2)]),
    ("runs", LeafKind::Runs, &[NamePattern::Digits(4)]),
];

#[derive(Clone, Copy)]
enum NamePattern {
    Any,
    Digits(usize),
    TwoHex,
}

impl NamePattern {
    fn fits(self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Digits(n) => name.len() == n && name.bytes().all(|byte| byte.is_ascii_digit()),
            Self::TwoHex => name.len() == 2 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
        }
    }
}

/// Returns whether a path is that of a leaf folder's manifest, whether it exists or not.
pub(super) fn is_leaf_manifest(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let [top, middle @ .., MANIFEST] = parts.as_slice() else { return false };
    let fits = |patterns: &[NamePattern]| {
        patterns.len() == middle.len() && patterns.iter().zip(middle).all(|(pattern, name)| pattern.fits(name))
    };
    LEAF_KINDS.iter().any(|(name, _, patterns)| name == top && fits(patterns))
}

/// Returns all leaf folders, sorted. Files and folders above them that are not the archive's are noted.
pub(super) fn leaves(root: &Tree, notes: &mut Notes) -> io::Result<Vec<Leaf>> {
    let top = names(root, "", notes)?;
    for name in &top.files {
        if !matches!(name.as_str(), "README.md" | "bindery-archive.json" | MANIFEST) {
            note_foreign(name, notes);
        }
    }
    let mut leaves = Vec::new();
    for name in top.folders.iter().filter(|name| *name != ".bindery") {
        match LEAF_KINDS.iter().find(|(part, ..)| part == name) {
            Some((_, kind, patterns)) => {
                let found = descend(root, name, patterns, notes);
                leaves.extend(found.into_iter().map(|path| Leaf { path, kind: *kind }));
            }
            None => note_foreign(name, notes),
        }
    }
    Ok(leaves)
}

fn descend(root: &Tree, part: &str, patterns: &[NamePattern], notes: &mut Notes) -> Vec<String> {
    let mut level = vec![part.to_owned()];
    let mut has_free_name = false;
    for pattern in patterns {
        let mut below = Vec::new();
        for folder in level {
            let found = names_or_note(root, &folder, notes);
            let has_own = found.folders.iter().any(|name| pattern.fits(name));
            if has_free_name && !has_own && found.files.len() + found.folders.len() > 0 {
                note_foreign(&folder, notes);
                continue;
            }
            found.files.iter().for_each(|name| note_foreign(&format!("{folder}/{name}"), notes));
            for name in found.folders {
                let path = format!("{folder}/{name}");
                if pattern.fits(&name) {
                    below.push(path);
                } else {
                    note_foreign(&path, notes);
                }
            }
        }
        level = below;
        has_free_name = matches!(pattern, NamePattern::Any);
    }
    level
}

/// Notes a file or folder that is not the archive's, or a staging file.
pub(super) fn note_foreign(path: &str, notes: &mut Notes) {
    if is_temp(path) {
        return notes.add_unfinished(path, "is a staging file of a run that did not end; the next run removes it");
    }
    notes.add_foreign(path, "is not the archive's");
}

/// Returns whether a path is that of a staging file.
pub(super) fn is_temp(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.starts_with(".bindery-") && name.ends_with(".tmp")
}

/// Returns the names in a folder. A folder that cannot be listed is noted.
pub(super) fn names_or_note(root: &Tree, folder: &str, notes: &mut Notes) -> Names {
    names(root, folder, notes).unwrap_or_else(|error| {
        notes.add(Malformed, folder, format!("cannot be listed: {error}"));
        Names::default()
    })
}

/// Returns the names in a folder. Special files, and names that are not UTF-8, are noted: an archive has none.
fn names(root: &Tree, folder: &str, notes: &mut Notes) -> io::Result<Names> {
    let mut found = Names::default();
    for child in root.list(folder)? {
        let below = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let name = match child.name.into_string() {
            Ok(name) => name,
            Err(name) => {
                notes.add_foreign(
                    below(&name.to_string_lossy()),
                    "has a name that is not UTF-8, so it is not the archive's",
                );
                continue;
            }
        };
        match child.kind {
            FileKind::Folder => found.folders.push(name),
            FileKind::File => found.files.push(name),
            FileKind::Other => {
                notes.add_foreign(below(&name), "is neither a file nor a folder, so it is not the archive's");
            }
        }
    }
    found.folders.sort();
    found.files.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_of_leaf_folders_are_recognised_by_their_paths() {
        for path in ["articles/例子.org/2024/", "images/0f/", "captures/2024/01/", "runs/2024/"] {
            assert!(is_leaf_manifest(&format!("{path}manifest-sha256.txt")), "{path}");
        }
        for path in ["articles/a/24/", "articles/a/2024/b/", "images/0F/", "images/", "", "other/2024/"] {
            assert!(!is_leaf_manifest(&format!("{path}manifest-sha256.txt")), "{path}");
        }
    }
}
