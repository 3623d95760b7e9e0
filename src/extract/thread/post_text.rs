//! Finds the text of a post, without its head, buttons and signature.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::extract::blocks::Block;
use crate::extract::blocks::containers::heading_level;
use crate::extract::blocks::names::CONTROLS;
use crate::extract::scan::Scan;
use crate::extract::selection::Selection;
use crate::html::{Element, text};

use super::groups;
use super::marks::{self, Mark, Marks, Rank};
use super::names;
use super::posts::{Posts, blocks_of};

/// Minimum weight of the chosen body elements, relative to the heaviest candidates.
const NEARLY: f64 = 0.95;

/// How many elements above a text are searched.
const ABOVE: usize = 12;

/// Maximum weight of a date with the words before it.
const DATED: usize = 36;

/// Maximum weight of a label.
const LABEL: u32 = 24;

/// A label that occurs at least this often on the page is a button.
const OFTEN: usize = 3;

/// Words of the signature below every post of an author.
const SIGNATURES: [&str; 4] = ["signature", "postsignature", "sig", "sign"];

/// Classes of boxes about the author of a post, its likes and its last change, in lower case, without hyphens and
/// underscores.
const ABOUT: [&str; 18] = [
    "authorpane",
    "systemspecs",
    "postprofile",
    "postleft",
    "messageuser",
    "messageuserdetails",
    "userinfo",
    "userextras",
    "userstats",
    "usertitle",
    "userbadges",
    "userrank",
    "reputation",
    "reactionsbar",
    "reactionslist",
    "lastedit",
    "postedited",
    "pstatus",
];

/// Beginnings of the line about a last change, before a date, in lower case.
const CHANGED: [&str; 14] = [
    "last edited",
    "last modified",
    "edited by",
    "edited ",
    "本帖最后由",
    "最后编辑",
    "最后由",
    "最後編輯",
    "編集済み",
    "最終編集",
    "zuletzt bearbeitet",
    "dernière modification",
    "editado por",
    "последний раз редактировалось",
];

/// Maximum weight of a line about a last change.
const CHANGE: u32 = 90;

/// Words in classes of previews of pages that a post links to.
const PREVIEWS: [&str; 4] = ["onebox", "unfurl", "linkpreview", "linkcard"];

/// Returns for each post the elements that hold its text, in order; an empty list where there are none.
pub fn find(scan: &Scan<'_>, marks: &Marks, posts: &Posts) -> Vec<Vec<usize>> {
    let first = posts.at.first().copied().unwrap_or_default();
    let end = posts.at.iter().map(|&at| scan.entries[at].end).max().unwrap_or_default();
    let owner = owners(scan, posts, first, end);
    let mut best: Option<(usize, usize, Vec<usize>)> = None;
    let mut candidates: Vec<(usize, usize, Vec<usize>)> = Vec::new();
    for members in groups::of(scan, first + 1, end) {
        if let Some(weight) = body_weight(scan, marks, posts, &owner, &members) {
            candidates.push((weight, members[0], members));
        }
    }
    let most = candidates.iter().map(|(weight, ..)| *weight).max().unwrap_or_default();
    for candidate in candidates.into_iter().filter(|(weight, ..)| *weight as f64 >= NEARLY * most as f64) {
        // The innermost, whose first member begins last.
        if best.as_ref().is_none_or(|best| (candidate.1, candidate.0) > (best.1, best.0)) {
            best = Some(candidate);
        }
    }
    let mut bodies = vec![Vec::new(); posts.at.len()];
    let mut last_end = 0;
    for at in best.map(|(_, _, members)| members).unwrap_or_default() {
        if let Some(post) = owner.of(at).filter(|_| at >= last_end) {
            bodies[post].push(at);
            last_end = scan.entries[at].end;
        }
    }
    bodies
}

/// The innermost post around each entry of a range; None for signatures.
struct Owners {
    first: usize,
    of: Vec<Option<usize>>,
}

impl Owners {
    fn of(&self, at: usize) -> Option<usize> {
        at.checked_sub(self.first).and_then(|at| self.of.get(at).copied()).flatten()
    }
}

