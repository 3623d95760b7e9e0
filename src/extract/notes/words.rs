//! Recognises the words of footnotes: marks, classes and ids, headings above notes.

use std::collections::HashSet;
use std::sync::LazyLock;

use foldhash::fast::RandomState;

use crate::extract::words::notes;
use crate::html::ElementRef;

/// Maximum length of a mark, in characters.
pub const MARK: usize = 16;

/// Maximum length of a heading above footnotes, in characters.
pub const TITLE: usize = 40;

/// Brackets around a footnote's number.
pub const BRACKETS: &str = "[]()〔〕［］（）【】「」{}";

/// Characters of links from a footnote back to the text.
const BACK_CHARACTERS: &str = "↩↑^⏎⤴⬆↖⇑⤶←↵⮐⌃▲△\u{fe0e}\u{fe0f}";

/// Symbols before the number of a mark.
const SYMBOLS: [&str; 3] = ["*", "※", "＊"];

/// Returns what precedes the number of a mark.
fn before_number() -> impl Iterator<Item = &'static str> {
    notes::ALL.iter().flat_map(|(_, words)| words.before_number).copied().chain(SYMBOLS)
}

fn is_back_word(text: &str) -> bool {
    notes::ALL.iter().any(|(_, words)| words.back.contains(&text))
}

/// Returns the headings above footnotes.
fn titles() -> impl Iterator<Item = &'static str> {
    notes::ALL.iter().flat_map(|(_, words)| words.titles).copied()
}

/// The first letters of all titles.
static FIRSTS: LazyLock<HashSet<char, RandomState>> =
    LazyLock::new(|| titles().filter_map(|title| title.chars().next()).collect());

/// Words in a fragment or an id of a footnote or a reference.
#[rustfmt::skip]
const IDS: [&str; 30] = [
    "fn", "fnref", "ftn", "ftnt", "ftnref", "edn", "ednref", "footnote", "footnotes", "endnote", "endnotes", "note", "notes", "noteref", "cite",
    "citeref", "ref", "refs", "reference", "references", "bib", "bibr", "cit", "cr", "sdfootnote", "sdendnote", "annotation", "anm", "zhu",
    "citation",
];

/// The mark by which a text refers to a footnote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The mark without brackets and spaces, in lower case.
    pub core: String,
    /// Its number, or a letter's position in the alphabet; None for a symbol.
    pub number: Option<usize>,
    /// A symbol, or in brackets: it is hardly anything else.
    pub sure: bool,
}

impl Mark {
    /// Returns the mark that a text is; None for other text.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > MARK {
            return None;
        }
        let bare = text.trim_matches(|c: char| c.is_whitespace() || BRACKETS.contains(c));
        let sure = bare.len() < text.len();
        let core: String =
            bare.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).map(plain).collect();
        let single = core.chars().next().filter(|_| core.chars().count() == 1);
        let is_sign = !core.is_empty() && core.chars().count() <= 3 && core.chars().all(|c| "*∗＊†‡※".contains(c));
        if is_sign || single.is_some_and(is_circled) {
            return Some(Self { core, number: None, sure: true });
        }
        let raised = bare.chars().any(|c| "⁰¹²³⁴⁵⁶⁷⁸⁹".contains(c));
        let word = before_number().find(|word| core.strip_prefix(word).is_some_and(|rest| counted(rest).is_some()));
        if let Some(word) = word {
            let number = counted(&core[word.len()..]);
            return Some(Self { core, number, sure: true });
        }
        if let Some(number) = number(&core) {
            return Some(Self { core, number: Some(number), sure: sure || raised });
        }
        // Without brackets, Chinese numbers are ordinary words.
        if let Some(number) = chinese_number(&core).filter(|_| sure) {
            return Some(Self { core, number: Some(number), sure });
        }
        if let Some(letter) = single.filter(char::is_ascii_lowercase) {
            return Some(Self { core, number: Some(letter as usize - 'a' as usize + 1), sure });
        }
        let is_roman = core.len() <= 5 && !core.is_empty() && core.chars().all(|c| "ivx".contains(c));
        is_roman.then_some(Self { core, number: None, sure })
    }

    /// Returns how many bytes of `text` are this mark with its brackets and spaces; None when the text does not begin
    /// with it.
    pub fn begins(&self, text: &str) -> Option<usize> {
        let number = self.number.map(|number| number.to_string());
        let cores =
            [Some(self.core.as_str()), number.as_deref().filter(|_| !self.core.starts_with(char::is_alphabetic))];
        cores.into_iter().flatten().find_map(|core| begins_with(text, core))
    }
}

