//! The content of an article tree, derived from the tree alone and not from the writer's blocks.

use crate::frontmatter::{Flavour, Style};
use crate::model::ImageMap;
use crate::model::tree::{Edge, Node, NodeId, Tree};

use super::super::callout::Callout;
use super::super::chars::is_visible;
use super::super::forms::{Forms, TableForm};
use super::super::names::{is_block, is_checkbox, is_embed};
use super::super::{code, formula, link, ruby};
use super::{Content, IMAGE, Words};
use crate::html::elements::is_heading;

/// Returns the content of the tree below `root`.
pub(in crate::markdown) fn content_of_tree(tree: &Tree, root: NodeId, images: &ImageMap, style: Style) -> Content {
    let mut reader = TreeReader {
        tree,
        images,
        style,
        forms: Forms::of(tree),
        content: Content::default(),
        note: None,
        quotes: 0,
        heading: None,
        tables: Vec::new(),
        cells: Vec::new(),
    };
    let mut edge = Edge::Open(root);
    loop {
        edge = match edge {
            Edge::Open(id) => {
                let inside = reader.enter(id);
                tree.first_child(id).filter(|_| inside).map_or(Edge::Close(id), Edge::Open)
            }
            Edge::Close(id) => {
                reader.leave(id);
                match (tree.next(id), tree.parent(id)) {
                    _ if id == root => break,
                    (Some(next), _) => Edge::Open(next),
                    (None, Some(parent)) => Edge::Close(parent),
                    (None, None) => break,
                }
            }
        };
    }
    reader.content
}

struct TreeReader<'t> {
    tree: &'t Tree,
    images: &'t ImageMap,
    style: Style,
    forms: Forms,
    content: Content,
    /// The open footnote.
    note: Option<(NodeId, String)>,
    quotes: usize,
    /// The open heading, with its level and the length of the words before it.
    heading: Option<(NodeId, usize, usize)>,
    /// The open data tables, by their index in `Content::cells`.
    tables: Vec<(NodeId, usize)>,
    /// The open cells, with the amount of content before each.
    cells: Vec<(NodeId, usize)>,
}

