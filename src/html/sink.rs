//! The interface through which html5ever's tree builder builds a [`Dom`].

use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, ExpandedName, QualName, local_name, ns};

use super::dom::{Dom, Element, Node, NodeId, Text};

/// A tree under construction.
pub struct Sink {
    dom: RefCell<Dom>,
}

/// A node with a copy of its name, which the tree builder asks for more often than for anything else.
#[derive(Debug, Clone)]
pub struct NodeHandle {
    id: NodeId,
    /// Empty for nodes that are not elements.
    name: QualName,
}

impl NodeHandle {
    fn nameless(id: NodeId) -> Self {
        Self { id, name: QualName::new(None, ns!(), local_name!("")) }
    }
}

impl Sink {
    /// Creates a tree that consists of its root, with room for `count` nodes.
    pub fn new(root: Node, count: usize) -> Self {
        Self { dom: RefCell::new(Dom::new(root, count)) }
    }
}

/// Appends text to the node `before`; returns false when that is not a text node.
fn append_text(dom: &mut Dom, before: Option<NodeId>, text: &StrTendril) -> bool {
    let Some(before) = before else { return false };
    match dom.node_mut(before) {
        Node::Text(found) => {
            found.text.push_tendril(text);
            true
        }
        _ => false,
    }
}

impl TreeSink for Sink {
    type Handle = NodeHandle;
    type Output = Dom;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Dom {
        let mut dom = self.dom.into_inner();
        dom.merge_repeated();
        dom
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn get_document(&self) -> NodeHandle {
        NodeHandle::nameless(self.dom.borrow().root().id())
    }

    fn same_node(&self, one: &NodeHandle, other: &NodeHandle) -> bool {
        one.id == other.id
    }

    fn elem_name<'a>(&'a self, target: &'a NodeHandle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> NodeHandle {
        let mut dom = self.dom.borrow_mut();
        let id = dom.create(Node::Element(Element::new(name.local.clone(), attrs)));
        if flags.template {
            let content = dom.create(Node::Fragment);
            dom.append(id, content);
        }
        NodeHandle { id, name }
    }

