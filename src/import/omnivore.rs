//! Exports of Omnivore: lists of what was saved, with the texts of the articles and what was highlighted in files beside.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::container::{Container, Storage};
use super::feed_entry;
use super::item::{ArticleInfo, Item, ItemContent, ListedUrl, Names, Report, Sink};
use super::resources::{Files, NoResources};
use super::source_url::web_url;
use super::url_list::time;
use super::{json, json_stream, markdown_html, saved_articles};
use crate::model::{Metadata, Origin, RawPage, Sourced};

/// Returns true for the name of a list in an export: `metadata_0_to_20.json`.
pub(super) fn is_list_name(name: &str) -> bool {
    let numbers = name.strip_prefix("metadata_").and_then(|name| name.strip_suffix(".json"));
    numbers.and_then(|numbers| numbers.split_once("_to_")).is_some_and(|(from, to)| {
        [from, to].iter().all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// Returns the folder of an export, with its lists; `None` for any other container.
pub(super) fn folder(container: &Container) -> Option<String> {
    let is_list = |path: &str| is_list_name(path.rsplit('/').next().unwrap_or(path));
    let list = container.paths().find(|path| is_list(path))?;
    let folder = list.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let content = format!("{folder}content/");
    container.paths().any(|path| path.starts_with(&content)).then_some(folder)
}

/// Reads an export that is in `folder`. Entries without a text become a list of URLs.
pub(super) fn read(container: &Container, folder: &str, name: &str, sink: Sink<'_>) -> Report {
    let mut reader = Reader {
        container,
        folder,
        source: name,
        report: Report::default(),
        names: Names::default(),
        rest: Vec::new(),
        read: HashSet::new(),
    };
    let lists = container.paths().filter(|path| path.strip_prefix(folder).is_some_and(is_list_name));
    let mut is_ended = false;
    for list in lists {
        reader.read.insert(list.to_owned());
        let mut take = |_: &str, entry: Value| {
            let flow = reader.entry(&entry, sink);
            is_ended |= flow.is_break();
            flow
        };
        let opened = container.input(list, &format!("{name}/{list}"), Storage::TemporaryFile);
        let stream = opened.and_then(|list| list.stream()).map_err(|error| error.to_string());
        let ended = stream.and_then(|stream| json_stream::visit(stream, &[""], &mut take));
        if let Err(cause) = ended {
            reader.report.cut = Some(format!("{list}: {cause}"));
        }
        if is_ended {
            return reader.report;
        }
    }
    let Reader { mut report, rest, read, .. } = reader;
    for path in container.paths().filter(|path| !read.contains(*path)) {
        match path.strip_prefix(folder).and_then(|path| path.split_once('/')) {
            Some(("content", _)) => report.leave_out("text that no list names"),
            Some(("highlights", _)) => report.leave_out("highlights that no list names"),
            _ => report.leave_out("file that is not part of the export"),
        }
    }
    saved_articles::pass_on_rest(rest, sink);
    report
}

struct Reader<'a> {
    container: &'a Container,
    folder: &'a str,
    source: &'a str,
    report: Report,
    names: Names,
    rest: Vec<ListedUrl>,
    /// The paths of the files that were read.
    read: HashSet<String>,
}

impl Reader<'_> {
    /// Returns the text of a file of an entry; empty when there is none.
    fn file(&mut self, folder: &str, slug: &str, extension: &str) -> String {
        let path = format!("{}{folder}/{slug}.{extension}", self.folder);
        let bytes = self.container.read(&path).unwrap_or_default();
        self.read.insert(path);
        crate::html::decode(&bytes, None, None).text.into_owned()
    }

    fn entry(&mut self, entry: &Value, sink: Sink<'_>) -> ControlFlow<()> {
        let slug = json::text(&entry["slug"]);
        let url = web_url(&json::text(&entry["url"]));
        let mut html = self.file("content", &slug, "html");
        let highlights = self.file("highlights", &slug, "md");
        if html.trim().is_empty() && highlights.trim().is_empty() {
            match url {
                Some(url) => self.rest.push(listed(entry, url.into())),
                None => self.report.leave_out("entry without text and URL"),
            }
            return ControlFlow::Continue(());
        }
        if !highlights.trim().is_empty() {
            html.push_str(&format!("\n<hr>\n{}", markdown_html::html(&highlights)));
        }
        let title = json::text(&entry["title"]);
        let page = RawPage::from_bytes(html.into_bytes(), url, Origin::Import(self.source.to_owned()), None);
        let info = ArticleInfo { metadata: metadata(entry), ..ArticleInfo::default() };
        sink(Item {
            name: PathBuf::from(self.names.unique("", &[&title], &json::text(&entry["id"]))),
            content: ItemContent::Body(page, Box::new(info)),
            resources: Arc::new(NoResources),
            losses: Vec::new(),
        })
    }
}

fn listed(entry: &Value, url: String) -> ListedUrl {
    let some = |name: &str| Some(json::text(&entry[name])).filter(|text| !text.is_empty());
    ListedUrl {
        url,
        title: some("title"),
        added: some("savedAt").and_then(|text| time(&text)),
        tags: json::texts(&entry["labels"]),
        folder: some("state"),
        description: some("description"),
        kind: None,
    }
}

fn metadata(entry: &Value) -> Metadata {
    let sourced = |name: &str| {
        Some(json::text(&entry[name])).filter(|text| !text.is_empty()).map(|text| Sourced::new(text, "omnivore"))
    };
    let tags = json::texts(&entry["labels"]);
    let date = |name: &str| feed_entry::date(entry[name].as_str()?);
    Metadata {
        title: sourced("title"),
        authors: sourced("author").map(|author| Sourced::new(vec![author.value], "omnivore")),
        published: date("publishedAt").or_else(|| date("savedAt")).map(|date| Sourced::new(date, "omnivore")),
        description: sourced("description"),
        lead_image: sourced("thumbnail"),
        tags: (!tags.is_empty()).then(|| Sourced::new(tags, "omnivore")),
        ..Metadata::default()
    }
}
