//! The files of an archive of the selected articles, with length and digest, determined before any is copied.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::archive::{Archive, Entry, NOTES, is_own_path};
use crate::model::{Digest, Timestamp};
use crate::warc::RecordId;

use super::manifest::{self, MANIFEST, MAX_MANIFEST};
use super::members;
use super::piece::{Piece, Pieces, Source};
use super::{BundleError, FileKind, Notes, Selection, Tree};

const MARKER: &str = "bindery-archive.json";
const README: &str = "README.md";
const RECORD: &str = "record.json";
const UNLISTED: &str = "no manifest lists it; `bindery verify` lists all damage";

/// An archive of the selected articles.
pub(super) struct Contents {
    /// Folders of the selected articles, sorted.
    pub folders: Vec<String>,
    /// When the newest text was captured; None if there is no text.
    pub newest: Option<Timestamp>,
    /// Its files.
    pub pieces: Pieces,
    /// Path and reason of each file that is in the archive, or in the folders of selected articles, and not in `pieces`.
    pub left_out: Vec<(String, String)>,
}

/// What the selected articles require, collected from their records.
#[derive(Default)]
struct Requirements {
    /// The folder of each article, and when its newest text was captured.
    folders: BTreeMap<String, Option<Timestamp>>,
    images: BTreeSet<String>,
    /// Records of captures.
    records: BTreeSet<RecordId>,
    /// The files that contain these records.
    captures: BTreeSet<String>,
}

impl Requirements {
    fn add_folder(&mut self, entry: &Entry) {
        let captured = entry.record.snapshots.iter().map(|text| text.captured).max();
        self.folders.insert(entry.folder.clone(), captured);
    }

    fn add_files(&mut self, entry: &Entry) {
        let texts = &entry.record.snapshots;
        self.images.extend(texts.iter().flat_map(|text| &text.images).filter_map(|image| image.path.clone()));
        for pointer in texts.iter().flat_map(|text| text.records().into_iter().chain(text.originals())) {
            self.records.insert(pointer.record);
            self.captures.insert(pointer.file);
        }
    }
}

/// Returns the files of an archive of the selected articles. If everything is selected, these are the files that the
/// manifests list. Otherwise they are the folders of the articles, their images, the capture records that they name (with
/// requests, and originals of revisits), and new manifests; not the events of runs, which concern other pages too.
pub(super) fn contents(archive: &Archive, selection: &Selection, notes: Notes) -> Result<Contents, BundleError> {
    let is_everything = selection.is_everything();
    let mut required = Requirements::default();
    selection.each(archive, &mut |entry| {
        required.add_folder(&entry);
        if !is_everything {
            required.add_files(&entry);
        }
    })?;
    let manifests = Manifests::read(archive.root())?;
    let mut pieces = if is_everything { manifests.everything()? } else { manifests.selection(&required)? };
    let (listed, unlisted): (Vec<_>, Vec<_>) =
        required.folders.into_iter().partition(|(folder, _)| pieces.contains_key(&format!("{folder}/record.json")));
    let newest = listed.iter().filter_map(|(_, newest)| *newest).max();
    let names = |all: Vec<(String, Option<Timestamp>)>| all.into_iter().map(|(folder, _)| folder).collect::<Vec<_>>();
    let (folders, unlisted) = (names(listed), names(unlisted));
    if notes == Notes::Packed {
        add_notes(archive.root(), &folders, &mut pieces)?;
    }
    let walked = if is_everything { vec![String::new()] } else { [folders.clone(), unlisted.clone()].concat() };
    let left_out = left_out(archive.root(), &walked, &pieces);
    match (folders.is_empty(), unlisted.first()) {
        (true, Some(folder)) => Err(BundleError::damaged(&format!("{folder}/record.json"), UNLISTED)),
        _ => Ok(Contents { folders, newest, pieces, left_out }),
    }
}

