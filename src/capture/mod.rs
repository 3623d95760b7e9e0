//! Captures one page: the steps from its URL to the archive.

mod absent;
mod blocking;
mod continuation;
mod feed_text;
mod images;
mod job;
mod links;
mod log_out;
mod page;
mod repeated;
mod slot;
mod source;

use std::path::Path;
use std::sync::Arc;

use jiff::tz::Offset;
use parking_lot::Mutex;
use url::Url;

use crate::archive::{
    Answer, ArchiveError, FeedClaims, NotModified, PageIdentity, Record, Text, TextOption, Visit, Writer, WriterOptions,
};
use crate::extract::continuation::{Certainty, Neighbour};
use crate::extract::{self, ExtractError};
use crate::fetch::{self, Client, FetchError, Fetcher};
use crate::frontmatter::Profile;
use crate::html;
use crate::markdown::{self, DigestInput, IgnoredLines};
use crate::model::{
    Article, Clock, Digest, ImageMap, Origin, Outcome, RawPage, Timestamp, UrlKey, Warning, WarningKind, shown_url,
};

pub(crate) use blocking::off_runtime;
use blocking::with_writer;
use continuation::{JoinedArticle, continued_file, saved};
use images::{ImageSource, Images};
use page::{PageOrRefresh, ReadPage};
use repeated::same_as_newest;
use source::{Response, Unread, Validators, not_modified, whole_or_last};

#[doc(hidden)]
pub use feed_text::FeedText;
#[doc(hidden)]
pub use images::image;
pub use job::{Captured, ContinuationPages, Input, Job, Options};
#[doc(hidden)]
pub use job::{ImageChecks, LinkUse, NamedBy, OnFailure, TextSource};
#[doc(hidden)]
pub use links::{Links, MOST_LINKS, links};
#[doc(hidden)]
pub use slot::{Slot, SlotEnd, Slots};

/// Why a [`Capturer`] cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The archive cannot be opened for writing.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The client cannot be created.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

/// Captures pages into an archive.
#[derive(Clone)]
pub struct Capturer {
    /// Fetches pages; None if no page is on the web.
    pub fetcher: Option<Arc<dyn Fetcher>>,
    /// The archive.
    pub writer: Arc<Mutex<Writer>>,
    /// How pages are archived.
    pub options: Arc<Options>,
}

impl Capturer {
    /// Returns a capturer that writes into the archive at `root`, which is created if it does not exist. It fetches
    /// pages with default settings and writes the default front matter. `clock` returns the current time.
    ///
    /// # Errors
    /// The folder is not an archive, another process writes to it, or no TLS connection can be made.
    pub fn open(root: &Path, clock: Clock) -> Result<Self, OpenError> {
        let software = concat!("bindery ", env!("CARGO_PKG_VERSION"));
        let writer = Writer::open(root, WriterOptions::new(software, software, clock()))?;
        let client = Client::new(fetch::Settings::default(), clock.clone(), Arc::new(|_| {}))?;
        let options = Options {
            profile: Profile::default(),
            respect_robots: false,
            comments: false,
            ignored: IgnoredLines::default(),
            image_checks: ImageChecks::default(),
            software: software.to_owned(),
            clock,
        };
        Ok(Self { fetcher: Some(Arc::new(client)), writer: Arc::new(Mutex::new(writer)), options: Arc::new(options) })
    }

    /// Writes the manifests of everything that was captured. Without it the next run does so.
    ///
    /// # Errors
    /// The operating system refuses to write.
    pub fn commit(&self) -> Result<(), ArchiveError> {
        self.writer.lock().commit()
    }

    /// Captures one page from its URL or file. A page's failure is in [`Captured::outcome`]. Nothing is archived before
    /// the page's [`Slot`] is reached.
    ///
    /// # Errors
    /// The archive failed, not only this page; the run must end.
    pub async fn capture(&self, mut job: Job) -> Result<Captured, ArchiveError> {
        let mut slot = std::mem::replace(&mut job.slot, Slot::unordered());
        let done = self.visit(&mut job, &mut slot).await;
        slot.wait().await;
        done.or_else(|error| Captured::of(&job.input).failed_by(error))
    }

