//! What extraction scores on pages with truth. A score under its floor fails; floors only rise.
//!
//! Needs the unpacked sets (`BINDERY_CORPUS`) and the scorers (`BINDERY_SCORE`), and a Python that has what those
//! import (`BINDERY_PYTHON`, else `python3`).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(feature = "cli")]

mod floors;
mod own;
#[path = "../it/support/skip.rs"]
mod skip;
mod units;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use bindery::convert::{self, Event, Options, Run};
use bindery::extract;
use bindery::frontmatter::Profile;

use floors::{CJK, CONSTRUCTS, FRAGMENT_IMAGES, FRAGMENTS, Floor, ROUND_TRIP, WCXB};
use skip::skip;

/// The sets and the scorers; None, said in one line, when they are not there.
fn measuring() -> Option<(PathBuf, PathBuf)> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let found = set("BINDERY_CORPUS").zip(set("BINDERY_SCORE"));
    if found.is_none() {
        skip("sets", "BINDERY_CORPUS and BINDERY_SCORE name none");
    }
    found
}

fn python() -> std::ffi::OsString {
    std::env::var_os("BINDERY_PYTHON").unwrap_or_else(|| "python3".into())
}

fn options(fragment: bool) -> Options {
    let extract = extract::Options { fragment, ..extract::Options::default() };
    Options { extract, ..Options::new(Profile { front_matter: !fragment, ..Profile::default() }) }
}

/// Converts every page of a folder; one that fails is left out, as a user would find it.
fn convert_all(folder: &Path, output: &Path, fragment: bool) {
    let (options, paths) = (options(fragment), [folder.to_owned()]);
    let run = Run {
        paths: &paths,
        folder: output,
        options: &options,
        threads: None,
        force: true,
        shard: None,
        is_reported: None,
    };
    let mut inputs = 0;
    let ran = convert::run(&run, &mut |event| {
        if let Event::Begin { inputs: found } = event {
            inputs = found;
        }
        ControlFlow::Continue(())
    });
    ran.unwrap();
    assert!(inputs > 10, "{} holds no pages", folder.display());
}

fn run(script: &Path, arguments: &[&std::ffi::OsStr]) -> String {
    let output = Command::new(python()).arg(script).args(arguments).output().expect("Python runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}: {text}{}", script.display(), String::from_utf8_lossy(&output.stderr));
    text
}

/// Every `name number` and `name=number%` in a scorer's output, the first of each name; the row `all` comes first.
fn scores(text: &str) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    let plain = text.replace(['=', '%'], " ");
    let words: Vec<&str> = plain.split_whitespace().collect();
    for pair in words.windows(2) {
        if let Ok(number) = pair[1].parse::<f64>() {
            found.entry(pair[0].to_lowercase()).or_insert(number);
        }
    }
    found
}

fn hold(set: &str, text: &str, floors: &[Floor]) {
    println!("{set}\n{text}");
    let found = scores(text);
    for floor in floors {
        let score = found.get(floor.name).unwrap_or_else(|| panic!("{set}: the scorer prints no `{}`", floor.name));
        let holds = if floor.lower_is_better { *score <= floor.score } else { *score >= floor.score };
        assert!(holds, "{set}: {} is {score}, its floor {}", floor.name, floor.score);
    }
}

fn extraction(set: &str, kind: &str, floors: &[Floor]) {
    let Some((corpus, score)) = measuring() else { return };
    let output = tempfile::tempdir().unwrap();
    convert_all(&corpus.join(set).join("html"), output.path(), false);
    let text = run(
        &score.join("extract.py"),
        &[kind.as_ref(), corpus.join(set).as_os_str(), output.path().as_os_str(), "--per-type".as_ref()],
    );
    hold(set, &text, floors);
    if kind == "wcxb" {
        units::whole(set, &score, &corpus.join(set).join("html"), output.path());
    }
}

#[test]
fn chinese_japanese_and_korean_pages() {
    extraction("cjk-open", "cjk", CJK);
}

#[test]
fn pages_of_seven_kinds() {
    extraction("wcxb-dev", "wcxb", WCXB);
}

