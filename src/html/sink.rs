//! Where the parser puts what it reads: the hands of html5ever's tree builder in a [`Dom`].

use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, ExpandedName, QualName, local_name, ns};

use super::dom::{Dom, Element, Node, NodeId, Text};

/// A tree that is being made.
pub struct Sink {
    dom: RefCell<Dom>,
}

/// A node with its name at hand: the tree builder asks for it more often than for anything else.
#[derive(Debug, Clone)]
pub struct Handle {
    id: NodeId,
    /// Empty for what is no element.
    name: QualName,
}

impl Handle {
    fn nameless(id: NodeId) -> Self {
        Self { id, name: QualName::new(None, ns!(), local_name!("")) }
    }
}

impl Sink {
    /// A tree that is only its root.
    pub fn new(root: Node) -> Self {
        Self { dom: RefCell::new(Dom::new(root)) }
    }
}

/// Puts text behind `before`, in the same node when that is text.
fn joined(dom: &mut Dom, before: Option<NodeId>, text: &StrTendril) -> bool {
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
    type Handle = Handle;
    type Output = Dom;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Dom {
        self.dom.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn get_document(&self) -> Handle {
        Handle::nameless(self.dom.borrow().root().id())
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.id == other.id
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> Handle {
        let mut dom = self.dom.borrow_mut();
        let id = dom.create(Node::Element(Element::new(name.local.clone(), attrs)));
        if flags.template {
            let content = dom.create(Node::Fragment);
            dom.append(id, content);
        }
        Handle { id, name }
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        Handle::nameless(self.dom.borrow_mut().create(Node::Aside))
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        Handle::nameless(self.dom.borrow_mut().create(Node::Aside))
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        let mut dom = self.dom.borrow_mut();
        match child {
            NodeOrText::AppendNode(child) => dom.append(parent.id, child.id),
            NodeOrText::AppendText(text) => {
                let last = dom.last(parent.id);
                if !joined(&mut dom, last, &text) {
                    let child = dom.create(Node::Text(Text { text }));
                    dom.append(parent.id, child);
                }
            }
        }
    }

    fn append_before_sibling(&self, sibling: &Handle, new: NodeOrText<Handle>) {
        let mut dom = self.dom.borrow_mut();
        match new {
            NodeOrText::AppendNode(node) => {
                dom.detach(node.id);
                dom.insert_before(sibling.id, node.id);
            }
            NodeOrText::AppendText(text) => {
                let previous = dom.previous(sibling.id);
                if dom.parent(sibling.id).is_some() && !joined(&mut dom, previous, &text) {
                    let node = dom.create(Node::Text(Text { text }));
                    dom.insert_before(sibling.id, node);
                }
            }
        }
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        let has_parent = self.dom.borrow().parent(element.id).is_some();
        match has_parent {
            true => self.append_before_sibling(element, child),
            false => self.append(previous, child),
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {
        let mut dom = self.dom.borrow_mut();
        let (root, doctype) = (dom.root().id(), dom.create(Node::Aside));
        dom.append(root, doctype);
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        Handle::nameless(self.dom.borrow().first(target.id).unwrap_or(target.id))
    }

    fn add_attrs_if_missing(&self, target: &Handle, attrs: Vec<Attribute>) {
        if let Node::Element(element) = self.dom.borrow_mut().node_mut(target.id) {
            element.add_missing(attrs);
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.dom.borrow_mut().detach(target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
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

    /// Every node with its depth, in document order.
    fn ours(page: &str) -> Vec<(usize, String)> {
        let dom = parse::document(page);
        let shown = |node: &Node| match node {
            Node::Element(found) => element(found.name(), found.attrs()),
            Node::Text(text) => text.text.to_string(),
            Node::Document | Node::Fragment | Node::Aside => String::new(),
        };
        dom.root().descendants().map(|node| (node.ancestors().count(), shown(node.value()))).collect()
    }

    fn scrapers(page: &str) -> Vec<(usize, String)> {
        let html = scraper::Html::parse_document(page);
        let shown = |node: &scraper::Node| match node {
            scraper::Node::Element(found) => element(found.name(), found.attrs()),
            scraper::Node::Text(text) => text.text.to_string(),
            _ => String::new(),
        };
        html.tree.root().descendants().map(|node| (node.ancestors().count(), shown(node.value()))).collect()
    }

    #[test]
    fn the_tree_is_the_one_that_scraper_builds() {
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
            assert_eq!(ours(page), scrapers(page), "{page}");
        }
    }
}
