//! Pages as Python hands them over.

use bindery::model::{Headers, Origin, RawPage};
use encoding_rs::Encoding;
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString, PyTuple};
use url::Url;

use crate::errors::{self, Problem};

/// The content of a page. It stays in Python's memory until it is read.
pub enum Content {
    /// Decoded by the caller.
    Text(PyBackedStr),
    /// Decoded by the caller, with surrogates that are no characters; they are replaced.
    Mended(String),
    /// As received.
    Bytes(PyBackedBytes),
}

impl Content {
    /// Returns the bytes, in UTF-8 if they are decoded.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Mended(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    fn of(object: &Bound<'_, PyAny>) -> PyResult<Result<Self, Problem>> {
        if let Ok(text) = object.cast::<PyString>() {
            return Ok(Ok(match PyBackedStr::try_from(text.clone()) {
                Ok(text) => Self::Text(text),
                Err(_) => Self::Mended(text.to_string_lossy().into_owned()),
            }));
        }
        if let Ok(bytes) = object.cast::<PyBytes>() {
            return Ok(Ok(Self::Bytes(bytes.clone().into())));
        }
        if let Ok(bytes) = object.cast::<PyByteArray>() {
            return Ok(Ok(Self::Bytes(bytes.clone().into())));
        }
        // Any other object with a buffer, such as a memory map.
        if let Ok(view) = PyMemoryView::from(object) {
            let bytes = view.call_method0("tobytes")?.cast_into::<PyBytes>()?;
            return Ok(Ok(Self::Bytes(bytes.into())));
        }
        let name = object.get_type().name()?.to_string_lossy().into_owned();
        Ok(Err(Problem::Type(format!("a page is str or bytes, not {name}"))))
    }
}

/// A page: its content, and what is known about it.
pub struct Page {
    content: Content,
    url: Option<Url>,
    /// The value of `Content-Type`.
    content_type: Option<String>,
}

impl Page {
    /// Reads a page: `str`, bytes, or a tuple of these with URL, charset and content type. The inner error is that of this
    /// page alone.
    pub fn of(object: &Bound<'_, PyAny>) -> PyResult<Result<Self, Problem>> {
        let Ok(tuple) = object.cast::<PyTuple>() else {
            let content = Content::of(object)?;
            return Ok(content.map(|content| Self { content, url: None, content_type: None }));
        };
        let shape = || Problem::Type("a page in a tuple is (html, url, charset, content_type)".to_owned());
        if tuple.is_empty() || tuple.len() > 4 {
            return Ok(Err(shape()));
        }
        let content = match Content::of(&tuple.get_item(0)?)? {
            Ok(content) => content,
            Err(problem) => return Ok(Err(problem)),
        };
        let mut texts = [const { None::<String> }; 3];
        for (text, object) in texts.iter_mut().zip(tuple.iter().skip(1)) {
            match object.extract() {
                Ok(found) => *text = found,
                Err(_) => return Ok(Err(shape())),
            }
        }
        let [url, charset, content_type] = texts;
        Ok(Self::with(content, url.as_deref(), charset.as_deref(), content_type))
    }

    fn with(
        content: Content,
        url: Option<&str>,
        charset: Option<&str>,
        content_type: Option<String>,
    ) -> Result<Self, Problem> {
        let parse = |url: &str| match Url::parse(url.trim()) {
            Ok(url) => Ok(url),
            Err(error) => Err(Problem::Value(format!("`{url}` is not a valid URL: {error}; pass it with its scheme"))),
        };
        let url = url.filter(|url| !url.trim().is_empty()).map(parse).transpose()?;
        let content_type = match (charset.map(str::trim).filter(|label| !label.is_empty()), content_type) {
            (Some(label), _) => match Encoding::for_label(label.as_bytes()) {
                Some(encoding) => Some(format!("text/html; charset={}", encoding.name())),
                None => return Err(Problem::Value(format!("unknown charset `{label}`; leave it out to detect it"))),
            },
            (None, content_type) => content_type,
        };
        Ok(Self { content, url, content_type })
    }

    /// Returns the number of bytes.
    pub fn size(&self) -> usize {
        self.content.bytes().len()
    }

    /// Returns the page for the library; copies its bytes.
    pub fn raw(&self) -> RawPage {
        let mut raw = RawPage::from_bytes(self.content.bytes().to_vec(), self.url.clone(), Origin::Replay, None);
        let content_type = match self.content {
            // It is decoded already, whatever its `<meta>` says.
            Content::Text(_) | Content::Mended(_) => Some("text/html; charset=utf-8"),
            Content::Bytes(_) => self.content_type.as_deref(),
        };
        let field = content_type.map(|value| ("content-type".to_owned(), value.as_bytes().to_vec()));
        raw.headers = Headers(field.into_iter().collect());
        raw
    }
}

impl<'py> FromPyObject<'_, 'py> for Page {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Self::of(&object)?.map_err(|problem| errors::raised(object.py(), &problem))
    }
}
