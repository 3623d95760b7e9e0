//! Parses TeX as pages write it: with delimiters, inside a style command, or bare.

use unicode_normalization::UnicodeNormalization;

use super::Markup;

pub(super) fn looks_like_tex(text: &str) -> bool {
    text.contains(['\\', '^', '_', '=', '{'])
}

/// Returns the formula in a text, with or without delimiters.
pub(super) fn delimited(text: &str, display: bool) -> Option<Markup> {
    let text = text.trim();
    for (open, close, block) in [("\\(", "\\)", false), ("\\[", "\\]", true), ("$$", "$$", true), ("$", "$", false)] {
        if let Some(tex) = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            return formula(Some(tex.to_owned()), display || block);
        }
    }
    formula(Some(text.to_owned()), display)
}

/// Removes the delimiters, if there are any.
pub(super) fn stripped(text: &str) -> String {
    match delimited(text, false) {
        Some(Markup::Math { tex, .. }) => tex,
        _ => text.to_owned(),
    }
}

pub(super) fn formula(tex: Option<String>, display: bool) -> Option<Markup> {
    let tex = tex?;
    let mut tex = tex.trim();
    // The style command that Wikipedia and others put around every formula.
    for _ in 0..2 {
        let inner = tex.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).map(str::trim);
        if let Some(inner) =
            inner.filter(|inner| inner.starts_with("\\displaystyle") || inner.starts_with("\\textstyle"))
        {
            tex = inner;
        }
        for style in ["\\displaystyle", "\\textstyle"] {
            if let Some(rest) =
                tex.strip_prefix(style).filter(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
            {
                tex = rest.trim();
            }
        }
    }
    // A line break after the last row ends nothing.
    let tex = tex.trim_end_matches("\\\\");
    let collapsed = tex.split_whitespace().collect::<Vec<_>>().join(" ");
    (!collapsed.is_empty()).then_some(Markup::Math { tex: collapsed, display })
}

/// Returns the source in the text of MathML whose tags a site removed. The source comes last: it is the last line, or
/// what remains after the text of the formula's parts or of its drawing.
pub(super) fn without_parts(text: &str, drawn: &str) -> String {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    if lines().count() > 1 {
        return lines().next_back().unwrap_or_default().to_owned();
    }
    let text = text.trim();
    if text.len() > LONGEST {
        return text.to_owned();
    }
    let drawn = plain(drawn);
    let splits = || text.char_indices().skip(1).map(|(at, _)| text.split_at(at));
    let fits = |(parts, source): &(&str, &str)| {
        let parts = plain(parts);
        !parts.is_empty()
            && !source.trim().is_empty()
            && (sorted(&parts) == sorted(&plain_tex(source)) || parts == drawn && parts != plain(text))
    };
    splits().find(fits).map_or(text, |(_, source)| source.trim()).to_owned()
}

/// Maximum length of a text that is searched for the beginning of its source.
const LONGEST: usize = 400;

fn sorted(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters
}

/// Returns the letters of TeX: its commands as the characters they stand for, without its own characters.
fn plain_tex(tex: &str) -> String {
    let mut parts = tex.split('\\');
    let mut out: String = letters(parts.next().unwrap_or_default()).collect();
    for part in parts {
        let (name, after) = part.split_at(part.bytes().take_while(u8::is_ascii_alphabetic).count());
        out.push_str(super::characters::character(name).unwrap_or(if is_function(name) { name } else { "" }));
        out.extend(letters(after));
    }
    out.nfkc().collect()
}

/// Returns the letters of a text without TeX's own characters.
fn plain(text: &str) -> String {
    letters(text).nfkc().collect()
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    let is_sign = |c: char| matches!(c, '{' | '}' | '^' | '_' | '&' | '\u{200b}' | '\u{2061}'..='\u{2064}');
    text.chars().filter(move |&c| !c.is_whitespace() && !is_sign(c)).map(|c| if c == '−' { '-' } else { c })
}

fn is_function(name: &str) -> bool {
    matches!(name, "sin" | "cos" | "tan" | "log" | "ln" | "exp" | "lim" | "max" | "min" | "sup" | "inf" | "det")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_is_separated_from_the_text_of_the_parts_before_it() {
        for (text, drawn, source) in [
            ("v = \\sqrt{g d}", "v=√gd", "v = \\sqrt{g d}"),
            ("v=gdv = \\sqrt{g d}", "v=gd", "v = \\sqrt{g d}"),
            ("x2x^2", "x2", "x^2"),
            ("xx", "x", "x"),
            ("α+1≤β\\alpha + 1 \\le \\beta", "", "\\alpha + 1 \\le \\beta"),
            ("\n  x\n  2\n  x^2\n", "", "x^2"),
            ("E=mc2 E=mc^2", "", "E=mc^2"),
        ] {
            assert_eq!(without_parts(text, drawn), source, "{text}");
        }
    }
}
