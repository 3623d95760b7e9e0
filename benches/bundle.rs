//! How long bundling and checking take against `sha256sum` and `zip -0` on the same files, in the same run.
//!
//! `cargo bench --bench bundle` prints all and fails when either runs at less than 60 % of the speed of the two together.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bindery::archive::{Archive, Opening, Writer};
use bindery::bundle::{self, Making};
use bindery::images;
use bindery::verify;

const PICTURES: u64 = 4000;
const PICTURE_BYTES: usize = 40_000;
const FLOOR: f64 = 0.6;

fn main() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let root = scratch.path().join("archive");
    build(&root);
    let archive = Archive::open(&root).expect("an archive");
    let making = Making { software: "bindery 0.1.0".to_owned(), ..Making::default() };
    let target = scratch.path().join("all.zip");
    let bundled = best(|| drop(bundle::bag(&archive, &target, &making, &mut |_, _| {}).expect("a bag")));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let check = |threads| {
        best(|| {
            let report = verify::any(&target, threads, &mut |_| {}).expect("a bag");
            assert!(!report.is_damaged());
        })
    };
    let (alone, checked) = (check(1), check(threads));
    let megabytes = target.metadata().expect("a bag").len() as f64 / 1e6;
    let speed = |took: Duration| megabytes / took.as_secs_f64();
    println!("a bag of {megabytes:.0} MB");
    println!("bundle: {:.0} ms, {:.0} MB/s", bundled.as_secs_f64() * 1e3, speed(bundled));
    println!("verify, 1 thread: {:.0} MB/s; {threads} threads: {:.0} MB/s", speed(alone), speed(checked));
    let Some(reference) = reference(scratch.path()) else {
        println!("skipped: there is no sha256sum or zip to compare with");
        return;
    };
    println!("sha256sum and zip -0: {:.0} ms, {:.0} MB/s", reference.as_secs_f64() * 1e3, speed(reference));
    let ratios = [bundled, checked].map(|took| reference.as_secs_f64() / took.as_secs_f64());
    let [bundling, checking] = ratios.map(|ratio| ratio * 100.0);
    println!("bundling runs at {bundling:.0} %, checking at {checking:.0} %; {:.0} % are the floor", FLOOR * 100.0);
    assert!(ratios.iter().all(|ratio| *ratio >= FLOOR));
}

/// The best of three.
fn best(mut once: impl FnMut()) -> Duration {
    let timed = (0..3).map(|_| {
        let begin = Instant::now();
        once();
        begin.elapsed()
    });
    timed.min().unwrap_or_default()
}

/// None when the tools are not there.
fn reference(folder: &Path) -> Option<Duration> {
    let run = |script: &str| {
        let status = Command::new("sh").args(["-c", script]).current_dir(folder).stdout(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    let script = "find archive -type f -exec sha256sum {} + && rm -f plain.zip && zip -0 -q -r plain.zip archive";
    run(script).then(|| best(|| assert!(run(script))))
}

fn build(root: &Path) {
    let started = "2026-11-23T08:58:55Z".parse().expect("an instant");
    let mut writer = Writer::open(root, Opening::new("bench", "bindery 0.1.0", started)).expect("an archive");
    for picture in 0..PICTURES {
        let mut bytes = b"GIF89a\x0a\0\x0a\0\0\0\0".to_vec();
        bytes.extend(noise(picture + 1, PICTURE_BYTES));
        let image = images::identify(bytes).expect("a picture");
        writer.store_image(&image).expect("stored");
    }
    writer.commit().expect("sealed");
    assert!(fs::metadata(root.join("manifest-sha256.txt")).is_ok());
}

/// Bytes that no coding makes smaller, different for every `seed`.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(&mut next).flatten().take(length).collect()
}
