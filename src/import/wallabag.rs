//! Exports of wallabag in JSON: saved articles with their text. <https://doc.wallabag.org/user/export/>

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::error::ImportError;
use super::feed_entry;
use super::input::Input;
use super::item::{ArticleInfo, EXPORT_CAP, Item, ItemContent, Names, Report, Sink};
use super::json;
use super::resources::NoResources;
use super::source_url::web_url;
use crate::model::{Metadata, Origin, RawPage, Sourced};

/// Reads an export.
///
/// # Errors
/// It cannot be read, or is not JSON.
pub(super) fn read(input: &Input, sink: Sink<'_>) -> Result<Report, ImportError> {
    let bytes = input.read_all(EXPORT_CAP)?;
    let entries: Vec<Value> = json::parse(&bytes, input.name())?;
    let (mut report, mut names) = (Report::default(), Names::default());
    for entry in &entries {
        let content = json::text(&entry["content"]);
        if content.trim().is_empty() {
            report.leave_out("entry without content");
            continue;
        }
        let id = json::text(&entry["id"]);
        let title = json::text(&entry["title"]);
        let url = web_url(&json::text(&entry["url"]));
        let page = RawPage::from_bytes(content.into_bytes(), url, Origin::Import(input.name().to_owned()), None);
        let item = Item {
            name: PathBuf::from(names.unique("", &[&title], &id)),
            content: ItemContent::Body(
                page,
                Box::new(ArticleInfo { metadata: metadata(entry), ..ArticleInfo::default() }),
            ),
            resources: Arc::new(NoResources),
            losses: Vec::new(),
        };
        if sink(item).is_break() {
            break;
        }
    }
    Ok(report)
}

fn metadata(entry: &Value) -> Metadata {
    let sourced = |value: String| (!value.is_empty()).then(|| Sourced::new(value, "wallabag"));
    let listed = |values: Vec<String>| (!values.is_empty()).then(|| Sourced::new(values, "wallabag"));
    let published = ["published_at", "created_at"].iter().find_map(|name| feed_entry::date(entry[*name].as_str()?));
    Metadata {
        title: sourced(json::text(&entry["title"])),
        authors: listed(json::texts(&entry["published_by"])),
        published: published.map(|date| Sourced::new(date, "wallabag")),
        site: sourced(json::text(&entry["domain_name"])),
        language: sourced(json::text(&entry["language"]).replace('_', "-")),
        lead_image: sourced(json::text(&entry["preview_picture"])),
        tags: listed(json::texts(&entry["tags"])),
        ..Metadata::default()
    }
}
