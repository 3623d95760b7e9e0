//! The features of a block: numbers in a fixed order, the same for training and for scoring.
//!
//! Lengths are weights, because Chinese has no spaces. Few features depend on words of the text, so the model works in
//! languages that it was not trained on. All arithmetic is addition, multiplication and division, so the features are the
//! same on every machine.

use std::collections::BTreeMap;
use std::ops::Range;

use super::containers::{Containers, heading_level};
use super::name_weights::{self, Words};
use super::names::{Fnv, TOPICS};
use super::phrases::{self, PHRASES};
use super::{Block, Stats, ratio};
use crate::extract::container::{self, Scores};
use crate::extract::scan::Scan;
use crate::html::text;

/// The number of enclosing containers with features.
const HEIGHTS: usize = 6;

/// The offsets of the neighbours with features.
const NEIGHBOURS: [isize; 6] = [-1, 1, -2, 2, -3, 3];

/// The number of kinds of page that structured data may declare, one bit each in [`PageFacts::kinds`].
const KINDS: usize = 9;

/// A block at most this far from an element of a topic counts to the topic's share of the page.
const NEAR: u8 = 6;

/// Blocks heavier than this are not compared with the title.
const TITLE: u32 = 400;

/// The number of features in a row of [`Features::rows`].
pub const WIDTH: usize = 259 + 2 * phrases::COUNT + TOPICS.len() + KINDS + name_weights::COUNT;

/// The features of some of a page's blocks.
pub struct Rows {
    /// The number of features in a row.
    pub width: usize,
    /// The rows, one after another.
    pub numbers: Vec<f32>,
}

impl Rows {
    /// Returns the row of a block.
    pub fn row(&self, block: usize) -> &[f32] {
        &self.numbers[block * self.width..(block + 1) * self.width]
    }
}

/// What the page declares about itself, for comparison with its blocks.
#[derive(Debug, Default)]
pub struct PageFacts<'t> {
    /// The title, from the page's metadata.
    pub title: &'t str,
    /// The article's text in structured data; empty without one.
    pub body: &'t str,
    /// The beginning of the text in the page's description, for pages that show less text; empty for others.
    pub excerpt: &'t str,
    /// The page's host; empty when unknown.
    pub host: &'t str,
    /// The kinds of page that structured data declares, as bits of `metadata::kinds`.
    pub kinds: u16,
}

/// The features of a page's blocks. They are computed for some blocks at a time: those of all blocks of a long page would
/// take more memory than everything else about it.
pub struct Features<'p, 'a> {
    page: Page<'p, 'a>,
    /// Per block: the weights of the names around it.
    learned: Vec<[f32; name_weights::COUNT]>,
}

impl<'p, 'a> Features<'p, 'a> {
    /// Prepares the features of a page's blocks. `learned` has the weights of the names around them.
    pub fn of(
        scan: &'p Scan<'a>,
        blocks: &'p [Block],
        containers: &'p Containers,
        facts: &PageFacts<'_>,
        learned: &Words,
    ) -> Self {
        let page = Page::of(scan, blocks, containers, facts);
        Self { page, learned: learned.numbers(scan, blocks, containers) }
    }

    /// Returns the features of a range of blocks, which must be on the page.
    pub fn rows(&self, blocks: Range<usize>) -> Rows {
        let mut numbers = Vec::with_capacity(blocks.len() * WIDTH);
        let mut text = String::new();
        for at in blocks.clone() {
            self.page.row(at, &mut text, &mut numbers);
            numbers.extend(self.learned[at]);
        }
        debug_assert_eq!(numbers.len(), blocks.len() * WIDTH, "WIDTH counts the numbers of a row");
        Rows { width: WIDTH, numbers }
    }
}

/// What is computed once for a page.
struct Page<'p, 'a> {
    scan: &'p Scan<'a>,
    blocks: &'p [Block],
    containers: &'p Containers,
    /// Hashes of the title's words, sorted.
    title: Vec<u64>,
    /// The letters of the article's text in structured data; None when it is missing or short.
    body: Option<String>,
    /// By signature: blocks, weight, linked weight.
    signatures: BTreeMap<u64, (u32, u32, u32)>,
    signature: Vec<u64>,
    /// By text: the number of times it is on the page.
    texts: BTreeMap<u64, u32>,
    /// The blocks of the container that Readability's scoring finds, and the scores.
    readable: (usize, usize),
    scores: Scores,
    /// The first block of the first `h1`, and the number of blocks in `h1`s.
    headline: Option<usize>,
    h1: u32,
    /// Per block: the nearest heading before it.
    heading: Vec<Option<usize>>,
    /// Per block: the topics of its words.
    topics: Vec<u16>,
    kinds: u16,
    /// The features that all rows share.
    shared: Vec<f32>,
    /// Per entry: a number for its tag; 0 without blocks below it.
    tags: Vec<f32>,
    /// Per block: the features that rows of its neighbours include.
    summaries: Vec<[f32; 5]>,
}

