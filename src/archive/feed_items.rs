//! Articles as items of feeds: an identifier that stays while the link changes names one article.

use serde::{Deserialize, Serialize};

use crate::model::{FeedItem, GuidTrust};

use super::record::{MAX_ALIASES, Record};

/// What feeds say of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedClaims {
    /// The item that the page is, one entry for each URL of its feed.
    pub items: Vec<FeedItem>,
    /// How far their identifiers are trusted.
    pub trust: GuidTrust,
}

/// Adds the items that a visit found the article to be.
pub(super) fn note_items(record: &mut Record, items: &[FeedItem]) {
    for item in items {
        if !record.feed_items.contains(item) && record.feed_items.len() < MAX_ALIASES {
            record.feed_items.push(item.clone());
        }
    }
    record.feed_items.sort();
}
