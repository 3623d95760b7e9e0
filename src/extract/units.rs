//! Decides on units: a data table, a list, a definition list or a code block is kept complete or not at all.

use std::collections::BTreeSet;

use super::blocks::Block;
use super::blocks::containers::heading_level;
use super::find_units::{Kind, Unit, ancestors};
use super::labels::{self, Label};
use super::page_regions::PageRegion;
use super::scan::Scan;
use super::selection::Selection;

/// A block with at least this share of its text in links is a link.
const LINK: f32 = 0.85;

/// The maximum number of elements from a unit up to its container.
const UP: usize = 4;

/// The same from the block beside it, which may be in a list or table.
const UP_BESIDE: usize = 7;

/// The maximum number of elements from a block up to boilerplate inside its unit.
const INSIDE: usize = 12;

/// The maximum number of blocks from a heading to its list: an edit link may stand between them.
const INTRO: usize = 3;

/// The maximum weight of the text between a heading and its list.
const EDIT: u32 = 20;

/// Text of this weight (40 letters, 14 Han characters) with a punctuation mark is a sentence.
const SENTENCE: u32 = 40;

/// Words that mark boilerplate inside a cell or an item.
const BOILERPLATE: [&str; 24] = [
    "ad",
    "ads",
    "adsbygoogle",
    "advert",
    "advertisement",
    "comment",
    "comments",
    "dropdown",
    "feedback",
    "login",
    "menu",
    "modal",
    "nav",
    "navigation",
    "newsletter",
    "overlay",
    "popup",
    "share",
    "shares",
    "sharing",
    "signup",
    "social",
    "toolbar",
    "tooltip",
];

/// Topics around a unit that is boilerplate: comments, menus, footers, share buttons, other articles, advertisements,
/// notices, breadcrumbs, page numbers, forms.
const BOILERPLATE_TOPICS: u64 =
    1 << 0 | 1 << 1 | 1 << 2 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14;

/// A unit with at least this average score may be text.
const LIKELY: f32 = 0.1;

/// The same for a list, which is more often boilerplate.
const LIKELY_LIST: f32 = 0.25;

/// Where a unit stands relative to the kept text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UnitPosition {
    /// Between two parts of the text.
    Inside,
    /// Before the first part of the text.
    First,
    /// After the last part of the text.
    Last,
    /// Not beside any kept text.
    Apart,
}

/// The text of a unit without the boilerplate in it.
#[derive(Default)]
struct UnitText {
    /// Its blocks.
    blocks: Vec<usize>,
    /// Weights: all of it, what is kept, and what is in links.
    all: u32,
    kept: u32,
    linked: u32,
    /// Sum of the scores, by weight.
    score: f32,
    /// How many blocks are links.
    links: usize,
}

/// Decides on every unit of a page and records which tables are kept.
pub fn correct(scan: &Scan<'_>, selection: &mut Selection) {
    selection.tables.clear();
    let mut tables = BTreeSet::new();
    let units = std::mem::take(&mut selection.units);
    for unit in &units {
        let text = unit_text(scan, selection, unit);
        if text.blocks.is_empty() {
            continue;
        }
        let intro = intro(scan, selection, unit);
        let position = position(scan, selection, unit, intro);
        let Some(keeps) = keeps(scan, selection, unit, (&text, intro, position)) else { continue };
        apply(scan, selection, unit, (&text, intro, keeps));
        if keeps && unit.kind == Kind::Table {
            tables.insert(unit.at);
        }
    }
    (selection.tables, selection.units) = (tables, units);
}

fn unit_text(scan: &Scan<'_>, selection: &Selection, unit: &Unit) -> UnitText {
    let mut text = UnitText::default();
    let is_hidden = scan.entries[unit.at].hidden;
    for at in unit.from..unit.to {
        let block = &selection.blocks[at];
        if scan.entries[block.first].hidden && !is_hidden || is_in_boilerplate(scan, block, unit.at) {
            continue;
        }
        let weight = block.text.weight.max(1);
        text.blocks.push(at);
        text.all += weight;
        text.kept += if selection.kept[at] { weight } else { 0 };
        text.linked += block.text.linked;
        text.score += selection.scores[at] * weight as f32;
        text.links += usize::from(block.text.link_density() >= LINK);
    }
    text
}

/// Returns true for a control, or for what a name inside the unit marks as boilerplate. A cell's name does not count: it
/// says what the column is about.
fn is_in_boilerplate(scan: &Scan<'_>, block: &Block, unit: usize) -> bool {
    let mut inside = ancestors(scan, scan.entries[block.first].parent).take_while(|&at| at > unit).take(INSIDE);
    inside.any(|at| {
        let is_part = matches!(scan.name(at), "li" | "td" | "th" | "dt" | "dd" | "tr" | "tbody" | "thead");
        let named = matches!(scan.entries[at].region, PageRegion::Boilerplate(word) if BOILERPLATE.contains(&word));
        scan.name(at) == "button" || named && !is_part
    })
}

