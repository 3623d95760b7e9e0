//! List items and table rows with the same structure: what most of them keep, the others keep too.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::scan::Scan;
use super::selection::Selection;

/// The minimum number of items that show a pattern.
const ITEMS: usize = 3;

/// The maximum depth of a part below its item, in elements.
const DEEP: usize = 12;

/// A part of an item: its list, and a hash of the elements between item and part.
type Look = (usize, u64);

/// Keeps the parts of items that most items of the same list keep: a byline, a date, the source of a quotation.
pub fn correct(scan: &Scan<'_>, selection: &mut Selection) {
    // The second part of an item with the same look as the first is counted separately.
    let mut counts: HashMap<Look, (usize, u32), RandomState> = HashMap::default();
    let mut votes: HashMap<(Look, u32), (usize, usize), RandomState> = HashMap::default();
    let mut left_out = Vec::new();
    for block in 0..selection.blocks.len() {
        let Some((item, look)) = part(scan, selection, block) else { continue };
        let count = counts.entry(look).or_default();
        *count = if count.0 == item { (item, count.1 + 1) } else { (item, 0) };
        let (items, kept) = votes.entry((look, count.1)).or_default();
        *items += 1;
        *kept += usize::from(selection.kept[block]);
        if !selection.kept[block] {
            left_out.push((block, (look, count.1)));
        }
    }
    for (block, part) in left_out {
        let (items, kept) = votes[&part];
        selection.kept[block] = items >= ITEMS && kept * 3 >= items * 2;
    }
}

/// Returns the item or row that contains a block, and the look of the elements between them; None outside lists and
/// tables, and for hidden blocks.
fn part(scan: &Scan<'_>, selection: &Selection, block: usize) -> Option<(usize, Look)> {
    let first = selection.blocks[block].first;
    if scan.entries[first].hidden {
        return None;
    }
    let mut at = selection.blocks[block].element;
    let mut look = 0u64;
    for _ in 0..DEEP {
        if matches!(scan.name(at), "li" | "tr") {
            return Some((at, (scan.entries[at].parent, look)));
        }
        if at == 0 {
            return None;
        }
        look = look.rotate_left(5) ^ selection.containers.look(at);
        at = scan.entries[at].parent;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::Page;
    use crate::model::{Origin, RawPage};

    /// Returns what is kept of a page after everything but `left_out` was chosen.
    fn kept(html: &str, left_out: &[&str]) -> String {
        let raw = RawPage::from_bytes(html.as_bytes().to_vec(), None, Origin::Replay, None);
        let page = Page::parse(&raw);
        let scan = Scan::of(&page);
        let mut selection = Selection::all(&scan);
        for at in 0..selection.blocks.len() {
            selection.kept[at] = !left_out.contains(&selection.blocks[at].words(&scan).trim());
        }
        correct(&scan, &mut selection);
        let words = selection.blocks.iter().zip(&selection.kept).filter(|(_, kept)| **kept);
        words.map(|(block, _)| block.words(&scan).trim().to_owned() + "|").collect()
    }

    #[test]
    fn a_card_keeps_its_byline_when_the_other_cards_do() {
        let card = |title: &str, by: &str| format!("<li><h3>{title}</h3><p class=by>{by}</p></li>");
        let cards = [card("渡口", "林远"), card("木牌", "周师傅"), card("Le bac", "par Anne Roux")].concat();
        assert_eq!(
            kept(&format!("<ul>{cards}</ul>"), &["par Anne Roux"]),
            "渡口|林远|木牌|周师傅|Le bac|par Anne Roux|"
        );
        assert_eq!(kept(&format!("<ul>{cards}</ul>"), &["周师傅", "par Anne Roux"]), "渡口|林远|木牌|Le bac|");
    }

    #[test]
    fn the_second_link_of_each_item_is_decided_on_its_own() {
        let item = |n: usize| format!("<li><p><a href=/{n}>第{n}篇</a></p><p><a href=/b{n}>买第{n}册</a></p></li>");
        let list = format!("<ol>{}{}{}</ol>", item(1), item(2), item(3));
        assert_eq!(kept(&list, &["买第1册", "买第2册", "买第3册"]), "第1篇|第2篇|第3篇|");
    }

    #[test]
    fn rows_of_one_table_keep_the_same_cells() {
        let row = |day: &str| format!("<tr><td>Fähre</td><td><span class=age>{day}</span></td></tr>");
        let table = format!("<table>{}{}{}{}</table>", row("一天前"), row("2 Tage"), row("3 Tage"), row("4 Tage"));
        assert_eq!(kept(&table, &["一天前"]), "Fähre|一天前|Fähre|2 Tage|Fähre|3 Tage|Fähre|4 Tage|");
    }
}
