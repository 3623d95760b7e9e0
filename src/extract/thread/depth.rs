//! Determines which post answers which: by numbers on the page, by the indentation of a post, or by nesting.

use std::collections::{BTreeMap, BTreeSet};

use crate::extract::scan::Scan;
use crate::html::Element;

/// Maximum depth; deeper answers are shown at this depth.
const DEEPEST: usize = 12;

/// Maximum number of elements between a post and its answer.
const REACH: usize = 80;

/// Attributes with the depth.
const NUMBERS: [&str; 5] = ["depth", "data-depth", "data-level", "data-indent", "indent"];

/// Prefixes of class names that end in the depth.
const LEVELS: [&str; 5] = ["depth-", "level-", "indent-", "comment-depth-", "reply-level-"];

/// Returns the depth of each post, from 0; `posts` are elements in page order.
pub fn of(scan: &Scan<'_>, posts: &[usize]) -> Vec<usize> {
    let numbered: Vec<Option<usize>> = posts.iter().map(|&at| read_near(scan, at, number)).collect();
    let depths = ranked(&numbered)
        .or_else(|| ranked(&posts.iter().map(|&at| read_near(scan, at, space)).collect::<Vec<_>>()))
        .unwrap_or_else(|| standing(scan, posts));
    // A step down counts as one, whatever its size.
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

/// Returns what `read` finds on a post or one of its first or nearest outer elements; None where it finds nothing.
fn read_near(scan: &Scan<'_>, post: usize, read: fn(&Element) -> Option<usize>) -> Option<usize> {
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

/// Returns the indentation in a post's style, in tenths of its unit.
fn space(element: &Element) -> Option<usize> {
    let style: String = element.attr("style")?.chars().filter(|c| !c.is_whitespace()).take(300).collect();
    let properties = ["margin-left:", "padding-left:", "margin-inline-start:", "padding-inline-start:"];
    let rest = properties.iter().find_map(|property| Some(&style[style.find(property)? + property.len()..]))?;
    let number: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    number.parse::<f64>().ok().map(|number| (number * 10.0) as usize).filter(|&space| space < 100_000)
}

/// Returns the numbers as steps from 0; None where they do not show the depth.
fn ranked(numbers: &[Option<usize>]) -> Option<Vec<usize>> {
    let known: BTreeSet<usize> = numbers.iter().flatten().copied().collect();
    let steps: BTreeMap<usize, usize> = known.iter().enumerate().map(|(step, &number)| (number, step)).collect();
    let all = numbers.iter().filter(|number| number.is_some()).count();
    // A few numbered posts among many without a number are marked for another reason.
    (known.len() >= 2 && known.len() <= 60 && all * 2 >= numbers.len()).then(|| {
        numbers.iter().map(|number| number.and_then(|number| steps.get(&number).copied()).unwrap_or(0)).collect()
    })
}

/// Returns the depths by nesting: a post answers another when it is inside it, or inside an element that the other
/// begins.
fn standing(scan: &Scan<'_>, posts: &[usize]) -> Vec<usize> {
    let mut deep: Vec<usize> = Vec::new();
    let mut depths: Vec<usize> = Vec::new();
    // The post that begins each element.
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
    // Where all later posts are in one list below the first, the list is the thread, not its answers.
    let first_holds = posts.first().is_some_and(|&first| posts.iter().skip(1).any(|&at| at < scan.entries[first].end));
    if depths.len() > 2 && !first_holds && depths.iter().skip(1).all(|&depth| depth > 0) {
        depths.iter_mut().skip(1).for_each(|depth| *depth -= 1);
    }
    depths
}

fn depth_in_page(scan: &Scan<'_>, at: usize) -> usize {
    std::iter::successors(Some(at), |&at| Some(scan.entries[at].parent).filter(|_| at > 0)).take(1000).count()
}

/// Returns true for a list, or an element with a class of answers.
fn is_answers(scan: &Scan<'_>, at: usize) -> bool {
    let Some(element) = scan.element(at) else { return false };
    let named = ["children", "child", "replies", "reply", "nested", "thread", "subcomments", "answers"];
    matches!(element.value().name(), "ul" | "ol" | "dl" | "blockquote")
        || super::names::has_word(element.value(), &named)
}
