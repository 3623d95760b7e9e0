//! The images of one page: fetched, read from disk or decoded; stored; or missing, with why.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use futures_util::{StreamExt, stream};
use url::Url;

use crate::archive::{Answer, AnswerSource, ArchiveError, Record, VisitImage, Writer};
use crate::fetch::{Client, FetchError};
use crate::images::{self, ImageError};
use crate::import;
use crate::model::{Article, Digest, Image, ImageMap, ImageRef, RawPage, ReferrerPolicy, Timestamp};

use super::{Input, visit};

/// Images of one page that are under way at once.
const AT_ONCE: usize = 4;

/// The largest image in a `data:` URL, in bytes.
const DATA_CAP: usize = 50 * 1024 * 1024;

/// How many Referers are tried with a URL that is not the first choice.
const RUNGS_OF_ALTERNATIVES: usize = 2;

/// From an article's file up to the archive's root.
const UP: &str = "../../../../";

/// Every image of one article, in order of first mention.
pub struct Images {
    entries: Vec<Entry>,
    /// When this very text was captured first; None for a new text.
    text_first_seen: Option<Timestamp>,
}

struct Entry {
    reference: ImageRef,
    state: State,
    /// Where an earlier visit stored it.
    earlier: Option<String>,
    /// What was sent for it in this visit.
    answers: Vec<Answer>,
}

/// An image that was had, and what was sent for it.
struct Had {
    image: Image,
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

/// An image from a server. The answer has no body left but one with a content coding on it.
struct Fetched {
    image: Image,
    answer: RawPage,
    is_coded: bool,
}

/// What keeps one image from being had.
enum Trouble {
    Counter(String),
    Missing(String),
}

impl Images {
    /// The article's images. Those that an earlier visit stored with this very text are not asked for again.
    pub fn new(article: &Article, previous: Option<&Record>, text: &Digest) -> Self {
        let stored = previous.map(Record::saved_images).unwrap_or_default();
        let first_seen = previous.and_then(|record| first_seen(record, text));
        let entry = |reference: &ImageRef| {
            let earlier = stored.path_of(&reference.url).map(str::to_owned);
            let state = match &earlier {
                Some(path) if first_seen.is_some() => State::Stored(path.clone()),
                _ => State::Wanted,
            };
            Entry { reference: reference.clone(), state, earlier, answers: Vec::new() }
        };
        Self { entries: article.images.iter().map(entry).collect(), text_first_seen: first_seen }
    }

    /// When this very text was captured first; None for a new text.
    pub fn text_first_seen(&self) -> Option<Timestamp> {
        self.text_first_seen
    }

    /// Gets and stores what is wanted. An image that vanished from its server stays what an earlier visit stored. `taken`
    /// is when what has no time of its own was received.
    pub async fn gather(
        &mut self,
        input: &Input,
        raw: &RawPage,
        client: Option<&Client>,
        writer: &Arc<Mutex<Writer>>,
        taken: Timestamp,
    ) -> Result<(), ArchiveError> {
        let wanted = self.entries.iter().enumerate().filter(|(_, entry)| matches!(entry.state, State::Wanted));
        let tasks = wanted.map(|(at, entry)| async move {
            let had = obtain(&entry.reference, input, raw, client, taken).await;
            let state = match had {
                Ok(Had { image, answers }) => {
                    let path = super::with_writer(writer, move |writer| writer.store_image(&image)).await;
                    path.map(|path| (State::Stored(path), answers))
                }
                Err(Trouble::Counter(reason)) => Ok((State::Counter(reason), Vec::new())),
                Err(Trouble::Missing(reason)) => {
                    Ok((entry.earlier.clone().map_or(State::Missing(reason), State::Stored), Vec::new()))
                }
            };
            (at, state)
        });
        // Collected first: of a chain of closures the compiler does not see that it may go to another thread.
        let tasks: Vec<_> = tasks.collect();
        let states: Vec<_> = stream::iter(tasks).buffer_unordered(AT_ONCE).collect().await;
        for (at, state) in states {
            let (state, answers) = state?;
            self.entries[at].state = state;
            self.entries[at].answers = answers;
        }
        Ok(())
    }

