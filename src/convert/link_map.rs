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
    /// Where outputs are that do not have the path that links name, by the number of that path.
    moved: HashMap<u64, PathBuf>,
    /// The folders that have an `index`.
    bundles: HashSet<u64>,
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
        let mut bundles = HashSet::new();
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
                let url = parallel::without_panic(|| declared_url(&start)).ok()?;
                Some((url.map(|url| known_as(&url)), file.place))
            };
            parallel::ordered(threads, produce, work, |found| {
                let Some((url, place)) = found else { return ControlFlow::Continue(()) };
                if is_index(&place) {
                    bundles.insert(number(place.parent().unwrap_or(Path::new(""))));
                }
                if let Some(url) = url {
                    by_url.entry(url).or_insert(place);
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok(Self { by_url, bundles, ..Self::default() })
    }

    /// Records that an output has another path than links name.
    pub fn move_to(&mut self, named: &Path, place: PathBuf) {
        self.moved.insert(number(named), place);
    }

    /// Returns the output for the path that links name.
    pub fn moved(&self, named: PathBuf) -> PathBuf {
        self.moved.get(&number(&named)).cloned().unwrap_or(named)
    }

    /// Returns whether an output lies beside or below an `index` that is another output.
    pub fn is_in_bundle(&self, place: &Path) -> bool {
        let own = if is_index(place) { 2 } else { 1 };
        place.ancestors().skip(own).any(|folder| self.bundles.contains(&number(folder)))
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

    /// Records that an output could not be made, or is one that links must not lead to.
    pub fn failed(&self, place: &Path) {
        self.made.lock().failed.insert(number(place));
    }

    /// Returns the outputs that link to failed ones, and the map with which to convert them again; None if there are
    /// none.
    pub fn without_failed(mut self) -> Option<(HashSet<u64>, Self)> {
        let Attempts { links, failed } = std::mem::take(&mut self.made).into_inner();
        let from: HashSet<u64> =
            links.into_iter().filter(|(to, _)| failed.contains(to)).map(|(_, from)| from).collect();
        let again = Self { refused: failed, ..self };
        (!from.is_empty()).then_some((from, again))
    }
}

/// Returns a hash of an output's path. A collision costs one link at worst.
pub(super) fn number(place: &Path) -> u64 {
    hashed(place)
}

fn is_index(place: &Path) -> bool {
    place.file_name().is_some_and(|name| name == "index")
}

fn known_as(url: &Url) -> u64 {
    hashed(UrlKey::of(url).as_str())
}

fn hashed(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
