//! What front matter can say, and the form each profile gives it.

use serde::Serialize;
use url::Url;

use crate::model::{Digest, PageDate, Timestamp};

/// What is known about an article. None and empty lists are not written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    /// Headline.
    pub title: Option<String>,
    /// Who wrote it, in the page's order.
    pub authors: Vec<String>,
    /// First publication.
    pub published: Option<PageDate>,
    /// Last change that the page names.
    pub modified: Option<PageDate>,
    /// The page's URL.
    pub url: Option<Url>,
    /// The URL the page claims for itself; written only when it is another than `url`.
    pub canonical: Option<Url>,
    /// The site's name.
    pub site: Option<String>,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// The page's own summary.
    pub description: Option<String>,
    /// Keywords.
    pub tags: Vec<String>,
    /// Categories the user gave.
    pub categories: Vec<String>,
    /// The first content image, as the body links to it.
    pub image: Option<String>,
    /// What the article says of the use of its text, in its own words.
    pub rights: Option<String>,
    /// First capture of this text.
    pub archived: Option<Timestamp>,
    /// SHA-256 of every byte after the front matter.
    pub sha256: Option<Digest>,
}

/// The `default` profile. The order of the fields is the order of the keys.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    archived: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

pub(super) fn default_form(fields: &Fields) -> DefaultForm {
    let url = fields.url.as_ref().map(without_secrets);
    let canonical = fields.canonical.as_ref().map(without_secrets).filter(|canonical| Some(canonical) != url.as_ref());
    DefaultForm {
        title: fields.title.clone(),
        author: fields.authors.clone(),
        published: fields.published.map(|date| date.to_string()),
        modified: fields.modified.map(|date| date.to_string()),
        url,
        canonical,
        site: fields.site.clone(),
        language: fields.language.clone(),
        description: fields.description.clone(),
        tags: fields.tags.clone(),
        categories: fields.categories.clone(),
        image: fields.image.clone(),
        rights: fields.rights.clone(),
        archived: fields.archived.map(|time| time.to_string()),
        sha256: fields.sha256.map(|digest| digest.hex()),
    }
}

/// The `hexo` profile: the keys of a post as feed importers write it.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail: Option<String>,
}

pub(super) fn hexo_form(fields: &Fields) -> HexoForm {
    HexoForm {
        title: fields.title.clone(),
        categories: fields.categories.clone(),
        headimg: fields.image.clone(),
        author: byline(&fields.authors).or_else(|| fields.site.clone()),
        comments: false,
        date: fields.published.map(|date| date.rfc2822_gmt()),
        thumbnail: fields.image.clone(),
    }
}

/// The authors as one line, parted as their script does it; None when there are none.
fn byline(authors: &[String]) -> Option<String> {
    let ascii = authors.iter().all(|name| name.chars().any(|c| c.is_ascii_alphabetic()));
    (!authors.is_empty()).then(|| authors.join(if ascii { ", " } else { "、" }))
}

/// The URL without user name and password.
pub(super) fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for URLs that cannot carry them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}
