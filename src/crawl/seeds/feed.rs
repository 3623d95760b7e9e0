//! RSS, Atom and JSON Feed, broken ones too.

use std::ops::ControlFlow;

use url::Url;

use crate::capture::FeedText;
use crate::import::{Channel, FeedEntry, feed_entries};
use crate::model::{Timestamp, shown_url};

use super::{Contents, Form, Item, instant, sensible, url, xml};

/// The most items that are read from one feed.
const MOST: usize = 20_000;

/// The largest text of an item, in bytes.
const OFFER_CAP: usize = 2 << 20;

/// Reads a feed. One warning says what could not be read.
pub fn read(text: &str, url: Option<&Url>, now: Timestamp) -> Contents {
    let mut contents = Contents::new(Form::Feed);
    let mut reading = FeedReader { url, site: String::new(), now, items: Vec::new(), nameless: 0 };
    let broken = feed_entries(text, &mut |entry, channel| reading.take(entry, channel)).is_err();
    let mut lost = 0;
    if broken {
        reading = FeedReader { items: Vec::new(), nameless: 0, ..reading };
        lost = reading.one_by_one(text);
    }
    let read = reading.items.len() + reading.nameless;
    contents.warning = match (broken, read, lost) {
        (true, 0, _) => Some("the feed is broken, and nothing in it can be read".to_owned()),
        (true, read, 0) => Some(format!("the feed is broken; {read} items in it could be read")),
        (true, read, lost) => {
            Some(format!("the feed is broken; {read} items in it could be read and {lost} could not"))
        }
        (false, 0, _) => Some("the feed has no items".to_owned()),
        (false, ..) if reading.nameless == 1 => Some("1 item of the feed has no web URL and was skipped".to_owned()),
        (false, ..) if reading.nameless > 1 => {
            Some(format!("{} items of the feed have no web URL and were skipped", reading.nameless))
        }
        _ => None,
    };
    reading.items.into_iter().for_each(|item| contents.page(item));
    contents
}

struct FeedReader<'a> {
    url: Option<&'a Url>,
    site: String,
    now: Timestamp,
    items: Vec<Item>,
    /// The number of items without a web URL.
    nameless: usize,
}

impl FeedReader<'_> {
    fn take(&mut self, entry: FeedEntry, channel: &Channel) -> ControlFlow<()> {
        if !channel.title.is_empty() {
            channel.title.clone_into(&mut self.site);
        }
        match self.item(entry, channel) {
            Some(item) => self.items.push(item),
            None => self.nameless += 1,
        }
        if self.items.len() < MOST { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// Reads each item of a broken feed by itself, and returns how many could not be read.
    fn one_by_one(&mut self, text: &str) -> usize {
        let atom = xml::root_name(text).is_some_and(|root| root.eq_ignore_ascii_case("feed"));
        let (name, root) = if atom { ("entry", "feed") } else { ("item", "channel") };
        for element in xml::elements(text, name).into_iter().take(MOST) {
            // Unreadable items are counted below.
            let _ =
                feed_entries(&format!("<{root}>{element}</{root}>"), &mut |entry, channel| self.take(entry, channel));
        }
        let opened = text.matches(&format!("<{name}>")).count() + text.matches(&format!("<{name} ")).count();
        opened.saturating_sub(self.items.len() + self.nameless)
    }

    /// Returns an item; None when it has no web URL.
    fn item(&self, entry: FeedEntry, channel: &Channel) -> Option<Item> {
        let url = self.url(&entry, channel)?;
        let dated = sensible(entry.published.or(entry.modified).and_then(instant), self.now);
        let offer = self.offer(entry, dated);
        Some(Item { url, dated, offer })
    }

    /// Returns the link to the page, not to an enclosure or the feed itself; else the identifier, if it is a URL.
    fn url(&self, entry: &FeedEntry, channel: &Channel) -> Option<Url> {
        let site = || Url::parse(channel.link.trim()).ok();
        let feed = self.url.cloned().or_else(site);
        let base = match (&feed, entry.base.trim()) {
            (_, "") => feed,
            (Some(feed), base) => feed.join(base).ok(),
            (None, base) => Url::parse(base).ok(),
        };
        let id = Some(entry.id.trim()).filter(|id| id.starts_with("http://") || id.starts_with("https://"));
        let link = Some(entry.link.trim()).filter(|link| !link.is_empty());
        link.into_iter().chain(id).find_map(|written| url(written, base.as_ref()))
    }

    fn offer(&self, entry: FeedEntry, published: Option<Timestamp>) -> Option<FeedText> {
        // Many feeds put the whole text where a summary belongs.
        let is_longer = entry.summary.len() > entry.content.len() * 2;
        let html = if is_longer { entry.summary } else { entry.content };
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        (!html.trim().is_empty() && html.len() <= OFFER_CAP).then(|| FeedText {
            feed: self.url.map(shown_url).unwrap_or_default(),
            html,
            title: said(&entry.title),
            authors: entry.authors,
            published,
            site: said(&self.site),
        })
    }
}
