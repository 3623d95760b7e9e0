//! The images of one page: fetches, reads or decodes them, stores them, and reports those that are missing.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use url::Url;

use crate::archive::{
    Answer, ArchiveError, Record, SavedImages, Snapshot, VisitImage, Writer, image_link, stored_digest,
};
use crate::fetch::{FetchError, Fetcher};
use crate::images::{self, ImageError};
use crate::import;
use crate::markdown::DigestInput;
use crate::model::{Article, Digest, Image, ImageMap, ImageRef, RawPage, ReferrerPolicy, Timestamp};

use super::blocking::with_writer;
use super::job::{ImageChecks, Input};

/// The number of images of one page that are fetched at once.
const AT_ONCE: usize = 4;

/// The largest image in a `data:` URL, in bytes.
const DATA_CAP: usize = 50 * 1024 * 1024;

/// The number of Referers that are tried for each URL after the first.
const REFERERS_OF_ALTERNATIVES: usize = 2;

/// Every image of one article, in order of first mention.
pub struct Images {
    images: Vec<ArticleImage>,
    /// The digest of the archived text that the article repeats; None for a new text.
    repeated: Option<Digest>,
    checks: ImageChecks,
    /// When this text was captured first; None for a new text.
    text_first_seen: Option<Timestamp>,
}

struct ArticleImage {
    reference: ImageRef,
    state: State,
    /// The path at which an earlier visit stored it.
    earlier: Option<String>,
    /// The responses for it in this visit.
    answers: Vec<Answer>,
}

enum State {
    Wanted,
    /// Path below the archive.
    Stored(String),
    /// It is a tracking pixel.
    Counter(String),
    Missing(String),
}

/// Where the images of a page come from.
pub struct ImageSource<'a> {
    /// The page's input; images of a saved page are files next to it.
    pub input: &'a Input,
    /// The page's URL.
    pub page: Option<&'a Url>,
    /// Fetches images from the web.
    pub fetcher: Option<&'a dyn Fetcher>,
    /// The time of capture of images without a response of their own.
    pub captured: Timestamp,
}

/// An image from a server. The response keeps its body only if that differs from the image: with a content coding, or
/// before an SVG was sanitised.
struct Download {
    image: Image,
    response: RawPage,
    differs: bool,
}

/// Why an image is not available.
enum Unavailable {
    Counter(String),
    Missing(String),
}

impl Images {
    /// Returns the article's images. Those that an earlier visit stored with the same text are fetched again only if
    /// images are checked.
    pub fn new(article: &Article, input: &DigestInput, previous: Option<&Record>, checks: ImageChecks) -> Self {
        let repeated = previous.and_then(|record| record.same_text(&|images| known_digest(input, images)));
        let stored = previous.map(|record| saved(record, repeated.as_ref())).unwrap_or_default();
        let image = |reference: &ImageRef| {
            let earlier = stored.path_of(&reference.url).map(str::to_owned);
            let state = match &earlier {
                Some(path) if repeated.is_some() && checks == ImageChecks::Never => State::Stored(path.clone()),
                _ => State::Wanted,
            };
            ArticleImage { reference: reference.clone(), state, earlier, answers: Vec::new() }
        };
        Self { images: article.images.iter().map(image).collect(), repeated, checks, text_first_seen: None }
    }

    /// Returns the digest of the article's text, that of an archived text if it repeats one. Must be called after
    /// [`Self::obtain`].
    pub fn text_digest(&mut self, input: &DigestInput, previous: Option<&Record>) -> Digest {
        let fetched = |src: &str| self.digest_of(src);
        let repeated = match (self.repeated, self.checks) {
            (Some(known), ImageChecks::Never) => Some(known),
            // An image that was missing when the text was archived does not make a new text.
            (Some(_), ImageChecks::Again) => previous.and_then(|record| {
                record.same_text(&|images| {
                    input.digest(&|src| images.digest_of(src).and_then(|known| fetched(src).or(Some(known))))
                })
            }),
            // The same bytes may have come from another URL.
            (None, _) => previous.and_then(|record| {
                record.same_text(&|images| input.digest(&|src| images.digest_of(src).or_else(|| fetched(src))))
            }),
        };
        let digest = repeated.unwrap_or_else(|| input.digest(&fetched));
        self.text_first_seen = previous.and_then(|record| first_seen(record, &digest));
        digest
    }

    /// Returns the digest of the bytes of an image; None if it is not stored.
    fn digest_of(&self, src: &str) -> Option<Digest> {
        self.images.iter().find(|image| image.reference.url == src).and_then(|image| match &image.state {
            State::Stored(path) => stored_digest(path),
            _ => None,
        })
    }

    /// Returns when this text was captured first; None for a new text.
    pub fn text_first_seen(&self) -> Option<Timestamp> {
        self.text_first_seen
    }

