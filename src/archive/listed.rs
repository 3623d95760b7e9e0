//! Articles as lists have them.

use crate::model::Timestamp;

use super::ArchiveError;
use super::reader::Entry;

/// An article in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its folder below the archive.
    pub folder: String,
    /// Its title; empty when it has none.
    pub title: String,
    /// Its URL.
    pub url: String,
    /// The site's name; empty when unknown.
    pub site: String,
    /// When it was published; `None` if unknown.
    pub published: Option<String>,
    /// When its newest text was captured.
    pub captured: Option<Timestamp>,
    /// The number of its texts.
    pub texts: usize,
}

impl Listed {
    /// Returns the article of an entry.
    pub(super) fn of(Entry { folder, record }: Entry) -> Self {
        Self {
            captured: record.newest().map(|newest| newest.captured),
            published: record.published.as_ref().map(ToString::to_string),
            texts: record.accepted().count(),
            site: record.site.unwrap_or_default(),
            title: record.title,
            url: record.url,
            folder,
        }
    }
}

/// The articles of an archive.
#[derive(Debug, Default)]
pub struct Listing {
    /// Those whose records can be read, sorted by folder.
    pub articles: Vec<Listed>,
    /// Why the others cannot be read.
    pub unreadable: Vec<ArchiveError>,
}
