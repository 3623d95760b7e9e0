//! Containers of blocks: the elements around them, and how often those repeat.

use std::collections::BTreeMap;

use super::Block;
use super::names::{Fnv, TOPICS};
use crate::extract::scan::Scan;

/// The distance for topics that are this far away or missing.
pub const FAR: u8 = 20;

/// Sums over consecutive blocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    pub blocks: u32,
    pub weight: u32,
    pub linked: u32,
    pub marks: u32,
    pub headings: u32,
    /// The number of blocks in `p`.
    pub paragraphs: u32,
}

/// The elements around the blocks of a page.
pub struct Containers {
    sums: Vec<Sum>,
    /// For each entry: the number of blocks that begin before it.
    before: Vec<u32>,
    /// For each entry: the nearest ancestor with more blocks; itself at the top.
    wider: Vec<u32>,
    /// For each entry: a hash of its tag and class; 0 where there are no blocks.
    own: Vec<u64>,
    /// The number of siblings with the same look and the sums over their blocks; the first is for entries without blocks.
    alike: Vec<(u32, Sum)>,
    /// For each entry: its index in `alike`.
    alike_at: Vec<u32>,
    /// For each entry with blocks below it: distance to the nearest element of each topic.
    near: Vec<[u8; TOPICS.len()]>,
    near_at: Vec<u32>,
}

impl Containers {
    /// Computes the containers of a page's blocks.
    pub fn of(scan: &Scan<'_>, blocks: &[Block]) -> Self {
        let count = scan.entries.len();
        let mut before = vec![0; count + 1];
        for block in blocks {
            before[block.first + 1] += 1;
        }
        for at in 0..count {
            before[at + 1] += before[at];
        }
        let mut found = Self {
            sums: sums(scan, blocks),
            before,
            wider: vec![0; count],
            own: vec![0; count],
            alike: vec![Default::default()],
            alike_at: vec![0; count],
            near: vec![[FAR; TOPICS.len()]],
            near_at: vec![0; count],
        };
        // The index in `alike`, by parent and look.
        let mut kinds = BTreeMap::new();
        for at in 0..count {
            found.enter(scan, at, &mut kinds);
        }
        found
    }

    fn enter(&mut self, scan: &Scan<'_>, at: usize, kinds: &mut BTreeMap<(u32, u64), u32>) {
        let entry = &scan.entries[at];
        let inside = self.inside(scan, at);
        let Some(element) = entry.node.value().as_element().filter(|_| inside.blocks > 0) else { return };
        let parent = entry.parent;
        let wider = self.inside(scan, parent).blocks > inside.blocks;
        self.wider[at] = if wider { parent as u32 } else { self.wider[parent] };
        self.own[at] = looks(element);
        let kind = *kinds.entry((parent as u32, self.own[at])).or_insert(self.alike.len() as u32);
        if kind as usize == self.alike.len() {
            self.alike.push(Default::default());
        }
        self.alike_at[at] = kind;
        let (alike, sum) = &mut self.alike[kind as usize];
        *alike += 1;
        *sum = sum.plus(&inside);
        let mut near = self.near[self.near_at[parent] as usize];
        for (topic, distance) in near.iter_mut().enumerate() {
            let here = entry.topics >> topic & 1 == 1;
            *distance = if here { 0 } else { (*distance + 1).min(FAR) };
        }
        self.near_at[at] = self.near.len() as u32;
        self.near.push(near);
    }

    /// Returns the sums over the blocks below an element.
    pub fn inside(&self, scan: &Scan<'_>, at: usize) -> Sum {
        let (from, to) = self.range(scan, at);
        self.between(from, to)
    }

    /// Returns the blocks below an element: the first, and one past the last.
    pub fn range(&self, scan: &Scan<'_>, at: usize) -> (usize, usize) {
        (self.before[at] as usize, self.before[scan.entries[at].end] as usize)
    }

    /// Returns the sums over the blocks `from..to`.
    pub fn between(&self, from: usize, to: usize) -> Sum {
        self.sums[to].minus(&self.sums[from])
    }

    /// Returns the nearest element around `at` with more blocks; `at` itself when there is none.
    pub fn wider(&self, at: usize) -> usize {
        self.wider[at] as usize
    }

    /// Returns the distance to the nearest element of each topic, at or around an element; [`FAR`] without one.
    pub fn near(&self, at: usize) -> &[u8; TOPICS.len()] {
        &self.near[self.near_at[at] as usize]
    }

    /// Returns the look of an element: a hash of its tag and class.
    pub fn look(&self, at: usize) -> u64 {
        self.own[at]
    }

    /// Returns a hash of the looks of an element and of the two around it.
    pub fn signature(&self, scan: &Scan<'_>, at: usize) -> u64 {
        let parent = scan.entries[at].parent;
        let above = scan.entries[parent].parent;
        self.own[at]
            ^ self.own[parent].wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ self.own[above].wrapping_mul(0xc2b2_ae3d_27d4_eb4f)
    }

    /// Returns the number of siblings with the same look as `at`, itself included, and the sums over their blocks.
    pub fn alike(&self, at: usize) -> (u32, Sum) {
        self.alike[self.alike_at[at] as usize]
    }
}

impl Sum {
    fn plus(&self, other: &Self) -> Self {
        Self {
            blocks: self.blocks + other.blocks,
            weight: self.weight + other.weight,
            linked: self.linked + other.linked,
            marks: self.marks + other.marks,
            headings: self.headings + other.headings,
            paragraphs: self.paragraphs + other.paragraphs,
        }
    }

    fn minus(&self, other: &Self) -> Self {
        Self {
            blocks: self.blocks - other.blocks,
            weight: self.weight - other.weight,
            linked: self.linked - other.linked,
            marks: self.marks - other.marks,
            headings: self.headings - other.headings,
            paragraphs: self.paragraphs - other.paragraphs,
        }
    }
}

/// Returns the sums over the first `i` blocks, at index `i`.
fn sums(scan: &Scan<'_>, blocks: &[Block]) -> Vec<Sum> {
    let mut sums = Vec::with_capacity(blocks.len() + 1);
    let mut sum = Sum::default();
    sums.push(sum);
    for block in blocks {
        let name = scan.name(block.element);
        sum = sum.plus(&Sum {
            blocks: 1,
            weight: block.text.weight,
            linked: block.text.linked,
            marks: block.text.marks,
            headings: u32::from(heading_level(name) > 0),
            paragraphs: u32::from(name == "p"),
        });
        sums.push(sum);
    }
    sums
}

/// Returns 1 to 6 for `h1` to `h6`, 0 for other elements.
pub fn heading_level(name: &str) -> u8 {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => level - b'0',
        _ => 0,
    }
}

/// Returns a hash of tag and class. Digits are skipped: they number ids and columns.
fn looks(element: &crate::html::Element) -> u64 {
    let mut state = Fnv::START;
    let class = element.attr("class").unwrap_or_default();
    for byte in element.name().bytes().chain(*b" ").chain(class.bytes().take(200)) {
        if !byte.is_ascii_digit() {
            state = Fnv::step(state, u32::from(byte));
        }
    }
    state
}
