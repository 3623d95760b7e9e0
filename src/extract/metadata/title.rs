//! Finds the headline: as the page shows it, without the site's name.

use std::collections::BTreeSet;

use crate::html::text;
use crate::model::{Sourced, Step};

use super::collect::Clues;
use super::title_parts::{first_part, is_site, last_part, letters, without_site, words};
use super::{ARTICLE, LIST, SERVICE, WRITTEN, kept, step};
use super::{cjk_names, entities};

/// More headings than this are a list.
const MOST_HEADINGS: usize = 40;

/// What is known of a page before its title is read.
pub struct About<'k> {
    /// The site's names.
    pub named: &'k [String],
    /// Those, and the end of its `<title>`.
    pub sites: &'k [String],
    /// The page's declared kinds, as in `Findings::kinds`.
    pub kinds: u16,
    /// The page is a site's front page.
    pub is_front: bool,
}

/// Returns the headline, and adds every candidate to the trace; None where nothing names the page.
///
/// An article's heading is its title, even where search engines get another one. The large line on a shop's or a
/// service's page is an advertisement, and its `<title>` says what the page is.
///
/// A front page's title keeps the site's name; other titles drop it.
pub fn find(clues: &Clues<'_>, about: &About<'_>, steps: &mut Vec<Step>) -> Option<Sourced<String>> {
    let About { named, sites, kinds, is_front } = *about;
    let headings = headings(clues, named);
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let claims = claims(clues);
    let is_article = kinds & ARTICLE != 0;
    let titled = clues.titled.iter().map(|(_, text)| without_site(&read(text), sites));
    let titled: Vec<String> = titled.filter(|text| cjk_names::has_cjk(text)).collect();
    let titled: Vec<&str> = titled.iter().map(String::as_str).collect();
    let shown = shown(&headings, &claims, about).or_else(|| shown(&titled, &claims, about));
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
        .map(|heading| (unlabelled(heading, &claims, sites), "the page declares the same title"))
        .or_else(|| {
            let (heading, _) = reworded()?;
            Some((unlabelled(heading, &claims, sites), "the heading, which other titles of the page reword"))
        })
        .or_else(|| Some((front()?, "a front page's title keeps the site's name")))
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

/// Returns the best declared title and why it was chosen, where no heading is the title.
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
        Some((Sourced::new(text.clone(), *source), "the page declares only its site's name"))
    };
    named.map(|found| (found, "the first that is more than the site's name")).or_else(heading).or_else(site)
}

/// The source of a headline in structured data.
const JSON_LD: &str = "json-ld";

/// The source of the page's `<title>`.
const TITLE: &str = "title";

/// Returns the page's declared titles, best source first.
fn claims(clues: &Clues<'_>) -> Vec<(&'static str, String)> {
    let mut claims: Vec<(&'static str, String)> = Vec::new();
    let mut claim = |source: &'static str, text: Option<&str>| {
        if let Some(text) = text.map(read).filter(|text| !text.is_empty() && text.chars().count() <= 500) {
            claims.push((source, text));
        }
    };
    claim("og:title", clues.meta(&["og:title"]));
    claim(JSON_LD, clues.ld.headline.as_deref());
    claim("headline", clues.property("headline"));
    claim(
        "citation_title",
        clues.meta(&["citation_title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title"]),
    );
    claim("twitter:title", clues.meta(&["twitter:title"]));
    claim(TITLE, clues.title.as_deref());
    for (_, text) in &mut claims {
        *text = without_counter(text).to_owned();
    }
    claims
}

/// Returns a title without the number of unread messages that a script writes before it: `(3) Title`, `(99+) Title`,
/// `（2 封私信 / 8 条消息）Title`. A number of three digits belongs to the title.
fn without_counter(title: &str) -> &str {
    let pairs = [('(', ')'), ('（', '）'), ('[', ']'), ('【', '】')];
    let found = pairs.into_iter().find_map(|(open, close)| title.strip_prefix(open)?.split_once(close));
    let Some((inside, rest)) = found else { return title };
    let words = ["封私信", "条消息", "條訊息", "条未读", "unread", "messages", "new"];
    let is_digit = |c: char| c.is_ascii_digit();
    let counts = inside.split(['/', ' ', '+', '·']).filter(|part| !part.is_empty()).all(|part| {
        let number = part.trim_end_matches(|c: char| !is_digit(c));
        let word = part[number.len()..].trim();
        number.len() <= 2 && number.chars().all(is_digit) && (word.is_empty() || words.contains(&word))
    });
    let rest = rest.trim_start();
    if counts && inside.contains(is_digit) && !rest.is_empty() { rest } else { title }
}

