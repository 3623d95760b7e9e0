//! Errors and exit codes.

use std::fmt;
use std::io;
use std::process::ExitCode;

/// An error of a run: the message and the exit code.
#[derive(Debug)]
pub struct CliError {
    code: u8,
    message: String,
}

impl CliError {
    /// Returns the error of a run that failed (exit 1).
    pub fn run(error: impl fmt::Display) -> Self {
        Self { code: 1, message: error.to_string() }
    }

    /// Returns the error of invalid flags, arguments or settings (exit 2).
    pub fn usage(error: impl fmt::Display) -> Self {
        Self { code: 2, message: error.to_string() }
    }

    /// Puts what the error is about before the message.
    #[cfg(all(feature = "net", feature = "store"))]
    pub fn about(self, what: &str) -> Self {
        Self { message: format!("{what}: {}", self.message), ..self }
    }

    /// Returns whether the reader of the output closed the pipe, which is not an error.
    pub fn is_closed_pipe(&self) -> bool {
        self.code == 0
    }

    /// Returns the process's exit code.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }

    /// Ends the process, for a run with a thread that cannot be stopped. The caller has reported the error.
    pub fn end(&self) -> ! {
        std::process::exit(i32::from(self.code))
    }
}

/// Standard output could not be written.
impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self { code: 0, message: String::new() },
            _ => Self::run(format!("standard output cannot be written: {error}")),
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// How a run ended that was not stopped by an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Exit 0.
    Done,
    /// A part of the run failed, which was reported, and the rest was carried out (exit 1).
    Failed,
    /// Some page failed (exit 3).
    PageFailed,
    /// `verify` found damage (exit 4).
    Damage,
    /// Ctrl-C or SIGTERM stopped it cleanly (exit 130; 143 would mean that it was killed).
    Interrupted,
}

impl Ending {
    /// Returns the process's exit code.
    pub fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::PageFailed => 3,
            Self::Damage => 4,
            Self::Interrupted => 130,
        })
    }
}
