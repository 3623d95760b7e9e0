//! Finds footnotes that no link leads to: notes in a margin beside their line, notes in an attribute of their mark, and
//! marks whose notes are in a list under a heading.

use std::collections::{BTreeMap, HashSet};

use crate::extract::scan::Scan;
use crate::html::{self, Node};

use super::linked::NoteLink;
use super::survey::{Survey, around, holds, next, says, start};
use super::words::{self, Mark};

/// How many siblings before a margin note are searched for its mark.
const BEFORE: usize = 4;

/// How many blocks after a heading are searched for notes.
const BLOCKS: usize = 400;

/// How many characters of a note are searched for its mark.
const BEGINNING: usize = 48;

/// Adds the unlinked footnotes to the linked ones.
pub fn add(survey: &Survey<'_, '_>, found: &mut Vec<NoteLink>) {
    let mut known: HashSet<usize> = found.iter().flat_map(|one| [one.reference, one.note.0]).collect();
    asides(survey, found, &mut known);
    attribute_notes(survey, found, &mut known);
    let is_linked = found.iter().any(|one| one.attribute_text.is_none() && one.reference < one.note.0);
    if !is_linked {
        raised(survey, found, &known);
    }
}

/// Adds margin notes: their mark precedes them, or they are in its place.
fn asides(survey: &Survey<'_, '_>, found: &mut Vec<NoteLink>, known: &mut HashSet<usize>) {
    let scan = survey.scan;
    let mut last = 0;
    for &at in &survey.asides {
        let end = scan.entries[at].end;
        // A margin note is inside a line, not a block of its own, and not in another note.
        let is_block = scan.entries[at].block == at && scan.name(at) != "d-footnote";
        if at < last || is_block || known.contains(&at) || !says(scan, at, end) {
            continue;
        }
        let text = start(scan, at, end, words::MARK + 1);
        if Mark::of(&text).is_some() {
            continue;
        }
        last = end;
        let mark = mark_before(scan, at);
        let reference = mark.filter(|mark| !known.contains(mark)).unwrap_or(at);
        let shown = if reference == at {
            String::new()
        } else {
            start(scan, reference, scan.entries[reference].end, words::MARK)
        };
        known.insert(reference);
        known.insert(at);
        found.push(NoteLink { reference, note: (at, end), mark: shown.trim().to_owned(), attribute_text: None });
    }
}

/// Returns the label or mark right before a margin note.
fn mark_before(scan: &Scan<'_>, at: usize) -> Option<usize> {
    let parent = scan.entries[at].parent;
    let mut before: Vec<usize> = Vec::new();
    let mut back = at.checked_sub(1)?;
    while back > parent && before.len() < BEFORE {
        if scan.entries[back].parent != parent {
            back = scan.entries[back].parent;
            continue;
        }
        before.push(back);
        back -= 1;
    }
    for sibling in before {
        match scan.entries[sibling].node.value() {
            Node::Text(text) if text.text.trim().is_empty() => {}
            Node::Element(element) if element.name() == "input" => {}
            Node::Element(element) if matches!(element.name(), "label" | "sup" | "a" | "span" | "button") => {
                let text = start(scan, sibling, scan.entries[sibling].end, words::MARK + 1);
                let is_label = element.name() == "label";
                let is_mark =
                    text.trim().is_empty() || Mark::of(&text).is_some() || is_label && text.chars().count() <= 2;
                return is_mark.then_some(sibling);
            }
            Node::Element(_) | Node::Text(_) => return None,
            _ => {}
        }
    }
    None
}

/// Adds notes in an attribute of their mark.
fn attribute_notes(survey: &Survey<'_, '_>, found: &mut Vec<NoteLink>, known: &mut HashSet<usize>) {
    let scan = survey.scan;
    let mut last = 0;
    for &(at, text) in &survey.attribute_notes {
        let end = scan.entries[at].end;
        let is_taken = (at..end).take(12).chain(around(scan, at).take(2)).any(|at| known.contains(&at));
        let shown = start(scan, at, end, words::MARK + 1);
        if at < last || is_taken || end - at > 12 || !shown.trim().is_empty() && Mark::of(&shown).is_none() {
            continue;
        }
        let inside = html::fragment(text);
        let text: String =
            inside.root().descendants().filter_map(|node| node.value().as_text()).map(|text| &*text.text).collect();
        // A number or an id is the note's name, not its text.
        if !text.chars().any(|c| c.is_whitespace() || !c.is_ascii()) {
            continue;
        }
        last = end;
        known.insert(at);
        found.push(NoteLink {
            reference: at,
            note: (at, end),
            mark: shown.trim().to_owned(),
            attribute_text: Some(text.trim().to_owned()),
        });
    }
}

