//! RSS, Atom and JSON Feed, broken ones too.

use std::ops::ControlFlow;

use url::Url;

use crate::archive::FeedClaims;
use crate::capture::{FeedText, TextSource};
use crate::import::{Channel, Facts, FeedEntry, ItemIdentity, Standing, Standings, feed_entries};
use crate::model::{Timestamp, UrlKey, shown_url};

use super::{Contents, Form, Item, instant, sensible, url, url_with_fragment, xml};

/// The most items that are read from one feed.
const MOST: usize = 20_000;

/// The most items without a page of their own that are read from one feed.
const MOST_WITHOUT_PAGE: usize = 1000;

/// The largest text of an item, in bytes.
const OFFER_CAP: usize = 2 << 20;

/// Reads a feed. One warning says what could not be read. `feeds` are the feed's URLs, the one that answered first.
pub fn read(text: &str, feeds: &[Url], now: Timestamp) -> Contents {
    let mut contents = Contents::new(Form::Feed);
    let (feeds, channel) = (feeds.to_vec(), Channel::default());
    let mut reading = FeedReader { feeds, now, channel, entries: Vec::new(), beyond: 0 };
    let (channel, read) = feed_entries(text, &mut |entry, channel| reading.take(entry, channel));
    reading.channel = channel;
    let broken = read.is_err();
    let mut lost = 0;
    if broken {
        reading = FeedReader { entries: Vec::new(), beyond: 0, ..reading };
        lost = reading.one_by_one(text);
    }
    let read = reading.entries.len();
    contents.warn(match (broken, read, lost) {
        (true, 0, _) => Some("the feed is broken, and nothing in it can be read".to_owned()),
        (true, read, 0) => Some(format!("the feed is broken; {read} items in it could be read")),
        (true, read, lost) => {
            Some(format!("the feed is broken; {read} items in it could be read and {lost} could not"))
        }
        (false, 0, _) => Some("the feed has no items".to_owned()),
        _ => None,
    });
    contents.next = reading.link(&reading.channel.next);
    contents.moved = reading.moved();
    reading.feeds = reading.own_urls();
    let beyond = reading.beyond;
    let standings = reading.standings();
    let (items, nameless) = reading.items(&standings);
    warnings(&standings, nameless, beyond).into_iter().for_each(|warning| contents.warn(Some(warning)));
    items.into_iter().for_each(|item| contents.page(item));
    contents
}

struct FeedReader {
    feeds: Vec<Url>,
    now: Timestamp,
    channel: Channel,
    /// The entries with their links.
    entries: Vec<(FeedEntry, Option<Url>)>,
    /// The number of items beyond the limit.
    beyond: usize,
}

impl FeedReader {
    fn take(&mut self, entry: FeedEntry, channel: &Channel) -> ControlFlow<()> {
        if self.entries.len() < MOST {
            let link = self.entry_link(&entry, channel);
            self.entries.push((entry, link));
        } else {
            self.beyond += 1;
        }
        ControlFlow::Continue(())
    }

    /// Reads each item of a broken feed by itself, and returns how many could not be read.
    fn one_by_one(&mut self, text: &str) -> usize {
        let atom = xml::root_name(text).is_some_and(|root| root.eq_ignore_ascii_case("feed"));
        let (name, root) = if atom { ("entry", "feed") } else { ("item", "channel") };
        for element in xml::elements(text, name) {
            // Unreadable items are counted below.
            let item = format!("<{root}>{element}</{root}>");
            let _ = feed_entries(&item, &mut |entry, channel| self.take(entry, channel));
        }
        let opened = text.matches(&format!("<{name}>")).count() + text.matches(&format!("<{name} ")).count();
        opened.saturating_sub(self.entries.len() + self.beyond)
    }

    fn standings(&self) -> Standings {
        let facts: Vec<Facts> = self.entries.iter().map(|(entry, link)| Facts::of(entry, link.as_ref())).collect();
        let home = self.link(&self.channel.link);
        Standings::of(&facts, home.as_ref(), MOST_WITHOUT_PAGE)
    }

