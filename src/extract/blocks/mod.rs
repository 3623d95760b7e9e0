//! Blocks: runs of inline text between block elements. Each is scored on its own.

pub mod containers;
pub mod features;
mod forest;
pub mod model;
pub mod name_weights;
pub mod names;
pub mod phrases;

use crate::html::{Node, text};

use super::scan::{self, Entry, Scan, Unit};
use names::Fnv;

/// A run of inline text.
pub struct Block {
    /// The index in the scan of its first text.
    pub first: usize,
    /// One past the index of its last text.
    pub end: usize,
    /// The block element that contains it.
    pub element: usize,
    /// Counts over its text.
    pub text: Stats,
}

/// Counts over a block's characters, without white space.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stats {
    /// The weight, as defined in `html::text::weight`.
    pub weight: u32,
    /// The part of `weight` inside links.
    pub linked: u32,
    /// The part of `weight` in bold type.
    pub bold: u32,
    /// Punctuation marks of sentences.
    pub marks: u32,
    /// Runs between white space.
    pub words: u32,
    /// Decimal digits.
    pub digits: u32,
    /// Upper-case letters.
    pub upper: u32,
    /// Han and kana, with their punctuation, and Hangul.
    pub wide: u32,
    /// Characters that are neither letters nor digits.
    pub signs: u32,
    /// Pieces of linked text.
    pub links: u32,
    /// First and last character; a space for empty text.
    pub first: char,
    pub last: char,
    /// A hash of the text in lower case without white space.
    pub hash: u64,
    /// Which of `©`, `|`, `@`, `$€£¥`, `…`, `:`, `»` and arrows, `/` occur, one bit each.
    pub special: u8,
}

/// Returns every block of a page, in reading order.
pub fn of(scan: &Scan<'_>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    // Whether the last block is open, and the breaks since its text: two of them end it.
    let mut open = false;
    let mut breaks = 0;
    for (index, entry) in scan.entries.iter().enumerate() {
        match entry.node.value() {
            // A code block is one run, regardless of the elements in it.
            Node::Element(_) if entry.block < index && scan.entries[entry.block].unit == Some(Unit::Code) => {}
            Node::Element(element) if element.name() == "br" => {
                breaks += 1;
                open &= breaks < 2;
            }
            Node::Element(_) if entry.block == index => open = false,
            Node::Text(found) if !entry.unseen && !is_blank(&found.text) => {
                let same = open && blocks.last().is_some_and(|block| block.element == entry.block);
                if !same {
                    blocks.push(Block {
                        first: index,
                        end: index + 1,
                        element: entry.block,
                        text: Stats { first: ' ', last: ' ', hash: Fnv::START, ..Stats::default() },
                    });
                }
                if let Some(block) = blocks.last_mut() {
                    block.end = index + 1;
                    block.text.add(&found.text, entry);
                }
                open = true;
                breaks = 0;
            }
            _ => {}
        }
    }
    blocks
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace()) || text.chars().all(char::is_whitespace)
}

impl Block {
    /// Returns its text with the original white space.
    pub fn words(&self, scan: &Scan<'_>) -> String {
        self.texts(scan, |_| true)
    }

    /// Returns its text without ruby readings.
    pub fn words_alone(&self, scan: &Scan<'_>) -> String {
        self.texts(scan, |around| !matches!(around, "rt" | "rp"))
    }

    fn texts(&self, scan: &Scan<'_>, wanted: impl Fn(&str) -> bool) -> String {
        let inside = scan.entries[self.first..self.end].iter().filter(|entry| !entry.unseen);
        let inside = inside.filter(|entry| wanted(scan.name(entry.parent)));
        inside.filter_map(|entry| entry.node.value().as_text()).map(|text| &*text.text).collect()
    }
}

impl Stats {
    /// Adds a text node, whose entry says whether it is linked and bold.
    fn add(&mut self, text: &str, entry: &Entry<'_>) {
        let before = self.weight;
        let mut spaced = true;
        for c in text.chars() {
            if c.is_whitespace() {
                spaced = true;
                continue;
            }
            self.words += u32::from(spaced);
            spaced = false;
            self.character(c);
        }
        let added = self.weight - before;
        self.linked += if entry.linked { added } else { 0 };
        self.links += u32::from(entry.linked);
        self.bold += if entry.bold { added } else { 0 };
    }

    fn character(&mut self, c: char) {
        if self.weight == 0 {
            self.first = c;
        }
        self.last = c;
        if c.is_ascii() {
            self.weight += 1;
            self.hash = Fnv::step(self.hash, u32::from(c.to_ascii_lowercase()));
            // Most characters are small letters.
            if c.is_ascii_lowercase() {
                return;
            }
            self.digits += u32::from(c.is_ascii_digit());
            self.upper += u32::from(c.is_ascii_uppercase());
            self.signs += u32::from(c.is_ascii_punctuation());
        } else {
            let wide = text::is_cjk(c) || matches!(c, '\u{ac00}'..='\u{d7a3}');
            self.weight += u32::from(text::weight_of(c));
            self.wide += u32::from(wide);
            self.upper += u32::from(!wide && c.is_uppercase());
            self.signs += u32::from(!c.is_alphanumeric());
            c.to_lowercase().for_each(|c| self.hash = Fnv::step(self.hash, u32::from(c)));
        }
        self.marks += u32::from(scan::is_mark(c));
        self.special |= special(c);
    }

    /// Returns the share of the text in links; 0 without text.
    pub fn link_density(&self) -> f32 {
        ratio(self.linked, self.weight)
    }
}

fn special(c: char) -> u8 {
    match c {
        '©' => 1,
        '|' | '｜' => 2,
        '@' => 4,
        '$' | '€' | '£' | '¥' | '￥' => 8,
        '…' => 16,
        ':' | '：' => 32,
        '»' | '›' | '→' | '>' | '«' | '‹' | '←' | '<' | '▼' | '▾' | '↓' | '↑' => 64,
        '/' | '／' => 128,
        _ => 0,
    }
}

/// Returns `part` divided by `whole`; 0 when `whole` is 0.
pub fn ratio(part: u32, whole: u32) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}
