//! The search index in `.bindery/`: which articles there are, and the words of their texts.
//!
//! The manifests are a tree of digests, so changes are found by comparing one digest per folder. Rows about articles come
//! from their records; the words of texts, which take longer, are added when somebody searches.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::archive::ArchiveError;
use crate::archive::layout::{ARTICLES, INDEX, MANIFEST, RECORD, private_file};
use crate::archive::manifest;
use crate::archive::reader::read_entry;
use crate::archive::tokens;

use super::texts::{self, Text};

const FILE: &str = "search.sqlite";

/// Incremented when the tables or the division into words change. An index of another version is rebuilt.
const VERSION: i64 = 4;

/// `articles.digest` is that of the newest text, `articles.record` that of the record. A record that cannot be read has a
/// row in `unreadable` instead. A single character of a script without spaces is looked for as the first of a pair, for which
/// `prefix` has a list of its own.
const TABLES: &str = "
    CREATE TABLE leaves (leaf TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE articles (
        id INTEGER PRIMARY KEY, folder TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, record TEXT NOT NULL,
        title TEXT NOT NULL, url TEXT NOT NULL, site TEXT NOT NULL, host TEXT NOT NULL, published TEXT,
        day TEXT NOT NULL, captured INTEGER NOT NULL, versions INTEGER NOT NULL, indexed INTEGER NOT NULL,
        earlier_indexed INTEGER NOT NULL
    );
    CREATE INDEX articles_day ON articles (day);
    CREATE INDEX articles_not_indexed ON articles (id) WHERE indexed = 0;
    CREATE INDEX articles_with_earlier ON articles (id) WHERE versions > 1;
    CREATE TABLE unreadable (folder TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE tags (tag TEXT, id INTEGER, PRIMARY KEY (tag, id)) WITHOUT ROWID;
    CREATE INDEX tags_of ON tags (id);
    CREATE VIRTUAL TABLE texts USING fts5(title, body, content='', contentless_delete=1, tokenize='ascii', prefix='1');
    CREATE TABLE earlier (id INTEGER PRIMARY KEY, article INTEGER NOT NULL, file TEXT NOT NULL, captured INTEGER NOT NULL);
    CREATE INDEX earlier_of ON earlier (article);
    CREATE VIRTUAL TABLE earlier_texts USING fts5(title, body, content='', contentless_delete=1, tokenize='ascii', prefix='1');
";

/// Which words an index must have before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// None; the articles are only listed.
    None,
    /// Those of the newest texts.
    Newest,
    /// Those of earlier texts, too.
    All,
}

pub struct SearchIndex {
    pub root: PathBuf,
    pub path: PathBuf,
    pub database: Connection,
}

/// The digests of an article's newest text and of its record.
#[derive(Clone, PartialEq, Eq)]
struct Digests {
    text: String,
    record: String,
}

impl SearchIndex {
    /// Runs `read` on the index after it was updated. A damaged index is noticed only when it is read; it is then rebuilt
    /// once.
    pub fn with<T>(
        root: &Path,
        words: Words,
        read: impl Fn(&Self) -> Result<T, ArchiveError>,
    ) -> Result<T, ArchiveError> {
        let run = || {
            let mut index = Self::open(root)?;
            index.update(words)?;
            read(&index)
        };
        run().or_else(|error| match error {
            ArchiveError::Index { .. } if discard(&private_file(root, FILE)).is_ok() => run(),
            error => Err(error),
        })
    }

    /// Removes the index.
    pub fn discard(root: &Path) -> Result<(), ArchiveError> {
        discard(&private_file(root, FILE))
    }

    fn open(root: &Path) -> Result<Self, ArchiveError> {
        let path = private_file(root, FILE);
        let database = match connect(&path) {
            Ok(database) => Ok(database),
            Err(_) if discard(&path).is_ok() => connect(&path).or_else(|_| in_memory()),
            // The index of an archive on a read-only disk is built in memory.
            Err(_) => in_memory(),
        };
        let database = database.map_err(|error| ArchiveError::index(&path, &error))?;
        Ok(Self { root: root.to_owned(), path, database })
    }

    /// Returns the error of an operation of the database.
    pub fn fail(&self, error: &rusqlite::Error) -> ArchiveError {
        ArchiveError::index(&self.path, error)
    }

    /// Adds what changed since the last update.
    fn update(&mut self, words: Words) -> Result<(), ArchiveError> {
        let now = leaves(&self.root)?;
        let path = self.path.clone();
        let fail = |error: rusqlite::Error| ArchiveError::index(&path, &error);
        if known_leaves(&self.database).map_err(fail)? != now {
            let update = Update::begin(&self.root, &self.path, &mut self.database)?;
            // Another process may have updated it meanwhile.
            let known = known_leaves(&update.transaction).map_err(fail)?;
            for leaf in known.keys().filter(|leaf| !now.contains_key(*leaf)) {
                update.leaf(leaf, BTreeMap::new())?;
                update.run("DELETE FROM leaves WHERE leaf = ?", [leaf])?;
            }
            for (leaf, digest) in now.iter().filter(|(leaf, digest)| known.get(*leaf) != Some(*digest)) {
                update.leaf(leaf, articles_of(&self.root, leaf)?)?;
                update.run("INSERT OR REPLACE INTO leaves VALUES (?, ?)", [leaf, digest])?;
            }
            update.transaction.commit().map_err(fail)?;
        }
        for (wanted, sql) in [(Words::Newest, WITHOUT_WORDS), (Words::All, WITHOUT_EARLIER)] {
            let is_wanted = words == Words::All || words == wanted;
            let is_lacking = || self.database.query_row(&format!("SELECT EXISTS ({sql})"), [], |row| row.get(0));
            if is_wanted && is_lacking().map_err(fail)? {
                let update = Update::begin(&self.root, &self.path, &mut self.database)?;
                update.texts(wanted)?;
                update.transaction.commit().map_err(fail)?;
            }
        }
        Ok(())
    }
}

const WITHOUT_WORDS: &str = "SELECT id, folder FROM articles WHERE indexed = 0";
const WITHOUT_EARLIER: &str = "SELECT id, folder FROM articles WHERE versions > 1 AND earlier_indexed = 0";

/// Whether the index has the words of an article's text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TextState {
    Same,
    New,
}

