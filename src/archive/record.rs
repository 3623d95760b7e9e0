//! `record.json`: the metadata of one article. Every field is described in `archive/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::model::{Charset, Difference, Digest, FeedItem, Loss, Metadata, PageDate, Timestamp, UrlKey, Warning};
use crate::warc::RecordId;

use super::ArchiveError;
use super::image_urls::{SavedImages, image_key};
use super::known::Recorded;
use super::layout::{FORMAT, digest_in};
use super::provenance::TextOption;

/// The maximum size of a record in bytes.
pub(super) const MAX_RECORD_BYTES: u64 = 64 << 20;

/// The maximum number of aliases in a record, and of feed items. Session ids in URLs could otherwise add new ones without
/// limit.
pub(super) const MAX_ALIASES: usize = 100;

/// What is known about one article.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Always 1.
    pub format: u32,
    /// The URL that the page's key is derived from, or `urn:sha256:<hex>` for a page without one. Never changes.
    pub url: String,
    /// Other URLs of the page, one for each other key, sorted.
    pub aliases: Vec<String>,
    /// The title of the newest text; empty if it has none.
    pub title: String,
    /// The authors of the newest text; empty if unknown.
    pub authors: Vec<String>,
    /// The site's name; `None` if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The date of publication of the newest text; `None` if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<PageDate>,
    /// The front matter profile of the texts.
    pub profile: String,
    /// `ETag` of the last response, exactly as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `Last-Modified` of the last response, exactly as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// The texts in the order in which they were archived, newest last; never empty.
    pub snapshots: Vec<Snapshot>,
    /// The file of the snapshot that `index.md` repeats; `None` if it is the last accepted one. Set when the page shows an
    /// earlier text again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Visits that did not find an article, one entry for each status and reason, sorted by status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absences: Vec<Absence>,
    /// The items of feeds that the article is, sorted; empty if no feed listed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feed_items: Vec<FeedItem>,
    /// Fields that this version does not know; they are preserved.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// One text and the visit that brought it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// When the page was received.
    pub captured: Timestamp,
    /// The file name of the text, in the folder of the record.
    pub file: String,
    /// Why there is a new text: `new`, `text` or `images`.
    pub reason: Reason,
    /// Why the text was not accepted as the newest of its article; `None` if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<Recorded<Warning>>,
    /// SHA-256 of the text file.
    pub sha256: Digest,
    /// The number of bytes before the body; 0 without front matter.
    pub front_matter_bytes: u64,
    /// SHA-256 of the bytes after the front matter.
    pub body_sha256: Digest,
    /// SHA-256 over title, authors and body. Equal digests mean equal texts.
    pub text_digest: Digest,
    /// The requested URL; `None` for a file without a known URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested: Option<String>,
    /// The final URL, after redirects; `None` for a file without a known URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<String>,
    /// The page's canonical URL; `None` if it states none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical: Option<String>,
    /// The redirects between `requested` and `answered`, in order.
    pub redirects: Vec<Redirect>,
    /// HTTP status; 200 for a file.
    pub status: u16,
    /// SHA-256 of the body as received, with its content coding.
    pub payload_sha256: Digest,
    /// Where the bytes came from, as [`super::PageOrigin::as_str`] has it.
    pub origin: String,
    /// The charset the page was decoded with.
    pub charset: Charset,
    /// Name and version of the program that wrote the text.
    pub software: String,
    /// How the text was extracted, as [`TextOption::as_str`] has it; empty for the defaults.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// How correct and complete the text is expected to be, from 0 to 1; `None` if it was not estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Reasons to trust the text less.
    pub warnings: Vec<Recorded<Warning>>,
    /// Units of the article that the text does not contain; empty if nothing is lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Recorded<Loss>>,
    /// The metadata of the text, except the fields at the top of the record.
    #[serde(flatten)]
    pub metadata: TextMetadata,
    /// Where the rendered text differs from the page; empty if it does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub round_trip: Vec<Recorded<Difference>>,
    /// The images in the text, in order of first mention.
    pub images: Vec<RecordedImage>,
    /// The WARC records of the visit; `None` if it was not captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<CapturePointer>,
    /// Later visits that found the same text; `None` if there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged: Option<Unchanged>,
    /// Fields that this version does not know; they are preserved.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// The metadata of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TextMetadata {
    /// The rights notice at the end of the article, or else the URL or name of the licence that the page names; `None`
    /// if there is neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<String>,
}

