//! Which elements stand in a line of text, which no reader sees, and which are content without text.

/// Returns true for elements whose content readers do not see or do not read as text.
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

/// Returns true for elements of one line or paragraph. When hidden, they are for programs; larger hidden elements may be
/// panels that a reader opens.
pub fn is_line(name: &str) -> bool {
    is_inline(name) || matches!(name, "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "img")
}

/// Returns true for inline elements.
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

/// Returns true for elements of the article's tree that are content although they contain no text.
pub fn is_void_content(name: &str) -> bool {
    matches!(name, "img" | "video" | "audio" | "iframe" | "embed" | "hr" | "input" | "math" | "note-ref")
}
