//! The architecture's rules: modules use only modules above them, and no file is longer than 500 lines.

use std::path::{Path, PathBuf};

/// The modules in order; each may use only those above it (docs/architecture.md).
const MODULES: [&str; 18] = [
    "model",
    "warc",
    "html",
    "frontmatter",
    "markdown",
    "images",
    "extract",
    "schedule",
    "fetch",
    "frontier",
    "archive",
    "bundle",
    "export",
    "import",
    "verify",
    "capture",
    "convert",
    "crawl",
];

const MAX_LINES: usize = 500;

pub fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

pub fn project(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// Code without comments, which name modules without using them.
fn code(source: &str) -> String {
    source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Every module that is named behind `crate::`, in a path or inside the braces of `use crate::{…}`.
fn modules_used(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => used.extend(first_names(list)),
            None => used.push(name(rest)),
        }
    }
    used
}

fn name(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The names at the top level of a braced list.
fn first_names(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = Vec::new();
    let mut begins = true;
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if begins && depth == 0 && !c.is_whitespace() => {
                names.push(name(&list[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    names
}

fn rank(module: &str) -> Option<usize> {
    MODULES.iter().position(|known| *known == module)
}

#[test]
fn a_module_uses_only_modules_above_it() {
    let root = project("src");
    let mut broken = Vec::new();
    for path in sources(&root) {
        let inside = path.strip_prefix(&root).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.strip_suffix(".rs").unwrap_or(first);
        let Some(own) = rank(module) else {
            assert!(
                matches!(module, "lib" | "main" | "cli"),
                "src/{module} has no place in the order of modules: add it to MODULES"
            );
            continue;
        };
        for used in modules_used(&code(&std::fs::read_to_string(&path).unwrap())) {
            match rank(&used) {
                Some(other) if other <= own => {}
                Some(_) => broken
                    .push(format!("{}: `{module}` must not use `{used}`, which stands below it", inside.display())),
                None => broken.push(format!("{}: `crate::{used}` is not a module", inside.display())),
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_program_sees_only_the_public_api() {
    for path in sources(&project("src/cli")) {
        let code = code(&std::fs::read_to_string(&path).unwrap());
        for used in modules_used(&code) {
            assert!(rank(&used).is_none(), "{}: use `bindery::{used}`, as every other program does", path.display());
        }
    }
}

#[test]
fn no_file_is_longer_than_one_subject() {
    for folder in ["src", "tests", "python/src"] {
        for path in sources(&project(folder)) {
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            assert!(
                lines <= MAX_LINES,
                "{} has {lines} lines; {MAX_LINES} are the limit: split it by subject",
                path.display()
            );
        }
    }
}

#[test]
fn every_way_to_name_a_module_is_seen() {
    let code = "use crate::{model::{Digest, tree}, html};\nlet x = crate::archive::open(); use crate::fetch;";
    assert_eq!(modules_used(code), ["model", "html", "archive", "fetch"]);
}
