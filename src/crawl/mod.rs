//! The loop: lease → capture → keep → finish, over many hosts at once, each at its own pace.
//!
//! A page is durable in the archive before the frontier learns that it is done: a kill at any moment leaves pages that are
//! visited once more, and loses none.

mod feed_pages;
mod note;
mod scope;
pub mod seeds;
mod settle;
mod trap;
mod visit;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use url::Url;

use crate::archive::{ArchiveError, Writer};
use crate::capture::{self, Captured};
use crate::fetch::Client;
use crate::frontier::{End, Finish, Frontier, FrontierError, Lease, Next, QueuedUrl, UnixMillis, UrlKind, Usage};
use crate::model::{Failure, Outcome, Timestamp, UrlKey};

use feed_pages::FeedPages;
use note::Note;
pub use scope::{PatternError, Scope, Within};
use settle::Flush;
use visit::{VisitResult, Worker};

/// Visits that are under way at once, over all hosts.
pub const AT_ONCE: usize = 32;

/// How long a lease lasts; it is renewed while its visit continues.
const HOLD: Duration = Duration::from_secs(300);

/// How long visits may continue after the crawl was asked to stop.
const GRACE: Duration = Duration::from_secs(3);

/// What to crawl.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where to start.
    pub seeds: Vec<Url>,
    /// Pages that a list on disk contains.
    pub pages: Vec<seeds::Item>,
    /// Which URLs belong to it.
    pub scope: Scope,
    /// The maximum link depth from a seed; None for no limit from a page, and 0 from the pages of a feed, sitemap or
    /// list.
    pub depth: Option<u32>,
    /// The number of kept pages that ends the crawl; None for no limit.
    pub max_pages: Option<u64>,
    /// The number of received bytes that ends the crawl; None for no limit.
    pub max_bytes: Option<u64>,
    /// Articles published earlier are not kept.
    pub since: Option<Timestamp>,
    /// Whether the feeds that seeds declare are read instead of following links.
    pub feeds: bool,
    /// What becomes of the translations that sitemaps name.
    pub alternates: seeds::Alternates,
    /// The maximum number of retries of a visit whose failure may be temporary.
    pub retries: u32,
    /// The maximum number of simultaneous visits to one host; the client must allow as many requests.
    pub at_once: NonZeroUsize,
}

/// What a crawl works with.
pub struct Tools {
    /// The web.
    pub client: Client,
    /// The archive.
    pub writer: Arc<Mutex<Writer>>,
    /// How pages are kept.
    pub settings: Arc<capture::Options>,
    /// The number of bytes received so far; the client's event handler counts them.
    pub received: Arc<AtomicU64>,
}

/// What a crawl reports while it runs.
#[derive(Debug)]
pub enum Event<'a> {
    /// A page is done.
    Page(&'a Captured),
    /// A feed, a sitemap or a list was read.
    List {
        /// Its URL.
        url: &'a Url,
        /// What it is: `feed`, `sitemap`…
        form: &'static str,
        /// The number of pages and lists in it that are in scope.
        named: usize,
        /// What the user should know about it.
        warning: Option<&'a str>,
    },
    /// A visit failed and will be retried.
    Again {
        /// The URL.
        url: &'a Url,
        /// Why.
        reason: &'a str,
        /// When, from now.
        wait: Duration,
    },
    /// A seed could not be read.
    Lost {
        /// The URL.
        url: &'a Url,
        /// Why.
        failure: &'a Failure,
    },
    /// A seed was skipped.
    Passed {
        /// The URL.
        url: &'a Url,
        /// Why.
        reason: &'a str,
    },
}

/// How a crawl ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Whether everything was visited, or as much as the plan allows.
    pub complete: bool,
    /// The number of URLs that still wait to be visited.
    pub left: u64,
    /// The number of URLs that were not followed because they look like traps, by reason.
    pub trapped: BTreeMap<&'static str, u64>,
}

