//! Brings the built tree into its final form: paragraphs, captions and sub-headings, without empty elements and containers.

use crate::html::text;
use crate::model::Step;
use crate::model::tree::{Edge, Element, NodeId, Tree};

use super::build::{LOOK, Look};
use super::captions;
use super::editors::{self, is_anchor, is_blank};
use super::elements;
use super::insertions;
use super::layout_tables;
use super::lines;
use super::ruby;

/// The maximum weight of a sub-heading (35 Han characters, 105 letters).
const HEADING: usize = 105;

/// Applies all passes to the tree of a page from `host` and returns the trace of what was changed or removed.
pub fn run(tree: &mut Tree, host: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    normalise(tree);
    paragraphs(tree);
    captions::attach(tree);
    editors::remove(tree, &mut steps);
    editors::remove_last(tree, &mut steps);
    insertions::remove(tree, host, &mut steps);
    strong_headings(tree, &mut steps);
    flatten(tree);
    prune(tree);
    steps
}

/// Normalises a fragment, from which nothing is left out.
pub fn run_fragment(tree: &mut Tree) {
    normalise(tree);
    remove_look_attributes(tree);
}

/// Rewrites layout tables, lines and ruby into their standard form.
fn normalise(tree: &mut Tree) {
    layout_tables::unwrap_all(tree);
    lines::insert_breaks(tree);
    ruby::pair_readings(tree);
}

fn is_block(tree: &Tree, id: NodeId) -> bool {
    tree.element(id).is_some_and(|element| !elements::is_inline(&element.name))
}

/// Returns true for a container, which may hold both blocks and inline content.
fn is_container(tree: &Tree, id: NodeId) -> bool {
    id == tree.root() || tree.name(id) == "div"
}

/// Wraps runs of inline content in containers into paragraphs, split at double breaks and where a line begins with the
/// indentation of a Chinese paragraph.
fn paragraphs(tree: &mut Tree) {
    let containers: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| is_container(tree, id)).collect();
    for container in containers {
        lift_blocks_out_of_inlines(tree, container);
        let mut run: Vec<NodeId> = Vec::new();
        let children: Vec<NodeId> = tree.children(container).collect();
        for child in children {
            if is_block(tree, child) {
                wrap(tree, std::mem::take(&mut run), Some(child), container);
            } else {
                run.push(child);
            }
        }
        wrap(tree, run, None, container);
    }
    let broken: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| tree.name(id) == "p").collect();
    for paragraph in broken {
        split_at_breaks(tree, paragraph);
    }
}

/// Unwraps spans and links that contain blocks, which would otherwise end up in one paragraph.
fn lift_blocks_out_of_inlines(tree: &mut Tree, container: NodeId) {
    let mut at = tree.first_child(container);
    while let Some(id) = at {
        let lifts = tree.element(id).is_some_and(|e| elements::is_inline(&e.name))
            && tree.descendants(id).skip(1).any(|below| is_block(tree, below));
        if lifts {
            let first = tree.first_child(id);
            let next = tree.next(id);
            tree.unwrap(id);
            at = first.or(next);
        } else {
            at = tree.next(id);
        }
    }
}

fn wrap(tree: &mut Tree, run: Vec<NodeId>, before: Option<NodeId>, container: NodeId) {
    if run.iter().all(|&id| is_blank(tree, id)) {
        // Breaks and spaces between blocks have no meaning.
        run.into_iter().for_each(|id| tree.detach(id));
        return;
    }
    let paragraph = tree.create(crate::model::tree::Node::Element(Element::new("p")));
    match before {
        Some(before) => tree.insert_before(before, paragraph),
        None => tree.append(container, paragraph),
    }
    for id in run {
        tree.append(paragraph, id);
    }
}

fn split_at_breaks(tree: &mut Tree, paragraph: NodeId) {
    let children: Vec<NodeId> = tree.children(paragraph).collect();
    if !children.iter().any(|&id| tree.name(id) == "br") {
        return;
    }
    let mut parts: Vec<Vec<NodeId>> = vec![Vec::new()];
    let mut breaks: Vec<NodeId> = Vec::new();
    for child in children {
        if tree.name(child) == "br" {
            breaks.push(child);
            continue;
        }
        if is_blank(tree, child) && !breaks.is_empty() {
            tree.detach(child);
            continue;
        }
        let part = parts.last().map_or(0, Vec::len);
        let begins = |tree: &Tree| begins_indented(tree, child) || editors::begins_with_one(tree, child);
        if breaks.len() >= 2 || (breaks.len() == 1 && begins(tree)) || part == 0 {
            breaks.drain(..).for_each(|id| tree.detach(id));
            if part > 0 {
                parts.push(Vec::new());
            }
        }
        if let Some(part) = parts.last_mut() {
            part.append(&mut breaks);
            part.push(child);
        }
    }
    breaks.into_iter().for_each(|id| tree.detach(id));
    for part in parts.into_iter().rev().skip(1).rev() {
        let first = tree.create(crate::model::tree::Node::Element(Element::new("p")));
        tree.insert_before(paragraph, first);
        for id in part {
            tree.append(first, id);
        }
    }
}

/// Returns true for text after at least two ideographic spaces, as Chinese pages indent a paragraph.
fn begins_indented(tree: &Tree, id: NodeId) -> bool {
    let text = tree.text(id);
    let indent = text.chars().take_while(|c| c.is_whitespace()).filter(|&c| c == '\u{3000}').count();
    indent >= 2
}

