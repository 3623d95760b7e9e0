//! What bindery is built from: only crates of crates.io with their checksums, under the licences that `deny.toml` allows,
//! none that it bans, and each direct one with its reason.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn texts(value: &toml::Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_crate_is_from_crates_io_and_none_is_banned() {
    let rules: toml::Table = read("deny.toml").parse().unwrap();
    let banned = rules["bans"]["deny"].as_array().unwrap();
    let banned: BTreeSet<&str> = banned.iter().map(|rule| rule["crate"].as_str().unwrap()).collect();
    let locks: Vec<toml::Table> = ["Cargo.lock", "fuzz/Cargo.lock"].map(|lock| read(lock).parse().unwrap()).into();
    assert!(locks.iter().all(|lock| lock["package"].as_array().unwrap().len() > 100));
    for package in locks.iter().flat_map(|lock| lock["package"].as_array().unwrap()) {
        let name = package["name"].as_str().unwrap();
        if matches!(name, "bindery" | "bindery-fuzz" | "bindery-python") {
            continue;
        }
        assert_eq!(package.get("source").and_then(toml::Value::as_str), Some(CRATES_IO), "{name}");
        assert!(package.get("checksum").is_some(), "{name} has no checksum");
        assert!(!banned.contains(name), "{name} is banned by deny.toml");
    }
}

#[test]
fn every_licence_is_one_that_is_allowed() {
    let rules: toml::Table = read("deny.toml").parse().unwrap();
    let allowed = texts(&rules["licenses"]["allow"]);
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let arguments = ["metadata", "--locked", "--format-version", "1", "--filter-platform", host];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(is_allowed(licence, &allowed), "{}: {licence}; allow it in deny.toml or use another", package["name"]);
    }
}

#[test]
fn every_direct_dependency_has_its_reason() {
    for manifest in ["Cargo.toml", "python/Cargo.toml"].map(read) {
        let unexplained = unexplained(&manifest);
        assert!(
            unexplained.is_empty(),
            "these have no comment above them that says why they are here: {unexplained:#?}"
        );
    }
}

#[test]
fn the_module_for_python_has_the_version_of_the_library() {
    let manifest: toml::Table = read("python/Cargo.toml").parse().unwrap();
    assert_eq!(manifest["package"]["version"].as_str(), Some(env!("CARGO_PKG_VERSION")));
}

/// The fewest words that are a reason.
const WORDS: usize = 3;

/// Returns the dependencies of a manifest without a reason of their own or of those right above them.
fn unexplained(manifest: &str) -> Vec<&str> {
    let (mut found, mut is_in, mut has_reason) = (Vec::new(), false, false);
    for line in manifest.lines() {
        match line.strip_prefix('#') {
            Some(reason) => has_reason = reason.split_whitespace().count() >= WORDS,
            None if line.starts_with('[') => (is_in, has_reason) = (line.ends_with("dependencies]"), false),
            None if line.trim().is_empty() => has_reason = false,
            // One reason may stand above several lines.
            None if is_in && line.contains('=') && !has_reason => found.push(line),
            None => {}
        }
    }
    found
}

#[test]
fn a_dependency_under_another_or_under_an_empty_comment_has_no_reason() {
    let manifest = "# Not about what follows.\n\n[dependencies]\na = 1\n# Bytes of other programs.\nb = 1\nc = 1\n#\nd = 1\n\
        # yes\ne = 1\n\n[lints]\nf = 1\n[dev-dependencies]\ng = 1\n";
    assert_eq!(unexplained(manifest), ["a = 1", "d = 1", "e = 1", "g = 1"]);
}

/// An SPDX expression: `OR` (or the old `/`) of `AND` of names and brackets.
fn is_allowed(licence: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = licence.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ").replace(" WITH ", "_WITH_");
    let mut words = spaced.split_whitespace().peekable();
    either(&mut words, allowed)
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let mut is_one = both(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        is_one |= both(words, allowed);
    }
    is_one
}

fn both(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let mut are_all = single(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        are_all &= single(words, allowed);
    }
    are_all
}

fn single(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    match words.next() {
        Some("(") => {
            let inner = either(words, allowed);
            inner & words.next_if_eq(&")").is_some()
        }
        Some(name) => allowed.contains(&name.replace("_WITH_", " WITH ")),
        None => false,
    }
}

#[test]
fn expressions_are_read_as_they_are_meant() {
    let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for (licence, is_one) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("ISC AND MIT", true),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("(GPL-3.0 OR MIT) AND GPL-3.0", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("none", false),
    ] {
        assert_eq!(is_allowed(licence, &allowed), is_one, "{licence}");
    }
}