/// An error that ends a crawl early.
#[derive(Debug, thiserror::Error)]
pub enum CrawlError {
    /// The archive failed.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The queue failed.
    #[error(transparent)]
    Frontier(#[from] FrontierError),
}

/// Crawls until nothing is left, the plan's limits are reached, `stop` is notified, or `tell` breaks. Visits in progress
/// then get a moment to finish; the others are returned to the queue.
///
/// # Errors
/// The archive or the queue fails. A page that fails is not an error: `tell` receives it.
pub async fn crawl(
    plan: Plan,
    tools: Tools,
    frontier: &mut dyn Frontier,
    stop: &Notify,
    tell: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
) -> Result<Summary, CrawlError> {
    let mut scope = plan.scope.clone();
    for seed in &plan.seeds {
        scope.begins_at(seed);
        tools.client.name_origin(seed);
    }
    // What a list on the user's own disk contains, the user named.
    plan.pages.iter().for_each(|item| tools.client.name_origin(&item.url));
    let clock = SteadyClock::new(&tools.settings);
    let reach = plan.depth.unwrap_or(u32::MAX);
    let named: Vec<QueuedUrl> = plan.seeds.iter().map(|seed| QueuedUrl::seed(seed.clone(), reach)).collect();
    tools.writer.lock().unwrap_or_else(PoisonError::into_inner).defer_writes();
    let flush = Flush::new(&tools.writer);
    let site = Arc::new(Worker { scope, plan, tools, flush, feeds: FeedPages::default() });
    let mut listed: Vec<QueuedUrl> = site.plan.pages.iter().filter_map(|item| site.listed(item, 0)).collect();
    drop_unchanged(&mut listed, frontier, &site)?;
    frontier.allow(site.plan.at_once, clock.now())?;
    frontier.add(&named, clock.now())?;
    frontier.add(&listed, clock.now())?;
    let before = frontier.usage()?;
    let run = Run {
        before,
        counted: 0,
        site,
        frontier,
        tell,
        clock,
        visits: JoinSet::new(),
        leases: BTreeMap::new(),
        kept: 0,
        stopping: None,
        trapped: BTreeMap::new(),
    };
    run.all(stop).await
}

/// Wall-clock time that does not jump during the crawl.
struct SteadyClock {
    start: UnixMillis,
    since: Instant,
}

impl SteadyClock {
    fn new(settings: &capture::Options) -> Self {
        Self { start: UnixMillis((settings.clock)().as_second() * 1000), since: Instant::now() }
    }

    fn now(&self) -> UnixMillis {
        self.start.after(self.since.elapsed())
    }
}

struct Run<'a> {
    site: Arc<Worker>,
    frontier: &'a mut dyn Frontier,
    tell: &'a mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    clock: SteadyClock,
    visits: JoinSet<Result<VisitResult, ArchiveError>>,
    leases: BTreeMap<Id, Lease>,
    /// What earlier runs of this crawl used of its limits.
    before: Usage,
    /// Pages that this run kept.
    kept: u64,
    /// The number of received bytes that the frontier knows of.
    counted: u64,
    /// When visits in progress are cancelled; None unless the crawl is stopping.
    stopping: Option<Instant>,
    trapped: BTreeMap<&'static str, u64>,
}

/// Why there is no lease.
enum Idle {
    /// Every worker is busy, or the crawl is ending.
    Busy,
    Until(UnixMillis),
    Drained,
}

