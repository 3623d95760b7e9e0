//! RSS, Atom and JSON Feed, broken ones too.

use feed_rs::model::{Entry, Feed, Person};
use feed_rs::parser;
use url::Url;

use crate::capture::Offer;
use crate::model::Timestamp;

use super::{Contents, Form, Item, address, sensible, xml};

/// A feed larger than this is read item by item, in bytes.
const LARGE: usize = 8 << 20;

/// No feed has more items.
const MOST: usize = 20_000;

/// A text that is larger is no article's, in bytes.
const OFFER_CAP: usize = 2 << 20;

/// Reads a feed. What cannot be read of it is told in one warning.
pub fn read(text: &str, url: Option<&Url>, now: Timestamp) -> Contents {
    let mut contents = Contents::new(Form::Feed);
    let whole = if text.len() <= LARGE { parsed(text, url) } else { None };
    let is_whole = whole.is_some();
    let feed = match whole {
        Some(feed) => Salvaged { title: feed.title.map(|title| title.content), entries: feed.entries },
        None => {
            let (feed, lost) = salvaged(text, url);
            contents.warning = Some(match (feed.entries.len(), lost) {
                (0, _) => "the feed is broken, and nothing in it can be read".to_owned(),
                (read, 0) => format!("the feed is broken; {read} items in it could be read"),
                (read, lost) => format!("the feed is broken; {read} items in it could be read and {lost} could not"),
            });
            feed
        }
    };
    if is_whole && feed.entries.is_empty() {
        contents.warning = Some("the feed has no items".to_owned());
    }
    let reading = Reading { url, site: feed.title, now };
    let mut lost = 0;
    for entry in feed.entries.into_iter().take(MOST) {
        match reading.item(entry) {
            Some(item) => contents.page(item),
            None => lost += 1,
        }
    }
    if lost > 0 && contents.warning.is_none() {
        contents.warning = Some(format!("{lost} items of the feed name no web address"));
    }
    contents
}

/// The feed as it stands, or with what parsers refuse mended.
fn parsed(text: &str, url: Option<&Url>) -> Option<Feed> {
    let text = without_encoding(text);
    parse(&text, url).or_else(|| parse(&xml::mended(&text), url))
}

fn parse(text: &str, url: Option<&Url>) -> Option<Feed> {
    parser::Builder::new().base_uri(url.map(Url::as_str)).build().parse(text.as_bytes()).ok()
}

/// The text is decoded already: what its prolog says of its charset holds no longer.
fn without_encoding(text: &str) -> String {
    match text.starts_with("<?xml").then(|| text.find("?>")).flatten() {
        Some(end) => format!("<?xml version=\"1.0\"?>{}", &text[end + 2..]),
        None => text.to_owned(),
    }
}

/// The items that can be read one by one, and how many cannot.
fn salvaged(text: &str, url: Option<&Url>) -> (Salvaged, usize) {
    let declared: String =
        xml::namespaces(text).iter().map(|(prefix, uri)| format!(" xmlns:{prefix}=\"{uri}\"")).collect();
    let atom = xml::root_name(text).is_some_and(|root| root.eq_ignore_ascii_case("feed"));
    let (name, before, after) = match atom {
        true => ("entry", format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"{declared}><id>x</id>"), "</feed>"),
        false => ("item", format!("<rss version=\"2.0\"{declared}><channel><title/>"), "</channel></rss>"),
    };
    let head = text.split(&format!("<{name}")).next().unwrap_or_default();
    let title = xml::elements(head, "title").first().map(|title| (*title).to_owned()).unwrap_or_default();
    let mut lost = 0;
    let whole = parse(&xml::mended(&format!("{}{title}{after}", before.replace("<title/>", ""))), url);
    let mut entries = Vec::new();
    for element in xml::elements(text, name).into_iter().take(MOST) {
        let alone = format!("{before}{}{after}", xml::mended(element));
        match parse(&alone, url).map(|feed| feed.entries).filter(|entries| !entries.is_empty()) {
            Some(found) => entries.extend(found),
            None => lost += 1,
        }
    }
    let opened = text.matches(&format!("<{name}>")).count() + text.matches(&format!("<{name} ")).count();
    lost += opened.saturating_sub(entries.len() + lost);
    let title = whole.and_then(|feed| feed.title).map(|title| title.content);
    (Salvaged { title, entries }, lost)
}

fn names(people: Vec<Person>) -> Vec<String> {
    let names = people.into_iter().filter_map(|person| person.name);
    names.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// What could be read of a broken feed.
struct Salvaged {
    title: Option<String>,
    entries: Vec<Entry>,
}

struct Reading<'a> {
    url: Option<&'a Url>,
    site: Option<String>,
    now: Timestamp,
}

impl Reading<'_> {
    /// None for an item that names no web address.
    fn item(&self, entry: Entry) -> Option<Item> {
        let url = self.address(&entry)?;
        let instant = entry.published.or(entry.updated).and_then(|date| Timestamp::from_second(date.timestamp()));
        let dated = sensible(instant, self.now);
        let offer = self.offer(entry, dated);
        Some(Item { url, dated, offer })
    }

    /// The link to the page: not to a sound, not to the feed itself. An identifier that is an address is one.
    fn address(&self, entry: &Entry) -> Option<Url> {
        let to_page = |rel: &Option<String>| matches!(rel.as_deref(), None | Some("" | "alternate"));
        let links = entry.links.iter().filter(|link| to_page(&link.rel)).map(|link| link.href.as_str());
        let id = Some(entry.id.as_str()).filter(|id| id.starts_with("http://") || id.starts_with("https://"));
        links.chain(id).find_map(|written| address(written, self.url))
    }

    fn offer(&self, entry: Entry, published: Option<Timestamp>) -> Option<Offer> {
        let body = entry.content.and_then(|content| content.body);
        let summary = entry.summary.map(|summary| summary.content);
        // Many feeds put the whole text where a summary belongs.
        let html = match (body, summary) {
            (Some(body), Some(summary)) if summary.len() > body.len() * 2 => summary,
            (Some(body), _) => body,
            (None, summary) => summary?,
        };
        (!html.trim().is_empty() && html.len() <= OFFER_CAP).then(|| Offer {
            feed: self.url.map(|url| super::super::shown(url)).unwrap_or_default(),
            html,
            title: entry.title.map(|title| title.content.trim().to_owned()).filter(|title| !title.is_empty()),
            authors: names(entry.authors),
            published,
            site: self.site.clone().map(|site| site.trim().to_owned()).filter(|site| !site.is_empty()),
        })
    }
}
