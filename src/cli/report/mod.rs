//! What a run reports: its events, its last line and its exit code.

mod conversion;
mod file;
#[cfg(feature = "net")]
mod page;
#[cfg(feature = "net")]
mod visits;

pub use conversion::Conversions;
pub use file::{Outputs, ReportFile, number, read};
#[cfg(feature = "net")]
pub use visits::{Queue, Visits};

use bindery::model::Warning;

use super::error::Ending;
use super::output::Output;

/// Whether a warning about an article fails the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strict {
    /// Only failures do.
    No,
    /// As a failed page does.
    Yes,
}

impl From<bool> for Strict {
    fn from(strict: bool) -> Self {
        if strict { Self::Yes } else { Self::No }
    }
}

/// The counts that decide how a run ends.
#[derive(Debug, Default, Clone, Copy)]
pub struct Totals {
    pub failed: u64,
    /// Articles with a warning about their text.
    pub with_warnings: u64,
    pub interrupted: bool,
}

impl Totals {
    /// Returns how the run ends.
    pub fn ending(self, strict: Strict) -> Ending {
        let warnings = if strict == Strict::Yes { self.with_warnings } else { 0 };
        match (self.interrupted, self.failed + warnings) {
            (true, _) => Ending::Interrupted,
            (_, 0) => Ending::Done,
            _ => Ending::PageFailed,
        }
    }
}

/// Shows an article's warnings: those about its text always, the others with `-v`.
fn show_warnings(output: &Output, name: &str, warnings: &[Warning], strict: Strict) {
    for warning in warnings {
        let line = format!("{name}: {warning}");
        match (warning.is_of_the_article(), strict) {
            (true, Strict::Yes) => output.problem(&line),
            (true, Strict::No) => output.note(&line),
            _ => output.detail(&line),
        }
    }
}

/// Returns `, 2 with warnings`; nothing for none.
fn with_warnings(count: u64) -> String {
    if count > 0 { format!(", {count} with warnings") } else { String::new() }
}
