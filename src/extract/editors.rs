//! Editors' lines: credits of the staff, the source of a text, the site's terms of use.

use crate::html::text;
use crate::model::Step;
use crate::model::tree::{Element, Node, NodeId, Tree};

use super::elements;
use super::rights;
use super::words::editors;

/// The maximum weight of an editors' line.
const EDITOR_LINE: usize = 120;

/// The separators after such a word.
const MARKS: [char; 8] = ['：', ':', '|', '｜', '丨', '/', '／', '】'];

/// Arrows above a QR code or a link to follow.
const ARROWS: &str = "↓↓↓";

/// The number of characters from which the beginning of an editors' line is recognised.
const BEGINNING: usize = 24;

/// The maximum weight of editors' lines at the end (150 Han characters).
const LAST_LINES: usize = 450;

/// Returns the text without white space, truncated to `most + 1` characters.
fn bare_text(tree: &Tree, id: NodeId, most: usize) -> String {
    let mut bare = String::new();
    let texts = tree.descendants(id).filter_map(|below| tree.text_of(below));
    for c in texts.flat_map(str::chars).filter(|c| !c.is_whitespace()).take(most + 1) {
        bare.push(c);
    }
    bare
}

/// Returns true when a line is an editors' line.
pub fn begins_with_one(tree: &Tree, id: NodeId) -> bool {
    is_of_the_editors(&bare_text(tree, id, BEGINNING))
}

/// Removes the last paragraphs while they are editors' lines or the site's terms of use. A notice about the use of the text
/// itself stays.
pub fn remove_last(tree: &mut Tree, steps: &mut Vec<Step>) {
    let holds_text = |tree: &Tree, id: NodeId| matches!(tree.name(id), "p" | "li" | "pre" | "td" | "blockquote");
    let texts: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| holds_text(tree, id)).collect();
    // The first text of the article always stays.
    for &id in texts.iter().skip(1).rev() {
        let text = bare_text(tree, id, LAST_LINES);
        if text.is_empty() {
            continue;
        }
        let is_last = tree.name(id) == "p" && text::weight(&text) <= LAST_LINES;
        let pictured = tree.descendants(id).any(|below| elements::is_void_content(tree.name(below)));
        if is_last && !pictured && rights::is_own(&text) {
            continue;
        }
        if !is_last || pictured || !(is_of_the_editors(&text) || rights::is_notice(&text)) {
            return;
        }
        let what = format!("p \"{}\"", text.chars().take(40).collect::<String>());
        let reason = "editors' lines at the end".to_owned();
        steps.push(Step { step: "editor-line", kept: false, what, reason, score: None });
        tree.detach(id);
    }
}

/// Removes editors' lines anywhere in the text.
pub fn remove(tree: &mut Tree, steps: &mut Vec<Step>) {
    let lines: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| matches!(tree.name(id), "p" | "div")).collect();
    for id in lines {
        if !is_of_the_editors(&bare_text(tree, id, BEGINNING))
            || is_of_a_list(tree, id)
            || tree.descendants(id).any(|below| elements::is_void_content(tree.name(below)))
        {
            continue;
        }
        let text = bare_text(tree, id, EDITOR_LINE);
        if text::weight(&text) <= EDITOR_LINE {
            steps.push(Step {
                step: "editor-line",
                kept: false,
                what: format!("p \"{}\"", text.chars().take(40).collect::<String>()),
                reason: "an editors' line".to_owned(),
                score: None,
            });
            tree.detach(id);
        }
    }
}

/// Returns true for the only paragraph of an item or a cell: it is about the subject of the list or table.
fn is_of_a_list(tree: &Tree, id: NodeId) -> bool {
    let is_part = |at: NodeId| matches!(tree.name(at), "li" | "td" | "th" | "dt" | "dd");
    let alone = |at: NodeId| tree.children(at).filter(|&child| !is_blank(tree, child)).nth(1).is_none();
    let Some(parent) = tree.parent(id).filter(|&parent| is_part(parent) && alone(parent)) else { return false };
    tree.parent(parent).is_some_and(|around| tree.children(around).filter(|&at| is_part(at)).nth(1).is_some())
}

/// Returns true when a node contains only white space and breaks.
pub fn is_blank(tree: &Tree, id: NodeId) -> bool {
    tree.descendants(id).all(|below| match tree.node(below) {
        Node::Text(text) => text::is_blank(text),
        Node::Element(element) => !elements::is_void_content(&element.name) && !is_anchor(element),
        Node::Root => true,
    })
}

/// Returns true for an anchor.
pub fn is_anchor(element: &Element) -> bool {
    element.name == "a" && element.attr("id").is_some()
}

/// Returns true when a text without spaces begins like an editors' line.
fn is_of_the_editors(text: &str) -> bool {
    let bare = text.trim_start_matches(['（', '(', '【', '[', '「', '*', '■', '●', '▌']);
    let marked = |word: &&str| bare.strip_prefix(*word).is_some_and(|rest| rest.starts_with(MARKS));
    let begins = |word: &&str| bare.starts_with(word);
    let bracketed = bare.len() < text.len() && (bare.starts_with("编辑") || bare.starts_with("編輯"));
    let is_line =
        editors::ALL.iter().any(|(_, words)| words.lines.iter().any(marked) || words.starts.iter().any(begins));
    bracketed || is_line || bare.starts_with(ARROWS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_lines_are_distinguished_from_the_text() {
        for line in
            ["（责任编辑：王芳）", "编辑|禤志", "来源：新华社", "【原标题：图书馆】", "校对丨黄", "长按二维码关注我们"]
        {
            assert!(is_of_the_editors(line), "{line}");
        }
        for line in ["编辑部在二楼。", "来源不明的书不收。", "校对是一门手艺", "原标题党已经过时"]
        {
            assert!(!is_of_the_editors(line), "{line}");
        }
    }
}