/// Returns path and reason of each file in and below these folders that is not among the pieces.
fn left_out(root: &Path, folders: &[String], pieces: &Pieces) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for folder in folders {
        let below = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
        let is_private = |path: &str| folder.is_empty() && path.starts_with(".bindery/");
        let (files, faults) = Tree::folder(&root.join(folder)).files();
        let reason = |path: String, kind| match kind {
            FileKind::File if pieces.contains_key(&path) => None,
            _ if !is_own_path(&path) => Some(foreign(&path, pieces)),
            FileKind::File if path.ends_with(".open") => {
                Some((path, "a run is writing it; bundle again when it has ended"))
            }
            FileKind::File => Some((path, UNLISTED)),
            _ => Some((path, "it is neither a file nor a folder")),
        };
        let all = files.into_iter().filter(|(path, _)| !is_private(path));
        let others = all.filter_map(|(path, kind)| reason(below(&path), kind));
        out.extend(others.map(|(path, why)| (path, why.to_owned())));
        out.extend(faults.into_iter().filter(|(path, _)| !is_private(path)).map(|(path, why)| (below(&path), why)));
    }
    out.sort();
    // A foreign folder is named once.
    out.dedup();
    out
}

/// Returns the path of a file that is not the archive's, or of the first folder on it that contains nothing of the
/// archive, and why it is left out.
fn foreign(path: &str, pieces: &Pieces) -> (String, &'static str) {
    let is_note = path
        .rsplit_once('/')
        .is_some_and(|(folder, name)| name == NOTES && pieces.contains_key(&format!("{folder}/{RECORD}")));
    if is_note {
        return (path.to_owned(), "it holds your own notes; --notes packs them too");
    }
    let has_own = |folder: &str| {
        let start = format!("{folder}/");
        pieces.range(start.clone()..).next().is_some_and(|(own, _)| own.starts_with(&start))
    };
    let mut folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    let named = folders.find(|folder| !has_own(folder)).unwrap_or(path);
    (named.to_owned(), "it is not the archive's")
}

/// Adds the reader's own notes on articles, which no manifest lists.
fn add_notes(root: &Path, folders: &[String], pieces: &mut Pieces) -> Result<(), BundleError> {
    for folder in folders {
        let path = format!("{folder}/{NOTES}");
        let file = root.join(&path);
        if file.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
            let bytes = std::fs::read(&file).map_err(|error| BundleError::io("read", &file, error))?;
            pieces.insert(path, Piece::of_bytes(bytes));
        }
    }
    Ok(())
}

/// The manifests of an archive.
struct Manifests<'a> {
    root: &'a Path,
    /// The bytes of the root manifest.
    top: Vec<u8>,
    /// The bytes of each leaf manifest by its path.
    leaves: BTreeMap<String, Vec<u8>>,
}

impl<'a> Manifests<'a> {
    fn read(root: &'a Path) -> Result<Self, BundleError> {
        let top = read(root, MANIFEST)?;
        let mut leaves = BTreeMap::new();
        for (path, digest) in parse(MANIFEST, &top)? {
            if path == README || path == MARKER {
                continue;
            }
            let bytes = read(root, &path)?;
            let found = Digest::of(&bytes);
            if found != digest {
                return Err(BundleError::damaged(
                    &path,
                    format!("its digest is {found}, but the manifest lists {digest}"),
                ));
            }
            leaves.insert(path, bytes);
        }
        Ok(Self { root, top, leaves })
    }

    fn everything(&self) -> Result<Pieces, BundleError> {
        let mut pieces = Pieces::new();
        for (path, digest) in parse(MANIFEST, &self.top)? {
            if !self.leaves.contains_key(&path) {
                self.add(&mut pieces, path, digest)?;
            }
        }
        for (path, bytes) in &self.leaves {
            for (file, digest) in below(path, bytes)? {
                self.add(&mut pieces, file, digest)?;
            }
            pieces.insert(path.clone(), Piece::of_bytes(bytes.clone()));
        }
        pieces.insert(MANIFEST.to_owned(), Piece::of_bytes(self.top.clone()));
        Ok(pieces)
    }

