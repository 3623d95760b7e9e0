//! The tree of a parsed page: an arena that the parser builds and that is only read afterwards.
//!
//! It holds what extraction needs and nothing else: no parse errors, no selectors, no text of comments. Attributes are
//! found by comparing names, without a lookup in a table of interned strings.

use std::num::NonZeroU32;
use std::ops::Deref;

use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, ns};

/// Elements that say the same however often they are nested.
const FORMATTING: [&str; 9] = ["b", "code", "em", "i", "s", "strike", "strong", "tt", "u"];

/// A page with no more elements that repeat their parent keeps them as they are. Chosen by eye: a page that never closes
/// its elements has many thousands.
const FEW_REPEATED: usize = 1000;

/// The identifier of a node within its [`Dom`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(NonZeroU32);

impl NodeId {
    const ROOT: Self = Self(NonZeroU32::MIN);

    #[inline]
    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// The content of a node.
#[derive(Debug, Clone)]
pub enum Node {
    /// The root of a page.
    Document,
    /// The root of a fragment or of the content of a `<template>`.
    Fragment,
    /// Text.
    Text(Text),
    /// An element.
    Element(Element),
    /// A comment, a document type or a processing instruction.
    Other,
}

impl Node {
    /// Returns the text; None for other nodes.
    #[inline]
    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the element; None for other nodes.
    #[inline]
    pub fn as_element(&self) -> Option<&Element> {
        match self {
            Self::Element(element) => Some(element),
            _ => None,
        }
    }

    /// Returns true for text.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// Returns true for an element.
    pub fn is_element(&self) -> bool {
        matches!(self, Self::Element(_))
    }
}

/// Text, with character references decoded.
#[derive(Debug, Clone)]
pub struct Text {
    /// The characters.
    pub text: StrTendril,
}

/// An element with its attributes, in source order.
#[derive(Debug, Clone)]
pub struct Element {
    name: LocalName,
    attrs: Vec<Attribute>,
}

impl Element {
    pub(super) fn new(name: LocalName, attrs: Vec<Attribute>) -> Self {
        Self { name, attrs }
    }

    /// Adds the attributes that the element does not have yet.
    pub(super) fn add_missing(&mut self, attrs: Vec<Attribute>) {
        for attr in attrs {
            if !self.attrs.iter().any(|known| known.name == attr.name) {
                self.attrs.push(attr);
            }
        }
    }

    /// Returns the name in lower case, in SVG and MathML in the case of the standard.
    #[inline]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns an attribute's value; None when absent.
    #[inline]
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|attr| &*attr.name.local == name && attr.name.ns == ns!()).map(|attr| &*attr.value)
    }

    /// Returns an attribute's value, whatever the namespace of its name; None when absent.
    pub fn attr_any(&self, name: &str) -> Option<&str> {
        self.attrs().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    pub(super) fn attr_mut(&mut self, name: &str) -> Option<&mut StrTendril> {
        self.attrs
            .iter_mut()
            .find(|attr| &*attr.name.local == name && attr.name.ns == ns!())
            .map(|attr| &mut attr.value)
    }

    /// Returns the name and value of each attribute, in source order.
    pub fn attrs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attrs.iter().map(|attr| (&*attr.name.local, &*attr.value))
    }
}

#[derive(Debug)]
struct Slot {
    node: Node,
    parent: Option<NodeId>,
    previous: Option<NodeId>,
    next: Option<NodeId>,
    first: Option<NodeId>,
    last: Option<NodeId>,
}

/// The tree of a parsed page or fragment.
#[derive(Debug)]
pub struct Dom {
    slots: Vec<Slot>,
}

impl Dom {
    /// Creates a tree that consists of its root, with room for `count` nodes.
    pub(super) fn new(root: Node, count: usize) -> Self {
        let mut dom = Self { slots: Vec::with_capacity(count) };
        dom.create(root);
        dom
    }

    /// Returns the number of nodes, detached ones included.
    pub fn count(&self) -> usize {
        self.slots.len()
    }

