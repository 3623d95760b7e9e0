//! How pages are read, and what is returned of them.

use std::sync::Arc;
use std::time::Duration;

use bindery::extract::{self, Model};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What is wanted of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    Article,
    Metadata,
}

/// The form of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    Markdown,
    Html,
    Json,
}

/// What is returned for a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The text alone.
    Text,
    /// A `Document`.
    Document,
}

/// What is returned for a page without an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    None,
    Error,
}

/// The parts of an article that its text contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    pub tables: bool,
    pub images: bool,
    pub links: bool,
    pub formatting: bool,
}

/// Everything that the work on one page needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub task: Task,
    pub form: Form,
    pub shape: Shape,
    pub missing: Missing,
    pub parts: Parts,
    /// Whether metadata precedes the text.
    pub front_matter: bool,
    pub comments: bool,
    pub fragment: bool,
    pub record_id: Option<String>,
    /// The only language that is wanted, as a primary subtag.
    pub language: Option<String>,
    /// Whether title, date and URL must be known.
    pub complete_metadata: bool,
    pub url_blacklist: Vec<String>,
    pub author_blacklist: Vec<String>,
    pub timeout: Option<Duration>,
    pub max_size: usize,
    /// The model that scores blocks; `None` for the shipped one. For measurements only.
    pub model: Option<Arc<Model>>,
}

impl Plan {
    /// Returns the options of the library.
    pub fn options(&self) -> extract::Options {
        let (fragment, comments, model) = (self.fragment, self.comments, self.model.clone());
        extract::Options { fragment, comments, model, ..extract::Options::default() }
    }
}

/// Settings, checked.
#[pyclass(frozen, module = "bindery._bindery")]
pub struct Settings {
    plan: Plan,
}

impl Settings {
    pub fn plan(&self, task: Task) -> Plan {
        Plan { task, ..self.plan.clone() }
    }
}

#[pymethods]
impl Settings {
    #[new]
    #[pyo3(signature = (
        output_format, *, document, strict, include_tables, include_images, include_links, include_formatting,
        with_metadata, include_comments, fragment, record_id, target_language, only_with_metadata, url_blacklist,
        author_blacklist, timeout, max_size,
        model = None
    ))]
    #[allow(clippy::too_many_arguments, reason = "they are Python's keyword arguments")]
    fn new(
        output_format: &str,
        document: bool,
        strict: bool,
        include_tables: bool,
        include_images: bool,
        include_links: bool,
        include_formatting: bool,
        with_metadata: bool,
        include_comments: bool,
        fragment: bool,
        record_id: Option<String>,
        target_language: Option<String>,
        only_with_metadata: bool,
        url_blacklist: Vec<String>,
        author_blacklist: Vec<String>,
        timeout: Option<f64>,
        max_size: i64,
        model: Option<&[u8]>,
    ) -> PyResult<Self> {
        let form = match output_format {
            "txt" => Form::Text,
            "markdown" => Form::Markdown,
            "html" => Form::Html,
            "json" => Form::Json,
            other => {
                let message = format!("unknown output_format `{other}`; use txt, markdown, html, json or python");
                return Err(PyValueError::new_err(message));
            }
        };
        let timeout = timeout.map(|seconds| {
            let duration = Duration::try_from_secs_f64(seconds).ok().filter(|duration| !duration.is_zero());
            duration
                .ok_or_else(|| PyValueError::new_err(format!("timeout is a positive number of seconds, not {seconds}")))
        });
        let max_size = usize::try_from(max_size)
            .map_err(|_| PyValueError::new_err(format!("max_size is a number of bytes, not {max_size}")))?;
        let model = model.map(Model::read).transpose();
        let model = model.map_err(|error| PyValueError::new_err(format!("the model cannot be read: {error}")))?;
        let plan = Plan {
            task: Task::Article,
            form,
            shape: if document { Shape::Document } else { Shape::Text },
            missing: if strict { Missing::Error } else { Missing::None },
            parts: Parts {
                tables: include_tables,
                images: include_images,
                links: include_links,
                formatting: include_formatting,
            },
            front_matter: with_metadata,
            comments: include_comments,
            fragment,
            record_id,
            language: target_language.map(|language| primary(&language)),
            complete_metadata: only_with_metadata,
            url_blacklist,
            author_blacklist,
            timeout: timeout.transpose()?,
            max_size,
            model: model.map(Arc::new),
        };
        Ok(Self { plan })
    }
}

/// Returns the primary subtag of a language tag, in lower case: `zh` of `zh-CN`.
pub fn primary(tag: &str) -> String {
    tag.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}
