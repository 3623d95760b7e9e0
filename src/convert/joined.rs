//! Articles on several pages that lie together: one text is made of them.

use std::collections::BTreeSet;

use crate::extract::extract;
use crate::import::{self, Item, ItemContent, Resources, SavedPages};
use crate::model::{Article, RawPage, Warning, WarningKind};

use super::options::Options;

/// Why a continuation page has no text of its own.
pub(super) const CONTINUES: &str = "continuation page read with its first page";

/// Returns whether an item is a continuation page of another.
pub(super) fn continues(item: &Item) -> bool {
    let ItemContent::Page(raw) = &item.content else { return false };
    item.resources.location().is_some_and(|at| import::continued_page(&at, raw).is_some())
}

/// Appends the continuation pages that lie with the first page of an article, and returns them.
pub(super) fn join(article: &mut Article, first: &RawPage, around: &dyn Resources, options: &Options) -> Vec<RawPage> {
    let Some(at) = around.location() else { return Vec::new() };
    let SavedPages { pages, mut is_cut } = import::saved_pages(&at, first);
    let mut joined = Vec::new();
    let text = |article: &Article| article.content.text(article.content.root());
    let mut texts = BTreeSet::from([text(article)]);
    for page in pages {
        let Ok(part) = extract(&page, options.extract.clone()) else {
            is_cut = true;
            break;
        };
        // The same page under another name.
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
