//! Code in Markdown source: where it begins and ends, and a code span as HTML.

use std::collections::HashMap;
use std::ops::Range;

use super::code::entities;

/// Returns where the runs of backticks of each length begin.
pub(super) fn runs(source: &str) -> HashMap<usize, Vec<usize>> {
    let mut runs: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut end = 0;
    for at in memchr::memchr_iter(b'`', source.as_bytes()) {
        if at >= end {
            let length = run_length(source, at);
            runs.entry(length).or_default().push(at);
            end = at + length;
        }
    }
    runs
}

/// Returns the length of the run of backticks at a position.
pub(super) fn run_length(source: &str, at: usize) -> usize {
    source.as_bytes()[at..].iter().take_while(|byte| **byte == b'`').count()
}

/// Returns the end of the fenced block that a line begins: after its last line. A fence may stand behind the markers of
/// quotes, items and notes.
pub(super) fn fenced_block(source: &str, at: usize) -> Option<usize> {
    let line = line_at(source, at);
    let opening = after_markers(line);
    let fence = opening.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = opening.chars().take_while(|c| *c == fence).count();
    if length < 3 || opening[length..].contains('`') {
        return None;
    }
    let mut next = at + line.len();
    while next < source.len() {
        let line = line_at(source, next);
        next += line.len();
        let inner = line.trim_matches(|c: char| c.is_whitespace() || c == '>');
        if inner.len() >= length && inner.chars().all(|c| c == fence) {
            return Some(next);
        }
    }
    Some(source.len())
}

fn line_at(source: &str, at: usize) -> &str {
    let end = memchr::memchr(b'\n', &source.as_bytes()[at..]).map_or(source.len(), |end| at + end + 1);
    &source[at..end]
}

/// Returns a line without the markers of quotes, items and notes at its start.
fn after_markers(line: &str) -> &str {
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '>']);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let after = match rest.as_bytes() {
            [b'-' | b'*' | b'+', b' ', ..] => Some(2),
            [b'[', b'^', ..] => rest.find("]: ").map(|end| end + 3),
            _ if (1..10).contains(&digits) && matches!(rest.as_bytes().get(digits), Some(b'.' | b')')) => {
                Some(digits + 1)
            }
            _ => None,
        };
        match after {
            Some(after) => rest = &rest[after..],
            None => return rest,
        }
    }
}

/// Returns a code span as HTML if it contains a marker of Nunjucks, which reads code spans too.
pub(super) fn span_as_html(source: &str, inside: Range<usize>) -> Option<String> {
    let text = &source[inside.clone()];
    if !["{{", "}}", "{%", "%}", "{#", "#}"].iter().any(|marker| text.contains(marker)) {
        return None;
    }
    let line = source[..inside.start].rfind('\n').map_or(0, |end| end + 1);
    let is_row = source[line..].trim_start_matches([' ', '>']).starts_with('|');
    let text = if is_row { text.replace("\\|", "|") } else { text.to_owned() };
    let is_padded = text.starts_with(' ') && text.ends_with(' ') && text.chars().any(|c| c != ' ');
    let text = if is_padded { &text[1..text.len() - 1] } else { &text };
    Some(format!("<code>{}</code>", entities(text)))
}
