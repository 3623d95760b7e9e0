//! Decides whether a page with posts is a thread, or an article, a shop or a list with readers' comments.

use crate::extract::blocks::containers::FAR;
use crate::extract::blocks::names;
use crate::extract::hints::Hints;
use crate::extract::metadata::{THING, THREAD, WRITTEN};
use crate::extract::scan::Scan;
use crate::extract::selection::Selection;

use super::posts::{Posts, blocks_of, kept_share};
use super::{Context, Post};

/// Minimum share of the page's text in posts, where the page declares itself a thread.
const DECLARED_SHARE: f64 = 0.4;

/// The same where the page does not declare it.
const UNDECLARED_SHARE: f64 = 0.6;

/// Minimum share of the posts that was selected as the page's text, where nothing indicates a forum.
const CHOSEN: f64 = 0.5;

/// Maximum share of the text above comments, relative to them, that is not an article but the words to a link.
const TITLE: f64 = 0.2;

/// The same where the comments name their authors as only threads do.
const HALF: f64 = 0.5;

/// Types of structured data for a thread or a post of one.
const TYPES: [&str; 4] = ["DiscussionForumPosting", "QAPage", "Question", "Answer"];

/// Classes of the first post or of parts that only forums use.
const FORUM: usize = 22;

/// The bit of a page with questions and answers of its own.
const QUESTIONS: u16 = 8;

/// How many entries of a post are searched for its number.
const MOST: usize = 300;

/// Classes of customer reviews.
const REVIEW: usize = 21;

/// Returns false for a page that declares itself something other than a thread.
pub fn may_be_thread(scan: &Scan<'_>, judged: &Selection) -> bool {
    let is_else = judged.kinds & (THING | WRITTEN) != 0;
    !is_else || says_thread(judged) || (0..scan.entries.len()).any(|at| is_typed(scan, at))
}

fn says_thread(judged: &Selection) -> bool {
    judged.kinds & THREAD != 0 && judged.kinds & QUESTIONS == 0
}

/// Returns true for a thread: by what the page declares, its class names, and the share of its text in posts.
pub fn is_thread(context: &Context<'_, '_>, found: &Posts, posts: &[Post]) -> bool {
    let (scan, judged) = (context.scan, context.judged);
    let near = judged.containers.near(found.at[0]);
    let says = says_thread(judged) || has_type(scan, found);
    if posts.iter().filter(|post| !post.blocks.is_empty()).count() < 2 {
        return false;
    }
    if !says && (judged.kinds & (THING | WRITTEN) != 0 || near[REVIEW] < FAR) {
        return false;
    }
    let weights = Weights::of(context, found, posts);
    if says {
        return weights.share() >= DECLARED_SHARE;
    }
    let bodies: Vec<_> = posts.iter().flat_map(|post| post.parts.iter().cloned()).collect();
    let chosen = kept_share(scan, judged, &bodies);
    if is_numbered(scan, found) || weights.share() >= UNDECLARED_SHARE && is_counted(scan, found) {
        return true;
    }
    let is_short_lead = |most: f64| weights.lead <= weights.posts_weight * most;
    // Comments are below an article, unless next to nothing is above them.
    if near[names::COMMENT] < FAR {
        let is_below =
            if found.has_author_attributes { !is_short_lead(HALF) } else { !is_short_lead(TITLE) || chosen < CHOSEN };
        return !is_below && weights.share() >= UNDECLARED_SHARE;
    }
    if found.has_author_attributes && (is_short_lead(2.0) || chosen >= CHOSEN) {
        return true;
    }
    let is_named = near[FORUM] < FAR && weights.most <= weights.posts_weight * HALF;
    weights.share() >= UNDECLARED_SHARE && (is_named || chosen >= CHOSEN && rest_chosen(context, posts) >= CHOSEN)
}

