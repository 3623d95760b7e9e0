//! The headline: as the page shows it, without the site's name.

use std::collections::BTreeSet;

use crate::html::text;
use crate::model::{Sourced, Step};

use super::collect::Clues;
use super::title_parts::{first_part, is_site, last_part, letters, without_site, words};
use super::{ARTICLE, LIST, SERVICE, WRITTEN, kept, step};
use super::{east, entities};

/// More headings than this are a list.
const MOST_HEADINGS: usize = 40;

/// What is known of a page before its title is looked for.
pub struct About<'k> {
    /// The names the site goes by.
    pub named: &'k [String],
    /// Those, and what its `<title>` ends with.
    pub sites: &'k [String],
    /// What sort of page it says it is.
    pub kinds: u16,
    /// It is a site's front page.
    pub is_front: bool,
}

/// The headline, and every candidate for the trace.
///
/// An article's heading is its title, however a search engine is told of it; the large line on a shop's or a service's
/// page is an advertisement, and its `<title>` says what the page is.
///
/// A site's front page is called by the site's name, which elsewhere is no part of a title.
pub fn find(clues: &Clues<'_>, about: &About<'_>, steps: &mut Vec<Step>) -> Option<Sourced<String>> {
    let About { named, sites, kinds, is_front } = *about;
    let headings = headings(clues, named);
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let claims = claims(clues);
    let is_article = kinds & ARTICLE != 0;
    let titled = clues.titled.iter().map(|(_, text)| without_site(&read(text), sites));
    let titled: Vec<String> = titled.filter(|text| east::is_eastern(text)).collect();
    let titled: Vec<&str> = titled.iter().map(String::as_str).collect();
    let shown = shown(&headings, &claims, sites, is_article).or_else(|| shown(&titled, &claims, sites, is_article));
    let front = || {
        let begins =
            |text: &str| first_part(text).is_some_and(|(head, tail)| is_site(head, named) && words(tail).len() > 1);
        let (source, whole) = claims.iter().find(|(_, text)| is_front && begins(text))?;
        Some(Sourced::new(whole.clone(), *source))
    };
    let reworded = || {
        let is_written = kinds & WRITTEN != 0;
        let own: Vec<&str> = headings.iter().copied().filter(|heading| !is_site(heading, sites)).collect();
        let alike = alike(&own, &claims).filter(|_| is_written || headings.len() == 1);
        let is_list = kinds & LIST != 0 && kinds & SERVICE == 0;
        alike.filter(|(heading, all)| is_article || is_list && *all || heading.chars().any(text::is_cjk))
    };
    let chosen = shown
        .map(|heading| (unlabelled(heading, &claims, sites), "the page says it elsewhere too"))
        .or_else(|| {
            let (heading, _) = reworded()?;
            Some((unlabelled(heading, &claims, sites), "the heading of what is called otherwise elsewhere"))
        })
        .or_else(|| Some((front()?, "a front page is called so, its site's name included")))
        .or_else(|| claimed(&claims, &headings, sites));
    let headings = headings.iter().map(|heading| ("h1", *heading));
    for (source, text) in claims.iter().map(|(source, text)| (*source, text.as_str())).chain(headings) {
        let why = chosen
            .as_ref()
            .filter(|(chosen, _)| chosen.source == source && letters(text).contains(&letters(&chosen.value)));
        steps.push(match why {
            Some((_, why)) => kept("title", source, why, text),
            None => step("title", source, text),
        });
    }
    chosen.map(|(chosen, _)| chosen)
}

