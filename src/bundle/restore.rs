//! Restores an archive from a bag.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::archive::folders;
use crate::model::{Digest, Hasher};

use super::manifest::{self, MANIFEST, MAX_MANIFEST};
use super::{BundleError, FileKind, Tree, Zip};

/// The size of a restored archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restored {
    /// The number of files.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

/// Restores the archive in a bag (a ZIP file or a folder) to the folder `target`, which must be empty or not exist.
///
/// Every file is checked against the bag's manifest. Files are written to a staging folder next to `target`, which is
/// renamed at the end, and removed on failure or when `stop` is set.
///
/// # Errors
/// A bag that is damaged, contains no archive, or lists a path that leads out of it; a target that is not empty; errors of
/// the operating system.
pub fn restore(
    bundle: &Path,
    target: &Path,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Restored, BundleError> {
    let bag = open(bundle)?;
    let refuse = |cause: String| BundleError::NotRestorable { path: bundle.to_owned(), cause };
    let listed = payload_manifest(&bag).map_err(refuse)?;
    if !listed.contains_key("bindery-archive.json") {
        return Err(refuse("it contains no bindery archive; `bindery verify` shows what it is".to_owned()));
    }
    let is_occupied = match fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => target.symlink_metadata().is_ok(),
    };
    if is_occupied {
        return Err(BundleError::TargetNotEmpty { path: target.to_owned() });
    }
    let data = bag.below("data");
    let all: u64 = listed.keys().filter_map(|path| data.length(path)).sum();
    let mut staging = Staging::create(target)?;
    let mut restored = Restored::default();
    for (path, digest) in &listed {
        if stop.load(Ordering::Relaxed) {
            return Err(BundleError::Interrupted);
        }
        restored.bytes += staging.copy(&data, path, digest).map_err(|error| match error {
            CopyError::Target(error) => error,
            CopyError::Bag(cause) => refuse(format!("data/{path} {cause}; `bindery verify` lists all damage")),
        })?;
        restored.files += 1;
        progress(restored.bytes, all);
    }
    staging.finish(target)?;
    Ok(restored)
}

/// Opens the folder of the bag.
fn open(bundle: &Path) -> Result<Tree, BundleError> {
    let refuse = |cause: &str| BundleError::NotRestorable { path: bundle.to_owned(), cause: cause.to_owned() };
    if bundle.is_dir() {
        let folder = Tree::folder(bundle);
        return match folder.is_file("bagit.txt") {
            true => Ok(folder),
            false => Err(refuse("it is not a bag; an archive can be restored from a bag only")),
        };
    }
    let zip = Arc::new(Zip::open(bundle)?);
    if let Some(fault) = zip.faults().first() {
        return Err(refuse(&format!(
            "the ZIP file is damaged{}: expected {}, found {}; use another copy",
            if fault.name.is_empty() { String::new() } else { format!(" at {}", fault.name) },
            fault.expected,
            fault.found
        )));
    }
    let top = Tree::in_zip(&zip, "");
    if top.is_file("bagit.txt") {
        return Ok(top);
    }
    let folders = top.list("").unwrap_or_default().into_iter().filter(|child| child.kind == FileKind::Folder);
    let mut bags = folders
        .filter_map(|child| child.name.into_string().ok())
        .filter(|folder| top.is_file(&format!("{folder}/bagit.txt")));
    match (bags.next(), bags.next()) {
        (Some(folder), None) => Ok(Tree::in_zip(&zip, &folder)),
        _ => Err(refuse("it is not a bag; an archive can be restored from a bag only")),
    }
}

