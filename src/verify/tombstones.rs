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

/// Returns what is wrong with a tombstone by itself in this folder; None if nothing is.
pub(super) fn fault(bytes: &[u8], year: &str, slug: &str) -> Option<String> {
    match serde_json::from_slice::<Tombstone>(bytes) {
        Err(error) => Some(format!("is not a valid tombstone: {error}")),
        Ok(Tombstone { format, .. }) if format != 1 => {
            Some(format!("has format {format}, but the archive has format 1"))
        }
        Ok(tombstone) => record::misplaced(&tombstone.url, year, slug),
    }
}