/// Decodes references escaped twice and collapses white space.
fn read(text: &str) -> String {
    text::collapse(&entities::decoded(text))
}

/// Returns the page's `h1`s without the site's name after them, each text once; those outside the article only where
/// there are no others.
fn headings(clues: &Clues<'_>, sites: &[String]) -> Vec<String> {
    let texts = |outside: bool| {
        let wanted = clues.headings.iter().filter(move |(at, _)| clues.is_outside(*at) == outside);
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

/// Returns true where a few words after a vertical bar at the end of a long heading name the section: Opinion, Patient
/// Education.
fn is_section(head: &str, sign: &str, tail: &str) -> bool {
    let count = head.split_whitespace().count();
    let short = tail.split_whitespace().count();
    sign.trim() == "|" && (1..=4).contains(&short) && count >= 4.max(2 * short) && !tail.chars().any(text::is_cjk)
}

/// Returns a heading without a section label or a day before it, where a declared title equals the rest. The heading's
/// own spelling is kept.
fn unlabelled(heading: &str, claims: &[(&str, String)], sites: &[String]) -> Sourced<String> {
    let whole = letters(heading);
    let rest = claims.iter().filter(|(source, _)| *source != TITLE).find_map(|(_, claim)| {
        let claim = letters(&without_site(claim, sites));
        let begins = heading.char_indices().filter(|(_, c)| c.is_alphanumeric());
        let count = claim.chars().count();
        if !whole.ends_with(&claim) || whole == claim || count * 2 < whole.chars().count() || count < 8 {
            return None;
        }
        begins.map(|(at, _)| &heading[at..]).find(|rest| letters(rest) == claim)
    });
    match rest {
        // A label is separated by a space, ends with a word, and has a letter: a year alone belongs to the title.
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

/// Returns true for a `<title>` of one or two words beside a single longer heading: it names the site.
fn names_the_site_alone(found: &Sourced<String>, headings: &[&str]) -> bool {
    let [heading] = headings else { return false };
    found.source == TITLE && words(&found.value).len() <= 2 && words(heading).len() >= 4
}

/// Returns the `h1` that a declared title repeats, alone or with the site's name around it; None where there is none.
fn shown<'h>(headings: &[&'h str], claims: &[(&str, String)], about: &About<'_>) -> Option<&'h str> {
    let (sites, is_article) = (about.sites, about.kinds & ARTICLE != 0);
    let begins = claims.iter().flat_map(|(_, claim)| beginnings(claim).into_iter().chain(before_brackets(claim)));
    // After a colon comes what a shop adds for search engines.
    let topics = claims.iter().filter(|_| !is_article).filter_map(|(_, claim)| Some(claim.split_once(": ")?.0));
    let ends = claims.iter().filter(|(source, _)| *source != JSON_LD);
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
                // A section's name is in a title too, but makes up less than half of it.
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

/// Returns a declared title, and the text before each separator in it.
fn beginnings(claim: &str) -> Vec<&str> {
    let mut found = vec![claim];
    let mut rest = claim;
    while let Some((head, _)) = last_part(rest) {
        found.push(head);
        rest = head;
    }
    found
}

/// Returns the text after each of the first separators in a title, where only a section or a tag precedes it.
fn endings<'c>(claim: &'c str, sites: &[String]) -> Vec<&'c str> {
    let mut found = Vec::new();
    let mut rest = claim;
    for _ in 0..MOST_SECTIONS {
        let topic = rest.split_once(": ").filter(|(topic, _)| topic.split_whitespace().count() <= 2);
        let Some((head, tail)) = first_part(rest).into_iter().chain(topic).min_by_key(|(head, _)| head.len()) else {
            break;
        };
        let is_short = head.split_whitespace().count() <= 4 && text::weight(head) < text::weight(tail);
        // After the site's name comes the rest of the page's title.
        if !is_short || words(tail).len() < 2 || is_site(head, sites) {
            break;
        }
        found.push(tail.trim());
        rest = tail.trim();
    }
    found
}

/// Maximum number of sections and tags before a headline.
const MOST_SECTIONS: usize = 3;

/// Returns the text before a last part in brackets: `sewing [Manual]`.
fn before_brackets(claim: &str) -> Option<&str> {
    let sign = match claim.chars().next_back()? {
        ']' => " [",
        ')' => " (",
        _ => return None,
    };
    claim.rsplit_once(sign).map(|(head, _)| head)
}

/// Returns the `h1` that shares many words with the declared titles, which are reworded for search engines, and whether
/// they share all of its words. None when no heading, or more than one, does.
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

/// Returns the names of site and section at the end of a `<title>`.
pub fn site_parts(title: &str, sites: &[String]) -> Vec<String> {
    let rest = without_site(title, sites);
    let tail = title.trim().strip_prefix(&rest).unwrap_or_default();
    let parts = tail.split(['|', '｜', '_', '-', '–', '—', '·', '»', '－']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_kinds(kinds: u16) -> About<'static> {
        About { named: &[], sites: &[], kinds, is_front: false }
    }

    #[test]
    fn a_counter_of_messages_is_not_part_of_a_title() {
        for (title, plain) in [
            ("(3) The ropewalk", "The ropewalk"),
            ("(99+) The ropewalk", "The ropewalk"),
            ("（2 封私信 / 8 条消息）绳厂", "绳厂"),
            ("[1] The ropewalk", "The ropewalk"),
            ("(500) Days of Summer", "(500) Days of Summer"),
            ("(Not) a ropewalk", "(Not) a ropewalk"),
            ("(3)", "(3)"),
        ] {
            assert_eq!(without_counter(title), plain);
        }
    }

    #[test]
    fn text_around_the_heading_in_declared_titles_is_dropped() {
        for (heading, claim) in [
            ("Searching", "searching [Talbote Documentation]"),
            (
                "A year in a tiny house (pros and cons)",
                "A year in a tiny house (pros and cons) (tiny house forum at Talbote)",
            ),
            ("Hiking Boots", "Hiking Boots: Shop Boots for Hiking & Backpacking | Talbote"),
        ] {
            assert_eq!(shown(&[heading], &[("title", claim.to_owned())], &of_kinds(0)), Some(heading), "{claim}");
        }
        for claim in [
            "Opinion | The last binder of Talbote",
            "paste - The last binder of Talbote - Bookbinders Q&A",
            "News: The last binder of Talbote",
        ] {
            let claims = [("title", claim.to_owned())];
            assert_eq!(
                shown(&["The last binder of Talbote"], &claims, &of_kinds(ARTICLE)),
                Some("The last binder of Talbote"),
                "{claim}"
            );
        }
        let claims = [("title", "Index funds: how to invest".to_owned())];
        assert_eq!(shown(&["Index funds"], &claims, &of_kinds(ARTICLE)), None, "an article's subtitle is its own");
    }

    #[test]
    fn a_section_after_a_vertical_bar_is_distinguished_from_the_headline() {
        assert!(is_section("How meditation improves physical health", " | ", "Opinion"));
        assert!(!is_section("Book review", " | ", "The Waves"));
        assert!(!is_section("Ten cameras under a thousand", " | ", "The best mirrorless cameras on the market"));
        assert!(!is_section("老城的装订铺", " | ", "晨钟网"));
    }

    #[test]
    fn the_heading_that_the_title_repeats_is_the_headline() {
        let claims = [("title", "老城的装订铺，要把手艺留在网上_晨钟网".to_owned())];
        assert_eq!(
            shown(&["晨钟网", "老城的装订铺，要把手艺留在网上"], &claims, &of_kinds(ARTICLE)),
            Some("老城的装订铺，要把手艺留在网上")
        );
        assert_eq!(shown(&["文化"], &claims, &of_kinds(ARTICLE)), None);
    }
}
