//! Data tables: cells in columns, with `rowspan` and `colspan` resolved.

use crate::model::tree::Element;

use super::ir::{Align, Mark, Piece, Table, has_content};

/// The maximum number of empty cells that a table gets for spans and missing cells. Further rows stay short.
const MAX_FILLERS: usize = 100_000;

/// The maximum number of columns or rows that a cell can span.
const MAX_SPAN: usize = 1_000;

/// The minimum number of rows of numbers for the first row to count as a header.
const ROWS_OF_NUMBERS: usize = 3;

type Cell<'t> = Vec<Piece<'t>>;

/// A table under construction.
#[derive(Debug, Default)]
pub(super) struct Grid<'t> {
    rows: Vec<Row<'t>>,
    /// For each column, the number of further rows that the cell above spans.
    reaching: Vec<usize>,
    align: Vec<Align>,
    fillers: usize,
}

/// The section of a table that a row is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Head,
    Body,
}

#[derive(Debug)]
struct Row<'t> {
    cells: Vec<Cell<'t>>,
    section: Section,
    /// All its cells so far are header cells.
    headers: bool,
    /// The number of its own cells, without fillers.
    own: usize,
}

impl<'t> Grid<'t> {
    pub(super) fn start_row(&mut self, section: Section) {
        self.rows.push(Row { cells: Vec::new(), section, headers: true, own: 0 });
    }

    pub(super) fn cell(&mut self, element: &Element, pieces: Cell<'t>) {
        if self.rows.is_empty() {
            self.start_row(Section::Body);
        }
        self.skip_reached();
        let span =
            |name| element.attr(name).and_then(|value| value.trim().parse().ok()).unwrap_or(1).clamp(1, MAX_SPAN);
        let (columns, rows): (usize, usize) = (span("colspan"), span("rowspan"));
        let Some(row) = self.rows.last_mut() else { return };
        row.headers &= element.name == "th";
        row.own += 1;
        let column = row.cells.len();
        row.cells.push(pieces);
        let extra = (columns - 1).min(MAX_FILLERS.saturating_sub(self.fillers));
        self.fillers += extra;
        row.cells.extend(std::iter::repeat_with(Vec::new).take(extra));
        if rows > 1 {
            let end = column + 1 + extra;
            self.reaching.resize(self.reaching.len().max(end), 0);
            // The row itself is counted too, since it is subtracted when it ends.
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

    /// Adds empty cells where cells above span this row.
    fn skip_reached(&mut self) {
        let Some(row) = self.rows.last_mut() else { return };
        while self.reaching.get(row.cells.len()).is_some_and(|left| *left > 0) && self.fillers < MAX_FILLERS {
            row.cells.push(Vec::new());
            self.fillers += 1;
        }
    }

    /// Returns the table; None for one without cells.
    pub(super) fn finish(self) -> Option<Table<'t>> {
        let width = self.rows.iter().map(|row| row.cells.len()).max().filter(|width| *width > 0)?;
        let has_header = self.rows.first().is_some_and(|row| row.section == Section::Head || row.headers)
            || begins_with_header(&self.rows, width);
        let mut rows = self.rows.into_iter();
        let header = if has_header { rows.next().map(|row| row.cells).unwrap_or_default() } else { Vec::new() };
        let mut align = self.align;
        align.resize(width, Align::None);
        Some(Table { header, rows: rows.map(|row| row.cells).collect(), align })
    }
}

/// Returns true when the first row is a header although not marked as one: it is the only row and has an image, it has one
/// cell over the whole width, it is bold and the others are not, or it names columns of numbers.
fn begins_with_header(rows: &[Row<'_>], width: usize) -> bool {
    let [first, body @ ..] = rows else { return false };
    let named = first.cells.len() == width && first.cells.iter().all(|cell| has_content(cell));
    let over_all = first.own == 1 && first.cells.len() == width && width > 1;
    let bold = |row: &Row<'_>| row.cells.iter().all(|cell| is_bold(cell));
    let numbers = |column: usize| body.iter().all(|row| row.cells.get(column).is_some_and(|cell| is_number(cell)));
    let over_numbers = || {
        body.len() >= ROWS_OF_NUMBERS
            && !first.cells.iter().any(|cell| is_number(cell))
            && (0..width).filter(|&column| numbers(column)).count() * 2 >= width
    };
    let has_image = || first.cells.iter().flatten().any(|piece| matches!(piece, Piece::Image(_)));
    (body.is_empty() && has_image()) || over_all || named && (bold(first) && !body.iter().all(bold) || over_numbers())
}

/// Returns true when all visible text is bold.
fn is_bold(cell: &[Piece<'_>]) -> bool {
    let mut depth = 0usize;
    let mut seen = false;
    for piece in cell {
        match piece {
            Piece::Open(Mark::Strong) => depth += 1,
            Piece::Close(Mark::Strong) => depth = depth.saturating_sub(1),
            Piece::Text(text) if super::chars::has_visible(text) => {
                if depth == 0 {
                    return false;
                }
                seen = true;
            }
            _ => {}
        }
    }
    seen
}

/// Returns true for a number, perhaps with a unit: `22.3MB (-29%)`.
fn is_number(cell: &[Piece<'_>]) -> bool {
    let text: String =
        cell.iter().filter_map(|piece| if let Piece::Text(text) = piece { Some(*text) } else { None }).collect();
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || "$€£¥￥+-−~(<>≈".contains(c));
    start.starts_with(|c: char| c.is_ascii_digit())
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

/// The part of a table that a row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowKind {
    Header,
    Body,
}

/// Returns the rows of a table as lines. `cell` returns the text of a cell.
pub(super) fn lines<'t>(table: &Table<'t>, mut cell: impl FnMut(&[Piece<'t>]) -> String) -> Vec<String> {
    let width = table.align.len();
    let mut missing = MAX_FILLERS;
    let mut line = |cells: &[Vec<Piece<'t>>], row: RowKind| {
        let mut line = String::from("|");
        for pieces in cells {
            let text = cell(pieces);
            line.push(' ');
            line.push_str(&text);
            line.push_str(if text.is_empty() { "|" } else { " |" });
        }
        let short = width.saturating_sub(cells.len());
        // A header must have all cells; for other rows missing cells are optional.
        let fill = if row == RowKind::Header { short } else { short.min(missing) };
        missing -= fill.min(missing);
        line.push_str(&" |".repeat(fill));
        line
    };
    let mut lines = vec![line(&table.header, RowKind::Header)];
    let rules = table.align.iter().map(|align| match align {
        Align::None => " --- |",
        Align::Left => " :-- |",
        Align::Center => " :-: |",
        Align::Right => " --: |",
    });
    lines.push(format!("|{}", rules.collect::<String>()));
    lines.extend(table.rows.iter().map(|cells| line(cells, RowKind::Body)));
    lines
}

#[cfg(test)]
mod tests {
    use crate::markdown::check;

    #[test]
    fn spanned_cells_are_filled_with_empty_cells() {
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
    fn short_rows_are_filled_and_huge_spans_are_limited() {
        assert_eq!(check::markdown("<table><tr><th>a<th>b<tr><td>1</table>"), "| a | b |\n| --- | --- |\n| 1 | |\n");
        let row = "<tr><td rowspan=65000 colspan=65000>x</td><td>y</td></tr>";
        let written = check::markdown(&format!("<table>{}</table>", row.repeat(500)));
        assert_eq!(written.matches('x').count(), 500);
        assert!(written.len() < 1_000_000, "{}", written.len());
    }
}
