//! Full-text search, and the list of all articles, by the index in `.bindery/`. The index is built from the archive's
//! files; it can be deleted at any time.

mod index;
mod snippet;
mod texts;
mod words;

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Row, params_from_iter};

use crate::model::Timestamp;

use super::ArchiveError;
use super::listed::{Listed, Listing};
use super::reader::{check_marker, read_entry};

use index::{SearchIndex, Words};
use words::Term;

pub use snippet::Marked;

/// The weight of a word in the title relative to one in the text; chosen by eye.
const TITLE_WEIGHT: f64 = 8.0;

/// The columns of a hit; those of an earlier text have two more.
const COLUMNS: &str = "articles.id, folder, articles.title, url, site, published, articles.captured";

/// Which texts of an article are searched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Texts {
    /// The newest.
    #[default]
    Newest,
    /// All; an article whose newest text does not match is found by an earlier one.
    All,
}

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
    /// Which texts are searched.
    pub texts: Texts,
    /// The maximum number of results; 0 for all.
    pub limit: usize,
}

/// The results of a search.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The articles, the best match first, at most as many as the query allows.
    pub hits: Vec<Hit>,
    /// The number of all articles that match.
    pub total: usize,
}

/// A search result.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its folder below the archive.
    pub folder: String,
    /// Its title; empty when it has none.
    pub title: Marked,
    /// Its URL.
    pub url: String,
    /// The site's name; empty when unknown.
    pub site: String,
    /// When it was published; `None` if unknown.
    pub published: Option<String>,
    /// When its newest text was captured.
    pub captured: Option<Timestamp>,
    /// The earlier text that matches; `None` if the newest does.
    pub earlier: Option<EarlierText>,
    /// Its tags and categories, in lower case.
    pub tags: Vec<String>,
    /// An excerpt of the text around the first match; the start of the text if the query has no words.
    pub snippet: Marked,
}

/// A text that a later one replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierText {
    /// Its file in the article's folder.
    pub file: String,
    /// When it was captured.
    pub captured: Option<Timestamp>,
}

/// Finds articles, the best match first; the newest first if the query has no words. Articles that only an earlier text
/// matches are the last. Updates the index before.
///
/// # Errors
/// The folder is not an archive, the index cannot be used, or an operation of the operating system fails.
pub fn search(root: &Path, query: &Query) -> Result<Found, ArchiveError> {
    check_marker(root)?;
    let words = if query.texts == Texts::All { Words::All } else { Words::Newest };
    SearchIndex::with(root, words, |index| find(index, query))
}

/// Rebuilds the index from the files and returns the number of its articles.
///
/// # Errors
/// As [`search`].
pub fn reindex_search(root: &Path) -> Result<usize, ArchiveError> {
    check_marker(root)?;
    SearchIndex::discard(root)?;
    SearchIndex::with(root, Words::Newest, |index| {
        let count = index.database.query_row("SELECT count(*) FROM articles", [], |row| row.get::<_, i64>(0));
        Ok(usize::try_from(count.map_err(|error| index.fail(&error))?).unwrap_or_default())
    })
}

/// Lists every article by the index, sorted by folder.
///
/// # Errors
/// The index cannot be used, or an operation of the operating system fails.
pub(super) fn listed(root: &Path) -> Result<Listing, ArchiveError> {
    SearchIndex::with(root, Words::None, |index| {
        let read = || -> rusqlite::Result<(Vec<Listed>, Vec<String>)> {
            // In the order of the table, which is nearly that of the folders: sorting them is quicker than following an index.
            let sql = "SELECT folder, title, url, site, published, captured, versions FROM articles";
            let mut query = index.database.prepare(sql)?;
            let listed = query.query_map([], |row| {
                Ok(Listed {
                    folder: row.get(0)?,
                    title: row.get(1)?,
                    url: row.get(2)?,
                    site: row.get(3)?,
                    published: row.get(4)?,
                    captured: Timestamp::from_second(row.get(5)?),
                    texts: usize::try_from(row.get::<_, i64>(6)?).unwrap_or_default(),
                })
            })?;
            let mut articles: Vec<Listed> = listed.collect::<rusqlite::Result<_>>()?;
            articles.sort_by(|one, other| one.folder.cmp(&other.folder));
            let mut query = index.database.prepare("SELECT folder FROM unreadable ORDER BY folder")?;
            Ok((articles, query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?))
        };
        let (articles, unreadable) = read().map_err(|error| index.fail(&error))?;
        let unreadable = unreadable.into_iter().filter_map(|folder| read_entry(root, folder).err()).collect();
        Ok(Listing { articles, unreadable })
    })
}

