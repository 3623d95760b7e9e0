//! Finds the links that refer to footnotes, and the footnotes.
//!
//! Several things indicate a footnote: a class, role or attribute, the form of the mark, a note that begins with the
//! same mark or has that position in a list, a heading above it, a link back. None is required, and none is enough
//! alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::extract::scan::Scan;
use crate::html::ElementRef;

use super::survey::{Survey, around, holds, next, says, start};
use super::words::{self, Mark};

/// Maximum distance from an anchor to the block around it, in elements.
const NEAR: usize = 6;

/// How many nodes of a note are searched for links back and headings.
const LOOKED_AT: usize = 400;

/// How many characters of a note are searched for its mark.
const BEGINNING: usize = 48;

/// A reference with its footnote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteLink {
    /// The node of the reference.
    pub reference: usize,
    /// The first node of the footnote, and one past its last.
    pub note: (usize, usize),
    /// The reference's visible text.
    pub mark: String,
    /// The note's text where it is in an attribute; None where it is on the page.
    pub attribute_text: Option<String>,
}

/// A link that can be a reference.
struct Candidate {
    link: usize,
    to: usize,
    /// The block that it leads to.
    block: usize,
    note: (usize, usize),
    shown: String,
    mark: Option<Mark>,
}

/// A link, and the first node of what it leads to and one past its last.
type LinkTarget = (usize, (usize, usize));

/// Returns a page's linked footnotes, in the order of their references; and links to something like a note, with their
/// targets.
pub fn linked(survey: &Survey<'_, '_>) -> (Vec<NoteLink>, Vec<LinkTarget>) {
    let mut candidates = candidates(survey);
    bound(survey.scan, &mut candidates);
    let mut finder = Finder { survey, back: HashMap::new(), places: HashMap::new() };
    let accepted: Vec<bool> = candidates.iter().map(|candidate| finder.is_reference(candidate)).collect();
    let notes = accepted.iter().zip(&candidates).filter(|(accepted, one)| **accepted && one.link < one.note.0);
    let inside = NodeRanges::of(notes.map(|(_, one)| one.note));
    let (mut found, mut pointed) = (Vec::new(), Vec::new());
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut in_notes = Vec::new();
    for (candidate, accepted) in candidates.into_iter().zip(accepted) {
        // A link inside a footnote leads back, or to another footnote.
        if inside.has(candidate.link) {
            in_notes.extend(Some(candidate).filter(|one| accepted && one.mark.is_some()));
            continue;
        }
        if !accepted || !is_apart(&taken, candidate.note) {
            if finder.is_called(&candidate) {
                pointed.push((candidate.link, candidate.note));
            }
            continue;
        }
        taken.insert(candidate.note.0, candidate.note.1);
        found.push(NoteLink {
            reference: candidate.link,
            note: candidate.note,
            mark: candidate.shown,
            attribute_text: None,
        });
    }
    // A reference inside a note counts only where the text refers to the same note.
    in_notes.retain(|one| taken.get(&one.note.0) == Some(&one.note.1));
    let in_notes = in_notes.into_iter().map(|one| NoteLink {
        reference: one.link,
        note: one.note,
        mark: one.shown,
        attribute_text: None,
    });
    found.extend(in_notes);
    let scattered = scattered(survey.scan, &found);
    found.retain(|one| {
        let list = survey.scan.entries[one.note.0].parent;
        let is_kept = !scattered.contains(&list);
        if !is_kept {
            pointed.push((one.reference, one.note));
        }
        is_kept
    });
    (found, pointed)
}

/// Returns true for a note that is known, or does not overlap a known one.
fn is_apart(taken: &BTreeMap<usize, usize>, note: (usize, usize)) -> bool {
    if taken.get(&note.0) == Some(&note.1) {
        return true;
    }
    let before = taken.range(..=note.0).next_back().is_none_or(|(_, end)| *end <= note.0);
    before && taken.range(note.0..).next().is_none_or(|(start, _)| *start >= note.1)
}

/// Returns lists of which the text refers to few items by number: they stay lists.
fn scattered(scan: &Scan<'_>, found: &[NoteLink]) -> HashSet<usize> {
    let mut lists: HashMap<usize, HashSet<usize>> = HashMap::new();
    for one in found.iter().filter(|one| scan.name(one.note.0) == "li") {
        lists.entry(scan.entries[one.note.0].parent).or_default().insert(one.note.0);
    }
    let items = |list: usize| scan.children(list).filter(|&item| scan.name(item) == "li").count();
    lists.into_iter().filter(|(list, cited)| cited.len() * 2 < items(*list)).map(|(list, _)| list).collect()
}

