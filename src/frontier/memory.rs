//! A frontier in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::time::Duration;

use url::Url;

use super::{Counts, End, Finish, Frontier, FrontierError, Lease, List, Next, QueuedUrl, UnixMillis, Usage, key, sane};
use crate::model::UrlKey;

/// A frontier in memory, for crawls that are not resumed.
#[derive(Debug)]
pub struct MemoryFrontier {
    pages: BTreeMap<UrlKey, Entry>,
    hosts: BTreeMap<String, Host>,
    /// Hosts with URLs to visit, by the time at which they are ready.
    ready: BTreeSet<(UnixMillis, String)>,
    counts: Counts,
    added: u64,
    usage: Usage,
    lists: BTreeMap<UrlKey, List>,
    lastmods: BTreeMap<UrlKey, String>,
    at_once: NonZeroUsize,
}

impl Default for MemoryFrontier {
    fn default() -> Self {
        Self {
            pages: BTreeMap::new(),
            hosts: BTreeMap::new(),
            ready: BTreeSet::new(),
            counts: Counts::default(),
            added: 0,
            usage: Usage::default(),
            lists: BTreeMap::new(),
            lastmods: BTreeMap::new(),
            at_once: NonZeroUsize::MIN,
        }
    }
}

#[derive(Debug)]
struct Entry {
    found: QueuedUrl,
    state: State,
    due: UnixMillis,
    attempts: u32,
    order: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Queued,
    Leased,
    Done,
    Failed,
}

#[derive(Debug, Default)]
struct Host {
    /// Waiting URLs, by due time and then in the order in which they were added.
    queue: BTreeSet<(UnixMillis, u64, UrlKey)>,
    next: UnixMillis,
    generation: i64,
    /// Leased URLs: when each lease expires, and its number.
    leased: BTreeMap<UrlKey, (UnixMillis, i64)>,
    /// The host's entry in `ready`; `None` if it has none.
    ready: Option<UnixMillis>,
}

impl MemoryFrontier {
    fn put(&mut self, found: &QueuedUrl, now: UnixMillis) -> bool {
        let key = key(&found.url);
        if self.pages.contains_key(&key) {
            return false;
        }
        self.added += 1;
        let entry =
            Entry { found: found.clone(), state: State::Queued, due: UnixMillis(0), attempts: 0, order: self.added };
        let name = found.host();
        self.hosts.entry(name.clone()).or_default().queue.insert((entry.due, entry.order, key.clone()));
        self.pages.insert(key, entry);
        self.counts.queued += 1;
        self.update_host(&name, now);
        true
    }

    /// Recomputes a host's entry in `ready`.
    fn update_host(&mut self, name: &str, now: UnixMillis) {
        let Some(host) = self.hosts.get_mut(name) else { return };
        if let Some(at) = host.ready.take() {
            self.ready.remove(&(at, name.to_owned()));
        }
        host.next = sane(host.next, now);
        let is_free = host.leased.len() < self.at_once.get();
        let next = host.queue.first().filter(|_| is_free).map(|(due, ..)| host.next.max(sane(*due, now)));
        let expires = host.leased.values().map(|(until, _)| sane(*until, now)).min();
        host.ready = next.into_iter().chain(expires).min();
        if let Some(at) = host.ready {
            self.ready.insert((at, name.to_owned()));
        }
    }

    fn requeue(&mut self, name: &str, key: &UrlKey, due: UnixMillis, failed: u32) {
        let Some(entry) = self.pages.get_mut(key) else { return };
        entry.state = State::Queued;
        entry.due = due;
        entry.attempts += failed;
        self.counts.leased -= 1;
        self.counts.queued += 1;
        let order = entry.order;
        self.hosts.entry(name.to_owned()).or_default().queue.insert((due, order, key.clone()));
    }

    /// Removes a lease from its host and returns the key; `None` if the lease was given to another worker.
    fn remove_lease(&mut self, lease: &Lease) -> Option<UrlKey> {
        let host = self.hosts.get_mut(&lease.found.host())?;
        let key = key(&lease.found.url);
        host.leased.get(&key).filter(|(_, generation)| *generation == lease.generation)?;
        host.leased.remove(&key).map(|_| key)
    }

    fn mark_done(&mut self, url: &Url, now: UnixMillis) {
        let key = key(url);
        match self.pages.get_mut(&key) {
            Some(entry) if entry.state == State::Queued => {
                entry.state = State::Done;
                let (due, order, name) = (entry.due, entry.order, entry.found.host());
                self.counts.queued -= 1;
                self.counts.done += 1;
                if let Some(host) = self.hosts.get_mut(&name) {
                    host.queue.remove(&(due, order, key));
                }
                self.update_host(&name, now);
            }
            Some(_) => {}
            None => {
                self.added += 1;
                let found = QueuedUrl::seed(url.clone(), 0);
                let order = self.added;
                self.pages.insert(key, Entry { found, state: State::Done, due: UnixMillis(0), attempts: 0, order });
                self.counts.done += 1;
            }
        }
    }
}

