//! Reads a page's metadata: from JSON-LD, OpenGraph, Dublin Core, microdata, `<meta>`, `<time>` and the visible text
//! near the headline.

mod accounts;
mod author_words;
mod authors;
mod byline;
mod cjk_names;
mod cjk_words;
mod collect;
mod date_order;
mod date_words;
mod dates;
mod element_names;
mod entities;
mod headline;
mod jsonld;
mod language;
mod languages;
mod latin_names;
mod outside;
mod people;
mod published;
mod ranges;
mod series;
mod tags;
mod title;
mod title_parts;
mod zone;

use url::Url;

use crate::html::{Page, resolve_link, text};
use crate::model::{Metadata, PageDate, Sourced, Step, Warning};

use super::scan::Scan;
use collect::Clues;

pub(super) use date_words::is_of_something_else;
pub(super) use dates::{Order, first as first_date};

/// The bits of [`Findings::kinds`] of an article.
const ARTICLE: u16 = 64 | 128;

/// Returns the first complete date in a text, in any form that pages write. Without an offset only the day is known.
pub fn written_date(text: &str) -> Option<PageDate> {
    dates::first(text, Order::Unknown).map(|date| zone::Zone::Unknown.apply(date))
}

/// The bits of a product, a list of things, or a service.
pub const THING: u16 = 1 | 2 | 32 | 256;

/// The bit of an article in structured data: for social networks, many sites declare every page an article.
pub const WRITTEN: u16 = 64;

/// The bit of a business, a service, a program.
const SERVICE: u16 = 32;

/// The bits of a product.
pub const PRODUCT: u16 = 1 | 256;

/// The bits of a product or a list of things.
const LIST: u16 = 1 | 2 | 256;

/// The bit of a forum's thread.
pub const THREAD: u16 = 4;

/// No value is read beyond this length, in characters.
const LONGEST_VALUE: usize = 1000;

/// A page with at least this many author lines is a list of articles.
const MANY_AUTHORS: usize = 10;

/// Everything read of a page's metadata.
pub struct Findings {
    /// The page's metadata.
    pub metadata: Metadata,
    /// Assumptions made on the way.
    pub warnings: Vec<Warning>,
    /// Every candidate, for the trace.
    pub candidates: Vec<Step>,
    /// The article's text in structured data; None where there is none.
    pub body: Option<String>,
    /// The page's host, fetched or declared; empty where neither is known.
    pub host: String,
    /// The page's declared kinds, one bit each: types of JSON-LD objects, then `og:type` article and product.
    pub kinds: u16,
    /// The longest description, where the page declares that it is an article or when it was published; None otherwise.
    pub excerpt: Option<String>,
}

/// Reads a page's metadata in one pass over the page.
pub fn find(page: &Page, scan: &Scan<'_>) -> Findings {
    let clues = Clues::of(page, scan);
    let mut steps = Vec::new();
    let site = site(&clues);
    let named = site_names(page, &clues, site.as_ref());
    let mut sites = named.clone();
    sites.extend(clues.title.as_deref().map(|title| title::site_parts(title, &sites)).unwrap_or_default());
    let kinds = clues.ld.kinds
        | match clues.meta(&["og:type"]) {
            Some(kind) if kind.contains("article") => 128,
            Some(kind) if kind.contains("product") => 256,
            _ => 0,
        };
    let is_article = kinds & ARTICLE != 0;
    let is_front = is_front(page, &clues);
    let title = title::find(&clues, &title::About { named: &named, sites: &sites, kinds, is_front }, &mut steps);
    let headline = title.as_ref().and_then(|title| headline::place(&clues, &title.value));
    // Where the title is reworded for search engines, the article begins at the page's own heading.
    let own = clues.headings.iter().filter(|(at, text)| !clues.is_outside(*at) && !title_parts::is_site(text, &named));
    let mut headings = own.map(|(at, _)| *at);
    let first_heading = headings.next();
    let only_heading = first_heading.filter(|_| headings.next().is_none());
    let head = only_heading.or(headline).or(first_heading);
    // Shops that declare every page an article date none of them; a front page has no date of its own.
    let is_published = clues.meta(&["article:published_time"]).is_some();
    let is_dated = is_article && kinds & PRODUCT == 0 && is_published;
    // A business describes itself on all its pages; that does not make its blog's pages about the business.
    let own_kinds = if is_blog(page, &clues) { kinds & !SERVICE } else { kinds };
    let is_thing = !is_dated && (is_front || own_kinds & (WRITTEN | THREAD) == 0 && own_kinds & THING != 0);
    let near = near(&clues, head);
    let about = authors::About {
        headline,
        kinds,
        is_list: is_thing || !is_article && kinds & THREAD == 0 && clues.signed() >= MANY_AUTHORS,
        signature: if is_thing { None } else { byline::beside_date(&near, &sites) },
        near: &near,
    };
    let authors = authors::find(&clues, &sites, &about, &mut steps);
    let language = language::find(page, &clues);
    let tag = language.as_ref().map(|language| language.value.as_str());
    let about = published::About {
        headline: head.or_else(|| headline::reworded(&clues, &title.as_ref()?.value)),
        is_thing,
        is_article,
        is_thread: kinds & THREAD != 0 && !is_article,
    };
    let dates = published::find(page, &clues, tag, &about, &mut steps);
    let title_text = title.as_ref().map_or("", |title| title.value.as_str());
    let metadata = Metadata {
        description: description(&clues, title_text),
        tags: tags::find(&clues, title_text),
        lead_image: lead_image(page, &clues),
        canonical: canonical(page, &clues),
        rights: licence(page, &clues),
        title,
        authors,
        published: dates.published,
        modified: dates.modified,
        site,
        language,
        ..Metadata::default()
    };
    add_steps(&metadata, &mut steps);
    let host = page.url.as_ref().and_then(Url::host_str).map(str::to_owned).or_else(|| claimed_host(&clues));
    let host = host.unwrap_or_default();
    let excerpt = descriptions(&clues).filter(|_| is_article || is_published).map(|(_, text)| text);
    let excerpt = excerpt.max_by_key(|text| text::weight(text));
    Findings { metadata, warnings: dates.warnings, candidates: steps, excerpt, body: clues.ld.body, host, kinds }
}

