//! The names of a page's elements in the article's tree, and the attributes they keep there.

use std::borrow::Cow;

use crate::extract::elements;

/// Elements that keep their name in the article's tree. Sorted.
#[rustfmt::skip]
const SAME: [&str; 61] = [
    "a", "abbr", "audio", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details", "dfn", "div",
    "dl", "dt", "em", "embed", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "iframe", "img",
    "input", "ins", "kbd", "li", "mark", "ol", "p", "picture", "pre", "q", "rp", "rt", "ruby", "s", "samp", "span",
    "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
    "video",
];

/// Returns an element's name in the article's tree: other containers become `div`, other inline elements `span`.
pub(super) fn made_name(name: &str) -> Cow<'static, str> {
    if let Ok(same) = SAME.binary_search(&name) {
        return Cow::Borrowed(SAME[same]);
    }
    Cow::Borrowed(match name {
        "strike" => "del",
        "tt" => "code",
        "dir" | "menu" => "ul",
        "listing" | "xmp" => "pre",
        _ if elements::is_inline(name) => "span",
        _ => "div",
    })
}

/// Returns the attributes that an element keeps in the article's tree.
pub(super) fn kept_attributes(name: &str) -> &'static [&'static str] {
    match name {
        "a" | "abbr" => &["title"],
        "ol" => &["start", "reversed"],
        "li" => &["value"],
        "td" | "th" => &["align", "colspan", "rowspan", "style"],
        "code" | "pre" => &["class"],
        "details" => &["open"],
        "input" => &["type", "checked"],
        "video" | "audio" | "iframe" | "embed" => &["title"],
        _ => &[],
    }
}
