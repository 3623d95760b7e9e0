//! The list of an archive's articles.

use std::path::Path;

use super::ArchiveError;
use super::listed::{Listed, Listing};
use super::reader::Archive;

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
