//! Pages as a browser shows them: nothing is asked of the network, nothing goes wrong, axe-core finds no fault, and the search
//! page of a site finds words. `tests/browser/check.cjs` drives the browser.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{NOW, archived};
use crate::support::oracle::said;
use crate::support::program::Program;
use crate::support::skip::skip;

/// The number of pages of the corpus that are opened.
const CORPUS_PAGES: usize = 5;

/// A page with links that show nothing, and one that shows an image without a text.
const CAFE: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>The café</title><article><h1>The café</h1>\
    <p>The café beside the old library opens at seven, and nobody who reads for a living can do without a window seat.</p>\
    <p>She has kept the same tables for thirty years<a href=\"https://table.example.org/note\"> </a>, and the naïve visitor \
    who asks for a bigger cup is told that the size of the cup is the size of the morning.</p>\
    <p><a href=\"https://table.example.org/big.png\"><img src=\"cup.png\" width=640 height=480></a></p></article></html>";

/// Opens what a job names; None, which is said, when there is no browser.
fn opened(job: &Value) -> Option<Value> {
    let Some(browser) = std::env::var_os("BINDERY_CHROMIUM").map(PathBuf::from).filter(|path| path.is_file()) else {
        skip("browser", "BINDERY_CHROMIUM names no browser");
        return None;
    };
    let modules = std::env::var_os("BINDERY_NODE_MODULES").map(PathBuf::from);
    let Some(modules) = modules.filter(|modules| modules.join("axe-core").is_dir()) else {
        skip("browser", "BINDERY_NODE_MODULES names no folder with axe-core and playwright-core");
        return None;
    };
    let mut job = job.clone();
    job["browser"] = json!(browser);
    let mut command = Command::new("node");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/check.cjs")).env("NODE_PATH", modules);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("node runs");
    serde_json::to_writer(child.stdin.take().unwrap(), &job).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn paths(program: &Program, below: &str) -> Vec<PathBuf> {
    let files = program.files(below).into_iter().filter(|file| file.ends_with(".html"));
    files.map(|file| program.path(below).join(file)).collect()
}

/// Makes a page of each of some pages of real sites; none without the corpus.
fn corpus(program: &Program) -> Vec<PathBuf> {
    let Some(corpus) = std::env::var_os("BINDERY_CORPUS") else { return Vec::new() };
    let folder = std::fs::read_dir(Path::new(&corpus).join("cjk-open/html")).unwrap();
    let mut pages: Vec<String> = folder.map(|entry| entry.unwrap().path().to_str().unwrap().to_owned()).collect();
    pages.sort();
    pages.truncate(CORPUS_PAGES);
    let pages = pages.iter().map(String::as_str);
    program.run(&["convert", "-a", "corpus", "--now", NOW].into_iter().chain(pages).collect::<Vec<_>>());
    program.run_to(0, &["bundle", "-a", "corpus", "--format", "html", "-o", "real/"]);
    paths(program, "real")
}

#[test]
fn pages_ask_for_nothing_have_no_fault_and_search_finds_words_of_every_script() {
    let program = archived();
    let cafe = program.write("cafe.html", CAFE);
    let url = ["--url", "https://table.example.org/cafe.html", "--now", NOW];
    program.run_to(0, &[&["archive", cafe.to_str().unwrap()], &url[..]].concat());
    program.run_to(0, &["bundle", "--format", "html", "-o", "single/"]);
    program.run_to(0, &["export", "--profile", "html", "--output", "site", "--backlinks"]);
    let mut pages = [paths(&program, "single"), paths(&program, "site")].concat();
    // One list of a source and one of a tag are like all others.
    for folder in ["site/sources", "site/tags"] {
        let is_list = |path: &PathBuf| path.starts_with(program.path(folder)) && !path.ends_with("index.html");
        let lists: Vec<PathBuf> = pages.iter().filter(|path| is_list(path)).skip(1).cloned().collect();
        pages.retain(|path| !lists.contains(path));
    }
    assert!(pages.len() >= 8, "{pages:?}");
    let search = program.path("site/search.html");
    // Traditional characters find simplified ones, and words without accents those with them.
    let queries = ["河燈", "cafe window", "水位 nowhere"];
    let searches: Vec<Value> = queries.iter().map(|query| json!({ "page": search, "query": query })).collect();
    let job = json!({ "pages": pages, "more": corpus(&program), "searches": searches });
    let Some(found) = opened(&job) else { return };
    let (pages, searches) = (found["pages"].as_array().unwrap(), found["searches"].as_array().unwrap());
    for report in pages.iter().chain(searches) {
        for fault in ["requests", "errors", "violations"] {
            assert_eq!(report[fault], json!([]), "{report:#}");
        }
    }
    for report in searches {
        let titles: Vec<&str> = report["titles"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        match report["query"].as_str().unwrap() {
            "河燈" => assert_eq!(titles[0], "河灯 & 水位", "{report:#}"),
            "cafe window" => assert_eq!(titles, ["The café"], "{report:#}"),
            _ => assert!(titles.is_empty(), "{report:#}"),
        }
        if let Some(first) = titles.first() {
            assert_eq!(report["opened"], *first, "the page of an article has its title");
        }
    }
}
