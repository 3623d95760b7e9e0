//! What tags, roles, classes and ids say about a part of a page.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::html::Element;

use super::blocks::names::Plain;
use super::hints::Hints;
use super::naming;

/// What the surroundings of a text are called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Cue {
    /// Nothing, or nothing known.
    #[default]
    None,
    /// The article, or a part of it.
    Content,
    /// The article's own header line: title, byline, date.
    Header,
    /// Something beside the article; the word names what.
    Beside(&'static str),
}

/// Words in class and id names that mark what stands beside an article. Sorted.
const BESIDE: [&str; 101] = [
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

/// The attributes of an element that are read here, found in one pass.
#[derive(Default)]
pub struct Said<'a> {
    pub class: Option<&'a str>,
    pub id: Option<&'a str>,
    pub role: Option<&'a str>,
    /// `itemprop`.
    pub property: Option<&'a str>,
    /// True when it has an `href`.
    pub is_link: bool,
    pub style: Option<&'a str>,
    /// What a click opens: ids of `aria-controls` and the like, a part of the page in `href`.
    pub opens: Option<&'a str>,
    pub onclick: Option<&'a str>,
    hidden: Option<&'a str>,
    /// What the element may be, by the names of its other attributes and its style.
    pub hints: Hints,
}

impl<'a> Said<'a> {
    /// Reads an element's attributes.
    pub fn of(element: &'a Element) -> Self {
        let mut said = Self::default();
        for (name, value) in element.attrs() {
            match name {
                "class" => said.class = Some(value),
                "id" => said.id = Some(value),
                "role" => {
                    said.role = Some(value);
                    said.hints = if value == "tablist" { said.hints.and(Hints::TABS) } else { said.hints };
                }
                "itemprop" => {
                    said.property = Some(value);
                    said.hints = said.hints.and(Hints::SIGNED);
                }
                "href" => {
                    said.is_link = true;
                    said.opens = said.opens.or(Some(value).filter(|value| value.starts_with('#')));
                }
                "aria-controls" | "data-target" | "data-bs-target" => said.opens = Some(value),
                "onclick" => said.onclick = Some(value),
                "hidden" => said.hidden = Some(value),
                "style" => {
                    said.style = Some(value);
                    said.hints = said.hints.and(Hints::of_style(value));
                }
                _ => said.hints = said.hints.and(Hints::of_attribute(name)),
            }
        }
        said
    }

    /// Hidden by an attribute or an inline style.
    pub fn hides(&self) -> bool {
        if self.hidden.is_some_and(|value| !value.eq_ignore_ascii_case("until-found")) {
            return true;
        }
        // Both properties have the letter in their names.
        let Some(style) = self.style.filter(|style| style.contains(['y', 'Y'])) else { return false };
        let style: String = style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
        // WeChat hides its article until a script has run.
        let revealed_later = self.id == Some("js_content");
        style.contains("display:none") || (style.contains("visibility:hidden") && !revealed_later)
    }
}

impl Cue {
    /// This and another: what stands beside the article outweighs the rest, and the later name the earlier.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Beside(_), _) | (_, Self::None) => self,
            _ => other,
        }
    }
}

/// What an element's tag, role and property say; None when they leave it to the names.
pub fn of_element(name: &str, role: Option<&str>, property: Option<&str>) -> Option<Cue> {
    match name {
        "nav" => return Some(Cue::Beside("nav")),
        "footer" => return Some(Cue::Beside("footer")),
        "aside" => return Some(Cue::Beside("aside")),
        "article" | "main" => return Some(Cue::Content),
        "body" | "html" | "head" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "p" | "img" | "figure" | "figcaption" => {
            return Some(Cue::None);
        }
        _ => {}
    }
    match role {
        Some("navigation") => return Some(Cue::Beside("navigation")),
        Some("complementary") => return Some(Cue::Beside("complementary")),
        Some("contentinfo") => return Some(Cue::Beside("contentinfo")),
        Some("search") => return Some(Cue::Beside("search")),
        Some("dialog" | "alertdialog") => return Some(Cue::Beside("dialog")),
        Some("main" | "article") => return Some(Cue::Content),
        _ => {}
    }
    property.is_some_and(|prop| prop.split_whitespace().any(|word| word == "articleBody")).then_some(Cue::Content)
}

