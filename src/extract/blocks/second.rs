//! The second look at a block: what the first judgement says of the blocks around it.

use std::collections::BTreeMap;

use super::Block;
use super::containers::{Containers, heading_level};
use super::features::{self, Rows};
use crate::extract::scan::Scan;

/// Neighbours on each side whose scores are looked at.
const REACH: isize = 8;

/// Heights of enclosing containers whose scores are looked at.
const HEIGHTS: usize = 8;

/// Half widths of the windows around a block.
const WINDOWS: [usize; 3] = [3, 10, 30];

/// A score from which a block is surely the article's.
const SURE: f32 = 0.8;

/// Numbers in a row of [`rows`].
pub const WIDTH: usize = features::WIDTH + 50;

/// The first rows with what the first scores say appended. `scores` holds one for each block, 0 to 1.
pub fn rows(scan: &Scan<'_>, blocks: &[Block], containers: &Containers, first: &Rows, scores: &[f32]) -> Rows {
    let page = Page::of(scan, blocks, containers, scores);
    let mut numbers = Vec::with_capacity(blocks.len() * WIDTH);
    for at in 0..blocks.len() {
        numbers.extend_from_slice(first.row(at));
        page.row(at, &mut numbers);
    }
    debug_assert_eq!(numbers.len(), blocks.len() * WIDTH, "WIDTH counts the numbers of a row");
    Rows { width: WIDTH, numbers }
}

struct Page<'p, 'a> {
    scan: &'p Scan<'a>,
    blocks: &'p [Block],
    containers: &'p Containers,
    scores: &'p [f32],
    /// Sums of score times weight, and of score alone, over the first blocks.
    weighted: Vec<f64>,
    plain: Vec<f64>,
    /// By signature: how many blocks, sum of score times weight, weight.
    signatures: BTreeMap<u64, (u32, f64, u32)>,
    /// First and last sure block.
    sure: Option<(usize, usize)>,
    whole: [f32; 5],
}

impl<'p, 'a> Page<'p, 'a> {
    fn of(scan: &'p Scan<'a>, blocks: &'p [Block], containers: &'p Containers, scores: &'p [f32]) -> Self {
        let mut page = Self {
            scan,
            blocks,
            containers,
            scores,
            weighted: vec![0.0],
            plain: vec![0.0],
            signatures: BTreeMap::new(),
            sure: None,
            whole: [0.0; 5],
        };
        let (mut weighted, mut plain) = (0.0, 0.0);
        for (at, (block, &score)) in blocks.iter().zip(scores).enumerate() {
            let part = f64::from(score) * f64::from(block.text.weight);
            weighted += part;
            plain += f64::from(score);
            page.weighted.push(weighted);
            page.plain.push(plain);
            let sum = page.signatures.entry(containers.signature(scan, block.element)).or_default();
            *sum = (sum.0 + 1, sum.1 + part, sum.2 + block.text.weight);
            if score >= SURE && block.text.weight > 20 {
                page.sure = Some((page.sure.map_or(at, |(first, _)| first), at));
            }
        }
        let weight = containers.between(0, blocks.len()).weight;
        page.whole = [
            weighted as f32,
            share(weighted, weight),
            (plain / blocks.len().max(1) as f64) as f32,
            scores.iter().filter(|score| **score >= SURE).count() as f32,
            scores.iter().copied().fold(0.0, f32::max),
        ];
        page
    }

    fn row(&self, at: usize, out: &mut Vec<f32>) {
        out.push(self.scores[at]);
        for offset in (-REACH..=REACH).filter(|offset| *offset != 0) {
            let other = at.checked_add_signed(offset);
            out.push(other.and_then(|other| self.scores.get(other)).copied().unwrap_or(-1.0));
        }
        for half in WINDOWS {
            let (from, to) = (at.saturating_sub(half), (at + half + 1).min(self.blocks.len()));
            self.means(from, to, out);
        }
        let mut element = self.blocks[at].element;
        for _ in 0..HEIGHTS {
            let (from, to) = self.containers.range(self.scan, element);
            self.means(from, to, out);
            element = self.containers.wider(element);
        }
        let signature = self.containers.signature(self.scan, self.blocks[at].element);
        let (_, part, weight) = self.signatures.get(&signature).copied().unwrap_or_default();
        out.push(share(part, weight));
        self.sure(at, out);
        self.headings(at, out);
        out.extend(self.whole);
    }

    /// Mean score of blocks `from..to`, by weight, and their share of all that is thought to be the article.
    fn means(&self, from: usize, to: usize, out: &mut Vec<f32>) {
        let weight = self.containers.between(from, to).weight;
        let part = self.weighted[to] - self.weighted[from];
        out.push(share(part, weight));
        out.push((part / f64::from(self.whole[0]).max(1.0)) as f32);
    }

    /// How far the first and last sure block are, and how much of what is thought to be the article stands before.
    fn sure(&self, at: usize, out: &mut Vec<f32>) {
        let (first, last) = self.sure.unwrap_or((0, 0));
        out.push(at as f32 - first as f32);
        out.push(last as f32 - at as f32);
        out.push((self.weighted[at] / f64::from(self.whole[0]).max(1.0)) as f32);
    }

    /// Scores of the heading before and of the text right after up to the next heading: they stand or fall together.
    fn headings(&self, at: usize, out: &mut Vec<f32>) {
        let level = |at: usize| heading_level(self.scan.name(self.blocks[at].element));
        let before = (at.saturating_sub(40)..at).rev().find(|other| level(*other) > 0);
        out.push(before.map_or(-1.0, |before| self.scores[before]));
        let end = (at + 1..self.blocks.len().min(at + 40)).find(|other| level(*other) > 0);
        let end = end.unwrap_or(self.blocks.len().min(at + 40));
        let weight = self.containers.between(at + 1, end.max(at + 1)).weight;
        out.push(share(self.weighted[end.max(at + 1)] - self.weighted[at + 1], weight));
    }
}

fn share(part: f64, weight: u32) -> f32 {
    if weight == 0 { 0.0 } else { (part / f64::from(weight)) as f32 }
}
