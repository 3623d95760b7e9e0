//! How the time of a piece of work grows with its input, on a machine that does other things as well.

use std::time::{Duration, Instant};

/// Tries before a growth counts as measured: what else the machine does only adds to a time.
const TRIES: usize = 6;

/// Shorter times are dominated by noise.
const FLOOR: Duration = Duration::from_millis(150);

/// Returns how long `work` took: the processor time of this thread where the system states it, or else the time that
/// passed. Work that mostly waits for threads of its own is measured by the time that passed.
pub fn took(work: impl FnOnce()) -> Duration {
    let (begin, before) = (Instant::now(), processor_time());
    work();
    match (before, processor_time()) {
        (Some(before), Some(after)) if after - before > begin.elapsed() / 10 => after - before,
        _ => begin.elapsed(),
    }
}

/// Returns the processor time that this thread has used so far; `None` where the system does not state it.
fn processor_time() -> Option<Duration> {
    let stated = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stated.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Asserts that `large`, work on an input four times as large as that of `small`, takes about four times as long:
/// quadratic work takes sixteen times. A busy machine is asked again; slow code stays slow.
pub fn assert_linear(mut small: impl FnMut(), mut large: impl FnMut()) {
    let (mut least, mut most) = (Duration::MAX, Duration::MAX);
    for _ in 0..TRIES {
        least = least.min(took(&mut small));
        most = most.min(took(&mut large));
        if most < FLOOR || most < least * 8 {
            return;
        }
    }
    panic!("{least:?} for one, {most:?} for four times as much");
}
