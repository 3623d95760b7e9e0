//! Links to places inside the page, and the anchors at those places.

use std::collections::HashSet;

use crate::extract::anchors::ANCHORS;
use crate::extract::notes::{Notes, Role};
use crate::extract::scan::Scan;
use crate::html::{ElementRef, Page, resolve_link};
use crate::model::tree::{Element, Node, NodeId};

use super::Builder;

/// The maximum number of elements from a place up to its heading or link.
const NEAR: usize = 6;

/// The prefix that GitHub adds to an author's ids.
const PREFIX: &str = "user-content-";

/// The places that links of the page point to.
pub(super) struct Anchors {
    wanted: HashSet<String>,
    /// Places that were passed and have no anchor in the tree yet.
    pending: Vec<String>,
}

impl Anchors {
    /// Collects the targets of all links except references to footnotes.
    pub fn of(page: &Page, scan: &Scan<'_>, notes: &Notes) -> Self {
        let is_note = |at: usize| matches!(notes.role(at), Some(Role::Reference(_) | Role::Left));
        let links = (0..scan.entries.len()).filter(|&at| scan.name(at) == "a" && !is_note(at));
        let hrefs = links.filter_map(|at| scan.element(at)?.attr("href"));
        let wanted = hrefs.filter_map(|href| in_page(href, page)).filter(|fragment| !fragment.is_empty()).collect();
        Self { wanted, pending: Vec::new() }
    }
}

/// Returns the decoded fragment of a link to the page itself; None for other links.
pub(super) fn in_page(href: &str, page: &Page) -> Option<String> {
    let (target, fragment) = href.trim().split_once('#')?;
    let is_here = || {
        let (Some(mut own), Some(mut url)) = (page.url.clone(), resolve_link(target, page.base.as_ref())) else {
            return false;
        };
        own.set_fragment(None);
        url.set_fragment(None);
        own == url
    };
    (target.is_empty() || is_here())
        .then(|| percent_encoding::percent_decode_str(fragment).decode_utf8_lossy().into_owned())
}

impl<'a> Builder<'_, 'a> {
    /// Records a place that a link points to, unless the element is left out.
    pub(super) fn collect_anchor(&mut self, at: usize, parent: NodeId, element: ElementRef<'a>) {
        if self.anchors.wanted.is_empty() {
            return;
        }
        let name = element.attr("name").filter(|_| element.value().name() == "a");
        for id in [element.attr("id"), name].into_iter().flatten() {
            let wanted = &mut self.anchors.wanted;
            let id = [id, id.strip_prefix(PREFIX).unwrap_or(id)].into_iter().find(|id| wanted.contains(*id));
            let Some(id) = id else { continue };
            let is_seen = self.scan.text(at).weight == 0 || self.omission_reason(at, element, self.shown(at)).is_none();
            // The first place of a name counts.
            if is_seen && self.anchors.wanted.remove(id) {
                self.anchors.pending.push(id.to_owned());
            }
        }
        // A place in a heading belongs to it even when no text follows.
        if self.heading_around(parent).is_some() {
            self.place_anchors(parent);
        }
    }

    fn heading_around(&self, at: NodeId) -> Option<NodeId> {
        let tree = &self.built.tree;
        let is_heading = |id: &NodeId| matches!(tree.name(*id), "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
        std::iter::once(at).chain(tree.ancestors(at)).take(NEAR).find(is_heading)
    }

    /// Puts anchors for the pending places before the next element; a heading takes their names instead.
    pub(super) fn place_anchors(&mut self, parent: NodeId) {
        if self.anchors.pending.is_empty() {
            return;
        }
        let pending = std::mem::take(&mut self.anchors.pending);
        let heading = self.heading_around(parent);
        let tree = &mut self.built.tree;
        if let Some(element) = heading.and_then(|heading| tree.element_mut(heading)) {
            let before = element.attr(ANCHORS).map(|before| format!("{before}\n")).unwrap_or_default();
            element.set(ANCHORS, before + &pending.join("\n"));
            return;
        }
        let link =
            std::iter::once(parent).chain(tree.ancestors(parent)).take(NEAR).find(|&above| tree.name(above) == "a");
        for id in pending {
            let anchor = Element::new("a").with("id", id);
            match link {
                // Links cannot be nested.
                Some(link) => {
                    let anchor = tree.create(Node::Element(anchor));
                    tree.insert_before(link, anchor);
                }
                None => {
                    tree.append_element(parent, anchor);
                }
            }
        }
    }
}
