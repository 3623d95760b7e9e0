//! Which images and players belong to the article, and which lines belong to them as captions.
//!
//! An image inside the article's part of the page stays unless evidence of its own is against it: an advertiser's host,
//! a tracker's size, a portrait in a byline, an icon, a card that leads to another article. One class word is never
//! enough: `extra-large`, `no-print` and `photo-share` name what an image looks like as often as what it is.

mod evidence;
mod words;

use std::collections::HashSet;

use super::blocks::Block;
use super::blocks::containers::heading_level;
use super::captions;
use super::judge::Judged;
use super::kept::{Kept, Layout};
use super::scan::Scan;

pub use evidence::{ENOUGH, Surroundings, Why, against, against_in_line, is_furniture};

/// A caption is no heavier than this (80 Han characters, 240 letters); a `figcaption` may be longer.
const CAPTION: u32 = 240;

/// A `figcaption` is no heavier than this; a longer one is a text of its own.
const FIGCAPTION: u32 = 1500;

/// Blocks of an image's box that are looked at.
const BOX: usize = 12;

/// Elements around a line in which its figure or `figcaption` is looked for.
const DEEP: usize = 20;

/// Characters of a URL in a trace.
const URL_SHOWN: usize = 120;

/// Elements around a caption in which its name is looked for.
const NEAR: usize = 4;

/// Keeps the captions and credits of images that are kept, whatever they scored. Returns what is laid out still; None
/// where something was kept that was not before.
pub fn keep_captions(scan: &Scan<'_>, judged: &mut Judged) -> Option<Layout> {
    let kept = Kept::new(scan, judged);
    let (captions, layout) = (captions_of(scan, judged, &kept), kept.into_layout());
    for &at in &captions {
        judged.kept[at] = true;
        judged.overruled[at] = Some("a caption stays with its image");
    }
    captions.is_empty().then_some(layout)
}

fn captions_of(scan: &Scan<'_>, judged: &Judged, kept: &Kept<'_, '_>) -> Vec<usize> {
    let mut seen = HashSet::new();
    let mut captions = Vec::new();
    for at in (0..scan.entries.len()).filter(|&at| kept.is_kept_image(at)) {
        let around = kept.surroundings(at);
        if around.is_in_line || !seen.insert(around.holder) {
            continue;
        }
        let (from, to) = judged.containers.range(scan, around.holder);
        let blocks = from..to.min(from + BOX);
        let is_figure = figure(scan, around.holder, at)
            && !evidence::leads_away(scan, at, around.holder)
            && is_plain_caption(scan, judged, blocks.clone());
        captions.extend(blocks.filter(|&block| !judged.kept[block]).filter(|&at| {
            let block = &judged.blocks[at];
            let named = || {
                names_caption(scan, block, around.holder)
                    || block.text.weight <= CAPTION && captions::says(&block.words(scan))
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

/// True when the image stands in a `figure` of its box.
fn figure(scan: &Scan<'_>, holder: usize, at: usize) -> bool {
    up_to(scan, at, holder).take(DEEP).any(|at| scan.name(at) == "figure")
}

/// A box of an image with a few short lines and nothing else.
fn is_plain_caption(scan: &Scan<'_>, judged: &Judged, blocks: std::ops::Range<usize>) -> bool {
    let lines = || blocks.clone().map(|at| &judged.blocks[at]).filter(|block| !is_control(scan, block));
    let weight: u32 = lines().map(|block| block.text.weight).sum();
    let headed = lines().any(|block| heading_level(scan.name(block.element)) > 0);
    weight <= CAPTION && lines().count() <= 3 && !headed
}

/// A button, a counter, or a link that does something with the image.
fn is_control(scan: &Scan<'_>, block: &Block) -> bool {
    let in_button = up_to(scan, block.first, 0).take(NEAR).any(|at| matches!(scan.name(at), "button" | "label"));
    in_button || block.text.weight <= words::CONTROL && words::is_control(&block.words(scan))
}

fn is_in_figcaption(scan: &Scan<'_>, block: &Block, holder: usize) -> bool {
    up_to(scan, block.first, holder).take(DEEP).any(|at| scan.name(at) == "figcaption")
}

/// A class of the block or right around it says that it is a caption or a credit.
fn names_caption(scan: &Scan<'_>, block: &Block, holder: usize) -> bool {
    up_to(scan, block.first, holder).take(NEAR).any(|at| {
        let Some(element) = scan.element(at) else { return false };
        ["class", "id", "itemprop"].iter().filter_map(|name| element.attr(name)).any(words::names_caption)
    })
}

/// The elements from `at` up to `top`, both included.
fn up_to<'s>(scan: &'s Scan<'_>, at: usize, top: usize) -> impl Iterator<Item = usize> + 's {
    let mut next = Some(at);
    std::iter::from_fn(move || {
        let at = next?;
        next = (at != top && at != 0).then(|| scan.entries[at].parent);
        Some(at)
    })
}

/// Returns a short name of an image for traces: `img.lead "/a/lens.jpg"`.
pub fn describe(scan: &Scan<'_>, at: usize) -> String {
    let Some(element) = scan.element(at) else { return String::new() };
    let class = element.attr("class").unwrap_or_default().split_ascii_whitespace().next();
    let class = class.map(|class| format!(".{}", class.chars().take(40).collect::<String>())).unwrap_or_default();
    format!("{}{class} \"{}\"", element.value().name(), url(scan, at))
}

/// Returns the URL that an image or frame gives, cut short; empty when it gives none.
pub fn url(scan: &Scan<'_>, at: usize) -> String {
    let Some(element) = scan.element(at) else { return String::new() };
    let src = ["src", "data-src", "srcset", "data"].iter().find_map(|name| element.attr(name)).unwrap_or_default();
    src.trim().chars().filter(|c| !c.is_control()).take(URL_SHOWN).collect()
}
