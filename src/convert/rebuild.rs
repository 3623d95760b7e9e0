//! Extracts articles again from the captures in an archive, without the network.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use url::Url;

use crate::archive::{
    Archive, ArchiveError, ContinuationPage, Entry, Payload, Recorded, SavedImages, Snapshot, Text, TextOption, Visit,
    VisitImage, image_link, recorded_url,
};
use crate::extract::{self, extract};
use crate::frontmatter::{self, Profile};
use crate::import::PAGE_CAP;
use crate::markdown::{self, DigestInput, IgnoredLines};
use crate::model::{Article, Digest, Headers, ImageMap, Origin, RawPage, Timestamp, UrlKey, Warning, WarningKind};
use crate::warc::{self, RecordId, coding};

/// How to extract again.
#[derive(Debug, Clone)]
pub struct RebuildOptions {
    /// How to extract; a text that has comments keeps them.
    pub extract: extract::Options,
    /// How to write. The article keeps the name of its own profile unless `changes_profile` is set.
    pub profile: Profile,
    /// Whether articles get the name of `profile`.
    pub changes_profile: bool,
    /// Whether articles get the categories of `profile`; otherwise they keep their own.
    pub changes_categories: bool,
    /// Name and version of the extractor, as the record names it.
    pub software: String,
    /// The time of the rebuild.
    pub now: Timestamp,
}

/// What extracting again would change.
#[derive(Debug)]
pub struct Change {
    /// The newest text, front matter included.
    pub before: String,
    /// The text that would replace it.
    pub after: String,
    /// The visit of the newest text, replayed, for [`crate::archive::Writer::keep_rebuilt`].
    pub visit: Visit,
}

