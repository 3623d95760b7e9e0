//! The fields of front matter, and their form in the profiles `default` and `hexo`.

use serde::Serialize;
use url::Url;

use crate::model::{Digest, Metadata, PageDate, Publication, Sourced, Timestamp, shown_url};

/// The metadata of an article. None and empty lists are not written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    /// The headline.
    pub title: Option<String>,
    /// The authors, in the page's order.
    pub authors: Vec<String>,
    /// The date of first publication.
    pub published: Option<PageDate>,
    /// The date of the last change that the page states.
    pub modified: Option<PageDate>,
    /// The page's URL.
    pub url: Option<Url>,
    /// The canonical URL that the page declares; written only if it differs from `url`.
    pub canonical: Option<Url>,
    /// The site's name.
    pub site: Option<String>,
    /// The language, a BCP 47 tag.
    pub language: Option<String>,
    /// The page's summary.
    pub description: Option<String>,
    /// The keywords.
    pub tags: Vec<String>,
    /// The user's categories.
    pub categories: Vec<String>,
    /// The paths of the article on the site that it comes from, at which the new site may redirect.
    pub aliases: Vec<String>,
    /// Other titles, by which Obsidian finds the note too.
    pub other_titles: Vec<String>,
    /// The first content image, as the body links to it.
    pub image: Option<String>,
    /// The article's statement of rights, verbatim.
    pub rights: Option<String>,
    /// Other properties that an export states.
    pub properties: Properties,
    /// When this text was first captured.
    pub archived: Option<Timestamp>,
    /// Who could read it on its site; written only if not everybody.
    pub publication: Publication,
    /// The SHA-256 of all bytes after the front matter.
    pub sha256: Option<Digest>,
}

impl Fields {
    /// Returns what a page says about itself. The fields that it does not say are empty.
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            title: value(&metadata.title),
            authors: value(&metadata.authors).unwrap_or_default(),
            published: value(&metadata.published),
            modified: value(&metadata.modified),
            canonical: value(&metadata.canonical),
            site: value(&metadata.site),
            language: value(&metadata.language),
            description: value(&metadata.description),
            tags: value(&metadata.tags).unwrap_or_default(),
            rights: value(&metadata.rights),
            aliases: value(&metadata.permalink).filter(|_| metadata.publication.is_public()).into_iter().collect(),
            properties: Properties(metadata.properties.clone()),
            publication: metadata.publication,
            ..Self::default()
        }
    }

    /// Returns an example in which every field has a value.
    pub(super) fn full() -> Self {
        let word = || Some("a".to_owned());
        Self {
            title: word(),
            authors: vec!["a".to_owned()],
            published: "2021-06-17T18:44:26+08:00".parse().ok(),
            modified: "2021-06-18".parse().ok(),
            url: "https://example.org/a".parse().ok(),
            canonical: "https://example.org/b".parse().ok(),
            site: word(),
            language: word(),
            description: word(),
            tags: vec!["a".to_owned()],
            categories: vec!["a".to_owned()],
            aliases: vec!["/a/".to_owned()],
            other_titles: vec!["a".to_owned()],
            image: word(),
            rights: word(),
            properties: Properties(vec![("a".to_owned(), "b".to_owned())]),
            publication: Publication::Draft,
            archived: "2026-11-23T08:58:55Z".parse().ok(),
            sha256: Some(Digest::of(b"a")),
        }
    }

    /// Returns the tags and categories in lower case, as they are searched.
    pub fn search_tags(&self) -> impl Iterator<Item = String> + '_ {
        let all = self.tags.iter().chain(&self.categories);
        all.map(|tag| tag.trim().to_lowercase()).filter(|tag| !tag.is_empty())
    }

    /// Returns the fields without a canonical URL that is the page's own.
    pub(super) fn with_other_canonical(&self) -> Self {
        Self { canonical: self.canonical.clone().filter(|url| Some(url) != self.url.as_ref()), ..self.clone() }
    }
}

/// Properties that have no key of their own: names and values, written as a mapping. Of two with one name the first counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Properties(pub Vec<(String, String)>);

