//! Errors of packing, opening and restoring bundles.

use std::io;
use std::path::{Path, PathBuf};

use crate::archive::ArchiveError;
use crate::warc::WarcError;

use super::is_standard_output;

/// Why a bundle could not be packed, opened or restored. Damage inside a bundle that can be opened is a finding of
/// `verify`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The operating system reported an error.
    #[error("cannot {action} {}: {source}; {}", shown(.path), advice(.source))]
    Io {
        /// What failed, a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A selector matches nothing.
    #[error("no article has the URL, path or source `{selector}`; `bindery list` shows the articles of the archive")]
    NoMatch {
        /// The selector as given.
        selector: String,
    },
    /// No article matches all conditions of the selection.
    #[error("no article of the archive is selected; widen --query, --since, --until or --tag")]
    NothingSelected,
    /// A file of the archive does not match its manifest.
    #[error("{path} in the archive does not match its manifest: {cause}; run `bindery verify`, then bundle again")]
    Damaged {
        /// The file, below the archive.
        path: String,
        /// What was found.
        cause: String,
    },
    /// A file did not match its manifest because another process was writing to the archive.
    #[error(
        "{path} was changed during packing: a run is writing to the archive ({holder}); bundle again when it has ended"
    )]
    ConcurrentChange {
        /// The file, below the archive.
        path: String,
        /// The writer, as the archive's lock names it.
        holder: String,
    },
    /// Another thread interrupted the work.
    #[error("interrupted; unfinished files were removed")]
    Interrupted,
    /// A capture cannot be read.
    #[error("{path} in the archive cannot be read as a capture: {source}")]
    Capture {
        /// The file, below the archive.
        path: String,
        /// What is wrong.
        source: Box<WarcError>,
    },
    /// None of the selected articles has a capture, so a WACZ would be empty.
    #[error("none of the selected articles has a capture for a WACZ; use --format bag or textpack")]
    NoCaptures,
    /// A text cannot be packed.
    #[error("{path} cannot be packed: {cause}")]
    Text {
        /// The text, below the archive.
        path: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Several articles are selected for one TextPack.
    #[error("{count} articles are selected, but {} can contain only one; {}", shown(.path), folder_advice(.path))]
    SeveralTexts {
        /// The target file.
        path: PathBuf,
        /// The number of selected articles.
        count: usize,
    },
    /// The target is inside the archive, which contains its own files only.
    #[error("{} is inside the archive; choose a path outside of it", .path.display())]
    InArchive {
        /// The target.
        path: PathBuf,
    },
    /// The target folder exists and is not empty.
    #[error("{} already exists and is not empty; choose another folder", .path.display())]
    TargetNotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The file is not a readable ZIP file.
    #[error("{} is not a complete ZIP file: {cause}; it was truncated or damaged, use another copy", .path.display())]
    InvalidZip {
        /// The file.
        path: PathBuf,
        /// What was found.
        cause: String,
    },
    /// The bundle cannot be restored.
    #[error("{} cannot be restored: {cause}", .path.display())]
    NotRestorable {
        /// The bundle.
        path: PathBuf,
        /// Why, and what to do next.
        cause: String,
    },
    /// A folder has no signature, because a signature covers the bytes of one file.
    #[error("{} is a folder, but a signature covers the bytes of one file; check the bundle as it was made, before it was unpacked", .path.display())]
    SignedFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A key cannot be used.
    #[error("cannot use {} as a {what}: {cause}", .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// What is wrong, and what to do next.
        cause: String,
    },
}

impl BundleError {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    /// Replaces the path of a damaged file, which is that in the bundle, by that below the archive.
    pub(super) fn of_file(self, path: &str) -> Self {
        match self {
            Self::Damaged { cause, .. } => Self::damaged(path, cause),
            other => other,
        }
    }

    pub(super) fn damaged(path: &str, cause: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), cause: cause.into() }
    }
}

/// Returns a target as messages name it.
fn shown(path: &Path) -> String {
    if is_standard_output(path) { "standard output".to_owned() } else { path.display().to_string() }
}

/// Returns how the user writes a folder of files instead of one.
fn folder_advice(path: &Path) -> &'static str {
    match is_standard_output(path) {
        true => "select one, or write a folder of files with --output FOLDER/",
        false => "end the name with / to write a folder of files",
    }
}

/// Returns what the user can do about an error of the operating system.
fn advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::PermissionDenied => "check its permissions",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space and run again",
        _ => "check the path, the free space and the permissions",
    }
}
