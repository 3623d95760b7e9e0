//! Every file of a bundle is changed, cut, taken away, renamed and exchanged, and one is added: all of it is found, and
//! every file named.

use std::collections::BTreeMap;
use std::path::Path;

use bindery::bundle::Selection;

use super::packed::{self, Scratch, bag, damage, scratch, unzip, zip};
use crate::archive::fixture as store;

type Files = BTreeMap<String, Vec<u8>>;

/// Counts what was tried and what was found.
#[derive(Default)]
struct Tally {
    tried: usize,
    /// By what was done.
    kinds: BTreeMap<String, usize>,
    missed: Vec<String>,
}

impl Tally {
    /// Puts the files together and expects a finding that names one of `names`.
    fn expect(&mut self, scratch: &Scratch, what: &str, files: &Files, names: &[&str]) {
        let path = scratch.folder.join("tampered.zip");
        zip(&path, files);
        self.tried += 1;
        *self.kinds.entry(what.split(' ').next().unwrap_or_default().to_owned()).or_default() += 1;
        let found = match bindery::verify::any(&path, 2, &mut |_| {}) {
            Ok(report) if report.is_damaged() => report.findings.iter().map(|finding| finding.path.clone()).collect(),
            Ok(_) => Vec::new(),
            Err(error) => vec![error.to_string()],
        };
        for name in names.iter().filter(|name| !found.iter().any(|path| path.ends_with(below(name)))) {
            self.missed.push(format!("{what}: {name} is not among {found:?}"));
        }
    }
}

/// A name without the bundle's top folder.
fn below(name: &str) -> &str {
    match name.split_once('/') {
        Some((top, rest)) if top.starts_with("bindery-") || top.contains(".textbundle") => rest,
        _ => name,
    }
}

fn tamper(scratch: &Scratch, bundle: &Path) -> Tally {
    let files = unzip(bundle);
    let mut tally = Tally::default();
    tally.expect(scratch, "untouched", &files, &[]);
    assert_eq!(damage(&scratch.folder.join("tampered.zip")), []);
    let names: Vec<&String> = files.keys().collect();
    for (at, name) in names.iter().enumerate() {
        let bytes = &files[*name];
        // Bits at the begin, in the middle and at the end, a low and a high one.
        for (byte, bit) in [(0, 0), (bytes.len() / 3, 5), (bytes.len() / 2, 1), (bytes.len() - 1, 0)] {
            let mut changed = files.clone();
            changed.get_mut(*name).unwrap()[byte] ^= 1 << bit;
            tally.expect(scratch, &format!("flipped bit {bit} of byte {byte}"), &changed, &[name]);
        }
        for length in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = files.clone();
            changed.get_mut(*name).unwrap().truncate(length);
            tally.expect(scratch, &format!("cut to {length}"), &changed, &[name]);
        }
        let mut changed = files.clone();
        let bytes = changed.remove(*name).unwrap();
        tally.expect(scratch, "deleted", &changed, &[name]);
        let renamed = format!("{name}.x");
        changed.insert(renamed.clone(), bytes);
        tally.expect(scratch, "renamed", &changed, &[name]);
        let mut changed = files.clone();
        let folder = name.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
        let added = format!("{folder}zz-added.txt");
        changed.insert(added.clone(), b"added".to_vec());
        tally.expect(scratch, "added", &changed, &[&added]);
        let other = names[(at + 1) % names.len()];
        if files[*name] != files[other] {
            let mut changed = files.clone();
            changed.insert((*name).clone(), files[other].clone());
            changed.insert(other.clone(), files[*name].clone());
            tally.expect(scratch, "swapped", &changed, &[name, other]);
        }
    }
    tally
}

fn report(format: &str, tally: &Tally) {
    let found = tally.tried - tally.missed.len().min(tally.tried);
    println!("figure: tamper cases of a {format}: {} tried, {found} found and named, {:?}", tally.tried, tally.kinds);
    for kind in ["flipped", "cut", "deleted", "renamed", "added", "swapped"] {
        assert!(tally.kinds.get(kind).is_some_and(|count| *count > 0), "{kind} was not tried");
    }
    assert!(tally.missed.is_empty(), "{} missed:\n{}", tally.missed.len(), tally.missed.join("\n"));
}

#[test]
fn every_change_of_a_bag_is_found() {
    let scratch = scratch();
    store::small(&scratch.root);
    let path = bag(&scratch, "all.zip", Selection::default());
    report("bag", &tamper(&scratch, &path));
}

#[test]
fn every_change_of_a_wacz_is_found() {
    let scratch = scratch();
    store::small(&scratch.root);
    let path = packed::wacz(&scratch, "all.wacz", Selection::default());
    report("wacz", &tamper(&scratch, &path));
}

#[test]
fn every_change_of_a_textpack_is_found() {
    let scratch = scratch();
    store::small(&scratch.root);
    let path = packed::textpack(&scratch, "river.textpack", store::RIVER);
    report("textpack", &tamper(&scratch, &path));
}

#[test]
fn every_bit_of_a_packed_bundle_counts() {
    let scratch = scratch();
    store::run(&scratch.root, store::visit(store::HILL, "2026-11-24T08:00:01Z", "山很高。", &[("c.gif", true)]));
    let path = bag(&scratch, "one.zip", Selection::default());
    let bytes = std::fs::read(&path).unwrap();
    let flipped = scratch.folder.join("flipped.zip");
    let mut missed = Vec::new();
    let step = 29;
    for at in (0..bytes.len()).step_by(step) {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        std::fs::write(&flipped, changed).unwrap();
        let found = bindery::verify::any(&flipped, 1, &mut |_| {}).map(|report| report.is_damaged()).unwrap_or(true);
        if !found {
            missed.push(at);
        }
    }
    let tried = bytes.len().div_ceil(step);
    println!("figure: tamper cases of a packed bag, bit by bit: {tried} tried, {} found", tried - missed.len());
    assert!(missed.is_empty(), "bytes {missed:?}");
    packed::assert_whole(&path);
}
