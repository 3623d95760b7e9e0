//! What must be known of a table, a figure, a caption or a heading before its first child is read, found in one walk.

use std::collections::BTreeMap;

use crate::model::tree::{Edge, Node, NodeId, Tree};

use super::names::is_embed;

/// A heading of more text (in characters) than this is no heading but a page whose heading was never closed.
const HEADING: usize = 300;

/// A cell that holds lists or paragraphs, and more text (in characters) than this, is a part of the page's layout.
const LONG_CELL: usize = 200;

/// How a table is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TableForm {
    /// Rows of cells that hold lines.
    Grid,
    /// Data whose cells hold what no line can: code, tables, headings.
    Html,
    /// Texts side by side, each of several paragraphs.
    Columns,
    /// No table but the page's layout: what it holds is written one after the other.
    Layout,
}

/// For each figure, caption and heading: whether it can be written in Markdown's own form; for each table, in which form.
#[derive(Debug, Default)]
pub(super) struct Facts {
    fits: BTreeMap<NodeId, bool>,
    tables: BTreeMap<NodeId, TableForm>,
}

#[derive(Debug)]
struct Open {
    node: NodeId,
    kind: Kind,
    /// Holds something that only fits as a block of its own.
    hard: bool,
    /// Holds code that keeps its lines.
    has_code: bool,
    rows: usize,
    widest: usize,
    cells: usize,
    has_header: bool,
    /// Characters and paragraphs of the open cell, or of the heading.
    text: usize,
    paragraphs: usize,
    has_blocks: bool,
    long_cells: usize,
    /// A table's caption is open.
    in_caption: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Table,
    Figure,
    Caption,
    Heading,
}

impl Facts {
    /// Of everything in a tree.
    pub(super) fn of(tree: &Tree) -> Self {
        let mut facts = Self::default();
        facts.walk(tree, tree.root());
        facts
    }

    /// Learns what must be known of an element and of what is in it, if it is one of these.
    pub(super) fn learn(&mut self, tree: &Tree, id: NodeId) {
        if kind(tree.name(id)).is_some() && !self.fits.contains_key(&id) && !self.tables.contains_key(&id) {
            self.walk(tree, id);
        }
    }

    fn walk(&mut self, tree: &Tree, top: NodeId) {
        let mut open: Vec<Open> = Vec::new();
        for edge in tree.walk(top) {
            match edge {
                Edge::Open(id) => match tree.node(id) {
                    Node::Element(element) => enter(&mut open, id, &element.name),
                    Node::Text(text) => count(&mut open, text),
                    Node::Root => {}
                },
                Edge::Close(id) => {
                    leave_part(&mut open, tree.name(id));
                    if open.last().is_some_and(|last| last.node == id)
                        && let Some(last) = open.pop()
                    {
                        if let Some(outer) = open.last_mut() {
                            outer.has_code |= last.has_code;
                        }
                        match last.kind {
                            Kind::Table => self.tables.insert(id, last.table()).is_some(),
                            _ => self.fits.insert(id, last.fits()).is_some(),
                        };
                    }
                }
            }
        }
    }

    /// How a table is written.
    pub(super) fn table(&self, id: NodeId) -> TableForm {
        self.tables.get(&id).copied().unwrap_or(TableForm::Layout)
    }

    /// A figure is images, lines and a caption; a caption is lines, without code of several; a heading is one line.
    pub(super) fn fits(&self, id: NodeId) -> bool {
        self.fits.get(&id).copied().unwrap_or(false)
    }
}

impl Open {
    fn new(node: NodeId, kind: Kind) -> Self {
        Self {
            node,
            kind,
            hard: false,
            has_code: false,
            rows: 0,
            widest: 0,
            cells: 0,
            has_header: false,
            text: 0,
            paragraphs: 0,
            has_blocks: false,
            long_cells: 0,
            in_caption: false,
        }
    }

    fn fits(&self) -> bool {
        match self.kind {
            Kind::Figure => !self.hard,
            Kind::Caption => !self.has_code,
            Kind::Heading | Kind::Table => !self.hard && self.text <= HEADING,
        }
    }

    fn table(&self) -> TableForm {
        let columns = self.widest.max(self.cells);
        let enough = columns >= 2 || (columns == 1 && self.has_header);
        let layout = self.has_blocks && !self.has_header && (self.rows <= 1 || self.long_cells > 0);
        match () {
            () if layout && self.rows == 1 && columns >= 2 && self.long_cells == columns => TableForm::Columns,
            () if !enough || layout => TableForm::Layout,
            () if !self.hard => TableForm::Grid,
            () if self.has_header && columns >= 2 && self.rows >= 2 => TableForm::Html,
            () => TableForm::Layout,
        }
    }
}

/// The innermost open element of each kind takes note; what holds that one takes note of it in turn.
fn innermost(open: &mut [Open]) -> impl Iterator<Item = &mut Open> {
    let mut seen = [false; 4];
    open.iter_mut().rev().take(8).filter(move |one| !std::mem::replace(&mut seen[one.kind as usize], true))
}

fn enter(open: &mut Vec<Open>, id: NodeId, name: &str) {
    if !open.is_empty() {
        enter_inside(open, name);
    }
    open.extend(kind(name).map(|kind| Open::new(id, kind)));
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name.as_bytes() {
        b"table" => Kind::Table,
        b"figure" => Kind::Figure,
        b"figcaption" => Kind::Caption,
        b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => Kind::Heading,
        _ => return None,
    })
}

