//! Reading front matter that bindery wrote.

use serde::Deserialize;

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
    let text = front_matter.trim();
    let keys: Keys = match text.strip_prefix("+++").and_then(|rest| rest.strip_suffix("+++")) {
        Some(toml) => toml::from_str(toml).unwrap_or_default(),
        None => {
            let yaml = text.strip_prefix("---").and_then(|rest| rest.strip_suffix("---"));
            yaml.and_then(|yaml| serde_saphyr::from_str(yaml).ok()).unwrap_or_default()
        }
    };
    if keys.categories.is_empty() { keys.taxonomies.categories } else { keys.categories }
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
        assert!(categories("").is_empty() && categories("---\ncategories: news\n---\n").is_empty());
    }
}
