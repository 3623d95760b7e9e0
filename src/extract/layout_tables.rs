//! Layout tables: their cells become paragraphs, in reading order.

use crate::html;
use crate::html::text;
use crate::model::tree::{NodeId, Tree};

/// The attribute that carries a table's declaration from the build to [`unwrap_all`], which removes it.
pub const LAYOUT: &str = "x-layout";

/// Cells up to this weight may be data.
const SHORT: usize = 60;

/// Heavier cells are prose.
const LONG: usize = 240;

/// How clearly a table declares that it is layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutClaim {
    /// Its role is presentation.
    Declared,
    /// It has no border, padding and spacing.
    Likely,
}

impl LayoutClaim {
    /// Returns the value of the attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Likely => "likely",
        }
    }
}

/// Returns what a table declares; None for other tables and elements.
pub fn declared_layout(element: &html::Element) -> Option<LayoutClaim> {
    if element.name() != "table" {
        return None;
    }
    if element.attr("role").is_some_and(|role| matches!(role.trim(), "presentation" | "none")) {
        return Some(LayoutClaim::Declared);
    }
    let nothing = |name| element.attr(name).is_some_and(|value| matches!(value.trim(), "0" | "0px"));
    let borderless = element.attr("border").is_none_or(|value| matches!(value.trim(), "" | "0" | "0px" | "none"));
    (borderless && nothing("cellpadding") && nothing("cellspacing")).then_some(LayoutClaim::Likely)
}

/// Turns layout tables into containers.
pub fn unwrap_all(tree: &mut Tree) {
    let tables: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| tree.attr(id, LAYOUT).is_some()).collect();
    // Innermost first, so that the content of nested tables is known.
    for &table in tables.iter().rev() {
        let shape = Shape::of(tree, table);
        let is_declared = tree.attr(table, LAYOUT) == Some(LayoutClaim::Declared.as_str());
        let is_layout = if is_declared { shape.fits_declaration() } else { shape.looks_like_layout() };
        if is_layout {
            shape.parts.into_iter().chain([table]).for_each(|part| unwrap(tree, part));
        }
    }
    for table in tables {
        if let Some(element) = tree.element_mut(table) {
            element.attrs.retain(|(name, _)| name != LAYOUT);
        }
    }
}

fn unwrap(tree: &mut Tree, part: NodeId) {
    if let Some(element) = tree.element_mut(part) {
        element.name = "div".into();
        element.attrs.retain(|(name, _)| name == LAYOUT);
    }
}

/// The structure of a table without the tables in its cells.
#[derive(Default)]
struct Shape {
    /// Rows, their groups, and cells.
    parts: Vec<NodeId>,
    rows: usize,
    /// The number of cells in the widest row.
    widest: usize,
    has_header: bool,
    /// True inside another table that may be layout.
    inside: bool,
    /// True when a cell contains a table, a list, a heading or an image.
    has_parts: bool,
    /// The weight of the longest cell.
    longest: usize,
}

impl Shape {
    fn of(tree: &Tree, table: NodeId) -> Self {
        let inside = tree.ancestors(table).take(12).any(|above| tree.attr(above, LAYOUT).is_some());
        let mut shape = Self { inside, ..Self::default() };
        let rows: Vec<NodeId> = tree
            .children(table)
            .flat_map(|child| {
                let group = matches!(tree.name(child), "tbody" | "thead" | "tfoot");
                let own = (!group).then_some(child);
                own.into_iter().chain(tree.children(child).filter(move |_| group))
            })
            .collect();
        for child in tree.children(table) {
            shape.has_header |= matches!(tree.name(child), "thead" | "caption");
            shape.parts.extend(Some(child).filter(|&child| matches!(tree.name(child), "tbody" | "tfoot")));
        }
        for row in rows.into_iter().filter(|&row| tree.name(row) == "tr") {
            shape.rows += 1;
            shape.parts.push(row);
            let cells = tree.children(row).filter(|&cell| matches!(tree.name(cell), "td" | "th"));
            let before = shape.parts.len();
            cells.for_each(|cell| shape.cell(tree, cell));
            shape.widest = shape.widest.max(shape.parts.len() - before);
        }
        shape
    }

    fn cell(&mut self, tree: &Tree, cell: NodeId) {
        self.parts.push(cell);
        self.has_header |= tree.name(cell) == "th";
        let mut weight = 0;
        for below in tree.descendants(cell).skip(1).take(200) {
            self.has_parts |=
                matches!(tree.name(below), "table" | "img" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol");
            weight += tree.text_of(below).map_or(0, text::weight);
        }
        self.longest = self.longest.max(weight);
    }

    /// Returns true for a layout table that the page declares as one.
    fn fits_declaration(&self) -> bool {
        !self.has_header && (self.widest <= 1 || self.rows == 1 || self.has_content())
    }

    /// Returns true for a layout table that the page does not declare.
    fn looks_like_layout(&self) -> bool {
        let is_row_of_layout = self.rows == 1 && (self.inside || self.has_content());
        !self.has_header && (self.widest <= 1 || is_row_of_layout || self.inside && self.longest > LONG)
    }

    fn has_content(&self) -> bool {
        self.longest > SHORT || self.has_parts
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::{Options, extract};
    use crate::frontmatter::Profile;
    use crate::markdown;
    use crate::model::{ImageMap, Origin, RawPage};

    fn written(html: &str) -> String {
        let raw = RawPage::from_bytes(html.into(), None, Origin::Replay, None);
        let article = extract(&raw, Options { fragment: true, ..Options::default() }).unwrap();
        markdown::write(&article, &ImageMap::new(), &Profile::default()).body
    }

    const BARE: &str = "border=0 cellpadding=0 cellspacing=0";

    #[test]
    fn a_letter_laid_out_in_tables_is_read_in_paragraphs() {
        let long = "渡口的灯每天傍晚亮起来，撑船的人把缆绳绕在石桩上，等最后一班放学的孩子过河。";
        for table in ["role=presentation", BARE] {
            let columns = format!("<table {table}><tr><td>{long}</td><td><b>灯</b><br>{long}</td></tr></table>");
            let letter = format!("<table {table}><tr><td>甲</td></tr><tr><td>{columns}</td></tr></table>");
            assert_eq!(written(&letter), format!("甲\n\n{long}\n\n**灯**\\\n{long}\n"), "{table}");
        }
    }

    #[test]
    fn a_table_of_figures_stays_a_table() {
        let cells = "<tr><td>六</td><td>9.4</td></tr><tr><td>七</td><td>7.1</td></tr><tr><td>八</td><td>3.3</td></tr>";
        for table in ["border=1", BARE, "role=presentation"] {
            let html = format!("<table {BARE}><tr><td><table {table}>{cells}</table></td></tr></table>");
            assert!(written(&html).contains("| 七 | 7.1 |"), "{table}");
        }
        let headed =
            "<table role=presentation><tr><th>蜂箱</th><th>增重</th></tr><tr><td>六</td><td>9.4</td></tr></table>";
        assert!(written(headed).contains("| 六 | 9.4 |"));
    }
}
