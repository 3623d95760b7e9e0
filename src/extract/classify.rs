//! Which blocks are the article: scores them with the model, chooses the best set for the page and corrects it by rules.

use std::collections::BTreeSet;

use super::Stage;
use super::blocks::containers::{Containers, heading_level};
use super::blocks::features::{Features, PageFacts};
use super::blocks::model::Model;
use super::blocks::{self, Block};
use super::corrections;
use super::find_units;
use super::formulas_and_code;
use super::media::Media;
use super::metadata::PRODUCT;
use super::scan::Scan;
use super::selection::Selection;
use crate::html::text;

/// The share of the expected text that the chosen blocks must reach on a clear page; units, captions and notes are added
/// later. On an unclear page it rises to 1. Measured on WCXB, the open Chinese, Japanese and Korean pages and our own: of
/// 1, 0.95, 0.9 and so on to 0.65, this value lets the least boilerplate through without losing words.
const WANTED: f64 = 0.65;

/// A page is unclear where blocks with a score below one half hold more than this share of the expected text.
const UNCLEAR: f64 = 0.15;

/// The share rises from `WANTED` to 1 while those blocks hold up to this much more.
const RANGE: f64 = 0.2;

/// The number of blocks whose features are in memory at once (6 MB). Of most pages these are all.
const TOGETHER: usize = 4096;

/// Scores every block of a page and selects those of the article. `done` is called after each stage; on a long page the
/// stages of features and of inference take turns.
pub fn classify(scan: &Scan<'_>, facts: &PageFacts<'_>, model: &Model, done: &mut dyn FnMut(Stage)) -> Selection {
    let blocks = blocks::of(scan);
    let containers = Containers::of(scan, &blocks);
    let features = Features::of(scan, &blocks, &containers, facts, &model.words);
    let mut scores = Vec::with_capacity(blocks.len());
    for from in (0..blocks.len()).step_by(TOGETHER) {
        let rows = features.rows(from..blocks.len().min(from + TOGETHER));
        done(Stage::Features);
        scores.extend(model.forest.scores(&rows));
        done(Stage::Inference);
    }
    let (kept, expected) = choose(&blocks, &scores, facts.kinds);
    let overruled = vec![None; blocks.len()];
    let kinds = facts.kinds;
    let (host, tables) = (facts.host.to_owned(), BTreeSet::new());
    let (media, units) = (Media::of(scan), find_units::units(scan, &blocks, &containers));
    let mut selection =
        Selection { blocks, containers, media, units, scores, kept, overruled, kinds, host, tables, expected };
    corrections::correct(scan, &mut selection);
    formulas_and_code::keep_code(scan, &mut selection);
    drop_title(scan, &mut selection, facts.title);
    selection
}

/// Drops headings that repeat the title: the front matter has it.
pub fn drop_title(scan: &Scan<'_>, selection: &mut Selection, title: &str) {
    for at in 0..selection.blocks.len() {
        if selection.kept[at] && repeats_title(scan, &selection.blocks[at], title) {
            selection.kept[at] = false;
            selection.overruled[at] = Some("the front matter holds the title");
        }
    }
}

/// Returns true for a heading that repeats the title or begins it.
fn repeats_title(scan: &Scan<'_>, block: &Block, title: &str) -> bool {
    if !matches!(heading_level(scan.name(block.element)), 1 | 2) || title.is_empty() {
        return false;
    }
    let heading = text::collapse(&block.words_alone(scan));
    heading == title || title.starts_with(&heading) && heading.len() * 2 > title.len()
}

/// Returns the share of the expected text that the chosen blocks must reach: `WANTED` to 1. On a product page the unclear
/// text is reviews, so the share stays low.
fn share_wanted(blocks: &[Block], scores: &[f32], kinds: u16) -> f64 {
    if kinds & PRODUCT != 0 {
        return WANTED;
    }
    let (mut all, mut uncertain) = (0.0, 0.0);
    for (block, &score) in blocks.iter().zip(scores) {
        let expected = f64::from(score) * f64::from(block.text.weight.max(1));
        all += expected;
        uncertain += if score < 0.5 { expected } else { 0.0 };
    }
    let rise = if all > 0.0 { (uncertain / all - UNCLEAR) / RANGE } else { 0.0 };
    WANTED + (1.0 - WANTED) * rise.clamp(0.0, 1.0)
}

/// Returns which blocks to keep and the expected F-measure of that choice. Blocks are taken by falling score while the
/// expected F-measure rises; on an unclear page more uncertain blocks are taken than on a clear one.
fn choose(blocks: &[Block], scores: &[f32], kinds: u16) -> (Vec<bool>, f64) {
    let weight = |at: usize| f64::from(blocks[at].text.weight.max(1));
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    let all: f64 = order.iter().map(|&at| f64::from(scores[at]) * weight(at)).sum();
    let wanted = all * share_wanted(blocks, scores, kinds);
    let (mut right, mut taken) = (0.0, 0.0);
    let (mut best, mut count, mut expected) = (0.0, 0, 0.0);
    for (place, &at) in order.iter().enumerate() {
        right += f64::from(scores[at]) * weight(at);
        taken += weight(at);
        let measure = 2.0 * right / (taken + wanted);
        if measure > best {
            (best, count, expected) = (measure, place + 1, 2.0 * right / (taken + all));
        }
    }
    let mut kept = vec![false; blocks.len()];
    for &at in &order[..count] {
        kept[at] = true;
    }
    (kept, expected)
}
