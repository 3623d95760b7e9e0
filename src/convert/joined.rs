//! Articles saved as several pages: their continuation pages are joined to the first.

use std::collections::BTreeSet;

use crate::extract::extract;
use crate::import::{self, Item, ItemContent, Resources, SavedPages};
use crate::model::{Article, RawPage, Warning, WarningKind};

use super::options::Options;

/// The reason in the report for a continuation page without a text of its own.
pub(super) const CONTINUES: &str = "continuation page read with its first page";

/// Returns whether an item is a continuation page of another.
pub(super) fn continues(item: &Item) -> bool {
    let ItemContent::Page(raw) = &item.content else { return false };
    item.resources.location().is_some_and(|at| import::continued_page(&at, raw).is_some())
}

/// Appends the continuation pages that were saved with the first page of an article, and returns them.
pub(super) fn join(
    article: &mut Article,
    first: &RawPage,
    resources: &dyn Resources,
    options: &Options,
) -> Vec<RawPage> {
    let Some(at) = resources.location() else { return Vec::new() };
    let SavedPages { pages, mut is_cut } = import::saved_pages(&at, first);
    let mut joined = Vec::new();
    let text = |article: &Article| article.content.text(article.content.root());
    let mut texts = BTreeSet::from([text(article)]);
    for page in pages {
        let Ok(part) = extract(&page, options.extract.clone()) else {
            is_cut = true;
            break;
        };
        // The same page under another file name.
        if !texts.insert(text(&part)) {
            break;
        }
        article.append_page(part);
        joined.push(page);
    }
    let is_pagination = |warning: &Warning| warning.kind == WarningKind::Pagination;
    if is_cut && !article.warnings.iter().any(|warning| is_pagination(warning) || warning.kind == WarningKind::Listing)
    {
        let detail = "the article continues on another page, which was not read";
        article.warnings.push(Warning::new(WarningKind::Pagination, detail));
    } else if !is_cut && !joined.is_empty() {
        article.warnings.retain(|warning| !is_pagination(warning));
    }
    joined
}
