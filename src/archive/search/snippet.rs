//! Excerpts of texts around what was found.

use std::ops::Range;

use super::words::{self, Term};

/// A text and the places in it that match a query, as byte ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    /// The text.
    pub text: String,
    /// The places, in order and without overlaps.
    pub matches: Vec<Range<usize>>,
}

impl Marked {
    /// Returns a text with the places at which terms match.
    pub(super) fn of(text: String, terms: &[Term]) -> Self {
        Self { matches: words::matches(&text, terms), text }
    }
}

/// Returns an excerpt of about eighty characters around the first match.
pub(super) fn snippet(text: &str, terms: &[Term]) -> Marked {
    const BEFORE: usize = 20;
    const LENGTH: usize = 80;
    let first = words::matches(text, terms).first().map_or(0, |place| place.start);
    let back = text[..first].char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
    let (mut excerpt, mut count) = (String::new(), 0);
    let mut rest = text[back..].chars().peekable();
    while count < LENGTH {
        let Some(c) = rest.next() else { break };
        // White space of any length is one space.
        let c = if c.is_whitespace() { ' ' } else { c };
        if c != ' ' || !(excerpt.is_empty() || excerpt.ends_with(' ')) {
            excerpt.push(c);
            count += 1;
        }
    }
    let (before, after) = (if back > 0 { "…" } else { "" }, if rest.any(|c| !c.is_whitespace()) { "…" } else { "" });
    Marked::of(format!("{before}{}{after}", excerpt.trim_end()), terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_surrounds_the_first_match_and_marks_it() {
        let text = format!("{}馆长说，最难的不是買書。\n\n{}", "前".repeat(100), "后".repeat(100));
        let piece = snippet(&text, &words::terms("买书"));
        assert!(piece.text.starts_with('…') && piece.text.ends_with('…'), "{}", piece.text);
        assert_eq!(piece.matches.iter().map(|place| &piece.text[place.clone()]).collect::<Vec<_>>(), ["買書"]);
        assert_eq!(snippet("短  文\n", &[]), Marked { text: "短 文".to_owned(), matches: Vec::new() });
    }
}
