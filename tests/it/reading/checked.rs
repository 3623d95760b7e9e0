//! Books as EPUBCheck judges them: every book of a folder in one process, since it takes a second to start.

use std::path::Path;
use std::process::Command;

use super::{NOW, archived};
use crate::support::oracle;
use crate::support::program::Program;
use crate::support::skip::skip;

/// The number of pages of the English corpus that are made into books: fewer where the program is slow.
const ENGLISH_PAGES: usize = if cfg!(debug_assertions) { 40 } else { 300 };

/// Has EPUBCheck look at every book of these folders. False, which is said, when it is not there.
fn check(program: &Program, folders: &[&str]) -> bool {
    let Some(jar) = std::env::var_os("BINDERY_EPUBCHECK") else {
        skip("epubcheck", "BINDERY_EPUBCHECK names no epubcheck.jar");
        return false;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/EpubChecks.java");
    let mut command = Command::new("java");
    command.arg("-cp").arg(jar).arg(script).args(folders.iter().map(|folder| program.path(folder)));
    let said = oracle::said(&command.output().unwrap());
    let figures = said.lines().find(|line| line.starts_with("EPUBCheck: ")).unwrap_or_else(|| panic!("{said}"));
    println!("{figures}");
    assert!(figures.ends_with(" books, 0 errors, 0 warnings"), "{said}");
    true
}

/// Has rbook read every book of these folders, where its program is there.
fn read_back(program: &Program, folders: &[&str]) {
    let Some(reader) = std::env::var_os("BINDERY_RBOOK") else {
        return skip("rbook", "BINDERY_RBOOK names no program; peers/rbook is its source");
    };
    let output = Command::new(reader).args(folders.iter().map(|folder| program.path(folder))).output().unwrap();
    let said = oracle::said(&output);
    assert!(output.status.success(), "{said}");
    println!("{}", said.lines().last().unwrap_or_default());
}

/// Makes a book of each article, and one of all.
fn books(program: &Program) {
    program.run_to(0, &["bundle", "--format", "epub", "-o", "books/"]);
    program.run_to(0, &["bundle", "--format", "epub", "-o", "books/all.epub"]);
}

#[test]
fn epubcheck_finds_nothing_in_books_with_everything_that_a_text_may_hold() {
    let program = archived();
    books(&program);
    check(&program, &["books"]);
    read_back(&program, &["books"]);
}

#[test]
fn epubcheck_finds_nothing_in_books_of_a_corpus() {
    let Some(corpus) = std::env::var_os("BINDERY_CORPUS") else {
        return skip("sets", "BINDERY_CORPUS names none");
    };
    let program = Program::in_memory();
    for (set, count) in [("cjk-open", usize::MAX), ("wcxb-dev", ENGLISH_PAGES)] {
        let folder = std::fs::read_dir(Path::new(&corpus).join(set).join("html")).unwrap();
        let mut pages: Vec<String> = folder.map(|entry| entry.unwrap().path().to_str().unwrap().to_owned()).collect();
        pages.sort();
        pages.truncate(count);
        let pages = pages.iter().map(String::as_str);
        program.run(&["convert", "-a", "bindery-archive", "--now", NOW].into_iter().chain(pages).collect::<Vec<_>>());
    }
    books(&program);
    check(&program, &["books"]);
    read_back(&program, &["books"]);
}
