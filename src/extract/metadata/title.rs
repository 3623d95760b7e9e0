//! The headline: as the page shows it, without the site's name.

use std::collections::BTreeSet;

use crate::html::text;
use crate::model::{Sourced, Step};

use super::collect::Clues;
use super::step;

/// What parts a headline from the names of site and section, with the white space around it.
const SIGNS: &[&str] =
    &[" | ", " - ", " – ", " — ", " · ", " • ", " » ", " :: ", " / ", "｜", "|", "_", " _ ", "－", "—", "--", "-"];

/// How names of Chinese sites and sections end.
const SITE_ENDS: &[&str] = &[
    "网", "網", "报", "報", "新闻", "新聞", "频道", "頻道", "中心", "在线", "社", "台", "日报", "周刊", "专栏", "博客",
];

/// The headline, and every candidate for the trace.
///
/// An article's heading is its title, however a search engine is told of it; the large line on a shop's or a service's
/// page is an advertisement, and its `<title>` says what the page is.
pub fn find(clues: &Clues<'_>, sites: &[String], is_article: bool, steps: &mut Vec<Step>) -> Option<Sourced<String>> {
    let headings: Vec<&str> = clues.headings.iter().map(|(_, text)| text.as_str()).collect();
    let mut claims: Vec<(&str, String)> = Vec::new();
    let mut claim = |source: &'static str, text: Option<&str>| {
        if let Some(text) = text.map(text::collapse).filter(|text| !text.is_empty() && text.chars().count() <= 500) {
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
    let reworded = || alike(&headings, &claims).filter(|heading| is_article || heading.chars().any(text::is_cjk));
    let shown = shown(&headings, &claims, sites).or_else(reworded);
    let chosen = match shown {
        Some(heading) => Some(Sourced::new(heading.to_owned(), "h1")),
        None => claims
            .iter()
            .map(|(source, text)| Sourced::new(without_site(text, sites), *source))
            .find(|found| !found.value.is_empty() && !is_site(&found.value, sites))
            .or_else(|| headings.first().map(|heading| Sourced::new((*heading).to_owned(), "h1"))),
    };
    for (source, text) in
        claims.iter().map(|(source, text)| (*source, text.as_str())).chain(headings.iter().map(|h| ("h1", *h)))
    {
        let kept = chosen.as_ref().is_some_and(|chosen| chosen.source == source);
        steps.push(step("title", kept, source, text));
    }
    chosen
}

/// The `h1` that the page's own claims repeat, in whole or with the site's name around it.
fn shown<'h>(headings: &[&'h str], claims: &[(&str, String)], sites: &[String]) -> Option<&'h str> {
    let wholes: BTreeSet<String> = claims.iter().flat_map(|(_, claim)| beginnings(claim)).map(letters).collect();
    let fits = |heading: &str| {
        let bare = letters(heading);
        let weight = bare.chars().count();
        if is_site(heading, sites) {
            return false;
        }
        if !heading.chars().any(text::is_cjk) {
            return weight >= 2 && wholes.contains(&bare);
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
    let fitting = headings.iter().filter(|heading| heading.chars().count() <= 500 && fits(heading));
    fitting.copied().max_by_key(|heading| heading.chars().count())
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

/// The only `h1` of a page, when it shares words with what the page claims: titles are reworded for search engines.
fn alike<'h>(headings: &[&'h str], claims: &[(&str, String)]) -> Option<&'h str> {
    let &[heading] = headings else { return None };
    let claimed: BTreeSet<String> = claims.iter().flat_map(|(_, claim)| words(claim)).collect();
    let words = words(heading);
    let shared = words.iter().filter(|word| claimed.contains(*word)).count();
    (!claimed.is_empty() && shared * 5 >= words.len() * 2 && (2..=40).contains(&words.len())).then_some(heading)
}

