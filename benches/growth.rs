//! What one more article costs in a large archive: 10,000 articles with three images each, and what the check of all of
//! it takes against `sha256sum` alone.
//!
//! `cargo bench --bench growth` prints the cost of the articles after the 100th and after the 10,000th side by side,
//! each in a run of its own and both archives in turns, and fails when the later ones cost over 20 % more.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bindery::archive::{Answer, AnswerSource, PageOrigin, Visit, VisitImage, Writer, WriterOptions};
use bindery::frontmatter::ProfileName;
use bindery::model::{
    Charset, CharsetSource, Digest, Document, Exchange, Headers, Image, ImageFormat, Metadata, Sourced, Timestamp,
    UrlKey,
};
use bindery::verify;
use url::Url;

const ARTICLES: u64 = 10_000;
const EARLY: u64 = 100;
const HOSTS: u64 = 50;
/// Articles that are added one by one at each size.
const ADDED: u64 = 60;
const MAY_COST: f64 = 1.2;
const MUST_RUN_AT: f64 = 0.6;

fn main() {
    // In memory, where flushing costs nothing and everything else shows.
    let memory = Path::new("/dev/shm");
    let scratch = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let scratch = scratch.expect("a scratch folder");
    let [small, root] = ["small", "archive"].map(|name| scratch.path().join(name));
    fill(&small, 0..EARLY);
    fill(&root, 0..ARTICLES);
    // In turns, so that what else the machine does slows both.
    let (mut early, mut late) = (Vec::new(), Vec::new());
    for n in 0..ADDED {
        early.push(add(&small, EARLY + n));
        late.push(add(&root, ARTICLES + n));
    }
    let [early, late] = [early, late].map(median);
    let ratio = late.as_secs_f64() / early.as_secs_f64();
    println!("an article after the {EARLY}th: {:.2} ms", early.as_secs_f64() * 1e3);
    println!("an article after the {ARTICLES}th: {:.2} ms, {:.0} % of that", late.as_secs_f64() * 1e3, ratio * 100.0);
    check(&root);
    assert!(ratio <= MAY_COST, "{ratio}");
}

fn check(root: &Path) {
    let mut report = verify::Report::default();
    let checked = best(&mut || {
        report = verify::archive(root, 2, &mut |_| {}).expect("an archive");
        assert_eq!(report.findings, []);
    });
    println!("{} articles, {} files, {:.0} MB", report.articles, report.files, report.bytes as f64 / 1e6);
    let mut all = Command::new("find");
    all.arg(root).args(["-type", "f", "-not", "-path", "*/.bindery/*", "-exec", "sha256sum", "{}", "+"]);
    if !all.stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        println!("skipped: there is no find or sha256sum to compare with");
        return;
    }
    let alone = best(&mut || assert!(all.status().is_ok_and(|status| status.success())));
    let ratio = alone.as_secs_f64() / checked.as_secs_f64();
    println!(
        "verify {:.0} ms, sha256sum alone {:.0} ms: {:.0} % of its speed",
        checked.as_secs_f64() * 1e3,
        alone.as_secs_f64() * 1e3,
        ratio * 100.0
    );
    assert!(ratio >= MUST_RUN_AT, "{ratio}");
}

/// The best of three.
fn best(once: &mut dyn FnMut()) -> Duration {
    let timed = (0..3).map(|_| {
        let begin = Instant::now();
        once();
        begin.elapsed()
    });
    timed.min().unwrap_or_default()
}

fn opening(n: u64) -> WriterOptions {
    WriterOptions::new("growth", "bindery 0.1.0", instant(n))
}

fn instant(n: u64) -> Timestamp {
    let seconds = 1_764_000_000 + i64::try_from(n).expect("a small number") * 60;
    Timestamp::from_second(seconds).expect("an instant")
}

/// Many articles in one run.
fn fill(root: &Path, numbers: std::ops::Range<u64>) {
    let mut writer = Writer::open(root, opening(numbers.start)).expect("an archive");
    numbers.for_each(|n| keep(&mut writer, n));
    writer.commit().expect("a commit");
}

/// What an article costs in a run of its own.
fn add(root: &Path, n: u64) -> Duration {
    let begin = Instant::now();
    let mut writer = Writer::open(root, opening(n)).expect("an archive");
    keep(&mut writer, n);
    writer.write_event(&serde_json::json!({ "event": "article", "n": n })).expect("an event");
    writer.commit().expect("a commit");
    begin.elapsed()
}

fn median(mut costs: Vec<Duration>) -> Duration {
    costs.sort();
    costs[costs.len() / 2]
}

fn keep(writer: &mut Writer, n: u64) {
    let url = Url::parse(&format!("https://host{}.example/{n}", n % HOSTS)).expect("a URL");
    let images: Vec<VisitImage> = (0..3).map(|at| image(writer, &url, n, at)).collect();
    let text = format!("第{n}篇。城里最后一家装订铺的老师傅说，手艺不能断。\n\n").repeat(30);
    let shown: String =
        images.iter().filter_map(|image| Some(format!("![](../../../../{})\n\n", image.path.as_ref()?))).collect();
    let body = text + &shown;
    let page = format!("<html><body>{body}</body></html>").into_bytes();
    let visit = Visit {
        key: UrlKey::of(&url),
        requested: Some(url.clone()),
        answered: Some(url.clone()),
        aliases: Vec::new(),
        feed: Default::default(),
        metadata: Metadata { title: Some(Sourced::new(format!("第{n}篇"), "h1")), ..Metadata::default() },
        captured: instant(n),
        text_digest: Digest::of(body.as_bytes()),
        document: Document {
            front_matter: String::new(),
            body_digest: Digest::of(body.as_bytes()),
            body,
            round_trip: Vec::new(),
        },
        images,
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
        answers: vec![answer(url, n, Some(page))],
        options: Vec::new(),
        continuation_pages: Vec::new(),
    };
    writer.keep(visit).expect("kept");
}

fn image(writer: &mut Writer, page: &Url, n: u64, at: u64) -> VisitImage {
    let url = page.join(&format!("/{n}/{at}.gif")).expect("a URL");
    let mut bytes = b"GIF89a".to_vec();
    let mut state = (n * 3 + at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for _ in 0..2500 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend(state.to_be_bytes());
    }
    let image = Image { digest: Digest::of(&bytes), format: ImageFormat::Gif, bytes };
    let path = writer.store_image(&image).expect("stored");
    VisitImage { url: url.to_string(), path: Some(path), reason: None, answers: vec![answer(url, n, None)] }
}

fn answer(url: Url, n: u64, body: Option<Vec<u8>>) -> Answer {
    let media_type = if body.is_some() { "text/html" } else { "image/gif" };
    let exchange = Exchange {
        method: "GET".to_owned(),
        request_headers: Headers(vec![("Host".to_owned(), b"example".to_vec())]),
        protocol: "http/1.1".to_owned(),
        remote: None,
    };
    let headers = Headers(vec![("content-type".to_owned(), media_type.as_bytes().to_vec())]);
    Answer { received: instant(n), body, source: AnswerSource::Http { url, status: 200, headers, exchange } }
}
