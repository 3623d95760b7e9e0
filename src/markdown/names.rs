//! Sets of elements of the article tree.

use crate::html::elements;
use crate::model::tree::Element;

/// Returns the name of an element that Markdown has no form for and that is written as HTML; None for any other.
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

/// Returns true for an element that plays audio or video or shows another page.
pub(super) fn is_embed(name: &str) -> bool {
    matches!(name.as_bytes(), b"video" | b"audio" | b"iframe" | b"embed")
}

/// Returns true for an element that is shown on lines of its own. `note` is a footnote of the article tree.
pub(super) fn is_block(name: &str) -> bool {
    elements::is_block(name) || name == "note"
}

/// Returns true for an `input` that is a checkbox. Other inputs have no content.
pub(super) fn is_checkbox(element: &Element) -> bool {
    element.attr("type").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("checkbox"))
}
