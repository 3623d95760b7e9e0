//! Labels above lists of links: whether the links are the author's sources or the site's other articles.

use crate::html::text;

/// The maximum weight of a label (20 Han characters, 60 letters).
const LABEL: usize = 60;

/// The maximum weight of the text after the word of a label.
const BESIDE: usize = 30;

/// What a label says about the links below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Sources, or an encyclopedia's cross-references: a section of the article.
    Sources,
    /// Further reading: the author's recommendations when the links lead to other sites, otherwise the site's own.
    Further,
    /// Other articles of the site.
    Related,
}

/// How labels of sources begin. Lower case, letters and digits only.
const SOURCES: [&str; 68] = [
    "source",
    "reference",
    "bibliograph",
    "workscited",
    "citation",
    "literature",
    "footnotes",
    "endnotes",
    "seealso",
    "externallinks",
    "quelle",
    "einzelnachweise",
    "literatur",
    "belege",
    "sieheauch",
    "weblinks",
    "références",
    "voiraussi",
    "liensexternes",
    "fuentes",
    "referencias",
    "bibliografía",
    "véasetambién",
    "enlacesexternos",
    "fonti",
    "riferimenti",
    "bibliografia",
    "vocicorrelate",
    "collegamentiesterni",
    "fontes",
    "referências",
    "vertambém",
    "bronnen",
    "zieook",
    "kilder",
    "källor",
    "lähteet",
    "źródła",
    "literatura",
    "источник",
    "литература",
    "примечания",
    "ссылки",
    "参考",
    "參考",
    "资料来源",
    "資料來源",
    "引用",
    "来源",
    "來源",
    "出处",
    "出處",
    "出典",
    "脚注",
    "注释",
    "註釋",
    "文献",
    "文獻",
    "参见",
    "參見",
    "相关条目",
    "相關條目",
    "外部链接",
    "外部連結",
    "外部リンク",
    "関連項目",
    "참고",
    "출처",
];

/// The same for further reading.
const FURTHER: [&str; 32] = [
    "furtherread",
    "furtherresource",
    "morereading",
    "additionalreading",
    "additionalresources",
    "recommendedreading",
    "suggestedreading",
    "readinglist",
    "learnmore",
    "resources",
    "usefullinks",
    "relatedlinks",
    "links",
    "weiterführende",
    "zumweiterlesen",
    "pourallerplusloin",
    "pourensavoirplus",
    "lecturas",
    "paraleer",
    "perapprofondire",
    "延伸阅读",
    "延伸閱讀",
    "拓展阅读",
    "扩展阅读",
    "深度阅读",
    "相关链接",
    "相關連結",
    "相关资料",
    "相關資料",
    "関連リンク",
    "さらに詳しく",
    "더읽을거리",
];

/// The same for other articles of the site.
const RELATED: [&str; 54] = [
    "延伸推荐",
    "相关阅读",
    "相關閱讀",
    "推荐阅读",
    "推薦閱讀",
    "更多阅读",
    "相关新闻",
    "相關新聞",
    "相关报道",
    "相關報導",
    "相关文章",
    "相關文章",
    "推荐文章",
    "推薦文章",
    "推荐视频",
    "精彩推荐",
    "精彩视频",
    "此前报道",
    "此前報道",
    "往期回顾",
    "往期推荐",
    "猜你喜欢",
    "更多精彩",
    "点击阅读",
    "関連記事",
    "関連ニュース",
    "あわせて読みたい",
    "合わせて読みたい",
    "こちらもおすすめ",
    "おすすめ記事",
    "관련기사",
    "관련뉴스",
    "함께볼만한",
    "readmore",
    "readalso",
    "readnext",
    "alsoread",
    "relatedarticle",
    "relatedstor",
    "relatedpost",
    "relatednews",
    "relatedcontent",
    "relatedreading",
    "youmayalso",
    "youmightalso",
    "morefrom",
    "moreon",
    "morestories",
    "lesenauch",
    "auchinteressant",
    "mehrzum",
    "àlireaussi",
    "lireaussi",
    "leggianche",
];