/// Returns every link to a block of the page that can be a note.
fn candidates(survey: &Survey<'_, '_>) -> Vec<Candidate> {
    let scan = survey.scan;
    let mut candidates = Vec::new();
    for (link, to, _) in &survey.links {
        let Some(to) = *to else { continue };
        let end = scan.entries[*link].end;
        let shown = start(scan, *link, end, words::MARK + 1).trim().to_owned();
        if shown.chars().count() > words::MARK || words::leads_back(&shown) || end - link > 40 {
            continue;
        }
        let Some(block) = block(scan, *link, to) else { continue };
        let note = (block, scan.entries[block].end);
        candidates.push(Candidate { link: *link, to, block, note, mark: Mark::of(&shown), shown });
    }
    candidates
}

/// Returns the block that an anchor is in, or precedes; None when the link is in it too.
fn block(scan: &Scan<'_>, link: usize, to: usize) -> Option<usize> {
    let found = std::iter::once(to).chain(around(scan, to)).take(NEAR).find(|&at| is_block(scan, at));
    if let Some(at) = found.filter(|&at| !holds(scan, at, link) && says(scan, at, scan.entries[at].end)) {
        return Some(at);
    }
    // An empty anchor precedes its block.
    let is_empty = !says(scan, to, scan.entries[to].end);
    let after = is_empty.then(|| next(scan, to)).flatten()?;
    (is_block(scan, after) && !holds(scan, after, link)).then_some(after)
}

fn is_block(scan: &Scan<'_>, at: usize) -> bool {
    match scan.name(at) {
        "li" | "p" | "div" | "dd" | "dt" | "aside" | "tr" | "section" | "blockquote" => true,
        "span" | "small" => {
            let text = start(scan, at, scan.entries[at].end, words::MARK + 1);
            scan.element(at).is_some_and(words::is_called_note) && !text.trim().is_empty() && Mark::of(&text).is_none()
        }
        _ => false,
    }
}

/// Sets where each note begins and ends: an element that holds only the note belongs to it, and so does the text after
/// it up to the next note.
fn bound(scan: &Scan<'_>, candidates: &mut [Candidate]) {
    let mut anchors: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut blocks: HashMap<usize, HashSet<usize>> = HashMap::new();
    for one in candidates.iter().filter(|one| one.link < one.block && one.mark.is_some()) {
        anchors.entry(one.block).or_default().push(one.to);
        blocks.entry(scan.entries[one.block].parent).or_default().insert(one.block);
    }
    let mut starts: HashMap<usize, Vec<usize>> = HashMap::new();
    for (&block, anchors) in &anchors {
        let mut inside: Vec<usize> = anchors.iter().map(|&anchor| child_towards(scan, block, anchor)).collect();
        inside.sort_unstable();
        inside.dedup();
        if inside.len() > 1 && !inside.contains(&block) && scan.name(block) != "li" {
            starts.insert(block, inside);
        }
    }
    for one in candidates.iter_mut() {
        if let Some(starts) = starts.get(&one.block) {
            let begin = child_towards(scan, one.block, one.to);
            let after = starts.partition_point(|&start| start <= begin);
            one.note = (begin, starts.get(after).copied().unwrap_or(scan.entries[one.block].end));
            continue;
        }
        let mut at = one.block;
        while let Some(parent) = Some(scan.entries[at].parent).filter(|&parent| {
            let is_one =
                matches!(scan.name(parent), "li" | "dd") || scan.element(parent).is_some_and(words::is_one_note);
            let alone = blocks.get(&parent).is_none_or(|blocks| blocks.len() < 2);
            is_one && alone && !holds(scan, parent, one.link)
        }) {
            at = parent;
        }
        one.note = (at, end_of(scan, at, &blocks));
    }
}

/// Returns the child of `block` that holds `anchor`; the block itself for its own anchor.
fn child_towards(scan: &Scan<'_>, block: usize, anchor: usize) -> usize {
    let chain = std::iter::once(anchor).chain(around(scan, anchor));
    chain.take(NEAR + 1).find(|&at| scan.entries[at].parent == block || at == block).unwrap_or(block)
}

