//! Threads: pages on which several people write, one after the other. Each post begins with who wrote it and when, and
//! answers stand below what they answer.
//!
//! A post is a part of the page that repeats and in which somebody is named beside a text. The page is a thread when it
//! says so, or when the posts are most of what it tells; comments below an article are not.

mod bodies;
mod depth;
mod groups;
mod heads;
mod kind;
mod marks;
mod names;
mod opening;
mod posts;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::model::tree::Tree;

use super::scan::Scan;
use super::selection::Selection;
use bodies::Often;
use marks::{Marks, Rank};
use posts::{Posts, blocks_of};

pub use heads::Head;

/// What the trace says of text that the thread brought in or left out.
const WRITTEN: &str = "what somebody wrote in the thread";
const BESIDE: &str = "beside what somebody wrote in the thread";

/// The posts of a page, in reading order.
pub struct Thread {
    pub posts: Vec<Post>,
}

/// What somebody wrote.
pub struct Post {
    pub head: Head,
    /// How many posts it stands below.
    pub depth: usize,
    /// Where its text is, in entries of the scan.
    pub parts: Vec<Range<usize>>,
    /// Where it begins.
    at: usize,
    /// The blocks of its text.
    blocks: Vec<usize>,
}

/// Finds the thread of a page that is one, and takes its text in place of what was chosen.
pub fn find(scan: &Scan<'_>, judged: &mut Selection) -> Option<Thread> {
    if !kind::may_be_thread(scan, judged) {
        return None;
    }
    let marks = Marks::of(scan);
    let is_told = marks.authors.iter().any(|mark| mark.rank == Rank::Attribute);
    if marks.authors.len() < 2 || marks.times.is_empty() && !is_told {
        return None;
    }
    let found = posts::find(scan, &marks, 0..scan.entries.len(), |_| true)?;
    let often = Often::of(judged);
    let sight = Sight { scan, judged, marks: &marks, often: &often };
    let bodies = sight.bodies(&found);
    let mut all = sight.posts(&found, &bodies);
    if !kind::is_thread(&sight, &found, &all) {
        return None;
    }
    all.extend(sight.remarks(&found, &bodies, &all));
    let said = |post: &Post| post.blocks.iter().map(|&at| judged.blocks[at].text.hash).max();
    let opening =
        opening::find(&sight, found.at[0]).filter(|opening| all.iter().all(|post| said(post) != said(opening)));
    all.sort_by_key(|post| post.at);
    let posts: Vec<Post> = opening.into_iter().chain(all).filter(|post| !post.blocks.is_empty()).collect();
    take(judged, &posts);
    Some(Thread { posts })
}

/// Makes of a built thread what the article's tree holds.
pub fn settle(tree: &mut Tree) {
    heads::settle(tree);
}

/// Keeps the blocks of the posts and no others.
fn take(judged: &mut Selection, posts: &[Post]) {
    let mut kept = vec![false; judged.kept.len()];
    posts.iter().flat_map(|post| &post.blocks).for_each(|&at| kept[at] = true);
    for (at, &keeps) in kept.iter().enumerate() {
        if judged.kept[at] != keeps {
            judged.kept[at] = keeps;
            judged.overruled[at] = Some(if keeps { WRITTEN } else { BESIDE });
        }
    }
}

/// What is known of a page.
struct Sight<'s, 'a> {
    scan: &'s Scan<'a>,
    judged: &'s Selection,
    marks: &'s Marks,
    often: &'s Often,
}

impl Sight<'_, '_> {
    /// The posts of a group, with what holds the text of each.
    fn posts(&self, found: &Posts, bodies: &[Vec<usize>]) -> Vec<Post> {
        let depths = depth::of(self.scan, &found.at);
        let mut inner: Vec<Vec<Range<usize>>> = vec![Vec::new(); found.at.len()];
        for (place, outer) in found.outer.iter().enumerate() {
            if let Some(outer) = *outer {
                inner[outer].push(self.range(found.at[place]));
            }
        }
        let any = bodies.iter().any(|bodies| !bodies.is_empty());
        let all = found.at.iter().zip(bodies).zip(depths).zip(inner);
        let mut posts: Vec<Post> =
            all.map(|(((&at, bodies), depth), inner)| self.post(at, bodies, depth, inner)).collect();
        // Among posts whose text has a part of its own, one without it is an advertisement or was taken away.
        for (post, bodies) in posts.iter_mut().zip(bodies) {
            let is_chosen = post.blocks.iter().any(|&at| self.judged.kept[at]);
            if any && bodies.is_empty() && !is_chosen {
                post.blocks.clear();
            }
        }
        posts
    }

    /// What holds the text in each post; nothing where most of what was chosen in the posts stands elsewhere.
    fn bodies(&self, found: &Posts) -> Vec<Vec<usize>> {
        let bodies = bodies::find(self.scan, self.marks, found);
        let (mut inside, mut all) = (0u64, 0u64);
        let weight = |at: usize| {
            let text = &self.judged.blocks[at].text;
            if self.judged.kept[at] { u64::from(text.weight - text.linked) } else { 0 }
        };
        for ((&post, outer), bodies) in found.at.iter().zip(&found.outer).zip(&bodies) {
            if outer.is_none() {
                let said = |at: &usize| !bodies::is_added(self.scan, &self.judged.blocks[*at], post);
                all += blocks_of(self.scan, self.judged, &self.range(post)).filter(said).map(weight).sum::<u64>();
            }
            let texts = bodies.iter().map(|&body| self.range(body));
            inside += texts.flat_map(|text| blocks_of(self.scan, self.judged, &text)).map(weight).sum::<u64>();
        }
        if inside * 2 < all { vec![Vec::new(); found.at.len()] } else { bodies }
    }