    /// Takes out of the text what turned out to count readers and show nothing.
    pub fn drop_counters(&self, article: &mut Article) {
        let is_counter = |src: &str| {
            self.entries.iter().any(|entry| matches!(entry.state, State::Counter(_)) && entry.reference.url == src)
        };
        let tree = &mut article.content;
        let dropped: Vec<_> = tree
            .descendants(tree.root())
            .filter(|&id| tree.name(id) == "img" && tree.attr(id, "src").is_some_and(is_counter))
            .collect();
        dropped.into_iter().for_each(|id| tree.detach(id));
    }

    /// What the Markdown links to, with `base` or relative to the article's own folder.
    pub fn map(&self, base: Option<&str>) -> ImageMap {
        let target = |path: &str| match base {
            Some(base) => format!("{base}{}", path.strip_prefix("images/").unwrap_or(path)),
            None => format!("{UP}{path}"),
        };
        let stored = self.entries.iter().filter_map(|entry| match &entry.state {
            State::Stored(path) => Some((entry.reference.url.clone(), target(path))),
            _ => None,
        });
        stored.collect()
    }

    /// Distinct images that are stored.
    pub fn saved(&self) -> usize {
        let paths = self.entries.iter().filter_map(|entry| match &entry.state {
            State::Stored(path) => Some(path),
            _ => None,
        });
        paths.collect::<BTreeSet<_>>().len()
    }

    /// Images that could not be had, each with why.
    pub fn missing(&self) -> Vec<(String, String)> {
        let missing = self.entries.iter().filter_map(|entry| match &entry.state {
            State::Missing(reason) => Some((short(&entry.reference.url), reason.clone())),
            _ => None,
        });
        missing.collect()
    }

