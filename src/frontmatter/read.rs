//! Reading front matter that bindery wrote.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

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
