//! The visible text of Markdown: without link targets, HTML tags and markup characters.

use std::collections::BTreeSet;

/// Returns the visible text of Markdown. Code is kept as it is.
pub fn readable(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut fence: Option<&str> = None;
    for line in markdown.lines() {
        let inside = line.trim_start_matches([' ', '\t', '>']);
        match (fence, fence_of(inside)) {
            (Some(open), Some(mark)) if mark.starts_with(open) && inside.trim_end() == mark => fence = None,
            (Some(_), _) => out.push_str(line),
            (None, Some(mark)) => fence = Some(mark),
            (None, None) => visible(line, &mut out),
        }
        out.push('\n');
    }
    out
}

/// Returns the mark of a fenced code block with which a line begins.
fn fence_of(line: &str) -> Option<&str> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(mark).len();
    // A code span in a paragraph closes on its line.
    let is_span = mark == '`' && line[length..].contains('`');
    (length >= 3 && !is_span).then(|| &line[..length])
}

/// Appends the visible text of a line outside of code blocks.
fn visible(line: &str, out: &mut String) {
    let mut rest = line.trim_start_matches([' ', '\t', '>', '#']);
    let is_row = rest.starts_with('|');
    if is_row && rest.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ')) {
        return;
    }
    let mut open = Open::default();
    while let Some(at) = rest.find(['\\', '`', '!', '[', ']', '<', '&', '*', '_', '~', '|']) {
        out.push_str(&rest[..at]);
        let before = rest[..at].chars().next_back().or_else(|| out.chars().next_back());
        let mark = rest[at..].chars().next().unwrap_or(' ');
        let after = &rest[at + 1..];
        rest = match mark {
            '\\' => escaped(after, out),
            '`' => code_span(&rest[at..], &mut open, out),
            '!' if after.starts_with('[') => after,
            '[' | '*' => after,
            ']' => after.strip_prefix('(').map_or(after, target),
            '<' => tag(after, &mut open, out),
            '&' => entity(after, out),
            '~' if after.starts_with('~') => &after[1..],
            '_' if !is_inside_a_word(before, after) => after,
            '|' if is_row => {
                out.push(' ');
                after
            }
            mark => {
                out.push(mark);
                after
            }
        };
    }
    out.push_str(rest);
}

/// What is known not to end on a line, so that it is not looked for again.
#[derive(Default)]
struct Open {
    /// Lengths of backtick strings without a second one.
    spans: BTreeSet<usize>,
    /// Whether no `>` follows.
    has_no_tag_end: bool,
}

fn is_inside_a_word(before: Option<char>, after: &str) -> bool {
    before.is_some_and(|c| c.is_alphanumeric() || c == '_')
        && after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '\\'))
}

/// Appends what a backslash escapes, and returns the rest.
fn escaped<'a>(after: &'a str, out: &mut String) -> &'a str {
    match after.chars().next() {
        Some(c) if c.is_ascii_punctuation() => {
            out.push(c);
            &after[1..]
        }
        _ => {
            out.push('\\');
            after
        }
    }
}

/// Appends the content of a code span, and returns the rest.
fn code_span<'a>(text: &'a str, open: &mut Open, out: &mut String) -> &'a str {
    let inside = text.trim_start_matches('`');
    let ticks = text.len() - inside.len();
    if open.spans.contains(&ticks) {
        return inside;
    }
    let mut from = 0;
    while let Some(at) = inside[from..].find('`').map(|at| from + at) {
        let length = inside[at..].len() - inside[at..].trim_start_matches('`').len();
        if length == ticks {
            out.push_str(&inside[..at]);
            return &inside[at + length..];
        }
        from = at + length;
    }
    open.spans.insert(ticks);
    inside
}

/// Returns what follows the target of a link.
fn target(text: &str) -> &str {
    let mut depth = 0;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '(' => depth += 1,
            ')' if depth == 0 => return &text[at + 1..],
            ')' => depth -= 1,
            _ => {}
        }
    }
    ""
}

/// Skips a tag, or appends its first character if it is not a tag; returns the rest.
fn tag<'a>(after: &'a str, open: &mut Open, out: &mut String) -> &'a str {
    let end = if open.has_no_tag_end { None } else { after.find('>') };
    open.has_no_tag_end = end.is_none();
    let begins = after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
    match end.filter(|_| begins) {
        Some(end) => {
            let name = &after[..end];
            if name.contains("://") && !name.contains(char::is_whitespace) {
                out.push_str(name);
            }
            &after[end + 1..]
        }
        None => {
            out.push('<');
            after
        }
    }
}

/// Appends the character of an entity, and returns the rest.
fn entity<'a>(after: &'a str, out: &mut String) -> &'a str {
    const LONGEST: usize = 8;
    let end = after.bytes().take(LONGEST + 1).position(|byte| byte == b';');
    let name = end.map(|end| &after[..end]);
    let number =
        name.and_then(|name| name.strip_prefix('#')).and_then(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        });
    let found = match name {
        Some("lt") => Some('<'),
        Some("gt") => Some('>'),
        Some("amp") => Some('&'),
        Some("quot") => Some('"'),
        Some("nbsp") => Some(' '),
        Some("shy") => Some('\u{ad}'),
        _ => number.and_then(char::from_u32),
    };
    match (found, name) {
        (Some(c), Some(name)) => {
            out.push(c);
            &after[name.len() + 1..]
        }
        _ => {
            out.push('&');
            after
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_visible_text_is_kept() {
        let text =
            "# 标题\n\n看[这里](https://a.test/x_y \"注\")，**要** <sub>小</sub> ![图](../../a.png)（说明）1 > 0!";
        let read = readable(text);
        assert!(!read.contains("a.test") && !read.contains("sub") && !read.contains("png"), "{read}");
        assert!(read.contains("标题") && read.contains("看这里，要 小 图（说明）1 > 0!"), "{read}");
        let read = readable("| a | b\\|c |\n| --- | :-: |\n| _d_ | ~~e~~ |\n> [f](g_(h)) <https://i.test/j>\n");
        assert_eq!(read, "  a   b|c  \n\n  d   e  \nf https://i.test/j\n");
    }

    #[test]
    fn code_and_escapes_are_read_as_they_are_shown() {
        let read = readable("Set max\\_file\\_size, `foo_bar<T>`, `` a`b `` and Vec\\<T>, &lt;x> a|b\n");
        assert_eq!(read, "Set max_file_size, foo_bar<T>,  a`b  and Vec<T>, <x> a|b\n");
        let read = readable("```rust\n#include <vectorhead>\nlet m = Map<A, B>::new(); // *c*\n```\n<x>after\n");
        assert_eq!(read, "\n#include <vectorhead>\nlet m = Map<A, B>::new(); // *c*\n\nafter\n");
    }

    #[test]
    fn broken_markup_loses_no_words() {
        for text in ["a [b](c", "a < b", "`a b", "a <b", "[a", "**a", "&a; &#x110000; &", "\\"] {
            readable(text);
        }
        assert_eq!(readable("a <b and `c"), "a <b and c\n");
        // Each of these would take minutes if what does not end were looked for again and again.
        for text in ["<a", "`a``b", "&a", "](", "[a](b\\(", "_a"] {
            readable(&text.repeat(200_000));
        }
    }
}
