//! The text of a page in a feed, which is archived if the page itself has less.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::extract::{self, extract};
use crate::html::text::weight;
use crate::model::{Article, Headers, Origin, PageDate, RawPage, Sourced, Timestamp};

/// The least share of the feed's text, in percent, that a page must have to be used instead.
const AS_GOOD: usize = 70;

/// The least text of an article, in letters: shorter texts in feeds are teasers.
const LEAST: usize = 300;

/// The text and metadata of one page in a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedText {
    /// The feed's URL.
    pub feed: String,
    /// The text as HTML.
    pub html: String,
    /// Its title; None when it has none.
    pub title: Option<String>,
    /// Its authors.
    pub authors: Vec<String>,
    /// When it was published; None if the feed does not say.
    pub published: Option<Timestamp>,
    /// The title of the feed.
    pub site: Option<String>,
}

impl FeedText {
    /// Returns the article in the feed, with the bytes that it was extracted from; None if it is only a teaser.
    pub fn article(&self, url: &Url, now: Timestamp) -> Option<(RawPage, Article)> {
        self.whole(url, now).filter(|(_, article)| weight(&article.content.text(article.content.root())) >= LEAST)
    }

    /// Returns the article of an item without another text, however short; None without a text.
    pub fn whole(&self, url: &Url, now: Timestamp) -> Option<(RawPage, Article)> {
        let origin = Origin::Import(self.feed.clone());
        let mut raw = RawPage::from_bytes(self.html.clone().into_bytes(), Some(url.clone()), origin, Some(now));
        raw.headers = Headers(vec![("content-type".to_owned(), b"text/html; charset=utf-8".to_vec())]);
        let mut article = extract(&raw, extract::Options { fragment: true, ..extract::Options::default() }).ok()?;
        let said = |text: &Option<String>| text.clone().map(|text| Sourced::new(text, "feed"));
        let metadata = &mut article.metadata;
        metadata.title = said(&self.title);
        metadata.site = said(&self.site);
        metadata.authors =
            Some(self.authors.clone()).filter(|names| !names.is_empty()).map(|names| Sourced::new(names, "feed"));
        metadata.published = self
            .published
            .and_then(|instant| instant.to_string().parse::<PageDate>().ok())
            .map(|date| Sourced::new(date, "feed"));
        Some((raw, article))
    }
}

/// Returns whether a feed's text is so much longer than the page's that it is archived instead.
pub fn is_more(offered: usize, page: usize) -> bool {
    page * 100 < offered * AS_GOOD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_teaser_is_no_article_and_a_text_is_one() {
        let url = Url::parse("https://news.test/1").unwrap();
        let now = "2026-11-23T08:58:55Z".parse().unwrap();
        let offer = |html: String| FeedText {
            feed: "https://news.test/rss".to_owned(),
            html,
            title: Some("图书馆".to_owned()),
            authors: vec!["林远".to_owned()],
            published: Some(now),
            site: None,
        };
        assert!(offer("<p>馆长说，最难的不是买书。</p>".to_owned()).article(&url, now).is_none());
        let text = "<p>馆长说，最难的不是买书，而是让每一本书都找得到。</p>".repeat(8);
        let (_, article) = offer(text).article(&url, now).unwrap();
        assert_eq!(article.metadata.title.unwrap().value, "图书馆");
        assert_eq!(article.metadata.published.unwrap().value.instant(), Some(now));
        assert!(is_more(1000, 300) && !is_more(1000, 900));
    }
}
