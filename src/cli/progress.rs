//! Progress on a terminal: pages, images, bytes, rate.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// Where the progress line is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Nowhere.
    Hidden,
    /// On standard error if that is a terminal.
    OnTerminals,
}

/// The progress line.
#[derive(Clone)]
pub struct Progress {
    bar: ProgressBar,
    shown: bool,
}

impl Progress {
    /// Returns a line that is drawn, if visible, from its start until it is cleared.
    pub fn new(visibility: Visibility) -> Self {
        let shown = visibility == Visibility::OnTerminals && std::io::stderr().is_terminal();
        Self { bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()), shown }
    }

    /// Starts the line for `total` things called `unit` (0 when the total is not known yet).
    pub fn start(&self, total: u64, unit: &str) {
        let template = if total == 0 {
            format!("{{spinner}} {{pos}} of {{len}} {unit} {{wide_msg}} {{elapsed}}")
        } else {
            format!("{{bar:24}} {{pos}} of {{len}} {unit} {{wide_msg}} {{rate}} {{eta}}")
        };
        if let Ok(style) = ProgressStyle::with_template(&template) {
            let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                // A line that cannot be drawn is not worth an error.
                let _ = write!(out, "{:.1}/s", state.per_sec());
            };
            self.bar.set_style(style.with_key("rate", rate).progress_chars("━╸ "));
        }
        if total > 0 {
            self.bar.set_length(total);
        }
        if self.shown {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.enable_steady_tick(Duration::from_millis(120));
        }
    }

    /// Counts one more thing.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// Shows the number of things that are done, and of all.
    pub fn position(&self, done: u64, all: u64) {
        self.bar.set_length(all);
        self.bar.set_position(done);
    }

    /// Shows images and bytes beside the count.
    #[cfg(feature = "net")]
    pub fn traffic(&self, images: u64, bytes: u64) {
        self.bar.set_message(format!("{}  {}", super::text::counted(images, "image"), HumanBytes(bytes)));
    }

    /// Shows bytes beside the count.
    pub fn bytes(&self, bytes: u64) {
        self.bar.set_message(HumanBytes(bytes).to_string());
    }

    /// Removes the line from the screen.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
        // Later output must not bring the line back.
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
    }

    /// Writes something else without breaking the line.
    pub fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }
}
