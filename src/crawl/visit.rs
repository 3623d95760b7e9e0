//! One visit of a crawl: what a URL is, what is archived, and which URLs it leads to.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use url::Url;

use crate::archive::ArchiveError;
use crate::capture::{
    self, Captured, ContinuationPages, Input, Job, LinkUse, Links, NamedBy, OnFailure, Slot, links, off_runtime,
};
use crate::fetch::{FetchError, Fetcher, Robots};
use crate::frontier::{Lease, List, QueuedUrl, UrlKind};
use crate::model::{FailureKind, Headers, Outcome, RawPage, Request, Timestamp, Tracking, WarningKind, shown_url};

use super::feed_pages::{self, FeedPages};
use super::forms::{Forms, PageText};
use super::keep::Keeper;
use super::note::Note;
use super::seeds::{self, Contents, Item};
use super::{NamedPage, Plan, Scope, Tools, trap};

/// The maximum depth of indexes of sitemaps and lists of feeds.
const LISTS_DEEP: u32 = 4;

/// A page with less text than this counts as empty, in letters.
const THIN: usize = 300;

/// A larger list is not remembered, and is requested without validators, in bytes.
const REMEMBERED: usize = 4 << 20;

/// The pause before the first retry; each further one is three times as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// How many pages before the one that was named are tried for the first page of its article.
const MOST_BACK: usize = 50;

/// Makes the visits of a crawl.
pub struct Worker {
    pub plan: Plan,
    pub received: Arc<AtomicU64>,
    scope: Scope,
    keeper: Keeper,
    forms: Forms,
    feeds: FeedPages,
    tracking: Tracking,
}

/// The result of a visit.
#[derive(Default)]
pub struct VisitResult {
    /// The result of the page; None for a list and for a seed that could not be read.
    pub captured: Option<Captured>,
    /// The outcome of a seed that could not be read.
    pub lost: Option<Outcome>,
    /// What kind of list it was, and how many of its URLs are in scope.
    pub list: Option<(&'static str, usize)>,
    pub warning: Option<String>,
    /// The list's validators and bytes, for a conditional request next time.
    pub list_as_answered: Option<List>,
    pub found: Vec<QueuedUrl>,
    pub also: Vec<Url>,
    /// The pause before it is retried; None when it is done.
    pub again: Option<Duration>,
    pub failed: bool,
    pub trapped: Vec<&'static str>,
}

impl VisitResult {
    /// Returns whether it brought a page that is in the archive.
    pub fn is_kept(&self) -> bool {
        let outcome = self.captured.as_ref().map(|captured| &captured.outcome);
        outcome.is_some_and(|outcome| !matches!(outcome, Outcome::Failed(_) | Outcome::Skipped(_)))
    }

    /// Returns whether it brought a page that the archive has completely.
    pub fn is_complete(&self) -> bool {
        self.is_kept() && self.captured.as_ref().is_some_and(|captured| captured.missing.is_empty())
    }

    /// Notes the number of pages of a list that are not visited because they did not change.
    pub fn note_unchanged(&mut self, count: usize) {
        if count > 0 {
            let unchanged = format!("{count} pages have the lastmod of their last visit and are not visited again");
            self.warning = Some(self.warning.take().map_or(unchanged.clone(), |known| format!("{known}; {unchanged}")));
        }
    }

    /// Returns the outcome of the URL; None for a list.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.captured.as_ref().map(|captured| &captured.outcome).or(self.lost.as_ref())
    }
}

impl Worker {
    /// Takes the seeds of the plan into scope.
    pub fn new(plan: Plan, tools: Tools) -> Self {
        let Tools { capturer, received } = tools;
        let mut scope = plan.scope.clone();
        plan.seeds.iter().for_each(|seed| scope.begins_at(seed));
        // The user also named what a list on the user's own disk contains.
        let named = plan.seeds.iter().chain(plan.pages.iter().map(|item| &item.url));
        if let Some(fetcher) = &capturer.fetcher {
            named.for_each(|url| fetcher.name_origin(url));
        }
        let tracking = capturer.writer.lock().tracking().clone();
        Self {
            plan,
            received,
            scope,
            keeper: Keeper::new(capturer),
            forms: Forms::default(),
            feeds: FeedPages::default(),
            tracking,
        }
    }

    /// Returns the fetcher; None if no page is on the web.
    pub fn fetcher(&self) -> Option<&dyn Fetcher> {
        self.keeper.capturer.fetcher.as_deref()
    }

    /// Returns whether the archive has an article of a page.
    pub fn has(&self, url: &Url) -> Result<bool, ArchiveError> {
        let writer = self.keeper.capturer.writer.lock();
        writer.contains(&writer.url_key(url))
    }

