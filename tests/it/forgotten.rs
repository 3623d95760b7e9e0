//! A file of tests that no `mod` names is compiled by nobody, and nobody sees it fail.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The programs beside this one; `main.rs` says why each is one.
const PROGRAMS: [&str; 5] = ["faults/main.rs", "it/main.rs", "memory.rs", "quality/main.rs", "without_store/main.rs"];

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// Returns what a folder holds.
fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// Returns every Rust file below a folder.
fn sources(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let (below, files): (Vec<PathBuf>, Vec<PathBuf>) = entries(&folder).into_iter().partition(|path| path.is_dir());
        folders.extend(below);
        found.extend(files.into_iter().filter(|path| is_rust(path)));
    }
    found
}

/// Returns the modules that a file declares and that are files themselves.
fn declared(source: &str) -> Vec<&str> {
    let lines = source.lines().map(str::trim);
    let names =
        lines.filter_map(|line| line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?.strip_suffix(';'));
    names.collect()
}

/// Returns every file that is part of the program whose root this is, itself included.
fn compiled(root: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::from([root.to_owned()]);
    let mut next = vec![root.to_owned()];
    while let Some(file) = next.pop() {
        let folder = match file.file_stem().and_then(|stem| stem.to_str()) {
            Some("main" | "mod") => file.parent().unwrap().to_owned(),
            _ => file.with_extension(""),
        };
        for name in declared(&std::fs::read_to_string(&file).unwrap()) {
            let places = [folder.join(name).with_extension("rs"), folder.join(name).join("mod.rs")];
            // What is declared elsewhere has a `#[path]`.
            let place = places.into_iter().find(|place| place.is_file());
            next.extend(place.filter(|place| found.insert(place.clone())));
        }
    }
    found
}

#[test]
fn every_file_here_is_a_module() {
    let folder = tests().join("it");
    let compiled = compiled(&folder.join("main.rs"));
    let forgotten: Vec<PathBuf> = sources(&folder).difference(&compiled).cloned().collect();
    assert!(forgotten.is_empty(), "declare these with `mod` in the module above them: {forgotten:#?}");
}

#[test]
fn nothing_beside_this_program_becomes_one_unseen() {
    let programs = entries(&tests()).into_iter().flat_map(|path| [path.join("main.rs"), path]);
    for program in programs.filter(|path| path.is_file() && is_rust(path)) {
        let name = program.strip_prefix(tests()).unwrap().to_str().unwrap().replace('\\', "/");
        assert!(
            PROGRAMS.contains(&name.as_str()),
            "tests/{name} is linked by itself: make it a module of tests/it, or name it here and say in tests/it/main.rs why"
        );
    }
}
