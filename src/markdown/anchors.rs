//! Removes the targets of links within an article for writers that cannot express them.

use std::collections::HashSet;

use crate::frontmatter::Style;
use crate::model::tree::{NodeId, Tree};

/// Returns the tree without anchors and the links to them, for writers without HTML; None when nothing changes.
pub(super) fn without(tree: &Tree, style: Style) -> Option<Tree> {
    if writes_anchors(style) {
        return None;
    }
    let is_anchor = |id: &NodeId| tree.name(*id) == "a" && tree.attr(*id, "href").is_none();
    let anchors: Vec<NodeId> = tree.descendants(tree.root()).filter(is_anchor).collect();
    let names: HashSet<&str> = anchors.iter().filter_map(|&id| tree.attr(id, "id")).collect();
    if names.is_empty() {
        return None;
    }
    let leads_to_anchor = |id: &NodeId| {
        tree.attr(*id, "href").and_then(|href| href.strip_prefix('#')).is_some_and(|name| names.contains(name))
    };
    let links: Vec<NodeId> = tree.descendants(tree.root()).filter(leads_to_anchor).collect();
    let mut plain = tree.clone();
    for id in links.into_iter().chain(anchors) {
        plain.unwrap(id);
    }
    Some(plain)
}

/// Returns true when anchors can be written, as HTML elements.
fn writes_anchors(style: Style) -> bool {
    #[cfg(feature = "htmd")]
    if style.engine == crate::frontmatter::Engine::Htmd {
        return false;
    }
    style.html
}