/// Returns true where every fetched or declared URL of the page is that of a site's front page. A page that scripts
/// fill in can declare the front page's URL on all pages.
fn is_front(page: &Page, clues: &Clues<'_>) -> bool {
    let claimed = [clues.canonical, clues.meta(&["og:url"])].into_iter().flatten();
    let claimed: Vec<Url> = claimed.filter_map(|url| Url::parse(url).ok()).collect();
    let mut all = claimed.iter().chain(&page.url).peekable();
    all.peek().is_some() && all.all(|url| url.path() == "/" && url.query().is_none())
}

/// Returns true for a URL of a blog or of news, by the name of a folder in it.
fn is_blog(page: &Page, clues: &Clues<'_>) -> bool {
    let claimed = clues.claimed_url();
    let mut all = page.url.iter().chain(&claimed).flat_map(|url| url.path().split('/').rev().skip(1));
    all.any(|folder| matches!(folder, "blog" | "blogs" | "news" | "articles" | "posts" | "stories" | "press"))
}

/// Returns the text right after the headline; without a headline, the first piece with a byline's label.
fn near<'a>(clues: &Clues<'a>, head: Option<usize>) -> Vec<&'a str> {
    match head {
        Some(head) => clues.pieces.iter().filter(|(at, _)| *at > head).take(60).map(|(_, piece)| *piece).collect(),
        None => clues.pieces.iter().map(|(_, piece)| *piece).filter(|piece| byline::is_marked(piece)).take(1).collect(),
    }
}

/// Describes a candidate that was not chosen.
fn step(name: &'static str, source: &str, text: &str) -> Step {
    let shown: String = text.chars().take(120).collect();
    let what = format!("\"{}\"", text::collapse(&shown));
    Step { step: name, kept: false, what, reason: format!("from {source}"), score: None }
}

/// Describes the candidate that was chosen, and why.
fn kept(name: &'static str, source: &str, why: &str, text: &str) -> Step {
    let step = step(name, source, text);
    Step { kept: true, reason: format!("{}: {why}", step.reason), ..step }
}

/// Returns the source of a value and its text; None where there is no value.
fn sourced<T>(found: &Option<Sourced<T>>, text: impl Fn(&T) -> String) -> Option<(&str, String)> {
    found.as_ref().map(|found| (found.source.as_str(), text(&found.value)))
}

/// Adds the values found without a choice between candidates.
fn add_steps(metadata: &Metadata, steps: &mut Vec<Step>) {
    let found = [
        ("published", sourced(&metadata.published, PageDate::to_string)),
        ("modified", sourced(&metadata.modified, PageDate::to_string)),
        ("site", sourced(&metadata.site, String::clone)),
        ("language", sourced(&metadata.language, String::clone)),
        ("description", sourced(&metadata.description, String::clone)),
        ("tags", sourced(&metadata.tags, |tags| tags.join("; "))),
        ("lead image", sourced(&metadata.lead_image, String::clone)),
        ("canonical", sourced(&metadata.canonical, Url::to_string)),
        ("rights", sourced(&metadata.rights, String::clone)),
    ];
    for (name, value) in found {
        let is_chosen = steps.iter().any(|step| step.step == name && step.kept);
        if let Some((source, value)) = value.filter(|_| !is_chosen) {
            steps.push(kept(name, source, "the first source that has one", &value));
        }
    }
}

