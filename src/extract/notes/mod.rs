//! Finds a page's footnotes: the references and the notes.
//!
//! They are read from the page's own elements, and put into the article's tree as `note-ref` (`label`) and `note`
//! (`label`).

mod linked;
mod settle;
mod survey;
mod unlinked;
mod words;

use std::collections::{HashMap, HashSet};

use super::scan::Scan;

use linked::NoteLink;
use survey::{Survey, around, start};
use words::{BRACKETS, Mark};

pub use settle::settle;

/// Maximum number of nodes of a reference with its wrapper.
const WRAPPER: usize = 120;

/// Maximum number of references in one pair of brackets.
const IN_ROW: usize = 12;

/// The footnotes of a page. Empty for a page without any.
#[derive(Debug, Default)]
pub struct Notes {
    definitions: Vec<Definition>,
    /// Nodes with the number of the footnote that each refers to, in document order.
    references: Vec<(usize, usize)>,
    /// Links to something like a footnote, with their targets.
    pointed: Vec<(usize, (usize, usize))>,
    /// The roles of nodes.
    roles: HashMap<usize, Role>,
    /// Texts with a bracket at the start or end that belongs to a reference beside it.
    brackets: HashMap<usize, Brackets>,
}

/// A footnote of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its first node.
    pub start: usize,
    /// One past its last node.
    pub end: usize,
    /// Its label in the Markdown.
    pub label: String,
    /// Its mark on the page.
    pub mark: String,
    /// Its text, where that is in an attribute; None where it is on the page.
    pub attribute_text: Option<String>,
    /// Nothing on the page refers to it: the reference goes where the note is.
    pub is_in_line: bool,
}

/// What a node of the page is to its footnotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A reference to the footnote with that number.
    Reference(usize),
    /// The first node of the footnote with that number.
    Definition(usize),
    /// Nothing that the article needs, such as a link back.
    Left,
    /// A wrapper that its contents replace.
    Wrapper,
}

/// Which brackets of a text belong to the references beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Brackets {
    opens: bool,
    closes: bool,
}

impl Brackets {
    /// Returns the text without them.
    pub fn off<'t>(&self, text: &'t str) -> &'t str {
        let text = if self.closes { drop_first(text.trim_start()) } else { text };
        if self.opens { drop_last(text.trim_end()) } else { text }
    }
}

fn drop_first(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next();
    chars.as_str()
}

fn drop_last(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next_back();
    chars.as_str()
}

/// Returns the number that a mark is, in brackets or not.
fn own_number(mark: &str) -> Option<usize> {
    let is_number = mark.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || BRACKETS.contains(c));
    Mark::of(mark).and_then(|mark| mark.number).filter(|_| is_number)
}

/// Returns true for a matching pair of brackets.
fn is_pair(open: char, close: char) -> bool {
    matches!((open, close), ('[', ']') | ('(', ')') | ('〔', '〕') | ('［', '］') | ('（', '）') | ('【', '】'))
}

impl Notes {
    /// Finds the footnotes of a page.
    pub fn of(scan: &Scan<'_>) -> Self {
        let survey = Survey::of(scan);
        let (mut found, pointed) = linked::linked(&survey);
        unlinked::add(&survey, &mut found);
        let mut notes = Self { pointed, ..Self::default() };
        if found.is_empty() {
            return notes;
        }
        found.sort_by_key(|one| one.reference);
        for one in found {
            notes.take(one);
        }
        notes.find_backlinks(&survey);
        notes.find_wrappers(scan);
        notes.label(|_| true);
        notes
    }

    /// Returns a node's role; None for a node without one.
    pub fn role(&self, at: usize) -> Option<Role> {
        self.roles.get(&at).copied()
    }

    /// Returns the footnote with that number.
    pub fn definition(&self, number: usize) -> &Definition {
        &self.definitions[number]
    }

    /// Returns the number of footnotes.
    pub fn count(&self) -> usize {
        self.definitions.len()
    }

    /// Returns nodes with the number of the footnote that each refers to, in document order.
    pub fn references(&self) -> &[(usize, usize)] {
        &self.references
    }

    /// Returns links to something like a footnote, with their targets.
    pub fn pointed(&self) -> &[(usize, (usize, usize))] {
        &self.pointed
    }

    /// Returns the brackets of references at the start and end of a text; None where there are none.
    pub fn brackets(&self, at: usize) -> Option<Brackets> {
        self.brackets.get(&at).copied()
    }

