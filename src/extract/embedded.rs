//! Callouts, cards, posts of networks and panels of tabs: each is kept as a whole where the text around it is kept.

use super::cues::Cue;
use super::judge::Judged;
use super::markup;
use super::scan::Scan;
use super::tabs;

/// What the trace says of a block that is kept for the unit it stands in.
const REASON: &str = "it stands in a callout, a card or a panel of the article";

/// The share of the kept text that the article's own part of the page holds at least.
const REGION: u64 = 9;

/// Keeps the blocks of units that stand in the article.
pub fn keep(scan: &Scan<'_>, judged: &mut Judged) {
    let mut choice = Choice::of(scan, judged);
    let units = units(scan, judged);
    // Units beside each other: one is kept for the next, from either side.
    for &at in units.iter().chain(units.iter().rev()) {
        let (from, to) = judged.containers.range(scan, at);
        if !all_kept(judged, from, to) && choice.holds(scan, judged, at) {
            keep_blocks(judged, from, to);
        }
    }
    choice = Choice::of(scan, judged);
    for set in tabs::sets(scan) {
        let panels: Vec<(usize, usize)> =
            set.panels.iter().map(|(panel, _)| judged.containers.range(scan, *panel)).collect();
        let first = set.panels.iter().map(|(panel, _)| *panel).chain(set.left.iter().copied()).min().unwrap_or(0);
        let last = set.panels.iter().map(|(panel, _)| *panel).max().unwrap_or(0);
        if choice.is_set_in_text(scan, judged, (first, last)) {
            panels.iter().for_each(|(from, to)| keep_blocks(judged, *from, *to));
        }
    }
}

/// The outermost units with text in them.
fn units(scan: &Scan<'_>, judged: &Judged) -> Vec<usize> {
    let mut units = Vec::new();
    let mut at = 0;
    while at < scan.entries.len() {
        let (from, to) = judged.containers.range(scan, at);
        let entry = &scan.entries[at];
        // What is kept as a whole already needs no look.
        let may_be = to > from && !entry.hidden && !entry.unseen && !all_kept(judged, from, to);
        let is_unit = may_be && scan.element(at).is_some_and(|element| markup::is_unit(element, entry.hints));
        if is_unit {
            units.push(at);
        }
        at = if is_unit { entry.end } else { at + 1 };
    }
    units
}

fn all_kept(judged: &Judged, from: usize, to: usize) -> bool {
    judged.kept[from..to].iter().all(|kept| *kept)
}

fn keep_blocks(judged: &mut Judged, from: usize, to: usize) {
    for at in from..to {
        if !judged.kept[at] {
            judged.kept[at] = true;
            judged.overruled[at] = Some(REASON);
        }
    }
}

/// Sums over what is kept.
struct Choice {
    /// The weight of kept blocks, over the first blocks.
    weights: Vec<u64>,
    /// The smallest element that holds nearly all of it.
    region: usize,
}

impl Choice {
    fn of(scan: &Scan<'_>, judged: &Judged) -> Self {
        let mut weights = vec![0];
        let mut sum = 0;
        for (block, &kept) in judged.blocks.iter().zip(&judged.kept) {
            sum += u64::from(kept) * u64::from(block.text.weight);
            weights.push(sum);
        }
        let mut choice = Self { weights, region: 0 };
        while let Some(child) = scan
            .children(choice.region)
            .filter(|&child| scan.element(child).is_some())
            .find(|&child| sum > 0 && choice.kept_in(scan, judged, child) * 10 >= sum * REGION)
        {
            choice.region = child;
        }
        choice
    }

    fn kept_in(&self, scan: &Scan<'_>, judged: &Judged, at: usize) -> u64 {
        let (from, to) = judged.containers.range(scan, at);
        self.weights[to] - self.weights[from]
    }

    /// The unit stands among kept text, or at the beginning or end of a part of the article that is kept.
    fn holds(&self, scan: &Scan<'_>, judged: &Judged, at: usize) -> bool {
        let (from, to) = judged.containers.range(scan, at);
        let mut around = scan.entries[at].parent;
        while around > 0 && judged.containers.range(scan, around) == (from, to) {
            if matches!(scan.entries[around].cue, Cue::Beside(_)) {
                return false;
            }
            around = scan.entries[around].parent;
        }
        if matches!(scan.entries[around].cue, Cue::Beside(_)) && !self.is_region(scan, around) {
            return false;
        }
        self.is_around(scan, judged, around, (from, to))
    }

    /// The text around a set of tabs, outside all of its panels, is kept.
    fn is_set_in_text(&self, scan: &Scan<'_>, judged: &Judged, (first, last): (usize, usize)) -> bool {
        let from = judged.containers.range(scan, first).0;
        let to = judged.containers.range(scan, last).1;
        let mut around = scan.entries[first].parent;
        let is_wider = |around: usize| {
            let (start, end) = judged.containers.range(scan, around);
            scan.entries[around].end > last && (start < from || end > to)
        };
        while around > 0 && !is_wider(around) {
            around = scan.entries[around].parent;
        }
        from < to && self.is_around(scan, judged, around, (from, to))
    }

    fn is_region(&self, scan: &Scan<'_>, at: usize) -> bool {
        at >= self.region && at < scan.entries[self.region].end
    }

    /// Most of the text that `around` holds beside the blocks `from..to` is kept, and some of it right beside them.
    fn is_around(&self, scan: &Scan<'_>, judged: &Judged, around: usize, (from, to): (usize, usize)) -> bool {
        let is_kept = |block: Option<usize>| block.and_then(|at| judged.kept.get(at)).is_some_and(|kept| *kept);
        let (before, after) = (is_kept(from.checked_sub(1)), is_kept(Some(to)));
        let (start, end) = judged.containers.range(scan, around);
        let inside_of = |block: usize| block >= start && block < end;
        if before && after {
            return self.is_region(scan, around) || inside_of(from.saturating_sub(1)) && inside_of(to);
        }
        let beside = before && from.checked_sub(1).is_some_and(inside_of) || after && inside_of(to);
        let weight = |from, to| u64::from(judged.containers.between(from, to).weight);
        let all = weight(start, end) - weight(from, to);
        let kept = self.weights[end] - self.weights[start] - (self.weights[to] - self.weights[from]);
        beside && self.is_region(scan, around) && kept * 2 >= all
    }
}
