//! How fast one host is visited: one page at a time, a pause between pages, a few images at once; or, at an even pace, one
//! request at a time whatever it is for, and a pause between all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How many images are fetched from one host at once.
pub(super) const IMAGES_AT_ONCE: usize = 4;

/// The pace of every host of a run.
pub(super) struct Pace {
    delay: Duration,
    even: bool,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

struct Host {
    /// Held during a page request; the end of the last one, None before the first.
    page: Arc<tokio::sync::Mutex<Option<Instant>>>,
    images: Arc<Semaphore>,
    /// No request before this.
    blocked: Mutex<Option<Instant>>,
    /// The pause that the host itself asks for.
    delay: Mutex<Duration>,
}

/// Leave to make one request; gone when dropped.
pub(super) enum Slot {
    Page(#[expect(dead_code, reason = "held for its drop")] PageSlot),
    Robots(#[expect(dead_code, reason = "held for its drop")] OwnedMutexGuard<Option<Instant>>),
    /// None is never seen: the semaphore of a host is not closed.
    Image(#[expect(dead_code, reason = "held for its drop")] Option<OwnedSemaphorePermit>),
}

/// Notes the end of a page request, also of one that was given up half-way.
pub(super) struct PageSlot(OwnedMutexGuard<Option<Instant>>);

impl Drop for PageSlot {
    fn drop(&mut self) {
        *self.0 = Some(Instant::now());
    }
}

impl Pace {
    pub fn new(delay: Duration, even: bool) -> Self {
        Self { delay, even, hosts: Mutex::new(HashMap::new()) }
    }

    /// Waits for the turn of a page request.
    pub async fn page(&self, host: &str) -> Slot {
        let host = self.host(host);
        let last = host.page.clone().lock_owned().await;
        if let Some(end) = *last {
            tokio::time::sleep_until(end + self.delay.max(host.delay())).await;
        }
        host.unblocked().await;
        Slot::Page(PageSlot(last))
    }

    /// Waits for the turn of a robots.txt: beside no page, but without the pause, since a page follows at once.
    pub async fn robots(&self, host: &str) -> Slot {
        if self.even {
            return self.page(host).await;
        }
        let host = self.host(host);
        let last = host.page.clone().lock_owned().await;
        host.unblocked().await;
        Slot::Robots(last)
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
        // While a request is under way its end is not known: the pause begins no earlier than now.
        let paced = match host.page.try_lock() {
            Ok(last) => last.map(|end| end + delay),
            Err(_) => Some(Instant::now() + delay),
        };
        let blocked = *host.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        paced.max(blocked).map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    fn host(&self, host: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || {
            Arc::new(Host {
                page: Arc::default(),
                images: Arc::new(Semaphore::new(IMAGES_AT_ONCE)),
                blocked: Mutex::default(),
                delay: Mutex::default(),
            })
        };
        hosts.entry(host.to_owned()).or_insert_with(fresh).clone()
    }
}

impl Host {
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