/// Returns the end of `core` in a text that begins with it, after brackets and spaces.
fn begins_with(text: &str, core: &str) -> Option<usize> {
    let skipped = |c: char| c.is_whitespace() || c == '^' || BRACKETS.contains(c) || BACK_CHARACTERS.contains(c);
    let mut wanted = core.chars().peekable();
    let mut begun = false;
    for (at, c) in text.char_indices() {
        let Some(&next) = wanted.peek() else {
            let rest = &text[at..];
            let after = rest.chars().nth(1).unwrap_or(' ');
            // A decimal fraction, or a longer word.
            let is_longer = c.is_ascii_alphanumeric() && !core.chars().all(|c| "*∗＊†‡※".contains(c))
                || c.is_alphabetic()
                    && core.chars().any(char::is_alphabetic)
                    && !c.is_ascii()
                    && core.is_ascii()
                    && is_latin(c)
                || matches!(c, '.' | ',') && after.is_ascii_digit();
            return (!is_longer).then_some(at);
        };
        if plain(c.to_lowercase().next().unwrap_or(c)) == next {
            wanted.next();
            begun = true;
        } else if begun && !c.is_whitespace() || !begun && !skipped(c) {
            return None;
        }
    }
    wanted.peek().is_none().then_some(text.len())
}

fn is_latin(c: char) -> bool {
    (c as u32) < 0x250
}

/// Returns one to three digits as a number.
fn number(text: &str) -> Option<usize> {
    let is_number = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&number| is_number && number > 0)
}

/// Returns a number in digits or in Chinese characters.
fn counted(text: &str) -> Option<usize> {
    number(text).or_else(|| chinese_number(text))
}

/// Returns a number below a hundred in Chinese characters.
fn chinese_number(text: &str) -> Option<usize> {
    let digit = |text: &str| {
        let mut chars = text.chars();
        let place = chars.next().and_then(|c| "一二三四五六七八九".chars().position(|digit| digit == c))?;
        chars.next().is_none().then_some(place + 1)
    };
    match text.split_once('十') {
        Some(("", "")) => Some(10),
        Some(("", ones)) => Some(10 + digit(ones)?),
        Some((tens, "")) => Some(10 * digit(tens)?),
        Some((tens, ones)) => Some(10 * digit(tens)? + digit(ones)?),
        None => digit(text),
    }
}

/// Returns superscript and full-width digits as plain ones.
fn plain(c: char) -> char {
    let digit = |from: char| char::from_digit(c as u32 - from as u32, 10);
    match c {
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁰' | '⁴'..='⁹' => digit('⁰').unwrap_or(c),
        '０'..='９' => digit('０').unwrap_or(c),
        _ => c,
    }
}

fn is_circled(c: char) -> bool {
    matches!(c, '\u{2460}'..='\u{249b}' | '\u{24d0}'..='\u{24ff}' | '\u{2776}'..='\u{2793}' | '\u{3251}'..='\u{325f}' | '\u{32b1}'..='\u{32bf}')
}

/// Returns true for the text of a link from a footnote back: an arrow, or a word.
pub fn leads_back(text: &str) -> bool {
    let bare = text.trim().trim_matches(|c: char| BRACKETS.contains(c)).trim();
    bare.chars().all(|c| BACK_CHARACTERS.contains(c) || c.is_whitespace()) || is_back_word(&bare.to_lowercase())
}

/// Returns true for the text of a heading above footnotes.
pub fn is_title(text: &str) -> bool {
    if text.chars().count() > TITLE || !begins_like_a_title(text.chars()) {
        return false;
    }
    let text = text.split('[').next().unwrap_or_default().to_lowercase();
    let numbered = |c: char| c.is_ascii_digit() || "一二三四五六七八九十、.．)）(（ \u{3000}".contains(c);
    let trimmed = text.trim().trim_matches(|c: char| !c.is_alphanumeric()).trim();
    let bare = trimmed.trim_start_matches(numbered);
    titles().any(|title| title == trimmed || title == bare)
}

/// Returns false where no title begins with the text's first letter: a quick check before [`is_title`].
pub fn begins_like_a_title(mut text: impl Iterator<Item = char>) -> bool {
    let is_number = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let first = text.find(|c| c.is_alphanumeric() && !is_number(*c));
    let first = first.and_then(|c| c.to_lowercase().next());
    first.is_some_and(|first| FIRSTS.contains(&first))
}

/// Returns true for a fragment or id of a footnote or a reference: `fn:1`, `_ftn2`, `cite_note-3`, `ref-CR4`.
pub fn is_note_id(id: &str) -> bool {
    let words = id.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).take(8);
    words.map(str::to_ascii_lowercase).any(|word| IDS.contains(&&*word))
}