fn site(clues: &Clues<'_>) -> Option<Sourced<String>> {
    let named = [
        ("og:site_name", clues.meta(&["og:site_name"])),
        ("json-ld", clues.ld.publisher.as_deref()),
        (
            "application-name",
            clues.meta(&["application-name", "apple-mobile-web-app-title", "dc.publisher", "citation_journal_title"]),
        ),
    ];
    named.into_iter().find_map(|(source, name)| {
        let name = text::collapse(&entities::decoded(name?));
        (!name.is_empty() && name.chars().count() <= 100 && !name.contains("://")).then(|| Sourced::new(name, source))
    })
}

/// Returns every name of the site: its own, its publisher's, and its host's.
fn site_names(page: &Page, clues: &Clues<'_>, site: Option<&Sourced<String>>) -> Vec<String> {
    let mut names: Vec<String> = site.iter().map(|site| site.value.clone()).collect();
    names.extend(clues.ld.publisher.clone());
    names.extend(clues.meta(&["application-name"]).map(str::to_owned));
    names.extend(clues.home_names.iter().cloned());
    let host = page.url.as_ref().and_then(Url::host_str).map(|host| host.trim_start_matches("www.").to_owned());
    if let Some(host) = host.or_else(|| claimed_host(clues)) {
        names.extend(host.split('.').rev().nth(1).map(str::to_owned));
        names.push(host);
    }
    names
}

fn claimed_host(clues: &Clues<'_>) -> Option<String> {
    clues.claimed_url()?.host_str().map(|host| host.trim_start_matches("www.").to_owned())
}

fn description(clues: &Clues<'_>, title: &str) -> Option<Sourced<String>> {
    let mut all = descriptions(clues).filter(|(_, text)| !text.is_empty() && text != title);
    all.next().map(|(source, text)| Sourced::new(text, source))
}

/// Returns the page's descriptions of itself, best source first.
fn descriptions(clues: &Clues<'_>) -> impl Iterator<Item = (&'static str, String)> {
    let declared = [
        ("description", clues.meta(&["description"])),
        ("og:description", clues.meta(&["og:description"])),
        ("json-ld", clues.ld.description.as_deref()),
        ("dc.description", clues.meta(&["dc.description", "twitter:description"])),
    ];
    declared.into_iter().filter_map(|(source, text)| {
        Some((source, text::collapse(&entities::decoded(text?)).chars().take(2000).collect()))
    })
}

fn lead_image(page: &Page, clues: &Clues<'_>) -> Option<Sourced<String>> {
    let declared = [
        ("og:image", clues.meta(&["og:image", "og:image:url", "og:image:secure_url"])),
        ("twitter:image", clues.meta(&["twitter:image", "twitter:image:src"])),
        ("json-ld", clues.ld.image.as_deref()),
    ];
    declared.into_iter().find_map(|(source, written)| Some(Sourced::new(web(written?, page)?.to_string(), source)))
}

fn canonical(page: &Page, clues: &Clues<'_>) -> Option<Sourced<Url>> {
    let declared =
        [("canonical", clues.canonical), ("og:url", clues.meta(&["og:url"])), ("json-ld", clues.ld.url.as_deref())];
    declared.into_iter().find_map(|(source, written)| Some(Sourced::new(web(written?, page)?, source)))
}

/// Returns the page's license. A link in the text counts only where it leads to Creative Commons.
fn licence(page: &Page, clues: &Clues<'_>) -> Option<Sourced<String>> {
    let linked = |wanted: &str| clues.licences.iter().find(|(source, _)| *source == wanted).map(|(_, href)| *href);
    let declared = [
        ("rel=license", linked("rel=license")),
        ("json-ld", clues.ld.licence.as_deref()),
        (
            "meta",
            clues.meta(&["license", "licence", "dcterms.license", "dc.rights.license", "og:license", "cc:license"]),
        ),
        ("dc.rights", clues.meta(&["dc.rights", "dcterms.rights"]).filter(|text| text.contains("://"))),
        ("link", linked("link")),
    ];
    declared.into_iter().find_map(|(source, written)| {
        let written = text::collapse(written?);
        // A license's name has spaces, or no dot or slash; a URL is made absolute.
        let is_name = written.contains(' ') || !written.contains(['/', '.']);
        let value = if is_name { written } else { web(&written, page)?.to_string() };
        (!value.is_empty() && value.chars().count() <= 300).then(|| Sourced::new(value, source))
    })
}

fn web(written: &str, page: &Page) -> Option<Url> {
    resolve_link(written, page.base.as_ref()).filter(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod site_tests;