    fn selection(&self, required: &Requirements) -> Result<Pieces, BundleError> {
        let chosen = |path: &str| {
            let article = path.match_indices('/').nth(3).map(|(at, _)| &path[..at]);
            required.images.contains(path) || article.is_some_and(|folder| required.folders.contains_key(folder))
        };
        let mut pieces = Pieces::new();
        for (path, bytes) in self.leaves.iter().filter(|(path, _)| !path.starts_with("captures/")) {
            for (file, digest) in below(path, bytes)?.into_iter().filter(|(file, _)| chosen(file)) {
                self.add(&mut pieces, file, digest)?;
            }
        }
        if let Some(image) = required.images.iter().find(|image| !pieces.contains_key(*image)) {
            return Err(BundleError::damaged(image, "a record names it, but no manifest lists it"));
        }
        let mut captures = BTreeMap::new();
        for (path, bytes) in self.leaves.iter().filter(|(path, _)| path.starts_with("captures/")) {
            captures.extend(below(path, bytes)?);
        }
        pieces.extend(members::select(self.root, &captures, &required.captures, required.records.clone())?);
        add_leaf_manifests(&mut pieces);
        let top = parse(MANIFEST, &self.top)?;
        for path in [README, MARKER] {
            let missing = || BundleError::damaged(MANIFEST, format!("it does not list {path}"));
            let digest = top.get(path).ok_or_else(missing)?;
            self.add(&mut pieces, path.to_owned(), *digest)?;
        }
        let lists = |path: &str| path == README || path == MARKER || path.ends_with(&format!("/{MANIFEST}"));
        let lines = pieces.iter().filter(|(path, _)| lists(path)).map(|(path, piece)| (path.as_str(), piece.digest));
        let bytes = manifest::write(lines);
        pieces.insert(MANIFEST.to_owned(), Piece::of_bytes(bytes));
        Ok(pieces)
    }

    fn add(&self, pieces: &mut Pieces, path: String, digest: Digest) -> Result<(), BundleError> {
        let file = self.root.join(&path);
        let meta = file.symlink_metadata().map_err(|error| BundleError::damaged(&path, error.to_string()))?;
        if !meta.is_file() {
            return Err(BundleError::damaged(&path, "it is not a file"));
        }
        pieces.insert(path, Piece { source: Source::File(file), length: meta.len(), digest });
        Ok(())
    }
}

/// Adds the manifest of every leaf folder.
fn add_leaf_manifests(pieces: &mut Pieces) {
    let mut leaves: BTreeMap<String, Vec<(String, Digest)>> = BTreeMap::new();
    for (path, piece) in pieces.iter() {
        let depth = match path.split('/').next() {
            Some("images" | "runs") => 2,
            _ => 3,
        };
        if let Some((at, _)) = path.match_indices('/').nth(depth - 1) {
            leaves.entry(path[..at].to_owned()).or_default().push((path[at + 1..].to_owned(), piece.digest));
        }
    }
    for (folder, files) in leaves {
        let bytes = manifest::write(files.iter().map(|(path, digest)| (path.as_str(), digest)));
        pieces.insert(format!("{folder}/{MANIFEST}"), Piece::of_bytes(bytes));
    }
}

/// Returns the lines of a leaf manifest, with paths below the archive.
fn below(path: &str, bytes: &[u8]) -> Result<BTreeMap<String, Digest>, BundleError> {
    let folder = path.strip_suffix(MANIFEST).unwrap_or_default();
    Ok(parse(path, bytes)?.into_iter().map(|(file, digest)| (format!("{folder}{file}"), digest)).collect())
}

fn parse(path: &str, bytes: &[u8]) -> Result<BTreeMap<String, Digest>, BundleError> {
    manifest::parse(bytes).ok_or_else(|| BundleError::damaged(path, "it contains malformed lines"))
}

fn read(root: &Path, path: &str) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    let read = File::open(root.join(path)).and_then(|file| file.take(MAX_MANIFEST).read_to_end(&mut bytes));
    read.map_err(|error| BundleError::damaged(path, error.to_string()))?;
    Ok(bytes)
}
