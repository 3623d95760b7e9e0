//! Blocks of text: runs of inline text between block elements, the parts that a page is selection in.

pub mod containers;
pub mod features;
mod forest;
pub mod model;
pub mod name_weights;
pub mod names;
pub mod phrases;

use crate::html::{Node, text};

use super::scan::{self, Scan, Unit};
use names::Fnv;

/// A run of inline text.
pub struct Block {
    /// Its first text, in the scan.
    pub first: usize,
    /// One past its last text.
    pub end: usize,
    /// The block element it stands in.
    pub element: usize,
    /// What the text is like.
    pub text: Stats,
}

/// Counts over a block's characters; white space counts nowhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stats {
    /// As `html::text::weight` has it.
    pub weight: u32,
    /// The part of `weight` inside links.
    pub linked: u32,
    /// The part of `weight` in bold type.
    pub bold: u32,
    /// Sentence marks.
    pub marks: u32,
    /// Runs between white space.
    pub words: u32,
    /// Decimal digits.
    pub digits: u32,
    /// Upper-case letters.
    pub upper: u32,
    /// Han and kana, with their punctuation, and Hangul.
    pub wide: u32,
    /// What is neither letter nor digit.
    pub signs: u32,
    /// Pieces of linked text.
    pub links: u32,
    /// First and last character; a space when there is none.
    pub first: char,
    pub last: char,
    /// Of the text without white space, in lower case.
    pub hash: u64,
    /// Which of `©`, `|`, `@`, `$€£¥`, `…`, `:`, `»` and arrows, quotes, `/` occur, a bit each.
    pub special: u8,
}

/// Every block of a page, in reading order.
pub fn of(scan: &Scan<'_>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    // The run that is open, and what would end it.
    let mut open = false;
    let mut breaks = 0;
    for (index, entry) in scan.entries.iter().enumerate() {
        match entry.node.value() {
            // A block of code is one run, whatever stands between its lines.
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
                    block.text.add(&found.text, entry.linked, entry.bold);
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
    /// Its text, white space as it stands.
    pub fn words(&self, scan: &Scan<'_>) -> String {
        self.texts(scan, |_| true)
    }

    /// The same without the readings that stand over it.
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
    fn add(&mut self, text: &str, linked: bool, bold: bool) {
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
        self.linked += if linked { added } else { 0 };
        self.links += u32::from(linked);
        self.bold += if bold { added } else { 0 };
    }

    fn character(&mut self, c: char) {
        if self.weight == 0 {
            self.first = c;
        }
        self.last = c;
        if c.is_ascii() {
            self.weight += 1;
            self.digits += u32::from(c.is_ascii_digit());
            self.upper += u32::from(c.is_ascii_uppercase());
            self.signs += u32::from(c.is_ascii_punctuation());
        } else {
            let wide = text::is_cjk(c) || matches!(c, '\u{ac00}'..='\u{d7a3}');
            self.weight += u32::from(text::weight_of(c));
            self.wide += u32::from(wide);
            self.upper += u32::from(!wide && c.is_uppercase());
            self.signs += u32::from(!c.is_alphanumeric());
        }
        self.marks += u32::from(scan::is_mark(c));
        self.special |= special(c);
        if c.is_ascii() {
            self.hash = Fnv::step(self.hash, u32::from(c.to_ascii_lowercase()));
        } else {
            c.to_lowercase().for_each(|c| self.hash = Fnv::step(self.hash, u32::from(c)));
        }
    }

    /// Share of the text that is links.
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

/// `part` of `whole`; 0 of nothing.
pub fn ratio(part: u32, whole: u32) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}
