//! Parses the fields of `record.json` that can be checked.

use std::num::NonZeroU64;

use serde::Deserialize;
use url::Url;

use crate::model::{Digest, Timestamp, UrlKey};
use crate::warc::RecordId;

use super::captures::{ExpectedRecord, Original, RecordReference};
use super::names;

/// The fields of a record that can be checked.
#[derive(Deserialize)]
pub(super) struct Record {
    format: u32,
    url: String,
    pub snapshots: Vec<Snapshot>,
    /// The file of the text that `index.md` repeats, if it is not the last accepted one.
    current: Option<String>,
    #[serde(default, rename = "absences")]
    _absences: Vec<Absence>,
}

#[derive(Deserialize)]
pub(super) struct Snapshot {
    pub file: String,
    set_aside: Option<SetAside>,
    pub sha256: Digest,
    pub front_matter_bytes: u64,
    pub body_sha256: Digest,
    pub payload_sha256: Digest,
    #[serde(default)]
    pub images: Vec<Image>,
    capture: Option<Pointer>,
    unchanged: Option<Unchanged>,
}

/// Why a text was not accepted.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read for their form alone")]
struct SetAside {
    kind: String,
    detail: String,
}

#[derive(Deserialize)]
pub(super) struct Image {
    pub path: Option<String>,
    /// A record in the capture file of the snapshot.
    record: Option<RecordId>,
    /// The digest of the body as received, if it differs from the image's.
    payload_sha256: Option<Digest>,
    original: Option<Original>,
}

#[derive(Deserialize)]
struct Unchanged {
    #[serde(default)]
    captures: Vec<Pointer>,
}

/// The records of one visit.
#[derive(Deserialize)]
struct Pointer {
    file: String,
    page: RecordId,
    original: Option<Original>,
    #[serde(default)]
    others: Vec<RecordId>,
    #[serde(default)]
    continuation_pages: Vec<ContinuationPage>,
}

/// A continuation page of an article.
#[derive(Deserialize)]
struct ContinuationPage {
    record: RecordId,
    payload_sha256: Digest,
    original: Option<Original>,
}

/// Visits that found the page gone.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read for their form alone")]
struct Absence {
    status: u16,
    first: Timestamp,
    last: Timestamp,
    count: NonZeroU64,
}

impl Snapshot {
    /// Returns the references to capture records.
    pub fn references(&self) -> Vec<RecordReference<'_>> {
        let mut references = Vec::new();
        if let Some(pointer) = &self.capture {
            references.extend(pointer.references(Some(self.payload_sha256)));
            references.extend(self.images.iter().filter_map(|image| image.reference(&pointer.file)));
        }
        let unchanged = self.unchanged.iter().flat_map(|unchanged| &unchanged.captures);
        references.extend(unchanged.flat_map(|pointer| pointer.references(None)));
        references
    }
}

impl Pointer {
    fn references(&self, payload: Option<Digest>) -> impl Iterator<Item = RecordReference<'_>> {
        let reference = |id, expected, original| RecordReference { file: &self.file, id, expected, original };
        let page = reference(&self.page, ExpectedRecord::Response(payload), self.original.as_ref());
        let pages = self.continuation_pages.iter().map(move |page| {
            reference(&page.record, ExpectedRecord::Response(Some(page.payload_sha256)), page.original.as_ref())
        });
        [page]
            .into_iter()
            .chain(self.others.iter().map(move |id| reference(id, ExpectedRecord::Any, None)))
            .chain(pages)
    }
}

impl Image {
    fn reference<'a>(&'a self, file: &'a str) -> Option<RecordReference<'a>> {
        let own = || self.path.as_deref().and_then(names::image_digest);
        let expected = ExpectedRecord::Response(self.payload_sha256.or_else(own));
        Some(RecordReference { file, id: self.record.as_ref()?, expected, original: self.original.as_ref() })
    }
}

impl Record {
    /// Returns the text that `index.md` must repeat; None for a record without an accepted text.
    pub fn newest(&self) -> Option<&Snapshot> {
        let mut accepted = self.snapshots.iter().rev().filter(|text| text.set_aside.is_none());
        match &self.current {
            Some(file) => accepted.find(|text| text.file == *file),
            None => accepted.next(),
        }
    }

    /// Returns what is wrong with the record by itself in this folder; None if nothing is.
    pub fn fault(&self, year: &str, slug: &str) -> Option<String> {
        if self.format != 1 {
            return Some(format!("has format {}, but the archive has format 1", self.format));
        }
        if self.snapshots.is_empty() {
            return Some("contains no snapshot".to_owned());
        }
        if let Some(text) = self.snapshots.iter().find(|text| !names::is_text(&text.file)) {
            return Some(format!("`{}` is not the name of a text", text.file));
        }
        let mut names: Vec<&str> = self.snapshots.iter().map(|text| text.file.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Some("names a text twice".to_owned());
        }
        if self.newest().is_none() {
            return Some("names no accepted text that index.md repeats".to_owned());
        }
        let loose = |text: &&Snapshot| text.capture.is_none() && text.images.iter().any(|image| image.record.is_some());
        if let Some(text) = self.snapshots.iter().find(loose) {
            return Some(format!("names records of images of {}, but no capture that contains them", text.file));
        }
        misplaced(&self.url, year, slug)
    }
}

/// Returns why an article with this URL does not belong in this folder; None if it does. `year` is the path of the parent
/// folder.
pub(super) fn misplaced(url: &str, year: &str, slug: &str) -> Option<String> {
    let key = match url.strip_prefix("urn:sha256:") {
        Some(hex) => hex.parse().ok().map(|digest| UrlKey::of_bytes(&digest)),
        None => Url::parse(url).ok().filter(Url::has_host).map(|url| UrlKey::of(&url)),
    };
    let Some(key) = key else { return Some(format!("`{url}` is not a URL")) };
    let end = &Digest::of(key.as_str().as_bytes()).hex()[..8];
    let host = year.split('/').nth(1).unwrap_or_default();
    let at_home = host == key.host_folder() && slug.strip_suffix(end).is_some_and(|rest| rest.ends_with('-'));
    (!at_home).then(|| format!("its URL `{url}` does not belong in this folder"))
}
