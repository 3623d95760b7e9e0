//! The work on one page: limits, threads, and panics that stay here.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use bindery::extract::{self, ExtractError};
use bindery::model::RawPage;
use pyo3::prelude::*;

use crate::article::{self, Found};
use crate::errors::{self, Problem};
use crate::gate::Reading;
use crate::input::Page;
use crate::settings::{Plan, Task};
use crate::stack;

/// The stack of a thread that reads pages, in bytes: a thread of Python's may have less.
const STACK: usize = 4 << 20;

/// The largest page that Ctrl-C may have to wait for, in bytes.
const SMALL: usize = 1 << 20;

/// How often Python is asked for signals, such as Ctrl-C.
pub const SIGNALS: Duration = Duration::from_millis(50);

/// Set when nobody waits for a result any more.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The reason for which a thread unwinds whose result is not wanted.
struct Unwanted;

/// Reads a page on this thread. A panic is a problem of the page.
pub fn read(raw: &RawPage, plan: &Plan, stop: &Stop) -> Result<Found, Problem> {
    let _reading = Reading::begin();
    catch_unwind(AssertUnwindSafe(|| read_watched(raw, plan, stop))).unwrap_or_else(|payload| {
        if payload.is::<Unwanted>() {
            return Err(Problem::Stopped);
        }
        Err(Problem::Internal(what(&*payload)))
    })
}

fn read_watched(raw: &RawPage, plan: &Plan, stop: &Stop) -> Result<Found, Problem> {
    let check = || {
        if stop.is_set() {
            // Unlike a panic it is not reported.
            resume_unwind(Box::new(Unwanted));
        }
    };
    check();
    if plan.task == Task::Metadata {
        let metadata = extract::read_metadata(raw).map_err(Problem::NoArticle)?;
        return Ok(article::metadata(raw, metadata, plan));
    }
    let found = extract::extract_watched(raw, plan.options(), &mut |_| check()).map_err(Problem::NoArticle)?;
    check();
    article::written(found, plan)
}

/// Starts a thread with a stack that is large enough.
pub fn spawn(body: impl FnOnce() + Send + 'static) -> Result<(), Problem> {
    let spawned = thread::Builder::new().name("bindery".to_owned()).stack_size(STACK).spawn(body);
    spawned.map(|_| ()).map_err(|error| Problem::Threads(error.to_string()))
}

/// Runs something on a thread of its own and waits for it without Python's lock. After a signal the thread is left to end
/// by itself.
pub fn in_background<T: Send + 'static>(py: Python<'_>, body: impl FnOnce() -> T + Send + 'static) -> PyResult<T> {
    let (send, results) = mpsc::sync_channel(1);
    let body = move || {
        let result = catch_unwind(AssertUnwindSafe(body)).map_err(|payload| what(&*payload));
        // Nobody may be waiting any more.
        let _ = send.send(result);
    };
    spawn(body).map_err(|problem| errors::raised(py, &problem))?;
    let results = Mutex::new(results);
    loop {
        match py.detach(|| results.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(SIGNALS)) {
            Ok(Ok(result)) => return Ok(result),
            Ok(Err(what)) => return Err(errors::raised(py, &Problem::Internal(what))),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(errors::raised(py, &Problem::Internal("the thread ended early".to_owned())));
            }
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
        }
    }
}

fn what(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "unknown".to_owned())
}

/// Returns the problem of a page that need not be read.
pub fn refuse(page: &Page, plan: &Plan) -> Result<(), Problem> {
    match page.size() {
        0 => Err(Problem::NoArticle(ExtractError::Empty)),
        size if size > plan.max_size => Err(Problem::TooLarge { size, limit: plan.max_size }),
        _ => Ok(()),
    }
}

/// Reads a page without Python's lock. A small page without a time limit is read right here if the stack allows it: for such
/// pages another thread costs most of the time.
pub fn one(py: Python<'_>, page: Page, plan: Plan) -> PyResult<Result<Found, Problem>> {
    if let Err(problem) = refuse(&page, &plan) {
        return Ok(Err(problem));
    }
    if plan.timeout.is_none() && page.size() <= SMALL && stack::is_large() {
        return Ok(py.detach(move || read(&page.raw(), &plan, &Stop::default())));
    }
    on_a_thread(py, page, plan)
}

/// Reads a page on a thread of its own and waits for it. After the time limit, or a signal, the thread is left to end by itself,
/// which it does at its next step.
fn on_a_thread(py: Python<'_>, page: Page, plan: Plan) -> PyResult<Result<Found, Problem>> {
    let waiting = match py.detach(move || Waiting::start(page.raw(), plan)) {
        Ok(waiting) => waiting,
        Err(problem) => return Err(errors::raised(py, &problem)),
    };
    loop {
        if let Some(result) = py.detach(|| waiting.wait(SIGNALS)) {
            return Ok(result);
        }
        if let Err(error) = py.check_signals() {
            waiting.stop.set();
            return Err(error);
        }
    }
}

/// A page that a thread of its own reads.
pub struct Waiting {
    results: Mutex<mpsc::Receiver<Result<Found, Problem>>>,
    stop: Stop,
    begin: Instant,
    timeout: Option<Duration>,
}

impl Waiting {
    pub fn start(raw: RawPage, plan: Plan) -> Result<Self, Problem> {
        let (send, results) = mpsc::sync_channel(1);
        let (stop, begin, timeout) = (Stop::default(), Instant::now(), plan.timeout);
        let theirs = stop.clone();
        let body = move || {
            let result = read(&raw, &plan, &theirs);
            // Nobody may be waiting any more.
            let _ = send.send(result);
        };
        spawn(body)?;
        Ok(Self { results: Mutex::new(results), stop, begin, timeout })
    }

    /// Waits for the result, for at most `most`; `None` if it is not there yet.
    pub fn wait(&self, most: Duration) -> Option<Result<Found, Problem>> {
        let left = self.timeout.map(|timeout| timeout.saturating_sub(self.begin.elapsed()));
        let results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        match results.recv_timeout(left.map_or(most, |left| left.min(most))) {
            Ok(result) => Some(result),
            Err(RecvTimeoutError::Disconnected) => Some(Err(Problem::Internal("the thread ended early".to_owned()))),
            Err(RecvTimeoutError::Timeout) => {
                let timeout = self.timeout.filter(|timeout| self.begin.elapsed() >= *timeout)?;
                self.stop.set();
                Some(Err(Problem::Timeout { seconds: timeout.as_secs_f64() }))
            }
        }
    }
}
