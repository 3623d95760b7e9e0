//! The profiles of other programs that read YAML: `hugo`, `jekyll` and `obsidian`.

use serde::Serialize;

use crate::model::{PageDate, shown_url};

use super::Fields;
use super::fields::{Properties, is_false, is_true};

/// The `hugo` profile. In Hugo `url` is the URL of the post itself, so the page's URL is `source`.
/// <https://gohugo.io/content-management/front-matter/>
#[derive(Serialize)]
pub(super) struct HugoForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lastmod: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    draft: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    author: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived: Option<String>,
    /// Hugo keeps keys of the author's own under `params`.
    #[serde(skip_serializing_if = "Properties::is_empty")]
    params: Properties,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

pub(super) fn hugo_form(fields: &Fields) -> HugoForm {
    HugoForm {
        title: fields.title.clone(),
        // Hugo parses RFC 3339 and days.
        date: fields.published.map(|date| date.to_string()),
        lastmod: fields.modified.map(|date| date.to_string()),
        draft: !fields.publication.is_public(),
        description: fields.description.clone(),
        author: fields.authors.clone(),
        tags: fields.tags.clone(),
        categories: fields.categories.clone(),
        aliases: fields.aliases.clone(),
        images: fields.image.iter().cloned().collect(),
        source: fields.url.as_ref().map(shown_url),
        site: fields.site.clone(),
        archived: fields.archived.map(|time| time.to_string()),
        params: fields.properties.clone(),
        sha256: fields.sha256.map(|digest| digest.hex()),
    }
}

/// The `jekyll` profile. `url` and `published` have other meanings in Jekyll. <https://jekyllrb.com/docs/front-matter/>
#[derive(Serialize)]
pub(super) struct JekyllForm {
    layout: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified_at: Option<String>,
    /// Jekyll builds no page of a post with `published: false`.
    #[serde(skip_serializing_if = "is_true")]
    published: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    author: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<String>,
    /// Of the plugin jekyll-redirect-from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    redirect_from: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site_name: Option<String>,
    #[serde(skip_serializing_if = "Properties::is_empty")]
    properties: Properties,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

pub(super) fn jekyll_form(fields: &Fields) -> JekyllForm {
    JekyllForm {
        layout: "post",
        title: fields.title.clone(),
        date: fields.published.map(jekyll_date),
        last_modified_at: fields.modified.map(jekyll_date),
        published: fields.publication.is_public(),
        description: fields.description.clone(),
        author: fields.authors.clone(),
        categories: fields.categories.clone(),
        tags: fields.tags.clone(),
        image: fields.image.clone(),
        lang: fields.language.clone(),
        redirect_from: fields.aliases.clone(),
        original_url: fields.url.as_ref().map(shown_url),
        site_name: fields.site.clone(),
        properties: fields.properties.clone(),
        sha256: fields.sha256.map(|digest| digest.hex()),
    }
}

/// Returns a date in the form `2021-06-17 18:44:26 +0800`, or a day.
fn jekyll_date(date: PageDate) -> String {
    match date {
        PageDate::Day(day) => day.to_string(),
        PageDate::Time { local, offset, .. } => {
            let minutes = offset.seconds() / 60;
            let sign = if minutes < 0 { '-' } else { '+' };
            let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
            format!("{} {sign}{hours:02}{minutes:02}", local.strftime("%Y-%m-%d %H:%M:%S"))
        }
    }
}

/// The `obsidian` profile: flat properties, and tags in the form that Obsidian accepts.
/// <https://help.obsidian.md/properties>
#[derive(Serialize)]
pub(super) struct ObsidianForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    author: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    /// Obsidian Publish leaves out notes with `publish: false`.
    #[serde(skip_serializing_if = "is_true")]
    publish: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    /// Keys of their own: Obsidian shows no nested ones.
    #[serde(flatten)]
    properties: Properties,
}

pub(super) fn obsidian_form(fields: &Fields) -> ObsidianForm {
    // Obsidian has no offsets, so a time is the page's local time.
    let date = |date: PageDate| match date {
        PageDate::Day(day) => day.to_string(),
        PageDate::Time { local, .. } => local.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
    };
    let mut tags: Vec<String> = Vec::new();
    for tag in fields.tags.iter().filter_map(|tag| obsidian_tag(tag)) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    ObsidianForm {
        title: fields.title.clone(),
        aliases: fields.other_titles.clone(),
        author: fields.authors.clone(),
        published: fields.published.map(date),
        created: fields.archived.map(|time| time.to_string().trim_end_matches('Z').to_owned()),
        source: fields.url.as_ref().map(shown_url),
        site: fields.site.clone(),
        description: fields.description.clone(),
        tags,
        categories: fields.categories.clone(),
        image: fields.image.clone(),
        publish: fields.publication.is_public(),
        sha256: fields.sha256.map(|digest| digest.hex()),
        properties: obsidian_properties(&fields.properties),
    }
}

/// Returns properties under names that the profile has no other use for.
fn obsidian_properties(properties: &Properties) -> Properties {
    const KEYS: [&str; 14] = [
        "title",
        "author",
        "published",
        "created",
        "source",
        "site",
        "description",
        "tags",
        "categories",
        "image",
        "publish",
        "sha256",
        "aliases",
        "cssclasses",
    ];
    let name = |name: &String| if KEYS.contains(&name.as_str()) { format!("{name}_") } else { name.clone() };
    Properties(properties.0.iter().map(|(key, value)| (name(key), value.clone())).collect())
}

/// Returns a tag that consists of letters of any script, digits, `_`, `-` and `/`, and not of digits only; None if nothing is
/// left.
fn obsidian_tag(tag: &str) -> Option<String> {
    let mut out = String::new();
    for c in tag.trim().trim_start_matches('#').chars() {
        if c.is_alphanumeric() || matches!(c, '_' | '/') {
            out.push(c);
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out.trim_matches(['-', '/']).to_owned();
    match out.chars().all(|c| c.is_numeric() || matches!(c, '-' | '/')) {
        _ if out.is_empty() => None,
        true => Some(format!("_{out}")),
        false => Some(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_keys_of_their_own_in_obsidian_and_displace_none() {
        let properties = [("Kilos", "30"), ("title", "no"), ("Kilos", "31")];
        let properties = Properties(properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let fields = Fields { title: Some("题".to_owned()), properties, ..Fields::default() };
        let text = serde_yaml::to_string(&obsidian_form(&fields)).unwrap();
        assert_eq!(text, "title: 题\nKilos: '30'\ntitle_: no\n");
    }

    #[test]
    fn tags_have_the_form_that_obsidian_accepts() {
        let tags: Vec<_> =
            ["老 城", "#C++", "1984", "a/b", "…", "no"].iter().filter_map(|tag| obsidian_tag(tag)).collect();
        assert_eq!(tags, ["老-城", "C", "_1984", "a/b", "no"]);
    }
}
