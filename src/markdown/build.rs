//! Builds blocks from the article tree in one walk without recursion. What an element opened is closed when the walk leaves
//! it.

use crate::frontmatter::Style;
use crate::html::elements::is_heading;
use crate::model::ImageMap;
use crate::model::tree::{Edge, Node, NodeId, Tree};

use super::callout::Callout;
use super::forms::Forms;
use super::html;
use super::ir::{Blocks, Leaf, LinkTarget, Mark, Piece, has_content};
use super::link;
use super::list::{Numbering, Outline};
use super::names::{is_block, is_embed, kept_tag};
use super::ruby;
use super::table::Grid;

/// The maximum nesting of marks of one kind where each level has a meaning in HTML, such as subscripts and `<em>` in `<em>`.
/// Other marks are written once.
const MAX_LEVELS: usize = 4;

/// Returns the blocks of an article.
pub(super) fn blocks<'t>(tree: &'t Tree, images: &'t ImageMap, style: Style) -> Blocks<'t> {
    let mut builder = Builder {
        tree,
        images,
        style,
        forms: Forms::default(),
        outline: Outline::default(),
        links: Vec::new(),
        math: false,
        run: Vec::new(),
        marks: Vec::new(),
        scopes: Vec::new(),
        grid: None,
        lines: 0,
        captions: 0,
        heading: Heading::None,
        codes: 0,
        quotes: 0,
    };
    let root = tree.root();
    let mut edge = Edge::Open(root);
    loop {
        edge = match edge {
            Edge::Open(id) => {
                let inside = builder.enter(id);
                tree.first_child(id).filter(|_| inside).map_or(Edge::Close(id), Edge::Open)
            }
            Edge::Close(id) => {
                builder.leave(id);
                if id == root {
                    break;
                }
                match (tree.next(id), tree.parent(id)) {
                    (Some(next), _) => Edge::Open(next),
                    (None, Some(parent)) => Edge::Close(parent),
                    (None, None) => break,
                }
            }
        };
    }
    builder.flush();
    Blocks { events: builder.outline.finish(), links: builder.links, math: builder.math }
}

/// What an element opened, to be closed when the walk leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Block,
    Paragraph,
    Heading,
    /// Blocks inside become lines.
    Lines,
    Caption,
    Table,
    Columns,
    Row,
    Cell,
    List,
    Item,
    Quote,
    Code,
    Quotation,
    /// A ruby annotation.
    Ruby,
    Note,
    Details,
}

/// The heading that the next run of text belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heading {
    None,
    /// The whole element is the heading.
    Line(usize),
    /// Only the first run is the heading; the rest of the element is text.
    First(usize),
}

pub(super) struct Builder<'t> {
    pub(super) tree: &'t Tree,
    pub(super) images: &'t ImageMap,
    pub(super) style: Style,
    pub(super) forms: Forms,
    pub(super) outline: Outline<'t>,
    pub(super) links: Vec<LinkTarget<'t>>,
    /// The article has formulas.
    pub(super) math: bool,
    /// The pieces of the open leaf.
    pub(super) run: Vec<Piece<'t>>,
    pub(super) marks: Vec<(NodeId, Mark)>,
    pub(super) scopes: Vec<(NodeId, Scope)>,
    /// The open grid. Grids do not contain other grids.
    pub(super) grid: Option<Grid<'t>>,
    /// The number of open elements in which blocks become lines.
    pub(super) lines: usize,
    pub(super) captions: usize,
    pub(super) heading: Heading,
    pub(super) codes: usize,
    pub(super) quotes: usize,
}

