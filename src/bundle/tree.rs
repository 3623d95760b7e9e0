//! A folder on disk, or one inside a ZIP file: what is read of archives and bundles, wherever they lie.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::Zip;
use crate::model::Digest;

/// A folder of files, on disk or in a ZIP file. It is only read, and symbolic links are not followed.
#[derive(Debug, Clone)]
pub struct Tree {
    place: Place,
    /// Digests of files that were read already.
    known: Arc<Known>,
}

/// Digests of very many files.
#[derive(Debug, Default)]
struct Known {
    /// What stands before the tree's paths in these.
    folder: String,
    /// Sorted.
    paths: Vec<String>,
    /// None for what could not be read.
    digests: Vec<Option<Digest>>,
}

#[derive(Debug, Clone)]
enum Place {
    Folder(PathBuf),
    /// The ZIP file, and the folder in it, ending in `/` unless it is the top.
    Zip(Arc<Zip>, String),
}

/// What stands in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link or another special file.
    Other,
}

/// One thing in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Its name; what is no UTF-8 stays as it is.
    pub name: OsString,
    /// What it is.
    pub kind: Kind,
}

/// A file that is open.
pub struct Opened {
    /// Its bytes. In a ZIP file their end is an error when length or checksum are wrong.
    pub bytes: Box<dyn Read + Send>,
    /// When it was last changed; the epoch in a ZIP file.
    pub modified: SystemTime,
}

impl Tree {
    /// A folder on disk.
    pub fn folder(path: &Path) -> Self {
        Self { place: Place::Folder(path.to_owned()), known: Arc::default() }
    }

    /// A folder in a ZIP file; the empty name is its top.
    pub fn in_zip(zip: &Arc<Zip>, folder: &str) -> Self {
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Self { place: Place::Zip(Arc::clone(zip), folder), known: Arc::default() }
    }

    /// A folder below it.
    pub fn below(&self, folder: &str) -> Self {
        let place = match &self.place {
            Place::Folder(path) => Place::Folder(path.join(folder)),
            Place::Zip(zip, top) => Place::Zip(Arc::clone(zip), format!("{top}{folder}/")),
        };
        Self { place, known: Arc::default() }
    }

    /// A folder below it, when every file is known from reading it: the sorted paths of all, and a digest for each that
    /// could be read.
    #[must_use]
    pub fn below_known(&self, folder: &str, paths: Vec<String>, digests: Vec<Option<Digest>>) -> Self {
        let known = Known { folder: format!("{folder}/"), paths, digests };
        Self { known: Arc::new(known), ..self.below(folder) }
    }

    /// The digest of a file that was read already; None when it was not.
    pub fn known(&self, path: &str) -> Option<Digest> {
        let Known { folder, paths, digests } = &*self.known;
        let place = |known: &String| match known.strip_prefix(folder.as_str()) {
            Some(below) => below.cmp(path),
            None => known.as_str().cmp(folder),
        };
        paths.binary_search_by(place).ok().and_then(|at| *digests.get(at)?)
    }

    /// The folder on disk; None in a ZIP file.
    pub fn on_disk(&self) -> Option<&Path> {
        match &self.place {
            Place::Folder(path) => Some(path),
            Place::Zip(..) => None,
        }
    }

    /// The ZIP file it lies in; None on disk.
    pub fn zip(&self) -> Option<&Zip> {
        match &self.place {
            Place::Folder(_) => None,
            Place::Zip(zip, _) => Some(zip),
        }
    }

    /// Where it is, for people.
    pub fn path(&self) -> PathBuf {
        match &self.place {
            Place::Folder(path) => path.clone(),
            Place::Zip(zip, top) => zip.path().join(top),
        }
    }