    fn range(&self, at: usize) -> Range<usize> {
        at..self.scan.entries[at].end
    }

    /// One post; `inner` are the posts that stand in it.
    fn post(&self, at: usize, bodies: &[usize], depth: usize, inner: Vec<Range<usize>>) -> Post {
        let (scan, judged) = (self.scan, self.judged);
        let mut others = inner.clone();
        others.extend(bodies.iter().map(|&body| self.range(body)));
        others.sort_by_key(|other| other.start);
        let head = Head::of(scan, self.marks, self.range(at), &others);
        if bodies.is_empty() {
            let parts = without(self.range(at), &inner);
            let told = |part: &Range<usize>| bodies::told(scan, judged, self.marks, part, self.often);
            let blocks: Vec<usize> = parts.iter().flat_map(told).collect();
            return Post { head, depth, parts: self.narrowed(parts, &blocks), at, blocks };
        }
        let parts: Vec<Range<usize>> = bodies.iter().map(|&body| self.inside(body)).collect();
        let said = |&body: &usize| {
            let seen = move |&at: &usize| {
                let block = &judged.blocks[at];
                (!scan.entries[block.first].hidden || judged.kept[at]) && !bodies::is_added(scan, block, body)
            };
            blocks_of(scan, judged, &self.range(body)).filter(seen)
        };
        let all = bodies.iter().flat_map(said);
        let all: Vec<usize> = all.collect();
        let blocks: Vec<usize> = all.iter().copied().filter(|&at| !self.often.is_repeated(scan, judged, at)).collect();
        // Many may have said the same few words.
        let blocks = if blocks.is_empty() { all } else { blocks };
        Post { head, depth, parts, at, blocks }
    }

    /// What stands in an element; the element too where its own kind tells something.
    fn inside(&self, at: usize) -> Range<usize> {
        let tells = matches!(self.scan.name(at), "pre" | "ul" | "ol" | "table" | "dl" | "blockquote" | "figure");
        if tells { self.range(at) } else { at + 1..self.scan.entries[at].end }
    }

    /// Parts as far as they hold the blocks: between these and their elements stand no others.
    fn narrowed(&self, parts: Vec<Range<usize>>, blocks: &[usize]) -> Vec<Range<usize>> {
        let (scan, judged) = (self.scan, self.judged);
        let narrow = |part: Range<usize>| {
            let inside = |at: &&usize| part.contains(&judged.blocks[**at].first);
            let first = blocks.iter().find(inside).map(|&at| &judged.blocks[at])?;
            let last = blocks.iter().rev().find(inside).map(|&at| &judged.blocks[at])?;
            let whole = first.element >= part.start && scan.entries[first.element].end <= part.end;
            let is_cell = matches!(scan.name(first.element), "td" | "th" | "tr" | "li" | "dd" | "dt");
            let start = if whole && !is_cell && first.element > part.start { first.element } else { first.first };
            let end = scan.entries[last.element].end.min(part.end).max(last.end);
            Some(start.min(first.first)..end)
        };
        parts.into_iter().filter_map(narrow).collect()
    }

    /// What others remarked on posts, below their text, as far as it was chosen.
    fn remarks(&self, found: &Posts, bodies: &[Vec<usize>], posts: &[Post]) -> Vec<Post> {
        let (scan, first) = (self.scan, found.at[0]);
        let end = found.at.iter().map(|&at| scan.entries[at].end).max().unwrap_or(first);
        let bodies: Vec<Range<usize>> = bodies.iter().flatten().map(|&body| self.range(body)).collect();
        if bodies.is_empty() {
            return Vec::new();
        }
        let may_be = |at: usize| {
            let before = bodies.partition_point(|body| body.start <= at);
            let inside = before > 0 && bodies[before - 1].contains(&at);
            let around = bodies.get(before).is_some_and(|body| body.start < scan.entries[at].end);
            !inside && !around && found.at.binary_search(&at).is_err()
        };
        let Some(remarks) = posts::find(scan, self.marks, first..end, may_be) else { return Vec::new() };
        let texts = self.bodies(&remarks);
        let mut out = self.posts(&remarks, &texts);
        for remark in &mut out {
            let last = found.at.partition_point(|&at| at < remark.at).checked_sub(1);
            let mut around = std::iter::successors(last, |&place| found.outer[place]);
            let above =
                around.find(|&place| self.range(found.at[place]).contains(&remark.at)).and_then(|at| posts.get(at));
            let chosen = remark.blocks.iter().filter(|&&at| self.judged.kept[at]).count();
            if chosen * 2 < remark.blocks.len() || above.is_none() {
                remark.blocks.clear();
            }
            remark.depth += above.map_or(0, |above| above.depth + 1);
        }
        out
    }
}

/// A range without the ranges in it.
fn without(whole: Range<usize>, inner: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut from = whole.start + 1;
    for part in inner {
        if part.start > from {
            parts.push(from..part.start);
        }
        from = part.end.max(from);
    }
    if whole.end > from {
        parts.push(from..whole.end);
    }
    parts
}
