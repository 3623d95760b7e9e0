//! The attributes of elements that are written.

use crate::html::Element;

use super::escape::escaped;
use super::forms::Form;

/// The largest value of `colspan` (WHATWG HTML 4.9.11).
const MAX_SPAN: u32 = 1000;

/// Returns the attributes of an element.
pub(super) fn attributes(element: &Element, form: Form, id: Option<&str>) -> String {
    let mut out = id.map(|id| format!(" id=\"{id}\"")).unwrap_or_default();
    let mut add = |name: &str, value: &str| out.push_str(&format!(" {name}=\"{}\"", escaped(value)));
    let number = |name: &str| element.attr(name).and_then(|value| value.trim().parse::<i32>().ok());
    let mut class = form.class.to_owned();
    match form.name {
        "abbr" | "dfn" => {
            if let Some(title) = element.attr("title").filter(|title| !title.trim().is_empty()) {
                add("title", title);
            }
        }
        "ol" => {
            if let Some(start) = number("start").filter(|start| *start != 1) {
                add("start", &start.to_string());
            }
            if element.attr("reversed").is_some() {
                add("reversed", "reversed");
            }
        }
        "li" => {
            if let Some(value) = number("value") {
                add("value", &value.to_string());
            }
        }
        "details" if element.attr("open").is_some() => add("open", "open"),
        "td" | "th" => {
            for (name, max) in [("colspan", MAX_SPAN), ("rowspan", u32::from(u16::MAX) - 1)] {
                let span = element.attr(name).and_then(|value| value.trim().parse::<u32>().ok());
                if let Some(span) = span.filter(|span| (2..=max).contains(span)) {
                    add(name, &span.to_string());
                }
            }
            let align = element.attr("align").map(str::to_ascii_lowercase).unwrap_or_default();
            if matches!(align.as_str(), "center" | "right") {
                class = align;
            }
        }
        "code" => {
            let language = element.attr("class").and_then(|class| class.split_whitespace().next());
            let is_plain = |class: &&str| class.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            class = language.filter(is_plain).unwrap_or_default().to_owned();
        }
        _ => {}
    }
    if !class.is_empty() {
        add("class", &class);
    }
    out
}