    async fn visit(&self, job: &mut Job, slot: &mut Slot) -> Result<Captured, ArchiveError> {
        if job.text_source == TextSource::Feed {
            return self.feed_item(job, slot).await;
        }
        let mut response = match job.fetched.take() {
            Some(raw) => Response { page: Ok(raw), note: None },
            None => self.fetch(job, self.validators(job)?).await,
        };
        if let Some(raw) = not_modified(&response) {
            if let Some(captured) = self.unchanged(job, raw, slot).await? {
                return Ok(captured.noted(response.note));
            }
            // A missing image is available again, or the archive does not have the page that did not change.
            response = self.fetch(job, Validators::default()).await;
        }
        let read = match response.page.and_then(|raw| whole_or_last(job, raw)) {
            Ok(raw) => self.read(job, raw).await,
            Err(unread) => Err(unread),
        };
        let captured = match read {
            Ok(page) => self.article(job, page, slot).await?,
            Err(unread) => self.unread(job, unread, slot).await?,
        };
        let notes = response.note.into_iter().chain(captured.notes).collect();
        Ok(Captured { notes, ..captured })
    }

    async fn fetch(&self, job: &Job, validators: Validators) -> Response {
        source::fetch(job, self.fetcher.as_deref(), validators, &self.options).await
    }

    /// Returns the validators of the last response for a page that the archive has.
    fn validators(&self, job: &Job) -> Result<Validators, ArchiveError> {
        let Input::Url(url) = &job.input else { return Ok(Validators::default()) };
        if job.links == LinkUse::List {
            return Ok(Validators::default());
        }
        if self.options.image_checks == ImageChecks::Again {
            return Ok(Validators::default());
        }
        let known = {
            let writer = self.writer.lock();
            writer.find(&writer.url_key(url))?
        };
        Ok(known.map_or_else(Validators::default, |entry| Validators {
            etag: entry.record.etag,
            last_modified: entry.record.last_modified,
        }))
    }

    /// Parses the page, following refreshes to other pages.
    async fn read(&self, job: &Job, mut raw: RawPage) -> Result<ReadPage, Unread> {
        let options = self.extract_options();
        let fetcher = match &job.input {
            Input::Url(_) => self.fetcher.as_deref(),
            Input::File { .. } => None,
        };
        let Some(fetcher) = fetcher else {
            return Ok(off_runtime(move || page::read(raw, options)).await);
        };
        loop {
            let options = options.clone();
            match off_runtime(move || page::read_or_refresh(raw, options)).await {
                PageOrRefresh::Page(page) => return Ok(*page),
                // The client's limit of redirects ends a chain of refreshes.
                PageOrRefresh::Refresh(from, target) => raw = fetcher.follow(*from, target).await?,
            }
        }
    }

    /// Captures an item that exists only in a feed.
    async fn feed_item(&self, job: &Job, slot: &mut Slot) -> Result<Captured, ArchiveError> {
        let captured = Captured::of(&job.input);
        let text = job.feed_text.as_ref().zip(job.input.url());
        let Some((raw, article)) = text.and_then(|(text, url)| text.whole(url, self.options.now())) else {
            let why = format!("{}: the feed has no text of it", captured.name());
            return Ok(captured.ended(Outcome::Skipped(why)));
        };
        if let Some(early) = job.since.and_then(|since| too_early(&article, since)) {
            let why = format!("{}: published {early}, before the time of --since", captured.name());
            return Ok(captured.ended(Outcome::Skipped(why)));
        }
        self.keep(job, (raw, JoinedArticle::alone(article)), captured, slot).await
    }

    /// Returns the article in a feed's text of the page, with the bytes that it was extracted from; None if there is
    /// none.
    fn feed_article(&self, job: &Job) -> Option<(RawPage, Article)> {
        job.feed_text.as_ref()?.article(job.input.url()?, self.options.now())
    }

