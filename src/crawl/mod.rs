//! The loop: lease → capture → keep → finish, over many hosts at once, each at its own pace.
//!
//! A page is durable in the archive before the frontier learns that it is done: a kill at any moment leaves pages that are
//! visited once more, and loses none.

mod feed_pages;
mod forms;
mod keep;
mod note;
mod scope;
pub mod seeds;
mod trap;
mod visit;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use url::Url;

use crate::archive::ArchiveError;
use crate::capture::{self, Captured, Capturer, Input, SlotEnd, Slots};
use crate::frontier::{
    Counts, End, Finish, Frontier, FrontierError, Lease, Next, QueuedUrl, UnixMillis, UrlKind, Usage,
};
use crate::model::{Failure, Outcome, Timestamp};

use note::Note;
pub use scope::{PatternError, Scope, Within};
use visit::{VisitResult, Worker};

/// The number of concurrent visits, over all hosts.
const AT_ONCE: usize = 32;

/// The number of concurrent visits of named pages. Each host gets one request at a time; the other pages are being read
/// and written.
const NAMED_AT_ONCE: usize = 16;

/// How long a lease lasts; it is renewed while its visit continues.
const HOLD: Duration = Duration::from_secs(300);

/// How long visits may continue after the crawl was asked to stop.
const GRACE: Duration = Duration::from_secs(3);

/// A page that the user named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedPage {
    /// It can be visited.
    Page(Input),
    /// A line of a list that is neither a URL nor a file.
    Unreadable(Failure),
}

/// The time between two counts of the queue, since counting a long queue takes long.
const COUNT_EVERY: Duration = Duration::from_secs(2);

/// What to crawl.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Pages that are visited before all others. They are kept and reported in this order, whichever is ready first: the
    /// same run makes the same archive.
    pub named: Vec<NamedPage>,
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
    /// What to do with the translations that sitemaps name.
    pub alternates: seeds::Alternates,
    /// The maximum number of retries of a visit whose failure may be temporary.
    pub retries: u32,
}

impl Plan {
    /// Returns whether any of its pages is on the web: a run over saved pages needs no client.
    pub fn needs_web(&self) -> bool {
        let is_on_web = |named: &NamedPage| matches!(named, NamedPage::Page(Input::Url(_)));
        !self.seeds.is_empty() || !self.pages.is_empty() || self.named.iter().any(is_on_web)
    }
}

/// What a crawl works with.
pub struct Tools {
    /// The web and the archive.
    pub capturer: Capturer,
    /// The number of bytes received so far; the client's event handler counts them.
    pub received: Arc<AtomicU64>,
}

/// Receives what is reported, and breaks to stop the crawl.
pub type OnEvent<'a> = &'a mut dyn FnMut(Event<'_>) -> ControlFlow<()>;

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
        /// Why it failed.
        reason: &'a str,
        /// The pause before the retry.
        wait: Duration,
    },
    /// A seed could not be read.
    Lost {
        /// The URL.
        url: &'a Url,
        /// Why it could not be read.
        failure: &'a Failure,
    },
    /// A seed was skipped.
    Passed {
        /// The URL.
        url: &'a Url,
        /// Why it was skipped.
        reason: &'a str,
    },
    /// The progress of the queue, reported from time to time.
    Queue {
        /// The number of URLs that are done.
        done: u64,
        /// The number of all URLs that are known so far.
        known: u64,
    },
}

/// How a crawl ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Whether everything was visited that the plan allows.
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

/// Crawls until nothing is left, the plan's limits are reached, `stop` is notified, or `on_event` breaks. Visits in progress
/// then get a moment to finish; the others are returned to the queue.
///
/// # Errors
/// The archive or the queue fails. A page that fails is not an error: `on_event` receives it.
pub async fn crawl(
    plan: Plan,
    tools: Tools,
    frontier: &mut dyn Frontier,
    stop: &Notify,
    on_event: OnEvent<'_>,
) -> Result<Summary, CrawlError> {
    let mut run = Run::new(plan, tools, frontier, on_event)?;
    let worked = run.all(stop).await;
    run.hand_back().await?;
    let complete = worked?;
    let left = run.frontier.counts()?.queued + run.named.len() as u64;
    Ok(Summary { complete, left, trapped: run.trapped })
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
    worker: Arc<Worker>,
    named: std::vec::IntoIter<NamedPage>,
    frontier: &'a mut dyn Frontier,
    on_event: OnEvent<'a>,
    clock: SteadyClock,
    visits: JoinSet<Result<VisitResult, ArchiveError>>,
    leases: BTreeMap<Id, Lease>,
    /// The named pages under way: each is kept when the one before was reported.
    slots: BTreeMap<Id, SlotEnd>,
    order: Slots,
    /// What all runs of this crawl used of its limits.
    used: Usage,
    /// The number of received bytes that `used` contains.
    counted: u64,
    /// When visits in progress are cancelled; None unless the crawl is stopping.
    stopping: Option<Instant>,
    trapped: BTreeMap<&'static str, u64>,
    /// When the queue is counted again.
    count_at: Instant,
}

