//! Events and errors of a run.

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
    /// The run begins; comes first.
    Begin {
        /// The number of inputs; an export is one.
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
    /// The output exists already, made from the same input with the same options.
    Unchanged {
        /// What it was made from.
        source: String,
        /// The output, below the output folder.
        output: PathBuf,
    },
    /// Something could not be converted.
    Failed {
        /// The input, or the item of an export.
        source: String,
        /// Why it failed.
        failure: Failure,
    },
    /// An export was read, and some of its content was not converted.
    Report {
        /// The export.
        source: String,
        /// What it is.
        kind: Kind,
        /// What was left out or lost.
        report: Report,
    },
    /// A file or folder that is not an input was skipped.
    LeftOut {
        /// What it is, and why it was skipped.
        why: String,
    },
}

/// Why a run stopped early.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Nothing can be converted.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The system cannot start a thread.
    #[error("cannot start a thread: {0}; try --threads with a lower number")]
    Threads(io::Error),
}

/// Converts one input; a panic becomes its failure.
pub(super) fn without_panic<T>(source: &str, convert: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    parallel::without_panic(convert).unwrap_or_else(|why| {
        let message = format!("{source}: internal error while converting it: {why}; please report it with this file");
        Err(Failure::new(Stage::Extract, FailureKind::Panic, message))
    })
}
