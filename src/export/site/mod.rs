//! A static site for browsers (`--profile html`): pages of articles, lists by day, by source and by tag, a feed and a search
//! page. It works from a folder, without a server; only the search page has a script.
//!
//! Pages of articles are the texts of the export. The other files are generated from all of them and change with the
//! selection.

mod article;
mod feed;
mod frame;
mod labels;
mod listed;
mod lists;
mod search;

use std::collections::BTreeSet;

use crate::archive::{Archive, Entry, readable, search_words};
use crate::bundle;
use crate::markdown::unescaped;

use super::article::{Articles, StoredText};

pub(super) use article::page;
use frame::Site;
use labels::Labels;
use listed::Listed;

/// The number of characters of a text that the search page shows.
const EXCERPT: usize = 110;

/// How a site is named and where it will be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteOptions {
    /// Its title; None for one in the language of most articles.
    pub title: Option<String>,
    /// The URL of its front page; None if it has none, so that the links of its feed are relative.
    pub url: Option<url::Url>,
}

/// Receives the path and the bytes of each generated file.
pub(super) type Emit<'e, E> = &'e mut dyn FnMut(&str, String) -> Result<(), E>;

/// Collects what the generated files are made of. Articles are added from the oldest to the newest.
pub(super) struct Collected<'c> {
    options: &'c SiteOptions,
    listed: Vec<Listed>,
    index: search::Index,
}

impl<'c> Collected<'c> {
    /// Returns a site without articles.
    pub fn new(options: &'c SiteOptions) -> Self {
        Self { options, listed: Vec::new(), index: search::Index::default() }
    }

    /// Adds an article and its text; None if the text cannot be read.
    pub fn add(&mut self, entry: &Entry, text: Option<&StoredText>, day: &str, page: String) {
        let title = bundle::title_of(&entry.record);
        let body = text.map(|text| readable(&unescaped(&text.body, text.engine))).unwrap_or_default();
        self.index.add(&search_words(title), &search_words(&body));
        self.listed.push(Listed {
            folder: entry.folder.clone(),
            page,
            title: title.to_owned(),
            day: day.to_owned(),
            origin: bundle::origin_of(&entry.record),
            tags: text.map(listed::tags).unwrap_or_default(),
            language: text.map(|text| bundle::language(text.fields.language.clone(), &text.body)).unwrap_or_default(),
            excerpt: excerpt(&body),
        });
    }

    /// Writes the generated files. `damaged` are the images that cannot be used, as paths below the archive.
    pub fn files<E>(
        self,
        archive: &Archive,
        articles: &Articles,
        damaged: &BTreeSet<String>,
        emit: Emit<'_, E>,
    ) -> Result<(), E> {
        let labels = Labels::of(listed::common_language(&self.listed));
        let title = self.options.title.clone().unwrap_or_else(|| labels.title.to_owned());
        let site = Site { title: &title, labels };
        emit("style.css", frame::style())?;
        lists::by_day(&site, &self.listed, emit)?;
        lists::by_origin(&site, &self.listed, emit)?;
        lists::by_tag(&site, &self.listed, emit)?;
        let feed = feed::Feed { archive, articles, damaged, title: &title, url: self.options.url.as_ref() };
        emit(frame::FEED, feed.atom(&self.listed))?;
        search::files(&site, &self.listed, self.index, emit)
    }
}

/// Returns the beginning of a text in one line.
fn excerpt(body: &str) -> String {
    let mut out = String::new();
    let mut words = body.split_whitespace();
    let mut length = 0;
    for word in &mut words {
        // A space between two Chinese sentences would be seen.
        let is_spaced = out.chars().next_back().is_some_and(|c| c.is_ascii() || c.is_lowercase());
        out.push_str(if is_spaced { " " } else { "" });
        for c in word.chars() {
            if length == EXCERPT {
                out.push('…');
                return out;
            }
            out.push(c);
            length += 1;
        }
        length += 1;
    }
    out
}
