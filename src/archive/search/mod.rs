//! Full-text search. The index in `.bindery/` holds the newest texts; it is built from the archive's files.
//!
//! The manifests are a tree of digests, so changes since the last search are found by comparing one digest per folder.

mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params, params_from_iter};
use serde::Deserialize;

use crate::model::Timestamp;

use super::ArchiveError;
use super::layout::{ARTICLES, INDEX, MANIFEST, private_file};
use super::manifest;
use super::reader::{check_marker, read_entry};

const FILE: &str = "search.sqlite";

/// Incremented when the tables or the division into words change. An index of another version is rebuilt.
const VERSION: i64 = 2;

/// The weight of a word in the title relative to one in the text; chosen by eye.
const TITLE_WEIGHT: f64 = 8.0;

const TABLES: &str = "
    CREATE TABLE leaves (leaf TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE articles (
        id INTEGER PRIMARY KEY, folder TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, title TEXT NOT NULL,
        url TEXT NOT NULL, site TEXT NOT NULL, host TEXT NOT NULL, published TEXT, day TEXT NOT NULL,
        captured INTEGER NOT NULL
    );
    CREATE INDEX articles_day ON articles (day);
    CREATE TABLE tags (tag TEXT, id INTEGER, PRIMARY KEY (tag, id)) WITHOUT ROWID;
    CREATE INDEX tags_of ON tags (id);
    CREATE VIRTUAL TABLE texts USING fts5(title, body, content='', contentless_delete=1, tokenize='unicode61');
";

/// A search query. The default finds every article.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Words that must be in the title or text: `\"…\"` encloses a phrase, `-` excludes a word or phrase. Empty for no
    /// condition.
    pub text: String,
    /// Words that must be in the title; empty for no condition.
    pub title: String,
    /// The site: its host, a parent domain of it, or a part of its name.
    pub site: Option<String>,
    /// A tag or category.
    pub tag: Option<String>,
    /// The earliest day of publication, `2026-11-24`. For an article without a date, the day of its capture counts.
    pub since: Option<String>,
    /// The latest day of publication.
    pub until: Option<String>,
    /// The maximum number of results; 0 for all.
    pub limit: usize,
}

/// A search result.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its folder below the archive.
    pub folder: String,
    /// Its title; empty when it has none.
    pub title: String,
    /// Its URL.
    pub url: String,
    /// The site's name; empty when unknown.
    pub site: String,
    /// When it was published; `None` if unknown.
    pub published: Option<String>,
    /// When its newest text was captured.
    pub captured: Option<Timestamp>,
    /// Its tags and categories, in lower case.
    pub tags: Vec<String>,
    /// An excerpt of its text around the first match; the start of the text if the query has no words.
    pub snippet: String,
}

/// Finds articles, the best match first; the newest first if the query has no words. Updates the index before.
///
/// # Errors
/// The folder is not an archive, the index cannot be used, or an operation of the operating system fails.
pub fn search(root: &Path, query: &Query) -> Result<Vec<Hit>, ArchiveError> {
    check_marker(root)?;
    let run = || {
        let mut index = SearchIndex::open(root)?;
        index.update()?;
        index.find(query)
    };
    // A damaged index is noticed only when it is read; it is then rebuilt once.
    run().or_else(|error| match error {
        ArchiveError::Index { .. } if discard(&private_file(root, FILE)).is_ok() => run(),
        error => Err(error),
    })
}

