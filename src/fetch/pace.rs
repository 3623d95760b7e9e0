//! The pace of requests to one host.
//!
//! Page requests use a fixed number of slots per host, one by default, each with the delay between its requests; images
//! have slots of their own and no delay. With [`Spacing::AllRequests`] every request counts as a page request. A host with a
//! `Crawl-delay` of its own is sent one request at a time.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::Spacing;

/// The maximum number of concurrent image requests to one host.
const IMAGES_AT_ONCE: usize = 4;

/// The maximum number of concurrent page requests to one host, chosen by eye.
const MAX_SLOTS: u32 = 64;

/// The pace of every host of a run.
pub(super) struct Pace {
    delay: Duration,
    spacing: Spacing,
    slots: u32,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

struct Host {
    /// Each page request holds a permit.
    pages: Arc<Semaphore>,
    /// When the last request of each used free slot ended.
    ends: Mutex<Vec<Instant>>,
    images: Arc<Semaphore>,
    /// No request is sent before this time.
    blocked: Mutex<Option<Instant>>,
    /// The host's own `Crawl-delay`.
    delay: Mutex<Duration>,
}

/// Permission to send one request, given back when dropped.
pub(super) enum Permit {
    Page(#[expect(dead_code, reason = "held for its drop")] PageSlot),
    /// Never None, since the semaphore is not closed.
    Image(#[expect(dead_code, reason = "held for its drop")] Option<OwnedSemaphorePermit>),
}

/// An occupied slot. Dropping it records the end of the request, also of a cancelled one.
pub(super) struct PageSlot {
    host: Arc<Host>,
    /// When the slot's last request ended; None if it was never used.
    end: Option<Instant>,
    begun: bool,
    /// Dropped after the end is recorded.
    _permit: Option<OwnedSemaphorePermit>,
}

impl Drop for PageSlot {
    fn drop(&mut self) {
        let end = if self.begun { Some(Instant::now()) } else { self.end };
        self.host.ends.lock().extend(end);
    }
}

impl Pace {
    pub fn new(delay: Duration, spacing: Spacing, at_once: NonZeroUsize) -> Self {
        let slots = u32::try_from(at_once.get()).unwrap_or(u32::MAX).min(MAX_SLOTS);
        Self { delay, spacing, slots, hosts: Mutex::new(HashMap::new()) }
    }

    /// Waits until a page request may be sent.
    pub async fn page(&self, host: &str) -> Permit {
        let mut slot = self.slot(host).await;
        if let Some(end) = slot.end {
            tokio::time::sleep_until(end + self.delay.max(slot.host.delay())).await;
        }
        slot.host.unblocked().await;
        slot.begun = true;
        Permit::Page(slot)
    }

    /// Waits until a robots.txt may be requested. It needs a slot, but no delay, since a page request follows immediately.
    pub async fn robots(&self, host: &str) -> Permit {
        if self.spacing == Spacing::AllRequests {
            return self.page(host).await;
        }
        let slot = self.slot(host).await;
        slot.host.unblocked().await;
        Permit::Page(slot)
    }

    /// Waits for a slot, and takes the one that has been free for longest; for a host with its own delay, all of them.
    async fn slot(&self, host: &str) -> PageSlot {
        let host = self.host(host);
        let slow = !host.delay().is_zero();
        let permit = host.pages.clone().acquire_many_owned(if slow { self.slots } else { 1 }).await.ok();
        let end = {
            let mut ends = host.ends.lock();
            if slow {
                ends.drain(..).max()
            } else {
                let first = ends.iter().enumerate().min_by_key(|(_, end)| **end).map(|(at, _)| at);
                // A slot that was never used comes first.
                first.filter(|_| ends.len() > host.pages.available_permits()).map(|at| ends.swap_remove(at))
            }
        };
        PageSlot { host, end, begun: false, _permit: permit }
    }

    /// Waits until an image may be requested.
    pub async fn image(&self, host: &str) -> Permit {
        if self.spacing == Spacing::AllRequests {
            return self.page(host).await;
        }
        let host = self.host(host);
        let permit = host.images.clone().acquire_owned().await.ok();
        host.unblocked().await;
        Permit::Image(permit)
    }

    /// Sends nothing to the host for this time, or longer if it is blocked for longer.
    pub fn block(&self, host: &str, wait: Duration) {
        let host = self.host(host);
        let mut blocked = host.blocked.lock();
        *blocked = (*blocked).max(Some(Instant::now() + wait));
    }

    /// Sets the host's own delay.
    pub fn set_delay(&self, host: &str, delay: Duration) {
        *self.host(host).delay.lock() = delay;
    }

    /// Returns how long to wait until the next page request to the host may be sent.
    pub fn wait_time(&self, host: &str) -> Duration {
        let host = self.host(host);
        let delay = self.delay.max(host.delay());
        let (free, ends) = (host.pages.available_permits(), host.ends.lock());
        let paced = match host.delay().is_zero() {
            // A slot that was never used needs no delay.
            true if free > ends.len() => None,
            true if free > 0 => ends.iter().min().map(|end| *end + delay),
            false if free == self.slots as usize => ends.iter().max().map(|end| *end + delay),
            // The delay begins when the running request ends, which is not earlier than now.
            _ => Some(Instant::now() + delay),
        };
        let blocked = *host.blocked.lock();
        paced.max(blocked).map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    fn host(&self, host: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock();
        let fresh = || {
            Arc::new(Host {
                pages: Arc::new(Semaphore::new(self.slots as usize)),
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
    fn delay(&self) -> Duration {
        *self.delay.lock()
    }

    /// Waits until the host is not blocked; the block may be extended meanwhile.
    async fn unblocked(&self) {
        loop {
            let until = *self.blocked.lock();
            match until {
                Some(until) if until > Instant::now() => tokio::time::sleep_until(until).await,
                _ => return,
            }
        }
    }
}