impl TextMetadata {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self { rights: metadata.rights.as_ref().map(|rights| rights.value.clone()) }
    }
}

impl Snapshot {
    /// Returns whether the text was extracted with an option.
    pub fn has(&self, option: TextOption) -> bool {
        self.options.iter().any(|word| word == option.as_str())
    }

    /// Returns the WARC records of this text's visits, each once.
    pub fn records(&self) -> Vec<RecordPointer> {
        let pointers = self.capture.iter().chain(self.unchanged.iter().flat_map(|seen| &seen.captures));
        let mut records: Vec<RecordPointer> = pointers.flat_map(CapturePointer::records).collect();
        if let Some(capture) = &self.capture {
            let images = self.images.iter().filter_map(|image| image.record.clone());
            records.extend(images.map(|record| RecordPointer { file: capture.file.clone(), record }));
        }
        records
    }

    /// Returns whether the text was accepted as a text of its article.
    pub fn is_accepted(&self) -> bool {
        self.set_aside.is_none()
    }

    /// Returns the images of the text that were saved.
    pub fn saved_images(&self) -> SavedImages {
        let saved = self.images.iter().filter_map(|image| Some((image_key(&image.url), image.path.clone()?)));
        SavedImages(saved.collect())
    }

    /// Returns the WARC records that contain the bytes to which this text's visits refer.
    pub fn originals(&self) -> Vec<RecordPointer> {
        let pointers = self.capture.iter().chain(self.unchanged.iter().flat_map(|seen| &seen.captures));
        let pages = pointers.flat_map(|pointer| {
            pointer.original.iter().chain(pointer.continuation_pages.iter().filter_map(|page| page.original.as_ref()))
        });
        let images = self.images.iter().filter_map(|image| image.original.as_ref());
        let pointer = |payload: &Payload| RecordPointer { file: payload.file.clone(), record: payload.record.clone() };
        pages.chain(images).map(pointer).collect()
    }

    /// Returns the record that contains the page's bytes; `None` if the visit was not captured.
    pub(super) fn page_payload(&self) -> Option<Payload> {
        let capture = self.capture.as_ref()?;
        let url = || self.answered.clone().unwrap_or_else(|| format!("urn:sha256:{}", self.payload_sha256));
        Some(capture.original.clone().unwrap_or_else(|| Payload {
            file: capture.file.clone(),
            record: capture.page.clone(),
            url: url(),
            received: self.captured,
        }))
    }

    fn payloads(&self) -> Vec<(Digest, Payload)> {
        let Some(capture) = &self.capture else { return Vec::new() };
        let payload = |record: &RecordId, url: &str, received| Payload {
            file: capture.file.clone(),
            record: record.clone(),
            url: url.to_owned(),
            received,
        };
        let page = self.page_payload().filter(|_| capture.original.is_none());
        let page = page.map(|payload| (self.payload_sha256, payload));
        let others = capture.continuation_pages.iter().filter(|page| page.original.is_none());
        let others = others.map(|page| (page.payload_sha256, payload(&page.record, &page.url, page.received)));
        let images = self.images.iter().filter(|image| image.original.is_none()).filter_map(|image| {
            let digest = image.payload_sha256.or(digest_in(image.path.as_deref()?))?;
            Some((digest, payload(image.record.as_ref()?, &image.url, image.received.unwrap_or(self.captured))))
        });
        page.into_iter().chain(others).chain(images).collect()
    }
}

impl CapturePointer {
    /// Returns every record of the visit except those of images.
    pub fn records(&self) -> impl Iterator<Item = RecordPointer> + '_ {
        let all = std::iter::once(&self.page).chain(&self.others);
        all.map(|record| RecordPointer { file: self.file.clone(), record: record.clone() })
    }
}