/// Rebuilds the index from the files and returns the number of its articles.
///
/// # Errors
/// As [`search`].
pub fn reindex_search(root: &Path) -> Result<usize, ArchiveError> {
    check_marker(root)?;
    let path = private_file(root, FILE);
    discard(&path)?;
    let mut index = SearchIndex::open(root)?;
    index.update()?;
    let count: i64 = index
        .database
        .query_row("SELECT count(*) FROM articles", [], |row| row.get(0))
        .map_err(|error| ArchiveError::index(&path, &error))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

struct SearchIndex {
    root: PathBuf,
    path: PathBuf,
    database: Connection,
}

impl SearchIndex {
    fn open(root: &Path) -> Result<Self, ArchiveError> {
        let path = private_file(root, FILE);
        // The index of an archive on a read-only disk is built in memory.
        let database = match connect(&path) {
            Ok(database) => Ok(database),
            Err(_) if discard(&path).is_ok() => connect(&path).or_else(|_| in_memory()),
            Err(_) => in_memory(),
        };
        let database = database.map_err(|error| ArchiveError::index(&path, &error))?;
        Ok(Self { root: root.to_owned(), path, database })
    }

    /// Adds what changed since the last update.
    fn update(&mut self) -> Result<(), ArchiveError> {
        let now = leaves(&self.root)?;
        let (root, path) = (self.root.clone(), self.path.clone());
        let fail = |error: rusqlite::Error| ArchiveError::index(&path, &error);
        let known: BTreeMap<String, String> = {
            let mut query = self.database.prepare("SELECT leaf, digest FROM leaves").map_err(fail)?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(fail)?;
            rows.collect::<rusqlite::Result<_>>().map_err(fail)?
        };
        if known == now {
            return Ok(());
        }
        let transaction = self.database.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        for leaf in known.keys().filter(|leaf| !now.contains_key(*leaf)) {
            update_leaf(&transaction, &root, leaf, &BTreeMap::new(), &fail)?;
            transaction.execute("DELETE FROM leaves WHERE leaf = ?", [leaf]).map_err(fail)?;
        }
        for (leaf, digest) in now.iter().filter(|(leaf, digest)| known.get(*leaf) != Some(*digest)) {
            update_leaf(&transaction, &root, leaf, &articles_of(&root, leaf)?, &fail)?;
            let sql = "INSERT OR REPLACE INTO leaves VALUES (?, ?)";
            transaction.execute(sql, [leaf, digest]).map_err(fail)?;
        }
        transaction.commit().map_err(fail)
    }

    fn find(&self, query: &Query) -> Result<Vec<Hit>, ArchiveError> {
        let (sql, values) = statement(query);
        let read = || -> rusqlite::Result<Vec<(i64, Hit)>> {
            let mut statement = self.database.prepare(&sql)?;
            let rows = statement.query_map(params_from_iter(values), |row| {
                let captured: i64 = row.get(6)?;
                let hit = Hit {
                    folder: row.get(1)?,
                    title: row.get(2)?,
                    url: row.get(3)?,
                    site: row.get(4)?,
                    published: row.get(5)?,
                    captured: Timestamp::from_second(captured),
                    tags: Vec::new(),
                    snippet: String::new(),
                };
                Ok((row.get(0)?, hit))
            })?;
            rows.collect()
        };
        let found = read().map_err(|error| ArchiveError::index(&self.path, &error))?;
        let terms: Vec<String> = words::terms(&format!("{} {}", query.text, query.title))
            .into_iter()
            .filter(|term| !term.starts_with('-'))
            .map(|term| term.trim_end_matches('*').to_lowercase())
            .collect();
        found.into_iter().map(|(id, hit)| self.complete(id, hit, &terms)).collect()
    }

    fn complete(&self, id: i64, hit: Hit, terms: &[String]) -> Result<Hit, ArchiveError> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut query = self.database.prepare_cached("SELECT tag FROM tags WHERE id = ? ORDER BY tag")?;
            query.query_map([id], |row| row.get(0))?.collect()
        };
        let tags = read().map_err(|error| ArchiveError::index(&self.path, &error))?;
        let snippet = match text_of(&self.root, &hit.folder)? {
            Some(text) => snippet(&text.body, terms),
            None => String::new(),
        };
        Ok(Hit { tags, snippet, ..hit })
    }
}