    /// Captures a page that has not changed according to the server (304). None if the page must be fetched in full.
    async fn unchanged(&self, job: &Job, raw: RawPage, slot: &mut Slot) -> Result<Option<Captured>, ArchiveError> {
        let (Some(url), Some(fetcher)) = (raw.url.clone(), self.fetcher.as_deref()) else { return Ok(None) };
        let key = self.writer.lock().url_key(&url);
        let Some(entry) = self.writer.lock().find(&key)? else { return Ok(None) };
        let Some(missing) = images::still_missing(&entry.record, fetcher, &url).await else { return Ok(None) };
        let captured = Captured {
            url: Some(shown_url(&url)),
            title: Some(entry.record.title.clone()).filter(|title| !title.is_empty()),
            saved: entry.record.saved_images().count(),
            missing: missing.clone(),
            ..Captured::of(&job.input)
        };
        let header = |name: &str| raw.headers.get(name).map(str::to_owned);
        let taken = raw.captured.unwrap_or_else(|| self.options.now());
        let visit = NotModified {
            key,
            captured: taken,
            etag: header("etag"),
            last_modified: header("last-modified"),
            missing,
            answers: Answer::of_page(raw, taken),
        };
        slot.wait().await;
        match with_writer(&self.writer, move |writer| writer.keep_unchanged(&visit)).await {
            Ok(kept) => Ok(Some(captured.kept(kept))),
            Err(error) => captured.failed_by(error).map(Some),
        }
    }

    /// Captures the article of a page that was read.
    async fn article(&self, job: &Job, page: ReadPage, slot: &mut Slot) -> Result<Captured, ArchiveError> {
        let ReadPage { raw, article, links } = page;
        if let Some(captured) = self.sent_home(job, &raw, slot).await? {
            return Ok(Captured { links: (job.links == LinkUse::List).then_some(links), ..captured });
        }
        let Links { next, before, .. } = links.clone();
        let mut captured = Captured {
            url: raw.url.as_ref().map(shown_url),
            answered: raw.url.clone(),
            links: (job.links == LinkUse::List).then_some(links),
            ..Captured::of(&job.input)
        };
        let joins = job.continuation_pages == ContinuationPages::Join;
        if let (Input::File { path, .. }, true) = (&job.input, joins)
            && let Some(first) = continued_file(path, &raw)
        {
            let why = format!("{}: continuation page of {}", path.display(), first.display());
            captured.continues = Some(Input::File { path: first, url: None });
            return Ok(captured.ended(Outcome::Skipped(why)));
        }
        let before = match (&job.input, before) {
            (Input::Url(_), Some(before)) if joins => self.confirmed(before, &raw, &article).await,
            _ => None,
        };
        let before = match (&job.input, before) {
            (Input::Url(_), None) if joins => self.continued(raw.url.as_ref())?,
            (_, before) => before,
        };
        if let (Some(before), Some(url)) = (before, &raw.url) {
            captured.continues = Some(Input::Url(before.clone()));
            captured.links.get_or_insert_default().found.push(before.clone());
            let why = format!("{}: continuation page of {before}", shown_url(url));
            return Ok(captured.ended(Outcome::Skipped(why)));
        }
        let is_replaced = |(_, offered): &(RawPage, Article)| {
            feed_text::is_more(weight_of(offered), article.as_ref().map_or(0, weight_of))
        };
        let (raw, mut article) = match self.feed_article(job).filter(is_replaced) {
            Some(better) => {
                let note =
                    format!("{}: the feed has more text than the page; the text of the feed is kept", captured.name());
                captured = captured.noted(Some(note));
                better
            }
            None => match article {
                Ok(article) => (raw, article),
                Err(error) => return self.without_article(job, (raw.status, &error), captured, slot).await,
            },
        };
        if !article.warnings.iter().any(|warning| warning.kind == WarningKind::Truncated) {
            article.warnings.extend(truncation(&raw));
        }
        if let Some(early) = job.since.and_then(|since| too_early(&article, since)) {
            let why = format!("{}: published {early}, before the time of --since", captured.name());
            return Ok(captured.ended(Outcome::Skipped(why)));
        }
        let joined = match (&job.input, joins) {
            (Input::File { path, .. }, true) => saved(path, &raw, article, self.extract_options()).await,
            _ => self.join(job.continuation_pages, next, raw.url.as_ref(), article).await,
        };
        self.keep(job, (raw, joined), captured, slot).await
    }

