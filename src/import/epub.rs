//! E-books in EPUB 2 and 3: the chapters in the order of the spine. <https://www.w3.org/TR/epub-33/>

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::container::Container;
use super::error::ImportError;
use super::feed_entry;
use super::folder::{FolderResources, without_extension};
use super::input::PAGE_CAP;
use super::item::{ArticleInfo, Item, ItemContent, Report, Sink};
use super::markup::{attribute, elements, text};
use super::resources::{Files, Resources};
use super::xml::{self, Visitor};
use crate::html::text::collapse;
use crate::model::{ImageRef, Metadata, Origin, RawPage, Sourced, safe_name};

/// The file that names the package.
const CONTAINER: &str = "META-INF/container.xml";

/// What the package document states.
#[derive(Default)]
struct Package {
    title: String,
    authors: Vec<String>,
    language: String,
    date: String,
    description: String,
    rights: String,
    subjects: Vec<String>,
    /// The entries of the manifest by their identifiers: path and properties.
    manifest: HashMap<String, (String, String)>,
    /// The identifiers of the spine, and whether each is part of the reading order.
    spine: Vec<(String, bool)>,
    /// Paths that the guide of EPUB 2 names as cover or table of contents.
    guide: Vec<String>,
}

impl Visitor for Package {
    fn open(&mut self, path: &[String], attributes: &[(String, String)]) {
        let attribute = |name: &str| {
            attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        match path.last().map(|name| name.rsplit(':').next().unwrap_or(name)) {
            Some("item") => {
                self.manifest.insert(attribute("id"), (attribute("href"), attribute("properties")));
            }
            Some("itemref") => self.spine.push((attribute("idref"), attribute("linear") != "no")),
            Some("reference") if matches!(attribute("type").as_str(), "cover" | "toc" | "title-page") => {
                self.guide.push(attribute("href"));
            }
            _ => {}
        }
    }

    fn close(&mut self, path: &[String], _: &[(String, String)], text: &str) -> bool {
        let text = collapse(text);
        if text.is_empty() {
            return false;
        }
        let first = |field: &mut String, text: String| {
            if field.is_empty() {
                *field = text;
            }
        };
        match path.last().map(String::as_str) {
            Some("dc:title") => first(&mut self.title, text),
            Some("dc:creator") => self.authors.push(text),
            Some("dc:language") => first(&mut self.language, text),
            Some("dc:date") => first(&mut self.date, text),
            Some("dc:description") => first(&mut self.description, text),
            Some("dc:rights") => first(&mut self.rights, text),
            Some("dc:subject") => self.subjects.push(text),
            _ => {}
        }
        false
    }
}

/// The path of the package document.
#[derive(Default)]
struct RootFile(String);

impl Visitor for RootFile {
    fn open(&mut self, path: &[String], attributes: &[(String, String)]) {
        if path.last().is_some_and(|name| name == "rootfile") && self.0.is_empty() {
            self.0 = attributes
                .iter()
                .find(|(key, _)| key == "full-path")
                .map(|(_, value)| value.clone())
                .unwrap_or_default();
        }
    }

