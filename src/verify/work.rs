//! The work of a check, shared among threads: files of captures first, since articles are held against them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use crate::bundle::Tree;

use super::captures::{self, Capture, Captures, Month};
use super::hash::Reader;
use super::leaf::{self, Checked};
use super::manifest::Listed;
use super::walk::{Leaf, Part};
use super::{Progress, Report, articles, runs};

/// What a worker tells.
enum Event {
    Bytes(u64),
    Capture(u64),
    Leaf(usize, Box<Checked>),
}

/// One piece of work.
enum Job {
    /// Reading a capture file.
    Capture(String),
    /// Checking a leaf folder, by its place among all.
    Leaf(usize),
}

/// All work on an archive.
pub(super) struct Work<'a> {
    root: &'a Tree,
    leaves: &'a [Leaf],
    top: Option<&'a Listed>,
    /// The folders of captures, by their place among all leaves.
    months: BTreeMap<usize, Month>,
    /// In the order in which they are taken up.
    jobs: Vec<Job>,
    next: AtomicUsize,
    /// Capture files that were read.
    read: Mutex<BTreeMap<String, io::Result<Capture>>>,
    /// Capture files not yet read.
    unread: AtomicUsize,
    unsealed: BTreeSet<String>,
    /// There when every capture file was read.
    captures: OnceLock<Captures>,
}

impl<'a> Work<'a> {
    /// Looks which capture files there are.
    pub fn new(root: &'a Tree, leaves: &'a [Leaf], top: Option<&'a Listed>, reader: &mut Reader) -> Self {
        let mut months = BTreeMap::new();
        let (mut paths, mut unsealed) = (Vec::new(), BTreeSet::new());
        for (at, leaf) in leaves.iter().enumerate().filter(|(_, leaf)| leaf.part == Part::Captures) {
            let month = Month::list(root, leaf, reader);
            paths.extend(month.captures(leaf));
            unsealed.extend(month.unsealed(leaf));
            months.insert(at, month);
        }
        // The largest first, so that none is left over when the rest is done.
        paths.sort_by_cached_key(|path| std::cmp::Reverse(root.length(path).unwrap_or_default()));
        let unread = AtomicUsize::new(paths.len());
        let mut jobs: Vec<Job> = paths.into_iter().map(Job::Capture).collect();
        // What waits for the captures comes last.
        let waits = |part| matches!(part, Part::Articles | Part::Captures);
        for late in [false, true] {
            let some = leaves.iter().enumerate().filter(|(_, leaf)| waits(leaf.part) == late);
            jobs.extend(some.map(|(at, _)| Job::Leaf(at)));
        }
        let (next, read, captures) = (AtomicUsize::new(0), Mutex::default(), OnceLock::new());
        let work = Self { root, leaves, top, months, jobs, next, read, unread, unsealed, captures };
        if work.unread.load(Ordering::Relaxed) == 0 {
            work.gather();
        }
        work
    }

    /// Checks every leaf folder; the results in the order of the folders.
    pub fn run(&self, threads: usize, report: &mut Report, progress: &mut dyn FnMut(Progress)) -> Vec<Checked> {
        let (sender, events) = mpsc::channel();
        let mut results: Vec<Option<Checked>> = self.leaves.iter().map(|_| None).collect();
        thread::scope(|scope| {
            for _ in 0..threads.clamp(1, self.jobs.len().max(1)) {
                let sender = sender.clone();
                scope.spawn(move || self.work(&sender));
            }
            drop(sender);
            let mut at = Progress { bytes: report.bytes, folders: 0, all_folders: self.leaves.len() as u64 };
            for event in events {
                match event {
                    Event::Bytes(n) => at.bytes += n,
                    Event::Capture(files) => report.files += files,
                    Event::Leaf(index, checked) => {
                        at.folders += 1;
                        results[index] = Some(*checked);
                    }
                }
                progress(at);
            }
            report.bytes = at.bytes;
        });
        results.into_iter().map(Option::unwrap_or_default).collect()
    }

    fn work(&self, sender: &Sender<Event>) {
        let mut tick = |n| {
            // The receiver outlives the workers.
            let _ = sender.send(Event::Bytes(n));
        };
        let mut reader = Reader::new(&mut tick);
        while let Some(job) = self.jobs.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            reader.files = 0;
            let event = match job {
                Job::Capture(path) => {
                    self.read(path, &mut reader);
                    Event::Capture(reader.files)
                }
                Job::Leaf(index) => {
                    let mut checked = self.check(*index, &mut reader);
                    checked.files = reader.files;
                    Event::Leaf(*index, Box::new(checked))
                }
            };
            let _ = sender.send(event);
        }
    }

    fn read(&self, path: &str, reader: &mut Reader) {
        let capture = Capture::read(self.root, path, reader);
        // A thread that panicked ends the check anyway.
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), capture);
        if self.unread.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.gather();
        }
    }

    fn gather(&self) {
        let read = std::mem::take(&mut *self.read.lock().unwrap_or_else(PoisonError::into_inner));
        self.captures.get_or_init(|| Captures::new(read, self.unsealed.clone()));
    }

    fn check(&self, index: usize, reader: &mut Reader) -> Checked {
        let (root, leaf, top) = (self.root, &self.leaves[index], self.top);
        match (leaf.part, self.months.get(&index)) {
            (Part::Articles, _) => articles::check(root, leaf, &self.captures, top, reader),
            (_, Some(month)) => captures::check(root, leaf, month, self.captures.wait(), top, reader),
            (Part::Runs, _) => runs::check(root, leaf, top, reader),
            _ => leaf::check_images(root, leaf, top, reader),
        }
    }
}
