//! How long a hostile page takes: 100,000 nested elements against as many that are not nested; 50 MB of one paragraph,
//! 200,000 blocks, tags that hide others in their attributes, and nests of every kind, each against a quarter of them.
//!
//! `cargo bench --bench depth` prints all and fails when the nested page takes half a second, when four times
//! the page takes ten times as long, or when text is lost.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

use std::time::{Duration, Instant};

use bindery::extract::{Options, extract};
use bindery::frontmatter::Profile;
use bindery::model::tree::{Element, Tree};
use bindery::model::{Article, ImageMap, Origin, RawPage};
use bindery::{html, markdown};

const COUNT: usize = 100_000;
/// Bytes of the one paragraph.
const PARAGRAPH: usize = 50_000_000;
const BLOCKS: usize = 200_000;
const TAGS: usize = 400_000;
/// Below this many seconds, a time says more about the machine than about the code.
const MEASURABLE: f64 = 0.05;
const LIMIT: Duration = Duration::from_millis(500);
const TEXT: &str =
    "会谈后，两国领导人就战略稳定问题签署了一份声明，双方大使将在不久后重返各自的岗位，其他问题留待以后再谈。";

fn main() {
    let body = format!("<p>{TEXT}</p><p>{TEXT}</p>");
    let nested = format!("<html><body>{}{body}{}", "<div>".repeat(COUNT), "</div>".repeat(COUNT));
    let flat = format!("<html><body>{}{body}", "<div></div>".repeat(COUNT));
    let unclosed = format!("<html><body>{}{body}", "<div>".repeat(COUNT));
    let reference = measure("flat", &flat);
    for (name, page) in [("nested", &nested), ("nested, never closed", &unclosed)] {
        let took = measure(name, page);
        println!("  {:.1} times the flat page", took.as_secs_f64() / reference.as_secs_f64());
        assert!(took < LIMIT, "{name}: {took:?}; the limit is {LIMIT:?}");
    }
    let paragraph = |count: usize| format!("<h1>书</h1><p>{}</p>", TEXT.repeat(count));
    grows("one paragraph", paragraph, PARAGRAPH / TEXT.len());
    let blocks = |count: usize| format!("<p>{TEXT}</p>").repeat(count);
    grows("blocks", blocks, BLOCKS);
    for part in ["<a/b=", "<a b=\"<a c='", "<a ", "<a <"] {
        compare(&format!("{TAGS} times {part}"), |count| parsed(part, count), TAGS);
    }
    for names in NESTS {
        compare(&format!("Markdown of {COUNT} nested {}", names.join(", ")), |depth| written(names, depth), COUNT);
    }
}

/// Elements that are nested in each other, in turn.
const NESTS: [&[&str]; 9] = [
    &["div"],
    &["blockquote"],
    &["ul", "li"],
    &["ol", "li", "blockquote", "p"],
    &["strong"],
    &["sub", "em", "div"],
    &["table", "tr", "td"],
    &["figure", "figcaption", "a"],
    &["h2", "code", "q"],
];

/// How long a page takes to be read that is made of a part again and again.
fn parsed(part: &str, count: usize) -> f64 {
    let page = part.repeat(count);
    let begin = Instant::now();
    let tree = html::document(&page);
    let took = begin.elapsed().as_secs_f64();
    drop(tree);
    took
}

/// How long the Markdown of a nest takes.
fn written(names: &[&'static str], depth: usize) -> f64 {
    let mut content = Tree::new();
    let mut at = content.root();
    for level in 0..depth {
        at = content.append_element(at, Element::new(names[level % names.len()]));
    }
    content.append_text(at, TEXT);
    let raw = RawPage::from_bytes(format!("<p>{TEXT}</p>").into_bytes(), None, Origin::Replay, None);
    let fragment = Options { fragment: true, ..Options::default() };
    let article = Article { content, ..extract(&raw, fragment).expect("the body is read") };
    let begin = Instant::now();
    let document = markdown::write(&article, &ImageMap::new(), &Profile::default());
    let took = begin.elapsed().as_secs_f64();
    assert!(document.body.contains(TEXT), "{names:?}: text is lost");
    took
}

/// Extraction alone, of a page and of its quarter.
fn grows(name: &str, make: impl Fn(usize) -> String, count: usize) {
    let took = |count: usize| {
        let html = make(count);
        let raw = RawPage::from_bytes(html.into_bytes(), None, Origin::Replay, None);
        let begin = Instant::now();
        let article = extract(&raw, Options::default()).expect("the page holds an article");
        let took = begin.elapsed().as_secs_f64();
        let text = article.content.text(article.content.root());
        assert_eq!(text.matches(TEXT).count(), count, "{name}: text is lost");
        took
    };
    compare(&format!("{name}, {count} times {} bytes", TEXT.len()), took, count);
}

/// Holds the time of a count against that of a quarter of it.
fn compare(name: &str, took: impl Fn(usize) -> f64, count: usize) {
    let (quarter, whole) = (took(count / 4), took(count));
    println!("{name}: {whole:.3} s, a quarter of it {quarter:.3} s");
    // What is linear takes four times as long, what is quadratic sixteen times; machines are noisy.
    assert!(
        whole < 10.0 * quarter || whole < MEASURABLE,
        "{name}: four times the page takes {:.1} times as long",
        whole / quarter
    );
}

/// The best of three, from bytes to Markdown.
fn measure(name: &str, html: &str) -> Duration {
    let once = || {
        let raw = RawPage::from_bytes(html.as_bytes().to_vec(), None, Origin::Replay, None);
        let begin = Instant::now();
        let article = extract(&raw, Options::default()).expect("the page holds an article");
        let document = markdown::write(&article, &ImageMap::new(), &Profile::default());
        let took = begin.elapsed();
        assert_eq!(document.body.matches(TEXT).count(), 2, "{name}: text is lost");
        took
    };
    let took = (0..3).map(|_| once()).min().unwrap_or_default();
    println!("{COUNT} div, {name}: {:.1} ms", took.as_secs_f64() * 1000.0);
    took
}
