//! The pages beside this file, written for it in the shape of real ones, and what is right about each.
//!
//! A page is `<language>-<kind>-<template>.html`; the JSON of the same name holds its URL, title, authors, day of
//! publication, text, and snippets that belong into the text or not.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use bindery::extract::{Options, extract};
use bindery::markdown;
use bindery::model::{Article, Origin, RawPage};
use serde::Deserialize;
use url::Url;

use crate::floors::{OWN_KINDS, OWN_LANGUAGES};

/// What is right about one page.
#[derive(Deserialize)]
struct Truth {
    kind: String,
    language: String,
    url: Url,
    title: String,
    /// None for a page that nobody signs.
    authors: Option<Vec<String>>,
    /// None for a page without a day of publication.
    published: Option<String>,
    licence: Option<String>,
    text: String,
    with: Vec<String>,
    without: Vec<String>,
}

/// Sums over the pages of one kind or language.
#[derive(Default)]
struct Sums {
    pages: usize,
    f1: f64,
    with: (usize, usize),
    without: (usize, usize),
    title: usize,
    author: usize,
    date: usize,
}

impl Sums {
    /// Shares between 0 and 1: F-measure of the text, snippets found that belong, snippets found that do not, and right
    /// titles, authors and dates.
    fn shares(&self) -> [(&'static str, f64); 6] {
        let pages = self.pages as f64;
        let share = |(hits, all): (usize, usize)| hits as f64 / all.max(1) as f64;
        [
            ("f1", self.f1 / pages),
            ("with", share(self.with)),
            ("without", share(self.without)),
            ("title", self.title as f64 / pages),
            ("author", self.author as f64 / pages),
            ("date", self.date as f64 / pages),
        ]
    }

    fn add(&mut self, truth: &Truth, article: Option<&Article>) {
        let text = article.map(|article| markdown::text(&article.content)).unwrap_or_default();
        let squeezed = squeeze(&text);
        let found =
            |snippets: &[String]| snippets.iter().filter(|snippet| squeezed.contains(&squeeze(snippet))).count();
        let metadata = article.map(|article| article.metadata.clone()).unwrap_or_default();
        self.pages += 1;
        self.f1 += f_measure(&squeezed, &squeeze(&truth.text));
        self.with.0 += found(&truth.with);
        self.with.1 += truth.with.len();
        self.without.0 += found(&truth.without);
        self.without.1 += truth.without.len();
        self.title += usize::from(metadata.title.map(|found| found.value).as_ref() == Some(&truth.title));
        self.author += usize::from(metadata.authors.map(|found| found.value) == truth.authors);
        let day = metadata.published.map(|found| found.value.to_string().chars().take(10).collect::<String>());
        self.date += usize::from(day == truth.published);
    }
}

/// Text without white space: how a page is laid out is no part of what it says.
fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// F-measure over pairs of characters, which needs no division into words.
fn f_measure(found: &str, right: &str) -> f64 {
    let pairs = |text: &str| {
        let mut pairs: HashMap<(char, char), usize> = HashMap::new();
        text.chars().zip(text.chars().skip(1)).for_each(|pair| *pairs.entry(pair).or_default() += 1);
        pairs
    };
    let (found, right) = (pairs(found), pairs(right));
    let shared: usize = found.iter().map(|(pair, count)| right.get(pair).map_or(0, |other| *other.min(count))).sum();
    let all = found.values().sum::<usize>() + right.values().sum::<usize>();
    if all == 0 { 1.0 } else { 2.0 * shared as f64 / all as f64 }
}

fn pages() -> Vec<(String, Truth, Option<Article>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/quality/pages");
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "html"));
    paths.sort();
    let page = |path: &Path| {
        let truth: Truth = serde_json::from_slice(&std::fs::read(path.with_extension("json")).unwrap()).unwrap();
        let raw = RawPage::from_bytes(std::fs::read(path).unwrap(), Some(truth.url.clone()), Origin::Replay, None);
        (path.file_stem().unwrap().to_string_lossy().into_owned(), truth, extract(&raw, Options::default()).ok())
    };
    paths.iter().map(|path| page(path)).collect()
}

fn hold(group: &str, sums: &Sums, floors: &[(&str, [f64; 6])]) {
    let (_, floors) = floors.iter().find(|(name, _)| *name == group).unwrap_or_else(|| panic!("no floors for {group}"));
    for ((name, score), floor) in sums.shares().into_iter().zip(floors) {
        let holds = if name == "without" { score <= *floor } else { score >= *floor };
        assert!(holds, "{group}: {name} is {score:.3}, its floor {floor}");
    }
}

#[test]
fn our_own_pages_of_seven_kinds_in_ten_languages() {
    let pages = pages();
    assert!(pages.len() >= 60, "{} pages", pages.len());
    let mut groups: BTreeMap<String, Sums> = BTreeMap::new();
    for (name, truth, article) in &pages {
        let mut own = Sums::default();
        own.add(truth, article.as_ref());
        println!("{name:40} {}", line(&own));
        for group in [&truth.kind, &truth.language] {
            groups.entry(group.clone()).or_default().add(truth, article.as_ref());
        }
    }
    groups.iter().for_each(|(name, sums)| println!("{name:15} {:3} {}", sums.pages, line(sums)));
    assert_eq!(groups.len(), OWN_KINDS.len() + OWN_LANGUAGES.len());
    for (name, sums) in &groups {
        hold(name, sums, &[OWN_KINDS, OWN_LANGUAGES].concat());
    }
}

fn line(sums: &Sums) -> String {
    sums.shares().map(|(name, score)| format!("{name} {score:.3}")).join("  ")
}

#[test]
fn the_licence_that_a_page_names_is_its_own() {
    for (name, truth, article) in pages() {
        let rights = article.and_then(|article| article.metadata.rights);
        // What an article says at its end in its own words comes before the licence of its page.
        if rights.as_ref().is_none_or(|found| found.source != "text") {
            assert_eq!(rights.map(|found| found.value), truth.licence, "{name}");
        }
    }
}