    fn now(&self) -> Timestamp {
        (self.keeper.capturer.options.clock)()
    }

    pub async fn visit(&self, lease: Lease, known: Option<List>) -> Result<VisitResult, ArchiveError> {
        match (lease.found.kind, self.fetcher()) {
            (UrlKind::Seed, Some(fetcher)) => self.seed(fetcher, &lease, known).await,
            _ => match self.closed(&lease.found) {
                Some(why) => Ok(VisitResult { trapped: vec![why], ..VisitResult::default() }),
                None => self.page(&lease, None).await,
            },
        }
    }

    /// Returns why a page that was found by a link is not visited: pages of its form have brought nothing since then.
    fn closed(&self, found: &QueuedUrl) -> Option<&'static str> {
        (found.reach > 0 && !self.scope.names(&found.url)).then(|| self.forms.closed(&found.url)).flatten()
    }

    /// Captures the article of a page that the user named, from its first page where a later one was named.
    pub async fn named(&self, named: NamedPage, mut slot: Slot) -> Result<VisitResult, ArchiveError> {
        let mut captured = match named {
            NamedPage::Page(input) => self.named_page(input, slot).await?,
            NamedPage::Unreadable(failure) => {
                slot.wait().await;
                Captured::failed(failure)
            }
        };
        for _ in 0..MOST_BACK {
            let Some(before) = captured.continues.take() else { break };
            captured = self.named_page(before, Slot::unordered()).await?;
        }
        Ok(VisitResult { captured: Some(captured), ..VisitResult::default() })
    }

    async fn named_page(&self, input: Input, slot: Slot) -> Result<Captured, ArchiveError> {
        self.keeper.capture(Job { continuation_pages: ContinuationPages::Join, slot, ..Job::new(input) }).await
    }

    /// Visits a seed, whatever it turns out to be.
    async fn seed(
        &self,
        fetcher: &dyn Fetcher,
        lease: &Lease,
        known: Option<List>,
    ) -> Result<VisitResult, ArchiveError> {
        let url = &lease.found.url;
        if url.path() == "/robots.txt" {
            return Ok(self.robots(fetcher, &lease.found).await);
        }
        let forbidden = match fetcher.robots(url).await {
            Robots::Allowed => None,
            Robots::Disallowed { rule } => Some(format!("robots.txt forbids it ({rule})")),
            Robots::Unreachable { reason } => Some(format!("its robots.txt could not be fetched ({reason})")),
        };
        if let Some(why) = forbidden {
            let lost = Some(Outcome::Skipped(format!("{}: {why}", shown_url(url))));
            return Ok(VisitResult { lost, ..VisitResult::default() });
        }
        let mut request = Request::new(url.clone());
        if let Some(known) = &known {
            (request.etag, request.last_modified) = (known.etag.clone(), known.last_modified.clone());
        }
        let raw = match fetcher.seed(&request).await {
            Ok(raw) => raw,
            Err(error) => {
                let again = error.may_pass().then(|| self.pause(lease)).flatten();
                let lost = Some(Outcome::Failed(error.failure()));
                return Ok(VisitResult { lost, failed: true, again, ..VisitResult::default() });
            }
        };
        let (now, cap, alternates) = (self.now(), fetcher.seed_cap(), self.plan.alternates);
        let raw = match known {
            // The pages in it may have changed anyway.
            Some(known) if raw.status == 304 => remembered(raw, known),
            _ => raw,
        };
        let (raw, contents) = off_runtime(move || {
            let contents = seeds::read(&raw, now, cap, alternates);
            (raw, contents)
        })
        .await;
        match contents {
            Some(_) if raw.damage.is_some() => {
                let error = FetchError::truncated(url, raw.damage.unwrap_or_default());
                let (again, lost) = (self.pause(lease), Some(Outcome::Failed(error.failure())));
                Ok(VisitResult { lost, failed: true, again, ..VisitResult::default() })
            }
            Some(mut contents) => {
                let list_as_answered = as_answered(&raw);
                contents.warn(moved(&raw, contents.moved.as_ref().filter(|_| !feed_pages::is_later(&lease.found))));
                Ok(VisitResult { list_as_answered, ..self.list(&lease.found, contents) })
            }
            None => self.start(fetcher, lease, raw).await,
        }
    }

    /// Lists the sitemaps that a robots.txt names.
    async fn robots(&self, fetcher: &dyn Fetcher, found: &QueuedUrl) -> VisitResult {
        let url = &found.url;
        let maps = fetcher.sitemaps(url).await;
        let lists = maps.iter().filter_map(|written| url.join(written).ok());
        let contents = Contents {
            lists: lists.filter(|map| matches!(map.scheme(), "http" | "https")).collect(),
            warning: maps.is_empty().then(|| "the robots.txt names no sitemap".to_owned()),
            ..Contents::new(seeds::Form::Sitemap)
        };
        self.list(found, contents)
    }

    fn list(&self, from: &QueuedUrl, mut contents: Contents) -> VisitResult {
        let depth = from.depth + 1;
        let next = self.feeds.next(from, &mut contents);
        let mut warning = contents.warning;
        let mut found: Vec<QueuedUrl> = contents.pages.iter().filter_map(|item| self.listed(item, depth)).collect();
        if depth > LISTS_DEEP && !contents.lists.is_empty() {
            warning = Some("the lists in it are nested too deeply and are skipped".to_owned());
        } else {
            let lists = contents.lists.into_iter().filter(|url| *url != from.url);
            found.extend(lists.map(|url| QueuedUrl { depth, ..QueuedUrl::seed(url, from.reach) }));
        }
        let list = Some((contents.form.word(), found.len()));
        found.extend(next);
        VisitResult { list, warning, found, ..VisitResult::default() }
    }

    /// Returns a page of a list, if it is in scope.
    pub fn listed(&self, item: &Item, depth: u32) -> Option<QueuedUrl> {
        let is_old = item.dated.is_some_and(|dated| self.plan.since.is_some_and(|since| dated < since));
        if is_old || !self.scope.admits(&item.url) {
            return None;
        }
        let note = Note::write(item);
        let reach = self.plan.depth.unwrap_or(0);
        Some(QueuedUrl { kind: UrlKind::Page, depth, note, ..QueuedUrl::seed(self.tracking.strip(&item.url), reach) })
    }

    /// Visits a page that is a seed: reads its feed, when that was meant, or else keeps the page and follows its links.
    async fn start(&self, fetcher: &dyn Fetcher, lease: &Lease, raw: RawPage) -> Result<VisitResult, ArchiveError> {
        if self.plan.feeds || looks_like_feed(&lease.found.url) {
            let (page, read) = off_runtime(move || {
                let read = links(&raw);
                (raw, read)
            })
            .await;
            let feeds: Vec<Url> = read.feeds.into_iter().filter(|feed| *feed != lease.found.url).collect();
            if !feeds.is_empty() && lease.found.depth < LISTS_DEEP {
                let depth = lease.found.depth + 1;
                // By convention the first of several is the site's own.
                let first = feeds.into_iter().take(1);
                let found = first.map(|url| QueuedUrl { depth, ..QueuedUrl::seed(url, lease.found.reach) }).collect();
                let warning = Some("it is a page, not a feed; the feed that it declares is read".to_owned());
                return Ok(VisitResult { list: Some(("page", 1)), warning, found, ..VisitResult::default() });
            }
            return self.page(lease, Some(page)).await;
        }
        let mut visited = self.page(lease, Some(raw)).await?;
        let is_home = lease.found.depth == 0 && lease.found.url.path() == "/" && self.plan.depth.is_none();
        if is_home && let Ok(robots) = lease.found.url.join("/robots.txt") {
            visited.found.extend(self.robots(fetcher, &QueuedUrl::seed(robots, 0)).await.found);
        }
        Ok(visited)
    }

    async fn page(&self, lease: &Lease, fetched: Option<RawPage>) -> Result<VisitResult, ArchiveError> {
        let found = &lease.found;
        let again = self.pause(lease);
        let Note { text: feed_text, claims: feed_claims, text_source, .. } = Note::read(&found.note);
        let job = Job {
            fetched,
            named_by: NamedBy::Page,
            links: if found.reach > 0 { LinkUse::List } else { LinkUse::Ignore },
            continuation_pages: ContinuationPages::Join,
            since: self.plan.since,
            feed_text,
            feed_claims,
            text_source,
            on_failure: if again.is_some() { OnFailure::Retry } else { OnFailure::GiveUp },
            ..Job::new(Input::Url(found.url.clone()))
        };
        let mut captured = self.keeper.capture(job).await?;
        let links = captured.links.take();
        let mut visited = VisitResult::default();
        if let Some(links) = links {
            self.follow(found, &captured, links, &mut visited);
        }
        visited.also = std::mem::take(&mut captured.continuation_pages);
        visited.also.extend(captured.answered.clone().filter(|url| *url != found.url));
        match &captured.outcome {
            Outcome::Failed(_) if captured.may_pass && again.is_some() => visited.again = again,
            // A page whose links are followed need not be an article.
            Outcome::Failed(failure)
                if found.reach > 0 && matches!(failure.kind, FailureKind::NoArticle | FailureKind::NotAPage) =>
            {
                captured.outcome = Outcome::Skipped(failure.message.clone());
            }
            Outcome::Failed(_) => visited.failed = true,
            _ => {}
        }
        visited.captured = Some(captured);
        Ok(visited)
    }

    /// Adds the links of a page that are in scope.
    fn follow(&self, from: &QueuedUrl, captured: &Captured, links: Links, visited: &mut VisitResult) {
        let brings = captured.weight >= THIN;
        let shape = trap::shape(&from.url);
        let now: Timestamp = self.now();
        let has_session = self.fetcher().is_some_and(|fetcher| fetcher.has_session());
        let in_scope = links.found.iter().filter(|url| self.scope.follows(url));
        let in_scope: Vec<Url> = in_scope.map(|url| self.tracking.strip(url)).collect();
        let grown = self.forms.count(&from.url, text_of(captured), &in_scope);
        for url in in_scope {
            let ends_session = has_session && links.log_out.contains(&url);
            let why = ends_session
                .then_some("the link logs out")
                .or_else(|| trap::trapped(&url, now))
                .or_else(|| Forms::grows(&url, grown.as_deref()))
                .or_else(|| self.forms.closed(&url).filter(|_| !self.scope.names(&url)));
            if let Some(why) = why {
                visited.trapped.push(why);
                continue;
            }
            let barren = if !brings && trap::shape(&url) == shape { from.barren + 1 } else { 0 };
            if barren > trap::BARREN {
                visited.trapped.push("many pages of the same form had no text");
                continue;
            }
            let (depth, reach) = (from.depth + 1, from.reach.saturating_sub(u32::from(from.reach != u32::MAX)));
            visited.found.push(QueuedUrl { kind: UrlKind::Page, depth, reach, barren, note: String::new(), url });
        }
        if links.cut {
            visited.warning = Some(format!("it has more than {} links; the others are skipped", capture::MOST_LINKS));
        }
    }

    /// Returns the pause before the visit is retried; None when it was the last.
    fn pause(&self, lease: &Lease) -> Option<Duration> {
        (lease.attempts < self.plan.retries).then(|| FIRST_PAUSE * 3_u32.saturating_pow(lease.attempts.min(6)))
    }
}