/// Where no heading is the title: the best claim, and why it is.
fn claimed(
    claims: &[(&'static str, String)],
    headings: &[&str],
    sites: &[String],
) -> Option<(Sourced<String>, &'static str)> {
    let mut named = claims.iter().map(|(source, text)| Sourced::new(without_site(text, sites), *source));
    let named = named
        .find(|found| !found.value.is_empty() && !is_site(&found.value, sites))
        .filter(|found| !names_the_site_alone(found, headings));
    let heading = || Some((Sourced::new((*headings.first()?).to_owned(), "h1"), "nothing else names the page"));
    let site = || {
        let (source, text) = claims.first()?;
        Some((Sourced::new(text.clone(), *source), "the page is only called by its site's name"))
    };
    named.map(|found| (found, "the first that is more than the site's name")).or_else(heading).or_else(site)
}

/// What the page calls itself, best source first.
fn claims(clues: &Clues<'_>) -> Vec<(&'static str, String)> {
    let mut claims: Vec<(&'static str, String)> = Vec::new();
    let mut claim = |source: &'static str, text: Option<&str>| {
        if let Some(text) = text.map(read).filter(|text| !text.is_empty() && text.chars().count() <= 500) {
            claims.push((source, text));
        }
    };
    claim("og:title", clues.meta(&["og:title"]));
    claim("json-ld", clues.ld.headline.as_deref());
    claim("headline", clues.property("headline"));
    claim(
        "citation_title",
        clues.meta(&["citation_title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title"]),
    );
    claim("twitter:title", clues.meta(&["twitter:title"]));
    claim("title", clues.title.as_deref());
    claims
}

/// A title as it is meant: without references written twice, white space as one.
fn read(text: &str) -> String {
    text::collapse(&entities::decoded(text))
}

/// The page's `h1`s without the site's name after them, each text once; those beside the article only where there is no
/// other.
fn headings(clues: &Clues<'_>, sites: &[String]) -> Vec<String> {
    let texts = |beside: bool| {
        let wanted = clues.headings.iter().filter(move |(at, _)| clues.is_beside(*at) == beside);
        let mut texts: Vec<String> = Vec::new();
        for (_, text) in wanted {
            let text = read(text);
            let mut rest = text.as_str();
            while let Some((head, _)) = last_part(rest).filter(|(head, tail)| {
                is_site(tail, sites) || is_section(head, &rest[head.len()..rest.len() - tail.len()], tail)
            }) {
                rest = head.trim();
            }
            if !texts.iter().any(|text| text == rest) {
                texts.push(rest.to_owned());
            }
        }
        texts
    };
    let own = texts(false);
    if own.is_empty() { texts(true) } else { own }
}

/// A word or a few after an upright line at the end of a long heading name the section: Opinion, Patient Education.
fn is_section(head: &str, sign: &str, tail: &str) -> bool {
    let count = head.split_whitespace().count();
    let short = tail.split_whitespace().count();
    sign.trim() == "|" && (1..=4).contains(&short) && count >= 4.max(2 * short) && !tail.chars().any(text::is_cjk)
}

/// A heading without the label of a section or a day before it, where a claim is the rest of it; the claim's own
/// spelling otherwise stays out of it.
fn unlabelled(heading: &str, claims: &[(&str, String)], sites: &[String]) -> Sourced<String> {
    let whole = letters(heading);
    let rest = claims.iter().filter(|(source, _)| *source != "title").find_map(|(_, claim)| {
        let claim = letters(&without_site(claim, sites));
        let begins = heading.char_indices().filter(|(_, c)| c.is_alphanumeric());
        let count = claim.chars().count();
        if !whole.ends_with(&claim) || whole == claim || count * 2 < whole.chars().count() || count < 8 {
            return None;
        }
        begins.map(|(at, _)| &heading[at..]).find(|rest| letters(rest) == claim)
    });
    match rest {
        // A label stands apart, what precedes the rest ends a word, and a year alone belongs to the title.
        Some(rest)
            if heading[..heading.len() - rest.len()].contains(char::is_alphabetic)
                && heading[..heading.len() - rest.len()].ends_with(char::is_whitespace)
                && heading[..heading.len() - rest.len()].trim_end().ends_with(char::is_alphanumeric) =>
        {
            Sourced::new(rest.to_owned(), "h1")
        }
        _ => Sourced::new(heading.to_owned(), "h1"),
    }
}

/// A `<title>` of a word or two beside a heading of many is the name of a site that nothing else names.
fn names_the_site_alone(found: &Sourced<String>, headings: &[&str]) -> bool {
    let [heading] = headings else { return false };
    found.source == "title" && words(&found.value).len() <= 2 && words(heading).len() >= 4
}

/// The `h1` that the page's own claims repeat, in whole or with the site's name around it.
fn shown<'h>(headings: &[&'h str], claims: &[(&str, String)], sites: &[String], is_article: bool) -> Option<&'h str> {
    let begins = claims.iter().flat_map(|(_, claim)| beginnings(claim).into_iter().chain(before_brackets(claim)));
    // What a shop says of its things in a search engine stands after a colon.
    let topics = claims.iter().filter(|_| !is_article).filter_map(|(_, claim)| Some(claim.split_once(": ")?.0));
    let ends = claims.iter().filter(|(source, _)| *source != "json-ld");
    let ends = ends.flat_map(|(_, claim)| endings(claim, sites)).flat_map(beginnings);
    let wholes: BTreeSet<String> = begins.chain(topics).map(letters).collect();
    let ends: BTreeSet<String> = ends.map(letters).collect();
    let fits = |heading: &str, is_end: bool| {
        let bare = letters(heading);
        let weight = bare.chars().count();
        if is_site(heading, sites) {
            return false;
        }
        if !heading.chars().any(text::is_cjk) {
            return weight >= 2 && if is_end { ends.contains(&bare) } else { wholes.contains(&bare) };
        }
        weight >= 2
            && claims.iter().any(|(_, claim)| {
                let claim = letters(claim);
                // A section's name stands in a title too, but makes less than half of it.
                claim.contains(&bare)
                    && (claim.starts_with(&bare) || weight * 2 >= claim.chars().count())
                    && (weight * 3 >= claim.chars().count())
            })
    };
    let fitting = |is_end: bool| {
        let fitting = headings.iter().filter(|heading| heading.chars().count() <= 500 && fits(heading, is_end));
        fitting.copied().max_by_key(|heading| heading.chars().count())
    };
    fitting(false).or_else(|| fitting(true))
}