/// Why an article cannot be extracted again. Nothing is changed.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// No capture is stored, or it does not have everything.
    #[error("{0}")]
    NoCapture(&'static str),
    /// The capture cannot be read.
    #[error("its capture in {file} cannot be read: {cause}; run `bindery verify` to see what is damaged")]
    Capture {
        /// The WARC file below the archive.
        file: String,
        /// What was found.
        cause: String,
    },
    /// The archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The page has no article any more.
    #[error("{0}")]
    Extract(#[from] extract::ExtractError),
    /// The newest text cannot be read.
    #[error("{path} cannot be read: {cause}; run `bindery verify` to see what is damaged")]
    Text {
        /// The text below the archive.
        path: String,
        /// What was found.
        cause: String,
    },
}

/// Extracts an article again from its newest capture; None if the text would be identical.
///
/// # Errors
/// The article has no capture of the page, it cannot be read, or it contains no article.
pub fn rebuild(archive: &Archive, entry: &Entry, how: &RebuildOptions) -> Result<Option<Change>, RebuildError> {
    let newest = entry.record.newest().ok_or(RebuildError::NoCapture("it has no text"))?;
    if newest.has(TextOption::DeclaredMetadata) {
        return Err(RebuildError::NoCapture(
            "its metadata came from an export or a feed and is not in the capture; convert the export or archive the page again",
        ));
    }
    let before = text(archive.root(), entry, newest)?;
    let (raw, mut article, options) = article(archive.root(), newest, &how.extract)?;
    let input = DigestInput::new(&article, &IgnoredLines::default());
    let of = |images: &SavedImages| input.digest(&|src| images.digest_of(src));
    let text_digest = entry.record.same_text(&of).unwrap_or_else(|| of(&newest.saved_images()));
    // The front matter says when this text was first captured, not when it was rebuilt.
    let same = entry.record.snapshots.iter().filter(|text| text.text_digest == text_digest);
    article.captured = Some(same.map(|text| text.captured).min().unwrap_or(newest.captured));
    if text_digest == newest.text_digest {
        // Images of the same text that its record does not name were tracking pixels and were dropped.
        let known: BTreeSet<&str> = newest.images.iter().map(|image| image.url.as_str()).collect();
        article.drop_images(|url| !known.contains(recorded_url(url).as_str()));
    }
    let mut profile = how.profile.clone();
    if let (false, Ok(name)) = (how.changes_profile, entry.record.profile.parse()) {
        profile.name = name;
    }
    if !how.changes_categories {
        let end = usize::try_from(newest.front_matter_bytes).unwrap_or(usize::MAX);
        let known = frontmatter::read_fields(before.get(..end).unwrap_or_default()).categories;
        profile.categories = if known.is_empty() { profile.categories } else { known };
    }
    let document = markdown::write(&article, &images(entry, &article, &profile), &profile);
    let after = document.text();
    if after == before {
        return Ok(None);
    }
    let key = entry.record.key().unwrap_or_else(|| UrlKey::of_bytes(&newest.payload_sha256));
    let images = article.images.iter().map(|image| never_fetched(&image.url)).collect();
    let text = Text { document, digest: text_digest, profile: profile.name, options, software: how.software.clone() };
    let visit = Visit { images, ..Visit::new(key, raw, article, text, newest.captured) };
    Ok(Some(Change { before, after, visit }))
}

/// Returns an image of the text without a file; the record has one if an earlier text had the image.
fn never_fetched(url: &str) -> VisitImage {
    let reason = "was not fetched when the page was captured; archive the page again";
    VisitImage { url: url.to_owned(), path: None, reason: Some(reason.to_owned()), answers: Vec::new() }
}

fn text(root: &Path, entry: &Entry, newest: &Snapshot) -> Result<String, RebuildError> {
    let path = format!("{}/{}", entry.folder, newest.file);
    let fail = |cause: String| RebuildError::Text { path: path.clone(), cause };
    let bytes = fs::read(root.join(&path)).map_err(|error| fail(error.to_string()))?;
    let found = Digest::of(&bytes);
    if found != newest.sha256 {
        return Err(fail(format!("its record has {}, and it is {found}", newest.sha256)));
    }
    String::from_utf8(bytes).map_err(|_| fail("it is not UTF-8".to_owned()))
}

/// Returns the link targets of the images that the archive has.
fn images(entry: &Entry, article: &Article, profile: &Profile) -> ImageMap {
    let saved = entry.record.saved_images();
    let base = profile.image_base.as_deref();
    let path = |url: &String| saved.path_of(&recorded_url(url)).or_else(|| saved.path_of(url));
    let place = |url: &String| path(url).map(|path| image_link(path, base));
    article.images.iter().filter_map(|image| Some((image.url.clone(), place(&image.url)?))).collect()
}

/// Returns the page of a capture, its article with the continuation pages, and the options of the extraction.
fn article(
    root: &Path,
    newest: &Snapshot,
    how: &extract::Options,
) -> Result<(RawPage, Article, Vec<TextOption>), RebuildError> {
    let comments = how.comments || newest.has(TextOption::Comments);
    let how = extract::Options { comments, fragment: newest.has(TextOption::Fragment), ..how.clone() };
    let raw = page(root, newest)?;
    let mut article = extract(&raw, how.clone())?;
    for page in continuation_pages(root, newest)? {
        article.append_page(extract(&page, extract::Options { comments: false, ..how.clone() })?);
    }
    // A continuation page that could not be fetched at the capture is missing now too.
    let is_lacking =
        |warning: &&Warning| warning.kind == WarningKind::PagesMissing && !article.warnings.contains(warning);
    let known = newest.warnings.iter().filter_map(Recorded::known);
    let lacking: Vec<Warning> = known.filter(is_lacking).cloned().collect();
    article.warnings.extend(lacking);
    let options = [(TextOption::Comments, comments), (TextOption::Fragment, how.fragment)];
    Ok((raw, article, options.into_iter().filter(|(_, is_on)| *is_on).map(|(option, _)| option).collect()))
}

/// Reads the page as it was received.
fn page(root: &Path, newest: &Snapshot) -> Result<RawPage, RebuildError> {
    let capture = newest.capture.as_ref().ok_or(RebuildError::NoCapture("no capture of it was kept"))?;
    let url = |text: &Option<String>| text.as_deref().and_then(|text| Url::parse(text).ok());
    let response = StoredResponse {
        file: &capture.file,
        record: &capture.page,
        original: capture.original.as_ref(),
        payload: newest.payload_sha256,
        url: url(&newest.answered),
        received: newest.captured,
    };
    let mut raw = response.page(root)?;
    raw.requested = url(&newest.requested);
    raw.status = newest.status;
    Ok(raw)
}

/// Reads the continuation pages of an article.
fn continuation_pages(root: &Path, newest: &Snapshot) -> Result<Vec<RawPage>, RebuildError> {
    let Some(capture) = &newest.capture else { return Ok(Vec::new()) };
    let page = |page: &ContinuationPage| {
        let response = StoredResponse {
            file: &capture.file,
            record: &page.record,
            original: page.original.as_ref(),
            payload: page.payload_sha256,
            url: Url::parse(&page.url).ok(),
            received: page.received,
        };
        response.page(root)
    };
    capture.continuation_pages.iter().map(page).collect()
}

/// The location of a response in the archive.
struct StoredResponse<'a> {
    file: &'a str,
    record: &'a RecordId,
    original: Option<&'a Payload>,
    payload: Digest,
    url: Option<Url>,
    received: Timestamp,
}

impl StoredResponse<'_> {
    fn page(self, root: &Path) -> Result<RawPage, RebuildError> {
        let page = stored(root, self.file, self.record)?;
        let whole = match self.original {
            Some(original) => stored(root, &original.file, &original.record)?,
            None => page.clone(),
        };
        let bad = |cause: String| RebuildError::Capture { file: self.file.to_owned(), cause };
        let body = whole.http().map_or(whole.block.as_slice(), |message| message.body).to_vec();
        let found = Digest::of(&body);
        if found != self.payload {
            return Err(bad(format!("its payload is {found}, and its record has {}", self.payload)));
        }
        let mut raw = RawPage::from_bytes(body, self.url, Origin::Replay, Some(self.received));
        raw.headers = page.http().map_or_else(Headers::default, |message| message.headers);
        let coded = raw.headers.all("content-encoding").collect::<Vec<_>>().join(", ");
        let decoded = coding::decode(&coded, &raw.body, PAGE_CAP).map_err(|error| bad(error.to_string()))?;
        raw.damage = raw.missing_bytes().or(decoded.damage);
        raw.decoded = decoded.body;
        Ok(raw)
    }
}

fn stored(root: &Path, file: &str, id: &RecordId) -> Result<warc::StoredRecord, RebuildError> {
    let bad = |cause: String| RebuildError::Capture { file: file.to_owned(), cause };
    let opened = File::open(root.join(file)).map_err(|error| bad(error.to_string()))?;
    let found = warc::find(BufReader::new(opened), id, PAGE_CAP).map_err(|error| bad(error.to_string()))?;
    found.ok_or_else(|| bad(format!("it has no record {id}")))
}
