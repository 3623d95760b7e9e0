//! What stands beside the article and has authors, dates and headings of its own.

use crate::extract::scan::Scan;

/// Fewer cards than this are no list.
const FEWEST_CARDS: usize = 3;

/// The topics, by their places in `blocks::names`, of what has bylines and dates of its own: comments, the footer,
/// related articles, questions of consent, and the tags `<nav>` and `<footer>`.
const BESIDE: u64 = 1 | 1 << 2 | 1 << 8 | 1 << 11 | 1 << 44 | 1 << 45;

/// The topic of feet and bottoms.
const FOOT: u64 = 1 << 2;

/// The tag `<footer>`.
const FOOT_TAG: u64 = 1 << 45;

/// The first of so many parts of a page's text are its beginning.
const EARLY: usize = 4;

/// Those of them that tags stand for.
const TAGGED: u64 = 1 << 44 | 1 << 45;

/// The foot of an article with less text than this (80 Han characters, 240 letters) has its facts; with more, links.
const FACTS: usize = 240;

/// The topics of a part that tells of the article, whatever else it is: byline, date, meta. A blog's `<footer>` may be one.
const ABOUT: u64 = 1 << 4 | 1 << 5 | 1 << 6;

/// The topic of related articles.
const RELATED: u64 = 1 << 8;

/// A piece of text of this weight is a sentence, not a link or a label.
const SENTENCE: usize = 90;

/// An element that says it is an article.
fn is_article(scan: &Scan<'_>, at: usize) -> bool {
    let Some(element) = scan.element(at) else { return false };
    let kind = || element.attr("itemtype").unwrap_or_default();
    scan.name(at) == "article" || kind().ends_with("Article") || kind().ends_with("BlogPosting")
}

/// What stands beside the article, node by node: whatever is in comments, related cards, navigation or a footer.
pub fn nodes(scan: &Scan<'_>) -> Vec<bool> {
    let cards = cards(scan);
    // What the page's only heading stands in is no panel over it, whatever its looks are called.
    let mut headings = (0..scan.entries.len()).filter(|&at| scan.name(at) == "h1" && scan.text(at).weight > 0);
    let heading = headings.next().filter(|_| headings.next().is_none());
    // The foot of the page's only article has the article's own facts.
    let mut articles = (0..scan.entries.len()).filter(|&at| is_article(scan, at));
    let article = articles.next().filter(|_| articles.next().is_none());
    let article = article.map_or(0..0, |at| at..scan.entries[at].end);
    let whole = scan.text(0).weight;
    let sentences = sentences(scan);
    let mut before = 0;
    let mut beside: Vec<bool> = Vec::with_capacity(scan.entries.len());
    for (at, entry) in scan.entries.iter().enumerate() {
        // What holds most of the page is named for what else is in it.
        let is_part = scan.text(at).weight * 2 < whole;
        let is_headed = heading.is_some_and(|heading| (at..entry.end).contains(&heading));
        // What is called the foot or the bottom of something near the page's beginning is not the page's.
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
        // Lists of articles have links and labels; what holds most of the page's sentences is the article.
        let told = || sentences[entry.end.min(scan.entries.len())] - sentences[at];
        let is_told =
            entry.topics & topics == RELATED && article.contains(&at) && told() * 2 > sentences[scan.entries.len()];
        let own = is_part && (is_named && !is_told || cards.contains(&at));
        beside.push(own || entry.parent < at && beside[entry.parent]);
    }
    beside
}

/// The weight of sentences before each node, and in all.
fn sentences(scan: &Scan<'_>) -> Vec<usize> {
    let mut sum = 0;
    let mut sums = vec![0];
    for entry in &scan.entries {
        sum += if entry.own.weight >= SENTENCE { entry.own.weight } else { 0 };
        sums.push(sum);
    }
    sums
}

/// The `article`s of a list: several of them, each under a heading that links elsewhere.
fn cards(scan: &Scan<'_>) -> std::collections::BTreeSet<usize> {
    let mut cards = std::collections::BTreeSet::new();
    // The nearest `article` around each node, or usize::MAX.
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