    fn close(&mut self, _: &[String], _: &[(String, String)], _: &str) -> bool {
        !self.0.is_empty()
    }
}

/// What a chapter refers to: its images, and other chapters by their paths.
struct Chapter {
    files: FolderResources,
    names: Arc<HashMap<PathBuf, PathBuf>>,
}

impl Resources for Chapter {
    fn image(&self, image: &ImageRef) -> Option<Vec<u8>> {
        self.files.image(image)
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        self.names.get(&self.files.page(href)?).cloned()
    }
}

/// Reads a book.
///
/// # Errors
/// It has no package document, or that cannot be read.
pub(super) fn read(container: Container, name: &str, sink: Sink<'_>) -> Result<Report, ImportError> {
    let damaged = |cause: String| ImportError::Damaged { name: name.to_owned(), cause };
    let mut root = RootFile::default();
    let _ = xml::visit(container.take(CONTAINER, PAGE_CAP)?.as_slice(), &mut root);
    let mut package = Package::default();
    let document = container.take(&root.0, PAGE_CAP)?;
    xml::visit(document.as_slice(), &mut package).map_err(|cause| damaged(format!("{}: {cause}", root.0)))?;
    let folder = root.0.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut report = Report::default();
    let chapters = chapters(&package, folder, &container, &mut report);
    let container: Arc<Container> = Arc::new(container);
    let width = chapters.len().to_string().len().max(2);
    let mut texts = Vec::new();
    for path in &chapters {
        match container.take(path, PAGE_CAP) {
            Ok(bytes) => texts.push((path, String::from_utf8_lossy(&bytes).into_owned())),
            Err(_) => report.leave_out("chapter that cannot be read"),
        }
    }
    let names: Vec<PathBuf> = texts
        .iter()
        .enumerate()
        .map(|(nth, (path, page))| {
            let title = safe_name(&heading(page));
            let stem = without_extension(std::path::Path::new(path))
                .file_name()
                .map(|stem| stem.to_string_lossy().into_owned());
            let title = if title.is_empty() { stem.unwrap_or_default() } else { title };
            PathBuf::from(format!("{:0width$}-{title}", nth + 1))
        })
        .collect();
    let by_path =
        texts.iter().zip(&names).map(|((path, _), name)| (without_extension(std::path::Path::new(path)), name.clone()));
    let by_path: Arc<HashMap<PathBuf, PathBuf>> = Arc::new(by_path.collect());
    for ((path, page), name_of) in texts.iter().zip(&names) {
        let files = FolderResources::new(Arc::clone(&container) as Arc<dyn Files>, path, None);
        let raw =
            RawPage::from_bytes(body(page).as_bytes().to_vec(), None, Origin::Import(format!("{name}/{path}")), None);
        let info = ArticleInfo { metadata: metadata(&package, &heading(page)), ..ArticleInfo::default() };
        let item = Item {
            name: name_of.clone(),
            content: ItemContent::Body(raw, Box::new(info)),
            resources: Arc::new(Chapter { files, names: Arc::clone(&by_path) }),
            losses: Vec::new(),
        };
        if sink(item).is_break() {
            break;
        }
    }
    Ok(report)
}

/// Returns the paths of the chapters in the order of the spine, without cover and navigation.
fn chapters(package: &Package, folder: &str, container: &Container, report: &mut Report) -> Vec<String> {
    let mut chapters = Vec::new();
    for (id, is_linear) in &package.spine {
        let Some((href, properties)) = package.manifest.get(id) else { continue };
        let href = percent_encoding::percent_decode_str(href).decode_utf8_lossy();
        let path = if folder.is_empty() { href.clone().into_owned() } else { format!("{folder}/{href}") };
        let stem = without_extension(std::path::Path::new(href.as_ref()));
        let stem = stem.file_name().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
        let is_named = |name: &str| id.eq_ignore_ascii_case(name) || stem == name;
        let is_guide = package.guide.iter().any(|found| found.split('#').next() == Some(href.as_ref()));
        if properties.split_whitespace().any(|property| property == "nav") || is_named("nav") || is_named("toc") {
            report.leave_out("table of contents");
        } else if is_named("cover")
            || is_named("coverpage")
            || is_guide && !is_linear
            || is_guide && chapters.is_empty() && is_short(container, &path)
        {
            report.leave_out("cover");
        } else {
            chapters.push(path);
        }
    }
    chapters
}

/// Returns true for a page with hardly any text, such as a cover.
fn is_short(container: &Container, path: &str) -> bool {
    container.take(path, PAGE_CAP).is_ok_and(|bytes| text(body(&String::from_utf8_lossy(&bytes))).chars().count() < 200)
}

/// Returns what stands between the `body` tags of a chapter.
fn body(page: &str) -> &str {
    let Some(at) = page.find("<body") else { return page };
    let inner = page[at..].split_once('>').map_or("", |(_, inner)| inner);
    inner.rsplit_once("</body>").map_or(inner, |(inner, _)| inner)
}

/// Returns the first heading of a chapter, else its title; empty when it has neither.
fn heading(page: &str) -> String {
    let inner = body(page);
    let first = ["h1", "h2", "h3"].iter().find_map(|name| {
        let mut found = elements(inner, name).map(|(tag, inner)| {
            // A heading of an image has its words in `title` or `alt`.
            let words = text(inner);
            if words.is_empty() {
                attribute(tag, "title").or_else(|| attribute(inner, "alt")).unwrap_or_default()
            } else {
                words
            }
        });
        found.find(|words| !words.is_empty())
    });
    first.or_else(|| elements(page, "title").next().map(|(_, inner)| text(inner))).unwrap_or_default()
}

fn metadata(package: &Package, heading: &str) -> Metadata {
    let sourced = |value: &str| (!value.is_empty()).then(|| Sourced::new(value.to_owned(), "epub"));
    let listed = |values: &[String]| (!values.is_empty()).then(|| Sourced::new(values.to_vec(), "epub"));
    Metadata {
        title: sourced(heading).or_else(|| sourced(&package.title)),
        authors: listed(&package.authors),
        published: feed_entry::date(&package.date).map(|date| Sourced::new(date, "epub")),
        site: sourced(&package.title),
        language: sourced(&package.language),
        description: sourced(&text(&package.description)),
        tags: listed(&package.subjects),
        rights: sourced(&package.rights),
        ..Metadata::default()
    }
}
