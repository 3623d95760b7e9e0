//! Many pages on several threads, with results in order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;

use crate::article::{self, Found};
use crate::errors::{self, Problem};
use crate::input::Page;
use crate::settings::Plan;
use crate::work::{self, SIGNALS, Stop, Waiting};

/// How long a worker waits before it looks again whether its page is still wanted.
const PATIENCE: Duration = Duration::from_millis(200);

/// What the workers share.
struct Shared {
    pages: Vec<Result<Page, Problem>>,
    plan: Plan,
    next: AtomicUsize,
    stop: Stop,
}

impl Shared {
    fn read(&self, at: usize) -> Result<Found, Problem> {
        let page = self.pages[at].as_ref().map_err(Clone::clone)?;
        work::refuse(page, &self.plan)?;
        if self.plan.timeout.is_none() {
            return work::read(&page.raw(), &self.plan, &self.stop);
        }
        let waiting = Waiting::start(page.raw(), self.plan.clone())?;
        loop {
            if let Some(result) = waiting.wait(PATIENCE) {
                return result;
            }
        }
    }

    fn work(&self, results: &mpsc::SyncSender<(usize, Result<Found, Problem>)>) {
        while !self.stop.is_set() {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            if at >= self.pages.len() || results.send((at, self.read(at))).is_err() {
                return;
            }
        }
    }
}

/// Returns a result for each page.
pub fn run(py: Python<'_>, pages: Vec<Bound<'_, PyAny>>, plan: Plan, threads: usize) -> PyResult<Vec<Py<PyAny>>> {
    let count = pages.len();
    let pages = pages.iter().map(Page::of).collect::<PyResult<Vec<_>>>()?;
    let missing = plan.missing;
    let shared = Arc::new(Shared { pages, plan, next: AtomicUsize::new(0), stop: Stop::default() });
    let (send, results) = mpsc::sync_channel(1024);
    for _ in 0..threads.min(count) {
        let (theirs, send) = (Arc::clone(&shared), send.clone());
        if let Err(problem) = work::spawn(move || theirs.work(&send)) {
            shared.stop.set();
            return Err(errors::raised(py, &problem));
        }
    }
    drop(send);
    let results = Mutex::new(results);
    let mut found: Vec<Option<Py<PyAny>>> = (0..count).map(|_| None).collect();
    let mut left = count;
    while left > 0 {
        let received = py.detach(|| results.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(SIGNALS));
        match received {
            Ok((at, result)) => {
                left -= 1;
                let object = match article::outcome(py, result, missing)? {
                    Ok(object) => object,
                    Err(problem) => errors::exception(py, &problem)?.into_any().unbind(),
                };
                found[at] = Some(object);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Err(error) = py.check_signals() {
            shared.stop.set();
            return Err(error);
        }
    }
    let ended_early = || errors::raised(py, &Problem::Internal("a thread ended early".to_owned()));
    found.into_iter().map(|object| object.ok_or_else(ended_early)).collect()
}
