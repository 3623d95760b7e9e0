//! Pages that were kept at the same time wait for the disk together.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::archive::{ArchiveError, Writer};

/// Makes what visits kept durable, for all waiting visits at once.
pub struct Flush {
    writer: Arc<Mutex<Writer>>,
    /// The number of visits that kept something.
    kept: AtomicU64,
    /// The number of them that are durable.
    durable: tokio::sync::Mutex<u64>,
}

impl Flush {
    pub fn new(writer: &Arc<Mutex<Writer>>) -> Self {
        Self { writer: Arc::clone(writer), kept: AtomicU64::new(0), durable: tokio::sync::Mutex::new(0) }
    }

    /// Waits until what the caller kept before is durable.
    pub async fn done(&self) -> Result<(), ArchiveError> {
        let own = self.kept.fetch_add(1, Ordering::AcqRel) + 1;
        let mut durable = self.durable.lock().await;
        // A visit that waited longer may have included this one.
        if *durable >= own {
            return Ok(());
        }
        let all = self.kept.load(Ordering::Acquire);
        let writer = Arc::clone(&self.writer);
        super::blocking(move || Writer::commit_deferred(&writer)).await?;
        *durable = all;
        Ok(())
    }
}