    fn create_comment(&self, _: StrTendril) -> NodeHandle {
        NodeHandle::nameless(self.dom.borrow_mut().create(Node::Other))
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> NodeHandle {
        NodeHandle::nameless(self.dom.borrow_mut().create(Node::Other))
    }

    fn append(&self, parent: &NodeHandle, child: NodeOrText<NodeHandle>) {
        let mut dom = self.dom.borrow_mut();
        match child {
            NodeOrText::AppendNode(child) => dom.append(parent.id, child.id),
            NodeOrText::AppendText(text) => {
                let last = dom.last(parent.id);
                if !append_text(&mut dom, last, &text) {
                    let child = dom.create(Node::Text(Text { text }));
                    dom.append(parent.id, child);
                }
            }
        }
    }

    fn append_before_sibling(&self, sibling: &NodeHandle, new: NodeOrText<NodeHandle>) {
        let mut dom = self.dom.borrow_mut();
        match new {
            NodeOrText::AppendNode(node) => {
                dom.detach(node.id);
                dom.insert_before(sibling.id, node.id);
            }
            NodeOrText::AppendText(text) => {
                let previous = dom.previous(sibling.id);
                if dom.parent(sibling.id).is_some() && !append_text(&mut dom, previous, &text) {
                    let node = dom.create(Node::Text(Text { text }));
                    dom.insert_before(sibling.id, node);
                }
            }
        }
    }

    fn append_based_on_parent_node(&self, element: &NodeHandle, previous: &NodeHandle, child: NodeOrText<NodeHandle>) {
        let has_parent = self.dom.borrow().parent(element.id).is_some();
        match has_parent {
            true => self.append_before_sibling(element, child),
            false => self.append(previous, child),
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {
        let mut dom = self.dom.borrow_mut();
        let (root, doctype) = (dom.root().id(), dom.create(Node::Other));
        dom.append(root, doctype);
    }

    fn get_template_contents(&self, target: &NodeHandle) -> NodeHandle {
        NodeHandle::nameless(self.dom.borrow().first(target.id).unwrap_or(target.id))
    }

    fn add_attrs_if_missing(&self, target: &NodeHandle, attrs: Vec<Attribute>) {
        if let Node::Element(element) = self.dom.borrow_mut().node_mut(target.id) {
            element.add_missing(attrs);
        }
    }

    fn remove_from_parent(&self, target: &NodeHandle) {
        self.dom.borrow_mut().detach(target.id);
    }

    fn reparent_children(&self, node: &NodeHandle, new_parent: &NodeHandle) {
        let mut dom = self.dom.borrow_mut();
        while let Some(child) = dom.first(node.id) {
            dom.detach(child);
            dom.append(new_parent.id, child);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::Node;

    fn element<'a>(name: &str, attrs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        let mut attrs: Vec<(&str, &str)> = attrs.collect();
        attrs.sort_unstable();
        format!("<{name} {attrs:?}")
    }

    /// Returns every node with its depth, in document order.
    fn nodes(page: &str) -> Vec<(usize, String)> {
        let dom = parse::document(page);
        let shown = |node: &Node| match node {
            Node::Element(found) => element(found.name(), found.attrs()),
            Node::Text(text) => text.text.to_string(),
            Node::Document | Node::Fragment | Node::Other => String::new(),
        };
        dom.root().descendants().map(|node| (node.ancestors().count(), shown(node.value()))).collect()
    }

    fn nodes_of_scraper(page: &str) -> Vec<(usize, String)> {
        let html = scraper::Html::parse_document(page);
        let shown = |node: &scraper::Node| match node {
            scraper::Node::Element(found) => element(found.name(), found.attrs()),
            scraper::Node::Text(text) => text.text.to_string(),
            _ => String::new(),
        };
        html.tree.root().descendants().map(|node| (node.ancestors().count(), shown(node.value()))).collect()
    }

    #[test]
    fn the_tree_equals_the_one_that_scraper_builds() {
        for page in [
            "<!DOCTYPE html><html lang=zh><title>题</title><body class=a id=b><p>一<!-- x -->二&amp;三<br>",
            "<table>文<tr>a<td>b</table>c<table><p>x<tr><td>y<table><td>z</table>w</table>",
            "<b><p>one</b> two<i>three</p>four</i><a href=/1>x<a href=/2>y<div></a>z</div>",
            "<template><tr><td>in</td></tr>text</template><p>out<template></template>",
            "<svg viewBox='0 0 1 1'><foreignObject><p>a</foreignObject><a xlink:href=/x href=/y>t</a></svg><math><mi>x</math>",
            "<p>a<html class=late lang=en id=z><body style='x:y' class=b>b</body>c</html>d<frameset>",
            "<select><option>a<option selected>b</select><ul><li>1<li>2</ul><h1>t<h2>u",
            "<body><form><div></form>x</div><applet>a<b>c</applet>d<nobr>e<nobr>f",
            "\u{0}a<p \u{0}x=1 x=2>b&#0;c<?pi x?><![CDATA[d]]></p></br></p>",
        ] {
            assert_eq!(nodes(page), nodes_of_scraper(page), "{page}");
        }
    }

    #[test]
    fn an_unclosed_b_is_once_in_each_paragraph_after_it() {
        let page = "<p><b>x".repeat(1100);
        let dom = parse::document(&page);
        let names = dom.root().descendants().filter_map(|node| node.value().as_element().map(|found| found.name()));
        assert_eq!(names.filter(|name| *name == "b").count(), 1100);
        let kept = nodes("<b>x<b>y</b></b><b class=k><b>z</b></b>");
        assert_eq!(kept.iter().filter(|(_, node)| node.starts_with("<b ")).count(), 4, "{kept:?}");
    }
}
