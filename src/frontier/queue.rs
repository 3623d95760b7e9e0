//! The steps of one crawl's queue within one transaction.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use rusqlite::{OptionalExtension, Row, Transaction, params};
use url::Url;

use super::{End, Finish, Found, Kind, Lease, Moment, key, sane};
use crate::model::Digest;

pub(super) const QUEUED: i64 = 0;
pub(super) const LEASED: i64 = 1;
pub(super) const DONE: i64 = 2;
pub(super) const FAILED: i64 = 3;

/// A crawl's queue while a transaction is open.
pub(super) struct Queue<'a> {
    pub transaction: Transaction<'a>,
    pub crawl: i64,
    pub at_once: NonZeroUsize,
}

pub(super) fn digest(url: &Url) -> Digest {
    Digest::of(key(url).as_str().as_bytes())
}

impl Queue<'_> {
    /// Adds URLs; how many were new.
    pub fn put(&self, found: &[Found], now: Moment) -> rusqlite::Result<usize> {
        let mut hosts = BTreeSet::new();
        let mut added = 0;
        for found in found {
            if self.insert(found, QUEUED)? {
                added += 1;
                hosts.insert(found.host());
            }
        }
        for host in hosts {
            let sql = "INSERT OR IGNORE INTO hosts (crawl, host, next_at, lease_gen) VALUES (?, ?, 0, 0)";
            self.transaction.prepare_cached(sql)?.execute(params![self.crawl, host])?;
            self.settle(&host, now)?;
        }
        Ok(added)
    }

    fn insert(&self, found: &Found, state: i64) -> rusqlite::Result<bool> {
        let sql = "INSERT OR IGNORE INTO urls
            (crawl, url_key, host, url, state, due_at, attempts, kind, depth, reach, barren, note)
            VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?)";
        let Found { url, kind, depth, reach, barren, note } = found;
        let kind = i64::from(*kind == Kind::Page);
        let (key, host) = (digest(url), found.host());
        let values = params![self.crawl, key.as_bytes(), host, url.as_str(), state, kind, depth, reach, barren, note];
        Ok(self.transaction.prepare_cached(sql)?.execute(values)? > 0)
    }

    /// Brings up to date when a host is ready.
    pub fn settle(&self, host: &str, now: Moment) -> rusqlite::Result<()> {
        let sql = "SELECT next_at FROM hosts WHERE crawl = ? AND host = ?";
        let known: Option<i64> = self.one(sql, host, |row| row.get(0))?;
        let Some(next) = known else { return Ok(()) };
        let next = sane(Moment(next), now);
        let (leased, runs_out) = self.leases(host)?;
        let first = if leased < self.at_once.get() { self.first(host)? } else { None };
        let first = first.map(|(_, due)| next.max(sane(due, now)));
        let ready = first.into_iter().chain(runs_out.map(|until| sane(until, now))).min();
        let sql = "UPDATE hosts SET ready = ?, next_at = ? WHERE crawl = ? AND host = ?";
        let values = params![ready.map(|ready| ready.0), next.0, self.crawl, host];
        self.transaction.prepare_cached(sql)?.execute(values).map(drop)
    }

    /// How many leases a host has, and when the first of them runs out.
    fn leases(&self, host: &str) -> rusqlite::Result<(usize, Option<Moment>)> {
        let sql = "SELECT count(*), min(lease_until) FROM urls WHERE crawl = ? AND host = ? AND state = 1";
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?));
        let (count, until) = self.one(sql, host, read)?.unwrap_or_default();
        Ok((usize::try_from(count).unwrap_or_default(), until.map(Moment)))
    }

    /// What of a host is to be visited next, and from when.
    fn first(&self, host: &str) -> rusqlite::Result<Option<(i64, Moment)>> {
        let sql = "SELECT number, due_at FROM urls WHERE crawl = ? AND host = ? AND state = 0
            ORDER BY due_at, number LIMIT 1";
        self.one(sql, host, |row| Ok((row.get(0)?, Moment(row.get(1)?))))
    }

    fn one<T>(
        &self,
        sql: &str,
        host: &str,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        self.transaction.prepare_cached(sql)?.query_row(params![self.crawl, host], read).optional()
    }

    /// The host that is ready first, and when it is.
    pub fn ready(&self) -> rusqlite::Result<Option<(String, Moment)>> {
        let sql = "SELECT host, ready FROM hosts WHERE crawl = ? AND ready IS NOT NULL ORDER BY ready, host LIMIT 1";
        let read = |row: &Row<'_>| Ok((row.get(0)?, Moment(row.get(1)?)));
        self.transaction.prepare_cached(sql)?.query_row([self.crawl], read).optional()
    }

    /// Puts back a URL of a host whose lease ran out; whether there was one.
    pub fn take_back(&self, host: &str, now: Moment) -> rusqlite::Result<bool> {
        let sql = "SELECT number, lease_until FROM urls WHERE crawl = ? AND host = ? AND state = 1
            ORDER BY lease_until LIMIT 1";
        let lost: Option<(i64, i64)> = self.one(sql, host, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let Some((number, _)) = lost.filter(|(_, until)| sane(Moment(*until), now) <= now) else { return Ok(false) };
        self.requeue(number, now, 1)?;
        self.settle(host, now)?;
        Ok(true)
    }

    /// Puts a URL back into the queue.
    pub fn requeue(&self, number: i64, due: Moment, vain: i64) -> rusqlite::Result<()> {
        let sql = "UPDATE urls SET state = 0, due_at = ?, attempts = attempts + ?, lease_gen = NULL, lease_until = NULL
            WHERE number = ?";
        self.transaction.prepare_cached(sql)?.execute(params![due.0, vain, number]).map(drop)
    }

    /// The URL that a lease is for; None when the lease is lost.
    pub fn held(&self, lease: &Lease) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT number FROM urls WHERE crawl = ? AND url_key = ? AND state = 1 AND lease_gen = ?";
        let key = digest(&lease.found.url);
        let values = params![self.crawl, key.as_bytes(), lease.generation];
        self.transaction.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()
    }

    /// Claims the first URL of a host.
    pub fn claim(&self, host: &str, until: Moment, now: Moment) -> rusqlite::Result<Option<Lease>> {
        let Some((number, _)) = self.first(host)? else { return Ok(None) };
        let sql = "UPDATE hosts SET lease_gen = lease_gen + 1 WHERE crawl = ? AND host = ? RETURNING lease_gen";
        let Some(generation) = self.one(sql, host, |row| row.get::<_, i64>(0))? else { return Ok(None) };
        let sql = "UPDATE urls SET state = 1, lease_gen = ?, lease_until = ? WHERE number = ?
            RETURNING url, kind, depth, reach, barren, note, attempts";
        let values = params![generation, until.0, number];
        let (found, attempts): (Option<Found>, u32) =
            self.transaction.prepare_cached(sql)?.query_row(values, |row| {
                let url: String = row.get(0)?;
                let kind = if row.get::<_, i64>(1)? == 1 { Kind::Page } else { Kind::Seed };
                let (depth, reach, barren, note) = (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?);
                let found = Url::parse(&url).ok().map(|url| Found { url, kind, depth, reach, barren, note });
                Ok((found, row.get(6)?))
            })?;
        self.settle(host, now)?;
        // Only URLs that parse are put in.
        Ok(found.map(|found| Lease { found, attempts, until, generation }))
    }

    /// Ends a visit with all that it leaves.
    pub fn end(&self, number: i64, host: &str, finish: &Finish<'_>, now: Moment) -> rusqlite::Result<()> {
        match finish.end {
            End::Again(due) => self.requeue(number, due, 1)?,
            end => {
                let state = if end == End::Failed { FAILED } else { DONE };
                let sql = "UPDATE urls SET state = ?, note = '', lease_gen = NULL, lease_until = NULL WHERE number = ?";
                self.transaction.prepare_cached(sql)?.execute(params![state, number])?;
            }
        }
        let sql = "UPDATE hosts SET next_at = max(next_at, ?) WHERE crawl = ? AND host = ?";
        self.transaction.prepare_cached(sql)?.execute(params![finish.rest_until.0, self.crawl, host])?;
        for url in finish.also {
            self.mark_done(url, now)?;
        }
        self.put(finish.found, now)?;
        self.settle(host, now)?;
        let sql = "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT (crawl) DO UPDATE
            SET pages = pages + excluded.pages, bytes = bytes + excluded.bytes";
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let values = params![self.crawl, whole(finish.spent.pages), whole(finish.spent.bytes)];
        self.transaction.prepare_cached(sql)?.execute(values).map(drop)
    }

    fn mark_done(&self, url: &Url, now: Moment) -> rusqlite::Result<()> {
        let found = Found::seed(url.clone(), 0);
        if self.insert(&found, DONE)? {
            return Ok(());
        }
        let sql = "UPDATE urls SET state = ? WHERE crawl = ? AND url_key = ? AND state = ?";
        let key = digest(url);
        self.transaction.prepare_cached(sql)?.execute(params![DONE, self.crawl, key.as_bytes(), QUEUED])?;
        self.settle(&found.host(), now)
    }

    /// Puts back what a process had claimed that is gone.
    pub fn take_back_all(&self, now: Moment) -> rusqlite::Result<()> {
        let orphans: Vec<(i64, String)> = {
            let sql = "SELECT number, host FROM urls WHERE crawl = ? AND state = ?";
            let mut query = self.transaction.prepare(sql)?;
            let rows = query.query_map([self.crawl, LEASED], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        for (number, host) in orphans {
            self.requeue(number, Moment(0), 1)?;
            self.settle(&host, now)?;
        }
        Ok(())
    }

    /// Every host's readiness, after what it depends on has changed.
    pub fn settle_all(&self, now: Moment) -> rusqlite::Result<()> {
        let hosts: Vec<String> = {
            let mut query = self.transaction.prepare("SELECT host FROM hosts WHERE crawl = ? AND ready IS NOT NULL")?;
            query.query_map([self.crawl], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?
        };
        hosts.iter().try_for_each(|host| self.settle(host, now))
    }
}
