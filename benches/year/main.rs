//! A year of hourly visits to 30 kinds of pages, each with noise that changes at every visit, a wall on one day in ten, and
//! an edit every 30 days.
//!
//! `cargo bench --bench year` prints what is left of each page in the archive, and fails when a text was kept that is no
//! edit, a wall is the newest text, or a record exceeds 200 KB. `-- 6` visits every 6 hours; `-- 24 all` visits a page of
//! each kind in each language every day.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

mod kinds;
mod languages;
mod run;
mod site;
mod walls;

use std::path::Path;
use std::time::{Duration, Instant};

use run::{Report, Span};

const DAYS: u64 = 365;
const LARGEST_RECORD: u64 = 200_000;
const SLOWEST: Duration = Duration::from_millis(50);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let every = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(1);
    let is_all = arguments.iter().any(|argument| argument == "all");
    let pages = if is_all { site::all_pages() } else { site::pages() };
    let memory = Path::new("/dev/shm");
    let scratch = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let scratch = scratch.expect("a scratch folder");
    let begin = Instant::now();
    let report = run::visit_all(&scratch.path().join("archive"), &pages, Span { days: DAYS, every });
    print(&report, begin.elapsed());
}

fn print(report: &Report, took: Duration) {
    for page in &report.pages {
        println!(
            "{:<44} texts {:>2}, kept {:>3}, set aside {:>2}, record {:>6} bytes",
            page.page, page.texts, page.kept, page.set_aside, page.record_bytes
        );
        for wrong in page.wrong.iter().take(3) {
            println!("    {wrong}");
        }
    }
    let median = report.unchanged[report.unchanged.len() / 2];
    let slow = report.unchanged[report.unchanged.len() * 99 / 100];
    let largest = report.pages.iter().map(|page| page.record_bytes).max().unwrap_or(0);
    println!("{} visits of each page in {:.0} s", report.visits, took.as_secs_f64());
    println!(
        "an unchanged visit: {:.1} ms (median), {:.1} ms (one in a hundred)",
        median.as_secs_f64() * 1e3,
        slow.as_secs_f64() * 1e3
    );
    println!("the largest record: {largest} bytes");
    let wrong: usize = report.pages.iter().map(|page| page.wrong.len()).sum();
    assert_eq!(wrong, 0, "pages with what is no edit as a text");
    assert!(largest <= LARGEST_RECORD, "{largest}");
    assert!(median <= SLOWEST, "{median:?}");
}
