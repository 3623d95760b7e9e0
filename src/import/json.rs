//! Values of JSON exports.

use serde_json::Value;

use crate::html::text::collapse;

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
