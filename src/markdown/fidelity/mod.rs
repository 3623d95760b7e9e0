//! The check that Markdown renders back to its article: both are reduced to what a reader finds in them, and compared.
//!
//! comrak, a renderer that shares nothing with the writer, reads the Markdown. Bare URLs are not linked in it, since
//! readers differ there.

mod page;
mod rendered;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Difference, DifferenceKind};

use super::spaces::is_wide;

pub(super) use page::found_on_page;
pub(super) use rendered::{Dialect, found_in_markdown};

/// A difference shows so many characters of either side.
const EXCERPT: usize = 60;

/// A text larger than this (in bytes) is not compared.
pub(super) const LARGEST: usize = 8 * 1024 * 1024;

/// What a reader finds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Found {
    pub words: Words,
    /// Where links and players lead, in order; one that is cut in several counts once.
    pub links: Vec<String>,
    /// URLs of images, in order.
    pub images: Vec<String>,
    /// Blocks of code, in order.
    pub code: Vec<String>,
    /// Cells that hold something, for each table in order.
    pub cells: Vec<usize>,
    /// How many headings of each level.
    pub headings: [usize; 6],
    /// The words of footnotes, by label.
    pub notes: BTreeMap<String, Words>,
    /// Where links of footnotes lead, by label.
    pub note_links: BTreeMap<String, Vec<String>>,
}

impl Found {
    /// A link, in the text or in the note of a label: where notes come among the links, readers differ.
    pub fn link(&mut self, note: Option<&str>, url: &str) {
        let url = plain_url(url);
        if let Some(label) = note {
            let links = self.note_links.entry(label.to_owned()).or_default();
            if links.last() != Some(&url) {
                links.push(url);
            }
        } else if self.links.last() != Some(&url) {
            self.links.push(url);
        }
    }

    pub fn image(&mut self, url: &str) {
        self.images.push(plain_url(url));
    }
}

/// Stands for an image among words. Whether a space stands beside it says nothing.
pub(super) const IMAGE: &str = "\u{fffc}";

/// Text without what no reader sees: white space is one space, and none beside Han characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Words {
    pub text: String,
    gap: bool,
}

impl Words {
    pub fn push(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            // Most text is runs of plain signs, which are taken as they stand.
            let plain = rest.bytes().take_while(u8::is_ascii_graphic).count();
            let (taken, after) = rest.split_at(plain.max(c.len_utf8()));
            rest = after;
            match c {
                '\u{200b}' | '\u{feff}' | '☐' | '☑' => continue,
                _ if c.is_whitespace() => {
                    self.gap = true;
                    continue;
                }
                _ if super::spaces::cleaned(c).is_none() => continue,
                _ => {}
            }
            if std::mem::take(&mut self.gap) && self.parts_words(c) {
                self.text.push(' ');
            }
            self.text.push_str(if c == '\0' { "\u{fffd}" } else { taken });
        }
    }

    /// The edge of a block, or a break.
    pub fn edge(&mut self) {
        self.gap = true;
    }

    fn parts_words(&self, next: char) -> bool {
        let wide = |c: char| is_wide(c) || "“”‘’…—·\u{3000}\u{fffc}".contains(c);
        self.text.chars().next_back().is_some_and(|last| !wide(last) && !wide(next))
    }
}

/// Where the second says something else than the first; empty when it does not.
pub(super) fn differences(page: &Found, markdown: &Found) -> Vec<Difference> {
    let mut all = Vec::new();
    let mut add = |kind: DifferenceKind, expected: String, found: String| {
        all.push(Difference { kind, expected, found });
    };
    if page.words.text != markdown.words.text {
        let (expected, found) = first_difference(&page.words.text, &markdown.words.text);
        add(DifferenceKind::Words, expected, found);
    }
    for (kind, expected, found) in [
        (DifferenceKind::Links, &page.links, &markdown.links),
        (DifferenceKind::Images, &page.images, &markdown.images),
        (DifferenceKind::Code, &page.code, &markdown.code),
    ] {
        if let Some(at) = (0..expected.len().max(found.len())).find(|&at| expected.get(at) != found.get(at)) {
            let shown = |list: &Vec<String>| list.get(at).map(|text| excerpt(text)).unwrap_or_default();
            add(kind, shown(expected), shown(found));
        }
    }
    if page.cells != markdown.cells {
        add(DifferenceKind::Cells, format!("{:?}", page.cells), format!("{:?}", markdown.cells));
    }
    if page.headings != markdown.headings {
        add(DifferenceKind::Headings, format!("{:?}", page.headings), format!("{:?}", markdown.headings));
    }
    let labels: BTreeSet<&String> = page.note_links.keys().chain(markdown.note_links.keys()).collect();
    if let Some(label) = labels.into_iter().find(|label| page.note_links.get(*label) != markdown.note_links.get(*label))
    {
        let shown =
            |found: &Found| found.note_links.get(label).map(|links| excerpt(&links.join(" "))).unwrap_or_default();
        add(DifferenceKind::Links, shown(page), shown(markdown));
    }
    let labels = page.notes.keys().chain(markdown.notes.keys());
    if let Some(label) = labels.into_iter().find(|label| page.notes.get(*label) != markdown.notes.get(*label)) {
        let text = |found: &Found| found.notes.get(label).map(|words| words.text.clone()).unwrap_or_default();
        let (expected, found) = first_difference(&text(page), &text(markdown));
        add(DifferenceKind::Notes, expected, found);
    }
    all
}

/// The surroundings of the first character in which two texts differ.
fn first_difference(one: &str, other: &str) -> (String, String) {
    let same = one
        .char_indices()
        .zip(other.chars())
        .find(|((_, a), b)| a != b)
        .map_or(one.len().min(other.len()), |((at, _), _)| at);
    let start = one[..same].char_indices().rev().take(EXCERPT / 3).last().map_or(same, |(at, _)| at);
    let show = |text: &str| text.get(start..).map(excerpt).unwrap_or_default();
    (show(one), show(other))
}

fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT).collect()
}

/// A URL in which what may be written in several ways is written in one.
fn plain_url(url: &str) -> String {
    let url = url.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let decoded = percent_encoding::percent_decode_str(url).decode_utf8_lossy();
    decoded.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Words {
        let mut words = Words::default();
        words.push(text);
        words
    }

    #[test]
    fn spaces_count_between_words_and_not_beside_han_characters() {
        assert_eq!(words(" a \n b ").text, "a b");
        assert_eq!(words("中 文\na").text, "中文a");
        assert_eq!(words("ﾛ\nﾛ").text, "ﾛﾛ");
        assert_ne!(words("a b"), words("ab"));
    }

    #[test]
    fn a_difference_shows_where_it_is() {
        let page = Found { words: words("one two three"), links: vec!["/a".into()], ..Found::default() };
        let text = Found { words: words("one three"), links: vec!["/a".into(), "/b".into()], ..Found::default() };
        let found = differences(&page, &text);
        let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "words: the page has “one two three”, the Markdown “one three”",
                "links: the page has “”, the Markdown “/b”"
            ]
        );
        assert!(differences(&page, &page).is_empty());
    }
}
