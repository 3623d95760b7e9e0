//! What the elements of a content tree are, by their names.

/// Elements that Markdown has no form for and that keep their meaning as HTML.
pub(super) fn kept_tag(name: &str) -> Option<&'static &'static str> {
    Some(match name.as_bytes() {
        b"sub" => &"sub",
        b"sup" => &"sup",
        b"mark" => &"mark",
        b"ins" => &"ins",
        b"kbd" => &"kbd",
        b"ruby" => &"ruby",
        b"rp" => &"rp",
        b"rt" => &"rt",
        b"u" => &"u",
        _ => return None,
    })
}

/// It plays something, or shows another page.
pub(super) fn is_embed(name: &str) -> bool {
    matches!(name.as_bytes(), b"video" | b"audio" | b"iframe" | b"embed")
}

/// It stands on lines of its own.
pub(super) fn is_block(name: &str) -> bool {
    // Bytes are told apart by length and letter, without a comparison for each name.
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
            | b"note"
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
