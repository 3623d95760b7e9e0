//! Footnotes in the article's tree: references in the text, and the notes in their place or at the end.

use crate::extract::elements;
use crate::extract::notes::Role;
use crate::html::ElementRef;
use crate::model::tree::{Element, Node, NodeId};

use super::Builder;

impl<'a> Builder<'_, 'a> {
    /// Builds a reference to a footnote or opens the footnote itself. Returns the index to continue with; None when the
    /// element is not a footnote of this article.
    pub(super) fn note_part(
        &mut self,
        at: usize,
        parent: NodeId,
        element: ElementRef<'a>,
        role: Role,
    ) -> Option<usize> {
        let end = self.scan.entries[at].end;
        match role {
            Role::Reference(number) if self.wanted.contains(&number) => {
                let mark: String =
                    element.descendants().filter_map(|node| node.value().as_text()).map(|t| &*t.text).collect();
                self.refer(parent, number, mark.trim());
                Some(end)
            }
            Role::Definition(number) if self.wanted.contains(&number) && !self.made_notes.contains(&number) => {
                let definition = self.notes.definition(number);
                if definition.is_in_line {
                    self.refer(parent, number, "");
                }
                // A note inside a line of text would split the line.
                let is_line =
                    definition.is_in_line || self.scan.entries[at].block != at || is_in_line(&self.built.tree, parent);
                let is_single = definition.end == end;
                self.open_note(number, Some(parent).filter(|_| !is_line));
                // A note that is one element needs no element of its own in the tree.
                Some(at + usize::from(is_single))
            }
            Role::Reference(_) | Role::Definition(_) => None,
            Role::Left | Role::Wrapper => Some(end),
        }
    }

    /// Returns true when a box contains a footnote.
    pub(super) fn holds_note(&self, at: usize, end: usize) -> bool {
        let is_note = |role: Role| matches!(role, Role::Definition(number) if self.wanted.contains(&number));
        (at..end).any(|below| self.notes.role(below).is_some_and(is_note))
    }

    fn refer(&mut self, parent: NodeId, number: usize, mark: &str) {
        self.place_anchors(parent);
        let label = self.notes.definition(number).label.clone();
        let made = Element::new("note-ref").with("label", label).with("mark", mark);
        self.built.tree.append_element(parent, made);
    }

    /// Opens a footnote in `parent`, or at the end of the article without one.
    fn open_note(&mut self, number: usize, parent: Option<NodeId>) {
        let definition = self.notes.definition(number);
        let mut made = Element::new("note").with("label", &*definition.label).with("mark", &*definition.mark);
        if !matches!(self.scan.name(definition.start), "li" | "dd") {
            made.set("marked", "");
        }
        let tree = &mut self.built.tree;
        let id = match parent {
            Some(parent) => tree.append_element(parent, made),
            None => tree.create(Node::Element(made)),
        };
        if parent.is_none() {
            self.apart.push(id);
        }
        if let Some(text) = &definition.attribute_text {
            tree.append_text(id, text);
        } else {
            self.open.push((definition.end, id));
            self.kept_until = self.kept_until.max(definition.end);
        }
        self.made_notes.insert(number);
    }

    /// Builds the footnotes that are still missing: hidden ones, and those in parts that are left out.
    pub(super) fn late_notes(&mut self) {
        for number in 0..self.notes.count() {
            if !self.wanted.contains(&number) || self.made_notes.contains(&number) {
                continue;
            }
            let definition = self.notes.definition(number);
            let (start, end) = (definition.start, definition.end);
            self.close_up_to(usize::MAX);
            self.open_note(number, None);
            let is_single = self.scan.entries[start].end == end;
            let mut at = if definition.attribute_text.is_some() { end } else { start + usize::from(is_single) };
            while at < end {
                at = self.step(at);
            }
        }
        self.close_up_to(usize::MAX);
        let root = self.built.tree.root();
        for note in std::mem::take(&mut self.apart) {
            self.built.tree.append(root, note);
        }
    }
}

/// Returns true when the element stands in a line of text.
fn is_in_line(tree: &crate::model::tree::Tree, parent: NodeId) -> bool {
    std::iter::once(parent).chain(tree.ancestors(parent)).take(4).any(|above| {
        let name = tree.name(above);
        matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") || !name.is_empty() && elements::is_inline(name)
    })
}
