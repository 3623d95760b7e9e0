//! Which files and folders there are. Symbolic links are not followed.

use std::io;

use crate::bundle::{FileKind, Tree};
use crate::model::FindingKind::{Malformed, Unexpected};

use super::notes::Notes;

/// A folder with a manifest of its own.
pub(super) struct Leaf {
    /// Its path below the archive.
    pub path: String,
    /// What it holds.
    pub part: Part,
}

/// The parts of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// `articles/<host>/<yyyy>`.
    Articles,
    /// `images/<2 hex>`.
    Images,
    /// `captures/<yyyy>/<mm>`.
    Captures,
    /// `runs/<yyyy>`.
    Runs,
}

/// Names in a folder, each list sorted.
#[derive(Default)]
pub(super) struct Names {
    pub folders: Vec<String>,
    pub files: Vec<String>,
}

/// The parts by the name of their folder, and the form of the folder names below it.
const PARTS: [(&str, Part, &[Form]); 4] = [
    ("articles", Part::Articles, &[Form::Any, Form::Digits(4)]),
    ("images", Part::Images, &[Form::TwoHex]),
    ("captures", Part::Captures, &[Form::Digits(4), Form::Digits(2)]),
    ("runs", Part::Runs, &[Form::Digits(4)]),
];

#[derive(Clone, Copy)]
enum Form {
    Any,
    Digits(usize),
    TwoHex,
}

impl Form {
    fn fits(self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Digits(n) => name.len() == n && name.bytes().all(|byte| byte.is_ascii_digit()),
            Self::TwoHex => name.len() == 2 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
        }
    }
}

/// Whether a path is that of a leaf folder's manifest, there or not.
pub(super) fn is_leaf_manifest(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let [top, middle @ .., "manifest-sha256.txt"] = parts.as_slice() else { return false };
    let fits =
        |forms: &[Form]| forms.len() == middle.len() && forms.iter().zip(middle).all(|(form, name)| form.fits(name));
    PARTS.iter().any(|(name, _, forms)| name == top && fits(forms))
}

/// Every leaf folder, sorted. What stands above them and belongs to no archive is noted.
pub(super) fn leaves(root: &Tree, notes: &mut Notes) -> io::Result<Vec<Leaf>> {
    let top = names(root, "", notes)?;
    for name in &top.files {
        if !matches!(name.as_str(), "README.md" | "bindery-archive.json" | "manifest-sha256.txt") {
            stray(name, notes);
        }
    }
    let mut leaves = Vec::new();
    for name in top.folders.iter().filter(|name| *name != ".bindery") {
        match PARTS.iter().find(|(part, ..)| part == name) {
            Some((_, part, forms)) => {
                let found = descend(root, name, forms, notes);
                leaves.extend(found.into_iter().map(|path| Leaf { path, part: *part }));
            }
            None => stray(name, notes),
        }
    }
    Ok(leaves)
}

fn descend(root: &Tree, part: &str, forms: &[Form], notes: &mut Notes) -> Vec<String> {
    let mut level = vec![part.to_owned()];
    for form in forms {
        let mut below = Vec::new();
        for folder in level {
            let found = names_or_note(root, &folder, notes);
            found.files.iter().for_each(|name| stray(&format!("{folder}/{name}"), notes));
            for name in found.folders {
                let path = format!("{folder}/{name}");
                if form.fits(&name) {
                    below.push(path);
                } else {
                    stray(&path, notes);
                }
            }
        }
        level = below;
    }
    level
}

/// Notes a file or folder that belongs to no part.
pub(super) fn stray(path: &str, notes: &mut Notes) {
    notes.add_young(is_temp(path), Unexpected, path, "belongs to no part of an archive");
}

/// Whether a path is that of a write that was not finished.
pub(super) fn is_temp(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.starts_with(".bindery-") && name.ends_with(".tmp")
}

/// Names in a folder; a folder that cannot be listed is noted.
pub(super) fn names_or_note(root: &Tree, folder: &str, notes: &mut Notes) -> Names {
    names(root, folder, notes).unwrap_or_else(|error| {
        notes.add(Malformed, folder, format!("cannot be listed: {error}"));
        Names::default()
    })
}

/// Names in a folder. What is neither a file nor a folder, and what has no name in UTF-8, is noted.
fn names(root: &Tree, folder: &str, notes: &mut Notes) -> io::Result<Names> {
    let mut found = Names::default();
    for child in root.list(folder)? {
        let below = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let name = match child.name.into_string() {
            Ok(name) => name,
            Err(name) => {
                notes.add(Unexpected, below(&name.to_string_lossy()), "has a name that is not UTF-8");
                continue;
            }
        };
        match child.kind {
            FileKind::Folder => found.folders.push(name),
            FileKind::File => found.files.push(name),
            FileKind::Other => {
                notes.add(Unexpected, below(&name), "is neither a file nor a folder, and is not followed")
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
    fn the_manifests_of_an_archive_are_known_by_their_places() {
        for path in ["articles/例子.org/2024/", "images/0f/", "captures/2024/01/", "runs/2024/"] {
            assert!(is_leaf_manifest(&format!("{path}manifest-sha256.txt")), "{path}");
        }
        for path in ["articles/a/24/", "articles/a/2024/b/", "images/0F/", "images/", "", "other/2024/"] {
            assert!(!is_leaf_manifest(&format!("{path}manifest-sha256.txt")), "{path}");
        }
    }
}