fn owners(scan: &Scan<'_>, posts: &Posts, first: usize, end: usize) -> Owners {
    let mut of = vec![None; end - first];
    for (place, &at) in posts.at.iter().enumerate() {
        // The head's own element is not a body.
        of[at - first..scan.entries[at].end - first].fill(Some(place));
        of[at - first] = posts.outer[place];
    }
    let mut at = first;
    while at < end {
        let is_signature = scan
            .element(at)
            .is_some_and(|element| is_signature(element.value()) || element.value().name() == "blockquote");
        if is_signature {
            of[at - first..scan.entries[at].end.min(end) - first].fill(None);
            at = scan.entries[at].end;
        } else {
            at += 1;
        }
    }
    Owners { first, of }
}

/// Returns true for the signature below everything an author writes, or a preview of the post that is answered.
fn is_signature(element: &Element) -> bool {
    let role = element.attr("data-role").or(element.attr("component")).unwrap_or_default().to_ascii_lowercase();
    names::has_word(element, &SIGNATURES) || role.contains("signature") || role.starts_with("post/parent")
}

/// Returns true for a box about the author, or for navigation.
fn is_about(element: &Element) -> bool {
    let class = element.attr("class").unwrap_or_default();
    let names = class.split_ascii_whitespace().take(16).map(|name| {
        let letters = name.bytes().filter(|byte| !matches!(byte, b'-' | b'_'));
        letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect::<String>()
    });
    let mut names = names.filter(|name| name.is_ascii());
    element.name() == "nav" || names.any(|name| ABOUT.iter().any(|about| name.ends_with(about)))
}

/// Returns true for a block within a text that does not belong to it: a signature, a box about the author, the line
/// about a last change, the preview of a linked page.
pub fn is_added(scan: &Scan<'_>, block: &Block, body: usize) -> bool {
    let above = std::iter::successors(Some(block.element), |&at| Some(scan.entries[at].parent).filter(|_| at > 0));
    let mut above = above.take(ABOVE).take_while(|&at| at > body).filter_map(|at| scan.element(at));
    let is_named = above.any(|element| {
        let element = element.value();
        let is_preview = || block.text.linked == 0 && names::has_word(element, &PREVIEWS);
        is_signature(element) || is_about(element) || is_preview()
    });
    is_named || is_of_change(scan, block)
}

/// Returns true for `Last edited by a moderator: 3 March 2025`.
fn is_of_change(scan: &Scan<'_>, block: &Block) -> bool {
    if block.text.weight > CHANGE || block.text.digits == 0 {
        return false;
    }
    let words = text::collapse(&block.words(scan));
    let lower = words.to_lowercase();
    CHANGED.iter().any(|begin| lower.starts_with(begin)) && marks::is_date(&words)
}

/// Returns the weight of the text in such elements; None where they are not the bodies of the posts.
fn body_weight(scan: &Scan<'_>, marks: &Marks, posts: &Posts, owner: &Owners, members: &[usize]) -> Option<usize> {
    let (mut weight, mut named, mut count) = (0, 0, 0);
    let mut seen: HashSet<usize> = HashSet::new();
    let mut last_end = 0;
    for &at in members {
        let Some(post) = owner.of(at) else { continue };
        let end = scan.entries[at].end;
        let holds_post = posts.at.get(posts.at.partition_point(|&post| post <= at)).is_some_and(|&next| next < end);
        if at < last_end || holds_post {
            continue;
        }
        last_end = end;
        let text = scan.text(at);
        weight += text.weight - text.linked.min(text.weight);
        let times = marks::between(&marks.times, at, end);
        let authors = marks::between(&marks.authors, at, end);
        // A line with a date and hardly more is a head, too.
        let is_head = |mark: &Mark| mark.rank <= Rank::Name || scan.text(mark.at).weight <= DATED;
        named += usize::from(times.iter().any(is_head) || authors.iter().any(|mark| mark.rank <= Rank::Name));
        count += usize::from(text.weight > 0);
        if text.weight > 0 {
            seen.insert(post);
        }
    }
    let all = posts.at.len();
    let is_body = seen.len() * 10 >= all * 6 && count * 2 <= seen.len() * 3 && named * 5 <= seen.len();
    (is_body && weight > 0).then_some(weight)
}

