//! How far the result can be trusted: warnings, and the confidence as one number.

mod stand_ins;
mod walls;

use super::scan::Scan;
use super::selection::Selection;
use crate::html::{Page, text};
use crate::model::{Warning, WarningKind};

use stand_ins::{STAND_INS, Seen, StandIn};
use walls::{NEEDS_SCRIPTS, NEXT_PAGE, WALLS, Wall};

/// An article of less text (130 Han characters, 400 letters) gets a warning.
const THIN: usize = 400;

/// Only shorter texts are searched for the phrases of walls; a longer text may mention them.
const SHORT: usize = 1500;

/// A selection with a lower expected F-measure gets a warning.
const UNSURE: f64 = 0.6;

/// When less text than this is kept of a page that scripts fill, it is not the article.
pub const SHELL: usize = 240;

/// How much of the kept text is searched for the words of pages that stand in the place of an article, in bytes and blocks.
const STAND_IN_PART: usize = 8 * 1024;
const STAND_IN_BLOCKS: usize = 60;

/// How much of it is its beginning, in characters.
const START: usize = 300;

/// The maximum weight of a block that is searched for the phrases of walls.
const WALL_PART: usize = 300;

/// Ids of the elements that scripts fill in.
const MOUNTS: [&str; 9] = ["root", "app", "__next", "__nuxt", "___gatsby", "q-app", "svelte", "react-root", "main-app"];

/// Returns the warnings about an extracted article with this title and weight of text.
pub fn warnings(page: &Page, scan: &Scan<'_>, selection: &Selection, title: &str, weight: usize) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if weight < THIN {
        warnings.push(Warning::new(
            WarningKind::Thin,
            "the article holds little text; check in a browser whether the page shows more",
        ));
    }
    if weight < SHORT {
        warnings.extend(walls(scan, selection, title, weight));
    }
    let stand_ins = stand_ins(scan, selection, title, weight);
    let known: Vec<WarningKind> = warnings.iter().map(|warning| warning.kind).collect();
    warnings.extend(stand_ins.into_iter().filter(|warning| !known.contains(&warning.kind)));
    if weight < THIN && scan.text(0).weight < 2 * THIN && holds_scripts(scan) {
        warnings.push(Warning::new(WarningKind::AppShell, "scripts fill this page in; save it from a browser"));
    }
    if linked_share(selection) > 0.5 {
        warnings
            .push(Warning::new(WarningKind::Listing, "most of the text is links: it looks like a list of articles"));
    }
    if has_next_page(page, scan) {
        warnings
            .push(Warning::new(WarningKind::Pagination, "the article continues on another page, which was not read"));
    }
    if selection.expected < UNSURE {
        warnings.push(Warning::new(WarningKind::Unsure, "it is not clear which parts of the page are the article"));
    }
    warnings
}

/// Returns the warnings that a wall hides the rest of a short article.
fn walls(scan: &Scan<'_>, selection: &Selection, title: &str, weight: usize) -> Vec<Warning> {
    let seen = short_texts(scan, selection) + &title.to_lowercase();
    let is_seen = |wall: &&Wall| {
        // A bar that asks for consent, and messages of scripts, stand around articles too.
        let is_around = matches!(wall.kind, WarningKind::ConsentWall | WarningKind::ErrorPage);
        (weight < THIN || !is_around) && wall.phrases.iter().any(|phrase| seen.contains(phrase))
    };
    WALLS.iter().filter(is_seen).map(|wall| Warning::new(wall.kind, wall.detail)).collect()
}

/// Returns the warnings that the page stands in the place of an article.
fn stand_ins(scan: &Scan<'_>, selection: &Selection, title: &str, weight: usize) -> Vec<Warning> {
    let title = straight(title);
    let may_be: Vec<&StandIn> =
        STAND_INS.iter().filter(|stand_in| weight < stand_ins::SHORT || stand_in.is_titled(&title)).collect();
    if may_be.is_empty() {
        return Vec::new();
    }
    let mut text = String::new();
    let kept = selection.blocks.iter().zip(&selection.kept).filter(|(_, kept)| **kept).map(|(block, _)| block);
    for block in kept.take(STAND_IN_BLOCKS) {
        text += &(straight(&block.words(scan)) + "\n");
        if text.len() > STAND_IN_PART {
            break;
        }
    }
    let start: String = text.chars().take(START).collect();
    let seen = Seen { title: &title, text: &text, start: &start, weight };
    let found = may_be.into_iter().filter(|stand_in| stand_in.is(&seen));
    found.map(|stand_in| Warning::new(stand_in.kind, stand_in.detail)).collect()
}

/// Returns a text in lower case with straight apostrophes.
fn straight(text: &str) -> String {
    text.to_lowercase().replace('’', "'")
}

