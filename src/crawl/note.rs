//! What the queue stores about a page: what the list that named it says.

use serde::{Deserialize, Serialize};

use crate::archive::FeedClaims;
use crate::capture::{FeedText, TextSource};

use super::seeds::Item;

/// What a list says about a page.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Note {
    /// Its text in a feed.
    pub text: Option<FeedText>,
    /// What a feed claims about its identity.
    pub claims: FeedClaims,
    /// Where its text is.
    pub text_source: TextSource,
    /// When it was last changed, exactly as a sitemap says.
    pub lastmod: Option<String>,
}

impl Note {
    /// Returns the note of an item, as text; empty if the list says nothing of it.
    pub fn write(item: &Item) -> String {
        let Item { lastmod, offer, claims, text_source, .. } = item;
        if lastmod.is_none() && offer.is_none() && claims.items.is_empty() {
            return String::new();
        }
        let (text, claims, lastmod) = (offer.clone(), claims.clone(), lastmod.clone());
        // A text that cannot be serialized is omitted.
        serde_json::to_string(&Self { text, claims, text_source: *text_source, lastmod }).unwrap_or_default()
    }

    /// Reads a note.
    pub fn read(note: &str) -> Self {
        serde_json::from_str(note).unwrap_or_default()
    }
}

/// Which page of a feed a seed is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedPage {
    /// The URL of the first page.
    pub first: String,
    /// Its number, from 1.
    pub number: u32,
    /// The number of pages before it, one after the other, that list nothing new.
    pub idle: u32,
}
