//! The article tree as HTML.

use crate::html::elements::{is_heading, is_void};
use crate::model::ImageMap;
use crate::model::tree::{Edge, Element, Node, NodeId, Tree};

use super::callout::Callout;
use super::chars::{cleaned, collapses};
use super::formula;
use super::ir;
use super::link;
use super::markers::MORE;
use super::names::{is_block, is_checkbox, is_embed};

/// The elements that are written. Of any other element, only the content is.
const ELEMENTS: [&str; 53] = [
    "a",
    "abbr",
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
    "ul",
    "var",
];

/// Returns a content tree as HTML, each block on lines of its own; empty for an empty tree.
///
/// Elements and attributes without meaning are left out, and so are links that would run a script. `images` has the same
/// meaning as in [`super::write()`].
pub fn html(tree: &Tree, images: &ImageMap) -> String {
    let mut out = HtmlWriter { images, lines: LineEnds::Blocks, text: String::new(), open: Vec::new(), pre: 0 };
    out.write(tree, tree.root());
    out.end_line();
    if out.text.contains(MORE) { out.text.replace(MORE, "<!--more-->") } else { out.text }
}

/// Returns an element as HTML on one line.
pub(super) fn one_line(tree: &Tree, id: NodeId, images: &ImageMap) -> String {
    let mut out = HtmlWriter { images, lines: LineEnds::One, text: String::new(), open: Vec::new(), pre: 0 };
    out.write(tree, id);
    out.text
}

/// Returns a table as HTML for Markdown: each row on one line, without blank lines.
pub(super) fn compact(tree: &Tree, id: NodeId, images: &ImageMap) -> String {
    let mut out = HtmlWriter { images, lines: LineEnds::Rows, text: String::new(), open: Vec::new(), pre: 0 };
    out.write(tree, id);
    out.text
}

/// Escapes text for an attribute of inline HTML in Markdown.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    escape(&mut out, text, EscapeContext { attribute: true, in_markdown: true, verbatim: false });
    out
}

/// Escapes text for inline HTML in Markdown.
pub(super) fn escaped_text(text: &str) -> String {
    let mut out = String::new();
    escape(&mut out, text, EscapeContext { attribute: false, in_markdown: true, verbatim: false });
    out
}

/// Where line ends are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineEnds {
    /// Around each block.
    Blocks,
    /// Around each row of a table.
    Rows,
    /// Nowhere.
    One,
}

struct HtmlWriter<'a> {
    images: &'a ImageMap,
    lines: LineEnds,
    text: String,
    /// The open elements that were written, outermost first.
    open: Vec<(NodeId, &'static str)>,
    /// The number of open `pre` elements.
    pre: usize,
}

