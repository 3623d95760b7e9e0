//! Very large bundles by the program, and the most memory it takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::made;

/// In kB, as Linux counts.
const MOST: u64 = 100_000;

pub fn run(gigabytes: f64) {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let folder = scratch.path();
    let articles = made::archive(&folder.join("archive"), gigabytes);
    println!("an archive of {articles} articles, {:.1} GB", bytes_below(&folder.join("archive")) as f64 / 1e9);
    let mut peaks = Vec::new();
    for (format, name) in [("bag", "all.zip"), ("wacz", "all.wacz"), ("textpack", "texts/")] {
        let target = folder.join(name);
        let made = program(folder, &["bundle", "-a", "archive", "-o", name, "--format", format]);
        let files = packed(&target);
        let bytes: u64 = files.iter().filter_map(|file| file.metadata().ok()).map(|meta| meta.len()).sum();
        let names: Vec<&str> = files.iter().filter_map(|file| file.to_str()).collect();
        let checked = program(folder, &[&["verify"], names.as_slice()].concat());
        let count = names.len();
        println!("{format}: {:.2} GB in {count} {}", bytes as f64 / 1e9, if count == 1 { "file" } else { "files" });
        for (what, ran) in [("made", made), ("verified", checked)] {
            let speed = bytes as f64 / 1e6 / ran.took.as_secs_f64();
            println!("  {what}: at most {:.1} MB of memory, {speed:.0} MB/s", ran.peak as f64 / 1e3);
            peaks.push(ran.peak);
        }
        // The next one may need the room.
        let gone = if target.is_dir() { fs::remove_dir_all(&target) } else { fs::remove_file(&target) };
        gone.expect("removed");
    }
    assert!(peaks.iter().all(|peak| *peak > 0), "this needs Linux, which tells the memory of programs");
    assert!(peaks.iter().all(|peak| *peak < MOST), "over {} MB of memory", MOST / 1000);
}

pub struct Ran {
    pub took: Duration,
    /// Most memory that it took, in kB.
    pub peak: u64,
    pub succeeded: bool,
}

/// Runs bindery, which must succeed.
fn program(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bindery"));
    let ran = measure(command.args(arguments).current_dir(folder).stdout(Stdio::null()));
    assert!(ran.succeeded, "bindery {arguments:?}");
    ran
}

/// Runs a program to its end and looks at its memory all the while.
pub fn measure(command: &mut Command) -> Ran {
    let begin = Instant::now();
    let mut child = command.stderr(Stdio::null()).spawn().expect("the program starts");
    let mut peak = 0;
    loop {
        peak = memory_of(&child).max(peak);
        if let Some(status) = child.try_wait().expect("it ends") {
            return Ran { took: begin.elapsed(), peak, succeeded: status.success() };
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// The most memory that a process has had so far, in kB; 0 where nothing tells it.
fn memory_of(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}

/// A bundle, or those in a folder.
fn packed(target: &Path) -> Vec<PathBuf> {
    match target.is_dir() {
        true => fs::read_dir(target).expect("a folder").map(|entry| entry.expect("a file").path()).collect(),
        false => vec![target.to_owned()],
    }
}

fn bytes_below(folder: &Path) -> u64 {
    let children = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
    children
        .map(|path| if path.is_dir() { bytes_below(&path) } else { path.metadata().map_or(0, |meta| meta.len()) })
        .sum()
}
