//! Finds the units of a page: tables of data rather than layout, lists of text rather than menus of cards, code.

use super::blocks::Block;
use super::blocks::containers::Containers;
use super::scan::{self, Scan};

/// The maximum average weight of a cell, item or definition (400 letters, 130 Han characters); parts of a layout are
/// heavier.
const PART: u32 = 400;

/// The maximum average number of blocks in a cell or item.
const BLOCKS: u32 = 4;

/// The indexes of forums and users among the topics, and their maximum distance from a poster's profile.
const FORUM: usize = 22;
const USER: usize = 32;
const POST: u8 = 5;

/// The kind of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A table of data.
    Table,
    /// A list with all that is nested in it.
    List,
    /// A list whose items are a heading and a text each.
    Steps,
    /// A definition list.
    Terms,
    /// Code or other preformatted text.
    Code,
}

/// A part of the page that is kept complete or not at all.
#[derive(Debug)]
pub struct Unit {
    pub kind: Kind,
    /// The unit's element, as an index in the scan.
    pub at: usize,
    /// The unit's blocks: the first, and one past the last.
    pub from: usize,
    pub to: usize,
}

/// Counts of the elements that distinguish one kind from another.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    tables: u32,
    rows: u32,
    /// Rows of more than one cell.
    wide: u32,
    cells: u32,
    lists: u32,
    items: u32,
    terms: u32,
    headings: u32,
    /// Articles, forms and sections: signs of a layout.
    parts: u32,
    /// Blocks directly in an item, a list or a paragraph.
    plain: u32,
}

impl Count {
    fn plus(self, other: Self) -> Self {
        Self {
            tables: self.tables + other.tables,
            rows: self.rows + other.rows,
            wide: self.wide + other.wide,
            cells: self.cells + other.cells,
            lists: self.lists + other.lists,
            items: self.items + other.items,
            terms: self.terms + other.terms,
            headings: self.headings + other.headings,
            parts: self.parts + other.parts,
            plain: self.plain + other.plain,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            tables: self.tables - other.tables,
            rows: self.rows - other.rows,
            wide: self.wide - other.wide,
            cells: self.cells - other.cells,
            lists: self.lists - other.lists,
            items: self.items - other.items,
            terms: self.terms - other.terms,
            headings: self.headings - other.headings,
            parts: self.parts - other.parts,
            plain: self.plain - other.plain,
        }
    }

    fn of(scan: &Scan<'_>, at: usize) -> Self {
        let mut count = Self::default();
        match scan.name(at) {
            "table" => count.tables = 1,
            "tr" => {
                let is_cell = |&child: &usize| matches!(scan.name(child), "td" | "th");
                count.rows = 1;
                count.wide = u32::from(scan.children(at).filter(is_cell).nth(1).is_some());
            }
            "td" | "th" => count.cells = 1,
            "ul" | "ol" => count.lists = 1,
            "li" => count.items = 1,
            "dt" | "dd" => count.terms = 1,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => count.headings = 1,
            "article" | "form" | "section" => count.parts = 1,
            _ => {}
        }
        count
    }
}

/// Returns the outermost units of a page, in reading order.
pub fn units(scan: &Scan<'_>, blocks: &[Block], containers: &Containers) -> Vec<Unit> {
    let mut sums = Vec::with_capacity(scan.entries.len() + 1);
    sums.push(Count::default());
    let mut blocks = blocks.iter().peekable();
    for at in 0..scan.entries.len() {
        let mut count = Count::of(scan, at);
        while let Some(block) = blocks.next_if(|block| block.first <= at) {
            count.plain += u32::from(matches!(scan.name(block.element), "li" | "p" | "ul" | "ol"));
        }
        sums.push(sums[at].plus(count));
    }
    let mut units = Vec::new();
    let mut at = 0;
    while at < scan.entries.len() {
        let (from, to) = containers.range(scan, at);
        let below = || sums[scan.entries[at].end].minus(sums[at + 1]);
        let kind = if to > from && !scan.entries[at].unseen { kind(scan, containers, at, &below()) } else { None };
        match kind {
            Some(kind) => {
                units.push(Unit { kind, at, from, to });
                at = scan.entries[at].end;
            }
            None => at += 1,
        }
    }
    units
}

fn kind(scan: &Scan<'_>, containers: &Containers, at: usize, below: &Count) -> Option<Kind> {
    let inside = containers.inside(scan, at);
    let is_short = |parts: u32| inside.weight <= PART * parts && inside.blocks <= BLOCKS * parts;
    if scan.entries[at].unit == Some(scan::Unit::Code) {
        return Some(Kind::Code);
    }
    match scan.name(at) {
        "table" => {
            let is_data = below.tables == 0
                && below.wide >= 1
                && below.rows >= 2
                && below.parts == 0
                && below.headings <= below.rows;
            let is_text = inside.paragraphs > below.cells;
            (is_data && !is_text && is_short(below.cells) && !is_layout(scan, at)).then_some(Kind::Table)
        }
        "ul" | "ol" => {
            let is_plain =
                below.items >= 2 && below.tables == 0 && below.parts == 0 && below.headings * 2 < below.items;
            // Cards and posts consist of many small parts.
            let is_text = below.terms == 0 && below.plain * 3 >= inside.blocks * 2;
            let is_line = below.lists == 0 && inside.blocks * 2 <= below.items * 3;
            // Teasers of other pages are links, steps are not.
            let is_steps = below.items >= 2
                && below.headings == below.items
                && below.tables + below.parts + below.lists == 0
                && inside.linked * 10 <= inside.weight;
            let is_list = is_plain && (is_text || is_line) && is_short(below.items);
            let steps = (is_steps && is_short(below.items)).then_some(Kind::Steps);
            if is_list { Some(Kind::List) } else { steps }
        }
        "dl" => {
            let is_plain = below.terms >= 2 && below.tables == 0 && below.parts == 0 && below.headings == 0;
            let near = containers.near(at);
            // A forum lists facts about a post's author this way.
            let is_profile = near[FORUM] <= POST || near[USER] <= POST;
            (is_plain && !is_profile && is_short(below.terms)).then_some(Kind::Terms)
        }
        "pre" => Some(Kind::Code),
        _ => None,
    }
}

/// Returns true for a table with a presentation role, or a calendar, whose days are links to other pages.
fn is_layout(scan: &Scan<'_>, at: usize) -> bool {
    let Some(element) = scan.element(at) else { return true };
    let says = |name: &str, words: &[&str]| {
        let value = element.attr(name).unwrap_or_default().to_ascii_lowercase();
        words.iter().any(|word| value.contains(word))
    };
    says("role", &["presentation", "none"]) || says("class", &["calendar"]) || says("id", &["calendar"])
}

/// Returns an element and its ancestors, innermost first.
pub fn ancestors<'s>(scan: &'s Scan<'_>, at: usize) -> impl Iterator<Item = usize> + 's {
    std::iter::successors(Some(at), |&at| Some(scan.entries[at].parent).filter(|_| at > 0))
}
