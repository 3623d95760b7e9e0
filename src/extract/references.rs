//! What a kept reference leads to is kept: footnotes, and the sources that a text names, however short they are.

use super::judge::Judged;
use super::notes::Notes;
use super::scan::Scan;

/// What the trace says of a footnote.
const REASON: &str = "a reference in the article leads to it";

/// Keeps the footnotes and sources to which kept text refers, and labels the footnotes in their order. Returns true when
/// something was kept that was not before.
pub fn keep(scan: &Scan<'_>, notes: &mut Notes, judged: &mut Judged) -> bool {
    let mut adds = false;
    let first = (0..judged.kept.len()).find(|&block| judged.kept[block]);
    notes.label(|at| is_kept(scan, judged, at));
    let definitions = notes.references().iter().map(|&(at, number)| {
        let definition = notes.definition(number);
        (at, (definition.start, definition.end))
    });
    let wanted: Vec<(usize, usize)> = definitions
        .chain(notes.pointed().iter().copied())
        .filter(|(at, _)| is_kept(scan, judged, *at))
        .map(|(_, note)| note)
        .collect();
    for (start, end) in wanted {
        let from = judged.containers.range(scan, start).0;
        let blocks = judged.blocks[from..].iter().take_while(|block| block.first < end).count();
        // What stands before the article is no note of it.
        if first.is_none_or(|first| from < first) {
            continue;
        }
        for block in (from..from + blocks).filter(|&block| judged.blocks[block].first >= start) {
            if !judged.kept[block] {
                judged.kept[block] = true;
                judged.overruled[block] = Some(REASON);
                adds = true;
            }
        }
    }
    adds
}

/// The node stands in a block that is kept.
pub fn is_kept(scan: &Scan<'_>, judged: &Judged, at: usize) -> bool {
    let after = judged.blocks.partition_point(|block| block.first <= at);
    // One that ends its block, or parts it as no other element does, stands behind the block's text.
    let around = scan.entries[scan.entries[at].parent].block;
    let inside =
        |block: usize| judged.kept[block] && (at < judged.blocks[block].end || judged.blocks[block].element == around);
    // A mark that begins its block, and shows nothing itself, stands before the block's first text.
    let next =
        judged.blocks.get(after).is_some_and(|block| judged.kept[after] && block.element < at && at < block.first);
    after.checked_sub(1).is_some_and(inside) || next
}
