//! Some hundred real pages from loopback through one run of the program: no panic, bounded memory, a clean archive, and a
//! second run that finds nothing new.
//!
//! Needs the unpacked sets (`BINDERY_CORPUS`). `cargo test --release --test it corpus:: -- --nocapture` prints the figures.
#![cfg(all(feature = "cli", feature = "net"))]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::program::Program;
use crate::support::server::{Answer, Server};
use crate::support::skip::skip;
use serde_json::Value;

/// The sets, and how many pages of each are taken: fewer where the program is slow.
const SETS: [(&str, usize); 2] =
    [("cjk-open", usize::MAX), ("wcxb-dev", if cfg!(debug_assertions) { 80 } else { 300 })];

/// The most memory a run may take.
const MEMORY_LIMIT: u64 = 400 << 20;

#[test]
fn real_pages_go_through_in_one_run_and_a_second_run_finds_nothing_new() {
    let Some(corpus) = std::env::var_os("BINDERY_CORPUS") else {
        return skip("sets", "BINDERY_CORPUS names none");
    };
    let pages: BTreeMap<String, Vec<u8>> =
        SETS.iter().flat_map(|(set, most)| pages(Path::new(&corpus), set, *most)).collect();
    assert!(pages.len() > 100, "{} pages in {}", pages.len(), corpus.display());
    let paths: Vec<String> = pages.keys().cloned().collect();
    let server = Server::start(move |asked| match pages.get(&asked.path) {
        Some(page) => Answer::bytes("text/html", page.clone()),
        None if asked.header("accept").is_some_and(|accept| accept.contains("image/")) => {
            Answer::bytes("image/gif", image(&asked.path))
        }
        None => Answer::status(404),
    });
    let program = Program::new();
    let list: String = paths.iter().map(|path| format!("{}\n", server.url(path))).collect();
    program.write("pages.txt", list);

    let first = run(&program, "first run");
    assert_eq!(count(&first, "new") + count(&first, "failed"), paths.len() as u64);
    assert!(count(&first, "failed") * 10 < paths.len() as u64, "{first}");
    let begin = Instant::now();
    let verified = program.run_to(0, &["verify", "--json"]).summary();
    println!("verify: clean, {} files, {} bytes, {:.2?}", verified["files"], verified["bytes"], begin.elapsed());
    assert_eq!(verified["findings"], 0);
    by_hand(&program);

    let second = run(&program, "second run");
    assert_eq!((count(&second, "new"), count(&second, "updated")), (0, 0), "{second}");
    assert_eq!(count(&second, "unchanged"), count(&first, "new"));
    program.run_to(0, &["verify"]);
}

fn pages(corpus: &Path, set: &str, most: usize) -> Vec<(String, Vec<u8>)> {
    let folder = corpus.join(set).join("html");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let served = files.iter().take(most).map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (format!("/{set}/{name}"), std::fs::read(path).unwrap())
    });
    served.collect()
}

/// An image of its own for each URL.
fn image(path: &str) -> Vec<u8> {
    let mut gif = b"GIF89a\x0a\0\x0a\0\0\0\0!\xfe\x20".to_vec();
    gif.extend(bindery::model::Digest::of(path.as_bytes()).as_bytes());
    gif.extend(b"\0;");
    gif
}

fn count(summary: &Value, name: &str) -> u64 {
    summary[name].as_u64().unwrap()
}

/// Runs `archive` over the list, prints what it did, holds it to its memory, and gives its summary.
fn run(program: &Program, name: &str) -> Value {
    let begin = Instant::now();
    let mut command = program.command(&["archive", "--input-file", "pages.txt", "--json", "--retries", "0"]);
    let errors = std::fs::File::create(program.path("errors.txt")).unwrap();
    let mut child = command.stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut out = String::new();
        stdout.read_to_string(&mut out).map(|_| out)
    });
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_memory(child.id()));
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    let out = reader.join().unwrap().unwrap();
    let errors = program.read("errors.txt");
    assert!(!errors.contains("panicked"), "{errors}");
    assert!(matches!(status.code(), Some(0 | 3)), "{status} {errors}");
    let summary: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    println!("{name}: {summary}\n  {:.2?}, at most {} MB", begin.elapsed(), peak >> 20);
    for failed in out.lines().filter(|line| line.contains("\"outcome\":\"failed\"")) {
        let event: Value = serde_json::from_str(failed).unwrap();
        println!("  failed: {}", event["error"]["message"]);
    }
    assert!(peak < MEMORY_LIMIT, "{} MB", peak >> 20);
    summary
}

/// The most memory that the process has held so far, in bytes; 0 where the system does not tell.
fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or_default() << 10
}

/// The same check without the program: manifest by manifest.
fn by_hand(program: &Program) {
    let begin = Instant::now();
    let check = "find . -name manifest-sha256.txt -execdir sha256sum --check --quiet --strict {} ';'";
    let output = Command::new("sh").args(["-c", check]).current_dir(program.archive()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.is_empty(), "{said}");
    println!("sha256sum -c, manifest by manifest: accepts all, {:.2?}", begin.elapsed());
}
