//! Every seed of the fuzz targets, and every input that ever broke one, through the body of its target; and that twice
//! the input never costs more than three times the time.
//!
//! `BINDERY_FUZZ_CORPUS` names a folder with further inputs, one folder a target, such as `fuzz/corpus` after a run.

#[path = "../../../fuzz/bodies/mod.rs"]
pub mod bodies;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bodies::Target;

use crate::support::growth::took;

/// Below this, a time says more about the machine than about the code.
const MEASURABLE: Duration = Duration::from_millis(20);

/// No input is grown further than this, in bytes: what is fast enough there is fast enough.
const LARGEST: usize = 4 << 20;

/// How much more time twice the input may cost.
const MOST: f64 = 3.0;

fn target(name: &str) -> Target {
    bodies::all().into_iter().find(|target| target.name == name).unwrap()
}

/// The inputs of a target, each with its file.
fn inputs(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let mut folders = vec![project.join("seeds").join(name), project.join("regressions").join(name)];
    folders.extend(std::env::var_os("BINDERY_FUZZ_CORPUS").map(|more| Path::new(&more).join(name)));
    let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 5, "{name} has no seeds");
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// The shortest of several times: what others do on the machine only adds to it.
fn best(body: fn(&[u8]), input: &[u8]) -> Duration {
    (0..3).map(|_| took(|| body(black_box(input)))).min().unwrap()
}

/// How many times as long twice the input takes, at a size where that can be measured; None for an input that never gets
/// there.
fn growth(target: &Target, seed: &[u8]) -> Option<f64> {
    let mut times = 1;
    while best(target.body, &(target.grown)(seed, times)) < MEASURABLE {
        times *= 2;
        if seed.len().max(1) * times > LARGEST {
            return None;
        }
    }
    let (small, large) = ((target.grown)(seed, times), (target.grown)(seed, times * 2));
    // A machine that was busy is asked again; code that is slow stays so.
    let ratio = || best(target.body, &large).as_secs_f64() / best(target.body, &small).as_secs_f64();
    let mut least = ratio();
    for _ in 0..6 {
        if least <= MOST {
            break;
        }
        least = least.min(ratio());
    }
    Some(least)
}

fn check(name: &str) {
    let target = target(name);
    let (mut measured, mut worst) = (0, (0.0, PathBuf::new()));
    for (path, input) in inputs(name) {
        let _named = Named(&path);
        (target.body)(&input);
        if let Some(ratio) = growth(&target, &input) {
            measured += 1;
            assert!(ratio <= MOST, "{}: twice the input takes {ratio:.1} times as long", path.display());
            if ratio > worst.0 {
                worst = (ratio, path.clone());
            }
        }
    }
    let file = worst.1.file_name().unwrap_or_default().to_string_lossy();
    println!("{name}: {measured} inputs grown, {:.2} times the time for twice the input at most ({file})", worst.0);
}

/// Names the input when its body panics.
struct Named<'a>(&'a Path);

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input is {}", self.0.display());
        }
    }
}

macro_rules! targets {
    ($($(#[$when:meta])? $name:ident),+) => {
        $($(#[$when])?
        #[test]
        fn $name() {
            check(stringify!($name));
        })+
    };
}

targets!(
    decode,
    coding,
    extract,
    markdown,
    front_matter,
    srcset,
    #[cfg(feature = "net")]
    robots,
    #[cfg(feature = "net")]
    lists,
    warc,
    zip,
    bundle,
    import,
    notes
);
