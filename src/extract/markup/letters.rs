//! Mathematical letters and bracket pieces, as plain characters.

/// Returns letters as they are typed, and the font variant that all of them share; None for italic and for mixed
/// letters.
pub(super) fn plain(text: &str) -> (String, Option<&'static str>) {
    let mut variants = text.trim().chars().map(variant);
    let first = variants.next().flatten();
    let shared = first.filter(|_| variants.all(|other| other == first));
    let letters = text.chars().map(|c| {
        let is_mathematical = matches!(c as u32, 0x1d400..=0x1d7ff | 0x210e);
        if is_mathematical { typed(c) } else { piece(c) }
    });
    (letters.collect(), shared.filter(|name| *name != "italic"))
}

/// Returns the plain letter of a mathematical alphanumeric symbol.
fn typed(c: char) -> char {
    use unicode_normalization::UnicodeNormalization;
    match c as u32 {
        0x1d716 => 'ϵ',
        0x1d717 => 'ϑ',
        0x1d719 => 'ϕ',
        0x1d71a => 'ϱ',
        0x1d71b => 'ϖ',
        _ => std::iter::once(c).nfkc().next().unwrap_or(c),
    }
}

/// Returns the bracket that a bracket piece belongs to.
fn piece(c: char) -> char {
    match c as u32 {
        0x239b..=0x239d => '(',
        0x239e..=0x23a0 => ')',
        0x23a1..=0x23a3 => '[',
        0x23a4..=0x23a6 => ']',
        0x23a7..=0x23aa => '{',
        0x23ab..=0x23ad => '}',
        _ => c,
    }
}

fn variant(c: char) -> Option<&'static str> {
    Some(match c as u32 {
        0x1d400..=0x1d433 | 0x1d6a8..=0x1d6e1 | 0x1d7ce..=0x1d7d7 => "bold",
        0x1d468..=0x1d49b | 0x1d71c..=0x1d755 => "bold-italic",
        0x1d434..=0x1d467 | 0x1d6e2..=0x1d71b | 0x210e => "italic",
        0x1d49c..=0x1d503 => "script",
        0x1d504..=0x1d537 | 0x1d56c..=0x1d59f => "fraktur",
        0x1d538..=0x1d56b | 0x1d7d8..=0x1d7e1 => "double-struck",
        0x1d5a0..=0x1d66f => "sans-serif",
        0x1d670..=0x1d6a3 => "monospace",
        _ => return None,
    })
}
