//! The posts of a page: parts that are alike, each with an author, mostly a time, and a text of its own.

use std::ops::Range;

use crate::extract::blocks::containers::heading_level;
use crate::extract::scan::{Scan, Text};
use crate::extract::selection::Selection;

use super::groups;
use super::marks::{self, Marks, Rank};
use super::names::{self, Told};

/// A post says as much at least (two Han characters).
const LEAST: usize = 5;

/// So many times are named in a post at most: of the post, of a change, of joining, of remarks on it.
const CROWDED: f64 = 24.0;

/// The same where two parts may as well be halves of a page.
const CROWDED_TWO: f64 = 4.0;

/// How the subject of an answer begins. Lower case.
const ANSWERS: [&str; 9] = ["re:", "re：", "aw:", "sv:", "回复:", "回复：", "回覆:", "返信:", "답글:"];

/// So many posts in one part of a page are the thread.
const INNER: usize = 3;

/// Two parts that are alike may be halves of a page; they count less than more.
const TWO: f64 = 0.8;

/// Parts that are alike, taken for the posts of a thread.
pub struct Posts {
    /// Their elements, in order; one may stand in another.
    pub at: Vec<usize>,
    /// The one that each stands in, by its place in `at`.
    pub outer: Vec<Option<usize>>,
    /// True where attributes of the posts themselves name their authors.
    pub is_told: bool,
}

/// What is in a part and in no other like it.
#[derive(Debug, Clone, Copy, Default)]
struct Own {
    authors: i64,
    times: i64,
    /// Those that elements mark which stand for nothing else.
    marked: i64,
    headlines: i64,
    text: Text,
}

/// The best group of posts between two entries; None where nothing repeats that somebody wrote.
pub fn find(scan: &Scan<'_>, marks: &Marks, within: Range<usize>, may_be: impl Fn(usize) -> bool) -> Option<Posts> {
    let headlines = headlines(scan);
    let mut all: Vec<Group> = Vec::new();
    for mut members in groups::of(scan, within.start, within.end) {
        members.retain(|&at| may_be(at));
        if members.len() >= 2 {
            all.extend(judge(scan, marks, &headlines, &members));
        }
    }
    // Of two that hold the same posts, the outer one.
    let order = |a: &Group, b: &Group| a.score.total_cmp(&b.score).then(b.posts.at[0].cmp(&a.posts.at[0]));
    let mut best = (0..all.len()).max_by(|&a, &b| order(&all[a], &all[b]).then(b.cmp(&a)))?;
    // Parts of which one holds the posts of another group are parts of the page.
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

/// A group that may be the posts, and how good it is.
struct Group {
    score: f64,
    posts: Posts,
    /// What the posts say, and the place of the one that says most with what it says.
    weight: usize,
    most: (usize, usize),
}

impl Group {
    /// The entries of a post that holds nearly everything.
    fn whole(&self, scan: &Scan<'_>) -> Option<Range<usize>> {
        let (weight, place) = self.most;
        let at = self.posts.at[place];
        (weight * 4 >= self.weight * 3).then(|| at + 1..scan.entries[at].end)
    }
}

/// How many headings that lead to other pages stand before each entry.
fn headlines(scan: &Scan<'_>) -> Vec<u32> {
    let mut sums = vec![0];
    let mut sum = 0;
    for at in 0..scan.entries.len() {
        sum += u32::from(leads_away(scan, at));
        sums.push(sum);
    }
    sums
}

/// A heading that is a link to a page, as a list of articles has them.
fn leads_away(scan: &Scan<'_>, at: usize) -> bool {
    if heading_level(scan.name(at)) == 0 {
        return false;
    }
    // The subject of an answer is that of the thread.
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

fn judge(scan: &Scan<'_>, marks: &Marks, headlines: &[u32], members: &[usize]) -> Option<Group> {
    let end = members.iter().map(|&at| scan.entries[at].end).max().unwrap_or_default();
    if marks::between(&marks.authors, members[0], end).len() < 2 {
        return None;
    }
    let outer = groups::outer(scan, members);
    let own = own(scan, marks, headlines, members, &outer);
    let is_post = |own: &Own| own.authors > 0 && own.text.weight.saturating_sub(own.text.linked) >= LEAST;
    let posts: Vec<&Own> = own.iter().filter(|own| is_post(own)).collect();
    let count = posts.len();
    let is_told = members.iter().filter(|&&at| is_told(scan, at)).count() * 2 > members.len();
    let timed = posts.iter().filter(|own| own.times > 0).count();
    let headed = posts.iter().filter(|own| own.headlines > 0).count();
    let spoken = posts.iter().filter(|own| own.text.marks > 0).count();
    let enough = count >= 2 && count * 10 >= members.len() * 7;
    if !enough || timed * 2 < count && !is_told || headed * 2 > count || spoken * 3 < count {
        return None;
    }
    let times: i64 = posts.iter().map(|own| own.marked).sum();
    let unlinked = |own: &&Own| own.text.weight - own.text.linked.min(own.text.weight);
    let weight: usize = posts.iter().map(unlinked).sum();
    let most = posts.iter().enumerate().map(|(place, own)| (unlinked(own), place)).max()?;
    // Parts that hold several posts each name several times.
    let bound = if count == 2 { CROWDED_TWO } else { CROWDED };
    let crowded = (times as f64 / count as f64 / bound).max(1.0);
    let score = weight as f64 * if count == 2 { TWO } else { 1.0 } / crowded;
    let kept: Vec<usize> = members.iter().zip(&own).filter(|(_, own)| is_post(own)).map(|(&at, _)| at).collect();
    let outer = groups::outer(scan, &kept);
    Some(Group { score, posts: Posts { at: kept, outer, is_told }, weight, most })
}

fn is_told(scan: &Scan<'_>, at: usize) -> bool {
    scan.element(at).is_some_and(|element| Told::of(element.value()).author().is_some())
}

fn own(scan: &Scan<'_>, marks: &Marks, headlines: &[u32], members: &[usize], outer: &[Option<usize>]) -> Vec<Own> {
    let whole = |at: usize| {
        let end = scan.entries[at].end;
        let times = marks::between(&marks.times, at, end);
        Own {
            authors: marks::between(&marks.authors, at, end).len() as i64,
            times: times.len() as i64,
            marked: times.iter().filter(|mark| mark.rank <= Rank::Name).count() as i64,
            headlines: i64::from(headlines[end] - headlines[at]),
            text: scan.text(at),
        }
    };
    let all: Vec<Own> = members.iter().map(|&at| whole(at)).collect();
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

/// The share of a part's blocks, by weight, that the choice has kept.
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

/// The blocks that begin in a range of entries.
pub fn blocks_of(scan: &Scan<'_>, judged: &Selection, part: &Range<usize>) -> Range<usize> {
    debug_assert!(part.end <= scan.entries.len());
    let begin = judged.blocks.partition_point(|block| block.first < part.start);
    let end = judged.blocks.partition_point(|block| block.first < part.end);
    begin..end.max(begin)
}
