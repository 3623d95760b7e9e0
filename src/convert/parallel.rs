//! Parallel work with results in order and bounded memory.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;

use parking_lot::{Condvar, Mutex};

/// The most tasks in flight: queued, running, or done and waiting for an earlier one.
const WINDOW: u64 = 1024;

/// The most bytes that tasks in flight may cost together. A task that costs more runs alone.
const BUDGET: u64 = 64 << 20;

/// The stack of a worker, in bytes: nothing here recurses over a page.
const STACK: usize = 2 << 20;

/// The queue of tasks that wait for a worker.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    waiting: VecDeque<(u64, T)>,
    /// The cost in bytes of each task in flight, by its number.
    costs: BTreeMap<u64, u64>,
    cost: u64,
    next: u64,
    closed: bool,
    stopped: bool,
}

/// When the workers end once a queue is closed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closing {
    /// When all its tasks are done.
    WhenEmpty,
    /// When their present tasks are done.
    AtOnce,
}

impl<T> Queue<T> {
    fn new() -> Self {
        let state =
            State { waiting: VecDeque::new(), costs: BTreeMap::new(), cost: 0, next: 0, closed: false, stopped: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Adds a task; waits until the budget allows its cost in bytes. `Break`: the queue is closed.
    pub fn push(&self, thing: T, cost: u64) -> ControlFlow<()> {
        let mut state = self.state.lock();
        while !state.stopped && !state.has_room(cost) {
            self.changed.wait(&mut state);
        }
        if state.stopped {
            return ControlFlow::Break(());
        }
        let number = state.next;
        state.next += 1;
        state.costs.insert(number, cost);
        state.cost += cost;
        state.waiting.push_back((number, thing));
        self.changed.notify_all();
        ControlFlow::Continue(())
    }

    fn pull(&self) -> Option<(u64, T)> {
        let mut state = self.state.lock();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(thing) = state.waiting.pop_front() {
                return Some(thing);
            }
            if state.closed {
                return None;
            }
            self.changed.wait(&mut state);
        }
    }

    fn over(&self, number: u64) {
        let mut state = self.state.lock();
        let cost = state.costs.remove(&number).unwrap_or_default();
        state.cost -= cost;
        self.changed.notify_all();
    }

    fn close(&self, closing: Closing) {
        let mut state = self.state.lock();
        state.closed = true;
        state.stopped |= closing == Closing::AtOnce;
        self.changed.notify_all();
    }
}

impl<T> State<T> {
    fn has_room(&self, cost: u64) -> bool {
        let Some((oldest, _)) = self.costs.first_key_value() else { return true };
        self.next - oldest < WINDOW && self.cost + cost <= BUDGET
    }
}

/// Calls `work` on `threads` threads for every task that `produce` pushes, with the worker's number, and passes the
/// results to `take` in the order of the tasks. `Break` ends the run at once. So does a panic, which is resumed here:
/// work on hostile input goes through [`without_panic`].
pub fn ordered<T: Send, U: Send, R: Send>(
    threads: usize,
    produce: impl FnOnce(&Queue<T>) -> R + Send,
    work: impl Fn(T, usize) -> U + Sync,
    mut take: impl FnMut(U) -> ControlFlow<()>,
) -> std::io::Result<R> {
    let queue = Queue::new();
    let (send, receive) = mpsc::channel::<(u64, U)>();
    std::thread::scope(|scope| {
        for worker in 0..threads.max(1) {
            let (queue, work, send) = (&queue, &work, send.clone());
            let spawned = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || {
                while let Some((number, thing)) = queue.pull() {
                    let done = catch_unwind(AssertUnwindSafe(|| work(thing, worker))).unwrap_or_else(|cause| {
                        queue.close(Closing::AtOnce);
                        resume_unwind(cause)
                    });
                    if send.send((number, done)).is_err() {
                        break;
                    }
                }
            });
            if let Err(error) = spawned {
                queue.close(Closing::AtOnce);
                return Err(error);
            }
        }
        drop(send);
        let producer = std::thread::Builder::new().spawn_scoped(scope, || {
            // Workers wait until the queue is closed, so it is closed after a panic too.
            let produced = catch_unwind(AssertUnwindSafe(|| produce(&queue)));
            queue.close(Closing::WhenEmpty);
            produced
        });
        let producer = producer.inspect_err(|_| queue.close(Closing::AtOnce))?;
        let mut early = BTreeMap::new();
        let mut next = 0;
        'results: for (number, result) in receive {
            early.insert(number, result);
            while let Some(result) = early.remove(&next) {
                let flow = take(result);
                queue.over(next);
                next += 1;
                if flow.is_break() {
                    queue.close(Closing::AtOnce);
                    break 'results;
                }
            }
        }
        match producer.join() {
            Ok(Ok(produced)) => Ok(produced),
            Ok(Err(cause)) | Err(cause) => resume_unwind(cause),
        }
    })
}

/// Runs `work` and returns the message of its panic as an error.
pub fn without_panic<U>(work: impl FnOnce() -> U) -> Result<U, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|cause| {
        let text = cause.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| cause.downcast_ref::<String>().cloned()).unwrap_or_else(|| "for an unknown reason".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn results_come_in_order_and_never_too_many_are_under_way() {
        let (begun, most) = (AtomicU64::new(0), AtomicU64::new(0));
        let mut seen = Vec::new();
        let produce = |queue: &Queue<u64>| {
            for number in 0..5000 {
                let _ = queue.push(number, 0);
                begun.fetch_add(1, Ordering::SeqCst);
            }
            "all"
        };
        let work = |number: u64, _| {
            if number == 0 {
                std::thread::sleep(std::time::Duration::from_millis(200));
            }
            number
        };
        let take = |number: u64| {
            seen.push(number);
            most.fetch_max(begun.load(Ordering::SeqCst).saturating_sub(number), Ordering::SeqCst);
            ControlFlow::Continue(())
        };
        assert_eq!(ordered(4, produce, work, take).unwrap(), "all");
        assert_eq!(seen, (0..5000).collect::<Vec<_>>());
        assert!(most.into_inner() <= WINDOW + 1);
    }

    #[test]
    fn what_is_large_goes_alone_and_a_panic_is_a_result() {
        let produce =
            |queue: &Queue<u64>| (0..20).for_each(|number| assert!(queue.push(number, BUDGET * 2).is_continue()));
        let mut seen = Vec::new();
        let work = |number: u64, _| without_panic(|| if number == 7 { panic!("seven") } else { number });
        ordered(3, produce, work, |result| {
            seen.push(result);
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!((seen.len(), &seen[7], &seen[19]), (20, &Err("seven".to_owned()), &Ok(19)));
    }

    #[test]
    fn a_break_ends_an_endless_run() {
        let produce = |queue: &Queue<u64>| while queue.push(1, 1).is_continue() {};
        let mut count = 0;
        let take = |_| {
            count += 1;
            if count == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        ordered(2, produce, |number, _| number, take).unwrap();
        assert_eq!(count, 10);
    }

    #[test]
    fn a_panic_that_nobody_catches_ends_an_endless_run() {
        let produce = |queue: &Queue<u64>| while queue.push(1, 1).is_continue() {};
        let work = |_, _: usize| panic!("seven");
        let run = || ordered(2, produce, work, |(): ()| ControlFlow::Continue(()));
        assert!(without_panic(run).is_err());
    }
}
