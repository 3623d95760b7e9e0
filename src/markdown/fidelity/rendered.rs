//! What a reader finds in Markdown, by comrak's reading of it.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};

use crate::frontmatter::{Flavour, Style};
use crate::html::{self, Edge, Node};

use super::super::formula::InHtml;
use super::super::names::{is_block, is_embed};
use super::{Found, IMAGE, Words};

/// How Markdown is to be read.
#[derive(Debug, Clone, Copy)]
pub(in crate::markdown) struct Dialect {
    pub style: Style,
    /// Dollar signs hold formulas.
    pub math: bool,
}

/// What is in a Markdown text.
pub(in crate::markdown) fn found_in_markdown(markdown: &str, dialect: Dialect) -> Found {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options(dialect));
    let mut reader = Reader::default();
    for edge in root.traverse() {
        match edge {
            comrak::arena_tree::NodeEdge::Start(node) => reader.enter(node),
            comrak::arena_tree::NodeEdge::End(node) => reader.leave(node),
        }
    }
    reader.found
}

fn options(dialect: Dialect) -> Options<'static> {
    let mut options = Options::default();
    let gfm = dialect.style.flavour == Flavour::Gfm;
    options.extension.table = gfm;
    options.extension.strikethrough = gfm;
    options.extension.tasklist = gfm;
    options.extension.footnotes = gfm;
    options.extension.math_dollars = dialect.math;
    options.extension.math_code = dialect.math;
    options
}

#[derive(Default)]
struct Reader {
    found: Found,
    /// The label of the open footnote.
    note: Option<String>,
    /// How much was found before the open heading or cell.
    before: usize,
    /// Open images: their text is no text of the page.
    images: usize,
}

impl Reader {
    fn words(&mut self) -> &mut Words {
        match &self.note {
            Some(label) => self.found.notes.entry(label.clone()).or_default(),
            None => &mut self.found.words,
        }
    }

    fn seen(&self) -> usize {
        self.found.words.text.len()
            + self.found.images.len()
            + self.found.links.len()
            + self.found.notes.values().map(|words| words.text.len()).sum::<usize>()
    }

    fn enter<'a>(&mut self, node: &'a AstNode<'a>) {
        let data = node.data.borrow();
        if data.value.block() {
            self.words().edge();
        }
        match &data.value {
            NodeValue::Text(text) if self.images == 0 => self.words().push(text),
            NodeValue::Code(code) if self.images == 0 => self.words().push(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => self.words().edge(),
            NodeValue::Math(math) => self.words().push(math.literal.trim()),
            NodeValue::CodeBlock(block) => {
                let literal = block.literal.strip_suffix('\n').unwrap_or(&block.literal);
                self.found.code.push(literal.to_owned());
            }
            NodeValue::Link(link) => self.found.link(self.note.as_deref(), &link.url),
            NodeValue::Image(image) => {
                if self.images == 0 {
                    self.words().push(IMAGE);
                }
                self.images += 1;
                self.found.image(&image.url);
            }
            NodeValue::Heading(_) | NodeValue::TableCell => self.before = self.seen(),
            NodeValue::Table(_) => self.found.cells.push(0),
            NodeValue::FootnoteReference(note) => {
                let mark = format!("[{}]", note.name);
                self.words().push(&mark);
            }
            NodeValue::FootnoteDefinition(note) => self.note = Some(note.name.clone()),
            NodeValue::HtmlInline(tag) if self.images == 0 => self.tag(tag),
            NodeValue::HtmlBlock(block) => self.html(&block.literal),
            _ => {}
        }
    }

    fn leave<'a>(&mut self, node: &'a AstNode<'a>) {
        let data = node.data.borrow();
        if data.value.block() {
            self.words().edge();
        }
        match &data.value {
            NodeValue::Image(_) => self.images -= 1,
            NodeValue::Heading(heading) => {
                let seen = usize::from(self.seen() > self.before);
                self.found.headings[usize::from(heading.level.clamp(1, 6) - 1)] += seen;
            }
            NodeValue::TableCell => {
                let seen = usize::from(self.seen() > self.before);
                if let Some(count) = self.found.cells.last_mut() {
                    *count += seen;
                }
            }
            NodeValue::FootnoteDefinition(_) => self.note = None,
            _ => {}
        }
    }

    /// One tag in a line of text: a break parts words, a player leads somewhere.
    fn tag(&mut self, tag: &str) {
        let name: String = tag.trim_start_matches(['<', '/']).chars().take_while(char::is_ascii_alphanumeric).collect();
        match name.as_str() {
            "br" | "ul" | "ol" | "li" => self.words().edge(),
            name if is_embed(name) => self.html(tag),
            _ => {}
        }
    }

    /// A text of HTML: of a formula the signs around it are none of its words.
    fn text(&mut self, text: &str, parent: Option<html::NodeRef<'_>>) {
        let class = parent.and_then(|node| node.value().as_element()?.attr("class")).unwrap_or_default();
        match InHtml::of_class(class) {
            Some(signs) if signs == InHtml::DISPLAY => {
                self.words().edge();
                self.words().push(signs.within(text));
                self.words().edge();
            }
            Some(signs) => self.words().push(signs.within(text)),
            None => self.words().push(text),
        }
    }

    /// A piece of HTML, read as HTML.
    fn html(&mut self, source: &str) {
        let parsed = html::fragment(source);
        let mut code: Option<String> = None;
        let mut tables: Vec<usize> = Vec::new();
        let mut cells: Vec<usize> = Vec::new();
        let mut heading = 0;
        for edge in parsed.root().traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Text(text) => match &mut code {
                        Some(code) => code.push_str(&text.text),
                        None => self.text(&text.text, node.parent()),
                    },
                    Node::Element(element) => {
                        let attr = |name| element.attr(name).unwrap_or_default();
                        if is_block(element.name())
                            || is_embed(element.name())
                            || matches!(element.name(), "br" | "input")
                        {
                            self.words().edge();
                        }
                        match element.name() {
                            "a" if element.attr("href").is_some() => {
                                self.found.link(self.note.as_deref(), attr("href"))
                            }
                            name if is_embed(name) => self.found.link(self.note.as_deref(), attr("src")),
                            "img" => {
                                self.words().push(IMAGE);
                                self.found.image(attr("src"));
                            }
                            "table" => {
                                tables.push(self.found.cells.len());
                                self.found.cells.push(0);
                            }
                            "td" | "th" => cells.push(self.seen()),
                            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => heading = self.seen(),
                            "pre" => code = Some(String::new()),
                            _ => {}
                        }
                    }
                    _ => {}
                },
                Edge::Close(node) => {
                    let Some(element) = node.value().as_element() else { continue };
                    if is_block(element.name()) || is_embed(element.name()) {
                        self.words().edge();
                    }
                    match element.name() {
                        "td" | "th" => {
                            let before = cells.pop().unwrap_or_default();
                            if let Some(table) = tables.last() {
                                self.found.cells[*table] += usize::from(self.seen() > before);
                            }
                        }
                        "table" => {
                            tables.pop();
                        }
                        name @ ("h1" | "h2" | "h3" | "h4" | "h5" | "h6") => {
                            self.found.headings[usize::from(name.as_bytes()[1] - b'1')] +=
                                usize::from(self.seen() > heading);
                        }
                        "pre" => {
                            let literal = code.take().unwrap_or_default();
                            self.found.code.push(literal.strip_suffix('\n').unwrap_or(&literal).to_owned());
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}