impl HtmlWriter<'_> {
    fn write(&mut self, tree: &Tree, id: NodeId) {
        // The content of a player is the fallback for browsers without one.
        let mut player = None;
        for edge in tree.walk(id) {
            if player.is_some() {
                player = player.filter(|id| edge != Edge::Close(*id));
                continue;
            }
            match edge {
                Edge::Open(id) => match tree.node(id) {
                    Node::Root => {}
                    Node::Text(text) => self.content(text),
                    Node::Element(element) => {
                        if let Some(name) = written(element) {
                            self.open(id, name, element);
                        } else if is_embed(&element.name) {
                            self.player(element, tree, id);
                            player = Some(id);
                        } else if element.name == "math" {
                            self.formula(element);
                        } else {
                            self.content(&replacement(element));
                        }
                        self.pre += usize::from(element.name == "pre");
                    }
                },
                Edge::Close(id) => self.close(id, tree.element(id)),
            }
        }
    }

    fn open(&mut self, id: NodeId, name: &'static str, element: &Element) {
        if !self.fits(name) {
            return self.content(" ");
        }
        if self.breaks_at(name) {
            self.end_line();
        }
        self.start_tag(name, element);
        self.open.push((id, name));
        if let Some(callout) = Callout::of(element) {
            self.label(&callout);
        }
    }

    /// Writes the label of a callout, or in Markdown its marker.
    fn label(&mut self, callout: &Callout<'_>) {
        if self.lines != LineEnds::Blocks {
            self.content(&format!("{} ", callout.marker));
        } else if !callout.label.is_empty() {
            self.text.push_str("<p><strong>");
            self.content(callout.label);
            self.text.push_str("</strong></p>\n");
        }
    }

    /// Returns true where an element may be written. Parts of tables are allowed in tables only: elsewhere HTML parsers would
    /// end the table around them.
    fn fits(&self, name: &str) -> bool {
        let around = self.open.last().map(|(_, name)| *name);
        match name {
            "td" | "th" => around == Some("tr"),
            "tr" => matches!(around, Some("table" | "thead" | "tbody" | "tfoot")),
            "thead" | "tbody" | "tfoot" | "caption" => around == Some("table"),
            _ => true,
        }
    }

    /// Writes an embed as a player or, as in Markdown, as a link.
    fn player(&mut self, element: &Element, tree: &Tree, id: NodeId) {
        let (name, src) = ir::player(element);
        let title = element.attr("title").unwrap_or_default().trim();
        if src.is_empty() || link::is_in_link(tree, id) || !link::is_safe(src) {
            return self.content(&format!(" {title} "));
        }
        let plays = name != "iframe" || link::is_player(src);
        if plays && (title.is_empty() || self.lines == LineEnds::Blocks) {
            self.start_tag(name, &Element::new(name).with("src", src).with("title", title));
            return self.text.push_str(&format!("</{name}>"));
        }
        // Spaces separate the link from the text around it.
        self.content(" ");
        self.start_tag("a", &Element::new("a").with("href", src));
        self.content(if title.is_empty() { src } else { title });
        self.text.push_str("</a>");
        self.content(" ");
    }

    fn formula(&mut self, element: &Element) {
        let tex = formula::text(element.attr("tex").unwrap_or_default());
        if tex.is_empty() {
            return;
        }
        let delimiters = formula::FormulaDelimiters::of(element);
        self.text.push_str(&format!("<span class=\"{}\">", delimiters.class));
        self.content(&format!("{}{tex}{}", delimiters.open, delimiters.close));
        self.text.push_str("</span>");
    }

    fn breaks_at(&self, name: &str) -> bool {
        match self.lines {
            LineEnds::Blocks => self.pre == 0 && is_block(name),
            LineEnds::Rows => name == "tr",
            LineEnds::One => false,
        }
    }

    fn content(&mut self, text: &str) {
        let in_markdown = self.lines != LineEnds::Blocks;
        let context = EscapeContext { attribute: false, in_markdown, verbatim: self.pre > 0 };
        if in_markdown && self.pre == 0 {
            let collapsed = collapse(text);
            let between = collapsed == " " && self.lines == LineEnds::Rows && self.after_block_tag();
            if !between {
                escape(&mut self.text, &collapsed, context);
            }
        } else {
            escape(&mut self.text, text, context);
        }
    }

    /// Returns true directly after the tag of a block, where white space is not shown.
    fn after_block_tag(&self) -> bool {
        let tag = self.text.rfind('<').map(|at| self.text[at + 1..].trim_start_matches('/')).unwrap_or_default();
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        self.text.trim_end().ends_with('>') && is_block(name)
    }

    fn close(&mut self, id: NodeId, element: Option<&Element>) {
        let Some(element) = element else { return };
        if element.name == "pre" {
            self.pre -= 1;
        }
        let Some((_, name)) = self.open.pop_if(|(open, _)| *open == id) else {
            if written(element).is_some() {
                self.content(" ");
            }
            return;
        };
        if !is_void(name) {
            self.text.push_str(&format!("</{name}>"));
        }
        if self.breaks_at(name) && self.lines == LineEnds::Blocks {
            self.text.push('\n');
        }
        if name == "table" && self.lines == LineEnds::Rows {
            self.text.truncate(self.text.len() - "</table>".len());
            self.end_line();
            self.text.push_str("</table>");
        }
    }

    fn end_line(&mut self) {
        self.text.truncate(self.text.trim_end_matches([' ', '\n', '\t', '\r']).len());
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    fn start_tag(&mut self, name: &str, element: &Element) {
        let in_markdown = self.lines != LineEnds::Blocks;
        let out = &mut self.text;
        out.push('<');
        out.push_str(name);
        let kept: &[&str] = match name {
            "a" => &["href", "title", "id"],
            name if is_heading(name) => &["id"],
            "abbr" => &["title"],
            "img" => &["src", "alt", "title"],
            "details" => &["open"],
            "ol" => &["start", "reversed"],
            "li" => &["value"],
            "td" | "th" => &["align", "colspan", "rowspan"],
            "code" | "pre" => &["class"],
            "input" => &["type", "checked"],
            "audio" | "video" | "iframe" => &["src", "title"],
            _ => &[],
        };
        for attribute in kept {
            let Some(value) = element.attr(attribute).filter(|value| *attribute != "title" || !value.is_empty()) else {
                continue;
            };
            let value = match (name, *attribute) {
                ("img", "src") => self.images.get(value).map_or(value, String::as_str),
                (_, "href" | "src") if !link::is_safe(value) => continue,
                _ => value,
            };
            out.push_str(&format!(" {attribute}=\""));
            escape(out, value, EscapeContext { attribute: true, in_markdown, verbatim: false });
            out.push('"');
        }
        if matches!(name, "video" | "audio") {
            out.push_str(" controls");
        }
        if name == "img" && element.attr("alt").is_none() {
            out.push_str(" alt=\"\"");
        }
        out.push('>');
    }
}

