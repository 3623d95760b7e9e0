//! HTML in one file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{LAMP, archived};

fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    text.split_once(begin).and_then(|(_, rest)| rest.split_once(end)).unwrap_or_else(|| panic!("no {begin}")).0
}

#[test]
fn a_page_holds_its_images_and_allows_nothing_from_elsewhere() {
    let program = archived();
    let make = |name: &str| {
        program.run_to(0, &["bundle", "--format", "html", "-o", name, LAMP]);
        program.read(name)
    };
    let page = make("lamp.html");
    assert_eq!(page, make("again.html"), "the same archive gives the same page");
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"zh-CN\">"), "{page}");
    for part in [
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>",
        "<meta name=\"color-scheme\" content=\"light dark\"/>",
        "prefers-color-scheme: dark",
        "text-autospace: normal",
        "<h1>河灯 &amp; 水位</h1>",
        "<ruby>灯<rt>dēng</rt></ruby>",
        "role=\"doc-noteref\"",
    ] {
        assert!(page.contains(part), "{part} is missing");
    }
    let types = ["image/png", "image/webp", "image/svg+xml", "image/avif"];
    assert!(types.iter().all(|kind| page.contains(&format!("src=\"data:{kind};base64,"))));
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    assert!(policy.starts_with("default-src 'none'; img-src data:; style-src 'sha256-"), "{policy}");
    let style = bindery::model::Digest::of(between(&page, "<style>", "</style>").as_bytes()).hex();
    let stated = STANDARD.decode(between(policy, "'sha256-", "'")).unwrap();
    assert_eq!(stated.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), style);
    for part in ["<script", "src=\"http", "url(", "@import", "style=", "epub:"] {
        assert!(!page.contains(part), "{part} is in the page");
    }
}

#[test]
fn a_folder_gets_a_page_for_each_article() {
    let program = archived();
    program.run_to(0, &["bundle", "--format", "html", "-o", "pages/"]);
    assert_eq!(program.files("pages").len(), 2);
    let ran = program.run_to(1, &["bundle", "--format", "html", "-o", "one.html"]);
    assert!(ran.err.contains("2 articles") && !program.path("one.html").exists(), "{}", ran.err);
}
