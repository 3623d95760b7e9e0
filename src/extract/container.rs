//! Finds the container of the article by scoring text, as Readability does.
//!
//! Blocks score high for long text with punctuation and few links. The container is the deepest element that holds nearly
//! all of the score. Text is measured by weight, not in words, because Chinese has no spaces.

use super::page_regions::PageRegion;
use super::scan::Scan;

/// The share of the page's score that a container must hold.
const COVERAGE: f64 = 0.75;

/// Text of less weight (40 letters, 14 Han characters) is a label rather than a sentence.
const SENTENCE: usize = 40;

/// Text of this weight is a paragraph even without punctuation.
const PARAGRAPH: usize = 150;

/// The scores of a page's text, as sums in document order.
pub struct Scores {
    sums: Vec<f64>,
}

impl Scores {
    /// Scores every block of a page.
    pub fn of(scan: &Scan<'_>) -> Self {
        let mut factors: Vec<f64> = Vec::with_capacity(scan.entries.len());
        let mut sums = vec![0.0];
        for (index, entry) in scan.entries.iter().enumerate() {
            let outer = if index == 0 { 1.0 } else { factors[entry.parent] };
            let factor = outer * own_factor(scan, index);
            factors.push(factor);
            let score = if entry.unseen || entry.hidden { 0.0 } else { factor * block_score(scan, index) };
            sums.push(sums[index] + score);
        }
        Self { sums }
    }

    /// Returns the score of everything below `index`.
    pub fn below(&self, scan: &Scan<'_>, index: usize) -> f64 {
        self.sums[scan.entries[index].end] - self.sums[index]
    }

    /// Returns the score of the complete page.
    pub fn total(&self) -> f64 {
        self.sums.last().copied().unwrap_or_default()
    }
}

/// Returns the factor that an element's region applies to the scores of the text in it.
fn own_factor(scan: &Scan<'_>, index: usize) -> f64 {
    match scan.entries[index].region {
        PageRegion::Boilerplate("comment" | "comments" | "commentlist" | "cmt" | "respond" | "reply" | "disqus") => {
            0.05
        }
        PageRegion::Boilerplate(_) => 0.15,
        PageRegion::Header => 0.4,
        PageRegion::Content => 1.15,
        PageRegion::None => 1.0,
    }
}

fn block_score(scan: &Scan<'_>, index: usize) -> f64 {
    let own = scan.entries[index].own;
    let density = own.link_density();
    if own.weight == 0 || density > 0.6 {
        return 0.0;
    }
    let unlinked = (own.weight - own.linked) as f64;
    let like_text = match own.weight {
        0..SENTENCE => 0.1,
        SENTENCE..PARAGRAPH if own.marks == 0 => 0.3,
        _ if own.marks == 0 => 0.7,
        _ => 1.0,
    };
    let place = match scan.name(index) {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "label" | "legend" | "option" => 0.2,
        "li" | "td" | "th" | "dt" | "dd" => 0.6,
        "p" | "pre" | "blockquote" => 1.2,
        _ => 1.0,
    };
    unlinked * like_text * place * (1.0 - density)
}

/// Returns the element that holds the article; None when no text of the page has a score.
pub fn find(scan: &Scan<'_>, scores: &Scores) -> Option<usize> {
    let total = scores.total();
    if total <= 0.0 {
        return None;
    }
    let mut at = 0;
    while let Some(child) = scan
        .children(at)
        .filter(|&child| scan.element(child).is_some())
        .max_by(|&a, &b| scores.below(scan, a).total_cmp(&scores.below(scan, b)).then(b.cmp(&a)))
        .filter(|&child| scores.below(scan, child) >= COVERAGE * total)
    {
        if is_leaf(scan, child) {
            break;
        }
        at = child;
    }
    Some(at)
}

/// Returns true for an element that is never the container, such as a paragraph: the text beside it belongs to the
/// article.
fn is_leaf(scan: &Scan<'_>, index: usize) -> bool {
    matches!(
        scan.name(index),
        "p" | "pre"
            | "blockquote"
            | "ul"
            | "ol"
            | "li"
            | "table"
            | "tbody"
            | "tr"
            | "td"
            | "figure"
            | "dl"
            | "h1"
            | "h2"
            | "h3"
    ) && !holds_blocks(scan, index)
}

/// Returns true for a layout table or list item that may hold a complete article.
fn holds_blocks(scan: &Scan<'_>, index: usize) -> bool {
    matches!(scan.name(index), "table" | "tbody" | "tr" | "td" | "li" | "blockquote" | "ul" | "ol")
        && (index..scan.entries[index].end).any(|below| matches!(scan.name(below), "p" | "div" | "section" | "br"))
}
