//! The queue of URLs to visit.
//!
//! A URL is queued once, by its URL key. A host has one lease at a time unless [`Frontier::allow`] permits more. A
//! lease that expires is given to another worker. Finishing a visit and queueing the links that it found is one atomic
//! step: after a kill, a page is either still queued, or done with all its links queued.
//!
//! The caller passes the time. A frontier reads no clock.

mod memory;
#[cfg(feature = "store")]
mod queue;
#[cfg(feature = "store")]
mod sqlite;
#[cfg(test)]
mod suite;
#[cfg(feature = "store")]
mod visits;

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::model::UrlKey;

pub use memory::MemoryFrontier;
#[cfg(feature = "store")]
pub use sqlite::SqliteFrontier;
#[cfg(feature = "store")]
pub use visits::{last_visits, note_visit};

/// The maximum pause of a host. A longer one means that the clock was changed, and is ignored.
pub const LONGEST_REST: Duration = Duration::from_secs(24 * 3600);

/// An instant in milliseconds since 1970-01-01 UTC. Pauses between requests can be shorter than a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// Returns the instant `pause` later.
    #[must_use]
    pub fn after(self, pause: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Returns the time until `later`; zero if it has passed.
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }
}

/// The expected kind of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UrlKind {
    /// A feed, a sitemap, a list, or a page to start from; its content decides.
    Seed,
    /// A page.
    Page,
}

/// A URL to visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedUrl {
    /// The URL.
    pub url: Url,
    /// The expected kind.
    pub kind: UrlKind,
    /// The number of links followed from a seed; 0 for a seed.
    pub depth: u32,
    /// The number of links that may still be followed from here.
    pub reach: u32,
    /// The number of consecutive pages with URLs of the same form that brought nothing; used to detect crawler traps.
    pub barren: u32,
    /// Data of the caller, returned with the lease. The frontier does not read it; empty for none.
    pub note: String,
}

impl QueuedUrl {
    /// Creates a seed: a URL that the user named.
    pub fn seed(url: Url, reach: u32) -> Self {
        Self { url, kind: UrlKind::Seed, depth: 0, reach, barren: 0, note: String::new() }
    }

    /// Returns the host to which pauses apply, without `www.`.
    fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host).to_owned()
    }
}

/// A claim on one URL that expires. It counts towards the limit of its host until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The queued URL.
    pub found: QueuedUrl,
    /// The number of earlier attempts that failed.
    pub attempts: u32,
    /// When the lease expires.
    pub until: UnixMillis,
    /// The number of this lease among those of its host: an expired lease of the same URL has a lower one.
    generation: i64,
}

/// The result of asking for work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Visit this.
    Work(Box<Lease>),
    /// Nothing before that instant: every host is paused or at its limit.
    WaitUntil(UnixMillis),
    /// The queue is empty, and no visit is running that could add to it.
    Drained,
}

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The URL is done.
    Done,
    /// It failed for good.
    Failed,
    /// Visit it again, not before that instant.
    Again(UnixMillis),
}

/// The results of a visit.
#[derive(Debug)]
pub struct Finish<'a> {
    /// How it ended.
    pub end: End,
    /// The end of the host's pause.
    pub rest_until: UnixMillis,
    /// The URLs that were found. URLs that were queued before are ignored.
    pub found: &'a [QueuedUrl],
    /// Other URLs that this visit completed: continuation pages, and the target of redirects.
    pub also: &'a [Url],
    /// What the visit adds to the crawl's usage.
    pub usage: Usage,
}

/// What a crawl has used of its limits, over all its runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// The number of pages archived.
    pub pages: u64,
    /// The number of bytes received.
    pub bytes: u64,
}

/// The last response of a feed, sitemap or list, for conditional requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// `ETag`, exactly as received.
    pub etag: Option<String>,
    /// `Last-Modified`, exactly as received.
    pub last_modified: Option<String>,
    /// `Content-Type`, as received.
    pub content_type: Option<String>,
    /// Its body without content coding.
    pub body: Vec<u8>,
}

