//! Readers' comments below an article: left out, or kept as a section at the end.

use std::collections::HashMap;

use super::blocks::containers::FAR;
use super::blocks::{Block, names};
use super::scan::Scan;
use super::selection::Selection;
use crate::model::tree::{Element, NodeId, Tree};

/// A label that is repeated this often among the comments is a button of each comment.
const BUTTON: usize = 3;

/// The minimum number of blocks in a list of comments; fewer are a counter or a link to a form.
const FEWEST: usize = 2;

/// An element with a larger share of kept text is not a list of comments.
const ARTICLE: f64 = 0.1;

/// The maximum weight of a label.
const LABEL: u32 = 24;

/// The section's heading, by language.
const HEADINGS: [(&str, &str); 9] = [
    ("zh", "评论"),
    ("ja", "コメント"),
    ("ko", "댓글"),
    ("de", "Kommentare"),
    ("fr", "Commentaires"),
    ("es", "Comentarios"),
    ("pt", "Comentários"),
    ("it", "Commenti"),
    ("ru", "Комментарии"),
];

/// Returns the section's heading for an article in a language, such as `zh-CN`; English for other languages.
pub fn heading(language: &str) -> &'static str {
    let language = language.split(['-', '_']).next().unwrap_or_default();
    HEADINGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(language)).map_or("Comments", |(_, heading)| heading)
}

/// Returns which blocks are comments, none of them in the article; None when there are no comments.
pub fn find(scan: &Scan<'_>, selection: &Selection) -> Option<Vec<bool>> {
    let article = article_weights(selection);
    let mut comments = vec![false; selection.blocks.len()];
    let mut found = false;
    let mut at = 0;
    while at < scan.entries.len() {
        if is_list(scan, selection, &article, at) {
            let (from, to) = selection.containers.range(scan, at);
            found |= mark(scan, selection, from, &mut comments[from..to]);
            at = scan.entries[at].end;
        } else {
            at += 1;
        }
    }
    found.then_some(comments)
}

/// Returns the weight of the kept blocks among the first `i`, at index `i`.
fn article_weights(selection: &Selection) -> Vec<u64> {
    let mut sums = vec![0];
    let mut sum = 0;
    for (block, &kept) in selection.blocks.iter().zip(&selection.kept) {
        sum += if kept { u64::from(block.text.weight) } else { 0 };
        sums.push(sum);
    }
    sums
}

/// Returns true for an element that is named as a list of comments and does not contain the article.
fn is_list(scan: &Scan<'_>, selection: &Selection, article: &[u64], at: usize) -> bool {
    let entry = &scan.entries[at];
    if entry.topics & names::COMMENTS == 0
        || entry.unseen
        || matches!(scan.name(at), "body" | "html" | "main" | "article" | "a" | "span" | "form")
    {
        return false;
    }
    let (from, to) = selection.containers.range(scan, at);
    let all = f64::from(selection.containers.between(from, to).weight);
    to - from >= FEWEST && (article[to] - article[from]) as f64 <= ARTICLE * all
}

/// Marks the comments among the blocks from `from` on. Returns true when there are any.
fn mark(scan: &Scan<'_>, selection: &Selection, from: usize, comments: &mut [bool]) -> bool {
    let blocks = &selection.blocks[from..from + comments.len()];
    let mut times: HashMap<u64, usize> = HashMap::new();
    for block in blocks {
        *times.entry(block.text.hash).or_default() += 1;
    }
    let is_label = |block: &Block| block.text.weight <= LABEL && times[&block.text.hash] >= BUTTON;
    for (at, (block, comment)) in blocks.iter().zip(comments.iter_mut()).enumerate() {
        let near = selection.containers.near(scan.entries[block.first].parent);
        let is_control = |&control: &usize| near[control] < FAR && near[control] <= near[names::COMMENT];
        let in_form = names::CONTROLS.iter().any(is_control);
        *comment = !selection.kept[from + at] && !in_form && !is_label(block);
    }
    let written = |(block, comment): (&Block, &bool)| *comment && block.text.linked == 0;
    let any = blocks.iter().zip(&*comments).filter(|&pair| written(pair)).count() >= FEWEST;
    comments.iter_mut().for_each(|comment| *comment &= any);
    any
}

/// Appends a tree of comments to an article's, under a heading. Returns the first node of the comments.
pub fn append(tree: &mut Tree, comments: &Tree, heading: &str) -> NodeId {
    let root = tree.root();
    let rule = tree.append_element(root, Element::new("hr"));
    let title = tree.append_element(root, Element::new("h2"));
    tree.append_text(title, heading);
    tree.graft(root, comments);
    rule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sections_heading_is_in_the_articles_language() {
        assert_eq!(heading("zh-CN"), "评论");
        assert_eq!(heading("de"), "Kommentare");
        assert_eq!(heading("sw"), "Comments");
        assert_eq!(heading(""), "Comments");
    }
}
