//! Reads a page: its article and its links, from one parse.

use std::time::Duration;

use url::Url;

use crate::extract::{self, ExtractError};
use jiff::tz::Offset;

use crate::html::{self, Page};
use crate::model::{Article, Origin, RawPage, Timestamp, Warning, WarningKind};

use super::links::{Links, links_of};

/// The longest delay of a refresh that counts as a redirect; later ones only reload the page.
const SOON: Duration = Duration::from_secs(5);

/// A page that was read.
pub(super) struct ReadPage {
    pub raw: RawPage,
    pub article: Result<Article, ExtractError>,
    pub links: Links,
}

/// The result of reading a page.
pub(super) enum PageOrRefresh {
    /// The page.
    Page(Box<ReadPage>),
    /// A refresh that redirects to another page.
    Refresh(Box<RawPage>, Url),
}

/// Reads a page, unless a refresh redirects to another one.
pub(super) fn read_or_refresh(raw: RawPage, options: extract::Options) -> PageOrRefresh {
    let page = match parsed(&raw) {
        Ok(page) => page,
        Err(error) => return PageOrRefresh::Page(Box::new(unreadable(raw, error))),
    };
    match sent_on(&page) {
        Some(target) => PageOrRefresh::Refresh(Box::new(raw), target),
        None => PageOrRefresh::Page(Box::new(read_parsed(raw, &page, options))),
    }
}

/// Reads a page.
pub(super) fn read(raw: RawPage, options: extract::Options) -> ReadPage {
    match parsed(&raw) {
        Ok(page) => read_parsed(raw, &page, options),
        Err(error) => unreadable(raw, error),
    }
}

fn parsed(raw: &RawPage) -> Result<Page, ExtractError> {
    extract::check(raw)?;
    Ok(Page::parse(raw))
}

fn unreadable(raw: RawPage, error: ExtractError) -> ReadPage {
    ReadPage { raw, article: Err(error), links: Links::default() }
}

fn read_parsed(raw: RawPage, page: &Page, options: extract::Options) -> ReadPage {
    let links = links_of(page);
    let article = extract::extract_parsed(&raw, page, options);
    ReadPage { raw, article, links }
}

fn sent_on(page: &Page) -> Option<Url> {
    let (delay, target) = page.refresh()?;
    let leads_elsewhere = page.url.as_ref() != Some(&target);
    (delay <= SOON && leads_elsewhere && matches!(target.scheme(), "http" | "https")).then_some(target)
}

/// Returns a warning if the page's HTML ends in the middle.
pub(super) fn truncation(raw: &RawPage) -> Option<Warning> {
    let detail = "the page's HTML ends in the middle; the rest may not have arrived";
    (raw.origin == Origin::Network && html::is_cut(raw.content())).then(|| Warning::new(WarningKind::Truncated, detail))
}

/// Returns why the article is skipped if it was published before `since`.
pub(super) fn too_early(article: &Article, since: Timestamp) -> Option<String> {
    let published = &article.metadata.published.as_ref()?.value;
    let is_early = match published.instant() {
        Some(instant) => instant < since,
        None => published.day() < Offset::UTC.to_datetime(since.instant()).date(),
    };
    is_early.then(|| published.to_string())
}
