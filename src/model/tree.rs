//! The arena tree of an article: plain data, `Send`, without parser types.
//!
//! Nodes are never freed; a detached node is only unreachable. Every walk is iterative, so deep trees use no stack.

use std::borrow::Cow;
use std::num::NonZeroU32;

/// The index of a node in its [`Tree`].
// Starts at one, so that `Option<NodeId>` has the size of a `u32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(NonZeroU32);

impl NodeId {
    #[inline]
    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// The content of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// The tree's root.
    Root,
    /// An element.
    Element(Element),
    /// Text with entities decoded.
    Text(String),
}

/// An element: a lower-case name and its attributes in source order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Lower-case name.
    pub name: Cow<'static, str>,
    /// Name and value, in order, each name once.
    pub attrs: Vec<(Cow<'static, str>, String)>,
}

impl Element {
    /// Creates an element without attributes.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), attrs: Vec::new() }
    }

    /// Returns the element with one more attribute.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Returns an attribute's value; `None` if absent.
    #[inline]
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Sets an attribute, replacing one of the same name.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let name = name.into();
        match self.attrs.iter_mut().find(|(key, _)| *key == name) {
            Some((_, old)) => *old = value.into(),
            None => self.attrs.push((name, value.into())),
        }
    }
}

#[derive(Debug, Clone)]
struct Slot {
    node: Node,
    parent: Option<NodeId>,
    previous: Option<NodeId>,
    next: Option<NodeId>,
    first: Option<NodeId>,
    last: Option<NodeId>,
}

/// A step of a walk over a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// Before a node's children.
    Open(NodeId),
    /// After a node's children; text nodes have one too.
    Close(NodeId),
}

/// An ordered tree of elements and text.
#[derive(Debug, Clone)]
pub struct Tree {
    slots: Vec<Slot>,
}

impl Default for Tree {
    fn default() -> Self {
        Self::new()
    }
}

impl Tree {
    /// Creates a tree with only its root.
    pub fn new() -> Self {
        let root = Slot { node: Node::Root, parent: None, previous: None, next: None, first: None, last: None };
        Self { slots: vec![root] }
    }

    /// Returns the root.
    pub fn root(&self) -> NodeId {
        NodeId(NonZeroU32::MIN)
    }