/// Returns the selected share of all posts but the longest: where that is an article, the others are cards and
/// comments.
fn rest_chosen(context: &Context<'_, '_>, posts: &[Post]) -> f64 {
    let longest = (0..posts.len()).max_by_key(|&at| Weights::post(context, &posts[at]) as u64);
    let rest = posts.iter().enumerate().filter(|(at, _)| Some(*at) != longest);
    let bodies: Vec<_> = rest.flat_map(|(_, post)| post.parts.iter().cloned()).collect();
    kept_share(context.scan, context.judged, &bodies)
}

/// The weight of the text in the posts, and of the other selected text; links do not count.
struct Weights {
    /// In posts.
    posts_weight: f64,
    /// In the longest post.
    most: f64,
    /// Outside the posts.
    others: f64,
    /// Outside the posts and before the first one.
    lead: f64,
}

impl Weights {
    fn of(context: &Context<'_, '_>, found: &Posts, posts: &[Post]) -> Self {
        let (scan, judged) = (context.scan, context.judged);
        let unlinked = |at: usize| unlinked(context, at);
        let mut inside = vec![false; judged.blocks.len()];
        for (place, &at) in found.at.iter().enumerate() {
            if found.outer[place].is_none() {
                blocks_of(scan, judged, &(at..scan.entries[at].end)).for_each(|at| inside[at] = true);
            }
        }
        let outside = |at: &usize| judged.kept[*at] && !inside[*at];
        let before = |at: &usize| outside(at) && judged.blocks[*at].first < found.at[0];
        Self {
            posts_weight: posts.iter().map(|post| Self::post(context, post)).sum(),
            most: posts.iter().map(|post| Self::post(context, post)).fold(0.0, f64::max),
            others: (0..inside.len()).filter(outside).map(unlinked).sum(),
            lead: (0..inside.len()).filter(before).map(unlinked).sum(),
        }
    }

    /// Returns the weight of one post.
    fn post(context: &Context<'_, '_>, post: &Post) -> f64 {
        post.blocks.iter().map(|&at| unlinked(context, at)).sum()
    }

    /// Returns the share of the posts.
    fn share(&self) -> f64 {
        self.posts_weight / (self.posts_weight + self.others).max(1.0)
    }
}

fn unlinked(context: &Context<'_, '_>, at: usize) -> f64 {
    let text = &context.judged.blocks[at].text;
    f64::from(text.weight - text.linked)
}

/// Returns true where an element of the thread has one of [`TYPES`].
fn has_type(scan: &Scan<'_>, found: &Posts) -> bool {
    let end = found.at.last().map_or(0, |&last| last + 1);
    (0..end).any(|at| is_typed(scan, at))
}

/// Returns true where structured data declares the element a thread, or a post of one.
fn is_typed(scan: &Scan<'_>, at: usize) -> bool {
    let element = scan.element(at).filter(|_| scan.entries[at].hints.has(Hints::TYPED));
    let kind = element.and_then(|element| element.attr("itemtype"));
    kind.is_some_and(|kind| TYPES.contains(&kind.rsplit('/').next().unwrap_or_default()))
}

/// Returns true where each post holds an element whose id numbers a forum's posts, as vBulletin and Discuz write it.
fn is_counted(scan: &Scan<'_>, found: &Posts) -> bool {
    let is_id = |at: usize| {
        let id = scan.element(at).and_then(|element| element.attr("id")).unwrap_or_default();
        let number = ["post_message_", "postmessage_"].iter().find_map(|begin| id.strip_prefix(begin));
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    found.at.iter().all(|&at| (at..scan.entries[at].end.min(at + MOST)).any(is_id))
}

/// Returns true for posts with their depth in an attribute, as link aggregators write them.
fn is_numbered(scan: &Scan<'_>, found: &Posts) -> bool {
    let is_numbered = |&at: &usize| {
        let first = at..scan.entries[at].end.min(at + 8);
        first.filter_map(|at| scan.element(at)).any(|e| e.attr("indent").is_some() || e.attr("depth").is_some())
    };
    found.at.iter().all(is_numbered)
}
