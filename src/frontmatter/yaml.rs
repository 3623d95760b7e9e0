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
    use std::io::Write as _;
    use std::process::{Command, Stdio};

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

    /// PyYAML reads YAML 1.1, ruamel YAML 1.2; most programs use parsers like these.
    const READER: &str = r#"
import json, sys
cases = json.load(sys.stdin)
readers = {}
try:
    import yaml
    readers["PyYAML"] = yaml.safe_load
except ImportError:
    pass
try:
    from ruamel.yaml import YAML
    readers["ruamel"] = lambda text: YAML(typ="safe", pure=True).load(text)
except ImportError:
    pass
bad = []
for name, load in sorted(readers.items()):
    for value, text in cases:
        try:
            read = load(text)
            read = [read["title"]] + list(read["tags"])
        except Exception as error:
            read = repr(error)
        if read != [value] * 3:
            bad.append([name, value, text, str(read)])
print(json.dumps({"readers": sorted(readers), "bad": bad}))
"#;

    #[test]
    fn python_parsers_of_yaml_1_1_and_1_2_read_every_hostile_value_back() {
        let python = std::env::var("BINDERY_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let child = Command::new("/usr/bin/env")
            .args([&python, "-c", READER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = child else {
            println!("skipped: no python3");
            return;
        };
        let cases: Vec<(String, String)> =
            hostile().into_iter().map(|value| (value.clone(), written(&value))).collect();
        let sent = child.stdin.take().unwrap().write_all(&serde_json::to_vec(&cases).unwrap());
        let output = child.wait_with_output().unwrap();
        if sent.is_err() || !output.status.success() {
            println!("skipped: no working python3");
            return;
        }
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        if report["readers"].as_array().is_none_or(Vec::is_empty) {
            println!("skipped: neither PyYAML nor ruamel.yaml is installed");
            return;
        }
        assert_eq!(report["bad"], serde_json::json!([]), "{report:#}");
    }
}
