//! Articles on several pages: fetches the continuation pages and appends them to the first.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use url::Url;

use crate::extract;
use crate::extract::continuation::{Certainty, Neighbour, titles_agree};
use crate::fetch::{Fetcher, Robots};
use crate::html::text::weight;
use crate::import::{self, SavedPages};
use crate::model::{Article, RawPage, Request, Warning, WarningKind, shown_url};

use super::blocking::off_runtime;
use super::links::Links;
use super::page;

/// The most pages of one article.
const MAX_PAGES: u32 = 50;

/// The least text, in letters, of a first page that is continued; one with less is a list.
const LEAST: usize = 120;

/// The least confidence of a first page that is continued.
const ADEQUATE: f64 = 0.4;

/// An article with its continuation pages.
pub(super) struct JoinedArticle {
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

impl JoinedArticle {
    /// Returns an article on one page.
    pub fn alone(article: Article) -> Self {
        Self { article, pages: Vec::new(), urls: Vec::new(), links: Vec::new() }
    }

    /// Adds a warning that the article's further pages were not read. A list of articles has its own warning.
    pub fn unread(mut self) -> Self {
        let warnings = &mut self.article.warnings;
        let is_named = |warning: &Warning| {
            matches!(warning.kind, WarningKind::Pagination | WarningKind::PagesMissing | WarningKind::Listing)
        };
        if !warnings.iter().any(is_named) {
            let detail = "the article continues on another page, which was not read";
            warnings.push(Warning::new(WarningKind::Pagination, detail));
        }
        self
    }

    fn title(&self) -> Option<&str> {
        title_of(&self.article)
    }
}

fn title_of(article: &Article) -> Option<&str> {
    article.metadata.title.as_ref().map(|title| title.value.as_str())
}

/// Fetches the continuation pages of an article and appends their text. A page that cannot be read ends it, and is a
/// warning.
pub(super) async fn join(fetcher: &dyn Fetcher, first: &Url, next: Neighbour, article: Article) -> JoinedArticle {
    let mut joined = JoinedArticle::alone(article);
    let text = joined.article.content.text(joined.article.content.root());
    if joined.article.confidence < ADEQUATE || weight(&text) < LEAST {
        return joined.unread();
    }
    let mut seen = BTreeSet::from([first.clone()]);
    let mut texts = BTreeSet::from([text]);
    let (mut from, mut ahead) = (first.clone(), Some(next));
    for number in 2..=MAX_PAGES {
        let Some(Neighbour { url, certainty }) = ahead.take().filter(|next| seen.insert(next.url.clone())) else {
            break;
        };
        let ContinuationPage { raw, article, links } = match fetch(fetcher, &url, &from).await {
            Ok(page) => page,
            // The number may be that of the next article, which does not exist yet.
            Err(_) if certainty == Certainty::Doubtful && joined.pages.is_empty() => break,
            Err(reason) => {
                let detail = format!("page {number} of the article could not be fetched: {reason}");
                joined.article.warnings.push(Warning::new(WarningKind::PagesMissing, detail));
                break;
            }
        };
        if certainty != Certainty::Certain && !titles_agree(joined.title(), title_of(&article)) {
            // The page is another article, not a continuation.
            joined.article.warnings.retain(|warning| warning.kind != WarningKind::Pagination);
            break;
        }
        // Some servers send the last page again for numbers that do not exist.
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
    if ahead.is_some() {
        return joined.unread();
    }
    let warnings = &mut joined.article.warnings;
    let is_complete = !warnings.iter().any(|warning| warning.kind == WarningKind::PagesMissing);
    if !joined.pages.is_empty() && is_complete {
        warnings.retain(|warning| warning.kind != WarningKind::Pagination);
    }
    joined
}

/// Returns whether a page has `own` as its next page, and the title of `article`.
pub(super) async fn leads_on(fetcher: &dyn Fetcher, before: &Url, own: &Url, article: &Article) -> bool {
    let Ok(page) = fetch(fetcher, before, own).await else { return false };
    let is_next = page.links.next.is_some_and(|next| next.url == *own);
    is_next && titles_agree(title_of(&page.article), title_of(article))
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

/// Appends the continuation pages that were saved in the folder of a page.
pub(super) async fn saved(path: &Path, first: &RawPage, article: Article, options: extract::Options) -> JoinedArticle {
    let Some(at) = import::location_of(path) else { return JoinedArticle::alone(article) };
    let first = first.clone();
    off_runtime(move || {
        let SavedPages { pages, mut is_cut } = import::saved_pages(&at, &first);
        let mut joined = JoinedArticle::alone(article);
        let text = |article: &Article| article.content.text(article.content.root());
        let mut texts = BTreeSet::from([text(&joined.article)]);
        for raw in pages {
            let Ok(part) = extract::extract(&raw, options.clone()) else {
                is_cut = true;
                break;
            };
            // The same page under another file name.
            if !texts.insert(text(&part)) {
                break;
            }
            joined.article.append_page(part);
            joined.pages.push(raw);
        }
        if is_cut {
            return joined.unread();
        }
        if !joined.pages.is_empty() {
            joined.article.warnings.retain(|warning| warning.kind != WarningKind::Pagination);
        }
        joined
    })
    .await
}

/// Returns the file of the page that a saved page continues.
pub(super) fn continued_file(path: &Path, raw: &RawPage) -> Option<PathBuf> {
    let at = import::location_of(path)?;
    import::continued_page(&at, raw).map(|first| path.with_file_name(first))
}
