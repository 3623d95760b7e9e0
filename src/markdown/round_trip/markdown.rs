//! The content of Markdown, as parsed by comrak.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};

use crate::frontmatter::{Flavour, Style};
use crate::html::{self, Edge, Node};

use super::super::formula::FormulaDelimiters;
use super::super::names::{is_block, is_embed};
use super::{Content, IMAGE, Words};
use crate::html::elements::is_heading;

/// How Markdown is parsed.
#[derive(Debug, Clone, Copy)]
pub(in crate::markdown) struct Dialect {
    pub style: Style,
    /// Dollar signs delimit formulas.
    pub math: bool,
}

/// Returns the content of a Markdown text.
pub(in crate::markdown) fn content_of_markdown(markdown: &str, dialect: Dialect) -> Content {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options(dialect));
    let mut reader = MarkdownReader::default();
    for edge in root.traverse() {
        match edge {
            comrak::arena_tree::NodeEdge::Start(node) => reader.enter(node),
            comrak::arena_tree::NodeEdge::End(node) => reader.leave(node),
        }
    }
    reader.content
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

/// Collects the content of a Markdown text.
#[derive(Default)]
struct MarkdownReader {
    content: Content,
    /// The label of the open footnote.
    note: Option<String>,
    /// The amount of content before the open heading or cell.
    before: usize,
    /// The number of open images, whose text is not text of the page.
    images: usize,
}

impl MarkdownReader {
    fn words(&mut self) -> &mut Words {
        self.content.words_of(self.note.as_deref())
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
                self.content.code.push(literal.to_owned());
            }
            NodeValue::Link(link) => self.content.link(self.note.as_deref(), &link.url),
            NodeValue::Image(image) => {
                if self.images == 0 {
                    self.words().push(IMAGE);
                }
                self.images += 1;
                self.content.image(&image.url);
            }
            NodeValue::Heading(_) | NodeValue::TableCell => self.before = self.content.amount(),
            NodeValue::Table(_) => self.content.cells.push(0),
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
                let counted = usize::from(self.content.amount() > self.before);
                self.content.headings[usize::from(heading.level.clamp(1, 6) - 1)] += counted;
            }
            NodeValue::TableCell => {
                let counted = usize::from(self.content.amount() > self.before);
                if let Some(count) = self.content.cells.last_mut() {
                    *count += counted;
                }
            }
            NodeValue::FootnoteDefinition(_) => self.note = None,
            _ => {}
        }
    }

    /// Reads a tag within a line of text: a line break separates words, a player has a target.
    fn tag(&mut self, tag: &str) {
        let name: String = tag.trim_start_matches(['<', '/']).chars().take_while(char::is_ascii_alphanumeric).collect();
        match name.as_str() {
            "br" | "ul" | "ol" | "li" => self.words().edge(),
            name if is_embed(name) => self.html(tag),
            _ => {}
        }
    }

    /// Reads a text of HTML. The delimiters of a formula are not part of its words.
    fn text(&mut self, text: &str, parent: Option<html::NodeRef<'_>>) {
        let class = parent.and_then(|node| node.value().as_element()?.attr("class")).unwrap_or_default();
        match FormulaDelimiters::of_class(class) {
            Some(delimiters) if delimiters == FormulaDelimiters::DISPLAY => {
                self.words().edge();
                self.words().push(delimiters.strip(text));
                self.words().edge();
            }
            Some(delimiters) => self.words().push(delimiters.strip(text)),
            None => self.words().push(text),
        }
    }

    /// Reads a piece of HTML.
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
                                self.content.link(self.note.as_deref(), attr("href"))
                            }
                            name if is_embed(name) => self.content.link(self.note.as_deref(), attr("src")),
                            "img" => {
                                self.words().push(IMAGE);
                                self.content.image(attr("src"));
                            }
                            "table" => {
                                tables.push(self.content.cells.len());
                                self.content.cells.push(0);
                            }
                            "td" | "th" => cells.push(self.content.amount()),
                            name if is_heading(name) => heading = self.content.amount(),
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
                                self.content.cells[*table] += usize::from(self.content.amount() > before);
                            }
                        }
                        "table" => {
                            tables.pop();
                        }
                        name if is_heading(name) => {
                            self.content.headings[usize::from(name.as_bytes()[1] - b'1')] +=
                                usize::from(self.content.amount() > heading);
                        }
                        "pre" => {
                            let literal = code.take().unwrap_or_default();
                            self.content.code.push(literal.strip_suffix('\n').unwrap_or(&literal).to_owned());
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}
