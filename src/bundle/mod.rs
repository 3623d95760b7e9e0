//! Bundles: parts of an archive packed for others, in formats that others read.
//!
//! A bag (BagIt 1.0, RFC 8493) is for keeping, a WACZ (1.1.1) for replaying, a TextPack (TextBundle v2) for reading and
//! editing. The same archive, selection and date give the same bytes, on any machine. What a bundle must be is written
//! down in `archive/README.md`; `verify` checks it.

mod bag;
mod cdx;
mod error;
mod lines;
mod members;
mod pack;
mod plan;
mod restore;
mod select;
mod sign;
mod spool;
mod stored;
mod text;
mod textpack;
mod tree;
mod wacz;
mod zip;

use std::fs::{File, TryLockError};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::archive::Archive;
use crate::model::Timestamp;

pub use cdx::surt;
pub use error::BundleError;
pub use restore::{Restored, restore};
pub use select::Selection;
pub use sign::{Signer, check_signature, signature_path};
pub use tree::{Child, Kind, Opened, Tree};
pub use zip::{Fault, Zip};

/// What a bundle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// BagIt 1.0 in a ZIP file: an archive that can be restored.
    #[default]
    Bag,
    /// WACZ 1.1.1: captures that can be replayed.
    Wacz,
    /// TextBundle v2, packed: an article's text with its images.
    TextPack,
}

/// What goes into a bundle.
#[derive(Debug, Clone, Default)]
pub struct Making {
    /// Which articles.
    pub selection: Selection,
    /// The bundle's date; None for that of the newest capture in it.
    pub date: Option<Timestamp>,
    /// Name and version of the program, as the bundle records it.
    pub software: String,
    /// Set by another thread when the making is to end early.
    pub stop: Arc<AtomicBool>,
}

/// A bundle that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// How many articles are in it.
    pub articles: usize,
    /// How many files of the archive.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// The bundle, or each of the TextPacks in a folder.
    pub seals: Vec<Seal>,
    /// What is not in the bundle, and why: folders of selected articles that the format cannot hold, and files of the
    /// archive that no manifest lists; paths below the archive.
    pub skipped: Vec<(String, String)>,
}

/// What a signature of a bundle is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The bundle.
    pub path: PathBuf,
    /// The bytes of the one file whose digest certifies it: the tag manifest of a bag, `datapackage-digest.json` of a WACZ,
    /// `manifest-sha256.txt` of a TextPack.
    pub bytes: Vec<u8>,
}

/// Packs the selected articles of an archive as a bag at `path`; its payload is an archive itself. `progress` is told the
/// bytes that are packed, and all there are.
///
/// # Errors
/// A selection that names nothing, an archive that is not as its manifests list it, and what the operating system refuses.
/// There is then no file at `path` that was not there before.
pub fn bag(
    archive: &Archive,
    path: &Path,
    making: &Making,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Made, BundleError> {
    is_outside(archive, path)?;
    beside_writer(archive, || bag::write(archive, path, making, progress))
}

/// Packs the captures of the selected articles as a WACZ at `path`, for replay. Articles without a capture are left out,
/// and told.
///
/// # Errors
/// As [`bag`]; nothing that was selected was captured.
pub fn wacz(
    archive: &Archive,
    path: &Path,
    making: &Making,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Made, BundleError> {
    is_outside(archive, path)?;
    beside_writer(archive, || wacz::write(archive, path, making, progress))
}

/// Packs the newest text of each selected article with its images as a TextPack: of one article as the file `target`, or
/// each as a file in the folder `target`. `progress` is told the articles that are packed, and all there are.
///
/// # Errors
/// As [`bag`]; several articles for one file.
pub fn textpack(
    archive: &Archive,
    target: &Path,
    as_folder: bool,
    making: &Making,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Made, BundleError> {
    is_outside(archive, target)?;
    beside_writer(archive, || textpack::write(archive, target, as_folder, making, progress))
}

/// An archive holds its own files alone.
fn is_outside(archive: &Archive, target: &Path) -> Result<(), BundleError> {
    let root = archive.root().canonicalize().map_err(|error| BundleError::io("read", archive.root(), error))?;
    // What does not exist yet will lie in the nearest folder that does.
    let mut above = std::path::absolute(target).unwrap_or_else(|_| target.to_owned());
    while above.pop() {
        if let Ok(folder) = above.canonicalize() {
            return match folder.starts_with(&root) {
                true => Err(BundleError::InArchive { path: target.to_owned() }),
                false => Ok(()),
            };
        }
    }
    Ok(())
}

/// Makes a bundle. What is not as it was listed in an archive that is being written to is no damage.
fn beside_writer(archive: &Archive, make: impl FnOnce() -> Result<Made, BundleError>) -> Result<Made, BundleError> {
    let root = archive.root();
    let stamp = || root.join(plan::MANIFEST).metadata().and_then(|meta| meta.modified()).ok();
    let (holder, before) = (writer(root), stamp());
    let made = make();
    match made {
        Err(BundleError::Damaged { path, cause }) => {
            let holder = holder.or_else(|| writer(root));
            let is_written = before != stamp();
            match holder.or_else(|| is_written.then(|| "it has just ended".to_owned())) {
                Some(holder) => Err(BundleError::Changing { path, holder }),
                None => Err(BundleError::Damaged { path, cause }),
            }
        }
        made => made,
    }
}

/// Who holds the archive's lock, in its own words; None when nobody does.
fn writer(root: &Path) -> Option<String> {
    let mut lock = File::open(root.join(".bindery/lock")).ok()?;
    matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)).then_some(())?;
    let mut holder = Vec::new();
    // Who it is may be told or not; that there is one is known.
    let _ = (&mut lock).take(1000).read_to_end(&mut holder);
    Some(text::one_line(String::from_utf8_lossy(&holder).trim()))
}

/// The date of a bundle in which nothing has one.
fn earliest() -> Timestamp {
    // 1980-01-01, where the dates of ZIP files begin.
    Timestamp::from_second(315_532_800).unwrap_or_else(|| Timestamp::new(jiff::Timestamp::UNIX_EPOCH))
}
