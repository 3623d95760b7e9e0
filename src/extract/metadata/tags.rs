//! Finds the tags that the author chose for an article.

use crate::html::text;
use crate::model::Sourced;

use super::collect::Clues;
use super::entities;

/// More tags than this are a tag cloud.
const MOST: usize = 50;

/// At most this many keywords are one page's choice; more are the site's, or spam, and count only where the text has
/// them.
const FEW: usize = 12;

/// Minimum weight of a text in which keywords are searched.
const LEAST_TEXT: usize = 400;

/// Minimum weight of a piece of text that is a sentence, not a link or a label.
const SENTENCE: usize = 60;

/// How much text is searched, in bytes.
const REACH: usize = 200_000;

/// Returns the article's tags: those declared as tags, else the keywords that fit the text; None where there are none.
pub fn find(clues: &Clues<'_>, title: &str) -> Option<Sourced<Vec<String>>> {
    let listed = all(clues.metas("article:tag").iter().copied(), title);
    if !listed.is_empty() {
        return Some(Sourced::new(listed, "article:tag"));
    }
    let keywords = ("keywords", all(clues.metas("keywords").iter().copied(), title));
    let declared = ("json-ld", all(clues.ld.keywords.iter().map(String::as_str), title));
    let found = [keywords, declared].into_iter().map(|(source, tags)| (source, about(clues, title, tags)));
    found.into_iter().find(|(_, tags)| !tags.is_empty()).map(|(source, tags)| Sourced::new(tags, source))
}

/// Returns every tag in some texts, once.
fn all<'t>(texts: impl Iterator<Item = &'t str>, title: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for text in texts {
        let text = entities::decoded(text);
        for tag in text.split([',', '，', ';', '；', '、', '|']).map(text::collapse) {
            let is_tag = !tag.is_empty() && tag.chars().count() <= 60 && tag != title;
            if is_tag && tags.len() < MOST && !tags.contains(&tag) {
                tags.push(tag);
            }
        }
    }
    tags
}

/// Returns the keywords that are about this page. Few keywords are kept together where the text has one of them; of
/// many, those in the text are kept. Where the text has few of many, they are the site's and match by chance.
fn about(clues: &Clues<'_>, title: &str, tags: Vec<String>) -> Vec<String> {
    if tags.is_empty() {
        return tags;
    }
    let text = sentences(clues, title);
    if text::weight(&text) < LEAST_TEXT {
        return if tags.len() > 2 * FEW { Vec::new() } else { tags };
    }
    let found: Vec<String> = tags.iter().filter(|tag| text.contains(&tag.to_lowercase())).cloned().collect();
    match tags.len() {
        count if count <= FEW && !found.is_empty() => tags,
        count if count <= FEW || found.len() * 3 < count || found.len() > FEW => Vec::new(),
        _ => found,
    }
}

/// Returns the page's title, descriptions and sentences, in lower case.
fn sentences(clues: &Clues<'_>, title: &str) -> String {
    let mut text = title.to_lowercase();
    let declared = clues.meta(&["og:description"]).into_iter();
    let pieces = clues.pieces.iter().map(|(_, piece)| *piece).filter(|piece| text::weight(piece) >= SENTENCE);
    for piece in declared.chain(pieces) {
        if text.len() > REACH {
            break;
        }
        text.push(' ');
        text.push_str(&piece.to_lowercase());
    }
    text
}
