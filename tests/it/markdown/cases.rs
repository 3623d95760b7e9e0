//! One file for each group of constructs; in it `@@ name`, the HTML, `@@@`, and the Markdown expected.

use bindery::model::DifferenceKind;
use std::path::Path;

use bindery::frontmatter::Style;

use super::document;

struct Case {
    name: String,
    html: String,
    markdown: String,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/markdown/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let group = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = format!("\n{}", std::fs::read_to_string(&file).unwrap());
        for case in text.split("\n@@ ").skip(1) {
            let (name, rest) = case.split_once('\n').unwrap();
            let (html, markdown) = rest.split_once("\n@@@\n").unwrap();
            let markdown = format!("{}\n", markdown.trim_end_matches('\n'));
            cases.push(Case { name: format!("{group}/{name}"), html: html.to_owned(), markdown });
        }
    }
    cases
}

/// Cases whose expectation is what a reader sees, in the form that the round-trip scorer reads: `{id, html, expect}`.
/// `tests/quality` scores them under two renderers.
fn rendered() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/markdown/rendered");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let group = file.file_stem().unwrap().to_string_lossy().into_owned();
        let cases: Vec<serde_json::Value> = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let named = |case: &serde_json::Value, key: &str| case[key].as_str().unwrap().to_owned();
        all.extend(cases.iter().map(|case| (format!("{group}/{}", named(case, "id")), named(case, "html"))));
    }
    all
}

#[test]
fn every_rendered_case_keeps_what_the_page_has() {
    let cases = rendered();
    assert!(cases.len() > 500, "{}", cases.len());
    for (name, html) in cases {
        assert_eq!(document(&html, Style::default()).round_trip, [], "{name}");
    }
}

#[test]
fn every_case_is_written_as_expected_and_renders_back() {
    let cases = cases();
    assert!(cases.len() > 200, "{}", cases.len());
    for case in cases {
        let document = document(&case.html, Style::default());
        assert_eq!(document.body, case.markdown, "{}", case.name);
        assert_eq!(document.round_trip, [], "{}", case.name);
    }
}

#[cfg(feature = "htmd")]
#[test]
fn on_no_case_does_htmd_keep_more() {
    use bindery::frontmatter::Engine;

    let mut lost = 0;
    let mut cases: Vec<(String, String)> = cases().into_iter().map(|case| (case.name, case.html)).collect();
    cases.extend(rendered());
    for (name, html) in &cases {
        let ours = document(html, Style::default()).round_trip.len();
        let theirs = document(html, Style { engine: Engine::Htmd, ..Style::default() }).round_trip.len();
        assert!(ours <= theirs, "{name}: {ours} differences, htmd has {theirs}");
        lost += usize::from(theirs > 0);
    }
    println!("htmd loses something in {lost} of {} cases", cases.len());
    assert!(lost > 0, "the comparison sees no difference at all");
}

#[test]
fn without_html_every_case_keeps_its_words() {
    for case in cases() {
        let style = Style { html: false, ..Style::default() };
        let document = document(&case.html, style);
        let words: Vec<_> = document.round_trip.iter().filter(|one| one.kind == DifferenceKind::Words).collect();
        assert!(words.is_empty(), "{}: {words:?}\n{}", case.name, document.body);
    }
}
