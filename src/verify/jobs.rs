//! Distributes the check of an archive over threads. Capture files are read first, since articles are compared with them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use parking_lot::Mutex;

use super::captures::{self, Capture, Captures, Month};
use super::hash::FileReader;
use super::leaf::{self, LeafResult};
use super::root::{Place, Root};
use super::walk::{Leaf, LeafKind};
use super::{Progress, Report, articles, runs};

/// What a worker thread reports.
enum WorkerEvent {
    Bytes(u64),
    Capture(u64),
    Leaf(usize, Box<LeafResult>),
}

/// A job for one thread.
enum Job {
    /// Read a capture file.
    Capture(String),
    /// Check the leaf folder with this index.
    Leaf(usize),
}

/// The jobs of checking an archive.
pub(super) struct JobQueue<'a> {
    root: Root<'a>,
    leaves: &'a [Leaf],
    /// The folders of captures, by their index in `leaves`.
    months: BTreeMap<usize, Month>,
    /// In the order in which they are started.
    jobs: Vec<Job>,
    next: AtomicUsize,
    /// The capture files that were read.
    read: Mutex<BTreeMap<String, io::Result<Capture>>>,
    /// The number of capture files that were not read yet.
    unread: AtomicUsize,
    unsealed: BTreeSet<String>,
    /// Set when all capture files were read.
    captures: OnceLock<Captures>,
}

impl<'a> JobQueue<'a> {
    /// Lists the capture files, and creates the jobs.
    pub fn new(root: Root<'a>, leaves: &'a [Leaf], reader: &mut FileReader) -> Self {
        let mut months = BTreeMap::new();
        let (mut paths, mut unsealed) = (Vec::new(), BTreeSet::new());
        for (at, leaf) in leaves.iter().enumerate().filter(|(_, leaf)| leaf.kind == LeafKind::Captures) {
            let month = Month::list(Place { root, leaf }, reader);
            paths.extend(month.captures(leaf));
            unsealed.extend(month.unsealed(leaf));
            months.insert(at, month);
        }
        // The largest first, so that no thread is left with a large one at the end.
        paths.sort_by_cached_key(|path| std::cmp::Reverse(root.tree.length(path).unwrap_or_default()));
        let unread = AtomicUsize::new(paths.len());
        let mut jobs: Vec<Job> = paths.into_iter().map(Job::Capture).collect();
        // Jobs that wait for the captures come last.
        let waits = |kind| matches!(kind, LeafKind::Articles | LeafKind::Captures);
        for late in [false, true] {
            let some = leaves.iter().enumerate().filter(|(_, leaf)| waits(leaf.kind) == late);
            jobs.extend(some.map(|(at, _)| Job::Leaf(at)));
        }
        let (next, read, captures) = (AtomicUsize::new(0), Mutex::default(), OnceLock::new());
        let work = Self { root, leaves, months, jobs, next, read, unread, unsealed, captures };
        if work.unread.load(Ordering::Relaxed) == 0 {
            work.gather();
        }
        work
    }

    /// Checks all leaf folders, and returns the results in their order.
    pub fn run(&self, threads: usize, report: &mut Report, progress: &mut dyn FnMut(Progress)) -> Vec<LeafResult> {
        let (sender, events) = mpsc::channel();
        let mut results: Vec<Option<LeafResult>> = self.leaves.iter().map(|_| None).collect();
        thread::scope(|scope| {
            for _ in 0..threads.clamp(1, self.jobs.len().max(1)) {
                let sender = sender.clone();
                scope.spawn(move || self.work(&sender));
            }
            drop(sender);
            let mut at = Progress { bytes: report.bytes, folders: 0, all_folders: self.leaves.len() as u64 };
            for event in events {
                match event {
                    WorkerEvent::Bytes(n) => at.bytes += n,
                    WorkerEvent::Capture(files) => report.files += files,
                    WorkerEvent::Leaf(index, checked) => {
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

    fn work(&self, sender: &Sender<WorkerEvent>) {
        let mut tick = |n| {
            // The receiver outlives the workers.
            let _ = sender.send(WorkerEvent::Bytes(n));
        };
        let mut reader = FileReader::new(&mut tick);
        while let Some(job) = self.jobs.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            reader.files = 0;
            let event = match job {
                Job::Capture(path) => {
                    self.read(path, &mut reader);
                    WorkerEvent::Capture(reader.files)
                }
                Job::Leaf(index) => {
                    let mut checked = self.check(*index, &mut reader);
                    checked.files = reader.files;
                    WorkerEvent::Leaf(*index, Box::new(checked))
                }
            };
            let _ = sender.send(event);
        }
    }

    fn read(&self, path: &str, reader: &mut FileReader) {
        let capture = Capture::read(self.root.tree, path, reader);
        self.read.lock().insert(path.to_owned(), capture);
        if self.unread.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.gather();
        }
    }

    fn gather(&self) {
        let read = std::mem::take(&mut *self.read.lock());
        self.captures.get_or_init(|| Captures::new(read, self.unsealed.clone()));
    }

    fn check(&self, index: usize, reader: &mut FileReader) -> LeafResult {
        let place = Place { root: self.root, leaf: &self.leaves[index] };
        match (place.leaf.kind, self.months.get(&index)) {
            (LeafKind::Articles, _) => articles::check(place, &self.captures, reader),
            (_, Some(month)) => captures::check(place, month, self.captures.wait(), reader),
            (LeafKind::Runs, _) => runs::check(place, reader),
            _ => leaf::check_images(place, reader),
        }
    }
}
