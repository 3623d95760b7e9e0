//! What tags, roles, classes and ids say about a part of a page.

use scraper::node::Element;

/// What the surroundings of a text are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cue {
    /// Nothing, or nothing known.
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

/// What an element's tag, role, class and id say.
pub fn cue(element: &Element) -> Cue {
    match element.name() {
        "nav" => return Cue::Beside("nav"),
        "footer" => return Cue::Beside("footer"),
        "aside" => return Cue::Beside("aside"),
        "article" | "main" => return Cue::Content,
        "body" | "html" | "head" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "p" | "img" | "figure" | "figcaption" => {
            return Cue::None;
        }
        _ => {}
    }
    match element.attr("role") {
        Some("navigation") => return Cue::Beside("navigation"),
        Some("complementary") => return Cue::Beside("complementary"),
        Some("contentinfo") => return Cue::Beside("contentinfo"),
        Some("search") => return Cue::Beside("search"),
        Some("dialog" | "alertdialog") => return Cue::Beside("dialog"),
        Some("main" | "article") => return Cue::Content,
        _ => {}
    }
    if element.attr("itemprop").is_some_and(|prop| prop.split_whitespace().any(|word| word == "articleBody")) {
        return Cue::Content;
    }
    named(element)
}

fn named(element: &Element) -> Cue {
    let mut found = Cue::None;
    for value in [element.attr("class"), element.attr("id")].into_iter().flatten() {
        for name in value.split_whitespace().take(24) {
            match name_cue(name) {
                Cue::Beside(word) => return Cue::Beside(word),
                Cue::None => {}
                cue => found = cue,
            }
        }
    }
    found
}

/// The cue of one class or id. The last word of a name is its noun: `article-comments` are comments, and a
/// `comment-body` is a body of a comment, so words beside the article weigh more than the others.
fn name_cue(name: &str) -> Cue {
    let lower = name.to_ascii_lowercase();
    let whole = lower.replace(['-', '_'], "");
    if CONTENT.contains(&lower.as_str()) || CONTENT.contains(&whole.as_str()) {
        return Cue::Content;
    }
    let mut found = Cue::None;
    for word in words(name) {
        if let Some(beside) = BESIDE.iter().find(|beside| **beside == word) {
            return Cue::Beside(beside);
        }
        if HEADER.contains(&word.as_str()) {
            found = Cue::Header;
        } else if found == Cue::None && CONTENT.contains(&word.as_str()) {
            found = Cue::Content;
        }
    }
    if let Some(beside) = BESIDE.iter().find(|beside| beside.len() > 6 && **beside == whole) {
        return Cue::Beside(beside);
    }
    found
}

/// `articleShare-box_2` → article, share, box, 2.
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous_lower = false;
    for c in name.chars().take(200) {
        let boundary = !c.is_alphanumeric() || (c.is_uppercase() && previous_lower);
        if boundary && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        previous_lower = c.is_lowercase();
    }
    words
}

/// Elements that a reader does not see, or does not read.
pub fn is_unseen(element: &Element) -> bool {
    matches!(
        element.name(),
        "script"
            | "style"
            | "template"
            | "head"
            | "button"
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
    ) || is_hidden(element)
}

/// Hidden by an attribute or an inline style.
pub fn is_hidden(element: &Element) -> bool {
    if element.attr("hidden").is_some_and(|value| !value.eq_ignore_ascii_case("until-found")) {
        return true;
    }
    let Some(style) = element.attr("style") else { return false };
    let style: String = style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    // WeChat hides its article until a script has run.
    let revealed_later = element.attr("id") == Some("js_content");
    style.contains("display:none") || (style.contains("visibility:hidden") && !revealed_later)
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
