//! Corrects the model's choice of blocks by rules about the structure of pages: a table is kept complete, and an article
//! does not end in links to other articles.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::blocks::containers::{FAR, heading_level};
use super::blocks::{Block, names};
use super::labels;
use super::metadata::{THREAD, WRITTEN};
use super::repeated_items;
use super::rotating;
use super::scan::{self, Scan};
use super::sections;
use super::selection::Selection;
use super::units;

/// A block with a smaller share of its text in links is text.
const LINKED: f32 = 0.5;

/// At most one part in this many of an article's text stands below its first comment.
const UNDER: u64 = 10;

/// The minimum weight of an `<article>` (400 letters, 135 Han characters) with more text in comments below it.
const ARTICLE: u64 = 400;

/// More text in comments, relative to the `<article>` above them, is what people come for.
const MANY: u64 = 4;

/// Text of this weight (40 letters, 14 Han characters) with a punctuation mark is a sentence.
const SENTENCE: u32 = 40;

/// Text of this weight is prose even without a punctuation mark at its end.
const LONG: u32 = 240;

/// The minimum share of the kept text that is sentences on a page of prose.
const PROSE: f64 = 0.6;

/// The same on a page whose structured data declares an article.
const PROSE_OF_ARTICLE: f64 = 0.4;

/// The minimum number of adjacent paragraphs in a run.
const RUN: usize = 4;

/// The minimum number of adjacent links in a list of links.
const LINKS: usize = 3;

/// The maximum depth of text in a card, in elements.
const CARD: usize = 6;

/// The maximum weight of a label (20 Han characters, 60 letters).
const LABEL: u32 = 60;

/// The maximum number of elements from a block up to a panel that opens.
const PANEL: usize = 4;

/// The number of blocks on each side of a panel that are searched for kept text.
const BESIDE: usize = 3;

/// Blocks of this score are kept even in a tail of links.
const SURE: f32 = 0.9;

/// Blocks of this score may be kept when their neighbours are.
const LIKELY: f32 = 0.25;

/// A paragraph of this score belongs to the article about as likely as not.
const HALF: f32 = 0.4;