/// The number of URLs in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Waiting for a visit.
    pub queued: u64,
    /// Being visited.
    pub leased: u64,
    /// Visited, or completed by another visit.
    pub done: u64,
    /// Given up.
    pub failed: u64,
}

/// The queue of URLs of one crawl.
pub trait Frontier: Send {
    /// Sets the maximum number of simultaneous visits per host; the default is one.
    ///
    /// # Errors
    /// The queue cannot be written.
    fn allow(&mut self, at_once: NonZeroUsize, now: UnixMillis) -> Result<(), FrontierError>;

    /// Adds the URLs whose keys were never added, and returns their number.
    ///
    /// # Errors
    /// The queue cannot be written; nothing is added then.
    fn add(&mut self, found: &[QueuedUrl], now: UnixMillis) -> Result<usize, FrontierError>;

    /// Leases a URL of a host whose pause is over, for at most `hold`.
    ///
    /// # Errors
    /// The queue cannot be written.
    fn lease(&mut self, now: UnixMillis, hold: Duration) -> Result<Next, FrontierError>;

    /// Extends a lease; returns false if it has expired and was given to another worker.
    ///
    /// # Errors
    /// The queue cannot be written.
    fn renew(&mut self, lease: &mut Lease, now: UnixMillis, hold: Duration) -> Result<bool, FrontierError>;

    /// Ends a visit and queues what it found, in one step. Returns false and changes nothing if the lease was given to
    /// another worker.
    ///
    /// # Errors
    /// The queue cannot be written; the lease continues then.
    fn finish(&mut self, lease: &Lease, finish: &Finish<'_>, now: UnixMillis) -> Result<bool, FrontierError>;

    /// Releases a lease without a visit, as if the URL had not been leased.
    ///
    /// # Errors
    /// The queue cannot be written.
    fn release(&mut self, lease: &Lease, now: UnixMillis) -> Result<(), FrontierError>;

    /// Returns the number of URLs in each state.
    ///
    /// # Errors
    /// The queue cannot be read.
    fn counts(&self) -> Result<Counts, FrontierError>;

    /// Returns the crawl's usage; zero for a new crawl.
    ///
    /// # Errors
    /// The queue cannot be read.
    fn usage(&self) -> Result<Usage, FrontierError>;

    /// Returns the last response of a list, from any crawl; `None` if there is none.
    ///
    /// # Errors
    /// The queue cannot be read.
    fn list(&self, url: &Url) -> Result<Option<List>, FrontierError>;

    /// Stores the response of a list, replacing an earlier one.
    ///
    /// # Errors
    /// The queue cannot be written.
    fn remember(&mut self, url: &Url, list: &List) -> Result<(), FrontierError>;

    /// Returns when a sitemap said at the last visit of a page that it had changed, from any crawl; `None` if it did not say.
    ///
    /// # Errors
    /// The queue cannot be read.
    fn lastmod(&self, url: &Url) -> Result<Option<String>, FrontierError>;

    /// Stores when a sitemap says that a page that was visited has changed.
    ///
    /// # Errors
    /// The queue cannot be written.
    fn note_lastmod(&mut self, url: &Url, lastmod: &str) -> Result<(), FrontierError>;

    /// Marks the crawl as complete: opening it again starts from the beginning.
    ///
    /// # Errors
    /// The queue cannot be written.
    fn complete(&mut self) -> Result<(), FrontierError>;
}

/// The queue cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the queue {}: {cause}; delete the file and run again: the URLs still to visit and the times of the last snapshots are lost", .path.display())]
pub struct FrontierError {
    /// The queue's file.
    pub path: PathBuf,
    /// What the database reported.
    pub cause: String,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queued, leased, done, failed } = self;
        write!(f, "{queued} to visit, {leased} being visited, {done} done, {failed} failed")
    }
}

/// Returns the key that identifies a URL in the queue.
fn key(url: &Url) -> UrlKey {
    UrlKey::of(url)
}

/// Returns the end of a pause, or `now` if the pause would be longer than [`LONGEST_REST`] because the clock was
/// changed.
fn sane(rest: UnixMillis, now: UnixMillis) -> UnixMillis {
    if rest > now.after(LONGEST_REST) { now } else { rest }
}
