//! Formulas and code blocks are kept with the text around them: each is kept complete or not at all, and its content says
//! little about whether it belongs to the article.

use super::page_regions::PageRegion;
use super::scan::{Scan, Unit};
use super::selection::Selection;

/// The maximum number of elements around a code block that contain nothing else.
const WRAPPERS: usize = 8;

/// A block with a smaller share of its text in links is not a menu.
const LINKED: f32 = 0.5;

/// Keeps the code blocks that stand beside kept text in the same container.
pub fn keep_code(scan: &Scan<'_>, selection: &mut Selection) {
    let is_code =
        |selection: &Selection, at: usize| scan.entries[selection.blocks[at].element].unit == Some(Unit::Code);
    for at in 0..selection.kept.len() {
        let block = &selection.blocks[at];
        if !selection.kept[at]
            && is_code(selection, at)
            && block.text.link_density() < LINKED
            && !scan.entries[block.first].hidden
            && stands_by_kept(scan, selection, block.element)
        {
            selection.kept[at] = true;
            selection.overruled[at] = Some("code beside the article's text");
        }
    }
}

/// Returns true when the block that contains a formula is kept, or, for a formula of its own, a block beside it.
pub fn keeps_formula(scan: &Scan<'_>, selection: &Selection, at: usize) -> bool {
    let entry = &scan.entries[at];
    if entry.unseen {
        return false;
    }
    let next = selection.containers.range(scan, at).0;
    let own = |block: Option<usize>| {
        let block = block.filter(|&block| selection.blocks.get(block).is_some_and(|one| one.element == entry.block))?;
        selection.kept.get(block).copied()
    };
    match (own(next.checked_sub(1)), own(Some(next))) {
        (Some(before), Some(after)) => before || after,
        (Some(kept), None) | (None, Some(kept)) => kept,
        (None, None) => !entry.hidden && stands_by_kept(scan, selection, at),
    }
}

/// Returns true when the block before or after an element is kept, in the smallest container that has other blocks.
fn stands_by_kept(scan: &Scan<'_>, selection: &Selection, at: usize) -> bool {
    let (from, to) = selection.containers.range(scan, at);
    let mut around = at;
    for _ in 0..WRAPPERS {
        if around == 0 || matches!(scan.entries[around].region, PageRegion::Boilerplate(_)) {
            return false;
        }
        around = scan.entries[around].parent;
        let (first, end) = selection.containers.range(scan, around);
        if first == from && end == to {
            continue;
        }
        let before = from.checked_sub(1).filter(|&before| before >= first);
        let after = Some(to).filter(|&after| after < end);
        return [before, after].into_iter().flatten().any(|beside| selection.kept[beside]);
    }
    false
}