/// Words in lower case; a Han character is a word.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars().flat_map(char::to_lowercase) {
        match words.last_mut() {
            Some(word) if c.is_alphanumeric() && !text::is_cjk(c) => word.push(c),
            _ if text::is_cjk(c) => words.extend([c.to_string(), String::new()]),
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The names of site and section that stand at the end of a `<title>`.
pub fn site_parts(title: &str, sites: &[String]) -> Vec<String> {
    let rest = without_site(title, sites);
    let tail = title.trim().strip_prefix(&rest).unwrap_or_default();
    let parts = tail.split(['|', '｜', '_', '-', '–', '—', '·', '»', '－']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Letters and digits in lower case: what is left when two spellings of one headline are compared.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A title without the names of site and section at its end, or its beginning.
fn without_site(title: &str, sites: &[String]) -> String {
    let mut rest = title.trim();
    for _ in 0..4 {
        let Some((head, tail)) = last_part(rest) else { break };
        if !names_site(tail, head, sites) {
            break;
        }
        rest = head.trim();
    }
    if let Some((head, tail)) = first_part(rest)
        && is_site(head, sites)
    {
        rest = tail.trim();
    }
    rest.to_owned()
}

fn last_part(text: &str) -> Option<(&str, &str)> {
    let parts = |sign: &'static str| {
        let at = text.rfind(sign)?;
        let (head, tail) = (&text[..at], &text[at + sign.len()..]);
        // Between letters of an alphabet, a hyphen joins one word.
        let joins = matches!(sign, "-" | "—" | "--") && !(ends_wide(head) || begins_wide(tail));
        (!joins).then_some((at, sign))
    };
    // The last sign of all; of several at one place the longest.
    let (at, sign) =
        SIGNS.iter().filter_map(|sign| parts(sign)).max_by_key(|(at, sign)| (at + sign.len(), sign.len()))?;
    let (head, tail) = (&text[..at], &text[at + sign.len()..]);
    (!head.trim().is_empty() && !tail.trim().is_empty()).then_some((head, tail))
}

fn first_part(text: &str) -> Option<(&str, &str)> {
    let found = SIGNS.iter().filter(|sign| **sign != "-").filter_map(|sign| Some((text.find(sign)?, *sign)));
    let (at, sign) = found.min_by_key(|(at, sign)| (*at, usize::MAX - sign.len()))?;
    Some((&text[..at], &text[at + sign.len()..]))
}

fn ends_wide(text: &str) -> bool {
    text.trim_end().chars().next_back().is_some_and(text::is_cjk)
}

fn begins_wide(text: &str) -> bool {
    text.trim_start().chars().next().is_some_and(text::is_cjk)
}

/// Whether the last part of a title names the site or a section of it.
fn names_site(part: &str, head: &str, sites: &[String]) -> bool {
    let part = part.trim();
    if is_site(part, sites) {
        return true;
    }
    let weight = text::weight(part);
    if begins_wide(part) || ends_wide(part) {
        return weight <= 30
            && (SITE_ENDS.iter().any(|end| part.ends_with(end)) || weight <= 12 && text::weight(head) > 2 * weight);
    }
    part.split_whitespace().count() <= 5 && weight <= 40
}

fn is_site(part: &str, sites: &[String]) -> bool {
    let part = letters(part);
    !part.is_empty()
        && sites.iter().map(|site| letters(site)).any(|site| {
            site == part || site.chars().count() > 3 && (part == format!("{site}com") || part == format!("the{site}"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(title: &str) -> String {
        without_site(title, &["晨钟网".to_owned(), "Example Times".to_owned()])
    }

    #[test]
    fn names_of_site_and_section_go() {
        for (title, headline) in [
            ("老城的装订铺_文化频道_晨钟网", "老城的装订铺"),
            ("老城的装订铺-晨钟网", "老城的装订铺"),
            ("老城的装订铺 | 晨钟网", "老城的装订铺"),
            ("晨钟网｜老城的装订铺", "老城的装订铺"),
            ("The last binder in the old town - Example Times", "The last binder in the old town"),
            (
                "Example Times: News | The last binder in the old town | Example Times",
                "Example Times: News | The last binder in the old town",
            ),
        ] {
            assert_eq!(bare(title), headline, "{title}");
        }
    }

    #[test]
    fn signs_inside_a_headline_stay() {
        for title in [
            "Self-taught binders",
            "COVID-19与图书馆",
            "1949—1956：图书馆的七年",
            "How to bind a book - and why you should never do it in a hurry",
        ] {
            assert_eq!(bare(title), title);
        }
    }

    #[test]
    fn the_heading_that_the_title_repeats_is_the_headline() {
        let claims = [("title", "老城的装订铺，要把手艺留在网上_晨钟网".to_owned())];
        assert_eq!(
            shown(&["晨钟网", "老城的装订铺，要把手艺留在网上"], &claims, &[]),
            Some("老城的装订铺，要把手艺留在网上")
        );
        assert_eq!(shown(&["文化"], &claims, &[]), None);
    }
}
