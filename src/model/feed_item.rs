//! Items of feeds: their identifiers, and the URLs of items that have no page of their own.

use serde::{Deserialize, Serialize};
use url::Url;

use super::Digest;

/// The start of a fragment that distinguishes an item of a feed; the hex digits of [`DIGITS`] follow.
const MARK: &str = "feed-item=";

/// The number of hex digits in the fragment.
const DIGITS: usize = 32;

/// A longer identifier is recorded by its digest, in bytes.
const LONGEST_GUID: usize = 1000;

/// An item of a feed, as a record names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FeedItem {
    /// The feed's URL; for a feed in a file that states none, the URL of its site.
    pub feed: String,
    /// The item's identifier; `None` if it has none, or one that other items of the feed have too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<String>,
}

impl FeedItem {
    /// Returns the item of a feed. An identifier of more than 1,000 bytes is replaced by `sha256:<hex>`.
    pub fn new(feed: &str, guid: Option<&str>) -> Self {
        let short = |guid: &str| match guid.len() {
            ..=LONGEST_GUID => guid.to_owned(),
            _ => format!("sha256:{}", Digest::of(guid.as_bytes())),
        };
        Self { feed: feed.to_owned(), guid: guid.map(short) }
    }

    /// Returns the URL that stands for the item in its feed; `None` without an identifier.
    pub fn url(&self) -> Option<Url> {
        let feed = Url::parse(&self.feed).ok().filter(Url::has_host)?;
        self.guid.as_deref().map(|guid| item_url(&feed, guid))
    }
}

/// How far an identifier is trusted when the link of its item changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum GuidTrust {
    /// The items have the same identifier, so they are the same.
    #[default]
    Certain,
    /// Their texts must be versions of one another: the identifier may be the item's place in the feed.
    IfTextsAgree,
}

/// Returns the URL of an item without a page of its own: `base` with the fragment `feed-item=` and the first 32 hex digits
/// of the identifier's SHA-256.
pub fn item_url(base: &Url, identifier: &str) -> Url {
    let mut url = base.clone();
    url.set_fragment(Some(&format!("{MARK}{}", &Digest::of(identifier.as_bytes()).hex()[..DIGITS])));
    url
}

/// Returns the fragment of a URL that stands for an item of a feed; `None` for any other URL.
pub fn item_fragment(url: &Url) -> Option<&str> {
    let fragment = url.fragment()?;
    let digits = fragment.strip_prefix(MARK)?;
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (digits.len() == DIGITS && digits.bytes().all(is_hex)).then_some(fragment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UrlKey;

    #[test]
    fn items_of_one_page_have_keys_of_their_own() {
        let page = Url::parse("https://news.test/log?utm_source=x#v1").unwrap();
        let (one, two) = (item_url(&page, "1"), item_url(&page, "2"));
        assert_eq!(UrlKey::of(&page).as_str(), "news.test/log");
        assert_eq!(UrlKey::of(&one).as_str(), "news.test/log#feed-item=6b86b273ff34fce19d6b804eff5a3f57");
        assert_ne!(UrlKey::of(&one), UrlKey::of(&two));
    }

    #[test]
    fn other_fragments_tell_nothing_apart() {
        for fragment in ["feed-item=", "feed-item=6B86B273FF34FCE19D6B804EFF5A3F57", "feed-item=x", "top"] {
            let url = Url::parse(&format!("https://news.test/log#{fragment}")).unwrap();
            assert_eq!(item_fragment(&url), None, "{fragment}");
        }
    }

    #[test]
    fn a_long_identifier_is_recorded_by_its_digest() {
        let item = FeedItem::new("https://news.test/rss", Some(&"x".repeat(5000)));
        assert!(item.guid.unwrap().starts_with("sha256:"));
    }
}
