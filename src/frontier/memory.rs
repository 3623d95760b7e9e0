//! A frontier that ends with its process.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::time::Duration;

use url::Url;

use super::{Counts, End, Finish, Found, Frontier, FrontierError, Lease, List, Moment, Next, Spent, key, sane};
use crate::model::UrlKey;

/// A frontier in memory: for a crawl that need not be taken up again.
#[derive(Debug)]
pub struct MemoryFrontier {
    pages: BTreeMap<UrlKey, Entry>,
    hosts: BTreeMap<String, Host>,
    /// Hosts with something to visit, by when.
    ready: BTreeSet<(Moment, String)>,
    counts: Counts,
    added: u64,
    spent: Spent,
    lists: BTreeMap<UrlKey, List>,
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
            spent: Spent::default(),
            lists: BTreeMap::new(),
            at_once: NonZeroUsize::MIN,
        }
    }
}

#[derive(Debug)]
struct Entry {
    found: Found,
    state: State,
    due: Moment,
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
    /// What is to be visited, by when and in the order of arrival.
    queue: BTreeSet<(Moment, u64, UrlKey)>,
    next: Moment,
    generation: i64,
    /// What is being visited: until when, and by which lease.
    leased: BTreeMap<UrlKey, (Moment, i64)>,
    /// Its entry in `ready`; None when it has none.
    ready: Option<Moment>,
}

impl MemoryFrontier {
    fn put(&mut self, found: &Found, now: Moment) -> bool {
        let key = key(&found.url);
        if self.pages.contains_key(&key) {
            return false;
        }
        self.added += 1;
        let entry =
            Entry { found: found.clone(), state: State::Queued, due: Moment(0), attempts: 0, order: self.added };
        let name = found.host();
        self.hosts.entry(name.clone()).or_default().queue.insert((entry.due, entry.order, key.clone()));
        self.pages.insert(key, entry);
        self.counts.queued += 1;
        self.settle(&name, now);
        true
    }

    /// Brings a host's place in `ready` up to date.
    fn settle(&mut self, name: &str, now: Moment) {
        let Some(host) = self.hosts.get_mut(name) else { return };
        if let Some(at) = host.ready.take() {
            self.ready.remove(&(at, name.to_owned()));
        }
        host.next = sane(host.next, now);
        let is_free = host.leased.len() < self.at_once.get();
        let next = host.queue.first().filter(|_| is_free).map(|(due, ..)| host.next.max(sane(*due, now)));
        let runs_out = host.leased.values().map(|(until, _)| sane(*until, now)).min();
        host.ready = next.into_iter().chain(runs_out).min();
        if let Some(at) = host.ready {
            self.ready.insert((at, name.to_owned()));
        }
    }

    fn requeue(&mut self, name: &str, key: &UrlKey, due: Moment, vain: bool) {
        let Some(entry) = self.pages.get_mut(key) else { return };
        entry.state = State::Queued;
        entry.due = due;
        entry.attempts += u32::from(vain);
        self.counts.leased -= 1;
        self.counts.queued += 1;
        let order = entry.order;
        self.hosts.entry(name.to_owned()).or_default().queue.insert((due, order, key.clone()));
    }

    /// Takes a lease off its host; the key, or None when it is lost.
    fn take(&mut self, lease: &Lease) -> Option<UrlKey> {
        let host = self.hosts.get_mut(&lease.found.host())?;
        let key = key(&lease.found.url);
        host.leased.get(&key).filter(|(_, generation)| *generation == lease.generation)?;
        host.leased.remove(&key).map(|_| key)
    }

    fn mark_done(&mut self, url: &Url, now: Moment) {
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
                self.settle(&name, now);
            }
            Some(_) => {}
            None => {
                self.added += 1;
                let found = Found::seed(url.clone(), 0);
                let order = self.added;
                self.pages.insert(key, Entry { found, state: State::Done, due: Moment(0), attempts: 0, order });
                self.counts.done += 1;
            }
        }
    }
}

