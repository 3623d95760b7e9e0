//! Cleans up footnotes in the article's tree after the article is built.

use std::collections::HashSet;

use crate::html::text;
use crate::model::tree::{Edge, Element, Node, NodeId, Tree};

use super::words::{self, BRACKETS, Mark};

/// How many nodes of a note are searched for text.
const LOOKED_AT: usize = 64;

/// How many characters of a note are searched for its own mark.
const BEGINNING: usize = 48;

/// Separators between a note's mark and its text.
const AFTER_MARK: &str = "])〕］）】.、．:：";

/// Makes plain text of references whose footnote is not in the article, and of footnotes without a reference. Removes a
/// heading above nothing but footnotes. Returns the marks of the references that lost their note.
pub fn settle(tree: &mut Tree) -> Vec<String> {
    let all: Vec<NodeId> =
        tree.descendants(tree.root()).filter(|&id| matches!(tree.name(id), "note" | "note-ref")).collect();
    let mut lost = Vec::new();
    if all.is_empty() {
        return lost;
    }
    let labels = |tree: &Tree, name: &str| -> HashSet<String> {
        let named = all.iter().filter(|&&id| tree.name(id) == name && (name != "note" || says(tree, id)));
        named.filter_map(|&id| tree.attr(id, "label")).map(str::to_owned).collect()
    };
    let (defined, referred) = (labels(tree, "note"), labels(tree, "note-ref"));
    for id in all {
        let label = tree.attr(id, "label").unwrap_or_default().to_owned();
        let mark = tree.attr(id, "mark").unwrap_or_default().to_owned();
        if tree.name(id) == "note" && !referred.contains(&label) {
            *tree.node_mut(id) = Node::Element(Element::new("div"));
        } else if tree.name(id) == "note-ref" && !defined.contains(&label) {
            *tree.node_mut(id) = Node::Element(Element::new("sup"));
            tree.append_text(id, &mark);
            lost.push(mark);
        } else {
            if tree.name(id) == "note" {
                trim(tree, id, &mark, &label);
            }
            if let Some(element) = tree.element_mut(id) {
                element.attrs.retain(|(name, _)| name != "mark");
            }
        }
    }
    headings(tree);
    lost
}

/// Returns true where the article still has some of the note's text.
fn says(tree: &Tree, note: NodeId) -> bool {
    tree.descendants(note)
        .take(LOOKED_AT)
        .any(|id| tree.name(id) == "img" || tree.text_of(id).is_some_and(|text| !text.trim().is_empty()))
}

/// Removes a note's own mark and its separator (`[1] `, `. `, `) `), and empty brackets that a link back left at the
/// end.
fn trim(tree: &mut Tree, note: NodeId, mark: &str, label: &str) {
    let texts: Vec<NodeId> = tree
        .descendants(note)
        .take(LOOKED_AT)
        .filter(|&id| tree.text_of(id).is_some_and(|text| !text.is_empty()))
        .collect();
    let start: String = texts.iter().filter_map(|&id| tree.text_of(id)).flat_map(str::chars).take(BEGINNING).collect();
    let own = texts.iter().filter_map(|&id| tree.text_of(id)).find(|text| !text.trim().is_empty()).unwrap_or_default();
    let is_alone = Mark::of(own).is_some();
    let marks = [Mark::of(mark), Mark::of(label)];
    let marked = marks.iter().flatten().find_map(|mark| {
        let end = mark.begins(&start)?;
        let rest = &start[end..];
        let parted = rest.starts_with(|c: char| AFTER_MARK.contains(c))
            || is_alone
            || mark.number.is_none()
            || mark.sure && mark.core == start[..end].trim();
        let spaced =
            tree.attr(note, "marked").is_some() && rest.starts_with(|c: char| !c.is_alphanumeric() || !c.is_ascii());
        (parted || spaced).then_some(end)
    });
    // A mark in an element of its own needs no separator.
    let before: usize =
        texts.iter().filter_map(|&id| tree.text_of(id)).take_while(|text| text.trim().is_empty()).map(str::len).sum();
    let is_own = |mark: &Mark| Mark::of(own).is_some_and(|own| own.core == mark.core);
    let apart = marks.iter().flatten().any(is_own).then_some(before + own.len()).filter(|end| *end <= start.len());
    let begun = apart.or(marked).unwrap_or_else(|| empty_brackets(&start));
    let after = start[begun..]
        .chars()
        .take_while(|&c| c.is_whitespace() || AFTER_MARK.contains(c))
        .map(char::len_utf8)
        .sum::<usize>();
    take_off(tree, &texts, begun + after);
    let last = texts.iter().rev().find(|&&id| tree.text_of(id).is_some_and(|text| !text.trim().is_empty()));
    if let Some(&last) = last
        && let Node::Text(text) = tree.node_mut(last)
        && let Some(bare) = text.trim_end().strip_suffix(']').and_then(|rest| rest.trim_end().strip_suffix('['))
    {
        *text = bare.trim_end().to_owned();
    }
    if let Some(element) = tree.element_mut(note) {
        element.attrs.retain(|(name, _)| name != "marked");
    }
}

