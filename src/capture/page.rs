//! Reads a page: its article and its links, from one parse.

use std::time::Duration;

use url::Url;

use crate::extract::{self, ExtractError};
use crate::html::Page;
use crate::model::{Article, RawPage};

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