    /// Labels the footnotes. Those that have a reference accepted by `is_kept` keep the page's own numbers, unless
    /// these restart somewhere; all others are counted.
    pub fn label(&mut self, is_kept: impl Fn(usize) -> bool) {
        let mut seen = HashSet::new();
        let mut part = |wanted: bool| -> Vec<usize> {
            let of = self.references.iter().filter(|(at, _)| is_kept(*at) == wanted);
            of.map(|(_, number)| *number).filter(|number| seen.insert(*number)).collect()
        };
        let (kept, others) = (part(true), part(false));
        let own: Vec<Option<usize>> = kept.iter().map(|&number| own_number(&self.definitions[number].mark)).collect();
        let mut taken: HashSet<usize> = HashSet::new();
        let is_counted = own.iter().flatten().all(|number| taken.insert(*number));
        let mut last = taken.iter().max().copied().filter(|_| is_counted).unwrap_or_default();
        let own = own.into_iter().map(|number| number.filter(|_| is_counted)).chain(others.iter().map(|_| None));
        for (number, own) in kept.iter().chain(&others).zip(own) {
            let label = own.unwrap_or_else(|| {
                last += 1;
                last
            });
            self.definitions[*number].label = label.to_string();
        }
    }

    fn take(&mut self, one: NoteLink) {
        let (start, end) = one.note;
        let number = match self.roles.get(&start) {
            Some(Role::Definition(number)) => *number,
            _ => {
                let is_in_line = one.reference == start && one.attribute_text.is_none();
                let label = (self.definitions.len() + 1).to_string();
                self.definitions.push(Definition {
                    start,
                    end,
                    label,
                    mark: one.mark,
                    attribute_text: one.attribute_text,
                    is_in_line,
                });
                self.definitions.len() - 1
            }
        };
        let definition = &self.definitions[number];
        if definition.attribute_text.is_none() {
            self.roles.insert(start, Role::Definition(number));
        }
        if !definition.is_in_line {
            self.roles.insert(one.reference, Role::Reference(number));
        }
        self.references.push((one.reference, number));
    }

    /// Finds the links from the notes back to the text.
    fn find_backlinks(&mut self, survey: &Survey<'_, '_>) {
        let scan = survey.scan;
        let mut near: HashSet<usize> = HashSet::new();
        let notes: Vec<(usize, usize)> = self.definitions.iter().map(|one| (one.start, one.end)).collect();
        let in_notes = linked::NodeRanges::of(notes.into_iter());
        for at in self.references.iter().map(|(at, _)| *at).filter(|at| !in_notes.has(*at)) {
            near.insert(at);
            near.extend((at + 1..scan.entries[at].end).take(8));
            near.extend(
                around(scan, at).take(3).filter(|&above| at - above <= 8 && scan.entries[above].end - above <= WRAPPER),
            );
            near.extend(linked::before(scan, at));
        }
        let mut left = Vec::new();
        for definition in self.definitions.iter().filter(|one| one.attribute_text.is_none()) {
            let from = survey.links.partition_point(|(at, ..)| *at < definition.start);
            for (link, to, _) in survey.links[from..].iter().take_while(|(at, ..)| *at < definition.end) {
                let shown = start(scan, *link, scan.entries[*link].end, words::MARK + 1);
                let is_sign = words::leads_back(&shown);
                if matches!(self.role(*link), Some(Role::Reference(_))) {
                    continue;
                }
                let is_mark = || Mark::of(&shown).is_some();
                let is_back = match to {
                    Some(to) => {
                        near.contains(to)
                            || is_sign
                            || *to < definition.start && is_mark() && Mark::of(&shown) == Mark::of(&definition.mark)
                    }
                    None => is_sign,
                };
                if is_back {
                    left.push(around_signs(scan, *link, definition.start));
                }
            }
        }
        for at in left {
            self.roles.entry(at).or_insert(Role::Left);
        }
    }

