//! The input of the writer for one visit, and the record that results from it.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use crate::frontmatter::ProfileName;
use crate::model::{
    Article, Charset, Digest, Document, Hop, Image, Loss, Metadata, Origin, Outcome, RawPage, Sourced, Timestamp,
    UrlKey, Warning, shown_url,
};

use super::ArchiveError;
use super::captures::{Answer, AnswerSource, Captured, Written};
use super::feed_items::{FeedClaims, note_items};
use super::image_urls::{image_key, recorded_url};
use super::known::Recorded;
use super::layout::{FORMAT, digest_in};
use super::provenance::{PageOrigin, TextOption};
use super::record::{
    Absence, AbsenceReason, CapturePointer, MAX_ALIASES, Reason, Record, RecordedImage, Redirect, Snapshot,
    TextMetadata, Unchanged, key_of,
};

/// The path from an article's folder to the archive's root.
const TO_ROOT: &str = "../../../../";

/// One visit of one page, to be archived. Its images are stored before, with [`super::Writer::store_image`].
#[derive(Debug, Clone)]
pub struct Visit {
    /// The page's key: that of one of its URLs, or of its bytes.
    pub key: UrlKey,
    /// The requested URL; `None` for a file without a known URL. User names and passwords are not written to the disk.
    pub requested: Option<Url>,
    /// The final URL, after redirects; `None` for a file without a known URL.
    pub answered: Option<Url>,
    /// Other URLs of the article, by each of which [`super::Writer::find`] finds it.
    pub aliases: Vec<Url>,
    /// What feeds claim about the page.
    pub feed: FeedClaims,
    /// The page's metadata.
    pub metadata: Metadata,
    /// When the page was received.
    pub captured: Timestamp,
    /// The text for readers; its image links are those of a file in an article's folder, as [`image_link`] writes them.
    pub document: Document,
    /// The digest over title, authors and body. Equal digests mean equal texts; a text that the article has gets the digest
    /// of that text, as [`Record::same_text`] returns it.
    pub text_digest: Digest,
    /// Every image of the text, once each, in order. One that was saved before and is not available now has its old
    /// path.
    pub images: Vec<VisitImage>,
    /// How correct and complete the text is expected to be, from 0 to 1; `None` if it was not estimated.
    pub confidence: Option<f64>,
    /// Reasons to trust the text less.
    pub warnings: Vec<Warning>,
    /// Units of the article that the text does not contain.
    pub losses: Vec<Loss>,
    /// The charset the page was read in.
    pub charset: Charset,
    /// The front matter profile of `document`.
    pub profile: ProfileName,
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
    /// Where the bytes came from.
    pub origin: PageOrigin,
    /// How the text was extracted; empty for the defaults.
    pub options: Vec<TextOption>,
    /// The responses: the redirects, then the page. If empty, nothing is captured.
    pub answers: Vec<Answer>,
    /// The responses for each continuation page of the article, in order.
    pub continuation_pages: Vec<Vec<Answer>>,
}

/// A text and how it was made.
#[derive(Debug, Clone)]
pub struct Text {
    /// The text for readers.
    pub document: Document,
    /// Digest over title, authors and body.
    pub digest: Digest,
    /// The front matter profile of `document`.
    pub profile: ProfileName,
    /// How it was extracted; empty for the defaults.
    pub options: Vec<TextOption>,
    /// Name and version of the program that made it.
    pub software: String,
}

