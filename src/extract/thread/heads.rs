//! Reads the head of a post: its author and time, in the page's words.

use std::ops::Range;

use crate::extract::metadata::is_of_something_else;
use crate::extract::scan::Scan;
use crate::html::text;
use crate::model::tree::{Element, NodeId, Tree};

use super::marks::{self, LONGEST, Mark, Marks, Rank};
use super::names::Attributes;

/// The element of a head until the passes over the text are done: they would take a bold line for a sub-heading.
pub const HEAD: &str = "post-head";

/// Words before a name or a time in its own line, in lower case.
const BEFORE: [&str; 18] = [
    "posted by ",
    "written by ",
    "asked by ",
    "answered by ",
    "by ",
    "von ",
    "par ",
    "posted on ",
    "posted at ",
    "posted ",
    "asked ",
    "answered ",
    "on ",
    "发表于",
    "發表於",
    "发布于",
    "回复于",
    "作者：",
];

/// Beginnings of the time of a change, in lower case.
const CHANGES: [&str; 10] = [
    "edited",
    "last edited",
    "modified",
    "last modified",
    "updated",
    "编辑于",
    "修改于",
    "最后编辑",
    "編集",
    "bearbeitet",
];

/// The author and time of a post; empty where the page does not name them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    pub author: String,
    pub time: String,
}

impl Head {
    /// Reads the marks of a post, without those in `others`: its text and the posts inside it, in order.
    pub fn of(scan: &Scan<'_>, marks: &Marks, post: Range<usize>, others: &[Range<usize>]) -> Self {
        let own = |all: &[Mark]| -> Vec<Mark> {
            let inside = |mark: &Mark| {
                let before = others.partition_point(|other| other.start <= mark.at);
                before > 0 && others[before - 1].contains(&mark.at)
            };
            marks::between(all, post.start, post.end).iter().copied().filter(|mark| !inside(mark)).collect()
        };
        let author = first(&own(&marks.authors), |mark| author(scan, mark)).unwrap_or_default();
        let time = first(&own(&marks.times), |mark| time(scan, mark)).unwrap_or_default();
        Self { author, time }
    }

    /// Appends the head to a tree, as one line.
    pub fn append(&self, tree: &mut Tree, parent: NodeId) {
        if self.author.is_empty() && self.time.is_empty() {
            return;
        }
        let line = tree.append_element(parent, Element::new(HEAD));
        if !self.author.is_empty() {
            let name = tree.append_element(line, Element::new("strong"));
            tree.append_text(name, &self.author);
        }
        if !self.time.is_empty() {
            let between = if self.author.is_empty() { "" } else { " · " };
            tree.append_text(line, &format!("{between}{}", self.time));
        }
    }
}

/// Makes paragraphs of the heads.
pub fn settle(tree: &mut Tree) {
    let heads: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| tree.name(id) == HEAD).collect();
    for id in heads {
        if let Some(element) = tree.element_mut(id) {
            element.name = "p".into();
        }
    }
}

/// Returns the value of the mark with the best rank; of equal ones, the first.
fn first(marks: &[Mark], read: impl Fn(&Mark) -> Option<String>) -> Option<String> {
    let mut by_rank: Vec<&Mark> = marks.iter().take(40).collect();
    by_rank.sort_by_key(|mark| (mark.rank, mark.at));
    by_rank.into_iter().find_map(read)
}

fn author(scan: &Scan<'_>, mark: &Mark) -> Option<String> {
    let element = scan.element(mark.at)?;
    let name = match mark.rank {
        Rank::Attribute => Attributes::of(element.value()).author()?.to_owned(),
        Rank::Property => property(scan, mark.at),
        _ => marks::below(scan, mark.at, 2 * LONGEST),
    };
    let name = bare(&name).trim_start_matches('@').trim().to_owned();
    // A letter can replace a portrait.
    let is_name = name.chars().any(char::is_alphabetic) && text::weight(&name) > 1 && name.chars().count() <= LONGEST;
    (is_name && !marks::is_date(&name)).then_some(name)
}