/// Returns the query as SQL.
fn statement(query: &Query) -> (String, Vec<Value>) {
    let mut values = Vec::new();
    let mut conditions = Vec::new();
    let title = words::query(&query.title);
    let mut matched: Vec<String> =
        Some(words::query(&query.text)).filter(|text| !text.is_empty()).into_iter().collect();
    if !title.is_empty() {
        matched.push(format!("{{title}} : ({title})"));
    }
    let has_words = !matched.is_empty();
    if has_words {
        conditions.push("texts MATCH ?".to_owned());
        values.push(Value::from(
            matched.iter().map(|condition| format!("({condition})")).collect::<Vec<_>>().join(" AND "),
        ));
    }
    if let Some(site) = &query.site {
        let site = site.to_lowercase();
        conditions.push("(host = ? OR host LIKE ? ESCAPE '\\' OR lower(site) LIKE ? ESCAPE '\\')".to_owned());
        let plain = site.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        values.extend([site.into(), format!("%.{plain}").into(), format!("%{plain}%").into()]);
    }
    if let Some(tag) = &query.tag {
        conditions.push("EXISTS (SELECT 1 FROM tags WHERE tags.id = articles.id AND tag = ?)".to_owned());
        values.push(tag.trim().to_lowercase().into());
    }
    for (day, operator) in [(&query.since, ">="), (&query.until, "<=")] {
        if let Some(day) = day {
            conditions.push(format!("day {operator} ?"));
            values.push(day.clone().into());
        }
    }
    let from = if has_words { "texts JOIN articles ON articles.id = texts.rowid" } else { "articles" };
    let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    let order = match has_words {
        true => format!("bm25(texts, {TITLE_WEIGHT:?}, 1.0), day DESC, folder"),
        false => "day DESC, folder".to_owned(),
    };
    let limit = if query.limit == 0 { String::new() } else { format!(" LIMIT {}", query.limit) };
    let columns = "articles.id, folder, articles.title, URL, site, published, captured";
    (format!("SELECT {columns} FROM {from}{filter} ORDER BY {order}{limit}"), values)
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

/// Returns the articles that a folder's manifest lists, with the digests of their newest texts.
fn articles_of(root: &Path, leaf: &str) -> Result<BTreeMap<String, String>, ArchiveError> {
    let Some(found) = manifest::read(&root.join(leaf))? else { return Ok(BTreeMap::new()) };
    let article = |path: &str| Some(format!("{leaf}/{}", path.strip_suffix(&format!("/{INDEX}"))?));
    Ok(found.lines.iter().filter_map(|(path, digest)| Some((article(path)?, digest.hex()))).collect())
}

fn update_leaf(
    transaction: &Transaction<'_>,
    root: &Path,
    leaf: &str,
    now: &BTreeMap<String, String>,
    fail: &dyn Fn(rusqlite::Error) -> ArchiveError,
) -> Result<(), ArchiveError> {
    let known = || -> rusqlite::Result<Vec<(i64, String, String)>> {
        let sql = "SELECT id, folder, digest FROM articles WHERE folder >= ? AND folder < ?";
        let mut query = transaction.prepare_cached(sql)?;
        let rows = query
            .query_map([format!("{leaf}/"), format!("{leaf}0")], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.collect()
    };
    let mut left = now.clone();
    for (id, folder, digest) in known().map_err(fail)? {
        if left.get(&folder) == Some(&digest) {
            left.remove(&folder);
        } else {
            forget(transaction, id).map_err(fail)?;
        }
    }
    for (folder, digest) in left {
        if let Some(text) = text_of(root, &folder)? {
            put(transaction, &folder, &digest, &text).map_err(fail)?;
        }
    }
    Ok(())
}

fn forget(transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    for sql in
        ["DELETE FROM texts WHERE rowid = ?", "DELETE FROM tags WHERE id = ?", "DELETE FROM articles WHERE id = ?"]
    {
        transaction.prepare_cached(sql)?.execute([id])?;
    }
    Ok(())
}

fn put(transaction: &Transaction<'_>, folder: &str, digest: &str, text: &Text) -> rusqlite::Result<()> {
    let sql = "INSERT INTO articles (folder, digest, title, url, site, host, published, day, captured)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
    let values =
        params![folder, digest, text.title, text.url, text.site, text.host, text.published, text.day, text.captured];
    let id: Option<i64> = transaction.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?;
    let sql = "INSERT INTO texts (rowid, title, body) VALUES (?, ?, ?)";
    transaction.prepare_cached(sql)?.execute(params![id, words::words(&text.title), words::words(&text.body)])?;
    for tag in &text.tags {
        let sql = "INSERT OR IGNORE INTO tags VALUES (?, ?)";
        transaction.prepare_cached(sql)?.execute(params![tag, id])?;
    }
    Ok(())
}

/// An article as stored in the index.
struct Text {
    title: String,
    url: String,
    site: String,
    host: String,
    published: Option<String>,
    day: String,
    captured: i64,
    tags: Vec<String>,
    body: String,
}

/// Reads an article; `None` if it is missing or its record cannot be read, which `verify` reports.
fn text_of(root: &Path, folder: &str) -> Result<Option<Text>, ArchiveError> {
    let Some(entry) = read_entry(root, folder.to_owned()).ok().flatten() else { return Ok(None) };
    let path = root.join(folder).join(INDEX);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ArchiveError::io("read", &path, error)),
    };
    let record = entry.record;
    let newest = record.newest();
    let start = newest.and_then(|newest| usize::try_from(newest.front_matter_bytes).ok()).unwrap_or_default();
    let (front, body) = bytes.split_at(start.min(bytes.len()));
    let captured = newest.map(|newest| newest.captured);
    let published = record.published.as_ref().map(ToString::to_string);
    let day = published.as_deref().map(|date| date.chars().take(10).collect());
    let url = url::Url::parse(&record.url).ok();
    let host = url.as_ref().and_then(url::Url::host_str).unwrap_or_default();
    Ok(Some(Text {
        day: day.or_else(|| captured.map(|at| at.to_string().chars().take(10).collect())).unwrap_or_default(),
        host: host.strip_prefix("www.").unwrap_or(host).to_owned(),
        title: record.title,
        url: record.url,
        site: record.site.unwrap_or_default(),
        published,
        captured: captured.map_or(0, |at| at.as_second()),
        tags: tags(&String::from_utf8_lossy(front)),
        body: readable(&String::from_utf8_lossy(body)),
    }))
}

