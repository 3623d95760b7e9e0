//! Which post answers which: by numbers that the page gives, by the space before a post, or by where it stands.

use std::collections::{BTreeMap, BTreeSet};

use crate::extract::scan::Scan;
use crate::html::Element;

/// Deeper answers stand as deep as this.
const DEEPEST: usize = 12;

/// No answer stands in more elements below the one that it answers.
const REACH: usize = 80;

/// Attributes that count depth.
const NUMBERS: [&str; 5] = ["depth", "data-depth", "data-level", "data-indent", "indent"];

/// Beginnings of class names that a number of the depth follows.
const LEVELS: [&str; 5] = ["depth-", "level-", "indent-", "comment-depth-", "reply-level-"];

/// The depth of each post, from 0; `posts` are elements in the order of the page.
pub fn of(scan: &Scan<'_>, posts: &[usize]) -> Vec<usize> {
    let numbered: Vec<Option<usize>> = posts.iter().map(|&at| told(scan, at, number)).collect();
    let depths = ranked(&numbered)
        .or_else(|| ranked(&posts.iter().map(|&at| told(scan, at, space)).collect::<Vec<_>>()))
        .unwrap_or_else(|| standing(scan, posts));
    // A step down is one step, whatever lies between.
    let mut open: Vec<usize> = Vec::new();
    let steps = depths.into_iter().map(|depth| {
        while open.last().is_some_and(|&last| last >= depth) {
            open.pop();
        }
        open.push(depth);
        (open.len() - 1).min(DEEPEST)
    });
    steps.collect()
}

/// What a post or one of its first elements tells.
fn told(scan: &Scan<'_>, post: usize, read: fn(&Element) -> Option<usize>) -> Option<usize> {
    let end = scan.entries[post].end.min(post + 10);
    let above = std::iter::successors(Some(post), |&at| Some(scan.entries[at].parent).filter(|_| at > 0)).take(3);
    let mut near = (post..end).chain(above.skip(1));
    near.find_map(|at| scan.element(at).and_then(|element| read(element.value())))
}

fn number(element: &Element) -> Option<usize> {
    let by_attribute = || NUMBERS.iter().find_map(|name| element.attr(name)?.trim().parse().ok());
    let classes = element.attr("class").unwrap_or_default();
    let by_class = || {
        let level = |class: &str| LEVELS.iter().find_map(|level| class.strip_prefix(level)?.parse().ok());
        classes.split_ascii_whitespace().find_map(level)
    };
    let by_space = || {
        let is_space = element.name() == "img" && element.attr("src").is_some_and(|src| src.ends_with("s.gif"));
        element.attr("width").filter(|_| is_space).and_then(|width| width.parse().ok())
    };
    by_attribute().or_else(by_class).or_else(by_space).filter(|&depth: &usize| depth < 10_000)
}

/// The space that a style puts before a post.
fn space(element: &Element) -> Option<usize> {
    let style: String = element.attr("style")?.chars().filter(|c| !c.is_whitespace()).take(300).collect();
    let properties = ["margin-left:", "padding-left:", "margin-inline-start:", "padding-inline-start:"];
    let rest = properties.iter().find_map(|property| Some(&style[style.find(property)? + property.len()..]))?;
    let number: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    number.parse::<f64>().ok().map(|number| (number * 10.0) as usize).filter(|&space| space < 100_000)
}

/// The numbers as steps from 0; None where they tell nothing.
fn ranked(told: &[Option<usize>]) -> Option<Vec<usize>> {
    let known: BTreeSet<usize> = told.iter().flatten().copied().collect();
    let steps: BTreeMap<usize, usize> = known.iter().enumerate().map(|(step, &number)| (number, step)).collect();
    let all = told.iter().filter(|number| number.is_some()).count();
    // A few that have a number among many that have none are set apart for another reason.
    (known.len() >= 2 && known.len() <= 60 && all * 2 >= told.len())
        .then(|| told.iter().map(|number| number.and_then(|number| steps.get(&number).copied()).unwrap_or(0)).collect())
}

/// A post answers another when it stands in it, or with it in a part of the page that the other began.
fn standing(scan: &Scan<'_>, posts: &[usize]) -> Vec<usize> {
    let mut deep: Vec<usize> = Vec::new();
    let mut depths: Vec<usize> = Vec::new();
    // The post that began each part.
    let mut began: BTreeMap<usize, usize> = BTreeMap::new();
    for (place, &post) in posts.iter().enumerate() {
        let chain: Vec<usize> =
            std::iter::successors(Some(post), |&at| Some(scan.entries[at].parent).filter(|_| at > 0))
                .take(REACH)
                .collect();
        deep.push(depth_in_page(scan, post));
        let mut in_list = false;
        let mut answered = None;
        for &at in &chain {
            if let Some(&first) = began.get(&at)
                && deep[first] < deep[place]
            {
                answered = (in_list || scan.entries[posts[first]].end > post).then_some(first);
                break;
            }
            in_list |= is_answers(scan, at) && at != post;
        }
        depths.push(answered.map_or(0, |first| depths[first] + 1));
        for at in chain {
            began.entry(at).or_insert(place);
        }
    }
    // Where all that follow stand in one list below the first, the list is the thread.
    let first_holds = posts.first().is_some_and(|&first| posts.iter().skip(1).any(|&at| at < scan.entries[first].end));
    if depths.len() > 2 && !first_holds && depths.iter().skip(1).all(|&depth| depth > 0) {
        depths.iter_mut().skip(1).for_each(|depth| *depth -= 1);
    }
    depths
}

fn depth_in_page(scan: &Scan<'_>, at: usize) -> usize {
    std::iter::successors(Some(at), |&at| Some(scan.entries[at].parent).filter(|_| at > 0)).take(1000).count()
}

/// A list, or a part that is called one of answers.
fn is_answers(scan: &Scan<'_>, at: usize) -> bool {
    let Some(element) = scan.element(at) else { return false };
    let named = ["children", "child", "replies", "reply", "nested", "thread", "subcomments", "answers"];
    matches!(element.value().name(), "ul" | "ol" | "dl" | "blockquote")
        || super::names::has_word(element.value(), &named)
}
