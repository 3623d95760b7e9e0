//! Feeds, sitemaps, OPML, bookmarks and plain lists: URLs that can be visited, and dates that have been.

use bindery::crawl::seeds::{Alternates, MOST_ITEMS, read};
use bindery::model::{Headers, Origin, RawPage, Timestamp, item_fragment};
use url::Url;

const NOW: &str = "2026-11-24T00:00:00Z";

pub fn body(input: &[u8]) {
    let now: Timestamp = NOW.parse().unwrap();
    for (media, cap) in [("text/xml", u64::MAX), ("text/plain", 1)] {
        let mut raw =
            RawPage::from_bytes(input.to_vec(), Url::parse("https://news.test/a/list").ok(), Origin::Network, None);
        raw.headers = Headers(vec![("content-type".to_owned(), media.as_bytes().to_vec())]);
        let Some(contents) = read(&raw, now, cap, Alternates::Include) else { continue };
        assert_eq!(Some(&contents), read(&raw, now, cap, Alternates::Include).as_ref(), "the same bytes, another list");
        assert!(contents.pages.len() <= MOST_ITEMS && contents.lists.len() <= MOST_ITEMS);
        contents.warning.iter().for_each(|warning| super::assert_said(warning));
        assert!(cap > 1 || contents.warning.is_some(), "a list that was cut says so");
        for item in &contents.pages {
            assert_visitable(&item.url);
            assert!(item.dated.is_none_or(|dated| dated.as_second() <= now.as_second() + 24 * 3600), "{item:?}");
        }
        contents.lists.iter().for_each(assert_visitable);
    }
}

fn assert_visitable(url: &Url) {
    assert!(matches!(url.scheme(), "http" | "https"), "{url}");
    assert!(url.host_str().is_some_and(|host| !host.is_empty()), "{url}");
    // Only an item without a page of its own has a fragment.
    assert!(url.fragment().is_none() || item_fragment(url).is_some(), "{url}");
}

/// More entries of the same list.
pub fn grown(bytes: &[u8], times: usize) -> Vec<u8> {
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let inside: [(&[u8], &[u8]); 4] =
        [(b"<item", b"</item>"), (b"<entry", b"</entry>"), (b"<url>", b"</url>"), (b"<sitemap>", b"</sitemap>")];
    match inside.iter().find(|(open, close)| has(open) && has(close)) {
        Some((open, close)) => super::inner_repeated(bytes, open, close, times),
        None => bytes.repeat(times),
    }
}
