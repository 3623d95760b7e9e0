//! Which SVG images a book may contain.

use std::collections::BTreeSet;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

const NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// Returns why a book may not contain an SVG image; None if it may: well-formed, without a document type, scripts, HTML,
/// anything that is loaded from elsewhere, and repeated ids.
pub(super) fn fault(bytes: &[u8]) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Some("this SVG is not in UTF-8, so the book links to it") };
    match is_fit(text) {
        Ok(true) => None,
        Ok(false) => Some("this SVG has parts that books may not contain, so the book links to it"),
        Err(_) => Some("this SVG is not well-formed XML, so the book links to it"),
    }
}

fn is_fit(text: &str) -> Result<bool, quick_xml::Error> {
    let mut reader = Reader::from_str(text);
    let mut ids = BTreeSet::new();
    let (mut depth, mut has_root) = (0usize, false);
    loop {
        match reader.read_event()? {
            Event::Eof => return Ok(has_root && depth == 0),
            Event::DocType(_) | Event::PI(_) => return Ok(false),
            event @ (Event::Start(_) | Event::Empty(_)) => {
                let is_open = matches!(event, Event::Start(_));
                let (Event::Start(element) | Event::Empty(element)) = event else { continue };
                let is_root = depth == 0;
                let is_second = is_root && std::mem::replace(&mut has_root, true);
                if is_second || is_root && !is_drawing(&element)? || !is_element_fit(&element, &mut ids)? {
                    return Ok(false);
                }
                depth += usize::from(is_open);
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(text) if depth == 0 && !text.trim().is_empty() => return Ok(false),
            Event::Text(text) if loads(&text) => return Ok(false),
            Event::CData(text) if depth == 0 || loads(&text) => return Ok(false),
            _ => {}
        }
    }
}

/// Returns true for a root that makes a file a drawing.
fn is_drawing(root: &BytesStart<'_>) -> Result<bool, quick_xml::Error> {
    let namespace = root.try_get_attribute("xmlns")?;
    Ok(root.name().as_ref() == "svg" && namespace.is_some_and(|namespace| namespace.value.as_ref() == NAMESPACE))
}

fn is_element_fit(element: &BytesStart<'_>, ids: &mut BTreeSet<String>) -> Result<bool, quick_xml::Error> {
    let name = element.name();
    if matches!(name.as_ref(), "script" | "foreignObject" | "a" | "iframe") {
        return Ok(false);
    }
    for attribute in element.attributes() {
        let attribute = attribute?;
        let (key, value) = (attribute.key.as_ref(), attribute.value.as_ref());
        let is_local = value.starts_with('#') || value.starts_with("data:image/");
        match key {
            "href" | "xlink:href" | "src" if !is_local => return Ok(false),
            "id" | "xml:id" if !ids.insert(value.to_owned()) || !is_name(value) => return Ok(false),
            key if key.starts_with("on") => return Ok(false),
            _ if loads(value) => return Ok(false),
            _ => {}
        }
    }
    Ok(true)
}

/// Returns true for styles that load something.
fn loads(style: &str) -> bool {
    ["@import", "url(h", "url('h", "url(\"h", "url(/", "url('/", "url(\"/"].iter().any(|part| style.contains(part))
}

/// Returns true for an id that XML allows.
fn is_name(id: &str) -> bool {
    let begins = id.starts_with(|c: char| c.is_alphabetic() || c == '_');
    begins && id.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawings_are_taken_and_what_loads_acts_or_is_broken_is_not() {
        let svg = |inside: &str| format!("<svg xmlns=\"{NAMESPACE}\" viewBox=\"0 0 9 9\">{inside}</svg>");
        assert_eq!(fault(svg("<path id=\"a\" d=\"M0 0\"/><use href=\"#a\"/><text>图</text>").as_bytes()), None);
        for inside in [
            "<script>x</script>",
            "<image href=\"https://example.org/a.png\"/>",
            "<path onclick=\"x\"/>",
            "<path id=\"a\"/><path id=\"a\"/>",
            "<path>",
            "<foreignObject/>",
            "<path fill=\"url(https://example.org/a#b)\"/>",
        ] {
            assert!(fault(svg(inside).as_bytes()).is_some(), "{inside}");
        }
        assert!(fault(b"<svg/>").is_some() && fault(b"").is_some());
    }
}