fn enter_inside(open: &mut [Open], name: &str) {
    let is_embed = is_embed(name);
    let name = name.as_bytes();
    let heading = matches!(name, [b'h', b'1'..=b'6']);
    let hard = heading || matches!(name, b"table" | b"pre" | b"blockquote" | b"hr" | b"dl" | b"details");
    let list = matches!(name, b"ul" | b"ol");
    if let Some(last) = open.last_mut() {
        last.has_code |= name == b"pre";
    }
    for one in innermost(open) {
        // Terms and what they mean are lines; a cell holds them as such.
        let fits = name == b"dl" && one.kind == Kind::Table;
        one.hard |= hard && !fits
            || match one.kind {
                Kind::Figure => list || is_embed || name == b"figure",
                Kind::Heading => list,
                Kind::Table | Kind::Caption => false,
            };
        if one.kind == Kind::Table {
            // Where MathML names something so in a caption, it is no part of the grid.
            one.hard |= one.in_caption && matches!(name, b"tr" | b"td" | b"th" | b"caption");
            match name {
                b"tr" => {
                    one.rows += 1;
                    one.cells = 0;
                }
                b"td" | b"th" => {
                    one.cells += 1;
                    one.widest = one.widest.max(one.cells);
                    one.has_header |= name == b"th";
                    one.text = 0;
                    one.paragraphs = 0;
                }
                // A grid has its caption above it; one between the rows would change places with them.
                b"caption" => {
                    one.hard |= one.rows > 0;
                    one.in_caption = true;
                }
                b"p" => one.paragraphs += 1,
                _ if list => one.paragraphs += 2,
                _ => {}
            }
        }
    }
}

fn count(open: &mut [Open], text: &str) {
    if open.is_empty() {
        return;
    }
    let text = text.trim_ascii();
    // No character takes more than four bytes.
    let long = if text.len() > HEADING * 4 { HEADING + 1 } else { text.chars().count() };
    for one in innermost(open) {
        one.text += long;
    }
}

fn leave_part(open: &mut [Open], name: &str) {
    if !matches!(name, "td" | "th" | "caption") {
        return;
    }
    let Some(table) = open.iter_mut().rev().take(8).find(|one| one.kind == Kind::Table) else { return };
    table.in_caption &= name != "caption";
    if table.paragraphs > 1 && name != "caption" {
        table.has_blocks = true;
        table.long_cells += usize::from(table.text > LONG_CELL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::check;

    fn form(source: &str) -> TableForm {
        let tree = check::tree(source);
        let id = tree.descendants(tree.root()).find(|&id| tree.name(id) == "table").unwrap();
        Facts::of(&tree).table(id)
    }

    fn fits(source: &str, name: &str) -> bool {
        let tree = check::tree(source);
        let id = tree.descendants(tree.root()).find(|&id| tree.name(id) == name).unwrap();
        Facts::of(&tree).fits(id)
    }

    #[test]
    fn tables_of_data_are_told_from_layout() {
        let long = "长".repeat(300);
        for data in [
            "<table><tr><td>a</td><td>b</td></tr></table>",
            "<table><tr><th>a</th></tr><tr><td>b</td></tr></table>",
            "<table><tr><td><p>a</p></td><td><p>b</p><p>c</p></td></tr><tr><td>1</td><td>2</td></tr></table>",
            "<table><tr><th>a</th><th>b</th></tr><tr><td><ul><li>1</li></ul></td><td>2</td></tr></table>",
        ] {
            assert_eq!(form(data), TableForm::Grid, "{data}");
        }
        let columns =
            format!("<table><tr><td><p>a</p><p>{long}</p></td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table>");
        for layout in [
            "<table></table>",
            "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>",
            "<table><tr><td><h2>a</h2></td><td>b</td></tr></table>",
            "<table><tr><td><table><tr><td>a</td></tr></table></td><td>b</td></tr></table>",
            "<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>",
            &columns,
        ] {
            assert_eq!(form(layout), TableForm::Layout, "{layout}");
        }
        let code = "<table><tr><th>a</th><th>b</th></tr><tr><td><pre>x</pre></td><td>1</td></tr></table>";
        assert_eq!(form(code), TableForm::Html);
        let caption_amid =
            "<table><tr><th>a</th><th>b</th></tr><caption>c</caption><tr><td>1</td><td>2</td></tr></table>";
        assert_eq!(form(caption_amid), TableForm::Html);
        let cell_in_caption = "<table><caption>c<math><td>x</td></math></caption><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>";
        assert_eq!(form(cell_in_caption), TableForm::Html);
    }

    #[test]
    fn a_heading_that_was_never_closed_is_not_one_line() {
        assert!(fits("<h2><div>a</div><p>b</p></h2>", "h2"));
        assert!(!fits(&format!("<h2>a<p>{}</p></h2>", "长".repeat(400)), "h2"));
        assert!(!fits("<h2>a<ul><li>b</li></ul></h2>", "h2"));
        assert!(fits("<figure><img><p>a</p></figure>", "figure"));
        assert!(!fits("<figure><table></table></figure>", "figure"));
        assert!(fits("<figcaption><p>a</p><ul><li>b</ul></figcaption>", "figcaption"));
        assert!(!fits("<figcaption>a<pre>b\nc</pre></figcaption>", "figcaption"));
        assert!(!fits("<figcaption>a<figcaption>b<pre>c</pre></figcaption>d</figcaption>", "figcaption"));
    }
}
