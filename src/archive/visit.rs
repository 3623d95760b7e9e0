//! The input of the writer for one visit, and the record that results from it.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use crate::model::{Charset, Digest, Document, Loss, Outcome, PageDate, Timestamp, UrlKey, Warning};

use super::ArchiveError;
use super::captures::{Answer, Captured, Written};
use super::layout::{FORMAT, digest_in};
use super::record::{
    Absence, CapturePointer, Reason, Record, RecordedImage, Redirect, Snapshot, Unchanged, image_key, key_of,
    recorded_url, without_secrets,
};

/// The maximum number of aliases in a record. Session ids in URLs could otherwise add new ones without limit.
const MAX_ALIASES: usize = 100;

/// One visit of a page, ready to be archived. Images are stored before, with [`super::Writer::store_image`].
#[derive(Debug, Clone)]
pub struct Visit {
    /// The page's key: that of one of its URLs, or of its bytes.
    pub key: UrlKey,
    /// The URLs of this visit.
    pub urls: Urls,
    /// Further URLs of the same article; [`super::Writer::find`] finds it by each of them.
    pub aliases: Vec<Url>,
    /// The article's title; empty if it has none.
    pub title: String,
    /// Its authors; empty if unknown.
    pub authors: Vec<String>,
    /// The site's name.
    pub site: Option<String>,
    /// When the article was published.
    pub published: Option<PageDate>,
    /// When the page was received.
    pub captured: Timestamp,
    /// The Markdown file. Its image links are relative to an article's folder (`../../../../images/…`).
    pub document: Document,
    /// The digest over title, author and body with images named by their sources. Equal digests mean equal texts.
    pub text_digest: Digest,
    /// Every image in the text, once each, in order. An image that was saved before but could not be fetched now has
    /// its old path.
    pub images: Vec<VisitImage>,
    /// How correct and complete the text is expected to be, from 0 to 1; `None` if it was not estimated.
    pub confidence: Option<f64>,
    /// Reasons to trust the text less.
    pub warnings: Vec<Warning>,
    /// Units of the article that the text does not contain.
    pub losses: Vec<Loss>,
    /// The licence that the page states; `None` if it states none.
    pub licence: Option<String>,
    /// The charset the page was decoded with.
    pub charset: Charset,
    /// The front matter profile of `document`.
    pub profile: String,
    /// `ETag` of the response, exactly as received.
    pub etag: Option<String>,
    /// `Last-Modified` of the response, exactly as received.
    pub last_modified: Option<String>,
    /// HTTP status; 200 for a file.
    pub status: u16,
    /// The redirects that led to the page, in order: URL and status.
    pub redirects: Vec<(Url, u16)>,
    /// SHA-256 of the body as received, with its content coding.
    pub payload_digest: Digest,
    /// Name and version of the program: `bindery 0.1.0`.
    pub software: String,
    /// Where the bytes came from: `network`, `file`, `import`.
    pub origin: String,
    /// The options of the extraction, as in the record; empty for the defaults.
    pub options: Vec<String>,
    /// The responses: the redirects that led to the page, then the page. Without them nothing is captured.
    pub answers: Vec<Answer>,
    /// The responses of each continuation page, in order.
    pub parts: Vec<Vec<Answer>>,
}

/// A visit with status 304: the page is unchanged.
#[derive(Debug, Clone)]
pub struct NotModified {
    /// The page's key.
    pub key: UrlKey,
    /// When the response was received.
    pub captured: Timestamp,
    /// `ETag` of the response, exactly as received; `None` keeps the recorded one.
    pub etag: Option<String>,
    /// `Last-Modified` of the response, exactly as received; `None` keeps the recorded one.
    pub last_modified: Option<String>,
    /// Missing images that could again not be fetched: URL and reason.
    pub missing: Vec<(String, String)>,
    /// The responses: the redirects that led to the page, then the 304.
    pub answers: Vec<Answer>,
}

/// The URLs of a visit. User names and passwords in them are not written to disk.
#[derive(Debug, Clone, Default)]
pub struct Urls {
    /// The requested URL; `None` for a file without a known URL.
    pub requested: Option<Url>,
    /// The final URL, after redirects; `None` for a file without a known URL.
    pub answered: Option<Url>,
    /// The page's canonical URL; `None` if it states none.
    pub canonical: Option<Url>,
}

