//! A frontier in a SQLite file, so that an interrupted crawl can be resumed.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use url::Url;

use super::queue::{DONE, LEASED, QUEUED, Queue, digest};
use super::{Counts, Finish, Frontier, FrontierError, Lease, List, Next, QueuedUrl, UnixMillis, Usage, sane};

/// Incremented when the tables change. A file of another version is replaced by an empty one.
const VERSION: i64 = 4;

/// `ready` is when a host can be visited next or one of its leases expires; NULL if there is nothing to visit.
const TABLES: &str = "
    CREATE TABLE crawls (crawl INTEGER PRIMARY KEY, name TEXT UNIQUE, complete INTEGER NOT NULL);
    CREATE TABLE sources (name TEXT PRIMARY KEY, begun INTEGER NOT NULL);
    CREATE TABLE hosts (
        crawl INTEGER, host TEXT, next_at INTEGER NOT NULL, lease_gen INTEGER NOT NULL, ready INTEGER,
        PRIMARY KEY (crawl, host)
    ) WITHOUT ROWID;
    CREATE INDEX hosts_ready ON hosts (crawl, ready, host) WHERE ready IS NOT NULL;
    CREATE TABLE urls (
        number INTEGER PRIMARY KEY, crawl INTEGER NOT NULL, url_key BLOB NOT NULL, host TEXT NOT NULL, url TEXT NOT NULL,
        state INTEGER NOT NULL, due_at INTEGER NOT NULL, attempts INTEGER NOT NULL, kind INTEGER NOT NULL,
        depth INTEGER NOT NULL, reach INTEGER NOT NULL, barren INTEGER NOT NULL, note TEXT NOT NULL,
        lease_gen INTEGER, lease_until INTEGER
    );
    CREATE UNIQUE INDEX urls_key ON urls (crawl, url_key);
    CREATE INDEX urls_queue ON urls (crawl, host, due_at, number) WHERE state = 0;
    CREATE INDEX urls_leased ON urls (crawl, host, lease_until) WHERE state = 1;
    CREATE TABLE spent (crawl INTEGER PRIMARY KEY, pages INTEGER NOT NULL, bytes INTEGER NOT NULL);
    CREATE TABLE lists (url_key BLOB PRIMARY KEY, etag TEXT, last_modified TEXT, content_type TEXT, body BLOB NOT NULL);
    CREATE TABLE lastmods (url_key BLOB PRIMARY KEY, lastmod TEXT NOT NULL) WITHOUT ROWID;
";

/// A frontier on disk.
///
/// The archive's lock allows one process at a time, so leases found when the file is opened belong to a process that
/// has ended; they are requeued at once. Committed changes survive a kill. A power failure may lose the last of them,
/// whose pages are then visited again.
#[derive(Debug)]
pub struct SqliteFrontier {
    database: Connection,
    path: PathBuf,
    crawl: i64,
    resumed: bool,
    at_once: NonZeroUsize,
}

impl SqliteFrontier {
    /// Opens the queue of the crawl with this name. It is empty unless an earlier run left the crawl incomplete.
    ///
    /// # Errors
    /// The file can be neither used nor replaced.
    pub fn open(path: &Path, name: &str, now: UnixMillis) -> Result<Self, FrontierError> {
        let mut database = connect_or_replace(path)?;
        let at_once = NonZeroUsize::MIN;
        let (crawl, resumed) = begin(&mut database, name, now).map_err(|error| refused(path, &error))?;
        Ok(Self { database, path: path.to_owned(), crawl, resumed, at_once })
    }

    /// Returns whether an earlier process left URLs to visit.
    pub fn is_resumed(&self) -> bool {
        self.resumed
    }

    fn transact<T>(&mut self, work: impl FnOnce(&Queue<'_>) -> rusqlite::Result<T>) -> Result<T, FrontierError> {
        let (crawl, at_once) = (self.crawl, self.at_once);
        let done = self.database.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
            let queue = Queue { transaction, crawl, at_once };
            let done = work(&queue)?;
            queue.transaction.commit()?;
            Ok(done)
        });
        done.map_err(|error| refused(&self.path, &error))
    }
}

