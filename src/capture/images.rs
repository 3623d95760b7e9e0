//! The images of one page: fetched, read from disk or decoded; stored; or missing, with why.

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

/// Images of one page that are under way at once.
const AT_ONCE: usize = 4;

/// The largest image in a `data:` URL, in bytes.
const DATA_CAP: usize = 50 * 1024 * 1024;

/// The number of Referers that are tried with a URL that is not the first choice.
const REFERERS_OF_ALTERNATIVES: usize = 2;

/// Every image of one article, in order of first mention.
pub struct Images {
    images: Vec<ArticleImage>,
    /// The digest of the archived text that the article repeats; None for a new text.
    repeated: Option<Digest>,
    checks: ImageChecks,
    /// When this very text was captured first; None for a new text.
    text_first_seen: Option<Timestamp>,
}

struct ArticleImage {
    reference: ImageRef,
    state: State,
    /// Where an earlier visit stored it.
    earlier: Option<String>,
    /// What was sent for it in this visit.
    answers: Vec<Answer>,
}

enum State {
    Wanted,
    /// Path below the archive.
    Stored(String),
    /// It counts readers and shows nothing.
    Counter(String),
    Missing(String),
}

/// Where the images of a page come from.
pub struct ImageSource<'a> {
    /// The page's input: images of a saved page lie beside it.
    pub input: &'a Input,
    /// The page's URL.
    pub page: Option<&'a Url>,
    /// The web.
    pub fetcher: Option<&'a dyn Fetcher>,
    /// When what has no time of its own was received.
    pub captured: Timestamp,
}