/// Adds raised marks without links, as where a site removes links: each has its note in a list under a heading.
fn raised(survey: &Survey<'_, '_>, found: &mut Vec<NoteLink>, known: &HashSet<usize>) {
    let scan = survey.scan;
    let marks: Vec<(usize, Mark)> = survey
        .raised
        .iter()
        .filter(|&&at| scan.entries[at].end - at <= 8 && !known.contains(&at))
        .filter_map(|&at| Some((at, Mark::of(&start(scan, at, scan.entries[at].end, words::MARK + 1))?)))
        .collect();
    if marks.is_empty() {
        return;
    }
    let titles = survey.titles.iter().filter(|(_, is_note)| *is_note).map(|(title, _)| *title);
    let called = marks.last().and_then(|(last, _)| called_after(scan, *last));
    for begin in called.into_iter().chain(titles.filter_map(|title| after(scan, title))) {
        let notes = listed(scan, begin);
        let refers = |at: usize, mark: &Mark| {
            notes.get(&mark.core).filter(|note| at < note.0 && !holds(scan, note.0, at)).copied()
        };
        let of: Vec<(usize, Mark, (usize, usize))> =
            marks.iter().filter_map(|(at, mark)| Some((*at, mark.clone(), refers(*at, mark)?))).collect();
        if of.is_empty() || !is_complete(&of, notes.len()) {
            continue;
        }
        found.extend(of.into_iter().map(|(reference, mark, note)| NoteLink {
            reference,
            note,
            mark: mark.core,
            attribute_text: None,
        }));
        return;
    }
}

/// Returns true where bare numbers count from the first note to the last: other raised numbers are powers and ordinals.
fn is_complete(of: &[(usize, Mark, (usize, usize))], count: usize) -> bool {
    let mut next = 1;
    for (_, mark, _) in of {
        match mark.number {
            Some(number) if number == next => next += 1,
            Some(number) if number < next => {}
            _ => return of.iter().all(|(_, mark, _)| mark.sure),
        }
    }
    of.iter().all(|(_, mark, _)| mark.sure) || next > count
}

/// Returns the first block after a mark whose class says footnotes.
fn called_after(scan: &Scan<'_>, last: usize) -> Option<usize> {
    let is_list = |at: usize| matches!(scan.name(at), "section" | "div" | "ol" | "ul" | "aside");
    let mut blocks =
        (last..scan.entries.len()).filter(|&at| is_list(at) && scan.element(at).is_some_and(words::is_called_note));
    blocks.next()
}

/// Returns what follows a heading, or follows the box around it.
fn after(scan: &Scan<'_>, title: usize) -> Option<usize> {
    std::iter::once(title).chain(around(scan, title).take(2)).find_map(|at| next(scan, at))
}

/// Returns the notes from a block on that begin with their mark, or have it by their position in a list.
fn listed(scan: &Scan<'_>, begin: usize) -> BTreeMap<String, (usize, usize)> {
    let mut notes = BTreeMap::new();
    let mut at = Some(begin);
    for _ in 0..BLOCKS {
        let Some(block) = at
            .map(|at| innermost(scan, at))
            .filter(|&at| !matches!(scan.name(at), "h1" | "h2" | "h3" | "h4" | "h5" | "h6"))
        else {
            break;
        };
        if matches!(scan.name(block), "ol" | "ul" | "section" | "div" | "aside" | "blockquote")
            && listed_mark(scan, block).is_none()
            || holds_notes(scan, block)
        {
            let children = scan.children(block).filter(|&child| scan.element(child).is_some());
            for (place, child) in children.take(BLOCKS).enumerate() {
                let by_place = (scan.name(block) == "ol").then(|| (place + 1).to_string());
                if let Some(mark) = listed_mark(scan, child).or(by_place) {
                    notes.entry(mark).or_insert((child, scan.entries[child].end));
                }
            }
        } else if let Some(mark) = listed_mark(scan, block) {
            notes.entry(mark).or_insert((block, scan.entries[block].end));
        }
        at = at.and_then(|at| next(scan, at));
    }
    notes
}

/// Returns the block, or the element that is alone in it.
fn innermost(scan: &Scan<'_>, block: usize) -> usize {
    let mut at = block;
    for _ in 0..BEFORE {
        let mut inside = scan.children(at).filter(|&child| says(scan, child, scan.entries[child].end));
        match (inside.next(), inside.next()) {
            (Some(only), None) if matches!(scan.name(only), "ol" | "ul" | "div" | "section" | "dd") => at = only,
            _ => break,
        }
    }
    at
}

/// Returns true where at least two children begin with a mark.
fn holds_notes(scan: &Scan<'_>, block: usize) -> bool {
    let children = scan.children(block).filter(|&child| {
        scan.element(child).is_some() && !matches!(scan.name(child), "a" | "sup" | "b" | "strong" | "em" | "br")
    });
    children.take(8).filter(|&child| listed_mark(scan, child).is_some()).count() >= 2
}

/// Returns the mark that a note begins with: `[1] `, `① `, `2. `.
fn listed_mark(scan: &Scan<'_>, at: usize) -> Option<String> {
    let text = start(scan, at, scan.entries[at].end, BEGINNING);
    let text = text.trim_start();
    let end = text
        .find(|c: char| ")]）］】〕.、．:： \u{a0}\u{3000}\t\n".contains(c))
        .or_else(|| text.chars().next().map(char::len_utf8))?;
    let close = text[end..].chars().next().filter(|c| ")]）］】〕".contains(*c)).map_or(0, char::len_utf8);
    let mark = Mark::of(&text[..end + close])
        .or_else(|| Mark::of(&text[..text.chars().next()?.len_utf8()]).filter(|mark| mark.number.is_none()))?;
    let is_separate =
        mark.begins(text).is_some_and(|end| !text[end..].trim_matches(|c: char| !c.is_alphanumeric()).is_empty());
    (is_separate && (mark.sure || mark.core.bytes().all(|byte| byte.is_ascii_digit()))).then_some(mark.core)
}
