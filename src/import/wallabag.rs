//! Exports of wallabag in JSON: saved articles with their text. <https://doc.wallabag.org/user/export/>

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::error::ImportError;
use super::feed_entry;
use super::input::Input;
use super::item::{ArticleInfo, Item, ItemContent, ListedUrl, Names, Report, Sink};
use super::resources::NoResources;
use super::source_url::web_url;
use super::url_list::time;
use super::{json, json_stream, saved_articles};
use crate::model::{Metadata, Origin, RawPage, Sourced};

/// Reads an export. Entries without a text become a list of URLs.
///
/// # Errors
/// It cannot be opened; a fault that ends it early is in the report.
pub(super) fn read(input: &Input, sink: Sink<'_>) -> Result<Report, ImportError> {
    let (mut report, mut names) = (Report::default(), Names::default());
    let (mut rest, mut count) = (Vec::new(), 0u64);
    let mut take = |_: &str, entry: Value| {
        count += 1;
        let content = json::text(&entry["content"]);
        let id = json::text(&entry["id"]);
        let title = json::text(&entry["title"]);
        let url = web_url(&json::text(&entry["url"]));
        if content.trim().is_empty() {
            match url {
                Some(url) => rest.push(listed(&entry, url.into())),
                None => report.leave_out("entry without text and URL"),
            }
            return ControlFlow::Continue(());
        }
        let page = RawPage::from_bytes(content.into_bytes(), url, Origin::Import(input.name().to_owned()), None);
        sink(Item {
            name: PathBuf::from(names.unique("", &[&title], &id)),
            content: ItemContent::Body(
                page,
                Box::new(ArticleInfo { metadata: metadata(&entry), ..ArticleInfo::default() }),
            ),
            resources: Arc::new(NoResources),
            losses: Vec::new(),
        })
    };
    let ended = json_stream::visit(input.stream()?, &[""], &mut take);
    report.cut = ended.err().map(|cause| format!("after {count} entries: {cause}"));
    saved_articles::pass_on_rest(rest, sink);
    Ok(report)
}

/// Returns an entry without a text as an entry of a list.
fn listed(entry: &Value, url: String) -> ListedUrl {
    let title = Some(json::text(&entry["title"])).filter(|title| !title.is_empty());
    let added = entry["created_at"].as_str().and_then(time);
    ListedUrl { url, title, added, tags: json::texts(&entry["tags"]), ..ListedUrl::default() }
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
