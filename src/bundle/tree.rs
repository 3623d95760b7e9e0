//! Reads a folder on disk or in a ZIP file.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::Zip;
use crate::model::Digest;

/// A folder on disk or in a ZIP file, opened for reading. Symbolic links are not followed.
#[derive(Debug, Clone)]
pub struct Tree {
    location: Location,
    /// The digests of files that were read before.
    known: Arc<KnownDigests>,
}

/// The digests of many files.
#[derive(Debug, Default)]
struct KnownDigests {
    /// The prefix of the tree's paths in `paths`.
    folder: String,
    /// Sorted.
    paths: Vec<String>,
    /// None for files that could not be read.
    digests: Vec<Option<Digest>>,
}

#[derive(Debug, Clone)]
enum Location {
    Folder(PathBuf),
    /// The ZIP file, and the folder in it with a final `/`; empty for the top.
    Zip(Arc<Zip>, String),
}

/// The kind of an entry of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link or another special file.
    Other,
}

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Its name, which may not be UTF-8.
    pub name: OsString,
    /// Its kind.
    pub kind: FileKind,
}

/// An open file.
pub struct TreeFile {
    /// Its bytes. In a ZIP file, reading the end is an error if length or checksum are wrong.
    pub bytes: Box<dyn Read + Send>,
    /// When it was last modified; the epoch in a ZIP file.
    pub modified: SystemTime,
}

impl Tree {
    /// Returns a folder on disk.
    pub fn folder(path: &Path) -> Self {
        Self { location: Location::Folder(path.to_owned()), known: Arc::default() }
    }

    /// Returns a folder in a ZIP file; the empty name is its top.
    pub fn in_zip(zip: &Arc<Zip>, folder: &str) -> Self {
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Self { location: Location::Zip(Arc::clone(zip), folder), known: Arc::default() }
    }

    /// Returns a folder below it.
    pub fn below(&self, folder: &str) -> Self {
        let location = match &self.location {
            Location::Folder(path) => Location::Folder(path.join(folder)),
            Location::Zip(zip, top) => Location::Zip(Arc::clone(zip), format!("{top}{folder}/")),
        };
        Self { location, known: Arc::default() }
    }

    /// Returns a folder below it whose files were read before. `paths` are the sorted paths of all files of this tree,
    /// `digests` their digests; None for files that could not be read.
    #[must_use]
    pub fn below_known(&self, folder: &str, paths: Vec<String>, digests: Vec<Option<Digest>>) -> Self {
        let known = KnownDigests { folder: format!("{folder}/"), paths, digests };
        Self { known: Arc::new(known), ..self.below(folder) }
    }

    /// Returns the digest of a file that was read before; None for other files.
    pub fn known(&self, path: &str) -> Option<Digest> {
        let KnownDigests { folder, paths, digests } = &*self.known;
        let location = |known: &String| match known.strip_prefix(folder.as_str()) {
            Some(below) => below.cmp(path),
            None => known.as_str().cmp(folder),
        };
        paths.binary_search_by(location).ok().and_then(|at| *digests.get(at)?)
    }

    /// Returns the folder on disk; None for one in a ZIP file.
    pub fn on_disk(&self) -> Option<&Path> {
        match &self.location {
            Location::Folder(path) => Some(path),
            Location::Zip(..) => None,
        }
    }

    /// Returns the ZIP file that contains it; None for a folder on disk.
    pub fn zip(&self) -> Option<&Zip> {
        match &self.location {
            Location::Folder(_) => None,
            Location::Zip(zip, _) => Some(zip),
        }
    }

    /// Returns its path for messages.
    pub fn path(&self) -> PathBuf {
        match &self.location {
            Location::Folder(path) => path.clone(),
            Location::Zip(zip, top) => zip.path().join(top),
        }
    }

