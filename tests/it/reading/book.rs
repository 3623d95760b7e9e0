//! What a reader finds in a book.

use std::path::Path;
use std::process::Command;

use bindery::model::Digest;
use serde_json::{Value, json};

use super::{BRIDGE, LAMP, archived, book, text};
use crate::support::oracle;

#[test]
fn a_chapter_holds_everything_that_the_article_holds() {
    let program = archived();
    let files = book(&program, "lamp.epub", &[LAMP]);
    let chapter = text(&files, "EPUB/text/0001.xhtml");
    for part in [
        "lang=\"zh-CN\" xml:lang=\"zh-CN\"",
        "<h1>河灯 &amp; 水位</h1>",
        "李明 · 河边小报 · 2025-08-12",
        "<p class=\"source\"><a href=\"https://river.example.cn/2025/lamp.html\">",
        "<ruby>灯<rt>dēng</rt></ruby>",
        "epub:type=\"noteref\" role=\"doc-noteref\"",
        "<aside id=\"n2\" epub:type=\"footnote\" role=\"doc-footnote\">",
        "杉木轻，不吸水，<a href=\"https://example.org/wood\">老人都这样说</a>。",
        "<math alttext=\"h=\\frac{Q}{b}&lt;3\" xmlns=\"http://www.w3.org/1998/Math/MathML\">",
        "<mfrac><mi>Q</mi><mi>b</mi></mfrac><mo>&lt;</mo><mn>3</mn>",
        "扎灯的钱从5$涨到了6$",
        "<li>棉纸\n<ul><li>白纸</li>",
        "<strong>“先红后白”</strong>，<del>不用</del>",
        "<td class=\"right\">2.1</td>",
        "return q / b if b &gt; 0 else None",
        "H<sub>2</sub>O 与 E=mc<sup>2</sup>，按 <kbd>Ctrl</kbd>",
        "<figcaption>去年的水位</figcaption></figure>",
        "<blockquote>\n<p>灯走得远，<em>人</em>就走得远。</p>",
        "<a href=\"https://hydro.example.org/a%7Cb?x=%7B1%7D\">这个</a>",
    ] {
        assert!(chapter.contains(part), "{part} is missing in\n{chapter}");
    }
}

#[test]
fn images_that_every_reader_shows_are_in_the_book_and_others_are_linked_and_reported() {
    let program = archived();
    let ran = program.run_to(0, &["bundle", "--format", "epub", "-o", "lamp.epub", LAMP, "--json"]);
    let files = book(&program, "again.epub", &[LAMP]);
    let images = |ending: &str| files.keys().filter(|name| name.ends_with(ending)).count();
    assert_eq!(["png", "webp", "svg", "avif"].map(images), [1, 1, 1, 0]);
    let left_out = ran.events_named("left-out");
    assert!(left_out.len() == 1 && left_out[0]["path"].as_str().unwrap().ends_with(".avif"), "{}", ran.out);
    let chapter = text(&files, "EPUB/text/0001.xhtml");
    let link = "<a class=\"image\" href=\"https://river.example.cn/2025/night.avif\">夜里的河</a>";
    assert!(chapter.contains(link), "{chapter}");
    for file in files.iter().filter(|(name, _)| name.ends_with("xhtml")) {
        let text = String::from_utf8_lossy(file.1);
        assert!(!text.contains("src=\"http") && !text.contains("<script"), "{}", file.0);
    }
}

#[test]
fn articles_of_one_book_link_to_each_other_and_are_listed_by_source_and_date() {
    let program = archived();
    let files = book(&program, "all.epub", &[]);
    let chapters = ["EPUB/text/0001.xhtml", "EPUB/text/0002.xhtml"].map(|name| text(&files, name));
    assert!(chapters[0].contains("<a href=\"0002.xhtml\">上一篇</a>"), "{}", chapters[0]);
    assert!(chapters[1].contains("<a href=\"0001.xhtml\">河灯</a>"), "{}", chapters[1]);
    let nav = text(&files, "EPUB/nav.xhtml");
    let first = nav.find("text/0001.xhtml\">河灯 &amp; 水位 (2025-08-12)").unwrap();
    assert!(first < nav.find("text/0002.xhtml\">石桥修好了 (2026-11-24)").unwrap(), "{nav}");
    assert!(text(&files, "EPUB/toc.ncx").contains("<content src=\"text/0002.xhtml\"/>"));
    let package = text(&files, "EPUB/package.opf");
    for part in [
        "<dc:title>河边小报 2025-08-12 – 2026-11-24</dc:title>",
        "<dc:language>zh-CN</dc:language>",
        "<dc:creator>李明</dc:creator>",
        "<dc:publisher>河边小报</dc:publisher>",
        "<dc:source>https://river.example.cn/2025/lamp.html</dc:source>",
        "<meta property=\"dcterms:modified\">2026-11-24T10:00:00Z</meta>",
        "href=\"cover.svg\" media-type=\"image/svg+xml\" properties=\"cover-image\"",
    ] {
        assert!(package.contains(part), "{part} is missing in\n{package}");
    }
}

#[test]
fn the_same_archive_gives_the_same_book() {
    let program = archived();
    let digest = |name: &str| {
        let files = book(&program, name, &[]);
        assert_eq!(files["mimetype"], b"application/epub+zip");
        let bytes = std::fs::read(program.path(name)).unwrap();
        assert_eq!(&bytes[30..58], b"mimetypeapplication/epub+zip", "the type comes first and is not compressed");
        Digest::of(&bytes)
    };
    assert_eq!(digest("one.epub"), digest("two.epub"));
}

#[test]
fn a_folder_gets_a_book_for_each_article_and_a_book_has_no_digests_to_verify() {
    let program = archived();
    program.run_to(0, &["bundle", "--format", "epub", "-o", "books/"]);
    let books = program.files("books");
    assert!(books.len() == 2 && books.iter().all(|name| name.ends_with(".epub")), "{books:?}");
    let ran = program.run_to(1, &["verify", &format!("books/{}", books[0])]);
    assert!(ran.err.contains("made for reading (epub)"), "{}", ran.err);
    let ran = program.run_to(2, &["bundle", "--format", "epub", "-o", "x.epub", "--notes", BRIDGE]);
    assert!(ran.err.contains("--notes"), "{}", ran.err);
}

#[test]
fn a_reader_of_others_finds_the_chapters_and_every_link_leads_somewhere() {
    let Some(python) = oracle::python("lxml") else { return };
    let program = archived();
    book(&program, "all.epub", &[]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/epub.py");
    let output = Command::new(python).arg(script).arg(program.path("all.epub")).output().unwrap();
    assert!(output.status.success(), "{}", oracle::said(&output));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&found["title"], &found["language"]), (&"河边小报 2025-08-12 – 2026-11-24".into(), &"zh-CN".into()));
    assert_eq!(found["contents"], json!(["河灯 & 水位 (2025-08-12)", "石桥修好了 (2026-11-24)"]));
    let chapters: Vec<&str> = found["chapters"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(chapters.iter().any(|text| text.contains("灯dēng用竹篾和棉纸扎成")), "{chapters:?}");
}