/// Returns the name under which an element is written; None when only its content is.
fn written(element: &Element) -> Option<&'static str> {
    if element.name == "input" && !is_checkbox(element) {
        return None;
    }
    ELEMENTS.binary_search(&&*element.name).ok().map(|at| ELEMENTS[at])
}

/// Returns the text for an element that HTML has no form for.
fn replacement(element: &Element) -> String {
    let attr = |name| element.attr(name).unwrap_or_default();
    match &*element.name {
        "note-ref" => format!("[{}]", attr("label")),
        "note" => format!("[{}] ", attr("label")),
        _ => String::new(),
    }
}

/// Collapses white space as Markdown does, without trimming.
fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match collapses(c) {
            true if out.ends_with(' ') => {}
            true => out.push(' '),
            false => out.push(c),
        }
    }
    out
}

/// What text is escaped for.
#[derive(Debug, Clone, Copy)]
struct EscapeContext {
    attribute: bool,
    /// Line ends and template markers are not allowed.
    in_markdown: bool,
    /// Line ends are kept.
    verbatim: bool,
}

fn escape(out: &mut String, text: &str, context: EscapeContext) {
    for c in text.chars().filter_map(cleaned) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if context.attribute => out.push_str("&quot;"),
            '\n' if context.in_markdown && context.verbatim => out.push_str("&#10;"),
            '\n' if context.in_markdown => out.push(' '),
            '{' | '}' | '|' | '`' if context.in_markdown => out.push_str(&format!("&#{};", c as u32)),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_of_a_content_tree_is_written() {
        let block = |name: &str| format!("<{name}>x</{name}>");
        let blocks: String =
            ["p", "h1", "h6", "blockquote", "pre", "dl", "details", "div", "figure"].map(block).concat();
        let lists = "<ul><li>x</li></ul><ol start=3><li><p>x</p></li></ol>";
        let inline: String = [
            "a href=/x",
            "strong",
            "b",
            "em",
            "i",
            "del",
            "s",
            "ins",
            "code",
            "kbd",
            "samp",
            "var",
            "sub",
            "sup",
            "mark",
            "q",
        ]
        .map(|tag| format!("<{tag}>x</{}>", tag.split(' ').next().unwrap_or_default()))
        .concat();
        let source = format!("{blocks}{lists}<p>{inline}<ruby>x<rt>x</rt></ruby><br><img src=/x alt=x></p><hr>");
        let tree = crate::markdown::check::tree(&source);
        let written = html(&tree, &ImageMap::new());
        for id in tree.descendants(tree.root()) {
            let name = tree.name(id);
            let is_written = |end: &str| written.contains(&format!("<{name}{end}"));
            assert!(name.is_empty() || is_written(">") || is_written(" "), "{name} is lost: {written}");
        }
        assert!(ELEMENTS.is_sorted());
    }

    #[test]
    fn a_cell_outside_a_row_does_not_break_the_table() {
        let mut tree = Tree::new();
        let mut at = tree.root();
        for name in ["table", "tr", "th", "td"] {
            at = tree.append_element(at, Element::new(name));
        }
        tree.append_text(at, "c");
        let table = tree.first_child(tree.root()).unwrap();
        let written = compact(&tree, table, &ImageMap::new());
        assert_eq!(written, "<table>\n<tr><th>c </th></tr>\n</table>");
    }
}