impl Run<'_> {
    async fn all(mut self, stop: &Notify) -> Result<Summary, CrawlError> {
        let mut drained = false;
        let worked = loop {
            let idle = match self.hire() {
                Ok(idle) => idle,
                Err(error) => break Err(error),
            };
            drained = matches!(idle, Idle::Drained);
            let out = drained || self.stopping.is_some() || self.is_enough();
            if self.visits.is_empty() && out {
                break Ok(());
            }
            let wake = self.wake(&idle);
            tokio::select! {
                biased;
                () = stop.notified(), if self.stopping.is_none() => self.stopping = Some(Instant::now() + GRACE),
                done = self.visits.join_next_with_id(), if !self.visits.is_empty() => {
                    if let Some(done) = done && let Err(error) = self.done(done) {
                        break Err(error);
                    }
                }
                () = tokio::time::sleep_until(wake) => {}
            }
            if self.stopping.is_some_and(|at| at <= Instant::now()) {
                break Ok(());
            }
            if let Err(error) = self.renew() {
                break Err(error);
            }
        };
        self.hand_back().await?;
        worked?;
        let is_stopped = self.stopping.is_some();
        let left = self.frontier.counts()?;
        Ok(Summary { complete: !is_stopped && (drained || self.is_enough()), left: left.queued, trapped: self.trapped })
    }

    /// Starts a visit for every free worker.
    fn hire(&mut self) -> Result<Idle, CrawlError> {
        while self.stopping.is_none() && self.visits.len() < AT_ONCE && !self.is_enough() {
            let under_way = self.visits.len() as u64;
            // A visit in progress may bring the last page of the limit.
            if self.site.plan.max_pages.is_some_and(|most| self.before.pages + self.kept + under_way >= most) {
                return Ok(Idle::Busy);
            }
            match self.frontier.lease(self.clock.now(), HOLD)? {
                Next::Work(lease) => {
                    let known = match lease.found.kind {
                        UrlKind::Seed => self.frontier.list(&lease.found.url)?,
                        UrlKind::Page => None,
                    };
                    let (site, work) = (Arc::clone(&self.site), (*lease).clone());
                    let task = self.visits.spawn(async move { site.visit(work, known).await });
                    self.leases.insert(task.id(), *lease);
                }
                Next::WaitUntil(moment) => return Ok(Idle::Until(moment)),
                Next::Drained => return Ok(Idle::Drained),
            }
        }
        Ok(Idle::Busy)
    }

    fn is_enough(&self) -> bool {
        let plan = &self.site.plan;
        let received = self.site.tools.received.load(Ordering::Relaxed);
        plan.max_pages.is_some_and(|most| self.before.pages + self.kept >= most)
            || plan.max_bytes.is_some_and(|most| self.before.bytes + received >= most)
    }

    /// Returns when to look again, if nothing happens before.
    fn wake(&self, idle: &Idle) -> Instant {
        let look = Instant::now() + HOLD / 4;
        let ready = match idle {
            Idle::Until(moment) => Instant::now() + self.clock.now().until(*moment),
            Idle::Busy | Idle::Drained => look,
        };
        ready.min(look).min(self.stopping.unwrap_or(look))
    }

    /// Records the result of a visit in the queue, then reports it.
    fn done(
        &mut self,
        joined: Result<(Id, Result<VisitResult, ArchiveError>), tokio::task::JoinError>,
    ) -> Result<(), CrawlError> {
        let (id, visited) = match joined {
            Ok(done) => done,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => return Ok(()),
        };
        let Some(lease) = self.leases.remove(&id) else { return Ok(()) };
        let mut visited = match visited {
            Ok(visited) => visited,
            Err(error) => {
                self.frontier.release(&lease, self.clock.now())?;
                return Err(error.into());
            }
        };
        let now = self.clock.now();
        let rest_until = now.after(self.site.tools.client.rest(&lease.found.url));
        let end = match visited.again {
            Some(wait) => End::Again(now.after(wait)),
            None if visited.failed => End::Failed,
            None => End::Done,
        };
        if let Some(list) = &visited.list_as_answered {
            self.frontier.remember(&lease.found.url, list)?;
        }
        let unchanged = drop_unchanged(&mut visited.found, self.frontier, &self.site)?;
        visited.note_unchanged(unchanged);
        let received = self.site.tools.received.load(Ordering::Relaxed);
        let bytes = received.saturating_sub(std::mem::replace(&mut self.counted, received));
        let spent = Usage { pages: u64::from(visited.is_kept()), bytes };
        let finish = Finish { end, rest_until, found: &visited.found, also: &visited.also, usage: spent };
        self.frontier.finish(&lease, &finish, now)?;
        if let Some(lastmod) = Note::read(&lease.found.note).lastmod.filter(|_| visited.is_complete()) {
            self.frontier.note_lastmod(&lease.found.url, &lastmod)?;
        }
        self.kept += spent.pages;
        for why in &visited.trapped {
            *self.trapped.entry(why).or_default() += 1;
        }
        if self.tell(&lease, &visited).is_break() {
            self.stopping = Some(Instant::now());
        }
        Ok(())
    }

    fn tell(&mut self, lease: &Lease, visited: &VisitResult) -> ControlFlow<()> {
        let url = &lease.found.url;
        if let (Some(wait), Some(Outcome::Failed(failure))) = (visited.again, visited.outcome()) {
            return (self.tell)(Event::Again { url, reason: &failure.message, wait });
        }
        if let Some((form, named)) = visited.list {
            (self.tell)(Event::List { url, form, named, warning: visited.warning.as_deref() })?;
        }
        match (&visited.captured, &visited.lost) {
            (Some(captured), _) => (self.tell)(Event::Page(captured)),
            (None, Some(Outcome::Failed(failure))) => (self.tell)(Event::Lost { url, failure }),
            (None, Some(Outcome::Skipped(reason))) => (self.tell)(Event::Passed { url, reason }),
            _ => ControlFlow::Continue(()),
        }
    }

    /// Renews the leases of long visits.
    fn renew(&mut self) -> Result<(), CrawlError> {
        let now = self.clock.now();
        for lease in self.leases.values_mut().filter(|lease| now.until(lease.until) < HOLD / 2) {
            self.frontier.renew(lease, now, HOLD)?;
        }
        Ok(())
    }

    /// Cancels the visits in progress and returns their leases.
    async fn hand_back(&mut self) -> Result<(), CrawlError> {
        self.visits.shutdown().await;
        for lease in std::mem::take(&mut self.leases).into_values() {
            self.frontier.release(&lease, self.clock.now())?;
        }
        Ok(())
    }
}

