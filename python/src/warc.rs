//! The records of a WARC file, one at a time.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bindery::import::{self, Bytes, Input, Response};
use bindery::warc::{Fault, Recovery, StoredRecord, WarcError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyType};

use crate::errors::{self, Problem};

/// The maximum size of the headers of a record, in bytes.
const HEADERS_CAP: u64 = 1 << 20;

/// Iterates over the records of a WARC or ARC file.
#[pyclass(frozen, module = "bindery._bindery")]
pub struct Records {
    path: PathBuf,
    reading: Mutex<Reading>,
    kinds: Option<Vec<String>>,
    max_size: u64,
}

/// How far a file is read.
struct Reading {
    records: Recovery<Box<dyn Bytes>>,
    /// The number of records read, and of those that are read again.
    read: u64,
    again: u64,
    /// A decompressed copy of a file whose gzip members hold several records, and what is damaged in the file.
    copy: Option<(Input, Option<WarcError>)>,
}

impl Reading {
    /// Returns the next record. Where a gzip member holds several, a decompressed copy is read from there on.
    fn next(&mut self, path: &Path, cap: u64) -> Option<Result<StoredRecord, WarcError>> {
        loop {
            match self.records.next_with_block(cap) {
                Some(Ok(_)) if self.again > 0 => self.again -= 1,
                Some(Ok(stored)) => {
                    self.read += 1;
                    return Some(Ok(stored));
                }
                Some(Err(WarcError { fault: Fault::Shared, offset })) if self.copy.is_none() => {
                    if let Err(error) = self.decompress(path) {
                        return Some(Err(WarcError { offset, fault: Fault::Io(io::Error::other(error.to_string())) }));
                    }
                }
                Some(Err(error)) => {
                    // What is damaged in the file is the cause of the first damage in the copy.
                    let cause = self.copy.as_mut().and_then(|(_, damage)| damage.take());
                    return Some(Err(cause.unwrap_or(error)));
                }
                None => return self.copy.as_mut()?.1.take().map(Err),
            }
        }
    }

    fn decompress(&mut self, path: &Path) -> Result<(), import::ImportError> {
        let copy = import::decompressed(&Input::file(path))?;
        self.records = Recovery::new(copy.0.open()?);
        self.again = self.read;
        self.copy = Some(copy);
        Ok(())
    }
}

/// What the next step over a file gives.
enum Step {
    Record(Box<StoredRecord>, Result<Response, String>),
    Damage(WarcError),
    End,
}

impl Records {
    fn step(&self) -> Step {
        let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            return match reading.next(&self.path, self.max_size.saturating_add(HEADERS_CAP)) {
                None => Step::End,
                Some(Err(error)) => Step::Damage(error),
                Some(Ok(stored)) if !self.wants(&stored) => continue,
                Some(Ok(stored)) => {
                    let is_cut = stored.block.len() as u64 != stored.entry.block_length;
                    let decoded = if is_cut {
                        let size = stored.entry.block_length;
                        Err(format!("the record has {size} bytes, and the limit is {}", self.max_size))
                    } else {
                        Response::of(stored.clone(), self.max_size)
                    };
                    Step::Record(Box::new(stored), decoded)
                }
            };
        }
    }

    fn wants(&self, stored: &StoredRecord) -> bool {
        let kind = kind(stored);
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }
}

#[pymethods]
impl Records {
    #[new]
    fn new(py: Python<'_>, path: PathBuf, kinds: Option<Vec<String>>, max_size: u64) -> PyResult<Self> {
        let opened = py.detach(|| File::open(&path));
        let file = opened.map_err(|error| {
            let message = format!("cannot open {}: {error}; check the path and the permissions", path.display());
            errors::raised(py, &Problem::File { class: "WarcError", kind: "io", message })
        })?;
        let records = Recovery::new(Box::new(file) as Box<dyn Bytes>);
        let reading = Mutex::new(Reading { records, read: 0, again: 0, copy: None });
        Ok(Self { path, reading, kinds, max_size })
    }

    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        match py.detach(|| self.step()) {
            Step::End => Ok(None),
            Step::Record(stored, decoded) => record(py, &stored, decoded).map(Some),
            Step::Damage(error) => {
                let kind = match error.fault {
                    Fault::Io(_) => "io",
                    Fault::Truncated => "truncated",
                    _ => "damaged",
                };
                let message = format!("{}: {error}", self.path.display());
                damage(py, error.offset, &Problem::File { class: "WarcError", kind, message }).map(Some)
            }
        }
    }
}

/// Returns the value of `WARC-Type`.
fn kind(stored: &StoredRecord) -> String {
    match stored.entry.field("WARC-Type") {
        Some(kind) => kind.trim().to_ascii_lowercase(),
        None => stored.entry.kind.word().to_owned(),
    }
}

fn record(py: Python<'_>, stored: &StoredRecord, decoded: Result<Response, String>) -> PyResult<Py<PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = errors::class(py, &CLASS, ("bindery._warc", "WarcRecord"))?;
    let entry = &stored.entry;
    let (status, headers, content, error) = match decoded {
        Ok(response) => (Some(response.status), response.headers.0, response.body, None),
        Err(error) => (entry.status, Vec::new(), Vec::new(), Some(error)),
    };
    let status = status.filter(|_| entry.status.is_some());
    let latin1 = |value: &[u8]| match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().map(|&byte| char::from(byte)).collect(),
    };
    let headers: Vec<(String, String)> = headers.iter().map(|(name, value)| (name.clone(), latin1(value))).collect();
    let arguments = PyDict::new(py);
    arguments.set_item("kind", kind(stored))?;
    arguments.set_item("url", entry.target.as_deref())?;
    arguments.set_item("date", entry.date.to_string())?;
    arguments.set_item("status", status)?;
    arguments.set_item("headers", pyo3::types::PyTuple::new(py, headers)?)?;
    arguments.set_item("content", PyBytes::new(py, &content))?;
    arguments.set_item("fields", pyo3::types::PyTuple::new(py, entry.fields.clone())?)?;
    arguments.set_item("offset", entry.offset)?;
    arguments.set_item("length", entry.length)?;
    arguments.set_item("digest", entry.payload_digest.as_ref().map(|digest| format!("sha256:{}", digest.hex())))?;
    arguments.set_item("error", error)?;
    Ok(class.call((), Some(&arguments))?.unbind())
}

/// Returns the record that stands for a place where none can be read.
fn damage(py: Python<'_>, offset: u64, problem: &Problem) -> PyResult<Py<PyAny>> {
    let exception = errors::exception(py, problem)?;
    exception.setattr("offset", offset)?;
    Ok(exception.into_any().unbind())
}
