//! An index in memory.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Digest, ImageFormat, UrlKey};

use super::{Index, IndexEntry, MOST_LISTED};
use crate::archive::ArchiveError;
use crate::archive::record::Payload;

/// An index in memory, rebuilt from the files by each run.
#[derive(Debug, Default)]
pub(in crate::archive) struct MemoryIndex {
    /// By folder.
    articles: BTreeMap<String, Listed>,
    /// Key → whether it is an alias, and the folder.
    keys: BTreeMap<UrlKey, BTreeSet<(bool, String)>>,
    claims: BTreeMap<UrlKey, BTreeSet<String>>,
    places: BTreeSet<(String, String)>,
    images: BTreeMap<Digest, ImageFormat>,
    /// Digest → the folder of the article whose capture contains the payload, and the record.
    payloads: BTreeMap<Digest, (String, Payload)>,
    stamp: Option<Digest>,
}

/// Where an article is listed.
#[derive(Debug)]
struct Listed {
    keys: Vec<UrlKey>,
    claim: Option<UrlKey>,
    places: Vec<String>,
}

impl MemoryIndex {
    fn remove_keys(&mut self, folder: &str) {
        let Some(Listed { keys, claim, places }) = self.articles.remove(folder) else { return };
        for (at, key) in keys.iter().enumerate() {
            if let Some(folders) = self.keys.get_mut(key) {
                folders.remove(&(at > 0, folder.to_owned()));
            }
        }
        if let Some(folders) = claim.and_then(|key| self.claims.get_mut(&key)) {
            folders.remove(folder);
        }
        for place in places {
            self.places.remove(&(place, folder.to_owned()));
        }
    }
}

impl Index for MemoryIndex {
    fn folder(&self, key: &UrlKey) -> Result<Option<String>, ArchiveError> {
        Ok(self.keys.get(key).and_then(|folders| folders.first()).map(|(_, folder)| folder.clone()))
    }

    fn claimants(&self, key: &UrlKey) -> Result<Vec<String>, ArchiveError> {
        Ok(self.claims.get(key).into_iter().flatten().cloned().collect())
    }

    fn listed(&self, place: &str) -> Result<Vec<String>, ArchiveError> {
        let from = self.places.range((place.to_owned(), String::new())..);
        let here = from.take_while(|(listed, _)| listed == place).map(|(_, folder)| folder.clone());
        Ok(here.take(MOST_LISTED).collect())
    }

    fn put_article(&mut self, folder: &str, entry: &IndexEntry) -> Result<(), ArchiveError> {
        self.remove_keys(folder);
        for (at, key) in entry.keys.iter().enumerate() {
            self.keys.entry(key.clone()).or_default().insert((at > 0, folder.to_owned()));
        }
        if let Some(key) = &entry.claim {
            self.claims.entry(key.clone()).or_default().insert(folder.to_owned());
        }
        for (digest, payload) in &entry.payloads {
            self.payloads.entry(*digest).or_insert_with(|| (folder.to_owned(), payload.clone()));
        }
        self.places.extend(entry.places.iter().map(|place| (place.clone(), folder.to_owned())));
        let listed = Listed { keys: entry.keys.clone(), claim: entry.claim.clone(), places: entry.places.clone() };
        self.articles.insert(folder.to_owned(), listed);
        Ok(())
    }

    fn forget_article(&mut self, folder: &str) -> Result<(), ArchiveError> {
        self.remove_keys(folder);
        self.payloads.retain(|_, (owner, _)| owner != folder);
        Ok(())
    }

    fn articles(&self) -> Result<usize, ArchiveError> {
        Ok(self.articles.len())
    }

    fn image(&self, digest: &Digest) -> Result<Option<ImageFormat>, ArchiveError> {
        Ok(self.images.get(digest).copied())
    }

    fn put_image(&mut self, digest: &Digest, format: ImageFormat) -> Result<(), ArchiveError> {
        self.images.entry(*digest).or_insert(format);
        Ok(())
    }

    fn forget_image(&mut self, digest: &Digest) -> Result<(), ArchiveError> {
        self.images.remove(digest);
        Ok(())
    }

    fn payload(&self, digest: &Digest) -> Result<Option<Payload>, ArchiveError> {
        Ok(self.payloads.get(digest).map(|(_, payload)| payload.clone()))
    }

    fn stamp(&self) -> Result<Option<Digest>, ArchiveError> {
        Ok(self.stamp)
    }

    fn clear(&mut self) -> Result<(), ArchiveError> {
        *self = Self::default();
        Ok(())
    }

    fn seal(&mut self, stamp: &Digest) -> Result<(), ArchiveError> {
        self.stamp = Some(*stamp);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_index_passes_the_shared_tests() {
        super::super::tests::suite(&mut MemoryIndex::default());
    }
}
