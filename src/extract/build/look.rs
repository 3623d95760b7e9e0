//! The look of an element, as far as captions are recognised by it.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::html::Element;

/// Parts of class names and ids of captions.
const CAPTIONS: [&str; 10] = [
    "caption",
    "pic-desc",
    "picdesc",
    "img-desc",
    "imgdesc",
    "image-desc",
    "photo-desc",
    "pictext",
    "img_descr",
    "picnote",
];

/// The search for all of them at once.
static CAPTION: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(CAPTIONS).ok());

/// The look of an element. The tree carries it as an attribute until captions are recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Of a caption, by its name.
    Caption,
    Grey,
    Small,
    Centred,
    /// Of the label of a panel.
    Label,
}

impl Look {
    /// Returns the value of the attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Caption => "caption",
            Self::Grey => "grey",
            Self::Small => "small",
            Self::Centred => "centred",
            Self::Label => "label",
        }
    }
}

/// Returns an element's look; None where nothing sets it off.
pub(super) fn look(element: &Element) -> Option<Look> {
    let names = [element.attr("class"), element.attr("id")].into_iter().flatten();
    if names.into_iter().any(|name| CAPTION.as_ref().is_some_and(|words| words.is_match(name))) {
        return Some(Look::Caption);
    }
    let style: String = element
        .attr("style")
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    let color = style.split(';').find_map(|rule| rule.strip_prefix("color:")).or(element.attr("color"));
    if color.is_some_and(is_grey) {
        return Some(Look::Grey);
    }
    let size = style.split(';').find_map(|rule| rule.strip_prefix("font-size:"));
    if element.name() == "small"
        || size.is_some_and(is_small)
        || element.attr("size").is_some_and(|size| matches!(size, "1" | "2" | "-1"))
    {
        return Some(Look::Small);
    }
    let centred = element.attr("align").is_some_and(|align| align.eq_ignore_ascii_case("center"))
        || style.contains("text-align:center")
        || element.name() == "center";
    centred.then_some(Look::Centred)
}

/// Returns true for `#666`, `rgb(128,128,128)` or `gray`: equal parts of each colour, neither black nor white.
fn is_grey(color: &str) -> bool {
    let color = color.trim().trim_end_matches("!important").to_ascii_lowercase();
    if matches!(color.as_str(), "gray" | "grey" | "darkgray" | "darkgrey" | "dimgray" | "dimgrey" | "silver") {
        return true;
    }
    let parts: Vec<u32> = if let Some(hex) = color.strip_prefix('#') {
        let width = if hex.len() == 3 { 1 } else { 2 };
        (0..3)
            .filter_map(|n| hex.get(n * width..(n + 1) * width))
            .filter_map(|part| u32::from_str_radix(part, 16).ok())
            .map(|part| if width == 1 { part * 17 } else { part })
            .collect()
    } else if let Some(list) = color.strip_prefix("rgb(").or_else(|| color.strip_prefix("rgba(")) {
        list.trim_end_matches(')').split(',').take(3).filter_map(|part| part.trim().parse().ok()).collect()
    } else {
        return false;
    };
    let (Some(low), Some(high)) = (parts.iter().min(), parts.iter().max()) else { return false };
    parts.len() == 3 && high - low <= 24 && *low >= 0x50 && *high <= 0xd0
}

fn is_small(size: &str) -> bool {
    let digits = size.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(size.len());
    let Ok(value) = size[..digits].parse::<f64>() else { return matches!(size, "small" | "smaller" | "x-small") };
    match &size[digits..] {
        "px" => value <= 13.0,
        "pt" => value <= 9.5,
        "em" | "rem" => value <= 0.85,
        "%" => value <= 85.0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greys_are_distinguished_from_black_white_and_colours() {
        for grey in ["#666666", "#888", "rgb(127, 127, 127)", "gray"] {
            assert!(is_grey(grey), "{grey}");
        }
        for other in ["#000", "#333", "#fff", "#c00", "rgb(0,82,255)", "red"] {
            assert!(!is_grey(other), "{other}");
        }
    }
}
