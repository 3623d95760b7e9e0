//! Inline elements that a style displays as blocks: each gets its own line.

use crate::html;
use crate::html::text;
use crate::model::tree::{Element, Node, NodeId, Tree};

use super::elements;

/// The attribute that marks such elements from the build to [`insert_breaks`], which removes it.
pub const LINE: &str = "x-line";

/// The maximum number of inline elements around one that begin or end with it.
const AROUND: usize = 8;

/// The maximum number of nodes below an element that are searched for text.
const BELOW: usize = 64;

/// Returns true for an inline element of text that is displayed as a block.
pub fn is_line(element: &html::Element) -> bool {
    let is_plain = matches!(
        element.name(),
        "a" | "b"
            | "big"
            | "cite"
            | "em"
            | "font"
            | "i"
            | "label"
            | "mark"
            | "q"
            | "s"
            | "small"
            | "span"
            | "strong"
            | "time"
            | "u"
    );
    if !is_plain {
        return false;
    }
    let named = element.attr("class").is_some_and(|class| {
        class.split_ascii_whitespace().take(24).any(|name| matches!(name, "d-block" | "block" | "is-block" | "u-block"))
    });
    named || element.attr("style").is_some_and(is_block_style)
}

fn is_block_style(style: &str) -> bool {
    if !style.contains("isplay") && !style.contains("ISPLAY") {
        return false;
    }
    let style: String = style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let display = style.split(';').rev().find_map(|rule| rule.strip_prefix("display:"));
    matches!(
        display.map(|value| value.trim_end_matches("!important")),
        Some("block" | "flex" | "grid" | "table" | "list-item" | "flow-root")
    )
}

/// Inserts a break before and after each marked element where there is none.
pub fn insert_breaks(tree: &mut Tree) {
    let lines: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| tree.attr(id, LINE).is_some()).collect();
    for id in lines {
        if let Some(element) = tree.element_mut(id) {
            element.attrs.retain(|(name, _)| name != LINE);
        }
        let blank = tree.descendants(id).take(BELOW).all(|below| tree.text_of(below).is_none_or(text::is_blank));
        if blank {
            continue;
        }
        let (first, before) = outermost(tree, id, Tree::previous);
        if before.is_some_and(|before| needs_break(tree, before)) {
            let made = tree.create(Node::Element(Element::new("br")));
            tree.insert_before(first, made);
        }
        let (_, after) = outermost(tree, id, Tree::next);
        if let Some(after) = after.filter(|&after| needs_break(tree, after)) {
            let made = tree.create(Node::Element(Element::new("br")));
            tree.insert_before(after, made);
        }
    }
}

/// Returns the outermost inline element that begins (or ends) with this one, and the node beside it; None at the end of the
/// line.
fn outermost(tree: &Tree, id: NodeId, beside: fn(&Tree, NodeId) -> Option<NodeId>) -> (NodeId, Option<NodeId>) {
    let mut at = id;
    for _ in 0..AROUND {
        let mut next = beside(tree, at);
        while let Some(found) = next.filter(|&found| is_space(tree, found)) {
            next = beside(tree, found);
        }
        if next.is_some() {
            return (at, next);
        }
        match tree.parent(at) {
            Some(parent) if elements::is_inline(tree.name(parent)) => at = parent,
            _ => break,
        }
    }
    (at, None)
}

fn is_space(tree: &Tree, id: NodeId) -> bool {
    tree.text_of(id).is_some_and(text::is_blank)
}

/// Returns true for text or an inline element other than a break.
fn needs_break(tree: &Tree, id: NodeId) -> bool {
    tree.element(id).is_none_or(|element| elements::is_inline(&element.name) && element.name != "br")
}

#[cfg(test)]
mod tests {
    use crate::extract::{Options, extract};
    use crate::frontmatter::Profile;
    use crate::markdown;
    use crate::model::{ImageMap, Origin, RawPage};

    fn written(html: &str) -> String {
        let raw = RawPage::from_bytes(html.into(), None, Origin::Replay, None);
        let article = extract(&raw, Options { fragment: true, ..Options::default() }).unwrap();
        markdown::write(&article, &ImageMap::new(), &Profile::default()).body
    }

    #[test]
    fn spans_displayed_as_blocks_get_their_own_lines() {
        let line = |text: &str| format!("<span style='color:red; display: block'>{text}</span>");
        assert_eq!(written(&format!("<p>{}{}{}</p>", line("甲"), line("乙"), line("丙"))), "甲\\\n乙\\\n丙\n");
        assert_eq!(written(&format!("<p>a {} b</p>", line("c"))), "a\\\nc\\\nb\n");
        assert_eq!(written(&format!("<p>{}<br>{}</p>", line("a"), line("b"))), "a\\\nb\n");
        assert_eq!(written(&format!("<p><b>{}</b>c</p>", line("a"))), "**a**\\\nc\n");
        let nested = "<p><span style='display:block'><span class=d-block>a</span></span>b</p>";
        assert_eq!(written(nested), "a\\\nb\n");
    }

    #[test]
    fn other_spans_stay_in_their_line() {
        for style in ["display:inline-block", "display:inline", "color:red"] {
            assert_eq!(written(&format!("<p>a <span style='{style}'>b</span> c</p>")), "a b c\n", "{style}");
        }
        let pictured = written("<p><a href='/x' style='display:block'><img src='/a.png' alt='图'></a>c</p>");
        assert!(!pictured.contains('\\'), "{pictured}");
    }
}