/// Finds or creates the crawl. A complete crawl is cleared, and the leases of an earlier process are requeued.
fn begin(database: &mut Connection, name: &str, now: UnixMillis) -> rusqlite::Result<(i64, bool)> {
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute("INSERT OR IGNORE INTO crawls (name, complete) VALUES (?, 0)", [name])?;
    let (crawl, complete): (i64, bool) =
        transaction.query_row("SELECT crawl, complete FROM crawls WHERE name = ?", [name], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if complete {
        transaction.execute("DELETE FROM urls WHERE crawl = ?", [crawl])?;
        transaction.execute("DELETE FROM spent WHERE crawl = ?", [crawl])?;
        transaction.execute("UPDATE hosts SET ready = NULL WHERE crawl = ?", [crawl])?;
        transaction.execute("UPDATE crawls SET complete = 0 WHERE crawl = ?", [crawl])?;
    }
    let queue = Queue { transaction, crawl, at_once: NonZeroUsize::MIN };
    queue.requeue_all(now)?;
    let sql = "SELECT EXISTS (SELECT 1 FROM urls WHERE crawl = ?)";
    let resumed = queue.transaction.query_row(sql, [crawl], |row| row.get(0))?;
    queue.transaction.commit()?;
    Ok((crawl, resumed))
}

/// Opens the file, and replaces it by a new one if it is not a valid queue.
pub(super) fn connect_or_replace(path: &Path) -> Result<Connection, FrontierError> {
    match connect(path, Tables::Existing) {
        Ok(database) => Ok(database),
        Err(_) => {
            discard(path)?;
            connect(path, Tables::New).map_err(|error| refused(path, &error))
        }
    }
}

/// Whether tables must be created in a file that exists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tables {
    /// They are in it.
    Existing,
    /// It is empty.
    New,
}

