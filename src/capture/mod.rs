//! One page, from its URL to the archive: the order of the steps, and nothing else.

mod images;
mod links;
mod offer;
mod parts;
mod source;
mod turn;
mod visit;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::tz::Offset;
use url::Url;

use crate::archive::{ArchiveError, Kept, NotModified, PageIdentity, Record, Writer};
use crate::extract::{self, ExtractError, extract};
use crate::fetch::Client;
use crate::frontmatter::Profile;
use crate::html;
use crate::markdown;
use crate::model::{
    Article, Clock, Difference, Digest, Failure, ImageMap, Loss, Outcome, RawPage, Stage, Timestamp, UrlKey, Warning,
};

use images::Images;
pub use images::image;
pub use links::{Links, MOST_LINKS, links};
pub use offer::Offer;
pub use source::Input;
use source::{Unread, Validators};
pub use turn::Turn;

/// What does not change from page to page.
pub struct Settings {
    /// How Markdown is written.
    pub profile: Profile,
    /// True: a named page that robots.txt forbids is skipped, not fetched with a warning.
    pub respect_robots: bool,
    /// True: readers' comments are kept, as a section at the end.
    pub comments: bool,
    /// Name and version to record: `bindery 0.1.0`.
    pub software: String,
    /// Now: a saved page is captured when it is read.
    pub clock: Clock,
}

impl Settings {
    fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// What a visit wants besides the article; the default wants nothing.
#[derive(Debug, Default)]
pub struct Wish {
    /// The page, when it was fetched already.
    pub fetched: Option<RawPage>,
    /// Whether a page or a feed named the URL, not the user: its origin gets no trust from that.
    pub found: bool,
    /// Whether the links of the page are wanted; they are not in an answer that says only that nothing changed.
    pub links: bool,
    /// Whether the further pages of an article belong to it.
    pub parts: bool,
    /// What was published earlier is not kept.
    pub since: Option<Timestamp>,
    /// What a feed says of the page, for when the page itself says less.
    pub offer: Option<Offer>,
    /// Whether the visit will be made again if its failure may pass: then the offer can wait.
    pub patient: bool,
}

/// What became of one page.
#[derive(Debug)]
pub struct Captured {
    /// New, updated, unchanged, skipped or failed.
    pub outcome: Outcome,
    /// The URL that answered, without user name and password; None for a saved page with none.
    pub url: Option<String>,
    /// The article's `index.md` below the archive; None when nothing is kept.
    pub path: Option<String>,
    /// The article's title; None when it has none.
    pub title: Option<String>,
    /// Distinct images that the text now links to locally.
    pub saved: usize,
    /// Images that it does not, each with why.
    pub missing: Vec<(String, String)>,
    /// How right and whole the text is expected to be, 0 to 1; None for a page that was not read.
    pub confidence: Option<f64>,
    /// Reasons to trust the result less.
    pub warnings: Vec<Warning>,
    /// Units of the article that the text does not hold.
    pub losses: Vec<Loss>,
    /// Where the text, rendered, says something else than the page.
    pub round_trip: Vec<Difference>,
    /// What the user should know, one sentence each.
    pub notes: Vec<String>,
    /// The links of the page, when they were wished for and the page was read.
    pub links: Option<Links>,
    /// Other URLs whose pages went into this article.
    pub parts: Vec<Url>,
    /// The URL that answered; None for a saved page and for one that did not answer.
    pub answered: Option<Url>,
    /// How much text the article has, a Han character counting for about three letters; 0 without one.
    pub weight: usize,
    /// Whether a visit that failed may succeed later.
    pub may_pass: bool,
}

/// Takes one page from its URL or file into the archive. A page's failure is in `Captured::outcome`; an `Err` is
/// the archive's and ends the run. Nothing is kept before it is this page's turn.
pub async fn capture(
    input: &Input,
    client: Option<&Client>,
    writer: &Arc<Mutex<Writer>>,
    settings: &Settings,
    turn: Turn,
) -> Result<Captured, ArchiveError> {
    visit(input, Wish::default(), client, writer, settings, turn).await
}

/// [`capture`] with wishes.
///
/// # Errors
/// As [`capture`].
pub async fn visit(
    input: &Input,
    mut wish: Wish,
    client: Option<&Client>,
    writer: &Arc<Mutex<Writer>>,
    settings: &Settings,
    mut turn: Turn,
) -> Result<Captured, ArchiveError> {
    let mut captured = Captured::of(input);
    let fetched = wish.fetched.take();
    let one = One { input, wish, client, writer, settings };
    let done = one.archive(fetched, &mut captured, &mut turn).await;
    turn.wait().await;
    // A page that was asked for twice warns once.
    captured.notes.dedup();
    match done.or_else(page_failure) {
        Ok(outcome) => Ok(Captured { outcome, ..captured }),
        Err(error) => Err(error),
    }
}

/// One page on its way.
struct One<'a> {
    input: &'a Input,
    wish: Wish,
    client: Option<&'a Client>,
    writer: &'a Arc<Mutex<Writer>>,
    settings: &'a Settings,
}

