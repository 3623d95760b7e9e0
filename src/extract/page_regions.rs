//! The region of a page that an element begins, by its tag, role, class and id: article, header or boilerplate.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::blocks::names::Plain;
use super::naming;

/// The region of the page that an element's name or tag declares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PageRegion {
    /// No name, or no known name.
    #[default]
    None,
    /// The article, or a part of it.
    Content,
    /// The article's own header line: title, byline, date.
    Header,
    /// Boilerplate; the word says which kind.
    Boilerplate(&'static str),
}

/// Words in class and id names that mark boilerplate. Sorted.
const BOILERPLATE: [&str; 101] = [
    "ad",
    "adblock",
    "adbox",
    "ads",
    "adsbygoogle",
    "advert",
    "advertisement",
    "alsolike",
    "author-box",
    "authorbox",
    "banner",
    "bottombar",
    "breadcrumb",
    "breadcrumbs",
    "carousel",
    "catlinks",
    "cmt",
    "combx",
    "comment",
    "commentlist",
    "comments",
    "consent",
    "cookie",
    "cookies",
    "copyright",
    "crumb",
    "crumbs",
    "disclaimer",
    "disqus",
    "dropdown",
    "ewm",
    "extra",
    "fenxiang",
    "feedback",
    "foot",
    "footer",
    "footnav",
    "gdpr",
    "hotnews",
    "hotlist",
    "legends",
    "license",
    "login",
    "masthead",
    "menu",
    "mininav",
    "modal",
    "more-from",
    "morenews",
    "nav",
    "navbar",
    "navi",
    "navigation",
    "newsletter",
    "next-prev",
    "outbrain",
    "overlay",
    "pagebar",
    "pagenav",
    "pager",
    "pages",
    "pagination",
    "paywall",
    "pinglun",
    "popular",
    "popup",
    "prevnext",
    "print",
    "promo",
    "promoted",
    "qrcode",
    "rank",
    "ranking",
    "readmore",
    "recommend",
    "recommendation",
    "recommendations",
    "recommended",
    "register",
    "related",
    "relatednews",
    "reply",
    "respond",
    "rss",
    "search",
    "share",
    "sharebar",
    "shares",
    "sharing",
    "sidebar",
    "sidenav",
    "signup",
    "skip",
    "social",
    "sponsor",
    "sponsored",
    "subscribe",
    "taboola",
    "tagcloud",
    "toolbar",
    "tooltip",
];

/// Words that mark the article itself. Sorted.
const CONTENT: [&str; 26] = [
    "article",
    "articlebody",
    "articlecontent",
    "artical",
    "blogpost",
    "bodytext",
    "contentbody",
    "entry",
    "entrycontent",
    "article_content",
    "articletext",
    "maincontent",
    "newscontent",
    "newstext",
    "post",
    "postbody",
    "postcontent",
    "postentry",
    "richtext",
    "rich_media_content",
    "story",
    "storybody",
    "storycontent",
    "textbody",
    "trs_editor",
    "zhengwen",
];

/// Words that mark the article's own header line. Sorted.
const HEADER: [&str; 14] = [
    "author",
    "byline",
    "contributor",
    "date",
    "dateline",
    "datetime",
    "entry-meta",
    "meta",
    "postmeta",
    "pubdate",
    "published",
    "pubtime",
    "timestamp",
    "writer",
];

impl PageRegion {
    /// Combines two regions: boilerplate outweighs the others, and otherwise the later name wins.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Boilerplate(_), _) | (_, Self::None) => self,
            _ => other,
        }
    }
}

/// Returns the region that an element's tag, role and property declare; None when its class and id decide.
pub fn of_element(name: &str, role: Option<&str>, property: Option<&str>) -> Option<PageRegion> {
    match name {
        "nav" => return Some(PageRegion::Boilerplate("nav")),
        "footer" => return Some(PageRegion::Boilerplate("footer")),
        "aside" => return Some(PageRegion::Boilerplate("aside")),
        "article" | "main" => return Some(PageRegion::Content),
        "body" | "html" | "head" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "p" | "img" | "figure" | "figcaption" => {
            return Some(PageRegion::None);
        }
        _ => {}
    }
    match role {
        Some("navigation") => return Some(PageRegion::Boilerplate("navigation")),
        Some("complementary") => return Some(PageRegion::Boilerplate("complementary")),
        Some("contentinfo") => return Some(PageRegion::Boilerplate("contentinfo")),
        Some("search") => return Some(PageRegion::Boilerplate("search")),
        Some("dialog" | "alertdialog") => return Some(PageRegion::Boilerplate("dialog")),
        Some("main" | "article") => return Some(PageRegion::Content),
        _ => {}
    }
    property
        .is_some_and(|prop| prop.split_whitespace().any(|word| word == "articleBody"))
        .then_some(PageRegion::Content)
}

