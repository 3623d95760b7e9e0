//! Pages are fetched side by side and kept one after another, in the order in which they were named: the same run makes
//! the same archive, whichever page is ready first.

use tokio::sync::oneshot;

/// A page's place in the line of those that are kept.
#[derive(Debug)]
pub struct Turn {
    /// Told, or gone, when the page before is done; None when it is.
    before: Option<oneshot::Receiver<()>>,
    /// Gone when this page is done.
    _after: oneshot::Sender<()>,
}

impl Turn {
    /// A line without end. Each place must be waited for, or given up, or the line stands still.
    pub fn line() -> impl Iterator<Item = Self> {
        let mut last = None;
        std::iter::repeat_with(move || {
            let (after, next) = oneshot::channel();
            Self { before: last.replace(next), _after: after }
        })
    }

    /// A place outside of any line: nobody is before it, and nobody after.
    pub fn free() -> Self {
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
