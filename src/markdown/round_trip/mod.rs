//! The round-trip check: the article tree and the rendered Markdown are reduced to the content that a reader finds, and
//! compared.
//!
//! The Markdown is parsed by comrak, which shares no code with the writer. Bare URLs are not linked, since renderers differ
//! there.

mod markdown;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Difference, DifferenceKind};

use super::chars::{cleaned, is_wide};

pub(super) use markdown::{Dialect, content_of_markdown};
pub(super) use tree::content_of_tree;

/// The maximum number of characters of each side that a difference shows.
const EXCERPT: usize = 60;

/// The maximum size of a text that is compared, in bytes.
pub(super) const MAX_SIZE: usize = 8 * 1024 * 1024;

/// The content that a reader finds in a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Content {
    pub words: Words,
    /// The targets of links and players, in order; a link that is split into several counts once.
    pub links: Vec<String>,
    /// The URLs of images, in order.
    pub images: Vec<String>,
    /// The code blocks, in order.
    pub code: Vec<String>,
    /// The number of cells with content, for each table in order.
    pub cells: Vec<usize>,
    /// The number of headings of each level.
    pub headings: [usize; 6],
    /// The words of footnotes, by label.
    pub notes: BTreeMap<String, Words>,
    /// The targets of links in footnotes, by label.
    pub note_links: BTreeMap<String, Vec<String>>,
}

impl Content {
    /// Returns the amount of content so far, which grows with everything visible.
    fn amount(&self) -> usize {
        self.words.text.len()
            + self.images.len()
            + self.links.len()
            + self.notes.values().map(|words| words.text.len()).sum::<usize>()
    }

    /// Returns the words of the footnote `note`, or of the text.
    fn words_of(&mut self, note: Option<&str>) -> &mut Words {
        match note {
            Some(label) => self.notes.entry(label.to_owned()).or_default(),
            None => &mut self.words,
        }
    }

    /// Adds a link of the text or of the footnote `note`. Links of footnotes are kept apart, since renderers differ in where
    /// they show footnotes.
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

/// Represents an image among words. White space next to it is ignored.
pub(super) const IMAGE: &str = "\u{fffc}";

/// The visible text, with white space as one space, and without white space next to Han characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Words {
    pub text: String,
    gap: bool,
}

impl Words {
    pub fn push(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            // Runs of ASCII characters, which most text consists of, are added at once.
            let plain = rest.bytes().take_while(u8::is_ascii_graphic).count();
            let (taken, after) = rest.split_at(plain.max(c.len_utf8()));
            rest = after;
            match c {
                '\u{200b}' | '\u{feff}' | '☐' | '☑' => continue,
                _ if c.is_whitespace() => {
                    self.gap = true;
                    continue;
                }
                _ if cleaned(c).is_none() => continue,
                _ => {}
            }
            if std::mem::take(&mut self.gap) && self.needs_space_before(c) {
                self.text.push(' ');
            }
            self.text.push_str(if c == '\0' { "\u{fffd}" } else { taken });
        }
    }

    /// Adds the edge of a block or a line break.
    pub fn edge(&mut self) {
        self.gap = true;
    }

    fn needs_space_before(&self, next: char) -> bool {
        let wide = |c: char| is_wide(c) || "“”‘’…—·\u{3000}\u{fffc}".contains(c);
        self.text.chars().next_back().is_some_and(|last| !wide(last) && !wide(next))
    }
}

/// Returns the differences between the content of the page and that of the Markdown.
pub(super) fn differences(page: &Content, markdown: &Content) -> Vec<Difference> {
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
            |found: &Content| found.note_links.get(label).map(|links| excerpt(&links.join(" "))).unwrap_or_default();
        add(DifferenceKind::Links, shown(page), shown(markdown));
    }
    let labels = page.notes.keys().chain(markdown.notes.keys());
    if let Some(label) = labels.into_iter().find(|label| page.notes.get(*label) != markdown.notes.get(*label)) {
        let text = |found: &Content| found.notes.get(label).map(|words| words.text.clone()).unwrap_or_default();
        let (expected, found) = first_difference(&text(page), &text(markdown));
        add(DifferenceKind::Notes, expected, found);
    }
    all
}

/// Returns an excerpt of each text around the first difference.
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

/// Returns a URL in a normal form, percent-decoded.
fn plain_url(url: &str) -> String {
    let url = url.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    if url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'%') {
        return url.to_owned();
    }
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
    fn spaces_matter_between_words_and_not_next_to_han_characters() {
        assert_eq!(words(" a \n b ").text, "a b");
        assert_eq!(words("中 文\na").text, "中文a");
        assert_eq!(words("ﾛ\nﾛ").text, "ﾛﾛ");
        assert_ne!(words("a b"), words("ab"));
    }

    #[test]
    fn a_difference_shows_an_excerpt_of_both_sides() {
        let page = Content { words: words("one two three"), links: vec!["/a".into()], ..Content::default() };
        let text = Content { words: words("one three"), links: vec!["/a".into(), "/b".into()], ..Content::default() };
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