/// Returns one past the last node of a note that begins with the block at `at`.
fn end_of(scan: &Scan<'_>, at: usize, blocks: &HashMap<usize, HashSet<usize>>) -> usize {
    let mut end = scan.entries[at].end;
    let mut last = at;
    let siblings = blocks.get(&scan.entries[at].parent);
    if scan.name(at) == "dt" {
        while let Some(after) = next(scan, last).filter(|&after| scan.name(after) == "dd") {
            (last, end) = (after, scan.entries[after].end);
        }
    } else if scan.name(at) == "p" {
        // Paragraphs between one note and the next belong to the first.
        let mut reach = end;
        for _ in 0..NEAR {
            let Some(after) = next(scan, last) else { break };
            if siblings.is_some_and(|siblings| siblings.contains(&after)) {
                end = reach;
                break;
            }
            if !matches!(scan.name(after), "p" | "blockquote" | "ul" | "ol") {
                break;
            }
            (last, reach) = (after, scan.entries[after].end);
        }
    }
    end
}

/// Decides which candidates are references, and caches what it reads of notes.
struct Finder<'s, 'a> {
    survey: &'s Survey<'s, 'a>,
    /// Fragments of the links in each note.
    back: HashMap<usize, Vec<&'a str>>,
    /// The position of each item in its list, from 1.
    places: HashMap<usize, usize>,
}

impl<'a> Finder<'_, 'a> {
    fn is_reference(&mut self, one: &Candidate) -> bool {
        let scan = self.survey.scan;
        let (begin, end) = one.note;
        if (begin..end).contains(&one.link) || self.holds_heading(one.note) {
            return false;
        }
        let called_link = called(scan, one.link, 2);
        let called_note = called(scan, begin, 3) || called(scan, one.to, 1) || called(scan, one.block, 1);
        let back = self.leads_back(one);
        let Some(mark) = &one.mark else {
            let in_heading = around(scan, one.link).take(3).any(|at| is_heading(scan.name(at)));
            return back && (called_link || called_note) && !one.shown.is_empty() && !in_heading;
        };
        // A note before its reference is in a margin or a pop-up.
        if one.link > begin {
            return called_note && scan.element(begin).is_some_and(words::is_called_note);
        }
        let text = start(scan, begin, end, BEGINNING);
        let begins = mark.begins(&text).is_some();
        let named = words::is_note_id(id_of(scan, one.to)) || back && words::is_note_id(id_of(scan, one.link));
        let headed = self.survey.title_over(begin).is_some_and(|title| title > one.link);
        let raised = mark.sure
            || around(scan, one.link).take(2).any(|at| scan.name(at) == "sup")
            || has_sup(scan, one.link)
            || is_bracketed(scan, one.link);
        let placed = self.is_placed(mark, begin);
        if called_link || called_note {
            return true;
        }
        if self.is_in_menu(one.link) {
            return false;
        }
        back && (named || raised || begins)
            || raised && (begins || headed || named || placed && mark.number.is_some())
            || headed && (begins || placed)
            || named && begins
    }

    /// Returns true for a link to something that looks like a note or a source, whatever the link's text.
    fn is_called(&self, one: &Candidate) -> bool {
        let scan = self.survey.scan;
        let is_small = scan.entries[one.block].end - one.block <= LOOKED_AT && !self.holds_heading(one.note);
        is_small
            && one.link < one.note.0
            && (called(scan, one.link, 1) || called(scan, one.block, 3) || words::is_note_id(id_of(scan, one.to)))
    }

    fn holds_heading(&self, note: (usize, usize)) -> bool {
        let end = note.1.min(note.0 + LOOKED_AT);
        (note.0..end).any(|at| is_heading(self.survey.scan.name(at)))
    }

    /// Returns true where a link in the note leads to the reference, or right before it.
    fn leads_back(&mut self, one: &Candidate) -> bool {
        let scan = self.survey.scan;
        let links = &self.survey.links;
        let inside = self.back.entry(one.note.0).or_insert_with(|| {
            let from = links.partition_point(|(at, ..)| *at < one.note.0);
            let inside = links[from..].iter().take_while(|(at, ..)| *at < one.note.1).take(LOOKED_AT);
            inside
                .filter_map(|(at, ..)| scan.element(*at)?.attr("href")?.trim().split_once('#'))
                .map(|(_, to)| to)
                .collect()
        });
        own_ids(scan, one.link).iter().any(|own| inside.contains(own))
    }

    /// Returns true where the item's position in its list is the mark's number.
    fn is_placed(&mut self, mark: &Mark, item: usize) -> bool {
        let scan = self.survey.scan;
        if mark.number.is_none() || scan.name(item) != "li" {
            return false;
        }
        if !self.places.contains_key(&item) {
            let list = scan.entries[item].parent;
            let first = scan.element(list).and_then(|list| list.attr("start")?.trim().parse().ok()).unwrap_or(1usize);
            let items = scan.children(list).filter(|&child| scan.name(child) == "li");
            self.places.extend(items.enumerate().map(|(at, item)| (item, first.saturating_add(at))));
        }
        self.places.get(&item).copied() == mark.number
    }

    /// Returns true for a line of nothing but links within the page.
    fn is_in_menu(&self, link: usize) -> bool {
        let scan = self.survey.scan;
        let block = scan.entries[link].block;
        let own = scan.entries[block].own;
        let first = self.survey.links.partition_point(|(at, ..)| *at < block);
        let links = self.survey.links[first..].iter().take(3).take_while(|(at, ..)| *at < scan.entries[block].end);
        own.linked * 2 >= own.weight && (links.count() >= 2 || scan.name(block) == "li" && own.linked == own.weight)
    }
}