    /// Returns the previous page of an article if that page names this one as its next.
    async fn confirmed(
        &self,
        before: Neighbour,
        raw: &RawPage,
        article: &Result<Article, ExtractError>,
    ) -> Option<Url> {
        if before.certainty == Certainty::Certain {
            return Some(before.url);
        }
        let (fetcher, own, article) = (self.fetcher.as_deref()?, raw.url.as_ref()?, article.as_ref().ok()?);
        continuation::leads_on(fetcher, &before.url, own, article).await.then_some(before.url)
    }

    /// Returns the article with its continuation pages on the web.
    async fn join(
        &self,
        pages: ContinuationPages,
        next: Option<Neighbour>,
        url: Option<&Url>,
        article: Article,
    ) -> JoinedArticle {
        let joins = pages == ContinuationPages::Join;
        match (next, self.fetcher.as_deref(), url) {
            (Some(next), Some(fetcher), Some(url)) if joins => continuation::join(fetcher, url, next, article).await,
            (Some(next), ..) if next.certainty != Certainty::Doubtful => JoinedArticle::alone(article).unread(),
            _ => JoinedArticle::alone(article),
        }
    }

    fn extract_options(&self) -> extract::Options {
        extract::Options { comments: self.options.comments, ..extract::Options::default() }
    }

    /// Fetches the images, writes the text and archives both.
    async fn keep(
        &self,
        job: &Job,
        (raw, joined): (RawPage, JoinedArticle),
        mut captured: Captured,
        slot: &mut Slot,
    ) -> Result<Captured, ArchiveError> {
        let JoinedArticle { mut article, pages, urls, links } = joined;
        captured.weight = weight_of(&article);
        captured.continuation_pages = urls;
        if let Some(known) = &mut captured.links {
            known.found.extend(links);
        }
        let taken = raw.captured.unwrap_or_else(|| self.options.now());
        let input = DigestInput::new(&article, &self.options.ignored);
        let (key, previous) = match self.known(&raw, &article, &input, &job.feed_claims) {
            Ok(known) => known,
            Err(error) => return captured.failed_by(error),
        };
        let (profile, note) = self.profile(previous.as_ref(), captured.name());
        captured = captured.noted(note);
        let checks = self.options.image_checks;
        let images = Images::new(&article, &input, previous.as_ref(), checks);
        let source = ImageSource {
            input: &job.input,
            page: raw.url.as_ref(),
            fetcher: self.fetcher.as_deref(),
            captured: taken,
        };
        let mut images = match images.obtain(&source, &self.writer).await {
            Ok(images) => images,
            Err(error) => return captured.failed_by(error),
        };
        let digest = images.text_digest(&input, previous.as_ref());
        article.drop_images(|url| images.is_counter(url));
        // The front matter says when this text was first seen, not when a missing image was fetched.
        article.captured = Some(images.text_first_seen().unwrap_or(taken));
        let document = markdown::write(&article, &images.map(profile.image_base.as_deref()), &profile);
        let known = (&key, previous.as_ref());
        let ignored = &self.options.ignored;
        let same = same_as_newest(&self.writer.lock(), known, digest, (&article, &document), ignored);
        let digest = same.unwrap_or(digest);
        let captured = Captured {
            title: article.metadata.title.as_ref().map(|title| title.value.clone()),
            saved: images.saved(),
            missing: images.missing().into_iter().chain(article.players().into_iter().map(not_stored)).collect(),
            text_digest: Some(digest),
            confidence: Some(article.confidence),
            warnings: article.warnings.clone(),
            losses: article.losses.clone(),
            round_trip: document.round_trip.clone(),
            ..captured
        };
        let (options, software) = (self.text_options(&raw), self.options.software.clone());
        let text = Text { document, digest, profile: profile.name, options, software };
        let visit = Visit {
            feed: job.feed_claims.clone(),
            images: images.into_visit(),
            continuation_pages: pages.into_iter().map(|page| Answer::of_page(page, taken)).collect(),
            ..Visit::new(key, raw, article, text, taken)
        };
        slot.wait().await;
        match with_writer(&self.writer, move |writer| writer.keep_identified(visit)).await {
            Ok(kept) => Ok(captured.kept(kept)),
            Err(error) => captured.failed_by(error),
        }
    }

