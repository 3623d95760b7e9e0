//! Builds callouts, cards, embedded posts and panels of tabs.

use crate::extract::markup::{Callout, Card, callout, card, permalink};
use crate::html::ElementRef;
use crate::html::text::collapse;
use crate::model::tree::{Element, NodeId};

use super::{Builder, LOOK, Look, absolute};

impl<'a> Builder<'_, 'a> {
    /// Builds an element that is a unit. Returns the index to continue with; None for other elements.
    pub(super) fn unit(&mut self, at: usize, parent: NodeId, element: ElementRef<'a>) -> Option<usize> {
        let hints = self.scan.entries[at].hints;
        let end = self.scan.entries[at].end;
        if self.tabs.skips(at) || self.skipped.contains(&element.id()) {
            return Some(end);
        }
        if self.is_omitted(at) {
            return None;
        }
        if let Some(label) = self.tabs.label(at).map(str::to_owned) {
            self.labelled(parent, &label);
        }
        if let Some(callout) = callout(element, hints)
            && !self.is_inner_box(parent, &callout)
            && !self.holds_note(at, end)
        {
            self.callout(parent, end, callout);
            return Some(at + 1);
        }
        if let Some(card) = card(element, hints) {
            self.card(parent, card);
            return Some(end);
        }
        self.post(parent, end, element).then_some(at + 1)
    }

    /// Returns true for a box without a label inside another callout: both are one callout.
    fn is_inner_box(&self, parent: NodeId, callout: &Callout) -> bool {
        callout.label.is_empty() && self.built.tree.attr(parent, "callout").is_some()
    }

    fn callout(&mut self, parent: NodeId, end: usize, callout: Callout) {
        let kind = callout.kind;
        let label = collapse(&callout.label);
        let is_plain = label.is_empty() || label.eq_ignore_ascii_case(kind.as_str());
        let mut made = Element::new("blockquote").with("callout", kind.as_str());
        if is_plain {
            made.set("label", if label.is_empty() { kind.label() } else { label.as_str() });
        }
        let id = self.built.tree.append_element(parent, made);
        if !is_plain {
            self.labelled(id, &label);
        }
        self.skipped.extend(callout.left);
        self.open.push((end, id));
    }

    /// Adds a line in bold type.
    fn labelled(&mut self, parent: NodeId, label: &str) {
        let line = self.built.tree.append_element(parent, Element::new("p").with(LOOK, Look::Label.as_str()));
        let bold = self.built.tree.append_element(line, Element::new("strong"));
        self.built.tree.append_text(bold, label);
    }

    fn card(&mut self, parent: NodeId, card: Card) {
        let href = absolute(&card.href, self.page.base.as_ref());
        let line = self.built.tree.append_element(parent, Element::new("p"));
        let link = match self.is_allowed(&href) {
            true => self.built.tree.append_element(line, Element::new("a").with("href", href)),
            false => line,
        };
        self.built.tree.append_text(link, &card.title);
        for said in &card.lines {
            self.built.tree.append_element(line, Element::new("br"));
            self.built.tree.append_text(line, said);
        }
    }

    /// Builds an embedded post that does not show its own link; the link is appended to its text. Returns false otherwise.
    fn post(&mut self, parent: NodeId, end: usize, element: ElementRef<'a>) -> bool {
        let Some(link) = permalink(element).map(|link| absolute(&link, self.page.base.as_ref())) else { return false };
        let shown = element.descendants().filter_map(ElementRef::wrap).any(|one| {
            one.attr("href").is_some_and(|href| !href.starts_with('#'))
                && one.text().any(|text| !text.trim().is_empty())
        });
        if shown || !self.is_allowed(&link) {
            return false;
        }
        let made = self.made(element);
        let id = self.built.tree.append_element(parent, made);
        self.open.push((end, id));
        self.after.insert(id, link);
        true
    }

    /// Appends the link that an element ends with.
    pub(super) fn ends(&mut self, id: NodeId) {
        if let Some(link) = self.after.remove(&id) {
            let line = self.built.tree.append_element(id, Element::new("p"));
            let made = self.built.tree.append_element(line, Element::new("a").with("href", link.clone()));
            self.built.tree.append_text(made, &link);
        }
    }
}