impl<'t> Builder<'t> {
    /// Enters a node; returns true when the walk continues with its children.
    fn enter(&mut self, id: NodeId) -> bool {
        let tree = self.tree;
        let element = match tree.node(id) {
            Node::Root => return true,
            Node::Text(text) => {
                self.run.push(if self.codes > 0 { Piece::Code(text) } else { Piece::Text(text) });
                return false;
            }
            Node::Element(element) => element,
        };
        self.forms.determine(tree, id);
        match element.name.as_bytes() {
            b"br" => self.line_break(),
            b"img" => self.image(id),
            b"hr" => {
                self.edge();
                if self.lines == 0 {
                    self.outline.leaf(Leaf::Rule);
                }
            }
            // Within MathML an element of this name may contain text.
            b"input" => {
                self.input(id);
                return true;
            }
            b"pre" => self.preformatted(id),
            _ if is_embed(&element.name) => self.embed(id),
            b"math" => self.formula(id),
            b"a" if element.attr("href").is_none() && element.attr("id").is_some() => self.anchor(id),
            b"note-ref" => self.run.push(Piece::Note(tree.attr(id, "label").unwrap_or_default())),
            // It is written in the line that opens the details.
            b"summary" if matches!(self.scopes.last(), Some((_, Scope::Details))) => {}
            b"table" if self.is_html_table(id) => self.html_table(id),
            b"script" | b"style" | b"template" => {}
            b"rp" if !self.style.html => {}
            _ => {
                self.open(id, &element.name);
                return true;
            }
        }
        false
    }

    fn open(&mut self, id: NodeId, name: &'t str) {
        match name.as_bytes() {
            b"strong" | b"b" => self.mark(id, Mark::Strong),
            b"em" | b"i" | b"var" | b"cite" | b"dfn" => self.mark(id, Mark::Em),
            b"del" | b"s" | b"strike" => self.mark(id, Mark::Del),
            b"a" => self.link(id),
            b"abbr" => self.abbreviation(id),
            b"code" | b"samp" | b"tt" => {
                self.codes += 1;
                self.scopes.push((id, Scope::Code));
            }
            b"q" if self.style.html => self.mark(id, Mark::Tag(&"q")),
            b"q" => {
                self.run.push(Piece::Text(if self.quotes.is_multiple_of(2) { "“" } else { "‘" }));
                self.quotes += 1;
                self.scopes.push((id, Scope::Quotation));
            }
            b"rt" if !self.style.html && self.codes == 0 => {
                self.run.push(Piece::Text(ruby::parentheses(self.tree, id).0));
                self.scopes.push((id, Scope::Ruby));
            }
            _ if is_block(name) => self.open_block(id, name),
            _ => {
                if let Some(tag) = kept_tag(name) {
                    self.mark(id, Mark::Tag(tag));
                }
            }
        }
    }

    fn open_block(&mut self, id: NodeId, name: &str) {
        match name.as_bytes() {
            _ if is_heading(name) => self.open_heading(id, name),
            b"ul" | b"ol" => self.open_list(id, name),
            b"li" => self.open_item(id),
            b"blockquote" => {
                self.edge();
                if let Some(callout) = self.tree.element(id).and_then(Callout::of) {
                    let is_quote = self.lines == 0;
                    if !is_quote || !self.outline.open_callout(callout) {
                        self.run.push(Piece::Text(callout.marker));
                        self.edge();
                    }
                    return self.scopes.push((id, if is_quote { Scope::Quote } else { Scope::Block }));
                }
                if self.lines == 0 {
                    self.outline.open_quote();
                }
                self.scopes.push((id, if self.lines == 0 { Scope::Quote } else { Scope::Block }));
            }
            b"table" => self.open_table(id),
            b"tr" | b"td" | b"th" | b"caption" if self.grid.is_some() => self.open_table_part(id, name),
            b"td" | b"th" if self.is_further_column(id) => {
                self.edge();
                self.outline.leaf(Leaf::Html("</td>\n<td>".to_owned()));
                self.scopes.push((id, Scope::Block));
            }
            b"note" => {
                self.edge();
                self.outline.open_note(self.tree.attr(id, "label").unwrap_or_default());
                self.scopes.push((id, Scope::Note));
            }
            b"details" if self.style.html && self.lines == 0 => self.open_details(id),
            b"figure" => {
                self.edge();
                if self.forms.fits(id) {
                    self.lines += 1;
                    self.scopes.push((id, Scope::Lines));
                } else {
                    self.scopes.push((id, Scope::Block));
                }
            }
            b"figcaption" if self.forms.fits(id) => {
                self.edge();
                self.lines += 1;
                self.captions += 1;
                self.scopes.push((id, Scope::Caption));
                self.mark(id, Mark::Em);
            }
            b"dt" | b"summary" => {
                self.edge();
                self.scopes.push((id, Scope::Block));
                self.mark(id, Mark::Strong);
            }
            b"p" => {
                self.edge();
                self.scopes.push((id, Scope::Paragraph));
            }
            _ => {
                self.edge();
                self.scopes.push((id, Scope::Block));
            }
        }
    }

