//! Which blocks of a page are kept as its article, with the score of each and the reason where a rule overruled it.

use std::collections::BTreeSet;

use super::blocks::containers::Containers;
use super::blocks::names::TOPICS;
use super::blocks::{self, Block};
use super::media::Media;
use super::scan::Scan;
use crate::model::Step;

/// Names this near are told in the trace.
const NEAR: u8 = 2;

/// A page's blocks with the judgement on each.
pub struct Selection {
    /// The blocks, in reading order.
    pub blocks: Vec<Block>,
    /// What encloses them.
    pub containers: Containers,
    /// The images and players.
    pub media: Media,
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

impl Selection {
    /// A page of which everything is the article.
    pub fn whole(scan: &Scan<'_>) -> Self {
        let blocks = blocks::of(scan);
        let containers = Containers::of(scan, &blocks);
        let (scores, kept) = (vec![1.0; blocks.len()], vec![true; blocks.len()]);
        let overruled = vec![None; blocks.len()];
        let (host, tables) = (String::new(), BTreeSet::new());
        let media = Media::of(scan);
        Self { blocks, containers, media, scores, kept, overruled, kinds: 0, host, tables, expected: 1.0 }
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

impl Selection {
    /// The judgement in words, with what the surroundings are called.
    fn reason(&self, scan: &Scan<'_>, block: &Block, kept: bool) -> String {
        let near = self.containers.near(scan.entries[block.first].parent);
        let called: Vec<&str> =
            TOPICS.iter().zip(near).filter(|(_, distance)| **distance <= NEAR).map(|(topic, _)| *topic).collect();
        let judgement = if kept { "scored as the article's text" } else { "scored as something beside it" };
        if called.is_empty() { judgement.to_owned() } else { format!("{judgement}, in {}", called.join(" ")) }
    }
}
