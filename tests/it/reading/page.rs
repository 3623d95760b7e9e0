//! HTML in one file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{LAMP, NOW, archived};
use crate::bundle::packed::unzip;
use crate::support::program::Program;

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

#[test]
fn escapes_for_a_site_generator_are_not_shown() {
    let program = Program::in_memory();
    let page = "<html lang=zh><meta charset=utf-8><title>写模板的人</title><article><h1>写模板的人</h1>\
        <p>他在笔记里写下 {{ site.title }}、{% include 灯.html %} 和 {{&lt; figure src=\"a.png\" &gt;}}，然后去渡口等船。</p>\
        <p>书上说要这样转义：{% raw %} 水位 {% endraw %}，或者 {{&lt;/* 灯 */&gt;}}，两种他都试过，都能用。</p>\
        <pre><code>{{% note %}} {{ x }} {%- endraw -%}\n{{&lt; ref \"桥\" &gt;}} */&gt;}}</code></pre></article></html>";
    program.write("page.html", page);
    let make = |profile: &str| {
        let archive = ["-a", profile];
        let url = "https://river.example.cn/templates";
        let flags = ["archive", "page.html", "--url", url, "--now", NOW, "--profile", profile];
        program.run_to(0, &[&flags[..], &archive].concat());
        let mut made =
            vec![program.run_to(0, &[&["bundle", "--format", "html", "-o", "-"][..], &archive].concat()).out];
        let book = format!("{profile}.epub");
        program.run_to(0, &[&["bundle", "--format", "epub", "-o", &book][..], &archive].concat());
        made.extend(unzip(&program.path(&book)).into_values().map(|file| String::from_utf8_lossy(&file).into_owned()));
        let site = format!("{profile}-site");
        program.run_to(0, &[&["export", "--profile", "html", "-o", &site][..], &archive].concat());
        made.extend(
            program
                .files(&site)
                .iter()
                .filter(|file| !file.contains(".bindery"))
                .map(|file| program.read(&format!("{site}/{file}"))),
        );
        let lines = program.run_to(0, &[&["bundle", "--format", "jsonl", "-o", "-"][..], &archive].concat()).out;
        made.push(serde_json::from_str::<serde_json::Value>(&lines).unwrap()["text"].as_str().unwrap().to_owned());
        made
    };
    let plain = make("default");
    assert!(
        plain[0].contains("{{&lt;/* 灯 */&gt;}}") && plain[0].contains("{% raw %} 水位 {% endraw %}"),
        "{}",
        plain[0]
    );
    for profile in ["hexo", "hugo", "jekyll"] {
        for (made, plain) in make(profile).iter().zip(&plain) {
            assert!(made == plain, "{profile}: {made}");
        }
    }
}
