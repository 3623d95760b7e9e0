//! Which images and players belong to the article.
//!
//! An image inside the article's region is kept unless there is evidence against it: an advertiser's host, a tracker's
//! size, a portrait in a byline, an icon, a card that leads to another article. One class word is never enough:
//! `extra-large`, `no-print` and `photo-share` describe how an image looks as often as what it is.

mod evidence;
pub mod words;

use super::blocks::Block;
use super::scan::Scan;

pub use evidence::{ENOUGH, Reason, Surroundings, against, against_in_line, is_in_boilerplate, leads_away};

/// The maximum number of elements from a line up to its figure or `figcaption`.
pub const DEEP: usize = 20;

/// The maximum length of a URL in a trace, in characters.
const URL_SHOWN: usize = 120;

/// Returns true when the block stands in a `figcaption` below `holder`.
pub fn is_in_figcaption(scan: &Scan<'_>, block: &Block, holder: usize) -> bool {
    up_to(scan, block.first, holder).take(DEEP).any(|at| scan.name(at) == "figcaption")
}

/// Returns the elements from `at` up to `top`, both included.
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

/// Returns the URL of an image or frame, truncated; empty when it has none.
pub fn url(scan: &Scan<'_>, at: usize) -> String {
    let Some(element) = scan.element(at) else { return String::new() };
    let src = ["src", "data-src", "srcset", "data"].iter().find_map(|name| element.attr(name)).unwrap_or_default();
    src.trim().chars().filter(|c| !c.is_control()).take(URL_SHOWN).collect()
}
