//! Tables of data: cells in columns, whatever spans what.

use crate::model::tree::Element;

use super::ir::{Align, Piece, Table};

/// A table gets at most so many empty cells for what spans or is missing. Rows beyond that stay short.
const FILLERS: usize = 100_000;

/// No cell is taken to span more columns or rows than this.
const WIDEST_SPAN: usize = 1_000;

type Cell<'t> = Vec<Piece<'t>>;

/// A table while it is read.
#[derive(Debug, Default)]
pub(super) struct Grid<'t> {
    rows: Vec<Row<'t>>,
    /// For each column, how many more rows the cell above reaches down.
    reaching: Vec<usize>,
    align: Vec<Align>,
    fillers: usize,
}

#[derive(Debug, Default)]
struct Row<'t> {
    cells: Vec<Cell<'t>>,
    in_head: bool,
    /// All cells so far are header cells.
    headers: bool,
}

impl<'t> Grid<'t> {
    pub(super) fn start_row(&mut self, in_head: bool) {
        self.rows.push(Row { cells: Vec::new(), in_head, headers: true });
    }

    pub(super) fn cell(&mut self, element: &Element, pieces: Cell<'t>) {
        if self.rows.is_empty() {
            self.start_row(false);
        }
        self.skip_reached();
        let span =
            |name| element.attr(name).and_then(|value| value.trim().parse().ok()).unwrap_or(1).clamp(1, WIDEST_SPAN);
        let (columns, rows): (usize, usize) = (span("colspan"), span("rowspan"));
        let Some(row) = self.rows.last_mut() else { return };
        row.headers &= element.name == "th";
        let column = row.cells.len();
        row.cells.push(pieces);
        let extra = (columns - 1).min(FILLERS.saturating_sub(self.fillers));
        self.fillers += extra;
        row.cells.extend(std::iter::repeat_with(Vec::new).take(extra));
        if rows > 1 {
            let end = column + 1 + extra;
            self.reaching.resize(self.reaching.len().max(end), 0);
            // The row itself is counted down with the others when it ends.
            self.reaching[column..end].fill(rows);
        }
        self.align.resize(self.align.len().max(column + 1), Align::None);
        if self.align[column] == Align::None {
            self.align[column] = align_of(element);
        }
    }

    pub(super) fn end_row(&mut self) {
        self.skip_reached();
        self.reaching.iter_mut().for_each(|left| *left = left.saturating_sub(1));
        while self.reaching.last() == Some(&0) {
            self.reaching.pop();
        }
        if self.rows.last().is_some_and(|row| row.cells.is_empty()) {
            self.rows.pop();
        }
    }

    /// Empty cells where one from above reaches down.
    fn skip_reached(&mut self) {
        let Some(row) = self.rows.last_mut() else { return };
        while self.reaching.get(row.cells.len()).is_some_and(|left| *left > 0) && self.fillers < FILLERS {
            row.cells.push(Vec::new());
            self.fillers += 1;
        }
    }

    /// The table; None when nothing is in it.
    pub(super) fn finish(self) -> Option<Table<'t>> {
        let width = self.rows.iter().map(|row| row.cells.len()).max().filter(|width| *width > 0)?;
        let mut rows = self.rows.into_iter().peekable();
        let has_header = rows.peek().is_some_and(|row| row.in_head || row.headers);
        let header = if has_header { rows.next().map(|row| row.cells).unwrap_or_default() } else { Vec::new() };
        let mut align = self.align;
        align.resize(width, Align::None);
        Some(Table { header, rows: rows.map(|row| row.cells).collect(), align })
    }
}

fn align_of(element: &Element) -> Align {
    let style = element.attr("style").unwrap_or_default().to_ascii_lowercase();
    let styled = style.split(';').filter_map(|rule| rule.split_once(':')).find(|(name, _)| name.trim() == "text-align");
    let value = styled.map(|(_, value)| value).or(element.attr("align")).unwrap_or_default();
    match value.trim().trim_end_matches("!important").trim_end().to_ascii_lowercase().as_str() {
        "left" => Align::Left,
        "center" => Align::Center,
        "right" => Align::Right,
        _ => Align::None,
    }
}

/// The rows of a table as lines, from the text of its cells.
pub(super) fn lines(table: &Table<'_>, cell: impl Fn(&[Piece<'_>]) -> String) -> Vec<String> {
    let width = table.align.len();
    let mut missing = FILLERS;
    let mut line = |cells: &[Vec<Piece<'_>>], whole: bool| {
        let mut line = String::from("|");
        for pieces in cells {
            let text = cell(pieces);
            line.push(' ');
            line.push_str(&text);
            line.push_str(if text.is_empty() { "|" } else { " |" });
        }
        let short = width.saturating_sub(cells.len());
        // A header short of cells is no header; a row short of them is read as if it had them.
        let fill = if whole { short } else { short.min(missing) };
        missing -= fill.min(missing);
        line.push_str(&" |".repeat(fill));
        line
    };
    let mut lines = vec![line(&table.header, true)];
    let rules = table.align.iter().map(|align| match align {
        Align::None => " --- |",
        Align::Left => " :-- |",
        Align::Center => " :-: |",
        Align::Right => " --: |",
    });
    lines.push(format!("|{}", rules.collect::<String>()));
    lines.extend(table.rows.iter().map(|cells| line(cells, false)));
    lines
}

#[cfg(test)]
mod tests {
    use crate::markdown::check;

    #[test]
    fn cells_that_span_leave_their_columns_to_no_other() {
        let source = "<table><tr><th rowspan=2>甲</th><th colspan=2>乙</th></tr><tr><th>丙</th><th>丁</th></tr>\
                      <tr><td>1</td><td>2</td><td>3</td></tr></table>";
        assert_eq!(check::markdown(source), "| 甲 | 乙 | |\n| --- | --- | --- |\n| | 丙 | 丁 |\n| 1 | 2 | 3 |\n");
    }

    #[test]
    fn alignment_comes_from_attribute_or_style() {
        let source = "<table><tr><th align=CENTER>a</th><th style='color:red; text-align: right'>b</th><th>c</th></tr>\
                      <tr><td>1</td><td>2</td><td align=left>3</td></tr></table>";
        assert_eq!(check::markdown(source), "| a | b | c |\n| :-: | --: | :-- |\n| 1 | 2 | 3 |\n");
    }

    #[test]
    fn short_rows_are_filled_and_absurd_spans_are_bounded() {
        assert_eq!(check::markdown("<table><tr><th>a<th>b<tr><td>1</table>"), "| a | b |\n| --- | --- |\n| 1 | |\n");
        let row = "<tr><td rowspan=65000 colspan=65000>x</td><td>y</td></tr>";
        let written = check::markdown(&format!("<table>{}</table>", row.repeat(500)));
        assert_eq!(written.matches('x').count(), 500);
        assert!(written.len() < 1_000_000, "{}", written.len());
    }
}