impl Visit {
    /// Returns the visit of `page`, from which `article` was extracted and `text` was written, without images and
    /// continuation pages. `now` is the time for a page that has no time of its own.
    pub fn new(key: UrlKey, page: RawPage, article: Article, text: Text, now: Timestamp) -> Self {
        // A validator is valid only for the server that sent it.
        let is_network = page.origin == Origin::Network;
        let header = |name: &str| page.headers.get(name).filter(|_| is_network).map(str::to_owned);
        let captured = page.captured.unwrap_or(now);
        Self {
            key,
            requested: page.requested.clone(),
            answered: page.url.clone(),
            // URLs that redirect here belong to this article.
            aliases: page.requested.iter().chain(page.redirects.iter().map(|hop| &hop.url)).cloned().collect(),
            feed: FeedClaims::default(),
            metadata: article.metadata,
            captured,
            document: text.document,
            text_digest: text.digest,
            images: Vec::new(),
            confidence: Some(article.confidence),
            warnings: article.warnings,
            losses: article.losses,
            charset: article.charset,
            profile: text.profile,
            etag: header("etag"),
            last_modified: header("last-modified"),
            status: page.status,
            redirects: page.redirects.iter().map(|hop| (hop.url.clone(), hop.status)).collect(),
            payload_digest: Digest::of(&page.body),
            software: text.software,
            origin: PageOrigin::of(&page.origin),
            options: text.options,
            answers: Answer::of_page(page, captured),
            continuation_pages: Vec::new(),
        }
    }

    /// Returns the article's title; empty if it has none.
    pub fn title(&self) -> &str {
        self.metadata.title.as_ref().map_or("", |title| &title.value)
    }

    /// Returns whether the page is not the requested article but, for example, a login or a bot check.
    fn stands_for_another(&self) -> bool {
        self.answered != self.requested && self.warnings.iter().any(|warning| warning.kind.replaces_page())
    }

    fn canonical(&self) -> Option<&Url> {
        self.metadata.canonical.as_ref().map(|canonical| &canonical.value)
    }
}

/// Returns the link from a text in an article's folder to the image at `path` below the archive. `base` replaces the
/// folder `images/` for sites that have their images elsewhere.
pub fn image_link(path: &str, base: Option<&str>) -> String {
    match base {
        Some(base) => format!("{base}{}", path.strip_prefix("images/").unwrap_or(path)),
        None => format!("{TO_ROOT}{path}"),
    }
}

impl Answer {
    /// Returns the responses for a page: the redirects, then the page. `captured` is the time for a page that has no
    /// time of its own.
    pub fn of_page(page: RawPage, captured: Timestamp) -> Vec<Self> {
        let received = page.captured.unwrap_or(captured);
        let source = match (page.exchange, page.url) {
            (Some(exchange), Some(url)) => {
                AnswerSource::Http { url, status: page.status, headers: page.headers, exchange }
            }
            (_, url) => AnswerSource::File {
                uri: url.map_or_else(|| format!("urn:sha256:{}", Digest::of(&page.body)), String::from),
                media_type: "text/html".to_owned(),
            },
        };
        let last = Self { received, body: Some(page.body), source };
        page.redirects.into_iter().map(Self::of_hop).chain([last]).collect()
    }

    /// Returns an image from a file, under its URL if it has one, otherwise under its digest. `original` are the bytes
    /// of the file if the stored ones differ.
    pub fn of_file_image(url: &str, image: &Image, original: Option<Vec<u8>>, captured: Timestamp) -> Self {
        let digest = original.as_deref().map_or(image.digest, Digest::of);
        let is_web = url.starts_with("http://") || url.starts_with("https://");
        let uri = if is_web { url.to_owned() } else { format!("urn:sha256:{digest}") };
        let media_type = image.format.media_type().to_owned();
        Self { received: captured, body: original, source: AnswerSource::File { uri, media_type } }
    }

    fn of_hop(hop: Hop) -> Self {
        let Hop { url, status, headers, body, captured, exchange } = hop;
        Self { received: captured, body: Some(body), source: AnswerSource::Http { url, status, headers, exchange } }
    }
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
    /// Why the visit's text was set aside; `None` if it was accepted.
    pub set_aside: Option<Warning>,
    /// When the text of the visit was captured first, if the page went back to it from a later one.
    pub back_to: Option<Timestamp>,
    /// What the user should know, one sentence each: where the version is that somebody edited.
    pub notes: Vec<String>,
}

/// What a visit found instead of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absent {
    /// HTTP status.
    pub status: u16,
    /// What was found; `None` if the server reported the page as gone.
    pub reason: Option<AbsenceReason>,
}

impl From<u16> for Absent {
    fn from(status: u16) -> Self {
        Self { status, reason: None }
    }
}

