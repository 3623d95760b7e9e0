//! Finds where a page names an author or a time.

use crate::extract::hints::Hints;
use crate::extract::metadata::{Order, first_date, is_of_something_else};
use crate::extract::scan::Scan;
use crate::html::{Node, text};

use super::names::{self, Attributes, Classes};

/// Maximum length of a name or a time, in characters.
pub const LONGEST: usize = 60;

/// How many nodes below an element are read for its text.
const FURTHEST: usize = 400;

/// Maximum length of a line whose text is read, in bytes.
const LINE: usize = 120;

/// A place that names an author or a time; the lower its rank, the more certain it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The element or text, by its position in the scan.
    pub at: usize,
    /// How it is marked.
    pub rank: Rank,
}

/// How a name or a time is marked, the most certain first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// An attribute of the post itself.
    Attribute,
    /// A property of structured data.
    Property,
    /// An element or a class with this one meaning.
    Name,
    /// A link to a profile.
    Link,
    /// A class of a larger part, or the words of the text.
    Part,
}

/// All marks of a page, in page order.
#[derive(Debug, Default)]
pub struct Marks {
    pub authors: Vec<Mark>,
    pub times: Vec<Mark>,
}

impl Marks {
    /// Finds the marks of a page. Quotations and hidden text are skipped.
    pub fn of(scan: &Scan<'_>) -> Self {
        let mut marks = Self::default();
        let mut quoted = 0;
        // Each value of a class attribute is parsed once, however many elements have it.
        let mut known: Vec<Option<Classes>> = vec![None; scan.count_classes()];
        for (at, entry) in scan.entries.iter().enumerate() {
            if at < quoted || entry.unseen {
                continue;
            }
            match entry.node.value() {
                Node::Element(element) => {
                    let class = || element.attr("class").unwrap_or_default();
                    let classes = *known[entry.class as usize].get_or_insert_with(|| Classes::of(class()));
                    if classes.is_quote || element.name() == "blockquote" {
                        quoted = entry.end;
                    } else if entry.hints.has(Hints::SIGNED) || classes.says() || may_sign(element.name()) {
                        let attributes = Attributes::of(element);
                        marks.element(scan, at, &NamedElement { name: element.name(), attributes, classes });
                    }
                }
                Node::Text(found) if is_dated(scan, at, &found.text) => {
                    marks.times.push(Mark { at, rank: Rank::Part });
                }
                _ => {}
            }
        }
        marks
    }

    fn element(&mut self, scan: &Scan<'_>, at: usize, element: &NamedElement<'_>) {
        if let Some(rank) = author_rank(scan, at, element) {
            self.authors.push(Mark { at, rank });
        }
        if let Some(rank) = time_rank(scan, at, element) {
            self.times.push(Mark { at, rank });
        }
    }
}

/// Returns true for elements that can mark an author without a class: links and terms. The others hold a time.
fn may_sign(name: &str) -> bool {
    matches!(name, "a" | "time" | "relative-time" | "time-ago" | "dt")
}

/// Returns true for the first term of the box beside a post, as FluxBB writes it.
fn heads_box(scan: &Scan<'_>, at: usize) -> bool {
    let around = scan.entries[scan.entries[at].parent].parent;
    scan.element(around).is_some_and(|element| element.attr("class") == Some("postleft"))
}

/// The name, attributes and classes of an element.
struct NamedElement<'a> {
    name: &'a str,
    attributes: Attributes<'a>,
    classes: Classes,
}

/// Returns the marks in a range of the scan.
pub fn between(marks: &[Mark], from: usize, to: usize) -> &[Mark] {
    let begin = marks.partition_point(|mark| mark.at < from);
    let end = marks.partition_point(|mark| mark.at < to);
    &marks[begin..end.max(begin)]
}

fn author_rank(scan: &Scan<'_>, at: usize, element: &NamedElement<'_>) -> Option<Rank> {
    let NamedElement { name, attributes, classes } = element;
    if matches!(*name, "body" | "html" | "head" | "meta" | "link") {
        return None;
    }
    if attributes.author().is_some() {
        return Some(Rank::Attribute);
    }
    if attributes.property.split_whitespace().any(|word| matches!(word, "author" | "creator")) {
        return Some(Rank::Property);
    }
    if !is_short(scan, at) || scan.text(at).weight == 0 {
        return None;
    }
    if classes.is_author || attributes.rel == Some("author") || *name == "dt" && heads_box(scan, at) {
        return Some(Rank::Name);
    }
    if *name == "a" && attributes.href.is_some_and(names::is_profile) {
        return Some(Rank::Link);
    }
    classes.holds_author.then_some(Rank::Part)
}

fn time_rank(scan: &Scan<'_>, at: usize, element: &NamedElement<'_>) -> Option<Rank> {
    let NamedElement { name, attributes, classes } = element;
    if attributes.time().is_some() {
        return Some(Rank::Attribute);
    }
    if attributes
        .property
        .split_whitespace()
        .any(|word| matches!(word, "datePublished" | "dateCreated" | "commentTime"))
    {
        return Some(Rank::Property);
    }
    if !is_short(scan, at) {
        return None;
    }
    if matches!(*name, "time" | "relative-time" | "time-ago") {
        return Some(Rank::Name);
    }
    let titled = attributes.title.is_some_and(|title| title.len() <= LONGEST && is_date(title));
    let dated = || has_digit(&below(scan, at, LINE));
    (titled || classes.is_time && dated()).then_some(Rank::Name)
}

fn has_digit(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
}

/// Returns true for text that is hardly longer than a name.
fn is_short(scan: &Scan<'_>, at: usize) -> bool {
    scan.text(at).weight <= LONGEST
}

/// Returns true for a line with a date that is not of something else, such as of joining.
fn is_dated(scan: &Scan<'_>, at: usize, found: &str) -> bool {
    if found.len() > LINE || !found.bytes().any(|byte| byte.is_ascii_digit()) || !is_date(found) && !is_ago(found) {
        return false;
    }
    let block = scan.entries[at].block;
    scan.entries[block].own.weight <= LINE && !is_of_something_else(&below(scan, block, LINE))
}

/// Returns true for a complete date.
pub fn is_date(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= 4 && first_date(text, Order::MonthFirst).is_some()
}

/// Returns true for a relative time, such as "2 hours ago".
fn is_ago(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let wide = ["前", "전"].iter().any(|end| text.ends_with(end)) && text::weight(&text) <= 30;
    let ago = text.ends_with(" ago") && text.len() <= 24 || text.starts_with("vor ") && text.len() <= 20;
    let yesterday = ["昨天", "今天", "yesterday", "today"].iter().any(|day| text.starts_with(day));
    (wide || ago || yesterday && text.contains(':')) && text.len() <= 40
}

/// Returns the text below an element, or the text itself: about `most` bytes.
pub fn below(scan: &Scan<'_>, at: usize, most: usize) -> String {
    let mut out = String::new();
    for entry in scan.entries[at..scan.entries[at].end].iter().take(FURTHEST) {
        if let Node::Text(found) = entry.node.value()
            && !entry.unseen
        {
            out.extend(found.text.chars().take(most));
            out.push(' ');
        }
        if out.len() > most {
            break;
        }
    }
    text::collapse(&out)
}
