//! The links of a page: those to other pages, to the next page of its article and to feeds.

use std::collections::HashSet;

use url::Url;

use crate::extract::continuation::{self, Neighbour};
use crate::html::text::collapse;
use crate::html::{ElementRef, Page, resolve_link};
use crate::model::RawPage;

use super::log_out;
/// The most links that are read on one page; a page with more is not made for readers.
pub const MOST_LINKS: usize = 100_000;

/// The links of a page. Each URL occurs once, without fragment, in the order of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// The links that may be followed: none if the page asks robots not to.
    pub found: Vec<Url>,
    /// Those of them that end the reader's session.
    pub log_out: HashSet<Url>,
    /// The next page of the same article; None if this is the last, or the only one.
    pub next: Option<Neighbour>,
    /// The previous page of the same article; None if this is the first.
    pub before: Option<Neighbour>,
    /// The feeds that the page declares.
    pub feeds: Vec<Url>,
    /// Whether there were more than [`MOST_LINKS`].
    pub cut: bool,
}

/// Parses a page and returns its links.
pub fn links(raw: &RawPage) -> Links {
    links_of(&Page::parse(raw))
}

/// Returns the links of a page.
pub(super) fn links_of(page: &Page) -> Links {
    let mut links = Links::default();
    let Some(own) = &page.url else { return links };
    let follows = !page.meta("robots").is_some_and(|said| {
        said.split(',').any(|word| ["nofollow", "none"].iter().any(|no| word.trim().eq_ignore_ascii_case(no)))
    });
    let mut seen = HashSet::new();
    for element in page.elements() {
        let name = element.value().name();
        if !matches!(name, "a" | "area" | "link") {
            continue;
        }
        let Some(target) = element.attr("href").and_then(|href| target(href, page.base.as_ref())) else { continue };
        let rel = Rel::of(element);
        if name == "link" && rel.alternate && element.attr("type").is_some_and(is_feed_type) {
            links.feeds.push(target.clone());
        }
        note_neighbours(&mut links, own, element, &target);
        if name == "link" || rel.nofollow || !follows || target == *own {
            continue;
        }
        if log_out::logs_out(&target, &text_of(element)) {
            links.log_out.insert(target.clone());
        }
        if links.found.len() == MOST_LINKS {
            links.cut = true;
            break;
        }
        if seen.insert(target.clone()) {
            links.found.push(target);
        }
    }
    links
}

fn note_neighbours(links: &mut Links, own: &Url, element: ElementRef<'_>, target: &Url) {
    if links.next.is_none() {
        links.next = continuation::next_of(own, element, target);
    }
    if links.before.is_none() {
        links.before = continuation::before_of(own, element, target);
    }
}

fn text_of(element: ElementRef<'_>) -> String {
    collapse(&element.text().collect::<String>())
}

/// Returns the target of a link without its fragment, if it can be visited.
fn target(href: &str, base: Option<&Url>) -> Option<Url> {
    let mut url = resolve_link(href, base).filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.set_fragment(None);
    Some(url)
}

fn is_feed_type(text: &str) -> bool {
    let media = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(
        media.as_str(),
        "application/rss+xml" | "application/atom+xml" | "application/feed+json" | "application/rdf+xml"
    )
}

#[derive(Default)]
struct Rel {
    alternate: bool,
    nofollow: bool,
}

impl Rel {
    fn of(element: ElementRef<'_>) -> Self {
        let mut rel = Self::default();
        for word in element.attr("rel").unwrap_or_default().split_ascii_whitespace() {
            match word.to_ascii_lowercase().as_str() {
                "alternate" => rel.alternate = true,
                "nofollow" => rel.nofollow = true,
                _ => {}
            }
        }
        rel
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;

    fn read(html: &str) -> Links {
        let url = Url::parse("https://news.test/a/1024.shtml").unwrap();
        links(&RawPage::from_bytes(html.into(), Some(url), Origin::Replay, None))
    }

    #[test]
    fn links_stand_once_absolute_and_in_order() {
        let found = read(
            "<base href=/b/><a href=2.html#top>二</a><a href=' /3 '>三</a><a href=2.html>二</a><a href=mailto:x@y>信</a>\
             <a href=/ad rel='sponsored nofollow'>广告</a><area href=https://other.test/>",
        );
        let found: Vec<&str> = found.found.iter().map(Url::as_str).collect();
        assert_eq!(found, ["https://news.test/b/2.html", "https://news.test/3", "https://other.test/"]);
    }

    #[test]
    fn a_page_that_asks_robots_not_to_follow_is_heard() {
        assert!(read("<meta name=robots content='noindex, NoFollow'><a href=/1>一</a>").found.is_empty());
    }

    #[test]
    fn feeds_are_those_that_the_page_names() {
        let found =
            read("<link rel=alternate type=application/rss+xml href=/rss><link rel=alternate hreflang=en href=/en>");
        assert_eq!(found.feeds.iter().map(Url::as_str).collect::<Vec<_>>(), ["https://news.test/rss"]);
        assert!(found.found.is_empty());
    }

    #[test]
    fn the_next_page_of_an_article_is_known_by_its_words_and_its_url() {
        let next = |html: &str| read(html).next.map(|next| next.url.path().to_owned());
        assert_eq!(next("<a href=1024_2.shtml>下一页 &gt;</a>").as_deref(), Some("/a/1024_2.shtml"));
        assert_eq!(next("<a href=1024_2.shtml rel=next>2</a>").as_deref(), Some("/a/1024_2.shtml"));
        assert_eq!(next("<a href='?page=2'>次のページ</a>").as_deref(), Some("/a/1024.shtml"));
        assert_eq!(next("<a href=1024_all.shtml>余下全文</a>").as_deref(), Some("/a/1024_all.shtml"));
        assert_eq!(next("<a href=1025.shtml>下一篇</a>"), None, "another article");
        assert_eq!(next("<link rel=next href=/a/1025.shtml>"), None, "another article");
        assert_eq!(next("<a href=https://other.test/a/1024_2.shtml>下一页</a>"), None);
    }

    #[test]
    fn a_continuation_page_names_the_one_before() {
        let url = Url::parse("https://news.test/a/1024_2.shtml").unwrap();
        let html = "<a href=1024.shtml>上一页</a><a href=1024_3.shtml>下一页</a>";
        let found = links(&RawPage::from_bytes(html.into(), Some(url), Origin::Replay, None));
        assert_eq!(found.before.unwrap().url.path(), "/a/1024.shtml");
        assert_eq!(found.next.unwrap().url.path(), "/a/1024_3.shtml");
    }

    #[test]
    fn a_hundred_thousand_links_are_read_and_no_more() {
        let html: String = (0..MOST_LINKS + 5).map(|n| format!("<a href=/{n}>{n}</a>")).collect();
        let found = read(&html);
        assert!(found.found.len() == MOST_LINKS && found.cut);
    }
}
