//! Parts of a page that are alike: what repeats, by the names that its parts have in common.

use std::collections::BTreeMap;

use crate::extract::blocks::names::Fnv;
use crate::extract::scan::Scan;
use crate::html::Element;

/// Names of an element that are looked at.
const MOST_NAMES: usize = 10;

/// Elements by a name that they have in common, in the order of the page.
pub type Groups = BTreeMap<u64, Vec<usize>>;

/// Every name that some element between `from` and `to` has, with the elements that have it.
pub fn of(scan: &Scan<'_>, from: usize, to: usize) -> Groups {
    let mut groups = Groups::new();
    for at in from..to {
        if scan.entries[at].unseen {
            continue;
        }
        let Some(element) = scan.entries[at].node.value().as_element() else { continue };
        for name in of_element(element, scan.entries[at].parent) {
            let members = groups.entry(name).or_default();
            if members.last() != Some(&at) {
                members.push(at);
            }
        }
    }
    groups
}

/// The names of an element: its classes and id without numbers, what structured data calls it; an element without any
/// is known by its tag and its parent.
fn of_element(element: &Element, parent: usize) -> Vec<u64> {
    let tag = element.name();
    let mut names = Vec::new();
    if matches!(tag, "html" | "body" | "main" | "br" | "img" | "hr") {
        return names;
    }
    let mut add = |sign: &str, word: &str| {
        let hash = [tag, sign].iter().fold(Fnv::START, |hash, part| hashed(hash, part));
        names.push(hashed(hash, word));
    };
    for (attribute, value) in element.attrs() {
        match attribute {
            "class" => {
                let classes = value.split_ascii_whitespace().filter(|class| class.len() <= 60);
                classes.take(MOST_NAMES).for_each(|class| add(".", &without_digits(class)));
            }
            "id" if value.bytes().any(|byte| byte.is_ascii_digit()) => add("#", &without_digits(value)),
            "itemprop" | "component" | "data-testid" | "data-role" => add(attribute, &without_digits(value)),
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
    names
}

fn hashed(hash: u64, part: &str) -> u64 {
    part.bytes().chain([0]).fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Numbers in names count.
fn without_digits(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii_digit()).flat_map(char::to_lowercase).take(60).collect()
}

/// Each member with the one that it stands in, by their places in the group.
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
