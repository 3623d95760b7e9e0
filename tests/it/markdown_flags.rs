//! The flags that say how the Markdown looks, through the program.
#![cfg(feature = "cli")]

use crate::support::program::Program;

const BODY: &str = "<h1>装订铺</h1><h2>三月</h2><p>a <b>b</b> x<sup>2</sup> <del>gone</del></p>\
<ul><li>one</li><li>two</li></ul><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>";

/// The Markdown of the body with these flags.
fn written(flags: &[&str]) -> String {
    let program = Program::new();
    program.write("body.html", BODY);
    let always = ["convert", "body.html", "--fragment", "--no-front-matter"];
    program.run_to(0, &[always.as_slice(), flags].concat()).out
}

#[test]
fn without_flags_it_is_gfm_with_atx_headings_and_hyphens() {
    let text = written(&[]);
    for part in ["# 装订铺\n", "## 三月\n", "a **b** x<sup>2</sup> ~~gone~~", "- one\n- two\n", "| a | b |"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn headings_may_be_underlined() {
    let text = written(&["--heading-style", "setext"]);
    assert!(text.contains("装订铺\n=") && text.contains("三月\n-") && !text.contains('#'), "{text}");
}

#[test]
fn bullets_may_be_any_of_three_signs() {
    for sign in ["*", "+", "-"] {
        let text = written(&["--list-marker", sign]);
        assert!(text.contains(&format!("{sign} one\n{sign} two\n")), "{text}");
    }
}

#[test]
fn commonmark_has_neither_tildes_nor_tables() {
    let text = written(&["--markdown", "commonmark"]);
    assert!(text.contains("<del>gone</del>") && text.contains("<table>") && !text.contains("~~"), "{text}");
}

#[test]
fn without_html_what_markdown_has_no_form_for_keeps_its_text() {
    for flags in [["--no-html"].as_slice(), &["--no-html", "--markdown", "commonmark"]] {
        let text = written(flags);
        assert!(text.contains("x2") && text.contains("gone") && !text.contains('<'), "{text}");
    }
}

#[test]
fn without_the_check_the_text_is_the_same() {
    assert_eq!(written(&["--no-check"]), written(&[]));
}

#[cfg(feature = "htmd")]
#[test]
fn another_engine_writes_the_same_content() {
    let text = written(&["--engine", "htmd"]);
    for part in ["# 装订铺", "**b**", "one", "two", "| a"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_style_that_there_is_not_is_refused_with_those_there_are() {
    let program = Program::new();
    program.write("body.html", BODY);
    for (flag, value, known) in [
        ("--heading-style", "round", "setext"),
        ("--list-marker", "o", "+"),
        ("--markdown", "pandoc", "commonmark"),
        ("--engine", "turndown", "bindery"),
    ] {
        let refused = program.run_to(2, &["convert", "body.html", "--fragment", flag, value]);
        assert!(refused.err.contains(value) && refused.err.contains(known), "{}", refused.err);
    }
}
