//! RSS (0.9 to 2.0) and Atom files with the articles in them. <https://www.rssboard.org/rss-specification>,
//! <https://www.rfc-editor.org/rfc/rfc4287>

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::Offset;
use url::Url;

use super::xml::{self, Visitor};
use super::{ImportError, Input, Item, Nothing, Report, Sink, Told, What};
use crate::html::text::{collapse, weight};
use crate::model::{Loss, LossKind, Metadata, Origin, PageDate, RawPage, Sourced, slug};

/// A body that weighs less, beside a longer one on the web, is a summary.
const SUMMARY: usize = 600;

/// One entry of a feed, as it stands there; what is not said is empty.
#[derive(Debug, Default)]
pub struct Entry {
    /// Its title, perhaps with tags in it.
    pub title: String,
    /// The URL of its page as it is written.
    pub link: String,
    /// What identifies it; often a URL.
    pub id: String,
    /// When it was published.
    pub published: Option<PageDate>,
    /// When it was changed.
    pub modified: Option<PageDate>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Categories and tags.
    pub categories: Vec<String>,
    /// Its text, HTML.
    pub content: String,
    /// What it is about, or all of it, HTML.
    pub summary: String,
    /// What its URLs begin from, as `xml:base` says.
    pub base: String,
}

/// What the feed says of itself; what is not said is empty.
#[derive(Debug, Default)]
pub struct Channel {
    /// Its title.
    pub title: String,
    /// Its language.
    pub language: String,
    /// The site that it belongs to.
    pub link: String,
    /// Who writes it.
    pub author: String,
    /// What its URLs begin from, as `xml:base` says.
    pub base: String,
}

/// Takes the entries of a feed in any of its forms, decoded to text.
///
/// # Errors
/// Why it cannot be read further; what came before was taken.
pub fn entries(text: &str, take: &mut dyn FnMut(Entry, &Channel) -> ControlFlow<()>) -> Result<(), String> {
    if super::json_feed::begins_as_json_feed(text) {
        let (channel, entries) = super::json_feed::entries(text).map_err(|error| error.to_string())?;
        let _ = entries.into_iter().try_for_each(|entry| take(entry, &channel));
        return Ok(());
    }
    // What the prolog says of the charset holds no longer.
    let prolog = text.starts_with("<?xml").then(|| text.find("?>")).flatten();
    let text = prolog.map_or(text, |end| &text[end + 2..]);
    xml::visit(text.as_bytes(), &mut Entries::new(&mut |entry, channel, _| take(entry, channel)))
}

/// Reads a feed. `Err` only where it cannot be opened; what breaks it off is in the report.
pub fn read(input: &Input, sink: Sink<'_>) -> Result<Report, ImportError> {
    let start = input.start()?;
    if super::json_feed::begins_as_json_feed(
        String::from_utf8_lossy(&start).trim_start_matches('\u{feff}').trim_start(),
    ) {
        return super::json_feed::read(input, sink);
    }
    let mut report = Report::default();
    let mut take = |entry: Entry, channel: &Channel, nth| match item(entry, channel, nth, input.name()) {
        Some(item) => sink(item),
        None => {
            report.leave_out("entry without content");
            ControlFlow::Continue(())
        }
    };
    let mut entries = Entries::new(&mut take);
    let ended = xml::visit(input.stream()?, &mut entries);
    let count = entries.count;
    report.cut = ended.err().map(|cause| format!("after {count} entries: {cause}"));
    Ok(report)
}

