//! What the whole program costs a page beside a process that only parses the same pages.
//!
//! `cargo bench --bench program` prints the user and system CPU time a page of `bindery convert FOLDER` and of this
//! program parsing the same files with html5ever into its reference tree (`RcDom`), each as a process of its own, in
//! turns. It needs the real pages of `BINDERY_CORPUS`, and Linux, which tells what ended children took.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use html5ever_of_htmd::tendril::TendrilSink;

/// How often each process runs; the median counts.
const ROUNDS: usize = 7;
/// How the program is run again to parse only.
const PARSE: &str = "parse-only";
/// The unit of CPU times in `/proc`, in milliseconds: on Linux the same on every processor.
const TICK: f64 = 10.0;

fn main() {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if let [word, folder] = arguments.as_slice()
        && word == PARSE
    {
        return parse(Path::new(folder));
    }
    let Some(corpus) = std::env::var_os("BINDERY_CORPUS") else {
        println!("skipped: BINDERY_CORPUS names no folder with wcxb-dev/html");
        return;
    };
    if children().is_none() {
        println!("skipped: this system does not tell what ended processes took");
        return;
    }
    let folder = Path::new(&corpus).join("wcxb-dev/html");
    let pages = files(&folder).len();
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let this = std::env::current_exe().expect("this program");
    let mut times = [Vec::new(), Vec::new()];
    for nth in 0..ROUNDS {
        let output = scratch.path().join(nth.to_string());
        times[0].push(took(&this, &[PARSE.as_ref(), folder.as_ref()]));
        let convert = ["convert".as_ref(), folder.as_ref(), "--output".as_ref(), output.as_ref(), "--quiet".as_ref()];
        times[1].push(took(Path::new(env!("CARGO_BIN_EXE_bindery")), &convert));
        std::fs::remove_dir_all(&output).expect("what was written is removed");
    }
    let [bare, whole] = times.map(median);
    println!("{pages} pages, {ROUNDS} rounds; user and system CPU time a page, median (least to most)");
    for (name, (median, least, most)) in [("html5ever alone", bare), ("bindery convert", whole)] {
        let page = |milliseconds: f64| milliseconds / pages as f64;
        println!("{name}: {:.3} ms ({:.3} to {:.3})", page(median), page(least), page(most));
    }
    println!("bindery convert runs at {:.1} % of the speed of html5ever alone", 100.0 * bare.0 / whole.0);
}

/// Returns the CPU time of one process in milliseconds.
fn took(program: &Path, arguments: &[&OsStr]) -> f64 {
    let before = children().expect("told before");
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    // 3 says that a page failed: some have no article.
    let code = status.expect("the program runs").code();
    assert!(matches!(code, Some(0 | 3)), "{} ends with {code:?}", program.display());
    children().expect("told before") - before
}

/// Returns the user and system time of all ended children, in milliseconds.
fn children() -> Option<f64> {
    let stated = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in brackets may have spaces; `cutime` and `cstime` are the 14th and 15th field after it.
    let (_, fields) = stated.rsplit_once(") ")?;
    let ticks: Vec<f64> = fields.split(' ').skip(13).take(2).filter_map(|ticks| ticks.parse().ok()).collect();
    (ticks.len() == 2).then(|| ticks.iter().sum::<f64>() * TICK)
}

/// Returns the median, the least and the most.
fn median(mut times: Vec<f64>) -> (f64, f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[0], times[times.len() - 1])
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the set is unpacked");
    entries.map(|entry| entry.expect("the folder is read").path()).collect()
}

fn parse(folder: &Path) {
    for path in files(folder) {
        let bytes = std::fs::read(path).expect("the page is read");
        let text = bindery::html::decode(&bytes, None, None).text;
        let options = html5ever_of_htmd::ParseOpts::default();
        let dom = html5ever_of_htmd::parse_document(markup5ever_rcdom::RcDom::default(), options).one(&*text);
        assert!(!dom.document.children.borrow().is_empty(), "a page has a root");
    }
}
