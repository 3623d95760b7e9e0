//! Whether a page with posts on it is a thread, or an article, a shop or a list that readers wrote below.

use crate::extract::blocks::containers::FAR;
use crate::extract::blocks::names;
use crate::extract::hints::Hints;
use crate::extract::metadata::{THING, THREAD, WRITTEN};
use crate::extract::scan::Scan;
use crate::extract::selection::Selection;

use super::posts::{Posts, blocks_of, kept_share};
use super::{Post, Sight};

/// The share of the text that the posts of a page hold which says that it is a thread.
const TOLD: f64 = 0.4;

/// The same where the page does not say so.
const UNTOLD: f64 = 0.6;

/// Where nothing speaks of a forum, so much of the posts was chosen for the page's text.
const CHOSEN: f64 = 0.5;

/// What stands above comments and is no article is less than this share of them: the words to a link.
const TITLE: f64 = 0.2;

/// The same where the comments tell their authors as only threads do.
const HALF: f64 = 0.5;

/// Types of structured data that stand for a thread or a post of one.
const TYPES: [&str; 4] = ["DiscussionForumPosting", "QAPage", "Question", "Answer"];

/// Classes of what forums begin a thread with, or call its parts, where the names are theirs alone.
const FORUM: usize = 22;

/// The bit that says that a page answers questions of its own.
const QUESTIONS: u16 = 8;

/// So many entries of a post are looked at for what counts it.
const MOST: usize = 300;

/// What customers think of a thing.
const REVIEW: usize = 21;

/// Returns false for a page that is no thread whatever stands on it: it says that it is something else.
pub fn may_be_thread(scan: &Scan<'_>, judged: &Selection) -> bool {
    let is_else = judged.kinds & (THING | WRITTEN) != 0;
    !is_else || says_thread(judged) || (0..scan.entries.len()).any(|at| is_typed(scan, at))
}

fn says_thread(judged: &Selection) -> bool {
    judged.kinds & THREAD != 0 && judged.kinds & QUESTIONS == 0
}

/// Judges it by what the page says, how its parts are called, and how much of its text the posts are.
pub fn is_thread(sight: &Sight<'_, '_>, found: &Posts, posts: &[Post]) -> bool {
    let (scan, judged) = (sight.scan, sight.judged);
    let near = judged.containers.near(found.at[0]);
    let says = says_thread(judged) || has_type(scan, found);
    if posts.iter().filter(|post| !post.blocks.is_empty()).count() < 2 {
        return false;
    }
    if !says && (judged.kinds & (THING | WRITTEN) != 0 || near[REVIEW] < FAR) {
        return false;
    }
    let weights = Weights::of(sight, found, posts);
    if says {
        return weights.share() >= TOLD;
    }
    let bodies: Vec<_> = posts.iter().flat_map(|post| post.parts.iter().cloned()).collect();
    let chosen = kept_share(scan, judged, &bodies);
    if is_numbered(scan, found) || weights.share() >= UNTOLD && is_counted(scan, found) {
        return true;
    }
    let is_short_lead = |most: f64| weights.lead <= weights.told * most;
    // What is called comments stands below an article, unless next to nothing stands above it.
    if near[names::COMMENT] < FAR {
        let is_below = if found.is_told { !is_short_lead(HALF) } else { !is_short_lead(TITLE) || chosen < CHOSEN };
        return !is_below && weights.share() >= UNTOLD;
    }
    if found.is_told && (is_short_lead(2.0) || chosen >= CHOSEN) {
        return true;
    }
    let is_named = near[FORUM] < FAR && weights.most <= weights.told * HALF;
    weights.share() >= UNTOLD && (is_named || chosen >= CHOSEN && rest_chosen(sight, posts) >= CHOSEN)
}

