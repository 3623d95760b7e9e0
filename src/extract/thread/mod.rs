//! Recognises threads: pages on which several people write, one after the other. Each post begins with its author and
//! time, and answers are below the post they answer.
//!
//! A post is a repeating part of the page that names somebody beside a text. The page is a thread when it declares so,
//! or when most of its text is in posts; comments below an article are not a thread.

mod depth;
mod first_post;
mod groups;
mod heads;
mod kind;
mod marks;
mod names;
mod post_text;
mod posts;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::model::tree::Tree;

use super::scan::Scan;
use super::selection::Selection;
use marks::{Marks, Rank};
use post_text::Repeats;
use posts::{Posts, blocks_of};

pub use heads::Head;

/// Reasons in the trace for text that the thread added or left out.
const WRITTEN: &str = "text of a post in the thread";
const OUTSIDE: &str = "outside the posts of the thread";

/// The posts of a page, in reading order.
pub struct Thread {
    pub posts: Vec<Post>,
}

/// One post.
pub struct Post {
    pub head: Head,
    /// The number of posts above it.
    pub depth: usize,
    /// Where its text is, in entries of the scan.
    pub parts: Vec<Range<usize>>,
    /// Where it begins.
    at: usize,
    /// The blocks of its text.
    blocks: Vec<usize>,
}

/// Returns the thread of a page, and keeps its text in place of the selected blocks; None for a page that is not a
/// thread.
pub fn find(scan: &Scan<'_>, judged: &mut Selection) -> Option<Thread> {
    if !kind::may_be_thread(scan, judged) {
        return None;
    }
    let marks = Marks::of(scan);
    let has_author_attributes = marks.authors.iter().any(|mark| mark.rank == Rank::Attribute);
    if marks.authors.len() < 2 || marks.times.is_empty() && !has_author_attributes {
        return None;
    }
    let found = posts::find(scan, &marks, 0..scan.entries.len(), |_| true)?;
    let often = Repeats::of(judged);
    let context = Context { scan, judged, marks: &marks, often: &often };
    let bodies = context.bodies(&found);
    let mut all = context.posts(&found, &bodies);
    if !kind::is_thread(&context, &found, &all) {
        return None;
    }
    all.extend(context.remarks(&found, &bodies, &all));
    let text_hash = |post: &Post| post.blocks.iter().map(|&at| judged.blocks[at].text.hash).max();
    let opening = first_post::find(&context, found.at[0])
        .filter(|opening| all.iter().all(|post| text_hash(post) != text_hash(opening)));
    all.sort_by_key(|post| post.at);
    let posts: Vec<Post> = opening.into_iter().chain(all).filter(|post| !post.blocks.is_empty()).collect();
    keep_posts(judged, &posts);
    Some(Thread { posts })
}

/// Replaces a thread's working elements in the built tree.
pub fn settle(tree: &mut Tree) {
    heads::settle(tree);
}

/// Keeps the blocks of the posts and no others.
fn keep_posts(judged: &mut Selection, posts: &[Post]) {
    let mut kept = vec![false; judged.kept.len()];
    posts.iter().flat_map(|post| &post.blocks).for_each(|&at| kept[at] = true);
    for (at, &keeps) in kept.iter().enumerate() {
        if judged.kept[at] != keeps {
            judged.kept[at] = keeps;
            judged.overruled[at] = Some(if keeps { WRITTEN } else { OUTSIDE });
        }
    }
}

/// What is known of a page.
struct Context<'s, 'a> {
    scan: &'s Scan<'a>,
    judged: &'s Selection,
    marks: &'s Marks,
    often: &'s Repeats,
}

impl Context<'_, '_> {
    /// Returns the posts of a group, each with its text.
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
        // Where posts have body elements, a post without one is an advertisement or was deleted.
        for (post, bodies) in posts.iter_mut().zip(bodies) {
            let is_chosen = post.blocks.iter().any(|&at| self.judged.kept[at]);
            if any && bodies.is_empty() && !is_chosen {
                post.blocks.clear();
            }
        }
        posts
    }

    /// Returns for each post the elements that hold its text; none where most selected text of the posts is elsewhere.
    fn bodies(&self, found: &Posts) -> Vec<Vec<usize>> {
        let bodies = post_text::find(self.scan, self.marks, found);
        let (mut inside, mut all) = (0u64, 0u64);
        let weight = |at: usize| {
            let text = &self.judged.blocks[at].text;
            if self.judged.kept[at] { u64::from(text.weight - text.linked) } else { 0 }
        };
        for ((&post, outer), bodies) in found.at.iter().zip(&found.outer).zip(&bodies) {
            if outer.is_none() {
                let is_own = |at: &usize| !post_text::is_added(self.scan, &self.judged.blocks[*at], post);
                all += blocks_of(self.scan, self.judged, &self.range(post)).filter(is_own).map(weight).sum::<u64>();
            }
            let texts = bodies.iter().map(|&body| self.range(body));
            inside += texts.flat_map(|text| blocks_of(self.scan, self.judged, &text)).map(weight).sum::<u64>();
        }
        if inside * 2 < all { vec![Vec::new(); found.at.len()] } else { bodies }
    }

    fn range(&self, at: usize) -> Range<usize> {
        at..self.scan.entries[at].end
    }

    /// Returns one post; `inner` are the posts inside it.
    fn post(&self, at: usize, bodies: &[usize], depth: usize, inner: Vec<Range<usize>>) -> Post {
        let (scan, judged) = (self.scan, self.judged);
        let mut others = inner.clone();
        others.extend(bodies.iter().map(|&body| self.range(body)));
        others.sort_by_key(|other| other.start);
        let head = Head::of(scan, self.marks, self.range(at), &others);
        if bodies.is_empty() {
            let parts = without(self.range(at), &inner);
            let text = |part: &Range<usize>| post_text::unmarked_text(scan, judged, self.marks, part, self.often);
            let blocks: Vec<usize> = parts.iter().flat_map(text).collect();
            return Post { head, depth, parts: self.narrowed(parts, &blocks), at, blocks };
        }
        let parts: Vec<Range<usize>> = bodies.iter().map(|&body| self.inside(body)).collect();
        let kept = |&body: &usize| {
            let seen = move |&at: &usize| {
                let block = &judged.blocks[at];
                (!scan.entries[block.first].hidden || judged.kept[at]) && !post_text::is_added(scan, block, body)
            };
            blocks_of(scan, judged, &self.range(body)).filter(seen)
        };
        let all = bodies.iter().flat_map(kept);
        let all: Vec<usize> = all.collect();
        let blocks: Vec<usize> = all.iter().copied().filter(|&at| !self.often.is_repeated(scan, judged, at)).collect();
        // Many people can write the same few words.
        let blocks = if blocks.is_empty() { all } else { blocks };
        Post { head, depth, parts, at, blocks }
    }

    /// Returns the range inside an element, or with it where its own kind matters.
    fn inside(&self, at: usize) -> Range<usize> {
        let tells = matches!(self.scan.name(at), "pre" | "ul" | "ol" | "table" | "dl" | "blockquote" | "figure");
        if tells { self.range(at) } else { at + 1..self.scan.entries[at].end }
    }

    /// Narrows ranges to the blocks and the elements around them, without other blocks.
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

    /// Returns the selected remarks of others below the text of posts.
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

/// Returns a range without the ranges inside it.
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