/// Returns tags and categories of a front matter in lower case; empty if it cannot be parsed.
fn tags(front: &str) -> Vec<String> {
    #[derive(Deserialize, Default)]
    struct Front {
        #[serde(default)]
        tags: Vec<String>,
        #[serde(default)]
        categories: Vec<String>,
    }
    let yaml = front.trim().trim_start_matches("---").trim_end_matches("---");
    let front: Front = serde_saphyr::from_str(yaml).unwrap_or_default();
    let all = front.tags.into_iter().chain(front.categories);
    all.map(|tag| tag.trim().to_lowercase()).filter(|tag| !tag.is_empty()).collect()
}

/// Returns the visible text of Markdown: without link targets, HTML tags and markup characters.
fn readable(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(at) = rest.find(['(', '<', '*', '#', '`', '[', ']', '!', '\\', '|', '>', '_']) {
        out.push_str(&rest[..at]);
        let after_bracket = rest[..at].is_empty() && out.ends_with('\u{1}');
        if out.ends_with('\u{1}') {
            out.pop();
        }
        let found = rest[at..].chars().next().unwrap_or(' ');
        rest = &rest[at + found.len_utf8()..];
        match found {
            '(' if after_bracket => rest = &rest[rest.find([')', '\n']).map_or(rest.len(), |end| end + 1)..],
            '<' if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') => {
                rest = rest.find(['>', '\n']).map_or("", |end| &rest[end + 1..]);
            }
            // Marks the end of a link's text, after which its target follows.
            ']' => out.push('\u{1}'),
            '(' => out.push('('),
            '!' if !rest.starts_with('[') => out.push('!'),
            _ => {}
        }
    }
    out.push_str(rest);
    out.replace('\u{1}', "")
}

/// Returns an excerpt of about eighty characters around the first of the terms.
fn snippet(text: &str, terms: &[String]) -> String {
    const BEFORE: usize = 20;
    const LENGTH: usize = 80;
    let flat: Vec<char> = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
    let lower: Vec<char> = flat.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
    let found = terms.iter().filter_map(|word| {
        let word: Vec<char> = word.chars().collect();
        (!word.is_empty()).then(|| lower.windows(word.len()).position(|window| window == word.as_slice())).flatten()
    });
    let start = found.min().unwrap_or(0).saturating_sub(BEFORE);
    let end = (start + LENGTH).min(flat.len());
    let excerpt: String = flat[start..end].iter().collect();
    let (before, after) = (if start > 0 { "…" } else { "" }, if end < flat.len() { "…" } else { "" });
    format!("{before}{}{after}", excerpt.trim())
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
    let tables: i64 = database.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (version, tables) {
        (VERSION, _) => {}
        (_, 0) => database.execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;"))?,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_visible_text_is_indexed() {
        let text =
            "# 标题\n\n看[这里](https://a.test/x_y \"注\")，**要** <sub>小</sub> ![图](../../a.png)（说明）1 > 0!";
        let read = readable(text);
        assert!(!read.contains("a.test") && !read.contains("sub") && !read.contains("png"), "{read}");
        assert!(read.contains("看这里，要 小 图（说明）1  0!"), "{read}");
    }

    #[test]
    fn a_snippet_surrounds_the_first_match() {
        let text = format!("{}馆长说，最难的不是买书。{}", "前".repeat(100), "后".repeat(100));
        let piece = snippet(&text, &["买书".to_owned()]);
        assert!(piece.contains("买书") && piece.starts_with('…') && piece.ends_with('…'), "{piece}");
        assert_eq!(snippet("短文", &[]), "短文");
    }

    #[test]
    fn tags_and_categories_are_read_from_the_front_matter() {
        assert_eq!(tags("---\ntitle: x\ntags:\n- 书籍\n- No\ncategories:\n- 新闻\n---\n"), ["书籍", "no", "新闻"]);
        assert!(tags("").is_empty());
    }
}
