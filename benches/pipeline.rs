//! How fast pages become Markdown, stage by stage, beside the bare html5ever parse of the same pages in the same process.
//!
//! `cargo bench --bench pipeline` prints pages a second, megabytes a second and each stage's share, and fails when the
//! whole is slower than its share of the parse. With `BINDERY_CORPUS` it reads real pages, otherwise made ones. The
//! reference is html5ever building its own reference tree (`RcDom`), of the version that belongs to it, from text that
//! is decoded already.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use bindery::extract::{self, Options, Stage};
use bindery::frontmatter::{Profile, Style};
use bindery::markdown;
use bindery::model::{ImageMap, Origin, RawPage};

/// The least speed, as a share of the bare parse. The aim is 0.7. Made pages are dense: they are all text and links.
/// Looking for whole units, footnotes, threads and what was lost took a fifth of the speed.
#[cfg(feature = "htmd")]
const SHARE: [(&str, f64); 2] = [("real", 0.32), ("made", 0.15)];

/// How often every page is worked on; the best round counts.
const ROUNDS: usize = 3;

/// What one round over all pages took.
#[derive(Debug, Clone, Default)]
struct Round {
    /// html5ever alone.
    bare: Duration,
    /// Everything from bytes to checked Markdown.
    whole: Duration,
    stages: BTreeMap<&'static str, Duration>,
    articles: usize,
}

fn main() {
    let (kind, pages) = pages();
    let bytes: usize = pages.iter().map(|page| page.content().len()).sum();
    let megabytes = bytes as f64 / 1e6;
    println!("{} {kind} pages, {megabytes:.1} MB", pages.len());
    let rounds: Vec<Round> = (0..ROUNDS).map(|_| round(&pages)).collect();
    let best = rounds.iter().min_by_key(|round| round.whole).expect("there are rounds");
    let speed = |took: Duration| {
        let seconds = took.as_secs_f64();
        format!("{:>7.1} pages/s {:>7.1} MB/s", pages.len() as f64 / seconds, megabytes / seconds)
    };
    println!("{:>14} {} with {} articles", "whole", speed(best.whole), best.articles);
    for (stage, took) in &best.stages {
        println!("{stage:>14} {} {:>5.1} %", speed(*took), 100.0 * took.as_secs_f64() / best.whole.as_secs_f64());
    }
    beside(kind, best, rounds.iter().map(|round| round.bare).min().unwrap_or_default(), speed);
}

#[cfg(feature = "htmd")]
fn beside(kind: &str, best: &Round, bare: Duration, speed: impl Fn(Duration) -> String) {
    let floor = SHARE.iter().find(|(of, _)| *of == kind).map_or(0.0, |(_, floor)| *floor);
    let share = bare.as_secs_f64() / best.whole.as_secs_f64();
    println!("{:>14} {}: the whole runs at {share:.2} of it", "bare parse", speed(bare));
    assert!(share >= floor, "{share:.2} of the bare parse; the floor is {floor}");
}

#[cfg(not(feature = "htmd"))]
fn beside(_: &str, _: &Round, _: Duration, _: impl Fn(Duration) -> String) {
    println!("the reference tree is not in this build");
}

fn round(pages: &[RawPage]) -> Round {
    let mut round = Round::default();
    let (images, checked) = (ImageMap::new(), Profile::default());
    let unchecked = Profile { style: Style { check: false, ..Style::default() }, ..Profile::default() };
    for raw in pages {
        let text = decoded(raw);
        let begin = Instant::now();
        bare(&text);
        round.bare += begin.elapsed();
        drop(text);

        let begin = Instant::now();
        decoded(raw);
        let decode = begin.elapsed();
        *round.stages.entry("1 decode").or_default() += decode;

        let begin = Instant::now();
        let mut last = begin;
        let mut watch = |stage| {
            let now = Instant::now();
            *round.stages.entry(name(stage)).or_default() += now - last;
            last = now;
        };
        let article = extract::extract_watched(raw, Options::default(), &mut watch);
        let extracted = begin.elapsed();
        round.whole += extracted;
        let Ok(article) = article else { continue };
        let begin = Instant::now();
        markdown::write(&article, &images, &unchecked);
        let written = begin.elapsed();
        let begin = Instant::now();
        markdown::write(&article, &images, &checked);
        let all = begin.elapsed();
        round.whole += all;
        round.articles += 1;
        *round.stages.entry("9 write").or_default() += written;
        *round.stages.entry("9b check").or_default() += all.saturating_sub(written);
    }
    // Decoding is measured by itself, and is a part of reading the page.
    let decode = round.stages.get("1 decode").copied().unwrap_or_default();
    if let Some(parse) = round.stages.get_mut("2 parse") {
        *parse = parse.saturating_sub(decode);
    }
    round
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Parse => "2 parse",
        Stage::Scan => "3 scan",
        Stage::Metadata => "4 metadata",
        Stage::Features => "5 features",
        Stage::Inference => "6 inference",
        Stage::Choice => "7 choice",
        Stage::Build => "8 build",
    }
}

