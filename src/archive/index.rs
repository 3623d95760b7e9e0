//! The index of an archive: where its articles, images and payloads are, so that opening a large archive is as fast as
//! opening a small one.
//!
//! The files are authoritative. An index can be deleted at any time and is rebuilt from them.

mod memory;
#[cfg(feature = "store")]
mod sqlite;

use crate::model::{Digest, ImageFormat, UrlKey};

use super::ArchiveError;
use super::record::{Payload, Record, key_of};
use super::variants::places;

/// The number of articles in one place that are returned: a site whose pages all have one title is not searched.
const MOST_LISTED: usize = 16;

pub(super) use memory::MemoryIndex;
#[cfg(feature = "store")]
pub(super) use sqlite::SqliteIndex;

/// What an index stores about one article.
#[derive(Debug, Default)]
pub(super) struct IndexEntry {
    /// The article's keys; the first is its own, the others are aliases.
    pub keys: Vec<UrlKey>,
    /// The key of the newest text's canonical URL; `None` if there is none or it is one of `keys`.
    pub claim: Option<UrlKey>,
    /// Where it is listed for pages that may be the same article.
    pub places: Vec<String>,
    /// The payloads that its captures contain.
    pub payloads: Vec<(Digest, Payload)>,
}

impl IndexEntry {
    pub fn of(record: &Record) -> Self {
        let keys: Vec<UrlKey> = record.keys().collect();
        let claim = record.newest().and_then(|newest| newest.canonical.as_deref()).and_then(key_of);
        let places = places(record);
        Self { claim: claim.filter(|key| !keys.contains(key)), places, payloads: record.payloads(), keys }
    }
}

/// An index of articles, images and payloads.
pub(super) trait Index: std::fmt::Debug + Send {
    /// Returns the folder of the article with this key. An article's own key takes precedence over an alias; of several
    /// folders, the first by name is returned.
    fn folder(&self, key: &UrlKey) -> Result<Option<String>, ArchiveError>;
    /// Returns the folders of the articles whose canonical URL has this key, sorted.
    fn claimants(&self, key: &UrlKey) -> Result<Vec<String>, ArchiveError>;
    /// Returns the folders of the articles that are listed in a place, the first few by name.
    fn listed(&self, place: &str) -> Result<Vec<String>, ArchiveError>;
    /// Adds an article, replacing an earlier entry of its folder. Of equal payloads, the first is kept.
    fn put_article(&mut self, folder: &str, entry: &IndexEntry) -> Result<(), ArchiveError>;
    /// Removes an article and the payloads of its captures.
    fn forget_article(&mut self, folder: &str) -> Result<(), ArchiveError>;
    /// Returns the number of articles.
    fn articles(&self) -> Result<usize, ArchiveError>;
    /// Returns the format under which an image is stored; `None` if it is not stored.
    fn image(&self, digest: &Digest) -> Result<Option<ImageFormat>, ArchiveError>;
    /// Adds a stored image. A digest keeps its first format.
    fn put_image(&mut self, digest: &Digest, format: ImageFormat) -> Result<(), ArchiveError>;
    /// Removes an image.
    fn forget_image(&mut self, digest: &Digest) -> Result<(), ArchiveError>;
    /// Returns the record that contains a payload; `None` if there is none.
    fn payload(&self, digest: &Digest) -> Result<Option<Payload>, ArchiveError>;
    /// Returns the digest of the root manifest that the index agrees with; `None` for an index that was never sealed.
    fn stamp(&self) -> Result<Option<Digest>, ArchiveError>;
    /// Removes everything.
    #[cfg_attr(not(feature = "store"), allow(dead_code, reason = "an index in memory starts empty"))]
    fn clear(&mut self) -> Result<(), ArchiveError>;
    /// Makes all changes durable and sets the digest of the root manifest that the index agrees with.
    fn seal(&mut self, stamp: &Digest) -> Result<(), ArchiveError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tests that every index must pass.
    pub(super) fn suite(index: &mut dyn Index) {
        let key = |text: &str| UrlKey::of(&url::Url::parse(text).unwrap());
        let (a, b, c) = (key("http://example.org/a"), key("http://example.org/b"), key("http://example.org/c"));
        let entry = |keys: &[&UrlKey], claim: Option<&UrlKey>, file: &str| IndexEntry {
            keys: keys.iter().map(|key| (*key).clone()).collect(),
            claim: claim.cloned(),
            places: vec![format!("place of {file}"), "place".to_owned()],
            payloads: vec![(Digest::of(b"x"), payload(file))],
        };
        assert_eq!(index.stamp().unwrap(), None);
        index.put_article("two", &entry(&[&b], Some(&c), "2")).unwrap();
        index.put_article("one", &entry(&[&a, &b, &c], None, "1")).unwrap();
        assert_eq!(index.folder(&a).unwrap().as_deref(), Some("one"));
        assert_eq!(
            index.folder(&b).unwrap().as_deref(),
            Some("two"),
            "an article's own key takes precedence over an alias"
        );
        assert_eq!(index.folder(&c).unwrap().as_deref(), Some("one"));
        assert_eq!(index.claimants(&c).unwrap(), ["two"]);
        assert_eq!(index.listed("place").unwrap(), ["one", "two"]);
        assert_eq!(index.listed("place of 2").unwrap(), ["two"]);
        assert_eq!(index.articles().unwrap(), 2);
        assert_eq!(index.payload(&Digest::of(b"x")).unwrap(), Some(payload("2")), "the first is kept");

        index.put_article("one", &entry(&[&a], None, "1")).unwrap();
        assert_eq!(index.folder(&c).unwrap(), None, "keys that the article no longer has are removed");
        index.forget_article("two").unwrap();
        assert_eq!((index.folder(&b).unwrap(), index.articles().unwrap()), (None, 1));
        assert!(index.claimants(&c).unwrap().is_empty());
        assert_eq!(index.listed("place").unwrap(), ["one"]);
        assert_eq!(index.payload(&Digest::of(b"x")).unwrap(), None);

        let image = Digest::of(b"image");
        index.put_image(&image, ImageFormat::Png).unwrap();
        index.put_image(&image, ImageFormat::Gif).unwrap();
        assert_eq!(index.image(&image).unwrap(), Some(ImageFormat::Png), "the first format is kept");
        index.forget_image(&image).unwrap();
        assert_eq!(index.image(&image).unwrap(), None);

        index.seal(&Digest::of(b"root")).unwrap();
        assert_eq!(index.stamp().unwrap(), Some(Digest::of(b"root")));
        index.clear().unwrap();
        assert_eq!((index.articles().unwrap(), index.stamp().unwrap()), (0, None));
    }

    fn payload(file: &str) -> Payload {
        Payload {
            file: file.to_owned(),
            record: "urn:uuid:00000000-0000-8000-8000-000000000000".parse().unwrap(),
            url: "http://example.org/a".to_owned(),
            received: "2026-11-23T08:58:55Z".parse().unwrap(),
        }
    }
}
