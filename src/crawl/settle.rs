//! Pages that were kept side by side wait for the disk together.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::archive::{ArchiveError, Writer};

/// Makes durable what visits kept, for all that wait at once.
pub struct Settling {
    writer: Arc<Mutex<Writer>>,
    /// Visits that kept something.
    kept: AtomicU64,
    /// How many of them are durable.
    durable: tokio::sync::Mutex<u64>,
}

impl Settling {
    pub fn new(writer: &Arc<Mutex<Writer>>) -> Self {
        Self { writer: Arc::clone(writer), kept: AtomicU64::new(0), durable: tokio::sync::Mutex::new(0) }
    }

    /// Waits until what the caller kept before is durable.
    pub async fn settled(&self) -> Result<(), ArchiveError> {
        let own = self.kept.fetch_add(1, Ordering::AcqRel) + 1;
        let mut durable = self.durable.lock().await;
        // Whoever waited longer may have taken this visit along.
        if *durable >= own {
            return Ok(());
        }
        let all = self.kept.load(Ordering::Acquire);
        let writer = Arc::clone(&self.writer);
        super::visit::beside_the_runtime(move || Writer::commit_deferred(&writer)).await?;
        *durable = all;
        Ok(())
    }
}
