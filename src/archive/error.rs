//! The errors of reading and writing an archive.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::{Failure, FailureKind, Stage};

/// What the user can do about records in an older form.
pub(crate) const OLDER_ADVICE: &str = "use the bindery that wrote it, or make a new archive of its captures: \
     `bindery convert OLD/captures --archive NEW`";

/// An error of an archive: what was attempted, why it failed, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The folder does not exist.
    #[error("there is no archive at {}: the folder does not exist; check the path, or archive a page to create it", .path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The folder exists but is not an archive.
    #[error("{} is not a bindery archive: it has no bindery-archive.json; choose an archive, or an empty folder for a new one", .path.display())]
    NotAnArchive {
        /// The folder.
        path: PathBuf,
    },
    /// The archive has a newer format.
    #[error("{} has archive format {found}, but this bindery supports only format 1; use a newer bindery", .path.display())]
    NewerFormat {
        /// The archive.
        path: PathBuf,
        /// The format that its marker states.
        found: u64,
    },
    /// The marker file is invalid.
    #[error("{} is damaged: it should contain {{\"format\": 1}}; run `bindery repair`, or restore it from a copy", .path.display())]
    DamagedMarker {
        /// The marker.
        path: PathBuf,
    },
    /// Another process is writing to the archive.
    #[error("{} is in use by {holder}; wait until it ends, or stop it, and run again", .path.display())]
    Locked {
        /// The archive.
        path: PathBuf,
        /// How the holder describes itself; `another process` if that cannot be read.
        holder: String,
    },
    /// An archive should be merged into itself.
    #[error("{} is the archive itself; name another archive, or choose the target with -a", .path.display())]
    MergeOfItself {
        /// The archive.
        path: PathBuf,
    },
    /// An archive that should be merged has a run that did not finish.
    #[error("{} has an unfinished run; wait until it ends, or run `bindery reindex -a` on it, and merge again", .path.display())]
    UnfinishedRun {
        /// The archive.
        path: PathBuf,
    },
    /// An operation of the operating system failed.
    #[error("cannot {action} {}: {source}; {}", .path.display(), advice(.source))]
    Io {
        /// The operation: `read`, `write`, `create`…
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A `record.json` or `removed.json` is invalid.
    #[error("{} is not a valid record: {cause}; restore it from a copy, then run `bindery verify`", .path.display())]
    BadRecord {
        /// The record.
        path: PathBuf,
        /// What is invalid.
        cause: String,
    },
    /// A record was written by a development version, before the names of format 1 were final.
    #[error("{} has an older form (`{field}`), which this bindery does not read; {OLDER_ADVICE}", .path.display())]
    OlderRecord {
        /// The record.
        path: PathBuf,
        /// The field by which it is recognised.
        field: &'static str,
    },
    /// The folder of a new article already contains a record of another page or a damaged one.
    #[error("cannot archive {key}: {} contains a record that is damaged or belongs to another page; run `bindery verify` and restore that record", .path.display())]
    FolderOccupied {
        /// The page's key.
        key: String,
        /// The folder.
        path: PathBuf,
    },
    /// None of the visit's URLs has the page's key.
    #[error("cannot archive {key}: the URL of the page is unknown; give it with `--url`")]
    NoUrl {
        /// The key.
        key: String,
    },
    /// A manifest cannot list this path.
    #[error(
        "cannot write {path:?}: a path in an archive must not contain a backslash, a control character or `..`; please report this bug"
    )]
    BadName {
        /// The path below the archive.
        path: String,
    },
    /// An image's bytes do not have its digest.
    #[error("cannot store the image {digest}: its bytes have another digest; fetch it again")]
    BadImage {
        /// The stated digest.
        digest: String,
    },
    /// The record would exceed the format's limit.
    #[error("cannot write {}: the record would have {size} bytes, but the limit is {limit}; the page has too many images", .path.display())]
    RecordTooLarge {
        /// The record.
        path: PathBuf,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: u64,
    },
    /// The index cannot be read or written.
    #[error("cannot use the index {}: {cause}; delete the file and run again: the index is rebuilt", .path.display())]
    Index {
        /// The index.
        path: PathBuf,
        /// What the database reported.
        cause: String,
    },
    /// A capture cannot be read or written.
    #[error("cannot use the capture {}: {cause}; run `bindery verify`", .path.display())]
    Capture {
        /// The WARC file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
}

impl ArchiveError {
    /// Returns whether the error concerns one article only, so that a run can continue with the others.
    pub fn is_of_one_article(&self) -> bool {
        matches!(
            self,
            Self::BadRecord { .. }
                | Self::OlderRecord { .. }
                | Self::FolderOccupied { .. }
                | Self::NoUrl { .. }
                | Self::BadName { .. }
                | Self::BadImage { .. }
                | Self::RecordTooLarge { .. }
        )
    }

    /// Returns the failure of the page that the error concerns.
    ///
    /// # Errors
    /// The error concerns the archive, not one page; it ends the run.
    pub fn page_failure(self) -> Result<Failure, Self> {
        if !self.is_of_one_article() {
            return Err(self);
        }
        Ok(Failure::new(Stage::Archive, FailureKind::Record, self.to_string()))
    }

    /// Creates an error of the operating system.
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    /// Creates an error of the database.
    #[cfg(feature = "store")]
    pub(super) fn index(path: &Path, cause: &rusqlite::Error) -> Self {
        Self::Index { path: path.to_owned(), cause: cause.to_string() }
    }
}

/// Returns what the user can do about an error of the operating system.
fn advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space and run again",
        io::ErrorKind::ReadOnlyFilesystem => "choose an archive on a writable disk",
        io::ErrorKind::PermissionDenied => "check the permissions",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a file exists where a folder is needed; move it"
        }
        _ => "check the disk and run again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_full_disk_names_the_path_and_the_remedy() {
        let source = io::Error::from(io::ErrorKind::StorageFull);
        let text = ArchiveError::io("write", Path::new("/a/record.json"), source).to_string();
        assert!(text.starts_with("cannot write /a/record.json: "), "{text}");
        assert!(text.ends_with("free some space and run again"), "{text}");
    }
}