/// What a visit does to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Adds a text.
    Add(Reason),
    /// Is counted at the text of this index in `snapshots`.
    Count(usize),
}

/// Returns what a visit does to a record, if its text is accepted.
pub(super) fn step(visit: &Visit, before: Option<&Record>) -> Step {
    let Some((record, newest)) = before.and_then(|record| Some((record, record.newest_at()?))) else {
        return Step::Add(Reason::New);
    };
    let is_same = |at: &usize| record.snapshots[*at].text_digest == visit.text_digest;
    let all = std::iter::once(newest).chain((0..record.snapshots.len()).rev());
    let Some(at) = all.into_iter().find(is_same) else { return Step::Add(Reason::Text) };
    let known = &record.snapshots[at];
    let missing: BTreeSet<String> =
        known.images.iter().filter(|image| image.path.is_none()).map(|image| image_key(&image.url)).collect();
    let recovered = |image: &VisitImage| image.path.is_some() && missing.contains(&image_key(&image.url));
    match known.is_accepted() && visit.images.iter().any(recovered) {
        true => Step::Add(Reason::Images),
        false => Step::Count(at),
    }
}

/// Returns the index of the text that was set aside for a reason of the same kind; the newest of them.
pub(super) fn set_aside_before(record: &Record, why: &Warning) -> Option<usize> {
    let kind = |snapshot: &Snapshot| Some(snapshot.set_aside.as_ref()?.known()?.kind);
    record.snapshots.iter().rposition(|snapshot| kind(snapshot) == Some(why.kind))
}

/// Returns the record after a visit with a new text that is accepted.
pub(super) fn with_text(visit: &Visit, before: Option<Record>, snapshot: Snapshot) -> Result<Record, ArchiveError> {
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
            current: None,
            absences: Vec::new(),
            feed_items: Vec::new(),
            other: BTreeMap::new(),
        },
    };
    push(&mut record, visit, snapshot);
    note_answer(&mut record, visit);
    Ok(record)
}

/// Adds the newest text, and repeats at the top of the record what it says about itself.
pub(super) fn push(record: &mut Record, visit: &Visit, snapshot: Snapshot) {
    describe(record, visit);
    record.snapshots.push(snapshot);
    record.current = None;
}

fn describe(record: &mut Record, visit: &Visit) {
    let metadata = &visit.metadata;
    record.title = visit.title().to_owned();
    record.authors = metadata.authors.as_ref().map(|authors| authors.value.clone()).unwrap_or_default();
    record.site = value(&metadata.site);
    record.published = value(&metadata.published);
    record.profile = visit.profile.to_string();
}

fn value<T: Clone>(field: &Option<Sourced<T>>) -> Option<T> {
    field.as_ref().map(|found| found.value.clone())
}

/// Returns the record after a visit that found the text of index `at` again, which is not the newest and does not
/// become it.
pub(super) fn counted(visit: &Visit, mut record: Record, at: usize, captured: Captured) -> Record {
    let missing = visit.images.iter().filter_map(|image| Some((image.url.as_str(), image.reason.as_deref()?)));
    count(&mut record.snapshots[at], visit.captured, missing, captured.pointer);
    record
}

/// Returns the record after a visit that found the text of index `at` again, which becomes the newest.
pub(super) fn without_text(visit: &Visit, record: Record, at: usize, captured: Captured) -> Record {
    let mut record = counted(visit, record, at, captured);
    if record.newest_at() != Some(at) {
        describe(&mut record, visit);
        record.current = None;
        if record.newest_at() != Some(at) {
            record.current = Some(record.snapshots[at].file.clone());
        }
    }
    note_answer(&mut record, visit);
    record
}

/// Returns the record after a visit with status 304.
pub(super) fn not_modified(visit: &NotModified, mut record: Record, captured: Captured) -> Record {
    let missing = visit.missing.iter().map(|(url, reason)| (url.as_str(), reason.as_str()));
    if let Some(at) = record.newest_at() {
        count(&mut record.snapshots[at], visit.captured, missing, captured.pointer);
    }
    record.etag = visit.etag.clone().or(record.etag);
    record.last_modified = visit.last_modified.clone().or(record.last_modified);
    record
}