/// Returns the digests of the payload by path below `data/`.
fn payload_manifest(bag: &Tree) -> Result<BTreeMap<String, Digest>, String> {
    let mut bytes = Vec::new();
    let read = bag.open(MANIFEST).and_then(|opened| opened.bytes.take(MAX_MANIFEST).read_to_end(&mut bytes));
    read.map_err(|error| format!("its {MANIFEST} cannot be read: {error}"))?;
    let lines = manifest::parse(&bytes)
        .ok_or_else(|| format!("its {MANIFEST} contains malformed lines or paths that lead out of the bag"))?;
    let below = |(path, digest): (String, Digest)| match path.strip_prefix("data/") {
        Some(path) if manifest::is_safe(path) => Ok((path.to_owned(), digest)),
        Some(path) => Err(format!("its {MANIFEST} lists {path} in data/, which leads out of the bag on some systems")),
        None => Err(format!("its {MANIFEST} lists {path}, which is not in data/")),
    };
    let listed = lines.into_iter().map(below).collect::<Result<BTreeMap<_, _>, _>>()?;
    let there = bag.below("data").files().0;
    match there.keys().find(|path| !listed.contains_key(*path)) {
        Some(path) => Err(format!("data/{path} is in no manifest; `bindery verify` lists all damage")),
        None => Ok(listed),
    }
}

/// Why a file could not be copied.
enum CopyError {
    /// It could not be written.
    Target(BundleError),
    /// What is wrong with the bag's file, as a predicate of its path.
    Bag(String),
}

/// The staging folder of a restored archive.
struct Staging {
    path: PathBuf,
    /// Folders that files were written to.
    folders: BTreeSet<PathBuf>,
    is_done: bool,
}

impl Staging {
    fn create(target: &Path) -> Result<Self, BundleError> {
        let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let path = target.with_file_name(format!(".bindery-{name}.tmp"));
        if let Some(parent) = path.parent().filter(|parent| *parent != Path::new("")) {
            fs::create_dir_all(parent).map_err(|error| BundleError::io("create the folder", parent, error))?;
        }
        // Left by a process that was killed.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).map_err(|error| BundleError::io("create the folder", &path, error))?;
        Ok(Self { folders: [path.clone()].into(), path, is_done: false })
    }

    fn copy(&mut self, data: &Tree, path: &str, digest: &Digest) -> Result<u64, CopyError> {
        if !data.is_file(path) {
            return Err(CopyError::Bag("is listed but missing".to_owned()));
        }
        let to = self.path.join(path);
        let fail = |error| CopyError::Target(BundleError::io("write", &to, error));
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(fail)?;
            let new = parent.ancestors().take_while(|folder| !self.folders.contains(*folder)).map(Path::to_owned);
            let new: Vec<PathBuf> = new.collect();
            self.folders.extend(new);
        }
        let unreadable = |error: std::io::Error| CopyError::Bag(format!("cannot be read: {error}"));
        let mut from = data.open(path).map_err(unreadable)?.bytes;
        // Must not exist: two names that this system does not distinguish would overwrite each other.
        let mut file = File::create_new(&to).map_err(fail)?;
        let (mut hasher, mut length, mut block) = (Hasher::new(), 0, vec![0; 1 << 18]);
        loop {
            let read = from.read(&mut block).map_err(unreadable)?;
            if read == 0 {
                break;
            }
            hasher.update(&block[..read]);
            length += read as u64;
            file.write_all(&block[..read]).map_err(fail)?;
        }
        file.sync_all().map_err(fail)?;
        let found = hasher.finish();
        match found == *digest {
            true => Ok(length),
            false => Err(CopyError::Bag(format!("has the digest {found}, and {digest} is listed"))),
        }
    }

    fn finish(mut self, target: &Path) -> Result<(), BundleError> {
        let fail = |error| BundleError::io("write", target, error);
        for folder in &self.folders {
            folders::flush(folder).map_err(fail)?;
        }
        // Removes an empty folder of that name.
        let _ = fs::remove_dir(target);
        fs::rename(&self.path, target).map_err(fail)?;
        self.is_done = true;
        folders::flush(folders::folder_of(target)).map_err(fail)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.is_done {
            // The error that led here is reported by the caller.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
