//! The order in which pages are archived. Pages are fetched concurrently but archived in the order in which they were
//! named, so that the same run makes the same archive.

use tokio::sync::oneshot;

/// A page's place in the order in which pages are archived.
#[derive(Debug)]
pub struct Slot {
    /// Closed when the page before is done; None when it is.
    before: Option<oneshot::Receiver<()>>,
}

/// The end of a slot: the page after it waits until this is dropped.
#[derive(Debug)]
pub struct SlotEnd(#[expect(dead_code, reason = "held for its drop")] oneshot::Sender<()>);

/// Slots, each of which waits for the end of the one before.
#[derive(Debug, Default)]
pub struct Slots {
    last: Option<oneshot::Receiver<()>>,
}

impl Slots {
    /// Returns the next slot.
    pub fn take(&mut self) -> (Slot, SlotEnd) {
        let (end, next) = oneshot::channel();
        (Slot { before: self.last.replace(next) }, SlotEnd(end))
    }
}

impl Slot {
    /// Returns a slot that waits for no other.
    pub fn unordered() -> Self {
        Self { before: None }
    }

    /// Waits until every page before is done.
    pub async fn wait(&mut self) {
        if let Some(before) = &mut self.before {
            // Nothing is sent: dropping the sender is the signal.
            let _ = before.await;
            self.before = None;
        }
    }
}
