//! What a kept reference leads to is kept: footnotes, and the sources that a text names, however short they are.

use std::collections::BTreeSet;

use super::notes::Notes;
use super::scan::Scan;
use super::selection::Selection;

/// What the trace says of a footnote.
const REASON: &str = "a reference in the article leads to it";

/// A list stands no further around its items.
const AROUND: usize = 4;

/// Keeps the footnotes and sources to which kept text refers, and labels the footnotes in their order. Returns true when
/// something was kept that was not before.
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
        // What stands before the article is no note of it.
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

/// The list that a footnote or source is an item of.
fn list_of(scan: &Scan<'_>, note: usize) -> Option<usize> {
    let above = std::iter::successors(Some(note), |&at| Some(scan.entries[at].parent).filter(|_| at > 0));
    above.take(AROUND).find(|&at| matches!(scan.name(at), "ol" | "ul"))
}

/// Keeps all of a list of which most is kept: a source that no sentence names is one too.
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

/// The node stands in a block that is kept.
pub fn is_kept(scan: &Scan<'_>, selection: &Selection, at: usize) -> bool {
    let after = selection.blocks.partition_point(|block| block.first <= at);
    // One that ends its block, or parts it as no other element does, stands behind the block's text.
    let around = scan.entries[scan.entries[at].parent].block;
    let inside = |block: usize| {
        selection.kept[block] && (at < selection.blocks[block].end || selection.blocks[block].element == around)
    };
    // A mark that begins its block, and shows nothing itself, stands before the block's first text.
    let next = selection
        .blocks
        .get(after)
        .is_some_and(|block| selection.kept[after] && block.element < at && at < block.first);
    after.checked_sub(1).is_some_and(inside) || next
}
