//! Links to places inside the page, and the places that they lead to.

use std::collections::HashSet;

use crate::extract::anchors::ANCHORS;
use crate::extract::notes::{Notes, Role};
use crate::extract::scan::Scan;
use crate::html::{ElementRef, Page, resolve_link};
use crate::model::tree::{Element, Node, NodeId};

use super::Builder;

/// Headings stand no farther around what is in them.
const NEAR: usize = 6;

/// What GitHub puts before ids that an author gave.
const PREFIX: &str = "user-content-";

/// The places to which links of the page lead.
pub(super) struct Anchors {
    wanted: HashSet<String>,
    /// Places that were passed, before anything was made of what stands there.
    passed: Vec<String>,
}

impl Anchors {
    /// Of all links, without those that footnotes are made of.
    pub fn of(page: &Page, scan: &Scan<'_>, notes: &Notes) -> Self {
        let is_note = |at: usize| matches!(notes.role(at), Some(Role::Reference(_) | Role::Left));
        let links = (0..scan.entries.len()).filter(|&at| scan.name(at) == "a" && !is_note(at));
        let hrefs = links.filter_map(|at| scan.element(at)?.attr("href"));
        let wanted = hrefs.filter_map(|href| in_page(href, page)).filter(|fragment| !fragment.is_empty()).collect();
        Self { wanted, passed: Vec::new() }
    }
}

/// The fragment of a link that leads to the page itself, decoded; None for other links.
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
    /// Takes note of a place that a link leads to, unless the element and what it says are left out.
    pub(super) fn pass_anchor(&mut self, at: usize, parent: NodeId, element: ElementRef<'a>) {
        if self.anchors.wanted.is_empty() {
            return;
        }
        let name = element.attr("name").filter(|_| element.value().name() == "a");
        for id in [element.attr("id"), name].into_iter().flatten() {
            let wanted = &mut self.anchors.wanted;
            let id = [id, id.strip_prefix(PREFIX).unwrap_or(id)].into_iter().find(|id| wanted.contains(*id));
            let Some(id) = id else { continue };
            let is_seen = self.scan.text(at).weight == 0 || self.leaves_out(at, element, self.shown(at)).is_none();
            // Of several places of one name the first counts.
            if is_seen && self.anchors.wanted.remove(id) {
                self.anchors.passed.push(id.to_owned());
            }
        }
        // What stands in a heading belongs to it, though no text follows there.
        if self.heading_around(parent).is_some() {
            self.land(parent);
        }
    }

    fn heading_around(&self, at: NodeId) -> Option<NodeId> {
        let tree = &self.built.tree;
        let is_heading = |id: &NodeId| matches!(tree.name(*id), "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
        std::iter::once(at).chain(tree.ancestors(at)).take(NEAR).find(is_heading)
    }

    /// Puts the places that were passed before what is made next: a heading is one itself.
    pub(super) fn land(&mut self, parent: NodeId) {
        if self.anchors.passed.is_empty() {
            return;
        }
        let passed = std::mem::take(&mut self.anchors.passed);
        let heading = self.heading_around(parent);
        let tree = &mut self.built.tree;
        if let Some(element) = heading.and_then(|heading| tree.element_mut(heading)) {
            let before = element.attr(ANCHORS).map(|before| format!("{before}\n")).unwrap_or_default();
            element.set(ANCHORS, before + &passed.join("\n"));
            return;
        }
        let link =
            std::iter::once(parent).chain(tree.ancestors(parent)).take(NEAR).find(|&above| tree.name(above) == "a");
        for id in passed {
            let anchor = Element::new("a").with("id", id);
            match link {
                // No link stands in another.
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
