//! `removed.json`: what is left of an article that was removed.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::model::{Digest, Timestamp};

use super::ArchiveError;

/// The file that is left of an article that was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// Always 1.
    pub format: u32,
    /// The URL of the article that was removed.
    pub url: String,
    /// When it was removed.
    pub removed: Timestamp,
    /// The number of texts that it had.
    pub texts: u64,
    /// The digest of the record that was removed.
    pub record_sha256: Digest,
    /// Name and version of the program that removed it.
    pub software: String,
}

impl Tombstone {
    /// Parses a tombstone's bytes.
    pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, ArchiveError> {
        serde_json::from_slice(bytes)
            .map_err(|error| ArchiveError::BadRecord { path: path.to_owned(), cause: error.to_string() })
    }
}