    fn text_options(&self, raw: &RawPage) -> Vec<TextOption> {
        match (&raw.origin, self.options.comments) {
            // The text of a feed.
            (Origin::Import(_), _) => vec![TextOption::Fragment, TextOption::DeclaredMetadata],
            (_, true) => vec![TextOption::Comments],
            (_, false) => Vec::new(),
        }
    }

    /// Returns the page's key, and its record if the archive has one.
    fn known(
        &self,
        raw: &RawPage,
        article: &Article,
        input: &DigestInput,
        claims: &FeedClaims,
    ) -> Result<(UrlKey, Option<Record>), ArchiveError> {
        let key = self.key(raw, article, &input.digest(&|_| None), claims)?;
        let known = self.writer.lock().find_own(&key)?;
        Ok((key, known.map(|entry| entry.record)))
    }

    fn key(
        &self,
        raw: &RawPage,
        article: &Article,
        digest: &Digest,
        feed: &FeedClaims,
    ) -> Result<UrlKey, ArchiveError> {
        let Some(answered) = &raw.url else { return Ok(UrlKey::of_bytes(&Digest::of(&raw.body))) };
        let hops = raw.redirects.iter().map(|hop| &hop.url);
        let redirected_from: Vec<Url> = raw.requested.iter().chain(hops).cloned().collect();
        let mut plain = Profile { image_base: None, ..self.options.profile.clone() };
        plain.style.check = false;
        self.writer.lock().article_key(&PageIdentity {
            answered,
            redirected_from: &redirected_from,
            canonical: article.metadata.canonical.as_ref().map(|found| &found.value),
            feed,
            title: article.metadata.title.as_ref().map_or("", |title| &title.value),
            warnings: &article.warnings,
            text_digest: digest,
            body: &|| markdown::write(article, &ImageMap::new(), &plain).body,
        })
    }

    /// Returns the profile for a page's text, with a note if it is not the requested one: an article keeps the profile
    /// that it was archived with first.
    fn profile(&self, previous: Option<&Record>, page: &str) -> (Profile, Option<String>) {
        let profile = self.options.profile.clone();
        match previous.and_then(|record| record.profile.parse().ok()) {
            Some(name) if name != profile.name => {
                let note =
                    format!("{page}: the article keeps its profile `{name}`; `bindery rebuild --profile` changes it");
                (Profile { name, ..profile }, Some(note))
            }
            _ => (profile, None),
        }
    }
}

fn weight_of(article: &Article) -> usize {
    html::text::weight(&article.content.text(article.content.root()))
}

/// Returns a warning if the page's HTML ends in the middle.
fn truncation(raw: &RawPage) -> Option<Warning> {
    let detail = "the page's HTML ends in the middle; the rest may not have arrived";
    (raw.origin == Origin::Network && html::is_cut(raw.content())).then(|| Warning::new(WarningKind::Truncated, detail))
}

/// Returns a player with the reason why its media are missing.
fn not_stored(url: String) -> (String, String) {
    let reason = format!("{url}: videos and sounds are not stored; it stays linked to its URL");
    (url, reason)
}

/// Returns why the article is skipped if it was published before `since`.
fn too_early(article: &Article, since: Timestamp) -> Option<String> {
    let published = &article.metadata.published.as_ref()?.value;
    let is_early = match published.instant() {
        Some(instant) => instant < since,
        None => published.day() < Offset::UTC.to_datetime(since.instant()).date(),
    };
    is_early.then(|| published.to_string())
}