impl One<'_> {
    async fn archive(
        &self,
        fetched: Option<RawPage>,
        captured: &mut Captured,
        turn: &mut Turn,
    ) -> Result<Outcome, ArchiveError> {
        let read = match fetched {
            Some(raw) => Ok(raw),
            None => self.read(self.validators()?, captured).await,
        };
        let raw = match read {
            Ok(raw) => raw,
            Err(unread) => return self.unread(unread, captured, turn).await,
        };
        if raw.status != 304 {
            return self.page(raw, captured, turn).await;
        }
        match self.unchanged(raw, captured, turn).await? {
            Some(outcome) => Ok(outcome),
            // An image came back, or the answer was for a page that is not known: the page itself is needed.
            None => match self.read(Validators::default(), captured).await {
                Ok(raw) => self.page(raw, captured, turn).await,
                Err(unread) => self.unread(unread, captured, turn).await,
            },
        }
    }

    async fn read(&self, validators: Validators, captured: &mut Captured) -> Result<RawPage, Unread> {
        let found = self.wish.found;
        source::read(self.input, self.client, validators, self.settings, found, &mut captured.notes).await
    }

    /// What the last answer of a page that is known said of its age.
    fn validators(&self) -> Result<Validators, ArchiveError> {
        let is_conditional = matches!(self.input, Input::Url(_)) && !self.wish.links;
        let Some(url) = self.input.url().filter(|_| is_conditional) else {
            return Ok(Validators::default());
        };
        let known = lock(self.writer).find(&UrlKey::of(url))?;
        Ok(known.map_or_else(Validators::default, |entry| Validators {
            etag: entry.record.etag,
            last_modified: entry.record.last_modified,
        }))
    }

    /// A page that could not be had; that it is gone is told to the article that is kept of it.
    async fn unread(&self, unread: Unread, captured: &mut Captured, turn: &mut Turn) -> Result<Outcome, ArchiveError> {
        if let (Some(status), Some(url)) = (unread.gone, self.input.url()) {
            turn.wait().await;
            let (key, now) = (UrlKey::of(url), self.settings.now());
            let known = with_writer(self.writer, move |writer| writer.note_absence(&key, status, now)).await?;
            if let Some(folder) = known {
                captured.notes.push(format!("{}: what was kept of it stays in {folder}", source::shown(url)));
            }
        }
        captured.may_pass = unread.may_pass;
        let waits = unread.may_pass && self.wish.patient || matches!(unread.outcome, Outcome::Skipped(_));
        match self.offered().filter(|_| !waits) {
            Some((raw, article)) => {
                if let Outcome::Failed(failure) = &unread.outcome {
                    captured.notes.push(format!("{}; the feed's own text is kept instead", failure.message));
                }
                self.keep(raw, article, Vec::new(), captured, turn).await
            }
            None => Ok(unread.outcome),
        }
    }

    /// The article that a feed gives for the page; None when it gives none.
    fn offered(&self) -> Option<(RawPage, Article)> {
        self.wish.offer.as_ref()?.article(self.input.url()?, self.settings.now())
    }

    /// A page that the server says is as it was. None when the page itself is needed.
    async fn unchanged(
        &self,
        raw: RawPage,
        captured: &mut Captured,
        turn: &mut Turn,
    ) -> Result<Option<Outcome>, ArchiveError> {
        let (Some(url), Some(client)) = (raw.url.clone(), self.client) else { return Ok(None) };
        let key = UrlKey::of(&url);
        let Some(entry) = lock(self.writer).find(&key)? else { return Ok(None) };
        let Some(missing) = images::still_missing(&entry.record, client, &url).await else { return Ok(None) };
        captured.url = Some(source::shown(&url));
        captured.title = Some(entry.record.title.clone()).filter(|title| !title.is_empty());
        captured.saved = entry.record.saved_images().count();
        captured.missing.clone_from(&missing);
        let header = |name: &str| raw.headers.get(name).map(str::to_owned);
        let taken = raw.captured.unwrap_or_else(|| self.settings.now());
        let visit = NotModified {
            key,
            captured: taken,
            etag: header("etag"),
            last_modified: header("last-modified"),
            missing,
            answers: visit::answers(raw, taken),
        };
        turn.wait().await;
        let kept = with_writer(self.writer, move |writer| writer.keep_unchanged(&visit)).await?;
        Ok(Some(keeping(kept, captured)))
    }

    async fn page(&self, raw: RawPage, captured: &mut Captured, turn: &mut Turn) -> Result<Outcome, ArchiveError> {
        captured.url = raw.url.as_ref().map(source::shown);
        captured.answered = raw.url.clone();
        let (wants_links, wants_parts) = (self.wish.links, self.wish.parts);
        let options = extract::Options { comments: self.settings.comments, ..extract::Options::default() };
        let (raw, found, links) = beside_the_runtime(move || {
            let found = extract(&raw, options);
            let links = (wants_links || wants_parts).then(|| links::links(&raw));
            (raw, found, links)
        })
        .await;
        let ahead = links.as_ref().filter(|_| wants_parts).map(|links| (links.next.clone(), links.before.clone()));
        captured.links = links.filter(|_| wants_links);
        let (next, before) = ahead.unwrap_or_default();
        if let (Some(before), Some(url)) = (before, &raw.url) {
            captured.links.get_or_insert_default().found.push(before.clone());
            return Ok(Outcome::Skipped(format!("{}: it is a further page of {}", source::shown(url), before)));
        }
        let (raw, mut article) = match self.best(raw, found, captured) {
            Ok(best) => best,
            Err(error) => {
                let message = named(self.input, &error);
                let kind = error.kind().to_owned();
                return Ok(Outcome::Failed(Failure { stage: Stage::Extract, kind, message }));
            }
        };
        if let Some(early) = self.too_early(&article) {
            let name = captured.name();
            return Ok(Outcome::Skipped(format!("{name}: published {early}, before what is wanted")));
        }
        let mut parts = Vec::new();
        if let (Some(next), Some(client), Some(url)) = (next, self.client, raw.url.clone()) {
            parts = parts::gather(client, &url, next, &mut article, captured).await;
        }
        self.keep(raw, article, parts, captured, turn).await
    }

    /// The page's article, or what the feed gives when that is more.
    fn best(
        &self,
        raw: RawPage,
        found: Result<Article, ExtractError>,
        captured: &mut Captured,
    ) -> Result<(RawPage, Article), ExtractError> {
        let weight = found.as_ref().map_or(0, weight_of);
        match self.offered().filter(|(_, offered)| offer::is_more(weight_of(offered), weight)) {
            Some(offered) => {
                let page = captured.name();
                captured.notes.push(format!("{page}: the feed says more than the page; its text is kept"));
                Ok(offered)
            }
            None => found.map(|article| (raw, article)),
        }
    }

    /// When the article was published, if that is earlier than what is wanted.
    fn too_early(&self, article: &Article) -> Option<String> {
        let published = &article.metadata.published.as_ref()?.value;
        let since = self.wish.since?;
        let is_early = match published.instant() {
            Some(instant) => instant < since,
            None => published.day() < Offset::UTC.to_datetime(since.instant()).date(),
        };
        is_early.then(|| published.to_string())
    }

    async fn keep(
        &self,
        raw: RawPage,
        mut article: Article,
        parts: Vec<RawPage>,
        captured: &mut Captured,
        turn: &mut Turn,
    ) -> Result<Outcome, ArchiveError> {
        captured.weight = weight_of(&article);
        let text_digest = markdown::text_digest(&article);
        let key = self.key(&raw, &article, &text_digest)?;
        let previous = lock(self.writer).find(&key)?.map(|entry| entry.record);
        let profile = self.profile(previous.as_ref(), captured);
        let taken = raw.captured.unwrap_or_else(|| self.settings.now());
        let mut images = Images::new(&article, previous.as_ref(), &text_digest);
        images.gather(self.input, &raw, self.client, self.writer, taken).await?;
        images.drop_counters(&mut article);

        // The front matter tells when this text was first seen, not when an image of it was recovered.
        article.captured = Some(images.text_first_seen().unwrap_or(taken));
        let document = markdown::write(&article, &images.map(profile.image_base.as_deref()), &profile);
        captured.title = article.metadata.title.as_ref().map(|title| title.value.clone());
        captured.saved = images.saved();
        captured.missing = images.missing();
        captured.confidence = Some(article.confidence);
        captured.warnings.clone_from(&article.warnings);
        captured.losses.clone_from(&article.losses);
        captured.round_trip.clone_from(&document.round_trip);
        let images = images.into_visit();
        let made = visit::Made { key, text_digest, document, profile: profile.name, taken, images, parts };
        let visit = visit::describe(raw, article, self.settings, made);
        turn.wait().await;
        let kept = with_writer(self.writer, move |writer| writer.keep(visit)).await?;
        Ok(keeping(kept, captured))
    }

    /// The key under which the page is kept.
    fn key(&self, raw: &RawPage, article: &Article, text_digest: &Digest) -> Result<UrlKey, ArchiveError> {
        let Some(answered) = &raw.url else { return Ok(UrlKey::of_bytes(&Digest::of(&raw.body))) };
        let hops = raw.redirects.iter().map(|hop| &hop.url);
        let on_the_way: Vec<Url> = raw.requested.iter().chain(hops).cloned().collect();
        let mut plain = Profile { image_base: None, ..self.settings.profile.clone() };
        plain.style.check = false;
        lock(self.writer).article_key(&PageIdentity {
            answered,
            redirected_from: &on_the_way,
            canonical: article.metadata.canonical.as_ref().map(|found| &found.value),
            text_digest,
            body: &|| markdown::write(article, &ImageMap::new(), &plain).body,
        })
    }

    /// An article keeps the profile with which it was kept first.
    fn profile(&self, previous: Option<&Record>, captured: &mut Captured) -> Profile {
        let profile = self.settings.profile.clone();
        match previous.and_then(|record| record.profile.parse().ok()) {
            Some(name) if name != profile.name => {
                let page = captured.name();
                captured.notes.push(format!("{page}: keeps the profile `{name}` that its texts have"));
                Profile { name, ..profile }
            }
            _ => profile,
        }
    }
}