impl<'p, 'a> Page<'p, 'a> {
    fn of(scan: &'p Scan<'a>, blocks: &'p [Block], containers: &'p Containers, facts: &PageFacts<'_>) -> Self {
        let scores = Scores::of(scan);
        let readable = container::find(scan, &scores).map_or((0, 0), |found| containers.range(scan, found));
        let body: String = letters(facts.body).take(200_000).collect();
        let mut title = Vec::new();
        words(facts.title, |word| title.push(word));
        title.sort_unstable();
        let mut page = Self {
            scan,
            blocks,
            containers,
            title,
            body: (body.len() > 100).then_some(body),
            signatures: BTreeMap::new(),
            signature: Vec::with_capacity(blocks.len()),
            texts: BTreeMap::new(),
            readable,
            scores,
            headline: None,
            h1: 0,
            heading: Vec::with_capacity(blocks.len()),
            topics: Vec::with_capacity(blocks.len()),
            kinds: facts.kinds,
            shared: Vec::new(),
            tags: Vec::with_capacity(scan.entries.len()),
            summaries: Vec::with_capacity(blocks.len()),
        };
        for at in 0..scan.entries.len() {
            let holds = containers.inside(scan, at).blocks > 0;
            page.tags.push(if holds { tag(scan.name(at)) } else { 0.0 });
        }
        let mut heading = None;
        for (at, block) in blocks.iter().enumerate() {
            let signature = containers.signature(scan, block.element);
            page.signature.push(signature);
            let sum = page.signatures.entry(signature).or_default();
            *sum = (sum.0 + 1, sum.1 + block.text.weight, sum.2 + block.text.linked);
            *page.texts.entry(block.text.hash).or_default() += 1;
            page.heading.push(heading);
            page.topics.push(PHRASES.topics(scan, block));
            let level = is_heading(scan, block);
            page.summaries.push([
                block.text.weight as f32,
                block.text.link_density(),
                block.text.marks as f32,
                f32::from(level),
                ratio(block.text.words, block.text.weight),
            ]);
            if level > 0 {
                heading = Some(at);
            }
            if level == 1 {
                page.h1 += 1;
                page.headline = page.headline.or(Some(at));
            }
        }
        page.shared = page.shared();
        page
    }

    fn shared(&self) -> Vec<f32> {
        let all = self.containers.between(0, self.blocks.len());
        let sum = |of: fn(&Stats) -> u32| self.blocks.iter().map(|block| of(&block.text)).sum::<u32>();
        let (from, to) = self.readable;
        let readable = self.containers.between(from, to);
        let long: u32 = self.blocks.iter().map(|block| block.text.weight).filter(|weight| *weight > 150).sum();
        let mut shares = [0u32; TOPICS.len()];
        for block in self.blocks {
            let near = self.containers.near(self.scan.entries[block.first].parent);
            for (share, distance) in shares.iter_mut().zip(near) {
                *share += if *distance <= NEAR { block.text.weight } else { 0 };
            }
        }
        let mut shared = vec![
            all.blocks as f32,
            all.weight as f32,
            ratio(all.linked, all.weight),
            ratio(all.marks * 100, all.weight),
            all.headings as f32,
            all.paragraphs as f32,
            ratio(sum(|text| text.wide), all.weight),
            ratio(long, all.weight),
            ratio(readable.weight, all.weight),
            ratio(readable.linked, readable.weight),
            self.h1 as f32,
            self.body.as_ref().map_or(0.0, |body| body.len() as f32 / (all.weight + 1) as f32),
        ];
        shared.extend(shares.map(|share| ratio(share, all.weight)));
        shared.extend((0..KINDS).map(|bit| f32::from(u8::from(self.kinds >> bit & 1 == 1))));
        shared
    }

    fn row(&self, at: usize, text: &mut String, out: &mut Vec<f32>) {
        let block = &self.blocks[at];
        own(&block.text, out);
        self.place(at, out);
        self.names(at, out);
        self.around(at, out);
        self.repeated(at, out);
        self.neighbours(at, out);
        self.facts(at, text, out);
        for topics in [self.topics[at], self.heading[at].map_or(0, |heading| self.topics[heading])] {
            out.extend((0..phrases::COUNT).map(|bit| f32::from(u8::from(topics >> bit & 1 == 1))));
        }
        out.extend(&self.shared);
    }