/// One change of the index.
struct Update<'a> {
    root: &'a Path,
    path: &'a Path,
    transaction: Transaction<'a>,
}

impl<'a> Update<'a> {
    fn begin(root: &'a Path, path: &'a Path, database: &'a mut Connection) -> Result<Self, ArchiveError> {
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = transaction.map_err(|error| ArchiveError::index(path, &error))?;
        Ok(Self { root, path, transaction })
    }

    fn run(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), ArchiveError> {
        let done = self.transaction.prepare_cached(sql).and_then(|mut statement| statement.execute(values));
        done.map(drop).map_err(|error| ArchiveError::index(self.path, &error))
    }

    /// Brings the rows of a folder's articles up to date.
    fn leaf(&self, leaf: &str, now: BTreeMap<String, Digests>) -> Result<(), ArchiveError> {
        let known = || -> rusqlite::Result<Vec<(i64, String, Digests)>> {
            let sql = "SELECT id, folder, digest, record FROM articles WHERE folder >= ? AND folder < ?";
            let mut query = self.transaction.prepare_cached(sql)?;
            let rows = query.query_map([format!("{leaf}/"), format!("{leaf}0")], |row| {
                Ok((row.get(0)?, row.get(1)?, Digests { text: row.get(2)?, record: row.get(3)? }))
            })?;
            rows.collect()
        };
        self.run("DELETE FROM unreadable WHERE folder >= ? AND folder < ?", [format!("{leaf}/"), format!("{leaf}0")])?;
        let mut left = now;
        for (id, folder, digests) in known().map_err(|error| ArchiveError::index(self.path, &error))? {
            match left.remove(&folder) {
                Some(now) if now == digests => {}
                Some(now) => {
                    let text = if now.text == digests.text { TextState::Same } else { TextState::New };
                    self.article(Some(id), &folder, &now, text)?;
                }
                None => self.forget(id)?,
            }
        }
        left.iter().try_for_each(|(folder, digests)| self.article(None, folder, digests, TextState::New))
    }

