//! Why a bundle could not be made, opened or restored.

use std::io;
use std::path::{Path, PathBuf};

use crate::archive::ArchiveError;
use crate::warc::WarcError;

/// Why a bundle could not be made, opened or restored. What is wrong inside of a bundle that can be opened is a finding
/// of `verify`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The operating system refused.
    #[error("cannot {doing} {}: {source}; check the path, the space left and who may use it", .path.display())]
    Io {
        /// What was tried, a verb.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A selector names nothing.
    #[error("`{selector}` names no article of the archive, by URL, path or source; `bindery list` shows what is there")]
    NoMatch {
        /// The selector as it was given.
        selector: String,
    },
    /// The selection as a whole is empty.
    #[error("no article of the archive is selected; widen --query, --since, --until or --tag")]
    NothingSelected,
    /// A file of the archive is not what its manifest lists.
    #[error("{path} of the archive is not as its manifest lists it: {cause}; run `bindery verify`, then bundle again")]
    Damaged {
        /// The file, below the archive.
        path: String,
        /// What was found.
        cause: String,
    },
    /// The archive is being written to, and a file was not as it was listed: both may be right, a moment apart.
    #[error(
        "a run is writing to the archive ({holder}), and {path} was changed while it was packed; bundle again when the run has ended"
    )]
    Changing {
        /// The file, below the archive.
        path: String,
        /// Who writes, as the archive's lock names it.
        holder: String,
    },
    /// Another thread asked that it ends.
    #[error("interrupted; nothing that was not finished was left behind")]
    Interrupted,
    /// A capture cannot be gone through.
    #[error("{path} of the archive cannot be read as a capture: {source}")]
    Capture {
        /// The file, below the archive.
        path: String,
        /// What is wrong.
        source: Box<WarcError>,
    },
    /// Nothing that was selected was captured, and the format holds captures.
    #[error("none of the selected articles has a capture, and a WACZ holds nothing else; use --format bag or textpack")]
    NoCaptures,
    /// A text that cannot be packed.
    #[error("{path} cannot be packed: {cause}")]
    Text {
        /// The text, below the archive.
        path: String,
        /// What is wrong with it.
        cause: String,
    },
    /// One file for several texts.
    #[error("{count} articles are selected, and {} can hold one; end the name with / for a folder of files", .path.display())]
    SeveralTexts {
        /// The file asked for.
        path: PathBuf,
        /// How many articles are selected.
        count: usize,
    },
    /// The bundle would lie in the archive, which holds its own files alone.
    #[error("{} lies in the archive; name a file outside of it", .path.display())]
    InArchive {
        /// The file or folder asked for.
        path: PathBuf,
    },
    /// The target exists and holds something.
    #[error("{} is there already and not empty; name another folder", .path.display())]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// The file is no ZIP file that can be gone through.
    #[error("{} is no whole ZIP file: {cause}; it was cut short or damaged: take it from a copy", .path.display())]
    NoZip {
        /// The file.
        path: PathBuf,
        /// What was found.
        cause: String,
    },
    /// The bundle is none that can be restored.
    #[error("{} cannot be restored: {cause}", .path.display())]
    NotRestorable {
        /// The bundle.
        path: PathBuf,
        /// Why, and what to do next.
        cause: String,
    },
    /// A bundle without the file that a signature is over.
    #[error("{} cannot have a signature: {cause}", .path.display())]
    NoSeal {
        /// The bundle.
        path: PathBuf,
        /// What is missing.
        cause: String,
    },
    /// A key or a signature is none.
    #[error("{} is no {what}: {cause}", .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// What was found, and what to do next.
        cause: String,
    },
}

impl BundleError {
    pub(super) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source }
    }

    /// The same of a file by its path below the archive, where it was told by its name in the bundle.
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
