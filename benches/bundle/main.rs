//! What bundles cost: their speed against the tools of a Unix machine, and the memory of very large ones.
//!
//! * `cargo bench --bench bundle` makes and checks a bag, a WACZ and TextPacks beside `sha256sum` and `zip -0` on the same
//!   files in one run, and fails when one of them runs at less than 60 % of their speed.
//! * `cargo bench --bench bundle -- size 10` does the same with an archive of that many GB (2 when none is named), by the
//!   program, and fails when it ever takes 100 MB of memory.
//! * `cargo bench --bench bundle -- lines` checks a bag with a manifest of a million lines, and fails at 600 MB.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

mod lines;
mod made;
mod size;
mod speed;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["speed"] => speed::run(),
        ["size"] => size::run(2.0),
        ["size", gigabytes] => size::run(gigabytes.parse().expect("a number of GB")),
        ["lines"] => lines::run(),
        other => panic!("{other:?} is none of: speed, size [GB], lines"),
    }
}
