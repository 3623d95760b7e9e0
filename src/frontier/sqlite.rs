//! A frontier in a SQLite file: a crawl that is killed goes on where it was.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use url::Url;

use super::{Counts, End, Finish, Found, Frontier, FrontierError, Kind, Lease, List, Moment, Next, Spent, key, sane};
use crate::model::Digest;

/// Raised when the tables change: a queue of another version is begun anew.
const VERSION: i64 = 2;

const QUEUED: i64 = 0;
const LEASED: i64 = 1;
const DONE: i64 = 2;
const FAILED: i64 = 3;

/// `ready` is when a host can be visited next, or its lease runs out; NULL when there is nothing to visit.
const TABLES: &str = "
    CREATE TABLE crawls (crawl INTEGER PRIMARY KEY, name TEXT UNIQUE, complete INTEGER NOT NULL);
    CREATE TABLE sources (name TEXT PRIMARY KEY, begun INTEGER NOT NULL);
    CREATE TABLE hosts (
        crawl INTEGER, host TEXT, next_at INTEGER NOT NULL, lease_gen INTEGER NOT NULL, lease_until INTEGER,
        leased BLOB, ready INTEGER, PRIMARY KEY (crawl, host)
    ) WITHOUT ROWID;
    CREATE INDEX hosts_ready ON hosts (crawl, ready, host) WHERE ready IS NOT NULL;
    CREATE TABLE urls (
        number INTEGER PRIMARY KEY, crawl INTEGER NOT NULL, url_key BLOB NOT NULL, host TEXT NOT NULL, url TEXT NOT NULL,
        state INTEGER NOT NULL, due_at INTEGER NOT NULL, attempts INTEGER NOT NULL, kind INTEGER NOT NULL,
        depth INTEGER NOT NULL, reach INTEGER NOT NULL, barren INTEGER NOT NULL, note TEXT NOT NULL
    );
    CREATE UNIQUE INDEX urls_key ON urls (crawl, url_key);
    CREATE INDEX urls_queue ON urls (crawl, host, due_at, number) WHERE state = 0;
    CREATE TABLE spent (crawl INTEGER PRIMARY KEY, pages INTEGER NOT NULL, bytes INTEGER NOT NULL);
    CREATE TABLE lists (url_key BLOB PRIMARY KEY, etag TEXT, last_modified TEXT, content_type TEXT, body BLOB NOT NULL);
";

/// A frontier that outlives its process.
///
/// Its writer has it alone (the archive's lock sees to that), so leases found when it is opened are those of a process that
/// is gone, and are taken back at once. What was acknowledged survives a kill; a power cut may forget the last moments,
/// whose pages are then visited again.
#[derive(Debug)]
pub struct SqliteFrontier {
    database: Connection,
    path: PathBuf,
    crawl: i64,
    resumed: bool,
}

impl SqliteFrontier {
    /// Opens the queue of the crawl of that name: where it was when it did not come to its end, else empty.
    ///
    /// # Errors
    /// A file that can neither be used nor replaced.
    pub fn open(path: &Path, name: &str, now: Moment) -> Result<Self, FrontierError> {
        let mut database = connect_or_replace(path)?;
        let (crawl, resumed) = begin(&mut database, name, now).map_err(|error| refused(path, &error))?;
        Ok(Self { database, path: path.to_owned(), crawl, resumed })
    }

    /// Whether an earlier process left addresses to visit.
    pub fn is_resumed(&self) -> bool {
        self.resumed
    }

    fn transact<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, i64) -> rusqlite::Result<T>,
    ) -> Result<T, FrontierError> {
        let crawl = self.crawl;
        let done = self.database.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
            let done = work(&transaction, crawl)?;
            transaction.commit()?;
            Ok(done)
        });
        done.map_err(|error| refused(&self.path, &error))
    }
}