/// Returns what a page brought, as far as it is known.
fn text_of(captured: &Captured) -> PageText {
    let has = |kinds: &[WarningKind]| captured.warnings.iter().any(|warning| kinds.contains(&warning.kind));
    let is_stand_in = |kind: WarningKind| kind.replaces_page() || kind == WarningKind::AppShell;
    let is_wall = captured.warnings.iter().any(|warning| is_stand_in(warning.kind));
    match (&captured.outcome, captured.text_digest) {
        (Outcome::Failed(failure), _) if failure.kind == FailureKind::NoArticle => PageText::Empty,
        (Outcome::Failed(_) | Outcome::Skipped(_), _) => PageText::Unknown,
        (_, Some(digest)) if is_wall => PageText::Wall(digest),
        (_, Some(_)) if has(&[WarningKind::Listing]) => PageText::Empty,
        (_, digest) => digest.map_or(PageText::Unknown, PageText::Kept),
    }
}

/// Returns an unchanged list with the bytes of its last response.
fn remembered(raw: RawPage, known: List) -> RawPage {
    let kind = known.content_type.map(|kind| ("content-type".to_owned(), kind.into_bytes()));
    let headers = Headers(kind.into_iter().collect());
    RawPage { status: 200, body: known.body, decoded: None, headers, ..raw }
}

