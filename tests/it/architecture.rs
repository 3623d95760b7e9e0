//! The architecture's rules: modules use only modules above them, no file is longer than 500 lines, and parameters are not
//! booleans.

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

/// The functions that take a `bool`, each with its reason. Any other says with an enum what happens.
const TAKES_A_BOOL: [(&str, &str); 7] = [
    ("src/cli/report/mod.rs from", "turns the flag into the enum"),
    ("src/extract/blocks/features.rs flag", "turns the answer to any question into a feature's number"),
    ("src/extract/markup/formula.rs delimited", "stores what the page declares"),
    ("src/extract/markup/formula.rs formula", "stores what the page declares"),
    ("src/extract/markup/math.rs unreadable", "stores what the page declares"),
    ("src/frontmatter/fields.rs is_false", "serde declares its form"),
    ("src/frontmatter/fields.rs is_true", "serde declares its form"),
];

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

/// Returns the functions that code declares, each with its parameters. Methods of another crate's trait, which are in an
/// `impl … for`, are among them.
fn functions(code: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let rest = &code[at + "fn ".len()..];
        let is_word = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let name = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).map(|end| &rest[..end]);
        let Some(name) = name.filter(|name| !name.is_empty() && !is_word) else { continue };
        let rest = after_generics(&rest[name.len()..]);
        let mut depth = 0;
        let end = rest.find(|c: char| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        found.extend(end.map(|end| (name, &rest[..end])));
    }
    found
}

/// Returns what follows the generic parameters of a function.
fn after_generics(rest: &str) -> &str {
    let mut depth = 0;
    let mut last = ' ';
    for (at, c) in rest.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if last != '-' => depth -= 1,
            '(' if depth == 0 => return &rest[at..],
            _ => {}
        }
        last = c;
    }
    ""
}

/// Returns whether a parameter is a `bool`, or one that may be missing or that the function changes.
fn takes_bool(parameters: &str) -> bool {
    parameters.match_indices(": ").any(|(at, _)| {
        let kind = &parameters[at + 2..];
        ["bool", "&bool", "&mut bool", "Option<bool>"].iter().any(|bool| {
            kind.strip_prefix(bool).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    })
}

#[test]
fn a_call_says_what_happens_without_true_and_false() {
    let mut found = Vec::new();
    for path in sources(&project("src")) {
        let inside = path.strip_prefix(project("")).unwrap().display().to_string();
        let code = code(&std::fs::read_to_string(&path).unwrap());
        // Tests at a file's end may do as they like.
        let code = code.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for (name, _) in functions(code).into_iter().filter(|(_, parameters)| takes_bool(parameters)) {
            // serde's visitors declare this one.
            if name != "visit_bool" {
                found.push(format!("{inside} {name}"));
            }
        }
    }
    let allowed: Vec<&str> = TAKES_A_BOOL.iter().map(|(function, _)| *function).collect();
    let new: Vec<_> = found.iter().filter(|function| !allowed.contains(&function.as_str())).collect();
    assert!(new.is_empty(), "use an enum whose variants say what happens, or split the function: {new:?}");
    let gone: Vec<_> = allowed.iter().filter(|function| !found.iter().any(|one| one == *function)).collect();
    assert!(gone.is_empty(), "remove from TAKES_A_BOOL: {gone:?}");
}

#[test]
fn every_form_of_a_bool_parameter_is_seen() {
    let code = "fn a(x: bool) {} pub fn b<F: Fn(u8) -> bool>(f: F, y: &mut bool) {} fn c(f: impl Fn() -> bool) {}
        fn d(\n    text: &str,\n    half: Option<bool>,\n) {} fn e(f: fn(bool)) -> bool {} fn f(at: boolean) {}";
    let taken: Vec<&str> = functions(code).iter().filter(|(_, one)| takes_bool(one)).map(|(name, _)| *name).collect();
    assert_eq!(taken, ["a", "b", "d"]);
}

#[test]
fn every_way_to_name_a_module_is_seen() {
    let code = "use crate::{model::{Digest, tree}, html};\nlet x = crate::archive::open(); use crate::fetch;";
    assert_eq!(modules_used(code), ["model", "html", "archive", "fetch"]);
}