/// The article of an entry; None when it has no content.
pub(super) fn item(entry: Entry, channel: &Channel, nth: usize, source: &str) -> Option<Item> {
    let told =
        |value: &str| Some(collapse(value)).filter(|value| !value.is_empty()).map(|value| Sourced::new(value, "feed"));
    let (body, summary) = match entry.content.trim().is_empty() {
        true => (&entry.summary, ""),
        false => (&entry.content, entry.summary.as_str()),
    };
    if body.trim().is_empty() {
        return None;
    }
    let mut losses = Vec::new();
    if entry.content.trim().is_empty() && weight(body) < SUMMARY {
        losses.push(Loss::new(LossKind::SummaryOnly, "the feed holds no more of it"));
    }
    let base = Url::parse(entry.base.trim()).or_else(|_| Url::parse(channel.link.trim())).ok();
    let link = Url::parse(entry.link.trim()).ok().or_else(|| base.as_ref()?.join(entry.link.trim()).ok());
    let link = link.filter(|url| matches!(url.scheme(), "http" | "https"));
    let authors =
        if entry.authors.is_empty() { told(&channel.author).map(|name| vec![name.value]) } else { Some(entry.authors) };
    let summary = crate::html::fragment(summary).root().text().collect::<Vec<_>>().join(" ");
    let metadata = Metadata {
        title: told(&plain_title(&entry.title)),
        authors: authors.map(|names| Sourced::new(names, "feed")),
        published: entry.published.or(entry.modified).map(|date| Sourced::new(date, "feed")),
        modified: entry.modified.filter(|_| entry.published.is_some()).map(|date| Sourced::new(date, "feed")),
        site: told(&channel.title),
        language: told(&channel.language),
        description: told(&summary),
        tags: (!entry.categories.is_empty()).then(|| Sourced::new(entry.categories, "feed")),
        ..Metadata::default()
    };
    let key = [entry.id.as_str(), entry.link.as_str()].into_iter().find(|key| !key.trim().is_empty());
    let key = key.map_or_else(|| format!("{nth}"), str::to_owned);
    let title = metadata.title.as_ref().map_or("", |title| title.value.as_str());
    let name = PathBuf::from(slug(title, &key));
    let page = RawPage::from_bytes(paragraphs(body).into_bytes(), link, Origin::Import(source.to_owned()), None);
    let told = Box::new(Told { metadata, categories: Vec::new() });
    Some(Item { name, what: What::Body(page, told), around: Arc::new(Nothing), losses })
}

/// A title without the tags that some feeds put into it.
fn plain_title(title: &str) -> String {
    if !title.contains(['<', '&']) {
        return title.to_owned();
    }
    crate::html::fragment(title).root().text().collect()
}

/// Text without any tag: its lines are its paragraphs.
fn paragraphs(body: &str) -> String {
    if body.contains('<') {
        return body.to_owned();
    }
    let lines = body.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("<p>{line}</p>\n")).collect()
}

/// A date as feeds write it: RFC 2822 (RSS) or RFC 3339 (Atom, Dublin Core), or a day. None for others, and for those of
/// 1970 and before, which stand for none.
pub(super) fn date(text: &str) -> Option<PageDate> {
    let text = text.trim();
    let mail = || {
        let zoned = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_zoned(text).ok()?;
        Some(PageDate::Time { local: zoned.datetime(), offset: zoned.offset(), assumed: false })
    };
    let internet = || {
        let pieces = jiff::fmt::temporal::DateTimeParser::new().parse_timestamp(text).ok()?;
        let offset = text.len().checked_sub(6).and_then(|at| text.get(at..)).and_then(offset).unwrap_or(Offset::UTC);
        Some(PageDate::Time { local: offset.to_datetime(pieces), offset, assumed: false })
    };
    let day = || text.get(..10)?.parse().ok().map(PageDate::Day);
    mail().or_else(internet).or_else(day).filter(|date| date.year() > 1970)
}

/// `+08:00`.
fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    match sign {
        "+" => Offset::from_seconds(seconds).ok(),
        "-" => Offset::from_seconds(-seconds).ok(),
        _ => None,
    }
}

type Take<'a> = &'a mut dyn FnMut(Entry, &Channel, usize) -> ControlFlow<()>;

/// Puts entries together out of the elements.
struct Entries<'a> {
    take: Take<'a>,
    channel: Channel,
    entry: Entry,
    count: usize,
    /// `atom:` of a feed whose own elements are written so.
    prefix: String,
}

impl<'a> Entries<'a> {
    fn new(take: Take<'a>) -> Self {
        Self { take, channel: Channel::default(), entry: Entry::default(), count: 0, prefix: String::new() }
    }

