//! A site that does whatever it likes. Every page of it is archived in one run: each must end as it should, within its
//! time, within a bound of memory, and what is written must be whole, inert, and nowhere but in the archive.
#![cfg(all(feature = "cli", feature = "net", target_os = "linux"))]

mod routes;

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::fuzz::bodies::inert;
use crate::support::program::Program;
use crate::support::server::{Answer, Server};
use routes::{Must, routes};
use serde_json::Value;

/// The time that one request may take.
const LIMIT: Duration = Duration::from_secs(3);

/// The time that the work on one page may take beyond it. A program that is not optimised needs many times as much.
const GRACE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 1 });

/// The most memory, in MB. This is the program as tests build it; the one that ships takes less.
const MEMORY: u64 = 400;

/// What one run over every URL came to.
struct Visit {
    /// The pages' events, in the order the pages were named, and how long each took after the one before.
    pages: Vec<(Value, Duration)>,
    /// The peak of memory, in MB.
    peak: u64,
    /// What was said on standard error.
    err: String,
}

/// The peak of a process' memory so far, in MB; None when it is gone.
fn peak(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

/// One run over every URL, watched.
fn visit(program: &Program, list: &str, seconds: &str) -> Visit {
    let mut child = program
        .command(&["archive", "--input-file", list, "--json", "--timeout", seconds, "--retries", "0"])
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(program.path("err")).unwrap())
        .spawn()
        .unwrap();
    let highest = Arc::new(AtomicU64::new(0));
    let watch = thread::spawn({
        let (highest, id) = (highest.clone(), child.id());
        move || {
            while let Some(now) = peak(id) {
                highest.fetch_max(now, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(20));
            }
        }
    });
    let (mut pages, mut last) = (Vec::new(), Instant::now());
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
        if event["event"] == "article" {
            pages.push((event, last.elapsed()));
            last = Instant::now();
        }
    }
    child.wait().unwrap();
    watch.join().unwrap();
    Visit { pages, peak: highest.load(Ordering::Relaxed), err: program.read("err") }
}

/// Why a page did not end as it must; None when it did.
fn fault(program: &Program, must: Must, event: &Value) -> Option<String> {
    let kept = event["path"].as_str().map(|path| program.read(&format!("bindery-archive/{path}")));
    let kind = event["error"]["kind"].as_str();
    match (must, kept, kind) {
        (Must::Fail(kinds), _, Some(kind)) if kinds.contains(&kind) => None,
        (Must::Hold(part), Some(text), _) if text.contains(part) => None,
        (Must::End, _, _) => None,
        _ => Some(event.to_string()),
    }
}

/// The front matter's keys, read by a YAML reader that knows nothing of bindery.
fn keys(text: &str) -> Vec<String> {
    let front = text.strip_prefix("---\n").unwrap().split("\n---\n").next().unwrap();
    let fields: serde_yaml::Mapping = serde_yaml::from_str(front).unwrap();
    fields.keys().map(|key| key.as_str().unwrap().to_owned()).collect()
}

const KEYS: [&str; 14] = [
    "title",
    "author",
    "published",
    "modified",
    "url",
    "canonical",
    "site",
    "language",
    "description",
    "tags",
    "categories",
    "image",
    "archived",
    "sha256",
];

/// Every text in the archive is inert, says nothing that its page does not, and stands where texts stand.
fn look_at(program: &Program) {
    for file in program.files("bindery-archive") {
        let parts: Vec<&str> = file.split('/').collect();
        assert!(!parts.iter().any(|part| part.is_empty() || part.starts_with("..") || part.len() > 120), "{file}");
        assert!(!file.chars().any(|c| c.is_control() || "\\:*?\"<>|\u{202e}\u{2066}".contains(c)), "{file}");
        if !file.ends_with(".md") || parts[0] != "articles" {
            continue;
        }
        let text = program.read(&format!("bindery-archive/{file}"));
        let unknown: Vec<String> = keys(&text).into_iter().filter(|key| !KEYS.contains(&key.as_str())).collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{file}: a control character");
        let body = text.splitn(3, "---\n").nth(2).unwrap();
        if let Some(live) = inert::live(body, inert::Source::Page) {
            panic!("{file}: {live}\n{body}");
        }
    }
}

fn answer(paths: &[(String, usize)], routes: &[routes::Route], path: &str, other: u16) -> Answer {
    match paths.iter().find(|(known, _)| known == path.split('?').next().unwrap()) {
        Some((_, at)) => (routes[*at].answer)(other),
        None => routes::image(path),
    }
}

#[test]
fn nothing_is_lost_nothing_gets_in_and_nothing_hangs() {
    let secret = Server::start(|_| Answer::html(routes::page("秘密", &routes::article())));
    let other = secret.port();
    let sent = routes();
    let must: Vec<Must> = sent.iter().map(|route| route.must).collect();
    let paths: Vec<(String, usize)> = sent
        .iter()
        .enumerate()
        .map(|(at, route)| (url::Url::parse("http://a.cn").unwrap().join(&route.path).unwrap().path().to_owned(), at))
        .collect();
    let names: Vec<String> = paths.iter().map(|(path, _)| path.clone()).collect();
    let server = Server::start(move |asked| answer(&paths, &sent, &asked.path, other));
    let program = Program::new();
    let list: String = names.iter().map(|path| format!("{}\n", server.url(path))).collect();
    program.write("list.txt", list);

    let visit = visit(&program, "list.txt", "3s");

    assert_eq!(visit.pages.len(), must.len(), "{}", visit.err);
    let faults: Vec<String> = (0..must.len())
        .filter_map(|at| fault(&program, must[at], &visit.pages[at].0).map(|fault| format!("{}: {fault}", names[at])))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(secret.log().len(), 0, "a server that nobody named was asked");
    assert!(!visit.err.chars().any(|c| c.is_control() && c != '\n'), "{}", visit.err);
    look_at(&program);
    program.run_to(0, &["verify"]);
    let (longest, at) = visit.pages.iter().enumerate().map(|(at, (_, took))| (*took, at)).max().unwrap();
    let cases = must.len();
    println!("figure: hostile cases: {cases} tried, {} ended as they must", cases - faults.len());
    println!("figure: memory over the whole hostile run: {} MB (limit {MEMORY})", visit.peak);
    let limit = (LIMIT + GRACE).as_secs_f64();
    println!("figure: longest time of one page: {:.1} s, {} (limit {limit:.1})", longest.as_secs_f64(), names[at]);
    assert!(visit.peak < MEMORY, "{} MB", visit.peak);
    assert!(longest < LIMIT + GRACE, "{longest:?} for {}", names[at]);
}
