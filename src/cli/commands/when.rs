//! Times as people write them.

use bindery::model::Timestamp;

use crate::cli::error::CliError;
use crate::cli::settings::values::{Notation, When};

/// Parses a date, an instant, or a time back from now.
pub fn since(text: &str, now: Timestamp) -> Result<Timestamp, CliError> {
    let text = text.trim();
    let instant = When::parse(text).and_then(|when| when.instant(now));
    instant.ok_or_else(|| {
        CliError::usage(format!("invalid time `{text}`; use {}", When::FORM.trim_start_matches("a time such as ")))
    })
}
