//! Checks tombstones, the files that remain of removed articles.

use std::num::NonZeroU64;

use serde::Deserialize;

use crate::model::{Digest, Timestamp};

use super::record;

pub(super) const TOMBSTONE: &str = "removed.json";

/// The maximum size of a tombstone in bytes.
pub(super) const MAX_BYTES: usize = 1 << 20;

#[derive(Deserialize)]
#[expect(dead_code, reason = "some fields are parsed only to check their types")]
struct Tombstone {
    format: u32,
    url: String,
    removed: Timestamp,
    texts: NonZeroU64,
    record_sha256: Digest,
    software: String,
}

/// Returns the digest of the record that was removed, or what is wrong with a tombstone by itself in this folder.
pub(super) fn removed_record(bytes: &[u8], year: &str, slug: &str) -> Result<Digest, String> {
    let tombstone: Tombstone =
        serde_json::from_slice(bytes).map_err(|error| format!("is not a valid tombstone: {error}"))?;
    if tombstone.format != 1 {
        return Err(format!("has format {}, but the archive has format 1", tombstone.format));
    }
    match record::misplaced(&tombstone.url, year, slug) {
        Some(fault) => Err(fault),
        None => Ok(tombstone.record_sha256),
    }
}