    fn own<'n>(&self, name: &'n str) -> &'n str {
        name.strip_prefix(self.prefix.as_str()).unwrap_or(name)
    }

    fn part(&mut self, name: &str, attributes: &[(String, String)], text: &str) {
        let entry = &mut self.entry;
        let attribute = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let first = |field: &mut String, text: &str| {
            if field.is_empty() {
                text.trim().clone_into(field);
            }
        };
        match name {
            "title" => first(&mut entry.title, text),
            "link" => match attribute("href") {
                Some(href) if matches!(attribute("rel"), None | Some("alternate")) => first(&mut entry.link, href),
                Some(_) => {}
                None => first(&mut entry.link, text),
            },
            "guid" => {
                if entry.link.is_empty() && attribute("ispermalink") != Some("false") && text.trim().starts_with("http")
                {
                    first(&mut entry.link, text);
                }
                first(&mut entry.id, text);
            }
            "id" => first(&mut entry.id, text),
            "pubdate" | "dc:date" | "published" | "issued" => entry.published = entry.published.or_else(|| date(text)),
            "updated" | "modified" | "dcterms:modified" => entry.modified = date(text).or(entry.modified),
            "content:encoded" | "content" | "xhtml:body" if attribute("src").is_none() => {
                marked_up(text, attribute("type").filter(|_| name == "content")).clone_into(&mut entry.content);
            }
            "description" | "summary" => {
                marked_up(text, attribute("type").filter(|_| name == "summary")).clone_into(&mut entry.summary)
            }
            "dc:creator" | "author" | "itunes:author" if !text.trim().is_empty() => {
                let name = collapse(mail_name(text));
                if !entry.authors.contains(&name) {
                    entry.authors.push(name);
                }
            }
            "category" => {
                let name = collapse(attribute("label").or(attribute("term")).unwrap_or(text));
                if !name.is_empty() && !entry.categories.contains(&name) {
                    entry.categories.push(name);
                }
            }
            _ => {}
        }
    }
}

/// RSS has a mail address with the name in brackets.
fn mail_name(text: &str) -> &str {
    let inside =
        text.split_once('(').and_then(|(mail, rest)| rest.trim_end().strip_suffix(')').filter(|_| mail.contains('@')));
    inside.unwrap_or(text).trim()
}

/// A construct of Atom as HTML; None for a type says that it is HTML.
fn marked_up(text: &str, kind: Option<&str>) -> String {
    match kind {
        Some("text") => text.replace('&', "&amp;").replace('<', "&lt;"),
        _ => text.to_owned(),
    }
}

impl Visitor for Entries<'_> {
    fn open(&mut self, path: &[String], attributes: &[(String, String)]) {
        let base = attributes.iter().find(|(key, _)| key == "xml:base").map(|(_, value)| value.clone());
        if let [root] = path
            && let Some(prefix) = root.strip_suffix("feed").filter(|prefix| prefix.ends_with(':'))
        {
            prefix.clone_into(&mut self.prefix);
        }
        if path.last().is_some_and(|name| matches!(self.own(name), "item" | "entry")) {
            let base = base.unwrap_or_else(|| self.channel.base.clone());
            self.entry = Entry { base, ..Entry::default() };
        } else if let Some(base) = base {
            match path.len() {
                1 => self.channel.base = base,
                _ => self.entry.base = base,
            }
        }
    }

    fn close(&mut self, path: &[String], attributes: &[(String, String)], text: &str) -> bool {
        let [.., parent, name] = path else { return false };
        match (self.own(parent), self.own(name)) {
            (_, "item" | "entry") => {
                self.count += 1;
                return (self.take)(std::mem::take(&mut self.entry), &self.channel, self.count).is_break();
            }
            ("item" | "entry", name) => self.part(name, attributes, text),
            ("author", "name") if path.len() > 3 => self.part("author", attributes, text),
            ("author", "name") => self.channel.author = collapse(text),
            ("channel" | "feed", "title") => self.channel.title = collapse(text),
            ("channel", "language" | "dc:language") => self.channel.language = collapse(text),
            ("channel", "link") if !text.trim().is_empty() => text.trim().clone_into(&mut self.channel.link),
            ("feed", "link") if self.channel.link.is_empty() => {
                let href = attributes.iter().find(|(key, _)| key == "href").map(|(_, value)| value.clone());
                self.channel.link = href.unwrap_or_default();
            }
            _ => {}
        }
        false
    }

    fn holds_markup(&self, path: &[String], attributes: &[(String, String)]) -> bool {
        let is_xhtml = attributes.iter().any(|(key, value)| key == "type" && value == "xhtml");
        let name = self.own(path.last().map(String::as_str).unwrap_or_default());
        is_xhtml && matches!(name, "content" | "summary" | "title") || name == "xhtml:body"
    }
}