    fn place(&self, at: usize, out: &mut Vec<f32>) {
        let block = &self.blocks[at];
        let count = self.blocks.len();
        let all = self.containers.between(0, count).weight;
        let before = self.containers.between(0, at).weight;
        let from_headline = self.headline.map_or(-10_000.0, |headline| at as f32 - headline as f32);
        let since = self.headline.map_or(0, |headline| headline.min(at));
        let (from, to) = self.readable;
        let score = self.scores.below(self.scan, block.element);
        let heading = self.heading[at];
        out.extend([
            at as f32,
            (count - at) as f32,
            at as f32 / count as f32,
            ratio(before, all),
            ratio(all - before, all) * all as f32,
            from_headline,
            self.containers.between(since, at).weight as f32,
            flag((from..to).contains(&at)),
            if to > from { (at as f32 - from as f32) / (to - from) as f32 } else { -1.0 },
            score as f32,
            (score / self.scores.total().max(1.0)) as f32,
            heading.map_or(0.0, |heading| f32::from(is_heading(self.scan, &self.blocks[heading]))),
            heading.map_or(10_000.0, |heading| (at - heading) as f32),
            heading.map_or(0.0, |heading| self.containers.between(heading, at).weight as f32),
            heading.map_or(0.0, |heading| self.blocks[heading].text.weight as f32),
        ]);
    }

    fn names(&self, at: usize, out: &mut Vec<f32>) {
        let element = self.blocks[at].element;
        let parent = self.scan.entries[element].parent;
        let above = self.scan.entries[parent].parent;
        for around in [element, parent, above] {
            out.push(self.tags[around]);
        }
        out.push(f32::from(is_heading(self.scan, &self.blocks[at])));
        // Inline elements around the first text count like the block's own names.
        let first = self.scan.entries[self.blocks[at].first].parent;
        out.extend(self.containers.near(first).iter().map(|distance| f32::from(*distance)));
        let topics = self.scan.entries[element].topics | self.scan.entries[parent].topics;
        out.push(topics.count_ones() as f32);
    }

    fn around(&self, at: usize, out: &mut Vec<f32>) {
        let all = self.containers.between(0, self.blocks.len()).weight;
        let mut element = self.blocks[at].element;
        let mut previous = 1;
        for _ in 0..HEIGHTS {
            let (from, to) = self.containers.range(self.scan, element);
            let sum = self.containers.between(from, to);
            let (alike, together) = self.containers.alike(element);
            out.extend([
                sum.blocks as f32,
                sum.weight as f32,
                ratio(sum.weight, all),
                ratio(sum.linked, sum.weight),
                ratio(sum.marks * 100, sum.weight),
                ratio(previous, sum.weight),
                (at - from) as f32 / (to - from).max(1) as f32,
                ratio(sum.weight, sum.blocks),
                ratio(sum.headings * 10, sum.blocks),
                ratio(sum.paragraphs * 10, sum.blocks),
                self.tags[element],
                alike as f32,
                ratio(together.weight, alike),
                ratio(together.weight, all),
            ]);
            previous = sum.weight;
            element = self.containers.wider(element);
        }
    }

    fn repeated(&self, at: usize, out: &mut Vec<f32>) {
        let all = self.containers.between(0, self.blocks.len()).weight;
        let (count, weight, linked) = self.signatures.get(&self.signature[at]).copied().unwrap_or_default();
        out.extend([
            count as f32,
            ratio(weight, count),
            ratio(linked, weight),
            ratio(weight, all),
            self.texts.get(&self.blocks[at].text.hash).copied().unwrap_or_default() as f32,
        ]);
    }

    fn neighbours(&self, at: usize, out: &mut Vec<f32>) {
        for offset in NEIGHBOURS {
            let Some(other) = at.checked_add_signed(offset).filter(|other| *other < self.blocks.len()) else {
                out.extend([-1.0; 8]);
                continue;
            };
            let element = self.blocks[other].element;
            let [weight, density, marks, level, words] = self.summaries[other];
            out.extend([
                weight,
                density,
                marks,
                self.tags[element],
                level,
                flag(self.signature[other] == self.signature[at]),
                flag(self.scan.entries[element].parent == self.scan.entries[self.blocks[at].element].parent),
                words,
            ]);
        }
    }

