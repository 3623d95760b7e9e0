//! The terms of a query, divided into words as the texts of the index are.

use std::ops::Range;

use crate::archive::tokens::{Atom, Kind, Words, atoms};

/// Whether a text must contain a term or must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Excluded,
}

/// One term of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    atoms: Vec<Atom>,
    presence: Presence,
    /// Whether its last word may go on.
    is_prefix: bool,
}

impl Term {
    fn new(text: &str, presence: Presence) -> Option<Self> {
        let mut found = Vec::new();
        atoms(text, &mut |atom| found.push(atom));
        let last = found.last()?.kind;
        let is_prefix = match last {
            Kind::Word => text.ends_with('*'),
            // A single character matches every word that starts with it.
            Kind::RunStart => true,
            Kind::RunInside => false,
        };
        Some(Self { atoms: found, presence, is_prefix })
    }

    /// Returns the FTS5 phrase. A run of paired characters becomes the sequence of its pairs; its last character alone would
    /// not match longer runs.
    fn phrase(&self) -> String {
        let (mut out, mut words) = (String::new(), Words::default());
        self.atoms.iter().for_each(|atom| words.add(atom, &mut out));
        if self.atoms.last().is_some_and(|last| last.kind == Kind::RunStart) {
            words.end_run(&mut out);
        }
        format!("\"{out}\"{}", if self.is_prefix { "*" } else { "" })
    }

    /// Returns the number of atoms of its match at the start of some atoms; `None` if they do not match.
    fn matches(&self, text: &[Atom]) -> Option<usize> {
        let text = text.get(..self.atoms.len())?;
        let last = self.atoms.len() - 1;
        let fits = self.atoms.iter().zip(text).enumerate().all(|(at, (wanted, found))| {
            let is_part = self.is_prefix && at == last && found.text.starts_with(&wanted.text);
            // Within a phrase, runs begin at the same places.
            (wanted.text == found.text || is_part) && (at == 0 || wanted.kind == found.kind)
        });
        fits.then_some(self.atoms.len())
    }
}

/// Returns the places in a text at which terms match, in order and without overlaps.
pub fn matches(text: &str, terms: &[Term]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    atoms(text, &mut |atom| found.push(atom));
    let wanted: Vec<&Term> = terms.iter().filter(|term| term.presence == Presence::Required).collect();
    let mut places = Vec::new();
    let mut at = 0;
    while at < found.len() {
        match wanted.iter().filter_map(|term| term.matches(&found[at..])).max() {
            Some(length) => {
                places.push(found[at].range.start..found[at + length - 1].range.end);
                at += length;
            }
            None => at += 1,
        }
    }
    places
}

/// Returns the FTS5 query of terms: all are required, and `-…` is excluded. Empty if no word is required.
pub fn query(terms: &[Term]) -> String {
    let phrases = |presence: Presence| terms.iter().filter(move |term| term.presence == presence).map(Term::phrase);
    let wanted: Vec<String> = phrases(Presence::Required).collect();
    if wanted.is_empty() {
        return String::new();
    }
    phrases(Presence::Excluded).fold(wanted.join(" AND "), |query, phrase| format!("({query}) NOT {phrase}"))
}

/// Returns the terms of a query as the user typed it: words, `\"…\"` phrases, `-…` excluded ones.
pub fn terms(typed: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut rest = typed.trim_start();
    while !rest.is_empty() {
        let minus = rest.starts_with('-');
        let body = rest.strip_prefix('-').unwrap_or(rest);
        let quote = body.chars().next().filter(|c| matches!(c, '"' | '“' | '「'));
        let (term, after) = match quote {
            Some(open) => {
                let close = match open {
                    '“' => '”',
                    '「' => '」',
                    other => other,
                };
                let inside = &body[open.len_utf8()..];
                inside.split_once(close).unwrap_or((inside, ""))
            }
            None => body.split_once(char::is_whitespace).unwrap_or((body, "")),
        };
        let presence = if minus { Presence::Excluded } else { Presence::Required };
        terms.extend(Term::new(term.trim(), presence));
        rest = after.trim_start();
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::tokens::words;

    fn query(typed: &str) -> String {
        super::query(&terms(typed))
    }

    fn found(text: &str, typed: &str) -> Vec<String> {
        matches(text, &terms(typed)).into_iter().map(|place| text[place].to_owned()).collect()
    }

    #[test]
    fn soft_hyphens_are_ignored() {
        assert_eq!(words("Donau\u{ad}dampf 图\u{ad}书\u{ad}馆"), words("Donaudampf 图书馆"));
        assert_eq!(query("Donau\u{ad}dampf"), query("Donaudampf"));
    }

    #[test]
    fn a_query_is_divided_like_the_text() {
        assert_eq!(query("图书馆"), "\"图书 书馆\"");
        assert_eq!(query("书"), "\"书\"*");
        assert_eq!(query("老城 \"open source\" -广告"), "(\"老城\" AND \"open source\") NOT \"广告\"");
        assert_eq!(query("2024年"), "\"2024 年\"*");
        assert_eq!(query("“装订 铺” libr*"), "\"装订 订 铺\"* AND \"libr\"*");
        assert_eq!(query("-广告"), "");
        assert_eq!(query("\" OR x:y"), "\"or x y\"", "operators are treated as words");
    }

    #[test]
    fn matches_are_found_where_the_text_is_spelled_otherwise() {
        assert_eq!(found("臺灣的圖書館，图书", "图书馆"), ["圖書館"]);
        assert_eq!(found("Η Αθήνα σήμερα", "αθηνα"), ["Αθήνα"]);
        assert_eq!(found("A quick brown-fox and a Brown", "\"brown fox\" quick"), ["quick", "brown-fox"]);
        assert_eq!(found("ห้องสมุดประชาชน", "ประชาชน"), ["ประชาชน"]);
        assert_eq!(found("libraries, lib", "libr* -lib"), ["libraries"]);
        assert_eq!(found("图书，馆", "图书馆"), Vec::<String>::new());
    }
}
