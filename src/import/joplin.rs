//! Exports of Joplin: a tar file (JEX) or a folder ("RAW") of items, with the files of notes in `resources/`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::container::Container;
use super::error::ImportError;
use super::feed_entry;
use super::input::PAGE_CAP;
use super::item::{ArticleInfo, Item, ItemContent, Names, Report, Sink};
use super::joplin_item::{ItemKind, JoplinItem, is_item_name};
use super::joplin_links::{self, IMAGE, NOTE, Target};
use super::resources::{Files, Resources};
use super::source_url::web_url;
use crate::html::text::collapse;
use crate::model::{ImageRef, Loss, LossKind, Metadata, Origin, PageDate, RawPage, Sourced, safe_name};

/// The maximum depth of notebooks in notebooks.
const MAX_DEPTH: usize = 32;

/// Returns the folder of the items of an export; `None` for any other container.
pub(super) fn folder(container: &Container) -> Option<String> {
    let path = container.paths().find(|path| is_item_name(path))?;
    let text = container.take(path, PAGE_CAP).ok()?;
    JoplinItem::parse(&String::from_utf8_lossy(&text))?;
    Some(path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/")))
}

/// A notebook.
struct Notebook {
    title: String,
    parent: String,
}

/// A file of a note.
struct Resource {
    title: String,
    /// Its path in the export; `None` when the export does not contain it.
    path: Option<String>,
    is_image: bool,
}

/// What an export holds besides the texts of its notes.
#[derive(Default)]
struct Index {
    notebooks: HashMap<String, Notebook>,
    tags: HashMap<String, String>,
    note_tags: HashMap<String, BTreeSet<String>>,
    resources: HashMap<String, Resource>,
    /// The names of notes, by their identifiers.
    notes: HashMap<String, PathBuf>,
    /// The paths of notes in the order of their output.
    paths: Vec<String>,
}

/// Reads an export whose items are in `folder`.
pub(super) fn read(container: Container, folder: &str, name: &str, sink: Sink<'_>) -> Report {
    let container = Arc::new(container);
    let mut report = Report::default();
    let index = Arc::new(index(&container, folder, &mut report));
    let mut shown: HashSet<String> = HashSet::new();
    for path in &index.paths {
        let item = match note(&container, path) {
            Ok(note) if note.is_encrypted() => {
                broken(path, ImportError::Encrypted { name: format!("{name}/{path}"), what: "note" })
            }
            Ok(note) => item(&note, &index, &container, name, &mut shown),
            Err(error) => broken(path, error),
        };
        if sink(item).is_break() {
            return report;
        }
    }
    for (id, resource) in index.resources.iter().filter(|(id, _)| !shown.contains(*id)) {
        report.leave_out("attachment that no note shows");
        report.lose(&Loss::new(LossKind::Attachment, if resource.title.is_empty() { id } else { &resource.title }));
    }
    report
}

fn broken(path: &str, error: ImportError) -> Item {
    let name = PathBuf::from(path.strip_suffix(".md").unwrap_or(path));
    let resources = Arc::new(super::resources::NoResources);
    Item { name, content: ItemContent::Broken(error), resources, losses: Vec::new() }
}

fn note(container: &Container, path: &str) -> Result<JoplinItem, ImportError> {
    let bytes = container.take(path, PAGE_CAP)?;
    let cause = || "its properties cannot be read".to_owned();
    JoplinItem::parse(&String::from_utf8_lossy(&bytes))
        .ok_or_else(|| ImportError::Damaged { name: path.to_owned(), cause: cause() })
}

/// Reads all items for what notes refer to.
fn index(container: &Container, folder: &str, report: &mut Report) -> Index {
    let mut index = Index::default();
    let mut wanted: Vec<(String, String, String)> = Vec::new();
    let files = joplin_links::resource_files(container, folder);
    for path in container.paths() {
        if !path.starts_with(folder) || path[folder.len()..].starts_with("resources/") {
            continue;
        }
        if !is_item_name(path) {
            report.leave_out("file that is not an item of Joplin");
            continue;
        }
        let Ok(item) = note(container, path) else {
            // Its fault is reported when the notes are read.
            index.paths.push(path.to_owned());
            continue;
        };
        let id = item.id().to_owned();
        match item.kind {
            ItemKind::Note if !matches!(item.get("deleted_time"), "" | "0") => report.leave_out("note in the trash"),
            ItemKind::Note if item.is_encrypted() => index.paths.push(path.to_owned()),
            ItemKind::Note => {
                let parent = if item.is("is_conflict") { CONFLICTS } else { item.get("parent_id") };
                wanted.push((id, parent.to_owned(), item.title.clone()));
                index.paths.push(path.to_owned());
            }
            ItemKind::Notebook if item.is_encrypted() => report.leave_out("encrypted notebook"),
            ItemKind::Notebook => {
                let parent = item.get("parent_id").to_owned();
                index.notebooks.insert(id, Notebook { title: item.title, parent });
            }
            ItemKind::Tag if item.is_encrypted() => report.leave_out("encrypted tag"),
            ItemKind::Tag => drop(index.tags.insert(id, collapse(&item.title))),
            ItemKind::NoteTag => {
                let tags = index.note_tags.entry(item.get("note_id").to_owned()).or_default();
                tags.insert(item.get("tag_id").to_owned());
            }
            ItemKind::Resource => {
                let is_image = item.get("mime").starts_with("image/");
                let path = files.get(&id).cloned().filter(|_| !item.is("encryption_blob_encrypted"));
                let title = if item.title.is_empty() { item.get("filename").to_owned() } else { item.title.clone() };
                index.resources.insert(id, Resource { title, path, is_image });
            }
            ItemKind::Other => report.leave_out("setting, key or earlier version"),
        }
    }
    let mut names = Names::default();
    for (id, parent, title) in wanted {
        let folder: Vec<String> = index.notebooks_of(&parent).iter().map(|title| safe_folder(title)).collect();
        let name = names.unique(&folder.join("/"), &[&title], &id[..8]);
        index.notes.insert(id, PathBuf::from(name));
    }
    index
}

/// Stands for the notebook of notes that a synchronisation could not merge.
const CONFLICTS: &str = "conflicts";

fn safe_folder(title: &str) -> String {
    let name = safe_name(title);
    if name.is_empty() { "untitled".to_owned() } else { name }
}

impl Index {
    /// Returns the titles of the notebooks around a note, outermost first.
    fn notebooks_of(&self, parent: &str) -> Vec<String> {
        if parent == CONFLICTS {
            return vec![CONFLICTS.to_owned()];
        }
        let (mut titles, mut id, mut seen) = (Vec::new(), parent, HashSet::new());
        while let Some(notebook) = self.notebooks.get(id).filter(|_| titles.len() < MAX_DEPTH) {
            if !seen.insert(id) {
                break;
            }
            titles.push(collapse(&notebook.title));
            id = &notebook.parent;
        }
        titles.reverse();
        titles
    }

    fn target(&self, id: &str) -> Target<'_> {
        match self.resources.get(id) {
            Some(resource) if resource.is_image && resource.path.is_some() => Target::Image,
            Some(resource) => Target::File(if resource.title.is_empty() { None } else { Some(&resource.title) }),
            None if self.notes.contains_key(id) => Target::Note,
            None => Target::Missing,
        }
    }
}

