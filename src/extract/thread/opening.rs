//! The post that began a thread, where it is not written like those that answer it.

use std::ops::Range;

use crate::extract::blocks::containers::heading_level;
use crate::extract::scan::{self, Scan};

use super::heads::Head;
use super::marks;
use super::posts::blocks_of;
use super::{Post, Sight, bodies, names};

/// So far up from the first answer it is looked for.
const LEVELS: usize = 14;

/// So many parts beside each other are looked at.
const BESIDE: usize = 40;

/// Words of what threads begin with.
const OPENINGS: [&str; 10] =
    ["question", "topic", "op", "submission", "fatitem", "link", "post", "thread", "wenti", "zhuti"];

/// Text of this weight with a sentence mark is a sentence.
const SENTENCE: u32 = 40;

/// A text before the posts without a name at it is as long as this at least.
const LEAD: u32 = 160;

/// What stands before the first answer and tells something.
pub fn find(sight: &Sight<'_, '_>, first: usize) -> Option<Post> {
    let scan = sight.scan;
    let mut path = first;
    for _ in 0..LEVELS {
        let parent = scan.entries[path].parent;
        let before: Vec<usize> = scan.children(parent).take_while(|&child| child < path).collect();
        let nearest = before.iter().rev().filter(|&&at| scan.element(at).is_some()).take(BESIDE);
        if let Some(post) = nearest.filter_map(|&at| part(sight, at)).next() {
            return Some(post);
        }
        if parent == 0 {
            break;
        }
        path = parent;
    }
    lead(sight, first)
}

/// A part with an author and a text, called a beginning or chosen as text.
fn part(sight: &Sight<'_, '_>, at: usize) -> Option<Post> {
    let (scan, judged) = (sight.scan, sight.judged);
    let whole = at..scan.entries[at].end;
    if matches!(scan.name(at), "nav" | "header" | "footer" | "aside" | "form") || scan.entries[at].unseen {
        return None;
    }
    if marks::between(&sight.marks.authors, whole.start, whole.end).is_empty() {
        return None;
    }
    let told = bodies::told(scan, judged, sight.marks, &whole, sight.often);
    let chosen: Vec<usize> = told.iter().copied().filter(|&at| judged.kept[at]).collect();
    let tells = |at: &usize| judged.blocks[*at].text.weight >= SENTENCE && judged.blocks[*at].text.marks > 0;
    let blocks = if chosen.iter().any(tells) {
        chosen
    } else if is_opening(scan, whole.clone()) {
        told.into_iter().filter(|&at| is_said(sight, at)).collect()
    } else {
        return None;
    };
    post(sight, whole, blocks)
}

/// A text that is no heading and leads nowhere.
fn is_said(sight: &Sight<'_, '_>, at: usize) -> bool {
    let block = &sight.judged.blocks[at];
    let text = &block.text;
    let above =
        std::iter::successors(Some(block.element), |&at| Some(sight.scan.entries[at].parent).filter(|_| at > 0));
    let headed = above.take(3).any(|at| heading_level(sight.scan.name(at)) > 0);
    !headed && text.linked * 2 < text.weight && (text.marks > 0 || text.weight >= SENTENCE)
}

/// An element at the beginning is called a question or the like, or tells its author itself.
fn is_opening(scan: &Scan<'_>, part: Range<usize>) -> bool {
    let end = part.end.min(part.start + 12);
    (part.start..end).filter_map(|at| scan.element(at)).any(|element| {
        names::Told::of(element.value()).author().is_some() || names::has_word(element.value(), &OPENINGS)
    })
}

/// What was chosen before the first answer, where no part holds it with its author.
fn lead(sight: &Sight<'_, '_>, first: usize) -> Option<Post> {
    let (scan, judged) = (sight.scan, sight.judged);
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
    let post = post(sight, around..scan.entries[around].end.min(first), blocks)?;
    // A line before the posts that nobody wrote is of the site.
    (!post.head.author.is_empty() || weight >= LEAD).then_some(post)
}

/// In a part that a reader opens, such as a summary of the thread.
fn is_closed(scan: &Scan<'_>, at: usize) -> bool {
    let above = std::iter::successors(Some(at), |&at| Some(scan.entries[at].parent).filter(|_| at > 0));
    above.take(LEVELS).any(|at| scan.name(at) == "details")
}

fn post(sight: &Sight<'_, '_>, whole: Range<usize>, blocks: Vec<usize>) -> Option<Post> {
    let judged = sight.judged;
    let (begin, end) = (*blocks.first()?, *blocks.last()?);
    let text = judged.blocks[begin].first..judged.blocks[end].end;
    let texts: Vec<Range<usize>> = blocks.iter().map(|&at| judged.blocks[at].first..judged.blocks[at].end).collect();
    let head = Head::of(sight.scan, sight.marks, whole.clone(), &texts);
    let outer = whole.start.min(text.start)..whole.end.max(text.end);
    let parts = sight.narrowed(vec![outer.clone()], &blocks);
    Some(Post { head, depth: 0, parts, at: outer.start, blocks })
}