/// Returns the name of a person in structured data, or the text of the mark.
fn property(scan: &Scan<'_>, at: usize) -> String {
    let inside = at..scan.entries[at].end.min(at + 60);
    let named = inside.clone().find(|&below| scan.element(below).is_some_and(|e| e.attr("itemprop") == Some("name")));
    let content = |at: usize| scan.element(at).and_then(|element| element.attr("content")).map(str::to_owned);
    let name = named.and_then(|at| content(at).or_else(|| Some(marks::below(scan, at, LONGEST))));
    name.filter(|name| !name.is_empty()).or_else(|| content(at)).unwrap_or_else(|| {
        // A box about a person begins with the name.
        let first = inside.clone().map(|below| marks::below(scan, below, LONGEST));
        let mut short = first.filter(|text| !text.is_empty() && text::weight(text) <= LONGEST);
        short.next().unwrap_or_default()
    })
}

/// Returns the time as shown where that is a date, else the date in its attributes.
fn time(scan: &Scan<'_>, mark: &Mark) -> Option<String> {
    if is_of_change(scan, mark.at) {
        return None;
    }
    let Some(element) = scan.element(mark.at) else {
        let text = marks::below(scan, mark.at, 2 * LONGEST);
        return Some(bare(&text).to_owned()).filter(|text| !text.is_empty() && text.chars().count() <= LONGEST);
    };
    let shown = marks::below(scan, mark.at, 2 * LONGEST);
    let shown = bare(&shown);
    let is_short = shown.chars().any(|c| c.is_ascii_digit()) && shown.chars().count() <= LONGEST;
    let is_short = is_short && !is_of_something_else(shown);
    if is_short && marks::is_date(shown) && mark.rank != Rank::Attribute {
        return Some(shown.to_owned());
    }
    let inside = mark.at..scan.entries[mark.at].end.min(mark.at + 12);
    let declared = inside.filter_map(|at| scan.element(at)).find_map(|element| {
        let attributes = ["datetime", "content", "title", "data-time-string", "ts"];
        attributes.iter().filter_map(|name| element.attr(name)).find(|value| marks::is_date(value)).map(instant)
    });
    let own = Attributes::of(element.value()).time().filter(|value| marks::is_date(value)).map(instant);
    own.or(declared).or_else(|| (is_short && mark.rank != Rank::Attribute).then(|| shown.to_owned()))
}

/// Returns true where the words at a time say that it is that of a change.
fn is_of_change(scan: &Scan<'_>, at: usize) -> bool {
    let around = marks::below(scan, scan.entries[at].parent, 2 * LONGEST);
    [marks::below(scan, at, LONGEST), around].iter().any(|text| {
        let lower = text.to_lowercase();
        text.chars().count() <= LONGEST && CHANGES.iter().any(|word| lower.starts_with(word))
    })
}

/// Returns `2025-08-25T10:00:00+00:00` as `2025-08-25 10:00`; other forms unchanged.
fn instant(value: &str) -> String {
    let value = value.trim();
    let digits = value.as_bytes();
    let is_iso = digits.len() >= 16
        && digits[4] == b'-'
        && digits[7] == b'-'
        && matches!(digits[10], b'T' | b' ')
        && digits[13] == b':'
        && value.is_ascii();
    if is_iso { format!("{} {}", &value[..10], &value[11..16]) } else { value.chars().take(LONGEST).collect() }
}

/// Removes punctuation marks around a text, and the words before it.
fn bare(text: &str) -> &str {
    let sign = |c: char| {
        c.is_whitespace() || matches!(c, '»' | '«' | '·' | '•' | '|' | ',' | ';' | ':' | '-' | '–' | '—' | '#')
    };
    let mut rest = text.trim_matches(sign);
    for word in BEFORE {
        let begins = rest.get(..word.len()).is_some_and(|start| start.to_lowercase() == *word);
        if begins {
            rest = rest[word.len()..].trim_matches(sign);
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_before_a_name_or_a_time_are_dropped() {
        assert_eq!(bare(" » 2024-02-11 19:00 "), "2024-02-11 19:00");
        assert_eq!(bare("by slatehand"), "slatehand");
        assert_eq!(bare("发表于 2024-1-2 10:00"), "2024-1-2 10:00");
    }

    #[test]
    fn a_timestamp_is_written_as_date_and_time() {
        assert_eq!(instant("2025-08-25T10:00:00+0000"), "2025-08-25 10:00");
        assert_eq!(instant("Monday, 3 March 2025"), "Monday, 3 March 2025");
    }
}
