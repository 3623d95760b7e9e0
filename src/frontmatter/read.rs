//! Reading front matter that bindery wrote.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::model::{PageDate, Publication};

use super::fields::{Fields, Properties};

/// Returns the fields of a front matter that bindery wrote in any profile; fields that it does not have are empty. A
/// front matter that a user's own template laid out otherwise gives what has the same keys.
pub fn fields(front_matter: &str) -> Fields {
    let keys = keys(front_matter);
    let text = |names: &[&str]| names.iter().find_map(|name| words(keys.get(*name)?).into_iter().next());
    let list = |names: &[&str]| names.iter().find_map(|name| keys.get(*name)).map(words).unwrap_or_default();
    let date = |names: &[&str]| names.iter().find_map(|name| date(keys.get(*name)?.as_str()?));
    let url = |names: &[&str]| text(names).and_then(|url| url.parse().ok());
    let is = |name: &str, value: bool| keys.get(name) == Some(&Value::Bool(value));
    let is_public = !is("draft", true) && !is("published", false) && !is("publish", false);
    Fields {
        title: text(&["title"]),
        authors: list(&["author", "authors"]),
        published: date(&["published", "date"]),
        modified: date(&["modified", "lastmod", "last_modified_at", "updated"]),
        url: url(&["url", "source", "original_url"]),
        canonical: url(&["canonical"]),
        site: text(&["site", "site_name"]),
        language: text(&["language", "lang"]),
        description: text(&["description"]),
        tags: list(&["tags"]),
        categories: list(&["categories"]),
        aliases: list(&["aliases", "alias", "redirect_from"]),
        other_titles: Vec::new(),
        properties: Properties(properties(&keys)),
        image: text(&["image", "images", "headimg"]),
        rights: text(&["rights"]),
        archived: text(&["archived"]).and_then(|time| time.parse().ok()),
        publication: if is_public { Publication::Public } else { Publication::Draft },
        sha256: None,
    }
}

/// Returns the properties of a front matter under their key in the profile `default` and in Hugo.
fn properties(keys: &Map<String, Value>) -> Vec<(String, String)> {
    let found = ["properties", "params"].iter().find_map(|name| keys.get(*name)?.as_object());
    let pairs =
        found.into_iter().flatten().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    pairs.collect()
}

/// Returns the strings of a value.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// Parses a date in the form of any profile.
fn date(text: &str) -> Option<PageDate> {
    let written = || {
        let (day, rest) = text.split_once(' ')?;
        let (time, offset) = rest.split_once(' ')?;
        let minutes = offset.get(3..5)?;
        format!("{day}T{time}{}:{minutes}", offset.get(..3)?).parse().ok()
    };
    let mail = || {
        let zoned = jiff::fmt::rfc2822::DateTimeParser::new().parse_zoned(text).ok()?;
        Some(PageDate::Time { local: zoned.datetime(), offset: zoned.offset(), assumed: false })
    };
    text.parse().ok().or_else(written).or_else(mail)
}

/// Returns the keys of a front matter; those of TOML tables stand beside the others.
fn keys(front_matter: &str) -> Map<String, Value> {
    let text = front_matter.trim_start_matches('\u{feff}').trim();
    if let Some(toml) = text.strip_prefix("+++").and_then(|rest| rest.strip_suffix("+++")) {
        let (mut keys, mut inner) = (Map::new(), Vec::new());
        for (key, value) in toml.parse::<toml::Table>().unwrap_or_default() {
            match value {
                toml::Value::Table(table) => inner.push(table),
                value => drop(keys.insert(key, of_toml(&value))),
            }
        }
        for (key, value) in inner.into_iter().flatten() {
            keys.entry(key).or_insert_with(|| of_toml(&value));
        }
        return keys;
    }
    let yaml = text.strip_prefix("---").and_then(|rest| rest.strip_suffix("---"));
    match yaml.and_then(|yaml| serde_saphyr::from_str(yaml).ok()) {
        Some(Value::Object(keys)) => keys,
        _ => Map::new(),
    }
}

/// Returns a TOML value that is not a table.
fn of_toml(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text.as_str()),
        toml::Value::Datetime(time) => Value::from(time.to_string()),
        toml::Value::Boolean(is_true) => Value::from(*is_true),
        toml::Value::Array(list) => Value::from(list.iter().filter_map(|value| value.as_str()).collect::<Vec<_>>()),
        _ => Value::Null,
    }
}