impl TreeReader<'_> {
    fn words(&mut self) -> &mut Words {
        self.content.words_of(self.note.as_ref().map(|(_, label)| label.as_str()))
    }

    fn enter(&mut self, id: NodeId) -> bool {
        let tree = self.tree;
        let element = match tree.node(id) {
            Node::Root => return true,
            Node::Text(text) => {
                self.words().push(text);
                return false;
            }
            Node::Element(element) => element,
        };
        let attr = |name: &str| element.attr(name).unwrap_or_default();
        match &*element.name {
            "script" | "style" | "template" => return false,
            "rp" if !self.style.html => return false,
            "rt" if !self.style.html => self.words().push(ruby::parentheses(tree, id).0),
            "br" => self.words().edge(),
            "img" if attr("src").trim().is_empty() => self.words().push(attr("alt")),
            "img" => {
                let src = attr("src");
                self.words().push(IMAGE);
                self.content.image(self.images.get(src).map_or(src, String::as_str));
            }
            // Within a line, a checkbox is written as a character and a space.
            "input" if is_checkbox(element) => self.words().edge(),
            "math" => {
                let is_block = attr("display") == "block";
                let tex = formula::text(attr("tex"));
                if is_block {
                    self.words().edge();
                }
                self.words().push(&tex);
                if is_block {
                    self.words().edge();
                }
            }
            "note-ref" => {
                let mark = format!("[{}]", attr("label"));
                self.words().push(&mark);
            }
            name if is_embed(name) => {
                self.player(id);
                return false;
            }
            "pre" => {
                self.words().edge();
                self.content.code.push(code::verbatim(tree, id));
                return false;
            }
            "a" if element.attr("href").is_some() => self.anchor(id, attr("href")),
            "q" if !self.style.html => {
                let quote = if self.quotes.is_multiple_of(2) { "“" } else { "‘" };
                self.words().push(quote);
                self.quotes += 1;
            }
            name => self.open_block(id, name),
        }
        true
    }

    fn open_block(&mut self, id: NodeId, name: &str) {
        if is_block(name) {
            self.words().edge();
        }
        match name {
            _ if is_heading(name) && self.heading.is_none() => {
                let level = usize::from(name.as_bytes()[1] - b'1');
                self.heading = Some((id, level, self.content.amount()));
            }
            "note" => {
                let label = self.tree.attr(id, "label").unwrap_or_default().to_owned();
                if self.style.flavour == Flavour::Gfm {
                    self.note = Some((id, label));
                } else {
                    // CommonMark has no footnotes: each is written in its place, after its label.
                    self.words().push(&format!("[{label}] "));
                }
            }
            "blockquote" => {
                if let Some(callout) = self.tree.element(id).and_then(Callout::of) {
                    self.words().push(callout.marker);
                    self.words().edge();
                }
            }
            "table" if self.forms.table(id) == TableForm::Columns && self.style.html => self.content.cells.push(0),
            "table" if is_data(self.forms.table(id)) => {
                self.tables.push((id, self.content.cells.len()));
                self.content.cells.push(0);
            }
            "td" | "th" if self.is_data(id) => {
                let before = self.content.amount();
                self.cells.push((id, before));
            }
            _ => {}
        }
    }

    /// Returns true for a cell of a data table.
    fn is_data(&self, cell: NodeId) -> bool {
        let table = self.tree.ancestors(cell).take(4).find(|&above| self.tree.name(above) == "table");
        table.is_some_and(|table| is_data(self.forms.table(table)))
    }

    fn leave(&mut self, id: NodeId) {
        let name = self.tree.name(id);
        if is_block(name) || name == "pre" {
            self.words().edge();
        }
        if name == "q" && !self.style.html {
            self.quotes -= 1;
            let quote = if self.quotes.is_multiple_of(2) { "”" } else { "’" };
            self.words().push(quote);
        }
        if name == "rt" && !self.style.html {
            let (_, after) = ruby::parentheses(self.tree, id);
            self.words().push(after);
        }
        if let Some((_, level, before)) = self.heading.filter(|(heading, ..)| *heading == id) {
            self.content.headings[level] += usize::from(self.content.amount() > before);
            self.heading = None;
        }
        if let Some((_, before)) = self.cells.pop_if(|(cell, _)| *cell == id)
            && let Some((_, table)) = self.tables.last()
        {
            self.content.cells[*table] += usize::from(self.content.amount() > before);
        }
        self.tables.pop_if(|(table, _)| *table == id);
        if self.note.as_ref().is_some_and(|(note, _)| *note == id) {
            self.note = None;
        }
    }

    /// Adds a link if it has visible content and is not inside another link.
    fn anchor(&mut self, id: NodeId, href: &str) {
        let tree = self.tree;
        let nested = link::is_in_link(tree, id);
        let seen = tree.descendants(id).any(|below| match tree.node(below) {
            Node::Text(text) => text.chars().any(is_visible),
            Node::Element(element) => matches!(&*element.name, "img" | "math" | "note-ref" | "input"),
            Node::Root => false,
        });
        if seen && !nested && link::is_safe(href) {
            self.content.link(self.note.as_ref().map(|(_, label)| label.as_str()), href);
        }
    }

    fn player(&mut self, id: NodeId) {
        let attr = |name| self.tree.attr(id, name).unwrap_or_default().trim();
        let (src, title) = (attr("src"), attr("title"));
        let in_link = link::is_in_link(self.tree, id);
        self.words().edge();
        if src.is_empty() || in_link || !link::is_safe(src) {
            self.words().push(title);
        } else {
            self.content.link(self.note.as_ref().map(|(_, label)| label.as_str()), src);
            let plays = self.style.html && (matches!(self.tree.name(id), "video" | "audio") || link::is_player(src));
            let shown = if title.is_empty() && !plays { src } else { title };
            self.words().push(shown);
        }
        self.words().edge();
    }
}

fn is_data(form: TableForm) -> bool {
    matches!(form, TableForm::Grid | TableForm::Html)
}