/// Returns the blocks of a range that are text, where no element is known to hold it.
pub fn unmarked_text(
    scan: &Scan<'_>,
    judged: &Selection,
    marks: &Marks,
    part: &Range<usize>,
    often: &Repeats,
) -> Vec<usize> {
    let named = |block: &Block| {
        let element = block.element.max(part.start);
        let from = element.min(block.first);
        let all = [&marks.authors, &marks.times];
        all.iter().any(|marks| !marks::between(marks, from, block.end).is_empty()) && block.text.weight <= 120
            || within_mark(scan, marks, block.first)
    };
    let is_text_block = |&at: &usize| {
        let block = &judged.blocks[at];
        let is_text = !often.is_button(scan, judged, at) && !named(block) && !scan.entries[block.first].hidden;
        is_text && !is_added(scan, block, part.start.saturating_sub(1))
    };
    let found: Vec<usize> = blocks_of(scan, judged, part).filter(is_text_block).collect();
    let weigh = |all: &[usize]| all.iter().map(|&at| judged.blocks[at].text.weight).sum::<u32>();
    let chosen: Vec<usize> = found.iter().copied().filter(|&at| judged.kept[at]).collect();
    // Where some blocks were selected, the others were left out for a reason.
    if !found.is_empty() {
        return if weigh(&chosen) * 5 >= weigh(&found) { chosen } else { found };
    }
    // Many people can write the same few words.
    let unlinked = |at: &usize| judged.blocks[*at].text.weight - judged.blocks[*at].text.linked;
    let rest =
        blocks_of(scan, judged, part).filter(|&at| !named(&judged.blocks[at]) && judged.blocks[at].text.linked == 0);
    let rest = rest.filter(|&at| !is_added(scan, &judged.blocks[at], part.start.saturating_sub(1)));
    rest.max_by_key(unlinked).into_iter().collect()
}

/// Returns true inside an element that names an author or a time.
fn within_mark(scan: &Scan<'_>, marks: &Marks, at: usize) -> bool {
    let above = std::iter::successors(Some(at), |&at| Some(scan.entries[at].parent).filter(|_| at > 0)).take(5);
    above.skip(1).any(|above| {
        [&marks.authors, &marks.times]
            .iter()
            .any(|all| marks::between(all, above, above + 1).iter().any(|mark| mark.rank != marks::Rank::Attribute))
    })
}

/// How often each text occurs on a page.
pub struct Repeats {
    times: HashMap<u64, usize>,
}

impl Repeats {
    /// Counts the blocks with equal text.
    pub fn of(judged: &Selection) -> Self {
        let mut times = HashMap::new();
        for block in &judged.blocks {
            *times.entry(block.text.hash).or_default() += 1;
        }
        Self { times }
    }

    /// Returns true for a control, or a label that occurs on other posts too and is a link or was not selected.
    pub fn is_repeated(&self, scan: &Scan<'_>, judged: &Selection, at: usize) -> bool {
        let text = &judged.blocks[at].text;
        let near = judged.containers.near(scan.entries[judged.blocks[at].first].parent);
        let is_control = CONTROLS.iter().any(|&control| near[control] < 3);
        let is_often = self.times.get(&text.hash).is_some_and(|&times| times >= OFTEN);
        let element = scan.name(judged.blocks[at].element);
        // A selected item of a list is not a button, and the subject of an answer repeats the thread's.
        let is_button = text.weight <= LABEL && (text.linked > 0 && element != "li" || !judged.kept[at]);
        is_control || is_often && (is_button || heading_level(element) > 0)
    }

    /// Returns true for a control or a repeated label, and for a label that is a link or a number without words.
    pub fn is_button(&self, scan: &Scan<'_>, judged: &Selection, at: usize) -> bool {
        let block = &judged.blocks[at];
        let near = judged.containers.near(scan.entries[block.first].parent);
        if CONTROLS.iter().any(|&control| near[control] < 3) {
            return true;
        }
        let text = &block.text;
        let is_number =
            text.digits + text.signs >= text.weight && text.weight <= 8 && text.digits > 0 && text.first != '+';
        let is_link = text.linked * 2 > text.weight;
        let is_often = self.times.get(&text.hash).is_some_and(|&times| times >= OFTEN);
        text.weight <= LABEL && (is_link || is_number || is_often)
    }
}
