//! An archive from a bag.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::archive::folders;
use crate::model::{Digest, Hasher};

use super::lines;
use super::{BundleError, Kind, Tree, Zip};

const MANIFEST: &str = "manifest-sha256.txt";
const MAX_MANIFEST: u64 = 1 << 30;

/// An archive that was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restored {
    /// How many files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Writes the archive in a bag (a ZIP file or a folder) to the folder `target`, which must not exist or be empty. Every
/// file must have the digest that the bag's manifest lists. The folder gets its name when everything is in it; until then,
/// and when something fails or `stop` is set, what was written lies in a folder beside it, which is removed again.
///
/// # Errors
/// A bag that is damaged, holds no archive, or names a path that leads out; a target that is taken; what the operating
/// system refuses.
pub fn restore(
    bundle: &Path,
    target: &Path,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Restored, BundleError> {
    let bag = open(bundle)?;
    let refuse = |cause: String| BundleError::NotRestorable { path: bundle.to_owned(), cause };
    let listed = manifest(&bag).map_err(refuse)?;
    if !listed.contains_key("bindery-archive.json") {
        return Err(refuse("there is no bindery archive in it; `bindery verify` tells what it is".to_owned()));
    }
    let is_taken = match fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => target.symlink_metadata().is_ok(),
    };
    if is_taken {
        return Err(BundleError::Taken { path: target.to_owned() });
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
            Wrong::Disk(error) => error,
            Wrong::Bag(cause) => refuse(format!("data/{path} {cause}; `bindery verify` tells all that is damaged")),
        })?;
        restored.files += 1;
        progress(restored.bytes, all);
    }
    staging.finish(target)?;
    Ok(restored)
}

/// The folder of the bag.
fn open(bundle: &Path) -> Result<Tree, BundleError> {
    let refuse = |cause: &str| BundleError::NotRestorable { path: bundle.to_owned(), cause: cause.to_owned() };
    if bundle.is_dir() {
        return Ok(Tree::folder(bundle));
    }
    let zip = Arc::new(Zip::open(bundle)?);
    if let Some(fault) = zip.faults().first() {
        return Err(refuse(&format!(
            "{} in it was expected to be: {}; found: {}; take it from a copy",
            if fault.name.is_empty() { "something" } else { &fault.name },
            fault.expected,
            fault.found
        )));
    }
    let whole = Tree::in_zip(&zip, "");
    if whole.is_file("bagit.txt") {
        return Ok(whole);
    }
    let folders = whole.list("").unwrap_or_default().into_iter().filter(|child| child.kind == Kind::Folder);
    let mut bags = folders
        .filter_map(|child| child.name.into_string().ok())
        .filter(|top| whole.is_file(&format!("{top}/bagit.txt")));
    match (bags.next(), bags.next()) {
        (Some(top), None) => Ok(Tree::in_zip(&zip, &top)),
        _ => Err(refuse("it is no bag; an archive is restored from a bag only")),
    }
}

/// Path below `data/` → digest.
fn manifest(bag: &Tree) -> Result<BTreeMap<String, Digest>, String> {
    let mut bytes = Vec::new();
    let read = bag.open(MANIFEST).and_then(|opened| opened.bytes.take(MAX_MANIFEST).read_to_end(&mut bytes));
    read.map_err(|error| format!("its {MANIFEST} cannot be read: {error}"))?;
    let lines = lines::parse(&bytes).ok_or_else(|| format!("a line of its {MANIFEST} is none, or leads out of it"))?;
    let below = |(path, digest): (String, Digest)| match path.strip_prefix("data/") {
        Some(path) if lines::is_safe(path) => Ok((path.to_owned(), digest)),
        Some(path) => Err(format!("its {MANIFEST} lists {path} in data/, which leads out of it on some systems")),
        None => Err(format!("its {MANIFEST} lists {path}, which is not in data/")),
    };
    let listed = lines.into_iter().map(below).collect::<Result<BTreeMap<_, _>, _>>()?;
    let there = bag.below("data").files().0;
    match there.keys().find(|path| !listed.contains_key(*path)) {
        Some(path) => Err(format!("data/{path} is in no manifest; `bindery verify` tells all that is damaged")),
        None => Ok(listed),
    }
}

/// Why a file could not be copied.
enum Wrong {
    Disk(BundleError),
    /// What is wrong with the bag's file, to be read after its path.
    Bag(String),
}

/// The folder in which the archive is put together.
struct Staging {
    path: PathBuf,
    /// Folders in it that hold something.
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
        // Left by a restoring that was killed, and of no use to anyone.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).map_err(|error| BundleError::io("create the folder", &path, error))?;
        Ok(Self { folders: [path.clone()].into(), path, is_done: false })
    }

    fn copy(&mut self, data: &Tree, path: &str, digest: &Digest) -> Result<u64, Wrong> {
        if !data.is_file(path) {
            return Err(Wrong::Bag("is listed, and it is not there".to_owned()));
        }
        let to = self.path.join(path);
        let fail = |error| Wrong::Disk(BundleError::io("write", &to, error));
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(fail)?;
            let new = parent.ancestors().take_while(|folder| !self.folders.contains(*folder)).map(Path::to_owned);
            let new: Vec<PathBuf> = new.collect();
            self.folders.extend(new);
        }
        let mut from = data.open(path).map_err(|error| Wrong::Bag(format!("cannot be read: {error}")))?.bytes;
        // Names that this system takes for one would overwrite each other.
        let mut file = File::create_new(&to).map_err(fail)?;
        let (mut hasher, mut length, mut block) = (Hasher::new(), 0, vec![0; 1 << 18]);
        loop {
            let read = from.read(&mut block).map_err(|error| Wrong::Bag(format!("cannot be read: {error}")))?;
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
            false => Err(Wrong::Bag(format!("is listed as {digest}, and it is {found}"))),
        }
    }

    fn finish(mut self, target: &Path) -> Result<(), BundleError> {
        let fail = |error| BundleError::io("write", target, error);
        for folder in &self.folders {
            folders::flush(folder).map_err(fail)?;
        }
        // An empty folder of that name gives way.
        let _ = fs::remove_dir(target);
        fs::rename(&self.path, target).map_err(fail)?;
        self.is_done = true;
        folders::flush(folders::folder_of(target)).map_err(fail)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.is_done {
            // Why it failed is told already.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
