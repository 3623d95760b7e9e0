//! The article tree as clean HTML.

use crate::model::ImageMap;
use crate::model::tree::{Edge, Element, Node, NodeId, Tree};

use super::build::is_block;
use super::link;
use super::spaces::cleaned;

/// Elements that are written; of others only the content is.
const ELEMENTS: [&str; 53] = [
    "a",
    "audio",
    "b",
    "blockquote",
    "br",
    "caption",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
];

/// Clean HTML of a content tree, each block on lines of its own; empty for an empty tree.
///
/// Elements and attributes that carry no content are left out, and so are links that would run a script. `images` maps
/// as in [`super::write`].
pub fn html(tree: &Tree, images: &ImageMap) -> String {
    let mut out = String::new();
    let mut pre = 0usize;
    for edge in tree.walk(tree.root()) {
        match edge {
            Edge::Open(id) => match tree.node(id) {
                Node::Root => {}
                Node::Text(text) => escape(&mut out, text, false),
                Node::Element(element) => {
                    if let Some(name) = written(element) {
                        if pre == 0 && is_block(name) {
                            end_line(&mut out);
                        }
                        start_tag(&mut out, name, element, images);
                    }
                    pre += usize::from(element.name == "pre");
                }
            },
            Edge::Close(id) => close(tree, id, &mut out, &mut pre),
        }
    }
    end_line(&mut out);
    out
}

fn close(tree: &Tree, id: NodeId, out: &mut String, pre: &mut usize) {
    let Some(element) = tree.element(id) else { return };
    if element.name == "pre" {
        *pre -= 1;
    }
    let Some(name) = written(element) else { return };
    if !matches!(name, "br" | "hr" | "img" | "input" | "embed") {
        out.push_str(&format!("</{name}>"));
    }
    if *pre == 0 && is_block(name) {
        out.push('\n');
    }
}

fn written(element: &Element) -> Option<&'static str> {
    let name = match &*element.name {
        "video" => return Some("video"),
        name => name,
    };
    ELEMENTS.binary_search(&name).ok().map(|at| ELEMENTS[at])
}

fn end_line(out: &mut String) {
    out.truncate(out.trim_end_matches([' ', '\n', '\t', '\r']).len());
    if !out.is_empty() {
        out.push('\n');
    }
}

fn start_tag(out: &mut String, name: &str, element: &Element, images: &ImageMap) {
    out.push('<');
    out.push_str(name);
    let kept: &[&str] = match name {
        "a" => &["href", "title"],
        "img" => &["src", "alt", "title"],
        "ol" => &["start", "reversed"],
        "li" => &["value"],
        "td" | "th" => &["align", "colspan", "rowspan"],
        "code" | "pre" => &["class"],
        "input" => &["type", "checked"],
        "audio" | "video" | "iframe" | "embed" => &["src", "title"],
        _ => &[],
    };
    for attribute in kept {
        let Some(value) = element.attr(attribute) else { continue };
        let value = match (name, *attribute) {
            ("img", "src") => images.get(value).map_or(value, String::as_str),
            (_, "href" | "src") if !link::is_safe(value) => continue,
            _ => value,
        };
        out.push_str(&format!(" {attribute}=\""));
        escape(out, value, true);
        out.push('"');
    }
    if name == "img" && element.attr("alt").is_none() {
        out.push_str(" alt=\"\"");
    }
    out.push('>');
}

fn escape(out: &mut String, text: &str, attribute: bool) {
    for c in text.chars().filter_map(cleaned) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
}