/// An image of a visit: saved (`path`) or missing (`reason`).
#[derive(Debug, Clone)]
pub struct VisitImage {
    /// Its URL: `ImageRef::url`.
    pub url: String,
    /// The file below the archive, from [`super::Writer::store_image`]; `None` if the image is missing.
    pub path: Option<String>,
    /// Why it is missing; `None` if it is saved.
    pub reason: Option<String>,
    /// The responses: the redirects that led to the image, then the image. Empty if this visit did not request it.
    pub answers: Vec<Answer>,
}

/// The result of archiving a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// New, updated or unchanged.
    pub outcome: Outcome,
    /// The article's folder below the archive.
    pub folder: String,
    /// The article's `index.md` below the archive.
    pub path: String,
}

/// Returns why a visit needs a new text; `None` if it does not.
pub(super) fn reason(visit: &Visit, before: Option<&Record>) -> Option<Reason> {
    let Some(newest) = before.and_then(Record::newest) else { return Some(Reason::New) };
    if newest.text_digest != visit.text_digest {
        return Some(Reason::Text);
    }
    let missing: BTreeSet<String> =
        newest.images.iter().filter(|image| image.path.is_none()).map(|image| image_key(&image.url)).collect();
    let recovered = |image: &VisitImage| image.path.is_some() && missing.contains(&image_key(&image.url));
    visit.images.iter().any(recovered).then_some(Reason::Images)
}

/// Returns the record after a visit with a new text in the file `file`.
pub(super) fn with_text(
    visit: &Visit,
    before: Option<Record>,
    reason: Reason,
    file: String,
    captured: Captured,
) -> Result<Record, ArchiveError> {
    let snapshot = snapshot(visit, reason, file, captured);
    let mut record = match before {
        Some(record) => record,
        None => Record {
            format: FORMAT,
            url: url(visit)?,
            aliases: Vec::new(),
            title: String::new(),
            authors: Vec::new(),
            site: None,
            published: None,
            profile: String::new(),
            etag: None,
            last_modified: None,
            snapshots: Vec::new(),
            absences: Vec::new(),
            other: BTreeMap::new(),
        },
    };
    record.title = visit.title.clone();
    record.authors = visit.authors.clone();
    record.site = visit.site.clone();
    record.published = visit.published;
    record.profile = visit.profile.clone();
    record.snapshots.push(snapshot);
    note_answer(&mut record, visit);
    Ok(record)
}

/// Returns the record after a visit that found the newest text unchanged.
pub(super) fn without_text(visit: &Visit, mut record: Record, captured: Captured) -> Record {
    let missing = visit.images.iter().filter_map(|image| Some((image.url.as_str(), image.reason.as_deref()?)));
    count(&mut record, visit.captured, missing, captured.pointer);
    note_answer(&mut record, visit);
    record
}

/// Returns the record after a visit with status 304.
pub(super) fn not_modified(visit: &NotModified, mut record: Record, captured: Captured) -> Record {
    let missing = visit.missing.iter().map(|(url, reason)| (url.as_str(), reason.as_str()));
    count(&mut record, visit.captured, missing, captured.pointer);
    record.etag = visit.etag.clone().or(record.etag);
    record.last_modified = visit.last_modified.clone().or(record.last_modified);
    record
}

/// Returns the record after a visit for which the server reported the page as gone.
pub(super) fn absent(mut record: Record, status: u16, at: Timestamp) -> Record {
    match record.absences.iter_mut().find(|absence| absence.status == status) {
        Some(known) => {
            known.first = known.first.min(at);
            known.last = known.last.max(at);
            known.count += 1;
        }
        None => {
            record.absences.push(Absence { status, first: at, last: at, count: 1 });
            record.absences.sort_by_key(|absence| absence.status);
        }
    }
    record
}

