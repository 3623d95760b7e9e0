//! Which blocks are the article: the model's scores, and what is made of them for the page as a whole.

use std::collections::BTreeSet;

use super::Stage;
use super::blocks::containers::{Containers, heading_level};
use super::blocks::features::{self, Said};
use super::blocks::model::Model;
use super::blocks::names::TOPICS;
use super::blocks::{self, Block};
use super::insets;
use super::media::Media;
use super::metadata::PRODUCT;
use super::scan::Scan;
use super::shape;
use super::units::{self, Unit};
use crate::html::text;
use crate::model::Step;

/// The share of the expected text that the blocks alone have to reach on a clear page: units, captions and notes add their
/// own. On an unclear page it rises to 1. Measured on WCXB, the open Chinese, Japanese and Korean pages and our own: of
/// 1, 0.95, 0.9 and so on to 0.65 it lets the least through without losing words.
const WANTED: f64 = 0.65;

/// A page is unclear where blocks with a score below one half hold more than this share of the expected text.
const UNCLEAR: f64 = 0.15;

/// The share rises from `WANTED` to 1 while those blocks hold up to this much more.
const RANGE: f64 = 0.2;

/// Names this near are told in the trace.
const NEAR: u8 = 2;

/// A page's blocks with the judgement on each.
pub struct Judged {
    /// The blocks, in reading order.
    pub blocks: Vec<Block>,
    /// What encloses them.
    pub containers: Containers,
    /// The images and players.
    pub media: Media,
    /// The tables of data, lists and blocks of code.
    pub units: Vec<Unit>,
    /// How sure it is that each is the article's, 0 to 1.
    pub scores: Vec<f32>,
    /// Which are taken.
    pub kept: Vec<bool>,
    /// Why a block's fate is another than its score's; None where the score decided.
    pub overruled: Vec<Option<&'static str>>,
    /// What sort of page it says it is, as `metadata` has it.
    pub kinds: u16,
    /// The host that the page is from; empty where it is not known.
    pub host: String,
    /// The tables that are kept as a whole, by their place in the scan: none of their cells may be missing.
    pub tables: BTreeSet<usize>,
    /// How right the choice is expected to be, 0 to 1: the F-measure, were every score a true probability.
    pub expected: f64,
}

impl Judged {
    /// A page of which everything is the article.
    pub fn whole(scan: &Scan<'_>) -> Self {
        let blocks = blocks::of(scan);
        let containers = Containers::of(scan, &blocks);
        let (scores, kept) = (vec![1.0; blocks.len()], vec![true; blocks.len()]);
        let overruled = vec![None; blocks.len()];
        let (host, tables) = (String::new(), BTreeSet::new());
        let (media, units) = (Media::of(scan), units::units(scan, &blocks, &containers));
        Self { blocks, containers, media, units, scores, kept, overruled, kinds: 0, host, tables, expected: 1.0 }
    }

    /// Every block with its score, in reading order.
    pub fn steps(&self, scan: &Scan<'_>) -> Vec<Step> {
        let all = self.blocks.iter().zip(&self.scores).zip(&self.kept).zip(&self.overruled);
        all.map(|(((block, &score), &kept), overruled)| Step {
            step: "block",
            kept,
            what: scan.describe(block.element),
            reason: overruled.map_or_else(|| self.reason(scan, block, kept), str::to_owned),
            score: Some(f64::from(score)),
        })
        .collect()
    }
}

impl Judged {
    /// The judgement in words, with what the surroundings are called.
    fn reason(&self, scan: &Scan<'_>, block: &Block, kept: bool) -> String {
        let near = self.containers.near(scan.entries[block.first].parent);
        let called: Vec<&str> =
            TOPICS.iter().zip(near).filter(|(_, distance)| **distance <= NEAR).map(|(topic, _)| *topic).collect();
        let judgement = if kept { "scored as the article's text" } else { "scored as something beside it" };
        if called.is_empty() { judgement.to_owned() } else { format!("{judgement}, in {}", called.join(" ")) }
    }
}

/// Judges every block of a page.
pub fn judge(scan: &Scan<'_>, said: &Said<'_>, model: &Model, done: &mut dyn FnMut(Stage)) -> Judged {
    let blocks = blocks::of(scan);
    let containers = Containers::of(scan, &blocks);
    let rows = features::rows(scan, &blocks, &containers, said, &model.words);
    done(Stage::Features);
    let scores = model.forest.scores(&rows);
    done(Stage::Inference);
    let (kept, expected) = choose(&blocks, &scores, said.kinds);
    let overruled = vec![None; blocks.len()];
    let kinds = said.kinds;
    let (host, tables) = (said.host.to_owned(), BTreeSet::new());
    let (media, units) = (Media::of(scan), units::units(scan, &blocks, &containers));
    let mut judged =
        Judged { blocks, containers, media, units, scores, kept, overruled, kinds, host, tables, expected };
    shape::correct(scan, &mut judged);
    insets::keep_code(scan, &mut judged);
    drop_title(scan, &mut judged, said.title);
    judged
}

/// Headings that say what the title says are no part of the text.
pub fn drop_title(scan: &Scan<'_>, judged: &mut Judged, title: &str) {
    for at in 0..judged.blocks.len() {
        if judged.kept[at] && repeats_title(scan, &judged.blocks[at], title) {
            judged.kept[at] = false;
            judged.overruled[at] = Some("the front matter holds the title");
        }
    }
}

/// A heading that says what the title says.
fn repeats_title(scan: &Scan<'_>, block: &Block, title: &str) -> bool {
    if !matches!(heading_level(scan.name(block.element)), 1 | 2) || title.is_empty() {
        return false;
    }
    let heading = text::collapse(&block.words_alone(scan));
    heading == title || title.starts_with(&heading) && heading.len() * 2 > title.len()
}

/// Returns the share of the expected text that the blocks have to reach: `WANTED` to 1. On a product page the unclear text
/// is what others say of the product, so the share stays low.
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

/// The set of blocks that is expected to be the most right: from the surest down, as long as the expected F-measure
/// rises. On an unclear page more uncertain blocks are taken than on a clear one.
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
