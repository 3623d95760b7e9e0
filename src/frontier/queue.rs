//! The operations on one crawl's queue within one transaction.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use rusqlite::{OptionalExtension, Row, Transaction, params};
use url::Url;

use super::{End, Finish, Lease, QueuedUrl, UnixMillis, UrlKind, key, sane};
use crate::model::Digest;

pub(super) const QUEUED: i64 = 0;
pub(super) const LEASED: i64 = 1;
pub(super) const DONE: i64 = 2;
pub(super) const FAILED: i64 = 3;

/// A crawl's queue within an open transaction.
pub(super) struct Queue<'a> {
    pub transaction: Transaction<'a>,
    pub crawl: i64,
    pub at_once: NonZeroUsize,
}

pub(super) fn digest(url: &Url) -> Digest {
    Digest::of(key(url).as_str().as_bytes())
}

impl Queue<'_> {
    /// Adds URLs and returns how many were new.
    pub fn put(&self, found: &[QueuedUrl], now: UnixMillis) -> rusqlite::Result<usize> {
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
            self.update_host(&host, now)?;
        }
        Ok(added)
    }

    fn insert(&self, found: &QueuedUrl, state: i64) -> rusqlite::Result<bool> {
        let sql = "INSERT OR IGNORE INTO urls
            (crawl, url_key, host, url, state, due_at, attempts, kind, depth, reach, barren, note)
            VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?)";
        let QueuedUrl { url, kind, depth, reach, barren, note } = found;
        let kind = i64::from(*kind == UrlKind::Page);
        let (key, host) = (digest(url), found.host());
        let values = params![self.crawl, key.as_bytes(), host, url.as_str(), state, kind, depth, reach, barren, note];
        Ok(self.transaction.prepare_cached(sql)?.execute(values)? > 0)
    }

    /// Recomputes when a host is ready.
    pub fn update_host(&self, host: &str, now: UnixMillis) -> rusqlite::Result<()> {
        let sql = "SELECT next_at FROM hosts WHERE crawl = ? AND host = ?";
        let known: Option<i64> = self.one(sql, host, |row| row.get(0))?;
        let Some(next) = known else { return Ok(()) };
        let next = sane(UnixMillis(next), now);
        let (leased, expires) = self.leases(host)?;
        let first = if leased < self.at_once.get() { self.first(host)? } else { None };
        let first = first.map(|(_, due)| next.max(sane(due, now)));
        let ready = first.into_iter().chain(expires.map(|until| sane(until, now))).min();
        let sql = "UPDATE hosts SET ready = ?, next_at = ? WHERE crawl = ? AND host = ?";
        let values = params![ready.map(|ready| ready.0), next.0, self.crawl, host];
        self.transaction.prepare_cached(sql)?.execute(values).map(drop)
    }

    /// Returns the number of a host's leases, and when the first of them expires.
    fn leases(&self, host: &str) -> rusqlite::Result<(usize, Option<UnixMillis>)> {
        let sql = "SELECT count(*), min(lease_until) FROM urls WHERE crawl = ? AND host = ? AND state = 1";
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?));
        let (count, until) = self.one(sql, host, read)?.unwrap_or_default();
        Ok((usize::try_from(count).unwrap_or_default(), until.map(UnixMillis)))
    }

    /// Returns the next URL of a host, and the earliest time to visit it.
    fn first(&self, host: &str) -> rusqlite::Result<Option<(i64, UnixMillis)>> {
        let sql = "SELECT number, due_at FROM urls WHERE crawl = ? AND host = ? AND state = 0
            ORDER BY due_at, number LIMIT 1";
        self.one(sql, host, |row| Ok((row.get(0)?, UnixMillis(row.get(1)?))))
    }

    fn one<T>(
        &self,
        sql: &str,
        host: &str,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        self.transaction.prepare_cached(sql)?.query_row(params![self.crawl, host], read).optional()
    }

    /// Returns the host that is ready first, and when.
    pub fn ready(&self) -> rusqlite::Result<Option<(String, UnixMillis)>> {
        let sql = "SELECT host, ready FROM hosts WHERE crawl = ? AND ready IS NOT NULL ORDER BY ready, host LIMIT 1";
        let read = |row: &Row<'_>| Ok((row.get(0)?, UnixMillis(row.get(1)?)));
        self.transaction.prepare_cached(sql)?.query_row([self.crawl], read).optional()
    }

    /// Requeues one URL of a host whose lease has expired; returns whether there was one.
    pub fn requeue_expired(&self, host: &str, now: UnixMillis) -> rusqlite::Result<bool> {
        let sql = "SELECT number, lease_until FROM urls WHERE crawl = ? AND host = ? AND state = 1
            ORDER BY lease_until LIMIT 1";
        let lost: Option<(i64, i64)> = self.one(sql, host, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let Some((number, _)) = lost.filter(|(_, until)| sane(UnixMillis(*until), now) <= now) else {
            return Ok(false);
        };
        self.requeue(number, now, 1)?;
        self.update_host(host, now)?;
        Ok(true)
    }

    /// Requeues a URL.
    pub fn requeue(&self, number: i64, due: UnixMillis, failed: i64) -> rusqlite::Result<()> {
        let sql = "UPDATE urls SET state = 0, due_at = ?, attempts = attempts + ?, lease_gen = NULL, lease_until = NULL
            WHERE number = ?";
        self.transaction.prepare_cached(sql)?.execute(params![due.0, failed, number]).map(drop)
    }

    /// Returns the URL of a lease; `None` if the lease was given to another worker.
    pub fn leased(&self, lease: &Lease) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT number FROM urls WHERE crawl = ? AND url_key = ? AND state = 1 AND lease_gen = ?";
        let key = digest(&lease.found.url);
        let values = params![self.crawl, key.as_bytes(), lease.generation];
        self.transaction.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()
    }

    /// Leases the first URL of a host.
    pub fn lease(&self, host: &str, until: UnixMillis, now: UnixMillis) -> rusqlite::Result<Option<Lease>> {
        let Some((number, _)) = self.first(host)? else { return Ok(None) };
        let sql = "UPDATE hosts SET lease_gen = lease_gen + 1 WHERE crawl = ? AND host = ? RETURNING lease_gen";
        let Some(generation) = self.one(sql, host, |row| row.get::<_, i64>(0))? else { return Ok(None) };
        let sql = "UPDATE urls SET state = 1, lease_gen = ?, lease_until = ? WHERE number = ?
            RETURNING url, kind, depth, reach, barren, note, attempts";
        let values = params![generation, until.0, number];
        let (found, attempts): (Option<QueuedUrl>, u32) =
            self.transaction.prepare_cached(sql)?.query_row(values, |row| {
                let url: String = row.get(0)?;
                let kind = if row.get::<_, i64>(1)? == 1 { UrlKind::Page } else { UrlKind::Seed };
                let (depth, reach, barren, note) = (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?);
                let found = Url::parse(&url).ok().map(|url| QueuedUrl { url, kind, depth, reach, barren, note });
                Ok((found, row.get(6)?))
            })?;
        self.update_host(host, now)?;
        // Every URL in the queue was parsed before it was added.
        Ok(found.map(|found| Lease { found, attempts, until, generation }))
    }

    /// Ends a visit and stores its results.
    pub fn end(&self, number: i64, host: &str, finish: &Finish<'_>, now: UnixMillis) -> rusqlite::Result<()> {
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
        self.update_host(host, now)?;
        let sql = "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT (crawl) DO UPDATE
            SET pages = pages + excluded.pages, bytes = bytes + excluded.bytes";
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let values = params![self.crawl, whole(finish.usage.pages), whole(finish.usage.bytes)];
        self.transaction.prepare_cached(sql)?.execute(values).map(drop)
    }

    fn mark_done(&self, url: &Url, now: UnixMillis) -> rusqlite::Result<()> {
        let found = QueuedUrl::seed(url.clone(), 0);
        if self.insert(&found, DONE)? {
            return Ok(());
        }
        let sql = "UPDATE urls SET state = ? WHERE crawl = ? AND url_key = ? AND state = ?";
        let key = digest(url);
        self.transaction.prepare_cached(sql)?.execute(params![DONE, self.crawl, key.as_bytes(), QUEUED])?;
        self.update_host(&found.host(), now)
    }

    /// Requeues the URLs that an earlier process had leased.
    pub fn requeue_all(&self, now: UnixMillis) -> rusqlite::Result<()> {
        let leased: Vec<(i64, String)> = {
            let sql = "SELECT number, host FROM urls WHERE crawl = ? AND state = ?";
            let mut query = self.transaction.prepare(sql)?;
            let rows = query.query_map([self.crawl, LEASED], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        for (number, host) in leased {
            self.requeue(number, UnixMillis(0), 1)?;
            self.update_host(&host, now)?;
        }
        Ok(())
    }

    /// Recomputes when each host is ready.
    pub fn update_hosts(&self, now: UnixMillis) -> rusqlite::Result<()> {
        let hosts: Vec<String> = {
            let mut query = self.transaction.prepare("SELECT host FROM hosts WHERE crawl = ? AND ready IS NOT NULL")?;
            query.query_map([self.crawl], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?
        };
        hosts.iter().try_for_each(|host| self.update_host(host, now))
    }
}