impl Properties {
    /// Returns true when there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns those whose name no earlier one has.
    pub(super) fn distinct(&self) -> impl Iterator<Item = &(String, String)> {
        let is_first = |at: usize, name: &str| self.0[..at].iter().all(|(earlier, _)| earlier != name);
        self.0.iter().enumerate().filter(move |(at, (name, _))| is_first(*at, name)).map(|(_, property)| property)
    }
}

impl Serialize for Properties {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.distinct().map(|(name, value)| (name, value)))
    }
}

fn value<T: Clone>(field: &Option<Sourced<T>>) -> Option<T> {
    field.as_ref().map(|found| found.value.clone())
}

/// The `default` profile, and the variables of a template. The order of the fields is the order of the keys.
#[derive(Serialize)]
pub(super) struct DefaultForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    author: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canonical: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rights: Option<String>,
    #[serde(skip_serializing_if = "Properties::is_empty")]
    properties: Properties,
    #[serde(skip_serializing_if = "is_false")]
    draft: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

pub(super) fn default_form(fields: &Fields) -> DefaultForm {
    DefaultForm {
        title: fields.title.clone(),
        author: fields.authors.clone(),
        published: fields.published.map(|date| date.to_string()),
        modified: fields.modified.map(|date| date.to_string()),
        url: fields.url.as_ref().map(shown_url),
        canonical: fields.canonical.as_ref().map(shown_url),
        site: fields.site.clone(),
        language: fields.language.clone(),
        description: fields.description.clone(),
        tags: fields.tags.clone(),
        categories: fields.categories.clone(),
        image: fields.image.clone(),
        rights: fields.rights.clone(),
        properties: fields.properties.clone(),
        draft: !fields.publication.is_public(),
        archived: fields.archived.map(|time| time.to_string()),
        sha256: fields.sha256.map(|digest| digest.hex()),
    }
}

/// The `hexo` profile: the keys that feed importers write, then those that Hexo and its themes know.
#[derive(Serialize)]
pub(super) struct HexoForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headimg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    comments: bool,
    #[serde(skip_serializing_if = "is_true")]
    published: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    /// Of the plugin hexo-generator-alias.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alias: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Properties::is_empty")]
    properties: Properties,
}

pub(super) fn hexo_form(fields: &Fields) -> HexoForm {
    HexoForm {
        title: fields.title.clone(),
        categories: fields.categories.clone(),
        headimg: fields.image.clone(),
        author: byline(&fields.authors).or_else(|| fields.site.clone()),
        comments: false,
        published: fields.publication.is_public(),
        date: fields.published.map(|date| date.rfc2822_gmt()),
        thumbnail: fields.image.clone(),
        tags: fields.tags.clone(),
        alias: fields.aliases.clone(),
        source: fields.url.as_ref().map(shown_url),
        properties: fields.properties.clone(),
    }
}

/// Returns true for a key that is written only when true. Its form is serde's.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(super) fn is_false(value: &bool) -> bool {
    !*value
}

/// Returns true for a key that is written only when false. Its form is serde's.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(super) fn is_true(value: &bool) -> bool {
    *value
}

/// Returns the authors as one line, separated by `、` if a name has no Latin letters; None if there are none.
fn byline(authors: &[String]) -> Option<String> {
    let ascii = authors.iter().all(|name| name.chars().any(|c| c.is_ascii_alphabetic()));
    (!authors.is_empty()).then(|| authors.join(if ascii { ", " } else { "、" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_profile_has_its_keys_in_order() {
        let text = serde_yaml::to_string(&default_form(&Fields::full())).unwrap();
        let keys = text.lines().filter(|line| !line.starts_with([' ', '-'])).filter_map(|line| line.split_once(':'));
        let expected = "title author published modified url canonical site language description tags categories image \
                        rights properties draft archived sha256";
        assert_eq!(keys.map(|(key, _)| key).collect::<Vec<_>>(), expected.split_whitespace().collect::<Vec<_>>());
    }
}
