//! Insertions between the paragraphs of an article that are not part of it: links to other articles under a label such as
//! 延伸阅读, and the page numbers of an article in several pages.

use std::collections::HashMap;

use crate::html::text;
use crate::model::Step;
use crate::model::tree::{NodeId, Tree};

use super::labels::{self, Label};

/// The maximum weight of a label (20 Han characters, 60 letters).
const LABEL: usize = 60;

/// The maximum weight of a line of page numbers.
const PAGES: usize = 120;

/// The minimum share of a line's text in links for a link to another article.
const LINKED: f64 = 0.8;

/// The maximum number of nodes after a label that are searched for its links.
const LOOK: usize = 500;

/// Words in a line of page numbers. Lower case, without spaces, longer ones first.
const TURNS: [&str; 34] = [
    "下一页",
    "上一页",
    "下一頁",
    "上一頁",
    "第一页",
    "最后一页",
    "阅读全文",
    "余下全文",
    "首页",
    "首頁",
    "尾页",
    "尾頁",
    "末页",
    "末頁",
    "全文",
    "共",
    "第",
    "页",
    "頁",
    "次のページ",
    "前のページ",
    "次へ",
    "前へ",
    "다음",
    "이전",
    "nextpage",
    "previouspage",
    "previous",
    "next",
    "page",
    "of",
    "weiter",
    "zurück",
    "suivant",
];

/// Removes the insertions from an article of a page on `host`.
pub fn remove(tree: &mut Tree, host: &str, steps: &mut Vec<Step>) {
    let lines: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| is_line(tree, id)).collect();
    let mut label_before = false;
    let mut lists: HashMap<NodeId, bool> = HashMap::new();
    for id in lines {
        let plain = plain(tree, id);
        if plain.is_empty() {
            continue;
        }
        let is_label = labels::is_inserted(&plain) && !is_the_authors(tree, id, &plain, host);
        let turns = turns_pages(&plain);
        if !(is_label || label_before || turns) {
            continue;
        }
        // A data table or a list of text is not changed.
        let list = tree.parent(id).filter(|_| tree.name(id) == "li");
        let is_whole = |list: NodeId| !*lists.entry(list).or_insert_with(|| leads_elsewhere(tree, list));
        if is_cell(tree, id) || list.is_some_and(is_whole) {
            label_before = false;
            continue;
        }
        let linked = link_share(tree, id);
        let alone = text::weight(&plain) <= LABEL;
        let reason = if is_label && (linked >= LINKED || linked == 0.0 && alone && leads_to_links(tree, id)) {
            "a label over links to other articles"
        } else if is_label && linked > 0.0 && is_label_and_links(tree, id) || label_before && linked >= LINKED {
            "a link to another article"
        } else if turns && linked > 0.0 {
            "page numbers"
        } else {
            label_before = false;
            continue;
        };
        label_before = is_label || label_before;
        let start: String = text::collapse(&tree.text(id)).chars().take(40).collect();
        let what = format!("{} \"{start}\"", tree.name(id));
        steps.push(Step { step: "insertion", kept: false, what, reason: reason.to_owned(), score: None });
        tree.detach(id);
    }
}

/// Returns true for a block of text that contains no other block.
fn is_line(tree: &Tree, id: NodeId) -> bool {
    matches!(tree.name(id), "p" | "li" | "h2" | "h3" | "h4" | "h5" | "h6" | "td" | "th")
        && !tree.descendants(id).skip(1).any(|below| {
            matches!(
                tree.name(below),
                "p" | "li"
                    | "td"
                    | "th"
                    | "h2"
                    | "h3"
                    | "h4"
                    | "h5"
                    | "h6"
                    | "img"
                    | "pre"
                    | "video"
                    | "audio"
                    | "iframe"
            )
        })
}

/// Returns the text in lower case without white space and punctuation.
fn plain(tree: &Tree, id: NodeId) -> String {
    let texts = tree.descendants(id).filter_map(|below| tree.text_of(below));
    labels::plain(texts.flat_map(str::chars), PAGES + 1)
}

fn link_share(tree: &Tree, id: NodeId) -> f64 {
    let all = text::weight(&tree.text(id));
    let links = tree.descendants(id).filter(|&below| tree.name(below) == "a");
    let linked: usize = links.map(|link| text::weight(&tree.text(link))).sum();
    if all == 0 { 0.0 } else { linked as f64 / all as f64 }
}

/// Returns true for a label and its links in one line: the text outside the links is not longer than a label.
fn is_label_and_links(tree: &Tree, id: NodeId) -> bool {
    let all = text::weight(&tree.text(id));
    let outside = all as f64 * (1.0 - link_share(tree, id));
    outside <= LABEL as f64 / 2.0
}

/// Returns true for a label above links to other sites: the author's recommendations.
fn is_the_authors(tree: &Tree, id: NodeId, plain: &str, host: &str) -> bool {
    let links = |part: NodeId| -> Vec<NodeId> {
        tree.descendants(part).take(LOOK).filter(|&at| tree.name(at) == "a").collect()
    };
    if labels::begins(plain) != Some(Label::Further) {
        return false;
    }
    let mut own = links(id);
    if own.is_empty() {
        own = next_part(tree, id).map(links).unwrap_or_default();
    }
    let away = |&&at: &&NodeId| tree.attr(at, "href").is_some_and(|href| labels::leads_away(href, host));
    own.iter().filter(away).count() * 2 > own.len()
}

