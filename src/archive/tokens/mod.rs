//! Dividing text into the words that search finds. Scripts without spaces are divided into pairs of neighbouring
//! characters, because a word in them may begin at any.

mod fold;
mod readable;

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use fold::{clusters, fold};

pub(crate) use fold::HAN;
pub(crate) use readable::readable;

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
pub(super) struct Words {
    /// The last character of an open run.
    last: Option<String>,
}

impl Words {
    pub fn add(&mut self, atom: &Atom, out: &mut String) {
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

    pub fn end_run(&mut self, out: &mut String) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_scripts_without_spaces_are_paired_and_other_words_are_folded() {
        assert_eq!(words("图书馆 2024年Ｏpen Source"), "图书 书馆 馆 2024 年 open source");
        assert_eq!(words("한국어, 日本語！"), "한국 국어 어 日本 本语 语");
        assert_eq!(words("ห้องสมุด"), "ห้อ อง งส สมุ มุด ด");
        assert_eq!(words("Vec<T> foo_bar a|b"), "vec t foo bar a b");
        assert_eq!(words(" —— "), "");
    }
}
