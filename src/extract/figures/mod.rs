//! Which images and players belong to the article, and which lines belong to them as captions.
//!
//! An image inside the article's part of the page stays unless evidence of its own is against it: an advertiser's host,
//! a tracker's size, a portrait in a byline, an icon, a card that leads to another article. One class word is never
//! enough: `extra-large`, `no-print` and `photo-share` name what an image looks like as often as what it is.

mod evidence;
pub mod words;

use super::blocks::Block;
use super::scan::Scan;

pub use evidence::{ENOUGH, Surroundings, Why, against, against_in_line, is_in_boilerplate, leads_away};

/// Elements around a line in which its figure or `figcaption` is looked for.
pub const DEEP: usize = 20;

/// Characters of a URL in a trace.
const URL_SHOWN: usize = 120;

/// Returns true when the block stands in a `figcaption` below `holder`.
pub fn is_in_figcaption(scan: &Scan<'_>, block: &Block, holder: usize) -> bool {
    up_to(scan, block.first, holder).take(DEEP).any(|at| scan.name(at) == "figcaption")
}

/// The elements from `at` up to `top`, both included.
pub fn up_to<'s>(scan: &'s Scan<'_>, at: usize, top: usize) -> impl Iterator<Item = usize> + 's {
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
