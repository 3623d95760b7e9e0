//! Visits of a site for a time, and what is left of it in the archive.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bindery::archive::{Archive, Entry, Snapshot, Writer, WriterOptions};
use bindery::capture::{Captured, Capturer, ContinuationPages, FeedText, ImageChecks, Input, Job, Options};
use bindery::frontmatter::Profile;
use bindery::markdown::IgnoredLines;
use bindery::model::Outcome;
use parking_lot::Mutex;

use super::site::{Page, Site};
use super::walls::Wall;

/// How long a site is visited, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub days: u64,
    /// Hours between two visits.
    pub every: u64,
}

/// What is left of a page.
#[derive(Debug)]
pub struct Left {
    /// Its kind and its language.
    pub page: String,
    /// The texts that the page had.
    pub texts: u64,
    /// The texts that were accepted.
    pub kept: u64,
    pub set_aside: usize,
    /// The size of `record.json`.
    pub record_bytes: u64,
    /// What is wrong, one sentence each.
    pub wrong: Vec<String>,
}

/// What a run of visits cost and left.
#[derive(Debug)]
pub struct Report {
    pub visits: u64,
    pub pages: Vec<Left>,
    /// How long visits without a new text took, from the response to the record, sorted.
    pub unchanged: Vec<Duration>,
}

/// Visits every page of a site again and again, each time in a run of its own.
pub fn visit_all(root: &Path, pages: &[Page], span: Span) -> Report {
    let site = Arc::new(Site::new(pages.to_vec()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut wrong: Vec<Vec<String>> = vec![Vec::new(); pages.len()];
    let mut unchanged = Vec::new();
    let hours: Vec<u64> = (0..span.days * 24).step_by(span.every as usize).collect();
    for (number, hour) in (0..).zip(&hours) {
        site.set(*hour, number);
        let capturer = capturer(root, &site);
        for (page, wrong) in pages.iter().zip(&mut wrong) {
            let begin = Instant::now();
            let captured = runtime.block_on(capturer.capture(job(page))).expect("a visit");
            if captured.outcome == Outcome::Unchanged {
                unchanged.push(begin.elapsed());
            }
            wrong.extend(objection(page, &site, &captured, number));
        }
        capturer.commit().expect("a commit");
    }
    unchanged.sort();
    let last_day = hours.last().map_or(0, |hour| hour / 24);
    let pages = pages.iter().zip(wrong).map(|(page, wrong)| left(root, page, last_day, wrong)).collect();
    Report { visits: hours.len() as u64, pages, unchanged }
}

fn capturer(root: &Path, site: &Arc<Site>) -> Capturer {
    let now = site.now();
    let writer = Writer::open(root, WriterOptions::new("test", "test 1", now)).expect("an archive");
    let options = Options {
        profile: Profile::default(),
        respect_robots: false,
        ignored: IgnoredLines::default(),
        image_checks: ImageChecks::default(),
        comments: false,
        software: "test 1".to_owned(),
        clock: Arc::new(move || now),
    };
    let site = Arc::<Site>::clone(site);
    Capturer { fetcher: Some(site), writer: Arc::new(Mutex::new(writer)), options: Arc::new(options) }
}

fn job(page: &Page) -> Job {
    let feed_text = FeedText {
        feed: "https://courier.example/feed.xml".to_owned(),
        html: page.excerpt(),
        title: Some(page.language.title.to_owned()),
        authors: Vec::new(),
        published: None,
        site: None,
    };
    Job { continuation_pages: ContinuationPages::Join, feed_text: Some(feed_text), ..Job::new(Input::Url(page.url())) }
}

/// Returns what is wrong about a visit.
fn objection(page: &Page, site: &Site, captured: &Captured, number: u64) -> Option<String> {
    let visit = site.visit();
    let wall = page.wall(visit.day);
    let is_new_text = !matches!(captured.outcome, Outcome::Unchanged | Outcome::Failed(_));
    let may_fail = matches!(wall, Some(Wall::Home | Wall::Shell | Wall::Excerpt | Wall::Worded(_)));
    match &captured.outcome {
        Outcome::New if number > 0 => Some(format!("day {}: a second article ({wall:?})", visit.day)),
        _ if is_new_text && wall.is_some() => {
            Some(format!("day {}: a wall became the newest text ({wall:?})", visit.day))
        }
        Outcome::Failed(failure) if !may_fail => Some(format!("day {}: {}", visit.day, failure.message)),
        _ => None,
    }
}

fn left(root: &Path, page: &Page, last_day: u64, mut wrong: Vec<String>) -> Left {
    let archive = Archive::open(root).expect("an archive");
    let found = archive.find(page.url().as_str()).expect("an index");
    let edits = page.edits(last_day);
    let forms = if page.kind.name == super::kinds::FLIPPING { 2 } else { 1 };
    let mut left = Left {
        page: format!("{} ({})", page.kind.name, page.language.code),
        texts: (edits + 1) * forms,
        kept: 0,
        set_aside: 0,
        record_bytes: 0,
        wrong: Vec::new(),
    };
    if let [entry] = &found[..] {
        let folder = root.join(&entry.folder);
        let text = fs::read_to_string(folder.join("index.md")).expect("a text");
        // A page that shows a wall on its last day was edited before.
        let figures = [0, 1].map(|before| page.figure(edits.saturating_sub(before), false));
        if !figures.iter().any(|figure| text.contains(figure.as_str())) && forms == 1 {
            wrong.push("the newest text is not that of the last edit".to_owned());
        }
        left.kept = entry.record.accepted().count() as u64;
        left.set_aside = entry.record.snapshots.len() - left.kept as usize;
        left.record_bytes = fs::metadata(folder.join("record.json")).expect("a record").len();
    } else {
        wrong.push(format!("{} articles", found.len()));
    }
    if left.kept > left.texts {
        wrong.push(format!("{} texts kept of {}: {}", left.kept, left.texts, differences(root, &found).join(" / ")));
    }
    left.wrong = wrong;
    left
}

/// Returns the lines in which each accepted text differs from the one before it, apart from the front matter.
fn differences(root: &Path, found: &[Entry]) -> Vec<String> {
    let mut all = Vec::new();
    for entry in found {
        let read =
            |snapshot: &Snapshot| fs::read_to_string(root.join(&entry.folder).join(&snapshot.file)).expect("a text");
        let texts: Vec<String> = entry.record.accepted().map(read).collect();
        for pair in texts.windows(2) {
            let body = |text: &str| text.splitn(3, "---\n").last().unwrap_or_default().to_owned();
            let (old, new) = (body(&pair[0]), body(&pair[1]));
            let only = |one: &str, other: &str| {
                let lines = one.lines().filter(|line| !other.lines().any(|known| known == *line));
                lines.map(|line| line.chars().take(80).collect::<String>()).collect::<Vec<_>>().join(" ¶ ")
            };
            all.push(format!("-{} +{}", only(&old, &new), only(&new, &old)));
        }
    }
    all
}
