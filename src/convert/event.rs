//! What happens in a run.

use std::io;
use std::path::PathBuf;

use crate::import::{Kind, Report};
use crate::model::{Failure, FailureKind, Stage};

use super::options::Converted;
use super::parallel;
use super::plan::PlanError;

/// What happens in a run, in the order of the inputs.
#[derive(Debug)]
pub enum Event {
    /// How many inputs there are; comes first.
    Begin {
        /// Inputs; an export is one.
        inputs: u64,
    },
    /// An output was written.
    Converted {
        /// What it was made from.
        source: String,
        /// The output, below the output folder.
        output: PathBuf,
        /// How it went; the text itself is on disk only.
        converted: Box<Converted>,
    },
    /// An output is there already, made from the same input in the same way.
    Unchanged {
        /// What it was made from.
        source: String,
        /// The output, below the output folder.
        output: PathBuf,
    },
    /// Something could not be converted.
    Failed {
        /// Which.
        source: String,
        /// Why.
        failure: Failure,
    },
    /// An export was read, and not everything in it became something.
    Report {
        /// The export.
        source: String,
        /// What it is.
        kind: Kind,
        /// What was left out and lost.
        report: Report,
    },
    /// Something beside the inputs was passed over.
    LeftOut {
        /// What it is, and why.
        why: String,
    },
}

/// Why a run ends before its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Nothing can be converted.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The system gives no threads.
    #[error("cannot start a thread: {0}; try --threads with a lower number")]
    Threads(io::Error),
}

/// Converts one thing; a panic is its failure.
pub(super) fn caught<T>(source: &str, convert: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    parallel::caught(convert).unwrap_or_else(|why| {
        let message = format!("{source}: internal error while converting it: {why}; please report it with this file");
        Err(Failure::new(Stage::Extract, FailureKind::Panic, message))
    })
}