/// Returns true where the element, or one of the nearest around it, has a class of a footnote or a reference.
fn called(scan: &Scan<'_>, at: usize, most: usize) -> bool {
    let mut near = std::iter::once(at).chain(around(scan, at).take(most)).filter_map(|at| scan.element(at));
    let inside = (at + 1..scan.entries[at].end).take(3).filter_map(|below| scan.element(below));
    near.any(words::is_called_note) || inside.into_iter().any(words::is_called_note)
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

fn id_of<'a>(scan: &Scan<'a>, at: usize) -> &'a str {
    let id = |element: ElementRef<'a>| element.attr("id").or_else(|| element.attr("name"));
    scan.element(at).and_then(id).unwrap_or_default()
}

fn has_sup(scan: &Scan<'_>, link: usize) -> bool {
    (link + 1..scan.entries[link].end).take(4).any(|below| scan.name(below) == "sup")
}

/// Returns true where brackets surround the link.
fn is_bracketed(scan: &Scan<'_>, link: usize) -> bool {
    let text = |at: usize| scan.entries.get(at).and_then(|entry| entry.node.value().as_text());
    let before = link.checked_sub(1).and_then(text).and_then(|text| text.text.trim_end().chars().next_back());
    let after = text(scan.entries[link].end).and_then(|text| text.text.trim_start().chars().next());
    before.zip(after).is_some_and(|(open, close)| super::is_pair(open, close))
}

/// Returns the ids that links back to a link can use: its own, those around and in it, and those of an anchor before
/// it.
fn own_ids<'a>(scan: &Scan<'a>, link: usize) -> Vec<&'a str> {
    let below = (link + 1..scan.entries[link].end).take(4);
    let near = std::iter::once(link).chain(around(scan, link).take(3)).chain(below).chain(before(scan, link));
    let ids = |at: usize| scan.element(at).map(|element| [element.attr("id"), element.attr("name")]);
    near.filter_map(ids).flatten().flatten().collect()
}

/// Returns the small elements right before a link, or before an element around it.
pub fn before(scan: &Scan<'_>, link: usize) -> impl Iterator<Item = usize> {
    let mut found = Vec::new();
    for at in [link, scan.entries[link].parent] {
        let parent = scan.entries[at].parent;
        // Going back from a node, an element that ends there is found through its parent.
        let mut back = at.saturating_sub(1);
        for _ in 0..3 {
            if back <= parent || scan.entries[back].end > at {
                break;
            }
            if scan.entries[back].parent == parent {
                if scan.element(back).is_some() {
                    found.push(back);
                    break;
                }
                back -= 1;
            } else {
                back = scan.entries[back].parent;
            }
        }
    }
    found.into_iter()
}

/// Ranges of nodes, with overlapping ones merged.
pub struct NodeRanges(Vec<(usize, usize)>);

impl NodeRanges {
    pub fn of(stretches: impl Iterator<Item = (usize, usize)>) -> Self {
        let mut all: Vec<(usize, usize)> = stretches.collect();
        all.sort_unstable();
        let mut union: Vec<(usize, usize)> = Vec::new();
        for (start, end) in all {
            match union.last_mut() {
                Some(last) if start < last.1 => last.1 = last.1.max(end),
                _ => union.push((start, end)),
            }
        }
        Self(union)
    }

    pub fn has(&self, at: usize) -> bool {
        let after = self.0.partition_point(|(start, _)| *start <= at);
        after > 0 && at < self.0[after - 1].1
    }
}
