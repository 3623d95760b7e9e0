//! Nothing that a page says runs, loads another page, or commands a terminal: pages made of whatever does harm, in every
//! place that reaches an output, and real pages where there are any (`BINDERY_CORPUS`; all of them when optimised).

use crate::fuzz::bodies::inert::{self, Source};
use crate::support::skip::skip;
use bindery::extract::{Options, extract};
use bindery::frontmatter::{Profile, ProfileName};
use bindery::markdown;
use bindery::model::{ImageMap, Origin, RawPage};
use proptest::collection::vec;
use proptest::prelude::*;

/// What does harm wherever it is taken over as it stands.
const HARM: [&str; 22] = [
    "<script>alert(1)</script>",
    "</textarea><script>x</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<img src=x onerror=alert(1)>",
    "&lt;img src=x onerror=alert(1)&gt;",
    "<svg onload=x()><script>y()</script></svg>",
    "<iframe src='https://evil.example/?youtube.com'></iframe>",
    "<iframe srcdoc='<script>x</script>'></iframe>",
    "<object data='data:text/html,x'></object>",
    "<a href='javascript:alert(1)'>",
    "<a href=' jav&#x09;ascript:alert(1)'>",
    "<a href='&#1;vbscript:x'>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>",
    "<a href='ms-msdt:/id'>",
    "<form action='javascript:x'><button formaction='javascript:y'>",
    "[x](javascript:alert(1))",
    "![x](data:text/html,y)",
    "&lt;javascript:alert(1)&gt;",
    "[z]: javascript:x\n\n[z]",
    "&#27;[2J&#155;31m&#7;\u{9d}0;x\u{9c}",
    "\u{1b}]8;;https://evil.example\u{7}",
    "<math><mtext><mglyph><style><img src=x onerror=y></style></mglyph></mtext></math>",
];

/// Words, tags and marks between them.
const PLAIN: [&str; 18] = [
    "图书馆的七十年，",
    "读者大多是附近工厂的工人。",
    "most of a day to wait for it",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<table><tr><td>",
    "</table>",
    "<ul><li>",
    "</ul>",
    "<pre><code>",
    "</code></pre>",
    "<details><summary>",
    "</details>",
    "`",
    "**",
    "\\",
];

fn pieces(most: usize) -> impl Strategy<Value = String> {
    let any_of = |from: &'static [&'static str]| (0..from.len()).prop_map(move |at| from[at]);
    vec(prop_oneof![2 => any_of(&HARM), 3 => any_of(&PLAIN)], 1..most).prop_map(|pieces| pieces.concat())
}

/// The same text in every place that a reader takes something from.
fn page(said: &str, body: &str) -> String {
    let attribute = said.replace('"', "&quot;");
    let json =
        serde_json::json!({"@type": "NewsArticle", "headline": said, "author": {"name": said}, "keywords": said});
    format!(
        "<html><head><title>{said}</title></title></textarea><meta name=author content=\"{attribute}\">\
         <meta property=og:site_name content=\"{attribute}\"><meta name=description content=\"{attribute}\">\
         <meta property=og:image content=\"{attribute}\"><link rel=canonical href=\"{attribute}\">\
         <script type=application/ld+json>{}</script></head><body><article><h1>{said}</h1>\
         <p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
         <img src=\"/a.gif\" alt=\"{attribute}\" title=\"{attribute}\"><a href=\"/b\" title=\"{attribute}\">b</a>{body}\
         <p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册。</p></article></body></html>",
        json.to_string().replace("</", "<\\/")
    )
}

/// Why an output is not inert; None when it is.
fn fault(html: &[u8], fragment: bool) -> Option<String> {
    let url = url::Url::parse("https://example.org/a/b").ok();
    let raw = RawPage::from_bytes(html.to_vec(), url, Origin::Replay, None);
    let article = extract(&raw, Options { fragment, ..Options::default() }).ok()?;
    let source = if fragment { Source::Body } else { Source::Page };
    let names = [ProfileName::Default, ProfileName::Hexo, ProfileName::Zola];
    names.into_iter().find_map(|name| {
        let document = markdown::write(&article, &ImageMap::new(), &Profile { name, ..Profile::default() });
        let control = document.front_matter.chars().find(|c| c.is_control() && *c != '\n');
        let in_front = control.map(|c| format!("{c:?} in the front matter:\n{}", document.front_matter));
        in_front.or_else(|| inert::live(&document.body, source).map(|live| format!("{live}:\n{}", document.body)))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn made_pages_come_out_inert(said in pieces(4), body in pieces(16)) {
        for (html, fragment) in [(page(&said, &body), false), (body, true)] {
            prop_assert_eq!(fault(html.as_bytes(), fragment), None);
        }
    }
}

#[test]
fn the_guard_sees_what_is_live() {
    for text in [
        "<script>x</script>",
        "a <img src=x onerror=y>",
        "[a](javascript:x)",
        "![a](data:text/html,x)",
        "[a](data:image/png,x)",
        "<iframe src=\"https://evil.example/?youtube.com\"></iframe>",
        "<iframe src=\"https://youtube.com.evil.example/\"></iframe>",
        "<p style=\"x\">",
        "<form>",
        "a\u{1b}[31m",
        "a\u{9b}31m",
    ] {
        assert!(inert::live(text, Source::Body).is_some(), "{text:?}");
    }
    assert!(inert::live("[a](ftp://a.cn/)", Source::Page).is_some());
    for text in ["[a](/b) [c](mailto:d) ![e](data:image/png;base64,x) `<script>` \\<b>", "<https://a.cn/>", "a:b"] {
        assert_eq!(inert::live(text, Source::Page), None, "{text:?}");
    }
}

#[test]
fn real_pages_come_out_inert() {
    let Some(corpus) = std::env::var_os("BINDERY_CORPUS") else {
        return skip("sets", "BINDERY_CORPUS names none");
    };
    let step = if cfg!(debug_assertions) { 30 } else { 1 };
    let mut pages: Vec<std::path::PathBuf> = Vec::new();
    for set in ["cjk-open/html", "wcxb-dev/html"] {
        let folder = std::path::Path::new(&corpus).join(set);
        pages.extend(std::fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap().path()));
    }
    pages.sort();
    assert!(pages.len() > 1000, "{} pages in {}", pages.len(), corpus.display());
    let mut looked_at = 0;
    for path in pages.iter().step_by(step) {
        let html = std::fs::read(path).unwrap();
        for fragment in [false, true] {
            if let Some(fault) = fault(&html, fragment) {
                panic!("{}, fragment {fragment}: {fault:.3000}", path.display());
            }
        }
        looked_at += 1;
    }
    println!("{looked_at} real pages came out inert, as pages and as bodies");
}