/// Returns true for a cell beside others in a table of more than one row.
fn is_cell(tree: &Tree, id: NodeId) -> bool {
    if !matches!(tree.name(id), "td" | "th") {
        return false;
    }
    let row = tree.parent(id);
    let is_beside = row.is_some_and(|row| tree.children(row).filter(|&at| !tree.name(at).is_empty()).nth(1).is_some());
    let rows = row.and_then(|row| tree.parent(row));
    is_beside && rows.is_some_and(|rows| tree.children(rows).filter(|&at| tree.name(at) == "tr").nth(1).is_some())
}

/// Returns true for a list of mostly links or page numbers.
fn leads_elsewhere(tree: &Tree, list: NodeId) -> bool {
    let items: Vec<NodeId> = tree.children(list).filter(|&at| tree.name(at) == "li").collect();
    let leads = |&&at: &&NodeId| is_line(tree, at) && (link_share(tree, at) >= LINKED || turns_pages(&plain(tree, at)));
    items.iter().filter(leads).count() * 2 > items.len()
}

/// Returns the part of the article after a line, in reading order.
fn next_part(tree: &Tree, id: NodeId) -> Option<NodeId> {
    let mut at = id;
    loop {
        match tree.next(at) {
            Some(next) if text::collapse(&tree.text(next)).is_empty() => at = next,
            Some(next) => return Some(next),
            None => at = tree.parent(at).filter(|&parent| parent != tree.root())?,
        }
    }
}

/// Returns true when the next line of the article is nothing but a link.
fn leads_to_links(tree: &Tree, id: NodeId) -> bool {
    let Some(next) = next_part(tree, id) else { return true };
    let line = tree.descendants(next).find(|&below| is_line(tree, below) && !plain(tree, below).is_empty());
    line.is_some_and(|line| link_share(tree, line) >= LINKED)
}

/// Returns true for page numbers with words such as "next" and nothing else.
fn turns_pages(plain: &str) -> bool {
    let mut rest = plain;
    let mut turned = false;
    if rest.chars().count() > PAGES {
        return false;
    }
    while let Some(first) = rest.chars().next() {
        if let Some(word) = TURNS.iter().find(|word| rest.starts_with(**word)) {
            rest = &rest[word.len()..];
            turned = true;
        } else if first.is_ascii_digit() {
            rest = &rest[1..];
        } else {
            return false;
        }
    }
    turned || plain.starts_with("12")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tree::Element;

    fn article(lines: &[(&str, bool)]) -> Tree {
        let mut tree = Tree::new();
        for (text, is_link) in lines {
            let root = tree.root();
            let p = tree.append_element(root, Element::new("p"));
            let parent = if *is_link { tree.append_element(p, Element::new("a").with("href", "/x")) } else { p };
            tree.append_text(parent, text);
        }
        tree
    }

    fn left(lines: &[(&str, bool)]) -> String {
        let mut tree = article(lines);
        remove(&mut tree, "binder.example", &mut Vec::new());
        tree.text(tree.root())
    }

    #[test]
    fn links_under_their_label_are_removed_and_the_text_stays() {
        let lines = [
            ("正文第一段。", false),
            ("【延伸阅读】", false),
            ("另一篇文章的题目", true),
            ("第三篇", true),
            ("正文第二段。", false),
            ("精彩视频推荐", false),
        ];
        assert_eq!(left(&lines), "正文第一段。正文第二段。");
        assert_eq!(left(&[("一。", false), ("相关阅读：又一篇", true), ("二。", false)]), "一。二。");
    }

    #[test]
    fn a_sentence_that_begins_like_a_label_stays() {
        let lines = [("See also the chapter on binding, which goes further.", false), ("It is long.", false)];
        assert_eq!(left(&lines), "See also the chapter on binding, which goes further.It is long.");
        assert_eq!(left(&[("延伸阅读", false), ("这是一段正文。", false)]), "延伸阅读这是一段正文。");
    }

    #[test]
    fn an_authors_links_to_other_sites_stay() {
        let mut tree = Tree::new();
        let root = tree.root();
        let label = tree.append_element(root, Element::new("h2"));
        tree.append_text(label, "延伸阅读");
        let list = tree.append_element(root, Element::new("ul"));
        for (text, href) in [("渡口志", "https://zhi.example/1"), ("河运史", "https://zhi.example/2")] {
            let item = tree.append_element(list, Element::new("li"));
            let link = tree.append_element(item, Element::new("a").with("href", href));
            tree.append_text(link, text);
        }
        let mut own = tree.clone();
        remove(&mut tree, "binder.example", &mut Vec::new());
        assert_eq!(tree.text(tree.root()), "延伸阅读渡口志河运史");
        remove(&mut own, "zhi.example", &mut Vec::new());
        assert_eq!(own.text(own.root()), "", "the site leads to itself");
    }

    #[test]
    fn page_numbers_are_removed_and_other_numbers_stay() {
        assert_eq!(left(&[("文。", false), ("上一页 1 2 3 下一页", true)]), "文。");
        assert_eq!(left(&[("2024", true), ("1999", false), ("Next to the house", true)]), "20241999Next to the house");
    }
}
