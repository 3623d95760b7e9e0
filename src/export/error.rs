//! Errors of an export.

use std::io;
use std::path::{Path, PathBuf};

use crate::archive::ArchiveError;
use crate::bundle::BundleError;

/// Why an export ended before its end. What it wrote until then stays, and the next one completes it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The selection is not valid.
    #[error(transparent)]
    Selection(#[from] BundleError),
    /// The operating system reported an error.
    #[error("cannot {action} {}: {source}; check the path, the free space and the permissions", .path.display())]
    Io {
        /// What failed, a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The output folder has files that no export wrote.
    #[error("{} is not empty, and no export wrote it; choose another folder, or add --into to write among its files", .path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The output folder was exported for another program.
    #[error("{} was exported for {found}; use --profile {found}, or another folder", .path.display())]
    OtherProfile {
        /// The folder.
        path: PathBuf,
        /// The profile that it has.
        found: String,
    },
    /// The output folder lies in the archive.
    #[error("{} is inside the archive, which contains its own files only; choose another folder", .path.display())]
    InArchive {
        /// The folder.
        path: PathBuf,
    },
    /// The state file cannot be read.
    #[error("{} cannot be read: {cause}; restore it from a copy, or remove it and export with --into", .path.display())]
    DamagedState {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// Another thread interrupted the work.
    #[error("interrupted; the next export completes it")]
    Interrupted,
}

impl ExportError {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    /// Returns whether the user asked for something that cannot be done.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NotEmpty { .. } | Self::OtherProfile { .. } | Self::InArchive { .. })
    }
}
