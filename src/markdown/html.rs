//! The article tree as clean HTML.

use crate::model::ImageMap;
use crate::model::tree::{Edge, Element, Node, NodeId, Tree};

use super::callout::Callout;
use super::formula;
use super::ir::player;
use super::leaves::is_box;
use super::link;
use super::names::{is_block, is_embed};
use super::spaces::{cleaned, collapses};

/// Elements that are written; of others only the content is.
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

/// Clean HTML of a content tree, each block on lines of its own; empty for an empty tree.
///
/// Elements and attributes that carry no content are left out, and so are links that would run a script. `images` maps
/// as in [`super::write`].
pub fn html(tree: &Tree, images: &ImageMap) -> String {
    let mut out = Writer { images, lines: Lines::Blocks, text: String::new(), open: Vec::new(), pre: 0 };
    out.write(tree, tree.root());
    out.end_line();
    out.text
}

/// An element as HTML on one line.
pub(super) fn one_line(tree: &Tree, id: NodeId, images: &ImageMap) -> String {
    let mut out = Writer { images, lines: Lines::One, text: String::new(), open: Vec::new(), pre: 0 };
    out.write(tree, id);
    out.text
}

/// A table as HTML that can stand in Markdown: a line for each row, and no blank line in it.
pub(super) fn compact(tree: &Tree, id: NodeId, images: &ImageMap) -> String {
    let mut out = Writer { images, lines: Lines::Rows, text: String::new(), open: Vec::new(), pre: 0 };
    out.write(tree, id);
    out.text
}

/// Text for an attribute of inline HTML in Markdown.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    escape(&mut out, text, Context { attribute: true, in_markdown: true, verbatim: false });
    out
}

/// Text for inline HTML in Markdown.
pub(super) fn escaped_text(text: &str) -> String {
    let mut out = String::new();
    escape(&mut out, text, Context { attribute: false, in_markdown: true, verbatim: false });
    out
}

/// Where lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    /// Around each block.
    Blocks,
    /// Around each row of a table.
    Rows,
    /// Nowhere.
    One,
}

struct Writer<'a> {
    images: &'a ImageMap,
    lines: Lines,
    text: String,
    /// Elements that are written, outermost first.
    open: Vec<(NodeId, &'static str)>,
    /// Open `pre`.
    pre: usize,
}

impl Writer<'_> {
    fn write(&mut self, tree: &Tree, id: NodeId) {
        // What stands in a player is for readers without one.
        let mut played = None;
        for edge in tree.walk(id) {
            if played.is_some() {
                played = played.filter(|id| edge != Edge::Close(*id));
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
                            self.frame(element, tree, id);
                            played = Some(id);
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

    /// A callout's label; in Markdown, what stands for it there.
    fn label(&mut self, callout: &Callout<'_>) {
        if self.lines != Lines::Blocks {
            self.content(&format!("{} ", callout.marker));
        } else if !callout.label.is_empty() {
            self.text.push_str("<p><strong>");
            self.content(callout.label);
            self.text.push_str("</strong></p>\n");
        }
    }

    /// Parts of tables stand in tables only: elsewhere readers of HTML would tear the table around them apart.
    fn fits(&self, name: &str) -> bool {
        let around = self.open.last().map(|(_, name)| *name);
        match name {
            "td" | "th" => around == Some("tr"),
            "tr" => matches!(around, Some("table" | "thead" | "tbody" | "tfoot")),
            "thead" | "tbody" | "tfoot" | "caption" => around == Some("table"),
            _ => true,
        }
    }

    /// A player, where there is one; else a link, as Markdown has it for what has a title.
    fn frame(&mut self, element: &Element, tree: &Tree, id: NodeId) {
        let (name, src) = player(element);
        let title = element.attr("title").unwrap_or_default().trim();
        if src.is_empty() || link::is_around(tree, id) || !link::is_safe(src) {
            return self.content(&format!(" {title} "));
        }
        let plays = name != "iframe" || link::is_player(src);
        if plays && (title.is_empty() || self.lines == Lines::Blocks) {
            self.start_tag(name, &Element::new(name).with("src", src).with("title", title));
            return self.text.push_str(&format!("</{name}>"));
        }
        // It stands by itself; what a link stands beside runs into it.
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
        let signs = formula::InHtml::of(element);
        self.text.push_str(&format!("<span class=\"{}\">", signs.class));
        self.content(&format!("{}{tex}{}", signs.open, signs.close));
        self.text.push_str("</span>");
    }

    fn breaks_at(&self, name: &str) -> bool {
        match self.lines {
            Lines::Blocks => self.pre == 0 && is_block(name),
            Lines::Rows => name == "tr",
            Lines::One => false,
        }
    }

    fn content(&mut self, text: &str) {
        let in_markdown = self.lines != Lines::Blocks;
        let context = Context { attribute: false, in_markdown, verbatim: self.pre > 0 };
        if in_markdown && self.pre == 0 {
            let collapsed = collapse(text);
            let between = collapsed == " " && self.lines == Lines::Rows && self.after_block_tag();
            if !between {
                escape(&mut self.text, &collapsed, context);
            }
        } else {
            escape(&mut self.text, text, context);
        }
    }

    /// The last thing written is the tag of a block: white space there shows nothing.
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
        if !matches!(name, "br" | "hr" | "img" | "input") {
            self.text.push_str(&format!("</{name}>"));
        }
        if self.breaks_at(name) && self.lines == Lines::Blocks {
            self.text.push('\n');
        }
        if name == "table" && self.lines == Lines::Rows {
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
        let in_markdown = self.lines != Lines::Blocks;
        let out = &mut self.text;
        out.push('<');
        out.push_str(name);
        let kept: &[&str] = match name {
            "a" => &["href", "title", "id"],
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => &["id"],
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
            escape(out, value, Context { attribute: true, in_markdown, verbatim: false });
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

fn written(element: &Element) -> Option<&'static str> {
    if element.name == "input" && !is_box(element) {
        return None;
    }
    ELEMENTS.binary_search(&&*element.name).ok().map(|at| ELEMENTS[at])
}

/// What is shown of an element that HTML has no short form for.
fn replacement(element: &Element) -> String {
    let attr = |name| element.attr(name).unwrap_or_default();
    match &*element.name {
        "note-ref" => format!("[{}]", attr("label")),
        "note" => format!("[{}] ", attr("label")),
        _ => String::new(),
    }
}

/// White space as Markdown collapses it, the ends kept.
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

#[derive(Debug, Clone, Copy)]
struct Context {
    attribute: bool,
    /// No line may end in it, and no template marker stand in it.
    in_markdown: bool,
    /// Line ends count.
    verbatim: bool,
}

fn escape(out: &mut String, text: &str, context: Context) {
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
    fn a_cell_outside_its_row_tears_no_table_apart() {
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
