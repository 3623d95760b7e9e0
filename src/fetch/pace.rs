//! How fast one host is visited: one page at a time, a pause between pages, a few images at once; or, at an even pace, one
//! request at a time whatever it is for, and a pause between all of them. Where more are allowed at a time, each has a
//! lane of its own with the pause in it; a host that asks for a pause itself has one lane only.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How many images are fetched from one host at once.
pub(super) const IMAGES_AT_ONCE: usize = 4;

/// More requests at a time than this no host is asked for.
const MOST_LANES: u32 = 64;

/// The pace of every host of a run.
pub(super) struct Pace {
    delay: Duration,
    even: bool,
    lanes: u32,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

struct Host {
    /// A permit is held for each page request.
    pages: Arc<Semaphore>,
    /// When the last request of each lane ended that is free.
    ends: Mutex<Vec<Instant>>,
    images: Arc<Semaphore>,
    /// No request before this.
    blocked: Mutex<Option<Instant>>,
    /// The pause that the host itself asks for.
    delay: Mutex<Duration>,
}

/// Leave to make one request; gone when dropped.
pub(super) enum Slot {
    Page(#[expect(dead_code, reason = "held for its drop")] Lane),
    /// None is never seen: the semaphore of a host is not closed.
    Image(#[expect(dead_code, reason = "held for its drop")] Option<OwnedSemaphorePermit>),
}

/// A lane that is taken. Notes the end of its request, also of one that was given up half-way.
pub(super) struct Lane {
    host: Arc<Host>,
    /// When the last request on it ended; None when it counts no pause.
    end: Option<Instant>,
    begun: bool,
    /// Given back after the end is noted.
    _permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Lane {
    fn drop(&mut self) {
        let end = if self.begun { Some(Instant::now()) } else { self.end };
        self.host.ends().extend(end);
    }
}

impl Pace {
    pub fn new(delay: Duration, even: bool, at_once: NonZeroUsize) -> Self {
        let lanes = u32::try_from(at_once.get()).unwrap_or(u32::MAX).min(MOST_LANES);
        Self { delay, even, lanes, hosts: Mutex::new(HashMap::new()) }
    }

    /// Waits for the turn of a page request.
    pub async fn page(&self, host: &str) -> Slot {
        let mut lane = self.lane(host).await;
        if let Some(end) = lane.end {
            tokio::time::sleep_until(end + self.delay.max(lane.host.delay())).await;
        }
        lane.host.unblocked().await;
        lane.begun = true;
        Slot::Page(lane)
    }

    /// Waits for the turn of a robots.txt: beside no page, but without the pause, since a page follows at once.
    pub async fn robots(&self, host: &str) -> Slot {
        if self.even {
            return self.page(host).await;
        }
        let lane = self.lane(host).await;
        lane.host.unblocked().await;
        Slot::Page(lane)
    }

    /// The lane that has been free for longest; of a host that asks for a pause, all of them as one.
    async fn lane(&self, host: &str) -> Lane {
        let host = self.host(host);
        let slow = !host.delay().is_zero();
        let permit = host.pages.clone().acquire_many_owned(if slow { self.lanes } else { 1 }).await.ok();
        let end = {
            let mut ends = host.ends();
            if slow {
                ends.drain(..).max()
            } else {
                let first = ends.iter().enumerate().min_by_key(|(_, end)| **end).map(|(at, _)| at);
                // A lane that was never used comes first.
                first.filter(|_| ends.len() > host.pages.available_permits()).map(|at| ends.swap_remove(at))
            }
        };
        Lane { host, end, begun: false, _permit: permit }
    }

    /// Waits for the turn of an image.
    pub async fn image(&self, host: &str) -> Slot {
        if self.even {
            return self.page(host).await;
        }
        let host = self.host(host);
        let permit = host.images.clone().acquire_owned().await.ok();
        host.unblocked().await;
        Slot::Image(permit)
    }

    /// Nothing is asked of the host for that long, or longer if it is blocked already.
    pub fn block(&self, host: &str, wait: Duration) {
        let host = self.host(host);
        let mut blocked = host.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        *blocked = (*blocked).max(Some(Instant::now() + wait));
    }

    /// The host asks for a pause of its own between requests.
    pub fn slow(&self, host: &str, delay: Duration) {
        *self.host(host).delay.lock().unwrap_or_else(PoisonError::into_inner) = delay;
    }

    /// How long it is until the host may be asked again.
    pub fn rest(&self, host: &str) -> Duration {
        let host = self.host(host);
        let delay = self.delay.max(host.delay());
        let (free, ends) = (host.pages.available_permits(), host.ends());
        let paced = match host.delay().is_zero() {
            // A lane that was never used is free at once.
            true if free > ends.len() => None,
            true if free > 0 => ends.iter().min().map(|end| *end + delay),
            false if free == self.lanes as usize => ends.iter().max().map(|end| *end + delay),
            // While a request is under way its end is not known: the pause begins no earlier than now.
            _ => Some(Instant::now() + delay),
        };
        let blocked = *host.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        paced.max(blocked).map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    fn host(&self, host: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || {
            Arc::new(Host {
                pages: Arc::new(Semaphore::new(self.lanes as usize)),
                ends: Mutex::default(),
                images: Arc::new(Semaphore::new(IMAGES_AT_ONCE)),
                blocked: Mutex::default(),
                delay: Mutex::default(),
            })
        };
        hosts.entry(host.to_owned()).or_insert_with(fresh).clone()
    }
}

impl Host {
    fn ends(&self) -> MutexGuard<'_, Vec<Instant>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn delay(&self) -> Duration {
        *self.delay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The end may move while it is waited for.
    async fn unblocked(&self) {
        loop {
            let until = *self.blocked.lock().unwrap_or_else(PoisonError::into_inner);
            match until {
                Some(until) if until > Instant::now() => tokio::time::sleep_until(until).await,
                _ => return,
            }
        }
    }
}