fn find(index: &SearchIndex, query: &Query) -> Result<Found, ArchiveError> {
    let (text, title) = (words::terms(&query.text), words::terms(&query.title));
    let newest = Statement::new(query, &text, &title, Texts::Newest);
    let (mut found, mut total) = match newest.matched.is_empty() {
        true => latest(index, &newest, query.limit)?,
        false => best(index, &newest, query.limit)?,
    };
    if query.texts == Texts::All && !newest.matched.is_empty() {
        let earlier = Statement::new(query, &text, &title, Texts::All);
        let more = rows(index, &earlier.rows(0), &earlier.values, |row| {
            let text = EarlierText { file: row.get(7)?, captured: Timestamp::from_second(row.get(8)?) };
            let (id, found) = hit(row)?;
            Ok((id, Hit { earlier: Some(text), ..found }))
        })?;
        // Of several earlier texts the newest is shown.
        let mut seen = std::collections::BTreeSet::new();
        let more: Vec<_> = more.into_iter().filter(|(id, _)| seen.insert(*id)).collect();
        total += more.len();
        found.extend(more);
        found.truncate(if query.limit == 0 { usize::MAX } else { query.limit });
    }
    let terms: Vec<Term> = text.into_iter().chain(title).collect();
    let hits = found.into_iter().map(|(id, hit)| complete(index, id, hit, &terms)).collect::<Result<_, _>>()?;
    Ok(Found { hits, total })
}

/// Returns the articles that were published last, and the number of all.
fn latest(index: &SearchIndex, all: &Statement, limit: usize) -> Result<(Vec<(i64, Hit)>, usize), ArchiveError> {
    let found = rows(index, &all.rows(limit), &all.values, hit)?;
    let total = match limit > 0 && found.len() == limit {
        true => count(index, &all.count(), &all.values)?,
        false => found.len(),
    };
    Ok((found, total))
}

/// Returns the articles that match best, and the number of all that match. Of articles that match equally well, the one that
/// was published last comes first.
fn best(index: &SearchIndex, all: &Statement, limit: usize) -> Result<(Vec<(i64, Hit)>, usize), ArchiveError> {
    let mut ranks = rows(index, &all.ranks(), &all.values, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, f64>(1)?)))?;
    let total = ranks.len();
    if limit > 0 && total > limit {
        // Only the rows of these are read.
        let (_, worst, _) = ranks.select_nth_unstable_by(limit - 1, |one, other| one.1.total_cmp(&other.1));
        let worst = worst.1;
        ranks.retain(|(_, rank)| *rank <= worst);
    }
    let sql = format!("SELECT {COLUMNS}, day FROM articles WHERE id = ?");
    let mut found = Vec::with_capacity(ranks.len());
    let read = |(id, rank): &(i64, f64)| -> rusqlite::Result<_> {
        let mut query = index.database.prepare_cached(&sql)?;
        query.query_row([id], |row| Ok((*rank, row.get::<_, String>(7)?, hit(row)?)))
    };
    for rank in &ranks {
        found.push(read(rank).map_err(|error| index.fail(&error))?);
    }
    found.sort_by(|(one, one_day, (_, one_hit)), (other, other_day, (_, other_hit))| {
        let by_day = || other_day.cmp(one_day).then_with(|| one_hit.folder.cmp(&other_hit.folder));
        one.total_cmp(other).then_with(by_day)
    });
    found.truncate(if limit == 0 { usize::MAX } else { limit });
    Ok((found.into_iter().map(|(_, _, hit)| hit).collect(), total))
}

