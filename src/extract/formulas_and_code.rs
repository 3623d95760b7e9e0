//! Formulas and blocks of code stand or fall with the text around them: each is a whole, and what is in it says little
//! of whether it is the article's.

use super::page_regions::PageRegion;
use super::scan::{Scan, Unit};
use super::selection::Selection;

/// So many elements around a block of code may hold nothing but it.
const WRAPPERS: usize = 8;

/// A block with less of its text in links is no menu.
const LINKED: f32 = 0.5;

/// Keeps the blocks of code that stand beside kept text of the same part of the page.
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

/// Whether a formula belongs to what is kept: to the block that it stands in, or to the blocks around it.
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

/// True where the block before or after an element is kept, in the smallest part of the page that holds any beside it.
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