    /// Lists a folder below it (the empty path is itself), sorted by name.
    ///
    /// # Errors
    /// The folder cannot be listed. In a ZIP file a missing folder is empty.
    pub fn list(&self, folder: &str) -> io::Result<Vec<Child>> {
        match &self.location {
            Location::Folder(root) => list_folder(&root.join(folder)),
            Location::Zip(zip, top) if folder.is_empty() => Ok(list_zip(zip, top)),
            Location::Zip(zip, top) => Ok(list_zip(zip, &format!("{top}{folder}/"))),
        }
    }

    /// Opens a file.
    ///
    /// # Errors
    /// It is missing, is not a file, or cannot be opened.
    pub fn open(&self, path: &str) -> io::Result<TreeFile> {
        match &self.location {
            Location::Folder(root) => {
                let file = File::open(root.join(path))?;
                let modified = file.metadata()?.modified()?;
                Ok(TreeFile { bytes: Box::new(file), modified })
            }
            Location::Zip(zip, top) => {
                let entry = zip.entry(&format!("{top}{path}")).ok_or(io::ErrorKind::NotFound)?;
                Ok(TreeFile { bytes: zip.read(entry)?, modified: SystemTime::UNIX_EPOCH })
            }
        }
    }

    /// Returns the names of what is in the folder itself, without those that are not UTF-8.
    pub fn names(&self) -> BTreeSet<String> {
        let children = self.list("").unwrap_or_default();
        children.into_iter().filter_map(|child| child.name.into_string().ok()).collect()
    }

    /// Reads a file. An error if it has more than `limit` bytes.
    ///
    /// # Errors
    /// The file is missing, larger or unreadable.
    pub fn read_limited(&self, path: &str, limit: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = self.open(path)?.bytes.take(limit as u64 + 1).read_to_end(&mut bytes)?;
        match read > limit {
            true => Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {limit} bytes"))),
            false => Ok(bytes),
        }
    }

    /// Returns the length of a file; None if it is missing or not a file.
    pub fn length(&self, path: &str) -> Option<u64> {
        match &self.location {
            Location::Folder(root) => {
                root.join(path).symlink_metadata().ok().filter(|meta| meta.is_file()).map(|meta| meta.len())
            }
            Location::Zip(zip, top) => zip.entry(&format!("{top}{path}")).map(|entry| entry.size),
        }
    }

    /// Returns whether a file exists.
    pub fn is_file(&self, path: &str) -> bool {
        self.length(path).is_some()
    }

    /// Returns all files below it by path, including special files, and path and reason of what cannot be listed or has a
    /// name that is not UTF-8.
    pub fn files(&self) -> (BTreeMap<String, FileKind>, Vec<(String, String)>) {
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
                    (Ok(name), FileKind::Folder) => folders.push(below(&name)),
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
            kind if kind.is_dir() => FileKind::Folder,
            kind if kind.is_file() => FileKind::File,
            _ => FileKind::Other,
        };
        children.push(Child { name: entry.file_name(), kind });
    }
    children.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(children)
}

/// Lists a folder in a ZIP file. It skips from child to child, so that the cost does not depend on what is below them.
fn list_zip(zip: &Zip, folder: &str) -> Vec<Child> {
    let mut children: BTreeMap<String, FileKind> = BTreeMap::new();
    let mut from = folder.to_owned();
    while let Some(name) = zip.first_from(&from).filter(|name| name.starts_with(folder)) {
        let rest = &name[folder.len()..];
        if rest.is_empty() {
            // The entry of the folder itself.
            from = format!("{name}\0");
            continue;
        }
        match rest.split_once('/') {
            Some((child, _)) => {
                children.insert(child.to_owned(), FileKind::Folder);
                // `0` follows `/`: the first name that is not below the child.
                from = format!("{folder}{child}0");
            }
            None => {
                children.insert(rest.to_owned(), FileKind::File);
                from = format!("{name}\0");
            }
        }
    }
    children.into_iter().map(|(name, kind)| Child { name: name.into(), kind }).collect()
}
