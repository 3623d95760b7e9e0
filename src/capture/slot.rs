//! Pages are fetched side by side and kept one after another, in the order in which they were named: the same run makes
//! the same archive, whichever page is ready first.

use tokio::sync::oneshot;

/// A page's place in the order in which pages are kept.
#[derive(Debug)]
pub struct Slot {
    /// Sent to, or dropped, when the page before is done; None when it is.
    before: Option<oneshot::Receiver<()>>,
    /// Dropped when this page is done.
    _after: oneshot::Sender<()>,
}

impl Slot {
    /// Returns slots without end, each of which waits for the one before. Each must be waited for or dropped, or those
    /// after it wait for ever.
    pub fn sequence() -> impl Iterator<Item = Self> {
        let mut last = None;
        std::iter::repeat_with(move || {
            let (after, next) = oneshot::channel();
            Self { before: last.replace(next), _after: after }
        })
    }

    /// Returns a slot that waits for no other.
    pub fn unordered() -> Self {
        Self { before: None, _after: oneshot::channel().0 }
    }

    /// Waits until every page before is done.
    pub async fn wait(&mut self) {
        if let Some(before) = &mut self.before {
            // Nobody sends: the end of the sender is the message.
            let _ = before.await;
            self.before = None;
        }
    }
}
