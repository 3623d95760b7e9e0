//! What the block model learns from: the same numbers that extraction judges by.

use super::blocks;
use super::blocks::containers::Containers;
use super::blocks::features::{self, PageFacts};
use super::blocks::name_weights::{self, Words};
use super::metadata;
use super::scan::Scan;
use crate::html::Page;
use crate::model::RawPage;

/// The blocks of one page.
pub struct Sheet {
    /// The text of each block, white space as it stands.
    pub texts: Vec<String>,
    /// Numbers in a row.
    pub width: usize,
    /// One row for each block, one after another.
    pub numbers: Vec<f32>,
    /// For each block: hashes of the words in the names right around it, near it, and anywhere above it, as often as
    /// they stand there.
    pub names: Vec<[Vec<u32>; 3]>,
}

/// The blocks of a page with their numbers. `learned` holds words by their hash and the weights of each; with none of
/// them the numbers that come from them are zero.
pub fn sheet(raw: &RawPage, learned: &[(u32, [i16; 3])]) -> Sheet {
    let page = Page::parse(raw);
    let scan = Scan::of(&page);
    let found = metadata::find(&page, &scan);
    let blocks = blocks::of(&scan);
    let containers = Containers::of(&scan, &blocks);
    let facts = PageFacts {
        title: found.metadata.title.as_ref().map_or("", |title| title.value.as_str()),
        body: found.body.as_deref().unwrap_or_default(),
        kinds: found.kinds,
        ..PageFacts::default()
    };
    let words: Words = learned.iter().copied().collect();
    let rows = features::rows(&scan, &blocks, &containers, &facts, &words);
    let names = blocks.iter().map(|block| name_weights::seen(&scan, block)).collect();
    Sheet {
        names,
        texts: blocks.iter().map(|block| block.words(&scan)).collect(),
        width: rows.width,
        numbers: rows.numbers,
    }
}