/// Counts a visit without a new text, and updates the reasons of missing images.
fn count<'a>(
    record: &mut Record,
    at: Timestamp,
    missing: impl Iterator<Item = (&'a str, &'a str)>,
    capture: Option<CapturePointer>,
) {
    let Some(newest) = record.snapshots.last_mut() else { return };
    let seen = newest.unchanged.get_or_insert(Unchanged { first: at, last: at, count: 0, captures: Vec::new() });
    seen.first = seen.first.min(at);
    seen.last = seen.last.max(at);
    seen.count += 1;
    seen.captures.extend(capture);
    let reasons: BTreeMap<String, &str> = missing.map(|(url, reason)| (image_key(url), reason)).collect();
    for image in newest.images.iter_mut().filter(|image| image.path.is_none()) {
        if let Some(&reason) = reasons.get(&image_key(&image.url)) {
            image.reason = Some(reason.to_owned());
        }
    }
}

/// Stores the validators of the last response, and adds new URLs as aliases.
fn note_answer(record: &mut Record, visit: &Visit) {
    record.etag = visit.etag.clone();
    record.last_modified = visit.last_modified.clone();
    let mut known: BTreeSet<UrlKey> = record.keys().collect();
    let answered = visit.urls.answered.iter();
    let new = visit.aliases.iter().chain(answered).map(without_secrets).chain(matching_url(visit));
    for url in new {
        let is_new = key_of(&url).is_some_and(|key| known.insert(key));
        if is_new && record.aliases.len() < MAX_ALIASES {
            record.aliases.push(url);
        }
    }
    record.aliases.sort();
}

fn snapshot(visit: &Visit, reason: Reason, file: String, captured: Captured) -> Snapshot {
    let document = &visit.document;
    let stripped = |url: &Option<Url>| url.as_ref().map(without_secrets);
    let written = captured.images.into_iter().chain(std::iter::repeat_with(|| None));
    let image = |(image, written): (&VisitImage, Option<Written>)| RecordedImage {
        url: recorded_url(&image.url),
        path: image.path.clone(),
        reason: image.reason.clone(),
        payload_sha256: written
            .as_ref()
            .map(|written| written.payload)
            .filter(|payload| image.path.as_deref().and_then(digest_in) != Some(*payload)),
        received: written.as_ref().map(|written| written.received).filter(|received| *received != visit.captured),
        original: written.as_ref().and_then(|written| written.original.clone()),
        record: written.map(|written| written.record),
    };
    Snapshot {
        captured: visit.captured,
        file,
        reason,
        sha256: Digest::of(document.text().as_bytes()),
        front_matter_bytes: document.front_matter.len() as u64,
        body_sha256: Digest::of(document.body.as_bytes()),
        text_digest: visit.text_digest,
        requested: stripped(&visit.urls.requested),
        answered: stripped(&visit.urls.answered),
        canonical: stripped(&visit.urls.canonical),
        redirects: visit
            .redirects
            .iter()
            .map(|(url, status)| Redirect { url: without_secrets(url), status: *status })
            .collect(),
        status: visit.status,
        payload_sha256: visit.payload_digest,
        origin: visit.origin.clone(),
        charset: visit.charset.clone(),
        software: visit.software.clone(),
        options: visit.options.clone(),
        confidence: visit.confidence,
        warnings: visit.warnings.clone(),
        losses: visit.losses.clone(),
        licence: visit.licence.clone(),
        round_trip: document.round_trip.clone(),
        images: visit.images.iter().zip(written).map(image).collect(),
        capture: captured.pointer,
        unchanged: None,
        other: BTreeMap::new(),
    }
}

/// Returns the URL that the record stores for the visit's key.
fn url(visit: &Visit) -> Result<String, ArchiveError> {
    let no_url = || ArchiveError::NoUrl { key: visit.key.to_string() };
    matching_url(visit).ok_or_else(no_url)
}

/// Returns the first of the visit's URLs that has its key.
fn matching_url(visit: &Visit) -> Option<String> {
    if let Some(hex) = visit.key.as_str().strip_prefix("sha256:") {
        return Some(format!("urn:sha256:{hex}"));
    }
    let urls = [&visit.urls.canonical, &visit.urls.answered, &visit.urls.requested];
    let mut all = urls.into_iter().flatten().chain(&visit.aliases);
    all.find(|url| UrlKey::of(url) == visit.key).map(without_secrets)
}
