//! Callouts, cards, embedded posts and panels of tabs: each is kept complete where the text around it is kept.

use super::markup;
use super::page_regions::PageRegion;
use super::scan::Scan;
use super::selection::Selection;
use super::tabs;

/// The reason in the trace for blocks that are kept with their unit.
const REASON: &str = "it stands in a callout, a card or a panel of the article";

/// The minimum share of the kept text that the article's region contains, in tenths.
const REGION: u64 = 9;

/// Keeps the blocks of units that stand in the article.
pub fn keep(scan: &Scan<'_>, selection: &mut Selection) {
    let mut choice = Choice::of(scan, selection);
    let units = units(scan, selection);
    // A kept unit is a reason to keep the adjacent one, from either side.
    for &at in units.iter().chain(units.iter().rev()) {
        let (from, to) = selection.containers.range(scan, at);
        if !all_kept(selection, from, to) && choice.holds(scan, selection, at) {
            keep_blocks(selection, from, to);
        }
    }
    choice = Choice::of(scan, selection);
    for set in tabs::sets(scan) {
        let panels: Vec<(usize, usize)> =
            set.panels.iter().map(|(panel, _)| selection.containers.range(scan, *panel)).collect();
        let first = set.panels.iter().map(|(panel, _)| *panel).chain(set.skipped.iter().copied()).min().unwrap_or(0);
        let last = set.panels.iter().map(|(panel, _)| *panel).max().unwrap_or(0);
        if choice.is_set_in_text(scan, selection, (first, last)) {
            panels.iter().for_each(|(from, to)| keep_blocks(selection, *from, *to));
        }
    }
}

/// Returns the outermost units that contain text and are not kept yet.
fn units(scan: &Scan<'_>, selection: &Selection) -> Vec<usize> {
    let mut units = Vec::new();
    let mut at = 0;
    while at < scan.entries.len() {
        let (from, to) = selection.containers.range(scan, at);
        let entry = &scan.entries[at];
        // A unit that is kept completely needs no decision.
        let may_be = to > from && !entry.hidden && !entry.unseen && !all_kept(selection, from, to);
        let is_unit = may_be && scan.element(at).is_some_and(|element| markup::is_unit(element, entry.hints));
        if is_unit {
            units.push(at);
        }
        at = if is_unit { entry.end } else { at + 1 };
    }
    units
}

fn all_kept(selection: &Selection, from: usize, to: usize) -> bool {
    selection.kept[from..to].iter().all(|kept| *kept)
}

fn keep_blocks(selection: &mut Selection, from: usize, to: usize) {
    for at in from..to {
        if !selection.kept[at] {
            selection.kept[at] = true;
            selection.overruled[at] = Some(REASON);
        }
    }
}

/// Sums over the kept text.
struct Choice {
    /// The weight of kept blocks, over the first blocks.
    weights: Vec<u64>,
    /// The article's region: the smallest element that contains nearly all of it.
    region: usize,
}

impl Choice {
    fn of(scan: &Scan<'_>, selection: &Selection) -> Self {
        let mut weights = vec![0];
        let mut sum = 0;
        for (block, &kept) in selection.blocks.iter().zip(&selection.kept) {
            sum += u64::from(kept) * u64::from(block.text.weight);
            weights.push(sum);
        }
        let mut choice = Self { weights, region: 0 };
        while let Some(child) = scan
            .children(choice.region)
            .filter(|&child| scan.element(child).is_some())
            .find(|&child| sum > 0 && choice.kept_in(scan, selection, child) * 10 >= sum * REGION)
        {
            choice.region = child;
        }
        choice
    }

    fn kept_in(&self, scan: &Scan<'_>, selection: &Selection, at: usize) -> u64 {
        let (from, to) = selection.containers.range(scan, at);
        self.weights[to] - self.weights[from]
    }

    /// Returns true when the unit stands between kept text, or at the beginning or end of a kept part of the article.
    fn holds(&self, scan: &Scan<'_>, selection: &Selection, at: usize) -> bool {
        let (from, to) = selection.containers.range(scan, at);
        let mut around = scan.entries[at].parent;
        while around > 0 && selection.containers.range(scan, around) == (from, to) {
            if matches!(scan.entries[around].region, PageRegion::Boilerplate(_)) {
                return false;
            }
            around = scan.entries[around].parent;
        }
        if matches!(scan.entries[around].region, PageRegion::Boilerplate(_)) && !self.is_region(scan, around) {
            return false;
        }
        self.is_around(scan, selection, around, (from, to))
    }

    /// Returns true when the text around a set of tabs, outside its panels, is kept.
    fn is_set_in_text(&self, scan: &Scan<'_>, selection: &Selection, (first, last): (usize, usize)) -> bool {
        let from = selection.containers.range(scan, first).0;
        let to = selection.containers.range(scan, last).1;
        let mut around = scan.entries[first].parent;
        let is_wider = |around: usize| {
            let (start, end) = selection.containers.range(scan, around);
            scan.entries[around].end > last && (start < from || end > to)
        };
        while around > 0 && !is_wider(around) {
            around = scan.entries[around].parent;
        }
        from < to && self.is_around(scan, selection, around, (from, to))
    }

    fn is_region(&self, scan: &Scan<'_>, at: usize) -> bool {
        at >= self.region && at < scan.entries[self.region].end
    }

    /// Returns true when most of the text in `around` other than the blocks `from..to` is kept, and some of it directly
    /// beside them.
    fn is_around(&self, scan: &Scan<'_>, selection: &Selection, around: usize, (from, to): (usize, usize)) -> bool {
        let is_kept = |block: Option<usize>| block.and_then(|at| selection.kept.get(at)).is_some_and(|kept| *kept);
        let (before, after) = (is_kept(from.checked_sub(1)), is_kept(Some(to)));
        let (start, end) = selection.containers.range(scan, around);
        let inside_of = |block: usize| block >= start && block < end;
        if before && after {
            return self.is_region(scan, around) || inside_of(from.saturating_sub(1)) && inside_of(to);
        }
        let beside = before && from.checked_sub(1).is_some_and(inside_of) || after && inside_of(to);
        let weight = |from, to| u64::from(selection.containers.between(from, to).weight);
        let all = weight(start, end) - weight(from, to);
        let kept = self.weights[end] - self.weights[start] - (self.weights[to] - self.weights[from]);
        beside && self.is_region(scan, around) && kept * 2 >= all
    }
}
