//! The attributes of an element that the scan reads, found in one pass.

use crate::html::Element;

use super::hints::Hints;

/// The attributes of one element.
#[derive(Default)]
pub struct Attributes<'a> {
    pub class: Option<&'a str>,
    pub id: Option<&'a str>,
    pub role: Option<&'a str>,
    /// `itemprop`.
    pub property: Option<&'a str>,
    /// True when the element has an `href`.
    pub is_link: bool,
    pub style: Option<&'a str>,
    /// What a click opens: the ids in `aria-controls` and similar attributes, or a fragment in `href`.
    pub opens: Option<&'a str>,
    pub onclick: Option<&'a str>,
    hidden: Option<&'a str>,
    /// What the element may be, by its style and the names of its other attributes.
    pub hints: Hints,
}

impl<'a> Attributes<'a> {
    /// Reads an element's attributes.
    pub fn of(element: &'a Element) -> Self {
        let mut attributes = Self::default();
        for (name, value) in element.attrs() {
            match name {
                "class" => attributes.class = Some(value),
                "id" => attributes.id = Some(value),
                "role" => {
                    attributes.role = Some(value);
                    attributes.hints =
                        if value == "tablist" { attributes.hints.and(Hints::TABS) } else { attributes.hints };
                }
                "itemprop" => {
                    attributes.property = Some(value);
                    attributes.hints = attributes.hints.and(Hints::SIGNED);
                }
                "href" => {
                    attributes.is_link = true;
                    attributes.opens = attributes.opens.or(Some(value).filter(|value| value.starts_with('#')));
                }
                "aria-controls" | "data-target" | "data-bs-target" => attributes.opens = Some(value),
                "onclick" => attributes.onclick = Some(value),
                "hidden" => attributes.hidden = Some(value),
                "style" => {
                    attributes.style = Some(value);
                    attributes.hints = attributes.hints.and(Hints::of_style(value));
                }
                _ => attributes.hints = attributes.hints.and(Hints::of_attribute(name)),
            }
        }
        attributes
    }

    /// Returns true when an attribute or an inline style hides the element.
    pub fn hides(&self) -> bool {
        if self.hidden.is_some_and(|value| !value.eq_ignore_ascii_case("until-found")) {
            return true;
        }
        // Both `display` and `visibility` contain this letter.
        let Some(style) = self.style.filter(|style| style.contains(['y', 'Y'])) else { return false };
        let style: String = style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
        // WeChat hides its article until a script runs.
        let revealed_later = self.id == Some("js_content");
        style.contains("display:none") || (style.contains("visibility:hidden") && !revealed_later)
    }
}
