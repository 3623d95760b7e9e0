//! Finds repeating parts of a page: elements with a name in common.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::extract::blocks::names::Fnv;
use crate::extract::scan::Scan;
use crate::html::Element;

/// How many names of an element are read.
const MOST_NAMES: usize = 10;

/// Returns the elements between `from` and `to` that share a name, in page order; one list for each name.
pub fn of(scan: &Scan<'_>, from: usize, to: usize) -> Vec<Vec<usize>> {
    let mut groups: HashMap<u64, Vec<usize>, RandomState> = HashMap::default();
    let mut names = Vec::new();
    for at in from..to {
        if scan.entries[at].unseen {
            continue;
        }
        let Some(element) = scan.entries[at].node.value().as_element() else { continue };
        names.clear();
        of_element(element, scan.entries[at].parent, &mut names);
        for &name in &names {
            let members = groups.entry(name).or_default();
            if members.last() != Some(&at) {
                members.push(at);
            }
        }
    }
    // Sorted, because the map has no fixed order and the result must.
    let mut groups: Vec<(u64, Vec<usize>)> = groups.into_iter().collect();
    groups.sort_unstable_by_key(|(name, _)| *name);
    groups.into_iter().map(|(_, members)| members).collect()
}

/// Adds the names of an element: its classes and id without numbers, its type in structured data; an element without
/// any is named by its tag and its parent.
fn of_element(element: &Element, parent: usize, names: &mut Vec<u64>) {
    let tag = element.name();
    if matches!(tag, "html" | "body" | "main" | "br" | "img" | "hr") {
        return;
    }
    let mut add = |sign: &str, word: &str| {
        let hash = [tag, sign].iter().fold(Fnv::START, |hash, part| hashed(hash, part));
        names.push(hashed_without_digits(hash, word));
    };
    for (attribute, value) in element.attrs() {
        match attribute {
            "class" => {
                let classes = value.split_ascii_whitespace().filter(|class| class.len() <= 60);
                classes.take(MOST_NAMES).for_each(|class| add(".", class));
            }
            "id" if value.bytes().any(|byte| byte.is_ascii_digit()) => add("#", value),
            "itemprop" | "component" | "data-testid" | "data-role" => add(attribute, value),
            "itemtype" => add("@", value.rsplit('/').next().unwrap_or_default()),
            _ => {}
        }
    }
    if tag == "article" || tag.contains('-') {
        add("", "");
    }
    if names.is_empty() && matches!(tag, "div" | "li" | "tr" | "td" | "section" | "table" | "dd" | "p") {
        names.push(hashed(hashed(Fnv::START, tag), &parent.to_string()));
    }
}

fn hashed(hash: u64, part: &str) -> u64 {
    part.bytes().chain([0]).fold(hash, |hash, byte| Fnv::step(hash, u32::from(byte)))
}

/// Hashes a name in lower case without its digits, which number the parts.
fn hashed_without_digits(hash: u64, name: &str) -> u64 {
    if name.is_ascii() {
        let letters = name.bytes().filter(|byte| !byte.is_ascii_digit()).take(60);
        let hash = letters.fold(hash, |hash, byte| Fnv::step(hash, u32::from(byte.to_ascii_lowercase())));
        return Fnv::step(hash, 0);
    }
    let letters = name.chars().filter(|c| !c.is_ascii_digit()).flat_map(char::to_lowercase).take(60);
    let mut bytes = [0; 4];
    let hash = letters.fold(hash, |hash, c| {
        c.encode_utf8(&mut bytes).bytes().fold(hash, |hash, byte| Fnv::step(hash, u32::from(byte)))
    });
    Fnv::step(hash, 0)
}

/// Returns for each member the one that it is inside, by their positions in the group; None for the outermost.
pub fn outer(scan: &Scan<'_>, members: &[usize]) -> Vec<Option<usize>> {
    let mut open: Vec<usize> = Vec::new();
    let mut outer = Vec::with_capacity(members.len());
    for (place, &at) in members.iter().enumerate() {
        while open.last().is_some_and(|&last| scan.entries[members[last]].end <= at) {
            open.pop();
        }
        outer.push(open.last().copied());
        open.push(place);
    }
    outer
}
