//! What `list`, `search` and an unchanged visit take in an archive of 50,000 articles, half of which have one Han character.
//!
//! `cargo bench --bench find` prints each, the best of five, and fails when one exceeds its limit; `-- 5000` makes fewer
//! articles.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use bindery::archive::{Answer, AnswerSource, FeedClaims, PageOrigin, Visit, Writer, WriterOptions};
use bindery::frontmatter::ProfileName;
use bindery::model::{
    Charset, CharsetSource, Digest, Document, Exchange, Headers, Metadata, Sourced, Timestamp, UrlKey,
};
use url::Url;

const ARTICLES: u64 = 50_000;
const HOSTS: u64 = 200;
const SLOWEST: Duration = Duration::from_millis(100);
const SLOWEST_VISIT: Duration = Duration::from_millis(50);

/// Words that the texts are made of.
const ENGLISH: [&str; 12] =
    ["lock", "weir", "keeper", "slate", "barge", "mason", "council", "museum", "village", "spring", "water", "gate"];
const CHINESE: [&str; 12] =
    ["装订铺", "老师傅", "手艺", "图书馆", "族谱", "巷子", "路灯", "学徒", "城隍庙", "压书机", "地方志", "针脚"];

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(ARTICLES);
    let memory = Path::new("/dev/shm");
    let scratch = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let root = scratch.expect("a scratch folder").keep();
    let begin = Instant::now();
    fill(&root.join("archive"), count);
    println!("{count} articles in {:.0} s", begin.elapsed().as_secs_f64());
    let done = measure(&root.join("archive"), count);
    std::fs::remove_dir_all(&root).expect("the scratch folder is removed");
    assert!(done, "a limit was exceeded");
}

/// Prints what each command takes, and returns whether all are within their limits.
fn measure(root: &Path, count: u64) -> bool {
    let begin = Instant::now();
    run(root, &["search", "nothing"]);
    println!("the first search, which makes the index: {:.1} s", begin.elapsed().as_secs_f64());
    let commands: [&[&str]; 7] = [
        &["list"],
        &["list", "host17"],
        &["list", "没有"],
        &["search", "装"],
        &["search", "图书馆"],
        &["search", "keeper"],
        &["search", "--since", "2025-01-01", "馆"],
    ];
    let mut done = true;
    for arguments in commands {
        let took = (0..5).map(|_| run(root, arguments)).min().unwrap_or_default();
        println!("bindery {:<28} {:>6.1} ms", arguments.join(" "), took.as_secs_f64() * 1e3);
        done &= took <= SLOWEST;
    }
    let took = (0..5).map(|n| unchanged(root, count + n)).min().unwrap_or_default();
    println!("an unchanged visit, in a run of its own {:>6.1} ms", took.as_secs_f64() * 1e3);
    done && took <= SLOWEST_VISIT
}

fn run(root: &Path, arguments: &[&str]) -> Duration {
    let begin = Instant::now();
    let ran = Command::new(env!("CARGO_BIN_EXE_bindery")).arg("--archive").arg(root).args(arguments).output();
    let took = begin.elapsed();
    let ran = ran.expect("the program runs");
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    took
}

/// Visits the first article again, which has not changed.
fn unchanged(root: &Path, at: u64) -> Duration {
    let begin = Instant::now();
    let mut writer = Writer::open(root, opening(at)).expect("an archive");
    let visit = Visit { captured: instant(at), ..article(0) };
    writer.keep(visit).expect("kept");
    writer.commit().expect("a commit");
    begin.elapsed()
}

fn opening(n: u64) -> WriterOptions {
    WriterOptions::new("find", "bindery 0.1.0", instant(n))
}

fn instant(n: u64) -> Timestamp {
    let seconds = 1_704_067_200 + i64::try_from(n).expect("a small number") * 600;
    Timestamp::from_second(seconds).expect("an instant")
}

fn fill(root: &Path, count: u64) {
    let mut writer = Writer::open(root, opening(0)).expect("an archive");
    for n in 0..count {
        writer.keep(article(n)).expect("kept");
    }
    writer.commit().expect("a commit");
}

/// Returns a text of an article; every other one has the character 装.
fn text(n: u64) -> String {
    let mut state = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as usize % 12
    };
    let mut text = String::new();
    for paragraph in 0..6 {
        for _ in 0..20 {
            match (n % 2, next()) {
                (0, word) => text.push_str(CHINESE[word]),
                (_, word) => text.extend([ENGLISH[word], " "]),
            }
        }
        if paragraph == 0 && n.is_multiple_of(2) {
            text.push_str("装订");
        }
        text.push_str(".\n\n");
    }
    text
}

fn article(n: u64) -> Visit {
    let url = Url::parse(&format!("https://host{}.example/{n}", n % HOSTS)).expect("a URL");
    let body = text(n);
    let title = if n.is_multiple_of(2) {
        format!("第{n}篇 装订铺的手艺")
    } else {
        format!("No. {n}: The keeper's gate")
    };
    let page = format!("<html><body>{body}</body></html>").into_bytes();
    Visit {
        key: UrlKey::of(&url),
        requested: Some(url.clone()),
        answered: Some(url.clone()),
        aliases: Vec::new(),
        feed: FeedClaims::default(),
        metadata: Metadata { title: Some(Sourced::new(title, "h1")), ..Metadata::default() },
        captured: instant(n),
        text_digest: Digest::of(body.as_bytes()),
        document: Document {
            front_matter: String::new(),
            body_digest: Digest::of(body.as_bytes()),
            body,
            round_trip: Vec::new(),
        },
        images: Vec::new(),
        confidence: Some(0.97),
        warnings: Vec::new(),
        losses: Vec::new(),
        charset: Charset { name: "UTF-8".to_owned(), source: CharsetSource::Http },
        profile: ProfileName::Default,
        etag: None,
        last_modified: None,
        status: 200,
        redirects: Vec::new(),
        payload_digest: Digest::of(&page),
        software: "bindery 0.1.0".to_owned(),
        origin: PageOrigin::Network,
        answers: vec![answer(url, n, page)],
        options: Vec::new(),
        continuation_pages: Vec::new(),
    }
}

fn answer(url: Url, n: u64, body: Vec<u8>) -> Answer {
    let exchange = Exchange {
        method: "GET".to_owned(),
        request_headers: Headers(vec![("Host".to_owned(), b"example".to_vec())]),
        protocol: "http/1.1".to_owned(),
        remote: None,
    };
    let headers = Headers(vec![("content-type".to_owned(), b"text/html".to_vec())]);
    Answer {
        received: instant(n),
        body: Some(body),
        source: AnswerSource::Http { url, status: 200, headers, exchange },
    }
}
