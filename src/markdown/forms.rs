//! The form in which a table, figure, caption or heading is written. It depends on the whole element and must be known
//! before its first child is written, so it is determined by a walk of its own.

use std::collections::BTreeMap;

use crate::model::tree::{Edge, Node, NodeId, Tree};

use super::names::is_embed;
use crate::html::elements::is_heading;

/// The maximum length of a heading, in characters. A longer one was not closed and contains the rest of the page.
const MAX_HEADING: usize = 300;

/// The length in characters above which a cell with lists or several paragraphs belongs to a layout table.
const LONG_CELL: usize = 200;

/// The form of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TableForm {
    /// A Markdown table.
    Grid,
    /// An HTML table, since a cell holds code, a table or a heading.
    Html,
    /// Texts side by side, each of several paragraphs: an HTML table with Markdown in its cells.
    Columns,
    /// A layout table, whose content is written in sequence.
    Layout,
}

/// The forms of the tables, figures, captions and headings of a tree.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// For each figure, caption and heading, whether Markdown's own form fits.
    fits: BTreeMap<NodeId, bool>,
    tables: BTreeMap<NodeId, TableForm>,
}

/// An open element whose form is being determined.
#[derive(Debug)]
struct OpenElement {
    node: NodeId,
    kind: ElementKind,
    /// Contains something that must be a block of its own.
    hard: bool,
    /// Contains preformatted code.
    has_code: bool,
    rows: usize,
    widest: usize,
    cells: usize,
    has_header: bool,
    /// The number of characters of the open cell or of the heading.
    text: usize,
    paragraphs: usize,
    has_blocks: bool,
    long_cells: usize,
    /// A table's caption is open.
    in_caption: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ElementKind {
    Table,
    Figure,
    Caption,
    Heading,
}

impl Forms {
    /// Determines the forms of a whole tree.
    pub(super) fn of(tree: &Tree) -> Self {
        let mut forms = Self::default();
        forms.walk(tree, tree.root());
        forms
    }

    /// Determines the form of an element and of those in it, unless it is known.
    pub(super) fn determine(&mut self, tree: &Tree, id: NodeId) {
        if kind(tree.name(id)).is_some() && !self.fits.contains_key(&id) && !self.tables.contains_key(&id) {
            self.walk(tree, id);
        }
    }

    fn walk(&mut self, tree: &Tree, top: NodeId) {
        let mut open: Vec<OpenElement> = Vec::new();
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
                            ElementKind::Table => self.tables.insert(id, last.table()).is_some(),
                            _ => self.fits.insert(id, last.fits()).is_some(),
                        };
                    }
                }
            }
        }
    }

    /// Returns the form of a table.
    pub(super) fn table(&self, id: NodeId) -> TableForm {
        self.tables.get(&id).copied().unwrap_or(TableForm::Layout)
    }

    /// Returns true when Markdown's own form fits: for a figure, images, lines and a caption; for a caption, lines without
    /// preformatted code; for a heading, one line.
    pub(super) fn fits(&self, id: NodeId) -> bool {
        self.fits.get(&id).copied().unwrap_or(false)
    }
}

impl OpenElement {
    fn new(node: NodeId, kind: ElementKind) -> Self {
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
            ElementKind::Figure => !self.hard,
            ElementKind::Caption => !self.has_code,
            ElementKind::Heading | ElementKind::Table => !self.hard && self.text <= MAX_HEADING,
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

/// Returns the innermost open element of each kind. Outer ones learn of the content when an inner one is closed.
fn innermost(open: &mut [OpenElement]) -> impl Iterator<Item = &mut OpenElement> {
    let mut seen = [false; 4];
    open.iter_mut().rev().take(8).filter(move |one| !std::mem::replace(&mut seen[one.kind as usize], true))
}

fn enter(open: &mut Vec<OpenElement>, id: NodeId, name: &str) {
    if !open.is_empty() {
        enter_inside(open, name);
    }
    open.extend(kind(name).map(|kind| OpenElement::new(id, kind)));
}

fn kind(name: &str) -> Option<ElementKind> {
    Some(match name.as_bytes() {
        b"table" => ElementKind::Table,
        b"figure" => ElementKind::Figure,
        b"figcaption" => ElementKind::Caption,
        _ if is_heading(name) => ElementKind::Heading,
        _ => return None,
    })
}

fn enter_inside(open: &mut [OpenElement], name: &str) {
    let is_embed = is_embed(name);
    let heading = is_heading(name);
    let name = name.as_bytes();
    let hard = heading || matches!(name, b"table" | b"pre" | b"blockquote" | b"hr" | b"dl" | b"details");
    let list = matches!(name, b"ul" | b"ol");
    if let Some(last) = open.last_mut() {
        last.has_code |= name == b"pre";
    }
    for one in innermost(open) {
        // A definition list becomes lines, which fit into a cell.
        let fits = name == b"dl" && one.kind == ElementKind::Table;
        one.hard |= hard && !fits
            || match one.kind {
                ElementKind::Figure => list || is_embed || name == b"figure",
                ElementKind::Heading => list,
                ElementKind::Table | ElementKind::Caption => false,
            };
        if one.kind == ElementKind::Table {
            // MathML in a caption may contain elements of these names, which are not part of the grid.
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
                // The caption of a grid is written above it, so one between the rows would move.
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

fn count(open: &mut [OpenElement], text: &str) {
    if open.is_empty() {
        return;
    }
    let text = text.trim_ascii();
    // A character has at most four bytes.
    let long = if text.len() > MAX_HEADING * 4 { MAX_HEADING + 1 } else { text.chars().count() };
    for one in innermost(open) {
        one.text += long;
    }
}

fn leave_part(open: &mut [OpenElement], name: &str) {
    if !matches!(name, "td" | "th" | "caption") {
        return;
    }
    let Some(table) = open.iter_mut().rev().take(8).find(|one| one.kind == ElementKind::Table) else { return };
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
        Forms::of(&tree).table(id)
    }

    fn fits(source: &str, name: &str) -> bool {
        let tree = check::tree(source);
        let id = tree.descendants(tree.root()).find(|&id| tree.name(id) == name).unwrap();
        Forms::of(&tree).fits(id)
    }

    #[test]
    fn data_tables_are_distinguished_from_layout_tables() {
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
    fn an_unclosed_heading_does_not_fit_on_one_line() {
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
