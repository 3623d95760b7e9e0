//! Where things are: what the files of an archive say, kept so that opening a large archive costs as little as a small one.
//!
//! The files are the truth. An index may be thrown away at any time and is made anew from them.

mod memory;
#[cfg(feature = "store")]
mod sqlite;

use crate::model::{Digest, ImageFormat, UrlKey};

use super::ArchiveError;
use super::record::{Payload, Record, key_of};

pub(super) use memory::MemoryIndex;
#[cfg(feature = "store")]
pub(super) use sqlite::SqliteIndex;

/// What one article adds to an index.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// The keys that lead to it; the first is its own.
    pub keys: Vec<UrlKey>,
    /// The key that its newest text claims for itself; None when that is one of `keys`, or none.
    pub claim: Option<UrlKey>,
    /// The payloads that its captures hold whole.
    pub payloads: Vec<(Digest, Payload)>,
}

impl Entry {
    pub fn of(record: &Record) -> Self {
        let keys: Vec<UrlKey> = record.keys().collect();
        let claim = record.newest().and_then(|newest| newest.canonical.as_deref()).and_then(key_of);
        Self { claim: claim.filter(|key| !keys.contains(key)), payloads: record.payloads(), keys }
    }
}

/// Finds articles, images and payloads.
pub(super) trait Index: std::fmt::Debug + Send {
    /// The folder of the article with this key: its own before another's alias, then the first by name.
    fn folder(&self, key: &UrlKey) -> Result<Option<String>, ArchiveError>;
    /// The folders of articles that claim this key as their canonical URL, sorted.
    fn claimants(&self, key: &UrlKey) -> Result<Vec<String>, ArchiveError>;
    /// Puts an article in place of what was known of its folder; the first of equal payloads stays.
    fn put_article(&mut self, folder: &str, entry: &Entry) -> Result<(), ArchiveError>;
    /// Forgets an article and the payloads of its captures.
    fn forget_article(&mut self, folder: &str) -> Result<(), ArchiveError>;
    /// How many articles there are.
    fn articles(&self) -> Result<usize, ArchiveError>;
    /// The format under which an image is stored; None when it is not.
    fn image(&self, digest: &Digest) -> Result<Option<ImageFormat>, ArchiveError>;
    /// Notes a stored image. The first name of a digest stays.
    fn put_image(&mut self, digest: &Digest, format: ImageFormat) -> Result<(), ArchiveError>;
    /// Forgets an image.
    fn forget_image(&mut self, digest: &Digest) -> Result<(), ArchiveError>;
    /// Where a payload is whole; None when it is nowhere.
    fn payload(&self, digest: &Digest) -> Result<Option<Payload>, ArchiveError>;
    /// Digest of the root manifest that the index agrees with; None for an index that was never sealed.
    fn stamp(&self) -> Result<Option<Digest>, ArchiveError>;
    /// Forgets everything.
    #[cfg_attr(not(feature = "store"), allow(dead_code, reason = "an index in memory begins empty"))]
    fn clear(&mut self) -> Result<(), ArchiveError>;
    /// Makes what was put durable, as agreeing with this root manifest.
    fn seal(&mut self, stamp: &Digest) -> Result<(), ArchiveError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What every index does.
    pub(super) fn suite(index: &mut dyn Index) {
        let key = |text: &str| UrlKey::of(&url::Url::parse(text).unwrap());
        let (a, b, c) = (key("http://example.org/a"), key("http://example.org/b"), key("http://example.org/c"));
        let entry = |keys: &[&UrlKey], claim: Option<&UrlKey>, file: &str| Entry {
            keys: keys.iter().map(|key| (*key).clone()).collect(),
            claim: claim.cloned(),
            payloads: vec![(Digest::of(b"x"), payload(file))],
        };
        assert_eq!(index.stamp().unwrap(), None);
        index.put_article("two", &entry(&[&b], Some(&c), "2")).unwrap();
        index.put_article("one", &entry(&[&a, &b, &c], None, "1")).unwrap();
        assert_eq!(index.folder(&a).unwrap().as_deref(), Some("one"));
        assert_eq!(index.folder(&b).unwrap().as_deref(), Some("two"), "an own key goes before an alias");
        assert_eq!(index.folder(&c).unwrap().as_deref(), Some("one"));
        assert_eq!(index.claimants(&c).unwrap(), ["two"]);
        assert_eq!(index.articles().unwrap(), 2);
        assert_eq!(index.payload(&Digest::of(b"x")).unwrap(), Some(payload("2")), "the first stays");

        index.put_article("one", &entry(&[&a], None, "1")).unwrap();
        assert_eq!(index.folder(&c).unwrap(), None, "what an article no longer says is forgotten");
        index.forget_article("two").unwrap();
        assert_eq!((index.folder(&b).unwrap(), index.articles().unwrap()), (None, 1));
        assert!(index.claimants(&c).unwrap().is_empty());
        assert_eq!(index.payload(&Digest::of(b"x")).unwrap(), None);

        let image = Digest::of(b"image");
        index.put_image(&image, ImageFormat::Png).unwrap();
        index.put_image(&image, ImageFormat::Gif).unwrap();
        assert_eq!(index.image(&image).unwrap(), Some(ImageFormat::Png), "the first name stays");
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