/// Finds the crawl; a crawl that came to its end begins anew, and leases of a process that is gone are taken back.
fn begin(database: &mut Connection, name: &str, now: Moment) -> rusqlite::Result<(i64, bool)> {
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute("INSERT OR IGNORE INTO crawls (name, complete) VALUES (?, 0)", [name])?;
    let (crawl, complete): (i64, bool) =
        transaction.query_row("SELECT crawl, complete FROM crawls WHERE name = ?", [name], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if complete {
        transaction.execute("DELETE FROM urls WHERE crawl = ?", [crawl])?;
        transaction.execute("DELETE FROM spent WHERE crawl = ?", [crawl])?;
        transaction
            .execute("UPDATE hosts SET ready = NULL, leased = NULL, lease_until = NULL WHERE crawl = ?", [crawl])?;
        transaction.execute("UPDATE crawls SET complete = 0 WHERE crawl = ?", [crawl])?;
    }
    let orphans: Vec<String> = {
        let mut query = transaction.prepare("SELECT host FROM hosts WHERE crawl = ? AND leased IS NOT NULL")?;
        query.query_map([crawl], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?
    };
    for host in orphans {
        requeue(&transaction, crawl, &host, Moment(0), 1)?;
        settle(&transaction, crawl, &host, now)?;
    }
    let resumed =
        transaction.query_row("SELECT EXISTS (SELECT 1 FROM urls WHERE crawl = ?)", [crawl], |row| row.get(0))?;
    transaction.commit()?;
    Ok((crawl, resumed))
}

/// Opens the file, and puts a new one in place of what is none.
pub(super) fn connect_or_replace(path: &Path) -> Result<Connection, FrontierError> {
    match connect(path, false) {
        Ok(database) => Ok(database),
        Err(_) => {
            discard(path)?;
            connect(path, true).map_err(|error| refused(path, &error))
        }
    }
}

/// Opens the file; one that is new is given its tables, and so is any with `anew`.
fn connect(path: &Path, anew: bool) -> rusqlite::Result<Connection> {
    let is_new = anew || !path.exists();
    let database = Connection::open(path)?;
    database.busy_timeout(Duration::from_secs(10))?;
    database.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000;")?;
    let version: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == VERSION {
        return Ok(database);
    }
    let tables: i64 = database.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if !is_new && tables > 0 {
        return Err(rusqlite::Error::InvalidQuery);
    }
    // In one step: a kill leaves all of the tables or none.
    database.execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;"))?;
    Ok(database)
}

fn discard(path: &Path) -> Result<(), FrontierError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for end in ["", "-wal", "-shm"] {
        match std::fs::remove_file(path.with_file_name(format!("{name}{end}"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(FrontierError { path: path.to_owned(), cause: error.to_string() });
            }
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn refused(path: &Path, error: &rusqlite::Error) -> FrontierError {
    FrontierError { path: path.to_owned(), cause: error.to_string() }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn digest(url: &Url) -> Digest {
    Digest::of(key(url).as_str().as_bytes())
}

fn insert(transaction: &Transaction<'_>, crawl: i64, found: &Found, state: i64) -> rusqlite::Result<bool> {
    let sql = "INSERT OR IGNORE INTO urls
        (crawl, url_key, host, url, state, due_at, attempts, kind, depth, reach, barren, note)
        VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?)";
    let Found { url, kind, depth, reach, barren, note } = found;
    let kind = i64::from(*kind == Kind::Page);
    let key = digest(url);
    let values = params![crawl, key.as_bytes(), found.host(), url.as_str(), state, kind, depth, reach, barren, note];
    Ok(transaction.prepare_cached(sql)?.execute(values)? > 0)
}

/// Adds addresses; how many were new.
fn put(transaction: &Transaction<'_>, crawl: i64, found: &[Found], now: Moment) -> rusqlite::Result<usize> {
    let mut hosts = std::collections::BTreeSet::new();
    let mut added = 0;
    for found in found {
        if insert(transaction, crawl, found, QUEUED)? {
            added += 1;
            hosts.insert(found.host());
        }
    }
    for host in hosts {
        let sql = "INSERT OR IGNORE INTO hosts (crawl, host, next_at, lease_gen) VALUES (?, ?, 0, 0)";
        transaction.prepare_cached(sql)?.execute(params![crawl, host])?;
        settle(transaction, crawl, &host, now)?;
    }
    Ok(added)
}

/// Brings up to date when a host is ready.
fn settle(transaction: &Transaction<'_>, crawl: i64, host: &str, now: Moment) -> rusqlite::Result<()> {
    let sql = "SELECT next_at, lease_until FROM hosts WHERE crawl = ? AND host = ?";
    let known: Option<(i64, Option<i64>)> = transaction
        .prepare_cached(sql)?
        .query_row(params![crawl, host], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((next, lease_until)) = known else { return Ok(()) };
    let next = sane(Moment(next), now);
    let ready = match lease_until {
        Some(until) => Some(sane(Moment(until), now)),
        None => first(transaction, crawl, host)?.map(|(_, due)| next.max(sane(due, now))),
    };
    let sql = "UPDATE hosts SET ready = ?, next_at = ? WHERE crawl = ? AND host = ?";
    transaction.prepare_cached(sql)?.execute(params![ready.map(|ready| ready.0), next.0, crawl, host])?;
    Ok(())
}

/// What of a host is to be visited next, and from when.
fn first(transaction: &Transaction<'_>, crawl: i64, host: &str) -> rusqlite::Result<Option<(i64, Moment)>> {
    let sql = "SELECT number, due_at FROM urls WHERE crawl = ? AND host = ? AND state = 0
        ORDER BY due_at, number LIMIT 1";
    let read = |row: &Row<'_>| Ok((row.get(0)?, Moment(row.get(1)?)));
    transaction.prepare_cached(sql)?.query_row(params![crawl, host], read).optional()
}

/// Puts the leased address of a host back into the queue.
fn requeue(transaction: &Transaction<'_>, crawl: i64, host: &str, due: Moment, vain: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE urls SET state = 0, due_at = ?, attempts = attempts + ? WHERE crawl = ? AND url_key =
        (SELECT leased FROM hosts WHERE crawl = ? AND host = ?)";
    transaction.prepare_cached(sql)?.execute(params![due.0, vain, crawl, crawl, host])?;
    free(transaction, crawl, host)
}

fn free(transaction: &Transaction<'_>, crawl: i64, host: &str) -> rusqlite::Result<()> {
    let sql = "UPDATE hosts SET leased = NULL, lease_until = NULL WHERE crawl = ? AND host = ?";
    transaction.prepare_cached(sql)?.execute(params![crawl, host]).map(drop)
}

/// Whether a lease is the one that its host is under.
fn holds(transaction: &Transaction<'_>, crawl: i64, lease: &Lease) -> rusqlite::Result<bool> {
    let sql = "SELECT lease_gen = ? AND leased IS NOT NULL FROM hosts WHERE crawl = ? AND host = ?";
    let values = params![lease.generation, crawl, lease.found.host()];
    Ok(transaction.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?.unwrap_or(false))
}

/// Claims the first address of a host.
fn claim(
    transaction: &Transaction<'_>,
    crawl: i64,
    host: &str,
    until: Moment,
    now: Moment,
) -> rusqlite::Result<Option<Lease>> {
    let Some((number, _)) = first(transaction, crawl, host)? else { return Ok(None) };
    transaction.prepare_cached("UPDATE urls SET state = 1 WHERE number = ?")?.execute([number])?;
    let sql = "SELECT url, kind, depth, reach, barren, note, attempts, url_key FROM urls WHERE number = ?";
    let (found, attempts, key): (Option<Found>, u32, Vec<u8>) =
        transaction.prepare_cached(sql)?.query_row([number], |row| {
            let url: String = row.get(0)?;
            let kind = if row.get::<_, i64>(1)? == 1 { Kind::Page } else { Kind::Seed };
            let (depth, reach, barren, note) = (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?);
            let found = Url::parse(&url).ok().map(|url| Found { url, kind, depth, reach, barren, note });
            Ok((found, row.get(6)?, row.get(7)?))
        })?;
    let sql = "UPDATE hosts SET lease_gen = lease_gen + 1, lease_until = ?, leased = ? WHERE crawl = ? AND host = ?
        RETURNING lease_gen";
    let generation =
        transaction.prepare_cached(sql)?.query_row(params![until.0, key, crawl, host], |row| row.get(0))?;
    settle(transaction, crawl, host, now)?;
    // Only addresses that parse are put in.
    Ok(found.map(|found| Lease { found, attempts, until, generation }))
}

impl Frontier for SqliteFrontier {
    fn add(&mut self, found: &[Found], now: Moment) -> Result<usize, FrontierError> {
        self.transact(|transaction, crawl| put(transaction, crawl, found, now))
    }

    fn lease(&mut self, now: Moment, hold: Duration) -> Result<Next, FrontierError> {
        self.transact(|transaction, crawl| {
            loop {
                let sql = "SELECT host, ready, leased IS NOT NULL FROM hosts WHERE crawl = ? AND ready IS NOT NULL
                    ORDER BY ready, host LIMIT 1";
                let read = |row: &Row<'_>| Ok((row.get(0)?, Moment(row.get(1)?), row.get(2)?));
                let ready: Option<(String, Moment, bool)> =
                    transaction.prepare_cached(sql)?.query_row([crawl], read).optional()?;
                let Some((host, at, leased)) = ready else { return Ok(Next::Drained) };
                if at > now && sane(at, now) > now {
                    return Ok(Next::WaitUntil(at));
                }
                if at > now {
                    // The clock was set back.
                    settle(transaction, crawl, &host, now)?;
                } else if leased {
                    // Whoever had it is gone.
                    requeue(transaction, crawl, &host, now, 1)?;
                    settle(transaction, crawl, &host, now)?;
                } else if let Some(lease) = claim(transaction, crawl, &host, now.after(hold), now)? {
                    return Ok(Next::Work(Box::new(lease)));
                }
            }
        })
    }

    fn renew(&mut self, lease: &mut Lease, now: Moment, hold: Duration) -> Result<bool, FrontierError> {
        let until = now.after(hold);
        let held = self.transact(|transaction, crawl| {
            let held = holds(transaction, crawl, lease)?;
            if held {
                let sql = "UPDATE hosts SET lease_until = ? WHERE crawl = ? AND host = ?";
                transaction.prepare_cached(sql)?.execute(params![until.0, crawl, lease.found.host()])?;
                settle(transaction, crawl, &lease.found.host(), now)?;
            }
            Ok(held)
        })?;
        if held {
            lease.until = until;
        }
        Ok(held)
    }

    fn finish(&mut self, lease: &Lease, finish: &Finish<'_>, now: Moment) -> Result<bool, FrontierError> {
        self.transact(|transaction, crawl| {
            if !holds(transaction, crawl, lease)? {
                return Ok(false);
            }
            let host = lease.found.host();
            match finish.end {
                End::Again(due) => requeue(transaction, crawl, &host, due, 1)?,
                end => {
                    let state = if end == End::Failed { FAILED } else { DONE };
                    let sql = "UPDATE urls SET state = ?, note = '' WHERE crawl = ? AND url_key = ?";
                    let key = digest(&lease.found.url);
                    transaction.prepare_cached(sql)?.execute(params![state, crawl, key.as_bytes()])?;
                    free(transaction, crawl, &host)?;
                }
            }
            let sql = "UPDATE hosts SET next_at = max(next_at, ?) WHERE crawl = ? AND host = ?";
            transaction.prepare_cached(sql)?.execute(params![finish.rest_until.0, crawl, host])?;
            for url in finish.also {
                let found = Found::seed(url.clone(), 0);
                if !insert(transaction, crawl, &found, DONE)? {
                    let sql = "UPDATE urls SET state = ? WHERE crawl = ? AND url_key = ? AND state = ?";
                    let key = digest(url);
                    transaction.prepare_cached(sql)?.execute(params![DONE, crawl, key.as_bytes(), QUEUED])?;
                    settle(transaction, crawl, &found.host(), now)?;
                }
            }
            put(transaction, crawl, finish.found, now)?;
            settle(transaction, crawl, &host, now)?;
            let sql = "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT (crawl) DO UPDATE
                SET pages = pages + excluded.pages, bytes = bytes + excluded.bytes";
            let (pages, bytes) = (whole(finish.spent.pages), whole(finish.spent.bytes));
            transaction.prepare_cached(sql)?.execute(params![crawl, pages, bytes])?;
            Ok(true)
        })
    }

    fn hand_back(&mut self, lease: &Lease, now: Moment) -> Result<(), FrontierError> {
        self.transact(|transaction, crawl| {
            if holds(transaction, crawl, lease)? {
                requeue(transaction, crawl, &lease.found.host(), Moment(0), 0)?;
                settle(transaction, crawl, &lease.found.host(), now)?;
            }
            Ok(())
        })
    }

    fn counts(&self) -> Result<Counts, FrontierError> {
        let read = || -> rusqlite::Result<Counts> {
            let mut query =
                self.database.prepare_cached("SELECT state, count(*) FROM urls WHERE crawl = ? GROUP BY state")?;
            let mut counts = Counts::default();
            for row in query.query_map([self.crawl], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))? {
                let (state, count) = row?;
                let count = u64::try_from(count).unwrap_or_default();
                match state {
                    QUEUED => counts.queued = count,
                    LEASED => counts.leased = count,
                    DONE => counts.done = count,
                    _ => counts.failed = count,
                }
            }
            Ok(counts)
        };
        read().map_err(|error| refused(&self.path, &error))
    }

    fn spent(&self) -> Result<Spent, FrontierError> {
        let sql = "SELECT pages, bytes FROM spent WHERE crawl = ?";
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        let read = |row: &Row<'_>| Ok(Spent { pages: count(row.get(0)?), bytes: count(row.get(1)?) });
        let spent = self.database.query_row(sql, [self.crawl], read).optional();
        spent.map(Option::unwrap_or_default).map_err(|error| refused(&self.path, &error))
    }

    fn list(&self, url: &Url) -> Result<Option<List>, FrontierError> {
        let sql = "SELECT etag, last_modified, content_type, body FROM lists WHERE url_key = ?";
        let read = |row: &Row<'_>| {
            Ok(List { etag: row.get(0)?, last_modified: row.get(1)?, content_type: row.get(2)?, body: row.get(3)? })
        };
        let known = self.database.query_row(sql, [digest(url).as_bytes()], read).optional();
        known.map_err(|error| refused(&self.path, &error))
    }

    fn remember(&mut self, url: &Url, list: &List) -> Result<(), FrontierError> {
        let List { etag, last_modified, content_type, body } = list;
        self.transact(|transaction, _| {
            let sql = "INSERT OR REPLACE INTO lists VALUES (?, ?, ?, ?, ?)";
            let key = digest(url);
            let values = params![key.as_bytes(), etag, last_modified, content_type, body];
            transaction.execute(sql, values).map(drop)
        })
    }

    fn complete(&mut self) -> Result<(), FrontierError> {
        self.transact(|transaction, crawl| {
            transaction.execute("UPDATE crawls SET complete = 1 WHERE crawl = ?", [crawl]).map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn page(n: usize) -> Found {
        Found { kind: Kind::Page, ..Found::seed(Url::parse(&format!("https://a{}.test/{n}", n % 50)).unwrap(), 0) }
    }

    #[test]
    fn does_what_every_frontier_does() {
        let folder = tempfile::tempdir().unwrap();
        let mut number = 0;
        super::super::suite::all(&mut || {
            number += 1;
            let path = folder.path().join(format!("{number}.sqlite"));
            Box::new(SqliteFrontier::open(&path, "crawl", Moment(0)).unwrap())
        });
    }

    #[test]
    fn a_process_that_is_gone_leaves_its_leases_to_the_next_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.sqlite");
        let open = |name: &str| SqliteFrontier::open(&path, name, Moment(0)).unwrap();
        let hold = Duration::from_secs(3600);
        let mut gone = open("crawl");
        assert!(!gone.is_resumed());
        gone.add(&(0..10_000).map(page).collect::<Vec<_>>(), Moment(0)).unwrap();
        let held = (0..5).filter(|_| matches!(gone.lease(Moment(0), hold).unwrap(), Next::Work(_))).count();
        assert_eq!((held, gone.counts().unwrap().leased), (5, 5));
        drop(gone);
        let begin = Instant::now();
        let mut next = open("crawl");
        assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
        assert!(next.is_resumed());
        assert_eq!(next.counts().unwrap(), Counts { queued: 10_000, ..Counts::default() });
        assert!(matches!(next.lease(Moment(0), hold).unwrap(), Next::Work(_)));
        drop(next);
        assert_eq!(open("another").counts().unwrap(), Counts::default());
    }

    #[test]
    fn a_crawl_that_came_to_its_end_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.sqlite");
        let mut frontier = SqliteFrontier::open(&path, "crawl", Moment(0)).unwrap();
        frontier.add(&[page(1)], Moment(0)).unwrap();
        frontier.complete().unwrap();
        drop(frontier);
        let mut again = SqliteFrontier::open(&path, "crawl", Moment(0)).unwrap();
        assert!(!again.is_resumed());
        assert_eq!(again.add(&[page(1)], Moment(0)).unwrap(), 1);
    }

    #[test]
    fn a_file_that_is_no_queue_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.sqlite");
        std::fs::write(&path, "no database at all, but long enough to look like one, and then some more of it")
            .unwrap();
        let mut frontier = SqliteFrontier::open(&path, "crawl", Moment(0)).unwrap();
        assert_eq!(frontier.add(&[page(1)], Moment(0)).unwrap(), 1);
    }
}