/// Removes the pages whose sitemap has the time of change that it had at their last visit, if the archive has them, and
/// returns their number. Pages whose links are followed stay.
fn drop_unchanged(found: &mut Vec<QueuedUrl>, frontier: &dyn Frontier, site: &Worker) -> Result<usize, CrawlError> {
    let before = found.len();
    let mut failure = None;
    found.retain(|url| match is_unchanged(url, frontier, site) {
        Ok(is_unchanged) => !is_unchanged,
        Err(error) => {
            failure.get_or_insert(error);
            true
        }
    });
    failure.map_or(Ok(before - found.len()), Err)
}

fn is_unchanged(found: &QueuedUrl, frontier: &dyn Frontier, site: &Worker) -> Result<bool, CrawlError> {
    let lastmod = match found.kind {
        UrlKind::Page if found.reach == 0 && !found.note.is_empty() => Note::read(&found.note).lastmod,
        UrlKind::Page | UrlKind::Seed => None,
    };
    let Some(lastmod) = lastmod else { return Ok(false) };
    if frontier.lastmod(&found.url)?.is_none_or(|known| known != lastmod) {
        return Ok(false);
    }
    let writer = site.tools.writer.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(writer.contains(&UrlKey::of(&found.url))?)
}

/// Returns a URL as it may be shown and stored: without user name and password.
fn shown(url: &Url) -> String {
    crate::model::without_credentials(url).into()
}

/// Runs work that blocks outside of the runtime's own threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // Work that has started is never cancelled: what remains is a panic, which continues here.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
