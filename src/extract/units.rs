//! Which blocks make a unit, and the decision on each: a table of data, a list, a definition list or code is the
//! article's as a whole or not at all.

mod find;

use std::collections::BTreeSet;

use super::blocks::Block;
use super::blocks::containers::heading_level;
use super::cues::Cue;
use super::judge::Judged;
use super::labels::{self, Label};
use super::scan::Scan;

use find::{Kind, Unit, ancestors};

/// A block with so much of its text in links is a link.
const LINK: f32 = 0.85;

/// What stands directly around a unit is looked for no further up than this.
const UP: usize = 4;

/// The same from the block beside it, which may lie in a list or a table of its own.
const UP_BESIDE: usize = 7;

/// Parts of a unit that are no text of it are looked for no further up than this.
const INSIDE: usize = 12;

/// A heading stands no more blocks before its list than this: a link to edit it may stand between them.
const INTRO: usize = 3;

/// What stands between a heading and its list is no heavier than this.
const EDIT: u32 = 20;

/// Text of this weight (some 40 letters, 14 Han characters) with a sentence mark is a sentence.
const SENTENCE: u32 = 40;

/// Words for what stands in a cell or an item and is none of its text.
const FURNITURE: [&str; 24] = [
    "ad",
    "ads",
    "adsbygoogle",
    "advert",
    "advertisement",
    "comment",
    "comments",
    "dropdown",
    "feedback",
    "login",
    "menu",
    "modal",
    "nav",
    "navigation",
    "newsletter",
    "overlay",
    "popup",
    "share",
    "shares",
    "sharing",
    "signup",
    "social",
    "toolbar",
    "tooltip",
];

/// Topics of what surrounds a unit that is none of the text: comments, menus, feet, buttons to share, other articles,
/// advertisements, notices, crumbs, page numbers, forms.
const APART: u64 = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14;

/// Where a unit stands among what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between two parts of the text.
    Inside,
    /// Before the first part of the text.
    First,
    /// After the last part of the text.
    Last,
    /// Beside nothing that is kept.
    Apart,
}

/// What a unit holds, furniture not counted.
#[derive(Default)]
struct Held {
    /// Its blocks.
    blocks: Vec<usize>,
    /// Weight of all, of what is kept, and of what is linked.
    all: u32,
    kept: u32,
    /// How many blocks are links.
    links: usize,
}

/// Decides on every unit of a page, and notes which tables are kept.
pub fn correct(scan: &Scan<'_>, judged: &mut Judged) {
    judged.tables.clear();
    let mut tables = BTreeSet::new();
    for unit in find::units(scan, judged) {
        let held = held(scan, judged, &unit);
        if held.blocks.is_empty() {
            continue;
        }
        let intro = intro(scan, judged, &unit);
        let place = place(scan, judged, &unit, intro);
        let keeps = keeps(scan, judged, &unit, (&held, intro, place));
        settle(scan, judged, &unit, (&held, intro, keeps));
        if keeps && unit.kind == Kind::Table {
            tables.insert(unit.at);
        }
    }
    judged.tables = tables;
}

fn held(scan: &Scan<'_>, judged: &Judged, unit: &Unit) -> Held {
    let mut held = Held::default();
    let is_hidden = scan.entries[unit.at].hidden;
    for at in unit.from..unit.to {
        let block = &judged.blocks[at];
        if scan.entries[block.first].hidden && !is_hidden || is_furniture(scan, block, unit.at) {
            continue;
        }
        let weight = block.text.weight.max(1);
        held.blocks.push(at);
        held.all += weight;
        held.kept += if judged.kept[at] { weight } else { 0 };
        held.links += usize::from(block.text.link_density() >= LINK);
    }
    held
}

/// A control, or what a name inside the unit marks as something else. A cell is called what its column is about.
fn is_furniture(scan: &Scan<'_>, block: &Block, unit: usize) -> bool {
    let inside = ancestors(scan, scan.entries[block.first].parent).take_while(|&at| at > unit).take(INSIDE);
    inside.into_iter().any(|at| {
        let is_part = matches!(scan.name(at), "li" | "td" | "th" | "dt" | "dd" | "tr" | "tbody" | "thead");
        let named = matches!(scan.entries[at].cue, Cue::Beside(word) if FURNITURE.contains(&word));
        scan.name(at) == "button" || named && !is_part
    })
}

/// The heading or label right before a unit.
fn intro(scan: &Scan<'_>, judged: &Judged, unit: &Unit) -> Option<usize> {
    for at in (0..unit.from).rev().take(INTRO) {
        let block = &judged.blocks[at];
        let is_heading = heading_level(scan.name(block.element)) > 0
            || matches!(scan.name(block.element), "p" | "div" | "span" | "summary" | "caption")
                && block.text.weight <= 2 * SENTENCE
                && labels::of(&block.words(scan)).is_some();
        if is_heading {
            return Some(at);
        }
        if block.text.weight > EDIT || judged.kept[at] {
            break;
        }
    }
    None
}