/// Returns the categories of a front matter; empty if it has none, or if a user's own template laid it out otherwise.
pub fn categories(front_matter: &str) -> Vec<String> {
    #[derive(Deserialize, Default)]
    struct Keys {
        #[serde(default)]
        categories: Vec<String>,
        #[serde(default)]
        taxonomies: Taxonomies,
    }
    #[derive(Deserialize, Default)]
    struct Taxonomies {
        #[serde(default)]
        categories: Vec<String>,
    }
    let keys: Keys = parsed(front_matter);
    if keys.categories.is_empty() { keys.taxonomies.categories } else { keys.categories }
}

/// What a front matter says that records do not; empty where the profile or a user's own template does not write it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description {
    /// The language, a BCP 47 tag.
    pub language: String,
    /// The page's summary.
    pub description: String,
    /// The date of the last change that the page states.
    pub modified: String,
    /// The keywords.
    pub tags: Vec<String>,
    /// The user's categories.
    pub categories: Vec<String>,
}

/// Reads what a front matter says that records do not.
pub fn description(front_matter: &str) -> Description {
    let keys: serde_json::Map<String, Value> = parsed(front_matter);
    let text = |name: &str| keys.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |name: &str| {
        let taxonomy = || keys.get("taxonomies").and_then(|all| all.get(name));
        let words = keys.get(name).or_else(taxonomy).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        words.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    Description {
        language: text("language"),
        description: text("description"),
        modified: text("modified"),
        tags: list("tags"),
        categories: list("categories"),
    }
}

/// Parses a front matter in YAML or TOML; the default if it is neither.
fn parsed<T: DeserializeOwned + Default>(front_matter: &str) -> T {
    let text = front_matter.trim();
    match text.strip_prefix("+++").and_then(|rest| rest.strip_suffix("+++")) {
        Some(toml) => toml::from_str(toml).unwrap_or_default(),
        None => {
            let yaml = text.strip_prefix("---").and_then(|rest| rest.strip_suffix("---"));
            yaml.and_then(|yaml| serde_saphyr::from_str(yaml).ok()).unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontmatter::{self, Fields, Profile, ProfileName};

    #[test]
    fn fields_are_read_from_every_profile() {
        let wanted = Fields {
            title: Some("题: “一”".to_owned()),
            authors: vec!["李明".to_owned()],
            tags: vec!["外交".to_owned()],
            url: "https://example.org/a".parse().ok(),
            image: Some("images/ab/ab.png".to_owned()),
            published: "2021-06-17T18:44:26+08:00".parse().ok(),
            publication: Publication::Draft,
            ..Fields::default()
        };
        for name in ProfileName::ALL {
            let read = fields(&frontmatter::write(&wanted, &Profile { name, ..Profile::default() }).unwrap());
            assert_eq!(
                (&read.title, &read.authors, &read.tags),
                (&wanted.title, &wanted.authors, &wanted.tags),
                "{name}"
            );
            assert_eq!(
                (&read.url, &read.image, read.publication),
                (&wanted.url, &wanted.image, wanted.publication),
                "{name}"
            );
            assert_eq!(read.published.map(|date| date.day()), wanted.published.map(|date| date.day()), "{name}");
        }
        assert!(fields("").title.is_none() && fields("---\n- a\n---\n").tags.is_empty());
    }

    #[test]
    fn categories_are_read_from_every_profile() {
        let wanted = ["新闻".to_owned(), "No: 1".to_owned()];
        let fields = Fields { title: Some("题".to_owned()), categories: wanted.to_vec(), ..Fields::default() };
        for name in ProfileName::ALL {
            let text = frontmatter::write(&fields, &Profile { name, ..Profile::default() }).unwrap();
            assert_eq!(categories(&text), wanted, "{text}");
        }
        let read = description("---\ntitle: 题\nlanguage: zh-CN\ntags:\n- 河\n- \"no\"\narchived: 2026-11-23\n---\n");
        assert_eq!((read.language.as_str(), read.tags), ("zh-CN", vec!["河".to_owned(), "no".to_owned()]));
        assert!(categories("").is_empty() && categories("---\ncategories: news\n---\n").is_empty());
    }
}
