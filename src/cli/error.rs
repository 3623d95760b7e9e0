//! How a run ends when it does not end well.

use std::fmt;
use std::io;
use std::process::ExitCode;

/// A run's error: what the user reads, and the exit code.
#[derive(Debug)]
pub struct CliError {
    code: u8,
    message: String,
}

impl CliError {
    /// The run failed (exit 1).
    pub fn run(error: impl fmt::Display) -> Self {
        Self { code: 1, message: error.to_string() }
    }

    /// Flags, arguments or settings are wrong (exit 2).
    pub fn usage(error: impl fmt::Display) -> Self {
        Self { code: 2, message: error.to_string() }
    }

    /// Says what the error is about.
    #[cfg(all(feature = "net", feature = "store"))]
    pub fn about(self, what: &str) -> Self {
        Self { message: format!("{what}: {}", self.message), ..self }
    }

    /// True when whoever read the output has left: no error.
    pub fn is_closed_pipe(&self) -> bool {
        self.code == 0
    }

    /// The process's exit code.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

/// An error of writing to standard output.
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

/// How a run ends when every part of it could be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Exit 0.
    Done,
    /// Some page failed (exit 3).
    PageFailed,
    /// `verify` found damage (exit 4).
    Damage,
    /// A signal stopped it in good order, Ctrl-C or SIGTERM (exit 130): 143 would say that it was killed.
    Interrupted,
}

impl Ending {
    /// The process's exit code.
    pub fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Done => 0,
            Self::PageFailed => 3,
            Self::Damage => 4,
            Self::Interrupted => 130,
        })
    }
}
