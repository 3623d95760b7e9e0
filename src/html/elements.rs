//! Sets of HTML elements by name, in lower case. Each set has one meaning, stated here.

/// Elements without content and without an end tag (WHATWG HTML 13.1.2), and the obsolete `param`.
pub const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Obsolete elements that parsers treat like [`VOID`] ones (WHATWG HTML 13.3).
pub const OBSOLETE_VOID: [&str; 4] = ["basefont", "bgsound", "frame", "keygen"];

/// Elements whose content is text up to their end tag, whatever tags it contains. `script`, whose end is found by rules
/// of its own, and `plaintext`, which has no end, are not among them.
pub const RAW_TEXT: [&str; 7] = ["title", "style", "textarea", "xmp", "iframe", "noembed", "noframes"];

/// Elements that a page has once, around everything else; parsers create them where their tags are missing.
pub const DOCUMENT: [&str; 4] = ["html", "head", "body", "frameset"];

/// Elements whose start tag ends the SVG or MathML around it (WHATWG HTML 13.2.6.5).
pub const FOREIGN_BREAKOUT: [&str; 45] = [
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "i",
    "img",
    "li",
    "listing",
    "menu",
    "meta",
    "nobr",
    "ol",
    "p",
    "pre",
    "ruby",
    "s",
    "small",
    "span",
    "strong",
    "strike",
    "sub",
    "sup",
    "table",
    "tt",
    "u",
    "ul",
    "var",
];

/// Elements inside SVG in which HTML begins again (WHATWG HTML 13.2.6, "HTML integration point").
pub const SVG_HTML_POINTS: [&str; 3] = ["title", "desc", "foreignobject"];

/// Elements inside MathML in which HTML begins again (WHATWG HTML 13.2.6, "MathML text integration point").
pub const MATHML_HTML_POINTS: [&str; 5] = ["mi", "mo", "mn", "ms", "mtext"];

/// Returns true for an element of [`VOID`].
pub fn is_void(name: &str) -> bool {
    VOID.contains(&name)
}

/// Returns true for `h1` to `h6`.
pub fn is_heading(name: &str) -> bool {
    matches!(name.as_bytes(), [b'h', b'1'..=b'6'])
}

/// Returns true for an element that browsers show as a block, a list item or a part of a table (WHATWG HTML 15.3),
/// among those that articles use.
pub fn is_block(name: &str) -> bool {
    // A match on bytes is compiled to tests of length and letters, without a comparison for each name.
    matches!(
        name.as_bytes(),
        b"address"
            | b"article"
            | b"aside"
            | b"blockquote"
            | b"body"
            | b"caption"
            | b"center"
            | b"dd"
            | b"details"
            | b"dialog"
            | b"div"
            | b"dl"
            | b"dt"
            | b"fieldset"
            | b"figcaption"
            | b"figure"
            | b"footer"
            | b"form"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"header"
            | b"hr"
            | b"html"
            | b"li"
            | b"main"
            | b"nav"
            | b"ol"
            | b"p"
            | b"pre"
            | b"section"
            | b"summary"
            | b"table"
            | b"tbody"
            | b"td"
            | b"tfoot"
            | b"th"
            | b"thead"
            | b"tr"
            | b"ul"
    )
}

/// Returns true for an element that marks up words within a line of text. Elements that replace text, such as `img` and
/// `button`, are not among them.
pub fn is_inline(name: &str) -> bool {
    matches!(
        name.as_bytes(),
        b"a" | b"abbr"
            | b"b"
            | b"bdi"
            | b"bdo"
            | b"big"
            | b"cite"
            | b"code"
            | b"data"
            | b"dfn"
            | b"del"
            | b"em"
            | b"font"
            | b"i"
            | b"ins"
            | b"kbd"
            | b"label"
            | b"mark"
            | b"nobr"
            | b"q"
            | b"rb"
            | b"rp"
            | b"rt"
            | b"ruby"
            | b"s"
            | b"samp"
            | b"small"
            | b"span"
            | b"strike"
            | b"strong"
            | b"sub"
            | b"sup"
            | b"time"
            | b"tt"
            | b"u"
            | b"var"
    )
}