/// Returns the record after a visit that did not find an article.
pub(super) fn absent(mut record: Record, found: Absent, at: Timestamp) -> Record {
    let Absent { status, reason } = found;
    let reason = reason.map(Recorded::Known);
    let is_same = |absence: &&mut Absence| absence.status == status && absence.reason == reason;
    match record.absences.iter_mut().find(is_same) {
        Some(known) => {
            known.first = known.first.min(at);
            known.last = known.last.max(at);
            known.count += 1;
        }
        None => {
            record.absences.push(Absence { status, reason, first: at, last: at, count: 1 });
            record.absences.sort_by_key(|absence| absence.status);
        }
    }
    record
}

/// Counts a visit without a new text, and updates the reasons of missing images.
fn count<'a>(
    snapshot: &mut Snapshot,
    at: Timestamp,
    missing: impl Iterator<Item = (&'a str, &'a str)>,
    capture: Option<CapturePointer>,
) {
    let seen = snapshot.unchanged.get_or_insert(Unchanged { first: at, last: at, count: 0, captures: Vec::new() });
    seen.first = seen.first.min(at);
    seen.last = seen.last.max(at);
    seen.count += 1;
    seen.captures.extend(capture);
    let reasons: BTreeMap<String, &str> = missing.map(|(url, reason)| (image_key(url), reason)).collect();
    for image in snapshot.images.iter_mut().filter(|image| image.path.is_none()) {
        if let Some(&reason) = reasons.get(&image_key(&image.url)) {
            image.reason = Some(reason.to_owned());
        }
    }
}

/// Stores the validators of the last response, and adds new URLs as aliases.
fn note_answer(record: &mut Record, visit: &Visit) {
    record.etag = visit.etag.clone();
    record.last_modified = visit.last_modified.clone();
    if visit.stands_for_another() {
        // URLs of other articles may redirect to the same wall.
        return;
    }
    let mut known: BTreeSet<UrlKey> = record.keys().collect();
    let answered = visit.answered.iter();
    let new = visit.aliases.iter().chain(answered).map(shown_url).chain(matching_url(visit));
    for url in new {
        let is_new = key_of(&url).is_some_and(|key| known.insert(key));
        if is_new && record.aliases.len() < MAX_ALIASES {
            record.aliases.push(url);
        }
    }
    record.aliases.sort();
    note_items(record, &visit.feed.items);
}

/// Returns the record's entry for a visit's text.
pub(super) fn snapshot(visit: &Visit, reason: Reason, file: String, captured: Captured) -> Snapshot {
    let document = &visit.document;
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
        set_aside: None,
        sha256: Digest::of(document.text().as_bytes()),
        front_matter_bytes: document.front_matter.len() as u64,
        body_sha256: Digest::of(document.body.as_bytes()),
        text_digest: visit.text_digest,
        requested: visit.requested.as_ref().map(shown_url),
        answered: visit.answered.as_ref().map(shown_url),
        canonical: visit.canonical().map(shown_url),
        redirects: visit
            .redirects
            .iter()
            .map(|(url, status)| Redirect { url: shown_url(url), status: *status })
            .collect(),
        status: visit.status,
        payload_sha256: visit.payload_digest,
        origin: visit.origin.as_str().to_owned(),
        charset: visit.charset.clone(),
        software: visit.software.clone(),
        options: visit.options.iter().map(|option| option.as_str().to_owned()).collect(),
        confidence: visit.confidence,
        warnings: Recorded::all(&visit.warnings),
        losses: Recorded::all(&visit.losses),
        metadata: TextMetadata::of(&visit.metadata),
        round_trip: Recorded::all(&document.round_trip),
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
    let urls = [visit.canonical(), visit.answered.as_ref(), visit.requested.as_ref()];
    let mut all = urls.into_iter().flatten().chain(&visit.aliases);
    all.find(|url| UrlKey::of(url) == visit.key).map(shown_url)
}
