//! The list of an archive's articles.

use std::path::Path;

use crate::model::Timestamp;

use super::ArchiveError;
use super::reader::{Archive, Entry};

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
    fn of(Entry { folder, record }: Entry) -> Self {
        Self {
            captured: record.newest().map(|newest| newest.captured),
            published: record.published.as_ref().map(ToString::to_string),
            texts: record.snapshots.len(),
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

/// Lists every article of an archive: by the index where it agrees with the files, else by the records.
///
/// # Errors
/// The folder is not an archive, or a folder in it cannot be listed.
pub fn listed(root: &Path) -> Result<Listing, ArchiveError> {
    let archive = Archive::open(root)?;
    // While a run has not sealed its work, the manifests do not list its articles.
    #[cfg(feature = "store")]
    if !root.join(super::layout::UNSEALED).exists()
        && let Ok(listing) = super::search::listed(root)
    {
        return Ok(listing);
    }
    let mut listing = Listing::default();
    for entry in archive.each()? {
        match entry {
            Ok(entry) => listing.articles.push(Listed::of(entry)),
            Err(error) => listing.unreadable.push(error),
        }
    }
    Ok(listing)
}