fn place(scan: &Scan<'_>, judged: &Judged, unit: &Unit, intro: Option<usize>) -> Place {
    let is_near = |at: usize| judged.kept[at] && is_near(scan, unit.at, judged.blocks[at].element);
    let before = |at: usize| at.checked_sub(1).is_some_and(is_near);
    // The heading's own fate may hang on the unit's: what stands before it counts as well.
    let is_after = before(unit.from) || intro.is_some_and(|at| is_near(at) || before(at));
    let is_before = unit.to < judged.blocks.len() && is_near(unit.to);
    match (is_after, is_before) {
        (true, true) => Place::Inside,
        (true, false) => Place::Last,
        (false, true) => Place::First,
        (false, false) => Place::Apart,
    }
}

/// Whether a block stands in the same part of the page as a unit, with nothing around the unit alone that is called
/// something else than text.
fn is_near(scan: &Scan<'_>, unit: usize, beside: usize) -> bool {
    let around: Vec<usize> = ancestors(scan, scan.entries[unit].parent).take(UP).collect();
    for at in ancestors(scan, beside).take(UP_BESIDE) {
        if let Some(up) = around.iter().position(|&around| around == at) {
            let alone = std::iter::once(unit).chain(around[..up].iter().copied());
            return alone.into_iter().all(|at| {
                let entry = &scan.entries[at];
                entry.topics & APART == 0 && !matches!(entry.cue, Cue::Beside(_))
            });
        }
        if scan.entries[at].cue == Cue::Content && at != beside {
            return false;
        }
    }
    false
}

type View<'h> = (&'h Held, Option<usize>, Place);

/// Whether a unit is the article's.
fn keeps(scan: &Scan<'_>, judged: &Judged, unit: &Unit, (held, intro, place): View<'_>) -> bool {
    let most = held.kept * 2 > held.all;
    let label = intro.and_then(|at| labels::of(&judged.blocks[at].words(scan)));
    let is_menu = held.links * 2 > held.blocks.len();
    match unit.kind {
        Kind::Code => most || held.kept > 0 || matches!(place, Place::Inside | Place::Last),
        Kind::Table if held.links == held.blocks.len() => most || place == Place::Inside,
        Kind::Table => most || place != Place::Apart,
        Kind::Terms | Kind::List if !is_menu => most || matches!(place, Place::Inside | Place::Last),
        Kind::Terms | Kind::List => {
            let told = matches!(place, Place::Inside | Place::Last);
            match label {
                Some(Label::Sources) if told => true,
                Some(Label::Further) if told => most || leads_away(scan, judged, unit),
                Some(Label::Related) => false,
                _ => most || told && (is_introduced(judged, unit) || lists_addresses(scan, judged, held)),
            }
        }
    }
}

/// The sentence before a unit leads over to it.
fn is_introduced(judged: &Judged, unit: &Unit) -> bool {
    let before = unit.from.checked_sub(1).filter(|&at| judged.kept[at]).map(|at| &judged.blocks[at].text);
    before.is_some_and(|text| text.weight >= SENTENCE && matches!(text.last, ':' | '：'))
}

/// Addresses written out as such are sources.
fn lists_addresses(scan: &Scan<'_>, judged: &Judged, held: &Held) -> bool {
    let written = |&&at: &&usize| {
        let block = &judged.blocks[at];
        block.text.first.eq_ignore_ascii_case(&'h') && block.words(scan).trim_start().starts_with("http")
    };
    held.blocks.iter().filter(written).count() * 2 > held.blocks.len()
}

/// Most of a unit's links lead to other sites.
fn leads_away(scan: &Scan<'_>, judged: &Judged, unit: &Unit) -> bool {
    let range = unit.at..scan.entries[unit.at].end;
    let hrefs = range.filter_map(|at| scan.element(at).filter(|_| scan.name(at) == "a")?.attr("href"));
    let (mut away, mut all) = (0, 0);
    for href in hrefs {
        all += 1;
        away += usize::from(labels::leads_away(href, &judged.host));
    }
    away * 2 > all
}

/// Carries a decision out, and the fate of the heading with it.
fn settle(scan: &Scan<'_>, judged: &mut Judged, unit: &Unit, (held, intro, keeps): (&Held, Option<usize>, bool)) {
    let was_kept = held.kept > 0;
    if keeps {
        held.blocks.iter().for_each(|&at| judged.kept[at] = true);
        if let Some(at) = intro.filter(|&at| is_near(scan, unit.at, judged.blocks[at].element)) {
            judged.kept[at] = true;
        }
        return;
    }
    judged.kept[unit.from..unit.to].fill(false);
    let Some(at) = intro.filter(|&at| judged.kept[at]) else { return };
    let block = |at: usize| scan.name(judged.blocks[at].element);
    let level = heading_level(block(at));
    // Nothing of the section is left: what comes next is not kept, or is a heading of the same rank.
    let next = (unit.to < judged.blocks.len() && judged.kept[unit.to]).then_some(unit.to);
    let goes_on = next.is_some_and(|next| {
        let after = heading_level(block(next));
        after == 0 || level > 0 && after > level
    });
    let is_alone = held.links * 2 > held.blocks.len() || was_kept;
    if !goes_on && is_alone && (at + 1..unit.from).all(|at| !judged.kept[at]) {
        judged.kept[at] = false;
    }
}
