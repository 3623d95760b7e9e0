//! Helpers of this module's tests: HTML to a tree, Markdown rendered by comrak, and a form in which two renderings can be
//! compared.

use crate::frontmatter::{Profile, ProfileName};
use crate::html;
use crate::model::tree::{Edge, Element, Node, NodeId, Tree};
use crate::model::{Article, Charset, CharsetSource, ImageMap, Metadata, Sourced};

use super::names::is_block;

/// Returns an article with a title, an author and this content.
pub(super) fn article(source: &str) -> Article {
    Article {
        url: "https://example.cn/a".parse().ok(),
        captured: None,
        metadata: Metadata {
            title: Some(Sourced::new("题  目".to_owned(), "h1")),
            authors: Some(Sourced::new(vec!["李明".to_owned()], "json-ld")),
            ..Metadata::default()
        },
        content: tree(source),
        comments: None,
        images: Vec::new(),
        charset: Charset { name: "UTF-8".to_owned(), source: CharsetSource::Utf8 },
        confidence: 1.0,
        warnings: Vec::new(),
        losses: Vec::new(),
        trace: Vec::new(),
    }
}

/// Returns the tree of a piece of HTML with all elements and attributes.
pub(super) fn tree(source: &str) -> Tree {
    let parsed = html::fragment(source);
    let mut tree = Tree::new();
    let mut open: Vec<NodeId> = vec![tree.root()];
    for edge in parsed.root().traverse().skip(1) {
        match edge {
            html::Edge::Open(node) => {
                let parent = *open.last().unwrap();
                let id = match node.value() {
                    html::Node::Text(text) => {
                        let _ = tree.append_text(parent, &text.text);
                        parent
                    }
                    html::Node::Element(element) if element.name() != "html" => {
                        let mut made = Element::new(element.name().to_owned());
                        element.attrs().for_each(|(name, value)| made.set(name.to_owned(), value));
                        tree.append_element(parent, made)
                    }
                    _ => parent,
                };
                open.push(id);
            }
            html::Edge::Close(_) => {
                open.pop();
            }
        }
    }
    tree
}

pub(super) fn markdown(source: &str) -> String {
    super::body(&tree(source), &ImageMap::new(), &Profile::default())
}

pub(super) fn hexo_markdown(source: &str) -> String {
    super::body(&tree(source), &ImageMap::new(), &Profile { name: ProfileName::Hexo, ..Profile::default() })
}

/// The rules by which a renderer recognises emphasis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Emphasis {
    /// Those of CommonMark.
    CommonMark,
    /// Those proposed for Han characters and kana.
    CjkFriendly,
}

/// Renders CommonMark with GFM's extensions.
pub(super) fn render(markdown: &str, emphasis: Emphasis) -> String {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.autolink = true;
    options.extension.cjk_friendly_emphasis = emphasis == Emphasis::CjkFriendly;
    options.render.r#unsafe = true;
    comrak::markdown_to_html(markdown, &options)
}

/// Returns HTML in a normal form, equal for sources that look the same: white space is collapsed and moved out of inline
/// elements, and markup without meaning is removed.
pub(super) fn canonical(source: &str) -> String {
    let tree = tree(source);
    let mut out: Vec<String> = Vec::new();
    let mut gap = false;
    let mut pre = 0usize;
    for edge in tree.walk(tree.root()) {
        match edge {
            Edge::Open(id) => match tree.node(id) {
                Node::Root => {}
                Node::Text(text) if pre > 0 => out.push(text.clone()),
                Node::Text(text) => {
                    for (at, word) in text.split([' ', '\n', '\t', '\r']).enumerate() {
                        gap |= at > 0;
                        if !word.is_empty() {
                            if std::mem::take(&mut gap) {
                                write_space(&mut out);
                            }
                            out.push(word.to_owned());
                        }
                    }
                }
                Node::Element(element) => {
                    pre += usize::from(element.name == "pre");
                    if is_block(&element.name) || element.name == "br" {
                        gap = false;
                    } else if matches!(&*element.name, "img" | "input") && std::mem::take(&mut gap) {
                        write_space(&mut out);
                    }
                    out.push(start(element));
                }
            },
            Edge::Close(id) => {
                let Some(element) = tree.element(id) else { continue };
                if element.name == "pre" {
                    pre -= 1;
                    if let Some(code) = out.iter_mut().rev().find(|one| !one.starts_with('<')) {
                        code.truncate(code.trim_end_matches('\n').len());
                    }
                }
                if is_block(&element.name) {
                    gap = false;
                }
                if !matches!(&*element.name, "img" | "input" | "br" | "hr") && !start(element).is_empty() {
                    out.push(format!("</{}>", normal_name(&element.name)));
                }
            }
        }
    }
    out.concat()
}

/// Writes a space before the last opening tags, unless a block begins there.
fn write_space(out: &mut Vec<String>) {
    let at = out.iter().rposition(|tag| !is_inline_start(tag)).map_or(0, |at| at + 1);
    let starts = at == 0
        || out[at - 1].strip_prefix('<').is_some_and(|tag| {
            let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
            is_block(&name) || name == "br"
        });
    if !starts {
        out.insert(at, " ".to_owned());
    }
}

fn is_inline_start(tag: &str) -> bool {
    tag.is_empty()
        || ["<a", "<strong", "<em", "<del", "<code", "<su", "<mark", "<kbd", "<ins", "<ruby", "<rt"]
            .iter()
            .any(|start| tag.starts_with(start))
}

fn normal_name(name: &str) -> &str {
    match name {
        "b" => "strong",
        "i" => "em",
        "s" => "del",
        name => name,
    }
}

fn start(element: &Element) -> String {
    let name = normal_name(&element.name);
    if matches!(name, "div" | "span" | "section" | "tbody" | "thead" | "tfoot") {
        return String::new();
    }
    let mut tag = format!("<{name}");
    for attribute in ["href", "src", "alt", "title", "start", "align", "checked", "class"] {
        if let Some(value) = element.attr(attribute)
            && !(value.is_empty() && attribute == "alt")
            && (attribute != "class" || value.starts_with("language-"))
            && (attribute, value) != ("start", "1")
        {
            tag.push_str(&format!(" {attribute}={value}"));
        }
    }
    tag.push('>');
    tag
}
