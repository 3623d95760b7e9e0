//! Parts of a page that show something else at each visit, by the names of their elements: a quote of the day, an ad, a
//! counter of readers.

use super::scan::Scan;
use super::selection::Selection;

/// Names of classes and ids, in lower case. A name that goes on after `-` or `_` counts too.
const NAMES: [&str; 90] = [
    "ad",
    "ad-banner",
    "ad-block",
    "ad-box",
    "ad-container",
    "ad-slot",
    "ad-unit",
    "ad-wrapper",
    "adbox",
    "ads",
    "adsbygoogle",
    "adslot",
    "advert",
    "advertisement",
    "advertising",
    "advertising-slot",
    "adverts",
    "article-views",
    "busuanzi",
    "click-count",
    "comment-count",
    "comments-count",
    "current-date",
    "current-time",
    "daily-quote",
    "daily-tip",
    "dfp",
    "did-you-know",
    "google-ads",
    "gpt-ad",
    "guanggao",
    "hit-counter",
    "hitokoto",
    "hits-counter",
    "hot-count",
    "interstitial",
    "jinrishici",
    "leancloud-visitors",
    "leancloud_visitors",
    "like-count",
    "live-counter",
    "live-ticker-bar",
    "motd",
    "online-count",
    "online-users",
    "page-views",
    "pageviews",
    "people-reading",
    "poem-of-the-day",
    "post-views",
    "promo-slot",
    "pubblicita",
    "publicidad",
    "publicidade",
    "publicite",
    "pv-count",
    "quote-of-day",
    "quote-of-the-day",
    "quote-rotator",
    "quotes-rotator",
    "random-fact",
    "random-post",
    "random-posts",
    "random-quote",
    "random-quotes",
    "random-tip",
    "read-count",
    "reading-now",
    "recommend-slot",
    "reklama",
    "rotating-quote",
    "saying-of-the-day",
    "share-count",
    "sponsored",
    "sponsored-content",
    "stock-ticker",
    "tip-of-the-day",
    "today-date",
    "today-quote",
    "todays-quote",
    "user-greeting",
    "uv-count",
    "view-count",
    "views-count",
    "visitor-counter",
    "weather-widget",
    "werbung",
    "who-is-online",
    "word-of-the-day",
    "yiyan",
];

/// The largest share of the kept text, in percent, that such parts may have.
const MOST: u64 = 30;

/// Drops the text in elements whose names say that it changes at each visit, unless it is much of the article.
pub fn correct(scan: &Scan<'_>, selection: &mut Selection) {
    let mut known = Known { elements: vec![None; scan.entries.len()], classes: vec![None; scan.count_classes()] };
    let weight = |at: usize| u64::from(selection.blocks[at].text.weight);
    let kept = || (0..selection.blocks.len()).filter(|&at| selection.kept[at]);
    let dropped: Vec<usize> = kept().filter(|&at| known.rotates(scan, selection.blocks[at].first)).collect();
    let all: u64 = kept().map(weight).sum();
    if dropped.iter().map(|&at| weight(at)).sum::<u64>() * 100 <= all * MOST {
        dropped.into_iter().for_each(|at| selection.kept[at] = false);
    }
}

/// What is known of the elements that were looked at: those around kept text.
struct Known {
    elements: Vec<Option<bool>>,
    /// Whether a class attribute has such a name, by its number.
    classes: Vec<Option<bool>>,
}

impl Known {
    /// Returns whether an element or one around it has such a name.
    fn rotates(&mut self, scan: &Scan<'_>, at: usize) -> bool {
        let (mut path, mut up) = (Vec::new(), at);
        let found = loop {
            if let Some(known) = self.elements[up] {
                break known;
            }
            path.push(up);
            if self.is_named(scan, up) {
                break true;
            }
            match scan.entries[up].parent {
                parent if parent == up => break false,
                parent => up = parent,
            }
        };
        path.into_iter().for_each(|at| self.elements[at] = Some(found));
        found
    }

    fn is_named(&mut self, scan: &Scan<'_>, at: usize) -> bool {
        let Some(element) = scan.element(at) else { return false };
        let says = |name: &str| element.attr(name).is_some_and(has_name);
        *self.classes[scan.entries[at].class as usize].get_or_insert_with(|| says("class")) || says("id")
    }
}

/// Returns whether one of the names in a class or id attribute says so.
fn has_name(value: &str) -> bool {
    let mut names = value.split_ascii_whitespace().map(str::as_bytes).filter(|name| name.len() < 80);
    names.any(|name| {
        NAMES.iter().map(|known| known.as_bytes()).any(|known| {
            name[0].eq_ignore_ascii_case(&known[0])
                && name.len() >= known.len()
                && name[..known.len()].eq_ignore_ascii_case(known)
                && name.get(known.len()).is_none_or(|next| matches!(next, b'-' | b'_'))
        })
    })
}