    fn facts(&self, at: usize, text: &mut String, out: &mut Vec<f32>) {
        let block = &self.blocks[at];
        let short = block.text.weight <= TITLE;
        text.clear();
        if short && !self.title.is_empty() || self.body.is_some() {
            self.text(block, text);
        }
        let shared = if short && !self.title.is_empty() {
            let (mut all, mut known) = (0usize, 0usize);
            words(text, |word| {
                all += 1;
                known += usize::from(self.title.binary_search(&word).is_ok());
            });
            known as f32 / all.max(1) as f32
        } else {
            -1.0
        };
        out.push(shared);
        out.push(match &self.body {
            Some(body) if block.text.weight > 20 => {
                let start: String = letters(text).take(60).collect();
                flag(!start.is_empty() && memchr::memmem::find(body.as_bytes(), start.as_bytes()).is_some())
            }
            _ => -1.0,
        });
    }

    fn text(&self, block: &Block, text: &mut String) {
        for entry in &self.scan.entries[block.first..block.end] {
            if let Some(found) = entry.node.value().as_text() {
                text.push_str(&found.text);
                if text.len() > 4 * TITLE as usize {
                    break;
                }
            }
        }
    }
}

/// Appends the features of the text alone.
fn own(text: &Stats, out: &mut Vec<f32>) {
    let last = text.last;
    let is_end = matches!(last, '.' | '!' | '?' | '。' | '！' | '？' | '…' | '۔' | '।' | '"' | '”' | '」' | '』');
    out.extend([
        text.weight as f32,
        text.linked as f32,
        text.link_density(),
        text.links as f32,
        text.marks as f32,
        ratio(text.marks * 100, text.weight),
        text.words as f32,
        ratio(text.weight, text.words),
        ratio(text.digits, text.weight),
        ratio(text.upper, text.weight),
        ratio(text.wide, text.weight),
        ratio(text.signs, text.weight),
        ratio(text.bold, text.weight),
        flag(text.first.is_uppercase()),
        flag(text.first.is_ascii_digit()),
        flag(!text.first.is_alphanumeric()),
        flag(is_end),
        flag(matches!(last, ':' | '：')),
        flag(last.is_ascii_digit()),
    ]);
    out.extend((0..8).map(|bit| f32::from(text.special >> bit & 1)));
}

fn flag(is: bool) -> f32 {
    f32::from(u8::from(is))
}

fn is_heading(scan: &Scan<'_>, block: &Block) -> u8 {
    heading_level(scan.name(block.element))
}

/// Returns letters and digits in lower case.
fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// Calls with the hash of each word in lower case; a wide character is a word.
fn words(text: &str, mut found: impl FnMut(u64)) {
    let mut word = Fnv::START;
    let mut take = |c: char| {
        let letter = c.is_alphanumeric();
        let wide = letter && text::is_cjk(c);
        if letter && !wide {
            word = Fnv::step(word, u32::from(c));
            return;
        }
        if word != Fnv::START {
            found(std::mem::replace(&mut word, Fnv::START));
        }
        if wide {
            found(Fnv::step(Fnv::START, u32::from(c)));
        }
    };
    for c in text.chars().take(2000) {
        if c.is_ascii() { take(c.to_ascii_lowercase()) } else { c.to_lowercase().for_each(&mut take) }
    }
    // The end of the text ends the last word.
    take(' ');
}

/// Returns a number for a tag; tags with similar uses have similar numbers.
fn tag(name: &str) -> f32 {
    f32::from(match name {
        "p" => 1u8,
        "blockquote" => 2,
        "pre" => 3,
        "figcaption" | "caption" => 4,
        "figure" => 5,
        "h1" => 6,
        "h2" => 7,
        "h3" => 8,
        "h4" => 9,
        "h5" | "h6" => 10,
        "article" => 11,
        "main" => 12,
        "section" => 13,
        "div" => 14,
        "center" => 15,
        "body" => 16,
        "td" => 17,
        "th" => 18,
        "tr" | "tbody" | "thead" | "table" => 19,
        "dd" => 20,
        "dt" => 21,
        "dl" => 22,
        "ol" => 23,
        "ul" => 24,
        "li" => 25,
        "details" | "summary" => 26,
        "header" => 27,
        "address" => 28,
        "form" | "fieldset" | "legend" => 29,
        "label" => 30,
        "button" => 31,
        "aside" => 32,
        "nav" => 33,
        "footer" => 34,
        "a" | "span" | "time" => 35,
        _ => 36,
    })
}