    /// Returns every element, detached ones included, in no particular order.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.slots.iter().filter_map(|slot| slot.node.as_element())
    }

    /// Returns the root.
    pub fn root(&self) -> NodeRef<'_> {
        NodeRef { dom: self, id: NodeId::ROOT }
    }

    /// Creates a detached node.
    pub(super) fn create(&mut self, node: Node) -> NodeId {
        self.slots.push(Slot { node, parent: None, previous: None, next: None, first: None, last: None });
        // A tree of four thousand million nodes does not fit the memory limits of any caller.
        let count = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        NodeId(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN))
    }

    #[inline]
    fn node(&self, id: NodeId) -> &Node {
        &self.slot(id).node
    }

    pub(super) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.slot_mut(id).node
    }

    pub(super) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.slot(id).parent
    }

    pub(super) fn previous(&self, id: NodeId) -> Option<NodeId> {
        self.slot(id).previous
    }

    pub(super) fn first(&self, id: NodeId) -> Option<NodeId> {
        self.slot(id).first
    }

    pub(super) fn last(&self, id: NodeId) -> Option<NodeId> {
        self.slot(id).last
    }

    /// Appends a detached node to the children of `parent`.
    pub(super) fn append(&mut self, parent: NodeId, child: NodeId) {
        let last = self.slot_mut(parent).last.replace(child);
        match last {
            Some(last) => self.slot_mut(last).next = Some(child),
            None => self.slot_mut(parent).first = Some(child),
        }
        let slot = self.slot_mut(child);
        slot.parent = Some(parent);
        slot.previous = last;
    }

    /// Inserts a detached node before `sibling`. Does nothing when `sibling` has no parent.
    pub(super) fn insert_before(&mut self, sibling: NodeId, node: NodeId) {
        let Some(parent) = self.parent(sibling) else { return };
        let previous = self.slot_mut(sibling).previous.replace(node);
        match previous {
            Some(previous) => self.slot_mut(previous).next = Some(node),
            None => self.slot_mut(parent).first = Some(node),
        }
        let slot = self.slot_mut(node);
        slot.parent = Some(parent);
        slot.previous = previous;
        slot.next = Some(sibling);
    }

    /// Detaches a node, with its descendants, from its parent.
    pub(super) fn detach(&mut self, id: NodeId) {
        let slot = self.slot_mut(id);
        let (parent, previous, next) = (slot.parent.take(), slot.previous.take(), slot.next.take());
        match (previous, parent) {
            (Some(previous), _) => self.slot_mut(previous).next = next,
            (None, Some(parent)) => self.slot_mut(parent).first = next,
            (None, None) => {}
        }
        match (next, parent) {
            (Some(next), _) => self.slot_mut(next).previous = previous,
            (None, Some(parent)) => self.slot_mut(parent).last = previous,
            (None, None) => {}
        }
    }

    /// Takes out each formatting element that is all that stands in another of its kind, where a page has very many:
    /// `<b><b>x</b></b>` says `<b>x</b>`. A parser opens every unclosed `<b>` again in each paragraph after it.
    pub(super) fn merge_repeated(&mut self) {
        // The index of a node that was created fits.
        let id = |index: usize| u32::try_from(index + 1).ok().and_then(NonZeroU32::new).map(NodeId);
        let repeats = |dom: &Self, id: NodeId| dom.parent(id).filter(|parent| dom.repeats(id, *parent));
        let all = (0..self.slots.len()).filter_map(id);
        if all.filter(|id| repeats(self, *id).is_some()).nth(FEW_REPEATED).is_none() {
            return;
        }
        for id in (0..self.slots.len()).filter_map(id) {
            let Some(parent) = repeats(self, id) else { continue };
            self.detach(id);
            while let Some(child) = self.first(id) {
                self.detach(child);
                self.append(parent, child);
            }
        }
    }

    /// Returns whether an element is the only child of one that formats in the same way.
    fn repeats(&self, id: NodeId, parent: NodeId) -> bool {
        let formatting = |id: NodeId| {
            let element = self.node(id).as_element().filter(|element| element.attrs.is_empty())?;
            FORMATTING.contains(&element.name()).then(|| element.name())
        };
        self.first(parent) == Some(id)
            && self.last(parent) == Some(id)
            && formatting(id).is_some_and(|name| formatting(parent) == Some(name))
    }

    #[inline]
    fn slot(&self, id: NodeId) -> &Slot {
        &self.slots[id.index()]
    }

    fn slot_mut(&mut self, id: NodeId) -> &mut Slot {
        &mut self.slots[id.index()]
    }
}

