//! The tree of a parsed page: an arena, made once by the parser and then only read.
//!
//! It keeps what extraction asks for and nothing else: no errors, no selectors, no text of comments. An attribute is
//! found by comparing its name, without a look into any table.

use std::num::NonZeroU32;
use std::ops::Deref;

use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, ns};

/// A node of one [`Dom`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(NonZeroU32);

impl NodeId {
    const ROOT: Self = Self(NonZeroU32::MIN);

    #[inline]
    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Node {
    /// The page.
    Document,
    /// The root of a fragment, or of a `<template>`'s content.
    Fragment,
    /// Text.
    Text(Text),
    /// An element.
    Element(Element),
    /// A comment, a document type or a processing instruction: of no use to a reader.
    Aside,
}

impl Node {
    /// The text; None for other nodes.
    #[inline]
    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The element; None for other nodes.
    #[inline]
    pub fn as_element(&self) -> Option<&Element> {
        match self {
            Self::Element(element) => Some(element),
            _ => None,
        }
    }

    /// True for text.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// True for an element.
    pub fn is_element(&self) -> bool {
        matches!(self, Self::Element(_))
    }
}

/// Text, entities already decoded.
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

    /// Adds the attributes that are not there yet.
    pub(super) fn add_missing(&mut self, attrs: Vec<Attribute>) {
        for attr in attrs {
            if !self.attrs.iter().any(|known| known.name == attr.name) {
                self.attrs.push(attr);
            }
        }
    }

    /// Lower-case name; in SVG and MathML as the standard writes it.
    #[inline]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An attribute's value; None when absent.
    #[inline]
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|attr| &*attr.name.local == name && attr.name.ns == ns!()).map(|attr| &*attr.value)
    }

    /// An attribute's value, whatever namespace its name is of; None when absent.
    pub fn attr_any(&self, name: &str) -> Option<&str> {
        self.attrs().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    pub(super) fn attr_mut(&mut self, name: &str) -> Option<&mut StrTendril> {
        self.attrs
            .iter_mut()
            .find(|attr| &*attr.name.local == name && attr.name.ns == ns!())
            .map(|attr| &mut attr.value)
    }

    /// Name and value of each attribute.
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

/// A parsed page.
#[derive(Debug)]
pub struct Dom {
    slots: Vec<Slot>,
}

impl Dom {
    pub(super) fn new(root: Node) -> Self {
        let mut dom = Self { slots: Vec::with_capacity(1024) };
        dom.create(root);
        dom
    }

    /// How many nodes were made; those that hang nowhere any more are counted too.
    pub fn count(&self) -> usize {
        self.slots.len()
    }

    /// Every element, in no order; those that hang nowhere any more are among them.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.slots.iter().filter_map(|slot| slot.node.as_element())
    }

    /// The root.
    pub fn root(&self) -> NodeRef<'_> {
        NodeRef { dom: self, id: NodeId::ROOT }
    }

    /// A node that hangs nowhere yet.
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

    /// Hangs a node, which must hang nowhere, at the end of `parent`.
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

    /// Hangs a node, which must hang nowhere, before `sibling`. Nothing happens where that has no parent.
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

    /// Takes a node (with what is below it) out of its place.
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

    #[inline]
    fn slot(&self, id: NodeId) -> &Slot {
        &self.slots[id.index()]
    }

    fn slot_mut(&mut self, id: NodeId) -> &mut Slot {
        &mut self.slots[id.index()]
    }
}

/// A step of a walk over a tree.
#[derive(Debug, Clone, Copy)]
pub enum Edge<'a> {
    /// Before a node's children.
    Open(NodeRef<'a>),
    /// After them; text has one too.
    Close(NodeRef<'a>),
}

/// A node in its tree.
#[derive(Debug, Clone, Copy)]
pub struct NodeRef<'a> {
    dom: &'a Dom,
    id: NodeId,
}

impl<'a> NodeRef<'a> {
    /// Which node it is.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// What it is.
    #[inline]
    pub fn value(self) -> &'a Node {
        self.dom.node(self.id)
    }

    #[inline]
    fn at(self, id: Option<NodeId>) -> Option<Self> {
        id.map(|id| Self { id, ..self })
    }

    /// Parent; None for the root.
    #[inline]
    pub fn parent(self) -> Option<Self> {
        self.at(self.dom.slot(self.id).parent)
    }

    /// Next sibling.
    #[inline]
    pub fn next_sibling(self) -> Option<Self> {
        self.at(self.dom.slot(self.id).next)
    }

    /// Previous sibling.
    pub fn prev_sibling(self) -> Option<Self> {
        self.at(self.dom.slot(self.id).previous)
    }

    /// First child.
    #[inline]
    pub fn first_child(self) -> Option<Self> {
        self.at(self.dom.slot(self.id).first)
    }

    /// True when there is anything below it.
    pub fn has_children(self) -> bool {
        self.dom.slot(self.id).first.is_some()
    }

    /// Children in order.
    pub fn children(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.first_child(), |node| node.next_sibling())
    }

    /// Siblings after it, nearest first.
    pub fn next_siblings(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.next_sibling(), |node| node.next_sibling())
    }

    /// Siblings before it, nearest first.
    pub fn prev_siblings(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.prev_sibling(), |node| node.prev_sibling())
    }

    /// Ancestors, nearest first, the root last.
    pub fn ancestors(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.parent(), |node| node.parent())
    }

    /// The node and everything below it, in document order.
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

    /// Every piece of text in it.
    pub fn text(self) -> impl Iterator<Item = &'a str> {
        self.descendants().filter_map(|node| node.value().as_text()).map(|text| &*text.text)
    }

    /// Every opening and closing from the node down to itself again, in document order.
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
    /// The node as an element; None when it is none.
    #[inline]
    pub fn wrap(node: NodeRef<'a>) -> Option<Self> {
        node.value().as_element().map(|element| Self { node, element })
    }

    /// Its name and attributes.
    pub fn value(self) -> &'a Element {
        self.element
    }

    /// An attribute's value; None when absent.
    pub fn attr(self, name: &str) -> Option<&'a str> {
        self.element.attr(name)
    }

    /// Its children that are elements.
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
