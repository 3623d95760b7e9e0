//! Reading front matter that bindery wrote.

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
        let written = Fields { title: Some("题".to_owned()), categories: wanted.to_vec(), ..Fields::default() };
        for name in ProfileName::ALL {
            let text = frontmatter::write(&written, &Profile { name, ..Profile::default() }).unwrap();
            assert_eq!(fields(&text).categories, wanted, "{text}");
        }
        let read = fields(
            "---\ntitle: 题\nlanguage: zh-CN\ntags:\n- 河\n- \"no\"\narchived: 2026-11-23\ncategories: news\n---\n",
        );
        assert_eq!((read.language.as_deref(), read.tags), (Some("zh-CN"), vec!["河".to_owned(), "no".to_owned()]));
        assert_eq!(read.categories, ["news"]);
    }

    #[test]
    fn tags_and_categories_are_searched_in_lower_case() {
        let read = fields("---\ntitle: x\ntags:\n- 书籍\n- \"No\"\n- \" \"\ncategories:\n- 新闻\n---\n");
        assert_eq!(read.search_tags().collect::<Vec<_>>(), ["书籍", "no", "新闻"]);
        assert_eq!(fields("").search_tags().count(), 0);
    }
}
