//! The index is only an index: locked by another program, or damaged in any way, it is made anew or passed over.

use std::fs;

use crate::site::{self, archive, assert_whole, listed};
use crate::support::program::Program;

/// The databases below `.bindery/`.
fn databases(program: &Program) -> Vec<String> {
    let files = program.files("bindery-archive/.bindery");
    files
        .into_iter()
        .filter(|file| file.ends_with(".sqlite"))
        .map(|file| format!("bindery-archive/.bindery/{file}"))
        .collect()
}

/// The same pages again come out as they must: known, once each, found by search.
fn assert_right(program: &Program, server: &crate::support::server::Server, expected: &[(String, String)], when: &str) {
    let ran = archive(program, server);
    assert_eq!(ran.code, 0, "{when}: {}{}", ran.out, ran.err);
    let outcomes: Vec<String> =
        ran.events_named("article").iter().map(|event| event["outcome"].as_str().unwrap().to_owned()).collect();
    assert_eq!(outcomes, vec!["unchanged"; site::PAGES], "{when}: {}", ran.err);
    assert_eq!(listed(program), expected, "{when}");
    let found = program.run_to(0, &["search", "图书馆", "--json"]);
    assert_eq!(
        found.events().iter().filter(|event| event["event"] == "found").count(),
        site::PAGES,
        "{when}: {}",
        found.out
    );
    assert_whole(program, when);
}

/// A way to spoil a file's bytes.
type Damage = fn(&mut Vec<u8>);

#[test]
fn a_damaged_index_is_made_anew() {
    let server = site::start();
    let program = site::kept(&server);
    let expected = listed(&program);
    program.run_to(0, &["search", "图书馆"]);
    let names = databases(&program);
    assert!(!names.is_empty(), "{:?}", program.files("bindery-archive/.bindery"));
    for name in &names {
        let path = program.path(name);
        let whole = fs::read(&path).unwrap();
        let damage: [(&str, Damage); 7] = [
            ("nothing", Vec::clear),
            ("no database", |bytes| *bytes = "keine Datenbank\n".repeat(500).into_bytes()),
            ("cut", |bytes| bytes.truncate(bytes.len() / 2 + 7)),
            ("zeros after the first page", |bytes| bytes[4096..].fill(0)),
            ("noise after the first page", |bytes| noise(&mut bytes[4096..])),
            ("noise in the schema", |bytes| noise(&mut bytes[100..4096])),
            ("a version of its own", |bytes| bytes[60..64].fill(9)),
        ];
        for (what, damage) in damage {
            let mut bytes = whole.clone();
            damage(&mut bytes);
            fs::write(&path, bytes).unwrap();
            assert_right(&program, &server, &expected, &format!("{name}: {what}"));
        }
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let ran = archive(&program, &server);
        assert!(
            ran.code == 0 || ran.code == 1 && ran.err.contains(".bindery"),
            "{name} is a folder: {}{}",
            ran.out,
            ran.err
        );
        fs::remove_dir_all(&path).unwrap();
        assert_right(&program, &server, &expected, &format!("{name}: gone"));
    }
}

/// Bytes that look like none.
fn noise(bytes: &mut [u8]) {
    fastrand::Rng::with_seed(20_261_127).fill(bytes);
}

#[test]
fn an_index_that_another_program_holds_is_not_waited_for_long() {
    let server = site::start();
    let program = site::kept(&server);
    let expected = listed(&program);
    for name in databases(&program) {
        let held = rusqlite::Connection::open(program.path(&name)).unwrap();
        held.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let begin = std::time::Instant::now();
        let ran = archive(&program, &server);
        assert!(begin.elapsed().as_secs() < 30, "{name}: {:?}", begin.elapsed());
        assert!(ran.code == 0 || ran.code == 1 && ran.err.contains("index"), "{name}: {}{}", ran.out, ran.err);
        drop(held);
        assert_right(&program, &server, &expected, &name);
    }
}

#[test]
fn a_damaged_queue_costs_visits_and_nothing_else() {
    let Some(shim) = site::shim() else { return };
    let server = site::start();
    let seed = server.url("/").to_string();
    let arguments = ["crawl", "--json", "--delay", "0s", "--depth", "1", "--allow-private", &seed];
    let has_queue = |program: &Program| program.path("bindery-archive/.bindery/frontier.sqlite").exists();
    let interrupted = (30..).step_by(10).take(20).find_map(|at: u32| {
        let program = Program::in_memory();
        let settings = [("SHIM_AT", at.to_string()), ("SHIM_SIGNAL", "9".to_owned())];
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        site::shimmed(&program, shim, &settings, &arguments).output().unwrap();
        has_queue(&program).then_some(program)
    });
    let interrupted = interrupted.expect("a crawl has a queue");
    let names = databases(&interrupted);
    for name in names {
        let path = interrupted.path(&name);
        let whole = fs::read(&path).unwrap();
        for from in [0, 100, 4096, whole.len() / 2] {
            let mut bytes = whole.clone();
            noise(&mut bytes[from.min(whole.len())..]);
            fs::write(&path, bytes).unwrap();
            let ran = interrupted.run(&arguments);
            assert_eq!(ran.code, 0, "{name}, noise from byte {from}: {}{}", ran.out, ran.err);
            assert_eq!(listed(&interrupted).len(), site::PAGES + 1, "{name}, noise from byte {from}: {}", ran.err);
            assert_whole(&interrupted, &name);
        }
    }
}
