//! The records of a WARC file, one at a time.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use bindery::import::Response;
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
    reader: Mutex<Recovery<File>>,
    kinds: Option<Vec<String>>,
    max_size: u64,
}

/// What the next step over a file gives.
enum Step {
    Record(Box<StoredRecord>, Result<Response, String>),
    Damage(WarcError),
    End,
}

impl Records {
    fn step(&self) -> Step {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            return match reader.next_with_block(self.max_size.saturating_add(HEADERS_CAP)) {
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
        let opened = py.detach(|| File::open(&path).map(Recovery::new));
        let reader = opened.map_err(|error| {
            let message = format!("cannot open {}: {error}; check the path and the permissions", path.display());
            errors::raised(py, &Problem::File { class: "WarcError", kind: "io", message })
        })?;
        Ok(Self { path, reader: Mutex::new(reader), kinds, max_size })
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