/// Opens the file. The tables are created if the file is new too.
fn connect(path: &Path, tables: Tables) -> rusqlite::Result<Connection> {
    let is_new = tables == Tables::New || !path.exists();
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
    // One transaction: a kill leaves all of the tables or none.
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

impl Frontier for SqliteFrontier {
    fn allow(&mut self, at_once: NonZeroUsize, now: UnixMillis) -> Result<(), FrontierError> {
        self.at_once = at_once;
        self.transact(|queue| queue.update_hosts(now))
    }

    fn add(&mut self, found: &[QueuedUrl], now: UnixMillis) -> Result<usize, FrontierError> {
        self.transact(|queue| queue.put(found, now))
    }

    fn lease(&mut self, now: UnixMillis, hold: Duration) -> Result<Next, FrontierError> {
        self.transact(|queue| {
            loop {
                let Some((host, at)) = queue.ready()? else { return Ok(Next::Drained) };
                if at > now && sane(at, now) > now {
                    return Ok(Next::WaitUntil(at));
                }
                if at > now {
                    // The clock was set back.
                    queue.update_host(&host, now)?;
                } else if !queue.requeue_expired(&host, now)?
                    && let Some(lease) = queue.lease(&host, now.after(hold), now)?
                {
                    return Ok(Next::Work(Box::new(lease)));
                }
            }
        })
    }

    fn renew(&mut self, lease: &mut Lease, now: UnixMillis, hold: Duration) -> Result<bool, FrontierError> {
        let until = now.after(hold);
        let renewed = self.transact(|queue| {
            let Some(number) = queue.leased(lease)? else { return Ok(false) };
            let sql = "UPDATE urls SET lease_until = ? WHERE number = ?";
            queue.transaction.prepare_cached(sql)?.execute(params![until.0, number])?;
            queue.update_host(&lease.found.host(), now)?;
            Ok(true)
        })?;
        if renewed {
            lease.until = until;
        }
        Ok(renewed)
    }

    fn finish(&mut self, lease: &Lease, finish: &Finish<'_>, now: UnixMillis) -> Result<bool, FrontierError> {
        self.transact(|queue| {
            let Some(number) = queue.leased(lease)? else { return Ok(false) };
            queue.end(number, &lease.found.host(), finish, now)?;
            Ok(true)
        })
    }

    fn release(&mut self, lease: &Lease, now: UnixMillis) -> Result<(), FrontierError> {
        self.transact(|queue| {
            if let Some(number) = queue.leased(lease)? {
                queue.requeue(number, UnixMillis(0), 0)?;
                queue.update_host(&lease.found.host(), now)?;
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

    fn usage(&self) -> Result<Usage, FrontierError> {
        let sql = "SELECT pages, bytes FROM spent WHERE crawl = ?";
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        let read = |row: &Row<'_>| Ok(Usage { pages: count(row.get(0)?), bytes: count(row.get(1)?) });
        let usage = self.database.query_row(sql, [self.crawl], read).optional();
        usage.map(Option::unwrap_or_default).map_err(|error| refused(&self.path, &error))
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
        self.transact(|queue| {
            let sql = "INSERT OR REPLACE INTO lists VALUES (?, ?, ?, ?, ?)";
            let key = digest(url);
            let values = params![key.as_bytes(), etag, last_modified, content_type, body];
            queue.transaction.execute(sql, values).map(drop)
        })
    }

    fn lastmod(&self, url: &Url) -> Result<Option<String>, FrontierError> {
        let read = || -> rusqlite::Result<Option<String>> {
            let mut query = self.database.prepare_cached("SELECT lastmod FROM lastmods WHERE url_key = ?")?;
            query.query_row([digest(url).as_bytes()], |row| row.get(0)).optional()
        };
        read().map_err(|error| refused(&self.path, &error))
    }

    fn note_lastmod(&mut self, url: &Url, lastmod: &str) -> Result<(), FrontierError> {
        self.transact(|queue| {
            let sql = "INSERT OR REPLACE INTO lastmods VALUES (?, ?)";
            queue.transaction.prepare_cached(sql)?.execute(params![digest(url).as_bytes(), lastmod]).map(drop)
        })
    }

    fn complete(&mut self) -> Result<(), FrontierError> {
        self.transact(|queue| {
            queue.transaction.execute("UPDATE crawls SET complete = 1 WHERE crawl = ?", [queue.crawl]).map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::UrlKind;
    use super::*;

    fn page(n: usize) -> QueuedUrl {
        QueuedUrl {
            kind: UrlKind::Page,
            ..QueuedUrl::seed(Url::parse(&format!("https://a{}.test/{n}", n % 50)).unwrap(), 0)
        }
    }

    #[test]
    fn the_sqlite_frontier_passes_the_shared_suite() {
        let folder = tempfile::tempdir().unwrap();
        let mut number = 0;
        super::super::suite::all(&mut || {
            number += 1;
            let path = folder.path().join(format!("{number}.sqlite"));
            Box::new(SqliteFrontier::open(&path, "crawl", UnixMillis(0)).unwrap())
        });
    }

    #[test]
    fn the_leases_of_an_ended_process_are_requeued_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.sqlite");
        let open = |name: &str| SqliteFrontier::open(&path, name, UnixMillis(0)).unwrap();
        let hold = Duration::from_secs(3600);
        let mut gone = open("crawl");
        assert!(!gone.is_resumed());
        gone.add(&(0..10_000).map(page).collect::<Vec<_>>(), UnixMillis(0)).unwrap();
        let held = (0..5).filter(|_| matches!(gone.lease(UnixMillis(0), hold).unwrap(), Next::Work(_))).count();
        assert_eq!((held, gone.counts().unwrap().leased), (5, 5));
        drop(gone);
        let mut next = open("crawl");
        assert!(next.is_resumed());
        assert_eq!(next.counts().unwrap(), Counts { queued: 10_000, ..Counts::default() });
        assert!(matches!(next.lease(UnixMillis(0), hold).unwrap(), Next::Work(_)));
        drop(next);
        assert_eq!(open("another").counts().unwrap(), Counts::default());
    }

    #[test]
    fn a_complete_crawl_starts_again_from_the_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.sqlite");
        let mut frontier = SqliteFrontier::open(&path, "crawl", UnixMillis(0)).unwrap();
        frontier.add(&[page(1)], UnixMillis(0)).unwrap();
        frontier.complete().unwrap();
        drop(frontier);
        let mut again = SqliteFrontier::open(&path, "crawl", UnixMillis(0)).unwrap();
        assert!(!again.is_resumed());
        assert_eq!(again.add(&[page(1)], UnixMillis(0)).unwrap(), 1);
    }

    #[test]
    fn an_invalid_queue_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.sqlite");
        std::fs::write(&path, "no database at all, but long enough to look like one, and then some more of it")
            .unwrap();
        let mut frontier = SqliteFrontier::open(&path, "crawl", UnixMillis(0)).unwrap();
        assert_eq!(frontier.add(&[page(1)], UnixMillis(0)).unwrap(), 1);
    }
}