fn weight_of(article: &Article) -> usize {
    html::text::weight(&article.content.text(article.content.root()))
}

fn keeping(kept: Kept, captured: &mut Captured) -> Outcome {
    captured.path = Some(kept.path);
    kept.outcome
}

/// What concerns one article only is that page's failure, and the run goes on.
fn page_failure(error: ArchiveError) -> Result<Outcome, ArchiveError> {
    if !error.is_of_one_article() {
        return Err(error);
    }
    Ok(Outcome::Failed(Failure { stage: Stage::Archive, kind: "record".to_owned(), message: error.to_string() }))
}

fn named(input: &Input, error: &ExtractError) -> String {
    match input {
        Input::Url(url) => format!("{}: {error}", source::shown(url)),
        Input::File { path, .. } => format!("{}: {error}", path.display()),
    }
}

/// A writer that panicked left plain files, which its next run makes whole; the others may go on.
fn lock(writer: &Mutex<Writer>) -> MutexGuard<'_, Writer> {
    writer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Disk work waits for the disk: it is done where waiting holds up nobody.
async fn with_writer<T: Send + 'static>(
    writer: &Arc<Mutex<Writer>>,
    work: impl FnOnce(&mut Writer) -> T + Send + 'static,
) -> T {
    let writer = Arc::clone(writer);
    beside_the_runtime(move || work(&mut lock(&writer))).await
}

async fn beside_the_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // Work that has begun is never cancelled: what is left is a panic, which goes on here.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

impl Captured {
    /// A page that could not even be visited.
    pub fn failed(failure: Failure) -> Self {
        let nothing = Self::of(&Input::File { path: std::path::PathBuf::new(), url: None });
        Self { outcome: Outcome::Failed(failure), ..nothing }
    }

    /// What to call it in a message: its URL or its path.
    pub fn name(&self) -> &str {
        self.url.as_deref().or(self.path.as_deref()).unwrap_or("the page")
    }

    fn of(input: &Input) -> Self {
        Self {
            outcome: Outcome::Skipped("not visited".to_owned()),
            url: input.url().map(source::shown),
            path: None,
            title: None,
            saved: 0,
            missing: Vec::new(),
            confidence: None,
            warnings: Vec::new(),
            losses: Vec::new(),
            round_trip: Vec::new(),
            notes: Vec::new(),
            links: None,
            parts: Vec::new(),
            answered: None,
            weight: 0,
            may_pass: false,
        }
    }
}
