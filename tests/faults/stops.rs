//! A kill, a request to end, or a broken disk at every change that reaches it, while a crawl, a bundle, a
//! restoration, a merge runs:
//! whatever was reported is there, nothing is incomplete, and the next run ends as if there had been no stop.

use std::path::Path;
use std::process::Stdio;

use crate::site::{self, assert_whole, listed, shim, shimmed};
use crate::support::program::Program;
use crate::support::server::Server;

/// What happens at a change.
const FATES: [(&str, &str); 3] = [("SHIM_SIGNAL", "9"), ("SHIM_SIGNAL", "15"), ("SHIM_ERRNO", "5")];

/// Of the changes of a run, those at which it is stopped: all when optimised, else as many as there is time for.
fn chosen(all: usize, most: usize) -> impl Iterator<Item = usize> {
    let step = if cfg!(debug_assertions) { all.div_ceil(most) } else { 1 };
    (1..=all).step_by(step.max(1))
}

/// How many changes the command makes in the end.
fn changes(program: &Program, shim: &Path, arguments: &[&str]) -> usize {
    let count = program.path("count");
    let settings = [("SHIM_COUNT", count.to_str().unwrap())];
    let status =
        shimmed(program, shim, &settings, arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{arguments:?}");
    program.read("count").trim().parse().unwrap()
}

/// Runs the command to its end at the change `at`. What it said on standard output.
fn stopped(program: &Program, shim: &Path, at: usize, fate: (&str, &str), arguments: &[&str]) -> String {
    let at = at.to_string();
    let output = shimmed(program, shim, &[("SHIM_AT", at.as_str()), fate], arguments).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!err.contains("panicked"), "at change {at}, {fate:?}: {err}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn crawling(server: &Server) -> Vec<String> {
    let fixed = ["crawl", "--json", "--delay", "0s", "--depth", "1", "--allow-private"].map(str::to_owned);
    fixed.into_iter().chain([server.url("/").to_string()]).collect()
}

#[test]
fn a_crawl_that_is_stopped_at_any_change_goes_on() {
    let Some(shim) = shim() else { return };
    let server = site::start();
    let arguments = crawling(&server);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let reference = Program::in_memory();
    let all = changes(&reference, shim, &arguments);
    let expected = listed(&reference);
    assert_eq!(expected.len(), site::PAGES + 1, "{expected:?}");
    let mut stops = 0;
    for (round, at) in chosen(all, 12).enumerate() {
        // One fate at each, in turn, where there is no time for all.
        let (skipped, taken) = if cfg!(debug_assertions) { (round % 3, 1) } else { (0, 3) };
        for fate in FATES.into_iter().skip(skipped).take(taken) {
            let program = Program::in_memory();
            let when = format!("{fate:?} at change {at} of {all}");
            let said = stopped(&program, shim, at, fate, &arguments);
            let again = program.run(&arguments);
            assert_eq!(again.code, 0, "{when}: {}{}", again.out, again.err);
            assert_whole(&program, &when);
            assert_eq!(listed(&program), expected, "{when}");
            // What was reported before the stop was not visited again: it is there once, with one text.
            for line in said.lines().filter(|line| line.contains("\"outcome\":\"new\"")) {
                let Ok(event) = serde_json::from_str::<serde_json::Value>(line) else { continue };
                let path = event["path"].as_str().unwrap();
                assert!(program.path("bindery-archive").join(path).is_file(), "{when}: {path}");
            }
            stops += 1;
        }
    }
    println!("figure: stops of a crawl at a change on disk: {stops}");
}

#[test]
fn a_bundle_that_is_stopped_at_any_change_is_whole_or_not_there() {
    let Some(shim) = shim() else { return };
    let server = site::start();
    let program = site::kept(&server);
    let mut stops = 0;
    for (format, name) in [("bag", "all.zip"), ("wacz", "all.wacz")] {
        let arguments = ["bundle", "--format", format, "-o", name];
        let all = changes(&program, shim, &arguments);
        let whole = std::fs::read(program.path(name)).unwrap();
        std::fs::remove_file(program.path(name)).unwrap();
        for at in chosen(all, 6) {
            for fate in FATES {
                let when = format!("{fate:?} at change {at} of {all}");
                stopped(&program, shim, at, fate, &arguments);
                if program.path(name).exists() {
                    program.run_to(0, &["verify", name]);
                    std::fs::remove_file(program.path(name)).unwrap();
                }
                program.run_to(0, &arguments);
                assert!(std::fs::read(program.path(name)).unwrap() == whole, "{when}: another bundle");
                std::fs::remove_file(program.path(name)).unwrap();
                stops += 1;
            }
        }
    }
    assert_whole(&program, "bundled");
    println!("figure: stops of a bundle at a change on disk: {stops}");
}

#[test]
fn a_restoration_that_is_stopped_at_any_change_is_whole_or_not_there() {
    let Some(shim) = shim() else { return };
    let server = site::start();
    let program = site::kept(&server);
    program.run_to(0, &["bundle", "-o", "all.zip"]);
    let arguments = ["restore", "all.zip", "-a", "copy"];
    let all = changes(&program, shim, &arguments);
    let copy = program.path("copy");
    let whole = program.files("copy");
    std::fs::remove_dir_all(&copy).unwrap();
    let mut stops = 0;
    for at in chosen(all, 8) {
        for fate in FATES {
            let when = format!("{fate:?} at change {at} of {all}");
            stopped(&program, shim, at, fate, &arguments);
            if copy.exists() {
                let verified = program.run(&["verify", "copy"]);
                assert_eq!(verified.code, 0, "{when}: {}", verified.out);
                std::fs::remove_dir_all(&copy).unwrap();
            }
            program.run_to(0, &arguments);
            assert_eq!(program.files("copy"), whole, "{when}");
            std::fs::remove_dir_all(&copy).unwrap();
            stops += 1;
        }
    }
    println!("figure: stops of a restoration at a change on disk: {stops}");
}

/// The number of files in the archive, at any level, that hold this text.
fn holding(program: &Program, text: &str) -> usize {
    let files = program.files("bindery-archive");
    let has = |path: &&String| {
        let bytes = std::fs::read(program.archive().join(path)).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    files.iter().filter(has).count()
}

#[test]
fn a_repair_that_is_stopped_at_any_change_loses_nothing_and_the_next_one_ends_it() {
    let Some(shim) = shim() else { return };
    let server = site::start();
    let damaged = || {
        let program = site::kept(&server);
        let files = program.files("bindery-archive");
        let of = |end: &str| program.archive().join(files.iter().find(|path| path.ends_with(end)).unwrap());
        let index = of("index.md");
        std::fs::write(&index, std::fs::read_to_string(&index).unwrap() + "my own words").unwrap();
        std::fs::write(of(".gif"), "damaged").unwrap();
        std::fs::remove_file(program.archive().join("README.md")).unwrap();
        let manifest = files.iter().find(|path| path.starts_with("captures/") && path.ends_with(".txt")).unwrap();
        std::fs::write(program.archive().join(manifest), "damaged").unwrap();
        program
    };
    let arguments = ["repair"];
    let all = changes(&damaged(), shim, &arguments);
    let mut stops = 0;
    for (round, at) in chosen(all, 12).enumerate() {
        let (skipped, taken) = if cfg!(debug_assertions) { (round % 3, 1) } else { (0, 3) };
        for fate in FATES.into_iter().skip(skipped).take(taken) {
            let program = damaged();
            let when = format!("{fate:?} at change {at} of {all}");
            stopped(&program, shim, at, fate, &arguments);
            assert!(holding(&program, "my own words") >= 1, "{when}: an edited version is lost");
            let again = program.run(&arguments);
            assert_eq!(again.code, 0, "{when}: {}{}", again.out, again.err);
            assert_whole(&program, &when);
            assert!(holding(&program, "my own words") >= 1, "{when}: an edited version is lost");
            stops += 1;
        }
    }
    println!("figure: stops of a repair at a change on disk: {stops}");
}

#[test]
fn an_update_of_an_edited_article_that_is_stopped_at_any_change_keeps_the_edited_version() {
    let Some(shim) = shim() else { return };
    let (server, version) = site::start_changing();
    let url = server.url("/p/0").to_string();
    let arguments = ["archive", "--allow-private", "--delay", "0s", url.as_str()];
    let edited = || {
        version.store(1, std::sync::atomic::Ordering::Relaxed);
        let program = site::kept(&server);
        let files = program.files("bindery-archive");
        for index in files.iter().filter(|path| path.ends_with("index.md")) {
            let index = program.archive().join(index);
            std::fs::write(&index, std::fs::read_to_string(&index).unwrap() + "my own words").unwrap();
        }
        version.store(2, std::sync::atomic::Ordering::Relaxed);
        program
    };
    let all = changes(&edited(), shim, &arguments);
    let mut stops = 0;
    for (round, at) in chosen(all, 12).enumerate() {
        let (skipped, taken) = if cfg!(debug_assertions) { (round % 3, 1) } else { (0, 3) };
        for fate in FATES.into_iter().skip(skipped).take(taken) {
            let program = edited();
            let when = format!("{fate:?} at change {at} of {all}");
            stopped(&program, shim, at, fate, &arguments);
            assert!(holding(&program, "my own words") >= site::PAGES, "{when}: an edited version is lost");
            program.run_to(0, &arguments);
            assert!(holding(&program, "my own words") >= site::PAGES, "{when}: an edited version is lost");
            program.run_to(0, &["repair"]);
            assert_whole(&program, &when);
            assert!(holding(&program, "my own words") >= site::PAGES, "{when}: an edited version is lost");
            stops += 1;
        }
    }
    println!("figure: stops of an update of an edited article at a change on disk: {stops}");
}

/// Texts and images of an archive, by their paths below it.
fn contents(program: &Program) -> Vec<String> {
    let is_content = |path: &String| path.ends_with(".md") && !path.ends_with("README.md") || path.ends_with(".gif");
    let mut files: Vec<String> = program.files("bindery-archive").into_iter().filter(is_content).collect();
    files.retain(|path| !path.starts_with(".bindery"));
    files.sort();
    files
}

/// Returns a program with copies of archives of another.
fn copy(from: &Program, archives: &[&str]) -> Program {
    let program = Program::in_memory();
    for archive in archives {
        for path in from.files(archive).iter().map(|path| format!("{archive}/{path}")) {
            program.write(&path, std::fs::read(from.path(&path)).unwrap());
        }
    }
    program
}

/// Stops a command at changes on disk, each time in an archive of its own, runs it again, and asserts that it left what it
/// leaves when nothing stops it.
fn stop_and_repeat(make: &dyn Fn() -> Program, arguments: &[&str], what: &str) {
    let Some(shim) = shim() else { return };
    let whole = make();
    let all = changes(&whole, shim, arguments);
    let (expected, titles) = (contents(&whole), listed(&whole));
    let mut stops = 0;
    for (round, at) in chosen(all, 12).enumerate() {
        let (skipped, taken) = if cfg!(debug_assertions) { (round % 3, 1) } else { (0, 3) };
        for fate in FATES.into_iter().skip(skipped).take(taken) {
            let program = make();
            let when = format!("{what}: {fate:?} at change {at} of {all}");
            stopped(&program, shim, at, fate, arguments);
            let again = program.run(arguments);
            assert_eq!(again.code, 0, "{when}: {}{}", again.out, again.err);
            assert_whole(&program, &when);
            assert_eq!((contents(&program), listed(&program)), (expected.clone(), titles.clone()), "{when}");
            stops += 1;
        }
    }
    println!("figure: stops of {what} at a change on disk: {stops}");
}

#[test]
fn a_merge_that_is_stopped_at_any_change_is_completed_by_the_next_one() {
    let (server, version) = site::start_changing();
    let make = || {
        version.store(1, std::sync::atomic::Ordering::Relaxed);
        let program = site::kept(&server);
        version.store(2, std::sync::atomic::Ordering::Relaxed);
        let pages = site::pages(&server);
        let other = ["archive", "-a", "other", "--now", "2030-01-01T00:00:00Z"];
        let arguments: Vec<&str> = other.into_iter().chain(pages.iter().map(String::as_str)).collect();
        program.run_to(0, &arguments);
        program
    };
    let texts = |program: &Program| contents(program).iter().filter(|path| path.ends_with(".md")).count();
    let program = make();
    program.run_to(0, &["merge", "other"]);
    assert_eq!(texts(&program), 3 * site::PAGES, "two texts of each article, and its index.md");
    let base = make();
    stop_and_repeat(&|| copy(&base, &["bindery-archive", "other"]), &["merge", "other"], "a merge");
}

#[test]
fn a_visit_whose_text_is_set_aside_and_stopped_at_any_change_keeps_the_good_text() {
    let (server, version) = site::start_changing();
    let url = server.url("/p/0").to_string();
    let arguments = ["archive", "--allow-private", "--delay", "0s", "--now", "2030-01-01T00:00:00Z", url.as_str()];
    version.store(1, std::sync::atomic::Ordering::Relaxed);
    let base = Program::in_memory();
    let pages = site::pages(&server);
    let first = ["archive", "--now", "2029-01-01T00:00:00Z"];
    base.run_to(0, &first.into_iter().chain(pages.iter().map(String::as_str)).collect::<Vec<_>>());
    version.store(site::WALL, std::sync::atomic::Ordering::Relaxed);
    let made = || copy(&base, &["bindery-archive"]);
    stop_and_repeat(&made, &arguments, "a text set aside");
    let program = made();
    program.run_to(0, &arguments);
    assert!(program.run_to(0, &["show", url.as_str()]).out.contains("图书馆"));
    assert!(program.run_to(0, &["show", "--all", url.as_str()]).out.contains("(set aside: login"));
}