impl<'a> Run<'a> {
    fn new(
        plan: Plan,
        tools: Tools,
        frontier: &'a mut dyn Frontier,
        on_event: OnEvent<'a>,
    ) -> Result<Self, CrawlError> {
        let clock = SteadyClock::new(&tools.capturer.options);
        let mut worker = Worker::new(plan, tools);
        let named = std::mem::take(&mut worker.plan.named).into_iter();
        let reach = worker.plan.depth.unwrap_or(u32::MAX);
        let seeds: Vec<QueuedUrl> = worker.plan.seeds.iter().map(|url| QueuedUrl::seed(url.clone(), reach)).collect();
        let mut listed: Vec<QueuedUrl> = worker.plan.pages.iter().filter_map(|item| worker.listed(item, 0)).collect();
        drop_unchanged(&mut listed, frontier, &worker)?;
        if let Some(fetcher) = worker.fetcher() {
            frontier.allow(fetcher.at_once(), clock.now())?;
        }
        frontier.add(&seeds, clock.now())?;
        frontier.add(&listed, clock.now())?;
        let used = frontier.usage()?;
        Ok(Self {
            worker: Arc::new(worker),
            named,
            frontier,
            on_event,
            clock,
            visits: JoinSet::new(),
            leases: BTreeMap::new(),
            slots: BTreeMap::new(),
            order: Slots::default(),
            used,
            counted: 0,
            stopping: None,
            trapped: BTreeMap::new(),
            count_at: Instant::now(),
        })
    }

    /// Returns whether everything was visited that the plan allows.
    async fn all(&mut self, stop: &Notify) -> Result<bool, CrawlError> {
        loop {
            let idle = self.hire()?;
            let out = matches!(idle, Next::Drained) || self.is_enough();
            if self.visits.is_empty() && (out || self.stopping.is_some()) {
                return Ok(out && self.stopping.is_none());
            }
            let wake = self.wake(&idle);
            tokio::select! {
                biased;
                () = stop.notified(), if self.stopping.is_none() => self.stopping = Some(Instant::now() + GRACE),
                Some(done) = self.visits.join_next_with_id() => self.done(done)?,
                () = sleep_until(wake) => {}
            }
            if self.stopping.is_some_and(|at| at <= Instant::now()) {
                return Ok(false);
            }
            self.renew()?;
        }
    }

    /// Starts a visit for every free worker; returns why there is no other.
    fn hire(&mut self) -> Result<Next, CrawlError> {
        // Until a visit ends, or a lease must be renewed.
        let busy = Next::WaitUntil(self.clock.now().after(HOLD / 4));
        while self.stopping.is_none() && !self.is_enough() {
            let under_way = self.visits.len();
            let most = if self.named.len() > 0 { NAMED_AT_ONCE } else { AT_ONCE };
            // A visit in progress may bring the last page of the limit.
            let pages_left = self.worker.plan.max_pages.map(|most| most - self.used.pages);
            if under_way >= most || pages_left.is_some_and(|left| under_way as u64 >= left) {
                return Ok(busy);
            }
            let worker = Arc::clone(&self.worker);
            if let Some(named) = self.named.next() {
                let (slot, end) = self.order.take();
                let task = self.visits.spawn(async move { worker.named(named, slot).await });
                self.slots.insert(task.id(), end);
                continue;
            }
            match self.frontier.lease(self.clock.now(), HOLD)? {
                Next::Work(lease) => {
                    let known = match lease.found.kind {
                        UrlKind::Seed => self.frontier.list(&lease.found.url)?,
                        UrlKind::Page => None,
                    };
                    let work = (*lease).clone();
                    let task = self.visits.spawn(async move { worker.visit(work, known).await });
                    self.leases.insert(task.id(), *lease);
                }
                idle => return Ok(idle),
            }
        }
        Ok(busy)
    }