/// Returns true for a page that scripts fill in a browser and that holds nothing but a frame around their content.
/// `weight` is that of the kept text.
pub fn is_shell(scan: &Scan<'_>, selection: &Selection, weight: usize) -> bool {
    if weight >= SHELL {
        return false;
    }
    let asks_for_scripts = || {
        let seen = short_texts(scan, selection);
        NEEDS_SCRIPTS.iter().any(|phrase| seen.contains(phrase))
    };
    is_empty_mount(scan) || asks_for_scripts() && scan.text(0).weight < THIN
}

/// Returns true when the element that scripts fill is empty.
fn is_empty_mount(scan: &Scan<'_>) -> bool {
    (0..scan.entries.len()).any(|at| {
        let id = scan.element(at).and_then(|element| element.attr("id")).unwrap_or_default();
        MOUNTS.contains(&id) && scan.text(at).weight == 0
    })
}

/// Returns the text of the page's shorter blocks, in lower case, one block per line.
fn short_texts(scan: &Scan<'_>, selection: &Selection) -> String {
    let short = selection.blocks.iter().filter(|block| (block.text.weight as usize) < WALL_PART);
    short.map(|block| block.words(scan).to_lowercase() + "\n").collect()
}

/// Returns the confidence, 0 to 1: the expected F-measure of the selection, lowered by each warning.
pub fn score(selection: &Selection, warnings: &[Warning]) -> f64 {
    let factor: f64 = warnings
        .iter()
        .map(|warning| match warning.kind {
            WarningKind::ErrorPage
            | WarningKind::AppShell
            | WarningKind::ConsentWall
            | WarningKind::BotCheck
            | WarningKind::Region
            | WarningKind::Removed
            | WarningKind::Maintenance
            | WarningKind::Parked => 0.3,
            WarningKind::Paywall | WarningKind::Login | WarningKind::Listing | WarningKind::Truncated => 0.5,
            WarningKind::Thin => 0.7,
            WarningKind::Pagination | WarningKind::Incomplete => 0.8,
            _ => 1.0,
        })
        .product();
    (selection.expected * factor * 1000.0).round() / 1000.0
}

fn linked_share(selection: &Selection) -> f64 {
    let kept = || selection.blocks.iter().zip(&selection.kept).filter(|(_, kept)| **kept).map(|(block, _)| block.text);
    let all: u32 = kept().map(|text| text.weight).sum();
    let linked: u32 = kept().map(|text| text.linked).sum();
    f64::from(linked) / f64::from(all.max(1))
}

fn holds_scripts(scan: &Scan<'_>) -> bool {
    (0..scan.entries.len()).filter(|&at| scan.name(at) == "script").take(3).count() == 3
}

/// Returns true when a link to the next page, by its text or `rel`, has a page number in the pattern of the page's own
/// URL. Lists have next pages too and get their own warning.
fn has_next_page(page: &Page, scan: &Scan<'_>) -> bool {
    let own = page.url.as_ref().map(|url| stem(url.path()).to_owned());
    (0..scan.entries.len()).any(|at| {
        let Some(link) = scan.element(at).filter(|_| matches!(scan.name(at), "a" | "link")) else { return false };
        let marked =
            link.attr("rel").is_some_and(|rel| rel.split_whitespace().any(|word| word.eq_ignore_ascii_case("next")));
        let named = || {
            let text: String = link.text().flat_map(str::chars).take(40).collect();
            NEXT_PAGE.contains(&text::collapse(&text).to_lowercase().as_str())
        };
        link.attr("href").is_some_and(|href| is_second_page(href, own.as_deref())) && (marked || named())
    })
}

/// Returns true for `…/binder/2`, `…_2.html` or `?page=2` of the page's own URL, where that is known.
fn is_second_page(href: &str, own: Option<&str>) -> bool {
    let path = href.split(['?', '#']).next().unwrap_or_default();
    let number = |text: &str| matches!(text, "2" | "3");
    let end = href.trim_end_matches('/').rsplit(['/', '?', '&', '_', '=', '-']).next().unwrap_or_default();
    if !number(end.split('.').next().unwrap_or_default()) {
        return false;
    }
    // A query or a file name alone belongs to the same page.
    let Some(own) = own.filter(|own| own.len() > 1 && path.contains('/')) else { return true };
    let path =
        path.find("://").and_then(|at| path[at + 3..].find('/').map(|slash| &path[at + 3 + slash..])).unwrap_or(path);
    stem(path).starts_with(own) || own.starts_with(stem(path))
}

/// Returns a path without its file extension and without a page number at its end.
fn stem(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".html").or(path.strip_suffix(".shtml")).or(path.strip_suffix(".htm")).unwrap_or(path);
    path.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(['_', '-', '/'])
}
