//! The further pages of a feed (RFC 5005, `next_url` of JSON Feed), within bounds.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use url::Url;

use crate::capture::TextSource;
use crate::frontier::QueuedUrl;
use crate::model::{Digest, UrlKey, item_url, shown_url};

use super::note::FeedPage;
use super::seeds::{Contents, Item, MOST_ITEMS};

/// The most pages of one feed that are read.
const MOST_PAGES: u32 = 500;

/// The most pages of one feed, one after the other, that list nothing new.
const MOST_IDLE: u32 = 3;

/// The items of one feed: the key of each URL, and the identifier of the first item with it.
type Seen = HashMap<Digest, Option<String>>;

/// What the pages of each feed listed in this run.
#[derive(Debug, Default)]
pub struct FeedPages {
    seen: Mutex<BTreeMap<String, Seen>>,
}

impl FeedPages {
    /// Returns the next page of a list to read. Items whose URLs an earlier page listed for other items become articles of
    /// their own. A list whose pages do not end is left, and says so.
    pub fn next(&self, from: &QueuedUrl, contents: &mut Contents) -> Option<QueuedUrl> {
        let page: FeedPage = page_of(from);
        let next = contents.next.take().filter(|next| *next != from.url);
        if next.is_none() && page.number == 1 {
            return None;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.entry(page.first.clone()).or_default();
        let fresh = contents.pages.iter_mut().map(|item| usize::from(is_new(item, seen))).sum::<usize>();
        let next = next?;
        let idle = if fresh == 0 { page.idle + 1 } else { 0 };
        let why = if idle >= MOST_IDLE {
            format!("its last {idle} pages list nothing new")
        } else if page.number >= MOST_PAGES {
            format!("it has more than {MOST_PAGES} pages")
        } else if seen.len() >= MOST_ITEMS {
            format!("its pages list more than {MOST_ITEMS} items")
        } else {
            let note = FeedPage { number: page.number + 1, idle, ..page };
            let note = serde_json::to_string(&note).unwrap_or_default();
            return Some(QueuedUrl { depth: from.depth, note, ..QueuedUrl::seed(next, from.reach) });
        };
        contents.warn(Some(format!("{why}; stopped before {}", shown_url(&next))));
        None
    }
}

/// Returns which page of a list a seed is.
fn page_of(seed: &QueuedUrl) -> FeedPage {
    serde_json::from_str(&seed.note).unwrap_or_else(|_| FeedPage { first: seed.url.to_string(), number: 1, idle: 0 })
}

/// Returns whether a seed is a later page of a feed.
pub fn is_later(seed: &QueuedUrl) -> bool {
    page_of(seed).number > 1
}

/// Returns whether no earlier page listed an item, and remembers it.
fn is_new(item: &mut Item, seen: &mut Seen) -> bool {
    let key = |url: &Url| Digest::of(UrlKey::of(url).as_str().as_bytes());
    let guid = item.claims.items.first().and_then(|item| item.guid.clone());
    match seen.get(&key(&item.url)) {
        None => seen.insert(key(&item.url), guid).is_none(),
        Some(earlier) => {
            let Some(guid) = guid.filter(|guid| earlier.as_ref().is_some_and(|earlier| earlier != guid)) else {
                return false;
            };
            if item.text_source == TextSource::Feed || item.offer.is_none() {
                return false;
            }
            item.url = item_url(&item.url, &guid);
            item.text_source = TextSource::Feed;
            seen.insert(key(&item.url), Some(guid)).is_none()
        }
    }
}