/// Why a text was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// The first text of the page.
    New,
    /// Title, author or body differ from the previous text.
    Text,
    /// The text is the same, but a missing image was recovered.
    Images,
}

/// One redirect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// The URL that responded with the redirect.
    pub url: String,
    /// Its status.
    pub status: u16,
}

/// An image in a text: saved (`path`) or missing (`reason`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedImage {
    /// Its URL in the form of [`super::recorded_url`].
    pub url: String,
    /// The file below the archive: `images/ab/<sha256>.<ext>`; `None` if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Why it is missing; `None` if it is saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The WARC record of its response, in the snapshot's capture file; `None` if this visit captured none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// The digest of the body as received; `None` if it is that of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_sha256: Option<Digest>,
    /// The record's date; `None` if it is the snapshot's `captured`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<Timestamp>,
    /// The record that contains the bytes; `None` if `record` itself does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Payload>,
}

/// The WARC records of one visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapturePointer {
    /// The WARC file below the archive: `captures/2026/11/20261123T085855Z.warc.gz`.
    pub file: String,
    /// The record of the page's response.
    pub page: RecordId,
    /// The record that contains the page's bytes; `None` if `page` itself does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Payload>,
    /// The other records of the visit except those of images, in the order of the file.
    pub others: Vec<RecordId>,
    /// The continuation pages of the article, in order; empty for an article on one page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub continuation_pages: Vec<ContinuationPage>,
}

/// A continuation page of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContinuationPage {
    /// The record of its response, in the file of the capture; it is one of `others` too.
    pub record: RecordId,
    /// The URL that responded.
    pub url: String,
    /// SHA-256 of the body as received, with its content coding.
    pub payload_sha256: Digest,
    /// The record's date.
    pub received: Timestamp,
    /// The record that contains the bytes; `None` if `record` itself does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Payload>,
}

/// One WARC record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordPointer {
    /// The WARC file below the archive.
    pub file: String,
    /// The record.
    pub record: RecordId,
}

/// A WARC record that contains a payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// The WARC file below the archive.
    pub file: String,
    /// The record.
    pub record: RecordId,
    /// Its URL.
    pub url: String,
    /// Its date.
    pub received: Timestamp,
}

/// Visits that did not find an article.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Absence {
    /// HTTP status: 404 or 410 if the server reported the page as gone, that of the redirect if it led to the home page.
    pub status: u16,
    /// What was found instead of the article; `None` if the server reported the page as gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Recorded<AbsenceReason>>,
    /// The first of these visits.
    pub first: Timestamp,
    /// The last of these visits.
    pub last: Timestamp,
    /// The number of these visits.
    pub count: u64,
}

/// What a visit found instead of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbsenceReason {
    /// A redirect to the home page.
    HomePage,
    /// A page without an article: scripts fill it in, or it is a bot check.
    NoArticle,
}

/// Visits that found the same text and images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unchanged {
    /// The first of these visits.
    pub first: Timestamp,
    /// The last of these visits.
    pub last: Timestamp,
    /// The number of these visits.
    pub count: u64,
    /// Their captures, if every visit is captured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub captures: Vec<CapturePointer>,
}

impl Record {
    /// Returns the page's key, version 1; `None` if `url` is not a URL.
    pub fn key(&self) -> Option<UrlKey> {
        key_of(&self.url)
    }

