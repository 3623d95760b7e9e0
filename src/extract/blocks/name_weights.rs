//! Weights of words in class, id and role names, learned from the training pages.
//!
//! `names` lists known words by meaning; the learned table also has the words that templates use, in any language. A word
//! has different weights directly around a block, near it, and anywhere above it.

use std::collections::HashMap;

use super::Block;
use super::containers::Containers;
use super::names::{Fnv, Plain};
use crate::extract::scan::Scan;
use crate::html::Element;

/// The number of elements directly around a block's text.
const RIGHT_AROUND: usize = 2;

/// The number of elements near it, including those.
const NEAR: usize = 5;

/// Weights are stored in units of 1/512.
pub const UNIT: f32 = 512.0;

/// The maximum number of names of one attribute that are read.
const NAMES: usize = 24;

/// Longer names are generated and are not read.
const LONGEST: usize = 40;

/// The number of features that [`Words::numbers`] returns for a block.
pub const COUNT: usize = 6;

/// The weights directly around a block, near it, and anywhere above it.
pub type Weights = [i32; 3];

/// The learned table: weights by the hash of a word, in units of 1/`UNIT`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Words {
    table: HashMap<u32, [i16; 3], Plain>,
}

impl FromIterator<(u32, [i16; 3])> for Words {
    fn from_iter<I: IntoIterator<Item = (u32, [i16; 3])>>(rows: I) -> Self {
        Self { table: rows.into_iter().collect() }
    }
}

impl Words {
    /// Returns for each block the sums of the weights directly around it, near it and above it, their total, and the totals
    /// of the blocks before and after.
    pub fn numbers(&self, scan: &Scan<'_>, blocks: &[Block], containers: &Containers) -> Vec<[f32; COUNT]> {
        let elements = self.elements(scan, containers);
        let own: Vec<Weights> = blocks.iter().map(|block| block_weights(scan, block, &elements)).collect();
        let all = |at: Option<usize>| at.and_then(|at| own.get(at)).map_or(0.0, |sums| scaled(sums.iter().sum()));
        let row = |at: usize| {
            let [around, near, above] = own[at].map(scaled);
            [around, near, above, all(Some(at)), all(at.checked_sub(1)), all(Some(at + 1))]
        };
        (0..blocks.len()).map(row).collect()
    }

    /// Returns for each element with text its own weights; the third is summed over the elements above it too.
    fn elements(&self, scan: &Scan<'_>, containers: &Containers) -> Vec<Weights> {
        // Many elements share class attributes, so each value is read once.
        let mut known: Vec<Option<Weights>> = vec![None; scan.count_classes()];
        let mut elements = vec![Weights::default(); scan.entries.len()];
        for (at, entry) in scan.entries.iter().enumerate() {
            let Some(element) = entry.node.value().as_element() else { continue };
            if containers.inside(scan, at).blocks == 0 {
                continue;
            }
            let mut sums = [0, 0, elements[entry.parent][2]];
            for (name, value) in named(element) {
                let found = match name {
                    "class" => *known[entry.class as usize].get_or_insert_with(|| self.of_value(value)),
                    _ => self.of_value(value),
                };
                sums.iter_mut().zip(found).for_each(|(sum, weight)| *sum += weight);
            }
            elements[at] = sums;
        }
        elements
    }

    fn of_value(&self, value: &str) -> Weights {
        let mut sums = Weights::default();
        for weights in hashes(value).iter().filter_map(|hash| self.table.get(hash)) {
            sums.iter_mut().zip(*weights).for_each(|(sum, weight)| *sum += i32::from(weight));
        }
        sums
    }
}

fn scaled(sum: i32) -> f32 {
    sum as f32 / UNIT
}

fn block_weights(scan: &Scan<'_>, block: &Block, elements: &[Weights]) -> Weights {
    let first = scan.entries[block.first].parent;
    let mut sums = [0, 0, elements[first][2]];
    let mut at = first;
    for height in 0..NEAR {
        if height < RIGHT_AROUND {
            sums[0] += elements[at][0];
        }
        sums[1] += elements[at][1];
        if at == 0 {
            break;
        }
        at = scan.entries[at].parent;
    }
    sums
}

/// Returns the attributes of an element that name it, with their values.
fn named(element: &Element) -> impl Iterator<Item = (&str, &str)> {
    let names = |name: &str| {
        matches!(name, "class" | "id" | "itemprop" | "itemtype" | "role" | "data-testid" | "data-component")
    };
    element.attrs().filter(move |(name, _)| names(name))
}

/// Returns the hashes of the words directly around a block, near it, and anywhere above it, for training.
pub fn seen(scan: &Scan<'_>, block: &Block) -> [Vec<u32>; 3] {
    let mut seen = [const { Vec::new() }; 3];
    let mut at = scan.entries[block.first].parent;
    let mut height = 0;
    loop {
        let words: Vec<u32> = match scan.entries[at].node.value().as_element() {
            Some(element) => named(element).flat_map(|(_, value)| hashes(value)).collect(),
            None => Vec::new(),
        };
        let from = if height < RIGHT_AROUND {
            0
        } else if height < NEAR {
            1
        } else {
            2
        };
        seen[from..].iter_mut().for_each(|seen| seen.extend(&words));
        if at == 0 {
            return seen;
        }
        at = scan.entries[at].parent;
        height += 1;
    }
}

/// Calls for the hash of each name in a value and of each of its words. Digits are skipped: they number ids and columns.
fn hashes(value: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for name in value.split_ascii_whitespace().take(NAMES).filter(|name| name.len() <= LONGEST) {
        let mut whole = Fnv::step(Fnv::START, u32::from(b'='));
        let (mut part, mut length) = (Fnv::START, 0);
        let mut previous = b' ';
        for byte in name.bytes().chain([b' ']) {
            let is_letter = byte.is_ascii_alphabetic() || !byte.is_ascii();
            let begins = !is_letter || previous.is_ascii_lowercase() && byte.is_ascii_uppercase();
            if begins {
                found.extend((length > 1).then(|| short(part)));
                (part, length) = (Fnv::START, 0);
            }
            if is_letter {
                part = Fnv::step(part, u32::from(byte.to_ascii_lowercase()));
                length += 1;
            }
            if !byte.is_ascii_digit() {
                whole = Fnv::step(whole, u32::from(byte.to_ascii_lowercase()));
            }
            previous = byte;
        }
        found.push(short(whole));
    }
    found
}

fn short(hash: u64) -> u32 {
    (hash ^ hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_itself_and_its_parts() {
        let parts = |value: &str| hashes(value).len();
        assert_eq!(parts("article-body"), 3);
        assert_eq!(parts("articleBody2"), 3);
        assert_eq!(parts("x-1"), 1);
        assert_eq!(hashes("col-12"), hashes("COL-7"));
        assert!(hashes("article-body").iter().any(|hash| hashes("BODY").contains(hash)));
        assert_ne!(hashes("a-b"), hashes("ab"));
    }
}
