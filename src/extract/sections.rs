//! Headings and tables of contents: a heading is dropped with its section, and a table of contents is kept complete or not
//! at all.

use super::blocks::Block;
use super::blocks::containers::heading_level;
use super::metadata::WRITTEN;
use super::scan::Scan;
use super::selection::Selection;

/// The minimum number of links to parts of the page in a table of contents.
const ENTRIES: usize = 3;

/// The minimum share of a table of contents that is links.
const LINKED: f64 = 0.8;

/// The minimum share of the kept text that is paragraphs on a page of prose.
const PROSE: f64 = 0.8;

/// The same on a page whose structured data declares an article.
const PROSE_OF_ARTICLE: f64 = 0.6;

/// Keeps a table of contents complete, or drops all of it.
pub fn contents(scan: &Scan<'_>, selection: &mut Selection) {
    let mut at = 0;
    while at < scan.entries.len() {
        if !matches!(scan.name(at), "ul" | "ol") {
            at += 1;
            continue;
        }
        let (from, to) = selection.containers.range(scan, at);
        let kept: u64 = (from..to).filter(|&at| selection.kept[at]).map(|at| weight(&selection.blocks[at])).sum();
        let all: u64 = selection.blocks[from..to].iter().map(weight).sum();
        if kept > 0 && kept < all && is_contents(scan, at) {
            selection.kept[from..to].fill(kept * 2 > all);
        }
        at = scan.entries[at].end;
    }
}

/// Returns true when nearly all of the list is links to parts of the page.
fn is_contents(scan: &Scan<'_>, list: usize) -> bool {
    let (mut inside, mut all) = (0, 0);
    for at in list..scan.entries[list].end {
        let href = scan.element(at).filter(|one| one.value().name() == "a").and_then(|link| link.attr("href"));
        all += usize::from(href.is_some());
        inside += usize::from(href.is_some_and(|href| href.starts_with('#') && href.len() > 1));
    }
    inside >= ENTRIES && inside == all && scan.text(list).link_density() >= LINKED
}

/// Drops headings whose whole section was dropped.
pub fn headings(scan: &Scan<'_>, selection: &mut Selection) {
    let sum = |selection: &Selection, wanted: &dyn Fn(&Block) -> bool| {
        let blocks = selection.blocks.iter().zip(&selection.kept);
        blocks.filter(|(block, kept)| **kept && wanted(block)).map(|(block, _)| weight(block)).sum::<u64>()
    };
    let prose = sum(selection, &|block| matches!(scan.name(block.element), "p" | "pre" | "blockquote"));
    let least = if selection.kinds & WRITTEN == 0 { PROSE } else { PROSE_OF_ARTICLE };
    if (prose as f64) < least * sum(selection, &|_| true) as f64 {
        return;
    }
    // For each level: where the next heading of it, or of one above it, begins.
    let mut next = [selection.blocks.len(); 7];
    // The next kept block, headings that were dropped not counted.
    let mut kept_after = usize::MAX;
    let part = part(scan, selection);
    for at in (0..selection.blocks.len()).rev() {
        let level = usize::from(heading_level(scan.name(selection.blocks[at].element))).min(6);
        if level > 0 && selection.kept[at] {
            let end = next[level];
            let last = (at + 1..end).take_while(|&block| selection.blocks[block].first < part).last();
            if kept_after >= end && last.is_some_and(|last| !has_media(scan, selection, at, last)) {
                selection.kept[at] = false;
            }
        }
        if level > 0 {
            next[level..].fill(at);
        }
        if selection.kept[at] {
            kept_after = at;
        }
    }
}