fn decoded(raw: &RawPage) -> String {
    bindery::html::decode(raw.content(), None, None).text.into_owned()
}

#[cfg(feature = "htmd")]
fn bare(text: &str) {
    use html5ever_of_htmd::tendril::TendrilSink;
    let options = html5ever_of_htmd::ParseOpts::default();
    let dom = html5ever_of_htmd::parse_document(markup5ever_rcdom::RcDom::default(), options).one(text);
    assert!(!dom.document.children.borrow().is_empty(), "a page has a root");
}

#[cfg(not(feature = "htmd"))]
fn bare(_: &str) {}

fn pages() -> (&'static str, Vec<RawPage>) {
    let Some(corpus) = std::env::var_os("BINDERY_CORPUS") else { return ("made", made()) };
    let mut paths: Vec<_> = std::fs::read_dir(Path::new(&corpus).join("wcxb-dev/html"))
        .expect("the set is unpacked")
        .map(|entry| entry.expect("the folder is read").path())
        .collect();
    paths.sort();
    // Each fifth page is as good as all of them, and takes a fifth of the time.
    let every = std::env::var("BINDERY_EVERY").ok().and_then(|every| every.parse().ok()).unwrap_or(5);
    let read = |path| RawPage::from_bytes(std::fs::read(path).expect("the page is read"), None, Origin::Replay, None);
    ("real", paths.into_iter().step_by(every).map(read).collect())
}

/// Pages in the shape of real ones: menus, cards, scripts and styles around an article of varying length.
fn made() -> Vec<RawPage> {
    (0..40).map(|n| RawPage::from_bytes(made_page(n).into_bytes(), None, Origin::Replay, None)).collect()
}

fn made_page(n: usize) -> String {
    let script = "window.dataLayer=window.dataLayer||[];for(let i=0;i<10;i++){dataLayer.push({event:'view',slot:i})}\n";
    let style = ".card{display:flex;margin:0 0 1rem}.card>a{color:#1a1a1a;text-decoration:none}\n";
    let menu: String = (0..60).map(|k| format!("<li class=\"menu-item item-{k}\"><a href=\"/section/{k}\" class=\"nav-link\"><span>栏目 Section {k}</span></a></li>\n")).collect();
    let card = |k: usize| {
        format!(
            "<div class=\"card teaser-{k}\"><a href=\"/story/{k}\"><img src=\"/thumb/{k}.jpg\" alt=\"\" loading=\"lazy\"><h3 class=\"card__title\">The \
             council votes again on plan {k}</h3></a><p class=\"card__meta\"><time datetime=\"2024-03-{:02}\">{k} March</time></p></div>\n",
            k % 28 + 1
        )
    };
    let cards: String = (0..40).map(card).collect();
    let body: String = (0..20 + n)
        .map(|k| match k % 4 {
            0 => format!("<p>会谈后，两国领导人就<strong>战略稳定</strong>问题签署了第{k}份声明，<a href=\"/tag/{k}\">双方大使</a>将在不久后重返各自的岗位，其他问题留待以后再谈。</p>\n"),
            1 => format!("<h2>Part {k}</h2><p>Prices rose by {k}&nbsp;% in March, <a href=\"/n\">the agency said</a>, and <b>more</b> is to <i>come</i>; the figures of last year were lower, and nobody knows why.</p>\n"),
            2 => format!("<figure><img src=\"/i/{k}.jpg\" alt=\"图\"><figcaption>图为第{k}幅。摄影：林远</figcaption></figure>\n"),
            _ => format!("<ul><li>one thing that was said on day {k}</li><li>two things that were not</li></ul><blockquote><p>“A quotation of some length.”</p></blockquote>\n"),
        })
        .collect();
    format!(
        "<!DOCTYPE html><html lang=\"zh\"><head><meta charset=\"utf-8\"><title>会谈之后 {n}</title><style>{}</style><script>{}</script></head>\
         <body class=\"home page-{n}\"><header class=\"site-header\"><nav class=\"main-nav\"><ul>{menu}</ul></nav></header><main><article class=\"post\"><h1>会谈之后 {n}</h1>\
         {body}</article><aside class=\"related\">{cards}</aside></main><footer class=\"site-footer\"><ul>{menu}</ul></footer><script>{}</script></body></html>",
        style.repeat(300),
        script.repeat(300),
        script.repeat(200),
    )
}