/// An image from a server. The response has no body left but one that differs from the image: with a content coding on it,
/// or with what can act.
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
    /// The article's images. Those that an earlier visit stored with this very text are not asked for again, unless they
    /// are checked.
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

    /// Returns the digest of the article's text: that of an archived text if it repeats one. Called after the images were
    /// obtained.
    pub fn text_digest(&mut self, input: &DigestInput, previous: Option<&Record>) -> Digest {
        let fetched = |src: &str| self.digest_of(src);
        let repeated = match (self.repeated, self.checks) {
            (Some(known), ImageChecks::Never) => Some(known),
            // An image that the text lacked when it was archived does not make it another text.
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

    /// When this very text was captured first; None for a new text.
    pub fn text_first_seen(&self) -> Option<Timestamp> {
        self.text_first_seen
    }

    /// Reads, fetches and stores what is wanted. An image that vanished from its server stays what an earlier visit
    /// stored.
    pub async fn obtain(mut self, source: &ImageSource<'_>, writer: &Arc<Mutex<Writer>>) -> Result<Self, ArchiveError> {
        let checks_known = self.repeated.is_some() && self.checks == ImageChecks::Again;
        let wanted = self.images.iter().enumerate().filter(|(_, image)| matches!(image.state, State::Wanted));
        let tasks = wanted.map(|(at, wanted)| async move {
            let state = match obtain(&wanted.reference, source).await {
                Ok((image, answers)) => {
                    // An image that was checked and is as it was is not captured again.
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
        // Collected first: of a chain of closures the compiler does not see that it may go to another thread.
        let tasks: Vec<_> = tasks.collect();
        let states: Vec<_> = stream::iter(tasks).buffer_unordered(AT_ONCE).collect().await;
        for (at, state) in states {
            let (state, answers) = state?;
            self.images[at].state = state;
            self.images[at].answers = answers;
        }
        Ok(self)
    }

    /// Whether an image turned out to count readers and show nothing.
    pub fn is_counter(&self, url: &str) -> bool {
        self.images.iter().any(|image| matches!(image.state, State::Counter(_)) && image.reference.url == url)
    }

    /// What the Markdown links to, with `base` or relative to the article's own folder.
    pub fn map(&self, base: Option<&str>) -> ImageMap {
        let stored = self.images.iter().filter_map(|image| match &image.state {
            State::Stored(path) => Some((image.reference.url.clone(), image_link(path, base))),
            _ => None,
        });
        stored.collect()
    }

    /// Distinct images that are stored.
    pub fn saved(&self) -> usize {
        let paths = self.images.iter().filter_map(|image| match &image.state {
            State::Stored(path) => Some(path),
            _ => None,
        });
        paths.collect::<BTreeSet<_>>().len()
    }

    /// Images that are not available, each with why.
    pub fn missing(&self) -> Vec<(String, String)> {
        let missing = self.images.iter().filter_map(|image| match &image.state {
            State::Missing(reason) => Some((short(&image.reference.url), reason.clone())),
            _ => None,
        });
        missing.collect()
    }

    /// What the record keeps of them.
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

/// The digest of a text, given the images of an archived one.
fn known_digest(input: &DigestInput, images: &SavedImages) -> Digest {
    input.digest(&|src| images.digest_of(src))
}

/// The saved images of the newest snapshot with this digest; of the newest text, if there is none.
fn saved(record: &Record, text: Option<&Digest>) -> SavedImages {
    let same = record.snapshots.iter().rev().find(|snapshot| Some(&snapshot.text_digest) == text);
    same.map_or_else(|| record.saved_images(), Snapshot::saved_images)
}

/// When a text was captured first; None when the record does not have it.
fn first_seen(record: &Record, text: &Digest) -> Option<Timestamp> {
    let same = record.snapshots.iter().filter(|snapshot| snapshot.text_digest == *text);
    same.min_by_key(|snapshot| snapshot.captured).map(|snapshot| snapshot.captured)
}

/// Asks again for the images that the newest text lacks; None as soon as one of them is available, else why each
/// is still missing.
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

/// The image, and what was sent for it.
async fn obtain(reference: &ImageRef, source: &ImageSource<'_>) -> Result<(Image, Vec<Answer>), Unavailable> {
    let url = &reference.url;
    if url.starts_with("data:") {
        // It is a part of the page, and captured with it.
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
            Ok((image, answers(response, differs, source.captured)))
        }
        _ => Err(Unavailable::Missing(format!("{url} needs the network"))),
    }
}

/// What was sent for an image: the redirects, then the image. Its bytes are those of its stored file, unless they differ.
fn answers(raw: RawPage, differs: bool, taken: Timestamp) -> Vec<Answer> {
    let mut answers = Answer::of_page(raw, taken);
    if let Some(last) = answers.last_mut().filter(|_| !differs) {
        last.body = None;
    }
    answers
}

/// Fetches one image of a page whose text is at hand already; `Err` says in a sentence why it is not available. A page of
/// unknown URL is taken to be on the image's own host.
pub async fn image(reference: &ImageRef, fetcher: &dyn Fetcher, page: Option<&Url>) -> Result<Image, String> {
    let own = Url::parse(&reference.url).map_err(|error| format!("{}: {error}", reference.url))?;
    match fetch(reference, fetcher, page.unwrap_or(&own)).await {
        Ok(download) => Ok(download.image),
        Err(Unavailable::Counter(reason) | Unavailable::Missing(reason)) => Err(reason),
    }
}

/// Goes through the image's URLs, and with each through the Referers that may open it.
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
            // What the first, best URL said is what a person can act on.
            first_reason.get_or_insert(reason.0);
            if !reason.1 {
                break;
            }
        }
    }
    Err(first_reason.unwrap_or_else(|| Unavailable::Missing(format!("{} could not be fetched", reference.url))))
}

/// A refusal that another Referer may turn.
fn may_be_guarded(error: &FetchError) -> bool {
    error.status().is_some_and(|status| (400..500).contains(&status) && status != 429)
}

fn identified(bytes: Result<Vec<u8>, ImageError>, url: &str) -> Result<Image, Unavailable> {
    bytes.and_then(images::identify).map_err(|error| match error {
        ImageError::TooSmall { .. } => Unavailable::Counter(error.to_string()),
        _ => Unavailable::Missing(format!("{url}: {error}")),
    })
}

/// A `data:` URL is as long as its image.
fn short(url: &str) -> String {
    if !url.starts_with("data:") || url.len() <= 80 {
        return url.to_owned();
    }
    format!("{}…", url.chars().take(60).collect::<String>())
}