    /// Finds the wrappers around references and lists of notes.
    fn find_wrappers(&mut self, scan: &Scan<'_>) {
        let mut seen = HashSet::new();
        for at in self.references.clone().into_iter().map(|(at, _)| at) {
            for above in around(scan, at).take(3) {
                if !matches!(scan.name(above), "sup" | "span" | "small" | "b" | "strong" | "i" | "em" | "cite") {
                    break;
                }
                if seen.contains(&above) {
                    continue;
                }
                let Some(loose) = self.loose_texts(scan, above) else { break };
                seen.insert(above);
                self.roles.insert(above, Role::Wrapper);
                loose.into_iter().for_each(|text| {
                    self.roles.entry(text).or_insert(Role::Left);
                });
            }
        }
        for at in self.references.clone().into_iter().map(|(at, _)| at) {
            let above = around(scan, at).take(3).take_while(|&above| self.role(above) == Some(Role::Wrapper));
            let outermost = above.last().unwrap_or(at);
            self.find_brackets(scan, outermost);
        }
        for (start, _) in self.definitions.iter().map(|one| (one.start, one.end)).collect::<Vec<_>>() {
            let list = scan.entries[start].parent;
            if matches!((scan.name(list), scan.name(start)), ("ol" | "ul", "li") | ("dl", "dt" | "dd")) {
                self.roles.insert(list, Role::Wrapper);
            }
            if scan.name(start) == "tr" && seen.insert(list) {
                self.unwrap_table(scan, list);
            }
        }
    }

    /// Returns the texts of an element outside its references; None when one of them has words.
    fn loose_texts(&self, scan: &Scan<'_>, at: usize) -> Option<Vec<usize>> {
        let end = scan.entries[at].end;
        if end - at > WRAPPER {
            return None;
        }
        let mut loose = Vec::new();
        let mut below = at + 1;
        while below < end {
            if matches!(self.role(below), Some(Role::Reference(_))) {
                below = scan.entries[below].end;
                continue;
            }
            if matches!(self.role(below), Some(Role::Definition(_))) {
                return None;
            }
            if let Some(text) = scan.entries[below].node.value().as_text() {
                if !text.text.chars().all(|c| c.is_whitespace() || BRACKETS.contains(c) || ",;、，–-^".contains(c))
                {
                    return None;
                }
                loose.push(below);
            }
            below += 1;
        }
        Some(loose)
    }

    /// Unwraps a table whose rows are all notes.
    fn unwrap_table(&mut self, scan: &Scan<'_>, part: usize) {
        let is_note = |row: usize| matches!(self.role(row), Some(Role::Definition(_))) || scan.text(row).weight == 0;
        if scan.children(part).filter(|&row| scan.element(row).is_some()).all(is_note) {
            let table = scan.entries[part].parent;
            self.roles.insert(part, Role::Wrapper);
            if scan.name(table) == "table" {
                self.roles.insert(table, Role::Wrapper);
            }
        }
    }

    /// Finds brackets around a reference, or around several in a row.
    fn find_brackets(&mut self, scan: &Scan<'_>, at: usize) {
        let text =
            |at: usize| scan.entries.get(at).and_then(|entry| entry.node.value().as_text()).map(|text| &*text.text);
        let before = at.wrapping_sub(1);
        let Some(open) = text(before).and_then(|text| text.trim_end().chars().next_back()) else { return };
        let mut last = at;
        for _ in 0..IN_ROW {
            let after = scan.entries[last].end;
            let Some(between) = text(after) else { return };
            if between.trim_start().chars().next().is_some_and(|close| is_pair(open, close)) {
                self.brackets.entry(before).or_default().opens = true;
                self.brackets.entry(after).or_default().closes = true;
                return;
            }
            let parts = between.chars().all(|c| c.is_whitespace() || ",;、，–-".contains(c));
            if !parts || !matches!(self.role(after + 1), Some(Role::Reference(_) | Role::Wrapper)) {
                return;
            }
            last = after + 1;
        }
    }
}

/// Returns a link back, or the element around it with other marks that lead back: `[1]` with the number in a link.
fn around_signs(scan: &Scan<'_>, link: usize, note: usize) -> usize {
    let named = |at: usize| {
        let class = scan.element(at).and_then(|element| element.attr("class")).unwrap_or_default();
        ["backlink", "backref", "footnote-back"].iter().any(|part| class.contains(part))
    };
    let inside = || around(scan, link).take_while(|&at| at > note);
    if let Some(above) = inside().take(3).find(|&at| named(at) && scan.name(at) != "li") {
        return above;
    }
    let shown = start(scan, link, scan.entries[link].end, words::MARK);
    let is_signs = |at: &usize| {
        let text = start(scan, *at, scan.entries[*at].end, 4 * words::MARK);
        matches!(scan.name(*at), "span" | "sup" | "b" | "strong" | "small" | "i" | "em")
            && text.replacen(&shown, "", 1).chars().all(|c| c.is_whitespace() || c == '.' || BRACKETS.contains(c))
    };
    inside().take(2).take_while(is_signs).last().unwrap_or(link)
}
