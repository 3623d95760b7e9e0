//! RSS (0.9 to 2.0), Atom and CDF. <https://www.rssboard.org/rss-specification>, <https://www.rfc-editor.org/rfc/rfc4287>

use std::ops::ControlFlow;

use url::Url;

use super::atom_text;
use super::feed_entry::{Channel, FeedEntry, date};
use super::xml::{Inside, Visitor};
use crate::html::text::collapse;
use crate::model::{PageDate, Publication};

/// Receives each entry with the metadata of the feed and its number, from 1.
type Take<'a> = &'a mut dyn FnMut(FeedEntry, &Channel, usize) -> ControlFlow<()>;

/// Assembles entries from the elements of a feed.
pub(super) struct EntryReader<'a> {
    take: Take<'a>,
    channel: Channel,
    entry: FeedEntry,
    /// Whether the link of the entry is the publisher's, and not that of a service that counts readers.
    is_original: bool,
    /// The number of entries read.
    pub(super) count: usize,
    /// The namespace prefix of the feed's own elements, such as `atom:`; usually empty.
    prefix: String,
}

impl<'a> EntryReader<'a> {
    pub(super) fn new(take: Take<'a>) -> Self {
        let (channel, entry) = (Channel::default(), FeedEntry::default());
        Self { take, channel, entry, is_original: false, count: 0, prefix: String::new() }
    }

    /// Returns the metadata of the feed, as far as it was read.
    pub(super) fn into_channel(self) -> Channel {
        self.channel
    }

    /// Takes in a link of the feed itself.
    fn feed_link(&mut self, attributes: &[(String, String)]) {
        let attribute = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        let Some(href) = attribute("href").filter(|href| !href.is_empty()) else { return };
        let channel = &mut self.channel;
        match attribute("rel").unwrap_or("alternate") {
            "self" => href.clone_into(&mut channel.own),
            "next" => href.clone_into(&mut channel.next),
            "prev-archive" if channel.next.is_empty() => href.clone_into(&mut channel.next),
            "alternate" if channel.link.is_empty() => href.clone_into(&mut channel.link),
            _ => {}
        }
    }

    /// Returns a name without the feed's own prefix.
    fn own<'n>(&self, name: &'n str) -> &'n str {
        name.strip_prefix(self.prefix.as_str()).unwrap_or(name)
    }

    /// Returns the date that a text states. One that cannot be parsed is noted.
    fn dated(&mut self, text: &str) -> Option<PageDate> {
        let date = date(text);
        self.entry.has_unknown_date |= date.is_none() && text.chars().any(char::is_numeric);
        date
    }

    /// Takes in a child element of an entry.
    fn child(&mut self, name: &str, attributes: &[(String, String)], text: &str) {
        let entry = &mut self.entry;
        let attribute = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let first = |field: &mut String, text: &str| {
            if field.is_empty() {
                text.trim().clone_into(field);
            }
        };
        match name {
            "title" if !text.trim().is_empty() => text.trim().clone_into(&mut entry.title),
            "dc:title" | "itunes:title" | "media:title" => first(&mut entry.title, text),
            "link" | "atom:link" if self.is_original => {}
            "link" | "atom:link" => match attribute("href") {
                Some(href) if matches!(attribute("rel"), None | Some("alternate")) => first(&mut entry.link, href),
                Some(_) => {}
                None => first(&mut entry.link, text),
            },
            // What a service that counts readers replaced by a URL of its own.
            name if name.ends_with(":origlink") && !text.trim().is_empty() => {
                text.trim().clone_into(&mut entry.link);
                self.is_original = true;
            }
            "guid" => {
                if entry.link.is_empty() && attribute("ispermalink") != Some("false") && text.trim().starts_with("http")
                {
                    first(&mut entry.link, text);
                }
                first(&mut entry.id, text);
            }
            "id" => first(&mut entry.id, text),
            "pubdate" | "published" => self.entry.published = self.dated(text).or(self.entry.published),
            "dc:date" | "issued" | "created" | "dcterms:issued" | "dcterms:created" | "dcterms:date" => {
                let date = self.dated(text);
                self.entry.published = self.entry.published.or(date);
            }
            "updated" | "modified" | "dcterms:modified" => {
                self.entry.modified = self.dated(text).or(self.entry.modified)
            }
            "content:encoded" | "content" | "xhtml:body" | "body" | "fullitem" if attribute("src").is_none() => {
                text.clone_into(&mut entry.content);
            }
            // Of a description and a summary, the longer one is the text.
            "description" | "summary" if entry.content.is_empty() && !entry.summary.trim().is_empty() => {
                let other = std::mem::replace(&mut entry.summary, text.to_owned());
                entry.content.clone_from(if other.len() > text.len() { &other } else { &entry.summary });
                if other.len() <= text.len() {
                    entry.summary = other;
                }
            }
            "description" | "summary" => text.clone_into(&mut entry.summary),
            "dc:description" | "itunes:summary" | "media:description" | "abstract" => first(&mut entry.summary, text),
            "dc:creator" | "dc:author" | "author" | "itunes:author" if !text.trim().is_empty() => {
                let name = collapse(&mail_name(text));
                if !name.is_empty() && !entry.authors.contains(&name) {
                    entry.authors.push(name);
                }
            }
            "category" if attribute("scheme").is_some_and(|scheme| scheme.ends_with("#kind")) => {
                let kind = attribute("term").and_then(|term| term.rsplit('#').next()).unwrap_or_default();
                entry.other_kind = blogger_kind(kind);
            }
            // The newer form of Blogger's exports.
            "blogger:type" => entry.other_kind = blogger_kind(text),
            "blogger:status" if text.trim().eq_ignore_ascii_case("draft") => entry.publication = Publication::Draft,
            "blogger:status" if text.to_ascii_lowercase().contains("trash") => {
                "trash".clone_into(&mut entry.other_kind)
            }
            "category" | "dc:subject" => {
                let name = collapse(attribute("label").or(attribute("term")).unwrap_or(text));
                if !name.is_empty() && !entry.categories.contains(&name) {
                    entry.categories.push(name);
                }
            }
            _ => {}
        }
    }
}