    /// Returns the content of a node.
    #[inline]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.slot(id).node
    }

    /// Returns the content of a node for modification.
    pub fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.slots[id.index()].node
    }

    /// Returns the element at `id`; `None` for text and the root.
    #[inline]
    pub fn element(&self, id: NodeId) -> Option<&Element> {
        match self.node(id) {
            Node::Element(element) => Some(element),
            _ => None,
        }
    }

    /// Returns the element at `id` for modification; `None` for text and the root.
    pub fn element_mut(&mut self, id: NodeId) -> Option<&mut Element> {
        match self.node_mut(id) {
            Node::Element(element) => Some(element),
            _ => None,
        }
    }

    /// Returns the element's name; empty for text and the root.
    #[inline]
    pub fn name(&self, id: NodeId) -> &str {
        self.element(id).map_or("", |element| &element.name)
    }

    /// Returns an attribute of an element; `None` if it is absent or the node is not an element.
    #[inline]
    pub fn attr(&self, id: NodeId, name: &str) -> Option<&str> {
        self.element(id)?.attr(name)
    }

    /// Returns the text of a text node; `None` for other nodes.
    #[inline]
    pub fn text_of(&self, id: NodeId) -> Option<&str> {
        match self.node(id) {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns all text below `id`, concatenated without changes.
    pub fn text(&self, id: NodeId) -> String {
        self.descendants(id).filter_map(|node| self.text_of(node)).collect()
    }

    /// Returns the parent; `None` for the root and for detached nodes.
    #[inline]
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.slot(id).parent
    }

    /// Returns the next sibling.
    #[inline]
    pub fn next(&self, id: NodeId) -> Option<NodeId> {
        self.slot(id).next
    }

    /// Returns the previous sibling.
    #[inline]
    pub fn previous(&self, id: NodeId) -> Option<NodeId> {
        self.slot(id).previous
    }

    /// Returns the first child.
    #[inline]
    pub fn first_child(&self, id: NodeId) -> Option<NodeId> {
        self.slot(id).first
    }

    /// Returns the last child.
    #[inline]
    pub fn last_child(&self, id: NodeId) -> Option<NodeId> {
        self.slot(id).last
    }

    /// Returns the children in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.first_child(id), |&child| self.next(child))
    }

    /// Returns the ancestors, nearest first, the root last.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(id), |&node| self.parent(node))
    }

    /// Returns `id` and everything below it, in document order.
    pub fn descendants(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.walk(id).filter_map(|edge| match edge {
            Edge::Open(node) => Some(node),
            Edge::Close(_) => None,
        })
    }

    /// Walks `id` and everything below it in document order, with a step before and after each node's children.
    pub fn walk(&self, id: NodeId) -> impl Iterator<Item = Edge> + '_ {
        std::iter::successors(Some(Edge::Open(id)), move |&edge| match edge {
            Edge::Open(node) => Some(self.first_child(node).map_or(Edge::Close(node), Edge::Open)),
            Edge::Close(node) if node == id => None,
            Edge::Close(node) => match self.next(node) {
                Some(next) => Some(Edge::Open(next)),
                None => self.parent(node).map(Edge::Close),
            },
        })
    }

    /// Appends an element as the last child.
    pub fn append_element(&mut self, parent: NodeId, element: Element) -> NodeId {
        self.append_new(parent, Node::Element(element))
    }

    /// Appends text as the last child, joining it to a text node that is already last.
    pub fn append_text(&mut self, parent: NodeId, text: &str) -> NodeId {
        if let Some(last) = self.last_child(parent)
            && let Node::Text(existing) = self.node_mut(last)
        {
            existing.push_str(text);
            return last;
        }
        self.append_new(parent, Node::Text(text.to_owned()))
    }

    /// Creates a detached node.
    pub fn create(&mut self, node: Node) -> NodeId {
        // No caller's memory limit allows four billion nodes.
        self.slots.push(Slot { node, parent: None, previous: None, next: None, first: None, last: None });
        let count = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        NodeId(NonZeroU32::new(count).unwrap_or(NonZeroU32::MAX))
    }

    /// Moves a node and its subtree to the end of `parent`.
    pub fn append(&mut self, parent: NodeId, child: NodeId) {
        self.detach(child);
        let last = self.slot(parent).last;
        {
            let slot = self.slot_mut(child);
            slot.parent = Some(parent);
            slot.previous = last;
        }
        match last {
            Some(last) => self.slot_mut(last).next = Some(child),
            None => self.slot_mut(parent).first = Some(child),
        }
        self.slot_mut(parent).last = Some(child);
    }

    /// Moves a node and its subtree before `sibling`, which must have a parent.
    pub fn insert_before(&mut self, sibling: NodeId, node: NodeId) {
        self.detach(node);
        let Some(parent) = self.parent(sibling) else { return };
        let previous = self.slot(sibling).previous;
        {
            let slot = self.slot_mut(node);
            slot.parent = Some(parent);
            slot.previous = previous;
            slot.next = Some(sibling);
        }
        self.slot_mut(sibling).previous = Some(node);
        match previous {
            Some(previous) => self.slot_mut(previous).next = Some(node),
            None => self.slot_mut(parent).first = Some(node),
        }
    }

    /// Copies everything below another tree's root to the end of `parent`, which must not be a text node.
    pub fn graft(&mut self, parent: NodeId, other: &Tree) {
        self.copy(parent, other, other.root());
    }

    /// Moves a node and the siblings after it into a tree of their own.
    pub fn split_off(&mut self, first: NodeId) -> Tree {
        let mut split = Tree::new();
        let root = split.root();
        let mut next = Some(first);
        while let Some(id) = next {
            next = self.next(id);
            split.copy(root, self, id);
            self.detach(id);
        }
        split
    }

    /// Copies a node of another tree, with what is below it, to the end of `parent`; of a root only what is below it.
    fn copy(&mut self, parent: NodeId, other: &Tree, from: NodeId) {
        let mut at = vec![parent];
        for edge in other.walk(from) {
            match edge {
                Edge::Open(id) if id == other.root() => {}
                Edge::Open(id) => {
                    let above = at.last().copied().unwrap_or(parent);
                    let copy = self.append_new(above, other.node(id).clone());
                    at.push(copy);
                }
                Edge::Close(_) => drop(at.pop()),
            }
        }
    }

    /// Detaches a node and its subtree from its parent.
    pub fn detach(&mut self, id: NodeId) {
        let (parent, previous, next) = {
            let slot = self.slot_mut(id);
            (slot.parent.take(), slot.previous.take(), slot.next.take())
        };
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

    /// Replaces a node by its children.
    pub fn unwrap(&mut self, id: NodeId) {
        while let Some(child) = self.first_child(id) {
            self.insert_before(id, child);
        }
        self.detach(id);
    }

    fn append_new(&mut self, parent: NodeId, node: Node) -> NodeId {
        let id = self.create(node);
        self.append(parent, id);
        id
    }

    #[inline]
    fn slot(&self, id: NodeId) -> &Slot {
        &self.slots[id.index()]
    }

    fn slot_mut(&mut self, id: NodeId) -> &mut Slot {
        &mut self.slots[id.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Tree, NodeId, NodeId) {
        let mut tree = Tree::new();
        let p = tree.append_element(tree.root(), Element::new("p"));
        tree.append_text(p, "a");
        let b = tree.append_element(p, Element::new("b").with("class", "x"));
        tree.append_text(b, "b");
        tree.append_text(p, "c");
        (tree, p, b)
    }

    #[test]
    fn a_walk_follows_document_order() {
        let (tree, p, b) = sample();
        assert_eq!(tree.text(tree.root()), "abc");
        assert_eq!(tree.walk(p).count(), 10);
        assert_eq!(tree.attr(b, "class"), Some("x"));
        assert_eq!(tree.ancestors(b).collect::<Vec<_>>(), [p, tree.root()]);
    }

    #[test]
    fn unwrapping_a_node_keeps_its_children_in_place() {
        let (mut tree, p, b) = sample();
        tree.unwrap(b);
        assert_eq!(tree.text(p), "abc");
        assert!(tree.children(p).all(|child| tree.text_of(child).is_some()));
    }

    #[test]
    fn a_walk_skips_detached_nodes() {
        let (mut tree, p, b) = sample();
        tree.detach(b);
        assert_eq!(tree.text(p), "ac");
        tree.insert_before(tree.first_child(p).unwrap(), b);
        assert_eq!(tree.text(p), "bac");
    }

    #[test]
    fn a_tree_can_be_appended_to_another() {
        let (mut one, _, _) = sample();
        let (two, _, _) = sample();
        one.graft(one.root(), &two);
        assert_eq!(one.text(one.root()), "abcabc");
        assert_eq!(one.children(one.root()).count(), 2);
    }

    #[test]
    fn a_very_deep_tree_does_not_overflow_the_stack() {
        let mut tree = Tree::new();
        let mut at = tree.root();
        for _ in 0..200_000 {
            at = tree.append_element(at, Element::new("div"));
        }
        tree.append_text(at, "deep");
        assert_eq!(tree.text(tree.root()), "deep");
    }
}
