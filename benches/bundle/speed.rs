//! BundleOptions and checking of each format beside `sha256sum` and `zip -0` on the same files.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bindery::archive::Archive;
use bindery::bundle::{self, Bag, BundleOptions, TextPack, Wacz};
use bindery::verify;

use super::made;

const GIGABYTES: f64 = 0.2;
const FLOOR: f64 = 0.6;

pub fn run() {
    let memory = Path::new("/dev/shm");
    let scratch = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let scratch = scratch.expect("a scratch folder");
    let folder = scratch.path();
    made::archive(&folder.join("archive"), GIGABYTES);
    let archive = Archive::open(&folder.join("archive")).expect("an archive");
    let making = BundleOptions { software: made::SOFTWARE.to_owned(), ..BundleOptions::default() };
    let mut ratios = Vec::new();
    let mut format = |name: &str, input: &str, targets: &[&str], make: &dyn Fn()| {
        let made = best(make);
        let packed: Vec<_> = targets.iter().flat_map(|target| files(&folder.join(target))).collect();
        let bytes: u64 = packed.iter().map(|file| file.metadata().expect("a file").len()).sum();
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let check = |threads| {
            best(|| {
                for file in &packed {
                    let report = verify::any(file, threads, &mut |_| {}).expect("a bundle");
                    assert!(!report.is_damaged(), "{:?}", report.findings);
                }
            })
        };
        let (alone, checked) = (check(1), check(threads));
        let speed = |took: Duration| format!("{:.0} MB/s", bytes as f64 / 1e6 / took.as_secs_f64());
        println!("{name}: {:.0} MB in {} files", bytes as f64 / 1e6, packed.len());
        println!("  made: {}; verified by 1 thread: {}, by {threads}: {}", speed(made), speed(alone), speed(checked));
        let Some(reference) = reference(folder, input) else {
            return println!("  skipped: there is no sha256sum or zip to compare with");
        };
        let [making, checking] = [made, checked].map(|took| reference.as_secs_f64() / took.as_secs_f64());
        println!(
            "  sha256sum and zip -0 on {input}: {}; making runs at {:.0} % of that, verifying at {:.0} %",
            speed(reference),
            making * 100.0,
            checking * 100.0
        );
        ratios.extend([making, checking]);
    };
    format("bag", "archive", &["all.zip"], &|| {
        drop(bundle::write(&archive, &Bag, &folder.join("all.zip"), &making, &mut |_, _| {}).expect("a bag"));
    });
    format("wacz", "archive/captures", &["all.wacz"], &|| {
        drop(bundle::write(&archive, &Wacz, &folder.join("all.wacz"), &making, &mut |_, _| {}).expect("a WACZ"));
    });
    format("textpack", "archive/articles archive/images", &["texts"], &|| {
        drop(bundle::write(&archive, &TextPack, &folder.join("texts/"), &making, &mut |_, _| {}).expect("TextPacks"));
    });
    println!("{:.0} % are the floor", FLOOR * 100.0);
    assert!(ratios.iter().all(|ratio| *ratio >= FLOOR), "{ratios:?}");
}

/// The best of three.
fn best(once: impl Fn()) -> Duration {
    let timed = (0..3).map(|_| {
        let begin = Instant::now();
        once();
        begin.elapsed()
    });
    timed.min().unwrap_or_default()
}

/// A file, or those in a folder.
fn files(target: &Path) -> Vec<std::path::PathBuf> {
    match target.is_dir() {
        true => fs::read_dir(target).expect("a folder").map(|entry| entry.expect("a file").path()).collect(),
        false => vec![target.to_owned()],
    }
}

/// None when the tools are not there.
fn reference(folder: &Path, input: &str) -> Option<Duration> {
    let run = |script: &str| {
        let status = Command::new("sh").args(["-c", script]).current_dir(folder).stdout(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    let script =
        format!("find {input} -type f -exec sha256sum {{}} + && rm -f plain.zip && zip -0 -q -r plain.zip {input}");
    run(&script).then(|| best(|| assert!(run(&script))))
}
