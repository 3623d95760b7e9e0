//! The compiled part of the Python package `bindery`.
//!
//! Everything that runs for longer than a moment runs without Python's lock and where the stack is large enough, and no panic
//! crosses into Python. Names of arguments are checked by the Python code around this.

mod archive;
mod article;
mod convert;
mod errors;
mod gate;
mod input;
mod many;
mod settings;
mod stack;
mod warc;
mod work;

use pyo3::prelude::*;

use crate::input::Page;
use crate::settings::{Settings, Task};

/// Returns the article of a page, as text or as a `Document`; `None` if it has none.
#[pyfunction]
fn extract_page(py: Python<'_>, page: Page, settings: PyRef<'_, Settings>) -> PyResult<Py<PyAny>> {
    one(py, page, &settings, Task::Article)
}

/// Returns what a page says about itself, as a `Document` without text.
#[pyfunction]
fn page_metadata(py: Python<'_>, page: Page, settings: PyRef<'_, Settings>) -> PyResult<Py<PyAny>> {
    one(py, page, &settings, Task::Metadata)
}

fn one(py: Python<'_>, page: Page, settings: &Settings, task: Task) -> PyResult<Py<PyAny>> {
    let done = work::one(py, page, settings.plan(task))?;
    article::outcome(py, done, settings.plan(task).missing)?.map_err(|problem| errors::raised(py, &problem))
}

/// Returns the results for many pages in their order: text or a `Document`, `None`, or an exception that is not raised.
#[pyfunction]
fn extract_pages(
    py: Python<'_>,
    pages: Vec<Bound<'_, PyAny>>,
    settings: PyRef<'_, Settings>,
    threads: usize,
) -> PyResult<Vec<Py<PyAny>>> {
    many::run(py, pages, settings.plan(Task::Article), threads)
}

/// Waits until no page is read, and lets none begin.
#[pyfunction]
fn before_fork(py: Python<'_>) {
    py.detach(gate::close);
}

/// Lets pages begin again after a fork.
#[pyfunction]
fn after_fork() {
    gate::open();
}

/// Lets pages begin in the new process.
#[pyfunction]
fn after_fork_in_child() {
    gate::open_in_child();
}

/// The compiled part of the package.
#[pymodule]
mod _bindery {
    #[pymodule_export]
    use super::archive::{ArchiveEntries, ArchiveReader, verify_archive};
    #[pymodule_export]
    use super::convert::Conversion;
    #[pymodule_export]
    use super::settings::Settings;
    #[pymodule_export]
    use super::warc::Records;
    #[pymodule_export]
    use super::{after_fork, after_fork_in_child, before_fork, extract_page, extract_pages, page_metadata};

    /// The version of the library and of this package.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
