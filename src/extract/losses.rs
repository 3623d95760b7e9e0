//! Losses: units of the article's region that are not in the article.
//!
//! The region is the common container of what is kept. Every unit in it is kept, or recognised as boilerplate by a name, a
//! tag, a link or a phrase, or reported as a loss.

use std::ops::Range;

use super::blocks::names;
use super::blocks::phrases::PHRASES;
use super::build::Built;
use super::coverage::Coverage;
use super::figures;
use super::page_regions::PageRegion;
use super::scan::Scan;
use super::selection::Selection;
use crate::html::text;
use crate::images::{self, ImageChoice};
use crate::model::{Loss, LossKind, Step, Warning, WarningKind};

/// Runs of text with more words than this are reported.
const WORDS: u32 = 20;

/// Han characters and kana to a word (chosen by eye: Chinese words are one or two characters long).
const WIDE_TO_A_WORD: u32 = 2;

/// The maximum number of elements around a unit that are checked for names of boilerplate.
const AROUND: usize = 60;

/// Lines up to this weight are recognised as boilerplate by their words.
const LABEL: u32 = 90;

/// The maximum length of a loss's text, in characters.
const SHOWN: usize = 80;

/// The maximum number of losses reported for one page.
const MOST: usize = 200;

/// Returns the units of the article's region that were left out without a reason, in page order.
pub fn find(scan: &Scan<'_>, selection: &Selection, kept: &Coverage<'_, '_>) -> Vec<Loss> {
    let region = kept.region();
    let mut losses: Vec<(usize, Loss)> = Vec::new();
    losses.extend(units(scan, selection, kept, region.clone()));
    losses.extend(images(scan, kept, &region));
    let units: Vec<Range<usize>> = losses.iter().map(|&(at, _)| at..scan.entries[at].end).collect();
    losses.extend(texts(scan, selection, &region).filter(|(at, _)| !units.iter().any(|unit| unit.contains(at))));
    losses.sort_by_key(|(at, _)| *at);
    losses.truncate(MOST);
    losses.into_iter().map(|(_, loss)| loss).collect()
}

/// Returns what was selected but could not be built: formulas that cannot be read, images whose URL the page does not hold,
/// and references whose notes the page does not hold.
pub fn of_building(built: &Built, notes: Vec<String>) -> Vec<Loss> {
    let formulas = built.unreadable_formulas.iter().map(|text| Loss::new(LossKind::Formula, text.clone()));
    let images = built.unnamed_images.iter().map(|alt| Loss::new(LossKind::Image, alt.clone()));
    let notes = notes.into_iter().map(|mark| Loss::new(LossKind::Note, mark));
    formulas.chain(images).chain(notes).take(MOST).collect()
}

/// Returns the warning of an article with formulas that cannot be read.
pub fn formula_warning(losses: &[Loss]) -> Option<Warning> {
    let count = losses.iter().filter(|loss| loss.kind == LossKind::Formula).count();
    let formulas = if count == 1 { "1 formula" } else { &format!("{count} formulas") };
    (count > 0).then(|| {
        Warning::new(WarningKind::Formula, format!("{formulas} could not be read as TeX; compare with the page"))
    })
}

/// Returns the warning about lost units; None when only text or nothing is lost.
pub fn warning(losses: &[Loss]) -> Option<Warning> {
    let mut counts: Vec<(LossKind, usize)> = Vec::new();
    for loss in losses.iter().filter(|loss| loss.kind.is_unit()) {
        match counts.iter_mut().find(|(kind, _)| *kind == loss.kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((loss.kind, 1)),
        }
    }
    let counted: Vec<String> =
        counts.iter().map(|(kind, count)| format!("{count} {}", plural(*kind, *count))).collect();
    (!counted.is_empty()).then(|| {
        Warning::new(
            WarningKind::Incomplete,
            format!("{} of the article could not be kept; see its losses", counted.join(", ")),
        )
    })
}

/// Returns the trace of the losses.
pub fn steps(losses: &[Loss]) -> Vec<Step> {
    let step = |loss: &Loss| Step {
        step: "loss",
        kept: false,
        what: loss.detail.clone(),
        reason: format!("{} in the article's region, not recognised as boilerplate", loss.kind.as_str()),
        score: None,
    };
    losses.iter().map(step).collect()
}

fn plural(kind: LossKind, count: usize) -> String {
    let name = if kind == LossKind::Code { "code block" } else { kind.as_str() };
    if count == 1 { name.to_owned() } else { format!("{name}s") }
}

/// Returns tables, code blocks and formulas of which nothing was kept.
fn units(scan: &Scan<'_>, selection: &Selection, kept: &Coverage<'_, '_>, region: Range<usize>) -> Vec<(usize, Loss)> {
    let mut found = Vec::new();
    let mut at = region.start + 1;
    while at < region.end {
        let kind = match scan.name(at) {
            "table" if is_of_data(scan, at) => Some(LossKind::Table),
            "pre" => Some(LossKind::Code),
            "math" | "mjx-container" => Some(LossKind::Formula),
            _ => None,
        };
        let is_lost = kind.is_some()
            && kept.reason(at).is_some()
            && has_content(scan, selection, at)
            && !is_recognised(scan, selection, at, region.start, weak(scan, at));
        match kind.filter(|_| is_lost) {
            Some(kind) => {
                found.push((at, Loss::new(kind, beginning(scan, at))));
                at = scan.entries[at].end;
            }
            None => at += 1,
        }
    }
    found
}

