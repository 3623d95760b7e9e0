//! Collects in one pass over a page what footnotes consist of: links within the page, ids, headings above notes.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::extract::scan::Scan;
use crate::html::{ElementRef, Node, text};

use super::words;

/// How many nodes are searched for the beginning of a text.
const LOOKED_AT: usize = 200;

/// Maximum number of nodes in a heading without a heading element.
const TITLE: usize = 6;

/// Attributes that hold the text of a footnote.
const NOTE_ATTRIBUTES: [&str; 5] =
    ["data-footnote", "data-footnote-text", "data-footnote-content", "data-footnote-contents", "data-fn-content"];

/// The collected nodes of a page, in document order.
pub struct Survey<'s, 'a> {
    pub scan: &'s Scan<'a>,
    /// Links with a fragment, the node that they lead to, and the fragment.
    pub links: Vec<(usize, Option<usize>, Cow<'a, str>)>,
    /// Headings, and whether each is above footnotes.
    pub titles: Vec<(usize, bool)>,
    /// Notes within the line that they belong to.
    pub asides: Vec<usize>,
    /// Marks that hold their note in an attribute, with its text.
    pub attribute_notes: Vec<(usize, &'a str)>,
    /// Raised marks.
    pub raised: Vec<usize>,
}

impl<'s, 'a> Survey<'s, 'a> {
    pub fn of(scan: &'s Scan<'a>) -> Self {
        let mut survey = Self {
            scan,
            links: Vec::new(),
            titles: Vec::new(),
            asides: Vec::new(),
            attribute_notes: Vec::new(),
            raised: Vec::new(),
        };
        for at in 0..scan.entries.len() {
            survey.look(at);
        }
        if !survey.links.is_empty() || !survey.raised.is_empty() {
            (0..scan.entries.len()).for_each(|at| survey.look_for_title(at));
        }
        survey.find_targets();
        survey
    }

    /// Finds the links' targets: the first element with that id or name, or with GitHub's prefix before it.
    fn find_targets(&mut self) {
        let given = |fragment: &str| format!("user-content-{fragment}");
        let fragments = self.links.iter().flat_map(|(.., fragment)| [fragment.to_string(), given(fragment)]);
        let mut targets: HashMap<String, Option<usize>, RandomState> = fragments.map(|name| (name, None)).collect();
        // Few of a page's ids have the length of a fragment.
        let length = |name: &str| 1u64 << name.len().min(63);
        let lengths = targets.keys().fold(0, |lengths, name| lengths | length(name));
        for at in (0..self.scan.entries.len()).filter(|_| lengths != 0) {
            let Some(element) = self.scan.element(at) else { continue };
            let name = if element.value().name() == "a" { element.attr("name") } else { None };
            for id in [element.attr("id"), name].into_iter().flatten().filter(|id| lengths & length(id) != 0) {
                if let Some(target) = targets.get_mut(id) {
                    target.get_or_insert(at);
                }
            }
        }
        let found = |name: &str| targets.get(name).copied().flatten();
        for (_, to, fragment) in &mut self.links {
            *to = found(fragment).or_else(|| found(&given(fragment)));
        }
    }

    fn look(&mut self, at: usize) {
        let scan = self.scan;
        let Some(element) = scan.element(at) else { return };
        let name = element.value().name();
        match name {
            "a" => {
                let fragment = element.attr("href").and_then(|href| href.trim().split_once('#')).map(|(_, rest)| rest);
                if let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty()) {
                    let fragment = percent_encoding::percent_decode_str(fragment).decode_utf8_lossy();
                    self.links.push((at, None, fragment));
                }
            }
            "d-footnote" => self.asides.push(at),
            "sup" => self.raised.push(at),
            _ => {}
        }
        if matches!(name, "span" | "small") && is_aside(element.attr("class").unwrap_or_default()) {
            self.asides.push(at);
        }
        if matches!(name, "sup" | "a" | "span" | "button") {
            self.attribute_notes.extend(attribute_note(element).map(|text| (at, text)));
        }
    }

    /// Adds a heading; one above notes can be a line without a heading element.
    fn look_for_title(&mut self, at: usize) {
        let (end, weight) = (self.scan.entries[at].end, self.scan.text(at).weight);
        // Text that readers do not see has no weight.
        let may_be = (1..=3 * words::TITLE).contains(&weight) || weight == 0 && self.scan.entries[at].hidden;
        let text = || start(self.scan, at, end, TITLE * 12);
        let is_title = || {
            let begin = self.scan.entries[at..end.min(at + LOOKED_AT)].iter();
            let texts = begin.filter_map(|entry| entry.node.value().as_text());
            words::begins_like_a_title(texts.flat_map(|text| text.text.chars()).take(TITLE * 12))
                && words::is_title(&text())
        };
        match self.scan.name(at) {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.titles.push((at, is_title())),
            "p" | "div" | "section" | "span" | "strong" | "b" | "dt" | "summary" | "li"
                if may_be && end - at <= TITLE =>
            {
                let is_outside = self.titles.last().is_none_or(|(last, _)| self.scan.entries[*last].end <= at);
                let texts = self.scan.entries[at..end].iter().filter_map(|entry| entry.node.value().as_text());
                let is_short = || texts.map(|text| text.text.trim().len()).sum::<usize>() <= TITLE * 24;
                if is_outside && is_title() && is_short() {
                    self.titles.push((at, true));
                }
            }
            _ => {}
        }
    }

    /// Returns the heading above notes that a part of the page is under; None where another heading, or none, is
    /// nearest.
    pub fn title_over(&self, at: usize) -> Option<usize> {
        let before = self.titles.partition_point(|(title, _)| *title < at);
        self.titles.get(before.checked_sub(1)?).filter(|(_, is_note)| *is_note).map(|(title, _)| *title)
    }
}

/// Returns the text of a note in an attribute of its mark.
fn attribute_note(element: ElementRef<'_>) -> Option<&str> {
    let name = element.value().name();
    let is_text =
        |own: &str| own.starts_with("data-") && (NOTE_ATTRIBUTES.contains(&own) || own == "data-text" && name == "sup");
    let mut attributes = element.value().attrs().filter(|(own, _)| is_text(own));
    let text = attributes.find(|(_, text)| text.trim().len() > 2).map(|(_, text)| text);
    // A link that leads somewhere has its note there, and its title is only a hint.
    let leads =
        || element.attr("href").is_some_and(|href| href.trim().len() > 1 && !href.trim().starts_with("javascript:"));
    let title = element.attr("title").filter(|text| text.trim().len() > 2 && !leads());
    text.or_else(|| title.filter(|_| words::is_called_note(element)))
}

fn is_aside(class: &str) -> bool {
    let word = |word: &str| {
        let word = word.to_ascii_lowercase().replace(['_', '-'], "");
        matches!(
            &*word,
            "sidenote"
                | "marginnote"
                | "sidenotecontent"
                | "footnotecontent"
                | "inlinefootnote"
                | "modernfootnotesfootnotenote"
        )
    };
    // Most classes have none of these words.
    class.contains("ote") && class.split_ascii_whitespace().any(word)
}

/// Returns the beginning of the text of `from..to`, hidden text included: at most `most` characters.
pub fn start(scan: &Scan<'_>, from: usize, to: usize, most: usize) -> String {
    let to = to.min(from + LOOKED_AT).min(scan.entries.len());
    let mut start = String::new();
    let mut left = most;
    for text in scan.entries[from..to].iter().filter_map(|entry| entry.node.value().as_text()) {
        let (end, count) = text::start_of(&text.text, left);
        start.push_str(&text.text[..end]);
        left -= count;
        if left == 0 {
            break;
        }
    }
    start
}

/// Returns true where `from..to` has visible content.
pub fn says(scan: &Scan<'_>, from: usize, to: usize) -> bool {
    scan.entries[from..to.min(from + LOOKED_AT)].iter().any(|entry| match entry.node.value() {
        Node::Text(text) => !text.text.trim().is_empty(),
        Node::Element(element) => element.name() == "img",
        _ => false,
    })
}

/// Returns the next sibling that is not white space; None when there is none nearby.
pub fn next(scan: &Scan<'_>, at: usize) -> Option<usize> {
    let parent_end = scan.entries[scan.entries[at].parent].end;
    let mut next = scan.entries[at].end;
    for _ in 0..TITLE {
        if next >= parent_end || at == 0 {
            return None;
        }
        let is_something = match scan.entries[next].node.value() {
            Node::Text(text) => !text.text.trim().is_empty(),
            Node::Element(_) => true,
            _ => false,
        };
        if is_something {
            return Some(next);
        }
        next = scan.entries[next].end;
    }
    None
}

/// Returns true when `inner` is `outer`, or is inside it.
pub fn holds(scan: &Scan<'_>, outer: usize, inner: usize) -> bool {
    (outer..scan.entries[outer].end).contains(&inner)
}

/// Returns the elements around a node, the nearest first.
pub fn around<'x>(scan: &'x Scan<'_>, at: usize) -> impl Iterator<Item = usize> + 'x {
    std::iter::successors(Some(at), |&at| Some(scan.entries[at].parent).filter(|&parent| parent != at)).skip(1)
}