fn rows<T>(
    index: &SearchIndex,
    sql: &str,
    values: &[Value],
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, ArchiveError> {
    let all = || -> rusqlite::Result<Vec<T>> {
        let mut statement = index.database.prepare(sql)?;
        statement.query_map(params_from_iter(values), |row| read(row))?.collect()
    };
    all().map_err(|error| index.fail(&error))
}

fn count(index: &SearchIndex, sql: &str, values: &[Value]) -> Result<usize, ArchiveError> {
    let counts = rows(index, sql, values, |row| row.get::<_, i64>(0))?;
    Ok(counts.first().and_then(|count| usize::try_from(*count).ok()).unwrap_or_default())
}

/// Reads the row of a hit, whose tags and excerpt are added later.
fn hit(row: &Row<'_>) -> rusqlite::Result<(i64, Hit)> {
    let hit = Hit {
        folder: row.get(1)?,
        title: Marked { text: row.get(2)?, matches: Vec::new() },
        url: row.get(3)?,
        site: row.get(4)?,
        published: row.get(5)?,
        captured: Timestamp::from_second(row.get(6)?),
        earlier: None,
        tags: Vec::new(),
        snippet: Marked::default(),
    };
    Ok((row.get(0)?, hit))
}

fn complete(index: &SearchIndex, id: i64, hit: Hit, terms: &[Term]) -> Result<Hit, ArchiveError> {
    let tags = || -> rusqlite::Result<Vec<String>> {
        let mut query = index.database.prepare_cached("SELECT tag FROM tags WHERE id = ? ORDER BY tag")?;
        query.query_map([id], |row| row.get(0))?.collect()
    };
    let tags = tags().map_err(|error| index.fail(&error))?;
    let text = match &hit.earlier {
        Some(earlier) => texts::one(&index.root, &hit.folder, &earlier.file)?,
        None => texts::newest(&index.root, &hit.folder)?,
    };
    let snippet = text.map(|text| snippet::snippet(&text.body, terms)).unwrap_or_default();
    Ok(Hit { tags, snippet, title: Marked::of(hit.title.text, terms), ..hit })
}

/// A query as SQL.
struct Statement {
    from: &'static str,
    columns: String,
    /// The FTS5 query; empty if the query has no words.
    matched: String,
    filter: String,
    order: &'static str,
    values: Vec<Value>,
}

impl Statement {
    /// Returns the query over the newest texts, or over the earlier texts of articles whose newest text does not match.
    fn new(query: &Query, text: &[Term], title: &[Term], texts: Texts) -> Self {
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        let title = words::query(title);
        let title = (!title.is_empty()).then(|| format!("{{title}} : ({title})"));
        let parts = Some(words::query(text)).filter(|text| !text.is_empty()).into_iter().chain(title);
        let matched = parts.map(|part| format!("({part})")).collect::<Vec<_>>().join(" AND ");
        let (from, order) = match (matched.is_empty(), texts) {
            (true, _) => ("articles", "day DESC, folder"),
            (false, Texts::Newest) => {
                conditions.push("texts MATCH ?");
                values.push(Value::from(matched.clone()));
                ("texts JOIN articles ON articles.id = texts.rowid", "day DESC, folder")
            }
            (false, Texts::All) => {
                conditions.push("earlier_texts MATCH ?");
                conditions.push("article NOT IN (SELECT rowid FROM texts WHERE texts MATCH ?)");
                values.extend([Value::from(matched.clone()), Value::from(matched.clone())]);
                let from = "earlier_texts JOIN earlier ON earlier.id = earlier_texts.rowid
                    JOIN articles ON articles.id = earlier.article";
                (from, "earlier.captured DESC, folder, file")
            }
        };
        filters(query, &mut conditions, &mut values);
        let from = if conditions == ["texts MATCH ?"] { "texts" } else { from };
        let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
        let more = if texts == Texts::All { ", earlier.file, earlier.captured" } else { "" };
        Self { from, columns: format!("{COLUMNS}{more}"), matched, filter, order, values }
    }

    fn rows(&self, limit: usize) -> String {
        let Self { from, columns, filter, order, .. } = self;
        let limit = if limit == 0 { String::new() } else { format!(" LIMIT {limit}") };
        format!("SELECT {columns} FROM {from}{filter} ORDER BY {order}{limit}")
    }

    /// Returns the query for the number of each row that matches, and how well it does: less is better.
    fn ranks(&self) -> String {
        let Self { from, filter, .. } = self;
        format!("SELECT texts.rowid, bm25(texts, {TITLE_WEIGHT:?}, 1.0) FROM {from}{filter}")
    }

    fn count(&self) -> String {
        format!("SELECT count(*) FROM {}{}", self.from, self.filter)
    }
}

/// Adds the conditions that are not about words.
fn filters(query: &Query, conditions: &mut Vec<&'static str>, values: &mut Vec<Value>) {
    if let Some(site) = &query.site {
        let site = site.to_lowercase();
        conditions.push("(host = ? OR host LIKE ? ESCAPE '\\' OR lower(site) LIKE ? ESCAPE '\\')");
        let plain = site.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        values.extend([site.into(), format!("%.{plain}").into(), format!("%{plain}%").into()]);
    }
    if let Some(tag) = &query.tag {
        conditions.push("EXISTS (SELECT 1 FROM tags WHERE tags.id = articles.id AND tag = ?)");
        values.push(tag.trim().to_lowercase().into());
    }
    for (day, condition) in [(&query.since, "day >= ?"), (&query.until, "day <= ?")] {
        if let Some(day) = day {
            conditions.push(condition);
            values.push(day.clone().into());
        }
    }
}
