//! YAML that reads back unchanged.
//!
//! serde-saphyr decides where quotes are needed, by the rules of YAML 1.1 and 1.2 together. Block scalars are off: a
//! value stays on its line, and no reader has to agree with the writer about chomping and folding.

use serde::Serialize;

/// A mapping as YAML lines, each ended by a newline; empty when it has no keys.
pub(super) fn write<T: Serialize>(value: &T) -> String {
    let options = serde_saphyr::ser_options! {
        prefer_block_scalars: false,
        compact_list_indent: false,
    };
    // Plain structs of strings, lists and booleans: the writer refuses none of them.
    let text = serde_saphyr::to_string_with_options(value, options).unwrap_or_default();
    if text.trim() == "{}" { String::new() } else { text }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use crate::frontmatter::{self, Fields, Profile};

    /// Values that a careless writer loses: other types, indicators, breaks, characters no reader shows.
    fn hostile() -> Vec<String> {
        let mut all: Vec<String> = [
            "",
            " ",
            "  a",
            "a  ",
            "\t",
            "a\tb",
            "\n",
            "\n\n",
            "a\nb",
            "a\n",
            "\na",
            "a\n\nb\n\n",
            " a\n  b",
            "\r",
            "a\r\nb",
            "no",
            "No",
            "NO",
            "yes",
            "on",
            "off",
            "y",
            "n",
            "true",
            "False",
            "null",
            "Null",
            "~",
            "2021-06-17",
            "2021-06-17T10:44:26Z",
            "2021-06-17 10:44:26",
            "12:30:45",
            "1:30",
            "190:20:30",
            "1_000",
            "685_230.15",
            "0123",
            "0o17",
            "0x1F",
            "0b11",
            "1e3",
            "1.",
            ".5",
            ".inf",
            "-.INF",
            ".nan",
            "+1",
            "-1",
            "=",
            "<<",
            "-",
            "- a",
            "?",
            "? a",
            ":",
            ": a",
            "a:",
            "a: b",
            "a :b",
            "a:b",
            "::",
            "#",
            "# a",
            "a #b",
            "a#b",
            "a # b",
            "&a",
            "*a",
            "!a",
            "!!str",
            "!!binary",
            "%a",
            "@a",
            "`a`",
            "|",
            ">",
            ">-",
            "|2",
            "[",
            "]",
            "[a]",
            "{",
            "}",
            "{a: b}",
            "{{ a }}",
            "{% a %}",
            ",",
            "a, b",
            "'",
            "''",
            "'a'",
            "a'b",
            "\"",
            "\"a\"",
            "a\"b",
            "\\",
            "a\\nb",
            "\\",
            "---",
            "--- a",
            "...",
            "... a",
            "-- a",
            "\0",
            "\u{1}",
            "\u{7}",
            "\u{8}",
            "\u{b}",
            "\u{c}",
            "\u{1b}[0m",
            "\u{7f}",
            "\u{80}",
            "\u{85}",
            "a\u{85}b",
            "\u{9f}",
            "\u{a0}",
            "\u{a0}a\u{a0}",
            "\u{ad}",
            "\u{200b}",
            "\u{200e}a",
            "\u{2028}",
            "a\u{2029}b",
            "\u{feff}",
            "\u{feff}a",
            "a\u{feff}",
            "\u{fffe}",
            "\u{ffff}",
            "\u{fffd}",
            "😀",
            "👨\u{200d}👩\u{200d}👧",
            "\u{1f1e8}\u{1f1f3}",
            "\u{1fffe}",
            "\u{10ffff}",
            "除了会晤，他俩还谈了啥？",
            "《书》：一、二",
            "“引”",
            "：",
            "、a",
            "　a　",
            "？a",
            "！",
            "＃a",
            "한국어: 가",
            "日本語 #1",
            "e\u{301}",
            "مرحبا",
            "https://example.cn/?a=1&b=2#c",
            "user@example.cn",
            "Thu, 17 Jun 2021 10:44:26 GMT",
            "C:\\dir\\",
            "<b>a</b>",
            "a &amp; b",
            "**a**",
            "$a",
            "^a",
            "(a)",
            ";a",
            "/a/",
            "a\u{2028}- b",
        ]
        .map(str::to_owned)
        .to_vec();
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
        let text = frontmatter::write(&fields, &Profile::default());
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
    fn no_value_can_end_the_front_matter() {
        for value in hostile() {
            assert!(
                !written(&value).lines().any(|line| line.starts_with("---") || line.starts_with("...")),
                "{value:?}"
            );
        }
    }

    #[test]
    fn ordinary_values_are_written_plain() {
        for value in ["除了会晤，他俩还谈了啥？", "Thu, 17 Jun 2021 10:44:26 GMT", "https://example.cn/a?b=1#c"]
        {
            assert!(written(value).starts_with(&format!("title: {value}\n")), "{}", written(value));
        }
    }

    /// YAML 1.1 is PyYAML's, 1.2 ruamel's: what most programs that will read the files are built on.
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
    fn yaml_1_1_and_1_2_readers_of_python_read_every_hostile_value_back() {
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
