//! Tombstones: what stays of an article that was removed.

use std::num::NonZeroU64;

use serde::Deserialize;

use crate::model::{Digest, Timestamp};

use super::record;

pub(super) const TOMBSTONE: &str = "removed.json";

/// More than any tombstone has.
pub(super) const MAX_BYTES: usize = 1 << 20;

#[derive(Deserialize)]
#[expect(dead_code, reason = "some fields are read for their form alone")]
struct Tombstone {
    format: u32,
    url: String,
    removed: Timestamp,
    texts: NonZeroU64,
    record_sha256: Digest,
    software: String,
}

/// What is wrong with a tombstone by itself in this folder; None when nothing is.
pub(super) fn fault(bytes: &[u8], year: &str, slug: &str) -> Option<String> {
    match serde_json::from_slice::<Tombstone>(bytes) {
        Err(error) => Some(format!("is no tombstone: {error}")),
        Ok(Tombstone { format, .. }) if format != 1 => {
            Some(format!("has format {format}, and the archive has format 1"))
        }
        Ok(tombstone) => record::strays(&tombstone.url, year, slug),
    }
}
