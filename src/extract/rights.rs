//! Rights notices: the article's own, which is part of it, and those of the site.

use crate::html::text;
use crate::model::tree::{NodeId, Tree};

/// Phrases of rights notices.
const NOTICES: [&str; 24] = [
    "不得转载",
    "不得轉載",
    "禁止转载",
    "禁止轉載",
    "请勿转载",
    "請勿轉載",
    "谢绝转载",
    "謝絕轉載",
    "转载请",
    "轉載請",
    "转载须",
    "转载需",
    "转载时请",
    "不得以任何形式转载",
    "不得擅自转载",
    "不得复制",
    "免责声明：",
    "版权归",
    "版權歸",
    "版权所有",
    "版權所有",
    "著作权归",
    "無断転載",
    "転載を禁",
];

/// How rights notices begin; articles about rights begin differently.
const NOTICE_STARTS: [&str; 34] = [
    "未经",
    "未經",
    "版权",
    "版權",
    "著作权",
    "本文",
    "本稿",
    "本篇",
    "本作品",
    "此文",
    "该文",
    "以上文章",
    "独家",
    "獨家",
    "原创",
    "原創",
    "作者授权",
    "本站",
    "本网",
    "本網",
    "本报",
    "本報",
    "本刊",
    "本記事",
    "この記事",
    "声明",
    "聲明",
    "免责声明：",
    "转载",
    "轉載",
    "禁止",
    "如需",
    "©",
    "無断転載",
];

/// Words for the article itself: a notice with one of them is the article's own.
const OF_THE_TEXT: [&str; 21] = [
    "本文",
    "本稿",
    "本篇",
    "此文",
    "该文",
    "該文",
    "这篇文章",
    "這篇文章",
    "本作品",
    "本报道",
    "本報導",
    "本内容",
    "本內容",
    "独家稿件",
    "獨家稿件",
    "原创内容",
    "原創內容",
    "原创文章",
    "原創文章",
    "本記事",
    "この記事",
];

/// Words for the site: a notice with one of them is about everything on the site.
const OF_THE_SITE: [&str; 13] = [
    "本站",
    "本网",
    "本網",
    "凡",
    "免责声明",
    "免責聲明",
    "备案",
    "備案",
    "举报",
    "当サイト",
    "本サイト",
    "网友",
    "用户协议",
];

/// The same for other languages, in lower case: words for the article itself, and phrases about its use.
const ELSEWHERE: [(&[&str], &[&str]); 6] = [
    (
        &[
            "this article",
            "this story",
            "this essay",
            "this piece",
            "this post",
            "this work",
            "this text",
            "this content",
        ],
        &[
            "may not be re",
            "reproduce",
            "republish",
            "reprint",
            "copyright",
            "licensed under",
            "all rights",
            "permission",
        ],
    ),
    (
        &["dieser artikel", "dieser text", "dieser beitrag", "dieses textes", "dieses artikels", "dieses beitrags"],
        &["nachdruck", "vervielfältig", "urheberrecht", "genehmigung", "alle rechte"],
    ),
    (
        &["cet article", "ce texte", "cette publication"],
        &["reproduction", "reproduit", "autorisation", "tous droits", "droits réservés"],
    ),
    (
        &["este artículo", "este texto", "este artigo"],
        &["reproducción", "reproducir", "reprodução", "autorización", "autorização", "derechos", "direitos"],
    ),
    (&["기사", "이 글", "본 글", "콘텐츠", "저작권자"], &["무단전재", "무단 전재", "무단복제", "재배포"]),
    (&["данный материал", "эта статья", "этой статьи", "данной статьи"], &["перепечатк", "копирован", "воспроизвед"]),
];

/// The maximum weight of a notice (150 Han characters).
const NOTICE: usize = 450;

/// The number of last blocks that are searched for the article's notice.
const LAST: usize = 3;

/// Returns true for a rights notice. `text` has no spaces.
pub fn is_notice(text: &str) -> bool {
    let bare = text.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '©');
    let is_apart = [("【", "】"), ("（", "）"), ("[", "]"), ("(", ")")];
    let is_apart = is_apart.iter().any(|(open, close)| text.starts_with(open) && text.ends_with(close));
    let begins = is_apart || NOTICE_STARTS.iter().any(|start| bare.starts_with(start));
    begins && NOTICES.iter().any(|notice| text.contains(notice))
}

/// Returns true for the article's own notice, not the site's. `text` has no spaces.
pub fn is_own(text: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    is_notice(text) && has(&OF_THE_TEXT) && !has(&OF_THE_SITE)
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
        (is_short && (is_own(&bare) || is_own_elsewhere(&said.to_lowercase()))).then_some(said)
    })
}

fn is_own_elsewhere(lower: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    ELSEWHERE.iter().any(|(text, said)| has(text) && has(said))
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
