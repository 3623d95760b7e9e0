//! What bindery withstands, in figures: runs the tests that try it, optimised, and sums up what they tell, with what fuzzing
//! has run so far (`fuzz/RUNS.tsv`). A test that fails fails this too.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a measurement that cannot go on fails")]

use std::process::{Command, Stdio};

/// The modules of `tests/it` whose tests print figures.
const MODULES: [&str; 5] = ["hostile::", "archive_killed::", "crawl_killed::", "archive::", "bundle::"];

fn main() {
    let out = tested("it", &MODULES) + &tested("faults", &[]);
    // The name of a test may stand before its first line.
    let figures =
        out.lines().filter_map(|line| line.split_once("figure: ")).filter_map(|(_, told)| told.split_once(": "));
    let figures: Vec<(&str, &str)> = figures.collect();
    for name in ["hostile cases", "memory over the whole hostile run", "longest time of one page"] {
        println!("{name}: {}", single(&figures, name));
    }
    let (executions, hours) = fuzzed();
    println!("fuzz executions: {executions} in {hours:.1} hours, by {} targets", targets());
    let kills = summed(&figures, "kills of");
    let stops = summed(&figures, "stops of");
    println!("kills survived: {} ({kills} at any instant, {stops} at a change on disk)", kills + stops);
    let tampered = summed(&figures, "tamper cases");
    println!("tamper cases: {tampered} tried, all found");
    assert!(kills >= 50 && stops > 100 && tampered > 100, "figures are missing:\n{out}");
}

/// Runs tests of a program, all of them or those of some modules, and returns what they print.
fn tested(program: &str, modules: &[&str]) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--locked", "--profile", "bench", "--test", program, "--", "--nocapture"]).args(modules);
    let run = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit()).output().expect("cargo runs");
    let out = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success(), "{out}");
    out
}

/// The only figure of a name.
fn single<'a>(figures: &[(&str, &'a str)], name: &str) -> &'a str {
    figures.iter().find(|(of, _)| *of == name).unwrap_or_else(|| panic!("no figure for {name}")).1
}

/// The sum of the first numbers of all figures whose names begin so.
fn summed(figures: &[(&str, &str)], begin: &str) -> u64 {
    let of = figures.iter().filter(|(name, _)| name.starts_with(begin));
    of.map(|(_, told)| told.split(' ').next().unwrap_or_default().parse::<u64>().expect("a number comes first")).sum()
}

/// Executions and hours of all runs of all targets.
fn fuzzed() -> (u64, f64) {
    let runs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/RUNS.tsv")).expect("runs are noted");
    let column = |at: usize| {
        let numbers = runs.lines().skip(1).filter_map(move |line| line.split('\t').nth(at)?.parse::<u64>().ok());
        numbers.sum::<u64>()
    };
    (column(3), std::time::Duration::from_secs(column(2)).as_secs_f64() / 3600.0)
}

/// How many targets there are.
fn targets() -> usize {
    std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/fuzz_targets")).expect("there are targets").count()
}