/// Returns a base, which may be relative to another one.
fn joined(outer: &str, base: &str) -> String {
    let absolute = Url::parse(outer.trim()).ok().and_then(|outer| outer.join(base.trim()).ok());
    absolute.map_or_else(|| base.trim().to_owned(), String::from)
}

/// Returns what an entry of a Blogger export is, other than an article; empty for a post or a page.
fn blogger_kind(kind: &str) -> String {
    let kind = kind.trim().to_ascii_lowercase();
    if matches!(kind.as_str(), "post" | "page") { String::new() } else { kind }
}

/// Returns the name in an author field of RSS, which is an email address with the name in parentheses or before it; empty
/// for an address alone.
fn mail_name(text: &str) -> String {
    let inside =
        text.split_once('(').and_then(|(mail, rest)| rest.trim_end().strip_suffix(')').filter(|_| mail.contains('@')));
    let name = inside.or_else(|| text.split_once('<').filter(|(_, mail)| mail.contains('@')).map(|(name, _)| name));
    let name = name.unwrap_or(text);
    name.split_whitespace().filter(|word| !word.contains('@')).collect::<Vec<_>>().join(" ")
}

impl Visitor for EntryReader<'_> {
    fn open(&mut self, path: &[String], attributes: &[(String, String)]) {
        let base = attributes.iter().find(|(key, _)| key == "xml:base").map(|(_, value)| value.clone());
        // The prefix of the feed's own elements is that of the elements that only feeds have.
        if self.prefix.is_empty()
            && let Some((prefix, name)) = path.last().and_then(|name| name.rsplit_once(':'))
            && matches!((path.len(), name), (1, "feed") | (2, "channel" | "item" | "entry") | (3, "item"))
        {
            self.prefix = format!("{prefix}:");
        }
        if path.last().is_some_and(|name| matches!(self.own(name), "item" | "entry")) {
            let base = base.map_or_else(|| self.channel.base.clone(), |base| joined(&self.channel.base, &base));
            let attribute = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
            let own = |name: &str| attribute(name).unwrap_or_default().to_owned();
            // The second and third are those of CDF, the first format of feeds.
            let (id, link, modified) = (own("rdf:about"), own("href"), attribute("lastmod").and_then(date));
            self.entry = FeedEntry { base, id, link, modified, ..FeedEntry::default() };
            self.is_original = false;
        } else if let Some(base) = base {
            match path.len() {
                1 | 2 => self.channel.base = joined(&self.channel.base, &base),
                // That of an element inside an entry counts for the element's own references.
                _ if matches!(
                    path.last().map(|name| self.own(name)),
                    Some("content" | "summary" | "description" | "link")
                ) =>
                {
                    self.entry.base = joined(&self.entry.base, &base);
                }
                _ => {}
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
            (control, "app:draft") if control.ends_with(":control") && text.trim().eq_ignore_ascii_case("yes") => {
                self.entry.publication = Publication::Draft;
            }
            ("entry", name @ ("title" | "summary" | "content")) if !attributes.iter().any(|(key, _)| key == "src") => {
                match atom_text::html(name, attributes, text) {
                    Ok(html) => self.child(name, attributes, &html),
                    Err(loss) => self.entry.losses.push(loss),
                }
            }
            ("item" | "entry", name) => self.child(name, attributes, text),
            ("author", "name") if path.len() > 3 => self.child("author", attributes, text),
            ("author", "name") => self.channel.author = collapse(text),
            ("channel" | "feed", "title") => self.channel.title = collapse(text),
            ("channel", "language" | "dc:language") => self.channel.language = collapse(text),
            ("channel", "link") if !text.trim().is_empty() => text.trim().clone_into(&mut self.channel.link),
            ("channel" | "feed", name) if name.rsplit(':').next() == Some("link") => self.feed_link(attributes),
            ("channel" | "feed", "itunes:new-feed-url") => text.trim().clone_into(&mut self.channel.moved),
            _ => {}
        }
        false
    }

    fn inside(&self, path: &[String], attributes: &[(String, String)]) -> Inside {
        let [.., parent, name] = path else { return Inside::Elements };
        let (parent, name) = (self.own(parent), self.own(name));
        let is_xhtml = attributes.iter().any(|(key, value)| key == "type" && value == "xhtml");
        match name {
            "xhtml:body" | "body" => Inside::Markup,
            "content" | "summary" | "title" if is_xhtml => Inside::Markup,
            _ if !matches!(parent, "item" | "entry") => Inside::Elements,
            "content" | "summary" | "title" | "description" | "content:encoded" => Inside::MarkupIfAny,
            _ => Inside::Elements,
        }
    }
}
