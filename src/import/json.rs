//! Values of JSON exports.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::ImportError;
use crate::html::text::collapse;

/// Parses a whole export.
///
/// # Errors
/// It is not JSON of that form.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8], name: &str) -> Result<T, ImportError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes)
        .map_err(|error| ImportError::Damaged { name: name.to_owned(), cause: error.to_string() })
}

/// Returns a text or a number as text; empty for other values.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// Returns the texts of an array, collapsed and each once; a single text is an array of one.
pub(super) fn texts(value: &Value) -> Vec<String> {
    let values = match value {
        Value::Array(values) => values.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut texts: Vec<String> = Vec::new();
    for text in values.iter().map(|value| collapse(&text(value))).filter(|text| !text.is_empty()) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}
