//! Footnotes: which links refer to one, and which parts of the page they are.
//!
//! A link is a reference when the part it leads to leads back to it, and a class, role or attribute on the one or the
//! other calls it so. Without such a word both stay the links they are.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::html::{ElementRef, NodeId, NodeRef};
use crate::model::tree::{Element, Node, NodeId as TreeId, Tree};

use super::{ancestors, below, has_class, text, text_of};

/// A reference's mark is no longer than this, in characters.
const MARK: usize = 12;

/// Nodes of a note in which it says something, if it does.
const LOOKED_AT: usize = 64;

/// What stands around a footnote's number.
const BRACKETS: &str = "[]()〔〕［］（）【】";

/// The footnotes of a page. Empty for a page without any.
#[derive(Debug, Default)]
pub struct Notes {
    references: HashMap<NodeId, String>,
    definitions: HashMap<NodeId, String>,
    /// Links back to the text, and the numbers and signs around them.
    backlinks: HashSet<NodeId>,
    /// `<sup>` and brackets around references, and lists of footnotes: only what they hold counts.
    wrappers: HashSet<NodeId>,
}

/// What a node of the page is to its footnotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// A reference: its label.
    Reference(String),
    /// A footnote: its label.
    Definition(String),
    /// Nothing a reader of footnotes needs.
    Left,
    /// What it holds stands in its place.
    Wrapper,
}

