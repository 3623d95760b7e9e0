//! Which lines of the page are captions and credits of the images that are kept.

use std::collections::HashSet;

use super::blocks::Block;
use super::blocks::containers::heading_level;
use super::captions;
use super::coverage::{Coverage, Layout};
use super::figures::{DEEP, is_in_figcaption, leads_away, up_to, words};
use super::scan::Scan;
use super::selection::Selection;

/// The maximum weight of a caption (80 Han characters, 240 letters); a `figcaption` may be longer.
const CAPTION: u32 = 240;

/// The maximum weight of a `figcaption`; a longer one is separate text.
const FIGCAPTION: u32 = 1500;

/// The maximum number of blocks of an image's box that are checked.
const BOX: usize = 12;

/// The maximum number of elements around a line that are checked for the name of a caption or a control.
const NEAR: usize = 4;

/// Keeps the captions and credits of kept images, regardless of score. Returns the layout, which is still valid when
/// nothing changed; None when a block was added to the selection.
pub fn keep(scan: &Scan<'_>, selection: &mut Selection) -> Option<Layout> {
    let kept = Coverage::new(scan, selection);
    let (captions, layout) = (captions_of(scan, selection, &kept), kept.into_layout());
    for &at in &captions {
        selection.kept[at] = true;
        selection.overruled[at] = Some("a caption stays with its image");
    }
    captions.is_empty().then_some(layout)
}

fn captions_of(scan: &Scan<'_>, selection: &Selection, kept: &Coverage<'_, '_>) -> Vec<usize> {
    let mut seen = HashSet::new();
    let mut captions = Vec::new();
    for at in (0..scan.entries.len()).filter(|&at| kept.is_kept_image(at)) {
        let around = kept.surroundings(at);
        if around.is_in_line || !seen.insert(around.holder) {
            continue;
        }
        let (from, to) = selection.containers.range(scan, around.holder);
        let blocks = from..to.min(from + BOX);
        let is_figure = figure(scan, around.holder, at)
            && !leads_away(scan, at, around.holder)
            && is_plain_caption(scan, selection, blocks.clone());
        captions.extend(blocks.filter(|&block| !selection.kept[block]).filter(|&at| {
            let block = &selection.blocks[at];
            let named = || {
                names_caption(scan, block, around.holder)
                    || block.text.weight <= CAPTION && captions::is_caption_text(&block.words(scan))
            };
            if is_control(scan, block) {
                false
            } else if is_in_figcaption(scan, block, around.holder) {
                block.text.weight <= FIGCAPTION
            } else {
                block.text.weight <= CAPTION && (is_figure || named())
            }
        }));
    }
    captions
}

/// Returns true when the image stands in a `figure` of its box.
fn figure(scan: &Scan<'_>, holder: usize, at: usize) -> bool {
    up_to(scan, at, holder).take(DEEP).any(|at| scan.name(at) == "figure")
}

/// Returns true for a box with an image, a few short lines and nothing else.
fn is_plain_caption(scan: &Scan<'_>, selection: &Selection, blocks: std::ops::Range<usize>) -> bool {
    let lines = || blocks.clone().map(|at| &selection.blocks[at]).filter(|block| !is_control(scan, block));
    let weight: u32 = lines().map(|block| block.text.weight).sum();
    let headed = lines().any(|block| heading_level(scan.name(block.element)) > 0);
    weight <= CAPTION && lines().count() <= 3 && !headed
}

/// Returns true for a button, a counter, or a link that does something with the image.
fn is_control(scan: &Scan<'_>, block: &Block) -> bool {
    let in_button = up_to(scan, block.first, 0).take(NEAR).any(|at| matches!(scan.name(at), "button" | "label"));
    in_button || block.text.weight <= words::CONTROL && words::is_control(&block.words(scan))
}

/// Returns true when a class of the block, or of an element directly around it, names a caption or a credit.
fn names_caption(scan: &Scan<'_>, block: &Block, holder: usize) -> bool {
    up_to(scan, block.first, holder).take(NEAR).any(|at| {
        let Some(element) = scan.element(at) else { return false };
        ["class", "id", "itemprop"].iter().filter_map(|name| element.attr(name)).any(words::names_caption)
    })
}
