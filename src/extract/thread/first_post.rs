//! Finds the first post of a thread where its markup differs from the answers'.

use std::ops::Range;

use crate::extract::blocks::containers::heading_level;
use crate::extract::scan::{self, Scan};

use super::heads::Head;
use super::marks;
use super::posts::blocks_of;
use super::{Context, Post, names, post_text};

/// How many levels above the first answer are searched.
const LEVELS: usize = 14;

/// How many siblings are searched on each level.
const BESIDE: usize = 40;

/// Words in classes of first posts.
const OPENINGS: [&str; 10] =
    ["question", "topic", "op", "submission", "fatitem", "link", "post", "thread", "wenti", "zhuti"];

/// Minimum weight of a sentence, which also has a punctuation mark.
const SENTENCE: u32 = 40;

/// Minimum weight of a text before the posts without an author.
const LEAD: u32 = 160;

/// Returns the post before the first answer; None where there is none.
pub fn find(context: &Context<'_, '_>, first: usize) -> Option<Post> {
    let scan = context.scan;
    let mut path = first;
    for _ in 0..LEVELS {
        let parent = scan.entries[path].parent;
        let before: Vec<usize> = scan.children(parent).take_while(|&child| child < path).collect();
        let nearest = before.iter().rev().filter(|&&at| scan.element(at).is_some()).take(BESIDE);
        if let Some(post) = nearest.filter_map(|&at| part(context, at)).next() {
            return Some(post);
        }
        if parent == 0 {
            break;
        }
        path = parent;
    }
    lead(context, first)
}

/// Returns an element's post where it names an author and has text, and its class says first post or its text was
/// selected.
fn part(context: &Context<'_, '_>, at: usize) -> Option<Post> {
    let (scan, judged) = (context.scan, context.judged);
    let whole = at..scan.entries[at].end;
    if matches!(scan.name(at), "nav" | "header" | "footer" | "aside" | "form") || scan.entries[at].unseen {
        return None;
    }
    if marks::between(&context.marks.authors, whole.start, whole.end).is_empty() {
        return None;
    }
    let texts = post_text::unmarked_text(scan, judged, context.marks, &whole, context.often);
    let chosen: Vec<usize> = texts.iter().copied().filter(|&at| judged.kept[at]).collect();
    let tells = |at: &usize| judged.blocks[*at].text.weight >= SENTENCE && judged.blocks[*at].text.marks > 0;
    let blocks = if chosen.iter().any(tells) {
        chosen
    } else if is_first_post(scan, whole.clone()) {
        texts.into_iter().filter(|&at| is_text(context, at)).collect()
    } else {
        return None;
    };
    post(context, whole, blocks)
}

/// Returns true for a text that is neither a heading nor mostly links.
fn is_text(context: &Context<'_, '_>, at: usize) -> bool {
    let block = &context.judged.blocks[at];
    let text = &block.text;
    let above =
        std::iter::successors(Some(block.element), |&at| Some(context.scan.entries[at].parent).filter(|_| at > 0));
    let headed = above.take(3).any(|at| heading_level(context.scan.name(at)) > 0);
    !headed && text.linked * 2 < text.weight && (text.marks > 0 || text.weight >= SENTENCE)
}

/// Returns true where an element at the beginning has a class such as question, or names its author in an attribute.
fn is_first_post(scan: &Scan<'_>, part: Range<usize>) -> bool {
    let end = part.end.min(part.start + 12);
    (part.start..end).filter_map(|at| scan.element(at)).any(|element| {
        names::Attributes::of(element.value()).author().is_some() || names::has_word(element.value(), &OPENINGS)
    })
}

/// Returns the selected text before the first answer, where no element holds it with its author.
fn lead(context: &Context<'_, '_>, first: usize) -> Option<Post> {
    let (scan, judged) = (context.scan, context.judged);
    let kept = |at: &usize| judged.kept[*at] && !is_closed(scan, judged.blocks[*at].element);
    let blocks: Vec<usize> = blocks_of(scan, judged, &(0..first)).filter(kept).collect();
    let is_sentence = |at: &usize| {
        let text = &judged.blocks[*at].text;
        text.weight >= SENTENCE && text.marks > 0 && text.linked * 2 < text.weight && scan::is_mark(text.last)
    };
    let begin = *blocks.iter().find(|at| is_sentence(at))?;
    let blocks: Vec<usize> = blocks.into_iter().filter(|&at| at >= begin).collect();
    let around = scan.entries[judged.blocks[begin].element].parent;
    let weight: u32 = blocks.iter().map(|&at| judged.blocks[at].text.weight).sum();
    let post = post(context, around..scan.entries[around].end.min(first), blocks)?;
    // Short text before the posts without an author belongs to the site.
    (!post.head.author.is_empty() || weight >= LEAD).then_some(post)
}

/// Returns true inside `details`, such as a summary of the thread.
fn is_closed(scan: &Scan<'_>, at: usize) -> bool {
    let above = std::iter::successors(Some(at), |&at| Some(scan.entries[at].parent).filter(|_| at > 0));
    above.take(LEVELS).any(|at| scan.name(at) == "details")
}

fn post(context: &Context<'_, '_>, whole: Range<usize>, blocks: Vec<usize>) -> Option<Post> {
    let judged = context.judged;
    let (begin, end) = (*blocks.first()?, *blocks.last()?);
    let text = judged.blocks[begin].first..judged.blocks[end].end;
    let texts: Vec<Range<usize>> = blocks.iter().map(|&at| judged.blocks[at].first..judged.blocks[at].end).collect();
    let head = Head::of(context.scan, context.marks, whole.clone(), &texts);
    let outer = whole.start.min(text.start)..whole.end.max(text.end);
    let parts = context.narrowed(vec![outer.clone()], &blocks);
    Some(Post { head, depth: 0, parts, at: outer.start, blocks })
}
