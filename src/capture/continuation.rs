//! An article on several pages: the continuation pages are fetched and become one text with the first.

use std::collections::BTreeSet;

use url::Url;

use crate::extract;
use crate::fetch::{Fetcher, Robots};
use crate::html::text::weight;
use crate::model::{Article, RawPage, Request, Warning, WarningKind, shown_url};

use super::blocking::off_runtime;
use super::links::Links;
use super::page;

/// The most pages of one article.
const MAX_PAGES: u32 = 50;

/// A first page with less text than this is a list, not an article.
const LEAST: usize = 120;

/// A first page of less confidence than this is hardly an article, and what follows it neither.
const ADEQUATE: f64 = 0.4;

/// An article with its continuation pages.
pub(super) struct Joined {
    pub article: Article,
    /// The continuation pages, in order.
    pub pages: Vec<RawPage>,
    /// Their URLs.
    pub urls: Vec<Url>,
    /// Their links.
    pub links: Vec<Url>,
}

struct ContinuationPage {
    raw: RawPage,
    article: Article,
    links: Links,
}

impl Joined {
    /// An article on one page.
    pub fn alone(article: Article) -> Self {
        Self { article, pages: Vec::new(), urls: Vec::new(), links: Vec::new() }
    }
}

/// Fetches the continuation pages of an article and appends their text. A page that cannot be read ends it, and is a
/// warning.
pub(super) async fn join(fetcher: &dyn Fetcher, first: &Url, next: Url, article: Article) -> Joined {
    let mut joined = Joined::alone(article);
    let text = joined.article.content.text(joined.article.content.root());
    if joined.article.confidence < ADEQUATE || weight(&text) < LEAST {
        return joined;
    }
    let mut seen = BTreeSet::from([first.clone()]);
    let mut texts = BTreeSet::from([text]);
    let (mut from, mut ahead) = (first.clone(), Some(next));
    for number in 2..=MAX_PAGES {
        let Some(url) = ahead.take().filter(|url| seen.insert(url.clone())) else { break };
        let ContinuationPage { raw, article, links } = match fetch(fetcher, &url, &from).await {
            Ok(page) => page,
            Err(reason) => {
                let detail = format!("page {number} of the article could not be fetched: {reason}");
                joined.article.warnings.push(Warning::new(WarningKind::PagesMissing, detail));
                break;
            }
        };
        // A server that does not know the number sends the same page again.
        if !texts.insert(article.content.text(article.content.root())) {
            break;
        }
        joined.article.append_page(article);
        joined.links.extend(links.found);
        ahead = links.next;
        joined.urls.push(url.clone());
        joined.pages.push(raw);
        from = url;
    }
    let warnings = &mut joined.article.warnings;
    let is_complete = ahead.is_none() && !warnings.iter().any(|warning| warning.kind == WarningKind::PagesMissing);
    if !joined.pages.is_empty() && is_complete {
        warnings.retain(|warning| warning.kind != WarningKind::Pagination);
    }
    joined
}

async fn fetch(fetcher: &dyn Fetcher, url: &Url, from: &Url) -> Result<ContinuationPage, String> {
    match fetcher.robots(url).await {
        Robots::Allowed => {}
        Robots::Disallowed { rule } => return Err(format!("{}: robots.txt forbids it ({rule})", shown_url(url))),
        Robots::Unreachable { reason } => return Err(reason),
    }
    let request = Request { referrer: Some(from.clone()), ..Request::new(url.clone()) };
    let raw = fetcher.page(&request).await.map_err(|error| error.to_string())?;
    let page = off_runtime(move || page::read(raw, extract::Options::default())).await;
    let article = page.article.map_err(|error| error.to_string())?;
    Ok(ContinuationPage { raw: page.raw, article, links: page.links })
}
