//! Link targets within a run: outputs of pages that declare their own URL, without those that failed.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use url::Url;

use crate::import::{Input, declared_url};
use crate::model::UrlKey;

use super::parallel::{self, Queue};
use super::plan::{File, Plan, Step};

/// The most pages that are indexed by their URLs, so that memory stays bounded.
const MOST_URLS: u64 = 50_000;

/// The most links between pages that are remembered.
const MOST_LINKS: usize = 2_000_000;

/// The link targets of a run.
#[derive(Debug, Default)]
pub(super) struct LinkMap {
    /// The output of each page that declares its own URL, by the key of that URL.
    by_url: HashMap<u64, PathBuf>,
    /// Outputs that an earlier pass of this run failed to make.
    refused: HashSet<u64>,
    made: Mutex<Attempts>,
}

#[derive(Debug, Default)]
struct Attempts {
    /// The links between outputs: target, then source.
    links: Vec<(u64, u64)>,
    /// Outputs that could not be made.
    failed: HashSet<u64>,
}

impl LinkMap {
    /// Indexes the pages of a plan that declare their own URLs, on `threads` threads.
    ///
    /// # Errors
    /// The system cannot start a thread.
    pub fn of(plan: &Plan, threads: usize) -> io::Result<Self> {
        let mut by_url = HashMap::new();
        if plan.count() <= MOST_URLS {
            let produce = |queue: &Queue<File>| {
                // The run itself reports folders that cannot be read.
                let _ = plan.walk(&mut |step| match step {
                    Step::File(file) => queue.push(file, 0),
                    Step::LeftOut(_) => ControlFlow::Continue(()),
                });
            };
            let work = |file: File, _: usize| {
                let start = Input::file(&file.path).start().ok()?;
                // A page that makes this panic does so again in the run, which reports it.
                let url = parallel::without_panic(|| declared_url(&start)).ok()??;
                Some((known_as(&url), file.place))
            };
            parallel::ordered(threads, produce, work, |known| {
                if let Some((url, place)) = known {
                    by_url.entry(url).or_insert(place);
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok(Self { by_url, ..Self::default() })
    }

    /// Returns the output of the page with a URL; None if no page of the run has it.
    pub fn at(&self, url: &str) -> Option<PathBuf> {
        let url = if self.by_url.is_empty() { None } else { Url::parse(url).ok() };
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https"))?;
        self.by_url.get(&known_as(&url)).cloned()
    }

    /// Returns whether a link may be made from one output to another, and records the link.
    pub fn leads(&self, from: &Path, to: &Path) -> bool {
        let (from, to) = (number(from), number(to));
        if self.refused.contains(&to) {
            return false;
        }
        let mut made = self.made.lock();
        if made.links.len() < MOST_LINKS {
            made.links.push((to, from));
        }
        true
    }

    /// Records that an output could not be made.
    pub fn failed(&self, place: &Path) {
        self.made.lock().failed.insert(number(place));
    }

    /// Returns the outputs that link to failed ones, and the map with which to convert them again; None if there are
    /// none.
    pub fn without_failed(self) -> Option<(HashSet<u64>, Self)> {
        let Attempts { links, failed } = self.made.into_inner();
        let from: HashSet<u64> =
            links.into_iter().filter(|(to, _)| failed.contains(to)).map(|(_, from)| from).collect();
        let again = Self { by_url: self.by_url, refused: failed, made: Mutex::default() };
        (!from.is_empty()).then_some((from, again))
    }
}

/// Returns a hash of an output's path. A collision costs one link at worst.
pub(super) fn number(place: &Path) -> u64 {
    hashed(place)
}

fn known_as(url: &Url) -> u64 {
    hashed(UrlKey::of(url).as_str())
}

fn hashed(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
