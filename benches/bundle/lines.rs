//! A bag of a few files whose manifest lists a million.

use std::fs;
use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};

use super::size::measure;

const LINES: u64 = 1_000_000;
/// In kB. Every line is a missing file, and every one of these is told.
const MOST: u64 = 600_000;

pub fn run() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let root = scratch.path().join("bag");
    fs::create_dir_all(root.join("data")).expect("a folder");
    fs::write(root.join("data/x"), "x").expect("written");
    fs::write(root.join("bagit.txt"), "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n").expect("written");
    let mut manifest = BufWriter::new(fs::File::create(root.join("manifest-sha256.txt")).expect("a file"));
    (0..LINES).for_each(|n| writeln!(manifest, "{n:064x}  data/{n:07}").expect("written"));
    drop(manifest);
    let mut command = Command::new(env!("CARGO_BIN_EXE_bindery"));
    let ran = measure(command.arg("verify").arg(&root).stdout(Stdio::null()));
    assert!(!ran.succeeded, "every file is missing");
    println!(
        "a manifest of {LINES} lines: {:.1} s, at most {:.0} MB of memory",
        ran.took.as_secs_f64(),
        ran.peak as f64 / 1e3
    );
    assert!(ran.peak > 0 && ran.peak < MOST, "{} kB", ran.peak);
}
