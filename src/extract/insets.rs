//! Formulas and blocks of code stand or fall with the text around them: each is a whole, and what is in it says little
//! of whether it is the article's.

use super::cues::Cue;
use super::judge::Judged;
use super::scan::{Scan, Unit};

/// So many elements around a block of code may hold nothing but it.
const WRAPPERS: usize = 8;

/// A block with less of its text in links is no menu.
const LINKED: f32 = 0.5;

/// Keeps the blocks of code that stand beside kept text of the same part of the page.
pub fn keep_code(scan: &Scan<'_>, judged: &mut Judged) {
    let is_code = |judged: &Judged, at: usize| scan.entries[judged.blocks[at].element].unit == Some(Unit::Code);
    for at in 0..judged.kept.len() {
        let block = &judged.blocks[at];
        if !judged.kept[at]
            && is_code(judged, at)
            && block.text.link_density() < LINKED
            && !scan.entries[block.first].hidden
            && stands_by_kept(scan, judged, block.element)
        {
            judged.kept[at] = true;
            judged.overruled[at] = Some("code beside the article's text");
        }
    }
}

/// Whether a formula belongs to what is kept: to the block that it stands in, or to the blocks around it.
pub fn keeps_formula(scan: &Scan<'_>, judged: &Judged, at: usize) -> bool {
    let entry = &scan.entries[at];
    if entry.unseen {
        return false;
    }
    let next = judged.containers.range(scan, at).0;
    let own = |block: Option<usize>| {
        let block = block.filter(|&block| judged.blocks.get(block).is_some_and(|one| one.element == entry.block))?;
        judged.kept.get(block).copied()
    };
    match (own(next.checked_sub(1)), own(Some(next))) {
        (Some(before), Some(after)) => before || after,
        (Some(kept), None) | (None, Some(kept)) => kept,
        (None, None) => !entry.hidden && stands_by_kept(scan, judged, at),
    }
}

/// True where the block before or after an element is kept, in the smallest part of the page that holds any beside it.
fn stands_by_kept(scan: &Scan<'_>, judged: &Judged, at: usize) -> bool {
    let (from, to) = judged.containers.range(scan, at);
    let mut around = at;
    for _ in 0..WRAPPERS {
        if around == 0 || matches!(scan.entries[around].cue, Cue::Beside(_)) {
            return false;
        }
        around = scan.entries[around].parent;
        let (first, end) = judged.containers.range(scan, around);
        if first == from && end == to {
            continue;
        }
        let before = from.checked_sub(1).filter(|&before| before >= first);
        let after = Some(to).filter(|&after| after < end);
        return [before, after].into_iter().flatten().any(|beside| judged.kept[beside]);
    }
    false
}
