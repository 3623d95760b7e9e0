//! Writes YAML that reads back unchanged.
//!
//! serde-saphyr quotes values where YAML 1.1 or 1.2 requires it. Block scalars are disabled, so that values stay on one line
//! and parsers cannot disagree about chomping and folding.

use serde::Serialize;

/// Returns a mapping as YAML lines, each with a line break; empty if it has no keys.
pub(super) fn write<T: Serialize>(value: &T) -> String {
    let options = serde_saphyr::ser_options! {
        prefer_block_scalars: false,
        compact_list_indent: false,
    };
    // Serializing structs of strings, lists and booleans does not fail.
    let text = serde_saphyr::to_string_with_options(value, options).unwrap_or_default();
    if text.trim() == "{}" { String::new() } else { text }
}

/// Returns a string on one line, quoted where a parser could read it as something else.
pub(super) fn scalar(text: &str) -> String {
    let line = write(&std::collections::BTreeMap::from([("k", text)]));
    line.strip_prefix("k: ").unwrap_or(&line).trim_end_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use crate::frontmatter::{self, Fields, Profile};

    /// Values that are easily lost: other types, indicators, line breaks, invisible characters.
    fn hostile() -> Vec<String> {
        let mut all: Vec<String> = serde_json::from_str(include_str!("../../tests/oracle/hostile.json")).unwrap();
        all.push("长".repeat(5_000));
        all.push("long words that a writer may fold ".repeat(300));
        all.push(format!("{} no", "a\n".repeat(500)));
        all
    }

    #[derive(serde::Deserialize)]
    struct Read {
        title: String,
        tags: Vec<String>,
    }

    fn written(value: &str) -> String {
        let fields = Fields { title: Some(value.to_owned()), tags: vec![value.to_owned(); 2], ..Fields::default() };
        let text = frontmatter::write(&fields, &Profile::default()).unwrap();
        text.strip_prefix("---\n").and_then(|rest| rest.strip_suffix("---\n")).unwrap().to_owned()
    }

    #[test]
    fn every_hostile_value_reads_back_unchanged() {
        assert!(hostile().len() >= 65);
        for value in hostile() {
            let text = written(&value);
            let read: Read = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{value:?}: {error}\n{text}"));
            assert_eq!(read.title, value, "{text}");
            assert_eq!(read.tags, [value.as_str(), value.as_str()], "{text}");
        }
    }

    #[test]
    fn no_value_ends_the_front_matter() {
        for value in hostile() {
            assert!(
                !written(&value).lines().any(|line| line.starts_with("---") || line.starts_with("...")),
                "{value:?}"
            );
        }
    }

    #[test]
    fn ordinary_values_are_not_quoted() {
        for value in ["除了会晤，他俩还谈了啥？", "Thu, 17 Jun 2021 10:44:26 GMT", "https://example.cn/a?b=1#c"]
        {
            assert!(written(value).starts_with(&format!("title: {value}\n")), "{}", written(value));
        }
    }
}