/// A correction, and the reason that the trace gives for the blocks it changed.
type Correction = (fn(&Scan<'_>, &mut Selection), &'static str);

const CORRECTIONS: [Correction; 18] = [
    (units::correct, "a table or list is kept complete or not at all"),
    (link_lists, "most of the links beside it are not part of the article"),
    (siblings, "a likely paragraph beside one of the article"),
    (runs, "adjacent paragraphs are kept together"),
    (gaps, "between two parts of the article"),
    (opened, "a panel that opens, between two parts of the article"),
    (between, "a table or code block between two parts of the article"),
    (hidden_copies, "a hidden copy of visible text"),
    (markup, "markup shown as text"),
    (comments, "a reader comment below the article"),
    (tail, "links to other pages after the last sentence"),
    (units::correct, "a table or list is kept complete or not at all"),
    (repeated_items::correct, "most similar items or rows keep this part"),
    (labels_alone, "a label of links that are not part of the article"),
    (excluded, "hidden from every reader"),
    (rotating::correct, "its names say that it changes at each visit"),
    (sections::contents, "a table of contents is kept complete or not at all"),
    (sections::headings, "a heading whose section is not part of the article"),
];

/// Applies all corrections to the selection, in order, and records the reason for each change.
pub fn correct(scan: &Scan<'_>, selection: &mut Selection) {
    for (correction, reason) in CORRECTIONS {
        let before = selection.kept.clone();
        correction(scan, selection);
        for ((now, before), why) in selection.kept.iter().zip(before).zip(&mut selection.overruled) {
            if *now != before {
                *why = Some(reason);
            }
        }
    }
}

/// Returns true for a sentence: text that ends in a punctuation mark, which titles of other articles do not, or long text.
fn is_sentence(block: &Block) -> bool {
    let text = &block.text;
    let ends = scan::is_mark(text.last) || matches!(text.last, '"' | '”' | '」' | '』' | '）' | ')' | '…');
    text.weight >= SENTENCE && text.marks > 0 && text.link_density() < LINKED && (ends || text.weight >= LONG)
}

/// Drops markup shown as text: the fallback content of a frame or script.
fn markup(scan: &Scan<'_>, selection: &mut Selection) {
    for at in 0..selection.kept.len() {
        let block = &selection.blocks[at];
        let is_code = selection.containers.near(scan.entries[block.first].parent)[names::PRE] < FAR;
        if selection.kept[at] && block.text.first == '<' && !is_code && block.words(scan).contains("=\"") {
            selection.kept[at] = false;
        }
    }
}

/// Drops comments below a longer text, or below the page's one `<article>`. In a thread the comments are the text.
fn comments(scan: &Scan<'_>, selection: &mut Selection) {
    if selection.kinds & THREAD != 0 {
        return;
    }
    let is_comment = |at: usize| {
        let first = selection.blocks[at].first;
        selection.containers.near(scan.entries[first].parent)[names::COMMENT] < FAR
    };
    let weight = |all: &[usize]| all.iter().map(|&at| u64::from(selection.blocks[at].text.weight)).sum::<u64>();
    let kept: Vec<usize> = (0..selection.kept.len()).filter(|&at| selection.kept[at]).collect();
    let comments: Vec<usize> = kept.iter().copied().filter(|&at| is_comment(at)).collect();
    let Some(&begin) = comments.first() else { return };
    let above = weight(&kept[..kept.partition_point(|&at| at < begin)]);
    let (all, in_comments) = (weight(&kept), weight(&comments));
    let article = || {
        let article = article_above(scan, selection.blocks[begin].first)?;
        let first = |at: &&usize| selection.blocks[**at].first;
        let inside: Vec<usize> = kept.iter().filter(|at| article.contains(&first(at))).copied().collect();
        Some(weight(&inside))
    };
    let is_article = |article| article >= ARTICLE && in_comments <= article * MANY;
    let is_below = in_comments * 2 < all || article().is_some_and(is_article);
    if is_below && above * UNDER > (all - in_comments) * (UNDER - 1) {
        comments.into_iter().for_each(|at| selection.kept[at] = false);
    }
}

/// Returns the entries of the only `<article>` that ends before an entry; `None` if there are several or none.
fn article_above(scan: &Scan<'_>, end: usize) -> Option<std::ops::Range<usize>> {
    let mut articles = (0..end).filter(|&at| scan.name(at) == "article" && scan.entries[at].end <= end);
    let article = articles.next()?;
    articles.next().is_none().then(|| article..scan.entries[article].end)
}

/// Drops text that is hidden from every reader.
fn excluded(scan: &Scan<'_>, selection: &mut Selection) {
    for (block, kept) in selection.blocks.iter().zip(&mut selection.kept) {
        let texts = || scan.entries[block.first..block.end].iter().filter(|entry| entry.node.value().is_text());
        *kept &= !(scan.entries[block.first].excluded && texts().all(|entry| entry.excluded));
    }
}

/// Drops hidden text that the page also shows: a copy for another screen size.
fn hidden_copies(scan: &Scan<'_>, selection: &mut Selection) {
    let hidden = |block: &Block| scan.entries[block.first].hidden;
    if !selection.blocks.iter().any(hidden) {
        return;
    }
    let seen: HashSet<u64, RandomState> =
        selection.blocks.iter().filter(|block| !hidden(block)).map(|block| block.text.hash).collect();
    for (block, kept) in selection.blocks.iter().zip(&mut selection.kept) {
        *kept &= !(hidden(block) && seen.contains(&block.text.hash));
    }
}

/// Drops the kept links of a list when most of its links are not kept.
fn link_lists(scan: &Scan<'_>, selection: &mut Selection) {
    let list = |selection: &Selection, at: usize| {
        let block = &selection.blocks[at];
        let is_link = scan.name(block.element) == "li" && block.text.link_density() >= LINKED;
        is_link.then(|| scan.entries[block.element].parent)
    };
    let mut at = 0;
    while at < selection.blocks.len() {
        let own = list(selection, at);
        let end = (at + 1..selection.blocks.len()).find(|&other| list(selection, other) != own);
        let end = end.unwrap_or(selection.blocks.len());
        let kept = (at..end).filter(|&at| selection.kept[at]).count();
        if own.is_some() && end - at >= LINKS && kept * 2 < end - at {
            selection.kept[at..end].fill(false);
        }
        at = end;
    }
}

/// Keeps all sentences in a run of adjacent paragraphs when most of the run is kept.
fn runs(scan: &Scan<'_>, selection: &mut Selection) {
    let parent = |selection: &Selection, at: usize| {
        let element = selection.blocks[at].element;
        (scan.name(element) == "p").then(|| scan.entries[element].parent)
    };
    let mut at = 0;
    while at < selection.blocks.len() {
        let around = parent(selection, at);
        let end = (at + 1..selection.blocks.len()).find(|&other| parent(selection, other) != around);
        let end = end.unwrap_or(selection.blocks.len());
        if around.is_some() && end - at >= RUN {
            let all = selection.containers.between(at, end).weight;
            let kept: u32 = (at..end).filter(|&at| selection.kept[at]).map(|at| selection.blocks[at].text.weight).sum();
            let sentences: Vec<usize> = (at..end).filter(|&at| is_sentence(&selection.blocks[at])).collect();
            if kept * 2 > all {
                sentences.into_iter().for_each(|at| selection.kept[at] = true);
            }
        }
        at = end;
    }
}

/// Keeps a likely block between two kept ones: a sentence, or a short list item or cell. Also keeps a caption of any
/// length: its image belongs to them.
fn gaps(scan: &Scan<'_>, selection: &mut Selection) {
    for at in 1..selection.kept.len().saturating_sub(1) {
        let text = &selection.blocks[at].text;
        let says =
            matches!(scan.name(selection.blocks[at].element), "li" | "dt" | "dd" | "th" | "td" | "pre" | "blockquote");
        let likely =
            selection.scores[at] >= LIKELY && text.link_density() < LINKED && (says || text.weight >= SENTENCE);
        let is_caption = scan.name(selection.blocks[at].element) == "figcaption";
        if !selection.kept[at] && selection.kept[at - 1] && selection.kept[at + 1] && (likely || is_caption) {
            selection.kept[at] = true;
        }
    }
}

/// Drops a label such as "Further reading" when the links below it are dropped.
fn labels_alone(scan: &Scan<'_>, selection: &mut Selection) {
    for at in 0..selection.kept.len().saturating_sub(1) {
        let (block, next) = (&selection.blocks[at], &selection.blocks[at + 1]);
        // A heading is followed by links to edit its section.
        let is_heading = heading_level(scan.name(block.element)) > 0;
        let leads = !selection.kept[at + 1] && next.text.link_density() >= LINKED && !is_heading;
        if selection.kept[at] && leads && block.text.weight <= LABEL && labels::of(&block.words(scan)).is_some() {
            selection.kept[at] = false;
        }
    }
}

/// Keeps a likely paragraph directly beside a kept one in the same element.
fn siblings(scan: &Scan<'_>, selection: &mut Selection) {
    let was = selection.kept.clone();
    let parent = |at: usize| {
        let element = selection.blocks[at].element;
        (scan.name(element) == "p" && is_sentence(&selection.blocks[at])).then(|| scan.entries[element].parent)
    };
    let beside = |at: usize, other: usize| {
        was.get(other).is_some_and(|kept| *kept) && parent(other).is_some() && parent(other) == parent(at)
    };
    let likely = (0..was.len()).filter(|&at| !was[at] && selection.scores[at] >= HALF);
    let found: Vec<usize> = likely.filter(|&at| at > 0 && beside(at, at - 1) || beside(at, at + 1)).collect();
    found.into_iter().for_each(|at| selection.kept[at] = true);
}

/// Keeps sentences in a panel that a reader opens, between two parts of the article.
fn opened(scan: &Scan<'_>, selection: &mut Selection) {
    let was = selection.kept.clone();
    for at in 0..was.len() {
        let block = &selection.blocks[at];
        let entry = &scan.entries[block.first];
        if was[at] || !entry.hidden || entry.excluded || !is_sentence(block) && block.text.marks == 0 {
            continue;
        }
        let mut around =
            std::iter::successors(Some(block.element), |&at| Some(scan.entries[at].parent).filter(|_| at > 0));
        let near = |blocks: &[bool]| blocks.iter().any(|kept| *kept);
        let (before, after) = (at.saturating_sub(BESIDE)..at, at + 1..(at + 1 + BESIDE).min(was.len()));
        if near(&was[before]) && near(&was[after]) && around.by_ref().take(PANEL).any(|at| scan.may_open(at)) {
            selection.kept[at] = true;
        }
    }
}

/// Keeps a table or code block with a kept paragraph after it and kept text of the same container before it, unless it is
/// mostly links.
fn between(scan: &Scan<'_>, selection: &mut Selection) {
    let is_cell_or_code = |block: &Block| matches!(scan.name(block.element), "td" | "th" | "pre" | "code");
    let mut at = 0;
    while at < selection.blocks.len() {
        let end = (at..selection.blocks.len())
            .find(|&at| !is_cell_or_code(&selection.blocks[at]))
            .unwrap_or(selection.blocks.len());
        let kept = |at: usize| selection.blocks.get(at).filter(|_| selection.kept[at]).map(|block| block.element);
        let part = kept(end).filter(|&after| scan.name(after) == "p").map(|after| scan.entries[after].parent);
        let before = at.checked_sub(1).and_then(kept);
        let mut around = std::iter::successors(before, |&at| Some(scan.entries[at].parent).filter(|_| at > 0)).take(6);
        let is_one = part.is_some_and(|part| around.any(|around| around == part));
        let leads = |at: usize| selection.blocks[at].text.link_density() >= LINKED;
        if end > at && is_one && !(at..end).any(leads) {
            selection.kept[at..end].fill(true);
        }
        at = end + 1;
    }
}

/// Returns true for a heading, or for nearly all the text of a small `article`: the title on a card of another article.
fn is_card(scan: &Scan<'_>, block: &Block) -> bool {
    let around = std::iter::successors(Some(block.element), |&at| Some(scan.entries[at].parent).filter(|_| at > 0));
    let small = |at: usize| scan.name(at) == "article" && scan.text(at).weight < 2 * block.text.weight as usize;
    heading_level(scan.name(block.element)) > 0 || around.take(CARD).any(small)
}

/// Drops links and labels after the last sentence of a page of prose: they lead to other pages.
fn tail(scan: &Scan<'_>, selection: &mut Selection) {
    let weight = |at: usize| f64::from(selection.blocks[at].text.weight);
    let kept: Vec<usize> = (0..selection.kept.len()).filter(|&at| selection.kept[at]).collect();
    let all: f64 = kept.iter().map(|&at| weight(at)).sum();
    let prose: f64 = kept.iter().filter(|&&at| is_sentence(&selection.blocks[at])).map(|&at| weight(at)).sum();
    let least = if selection.kinds & WRITTEN == 0 { PROSE } else { PROSE_OF_ARTICLE };
    if prose < least * all {
        return;
    }
    let mut times: HashMap<u64, usize, RandomState> = HashMap::default();
    selection.blocks.iter().for_each(|block| *times.entry(block.text.hash).or_default() += 1);
    // A card of another article is a link, or appears on the page twice, even with a long title.
    let again = |at: usize| times[&selection.blocks[at].text.hash] == 2;
    let is_title = |at: usize| again(at) && is_card(scan, &selection.blocks[at]);
    let is_last = |&at: &usize| is_sentence(&selection.blocks[at]) && !is_title(at);
    let Some(last) = kept.iter().rposition(is_last) else { return };
    let after = &kept[last + 1..];
    let linked = |at: usize| selection.blocks[at].text.link_density() >= LINKED || again(at);
    let (links, labels): (Vec<usize>, Vec<usize>) = after.iter().partition(|&&at| linked(at));
    if links.len() >= 2 && links.iter().map(|&at| weight(at)).sum::<f64>() >= labels.iter().map(|&at| weight(at)).sum()
    {
        for &at in after.iter().filter(|&&at| selection.scores[at] < SURE || is_title(at)) {
            selection.kept[at] = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::Page;
    use crate::model::{Origin, RawPage};

    const LINES: [&str; 3] = [
        "老船工从十六岁起就在这条河上撑船，没有换过第二样营生，船板被草鞋磨得发亮。",
        "大桥通车以后，坐船的只剩下对岸的几个学生，还有舍不得绕路的卖菜人，一天不过十来趟。",
        "水退以后，有人在渡口立了一块木牌，上面写着他的名字，他嫌难看，第二天又给拔了。",
    ];

    /// Returns what is kept of a page after everything was chosen with a middling score.
    fn corrected(html: &str, kinds: u16) -> String {
        let raw = RawPage::from_bytes(html.as_bytes().to_vec(), None, Origin::Replay, None);
        let page = Page::parse(&raw);
        let scan = Scan::of(&page);
        let mut selection = Selection { kinds, ..Selection::all(&scan) };
        selection.scores.fill(0.6);
        correct(&scan, &mut selection);
        let kept = selection.blocks.iter().zip(&selection.kept).filter(|(_, kept)| **kept);
        kept.map(|(block, _)| block.words(&scan) + "\n").collect()
    }

    fn article() -> String {
        LINES.map(|line| format!("<p>{line}</p>")).concat()
    }

    #[test]
    fn cards_that_appear_twice_are_dropped_although_their_titles_end_in_punctuation() {
        let title = |n: usize| format!("【第{n}期】山里的小学搬进新楼，孩子们终于不用再走那么远的路了！");
        let card = |n: usize| format!("<a><article><img src=/{n}.jpg><div><p>{}</p></div></article></a>", title(n));
        let cards: String = (1..4).map(card).collect();
        let html = format!("<main>{}</main><div class=wide>{cards}</div><div class=narrow>{cards}</div>", article());
        assert_eq!(corrected(&html, 0), LINES.map(|line| format!("{line}\n")).concat());
        // A sentence that an article says twice, in paragraphs, is not a card.
        let again = format!("<main>{}<p>{}</p><p>{}</p></main>", article(), title(1), title(1));
        assert!(corrected(&again, 0).contains("第1期"));
    }

    #[test]
    fn a_long_tail_of_links_is_dropped_from_a_page_that_declares_an_article() {
        let link = |n: usize| format!("<p><a href=/{n}>山里的小学搬进新楼以后的第{n}个春天里发生的几件事情</a></p>");
        let links: String = (1..6).map(link).collect();
        let html = format!("<main>{}</main>{links}", article());
        assert!(!corrected(&html, WRITTEN).contains("小学"));
        // A page that does not declare an article may be a list with an introduction.
        assert!(corrected(&html, 0).contains("小学"));
    }
}