/// The program's command line and a renderer's, as the scorers of Markdown want them.
fn commands(score: &Path) -> (String, String) {
    let bindery = env!("CARGO_BIN_EXE_bindery");
    let convert = format!("{bindery} convert -q --fragment --no-front-matter {{in}} --output {{out}}");
    let render = format!("{} {} {{in}} {{out}}", python().to_string_lossy(), score.join("render.py").display());
    (convert, render)
}

/// Bodies that have another form in Markdown on purpose. Footnotes and formulas become what Markdown has for them, which
/// the scorer's renderer does not know; panels of tabs stand under their labels; a heading that leads to itself leads
/// nowhere; no text keeps soft hyphens.
const IN_ANOTHER_FORM: [&str; 7] = [
    "wikipedia.html",
    "wikipedia-3.html",
    "google-sre-book-1.html",
    "mathjax.html",
    "mozilla-1.html",
    "toc-missing.html",
    "wapo-2.html",
];

/// The example of the specification that begins with a no-break space: a blank that opens a block is no text here.
const BLANK: &str = "cm-25";

/// A copy of a folder without some of its files.
fn without(folder: &Path, left_out: &[&str]) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if !left_out.iter().any(|left_out| name == **left_out) {
            std::fs::copy(entry.path(), copy.path().join(name)).unwrap();
        }
    }
    copy
}

/// The specification's examples without [`BLANK`].
fn examples(score: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(score.join("../corpus/spec-examples.json")).unwrap();
    let all: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let count = all.len();
    let kept: Vec<_> = all.into_iter().filter(|one| one["id"] != BLANK).collect();
    assert_eq!(kept.len() + 1, count, "the example is among them");
    kept
}

#[test]
fn clean_bodies_come_out_whole() {
    let Some((corpus, score)) = measuring() else { return };
    let (convert, render) = commands(&score);
    let all = corpus.join("fragments-open");
    let same = without(&all, &IN_ANOTHER_FORM);
    let score =
        |bodies: &Path| run(&score.join("fragments.py"), &[bodies.as_os_str(), convert.as_ref(), render.as_ref()]);
    hold("fragments-open, those of one form", &score(same.path()), FRAGMENTS);
    hold("fragments-open", &score(&all), FRAGMENT_IMAGES);
}

#[test]
fn markdown_renders_back_to_what_it_was_made_from() {
    let Some((_, score)) = measuring() else { return };
    let (convert, render) = commands(&score);
    let render = format!("markdown-it={render}");
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("spec.json");
    std::fs::write(&spec, serde_json::to_vec(&examples(&score)).unwrap()).unwrap();
    let spec = spec.to_string_lossy();
    let arguments = ["--only", "A", "--name", "bindery", "--spec", &spec, "--render", &render, &convert];
    let text = run(&score.join("roundtrip.py"), &arguments.map(std::ffi::OsStr::new));
    hold("the specification's examples", &text, ROUND_TRIP);
}

#[test]
fn every_kind_of_construct_is_seen_as_on_the_page() {
    let Some((_, score)) = measuring() else { return };
    let (convert, render) = commands(&score);
    let comrak = format!("{} run --quiet --locked --example render -- {{in}} {{out}}", env!("CARGO"));
    let renderers = [format!("markdown-it={render}"), format!("comrak={comrak}"), format!("comrak-math={comrak} math")];
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/markdown/rendered");
    let mut arguments: Vec<&std::ffi::OsStr> =
        ["--only", "B", "--name", "bindery", "--cases"].iter().map(std::ffi::OsStr::new).collect();
    arguments.push(cases.as_os_str());
    for renderer in &renderers {
        arguments.extend([std::ffi::OsStr::new("--render"), renderer.as_ref()]);
    }
    arguments.push(convert.as_ref());
    let text = run(&score.join("roundtrip.py"), &arguments);
    println!("{text}");
    // `group   passed/all   share%`
    let shares = text.lines().filter(|line| line.starts_with("   ")).filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?, words.next_back()?.strip_suffix('%')?.parse::<f64>().ok()?))
    });
    let shares: BTreeMap<&str, f64> = shares.collect();
    assert_eq!(shares.len(), 22, "20 groups, the core and the extras");
    for (group, share) in shares {
        assert!(share >= CONSTRUCTS, "{group} is {share}, its floor {CONSTRUCTS}");
    }
}
