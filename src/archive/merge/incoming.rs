//! The other archive: its files, read and compared with the digests that its records and manifests state.

use std::collections::BTreeMap;
use std::path::Path;

use crate::model::{Digest, Image, UrlKey};

use super::super::ArchiveError;
use super::super::layout::{CAPTURES, IMAGES, RUNS, TOMBSTONE, image_name};
use super::super::manifest;
use super::super::reader::{article_folders, list};
use super::super::record::{key_of, read_bytes};
use super::super::tombstone::Tombstone;

/// A file of the other archive that cannot be taken, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Its path below that archive.
    pub path: String,
    /// What is wrong with it, as a predicate of the path.
    pub cause: String,
}

impl Damage {
    pub fn new(path: &str, cause: impl Into<String>) -> Self {
        Self { path: path.to_owned(), cause: cause.into() }
    }
}

/// Returns the listed digests of the captures and runs of an archive, by path.
pub fn listed(root: &Path) -> Result<BTreeMap<String, Digest>, ArchiveError> {
    let mut leaves = Vec::new();
    for year in list(&root.join(CAPTURES))?.0 {
        let folder = format!("{CAPTURES}/{year}");
        leaves.extend(list(&root.join(&folder))?.0.into_iter().map(|month| format!("{folder}/{month}")));
    }
    leaves.extend(list(&root.join(RUNS))?.0.into_iter().map(|year| format!("{RUNS}/{year}")));
    let mut digests = BTreeMap::new();
    for leaf in leaves {
        let lines = manifest::read(&root.join(&leaf))?.map(|manifest| manifest.lines).unwrap_or_default();
        digests.extend(lines.into_iter().map(|(name, digest)| (format!("{leaf}/{name}"), digest)));
    }
    Ok(digests)
}

/// Returns the paths of the images of an archive, sorted.
pub fn images(root: &Path) -> Result<Vec<String>, ArchiveError> {
    let mut paths = Vec::new();
    for start in list(&root.join(IMAGES))?.0 {
        let folder = format!("{IMAGES}/{start}");
        let names = list(&root.join(&folder))?.1.into_iter().filter(|name| image_name(name).is_some());
        paths.extend(names.map(|name| format!("{folder}/{name}")));
    }
    Ok(paths)
}

/// Returns the tombstones of an archive with their folders. One that cannot be read is left out; `verify` reports it.
pub fn tombstones(root: &Path) -> Result<Vec<(UrlKey, String, Tombstone)>, ArchiveError> {
    let mut found = Vec::new();
    for folder in article_folders(root)? {
        let path = root.join(&folder).join(TOMBSTONE);
        let Ok(bytes) = read_bytes(&path) else { continue };
        let Ok(tombstone) = Tombstone::parse(&path, &bytes) else { continue };
        found.extend(key_of(&tombstone.url).map(|key| (key, folder, tombstone)));
    }
    Ok(found)
}

/// Reads an image whose name is the digest of its bytes.
pub fn image(root: &Path, path: &str) -> Result<Image, Damage> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let (digest, format) = image_name(name).ok_or_else(|| Damage::new(path, "is not named like an image"))?;
    let bytes = bytes(root, path, &digest)?;
    Ok(Image { digest, format, bytes })
}

/// Reads a file and compares its digest.
pub fn bytes(root: &Path, path: &str, digest: &Digest) -> Result<Vec<u8>, Damage> {
    let bytes =
        std::fs::read(root.join(path)).map_err(|error| Damage::new(path, format!("cannot be read: {error}")))?;
    match Digest::of(&bytes) {
        found if found == *digest => Ok(bytes),
        found => Err(Damage::new(path, format!("is damaged: its digest is {found}, and {digest} is stated"))),
    }
}
