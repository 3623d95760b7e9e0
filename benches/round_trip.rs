//! How many articles of the measuring sets render back to themselves, and what the check costs.
//!
//! `cargo bench --bench round_trip` prints every difference and both shares, and fails under the floor or over the cost. It
//! needs `BINDERY_CORPUS`; without it, it says in one line that it was skipped.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bindery::extract::{Options, extract};
use bindery::frontmatter::{Profile, Style};
use bindery::markdown;
use bindery::model::{ImageMap, Origin, RawPage};

/// The least share of perfect articles, in percent.
const FLOOR: f64 = 99.3;
/// The most that the check may add to the time from bytes to Markdown, in percent.
const COST: f64 = 15.0;

#[derive(Default)]
struct Tally {
    articles: usize,
    perfect: usize,
    /// Without the check, and the check alone.
    pipeline: Duration,
    check: Duration,
}

fn main() {
    let Some(corpus) = std::env::var_os("BINDERY_CORPUS") else {
        println!("skipped: BINDERY_CORPUS is not set");
        return;
    };
    for set in ["cjk-open", "wcxb-dev"] {
        let tally = count(&pages(&Path::new(&corpus).join(set).join("html")));
        let share = 100.0 * tally.perfect as f64 / tally.articles as f64;
        let cost = 100.0 * tally.check.as_secs_f64() / tally.pipeline.as_secs_f64();
        println!("{set}: {} of {} articles render back to themselves, {share:.2} %", tally.perfect, tally.articles);
        println!("  from bytes to Markdown {:.2?}, the check {:.2?}, {cost:.1} % more", tally.pipeline, tally.check);
        assert!(share >= FLOOR, "{set}: {share:.2} %, the floor is {FLOOR}");
        assert!(cost <= COST, "{set}: {cost:.1} %, the limit is {COST}");
    }
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the set is unpacked");
    let mut pages: Vec<PathBuf> = entries.map(|entry| entry.expect("the folder is read").path()).collect();
    pages.sort();
    pages
}

fn count(pages: &[PathBuf]) -> Tally {
    let mut tally = Tally::default();
    let images = ImageMap::new();
    let unchecked = Profile { style: Style { check: false, ..Style::default() }, ..Profile::default() };
    for path in pages {
        let raw = RawPage::from_bytes(std::fs::read(path).expect("the page is read"), None, Origin::Replay, None);
        let begin = Instant::now();
        // A page without an article has no Markdown to be judged.
        let Ok(article) = extract(&raw, Options::default()) else { continue };
        let extracted = begin.elapsed();
        let begin = Instant::now();
        markdown::write(&article, &images, &unchecked);
        let written = begin.elapsed();
        let begin = Instant::now();
        let document = markdown::write(&article, &images, &Profile::default());
        tally.check += begin.elapsed().saturating_sub(written);
        tally.pipeline += extracted + written;
        tally.articles += 1;
        tally.perfect += usize::from(document.round_trip.is_empty());
        for difference in document.round_trip {
            println!("{}: {difference}", path.display());
        }
    }
    tally
}