impl Frontier for MemoryFrontier {
    fn allow(&mut self, at_once: NonZeroUsize, now: UnixMillis) -> Result<(), FrontierError> {
        self.at_once = at_once;
        let names: Vec<String> = self.hosts.keys().cloned().collect();
        names.iter().for_each(|name| self.update_host(name, now));
        Ok(())
    }

    fn add(&mut self, found: &[QueuedUrl], now: UnixMillis) -> Result<usize, FrontierError> {
        Ok(found.iter().filter(|found| self.put(found, now)).count())
    }

    fn lease(&mut self, now: UnixMillis, hold: Duration) -> Result<Next, FrontierError> {
        while let Some((at, name)) = self.ready.first().cloned() {
            if at > now && sane(at, now) > now {
                return Ok(Next::WaitUntil(at));
            }
            if at > now {
                // The clock was set back.
                self.update_host(&name, now);
                continue;
            }
            let Some(host) = self.hosts.get_mut(&name) else { break };
            let expired =
                host.leased.iter().find(|(_, (until, _))| sane(*until, now) <= now).map(|(key, _)| key.clone());
            if let Some(key) = expired {
                host.leased.remove(&key);
                self.requeue(&name, &key, now, 1);
                self.update_host(&name, now);
                continue;
            }
            let Some((_, _, key)) = host.queue.pop_first() else { break };
            let until = now.after(hold);
            host.generation += 1;
            let generation = host.generation;
            host.leased.insert(key.clone(), (until, generation));
            self.update_host(&name, now);
            let Some(entry) = self.pages.get_mut(&key) else { break };
            entry.state = State::Leased;
            self.counts.queued -= 1;
            self.counts.leased += 1;
            let lease = Lease { found: entry.found.clone(), attempts: entry.attempts, until, generation };
            return Ok(Next::Work(Box::new(lease)));
        }
        Ok(Next::Drained)
    }

    fn renew(&mut self, lease: &mut Lease, now: UnixMillis, hold: Duration) -> Result<bool, FrontierError> {
        let name = lease.found.host();
        let Some(host) = self.hosts.get_mut(&name) else { return Ok(false) };
        let leased = host.leased.get_mut(&key(&lease.found.url));
        let Some((until, _)) = leased.filter(|(_, generation)| *generation == lease.generation) else {
            return Ok(false);
        };
        *until = now.after(hold);
        lease.until = *until;
        self.update_host(&name, now);
        Ok(true)
    }

    fn finish(&mut self, lease: &Lease, finish: &Finish<'_>, now: UnixMillis) -> Result<bool, FrontierError> {
        let Some(key) = self.remove_lease(lease) else { return Ok(false) };
        let name = lease.found.host();
        match finish.end {
            End::Again(due) => self.requeue(&name, &key, due, 1),
            End::Done | End::Failed => {
                let failed = finish.end == End::Failed;
                self.counts.leased -= 1;
                *(if failed { &mut self.counts.failed } else { &mut self.counts.done }) += 1;
                if let Some(entry) = self.pages.get_mut(&key) {
                    entry.state = if failed { State::Failed } else { State::Done };
                    entry.found.note = String::new();
                }
            }
        }
        if let Some(host) = self.hosts.get_mut(&name) {
            host.next = host.next.max(finish.rest_until);
        }
        finish.also.iter().for_each(|url| self.mark_done(url, now));
        for found in finish.found {
            self.put(found, now);
        }
        self.update_host(&name, now);
        self.usage.pages += finish.usage.pages;
        self.usage.bytes += finish.usage.bytes;
        Ok(true)
    }

    fn release(&mut self, lease: &Lease, now: UnixMillis) -> Result<(), FrontierError> {
        if let Some(key) = self.remove_lease(lease) {
            let name = lease.found.host();
            self.requeue(&name, &key, UnixMillis(0), 0);
            self.update_host(&name, now);
        }
        Ok(())
    }

    fn counts(&self) -> Result<Counts, FrontierError> {
        Ok(self.counts)
    }

    fn usage(&self) -> Result<Usage, FrontierError> {
        Ok(self.usage)
    }

    fn list(&self, url: &Url) -> Result<Option<List>, FrontierError> {
        Ok(self.lists.get(&key(url)).cloned())
    }

    fn remember(&mut self, url: &Url, list: &List) -> Result<(), FrontierError> {
        self.lists.insert(key(url), list.clone());
        Ok(())
    }

    fn lastmod(&self, url: &Url) -> Result<Option<String>, FrontierError> {
        Ok(self.lastmods.get(&key(url)).cloned())
    }

    fn note_lastmod(&mut self, url: &Url, lastmod: &str) -> Result<(), FrontierError> {
        self.lastmods.insert(key(url), lastmod.to_owned());
        Ok(())
    }

    fn complete(&mut self) -> Result<(), FrontierError> {
        let (lists, lastmods) = (std::mem::take(&mut self.lists), std::mem::take(&mut self.lastmods));
        *self = Self { lists, lastmods, at_once: self.at_once, ..Self::default() };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_memory_frontier_passes_the_shared_suite() {
        super::super::suite::all(&mut || Box::new(super::MemoryFrontier::default()));
    }
}
