//! Which elements stand in a line of text, which no reader sees, and which are content without text.

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