impl Frontier for MemoryFrontier {
    fn allow(&mut self, at_once: NonZeroUsize, now: Moment) -> Result<(), FrontierError> {
        self.at_once = at_once;
        let names: Vec<String> = self.hosts.keys().cloned().collect();
        names.iter().for_each(|name| self.settle(name, now));
        Ok(())
    }

    fn add(&mut self, found: &[Found], now: Moment) -> Result<usize, FrontierError> {
        Ok(found.iter().filter(|found| self.put(found, now)).count())
    }

    fn lease(&mut self, now: Moment, hold: Duration) -> Result<Next, FrontierError> {
        while let Some((at, name)) = self.ready.first().cloned() {
            if at > now && sane(at, now) > now {
                return Ok(Next::WaitUntil(at));
            }
            if at > now {
                // The clock was set back.
                self.settle(&name, now);
                continue;
            }
            let Some(host) = self.hosts.get_mut(&name) else { break };
            let lost = host.leased.iter().find(|(_, (until, _))| sane(*until, now) <= now).map(|(key, _)| key.clone());
            if let Some(key) = lost {
                // Whoever had it is gone.
                host.leased.remove(&key);
                self.requeue(&name, &key, now, true);
                self.settle(&name, now);
                continue;
            }
            let Some((_, _, key)) = host.queue.pop_first() else { break };
            let until = now.after(hold);
            host.generation += 1;
            let generation = host.generation;
            host.leased.insert(key.clone(), (until, generation));
            self.settle(&name, now);
            let Some(entry) = self.pages.get_mut(&key) else { break };
            entry.state = State::Leased;
            self.counts.queued -= 1;
            self.counts.leased += 1;
            let lease = Lease { found: entry.found.clone(), attempts: entry.attempts, until, generation };
            return Ok(Next::Work(Box::new(lease)));
        }
        Ok(Next::Drained)
    }

    fn renew(&mut self, lease: &mut Lease, now: Moment, hold: Duration) -> Result<bool, FrontierError> {
        let name = lease.found.host();
        let Some(host) = self.hosts.get_mut(&name) else { return Ok(false) };
        let held = host.leased.get_mut(&key(&lease.found.url));
        let Some((until, _)) = held.filter(|(_, generation)| *generation == lease.generation) else {
            return Ok(false);
        };
        *until = now.after(hold);
        lease.until = *until;
        self.settle(&name, now);
        Ok(true)
    }

    fn finish(&mut self, lease: &Lease, finish: &Finish<'_>, now: Moment) -> Result<bool, FrontierError> {
        let Some(key) = self.take(lease) else { return Ok(false) };
        let name = lease.found.host();
        match finish.end {
            End::Again(due) => self.requeue(&name, &key, due, true),
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
        self.settle(&name, now);
        self.spent.pages += finish.spent.pages;
        self.spent.bytes += finish.spent.bytes;
        Ok(true)
    }

    fn hand_back(&mut self, lease: &Lease, now: Moment) -> Result<(), FrontierError> {
        if let Some(key) = self.take(lease) {
            let name = lease.found.host();
            self.requeue(&name, &key, Moment(0), false);
            self.settle(&name, now);
        }
        Ok(())
    }

    fn counts(&self) -> Result<Counts, FrontierError> {
        Ok(self.counts)
    }

    fn spent(&self) -> Result<Spent, FrontierError> {
        Ok(self.spent)
    }

    fn list(&self, url: &Url) -> Result<Option<List>, FrontierError> {
        Ok(self.lists.get(&key(url)).cloned())
    }

    fn remember(&mut self, url: &Url, list: &List) -> Result<(), FrontierError> {
        self.lists.insert(key(url), list.clone());
        Ok(())
    }

    fn complete(&mut self) -> Result<(), FrontierError> {
        *self = Self { lists: std::mem::take(&mut self.lists), at_once: self.at_once, ..Self::default() };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn does_what_every_frontier_does() {
        super::super::suite::all(&mut || Box::new(super::MemoryFrontier::default()));
    }
}