    /// Reads or fetches the images and stores them. For an image that its server no longer has, the file of an earlier
    /// visit is used.
    pub async fn obtain(mut self, source: &ImageSource<'_>, writer: &Arc<Mutex<Writer>>) -> Result<Self, ArchiveError> {
        let checks_known = self.repeated.is_some() && self.checks == ImageChecks::Again;
        let wanted = self.images.iter().enumerate().filter(|(_, image)| matches!(image.state, State::Wanted));
        let tasks = wanted.map(|(at, wanted)| async move {
            let state = match obtain(&wanted.reference, source).await {
                Ok((image, answers)) => {
                    // An image that was checked and has not changed is not captured again.
                    let is_known = wanted.earlier.as_deref().and_then(stored_digest) == Some(image.digest);
                    let answers = if checks_known && is_known { Vec::new() } else { answers };
                    let path = with_writer(writer, move |writer| writer.store_image(&image)).await;
                    path.map(|path| (State::Stored(path), answers))
                }
                Err(Unavailable::Counter(reason)) => Ok((State::Counter(reason), Vec::new())),
                Err(Unavailable::Missing(reason)) => {
                    Ok((wanted.earlier.clone().map_or(State::Missing(reason), State::Stored), Vec::new()))
                }
            };
            (at, state)
        });
        // Collected first, since the compiler cannot prove that the chain of closures is `Send`.
        let tasks: Vec<_> = tasks.collect();
        let states: Vec<_> = stream::iter(tasks).buffer_unordered(AT_ONCE).collect().await;
        for (at, state) in states {
            let (state, answers) = state?;
            self.images[at].state = state;
            self.images[at].answers = answers;
        }
        Ok(self)
    }

    /// Returns whether an image turned out to be a tracking pixel.
    pub fn is_counter(&self, url: &str) -> bool {
        self.images.iter().any(|image| matches!(image.state, State::Counter(_)) && image.reference.url == url)
    }

    /// Returns the link targets in the Markdown, below `base` or relative to the article's folder.
    pub fn map(&self, base: Option<&str>) -> ImageMap {
        let stored = self.images.iter().filter_map(|image| match &image.state {
            State::Stored(path) => Some((image.reference.url.clone(), image_link(path, base))),
            _ => None,
        });
        stored.collect()
    }

    /// Returns the number of distinct images that are stored.
    pub fn saved(&self) -> usize {
        let paths = self.images.iter().filter_map(|image| match &image.state {
            State::Stored(path) => Some(path),
            _ => None,
        });
        paths.collect::<BTreeSet<_>>().len()
    }

    /// Returns the URLs of missing images, each with the reason.
    pub fn missing(&self) -> Vec<(String, String)> {
        let missing = self.images.iter().filter_map(|image| match &image.state {
            State::Missing(reason) => Some((short(&image.reference.url), reason.clone())),
            _ => None,
        });
        missing.collect()
    }

    /// Returns the images for the record.
    pub fn into_visit(self) -> Vec<VisitImage> {
        let image = |image: ArticleImage| {
            let (path, reason) = match image.state {
                State::Stored(path) => (Some(path), None),
                State::Counter(reason) | State::Missing(reason) => (None, Some(reason)),
                State::Wanted => (None, None),
            };
            VisitImage { url: image.reference.url, path, reason, answers: image.answers }
        };
        self.images.into_iter().map(image).collect()
    }
}

/// Returns the digest of a text with the images of an archived one.
fn known_digest(input: &DigestInput, images: &SavedImages) -> Digest {
    input.digest(&|src| images.digest_of(src))
}

/// Returns the saved images of the newest snapshot with this digest, or else of the newest text.
fn saved(record: &Record, text: Option<&Digest>) -> SavedImages {
    let same = record.snapshots.iter().rev().find(|snapshot| Some(&snapshot.text_digest) == text);
    same.map_or_else(|| record.saved_images(), Snapshot::saved_images)
}

/// Returns when a text was captured first; None if the record does not have it.
fn first_seen(record: &Record, text: &Digest) -> Option<Timestamp> {
    let same = record.snapshots.iter().filter(|snapshot| snapshot.text_digest == *text);
    same.min_by_key(|snapshot| snapshot.captured).map(|snapshot| snapshot.captured)
}

/// Fetches again the images that the newest text lacks. Returns None as soon as one of them is available, otherwise why
/// each is still missing.
pub async fn still_missing(record: &Record, fetcher: &dyn Fetcher, page: &Url) -> Option<Vec<(String, String)>> {
    let images = record.newest().map(|newest| newest.images.as_slice()).unwrap_or_default();
    let lacking = images.iter().filter(|image| image.path.is_none() && image.url.starts_with("http"));
    let tasks = lacking.map(|image| async move {
        let reference = ImageRef {
            url: image.url.clone(),
            written: image.url.clone(),
            alternatives: Vec::new(),
            referrer_policy: ReferrerPolicy::default(),
        };
        match fetch(&reference, fetcher, page).await {
            Ok(_) => None,
            Err(Unavailable::Counter(reason) | Unavailable::Missing(reason)) => Some((image.url.clone(), reason)),
        }
    });
    let tasks: Vec<_> = tasks.collect();
    let asked: Vec<Option<(String, String)>> = stream::iter(tasks).buffered(AT_ONCE).collect().await;
    asked.into_iter().collect()
}