/// Returns at most `most` letters and digits of a text, in lower case.
pub fn plain(chars: impl Iterator<Item = char>, most: usize) -> String {
    let mut plain = String::new();
    for c in chars.filter(|c| c.is_alphanumeric()).take(most) {
        if c.is_ascii() { plain.push(c.to_ascii_lowercase()) } else { plain.extend(c.to_lowercase()) }
    }
    plain
}

/// Returns the label that a plain text begins with; None without one.
pub fn begins(plain: &str) -> Option<Label> {
    // Sections are numbered: "7. References".
    let plain = plain.trim_start_matches(|c: char| c.is_ascii_digit());
    let known = |words: &[&str]| words.iter().any(|word| plain.starts_with(word));
    match () {
        () if known(&RELATED) => Some(Label::Related),
        () if known(&FURTHER) => Some(Label::Further),
        () if known(&SOURCES) => Some(Label::Sources),
        () => None,
    }
}

/// Returns the label that a line is; None when it has other text.
pub fn of(line: &str) -> Option<Label> {
    let plain = plain(line.chars(), LABEL + 1);
    if text::weight(&plain) > LABEL {
        return None;
    }
    let bare = plain.trim_start_matches(|c: char| c.is_ascii_digit());
    let words = [&RELATED[..], &FURTHER[..], &SOURCES[..]].concat();
    let is_whole = words.iter().any(|word| bare.strip_prefix(word).is_some_and(|rest| text::weight(rest) <= BESIDE));
    begins(&plain).filter(|_| is_whole)
}

/// Returns true when a URL leads to another site than `host`. A relative URL does not; when `host` is empty, every absolute
/// URL does.
pub fn leads_away(href: &str, host: &str) -> bool {
    let href = href.trim();
    let rest =
        href.strip_prefix("https://").or_else(|| href.strip_prefix("http://")).or_else(|| href.strip_prefix("//"));
    let Some(rest) = rest else { return false };
    let other = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().to_ascii_lowercase();
    !other.is_empty() && (host.is_empty() || site(&other) != site(&host.to_ascii_lowercase()))
}

/// Returns the registered domain of a host: `example.com` for `news.example.com`.
fn site(host: &str) -> &str {
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), Some(second)) = (dots.next(), dots.next()) else { return host };
    let is_country = host.len() - last == 3;
    let shared = ["co", "com", "net", "org", "gov", "edu", "ac", "or", "ne", "go"].contains(&&host[second + 1..last]);
    let from = if is_country && shared { dots.next().map_or(0, |at| at + 1) } else { second + 1 };
    &host[from..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_distinguish_sources_from_other_articles() {
        for line in ["Sources", "7. References", "参考资料：", "參考文獻", "Quellen", "See also", "出典・参考文献"]
        {
            assert_eq!(of(line), Some(Label::Sources), "{line}");
        }
        for line in ["Further reading", "【延伸阅读】", "関連リンク"] {
            assert_eq!(of(line), Some(Label::Further), "{line}");
        }
        for line in ["Related articles", "相关阅读", "関連記事", "Read more:"] {
            assert_eq!(of(line), Some(Label::Related), "{line}");
        }
        for line in [
            "来源不明的旧书在柜台上放了三年，一直没有人来问过它的价钱",
            "The stairs",
            "参观时间是每天上午九点到下午五点",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }

    #[test]
    fn hosts_of_one_domain_are_one_site() {
        assert!(leads_away("https://books.example/rye", "news.harbour.example"));
        assert!(!leads_away("https://www.harbour.example/a", "news.harbour.example"));
        assert!(!leads_away("/a", "harbour.example") && !leads_away("#a", ""));
        assert!(leads_away("//a.co.uk/x", "b.co.uk") && !leads_away("//x.b.co.uk/x", "b.co.uk"));
    }
}
