//! What a page says about itself: from JSON-LD, OpenGraph, Dublin Core, microdata, `<meta>`, `<time>` and what a reader
//! sees at the headline.

mod accounts;
mod author_words;
mod authors;
mod beside;
mod byline;
mod collect;
mod date_words;
mod dates;
mod east;
mod east_words;
mod entities;
mod headline;
mod jsonld;
mod language;
mod latin;
mod marks;
mod months;
mod order;
mod people;
mod published;
mod series;
mod spans;
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

/// The bits of [`Found::kinds`] that say that a page is an article.
const ARTICLE: u16 = 64 | 128;

/// The bits that say that it is about a product, a list of things, or a service.
pub const THING: u16 = 1 | 2 | 32 | 256;

/// The bit that says so in structured data: many sites call every page an article for social networks.
pub const WRITTEN: u16 = 64;

/// The bit that says that it is about a business, a service, a program.
const SERVICE: u16 = 32;

/// The bits that say that it is about a product.
pub const PRODUCT: u16 = 1 | 256;

/// The bits that say that it is about a product or a list of things.
const LIST: u16 = 1 | 2 | 256;

/// The bit that says that it is a forum's thread.
pub const THREAD: u16 = 4;

/// A page on which so many names are called authors is a list of articles.
const MANY_AUTHORS: usize = 10;

/// What was found.
pub struct Found {
    /// The page's metadata.
    pub metadata: Metadata,
    /// What was assumed on the way.
    pub warnings: Vec<Warning>,
    /// Every candidate, for the trace.
    pub candidates: Vec<Step>,
    /// The article's text as structured data has it; None where it has none.
    pub body: Option<String>,
    /// The host that the page is from, or says it is from; empty where neither is known.
    pub host: String,
    /// What sort of page it says it is: kinds of JSON-LD objects, then `og:type` article and product, a bit each.
    pub kinds: u16,
    /// The longest of the page's descriptions of itself, where it says that it is an article or when it was published.
    pub excerpt: Option<String>,
}

/// Reads a page's metadata. It looks at each part of the page once.
pub fn find(page: &Page, scan: &Scan<'_>) -> Found {
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
    // Where the title is told to search engines in other words, the page's own heading stands at its head.
    let own = clues.headings.iter().filter(|(at, text)| !clues.is_beside(*at) && !title_parts::is_site(text, &named));
    let mut headings = own.map(|(at, _)| *at);
    let first_heading = headings.next();
    let only_heading = first_heading.filter(|_| headings.next().is_none());
    let head = only_heading.or(headline).or(first_heading);
    // A shop that calls every page an article gives none of them a day; a front page is of every day.
    let is_published = clues.meta(&["article:published_time"]).is_some();
    let is_dated = is_article && kinds & PRODUCT == 0 && is_published;
    // What an office says of itself on all its pages does not make those of its blog pages about the office.
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
    let told = published::About {
        headline: head.or_else(|| headline::reworded(&clues, &title.as_ref()?.value)),
        is_thing,
        is_article,
        is_thread: kinds & THREAD != 0 && !is_article,
    };
    let dates = published::find(page, &clues, tag, &told, &mut steps);
    let said = title.as_ref().map_or("", |title| title.value.as_str());
    let metadata = Metadata {
        description: description(&clues, said),
        tags: tags::find(&clues, said),
        lead_image: lead_image(page, &clues),
        canonical: canonical(page, &clues),
        rights: licence(page, &clues),
        title,
        authors,
        published: dates.published,
        modified: dates.modified,
        site,
        language,
    };
    tell(&metadata, &mut steps);
    let host = page.url.as_ref().and_then(Url::host_str).map(str::to_owned).or_else(|| claimed_host(&clues));
    let host = host.unwrap_or_default();
    let excerpt = descriptions(&clues).filter(|_| is_article || is_published).map(|(_, text)| text);
    let excerpt = excerpt.max_by_key(|text| text::weight(text));
    Found { metadata, warnings: dates.warnings, candidates: steps, excerpt, body: clues.ld.body, host, kinds }
}

/// Every URL that the page has or says it has is that of a site's front page: scripts that fill a page in leave one
/// such claim on all of them.
fn is_front(page: &Page, clues: &Clues<'_>) -> bool {
    let claimed = [clues.canonical, clues.meta(&["og:url"])].into_iter().flatten();
    let claimed: Vec<Url> = claimed.filter_map(|url| Url::parse(url).ok()).collect();
    let mut all = claimed.iter().chain(&page.url).peekable();
    all.peek().is_some() && all.all(|url| url.path() == "/" && url.query().is_none())
}

