//! Exports of Evernote (ENEX), read as a stream, twice: first for the names of all notes, so that links between them can
//! be resolved, then for the notes. <https://evernote.com/blog/how-evernotes-xml-export-format-works>

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use md5::{Digest as _, Md5};

use super::enml::{self, File};
use super::error::ImportError;
use super::feed_entry;
use super::input::{IMAGE_CAP, Input};
use super::item::{ArticleInfo, Item, ItemContent, Names, Report, Sink};
use super::resources::Resources;
use super::source_url::web_url;
use super::xml::{self, Visitor};
use crate::html::text::collapse;
use crate::model::{ImageRef, Loss, LossKind, Metadata, Origin, PageDate, RawPage, Sourced};

/// One note of an export, as written.
#[derive(Default)]
struct Note {
    title: String,
    created: String,
    updated: String,
    author: String,
    source_url: String,
    tags: Vec<String>,
    content: String,
    files: HashMap<String, File>,
}

/// What the links of a note may lead to: images of its own and other notes.
struct Attached {
    /// By the MD5 of their bytes, in hexadecimal.
    images: HashMap<String, Vec<u8>>,
    notes: Arc<HashMap<String, PathBuf>>,
}

impl Resources for Attached {
    fn image(&self, image: &ImageRef) -> Option<Vec<u8>> {
        let hash = image.written.strip_prefix(enml::IMAGE).or_else(|| image.url.strip_prefix(enml::IMAGE))?;
        self.images.get(hash).cloned()
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        let title = href.strip_prefix(enml::NOTE)?;
        let title = percent_encoding::percent_decode_str(title).decode_utf8_lossy();
        self.notes.get(title.as_ref()).cloned()
    }
}

/// Reads an export.
///
/// # Errors
/// It cannot be opened; a fault that ends it early is in the report.
pub(super) fn read(input: &Input, sink: Sink<'_>) -> Result<Report, ImportError> {
    let (mut names, mut taken) = (Vec::new(), Names::default());
    let mut titles: HashMap<String, PathBuf> = HashMap::new();
    let mut first = |note: Note| {
        let name = PathBuf::from(taken.unique("", &[&note.title], &(names.len() + 1).to_string()));
        titles.entry(collapse(&note.title)).or_insert_with(|| name.clone());
        names.push(name);
        ControlFlow::Continue(())
    };
    // A fault that ends the first pass ends the second at the same place, and is reported there.
    let _ = xml::visit(input.stream()?, &mut NoteReader::new(&mut first, Pass::Titles));
    let titles = Arc::new(titles);
    let mut report = Report::default();
    let mut at = 0;
    let mut second = |note: Note| {
        let name = names.get(at).cloned().unwrap_or_default();
        at += 1;
        sink(item(note, name, &titles, input.name()))
    };
    let ended = xml::visit(input.stream()?, &mut NoteReader::new(&mut second, Pass::Notes));
    report.cut = ended.err().map(|cause| format!("after {at} notes: {cause}"));
    Ok(report)
}

fn item(note: Note, name: PathBuf, titles: &Arc<HashMap<String, PathBuf>>, source: &str) -> Item {
    let (html, mut losses) =
        enml::html(&note.content, &|hash| note.files.get(hash), &|title| titles.contains_key(title));
    for (hash, file) in note.files.iter().filter(|(_, file)| !file.media_type.starts_with("image/")) {
        losses.push(Loss::new(LossKind::Attachment, if file.name.is_empty() { hash } else { &file.name }));
    }
    losses.sort();
    let sourced =
        |value: &str| Some(collapse(value)).filter(|value| !value.is_empty()).map(|value| Sourced::new(value, "enex"));
    let metadata = Metadata {
        title: sourced(&note.title),
        authors: sourced(&note.author).map(|name| Sourced::new(vec![name.value], "enex")),
        published: date(&note.created).map(|date| Sourced::new(date, "enex")),
        modified: date(&note.updated).map(|date| Sourced::new(date, "enex")),
        tags: (!note.tags.is_empty()).then(|| Sourced::new(note.tags.clone(), "enex")),
        ..Metadata::default()
    };
    let images = note.files.into_iter().filter(|(_, file)| file.media_type.starts_with("image/"));
    let attached =
        Attached { images: images.map(|(hash, file)| (hash, file.bytes)).collect(), notes: Arc::clone(titles) };
    let page =
        RawPage::from_bytes(html.into_bytes(), web_url(&note.source_url), Origin::Import(source.to_owned()), None);
    let info = Box::new(ArticleInfo { metadata, ..ArticleInfo::default() });
    Item { name, content: ItemContent::Body(page, info), resources: Arc::new(attached), losses }
}

/// Parses a time such as `20230412T071500Z`.
fn date(text: &str) -> Option<PageDate> {
    let text = text.trim();
    let parts =
        [text.get(0..4)?, text.get(4..6)?, text.get(6..8)?, text.get(9..11)?, text.get(11..13)?, text.get(13..15)?];
    let [year, month, day, hour, minute, second] = parts;
    feed_entry::date(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

/// What is read of each note.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Its title.
    Titles,
    /// All of it.
    Notes,
}

/// Assembles notes from the elements of an export.
struct NoteReader<'a> {
    take: &'a mut dyn FnMut(Note) -> ControlFlow<()>,
    pass: Pass,
    note: Note,
    file: File,
}

impl<'a> NoteReader<'a> {
    fn new(take: &'a mut dyn FnMut(Note) -> ControlFlow<()>, pass: Pass) -> Self {
        Self { take, pass, note: Note::default(), file: File::default() }
    }

    fn keep_file(&mut self) {
        let file = std::mem::take(&mut self.file);
        if !file.bytes.is_empty() {
            let hash = Md5::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            self.note.files.insert(hash, file);
        }
    }
}

impl Visitor for NoteReader<'_> {
    fn open(&mut self, path: &[String], _: &[(String, String)]) {
        match path.last().map(String::as_str) {
            Some("note") => self.note = Note::default(),
            Some("resource") => self.file = File::default(),
            _ => {}
        }
    }

    fn close(&mut self, path: &[String], _: &[(String, String)], text: &str) -> bool {
        let [.., parent, name] = path else { return false };
        match (parent.as_str(), name.as_str()) {
            (_, "note") => return (self.take)(std::mem::take(&mut self.note)).is_break(),
            ("note", "title") => text.trim().clone_into(&mut self.note.title),
            _ if self.pass == Pass::Titles => {}
            ("note", "created") => text.clone_into(&mut self.note.created),
            ("note", "updated") => text.clone_into(&mut self.note.updated),
            ("note", "content") => text.clone_into(&mut self.note.content),
            ("note", "tag") => {
                let tag = collapse(text);
                if !tag.is_empty() && !self.note.tags.contains(&tag) {
                    self.note.tags.push(tag);
                }
            }
            ("note-attributes", "author") => text.clone_into(&mut self.note.author),
            ("note-attributes", "source-url") => text.clone_into(&mut self.note.source_url),
            ("resource", "data") => {
                let coded: String = text.chars().filter(|c| !c.is_whitespace()).collect();
                // An image that is larger than any page may have is not kept; its place in the text says so.
                if (coded.len() as u64) < IMAGE_CAP / 3 * 4 {
                    self.file.bytes = base64::engine::general_purpose::STANDARD.decode(coded).unwrap_or_default();
                }
            }
            ("resource", "mime") => self.file.media_type = text.trim().to_ascii_lowercase(),
            ("resource-attributes", "file-name") => text.trim().clone_into(&mut self.file.name),
            (_, "resource") => self.keep_file(),
            _ => {}
        }
        false
    }
}
