//! Writes the newest texts as JSON Lines, for pipelines: one article a line, with where it came from.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::archive::Archive;
use crate::frontmatter;

use super::output::Output;
use super::stored::StoredText;
use super::{BundleError, BundleFormat, BundleOptions, BundleSummary, single, text};

/// JSON Lines: the newest text of each article with its metadata, provenance, warnings and losses.
#[derive(Debug, Clone, Copy)]
pub struct JsonLines;

impl BundleFormat for JsonLines {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn about(&self) -> &'static str {
        "One article a line as JSON, with text, metadata and provenance, for programs"
    }

    fn write(
        &self,
        archive: &Archive,
        target: &Path,
        options: &BundleOptions,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<BundleSummary, BundleError> {
        let folders = single::selected(archive, options)?;
        let mut summary = BundleSummary::default();
        let mut out = Output::create(target)?;
        single::texts(archive, &folders, options, progress, &mut |_, stored| {
            let line = format!("{}\n", line(stored)?);
            summary.bytes += line.len() as u64;
            summary.articles += 1;
            summary.files += 1;
            out.write(&line)
        })?;
        out.finish()?;
        summary.written.push(target.to_owned());
        Ok(summary)
    }
}

/// Returns the line of an article.
fn line(stored: &StoredText<'_>) -> Result<Value, BundleError> {
    let (record, newest) = (&stored.entry.record, stored.newest);
    let (head, body) = stored.parts();
    let said = frontmatter::read_fields(head);
    let path = format!("{}/{}", stored.entry.folder, newest.file);
    let fail = |error: serde_json::Error| BundleError::Text { path: path.clone(), cause: error.to_string() };
    // What the record says of the text; the fields of an article go to the top, the rest is where it came from.
    let mut provenance = match serde_json::to_value(newest).map_err(fail)? {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let mut object = json!({
        "url": record.url,
        "aliases": record.aliases,
        "title": record.title,
        "authors": record.authors,
        "site": record.site,
        "published": record.published,
        "modified": said.modified,
        "language": stored.language(),
        "description": said.description,
        "tags": said.tags,
        "categories": said.categories,
        "markdown": body,
        "text": text::plain(&stored.plain_body()),
    });
    for name in ["captured", "rights", "images", "confidence", "warnings", "losses", "round_trip"] {
        object[name] = provenance.remove(name).unwrap_or_else(|| empty(name));
    }
    provenance.insert("path".to_owned(), path.clone().into());
    provenance.insert("profile".to_owned(), record.profile.clone().into());
    object["provenance"] = Value::Object(provenance);
    Ok(object)
}

/// Returns the value of a field that the record omits.
fn empty(name: &str) -> Value {
    if matches!(name, "rights" | "confidence") { Value::Null } else { Value::Array(Vec::new()) }
}