/// Returns the end of the smallest element that contains the first and the last kept paragraph.
fn part(scan: &Scan<'_>, selection: &Selection) -> usize {
    let is_paragraph = |&at: &usize| selection.kept[at] && scan.name(selection.blocks[at].element) == "p";
    let (first, last) = ((0..selection.kept.len()).find(is_paragraph), (0..selection.kept.len()).rfind(is_paragraph));
    let (Some(first), Some(last)) = (first, last) else { return scan.entries.len() };
    let (from, to) = (selection.blocks[first].first, selection.blocks[last].end);
    let mut around = std::iter::successors(Some(from), |&at| Some(scan.entries[at].parent).filter(|_| at > 0));
    around.find(|&at| scan.entries[at].end >= to).map_or(scan.entries.len(), |at| scan.entries[at].end)
}

/// Returns true when an image, player, formula or table stands between the heading and the end of the last block.
fn has_media(scan: &Scan<'_>, selection: &Selection, heading: usize, last: usize) -> bool {
    let inside = selection.blocks[heading].end..selection.blocks[last].end;
    inside.into_iter().any(|at| {
        let name = scan.name(at);
        let shows = matches!(
            name,
            "img"
                | "amp-img"
                | "picture"
                | "video"
                | "audio"
                | "iframe"
                | "embed"
                | "object"
                | "math"
                | "pre"
                | "table"
        );
        shows && !scan.entries[at].excluded
    })
}

fn weight(block: &Block) -> u64 {
    u64::from(block.text.weight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::Page;
    use crate::model::{Origin, RawPage};

    /// Returns what is kept after a correction, when every block was kept except those with the word `left`.
    fn corrected(html: &str, correction: fn(&Scan<'_>, &mut Selection)) -> String {
        let raw = RawPage::from_bytes(html.as_bytes().to_vec(), None, Origin::Replay, None);
        let page = Page::parse(&raw);
        let scan = Scan::of(&page);
        let mut selection = Selection::all(&scan);
        for at in 0..selection.blocks.len() {
            selection.kept[at] = !selection.blocks[at].words(&scan).contains("left");
        }
        correction(&scan, &mut selection);
        let kept = selection.blocks.iter().zip(&selection.kept).filter(|(_, kept)| **kept);
        kept.map(|(block, _)| block.words(&scan) + "|").collect()
    }

    const TEXT: &str = "<p>老船工从十六岁起就在这条河上撑船，没有换过第二样营生，船板被草鞋磨得发亮。</p>";

    #[test]
    fn a_heading_is_dropped_with_its_section() {
        let headings_left =
            |html: &str| corrected(&format!("<main>{html}</main>"), headings).replace(&TEXT[3..TEXT.len() - 4], "T");
        assert_eq!(headings_left(&format!("{TEXT}<h2>一</h2><p>left</p><h2>二</h2>{TEXT}")), "T|二|T|");
        assert_eq!(headings_left(&format!("{TEXT}<h2>一</h2><h3>甲</h3><p>left</p><h2>二</h2>{TEXT}")), "T|二|T|");
        assert_eq!(headings_left(&format!("{TEXT}<h2>一</h2><h3>甲</h3>{TEXT}")), "T|一|甲|T|");
        // A section may be an image, and a heading may have no section on the page.
        assert_eq!(headings_left(&format!("{TEXT}<h2>一</h2><img src=a><p>left</p><h2>二</h2>{TEXT}")), "T|一|二|T|");
        assert_eq!(headings_left(&format!("{TEXT}<h2>一</h2><h2>二</h2>{TEXT}")), "T|一|二|T|");
    }

    #[test]
    fn a_table_of_contents_is_kept_complete_or_not_at_all() {
        let list = |items: &str| format!("<ul>{items}</ul>");
        let item = |text: &str| format!("<li><a href='#x'>{text}</a></li>");
        let all = [item("甲"), item("乙"), item("left"), item("丙丁戊己庚辛")].concat();
        assert_eq!(corrected(&list(&all), contents), "甲|乙|left|丙丁戊己庚辛|");
        let few = [item("甲"), item("left"), item("left"), item("left")].concat();
        assert_eq!(corrected(&list(&few), contents), "");
        let other = all.replace("#x", "/x");
        assert_eq!(corrected(&list(&other), contents), "甲|乙|丙丁戊己庚辛|");
    }
}
