//! Dividing text and queries into the words of the index. Scripts without spaces are divided into pairs of neighbouring
//! characters, because a word in them may begin at any.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::fold::{clusters, fold};

/// The smallest piece of a text that can be found, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atom {
    pub text: String,
    /// Where it is in the text.
    pub range: Range<usize>,
    pub kind: Kind,
}

/// How an atom is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A word of letters and digits.
    Word,
    /// The first character of a run that has no spaces between its words.
    RunStart,
    /// A further character of such a run.
    RunInside,
}

/// Returns whether a character is indexed in pairs: Han, kana, Hangul, and the scripts of South-East Asia that have no
/// spaces between words. Hangul has them, but its words have endings.
fn is_paired(c: char) -> bool {
    matches!(c as u32,
        0x3005..=0x3007 | 0x3041..=0x30ff | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7a3
        | 0xf900..=0xfaff | 0x20000..=0x3ffff)
        // Thai, Lao, Burmese, Khmer, Tai Le, Tai Tham, Balinese, Javanese, Cham.
        || (c.is_alphanumeric() && matches!(c as u32,
            0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x1950..=0x19df | 0x1a20..=0x1aaf | 0x1b00..=0x1b7f
            | 0xa980..=0xa9ff | 0xaa00..=0xaa7f | 0xaa80..=0xaadf))
}

/// Calls `emit` with each atom of a text, in order.
pub fn atoms(text: &str, emit: &mut dyn FnMut(Atom)) {
    let mut open: Option<Atom> = None;
    let mut folded = String::new();
    for cluster in clusters(text) {
        folded.clear();
        fold(&text[cluster.clone()], &mut folded);
        for c in folded.chars() {
            let kind = match (&open, c) {
                // A mark belongs to the character before it.
                (Some(atom), c) if is_combining_mark(c) => Some((atom.kind, true)),
                (None, c) if is_combining_mark(c) => None,
                (Some(Atom { kind: Kind::RunStart | Kind::RunInside, .. }), c) if is_paired(c) => {
                    Some((Kind::RunInside, false))
                }
                (_, c) if is_paired(c) => Some((Kind::RunStart, false)),
                (Some(Atom { kind: Kind::Word, .. }), c) if c.is_alphanumeric() => Some((Kind::Word, true)),
                (_, c) if c.is_alphanumeric() => Some((Kind::Word, false)),
                _ => None,
            };
            match (kind, &mut open) {
                (Some((_, true)), Some(atom)) => {
                    atom.text.push(c);
                    atom.range.end = cluster.end;
                }
                (Some((kind, _)), _) => {
                    let atom = Atom { text: c.to_string(), range: cluster.clone(), kind };
                    open.replace(atom).into_iter().for_each(&mut *emit);
                }
                (None, _) => open.take().into_iter().for_each(&mut *emit),
            }
        }
    }
    open.into_iter().for_each(emit);
}

/// Returns the words of a text, separated by spaces: words of letters and digits folded, runs of paired characters as
/// their pairs. The last character of a run is also a word, so that every character starts a word.
pub fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut words = Words::default();
    atoms(text, &mut |atom| words.add(&atom, &mut out));
    words.end_run(&mut out);
    out
}

/// Writes atoms as the words of the index.
#[derive(Default)]
struct Words {
    /// The last character of an open run.
    last: Option<String>,
}

impl Words {
    fn add(&mut self, atom: &Atom, out: &mut String) {
        match atom.kind {
            Kind::RunInside => {
                let before = self.last.replace(atom.text.clone()).unwrap_or_default();
                push(out, &[&before, &atom.text]);
            }
            Kind::RunStart => {
                self.end_run(out);
                self.last = Some(atom.text.clone());
            }
            Kind::Word => {
                self.end_run(out);
                push(out, &[&atom.text]);
            }
        }
    }

    fn end_run(&mut self, out: &mut String) {
        if let Some(last) = self.last.take() {
            push(out, &[&last]);
        }
    }
}

fn push(out: &mut String, word: &[&str]) {
    if !out.is_empty() {
        out.push(' ');
    }
    word.iter().for_each(|part| out.push_str(part));
}

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

    fn query(typed: &str) -> String {
        super::query(&terms(typed))
    }

    fn found(text: &str, typed: &str) -> Vec<String> {
        matches(text, &terms(typed)).into_iter().map(|place| text[place].to_owned()).collect()
    }

    #[test]
    fn characters_of_scripts_without_spaces_are_paired_and_other_words_are_folded() {
        assert_eq!(words("图书馆 2024年Ｏpen Source"), "图书 书馆 馆 2024 年 open source");
        assert_eq!(words("한국어, 日本語！"), "한국 국어 어 日本 本语 语");
        assert_eq!(words("ห้องสมุด"), "ห้อ อง งส สมุ มุด ด");
        assert_eq!(words("Vec<T> foo_bar a|b"), "vec t foo bar a b");
        assert_eq!(words(" —— "), "");
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