/// Returns the heading or label directly before a unit; None without one.
fn intro(scan: &Scan<'_>, selection: &Selection, unit: &Unit) -> Option<usize> {
    for at in (0..unit.from).rev().take(INTRO) {
        let block = &selection.blocks[at];
        let is_heading = heading_level(scan.name(block.element)) > 0
            || matches!(scan.name(block.element), "p" | "div" | "span" | "summary" | "caption")
                && block.text.weight <= 2 * SENTENCE
                && labels::of(&block.words(scan)).is_some();
        if is_heading {
            return Some(at);
        }
        if block.text.weight > EDIT || selection.kept[at] {
            break;
        }
    }
    None
}

fn position(scan: &Scan<'_>, selection: &Selection, unit: &Unit, intro: Option<usize>) -> UnitPosition {
    let is_near = |at: usize| selection.kept[at] && is_near(scan, unit.at, selection.blocks[at].element);
    let before = |at: usize| at.checked_sub(1).is_some_and(is_near);
    // The heading may be kept or dropped with the unit, so the text before the heading counts too.
    let is_after = before(unit.from) || intro.is_some_and(|at| is_near(at) || before(at));
    let is_before = unit.to < selection.blocks.len() && is_near(unit.to);
    match (is_after, is_before) {
        (true, true) => UnitPosition::Inside,
        (true, false) => UnitPosition::Last,
        (false, true) => UnitPosition::First,
        (false, false) => UnitPosition::Apart,
    }
}

/// Returns true when a block stands in the same container as a unit, and nothing around the unit alone is named as
/// boilerplate.
fn is_near(scan: &Scan<'_>, unit: usize, beside: usize) -> bool {
    let around: Vec<usize> = ancestors(scan, scan.entries[unit].parent).take(UP).collect();
    for at in ancestors(scan, beside).take(UP_BESIDE) {
        if let Some(up) = around.iter().position(|&around| around == at) {
            let mut alone = std::iter::once(unit).chain(around[..up].iter().copied());
            return alone.all(|at| {
                let entry = &scan.entries[at];
                entry.topics & BOILERPLATE_TOPICS == 0 && !matches!(entry.region, PageRegion::Boilerplate(_))
            });
        }
        if scan.entries[at].region == PageRegion::Content && at != beside {
            return false;
        }
    }
    false
}

/// A unit's text, its heading, and its position.
type UnitFacts<'h> = (&'h UnitText, Option<usize>, UnitPosition);

/// Returns whether a unit is kept; None where each of its blocks keeps its own decision.
fn keeps(scan: &Scan<'_>, selection: &Selection, unit: &Unit, (text, intro, position): UnitFacts<'_>) -> Option<bool> {
    let most = text.kept * 2 > text.all;
    let least = if unit.kind == Kind::Table { LIKELY } else { LIKELY_LIST };
    let is_likely = text.kept > 0 || text.score >= least * text.all as f32;
    let follows_text = matches!(position, UnitPosition::Inside | UnitPosition::Last);
    let is_menu = text.links * 2 > text.blocks.len();
    let is_named = is_named_boilerplate(scan, selection, unit);
    let label = intro.and_then(|at| labels::of(&selection.blocks[at].words(scan)));
    match unit.kind {
        // The position of a hidden unit says nothing about it.
        _ if scan.entries[unit.at].hidden => Some(most),
        Kind::Code => Some(most || text.kept > 0 || follows_text),
        Kind::Steps => most.then_some(true),
        Kind::Table if is_named => Some(most && !is_menu),
        Kind::Table if text.linked * 2 > text.all && position != UnitPosition::Inside => (!most).then_some(false),
        Kind::Table => Some(most || position == UnitPosition::Inside || position != UnitPosition::Apart && is_likely),
        _ if is_named && is_menu => (!most).then_some(false),
        _ if is_named => Some(most),
        _ if label == Some(Label::Related) && text.links * 2 >= text.blocks.len() => Some(false),
        Kind::Terms if !is_menu => Some(most || follows_text && text.kept > 0),
        Kind::List if !is_menu => {
            Some(most || follows_text && (is_likely || label.is_some() || is_introduced(selection, unit)))
        }
        Kind::Terms | Kind::List => Some(match label {
            Some(Label::Sources) if follows_text => true,
            Some(Label::Further) if follows_text => most || leads_away(scan, selection, unit),
            _ => most || follows_text && (is_introduced(selection, unit) || lists_urls(scan, selection, text)),
        }),
    }
}

