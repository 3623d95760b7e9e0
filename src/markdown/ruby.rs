//! Ruby annotations without HTML: in parentheses after the base text.

use crate::model::tree::{NodeId, Tree};

use super::chars::{has_visible, is_wide};

/// Returns what to write before and after an annotation (`rt`). Consecutive annotations share one pair of parentheses.
pub(super) fn parentheses(tree: &Tree, annotation: NodeId) -> (&'static str, &'static str) {
    if !shows(tree, annotation) {
        return ("", "");
    }
    let continues = has_neighbour(tree, annotation, Tree::previous);
    let begins_wide = first(tree, annotation).is_some_and(is_wide);
    let before = match continues {
        false => "(",
        true if begins_wide => "",
        true => " ",
    };
    (before, if has_neighbour(tree, annotation, Tree::next) { "" } else { ")" })
}

/// Returns true when another annotation is directly next to this one, in the direction of `beside`.
fn has_neighbour(tree: &Tree, annotation: NodeId, beside: fn(&Tree, NodeId) -> Option<NodeId>) -> bool {
    let mut at = beside(tree, annotation);
    while let Some(id) = at {
        let is_skipped = tree.name(id) == "rp" || tree.text_of(id).is_some_and(|text| !has_visible(text));
        if !is_skipped && (tree.name(id) != "rt" || shows(tree, id)) {
            return tree.name(id) == "rt";
        }
        at = beside(tree, id);
    }
    false
}

fn shows(tree: &Tree, id: NodeId) -> bool {
    tree.descendants(id).any(|below| tree.text_of(below).is_some_and(has_visible))
}

fn first(tree: &Tree, id: NodeId) -> Option<char> {
    tree.descendants(id).filter_map(|below| tree.text_of(below)).flat_map(str::chars).find(|c| !c.is_whitespace())
}
