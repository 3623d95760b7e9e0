//! What can go wrong between a caller and the files of an archive.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::{Failure, Stage};

/// A failure of an archive: what was asked for, why it cannot be had, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The folder does not exist.
    #[error("there is no archive at {}: the folder does not exist; check the path, or archive a page to create it", .path.display())]
    Missing {
        /// The folder asked for.
        path: PathBuf,
    },
    /// The folder exists and holds other things.
    #[error("{} is no bindery archive: it holds no bindery-archive.json; name an archive, or an empty folder to make one in", .path.display())]
    NotAnArchive {
        /// The folder asked for.
        path: PathBuf,
    },
    /// A later bindery made the archive.
    #[error("{} has archive format {found} and this bindery knows format 1 only; use a newer bindery", .path.display())]
    NewerFormat {
        /// The archive.
        path: PathBuf,
        /// The format its marker names.
        found: u64,
    },
    /// The marker is there and is not what a marker is.
    #[error("{} is damaged: it should hold {{\"format\": 1}}; restore it from a copy, then run `bindery verify`", .path.display())]
    DamagedMarker {
        /// The marker.
        path: PathBuf,
    },
    /// Another process writes to the archive.
    #[error("{} is in use by {holder}; wait for it to end, or stop it, and run again", .path.display())]
    Locked {
        /// The archive.
        path: PathBuf,
        /// What the holder said of itself; `another process` where that cannot be read.
        holder: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {source}; {}", .path.display(), advice(.source))]
    Io {
        /// `read`, `write`, `create`…
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A record that is not the JSON that a record is.
    #[error("{} cannot be read as a record: {cause}; restore it from a copy, then run `bindery verify`", .path.display())]
    BadRecord {
        /// The record.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// A folder that a new article needs holds a record already, of another page or a damaged one.
    #[error("cannot keep {key}: {} holds another or a damaged record; run `bindery verify` and restore that record", .path.display())]
    InTheWay {
        /// The page's key.
        key: String,
        /// The folder.
        path: PathBuf,
    },
    /// A key that none of the visit's URLs has.
    #[error("cannot keep {key}: no URL leads to this key; give the page a URL with `--url`")]
    NoUrl {
        /// The key.
        key: String,
    },
    /// A path that cannot stand in a manifest.
    #[error(
        "cannot write {path:?}: a path in an archive holds no backslash, no control character and no `..`; report this as a bug"
    )]
    BadName {
        /// The path below the archive.
        path: String,
    },
    /// An image whose bytes are not those of its digest.
    #[error("cannot keep the image {digest}: its bytes have another digest; fetch it again")]
    BadImage {
        /// The digest it came with.
        digest: String,
    },
    /// A record beyond the limit that every reader keeps.
    #[error("cannot keep {}: its record would be {size} bytes and the limit is {limit}; the page mentions too many images", .path.display())]
    RecordTooLarge {
        /// The record.
        path: PathBuf,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: u64,
    },
    /// The index cannot be used.
    #[error("cannot use the index {}: {cause}; delete it and run again, nothing is lost with it", .path.display())]
    Index {
        /// The index.
        path: PathBuf,
        /// What the database said.
        cause: String,
    },
    /// A capture that cannot be written or read.
    #[error("cannot use the capture {}: {cause}; run `bindery verify`", .path.display())]
    Capture {
        /// The WARC file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
}

impl ArchiveError {
    /// Whether it concerns one article, and the others can go on.
    pub fn is_of_one_article(&self) -> bool {
        matches!(
            self,
            Self::BadRecord { .. }
                | Self::InTheWay { .. }
                | Self::NoUrl { .. }
                | Self::BadName { .. }
                | Self::BadImage { .. }
                | Self::RecordTooLarge { .. }
        )
    }

    /// The failure of the page that it concerns.
    ///
    /// # Errors
    /// It concerns the archive, and ends the run.
    pub fn page_failure(self) -> Result<Failure, Self> {
        if !self.is_of_one_article() {
            return Err(self);
        }
        Ok(Failure { stage: Stage::Archive, kind: "record".to_owned(), message: self.to_string() })
    }

    /// A refusal of the operating system.
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    /// A refusal of the database.
    #[cfg(feature = "store")]
    pub(super) fn index(path: &Path, cause: &rusqlite::Error) -> Self {
        Self::Index { path: path.to_owned(), cause: cause.to_string() }
    }
}

/// What a person can do about a refusal.
fn advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space and run again",
        io::ErrorKind::ReadOnlyFilesystem => "choose an archive on a disk that can be written",
        io::ErrorKind::PermissionDenied => "check who may read and write there",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a file stands where a folder is needed; move it"
        }
        _ => "check the disk and run again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_names_the_path_and_the_way_out() {
        let source = io::Error::from(io::ErrorKind::StorageFull);
        let text = ArchiveError::io("write", Path::new("/a/record.json"), source).to_string();
        assert!(text.starts_with("cannot write /a/record.json: "), "{text}");
        assert!(text.ends_with("free some space and run again"), "{text}");
    }
}
