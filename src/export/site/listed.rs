//! What is listed of an article.

use std::collections::BTreeMap;

use crate::model::slug;

use super::super::article::StoredText;

/// An article in the lists of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its folder in the archive.
    pub folder: String,
    /// Its page, below the output folder.
    pub page: String,
    pub title: String,
    /// The day of publication, else that of the capture.
    pub day: String,
    /// Where it is from; empty if that is unknown.
    pub origin: String,
    pub tags: Vec<String>,
    /// Its language; empty if its text cannot be read.
    pub language: String,
    /// The beginning of its text.
    pub excerpt: String,
}

/// Returns the tags and categories of a text, each once.
pub(super) fn tags(text: &StoredText) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.fields.categories.iter().chain(&text.fields.tags).map(|tag| tag.trim()) {
        if !tag.is_empty() && !tags.iter().any(|known| known.to_lowercase() == tag.to_lowercase()) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// Returns the file of the list of a tag or a source, without its ending. Tags that differ in case only are one.
pub(super) fn list_name(name: &str) -> String {
    let key = name.to_lowercase();
    slug(&key, &key)
}

/// Returns the language of most articles; empty without articles.
pub(super) fn common_language(listed: &[Listed]) -> &str {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for article in listed.iter().filter(|article| !article.language.is_empty()) {
        *counts.entry(&article.language).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(language, count)| (*count, std::cmp::Reverse(*language)))
        .map_or("", |(most, _)| most)
}