    /// What stands in a folder below it (the empty path is itself), sorted by name.
    ///
    /// # Errors
    /// The folder cannot be listed. In a ZIP file a folder that is not there is empty.
    pub fn list(&self, folder: &str) -> io::Result<Vec<Child>> {
        match &self.place {
            Place::Folder(root) => list_folder(&root.join(folder)),
            Place::Zip(zip, top) if folder.is_empty() => Ok(list_zip(zip, top)),
            Place::Zip(zip, top) => Ok(list_zip(zip, &format!("{top}{folder}/"))),
        }
    }

    /// Opens a file.
    ///
    /// # Errors
    /// It is not there, is no file, or cannot be opened.
    pub fn open(&self, path: &str) -> io::Result<Opened> {
        match &self.place {
            Place::Folder(root) => {
                let file = File::open(root.join(path))?;
                let modified = file.metadata()?.modified()?;
                Ok(Opened { bytes: Box::new(file), modified })
            }
            Place::Zip(zip, top) => {
                let entry = zip.entry(&format!("{top}{path}")).ok_or(io::ErrorKind::NotFound)?;
                Ok(Opened { bytes: zip.read(entry)?, modified: SystemTime::UNIX_EPOCH })
            }
        }
    }

    /// Length of a file; None when it is not there or is no file.
    pub fn length(&self, path: &str) -> Option<u64> {
        match &self.place {
            Place::Folder(root) => {
                root.join(path).symlink_metadata().ok().filter(|meta| meta.is_file()).map(|meta| meta.len())
            }
            Place::Zip(zip, top) => zip.entry(&format!("{top}{path}")).map(|entry| entry.size),
        }
    }

    /// True when a file is there.
    pub fn is_file(&self, path: &str) -> bool {
        self.length(path).is_some()
    }

    /// Every file below it, by path, with its kind: folders are walked, and special files are among them. What cannot be
    /// listed or has no name in UTF-8 is an error beside its path.
    pub fn files(&self) -> (BTreeMap<String, Kind>, Vec<(String, String)>) {
        let (mut files, mut faults) = (BTreeMap::new(), Vec::new());
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let children = match self.list(&folder) {
                Ok(children) => children,
                Err(error) => {
                    faults.push((folder, format!("cannot be listed: {error}")));
                    continue;
                }
            };
            for child in children {
                let below = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                match (child.name.into_string(), child.kind) {
                    (Ok(name), Kind::Folder) => folders.push(below(&name)),
                    (Ok(name), kind) => drop(files.insert(below(&name), kind)),
                    (Err(name), _) => {
                        faults.push((below(&name.to_string_lossy()), "has a name that is not UTF-8".to_owned()));
                    }
                }
            }
        }
        (files, faults)
    }
}

fn list_folder(path: &Path) -> io::Result<Vec<Child>> {
    let mut children = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let kind = match entry.file_type()? {
            kind if kind.is_dir() => Kind::Folder,
            kind if kind.is_file() => Kind::File,
            _ => Kind::Other,
        };
        children.push(Child { name: entry.file_name(), kind });
    }
    children.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(children)
}

/// Jumps from child to child, so that a folder with few costs little however much is below them.
fn list_zip(zip: &Zip, folder: &str) -> Vec<Child> {
    let mut children: BTreeMap<String, Kind> = BTreeMap::new();
    let mut from = folder.to_owned();
    while let Some(name) = zip.first_from(&from).filter(|name| name.starts_with(folder)) {
        let rest = &name[folder.len()..];
        if rest.is_empty() {
            // The folder's own entry.
            from = format!("{name}\0");
            continue;
        }
        match rest.split_once('/') {
            Some((child, _)) => {
                children.insert(child.to_owned(), Kind::Folder);
                // `0` follows `/`: the first name that is not below the child.
                from = format!("{folder}{child}0");
            }
            None => {
                children.insert(rest.to_owned(), Kind::File);
                from = format!("{name}\0");
            }
        }
    }
    children.into_iter().map(|(name, kind)| Child { name: name.into(), kind }).collect()
}