    /// Returns the page's key, and those of its aliases and of the items that it is in feeds.
    pub fn keys(&self) -> impl Iterator<Item = UrlKey> + '_ {
        let urls = std::iter::once(&self.url).chain(&self.aliases).filter_map(|url| key_of(url));
        urls.chain(self.feed_items.iter().filter_map(FeedItem::url).map(|url| UrlKey::of(&url)))
    }

    /// Returns the text that `index.md` repeats: the one that the page showed last and that was accepted. `None` only for a
    /// damaged record.
    pub fn newest(&self) -> Option<&Snapshot> {
        self.snapshots.get(self.newest_at()?)
    }

    /// Returns the index of the newest text in `snapshots`.
    pub(super) fn newest_at(&self) -> Option<usize> {
        let file = self.current.as_deref();
        let current = file.and_then(|file| self.snapshots.iter().rposition(|snapshot| snapshot.file == file));
        let accepted = || self.snapshots.iter().rposition(Snapshot::is_accepted);
        current.or_else(accepted).or_else(|| self.snapshots.len().checked_sub(1))
    }

    /// Returns the texts that were accepted, in the order in which they were archived.
    pub fn accepted(&self) -> impl Iterator<Item = &Snapshot> {
        self.snapshots.iter().filter(|snapshot| snapshot.is_accepted())
    }

    /// Returns the accepted text that the page showed at a time; `None` if none had been archived yet.
    pub fn as_of(&self, time: Timestamp) -> Option<&Snapshot> {
        let seen = |snapshot: &Snapshot| {
            let later = snapshot.unchanged.iter().flat_map(|seen| [seen.first, seen.last]);
            later.chain([snapshot.captured]).filter(|at| *at <= time).max()
        };
        self.accepted()
            .filter_map(|snapshot| Some((seen(snapshot)?, snapshot)))
            .max_by_key(|(at, _)| *at)
            .map(|(_, it)| it)
    }

    /// Returns whether a text has this digest.
    pub(super) fn has_text(&self, digest: &Digest) -> bool {
        self.snapshots.iter().any(|snapshot| snapshot.sha256 == *digest)
    }

    /// Returns the saved images of the newest text.
    pub fn saved_images(&self) -> SavedImages {
        self.newest().map(Snapshot::saved_images).unwrap_or_default()
    }

    /// Returns the digest of the text of this article that `digest` gives too, for the images that this text had when it was
    /// archived first; `None` if it is another text. The newest text is tried first.
    pub fn same_text(&self, digest: &dyn Fn(&SavedImages) -> Digest) -> Option<Digest> {
        let newest = self.newest().map(|newest| newest.text_digest);
        let mut tried = BTreeSet::new();
        let all = newest.into_iter().chain(self.snapshots.iter().rev().map(|snapshot| snapshot.text_digest));
        all.filter(|known| tried.insert(*known)).find(|known| {
            let first = self.snapshots.iter().find(|snapshot| snapshot.text_digest == *known);
            first.is_some_and(|first| digest(&first.saved_images()) == *known)
        })
    }

    /// Returns the payloads that its captures contain, with their digests, oldest first.
    pub(super) fn payloads(&self) -> Vec<(Digest, Payload)> {
        self.snapshots.iter().flat_map(Snapshot::payloads).collect()
    }

    /// Returns the content of the file.
    pub(super) fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Parses a record's bytes.
    pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, ArchiveError> {
        let bad = |cause: String| ArchiveError::BadRecord { path: path.to_owned(), cause };
        if let Some(field) = super::older::older_field(bytes) {
            return Err(ArchiveError::OlderRecord { path: path.to_owned(), field });
        }
        let record: Self = serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
        if record.format != FORMAT {
            return Err(bad(format!("it has format {}, but this bindery supports format {FORMAT}", record.format)));
        }
        if record.key().is_none() {
            return Err(bad(format!("`{}` is not a valid URL", record.url)));
        }
        if record.snapshots.is_empty() {
            return Err(bad("it lists no text".to_owned()));
        }
        Ok(record)
    }
}

/// Reads the bytes of a record.
pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_RECORD_BYTES).read_to_end(&mut bytes))
        .map_err(|error| ArchiveError::io("read", path, error))?;
    Ok(bytes)
}

/// Returns the key of a URL from a record; `None` if it is not a valid URL.
pub(super) fn key_of(url: &str) -> Option<UrlKey> {
    match url.strip_prefix("urn:sha256:") {
        Some(hex) => Some(UrlKey::of_bytes(&hex.parse().ok()?)),
        None => Url::parse(url).ok().filter(Url::has_host).map(|url| UrlKey::of(&url)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_a_url_has_the_key_of_its_bytes() {
        let digest = Digest::of(b"x");
        assert_eq!(key_of(&format!("urn:sha256:{digest}")), Some(UrlKey::of_bytes(&digest)));
        assert_eq!(key_of("nonsense"), None);
    }
}