fn has_content(scan: &Scan<'_>, selection: &Selection, at: usize) -> bool {
    let entry = &scan.entries[at];
    !entry.unseen && !entry.hidden && selection.containers.inside(scan, at).weight > 0
}

/// Returns true for a table with at least two rows, and at least two cells in one of the first.
fn is_of_data(scan: &Scan<'_>, table: usize) -> bool {
    let end = scan.entries[table].end.min(table + 400);
    let mut rows = 0;
    let (mut cells, mut widest) = (0, 0);
    for at in table + 1..end {
        match scan.name(at) {
            "tr" => (rows, cells) = (rows + 1, 0),
            "td" | "th" => {
                cells += 1;
                widest = widest.max(cells);
            }
            "table" => return false,
            _ => {}
        }
    }
    rows >= 2 && widest >= 2
}

/// Returns images and frames that were left out without evidence against them.
fn images(scan: &Scan<'_>, kept: &Coverage<'_, '_>, region: &Range<usize>) -> Vec<(usize, Loss)> {
    let inside = kept.left_out().iter().filter(|(at, _)| region.contains(at));
    let lost = inside.filter(|(_, why)| why.is_unexplained());
    let shows = |at: usize| {
        let Some(element) = scan.element(at) else { return false };
        if element.value().name() != "img" {
            return ["src", "data-src", "data"].iter().any(|name| element.attr(name).is_some_and(|src| src.len() > 12));
        }
        let attrs: Vec<(&str, &str)> = element.value().attrs().collect();
        matches!(images::pick(&attrs, &[], &[]), ImageChoice::Image(_))
    };
    let kind = |at: usize| match scan.name(at) {
        "iframe" | "embed" | "video" | "audio" | "object" => LossKind::Embed,
        _ => LossKind::Image,
    };
    let lost = lost.filter(|(at, _)| shows(*at) && !figures::is_in_boilerplate(scan, *at, region.start));
    lost.map(|(at, _)| (*at, Loss::new(kind(*at), figures::url(scan, *at)))).collect()
}

/// Returns long runs of text that were left out.
fn texts(scan: &Scan<'_>, selection: &Selection, region: &Range<usize>) -> impl Iterator<Item = (usize, Loss)> {
    let (from, to) = selection.containers.range(scan, region.start);
    let mut found = Vec::new();
    let mut run: Option<(usize, u32)> = None;
    let mut last = 0;
    for at in from..to {
        let block = &selection.blocks[at];
        let is_lost = !selection.kept[at]
            && selection.overruled[at].is_none()
            && !scan.entries[block.first].hidden
            && !says_what_it_is(scan, selection, at)
            && !is_recognised(scan, selection, block.first, region.start, 0);
        if is_lost {
            let (first, words) = run.unwrap_or((block.first, 0));
            run = Some((first, words + block.text.words.max(block.text.wide / WIDE_TO_A_WORD)));
            last = block.end;
        } else if let Some((first, words)) = run.take() {
            found.push((first, last, words));
        }
    }
    found.extend(run.map(|(first, words)| (first, last, words)));
    let long = found.into_iter().filter(|&(_, _, words)| words > WORDS);
    let shown: Vec<_> = long.map(|(from, to, _)| (from, Loss::new(LossKind::Text, text_of(scan, from..to)))).collect();
    shown.into_iter()
}

/// Returns true for a line of links, or a label with the words of boilerplate.
fn says_what_it_is(scan: &Scan<'_>, selection: &Selection, at: usize) -> bool {
    let block = &selection.blocks[at];
    block.text.link_density() >= 0.5 || block.text.weight <= LABEL && PHRASES.topics(scan, block) != 0
}

/// Returns the topics that are not evidence against a unit: a data table with headers may stand in a box with share
/// buttons or promotions.
fn weak(scan: &Scan<'_>, at: usize) -> u64 {
    let mut inside = at..scan.entries[at].end.min(at + 60);
    let has_head = scan.name(at) == "table" && inside.any(|at| matches!(scan.name(at), "th" | "caption"));
    if has_head { names::SHARED | names::PROMOTED } else { 0 }
}

/// Returns true when a name or tag around the unit, inside the region, marks boilerplate, or when the unit is mostly links.
/// Names of the topics `weak` do not count.
fn is_recognised(scan: &Scan<'_>, selection: &Selection, at: usize, region: usize, weak: u64) -> bool {
    let around = std::iter::successors(Some(at), |&at| Some(scan.entries[at].parent).filter(|_| at > 0));
    let named = |at: usize| {
        let entry = &scan.entries[at];
        let is_beside = matches!(entry.region, PageRegion::Boilerplate(_)) && entry.topics & weak == 0;
        entry.topics & names::BOILERPLATE & !weak != 0 || is_beside
    };
    around.take(AROUND).take_while(|&at| at != region).any(named) || {
        let sum = selection.containers.inside(scan, at);
        sum.linked * 2 > sum.weight
    }
}

fn beginning(scan: &Scan<'_>, at: usize) -> String {
    text_of(scan, at..scan.entries[at].end)
}

fn text_of(scan: &Scan<'_>, range: Range<usize>) -> String {
    let mut out = String::new();
    for entry in scan.entries[range].iter().filter(|entry| !entry.unseen) {
        if let Some(found) = entry.node.value().as_text() {
            out.push_str(&found.text);
            out.push(' ');
        }
        if out.chars().count() > 4 * SHOWN {
            break;
        }
    }
    text::collapse(&out).chars().filter(|c| !c.is_control()).take(SHOWN).collect()
}
