//! Bundles: selected articles of an archive, packed in standard formats.
//!
//! A bag (BagIt 1.0, RFC 8493) is for preservation, a WACZ (1.1.1) for replay, a TextPack (TextBundle v2) for reading and
//! editing. EPUB 3, HTML in one file and JSON Lines are for reading only. The same archive, selection and date give the same
//! bytes on any machine. `archive/README.md` specifies bundles; `verify` checks those that are not for reading only.

mod bag;
mod cdx;
mod epub;
mod error;
mod format;
mod jsonl;
mod manifest;
mod members;
mod output;
mod pack;
mod page;
mod piece;
mod plan;
mod restore;
mod select;
mod sign;
mod single;
mod spool;
mod stored;
mod text;
mod textpack;
mod tree;
mod wacz;
mod xhtml;
mod zip;
mod zip_writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::archive::{Archive, lock_holder};
use crate::model::Timestamp;

#[doc(hidden)]
pub use bag::Bag;
#[doc(hidden)]
pub use cdx::surt;
#[doc(hidden)]
pub use epub::Epub;
pub use error::BundleError;
pub use format::BundleFormat;
#[doc(hidden)]
pub use format::{Description, ListedDigests, Maker, NewerVersion, Rules};
#[doc(hidden)]
pub use jsonl::JsonLines;
#[doc(hidden)]
pub use page::HtmlPage;
pub(crate) use page::{Document, STYLE, authors};
pub use restore::{Restored, restore};
pub use select::Selection;
pub use sign::Signer;
#[doc(hidden)]
pub use sign::{SignatureCheck, check_signature, signature_path};
pub(crate) use stored::{header, language, linked, origin_of, title_of, url_of, web_link};
#[doc(hidden)]
pub use textpack::TextPack;
#[doc(hidden)]
pub use tree::{Child, FileKind, Tree, TreeFile};
#[doc(hidden)]
pub use wacz::Wacz;
pub(crate) use xhtml::{ImageTarget, Targets, Vocabulary, escaped, of_markdown, url_escaped};
#[doc(hidden)]
pub use zip::{Zip, ZipFault};

/// The bundle formats. The command line, the detection and the writer know no others.
pub static FORMATS: [&dyn BundleFormat; 6] = [&Bag, &Wacz, &TextPack, &Epub, &HtmlPage, &JsonLines];

/// What to bundle, and how.
#[derive(Debug, Clone, Default)]
pub struct BundleOptions {
    /// The articles to pack.
    pub selection: Selection,
    /// The bundle's date; None for that of the newest capture in it.
    pub date: Option<Timestamp>,
    /// Name and version of the program, as the bundle records it.
    pub software: String,
    /// Whether a bag contains the reader's own notes.
    pub notes: Notes,
    /// Set by another thread to interrupt the work.
    pub stop: Arc<AtomicBool>,
}

/// Whether a bag contains the reader's own notes, the files `notes.md` beside the articles. No manifest of the archive lists
/// them; the bag's own manifests do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notes {
    /// It does not, since they may be private.
    #[default]
    LeftOut,
    /// It does.
    Packed,
}

/// What a bundle contains.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BundleSummary {
    /// The number of articles.
    pub articles: usize,
    /// The number of files of the archive.
    pub files: usize,
    /// The size of these files in bytes.
    pub bytes: u64,
    /// The files that were written: the bundle, or that of each article in a folder.
    pub written: Vec<PathBuf>,
    /// Path below the archive and reason of what was left out: folders of selected articles that the format cannot hold,
    /// images that it can only link to, and files of the archive that no manifest lists.
    pub skipped: Vec<(String, String)>,
    /// Path below the archive of each text with formulas that are shown as TeX, because they are not valid or too large, and
    /// the number of these formulas.
    pub tex_formulas: Vec<(String, usize)>,
}

/// Packs the selected articles of an archive as a bundle at `target`, or to standard output if that is `-`. `progress`
/// receives what is done and the total: bytes, or articles, of the formats for reading.
///
/// # Errors
/// A selection that matches nothing, an archive that does not match its manifests, articles that the format cannot hold, and
/// errors of the operating system. No new file is left at `target` then.
pub fn write(
    archive: &Archive,
    format: &dyn BundleFormat,
    target: &Path,
    options: &BundleOptions,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<BundleSummary, BundleError> {
    if !is_standard_output(target) {
        check_is_outside(archive, target)?;
    }
    explain_concurrent_change(archive, || format.write(archive, target, options, progress))
}

/// Returns whether a target is standard output.
pub fn is_standard_output(target: &Path) -> bool {
    target == Path::new("-")
}

/// Checks that a target is not inside the archive, which contains its own files only.
fn check_is_outside(archive: &Archive, target: &Path) -> Result<(), BundleError> {
    let root = archive.root().canonicalize().map_err(|error| BundleError::io("read", archive.root(), error))?;
    // A target that does not exist yet will be in the nearest existing folder.
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

/// Packs a bundle. If a file does not match its manifest while a run writes to the archive, that is not reported as damage.
fn explain_concurrent_change(
    archive: &Archive,
    pack: impl FnOnce() -> Result<BundleSummary, BundleError>,
) -> Result<BundleSummary, BundleError> {
    let root = archive.root();
    let stamp = || root.join(manifest::MANIFEST).metadata().and_then(|meta| meta.modified()).ok();
    let (holder, before) = (lock_holder(root), stamp());
    match pack() {
        Err(BundleError::Damaged { path, cause }) => {
            let holder = holder.or_else(|| lock_holder(root)).map(|holder| text::one_line(&holder));
            let is_written = before != stamp();
            match holder.or_else(|| is_written.then(|| "it has just ended".to_owned())) {
                Some(holder) => Err(BundleError::ConcurrentChange { path, holder }),
                None => Err(BundleError::Damaged { path, cause }),
            }
        }
        result => result,
    }
}

/// Returns the date of a bundle without captures.
fn default_date() -> Timestamp {
    // 1980-01-01, the first date of ZIP files.
    Timestamp::from_second(315_532_800).unwrap_or_else(|| Timestamp::new(jiff::Timestamp::UNIX_EPOCH))
}