/// Returns true for an element with a class, role or attribute of footnotes. Words such as "internal reference" are
/// classes of ordinary links.
pub fn is_called_note(element: ElementRef<'_>) -> bool {
    let word = |word: &str| {
        let word = word.to_ascii_lowercase();
        [
            "footnote",
            "endnote",
            "sidenote",
            "marginnote",
            "margin-note",
            "noteref",
            "note-ref",
            "fnref",
            "fn-ref",
            "ftnref",
            "reference-link",
        ]
        .iter()
        .any(|part| word.contains(part))
            || matches!(
                &*word,
                "references"
                    | "reflist"
                    | "reference"
                    | "fn"
                    | "ftn"
                    | "doc-backlink"
                    | "mw-references-wrap"
                    | "referencelist"
                    | "doc-biblioref"
                    | "ref-list"
                    | "bibr"
                    | "xref-bibr"
                    | "citation-ref"
                    | "doc-biblioentry"
                    | "c-article-references"
            )
    };
    ["class", "role", "rel", "epub:type", "data-component-name", "data-test"]
        .iter()
        .filter_map(|name| element.attr(name))
        .filter(|value| !value.split_ascii_whitespace().any(|word| matches!(word, "internal" | "external")))
        .any(|value| value.split_ascii_whitespace().any(word))
        || [
            "data-fn",
            "data-footnotes",
            "data-footnote-ref",
            "data-footnote-id",
            "data-footnote",
            "data-footnote-backref",
        ]
        .iter()
        .any(|name| element.attr(name).is_some())
        || element.attr("style").is_some_and(|style| {
            ["mso-footnote", "mso-endnote", "mso-element:footnote", "mso-element:endnote"]
                .iter()
                .any(|part| style.contains(part))
        })
}

/// Returns true for an element that is one footnote: `<div class="footnote">`, Word's `<div
/// style="mso-element:footnote">`.
pub fn is_one_note(element: ElementRef<'_>) -> bool {
    let word = |word: &str| {
        matches!(
            word,
            "footnote"
                | "footnote-item"
                | "footnote-body"
                | "footnote-definition"
                | "endnote"
                | "fn"
                | "doc-footnote"
                | "doc-endnote"
                | "FootnoteToDOM"
        )
    };
    let words = ["class", "role", "data-component-name"].iter().filter_map(|name| element.attr(name));
    let style = element.attr("style").unwrap_or_default();
    let ends = |part: &str| style.split(part).nth(1).is_some_and(|rest| !rest.starts_with('-'));
    let id = element.attr("id").unwrap_or_default();
    words.flat_map(str::split_ascii_whitespace).any(word)
        || ends("mso-element:footnote")
        || ends("mso-element:endnote")
        || id.starts_with("sdfootnote")
        || id.starts_with("sdendnote")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_in_every_script_are_distinguished_from_words_and_years() {
        for mark in [
            "1",
            "[12]",
            "（3）",
            "*",
            "**",
            "†",
            "①",
            "⑿",
            "注1",
            "註 2",
            "注三",
            "〔十二〕",
            "［二］",
            "*1",
            "※1",
            "²",
            "a",
            "[b]",
            "iv",
            "Note 3",
            "[nb 1]",
            "각주1",
        ] {
            assert!(Mark::of(mark).is_some(), "{mark}");
        }
        for text in ["", "2019", "below", "part 1", "第1章", "¶", "#", "§", "Section 2", "后文", "一", "see 1"] {
            assert!(Mark::of(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_note_begins_with_its_mark_and_not_with_a_longer_number() {
        let begins = |mark: &str, text: &str| Mark::of(mark).unwrap().begins(text).is_some();
        for (mark, text) in [
            ("[1]", " [1] 同上"),
            ("1", "1. Ibid."),
            ("1", "1温度计"),
            ("①", "① 同上"),
            ("*1", "*1:同書"),
            ("注1", "注1：见上"),
            ("a", "a  Hive"),
            ("*", "* Ibid."),
        ] {
            assert!(begins(mark, text), "{mark} {text}");
        }
        for (mark, text) in [("1", "12. Ibid."), ("1", "1.5 km"), ("1", "一"), ("a", "about"), ("2", "In 2")] {
            assert!(!begins(mark, text), "{mark} {text}");
        }
    }

    #[test]
    fn headings_above_notes_are_recognised_in_many_languages() {
        for title in [
            "Notes",
            "References[edit]",
            "注释",
            "六、参考文献",
            "【注】",
            "Fußnoten",
            "각주",
            "脚注",
            "5. References",
            "Примечания",
        ] {
            assert!(is_title(title), "{title}");
        }
        for title in ["", "Notes from the field", "参考价格", "Music", "三"] {
            assert!(!is_title(title), "{title}");
        }
    }
}