/// The share that was chosen of all posts but the longest: where that is an article, the others are cards and comments.
fn rest_chosen(sight: &Sight<'_, '_>, posts: &[Post]) -> f64 {
    let longest = (0..posts.len()).max_by_key(|&at| Weights::post(sight, &posts[at]) as u64);
    let rest = posts.iter().enumerate().filter(|(at, _)| Some(*at) != longest);
    let bodies: Vec<_> = rest.flat_map(|(_, post)| post.parts.iter().cloned()).collect();
    kept_share(sight.scan, sight.judged, &bodies)
}

/// How much the posts of a page say, and the rest of what was chosen; links count nowhere.
struct Weights {
    /// In posts.
    told: f64,
    /// In the longest of them.
    most: f64,
    /// Outside of them.
    others: f64,
    /// The part of that which stands before the first.
    lead: f64,
}

impl Weights {
    fn of(sight: &Sight<'_, '_>, found: &Posts, posts: &[Post]) -> Self {
        let (scan, judged) = (sight.scan, sight.judged);
        let unlinked = |at: usize| unlinked(sight, at);
        let mut inside = vec![false; judged.blocks.len()];
        for (place, &at) in found.at.iter().enumerate() {
            if found.outer[place].is_none() {
                blocks_of(scan, judged, &(at..scan.entries[at].end)).for_each(|at| inside[at] = true);
            }
        }
        let outside = |at: &usize| judged.kept[*at] && !inside[*at];
        let before = |at: &usize| outside(at) && judged.blocks[*at].first < found.at[0];
        Self {
            told: posts.iter().map(|post| Self::post(sight, post)).sum(),
            most: posts.iter().map(|post| Self::post(sight, post)).fold(0.0, f64::max),
            others: (0..inside.len()).filter(outside).map(unlinked).sum(),
            lead: (0..inside.len()).filter(before).map(unlinked).sum(),
        }
    }

    /// In one post.
    fn post(sight: &Sight<'_, '_>, post: &Post) -> f64 {
        post.blocks.iter().map(|&at| unlinked(sight, at)).sum()
    }

    /// The share of the posts.
    fn share(&self) -> f64 {
        self.told / (self.told + self.others).max(1.0)
    }
}

fn unlinked(sight: &Sight<'_, '_>, at: usize) -> f64 {
    let text = &sight.judged.blocks[at].text;
    f64::from(text.weight - text.linked)
}

/// A part of the page is of such a type.
fn has_type(scan: &Scan<'_>, found: &Posts) -> bool {
    let end = found.at.last().map_or(0, |&last| last + 1);
    (0..end).any(|at| is_typed(scan, at))
}

/// Structured data calls the element a thread, or a post of one.
fn is_typed(scan: &Scan<'_>, at: usize) -> bool {
    let element = scan.element(at).filter(|_| scan.entries[at].hints.has(Hints::TYPED));
    let kind = element.and_then(|element| element.attr("itemtype"));
    kind.is_some_and(|kind| TYPES.contains(&kind.rsplit('/').next().unwrap_or_default()))
}

/// Each post holds an element whose id counts the posts of a forum, as vBulletin and Discuz write it.
fn is_counted(scan: &Scan<'_>, found: &Posts) -> bool {
    let is_id = |at: usize| {
        let id = scan.element(at).and_then(|element| element.attr("id")).unwrap_or_default();
        let number = ["post_message_", "postmessage_"].iter().find_map(|begin| id.strip_prefix(begin));
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    found.at.iter().all(|&at| (at..scan.entries[at].end.min(at + MOST)).any(is_id))
}

/// Posts with the depth of each in an attribute, as link sites write them.
fn is_numbered(scan: &Scan<'_>, found: &Posts) -> bool {
    let is_numbered = |&at: &usize| {
        let first = at..scan.entries[at].end.min(at + 8);
        first.filter_map(|at| scan.element(at)).any(|e| e.attr("indent").is_some() || e.attr("depth").is_some())
    };
    found.at.iter().all(is_numbered)
}