/// A step of a depth-first traversal.
#[derive(Debug, Clone, Copy)]
pub enum Edge<'a> {
    /// Before a node's children.
    Open(NodeRef<'a>),
    /// After a node's children; nodes without children have this step too.
    Close(NodeRef<'a>),
}

/// A node in its tree.
#[derive(Debug, Clone, Copy)]
pub struct NodeRef<'a> {
    dom: &'a Dom,
    id: NodeId,
}

impl<'a> NodeRef<'a> {
    /// Returns its identifier.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// Returns its content.
    #[inline]
    pub fn value(self) -> &'a Node {
        self.dom.node(self.id)
    }

    #[inline]
    fn at(self, id: Option<NodeId>) -> Option<Self> {
        id.map(|id| Self { id, ..self })
    }

    /// Returns the parent; None for the root.
    #[inline]
    pub fn parent(self) -> Option<Self> {
        self.at(self.dom.slot(self.id).parent)
    }

    /// Returns the next sibling.
    #[inline]
    pub fn next_sibling(self) -> Option<Self> {
        self.at(self.dom.slot(self.id).next)
    }

    /// Returns the previous sibling.
    pub fn prev_sibling(self) -> Option<Self> {
        self.at(self.dom.slot(self.id).previous)
    }

    /// Returns the first child.
    #[inline]
    pub fn first_child(self) -> Option<Self> {
        self.at(self.dom.slot(self.id).first)
    }

    /// Returns true when it has children.
    pub fn has_children(self) -> bool {
        self.dom.slot(self.id).first.is_some()
    }

    /// Returns the children in order.
    pub fn children(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.first_child(), |node| node.next_sibling())
    }

    /// Returns the siblings after it, nearest first.
    pub fn next_siblings(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.next_sibling(), |node| node.next_sibling())
    }

    /// Returns the siblings before it, nearest first.
    pub fn prev_siblings(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.prev_sibling(), |node| node.prev_sibling())
    }

    /// Returns the ancestors, nearest first, the root last.
    pub fn ancestors(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.parent(), |node| node.parent())
    }

    /// Returns the node and its descendants, in document order.
    pub fn descendants(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), move |node| {
            if let Some(child) = node.first_child() {
                return Some(child);
            }
            let mut at = *node;
            while at.id != self.id {
                if let Some(next) = at.next_sibling() {
                    return Some(next);
                }
                at = at.parent()?;
            }
            None
        })
    }

    /// Returns the text of each text node in it.
    pub fn text(self) -> impl Iterator<Item = &'a str> {
        self.descendants().filter_map(|node| node.value().as_text()).map(|text| &*text.text)
    }

    /// Returns the steps of a depth-first traversal of the node and its descendants.
    pub fn traverse(self) -> impl Iterator<Item = Edge<'a>> {
        std::iter::successors(Some(Edge::Open(self)), move |edge| match *edge {
            Edge::Open(node) => Some(node.first_child().map_or(Edge::Close(node), Edge::Open)),
            Edge::Close(node) if node.id == self.id => None,
            Edge::Close(node) => match node.next_sibling() {
                Some(next) => Some(Edge::Open(next)),
                None => node.parent().map(Edge::Close),
            },
        })
    }
}

/// An element in its tree.
#[derive(Debug, Clone, Copy)]
pub struct ElementRef<'a> {
    node: NodeRef<'a>,
    element: &'a Element,
}

impl<'a> ElementRef<'a> {
    /// Returns the node as an element; None when it is something else.
    #[inline]
    pub fn wrap(node: NodeRef<'a>) -> Option<Self> {
        node.value().as_element().map(|element| Self { node, element })
    }

    /// Returns its name and attributes.
    pub fn value(self) -> &'a Element {
        self.element
    }

    /// Returns an attribute's value; None when absent.
    pub fn attr(self, name: &str) -> Option<&'a str> {
        self.element.attr(name)
    }

    /// Returns the children that are elements.
    pub fn child_elements(self) -> impl Iterator<Item = Self> {
        self.node.children().filter_map(Self::wrap)
    }
}

impl<'a> Deref for ElementRef<'a> {
    type Target = NodeRef<'a>;

    fn deref(&self) -> &NodeRef<'a> {
        &self.node
    }
}
