//! Keeps processes from being forked while a page is read.
//!
//! Names of elements are kept in tables with locks. A process that is forked while another thread holds one of them would wait
//! for it for ever. Only atomics are used here: a lock would have the same fault.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The number of pages that are being read.
static READING: AtomicUsize = AtomicUsize::new(0);

/// Whether a process is about to be forked.
static FORKING: AtomicBool = AtomicBool::new(false);

/// How often the others are looked at.
const PAUSE: Duration = Duration::from_micros(200);

/// How long a fork waits at most. A page that takes longer is very large.
const PATIENCE: Duration = Duration::from_secs(30);

/// A page that is being read, until it is dropped.
pub struct Reading;

impl Reading {
    /// Waits until no process is about to be forked.
    pub fn begin() -> Self {
        loop {
            READING.fetch_add(1, Ordering::SeqCst);
            if !FORKING.load(Ordering::SeqCst) {
                return Self;
            }
            READING.fetch_sub(1, Ordering::SeqCst);
            sleep(PAUSE);
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        READING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Waits until no page is read, and lets none begin.
pub fn close() {
    let begin = Instant::now();
    while FORKING.swap(true, Ordering::SeqCst) && begin.elapsed() < PATIENCE {
        sleep(PAUSE);
    }
    while READING.load(Ordering::SeqCst) > 0 && begin.elapsed() < PATIENCE {
        sleep(PAUSE);
    }
}

/// Lets pages begin again.
pub fn open() {
    FORKING.store(false, Ordering::SeqCst);
}

/// Lets pages begin in the new process, which has one thread.
pub fn open_in_child() {
    READING.store(0, Ordering::SeqCst);
    open();
}