/// Says where a list is to be read from now on: where a permanent redirect leads, or where it says itself.
fn moved(raw: &RawPage, stated: Option<&Url>) -> Option<String> {
    let permanent = raw.redirects.iter().take_while(|hop| matches!(hop.status, 301 | 308)).count();
    let after = raw.redirects.get(permanent).map(|hop| &hop.url).or(raw.url.as_ref());
    match (after.filter(|_| permanent > 0), stated) {
        (Some(url), _) => Some(format!("it moved permanently to {}; use that URL from now on", shown_url(url))),
        (None, Some(url)) => Some(format!("it names {} as its URL; use that from now on", shown_url(url))),
        (None, None) => None,
    }
}

/// Returns what to remember of a list; None when the server sent no validators, or it is too large.
fn as_answered(raw: &RawPage) -> Option<List> {
    let header = |name: &str| raw.headers.get(name).map(str::to_owned);
    let (etag, last_modified) = (header("etag"), header("last-modified"));
    let body = raw.content();
    ((etag.is_some() || last_modified.is_some()) && body.len() <= REMEMBERED).then(|| List {
        etag,
        last_modified,
        content_type: header("content-type"),
        body: body.to_vec(),
    })
}

fn looks_like_feed(url: &Url) -> bool {
    let text = format!("{}?{}", url.path(), url.query().unwrap_or_default()).to_ascii_lowercase();
    ["rss", "atom", "feed", ".xml", ".rdf"].iter().any(|word| text.contains(word))
}
