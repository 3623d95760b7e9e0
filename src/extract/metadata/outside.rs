//! Finds the parts of a page outside the article that have authors, dates and headings of their own.

use crate::extract::scan::Scan;

/// Fewer cards than this are not a list.
const FEWEST_CARDS: usize = 3;

/// Topic bits, as numbered in `blocks::names`, of parts with bylines and dates of their own: comments, the footer,
/// related articles, consent dialogs, and the tags `<nav>` and `<footer>`.
const BESIDE: u64 = 1 | 1 << 2 | 1 << 8 | 1 << 11 | 1 << 44 | 1 << 45;

/// The topic bit of footers, by class or id.
const FOOT: u64 = 1 << 2;

/// The topic bit of the tag `<footer>`.
const FOOT_TAG: u64 = 1 << 45;

/// The page's beginning is the first 1/`EARLY` of its text.
const EARLY: usize = 4;

/// The bits of [`BESIDE`] that stand for tags.
const TAGGED: u64 = 1 << 44 | 1 << 45;

/// An article's footer with less weight than this (80 Han characters, 240 letters) holds facts about it; a heavier one,
/// links.
const FACTS: usize = 240;

/// Topic bits of parts about the article, whatever else they are: byline, date, meta. A blog's `<footer>` can be one.
const ABOUT: u64 = 1 << 4 | 1 << 5 | 1 << 6;

/// The topic bit of related articles.
const RELATED: u64 = 1 << 8;

/// Minimum weight of a piece of text that is a sentence, not a link or a label.
const SENTENCE: usize = 90;

/// Returns true for an element that declares itself an article.
fn is_article(scan: &Scan<'_>, at: usize) -> bool {
    let Some(element) = scan.element(at) else { return false };
    let kind = || element.attr("itemtype").unwrap_or_default();
    scan.name(at) == "article" || kind().ends_with("Article") || kind().ends_with("BlogPosting")
}

/// Returns for each node whether it is outside the article: in comments, related cards, navigation or a footer.
pub fn nodes(scan: &Scan<'_>) -> Vec<bool> {
    let cards = cards(scan);
    // An element that holds the page's only heading is not boilerplate, whatever its class.
    let mut headings = (0..scan.entries.len()).filter(|&at| scan.name(at) == "h1" && scan.text(at).weight > 0);
    let heading = headings.next().filter(|_| headings.next().is_none());
    // The footer of the page's only article holds the article's own facts.
    let mut articles = (0..scan.entries.len()).filter(|&at| is_article(scan, at));
    let article = articles.next().filter(|_| articles.next().is_none());
    let article = article.map_or(0..0, |at| at..scan.entries[at].end);
    let whole = scan.text(0).weight;
    let sentences = sentences(scan);
    let mut before = 0;
    let mut outside: Vec<bool> = Vec::with_capacity(scan.entries.len());
    for (at, entry) in scan.entries.iter().enumerate() {
        // An element that holds most of the page is not boilerplate: its name describes only a part of it.
        let is_part = scan.text(at).weight * 2 < whole;
        let is_headed = heading.is_some_and(|heading| (at..entry.end).contains(&heading));
        // A footer or bottom near the page's beginning is that of some part, not of the page.
        let is_early = before * EARLY < whole;
        let is_own_foot = article.contains(&at) && scan.text(at).weight < FACTS;
        let lifted = match (is_own_foot, is_early) {
            (true, _) => FOOT | FOOT_TAG,
            (false, true) => FOOT,
            (false, false) => 0,
        };
        let topics = if is_headed { TAGGED } else { BESIDE } & !lifted;
        before += entry.own.weight;
        let is_named = entry.topics & topics != 0
            && entry.topics & ABOUT == 0
            && !matches!(scan.name(at), "html" | "body" | "main" | "article" | "header" | "h1" | "time");
        // Lists of articles consist of links and labels; the element with most of the page's sentences is the article.
        let sentence_weight = || sentences[entry.end.min(scan.entries.len())] - sentences[at];
        let is_article_text = entry.topics & topics == RELATED
            && article.contains(&at)
            && sentence_weight() * 2 > sentences[scan.entries.len()];
        let own = is_part && (is_named && !is_article_text || cards.contains(&at));
        outside.push(own || entry.parent < at && outside[entry.parent]);
    }
    outside
}

/// Returns the weight of sentences before each node; the last value is the total.
fn sentences(scan: &Scan<'_>) -> Vec<usize> {
    let mut sum = 0;
    let mut sums = vec![0];
    for entry in &scan.entries {
        sum += if entry.own.weight >= SENTENCE { entry.own.weight } else { 0 };
        sums.push(sum);
    }
    sums
}

/// Returns the `article` elements of a list: several, each under a heading that links elsewhere; empty where there are
/// too few.
fn cards(scan: &Scan<'_>) -> std::collections::BTreeSet<usize> {
    let mut cards = std::collections::BTreeSet::new();
    // The nearest `article` around each node, or `usize::MAX`.
    let mut around: Vec<usize> = Vec::with_capacity(scan.entries.len());
    let mut headed: Vec<bool> = Vec::with_capacity(scan.entries.len());
    for (at, entry) in scan.entries.iter().enumerate() {
        let name = scan.name(at);
        let outer = if entry.parent < at { around[entry.parent] } else { usize::MAX };
        let in_heading = entry.parent < at && headed[entry.parent] || matches!(name, "h2" | "h3" | "h4");
        around.push(if name == "article" { at } else { outer });
        headed.push(in_heading);
        if name == "a" && outer != usize::MAX && in_heading {
            cards.insert(outer);
        }
    }
    if cards.len() < FEWEST_CARDS { std::collections::BTreeSet::new() } else { cards }
}
