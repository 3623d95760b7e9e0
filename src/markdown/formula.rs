//! The text of a formula, the same wherever it stands.

use crate::model::tree::Element;

use super::spaces::plain;

/// A formula as every form of it holds it; empty when nothing of it can be seen.
///
/// A reader that knows no formulas sees no tag, link or definition in it, and one that does no end: spaces, which say
/// nothing in TeX, part what would be one, and no sign of code is left.
pub(super) fn text(tex: &str) -> String {
    let mut out = String::with_capacity(tex.len());
    let mut last = ' ';
    for c in plain(tex).chars() {
        let opens_tag = last == '<' && (c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        let closes = last == '$' && c == '$';
        if opens_tag || closes || last == ']' && matches!(c, '(' | ':' | '[') {
            out.push(' ');
        }
        match c {
            // TeX's other name of it opens no code.
            '`' => out.push_str("\\lq "),
            _ => out.push(c),
        }
        last = c;
    }
    // A dollar sign behind a space ends no formula.
    out.truncate(out.trim_end().len());
    out
}

/// A formula that stands for itself, in Markdown.
pub(super) fn displayed(tex: &str) -> String {
    let tex = text(tex);
    format!("$${}$$", set_off(&tex))
}

/// A dollar sign at either end stands off from those of the formula.
fn set_off(tex: &str) -> String {
    let space = |is_dollar: bool| if is_dollar { " " } else { "" };
    format!("{}{tex}{}", space(tex.starts_with('$')), space(tex.ends_with('$')))
}

/// A formula within a line of Markdown. `closes`: a dollar sign is read as its end, as it is not before a digit or code.
pub(super) fn in_line(tex: &str, closes: bool) -> String {
    let tex = text(tex);
    if closes && !tex.contains('$') {
        return format!("${tex}$");
    }
    format!("$`{}`$", set_off(&tex))
}

/// The class and the signs by which readers of HTML know a formula, as pandoc writes them and MathJax and KaTeX look for
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct InHtml {
    pub class: &'static str,
    pub open: &'static str,
    pub close: &'static str,
}

impl InHtml {
    pub(super) const DISPLAY: Self = Self { class: "math display", open: "\\[", close: "\\]" };
    const INLINE: Self = Self { class: "math inline", open: "\\(", close: "\\)" };

    pub(super) fn of(element: &Element) -> Self {
        if element.attr("display") == Some("block") { Self::DISPLAY } else { Self::INLINE }
    }

    /// By the class of what holds a formula; None for another.
    pub(super) fn of_class(class: &str) -> Option<Self> {
        [Self::DISPLAY, Self::INLINE].into_iter().find(|signs| signs.class == class)
    }

    /// What stands between the signs.
    pub(super) fn within(self, shown: &str) -> &str {
        shown.strip_prefix(self.open).and_then(|rest| rest.strip_suffix(self.close)).unwrap_or(shown)
    }
}
