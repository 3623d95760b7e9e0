//! Elements that inline styles turn into others.

use std::borrow::Cow;

/// Returns the element that an inline style stands for: a bold, italic or struck-through `span`, or bold text that is set
/// to normal weight. None when the style changes nothing.
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