impl Notes {
    /// Looks through everything below a node of the page.
    pub fn of(root: NodeRef<'_>) -> Self {
        let mut links: Vec<(ElementRef<'_>, &str)> = Vec::new();
        let mut targets: HashMap<&str, ElementRef<'_>> = HashMap::new();
        for element in root.descendants().filter_map(ElementRef::wrap) {
            if element.value().name() == "a"
                && let Some((_, fragment)) = element.attr("href").and_then(|href| href.split_once('#'))
                && !fragment.is_empty()
            {
                links.push((element, fragment));
            }
            for id in [element.attr("id"), element.attr("name")].into_iter().flatten() {
                targets.entry(id).or_insert(element);
            }
        }
        let mut notes = Self::default();
        if links.is_empty() {
            return notes;
        }
        let mut labels: BTreeMap<String, String> = BTreeMap::new();
        for (link, fragment) in &links {
            let Some(target) = targets.get(fragment) else { continue };
            // References stand before their footnotes; what stands in one leads back.
            if ancestors(*link).any(|above| notes.definitions.contains_key(&above.id())) {
                continue;
            }
            let Some(definition) = definition(*link, *target) else { continue };
            let number = labels.len() + 1;
            let label = labels.entry((*fragment).to_owned()).or_insert_with(|| number.to_string()).clone();
            notes.definitions.entry(definition.id()).or_insert_with(|| label.clone());
            let label = notes.definitions.get(&definition.id()).cloned().unwrap_or(label);
            notes.references.insert(link.id(), label);
        }
        notes.find_backlinks(root, &targets);
        notes.find_wrappers(root);
        notes
    }

    /// What a node is; None when it has nothing to do with footnotes.
    pub fn role(&self, node: NodeRef<'_>) -> Option<Role> {
        if self.references.is_empty() {
            return None;
        }
        let id = node.id();
        if let Some(label) = self.references.get(&id) {
            return Some(Role::Reference(label.clone()));
        }
        if let Some(label) = self.definitions.get(&id) {
            return Some(Role::Definition(label.clone()));
        }
        if self.backlinks.contains(&id) {
            return Some(Role::Left);
        }
        self.wrappers.contains(&id).then_some(Role::Wrapper)
    }

    fn find_backlinks(&mut self, root: NodeRef<'_>, targets: &HashMap<&str, ElementRef<'_>>) {
        if self.references.is_empty() {
            return;
        }
        for element in root.descendants().filter_map(ElementRef::wrap) {
            if !ancestors(element).any(|above| self.definitions.contains_key(&above.id())) {
                continue;
            }
            let back = element
                .attr("href")
                .and_then(|href| href.split_once('#'))
                .is_some_and(|(_, fragment)| targets.get(fragment).is_some_and(|target| self.holds_reference(*target)));
            if back {
                self.backlinks.insert(backlink_with_signs(element));
            }
        }
    }

    /// The element is a reference, or one stands in or right around it.
    fn holds_reference(&self, element: ElementRef<'_>) -> bool {
        let is = |one: ElementRef<'_>| self.references.contains_key(&one.id());
        is(element)
            || below(element).take(8).any(is)
            || ancestors(element).take(2).any(is)
            || super::next_element(element).is_some_and(|next| is(next) || below(next).take(4).any(is))
    }

    fn find_wrappers(&mut self, root: NodeRef<'_>) {
        if self.references.is_empty() {
            return;
        }
        for element in root.descendants().filter_map(ElementRef::wrap) {
            match element.value().name() {
                "sup" | "span" | "small" => {
                    let holds = below(element).any(|one| self.references.contains_key(&one.id()));
                    let marks = |text: &str| {
                        let rest: String = text.chars().filter(|c| !c.is_whitespace()).collect();
                        rest.chars().all(|c| "[](),;、，–-".contains(c))
                    };
                    let outside = element.descendants().filter(|node| node.value().is_text()).all(|node| {
                        let inside = node.ancestors().any(|above| self.references.contains_key(&above.id()));
                        inside || super::text_of(&node).is_none_or(marks)
                    });
                    if holds && outside {
                        self.wrappers.insert(element.id());
                        let loose = element.children().filter(|child| child.value().is_text()).map(|child| child.id());
                        self.backlinks.extend(loose);
                    }
                }
                "ol" | "ul" | "dl"
                    if element.child_elements().any(|item| self.definitions.contains_key(&item.id())) =>
                {
                    self.wrappers.insert(element.id());
                }
                "h2" | "h3" if is_unseen_heading(element) => {
                    self.backlinks.insert(element.id());
                }
                "hr" => {
                    let before = super::next_element(element).is_some_and(|next| is_called_note(next));
                    let inside = ancestors(element).take(1).any(is_called_note);
                    if before || inside {
                        self.backlinks.insert(element.id());
                    }
                }
                _ => {}
            }
        }
    }
}

/// A heading for screen readers, over footnotes.
fn is_unseen_heading(element: ElementRef<'_>) -> bool {
    has_class(element, |word| matches!(word, "sr-only" | "visually-hidden" | "screen-reader-text"))
        && ancestors(element).take(2).any(is_called_note)
}

/// The footnote that a link refers to; None when it refers to none.
fn definition<'a>(link: ElementRef<'a>, target: ElementRef<'a>) -> Option<ElementRef<'a>> {
    let mark = text(link);
    if mark.trim().is_empty() || mark.trim().chars().count() > MARK || mark.contains(['↩', '↑', '^', '⏎']) {
        return None;
    }
    let is_block =
        |one: &ElementRef<'_>| matches!(one.value().name(), "li" | "p" | "div" | "dd" | "aside" | "tr" | "section");
    let definition = if is_block(&target) { target } else { ancestors(target).take(4).find(is_block)? };
    // A note that holds the reference is a part of the text.
    if definition.id() == link.id() || ancestors(link).any(|above| above.id() == definition.id()) {
        return None;
    }
    let mut own: Vec<&str> = Vec::new();
    for one in std::iter::once(link).chain(ancestors(link).take(3)).chain(below(link).take(3)) {
        own.extend([one.attr("id"), one.attr("name")].into_iter().flatten());
    }
    let before = link.parent().and_then(ElementRef::wrap).map_or(link, |above| above);
    let anchors = [link, before].into_iter().filter_map(|one| one.prev_siblings().find_map(ElementRef::wrap));
    own.extend(anchors.filter_map(|one| one.attr("id")));
    let leads_back = std::iter::once(definition)
        .chain(below(definition))
        .filter_map(|one| one.attr("href")?.split_once('#'))
        .any(|(_, fragment)| own.contains(&fragment));
    let called = std::iter::once(link)
        .chain(ancestors(link).take(2))
        .chain(std::iter::once(definition))
        .chain(below(definition).take(2))
        .chain(ancestors(definition).take(3))
        .any(is_called_note);
    (leads_back && called).then_some(definition)
}

/// A class, role or attribute says that it has to do with footnotes.
fn is_called_note(element: ElementRef<'_>) -> bool {
    let word = |word: &str| {
        let word = word.to_ascii_lowercase();
        word.contains("footnote")
            || word.contains("endnote")
            || matches!(
                word.as_str(),
                "references"
                    | "reflist"
                    | "reference"
                    | "noteref"
                    | "doc-noteref"
                    | "fn"
                    | "doc-backlink"
                    | "mw-references-wrap"
            )
    };
    ["class", "role", "rel", "epub:type", "data-component-name"]
        .iter()
        .filter_map(|name| element.attr(name))
        .any(|value| value.split_ascii_whitespace().any(word))
        || ["data-fn", "data-footnotes", "data-footnote-ref", "data-footnote-id"]
            .iter()
            .any(|name| element.attr(name).is_some())
}

/// A link back stands alone, or in a span with other signs that lead back.
fn backlink_with_signs(link: ElementRef<'_>) -> NodeId {
    let around = ancestors(link).take(3).find(|above| {
        has_class(*above, |word| {
            word.contains("backlink") || word.contains("backref") || word.contains("footnote-back")
        }) && above.value().name() != "li"
    });
    if let Some(above) = around {
        return above.id();
    }
    // `[1]` with the number leading back: the brackets go with it.
    let signs = |one: &ElementRef<'_>| {
        let texts = one.descendants().filter_map(|node| text_of(&node));
        let start: String = texts.flat_map(str::chars).take(4 * MARK).collect();
        matches!(one.value().name(), "span" | "sup" | "b" | "strong" | "small")
            && start.replace(&text(link), "").chars().all(|c| c.is_whitespace() || c == '.' || BRACKETS.contains(c))
    };
    ancestors(link).take(2).take_while(signs).last().map_or(link.id(), |above| above.id())
}