    /// What the record keeps of them.
    pub fn into_visit(self) -> Vec<VisitImage> {
        let image = |entry: Entry| {
            let (path, reason) = match entry.state {
                State::Stored(path) => (Some(path), None),
                State::Counter(reason) | State::Missing(reason) => (None, Some(reason)),
                State::Wanted => (None, None),
            };
            VisitImage { url: entry.reference.url, path, reason, answers: entry.answers }
        };
        self.entries.into_iter().map(image).collect()
    }
}

/// When the text that stands newest in the record was captured first; None when it is another text.
fn first_seen(record: &Record, text: &Digest) -> Option<Timestamp> {
    let same = record.snapshots.iter().rev().take_while(|snapshot| snapshot.text_digest == *text);
    same.last().map(|snapshot| snapshot.captured)
}

/// Asks again for the images that the newest text lacks; None as soon as one of them can be had, else why each is
/// missing still.
pub async fn still_missing(record: &Record, client: &Client, page: &Url) -> Option<Vec<(String, String)>> {
    let images = record.newest().map(|newest| newest.images.as_slice()).unwrap_or_default();
    let lacking = images.iter().filter(|image| image.path.is_none() && image.url.starts_with("http"));
    let tasks = lacking.map(|image| async move {
        let reference = ImageRef {
            url: image.url.clone(),
            written: image.url.clone(),
            alternatives: Vec::new(),
            referrer_policy: ReferrerPolicy::default(),
        };
        match fetch(&reference, client, page).await {
            Ok(_) => None,
            Err(Trouble::Counter(reason) | Trouble::Missing(reason)) => Some((image.url.clone(), reason)),
        }
    });
    let tasks: Vec<_> = tasks.collect();
    let asked: Vec<Option<(String, String)>> = stream::iter(tasks).buffered(AT_ONCE).collect().await;
    asked.into_iter().collect()
}

async fn obtain(
    reference: &ImageRef,
    input: &Input,
    raw: &RawPage,
    client: Option<&Client>,
    taken: Timestamp,
) -> Result<Had, Trouble> {
    if reference.url.starts_with("data:") {
        // It is a part of the page, and captured with it.
        let image = judged(images::data_uri(&reference.url, DATA_CAP), &short(&reference.url))?;
        return Ok(Had { image, answers: Vec::new() });
    }
    match (input, client, &raw.url) {
        (Input::File { path, .. }, ..) => {
            let root = path.parent().unwrap_or(std::path::Path::new(""));
            let bytes = import::local_image(root, path, &reference.written)
                .map_err(|error| Trouble::Missing(error.to_string()))?;
            let image = judged(Ok(bytes), &reference.written)?;
            Ok(Had { answers: vec![file_answer(reference, &image, taken)], image })
        }
        (Input::Url(_), Some(client), Some(page)) => {
            let Fetched { image, answer, is_coded } = fetch(reference, client, page).await?;
            Ok(Had { image, answers: visit::image_answers(answer, is_coded, taken) })
        }
        _ => Err(Trouble::Missing(format!("{} needs the network", reference.url))),
    }
}

/// An image of a saved page: known by its URL where the page's is known, else by its bytes.
fn file_answer(reference: &ImageRef, image: &Image, taken: Timestamp) -> Answer {
    let is_url = reference.url.starts_with("http://") || reference.url.starts_with("https://");
    let uri = if is_url { reference.url.clone() } else { format!("urn:sha256:{}", image.digest) };
    let media_type = image.format.media_type().to_owned();
    Answer { received: taken, body: None, source: AnswerSource::File { uri, media_type } }
}

/// Fetches one image of a page whose text is at hand already; `Err` says in a sentence why it cannot be had. A page of
/// unknown URL is taken to be on the image's own host.
pub async fn image(reference: &ImageRef, client: &Client, page: Option<&Url>) -> Result<Image, String> {
    let own = Url::parse(&reference.url).map_err(|error| format!("{}: {error}", reference.url))?;
    match fetch(reference, client, page.unwrap_or(&own)).await {
        Ok(fetched) => Ok(fetched.image),
        Err(Trouble::Counter(reason) | Trouble::Missing(reason)) => Err(reason),
    }
}

/// Goes through the image's URLs, and with each through the Referers that may open it.
async fn fetch(reference: &ImageRef, client: &Client, page: &Url) -> Result<Fetched, Trouble> {
    let mut first_trouble = None;
    let urls = std::iter::once(&reference.url).chain(&reference.alternatives);
    for (nth, written) in urls.enumerate() {
        let Ok(url) = Url::parse(written) else {
            first_trouble.get_or_insert(Trouble::Missing(format!("`{written}` is not a valid URL")));
            continue;
        };
        let rungs = if nth == 0 { usize::MAX } else { RUNGS_OF_ALTERNATIVES };
        for referer in images::referers(reference.referrer_policy, page, &url).into_iter().take(rungs) {
            let trouble = match client.image(&url, referer.as_ref(), page).await {
                Ok(mut answer) => {
                    let decoded = answer.decoded.take();
                    let is_coded = decoded.is_some();
                    let bytes = decoded.unwrap_or_else(|| std::mem::take(&mut answer.body));
                    match judged(Ok(bytes), written) {
                        Err(trouble @ Trouble::Missing(_)) => (trouble, true),
                        Err(trouble) => return Err(trouble),
                        Ok(image) => return Ok(Fetched { image, answer, is_coded }),
                    }
                }
                Err(error) => (Trouble::Missing(error.to_string()), may_be_guarded(&error)),
            };
            // What the first, best URL said is what a person can act on.
            first_trouble.get_or_insert(trouble.0);
            if !trouble.1 {
                break;
            }
        }
    }
    Err(first_trouble.unwrap_or_else(|| Trouble::Missing(format!("{} could not be fetched", reference.url))))
}

/// A refusal that another Referer may turn.
fn may_be_guarded(error: &FetchError) -> bool {
    error.status().is_some_and(|status| (400..500).contains(&status) && status != 429)
}

fn judged(bytes: Result<Vec<u8>, ImageError>, url: &str) -> Result<Image, Trouble> {
    bytes.and_then(images::identify).map_err(|error| match error {
        ImageError::TooSmall { .. } => Trouble::Counter(error.to_string()),
        _ => Trouble::Missing(format!("{url}: {error}")),
    })
}

/// A `data:` URL is as long as its image.
fn short(url: &str) -> String {
    if !url.starts_with("data:") || url.len() <= 80 {
        return url.to_owned();
    }
    format!("{}…", url.chars().take(60).collect::<String>())
}
