//! Finds the posts of a page: similar elements, each with an author, usually a time, and a text of its own.

use std::ops::Range;

use crate::extract::blocks::containers::heading_level;
use crate::extract::scan::{Scan, Text};
use crate::extract::selection::Selection;

use super::groups;
use super::marks::{self, Marks, Rank};
use super::names::{self, Attributes};

/// Minimum weight of a post (two Han characters).
const LEAST: usize = 5;

/// Maximum number of times in one post: of the post, of a change, of joining, of remarks on it.
const CROWDED: f64 = 24.0;

/// The same where there are only two elements, which can be halves of a page.
const CROWDED_TWO: f64 = 4.0;

/// Prefixes of the subject of an answer, in lower case.
const ANSWERS: [&str; 9] = ["re:", "re：", "aw:", "sv:", "回复:", "回复：", "回覆:", "返信:", "답글:"];

/// At least this many posts in one element of the page are the thread.
const INNER: usize = 3;

/// The score of a group of two, relative to larger ones: they can be halves of a page.
const TWO: f64 = 0.8;

/// A group of similar elements taken for the posts of a thread.
pub struct Posts {
    /// Their elements, in page order; one can be inside another.
    pub at: Vec<usize>,
    /// The one that each is inside, by its position in `at`; None for the outermost.
    pub outer: Vec<Option<usize>>,
    /// True where the posts' own attributes name their authors.
    pub has_author_attributes: bool,
}

/// What an element holds outside other elements of its group.
#[derive(Debug, Clone, Copy, Default)]
struct PartMarks {
    authors: i64,
    times: i64,
    /// Times marked by an attribute, a property, or an element or class with this one meaning.
    marked: i64,
    headlines: i64,
    text: Text,
}

/// Returns the best group of posts between two entries; None where nothing with authors repeats.
pub fn find(scan: &Scan<'_>, marks: &Marks, within: Range<usize>, may_be: impl Fn(usize) -> bool) -> Option<Posts> {
    let headlines = headlines(scan);
    let mut all: Vec<Group> = Vec::new();
    for mut members in groups::of(scan, within.start, within.end) {
        members.retain(|&at| may_be(at));
        if members.len() >= 2 {
            all.extend(score_group(scan, marks, &headlines, &members));
        }
    }
    // Of two groups with the same posts, prefer the outer one.
    let order = |a: &Group, b: &Group| a.score.total_cmp(&b.score).then(b.posts.at[0].cmp(&a.posts.at[0]));
    let mut best = (0..all.len()).max_by(|&a, &b| order(&all[a], &all[b]).then(b.cmp(&a)))?;
    // Elements of which one holds the posts of another group are sections of the page.
    if let Some(whole) = all[best].whole(scan) {
        let inner = |group: &Group| {
            let is_inside = group.posts.at.iter().all(|at| whole.contains(at));
            is_inside && group.posts.at.len() >= INNER && group.weight * 2 >= all[best].weight
        };
        let inside = (0..all.len()).filter(|&at| inner(&all[at]));
        best = inside.max_by(|&a, &b| order(&all[a], &all[b]).then(b.cmp(&a))).unwrap_or(best);
    }
    Some(all.swap_remove(best).posts)
}

/// A group that can be the posts, with its score.
struct Group {
    score: f64,
    posts: Posts,
    /// The weight of all posts, and the index and weight of the heaviest.
    weight: usize,
    most: (usize, usize),
}

impl Group {
    /// Returns the entries of a post that holds nearly everything.
    fn whole(&self, scan: &Scan<'_>) -> Option<Range<usize>> {
        let (weight, place) = self.most;
        let at = self.posts.at[place];
        (weight * 4 >= self.weight * 3).then(|| at + 1..scan.entries[at].end)
    }
}

/// Returns how many headings with links to other pages precede each entry.
fn headlines(scan: &Scan<'_>) -> Vec<u32> {
    let mut sums = vec![0];
    let mut sum = 0;
    for at in 0..scan.entries.len() {
        sum += u32::from(leads_away(scan, at));
        sums.push(sum);
    }
    sums
}

/// Returns true for a heading that links to another page, as in a list of articles.
fn leads_away(scan: &Scan<'_>, at: usize) -> bool {
    if heading_level(scan.name(at)) == 0 {
        return false;
    }
    // The subject of an answer repeats the thread's.
    let subject = marks::below(scan, at, 12).to_lowercase();
    if ANSWERS.iter().any(|word| subject.starts_with(word)) {
        return false;
    }
    let parent = scan.entries[at].parent;
    let below = (at..scan.entries[at].end.min(at + 8)).chain([parent]);
    below.filter(|&at| scan.name(at) == "a").filter_map(|at| scan.element(at)?.attr("href")).any(|href| {
        !href.contains('#') && !names::is_profile(href) && !href.starts_with("javascript") && !href.is_empty()
    })
}