/// What the links of a note lead to.
struct Linked {
    container: Arc<Container>,
    index: Arc<Index>,
}

impl Resources for Linked {
    fn image(&self, image: &ImageRef) -> Option<Vec<u8>> {
        let id = image.written.strip_prefix(IMAGE).or_else(|| image.url.strip_prefix(IMAGE))?;
        self.container.read(self.index.resources.get(id)?.path.as_deref()?)
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        self.index.notes.get(href.strip_prefix(NOTE)?).cloned()
    }
}

fn item(
    note: &JoplinItem,
    index: &Arc<Index>,
    container: &Arc<Container>,
    source: &str,
    shown: &mut HashSet<String>,
) -> Item {
    let mut losses = Vec::new();
    let mut target = |id: &str| {
        shown.insert(id.to_owned());
        index.target(id)
    };
    let body = joplin_links::html(note, &mut target, &mut losses);
    if let Some(due) = date(note.get("todo_due")).filter(|_| note.is("is_todo")) {
        losses.push(Loss::new(LossKind::LeftOut, format!("due date {due}")));
    }
    losses.sort();
    losses.dedup();
    let sourced = |value: &str| {
        Some(collapse(value)).filter(|value| !value.is_empty()).map(|value| Sourced::new(value, "joplin"))
    };
    let time =
        |names: [&str; 2]| names.iter().find_map(|name| date(note.get(name))).map(|date| Sourced::new(date, "joplin"));
    let tags: Vec<String> =
        index.note_tags.get(note.id()).into_iter().flatten().filter_map(|id| index.tags.get(id)).cloned().collect();
    let metadata = Metadata {
        title: sourced(&note.title),
        authors: sourced(note.get("author")).map(|name| Sourced::new(vec![name.value], "joplin")),
        published: time(["user_created_time", "created_time"]),
        modified: time(["user_updated_time", "updated_time"]),
        tags: (!tags.is_empty()).then(|| Sourced::new(tags, "joplin")),
        ..Metadata::default()
    };
    let parent = if note.is("is_conflict") { CONFLICTS } else { note.get("parent_id") };
    let categories = index.notebooks_of(parent);
    let page = RawPage::from_bytes(
        body.into_bytes(),
        web_url(note.get("source_url")),
        Origin::Import(source.to_owned()),
        None,
    );
    Item {
        name: index.notes.get(note.id()).cloned().unwrap_or_default(),
        content: ItemContent::Body(page, Box::new(ArticleInfo { metadata, categories, ..ArticleInfo::default() })),
        resources: Arc::new(Linked { container: Arc::clone(container), index: Arc::clone(index) }),
        losses,
    }
}

/// Parses a time: RFC 3339, or milliseconds since 1970; `None` for 0.
fn date(text: &str) -> Option<PageDate> {
    match text.parse::<i64>() {
        Ok(0) => None,
        Ok(number) => feed_entry::date(&jiff::Timestamp::from_millisecond(number).ok()?.to_string()),
        Err(_) => feed_entry::date(text),
    }
}
