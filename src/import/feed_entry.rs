//! The entries of feeds as articles, whatever the format of the feed.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::Offset;
use url::Url;

use super::item::{ArticleInfo, Item, ItemContent, ItemIdentity};
use super::resources::Resources;
use super::source_url::{is_web, permalink};
use crate::html::text::{collapse, weight};
use crate::model::{Loss, LossKind, Metadata, Origin, PageDate, Publication, RawPage, Sourced, slug};

/// The weight below which a text in a `summary` or `description` is an excerpt of a longer one on the web.
const SUMMARY: usize = 600;

/// One entry of a feed. What the feed does not state is empty.
#[derive(Debug, Default)]
pub struct FeedEntry {
    /// Its title, which may contain tags.
    pub title: String,
    /// The URL of its page, as written.
    pub link: String,
    /// Its identifier, often a URL.
    pub id: String,
    /// When it was published.
    pub published: Option<PageDate>,
    /// When it was modified.
    pub modified: Option<PageDate>,
    /// The names of its authors.
    pub authors: Vec<String>,
    /// Categories and tags.
    pub categories: Vec<String>,
    /// Its text, as HTML.
    pub content: String,
    /// Its summary or its whole text, as HTML.
    pub summary: String,
    /// The base of its relative URLs, from `xml:base`.
    pub base: String,
    /// What it is in an export of Blogger, other than a post or a page: `comment`, `template`; empty for an article.
    pub other_kind: String,
    /// Who can read it on its site.
    pub publication: Publication,
    /// What of it is not carried over.
    pub losses: Vec<Loss>,
    /// Whether it states a date that cannot be parsed.
    pub has_unknown_date: bool,
}

/// The metadata of a feed. What the feed does not state is empty.
#[derive(Debug, Default)]
pub struct Channel {
    /// Its title.
    pub title: String,
    /// Its language.
    pub language: String,
    /// The URL of its site.
    pub link: String,
    /// The name of its author.
    pub author: String,
    /// The base of its relative URLs, from `xml:base`.
    pub base: String,
    /// The URL that the feed states as its own.
    pub own: String,
    /// The URL of its next page, or of an earlier archive of it.
    pub next: String,
    /// The URL to which it says that it moved.
    pub moved: String,
}

/// Returns the link of an entry, absolute; None without one.
pub(super) fn link_of(entry: &FeedEntry, channel: &Channel) -> Option<Url> {
    let written = [&entry.base, &channel.link, &channel.own];
    let base = written.into_iter().find_map(|base| Url::parse(base.trim()).ok());
    let link = Url::parse(entry.link.trim()).ok().or_else(|| base.as_ref()?.join(entry.link.trim()).ok());
    link.filter(|link| is_web(link) && !entry.link.trim().is_empty())
}

/// Returns the name of an entry; `nth`, its number, names one without id and link.
pub(super) fn name(entry: &FeedEntry, nth: usize) -> PathBuf {
    let key = [entry.id.as_str(), entry.link.as_str()].into_iter().find(|key| !key.trim().is_empty());
    let key = key.map_or_else(|| format!("{nth}"), str::to_owned);
    let name = slug(&collapse(&plain_title(&entry.title)), &key);
    entry.publication.folder().map_or_else(PathBuf::new, PathBuf::from).join(name)
}

/// Returns the article of an entry; None when the entry has no content.
pub(super) fn item(
    entry: FeedEntry,
    channel: &Channel,
    identity: Option<ItemIdentity>,
    links: Arc<dyn Resources>,
    (name, source): (PathBuf, &str),
) -> Option<Item> {
    let sourced =
        |value: &str| Some(collapse(value)).filter(|value| !value.is_empty()).map(|value| Sourced::new(value, "feed"));
    let (body, summary) = match entry.content.trim().is_empty() {
        true => (&entry.summary, ""),
        false => (&entry.content, entry.summary.as_str()),
    };
    if body.trim().is_empty() {
        return None;
    }
    let mut losses = entry.losses.clone();
    if entry.content.trim().is_empty() && weight(body) < SUMMARY {
        losses.push(Loss::new(LossKind::SummaryOnly, "the feed holds no more of it"));
    }
    let link = link_of(&entry, channel);
    let authors = if entry.authors.is_empty() {
        sourced(&channel.author).map(|name| vec![name.value])
    } else {
        Some(entry.authors)
    };
    let summary = crate::html::fragment(summary).root().text().collect::<Vec<_>>().join(" ");
    let metadata = Metadata {
        title: sourced(&plain_title(&entry.title)),
        authors: authors.map(|names| Sourced::new(names, "feed")),
        published: entry.published.or(entry.modified).map(|date| Sourced::new(date, "feed")),
        modified: entry.modified.filter(|_| entry.published.is_some()).map(|date| Sourced::new(date, "feed")),
        site: sourced(&channel.title),
        language: sourced(&channel.language),
        description: sourced(&summary),
        tags: (!entry.categories.is_empty()).then(|| Sourced::new(entry.categories, "feed")),
        publication: entry.publication,
        permalink: link.as_ref().and_then(|link| permalink(link, "feed")),
        ..Metadata::default()
    };
    let page = RawPage::from_bytes(paragraphs(body).into_bytes(), link, Origin::Import(source.to_owned()), None);
    let info = Box::new(ArticleInfo { metadata, identity, ..ArticleInfo::default() });
    Some(Item { name, content: ItemContent::Body(page, info), resources: links, losses })
}

/// Returns a title without the tags that some feeds put into it.
fn plain_title(title: &str) -> String {
    if !title.contains(['<', '&']) {
        return title.to_owned();
    }
    crate::html::fragment(title).root().text().collect()
}

/// Returns a body as HTML: if it has no tags, its lines become paragraphs.
fn paragraphs(body: &str) -> String {
    if body.contains('<') {
        return body.to_owned();
    }
    let lines = body.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("<p>{line}</p>\n")).collect()
}

/// Parses a date in RFC 2822 (RSS) or RFC 3339 (Atom, Dublin Core) form, or in any form that pages write. Without an offset
/// it is known which day it was, and no more. None without a date, and for years up to 1970, which stand for an unknown one.
pub(super) fn date(text: &str) -> Option<PageDate> {
    let text = text.trim();
    let mail = || {
        let zoned = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_zoned(text).ok()?;
        Some(PageDate::Time { local: zoned.datetime(), offset: zoned.offset(), assumed: false })
    };
    let internet = || {
        let pieces = jiff::fmt::temporal::DateTimeParser::new().parse_timestamp(text).ok()?;
        let end = |length: usize| text.len().checked_sub(length).and_then(|at| text.get(at..));
        let offset = end(6).and_then(offset).or_else(|| end(5).and_then(offset)).unwrap_or(Offset::UTC);
        Some(PageDate::Time { local: offset.to_datetime(pieces), offset, assumed: false })
    };
    let other = || crate::extract::metadata::written_date(text);
    mail().or_else(internet).or_else(other).filter(|date| date.year() > 1970)
}

/// Parses a time zone offset such as `+08:00` or `+0800`.
fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':').or_else(|| rest.split_at_checked(2).filter(|_| rest.len() == 4))?;
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    match sign {
        "+" => Offset::from_seconds(seconds).ok(),
        "-" => Offset::from_seconds(-seconds).ok(),
        _ => None,
    }
}
