//! How fast articles are written, beside htmd's walk over the same trees, and what a very large page costs.
//!
//! `cargo bench --bench markdown` fails when the writer falls below its share of htmd's speed, or when a page of 50 MB
//! takes too long or too much memory. `BINDERY_CORPUS` adds real bodies to the made one. `-- htmd` and `-- large` measure
//! one of the two alone.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

use std::time::{Duration, Instant};

use bindery::extract::{Options, extract};
use bindery::frontmatter::{Profile, Style};
use bindery::markdown;
use bindery::model::{Article, ImageMap, Origin, RawPage};

/// The speed, as a share of htmd's. The aim is 1.5; a build with link-time optimisation, as a release is, comes nearer to it.
#[cfg(feature = "htmd")]
const SHARE: f64 = 1.1;
const LARGE: usize = 50 * 1024 * 1024;
/// The aim is 1.5 s; the rest is for a machine that does other work beside.
const LARGE_TIME: Duration = Duration::from_millis(6000);
/// In kilobytes.
const LARGE_MEMORY: u64 = 450 * 1024;

const ARTICLE: &str = "<h2>会谈之后 <em>After</em></h2><p>会谈后，两国领导人就<strong>战略稳定</strong>问题签署了一份声明，\
    <a href='https://a.example/x?y=1'>双方大使</a>将在不久后重返各自的岗位，其他问题留待以后再谈。</p>\
    <p>Prices rose by 5% in March, <a href='/n'>the agency said</a>, and <b>more</b> is to <i>come</i>; see table_1 and [2].</p>\
    <ul><li>one <code>a_b</code></li><li>two<ul><li>three</li></ul></li></ul><blockquote><p>“A quotation.”</p></blockquote>\
    <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table><pre><code class='language-rust'>fn main() {\n    run();\n}\n</code></pre>\
    <p><img src='https://a.example/i.png' alt='图'> x<sup>2</sup></p>";

fn main() {
    let parts: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|named| named == part);
    if wanted("htmd") {
        beside_htmd(&bodies());
    }
    if wanted("large") {
        large_page();
    }
}

fn bodies() -> Vec<String> {
    let mut bodies = vec![ARTICLE.repeat(40)];
    if let Some(corpus) = std::env::var_os("BINDERY_CORPUS") {
        let folder = std::path::Path::new(&corpus).join("fragments-open");
        let files = std::fs::read_dir(folder).expect("the set is unpacked");
        bodies.extend(files.map(|file| std::fs::read_to_string(file.expect("listed").path()).expect("read")));
    }
    bodies
}

fn article(html: &str) -> Article {
    let raw = RawPage::from_bytes(html.as_bytes().to_vec(), None, Origin::Replay, None);
    extract(&raw, Options { fragment: true, ..Options::default() }).expect("the body is read")
}

fn unchecked() -> Profile {
    Profile { style: Style { check: false, ..Style::default() }, ..Profile::default() }
}

fn large_page() {
    let paragraph =
        format!("<p>{}</p>", "The committee met for the third time this year and agreed on nothing. ".repeat(12));
    let page = format!("<html><body><article>{}", paragraph.repeat(LARGE / paragraph.len() + 1));
    let raw = RawPage::from_bytes(page.into_bytes(), None, Origin::Replay, None);
    let once = || {
        let begin = Instant::now();
        let article = extract(&raw, Options::default()).expect("the page holds an article");
        let extracted = begin.elapsed();
        let document = markdown::write(&article, &ImageMap::new(), &unchecked());
        assert!(document.body.len() > LARGE / 2, "text is lost");
        (begin.elapsed(), extracted)
    };
    let (took, extracted) = (0..3).map(|_| once()).min().unwrap_or_default();
    println!("50 MB: {took:.2?} from bytes to Markdown, {extracted:.2?} of it to the article");
    if let Some(peak) = peak_memory() {
        println!("  {} MB at the most", peak / 1024);
        assert!(peak <= LARGE_MEMORY, "{peak} kB; the limit is {LARGE_MEMORY}");
    }
    assert!(took <= LARGE_TIME, "{took:?}; the limit is {LARGE_TIME:?}");
}

/// The most memory this process has had, in kilobytes; None where the system does not say.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// What all bodies take.
fn timed(once: &mut dyn FnMut() -> usize) -> Duration {
    let begin = Instant::now();
    assert!(once() > 0, "nothing was written");
    begin.elapsed()
}

/// The best of several for each. They take turns, so that what else the machine does slows both; a turn is long enough for
/// the trees to be at hand.
fn best<const N: usize>(mut all: [&mut dyn FnMut() -> usize; N]) -> [Duration; N] {
    let mut best = [Duration::MAX; N];
    for _ in 0..10 {
        for (best, once) in best.iter_mut().zip(&mut all) {
            *best = (0..10).map(|_| timed(once)).min().unwrap_or_default().min(*best);
        }
    }
    best
}

#[cfg(feature = "htmd")]
fn beside_htmd(bodies: &[String]) {
    let converter = htmd::HtmlToMarkdown::new();
    let theirs: Vec<_> = bodies.iter().map(|body| converter.html_to_tree(body).expect("htmd reads the body")).collect();
    let articles: Vec<Article> = bodies.iter().map(|body| article(body)).collect();
    let mut walk = || theirs.iter().map(|tree| converter.tree_to_markdown(tree).len()).sum();
    let [ours, walk] = best([&mut || written(&articles), &mut walk]);
    let times = walk.as_secs_f64() / ours.as_secs_f64();
    println!("{} bodies: bindery {ours:.2?}, htmd {walk:.2?}: {times:.2} times as fast", bodies.len());
    assert!(times >= SHARE, "{times:.2} times as fast as htmd; the floor is {SHARE}");
}

#[cfg(not(feature = "htmd"))]
fn beside_htmd(bodies: &[String]) {
    let articles: Vec<Article> = bodies.iter().map(|body| article(body)).collect();
    let [ours] = best([&mut || written(&articles)]);
    println!("{} bodies: bindery {ours:.2?}; htmd is not in this build", bodies.len());
}

/// The length of all that is written.
fn written(articles: &[Article]) -> usize {
    let (images, profile) = (ImageMap::new(), unchecked());
    articles.iter().map(|article| markdown::body(&article.content, &images, &profile).len()).sum()
}