/// Returns the length of empty brackets, with spaces around them.
fn empty_brackets(text: &str) -> usize {
    let bare = text.trim_start();
    let open = bare.chars().next().filter(|&c| BRACKETS.contains(c));
    let close = open.and_then(|open| {
        bare[open.len_utf8()..].trim_start().chars().next().filter(|&close| super::is_pair(open, close))
    });
    match (open, close) {
        (Some(_), Some(close)) => text.find(close).map_or(0, |at| at + close.len_utf8()),
        _ => 0,
    }
}

/// Removes this many bytes from the beginning of the texts.
fn take_off(tree: &mut Tree, texts: &[NodeId], mut bytes: usize) {
    for &id in texts {
        let Node::Text(text) = tree.node_mut(id) else { continue };
        let here = bytes.min(text.len());
        *text = text[here..].to_owned();
        bytes -= here;
        let is_blank = text.trim().is_empty();
        if bytes == 0 && !is_blank {
            *text = text.trim_start().to_owned();
            return;
        }
    }
}

/// What the article holds, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Heading(NodeId),
    Rule(NodeId),
    Note,
    Other,
}

/// Removes headings and rules above nothing but footnotes, up to the next heading.
fn headings(tree: &mut Tree) {
    let parts = parts(tree);
    let mut gone = Vec::new();
    // What follows, up to the next heading: nothing yet, or nothing but notes.
    let (mut has_notes, mut has_other) = (false, false);
    for part in parts.into_iter().rev() {
        match part {
            Piece::Note => has_notes = true,
            Piece::Other => (has_notes, has_other) = (false, true),
            Piece::Rule(id) if has_notes && !has_other => gone.push(id),
            Piece::Rule(_) => {}
            Piece::Heading(id) => {
                if has_notes && !has_other {
                    gone.push(id);
                } else {
                    (has_notes, has_other) = (false, false);
                }
            }
        }
    }
    gone.into_iter().for_each(|id| tree.detach(id));
}

fn parts(tree: &Tree) -> Vec<Piece> {
    let mut parts = Vec::new();
    let mut within: Option<(NodeId, Piece)> = None;
    for edge in tree.walk(tree.root()) {
        match edge {
            Edge::Open(id) if within.is_none() => {
                let found = match tree.name(id) {
                    "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if is_plain(tree, id) => Some(Piece::Heading(id)),
                    "note" => Some(Piece::Note),
                    "p" | "div" | "span" | "dt" | "strong" if is_title(tree, id) => Some(Piece::Heading(id)),
                    _ => None,
                };
                if let Some(part) = found {
                    parts.push(part);
                    within = Some((id, part));
                    continue;
                }
                let shows = match tree.node(id) {
                    Node::Text(text) => !text::is_blank(text),
                    Node::Element(element) => {
                        matches!(
                            &*element.name,
                            "img" | "video" | "audio" | "iframe" | "embed" | "math" | "note-ref" | "input"
                        )
                    }
                    Node::Root => false,
                };
                match shows {
                    true if parts.last() != Some(&Piece::Other) => parts.push(Piece::Other),
                    false if tree.name(id) == "hr" => parts.push(Piece::Rule(id)),
                    _ => {}
                }
            }
            Edge::Close(id) if within.is_some_and(|(open, _)| open == id) => within = None,
            _ => {}
        }
    }
    parts
}

/// Returns true for a heading with nothing but words.
fn is_plain(tree: &Tree, id: NodeId) -> bool {
    tree.descendants(id).skip(1).all(|below| !matches!(tree.name(below), "note-ref" | "note" | "img" | "math"))
}

/// Returns true for a line that says `Notes` and nothing else.
fn is_title(tree: &Tree, id: NodeId) -> bool {
    let mut start = String::new();
    for below in tree.descendants(id).take(LOOKED_AT / 4) {
        match tree.node(below) {
            Node::Text(text) => start.extend(text.chars().take(BEGINNING)),
            Node::Element(element)
                if matches!(&*element.name, "note" | "note-ref" | "img" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6") =>
            {
                return false;
            }
            _ => {}
        }
        if start.len() > 4 * BEGINNING {
            return false;
        }
    }
    let end = tree.descendants(id).nth(LOOKED_AT / 4).is_none();
    end && words::is_title(&start)
}
