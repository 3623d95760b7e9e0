//! Ctrl-C and SIGTERM: the first asks the run to stop, the second ends the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::output::Output;

/// The message at the first signal.
const MESSAGE: &str = "stopping; press Ctrl-C again to end at once";

/// Returns a flag that the first signal sets.
pub fn stop_flag(output: &Output) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    on_signal(output, move || asked.swap(true, Ordering::SeqCst));
    stop
}

/// Ends the process at the first signal, for a run that leaves nothing to be completed.
pub fn end_at_once(output: &Output) {
    on_signal(output, || true);
}

/// Returns a notification that the first signal triggers.
#[cfg(feature = "net")]
pub fn stop_notice(output: &Output) -> Arc<tokio::sync::Notify> {
    let stop = Arc::new(tokio::sync::Notify::new());
    let notice = Arc::clone(&stop);
    let asked = AtomicBool::new(false);
    on_signal(output, move || {
        let was_asked = asked.swap(true, Ordering::SeqCst);
        notice.notify_one();
        was_asked
    });
    stop
}

/// Calls `stop` for each signal; it returns whether it was called before.
fn on_signal(output: &Output, stop: impl Fn() -> bool + Send + 'static) {
    let output = output.clone();
    // Without a handler a signal ends the process, and the next run completes its files.
    let _ = ctrlc::set_handler(move || {
        if stop() {
            std::process::exit(130);
        }
        output.note(MESSAGE);
    });
}
