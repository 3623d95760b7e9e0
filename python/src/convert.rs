//! The conversion of whole folders.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, mpsc};

use bindery::convert::{self, Event, Format, Options, Run};
use bindery::frontmatter::{Profile, ProfileName};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::errors::{self, Problem};
use crate::work;

/// A conversion that runs; iterates over what happens. Dropping it ends the conversion after the pages at hand.
#[pyclass(frozen, module = "bindery._bindery")]
pub struct Conversion {
    events: Mutex<mpsc::Receiver<Message>>,
}

enum Message {
    Event(Event),
    Failed(String),
}

#[pymethods]
impl Conversion {
    #[new]
    #[pyo3(signature = (paths, output, *, output_format, profile, front_matter, include_comments, threads, force))]
    #[allow(clippy::too_many_arguments, reason = "they are Python's keyword arguments")]
    fn new(
        py: Python<'_>,
        paths: Vec<PathBuf>,
        output: PathBuf,
        output_format: &str,
        profile: &str,
        front_matter: bool,
        include_comments: bool,
        threads: Option<usize>,
        force: bool,
    ) -> PyResult<Self> {
        let format = match output_format {
            "markdown" => Format::Markdown,
            "html" => Format::Html,
            "txt" => Format::Text,
            "json" => Format::Json,
            other => {
                let message = format!("unknown output_format `{other}`; use txt, markdown, html or json");
                return Err(PyValueError::new_err(message));
            }
        };
        let name: ProfileName = match profile.parse() {
            Ok(ProfileName::Custom) => return Err(PyValueError::new_err("the profile `custom` needs the program")),
            Ok(name) => name,
            Err(error) => return Err(PyValueError::new_err(format!("{error}"))),
        };
        let mut options = Options { format, ..Options::new(Profile { name, front_matter, ..Profile::default() }) };
        options.extract.comments = include_comments;
        let (send, events) = mpsc::sync_channel(64);
        let body = move || {
            let threads = threads.and_then(NonZero::new);
            let (shard, is_reported) = (None, None);
            let plan = Run { paths: &paths, folder: &output, options: &options, threads, force, shard, is_reported };
            let done = convert::run(&plan, &mut |event| match send.send(Message::Event(event)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            });
            if let Err(error) = done {
                // Nobody may be waiting any more.
                let _ = send.send(Message::Failed(error.to_string()));
            }
        };
        work::spawn(body).map_err(|problem| errors::raised(py, &problem))?;
        Ok(Self { events: Mutex::new(events) })
    }

    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        loop {
            let received =
                py.detach(|| self.events.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(work::SIGNALS));
            match received {
                Ok(Message::Event(event)) => {
                    if let Some(fields) = fields(py, event)? {
                        return Ok(Some(fields));
                    }
                }
                Ok(Message::Failed(message)) => {
                    return Err(errors::raised(py, &Problem::File { class: "ConvertError", kind: "plan", message }));
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(None),
                Err(mpsc::RecvTimeoutError::Timeout) => py.check_signals()?,
            }
        }
    }
}

/// Returns the fields of a `ConvertedPage`; `None` for the beginning of the run.
fn fields(py: Python<'_>, event: Event) -> PyResult<Option<Bound<'_, PyDict>>> {
    let fields = PyDict::new(py);
    let (status, source) = match event {
        Event::Begin { .. } => return Ok(None),
        Event::Converted { source, output, converted } => {
            fields.set_item("output", output.display().to_string())?;
            fields.set_item("title", converted.title)?;
            fields.set_item("confidence", converted.confidence)?;
            let texts = |texts: Vec<String>| PyTuple::new(py, texts);
            fields.set_item("warnings", texts(converted.warnings.iter().map(ToString::to_string).collect())?)?;
            fields.set_item("losses", texts(converted.losses.iter().map(ToString::to_string).collect())?)?;
            fields.set_item("images", converted.images.0)?;
            ("converted", source)
        }
        Event::Unchanged { source, output } => {
            fields.set_item("output", output.display().to_string())?;
            ("unchanged", source)
        }
        Event::Failed { source, failure } => {
            fields.set_item("kind", failure.kind.as_str())?;
            fields.set_item("message", failure.message)?;
            ("failed", source)
        }
        Event::Report { source, report, .. } => {
            fields.set_item("message", report.cut)?;
            ("report", source)
        }
        Event::LeftOut { why } => {
            fields.set_item("message", &why)?;
            ("left-out", why)
        }
    };
    fields.set_item("status", status)?;
    fields.set_item("source", source)?;
    Ok(Some(fields))
}
