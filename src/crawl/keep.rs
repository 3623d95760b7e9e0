//! Pages that were kept at the same time wait for the disk together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::archive::{ArchiveError, Writer};
use crate::capture::{Captured, Capturer, Job, off_runtime};

/// Captures pages, and makes them durable for all waiting visits at once.
pub struct Keeper {
    pub capturer: Capturer,
    /// The number of visits that kept something.
    kept: AtomicU64,
    /// The number of them that are durable.
    durable: tokio::sync::Mutex<u64>,
}

impl Keeper {
    pub fn new(capturer: Capturer) -> Self {
        capturer.writer.lock().defer_writes();
        Self { capturer, kept: AtomicU64::new(0), durable: tokio::sync::Mutex::new(0) }
    }

    /// Captures a page, and waits until what was kept of it is durable.
    pub async fn capture(&self, job: Job) -> Result<Captured, ArchiveError> {
        let captured = self.capturer.capture(job).await?;
        self.flush().await?;
        Ok(captured)
    }

    async fn flush(&self) -> Result<(), ArchiveError> {
        let own = self.kept.fetch_add(1, Ordering::AcqRel) + 1;
        let mut durable = self.durable.lock().await;
        // A visit that waited longer may have included this one.
        if *durable >= own {
            return Ok(());
        }
        let all = self.kept.load(Ordering::Acquire);
        let writer = Arc::clone(&self.capturer.writer);
        off_runtime(move || Writer::commit_deferred(&writer)).await?;
        *durable = all;
        Ok(())
    }
}