/// What the names in one class or id attribute say.
pub fn of_names(value: &str) -> Cue {
    value.split_whitespace().take(24).fold(Cue::None, |found, name| found.or(name_cue(name)))
}

/// The cue of one class or id. The last word of a name is its noun: `article-comments` are comments, and a
/// `comment-body` is a body of a comment, so words beside the article weigh more than the others.
fn name_cue(name: &str) -> Cue {
    let known = |word: &str| KNOWN.word(word);
    let mut whole = String::with_capacity(name.len());
    whole.extend(
        name.bytes().filter(|byte| !matches!(byte, b'-' | b'_')).map(|byte| char::from(byte.to_ascii_lowercase())),
    );
    // Names in other letters are none of the known.
    if known(&whole).content || name.contains('_') && known(&name.to_ascii_lowercase()).content {
        return Cue::Content;
    }
    let mut found = Cue::None;
    let beside = naming::find_word(name, |word| {
        let word = known(word);
        if word.header {
            found = Cue::Header;
        } else if found == Cue::None && word.content {
            found = Cue::Content;
        }
        word.beside
    });
    let beside = beside.or_else(|| known(&whole).beside.filter(|beside| beside.len() > 6));
    beside.map_or(found, Cue::Beside)
}

/// What a word of a name marks.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    /// The word itself, where it marks what stands beside an article.
    beside: Option<&'static str>,
    header: bool,
    content: bool,
}

/// Words with what each marks.
struct Known {
    words: HashMap<&'static str, Word, Plain>,
    /// The lengths of words that begin with each byte, a bit each: most words of a page are none of these.
    lengths: [u32; 256],
}

impl Known {
    fn word(&self, word: &str) -> Word {
        let first = word.bytes().next().map_or(0, usize::from);
        let may_be = self.lengths[first] & Self::length(word) != 0;
        if may_be { self.words.get(word).copied().unwrap_or_default() } else { Word::default() }
    }

    fn length(word: &str) -> u32 {
        1 << word.len().min(31)
    }
}

/// Every word that is known; the table is made when the first page is read.
static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut words: HashMap<&'static str, Word, Plain> = HashMap::with_hasher(Plain);
    BESIDE.iter().for_each(|&word| words.entry(word).or_default().beside = Some(word));
    HEADER.iter().for_each(|&word| words.entry(word).or_default().header = true);
    CONTENT.iter().for_each(|&word| words.entry(word).or_default().content = true);
    let mut lengths = [0; 256];
    for word in words.keys() {
        lengths[word.bytes().next().map_or(0, usize::from)] |= Known::length(word);
    }
    Known { words, lengths }
});

/// Elements that a reader does not see, or does not read.
pub fn is_unseen(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "head"
            | "select"
            | "textarea"
            | "datalist"
            | "dialog"
            | "canvas"
            | "object"
            | "applet"
            | "map"
            | "svg"
            | "link"
            | "meta"
            | "progress"
            | "meter"
            | "frameset"
    )
}

/// Elements of one line or paragraph: hidden, they are for machines; larger ones may be panels that open.
pub fn is_line(name: &str) -> bool {
    is_inline(name) || matches!(name, "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "img")
}

/// Elements that stand in a line of text.
pub fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "acronym"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "br"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "img"
            | "note-ref"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "nobr"
            | "picture"
            | "q"
            | "rb"
            | "rp"
            | "rt"
            | "rtc"
            | "ruby"
            | "s"
            | "samp"
            | "small"
            | "source"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
            | "noscript"
            | "input"
            | "math"
            | "audio"
            | "video"
            | "iframe"
            | "embed"
    )
}

/// Elements that are content without any text in them, in the article's tree.
pub fn is_void_content(name: &str) -> bool {
    matches!(name, "img" | "video" | "audio" | "iframe" | "embed" | "hr" | "input" | "math" | "note-ref")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_beside_the_article_wins() {
        assert_eq!(name_cue("article-comments"), Cue::Beside("comments"));
        assert_eq!(name_cue("relatedPosts"), Cue::Beside("related"));
        assert_eq!(name_cue("post-content"), Cue::Content);
        assert_eq!(name_cue("rich_media_content"), Cue::Content);
        assert_eq!(name_cue("entry-meta"), Cue::Header);
        assert_eq!(name_cue("header"), Cue::None);
        assert_eq!(name_cue("shadow"), Cue::None);
    }
}
