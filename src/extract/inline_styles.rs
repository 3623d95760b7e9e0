//! What inline styles make of an element.

use std::borrow::Cow;

/// A span that is set in bold, in italics or struck through is what it looks like, and so is bold that is set as plain.
pub fn styled_name(element: &crate::html::Element) -> Option<Cow<'static, str>> {
    let style = element.attr("style")?;
    let plain = matches!(element.name(), "span" | "font");
    let (bold, italic) = (matches!(element.name(), "b" | "strong"), matches!(element.name(), "i" | "em"));
    if !(plain || bold || italic) {
        return None;
    }
    let style: String = style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let name = style.split(';').find_map(|rule| match rule.trim_end_matches("!important").split_once(':')? {
        ("font-weight", "bold" | "bolder" | "600" | "700" | "800" | "900") if plain => Some("strong"),
        ("font-style", "italic" | "oblique") if plain => Some("em"),
        ("text-decoration" | "text-decoration-line", "line-through") if plain => Some("del"),
        ("font-weight", "normal" | "400") if bold => Some("span"),
        ("font-style", "normal") if italic => Some("span"),
        _ => None,
    });
    name.map(Cow::Borrowed)
}