/// Returns the region that the names in one class or id attribute declare.
pub fn of_names(value: &str) -> PageRegion {
    value.split_whitespace().take(24).fold(PageRegion::None, |found, name| found.or(region_of_name(name)))
}

/// Returns the region that one class or id declares. `article-comments` are comments, and a `comment-body` belongs to a
/// comment, so words of boilerplate outweigh the others.
fn region_of_name(name: &str) -> PageRegion {
    let known = |word: &str| KNOWN.word(word);
    let whole = known(&whole_if(name, |byte| !matches!(byte, b'-' | b'_')));
    if whole.content || name.contains('_') && known(&whole_if(name, |_| true)).content {
        return PageRegion::Content;
    }
    let mut found = PageRegion::None;
    let boilerplate = naming::find_word(name, |word| {
        let word = known(word);
        if word.header {
            found = PageRegion::Header;
        } else if found == PageRegion::None && word.content {
            found = PageRegion::Content;
        }
        word.boilerplate
    });
    let boilerplate = boilerplate.or_else(|| whole.boilerplate.filter(|boilerplate| boilerplate.len() > 6));
    boilerplate.map_or(found, PageRegion::Boilerplate)
}

/// Returns the `wanted` bytes of a name in lower case; empty when no list has a word of that length.
fn whole_if(name: &str, wanted: impl Fn(u8) -> bool) -> String {
    let letters = || name.bytes().filter(|byte| wanted(*byte)).map(|byte| byte.to_ascii_lowercase());
    // Names in other scripts are not in the lists.
    match letters().next() {
        Some(first) if name.is_ascii() && KNOWN.may_be(first, letters().count()) => letters().map(char::from).collect(),
        _ => String::new(),
    }
}

/// The lists that a word is in.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    /// The word itself, when it marks boilerplate.
    boilerplate: Option<&'static str>,
    header: bool,
    content: bool,
}

/// All words of the three lists.
struct Known {
    words: HashMap<&'static str, Word, Plain>,
    /// For each first byte, the lengths of the known words, one bit each: most words of a page are not among them.
    lengths: [u32; 256],
}

impl Known {
    fn word(&self, word: &str) -> Word {
        let may_be = word.bytes().next().is_some_and(|first| self.may_be(first, word.len()));
        if may_be { self.words.get(word).copied().unwrap_or_default() } else { Word::default() }
    }

    /// Returns true when a word of that length begins with `first`.
    fn may_be(&self, first: u8, length: usize) -> bool {
        self.lengths[usize::from(first)] & Self::length(length) != 0
    }

    fn length(length: usize) -> u32 {
        1 << length.min(31)
    }
}

/// All known words; built when the first page is read.
static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut words: HashMap<&'static str, Word, Plain> = HashMap::with_hasher(Plain);
    BOILERPLATE.iter().for_each(|&word| words.entry(word).or_default().boilerplate = Some(word));
    HEADER.iter().for_each(|&word| words.entry(word).or_default().header = true);
    CONTENT.iter().for_each(|&word| words.entry(word).or_default().content = true);
    let mut lengths = [0; 256];
    for word in words.keys() {
        lengths[word.bytes().next().map_or(0, usize::from)] |= Known::length(word.len());
    }
    Known { words, lengths }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_boilerplate_outweighs_a_word_of_content() {
        assert_eq!(region_of_name("article-comments"), PageRegion::Boilerplate("comments"));
        assert_eq!(region_of_name("relatedPosts"), PageRegion::Boilerplate("related"));
        assert_eq!(region_of_name("post-content"), PageRegion::Content);
        assert_eq!(region_of_name("rich_media_content"), PageRegion::Content);
        assert_eq!(region_of_name("entry-meta"), PageRegion::Header);
        assert_eq!(region_of_name("header"), PageRegion::None);
        assert_eq!(region_of_name("shadow"), PageRegion::None);
    }
}
