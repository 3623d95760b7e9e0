//! JSON Lines.

use serde_json::Value;

use super::{LAMP, archived};

#[test]
fn each_line_is_an_article_with_its_text_metadata_and_provenance() {
    let program = archived();
    let make = |name: &str| {
        program.run_to(0, &["bundle", "--format", "jsonl", "-o", name]);
        program.read(name)
    };
    let text = make("all.jsonl");
    assert_eq!(text, make("again.jsonl"), "the same archive gives the same lines");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    let lamp = lines.iter().find(|line| line["url"] == LAMP).unwrap();
    for (name, expected) in [("title", "河灯 & 水位"), ("language", "zh-CN"), ("site", "河边小报")] {
        assert_eq!(lamp[name], expected, "{lamp}");
    }
    assert_eq!((&lamp["authors"][0], &lamp["captured"]), (&"李明".into(), &"2026-11-24T10:00:00Z".into()));
    assert!(lamp["markdown"].as_str().unwrap().contains("<ruby>灯") && lamp["text"].as_str().unwrap().contains("棉纸"));
    assert!(!lamp["text"].as_str().unwrap().contains("**"), "{}", lamp["text"]);
    assert_eq!(lamp["images"].as_array().unwrap().len(), 4);
    assert!(lamp["warnings"].is_array() && lamp["losses"].is_array() && lamp["round_trip"].is_array());
    let provenance = &lamp["provenance"];
    let path = provenance["path"].as_str().unwrap();
    let stored = program.read(&format!("bindery-archive/{path}"));
    assert_eq!(provenance["sha256"], bindery::model::Digest::of(stored.as_bytes()).hex());
    assert!(stored.ends_with(lamp["markdown"].as_str().unwrap()));
    assert!(provenance["capture"]["file"].is_string() && provenance["text_digest"].is_string(), "{provenance}");
}

#[cfg(unix)]
#[test]
fn lines_can_be_written_to_a_pipe() {
    let program = archived();
    let output = program.command(&["-q", "bundle", "--format", "jsonl", "-o", "/dev/stdout"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && text.lines().filter(|line| line.contains("\"provenance\"")).count() == 2,
        "{text}"
    );
}