/// Returns true when a unit, or a container with nothing else in it, is named as boilerplate.
fn is_named_boilerplate(scan: &Scan<'_>, selection: &Selection, unit: &Unit) -> bool {
    let is_named = |at: usize| {
        let class = scan.element(at).and_then(|element| element.attr("class")).unwrap_or_default();
        scan.entries[at].topics & BOILERPLATE_TOPICS != 0 || class.starts_with("nav")
    };
    let first = scan.children(unit.at).find(|&child| scan.element(child).is_some());
    let (from, to) = selection.containers.range(scan, scan.entries[unit.at].parent);
    // At most a label stands beside the unit.
    let alone = (to - from <= unit.to - unit.from + 1).then_some(scan.entries[unit.at].parent);
    [Some(unit.at), first, alone].into_iter().flatten().any(is_named)
}

/// Returns true when the sentence before a unit ends in a colon.
fn is_introduced(selection: &Selection, unit: &Unit) -> bool {
    let before = unit.from.checked_sub(1).filter(|&at| selection.kept[at]).map(|at| &selection.blocks[at].text);
    before.is_some_and(|text| text.weight >= SENTENCE && matches!(text.last, ':' | '：'))
}

/// Returns true when most of a unit's blocks are written-out URLs, as in a list of sources.
fn lists_urls(scan: &Scan<'_>, selection: &Selection, text: &UnitText) -> bool {
    let written = |&&at: &&usize| {
        let block = &selection.blocks[at];
        block.text.first.eq_ignore_ascii_case(&'h') && block.words(scan).trim_start().starts_with("http")
    };
    text.blocks.iter().filter(written).count() * 2 > text.blocks.len()
}

/// Returns true when most of a unit's links lead to other sites.
fn leads_away(scan: &Scan<'_>, selection: &Selection, unit: &Unit) -> bool {
    let range = unit.at..scan.entries[unit.at].end;
    let hrefs = range.filter_map(|at| scan.element(at).filter(|_| scan.name(at) == "a")?.attr("href"));
    let (mut away, mut all) = (0, 0);
    for href in hrefs {
        all += 1;
        away += usize::from(labels::leads_away(href, &selection.host));
    }
    away * 2 > all
}

