//! `--engine htmd`: converts the article's tree to the tree type of htmd, without a second parse.

use std::rc::Rc;

use htmd::HtmlToMarkdown;
use htmd::options::{BrStyle, BulletListMarker, HeadingStyle, HrStyle, Options};
use html5ever_of_htmd::tendril::StrTendril;
use html5ever_of_htmd::{Attribute, LocalName, QualName, ns};
use markup5ever_rcdom::{Node as HtmdNode, NodeData};

use crate::frontmatter::{Bullets, Headings, Style};
use crate::model::ImageMap;
use crate::model::tree::{Edge, Element, Node, Tree};

use super::formula::{self, Following};
use super::link;
use super::names::is_embed;

/// The maximum depth of the tree, since htmd is recursive. The content of deeper elements goes to the deepest one allowed.
const MAX_DEPTH: usize = 128;

/// Returns a tree as Markdown by htmd, ending in one newline; empty when the tree shows nothing.
pub(super) fn htmd(tree: &Tree, images: &ImageMap, style: Style) -> String {
    let options = Options {
        heading_style: if style.headings == Headings::Setext { HeadingStyle::Setex } else { HeadingStyle::Atx },
        bullet_list_marker: if style.bullets == Bullets::Dash {
            BulletListMarker::Dash
        } else {
            BulletListMarker::Asterisk
        },
        hr_style: HrStyle::Asterisks,
        br_style: BrStyle::Backslash,
        ul_bullet_spacing: 1,
        ol_number_spacing: 1,
        ..Options::default()
    };
    let converter = HtmlToMarkdown::builder().options(options).build();
    let text = converter.tree_to_markdown(&htmd_tree(tree, images));
    let text = text.trim_end();
    if text.is_empty() { String::new() } else { format!("{text}\n") }
}

/// Returns the tree in htmd's type, at most [`MAX_DEPTH`] deep.
fn htmd_tree(tree: &Tree, images: &ImageMap) -> Rc<HtmdNode> {
    let document = HtmdNode::new(NodeData::Document);
    let mut open: Vec<Rc<HtmdNode>> = vec![document.clone()];
    let mut flattened = 0usize;
    for edge in tree.walk(tree.root()) {
        let (Edge::Open(id) | Edge::Close(id)) = edge;
        let opens = matches!(edge, Edge::Open(_));
        match tree.node(id) {
            Node::Text(content) if opens => append(&open, text(content)),
            Node::Element(element) if opens => {
                if open.len() < MAX_DEPTH {
                    let node = htmd_element(element, images);
                    append(&open, Rc::clone(&node));
                    open.push(node);
                } else {
                    flattened += 1;
                }
            }
            Node::Element(_) if flattened > 0 => flattened -= 1,
            Node::Element(_) => {
                open.pop();
            }
            _ => {}
        }
    }
    document
}

fn append(open: &[Rc<HtmdNode>], child: Rc<HtmdNode>) {
    if let Some(parent) = open.last() {
        child.parent.set(Some(Rc::downgrade(parent)));
        parent.children.borrow_mut().push(child);
    }
}

fn text(content: &str) -> Rc<HtmdNode> {
    HtmdNode::new(NodeData::Text { contents: std::cell::RefCell::new(StrTendril::from(content)) })
}

/// Returns an element under a name that htmd knows. Elements without content become a link or text.
fn htmd_element(element: &Element, images: &ImageMap) -> Rc<HtmdNode> {
    let attr = |name: &str| element.attr(name).unwrap_or_default();
    let (name, attrs, content): (&str, Vec<(&str, &str)>, String) = match &*element.name {
        "math" => ("span", Vec::new(), formula::inline(attr("tex"), Following::Other)),
        "note-ref" => ("span", Vec::new(), format!("[{}]", attr("label"))),
        "note" => ("div", Vec::new(), String::new()),
        name if is_embed(name) && link::is_safe(attr("src")) => {
            let shown = if attr("title").is_empty() { attr("src") } else { attr("title") };
            ("a", vec![("href", attr("src"))], shown.to_owned())
        }
        "a" if !link::is_safe(attr("href")) => ("span", Vec::new(), String::new()),
        "img" => {
            let src = attr("src");
            let local = images.get(src).map_or(src, String::as_str);
            ("img", vec![("src", local), ("alt", attr("alt")), ("title", attr("title"))], String::new())
        }
        name => {
            let attrs = element.attrs.iter().map(|(name, value)| (&**name, value.as_str())).collect();
            (name, attrs, String::new())
        }
    };
    let attrs = attrs.into_iter().filter(|(name, value)| *name != "title" || !value.is_empty());
    let attrs = attrs.map(|(name, value)| Attribute {
        name: QualName::new(None, ns!(), LocalName::from(name)),
        value: StrTendril::from(value),
    });
    let node = HtmdNode::new(NodeData::Element {
        name: QualName::new(None, ns!(html), LocalName::from(name)),
        attrs: std::cell::RefCell::new(attrs.collect()),
        template_contents: std::cell::RefCell::new(None),
        mathml_annotation_xml_integration_point: false,
    });
    if !content.is_empty() {
        append(std::slice::from_ref(&node), text(&content));
    }
    node
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::check;

    #[test]
    fn a_tree_is_written_by_htmd() {
        let images = ImageMap::from([("/a.png".to_owned(), "images/ab/ab.png".to_owned())]);
        let source = "<h1>题</h1><p>一 <strong>二</strong> <img src='/a.png' alt='图'></p><ul><li>三</li></ul>\
                      <a href='javascript:x()'>四</a><iframe src='https://v.cn/1' title='五'></iframe>";
        let written = htmd(&check::tree(source), &images, Style::default());
        for part in ["# 题", "**二**", "![图](images/ab/ab.png)", "- 三", "[五](https://v.cn/1)"] {
            assert!(written.contains(part), "{written}");
        }
        assert!(!written.contains("javascript"), "{written}");
        assert_eq!(htmd(&Tree::new(), &images, Style::default()), "");
    }

    #[test]
    fn a_deep_tree_does_not_overflow_a_small_stack() {
        let small = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(|| {
            let mut tree = Tree::new();
            let mut at = tree.root();
            for level in 0..100_000 {
                at = tree.append_element(at, Element::new(["div", "blockquote", "em", "ul"][level % 4]));
            }
            tree.append_text(at, "底");
            htmd(&tree, &ImageMap::new(), Style::default())
        });
        assert!(small.unwrap().join().unwrap().contains('底'));
    }
}