    /// Writes the row of an article, and reads the words of a new text.
    fn article(&self, id: Option<i64>, folder: &str, digests: &Digests, text: TextState) -> Result<(), ArchiveError> {
        let Ok(Some(entry)) = read_entry(self.root, folder.to_owned()) else {
            id.map_or(Ok(()), |id| self.forget(id))?;
            return self.run("INSERT OR REPLACE INTO unreadable VALUES (?, ?)", [folder, &digests.record]);
        };
        let row = texts::Row::of(&entry.record);
        let id = match id {
            Some(id) => id,
            None => {
                let sql =
                    "INSERT INTO articles (folder, digest, record, title, url, site, host, day, captured, versions,
                    indexed, earlier_indexed) VALUES (?, '', '', '', '', '', '', '', 0, 0, 0, 0) RETURNING id";
                let id = self
                    .transaction
                    .prepare_cached(sql)
                    .and_then(|mut query| query.query_row([folder], |row| row.get(0)));
                id.map_err(|error| ArchiveError::index(self.path, &error))?
            }
        };
        let sql = "UPDATE articles SET digest = ?, record = ?, title = ?, url = ?, site = ?, host = ?, published = ?,
            day = ?, captured = ?, versions = ? WHERE id = ?";
        let values = params![
            digests.text,
            digests.record,
            row.title,
            row.url,
            row.site,
            row.host,
            row.published,
            row.day,
            row.captured,
            row.texts,
            id
        ];
        self.run(sql, values)?;
        if text == TextState::New {
            self.forget_words(id)?;
        }
        Ok(())
    }

    fn forget(&self, id: i64) -> Result<(), ArchiveError> {
        self.forget_words(id)?;
        self.run("DELETE FROM articles WHERE id = ?", [id])
    }

    fn forget_words(&self, id: i64) -> Result<(), ArchiveError> {
        for sql in [
            "DELETE FROM texts WHERE rowid = ?",
            "DELETE FROM tags WHERE id = ?",
            "DELETE FROM earlier_texts WHERE rowid IN (SELECT id FROM earlier WHERE article = ?)",
            "DELETE FROM earlier WHERE article = ?",
            "UPDATE articles SET indexed = 0, earlier_indexed = 0 WHERE id = ?",
        ] {
            self.run(sql, [id])?;
        }
        Ok(())
    }

    /// Adds the words of the newest, or of the earlier texts where they are lacking.
    fn texts(&self, which: Words) -> Result<(), ArchiveError> {
        let is_newest = which == Words::Newest;
        let lacking = || -> rusqlite::Result<Vec<(i64, String)>> {
            let mut query = self.transaction.prepare(if is_newest { WITHOUT_WORDS } else { WITHOUT_EARLIER })?;
            query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        for (id, folder) in lacking().map_err(|error| ArchiveError::index(self.path, &error))? {
            match is_newest {
                true => self.newest(id, &folder)?,
                false => self.earlier(id, &folder)?,
            }
        }
        Ok(())
    }

    fn newest(&self, id: i64, folder: &str) -> Result<(), ArchiveError> {
        if let Some(text) = texts::newest(self.root, folder)? {
            self.put("texts", id, &text)?;
            for tag in &text.tags {
                self.run("INSERT OR IGNORE INTO tags VALUES (?, ?)", params![tag, id])?;
            }
        }
        self.run("UPDATE articles SET indexed = 1 WHERE id = ?", [id])
    }

    fn earlier(&self, id: i64, folder: &str) -> Result<(), ArchiveError> {
        for (file, captured, text) in texts::earlier(self.root, folder)? {
            let sql = "INSERT INTO earlier (article, file, captured) VALUES (?, ?, ?)";
            self.run(sql, params![id, file, captured.as_second()])?;
            self.put("earlier_texts", self.transaction.last_insert_rowid(), &text)?;
        }
        self.run("UPDATE articles SET earlier_indexed = 1 WHERE id = ?", [id])
    }

    fn put(&self, table: &str, id: i64, text: &Text) -> Result<(), ArchiveError> {
        let sql = format!("INSERT INTO {table} (rowid, title, body) VALUES (?, ?, ?)");
        self.run(&sql, params![id, tokens::words(&text.title), tokens::words(&text.body)])
    }
}

fn known_leaves(database: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut query = database.prepare("SELECT leaf, digest FROM leaves")?;
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Returns the folders of articles with the digests of their manifests, from the root manifest.
fn leaves(root: &Path) -> Result<BTreeMap<String, String>, ArchiveError> {
    let Some(found) = manifest::read(root)? else { return Ok(BTreeMap::new()) };
    let leaf = |path: &str| {
        let leaf = path.strip_suffix(&format!("/{MANIFEST}"))?;
        leaf.strip_prefix(ARTICLES)?.starts_with('/').then(|| leaf.to_owned())
    };
    Ok(found.lines.iter().filter_map(|(path, digest)| Some((leaf(path)?, digest.hex()))).collect())
}

/// Returns the articles that a folder's manifest lists.
fn articles_of(root: &Path, leaf: &str) -> Result<BTreeMap<String, Digests>, ArchiveError> {
    let Some(found) = manifest::read(&root.join(leaf))? else { return Ok(BTreeMap::new()) };
    let mut articles = BTreeMap::new();
    for (path, digest) in &found.lines {
        let Some((slug, file)) = path.split_once('/').filter(|(_, file)| matches!(*file, INDEX | RECORD)) else {
            continue;
        };
        let none = || Digests { text: String::new(), record: String::new() };
        let digests: &mut Digests = articles.entry(format!("{leaf}/{slug}")).or_insert_with(none);
        *(if file == INDEX { &mut digests.text } else { &mut digests.record }) = digest.hex();
    }
    // An article that was removed has neither.
    articles.retain(|_, digests| !digests.record.is_empty());
    Ok(articles)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let database = Connection::open(path)?;
    database.busy_timeout(Duration::from_secs(30))?;
    database.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000;")?;
    with_tables(database)
}

fn in_memory() -> rusqlite::Result<Connection> {
    with_tables(Connection::open_in_memory()?)
}

/// Creates the tables of a new database; refuses a database of another version.
fn with_tables(database: Connection) -> rusqlite::Result<Connection> {
    let version: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: Option<i64> =
        database.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).optional()?;
    match (version, tables) {
        (VERSION, _) => {}
        (_, Some(0)) => database.execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;"))?,
        _ => return Err(rusqlite::Error::InvalidQuery),
    }
    Ok(database)
}

fn discard(path: &Path) -> Result<(), ArchiveError> {
    for end in ["", "-wal", "-shm"] {
        match std::fs::remove_file(path.with_file_name(format!("{FILE}{end}"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(ArchiveError::io("remove", path, error));
            }
            _ => {}
        }
    }
    Ok(())
}