/// References without a footnote in the article, and footnotes without a reference, are no footnotes.
pub fn settle(tree: &mut Tree) {
    let all: Vec<TreeId> =
        tree.descendants(tree.root()).filter(|&id| matches!(tree.name(id), "note" | "note-ref")).collect();
    let labels = |tree: &Tree, name: &str| -> HashSet<String> {
        let named = all.iter().filter(|&&id| tree.name(id) == name && (name != "note" || says(tree, id)));
        named.filter_map(|&id| tree.attr(id, "label")).map(str::to_owned).collect()
    };
    let (defined, referred) = (labels(tree, "note"), labels(tree, "note-ref"));
    for id in all {
        let label = tree.attr(id, "label").unwrap_or_default().to_owned();
        if tree.name(id) == "note" && !referred.contains(&label) {
            *tree.node_mut(id) = Node::Element(Element::new("div"));
        } else if tree.name(id) == "note-ref" && !defined.contains(&label) {
            let mark = tree.attr(id, "mark").unwrap_or_default().to_owned();
            *tree.node_mut(id) = Node::Element(Element::new("sup"));
            tree.append_text(id, &mark);
        } else if tree.name(id) == "note" {
            trim_start(tree, id, &label);
        } else if let Some(element) = tree.element_mut(id) {
            element.attrs.retain(|(name, _)| name != "mark");
        }
    }
}

/// The choice of the article's text has left something of the note.
fn says(tree: &Tree, note: TreeId) -> bool {
    tree.descendants(note)
        .take(LOOKED_AT)
        .any(|id| tree.name(id) == "img" || tree.text_of(id).is_some_and(|text| !text.trim().is_empty()))
}

/// Takes off a note's own number, and what parted it from the text: `[1] `, `. ` or `) `.
fn trim_start(tree: &mut Tree, note: TreeId, label: &str) {
    let first = tree.descendants(note).find(|&id| tree.text_of(id).is_some_and(|text| !text.trim().is_empty()));
    let Some(id) = first else { return };
    if let Node::Text(text) = tree.node_mut(id) {
        let all = text.trim_start();
        let numbered = all.trim_start_matches(|c: char| BRACKETS.contains(c)).strip_prefix(label);
        let numbered = numbered.filter(|rest| rest.starts_with(|c: char| BRACKETS.contains(c) || ".、．".contains(c)));
        let rest = numbered.unwrap_or(all).trim_start_matches(|c: char| "])〕］）】.、．".contains(c));
        if rest.len() < all.len() {
            *text = rest.trim_start().to_owned();
        }
    }
}
