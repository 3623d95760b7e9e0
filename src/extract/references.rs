//! Keeps the targets of kept references: footnotes and cited sources, however short they are.

use std::collections::BTreeSet;

use super::notes::Notes;
use super::scan::Scan;
use super::selection::Selection;

/// The reason in the trace.
const REASON: &str = "a reference in the article leads to it";

/// The maximum number of elements from an item up to its list.
const AROUND: usize = 4;

/// Keeps the footnotes and sources that kept text refers to, and labels the footnotes in order. Returns true when the
/// selection changed.
pub fn keep(scan: &Scan<'_>, notes: &mut Notes, selection: &mut Selection) -> bool {
    let before = selection.kept.clone();
    let first = (0..selection.kept.len()).find(|&block| selection.kept[block]);
    notes.label(|at| is_kept(scan, selection, at));
    let definitions = notes.references().iter().map(|&(at, number)| {
        let definition = notes.definition(number);
        (at, (definition.start, definition.end))
    });
    let wanted: Vec<(usize, usize)> = definitions
        .chain(notes.pointed().iter().copied())
        .filter(|(at, _)| is_kept(scan, selection, *at))
        .map(|(_, note)| note)
        .collect();
    for &(start, end) in &wanted {
        let from = selection.containers.range(scan, start).0;
        let blocks = selection.blocks[from..].iter().take_while(|block| block.first < end).count();
        // Text before the article is not one of its notes.
        if first.is_none_or(|first| from < first) {
            continue;
        }
        for block in (from..from + blocks).filter(|&block| selection.blocks[block].first >= start) {
            if !selection.kept[block] {
                selection.kept[block] = true;
                selection.overruled[block] = Some(REASON);
            }
        }
    }
    let lists: BTreeSet<usize> = wanted.iter().filter_map(|(start, _)| list_of(scan, *start)).collect();
    lists.into_iter().for_each(|list| complete(scan, selection, list));
    selection.kept != before
}

/// Returns the list that contains a footnote or source; None outside lists.
fn list_of(scan: &Scan<'_>, note: usize) -> Option<usize> {
    let above = std::iter::successors(Some(note), |&at| Some(scan.entries[at].parent).filter(|_| at > 0));
    above.take(AROUND).find(|&at| matches!(scan.name(at), "ol" | "ul"))
}

/// Keeps a complete list when most of it is kept: it may contain sources that no sentence cites.
fn complete(scan: &Scan<'_>, selection: &mut Selection, list: usize) {
    let (from, to) = selection.containers.range(scan, list);
    let shown = |&at: &usize| !scan.entries[selection.blocks[at].first].hidden;
    let blocks: Vec<usize> = (from..to).filter(shown).collect();
    let kept = blocks.iter().filter(|&&at| selection.kept[at]).count();
    if kept * 2 <= blocks.len() {
        return;
    }
    for at in blocks {
        if !selection.kept[at] {
            selection.kept[at] = true;
            selection.overruled[at] = Some("a list of sources stands as a whole");
        }
    }
}

/// Returns true when the reference stands in a kept block.
pub fn is_kept(scan: &Scan<'_>, selection: &Selection, at: usize) -> bool {
    let after = selection.blocks.partition_point(|block| block.first <= at);
    // A reference at the end of a block stands after the block's text.
    let around = scan.entries[scan.entries[at].parent].block;
    let inside = |block: usize| {
        selection.kept[block] && (at < selection.blocks[block].end || selection.blocks[block].element == around)
    };
    // A reference without text at the beginning of a block stands before the block's first text.
    let next = selection
        .blocks
        .get(after)
        .is_some_and(|block| selection.kept[after] && block.element < at && at < block.first);
    after.checked_sub(1).is_some_and(inside) || next
}