/// Obtains one image and the responses for it.
async fn obtain(reference: &ImageRef, source: &ImageSource<'_>) -> Result<(Image, Vec<Answer>), Unavailable> {
    let url = &reference.url;
    if url.starts_with("data:") {
        // It is part of the page, whose capture contains it.
        let bytes = images::data_uri(url, DATA_CAP).map(|bytes| images::inert(bytes).0);
        return Ok((identified(bytes, &short(url))?, Vec::new()));
    }
    match (source.input, source.fetcher, source.page) {
        (Input::File { path, .. }, ..) => {
            let root = path.parent().unwrap_or(std::path::Path::new(""));
            let bytes = import::local_image(root, path, &reference.written)
                .map_err(|error| Unavailable::Missing(error.to_string()))?;
            let (bytes, original) = images::inert(bytes);
            let image = identified(Ok(bytes), &reference.written)?;
            let answer = Answer::of_file_image(url, &image, original, source.captured);
            Ok((image, vec![answer]))
        }
        (Input::Url(_), Some(fetcher), Some(page)) => {
            let Download { image, response, differs } = fetch(reference, fetcher, page).await?;
            Ok((
                image,
                answers(response, source.captured, if differs { ImageBody::Received } else { ImageBody::Stored }),
            ))
        }
        _ => Err(Unavailable::Missing(format!("{url} needs the network"))),
    }
}

/// The bytes that an image's response had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ImageBody {
    /// Those of the stored file.
    Stored,
    /// Others: with a content coding, or before an SVG was sanitised.
    Received,
}

/// Returns the responses for an image: the redirects, then the image, without a body if that is the stored file.
fn answers(raw: RawPage, captured: Timestamp, body: ImageBody) -> Vec<Answer> {
    let mut answers = Answer::of_page(raw, captured);
    if let Some(last) = answers.last_mut().filter(|_| body == ImageBody::Stored) {
        last.body = None;
    }
    answers
}

/// Fetches one image of a page that was read already; `Err` is a sentence that says why it is not available. A page of
/// unknown URL is assumed to be on the image's host.
pub async fn image(reference: &ImageRef, fetcher: &dyn Fetcher, page: Option<&Url>) -> Result<Image, String> {
    let own = Url::parse(&reference.url).map_err(|error| format!("{}: {error}", reference.url))?;
    match fetch(reference, fetcher, page.unwrap_or(&own)).await {
        Ok(download) => Ok(download.image),
        Err(Unavailable::Counter(reason) | Unavailable::Missing(reason)) => Err(reason),
    }
}

/// Tries the image's URLs, each with the Referers that its server may accept.
async fn fetch(reference: &ImageRef, fetcher: &dyn Fetcher, page: &Url) -> Result<Download, Unavailable> {
    let mut first_reason = None;
    let urls = std::iter::once(&reference.url).chain(&reference.alternatives);
    for (nth, written) in urls.enumerate() {
        let Ok(url) = Url::parse(written) else {
            first_reason.get_or_insert(Unavailable::Missing(format!("`{written}` is not a valid URL")));
            continue;
        };
        let most = if nth == 0 { usize::MAX } else { REFERERS_OF_ALTERNATIVES };
        for referer in images::referers(reference.referrer_policy, page, &url).into_iter().take(most) {
            let reason = match fetcher.image(&url, referer.as_ref(), page).await {
                Ok(mut response) => {
                    let decoded = response.decoded.take();
                    let is_coded = decoded.is_some();
                    let bytes = decoded.unwrap_or_else(|| std::mem::take(&mut response.body));
                    let (bytes, original) = images::inert(bytes);
                    let differs = is_coded || original.is_some();
                    if let Some(original) = original.filter(|_| !is_coded) {
                        response.body = original;
                    }
                    match identified(Ok(bytes), written) {
                        Err(reason @ Unavailable::Missing(_)) => (reason, true),
                        Err(reason) => return Err(reason),
                        Ok(image) => return Ok(Download { image, response, differs }),
                    }
                }
                Err(error) => (Unavailable::Missing(error.to_string()), may_be_guarded(&error)),
            };
            // The error of the first, best URL helps the user most.
            first_reason.get_or_insert(reason.0);
            if !reason.1 {
                break;
            }
        }
    }
    Err(first_reason.unwrap_or_else(|| Unavailable::Missing(format!("{} could not be fetched", reference.url))))
}

/// Returns whether another Referer may help after this error.
fn may_be_guarded(error: &FetchError) -> bool {
    error.status().is_some_and(|status| (400..500).contains(&status) && status != 429)
}

fn identified(bytes: Result<Vec<u8>, ImageError>, url: &str) -> Result<Image, Unavailable> {
    bytes.and_then(images::identify).map_err(|error| match error {
        ImageError::TooSmall { .. } => Unavailable::Counter(error.to_string()),
        _ => Unavailable::Missing(format!("{url}: {error}")),
    })
}

/// Shortens a URL for the report: a `data:` URL is as long as its image.
fn short(url: &str) -> String {
    if !url.starts_with("data:") || url.len() <= 80 {
        return url.to_owned();
    }
    format!("{}…", url.chars().take(60).collect::<String>())
}