/// Turns a paragraph that is one short bold line without a full stop, with text after it, into a sub-heading.
fn strong_headings(tree: &mut Tree, steps: &mut Vec<Step>) {
    let headed = tree.descendants(tree.root()).any(|id| matches!(tree.name(id), "h1" | "h2"));
    let level = if headed { "h3" } else { "h2" };
    let paragraphs: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| tree.name(id) == "p").collect();
    for id in paragraphs {
        let in_container = tree.ancestors(id).all(|above| is_container(tree, above));
        // The label of a panel is not a sub-heading.
        let is_label = tree.attr(id, LOOK) == Some(Look::Label.as_str());
        if is_label || !in_container || !is_bold_line(tree, id) || !is_followed_by_text(tree, id) {
            continue;
        }
        let bolds: Vec<NodeId> = tree.descendants(id).filter(|&b| matches!(tree.name(b), "strong" | "b")).collect();
        bolds.into_iter().for_each(|bold| tree.unwrap(bold));
        if let Some(element) = tree.element_mut(id) {
            element.name = level.into();
        }
        steps.push(Step {
            step: "heading",
            kept: true,
            what: format!("p \"{}\"", text::collapse(&tree.text(id))),
            reason: "a short bold line of its own before text".to_owned(),
            score: None,
        });
    }
}

fn is_bold_line(tree: &Tree, id: NodeId) -> bool {
    is_bold(tree, id) && is_sub_heading(&text::collapse(&tree.text(id)))
}

/// Returns true for short text without punctuation at its end.
fn is_sub_heading(text: &str) -> bool {
    let weight = text::weight(text);
    // A sub-heading may be a quotation.
    let bare = text.strip_prefix('“').and_then(|text| text.strip_suffix('”')).unwrap_or(text);
    let ends = bare.chars().next_back().unwrap_or('.');
    weight > 0 && weight <= HEADING && !"。！？；：，、.!?;:,”\"）)…".contains(ends)
}

/// Returns true when all content is bold text.
fn is_bold(tree: &Tree, id: NodeId) -> bool {
    let mut depth = 0usize;
    for edge in tree.walk(id) {
        match edge {
            Edge::Open(at) if matches!(tree.name(at), "strong" | "b") => depth += 1,
            Edge::Close(at) if matches!(tree.name(at), "strong" | "b") => depth -= 1,
            Edge::Open(at) => match tree.node(at) {
                crate::model::tree::Node::Text(text) if depth == 0 && !text::is_blank(text) => return false,
                crate::model::tree::Node::Element(element)
                    if elements::is_void_content(&element.name)
                        || matches!(&*element.name, "br" | "a") && !is_anchor(element) =>
                {
                    return false;
                }
                _ => {}
            },
            Edge::Close(_) => {}
        }
    }
    true
}

/// Returns true when a paragraph of text, an image or a list follows in reading order, not another bold line.
fn is_followed_by_text(tree: &Tree, id: NodeId) -> bool {
    let mut at = id;
    loop {
        if let Some(next) = tree.next(at) {
            if is_blank(tree, next) {
                at = next;
                continue;
            }
            let first = tree.descendants(next).find(|&below| {
                matches!(tree.name(below), "p" | "ul" | "ol" | "table" | "figure" | "blockquote" | "pre")
            });
            return first.is_some_and(|first| tree.name(first) != "p" || !is_bold_line(tree, first));
        }
        match tree.parent(at) {
            Some(parent) if parent != tree.root() => at = parent,
            _ => return false,
        }
    }
}

/// Replaces containers and spans by their content.
fn flatten(tree: &mut Tree) {
    let all: Vec<NodeId> = tree.descendants(tree.root()).skip(1).collect();
    for id in all {
        let unwraps = match tree.name(id) {
            "span" | "picture" => true,
            // In a cell or an item, a container separates paragraphs.
            "div" => tree.ancestors(id).all(|above| is_container(tree, above)),
            _ => false,
        };
        if unwraps {
            tree.unwrap(id);
        }
    }
    remove_look_attributes(tree);
}

fn remove_look_attributes(tree: &mut Tree) {
    let all: Vec<NodeId> = tree.descendants(tree.root()).collect();
    for id in all {
        if let Some(element) = tree.element_mut(id) {
            element.attrs.retain(|(name, _)| name != LOOK);
        }
    }
}

/// Removes elements without content, innermost first.
fn prune(tree: &mut Tree) {
    let closing: Vec<NodeId> = tree
        .walk(tree.root())
        .filter_map(|edge| match edge {
            Edge::Close(id) => Some(id),
            Edge::Open(_) => None,
        })
        .collect();
    for id in closing {
        let Some(element) = tree.element(id) else { continue };
        let keeps = elements::is_void_content(&element.name) || matches!(&*element.name, "br" | "td" | "th" | "a");
        if !keeps && tree.children(id).all(|child| is_blank(tree, child)) && !has_space(tree, id) {
            tree.detach(id);
        }
    }
}

/// Returns true for an inline element that holds only a space, which separates two words.
fn has_space(tree: &Tree, id: NodeId) -> bool {
    elements::is_inline(tree.name(id)) && tree.first_child(id).is_some()
}
