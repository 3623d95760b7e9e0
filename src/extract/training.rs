//! What the block model learns from: the same numbers that extraction judges by.

use super::blocks::containers::Containers;
use super::blocks::features::{self, Said};
use super::blocks::{self, second};
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
}

/// The blocks of a page with their numbers. With the first forest's `scores` of the same page (one a block, 0 to 1)
/// the rows are those that the second forest reads.
pub fn sheet(raw: &RawPage, scores: Option<&[f32]>) -> Sheet {
    let page = Page::parse(raw);
    let scan = Scan::of(&page);
    let found = metadata::find(&page, &scan);
    let blocks = blocks::of(&scan);
    let containers = Containers::of(&scan, &blocks);
    let said = Said {
        title: found.metadata.title.as_ref().map_or("", |title| title.value.as_str()),
        body: found.body.as_deref().unwrap_or_default(),
        kinds: found.kinds,
    };
    let mut rows = features::rows(&scan, &blocks, &containers, &said);
    if let Some(scores) = scores {
        rows = second::rows(&scan, &blocks, &containers, &rows, scores);
    }
    Sheet { texts: blocks.iter().map(|block| block.words(&scan)).collect(), width: rows.width, numbers: rows.numbers }
}
