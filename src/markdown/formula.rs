//! The text of formulas, the same in Markdown, HTML and plain text.

use crate::model::tree::Element;

use super::chars::plain;

/// Returns the TeX source of a formula as it is written in every format; empty when nothing of it is visible.
///
/// Renderers without formulas must find no tag, link, definition or code in it, and those with formulas no early end. Spaces,
/// which have no meaning in TeX, separate what would be one of these, and backticks are replaced.
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
            // TeX's other name for a backtick does not open code.
            '`' => out.push_str("\\lq "),
            _ => out.push(c),
        }
        last = c;
    }
    // A dollar sign after a space does not end a formula.
    out.truncate(out.trim_end().len());
    out
}

/// Returns a display formula in Markdown.
pub(super) fn displayed(tex: &str) -> String {
    let tex = text(tex);
    format!("$${}$$", set_off(&tex))
}

/// Separates a dollar sign at either end from the delimiters of the formula.
fn set_off(tex: &str) -> String {
    let space = |is_dollar: bool| if is_dollar { " " } else { "" };
    format!("{}{tex}{}", space(tex.starts_with('$')), space(tex.ends_with('$')))
}

/// Returns true for text between dollar signs that is a formula and not what stands between two sums of money.
pub(super) fn is_tex(text: &str) -> bool {
    let text = text.trim();
    if ["**", "](", "~~"].iter().any(|mark| text.contains(mark)) || text.contains(['，', '。', '、', '；', '？']) {
        return false;
    }
    if text.contains(['\\', '^', '_', '{']) {
        return true;
    }
    let has_words = text.split(|c: char| !c.is_alphabetic()).any(|word| word.chars().count() > 3);
    let has_operator = text.contains(['=', '+', '*', '<', '>', '|', '!']);
    let begins_with_sum = text.starts_with(|c: char| c.is_ascii_digit()) && text.len() > 1 && !has_operator;
    let is_balanced = text.matches('(').count() == text.matches(')').count();
    !has_words && !begins_with_sum && is_balanced && !text.ends_with(['-', '–', ',', '/', '=', '+', '|'])
}

/// Returns true for text with a command of TeX. Outside of formulas, a backslash is written as two.
pub(super) fn has_command(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'\\' && bytes.next().is_some_and(|next| next.is_ascii_alphabetic()) {
            return true;
        }
    }
    false
}

/// What follows a formula in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Following {
    /// A digit or a code span, before which a dollar sign does not end a formula.
    DigitOrCode,
    /// Anything else, or nothing.
    Other,
}

/// Returns an inline formula in Markdown.
pub(super) fn inline(tex: &str, following: Following) -> String {
    let tex = text(tex);
    if following == Following::Other && !tex.contains('$') {
        return format!("${tex}$");
    }
    format!("$`{}`$", set_off(&tex))
}

/// The class and the delimiters of a formula in HTML, as written by pandoc and recognised by MathJax and KaTeX.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FormulaDelimiters {
    pub class: &'static str,
    pub open: &'static str,
    pub close: &'static str,
}

impl FormulaDelimiters {
    pub(super) const DISPLAY: Self = Self { class: "math display", open: "\\[", close: "\\]" };
    const INLINE: Self = Self { class: "math inline", open: "\\(", close: "\\)" };

    pub(super) fn of(element: &Element) -> Self {
        if element.attr("display") == Some("block") { Self::DISPLAY } else { Self::INLINE }
    }

    /// Returns the delimiters for the class of an element; None for any other class.
    pub(super) fn of_class(class: &str) -> Option<Self> {
        [Self::DISPLAY, Self::INLINE].into_iter().find(|delimiters| delimiters.class == class)
    }

    /// Returns the text between the delimiters.
    pub(super) fn strip(self, shown: &str) -> &str {
        shown.strip_prefix(self.open).and_then(|rest| rest.strip_suffix(self.close)).unwrap_or(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::{has_command, is_tex};

    #[test]
    fn formulas_are_told_from_what_stands_between_sums_of_money() {
        for formula in ["E=mc^2", "x", "n+1", "f(x)", "\\alpha", "h=\\frac{Q}{b}<3", "3", "2x+1=0", "a \\text{且} b"] {
            assert!(is_tex(formula), "{formula}");
        }
        for money in ["12.99** per month or **US", "209-", "，又花了6", "Squircle1-Large-1x", "5 (US", "1,200 up to"]
        {
            assert!(!is_tex(money), "{money}");
        }
        assert!(has_command("a~~\\text{，否则}") && has_command("\\,\\le") && !has_command("，在 C:\\\\dir，又花了6"));
    }
}