    fn leave(&mut self, id: NodeId) {
        if self.scopes.last().is_some_and(|(at, _)| *at == id)
            && let Some((_, scope)) = self.scopes.last().copied()
        {
            match scope {
                Scope::Code => {
                    self.codes -= 1;
                    self.run.push(Piece::CodeEnd);
                }
                Scope::Quotation => {
                    self.quotes -= 1;
                    self.run.push(Piece::Text(if self.quotes.is_multiple_of(2) { "”" } else { "’" }));
                }
                Scope::Ruby => self.run.push(Piece::Text(ruby::parentheses(self.tree, id).1)),
                Scope::Cell => self.close_cell(),
                Scope::Heading => self.flush(),
                Scope::Lines | Scope::Caption => {
                    // The edge belongs to the element itself, so only the elements around it can turn it into a line.
                    self.lines -= 1;
                    self.captions -= usize::from(scope == Scope::Caption);
                    self.unmark(id);
                    self.edge();
                }
                _ => self.edge(),
            }
            self.scopes.pop();
            match scope {
                Scope::Quote | Scope::Item | Scope::List | Scope::Note => self.outline.close(),
                Scope::Details => self.outline.leaf(Leaf::Html("</details>".to_owned())),
                Scope::Heading => self.heading = Heading::None,
                Scope::Row => self.grid.iter_mut().for_each(Grid::end_row),
                Scope::Table => self.close_table(),
                Scope::Columns => self.outline.leaf(Leaf::Html("</td>\n</tr>\n</table>".to_owned())),
                _ => {}
            }
        }
        self.unmark(id);
    }

    fn mark(&mut self, id: NodeId, mark: Mark) {
        let tree = self.tree;
        let same = |(_, open): &&(NodeId, Mark)| match (open, mark) {
            (Mark::Link(_), Mark::Link(_)) | (Mark::Abbr(_), Mark::Abbr(_)) => true,
            (open, mark) => *open == mark,
        };
        // Nested `<b>` elements mean no more than one of them.
        let name = tree.name(id);
        let levels = matches!(name, "sub" | "sup" | "q" | "em" | "strong" | "ul" | "ol" | "li")
            && self.marks.iter().filter(same).all(|(open, _)| tree.name(*open) == name);
        let most = if levels { MAX_LEVELS } else { 1 };
        // A mark that writes nothing would only split the code span.
        let is_tag = matches!(mark, Mark::Tag(_) | Mark::Abbr(_));
        let in_code =
            self.codes > 0 && (matches!(mark, Mark::Strong | Mark::Em | Mark::Del) || is_tag && !self.style.html);
        if !in_code && self.marks.iter().filter(same).take(MAX_LEVELS).count() < most {
            self.marks.push((id, mark));
            self.run.push(Piece::Open(mark));
        }
    }

    fn unmark(&mut self, id: NodeId) {
        if self.marks.last().is_some_and(|(at, _)| *at == id)
            && let Some((_, mark)) = self.marks.pop()
        {
            self.run.push(Piece::Close(mark));
        }
    }

    fn link(&mut self, id: NodeId) {
        if let Some(href) = self.tree.attr(id, "href").filter(|href| link::is_safe(href)) {
            let title = self.tree.attr(id, "title").unwrap_or_default();
            self.links.push(LinkTarget { href, title });
            self.mark(id, Mark::Link(self.links.len() - 1));
        }
    }

    /// Adds a target of links. Code spans cannot contain one.
    fn anchor(&mut self, id: NodeId) {
        if self.codes == 0 && self.style.html {
            self.run.push(Piece::Anchor(self.tree.attr(id, "id").unwrap_or_default()));
        }
    }

    fn abbreviation(&mut self, id: NodeId) {
        if let Some(title) = self.tree.attr(id, "title").filter(|title| !title.trim().is_empty()) {
            self.links.push(LinkTarget { href: "", title });
            self.mark(id, Mark::Abbr(self.links.len() - 1));
        }
    }

    /// Opens a `details` element: the opening tag and the summary are HTML, the content is Markdown.
    fn open_details(&mut self, id: NodeId) {
        self.edge();
        let summary = self.tree.children(id).find(|&child| self.tree.name(child) == "summary");
        let line = summary.map(|summary| html::one_line(self.tree, summary, self.images)).unwrap_or_default();
        let tag = if self.tree.attr(id, "open").is_some() { "<details open>" } else { "<details>" };
        let opening = if line.is_empty() { tag.to_owned() } else { format!("{tag}\n{line}") };
        self.outline.leaf(Leaf::Html(opening));
        self.scopes.push((id, Scope::Details));
    }

