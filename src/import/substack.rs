//! Posts of a Substack export: bodies in `posts/`, and `posts.csv` with all else.

use super::feed_entry;
use super::item::ArticleInfo;
use super::resources::PageLocation;
use crate::html::text::collapse;
use crate::model::{Metadata, Publication, Sourced};

/// The table of an export, beside the folder of its posts.
const TABLE: &str = "posts.csv";

/// Returns what the table of the export states about a post; `None` for a file that is not a post of an export.
pub(super) fn info(location: &PageLocation) -> Option<ArticleInfo> {
    let (folder, file) = location.page.rsplit_once('/')?;
    let top = folder.strip_suffix("posts")?;
    let post = file.strip_suffix(".html")?;
    let table = location.files.read(&format!("{top}{TABLE}"))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(table.as_slice());
    let header = reader.headers().ok()?.clone();
    let column = |name: &str| header.iter().position(|own| own.trim_start_matches('\u{feff}') == name);
    let id = column("post_id")?;
    let row = reader.records().filter_map(Result::ok).find(|row| row.get(id) == Some(post))?;
    let field = |name: &str| collapse(column(name).and_then(|at| row.get(at)).unwrap_or_default());
    let sourced = |value: String| (!value.is_empty()).then(|| Sourced::new(value, "substack"));
    let publication = match (field("is_published").as_str(), field("audience").as_str()) {
        ("false" | "False" | "0", _) => Publication::Draft,
        (_, "everyone" | "") => Publication::Public,
        _ => Publication::Protected,
    };
    let metadata = Metadata {
        title: sourced(field("title")),
        published: feed_entry::date(&field("post_date")).map(|date| Sourced::new(date, "substack")),
        description: sourced(field("subtitle")),
        publication,
        ..Metadata::default()
    };
    Some(ArticleInfo { metadata, ..ArticleInfo::default() })
}

/// Returns the body of a post without the buttons that ask for a subscription.
pub(super) fn without_buttons(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<p class=\"button-wrapper\"") {
        out.push_str(&rest[..at]);
        rest = rest[at..].split_once("</p>").map_or("", |(_, rest)| rest);
    }
    out + rest
}