fn score_group(scan: &Scan<'_>, marks: &Marks, headlines: &[u32], members: &[usize]) -> Option<Group> {
    let end = members.iter().map(|&at| scan.entries[at].end).max().unwrap_or_default();
    if marks::between(&marks.authors, members[0], end).len() < 2 {
        return None;
    }
    let outer = groups::outer(scan, members);
    let own = own(scan, marks, headlines, members, &outer);
    let is_post = |own: &PartMarks| own.authors > 0 && own.text.weight.saturating_sub(own.text.linked) >= LEAST;
    let posts: Vec<&PartMarks> = own.iter().filter(|own| is_post(own)).collect();
    let count = posts.len();
    let has_author_attributes =
        members.iter().filter(|&&at| has_author_attributes(scan, at)).count() * 2 > members.len();
    let timed = posts.iter().filter(|own| own.times > 0).count();
    let headed = posts.iter().filter(|own| own.headlines > 0).count();
    let spoken = posts.iter().filter(|own| own.text.marks > 0).count();
    let enough = count >= 2 && count * 10 >= members.len() * 7;
    if !enough || timed * 2 < count && !has_author_attributes || headed * 2 > count || spoken * 3 < count {
        return None;
    }
    let times: i64 = posts.iter().map(|own| own.marked).sum();
    let unlinked = |own: &&PartMarks| own.text.weight - own.text.linked.min(own.text.weight);
    let weight: usize = posts.iter().map(unlinked).sum();
    let most = posts.iter().enumerate().map(|(place, own)| (unlinked(own), place)).max()?;
    // Elements that hold several posts name several authors each.
    let bound = if count == 2 { CROWDED_TWO } else { CROWDED };
    let crowded = (times as f64 / count as f64 / bound).max(1.0);
    let score = weight as f64 * if count == 2 { TWO } else { 1.0 } / crowded;
    let kept: Vec<usize> = members.iter().zip(&own).filter(|(_, own)| is_post(own)).map(|(&at, _)| at).collect();
    let outer = groups::outer(scan, &kept);
    Some(Group { score, posts: Posts { at: kept, outer, has_author_attributes }, weight, most })
}

fn has_author_attributes(scan: &Scan<'_>, at: usize) -> bool {
    scan.element(at).is_some_and(|element| Attributes::of(element.value()).author().is_some())
}

fn own(
    scan: &Scan<'_>,
    marks: &Marks,
    headlines: &[u32],
    members: &[usize],
    outer: &[Option<usize>],
) -> Vec<PartMarks> {
    let whole = |at: usize| {
        let end = scan.entries[at].end;
        let times = marks::between(&marks.times, at, end);
        PartMarks {
            authors: marks::between(&marks.authors, at, end).len() as i64,
            times: times.len() as i64,
            marked: times.iter().filter(|mark| mark.rank <= Rank::Name).count() as i64,
            headlines: i64::from(headlines[end] - headlines[at]),
            text: scan.text(at),
        }
    };
    let all: Vec<PartMarks> = members.iter().map(|&at| whole(at)).collect();
    let mut own = all.clone();
    for (place, outer) in outer.iter().enumerate() {
        let Some(outer) = outer.map(|outer| &mut own[outer]) else { continue };
        outer.authors -= all[place].authors;
        outer.times -= all[place].times;
        outer.marked -= all[place].marked;
        outer.headlines -= all[place].headlines;
        outer.text.weight -= all[place].text.weight.min(outer.text.weight);
        outer.text.linked -= all[place].text.linked.min(outer.text.linked);
        outer.text.marks -= all[place].text.marks.min(outer.text.marks);
    }
    own
}

/// Returns the share of a part's blocks, by weight, that were selected.
pub fn kept_share(scan: &Scan<'_>, judged: &Selection, parts: &[Range<usize>]) -> f64 {
    let (mut kept, mut all) = (0u64, 0u64);
    for part in parts {
        for at in blocks_of(scan, judged, part) {
            let weight = u64::from(judged.blocks[at].text.weight - judged.blocks[at].text.linked);
            all += weight;
            kept += if judged.kept[at] { weight } else { 0 };
        }
    }
    kept as f64 / all.max(1) as f64
}

/// Returns the blocks that begin in a range of entries.
pub fn blocks_of(scan: &Scan<'_>, judged: &Selection, part: &Range<usize>) -> Range<usize> {
    debug_assert!(part.end <= scan.entries.len());
    let begin = judged.blocks.partition_point(|block| block.first < part.start);
    let end = judged.blocks.partition_point(|block| block.first < part.end);
    begin..end.max(begin)
}
