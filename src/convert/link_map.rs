//! Which texts of a run a link can lead to: those of pages known by their own URL, and none that was never written.

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

/// More pages than these are not known by their URLs: memory stays small whatever the input.
const MOST_URLS: u64 = 50_000;

/// More links between pages than these are not remembered.
const MOST_LINKS: usize = 2_000_000;

/// Where links of a run may lead.
#[derive(Debug, Default)]
pub(super) struct LinkMap {
    /// The place of each page that declares its own URL, by the key of that.
    by_url: HashMap<u64, PathBuf>,
    /// Places of which an earlier attempt of this run made nothing.
    refused: HashSet<u64>,
    made: Mutex<Attempts>,
}

#[derive(Debug, Default)]
struct Attempts {
    /// From which place to which a link was made, the target first.
    links: Vec<(u64, u64)>,
    /// Places of which nothing was made.
    failed: HashSet<u64>,
}

impl LinkMap {
    /// Returns the pages of a plan that declare their own URLs, read by `threads` workers.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn of(plan: &Plan, threads: usize) -> io::Result<Self> {
        let mut by_url = HashMap::new();
        if plan.count() <= MOST_URLS {
            let produce = |queue: &Queue<File>| {
                // What cannot be walked is reported by the run itself.
                let _ = plan.walk(&mut |step| match step {
                    Step::File(file) => queue.push(file, 0),
                    Step::LeftOut(_) => ControlFlow::Continue(()),
                });
            };
            let work = |file: File, _: usize| {
                let start = Input::file(&file.path).start().ok()?;
                // What panics here does so in the run itself, and is reported there.
                let url = parallel::caught(|| declared_url(&start)).ok()??;
                Some((known_as(&url), file.place))
            };
            parallel::ordered(threads, produce, work, |told| {
                if let Some((url, place)) = told {
                    by_url.entry(url).or_insert(place);
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok(Self { by_url, ..Self::default() })
    }

    /// The place of the page with a URL; None when none of the run has it.
    pub fn at(&self, url: &str) -> Option<PathBuf> {
        let url = if self.by_url.is_empty() { None } else { Url::parse(url).ok() };
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https"))?;
        self.by_url.get(&known_as(&url)).cloned()
    }

    /// Whether a link may be made from one place to another; that it was is remembered.
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

    /// Notes that nothing was made of a place.
    pub fn failed(&self, place: &Path) {
        self.made.lock().failed.insert(number(place));
    }

    /// Returns the places from which links lead to nothing, and the map with which they are made again; None when there
    /// are none.
    pub fn without_failed(self) -> Option<(HashSet<u64>, Self)> {
        let Attempts { links, failed } = self.made.into_inner();
        let from: HashSet<u64> =
            links.into_iter().filter(|(to, _)| failed.contains(to)).map(|(_, from)| from).collect();
        let again = Self { by_url: self.by_url, refused: failed, made: Mutex::default() };
        (!from.is_empty()).then_some((from, again))
    }
}

/// A place in few bytes. Two that share a number cost a link, at worst.
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