    fn open_heading(&mut self, id: NodeId, name: &str) {
        self.edge();
        let level = name.bytes().next_back().map_or(1, |digit| usize::from(digit - b'0'));
        if self.lines == 0 && self.heading == Heading::None {
            self.heading = if self.forms.fits(id) { Heading::Line(level) } else { Heading::First(level) };
            self.scopes.push((id, Scope::Heading));
        } else {
            self.scopes.push((id, Scope::Block));
        }
    }

    fn open_list(&mut self, id: NodeId, name: &str) {
        self.edge();
        let tree = self.tree;
        // Old pages use lists without items to indent text.
        let has_items = tree.children(id).any(|child| tree.name(child) == "li");
        if self.lines > 0 || !has_items {
            self.scopes.push((id, Scope::Block));
            if has_items && self.lists_as_html() {
                self.mark(id, Mark::Tag(if name == "ol" { &"ol" } else { &"ul" }));
            }
            return;
        }
        let reversed = name == "ol" && tree.attr(id, "reversed").is_some();
        let items = || tree.children(id).filter(|&child| tree.name(child) == "li").count() as i64;
        let start = tree.attr(id, "start").and_then(|value| value.trim().parse().ok());
        let start = start.unwrap_or_else(|| if reversed { items() } else { 1 });
        self.outline.open_list(match name {
            "ol" if reversed => Numbering::Descending(start),
            "ol" => Numbering::Ascending(start),
            _ => Numbering::Bullets,
        });
        self.scopes.push((id, Scope::List));
    }

    /// Returns true in table cells, which are one line, so that lists in them are written as HTML.
    fn lists_as_html(&self) -> bool {
        self.style.html && self.grid.is_some() && self.captions == 0
    }

    fn open_item(&mut self, id: NodeId) {
        self.edge();
        if self.lines > 0 || !matches!(self.scopes.last(), Some((_, Scope::List))) {
            self.scopes.push((id, Scope::Block));
            let in_list = |mark: &(NodeId, Mark)| matches!(mark.1, Mark::Tag(tag) if matches!(*tag, "ul" | "ol"));
            if self.lists_as_html() && self.marks.last().is_some_and(in_list) {
                self.mark(id, Mark::Tag(&"li"));
            }
            return;
        }
        self.outline.open_item(self.tree.attr(id, "value").and_then(|value| value.trim().parse().ok()));
        self.scopes.push((id, Scope::Item));
    }

    /// Adds the edge of a block: ends the open run, or adds a line end or a space where blocks are not allowed.
    pub(super) fn edge(&mut self) {
        if self.lines > 0 {
            self.run.push(Piece::Line);
        } else if matches!(self.heading, Heading::Line(_)) {
            self.run.push(Piece::Text(" "));
        } else {
            self.flush();
        }
    }

    /// Ends the open run. Open marks continue in the next one.
    pub(super) fn flush(&mut self) {
        if !has_content(&self.run) {
            self.run.clear();
            self.run.extend(self.marks.iter().map(|(_, mark)| Piece::Open(*mark)));
            return;
        }
        let pieces = self.take_run();
        let leaf = match self.heading {
            Heading::None if matches!(self.scopes.last(), Some((_, Scope::Paragraph))) => {
                return self.outline.marked_paragraph(pieces);
            }
            Heading::None => Leaf::Paragraph(pieces),
            Heading::Line(level) => Leaf::Heading(level, pieces),
            Heading::First(level) => {
                self.heading = Heading::None;
                Leaf::Heading(level, pieces)
            }
        };
        self.outline.leaf(leaf);
    }

    pub(super) fn take_run(&mut self) -> Vec<Piece<'t>> {
        let mut pieces = Vec::with_capacity(self.run.len() + self.marks.len());
        pieces.append(&mut self.run);
        pieces.extend(self.marks.iter().rev().map(|(_, mark)| Piece::Close(*mark)));
        self.run.extend(self.marks.iter().map(|(_, mark)| Piece::Open(*mark)));
        pieces
    }
}
