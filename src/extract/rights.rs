//! Rights notices: the article's own, which is part of it, and those of the site.

use crate::html::text;
use crate::model::tree::{NodeId, Tree};

use super::words::rights::{self, RightsWords};

/// The maximum weight of a notice (150 Han characters).
const NOTICE: usize = 450;

/// The number of last blocks that are searched for the article's notice.
const LAST: usize = 3;

/// Returns the words of languages in which a notice is recognised by how it begins.
fn with_starts() -> impl Iterator<Item = &'static RightsWords> {
    rights::ALL.iter().map(|(_, words)| words).filter(|words| !words.starts.is_empty())
}

fn contains_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// Returns true for a rights notice. `text` has no spaces.
pub fn is_notice(text: &str) -> bool {
    let bare = text.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '©');
    let is_apart = [("【", "】"), ("（", "）"), ("[", "]"), ("(", ")")];
    let is_apart = is_apart.iter().any(|(open, close)| text.starts_with(open) && text.ends_with(close));
    let begins = is_apart || with_starts().any(|words| words.starts.iter().any(|start| bare.starts_with(start)));
    begins && with_starts().any(|words| contains_any(text, words.phrases))
}

/// Returns true for the article's own notice, not the site's. `text` has no spaces.
pub fn is_own(text: &str) -> bool {
    let has =
        |list: fn(&RightsWords) -> &'static [&'static str]| with_starts().any(|words| contains_any(text, list(words)));
    is_notice(text) && has(|words| words.of_text) && !has(|words| words.of_site)
}

/// Returns the rights notice at the end of an article; None without one.
pub fn find(tree: &Tree) -> Option<String> {
    let holds_text = |id: &NodeId| matches!(tree.name(*id), "p" | "li" | "pre" | "td" | "blockquote" | "h2" | "h3");
    let texts: Vec<NodeId> = tree.descendants(tree.root()).filter(holds_text).collect();
    let last = texts.iter().rev().filter(|&&id| !text::is_blank(&tree.text(id))).take(LAST);
    last.filter(|&&id| tree.name(id) == "p").find_map(|&id| {
        let said = text::collapse(&tree.text(id));
        let is_short = text::weight(&said) <= NOTICE;
        let bare: String = said.chars().filter(|c| !c.is_whitespace()).collect();
        (is_short && (is_own(&bare) || is_own_in_other_languages(&said.to_lowercase()))).then_some(said)
    })
}

fn is_own_in_other_languages(lower: &str) -> bool {
    let mut others = rights::ALL.iter().map(|(_, words)| words).filter(|words| words.starts.is_empty());
    others.any(|words| contains_any(lower, words.of_text) && contains_any(lower, words.phrases))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tree::Element;

    fn found(lines: &[&str]) -> Option<String> {
        let mut tree = Tree::new();
        for line in lines {
            let root = tree.root();
            let p = tree.append_element(root, Element::new("p"));
            tree.append_text(p, line);
        }
        find(&tree)
    }

    #[test]
    fn a_notice_about_the_article_is_found() {
        for notice in [
            "本文系《南桥晚报》独家稿件，未经授权，不得转载。",
            "（本文版权归作者所有，未经许可不得以任何形式转载，违者必究。）",
            "本文为原创内容，转载请注明出处。",
            "版权声明：本文为博主原创文章，转载请附上原文出处链接。",
            "本記事の無断転載を禁じます。",
            "This article may not be republished without the permission of its author.",
            "Dieser Text ist urheberrechtlich geschützt.",
            "이 기사의 무단전재 및 재배포를 금지합니다.",
        ] {
            assert_eq!(found(&["船还在河上。", notice]).as_deref(), Some(notice));
        }
    }

    #[test]
    fn a_notice_of_the_site_and_an_article_about_rights_are_not_notices_of_the_article() {
        for line in [
            "未经授权不得转载",
            "凡本网注明来源的作品，版权均属本网，未经授权不得转载。",
            "免责声明：本文版权归原作者所有。",
            "無断転載禁止",
            "© 2024 南桥晚报 版权所有 备案号：00000000",
            "他在书里写道，版权归谁并不要紧。",
            "She said that this article had taken a year.",
        ] {
            assert_eq!(found(&["船还在河上。", line]), None, "{line}");
        }
        let early = ["本文为原创内容，转载请注明出处。", "一。", "二。", "三。"];
        assert_eq!(found(&early), None);
    }
}
