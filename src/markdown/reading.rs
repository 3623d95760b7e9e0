//! Readings over words where there is no HTML: in brackets after the word.

use crate::model::tree::{NodeId, Tree};

use super::spaces::{has_seen, is_wide};

/// What stands before and after a reading (`rt`): brackets, once around all that follow each other.
pub(super) fn brackets(tree: &Tree, reading: NodeId) -> (&'static str, &'static str) {
    if !shows(tree, reading) {
        return ("", "");
    }
    let goes_on = neighbour(tree, reading, Tree::previous);
    let begins_wide = first(tree, reading).is_some_and(is_wide);
    let before = match goes_on {
        false => "(",
        true if begins_wide => "",
        true => " ",
    };
    (before, if neighbour(tree, reading, Tree::next) { "" } else { ")" })
}

/// A reading stands right beside it.
fn neighbour(tree: &Tree, reading: NodeId, beside: fn(&Tree, NodeId) -> Option<NodeId>) -> bool {
    let mut at = beside(tree, reading);
    while let Some(id) = at {
        let passes = tree.name(id) == "rp" || tree.text_of(id).is_some_and(|text| !has_seen(text));
        if !passes && (tree.name(id) != "rt" || shows(tree, id)) {
            return tree.name(id) == "rt";
        }
        at = beside(tree, id);
    }
    false
}

fn shows(tree: &Tree, id: NodeId) -> bool {
    tree.descendants(id).any(|below| tree.text_of(below).is_some_and(has_seen))
}

fn first(tree: &Tree, id: NodeId) -> Option<char> {
    tree.descendants(id).filter_map(|below| tree.text_of(below)).flat_map(str::chars).find(|c| !c.is_whitespace())
}
