//! `bindery convert --stream`.

use std::io::BufReader;
use std::num::NonZero;
use std::ops::ControlFlow;

use bindery::convert::{self, LINE_CAP, Options, Stream};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};
use crate::cli::report::Conversions;
use crate::cli::signals;

/// The size of the buffer for standard input, in bytes: that of a pipe.
const BUFFER: usize = 64 << 10;

/// Answers the pages on standard input until it ends.
pub fn run(
    context: &Context<'_>,
    options: &Options,
    threads: Option<NonZero<usize>>,
    mut report: Conversions<'_>,
) -> Result<Ending, CliError> {
    let mut input = BufReader::with_capacity(BUFFER, std::io::stdin());
    let stream = Stream { options, threads, line_cap: LINE_CAP };
    signals::end_at_once(context.output);
    convert::stream(&stream, &mut input, &mut |answer| {
        // The thread that waits for the next line cannot be woken.
        if let Err(error) = context.output.raw(&format!("{}\n", answer.line)) {
            let error = CliError::from(error);
            if !error.is_closed_pipe() {
                context.output.problem(&format!("bindery: {error}"));
            }
            error.end();
        }
        report.answered(&format!("line {}", answer.number), &answer.converted);
        ControlFlow::Continue(())
    })
    .map_err(CliError::run)?;
    report.sum_up()
}