    fn received(&self) -> u64 {
        self.worker.received.load(Ordering::Relaxed)
    }

    fn is_enough(&self) -> bool {
        let plan = &self.worker.plan;
        let uncounted = self.received().saturating_sub(self.counted);
        plan.max_pages.is_some_and(|most| self.used.pages >= most)
            || plan.max_bytes.is_some_and(|most| self.used.bytes + uncounted >= most)
    }

    /// Returns when to look again, if nothing happens before.
    fn wake(&self, idle: &Next) -> Instant {
        let look = Instant::now() + HOLD / 4;
        let ready = match idle {
            Next::WaitUntil(moment) => Instant::now() + self.clock.now().until(*moment),
            Next::Work(_) | Next::Drained => look,
        };
        ready.min(look).min(self.stopping.unwrap_or(look))
    }

    /// Records the result of a visit in the queue, then reports it.
    fn done(&mut self, joined: Result<(Id, Result<VisitResult, ArchiveError>), JoinError>) -> Result<(), CrawlError> {
        let (id, visited) = match joined {
            Ok(done) => done,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => return Ok(()),
        };
        // After an error the lease is returned with those of the visits in progress.
        let mut visited = visited?;
        let (lease, _slot) = (self.leases.remove(&id), self.slots.remove(&id));
        if let Some(lease) = &lease {
            self.finish(lease, &mut visited)?;
        }
        let mut flow = self.report(lease.as_ref(), &visited);
        if lease.is_some() && self.count_at <= Instant::now() {
            let Counts { queued, leased, done, failed } = self.frontier.counts()?;
            let done = done + failed;
            if flow.is_continue() {
                flow = (self.on_event)(Event::Queue { done, known: queued + leased + done });
            }
            self.count_at = Instant::now() + COUNT_EVERY;
        }
        if flow.is_break() {
            self.stopping = Some(Instant::now());
        }
        Ok(())
    }

    fn finish(&mut self, lease: &Lease, visited: &mut VisitResult) -> Result<(), CrawlError> {
        let now = self.clock.now();
        let url = &lease.found.url;
        let rest = self.worker.fetcher().map_or(Duration::ZERO, |fetcher| fetcher.rest(url));
        let end = match visited.again {
            Some(wait) => End::Again(now.after(wait)),
            None if visited.failed => End::Failed,
            None => End::Done,
        };
        if let Some(list) = &visited.list_as_answered {
            self.frontier.remember(url, list)?;
        }
        let unchanged = drop_unchanged(&mut visited.found, self.frontier, &self.worker)?;
        visited.note_unchanged(unchanged);
        let received = self.received();
        let bytes = received.saturating_sub(std::mem::replace(&mut self.counted, received));
        let usage = Usage { pages: u64::from(visited.is_kept()), bytes };
        let (rest_until, found, also) = (now.after(rest), &visited.found, &visited.also);
        self.frontier.finish(lease, &Finish { end, rest_until, found, also, usage }, now)?;
        if let Some(lastmod) = Note::read(&lease.found.note).lastmod.filter(|_| visited.is_complete()) {
            self.frontier.note_lastmod(&lease.found.url, &lastmod)?;
        }
        self.used.pages += usage.pages;
        self.used.bytes += usage.bytes;
        for why in &visited.trapped {
            *self.trapped.entry(why).or_default() += 1;
        }
        Ok(())
    }

    fn report(&mut self, lease: Option<&Lease>, visited: &VisitResult) -> ControlFlow<()> {
        if let Some(lease) = lease {
            let url = &lease.found.url;
            if let (Some(wait), Some(Outcome::Failed(failure))) = (visited.again, visited.outcome()) {
                return (self.on_event)(Event::Again { url, reason: &failure.message, wait });
            }
            if let Some((form, named)) = visited.list {
                (self.on_event)(Event::List { url, form, named, warning: visited.warning.as_deref() })?;
            }
            match &visited.lost {
                Some(Outcome::Failed(failure)) => (self.on_event)(Event::Lost { url, failure })?,
                Some(Outcome::Skipped(reason)) => (self.on_event)(Event::Passed { url, reason })?,
                _ => {}
            }
        }
        visited.captured.as_ref().map_or(ControlFlow::Continue(()), |captured| (self.on_event)(Event::Page(captured)))
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
    Ok(site.has(&found.url)?)
}
