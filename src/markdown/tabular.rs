//! Building tables: data becomes a grid or HTML, a layout table becomes its content.

use crate::frontmatter::Flavour;
use crate::model::tree::NodeId;

use super::build::{Builder, Scope};
use super::forms::TableForm;
use super::html;
use super::ir::Leaf;
use super::table::{Grid, Section};

impl Builder<'_> {
    /// Returns true for a data table that is written as HTML, since its cells do not fit into Markdown or the flavour has no
    /// tables.
    pub(super) fn is_html_table(&self, id: NodeId) -> bool {
        let form = self.forms.table(id);
        let no_grid = self.style.flavour == Flavour::CommonMark && form == TableForm::Grid;
        self.lines == 0 && self.style.html && (form == TableForm::Html || no_grid)
    }

    pub(super) fn html_table(&mut self, id: NodeId) {
        self.edge();
        let rows = html::compact(self.tree, id, self.images);
        self.outline.leaf(Leaf::Html(rows));
    }

    pub(super) fn open_table(&mut self, id: NodeId) {
        self.edge();
        if self.is_columns(id) {
            self.outline.leaf(Leaf::Html("<table>\n<tr>\n<td>".to_owned()));
            self.scopes.push((id, Scope::Columns));
            return;
        }
        let grid = self.forms.table(id) == TableForm::Grid && self.style.flavour == Flavour::Gfm;
        if self.lines > 0 || !grid {
            self.scopes.push((id, Scope::Block));
            return;
        }
        self.grid = Some(Grid::default());
        self.scopes.push((id, Scope::Table));
    }

    /// Returns true for texts side by side: an HTML table with Markdown in its cells.
    fn is_columns(&self, id: NodeId) -> bool {
        self.lines == 0 && self.style.html && self.forms.table(id) == TableForm::Columns
    }

    /// Returns true for a cell after the first in such a table.
    pub(super) fn is_further_column(&self, cell: NodeId) -> bool {
        let tree = self.tree;
        let table = tree.ancestors(cell).take(3).find(|&above| tree.name(above) == "table");
        table.is_some_and(|table| {
            self.is_columns(table)
                && tree
                    .parent(cell)
                    .and_then(|row| tree.children(row).find(|&one| matches!(tree.name(one), "td" | "th")))
                    != Some(cell)
        })
    }

    pub(super) fn open_table_part(&mut self, id: NodeId, name: &str) {
        if name == "caption" || self.lines > 0 {
            self.edge();
            self.scopes.push((id, Scope::Block));
        } else if name == "tr" {
            let in_head = self.tree.parent(id).is_some_and(|parent| self.tree.name(parent) == "thead");
            let section = if in_head { Section::Head } else { Section::Body };
            self.grid.iter_mut().for_each(|grid| grid.start_row(section));
            self.scopes.push((id, Scope::Row));
        } else {
            self.flush();
            self.lines += 1;
            self.scopes.push((id, Scope::Cell));
        }
    }

    pub(super) fn close_cell(&mut self) {
        let Some((id, _)) = self.scopes.last().copied() else { return };
        self.lines -= 1;
        let pieces = self.take_run();
        if let (Some(grid), Some(element)) = (&mut self.grid, self.tree.element(id)) {
            grid.cell(element, pieces);
        }
    }

    pub(super) fn close_table(&mut self) {
        if let Some(table) = self.grid.take().and_then(Grid::finish) {
            self.outline.leaf(Leaf::Table(table));
        }
    }
}