    /// Returns the items to visit, and the number of those that have no URL.
    fn items(self, standings: &Standings) -> (Vec<Item>, usize) {
        let Self { feeds, now, channel, entries, .. } = self;
        let (mut items, mut nameless) = (Vec::new(), 0);
        for (at, (entry, link)) in entries.into_iter().enumerate() {
            let Some(ItemIdentity { url, items: named, trust }) = standings.identity(at, &entry, link.as_ref(), &feeds)
            else {
                continue;
            };
            let text_source = if url.is_some() { TextSource::Feed } else { TextSource::Page };
            let Some(url) = url.or(link.map(without_fragment)) else {
                nameless += 1;
                continue;
            };
            let dated = sensible(entry.published.or(entry.modified).and_then(instant), now);
            let offer = offer(entry, &channel, dated, feeds.first());
            let claims = FeedClaims { items: named, trust };
            items.push(Item { dated, offer, claims, text_source, ..Item::page(url) });
        }
        (items, nameless)
    }

    /// Returns the feed's URLs; for a feed in a file the one that it states, or else that of its site.
    fn own_urls(&self) -> Vec<Url> {
        if !self.feeds.is_empty() {
            return self.feeds.clone();
        }
        let stated = [&self.channel.own, &self.channel.link].into_iter().filter_map(|written| self.link(written));
        stated.take(1).collect()
    }

    /// Returns the link to the page, not to an enclosure or the feed itself; else the identifier, if it is a URL.
    fn entry_link(&self, entry: &FeedEntry, channel: &Channel) -> Option<Url> {
        let feed = self.feeds.first().cloned().or_else(|| Url::parse(channel.link.trim()).ok());
        let base = match (&feed, entry.base.trim()) {
            (_, "") => feed,
            (Some(feed), base) => feed.join(base).ok(),
            (None, base) => Url::parse(base).ok(),
        };
        let id = Some(entry.id.trim()).filter(|id| id.starts_with("http://") || id.starts_with("https://"));
        let link = Some(entry.link.trim()).filter(|link| !link.is_empty());
        link.into_iter().chain(id).find_map(|written| url_with_fragment(written, base.as_ref()))
    }

    /// Returns a URL of the feed itself, absolute.
    fn link(&self, written: &str) -> Option<Url> {
        Some(written.trim()).filter(|written| !written.is_empty()).and_then(|written| url(written, self.feeds.first()))
    }

    /// Returns the URL at which the feed says that it is to be read, if that is another.
    fn moved(&self) -> Option<Url> {
        let is_other = |url: &Url| !self.feeds.iter().any(|feed| UrlKey::of(feed) == UrlKey::of(url));
        let stated = [&self.channel.moved, &self.channel.own].into_iter().filter_map(|written| self.link(written));
        stated.filter(is_other).next().filter(|_| !self.feeds.is_empty())
    }
}

/// Says which items were left out; `nameless` have a text but no URL, and `beyond` were not read.
fn warnings(standings: &Standings, nameless: usize, beyond: usize) -> Vec<String> {
    let items = |count: usize, one: &str, several: &str| match count {
        0 => None,
        1 => Some(format!("1 item of the feed {one}")),
        _ => Some(format!("{count} items of the feed {several}")),
    };
    let too_many = standings.count(Standing::TooMany);
    let why = match (beyond, too_many) {
        (_, 0) => format!("it has more than {MOST}"),
        (0, _) => format!("more than {MOST_WITHOUT_PAGE} share their URLs"),
        (_, _) => format!("it has more than {MOST}, of which more than {MOST_WITHOUT_PAGE} share their URLs"),
    };
    let found = [
        items(
            standings.count(Standing::Empty) + nameless,
            "has no web URL and was skipped",
            "have no web URL and were skipped",
        ),
        items(
            standings.count(Standing::WithoutText),
            "shares its URL with another and has no text of its own; it was left out",
            "share their URLs with others and have no text of their own; they were left out",
        ),
        items(beyond + too_many, "was left out: it has too many", &format!("were left out: {why}")),
    ];
    found.into_iter().flatten().collect()
}

fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}

fn offer(entry: FeedEntry, channel: &Channel, published: Option<Timestamp>, feed: Option<&Url>) -> Option<FeedText> {
    // Many feeds put the whole text where a summary belongs.
    let is_longer = entry.summary.len() > entry.content.len() * 2;
    let html = if is_longer { entry.summary } else { entry.content };
    let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    (!html.trim().is_empty() && html.len() <= OFFER_CAP).then(|| FeedText {
        feed: feed.map(shown_url).unwrap_or_default(),
        html,
        title: said(&entry.title),
        authors: entry.authors,
        published,
        site: said(&channel.title),
    })
}
