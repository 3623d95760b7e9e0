//! What went wrong, and the exceptions of Python that say so.

use bindery::extract::ExtractError;
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// Why there is no result for a page or a file.
#[derive(Debug, Clone)]
pub enum Problem {
    /// The page has no article.
    NoArticle(ExtractError),
    /// An argument has a wrong type.
    Type(String),
    /// An argument has a value that cannot be used.
    Value(String),
    /// The page is larger than the caller allows.
    TooLarge { size: usize, limit: usize },
    /// The page takes longer than the caller allows.
    Timeout { seconds: f64 },
    /// The page is a part of many that are no longer wanted.
    Stopped,
    /// A file or folder that cannot be used, and the word for its kind.
    File { class: &'static str, kind: &'static str, message: String },
    /// An error of this program.
    Internal(String),
    /// The system gives no thread.
    Threads(String),
}

impl Problem {
    /// Returns the name of the exception.
    fn class(&self) -> &'static str {
        match self {
            Self::NoArticle(_) => "NoArticleError",
            Self::Type(_) => "InputTypeError",
            Self::Value(_) => "InputError",
            Self::TooLarge { .. } => "TooLargeError",
            Self::Timeout { .. } => "PageTimeoutError",
            Self::File { class, .. } => class,
            Self::Stopped | Self::Internal(_) | Self::Threads(_) => "InternalError",
        }
    }

    /// Returns the word for programs.
    fn kind(&self) -> &'static str {
        match self {
            Self::NoArticle(error) => error.kind().as_str(),
            Self::Type(_) => "type",
            Self::Value(_) => "value",
            Self::TooLarge { .. } => "too-large",
            Self::Timeout { .. } => "timeout",
            Self::Stopped => "stopped",
            Self::File { kind, .. } => kind,
            Self::Internal(_) => "panic",
            Self::Threads(_) => "threads",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::NoArticle(error) => error.to_string(),
            Self::Type(message) | Self::Value(message) | Self::File { message, .. } => message.clone(),
            Self::TooLarge { size, limit } => {
                format!("the page has {size} bytes, and the limit is {limit}; pass a larger max_size to read it")
            }
            Self::Timeout { seconds } => {
                format!("the page was not done after {seconds} s; pass a longer timeout to wait for it")
            }
            Self::Stopped => "the page was not read, because the call was interrupted".to_owned(),
            Self::Internal(what) => {
                format!("internal error while reading the page: {what}; please report it with this page")
            }
            Self::Threads(error) => format!("cannot start a thread: {error}; use fewer threads"),
        }
    }
}

/// Returns the exception for a problem as an object, for results that are not raised.
pub fn exception<'py>(py: Python<'py>, problem: &Problem) -> PyResult<Bound<'py, PyBaseException>> {
    let class = py.import("bindery._errors")?.getattr(problem.class())?;
    Ok(class.call1((problem.message(), problem.kind()))?.cast_into::<PyBaseException>()?)
}

/// Returns the exception for a problem, to be raised.
pub fn raised(py: Python<'_>, problem: &Problem) -> PyErr {
    match exception(py, problem) {
        Ok(exception) => PyErr::from_value(exception.into_any()),
        Err(error) => error,
    }
}

/// Returns a class of the package, which is looked up once.
pub fn class<'py>(
    py: Python<'py>,
    cell: &'static PyOnceLock<Py<PyType>>,
    (module, name): (&str, &str),
) -> PyResult<&'py Bound<'py, PyType>> {
    cell.import(py, module, name)
}