/// A claim as a whole, and what stands before each sign in it.
fn beginnings(claim: &str) -> Vec<&str> {
    let mut found = vec![claim];
    let mut rest = claim;
    while let Some((head, _)) = last_part(rest) {
        found.push(head);
        rest = head;
    }
    found
}

/// What stands after each of the first signs in a claim, where little stands before it: a section, a tag.
fn endings<'c>(claim: &'c str, sites: &[String]) -> Vec<&'c str> {
    let mut found = Vec::new();
    let mut rest = claim;
    for _ in 0..MOST_SECTIONS {
        let topic = rest.split_once(": ").filter(|(topic, _)| topic.split_whitespace().count() <= 2);
        let Some((head, tail)) = first_part(rest).into_iter().chain(topic).min_by_key(|(head, _)| head.len()) else {
            break;
        };
        let is_short = head.split_whitespace().count() <= 4 && text::weight(head) < text::weight(tail);
        // What stands after the site's name is the rest of what the page is called.
        if !is_short || words(tail).len() < 2 || is_site(head, sites) {
            break;
        }
        found.push(tail.trim());
        rest = tail.trim();
    }
    found
}

/// So many sections and tags stand before a headline.
const MOST_SECTIONS: usize = 3;

/// What stands before a last part in brackets: `sewing [Manual]`.
fn before_brackets(claim: &str) -> Option<&str> {
    let sign = match claim.chars().next_back()? {
        ']' => " [",
        ')' => " (",
        _ => return None,
    };
    claim.rsplit_once(sign).map(|(head, _)| head)
}

/// The `h1` that shares most words with what the page claims, and whether it shares them all: titles are reworded for
/// search engines. None when no heading, or more than one, has much in common with them.
fn alike<'h>(headings: &[&'h str], claims: &[(&str, String)]) -> Option<(&'h str, bool)> {
    let claimed: BTreeSet<String> = claims.iter().flat_map(|(_, claim)| words(claim)).collect();
    let mut fitting = headings.iter().take(MOST_HEADINGS).filter_map(|heading| {
        let words = words(heading);
        let shared = words.iter().filter(|word| claimed.contains(*word)).count();
        let fits = !claimed.is_empty() && shared * 5 >= words.len() * 2 && (2..=40).contains(&words.len());
        fits.then_some((*heading, shared == words.len()))
    });
    let first = fitting.next()?;
    (fitting.next().is_none()).then_some(first)
}

/// The names of site and section that stand at the end of a `<title>`.
pub fn site_parts(title: &str, sites: &[String]) -> Vec<String> {
    let rest = without_site(title, sites);
    let tail = title.trim().strip_prefix(&rest).unwrap_or_default();
    let parts = tail.split(['|', '｜', '_', '-', '–', '—', '·', '»', '－']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_heading_in_the_claims_is_no_part_of_it() {
        for (heading, claim) in [
            ("Searching", "searching [Talbote Documentation]"),
            (
                "A year in a tiny house (pros and cons)",
                "A year in a tiny house (pros and cons) (tiny house forum at Talbote)",
            ),
            ("Hiking Boots", "Hiking Boots: Shop Boots for Hiking & Backpacking | Talbote"),
        ] {
            assert_eq!(shown(&[heading], &[("title", claim.to_owned())], &[], false), Some(heading), "{claim}");
        }
        for claim in [
            "Opinion | The last binder of Talbote",
            "paste - The last binder of Talbote - Bookbinders Q&A",
            "News: The last binder of Talbote",
        ] {
            let claims = [("title", claim.to_owned())];
            assert_eq!(
                shown(&["The last binder of Talbote"], &claims, &[], true),
                Some("The last binder of Talbote"),
                "{claim}"
            );
        }
        let claims = [("title", "Index funds: how to invest".to_owned())];
        assert_eq!(shown(&["Index funds"], &claims, &[], true), None, "an article's subtitle is its own");
    }

    #[test]
    fn a_section_after_an_upright_line_is_told_from_a_part_of_the_headline() {
        assert!(is_section("How meditation improves physical health", " | ", "Opinion"));
        assert!(!is_section("Book review", " | ", "The Waves"));
        assert!(!is_section("Ten cameras under a thousand", " | ", "The best mirrorless cameras on the market"));
        assert!(!is_section("老城的装订铺", " | ", "晨钟网"));
    }

    #[test]
    fn the_heading_that_the_title_repeats_is_the_headline() {
        let claims = [("title", "老城的装订铺，要把手艺留在网上_晨钟网".to_owned())];
        assert_eq!(
            shown(&["晨钟网", "老城的装订铺，要把手艺留在网上"], &claims, &[], true),
            Some("老城的装订铺，要把手艺留在网上")
        );
        assert_eq!(shown(&["文化"], &claims, &[], true), None);
    }
}
