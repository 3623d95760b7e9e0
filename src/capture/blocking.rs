//! Runs work that blocks or takes long outside of the runtime's threads.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::archive::Writer;

/// Runs work that writes to the archive. After a panic other work may continue: the next run completes the files.
pub(super) async fn with_writer<T: Send + 'static>(
    writer: &Arc<Mutex<Writer>>,
    work: impl FnOnce(&mut Writer) -> T + Send + 'static,
) -> T {
    let writer = Arc::clone(writer);
    off_runtime(move || work(&mut writer.lock())).await
}

/// Runs work that takes long.
pub(crate) async fn off_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // Blocking work is never cancelled, so the error is a panic.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
