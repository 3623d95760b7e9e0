//! The report of a run as a file: its events as lines of JSON, which later runs continue.

use std::collections::HashSet;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::error::CliError;

/// A report that is being written.
#[derive(Debug)]
pub struct ReportFile {
    file: File,
    path: PathBuf,
}

impl ReportFile {
    /// Opens a report, which earlier runs may have begun, to continue it. Returns the outputs that it names, too.
    pub fn open(path: &Path) -> Result<(Self, Outputs), CliError> {
        let mut outputs = Outputs::default();
        let mut end = b'\n';
        if path.exists() {
            end = read(path, &mut |event| {
                if let Some(output) = event["output"].as_str() {
                    outputs.known.insert(number(output));
                }
            })?;
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let made = folder.map_or(Ok(()), std::fs::create_dir_all);
        let opened = made.and_then(|()| File::options().create(true).append(true).open(path));
        let mut report = Self { file: opened.map_err(|error| unwritable(path, &error))?, path: path.to_owned() };
        // The last line of a killed run may be cut.
        if end != b'\n' {
            report.write(b"\n")?;
        }
        Ok((report, outputs))
    }

    /// Adds an event.
    pub fn add(&mut self, event: &Value) -> Result<(), CliError> {
        self.write(format!("{event}\n").as_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.file.write_all(bytes).map_err(|error| unwritable(&self.path, &error))
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> CliError {
    CliError::run(format!(
        "the report {} cannot be written: {error}; free space or choose another file",
        path.display()
    ))
}

/// The outputs that a report names.
#[derive(Debug, Default)]
pub struct Outputs {
    known: HashSet<u64>,
}

impl Outputs {
    /// Returns whether an output is among them.
    pub fn contains(&self, output: &Path) -> bool {
        self.known.contains(&number(&output.to_string_lossy()))
    }
}

/// Returns a hash that identifies a text within one run of the program.
pub fn number(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Passes the events of a report to `take` and skips lines that were cut. Returns the last byte, or a line feed for an
/// empty file.
pub fn read(path: &Path, take: &mut dyn FnMut(Value)) -> Result<u8, CliError> {
    let failed =
        |error| CliError::run(format!("the report {} cannot be read: {error}; check the path", path.display()));
    let mut lines = BufReader::new(File::open(path).map_err(failed)?);
    let (mut line, mut end) = (Vec::new(), b'\n');
    loop {
        line.clear();
        lines.read_until(b'\n', &mut line).map_err(failed)?;
        let Some(last) = line.last() else { return Ok(end) };
        end = *last;
        if let Ok(event) = serde_json::from_slice(&line) {
            take(event);
        }
    }
}
