//! Which blocks of a page are kept as its article, with the score of each and the reason where a rule overruled it.

use std::collections::BTreeSet;

use super::blocks::containers::Containers;
use super::blocks::names::TOPICS;
use super::blocks::{self, Block};
use super::find_units::{self, Unit};
use super::media::Media;
use super::scan::Scan;
use crate::model::Step;

/// Names at most this many elements away are listed in the trace.
const NEAR: u8 = 2;

/// A page's blocks with the score of each and the decision about it.
pub struct Selection {
    /// The blocks, in reading order.
    pub blocks: Vec<Block>,
    /// The elements around them.
    pub containers: Containers,
    /// The images and players.
    pub media: Media,
    /// The data tables, lists and code blocks.
    pub units: Vec<Unit>,
    /// The model's score that each block belongs to the article, 0 to 1.
    pub scores: Vec<f32>,
    /// Which blocks are kept.
    pub kept: Vec<bool>,
    /// The rule that overruled a block's score; None where the score decided.
    pub overruled: Vec<Option<&'static str>>,
    /// The kinds of page that structured data declares, as bits defined in `metadata`.
    pub kinds: u16,
    /// The page's host; empty when unknown.
    pub host: String,
    /// The tables that are kept complete, by their index in the scan: no cell may be missing.
    pub tables: BTreeSet<usize>,
    /// The expected F-measure of the choice, 0 to 1, taking every score as a probability.
    pub expected: f64,
}

impl Selection {
    /// Returns the selection of a page that keeps every block.
    pub fn all(scan: &Scan<'_>) -> Self {
        let blocks = blocks::of(scan);
        let containers = Containers::of(scan, &blocks);
        let (scores, kept) = (vec![1.0; blocks.len()], vec![true; blocks.len()]);
        let overruled = vec![None; blocks.len()];
        let (host, tables) = (String::new(), BTreeSet::new());
        let (media, units) = (Media::of(scan), find_units::units(scan, &blocks, &containers));
        Self { blocks, containers, media, units, scores, kept, overruled, kinds: 0, host, tables, expected: 1.0 }
    }

    /// Returns the trace of every block, in reading order.
    pub fn steps(&self, scan: &Scan<'_>) -> Vec<Step> {
        let all = self.blocks.iter().zip(&self.scores).zip(&self.kept).zip(&self.overruled).enumerate();
        all.map(|(at, (((block, &score), &kept), overruled))| Step {
            step: "block",
            kept,
            what: scan.describe(block.element),
            reason: overruled.map_or_else(|| self.reason(scan, at), str::to_owned),
            score: Some(f64::from(score)),
        })
        .collect()
    }
}

impl Selection {
    /// Returns the decision about a block in words, with the topics that names around it declare.
    fn reason(&self, scan: &Scan<'_>, at: usize) -> String {
        let near = self.containers.near(scan.entries[self.blocks[at].first].parent);
        let called: Vec<&str> =
            TOPICS.iter().zip(near).filter(|(_, distance)| **distance <= NEAR).map(|(topic, _)| *topic).collect();
        let decision = if self.kept[at] { "scored as the article's text" } else { "scored as boilerplate" };
        if called.is_empty() { decision.to_owned() } else { format!("{decision}, in {}", called.join(" ")) }
    }
}
