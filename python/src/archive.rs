//! Archives on disk.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use bindery::archive::{Archive, ArchiveError, Entry};
use bindery::model::FailureKind;
use bindery::verify;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{self, Problem};
use crate::work;

/// An archive that is open for reading.
#[pyclass(frozen, module = "bindery._bindery")]
pub struct ArchiveReader {
    archive: Archive,
}

fn problem(error: &ArchiveError) -> Problem {
    let kind = match error {
        ArchiveError::Missing { .. } => FailureKind::Missing.as_str(),
        ArchiveError::NotAnArchive { .. } => "not-an-archive",
        ArchiveError::NewerFormat { .. } => "newer-format",
        ArchiveError::Io { .. } => FailureKind::Io.as_str(),
        _ => FailureKind::Damaged.as_str(),
    };
    Problem::File { class: "ArchiveError", kind, message: error.to_string() }
}

/// An article's folder, and its record as JSON.
type Found = (String, String);

fn found(entry: Entry) -> Found {
    let record = serde_json::to_string(&entry.record).unwrap_or_default();
    (entry.folder, record)
}

#[pymethods]
impl ArchiveReader {
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let opened = py.detach(|| Archive::open(&path));
        Ok(Self { archive: opened.map_err(|error| errors::raised(py, &problem(&error)))? })
    }

    /// Iterates over the articles, sorted by folder.
    fn articles(&self, py: Python<'_>) -> PyResult<ArchiveEntries> {
        let folders = py.detach(|| self.archive.folders()).map_err(|error| errors::raised(py, &problem(&error)))?;
        Ok(ArchiveEntries { archive: self.archive.clone(), folders: Mutex::new(folders.into_iter()) })
    }

    /// Returns the articles with a URL, or in a folder.
    fn find(&self, py: Python<'_>, text: &str) -> PyResult<Vec<Found>> {
        let entries = py.detach(|| self.archive.find(text)).map_err(|error| errors::raised(py, &problem(&error)))?;
        Ok(entries.into_iter().map(found).collect())
    }
}

/// Iterates over the articles of an archive: folder and record, or an exception that is not raised.
#[pyclass(frozen, module = "bindery._bindery")]
pub struct ArchiveEntries {
    archive: Archive,
    folders: Mutex<std::vec::IntoIter<String>>,
}

impl ArchiveEntries {
    fn step(&self) -> Option<Result<Entry, ArchiveError>> {
        loop {
            let folder = self.folders.lock().unwrap_or_else(PoisonError::into_inner).next()?;
            match self.archive.entry(&folder) {
                // Without a record it is not an article.
                Err(ArchiveError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
                result => return Some(result),
            }
        }
    }
}

#[pymethods]
impl ArchiveEntries {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        Ok(match py.detach(|| self.step()) {
            None => None,
            Some(Ok(entry)) => Some(found(entry).into_pyobject(py)?.into_any().unbind()),
            Some(Err(error)) => Some(errors::exception(py, &problem(&error))?.into_any().unbind()),
        })
    }
}

/// Checks an archive or a bundle; returns the fields of a `VerifyReport`.
#[pyfunction]
pub fn verify_archive(py: Python<'_>, path: PathBuf, threads: usize) -> PyResult<Py<PyDict>> {
    let report = work::in_background(py, move || verify::any(&path, threads, &mut |_| {}))?.map_err(|error| {
        let kind = match error {
            verify::VerifyError::Missing { .. } => FailureKind::Missing.as_str(),
            verify::VerifyError::Unreadable { .. } => FailureKind::Io.as_str(),
            _ => "not-an-archive",
        };
        errors::raised(py, &Problem::File { class: "ArchiveError", kind, message: error.to_string() })
    })?;
    let fields = PyDict::new(py);
    let findings: Vec<(&str, bool, &str, &str)> = report
        .findings
        .iter()
        .map(|found| (found.kind.word(), found.kind.is_damage(), found.path.as_str(), found.detail.as_str()))
        .collect();
    fields.set_item("findings", findings)?;
    fields.set_item("subject", report.subject.word())?;
    fields.set_item("files", report.files)?;
    fields.set_item("bytes", report.bytes)?;
    fields.set_item("articles", report.articles)?;
    fields.set_item("images", report.images)?;
    Ok(fields.unbind())
}
