//! The text constructs and contents of Atom. <https://www.rfc-editor.org/rfc/rfc4287#section-3.1>, section 4.1.3

use base64::Engine as _;

use crate::html::decode;
use crate::model::{Loss, LossKind};

/// Returns the text of a `title`, `summary` or `content` as HTML. Inline XHTML is given as markup, everything else with its
/// references replaced.
///
/// # Errors
/// It is data that is not text; the loss says of which type.
pub(super) fn html(name: &str, attributes: &[(String, String)], text: &str) -> Result<String, Loss> {
    let attribute = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
    let kind = attribute("type").unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_base64 = attribute("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("base64"));
    match kind.as_str() {
        _ if is_base64 => decoded(&kind, text),
        "xhtml" | "html" | "text/html" | "application/xhtml+xml" => Ok(text.to_owned()),
        // Without a type it is text. Many feeds write HTML there, but few into a title.
        "" if name != "title" && is_markup(text) => Ok(text.to_owned()),
        "" | "text" => Ok(escaped(text)),
        xml if xml.ends_with("/xml") || xml.ends_with("+xml") => Ok(text.to_owned()),
        other if other.starts_with("text/") || !other.contains('/') => Ok(escaped(text)),
        other => decoded(other, text),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Returns true for a text with end tags or with elements that have none.
fn is_markup(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["</", "<br", "<img", "<p>", "<hr"].iter().any(|tag| lower.contains(tag))
}

/// Decodes Base64. What is not Base64 is taken for the text itself.
fn decoded(kind: &str, text: &str) -> Result<String, Loss> {
    let packed: String = text.split_whitespace().collect();
    let engine = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new()
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let Ok(bytes) = engine.decode(&packed) else {
        return Ok(if is_markup(text) { text.to_owned() } else { escaped(text) });
    };
    let is_binary = bytes.iter().any(|byte| matches!(byte, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f));
    if is_binary || infer::get(&bytes).is_some_and(|found| !found.mime_type().starts_with("text/")) {
        let kind = if kind.is_empty() { "unknown" } else { kind };
        return Err(Loss::new(LossKind::Attachment, format!("content of the type {kind}")));
    }
    let text = decode(&bytes, None, None).text.into_owned();
    Ok(if kind.ends_with("html") || is_markup(&text) { text } else { escaped(&text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, attributes: &[(&str, &str)], text: &str) -> Result<String, Loss> {
        let attributes: Vec<_> = attributes.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        html(name, &attributes, text)
    }

    #[test]
    fn a_text_is_html_by_its_type() {
        assert_eq!(of("title", &[], "a <b> & c").unwrap(), "a &lt;b> &amp; c");
        assert_eq!(of("summary", &[], "1 < 2").unwrap(), "1 &lt; 2");
        assert_eq!(of("summary", &[], "<p>1</p>").unwrap(), "<p>1</p>");
        assert_eq!(of("content", &[("type", "text/plain")], "<p>").unwrap(), "&lt;p>");
        assert_eq!(of("content", &[("type", "text/html; charset=utf-8")], "<p>").unwrap(), "<p>");
    }

    #[test]
    fn base64_is_decoded_when_it_is_text() {
        let engine = base64::engine::general_purpose::STANDARD;
        let (text, image) = (engine.encode("<p>渡口 & 船</p>"), engine.encode(b"\x89PNG\r\n\x1a\n\0\0"));
        let folded = format!("\n{}\n {}", &text[..8], &text[8..]);
        assert_eq!(of("content", &[("type", "application/octet-stream")], &folded).unwrap(), "<p>渡口 & 船</p>");
        assert_eq!(of("content", &[("type", "text/html"), ("mode", "base64")], &text).unwrap(), "<p>渡口 & 船</p>");
        let loss = of("content", &[("type", "image/png")], &image).unwrap_err();
        assert_eq!((loss.kind, loss.detail.as_str()), (LossKind::Attachment, "content of the type image/png"));
        assert_eq!(of("content", &[("type", "application/x-text")], "no base64!").unwrap(), "no base64!");
    }
}
