//! Training data of the block model: the same features that extraction uses.

use super::blocks;
use super::blocks::containers::Containers;
use super::blocks::features::{Features, PageFacts};
use super::blocks::name_weights::{self, Words};
use super::metadata;
use super::scan::Scan;
use crate::html::Page;
use crate::model::RawPage;

/// The blocks of one page.
pub struct Sheet {
    /// The text of each block, with its original white space.
    pub texts: Vec<String>,
    /// The number of features in a row.
    pub width: usize,
    /// The features, one row per block.
    pub numbers: Vec<f32>,
    /// For each block: hashes of the words in names directly around it, near it, and anywhere above it, once per
    /// occurrence.
    pub names: Vec<[Vec<u32>; 3]>,
}

/// Returns the blocks of a page with their features. `learned` lists hashes of words with their weights; without it, the
/// features that use them are zero.
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
    let rows = Features::of(&scan, &blocks, &containers, &facts, &words).rows(0..blocks.len());
    let names = blocks.iter().map(|block| name_weights::seen(&scan, block)).collect();
    Sheet {
        names,
        texts: blocks.iter().map(|block| block.words(&scan)).collect(),
        width: rows.width,
        numbers: rows.numbers,
    }
}