/// Applies the decision on a unit to its blocks, and keeps or drops its heading with it.
fn apply(
    scan: &Scan<'_>,
    selection: &mut Selection,
    unit: &Unit,
    (text, intro, keeps): (&UnitText, Option<usize>, bool),
) {
    let was_kept = text.kept > 0;
    if keeps {
        text.blocks.iter().for_each(|&at| selection.kept[at] = true);
        let is_wanted = |at: &usize| {
            let label = labels::of(&selection.blocks[*at].words(scan));
            let is_heading = selection.scores[*at] >= LIKELY || matches!(label, Some(Label::Sources | Label::Further));
            is_heading && is_near(scan, unit.at, selection.blocks[*at].element)
        };
        if let Some(at) = intro.filter(is_wanted) {
            selection.kept[at] = true;
        }
        return;
    }
    selection.kept[unit.from..unit.to].fill(false);
    let Some(at) = intro.filter(|&at| selection.kept[at]) else { return };
    let block = |at: usize| scan.name(selection.blocks[at].element);
    let level = heading_level(block(at));
    // The section is empty when what follows is not kept, or is a heading of the same level or above.
    let next = (unit.to < selection.blocks.len() && selection.kept[unit.to]).then_some(unit.to);
    let continues = next.is_some_and(|next| {
        let after = heading_level(block(next));
        after == 0 || level > 0 && after > level
    });
    let is_alone = text.links * 2 > text.blocks.len() || was_kept;
    if !continues && is_alone && (at + 1..unit.from).all(|at| !selection.kept[at]) {
        selection.kept[at] = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::Page;
    use crate::model::{Origin, RawPage};

    const BEFORE: &str = "<p>老船工从十六岁起就在这条河上撑船，没有换过第二样营生，船板被草鞋磨得发亮。</p>";
    const AFTER: &str = "<p>大桥通车以后，坐船的只剩下对岸的几个学生，还有舍不得绕路的卖菜人，一天不过十来趟。</p>";

    /// Returns what is kept of a page, without its paragraphs, after only paragraphs, headings and blocks with the text
    /// `likely` were chosen.
    fn kept(html: &str, likely: &str) -> String {
        let raw = RawPage::from_bytes(html.as_bytes().to_vec(), None, Origin::Replay, None);
        let page = Page::parse(&raw);
        let scan = Scan::of(&page);
        let mut selection = Selection { host: "dukou.example".to_owned(), ..Selection::all(&scan) };
        for at in 0..selection.blocks.len() {
            let name = scan.name(selection.blocks[at].element);
            let is_chosen = matches!(name, "p" | "h2") || selection.blocks[at].words(&scan).contains(likely);
            selection.kept[at] = is_chosen;
            selection.scores[at] = if is_chosen { 0.9 } else { 0.0 };
        }
        correct(&scan, &mut selection);
        let words = selection.blocks.iter().zip(&selection.kept).filter(|(_, kept)| **kept);
        let words = words.filter(|(block, _)| scan.name(block.element) != "p");
        words.map(|(block, _)| block.words(&scan).trim().to_owned() + "|").collect()
    }

    #[test]
    fn a_table_between_paragraphs_is_kept_with_its_links_and_numbers() {
        let table =
            "<table><tr><th>渡口</th><th>年</th></tr><tr><td><a href=/a>上渡</a></td><td>1911</td></tr></table>";
        assert_eq!(kept(&format!("<article>{BEFORE}{table}{AFTER}</article>"), "渡口"), "渡口|年|上渡|1911|");
        assert_eq!(kept(&format!("<article>{BEFORE}{table}</article>"), "渡口"), "渡口|年|上渡|1911|");
    }

    #[test]
    fn a_layout_table_is_not_a_unit() {
        let column = "<td><a href=/a>首页</a></td>";
        let page = format!(
            "<table><tr>{column}<td>{BEFORE}{AFTER}{BEFORE}{AFTER}{BEFORE}</td></tr><tr><td>版权</td>{column}</tr></table>"
        );
        assert_eq!(kept(&page, "没有"), "");
    }

    #[test]
    fn a_list_is_kept_complete_or_not_at_all() {
        let items = "<li>竹篙一根，两丈长</li><li>蓑衣</li><li>铜铃</li><li>麻绳</li>";
        let page = format!("<article>{BEFORE}<ul>{items}</ul></article>");
        assert_eq!(kept(&page, "竹篙"), "竹篙一根，两丈长|蓑衣|铜铃|麻绳|");
        let menu =
            "<ul><li><a href=/a>渡口周刊</a></li><li><a href=/b>河运史话</a></li><li><a href=/c>读者来信</a></li></ul>";
        assert_eq!(kept(&format!("<article>{BEFORE}</article>{menu}"), "渡口周刊"), "");
    }

    #[test]
    fn steps_are_kept_complete_when_most_of_them_are_kept() {
        let step = |head: &str, text: &str| format!("<li><h3>{head}</h3><p>{text}</p></li>");
        let steps = [step("看船", "先看船底，再看船帮，哪里渗水就在哪里画一道白线。"), step("补漏", "桐油石灰。")];
        let page = format!("<article>{BEFORE}<ol>{}</ol></article>", steps.concat());
        assert_eq!(kept(&page, "没有"), "看船|补漏|");
    }

    #[test]
    fn sources_are_kept_and_other_articles_of_the_site_are_not() {
        let list = |heading: &str, host: &str| {
            let link = |n: usize| format!("<li><a href='{host}/{n}'>渡口志第{n}卷</a></li>");
            format!("<article>{BEFORE}{AFTER}<h2>{heading}</h2><ul>{}{}</ul></article>", link(1), link(2))
        };
        assert_eq!(kept(&list("参考资料", "https://zhi.example"), "没有"), "参考资料|渡口志第1卷|渡口志第2卷|");
        assert_eq!(kept(&list("延伸阅读", "https://zhi.example"), "没有"), "延伸阅读|渡口志第1卷|渡口志第2卷|");
        assert_eq!(kept(&list("延伸阅读", "https://www.dukou.example"), "没有"), "");
        assert_eq!(kept(&list("Related articles", "https://zhi.example"), "没有"), "");
    }

    #[test]
    fn the_last_code_of_an_article_is_kept() {
        let page = format!("<article>{BEFORE}<p>整张表这样打印出来：</p><pre>hedge --all</pre></article>");
        assert_eq!(kept(&page, "没有"), "hedge --all|");
    }

    #[test]
    fn buttons_in_a_table_are_dropped() {
        let table =
            "<table><tr><th>渡口</th><th>年<button>复制</button></th></tr><tr><td>上渡</td><td>1911</td></tr></table>";
        assert_eq!(kept(&format!("<article>{BEFORE}{table}{AFTER}</article>"), "没有"), "渡口|年|上渡|1911|");
    }
}
