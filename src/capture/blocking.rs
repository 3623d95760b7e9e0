//! Work that waits for a disk or takes long, away from the threads of the runtime.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::archive::Writer;

/// Does what waits for the archive's disk. After a panic others may continue: the files are in a state that the next run
/// completes.
pub(super) async fn with_writer<T: Send + 'static>(
    writer: &Arc<Mutex<Writer>>,
    work: impl FnOnce(&mut Writer) -> T + Send + 'static,
) -> T {
    let writer = Arc::clone(writer);
    off_runtime(move || work(&mut writer.lock())).await
}

/// Does what takes long.
pub(crate) async fn off_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // Work that has begun is never cancelled: what is left is a panic, which continues here.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