/// A URL of a blog or of news, by the name of a folder in it.
fn is_blog(page: &Page, clues: &Clues<'_>) -> bool {
    let claimed = clues.claimed_url();
    let mut all = page.url.iter().chain(&claimed).flat_map(|url| url.path().split('/').rev().skip(1));
    all.any(|folder| matches!(folder, "blog" | "blogs" | "news" | "articles" | "posts" | "stories" | "press"))
}

/// The text right after the headline; without one, what begins like a byline anywhere.
fn near<'a>(clues: &Clues<'a>, head: Option<usize>) -> Vec<&'a str> {
    match head {
        Some(head) => clues.pieces.iter().filter(|(at, _)| *at > head).take(60).map(|(_, piece)| *piece).collect(),
        None => clues.pieces.iter().map(|(_, piece)| *piece).filter(|piece| byline::is_marked(piece)).take(1).collect(),
    }
}

/// A candidate that did not win.
fn step(name: &'static str, source: &str, text: &str) -> Step {
    let shown: String = text.chars().take(120).collect();
    let what = format!("\"{}\"", text::collapse(&shown));
    Step { step: name, kept: false, what, reason: format!("from {source}"), score: None }
}

/// The candidate that won, and why.
fn kept(name: &'static str, source: &str, why: &str, text: &str) -> Step {
    let step = step(name, source, text);
    Step { kept: true, reason: format!("{}: {why}", step.reason), ..step }
}

/// Where a value came from, and its text; None where there is none.
fn sourced<T>(found: &Option<Sourced<T>>, text: impl Fn(&T) -> String) -> Option<(&str, String)> {
    found.as_ref().map(|found| (found.source.as_str(), text(&found.value)))
}

/// What was found without a choice between candidates.
fn tell(metadata: &Metadata, steps: &mut Vec<Step>) {
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
        let is_told = steps.iter().any(|step| step.step == name && step.kept);
        if let Some((source, value)) = value.filter(|_| !is_told) {
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

/// Every name the site goes by: its own, its publisher's, and its host's.
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

/// What the page says of itself, in each place that it does.
fn descriptions(clues: &Clues<'_>) -> impl Iterator<Item = (&'static str, String)> {
    let said = [
        ("description", clues.meta(&["description"])),
        ("og:description", clues.meta(&["og:description"])),
        ("json-ld", clues.ld.description.as_deref()),
        ("dc.description", clues.meta(&["dc.description", "twitter:description"])),
    ];
    said.into_iter().filter_map(|(source, text)| {
        Some((source, text::collapse(&entities::decoded(text?)).chars().take(2000).collect()))
    })
}

fn lead_image(page: &Page, clues: &Clues<'_>) -> Option<Sourced<String>> {
    let said = [
        ("og:image", clues.meta(&["og:image", "og:image:url", "og:image:secure_url"])),
        ("twitter:image", clues.meta(&["twitter:image", "twitter:image:src"])),
        ("json-ld", clues.ld.image.as_deref()),
    ];
    said.into_iter().find_map(|(source, written)| Some(Sourced::new(web(written?, page)?.to_string(), source)))
}

fn canonical(page: &Page, clues: &Clues<'_>) -> Option<Sourced<Url>> {
    let said =
        [("canonical", clues.canonical), ("og:url", clues.meta(&["og:url"])), ("json-ld", clues.ld.url.as_deref())];
    said.into_iter().find_map(|(source, written)| Some(Sourced::new(web(written?, page)?, source)))
}

/// What the page says of its own use; a link in the text to some licence is one only where it is Creative Commons' own.
fn licence(page: &Page, clues: &Clues<'_>) -> Option<Sourced<String>> {
    let linked = |wanted: &str| clues.licences.iter().find(|(source, _)| *source == wanted).map(|(_, href)| *href);
    let said = [
        ("rel=license", linked("rel=license")),
        ("json-ld", clues.ld.licence.as_deref()),
        (
            "meta",
            clues.meta(&["license", "licence", "dcterms.license", "dc.rights.license", "og:license", "cc:license"]),
        ),
        ("dc.rights", clues.meta(&["dc.rights", "dcterms.rights"]).filter(|text| text.contains("://"))),
        ("link", linked("link")),
    ];
    said.into_iter().find_map(|(source, written)| {
        let written = text::collapse(written?);
        // A name of a licence has spaces in it, or no dot or slash; a URL is made absolute.
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
