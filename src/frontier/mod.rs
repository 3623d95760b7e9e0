//! What to visit next: a queue of URLs, each host a unit of politeness, each URL offered once.
//!
//! A URL enters once, by its URL key. One URL of a host is leased at a time, or as many as are allowed; a lease that is not finished in time
//! is given to another. What a visit found comes in with its end, in one step: after a kill a page is either still to be
//! visited, or done with all its links in the queue.
//!
//! Times are given by the caller. A frontier reads no clock.

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

/// No host rests longer than this: a later time comes from a clock that jumped.
pub const LONGEST_REST: Duration = Duration::from_secs(24 * 3600);

/// An instant in milliseconds since 1970, UTC. Politeness is counted in less than seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub i64);

impl Moment {
    /// So much later.
    #[must_use]
    pub fn after(self, pause: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long it is until `later`; zero when that has passed.
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }
}

/// What a URL is expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A feed, a sitemap, a list, or a page to start from: its bytes tell.
    Seed,
    /// A page.
    Page,
}

/// A URL to visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The URL.
    pub url: Url,
    /// What it is expected to be.
    pub kind: Kind,
    /// Links followed to get here; 0 for what the user named.
    pub depth: u32,
    /// How many more links may be followed from here.
    pub reach: u32,
    /// How many pages of the same form, one leading to the next, brought nothing.
    pub barren: u32,
    /// What the finder wants to know again at the visit; the frontier does not read it. Empty for nothing.
    pub note: String,
}

impl Found {
    /// A URL that the user named.
    pub fn seed(url: Url, reach: u32) -> Self {
        Self { url, kind: Kind::Seed, depth: 0, reach, barren: 0, note: String::new() }
    }

    /// The unit of politeness: `www.` makes no other server.
    fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host).to_owned()
    }
}

/// A claim on one URL. It counts among those of its host until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The URL and what was said of it.
    pub found: Found,
    /// Visits before this one that ended in vain.
    pub attempts: u32,
    /// When it ends by itself.
    pub until: Moment,
    /// Which lease of its host this is: an older one of the same URL ends nothing.
    generation: i64,
}

/// The answer to a request for work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Visit this.
    Work(Box<Lease>),
    /// Nothing before that moment: every host rests or is visited as much as it may be.
    WaitUntil(Moment),
    /// Nothing is left, and nobody is at work who could find more.
    Drained,
}

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The URL is done.
    Done,
    /// It failed for good.
    Failed,
    /// It is to be visited again, not before that moment.
    Again(Moment),
}

/// What a visit leaves.
#[derive(Debug)]
pub struct Finish<'a> {
    /// How it ended.
    pub end: End,
    /// The host is visited again no earlier.
    pub rest_until: Moment,
    /// What was found. URLs that were seen before are passed over.
    pub found: &'a [Found],
    /// URLs that this visit has done besides its own: parts of the page, where it was redirected to.
    pub also: &'a [Url],
    /// What the crawl has used up of its limits since the last end.
    pub spent: Spent,
}

/// What a crawl has used up of its limits, over all its runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Pages that were kept.
    pub pages: u64,
    /// Bytes that came.
    pub bytes: u64,
}

/// A feed, a sitemap or a list as it was answered last: asked for again, it may be said to be unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// `ETag`, exactly as received.
    pub etag: Option<String>,
    /// `Last-Modified`, exactly as received.
    pub last_modified: Option<String>,
    /// `Content-Type`, as received.
    pub content_type: Option<String>,
    /// Its bytes, without content coding.
    pub body: Vec<u8>,
}

/// How many URLs there are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// To be visited.
    pub queued: u64,
    /// Being visited.
    pub leased: u64,
    /// Visited, or done with another.
    pub done: u64,
    /// Given up.
    pub failed: u64,
}

/// A queue of URLs to visit, of one crawl.
pub trait Frontier: Send {
    /// Allows so many visits of one host at once; one when nothing is said.
    ///
    /// # Errors
    /// What the store refuses.
    fn allow(&mut self, at_once: NonZeroUsize, now: Moment) -> Result<(), FrontierError>;

    /// Adds URLs whose key was never added; how many were new.
    ///
    /// # Errors
    /// What the store refuses; nothing is added then.
    fn add(&mut self, found: &[Found], now: Moment) -> Result<usize, FrontierError>;

    /// Claims a URL of a host that rests no longer, for at most `hold`.
    ///
    /// # Errors
    /// What the store refuses.
    fn lease(&mut self, now: Moment, hold: Duration) -> Result<Next, FrontierError>;

    /// Makes a lease longer; false when it is lost.
    ///
    /// # Errors
    /// What the store refuses.
    fn renew(&mut self, lease: &mut Lease, now: Moment, hold: Duration) -> Result<bool, FrontierError>;

    /// Ends a visit in one step with what it found; false, and nothing changes, when the lease is lost.
    ///
    /// # Errors
    /// What the store refuses; the lease stays then.
    fn finish(&mut self, lease: &Lease, finish: &Finish<'_>, now: Moment) -> Result<bool, FrontierError>;

    /// Gives a URL back unvisited, as if it had not been claimed.
    ///
    /// # Errors
    /// What the store refuses.
    fn hand_back(&mut self, lease: &Lease, now: Moment) -> Result<(), FrontierError>;

    /// How many URLs there are in each state.
    ///
    /// # Errors
    /// What the store refuses.
    fn counts(&self) -> Result<Counts, FrontierError>;

    /// What the crawl has used up of its limits; nothing for one that is begun anew.
    ///
    /// # Errors
    /// What the store refuses.
    fn spent(&self) -> Result<Spent, FrontierError>;

    /// A list as it was answered last, to whichever crawl; None when it is not known.
    ///
    /// # Errors
    /// What the store refuses.
    fn list(&self, url: &Url) -> Result<Option<List>, FrontierError>;

    /// Remembers a list as it was answered, in place of what was known.
    ///
    /// # Errors
    /// What the store refuses.
    fn remember(&mut self, url: &Url, list: &List) -> Result<(), FrontierError>;

    /// Notes that all is done: who opens the crawl again begins anew.
    ///
    /// # Errors
    /// What the store refuses.
    fn complete(&mut self) -> Result<(), FrontierError>;
}

/// The queue cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the queue {}: {cause}; delete it and run again: only what was still to be visited is forgotten", .path.display())]
pub struct FrontierError {
    /// The file.
    pub path: PathBuf,
    /// What the store said.
    pub cause: String,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queued, leased, done, failed } = self;
        write!(f, "{queued} to visit, {leased} being visited, {done} done, {failed} failed")
    }
}

/// What a URL is known by.
fn key(url: &Url) -> UrlKey {
    UrlKey::of(url)
}

/// A rest that no clock that jumps can make longer than it may be.
fn sane(rest: Moment, now: Moment) -> Moment {
    if rest > now.after(LONGEST_REST) { now } else { rest }
}
