//! Reads exported HTML of every kind as items to convert: pages, articles with metadata, lists of URLs.
//!
//! The kind of an input is detected by content ([`Kind::detect`]), and each kind has one reader; [`open`] is the entry
//! point to all of them. A new kind takes one file here, one value of [`Kind`] and one arm of [`open`].

mod atom_text;
mod beginnings;
mod bookmark_tree;
mod capture_body;
mod capture_index;
mod captures;
mod container;
mod cut_zip;
mod enex;
mod enml;
mod epub;
mod error;
mod feed;
mod feed_entry;
mod feed_identity;
mod folder;
mod ghost;
mod ghost_cards;
mod html_tag;
mod input;
mod item;
mod joplin;
mod joplin_item;
mod joplin_links;
mod json;
mod json_feed;
mod json_stream;
mod kind;
mod layout;
mod list_columns;
mod lists;
mod markdown_html;
mod markdown_source;
mod markup;
mod medium;
mod mhtml;
mod notion;
mod notion_files;
mod notion_name;
mod omnivore;
mod post;
mod reading_list;
mod resources;
mod saved_articles;
mod saved_pages;
mod single_file;
mod source_url;
mod substack;
mod template_tags;
mod unknown;
mod url_list;
mod wallabag;
mod wordpress;
mod wordpress_blocks;
mod wordpress_site;
mod wxr;
mod wxr_items;
mod xml;
mod xml_feed;
mod xml_lists;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use container::Container;
use medium::ExportedPage;

use crate::model::{ImageRef, Origin, RawPage, ReferrerPolicy, Timestamp};

pub use capture_body::Response;
pub use captures::{WebArchives, decompressed};
pub use error::ImportError;
pub use feed::entries as feed_entries;
pub use feed_entry::{Channel, FeedEntry};
pub use feed_identity::{Facts, Standing, Standings};
pub use folder::{DiskFiles, FolderResources, is_companion, is_page_name, without_extension};
pub use input::{Bytes, Compression, DETECTION_BYTES, IMAGE_CAP, Input, PAGE_CAP};
pub use item::{ArticleInfo, Item, ItemContent, ItemIdentity, ListedKind, ListedUrl, Report, Sink};
pub use kind::{Kind, is_web_archive_name, kind_of, looks_convertible, named_kind, not_read};
pub use layout::folder_kind;
pub use markdown_source::{Destination, DestinationKind, destinations};
pub use notion_name::is_repeated;
pub use post::{Post, Syntax, is_html_body, post};
pub use resources::{Files, NoResources, PageLocation, Resources};
pub use saved_pages::{SavedPages, continued_page, location_of, saved_pages};
pub use source_url::{declared_url, source_url};
pub use template_tags::{ProtectedBody, protect};
pub use url_list::{bookmarks, jsonl, listed_url, without_comment};

/// Reads an input of a kind and passes each of its items to `sink`. Files in a container have kinds of their own; the
/// caller opens them. `location` is where the page is in its folder, if known.
///
/// ```
/// use std::ops::ControlFlow;
/// use bindery::import::{self, Input, Kind, ItemContent};
///
/// let feed = "<rss version='2.0'><channel><item><title>头条</title><description>&lt;p&gt;正文</description></item></channel></rss>";
/// let input = Input::memory(feed.into(), "feed.xml");
/// let kind = Kind::detect(&input.start()?).unwrap();
/// let mut titles = Vec::new();
/// let report = import::open(&input, kind, None, &mut |item| {
///     if let ItemContent::Body(_, info) = item.content {
///         titles.extend(info.metadata.title.map(|title| title.value));
///     }
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!((kind, titles, report.cut), (Kind::Feed, vec!["头条".to_owned()], None));
/// # Ok::<(), import::ImportError>(())
/// ```
///
/// # Errors
/// The input cannot be read at all. A fault of one item is in that item, a fault that ends the import in the report.
pub fn open(input: &Input, kind: Kind, location: Option<&PageLocation>, sink: Sink<'_>) -> Result<Report, ImportError> {
    let name = input.name();
    let bytes = || input.read_all(PAGE_CAP);
    let single = |item: Item, report: Report, sink: Sink<'_>| {
        let _ = sink(item);
        Ok(report)
    };
    match kind {
        Kind::Page => single(page(input, bytes()?, location)?, Report::default(), sink),
        Kind::Post => {
            let raw = RawPage::from_bytes(bytes()?, None, origin(input), None);
            single(item(ItemContent::Post(raw), resources(location, None)), Report::default(), sink)
        }
        Kind::Mhtml => single(mhtml::read(&bytes()?, name)?, Report::default(), sink),
        Kind::Bookmarks | Kind::List | Kind::ReadingList | Kind::Opml | Kind::Sitemap => {
            let (urls, report) = lists::read(input, kind)?;
            single(item(ItemContent::UrlList(urls), Arc::new(NoResources)), report, sink)
        }
        Kind::SavedArticles => saved_articles::read(input, sink),
        Kind::Epub => {
            let (container, cut) = Container::zip(input)?;
            Ok(Report { cut, ..epub::read(container, name, sink)? })
        }
        Kind::Wallabag => wallabag::read(input, sink),
        Kind::Ghost => ghost::read(input, sink),
        Kind::Enex => enex::read(input, sink),
        Kind::Wxr => wxr::read(input, sink),
        Kind::Feed => feed::read(input, sink),
        Kind::Warc => captures::warc(input, sink),
        Kind::Notion => single(notion_files::read(input, location)?, Report::default(), sink),
        Kind::Joplin | Kind::Omnivore if input.path().is_some_and(Path::is_dir) => {
            layout::read(Container::folder(input.path().unwrap_or(Path::new("")))?, name, sink)
        }
        Kind::Zip | Kind::Omnivore | Kind::Tar | Kind::Joplin => {
            let (container, cut) = match kind {
                Kind::Zip | Kind::Omnivore => Container::zip(input)?,
                _ => Container::tar(input)?,
            };
            let report = layout::read(container, name, sink)?;
            Ok(Report { cut: cut.or_else(|| report.cut.clone()), ..report })
        }
    }
}

fn item(content: ItemContent, resources: Arc<dyn Resources>) -> Item {
    Item { name: PathBuf::new(), content, resources, losses: Vec::new() }
}

fn resources(location: Option<&PageLocation>, url: Option<Url>) -> Arc<dyn Resources> {
    match location {
        Some(location) => Arc::new(FolderResources::new(Arc::clone(&location.files), &location.page, url)),
        None => Arc::new(NoResources),
    }
}

fn origin(input: &Input) -> Origin {
    match input.path() {
        Some(path) => Origin::File(path.to_owned()),
        None => Origin::Import(input.name().to_owned()),
    }
}

fn page(input: &Input, bytes: Vec<u8>, location: Option<&PageLocation>) -> Result<Item, ImportError> {
    check(&bytes, input.name())?;
    let url = source_url(&bytes);
    let bytes = match single_file::restore_images(&bytes) {
        Cow::Owned(restored) => restored,
        Cow::Borrowed(_) => bytes,
    };
    if let Some(item) = exported_page(&bytes, input, location) {
        return Ok(item);
    }
    let is_body = is_fragment(&bytes);
    let raw = RawPage::from_bytes(bytes, url.clone(), origin(input), None);
    let content = if is_body { ItemContent::Body(raw, Box::default()) } else { ItemContent::Page(raw) };
    Ok(item(content, resources(location, url)))
}

/// Returns the article of a page that a service exported in a form of its own; `None` for any other page.
fn exported_page(bytes: &[u8], input: &Input, location: Option<&PageLocation>) -> Option<Item> {
    /// Their heads are shorter than this, in bytes.
    const HEAD: usize = 128 << 10;
    let head = &bytes[..bytes.len().min(HEAD)];
    let holds = |mark: &[u8]| memchr::memmem::find(head, mark).is_some();
    let is_post = location.is_some_and(|location| location.page.contains("posts/"));
    if !holds(b"class=\"h-entry\"") && !holds(b"class=\"page-body\"") && !is_post {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let mut losses = Vec::new();
    let medium = || medium::read(text, input.name());
    let mut notion = || {
        let page = notion::read(text)?;
        let html = notion_files::without_attachments(&page.html, location, &mut losses);
        Some(ExportedPage { html, ..page })
    };
    let substack = || {
        let info = substack::info(location?)?;
        Some(ExportedPage { html: substack::without_buttons(text), info, url: None })
    };
    let ExportedPage { html, info, url } = medium().or_else(&mut notion).or_else(substack)?;
    let raw = RawPage::from_bytes(html.into_bytes(), url.clone(), origin(input), None);
    let item = item(ItemContent::Body(raw, Box::new(info)), resources(location, url));
    Some(Item { losses, ..item })
}

/// Returns true for the body of an article without a page around it: it has tags, but none that belong to a page or its
/// boilerplate only.
fn is_fragment(bytes: &[u8]) -> bool {
    const PAGE_TAGS: [&[u8]; 12] = [
        b"<html",
        b"<head",
        b"<body",
        b"<!doctype",
        b"<title",
        b"<meta",
        b"<link",
        b"<article",
        b"<main",
        b"<nav",
        b"<footer",
        b"<aside",
    ];
    bytes.contains(&b'<')
        && !memchr::memchr_iter(b'<', bytes).any(|at| {
            let tag = &bytes[at..bytes.len().min(at + 10)];
            PAGE_TAGS.iter().any(|name| tag.len() >= name.len() && tag[..name.len()].eq_ignore_ascii_case(name))
        })
}

/// Refuses an input that would be read as a page although nothing shows that it is one: neither markup nor its name.
///
/// # Errors
/// It is of a kind that is not read; or it cannot be read at all.
pub fn check_is_page(input: &Input) -> Result<(), ImportError> {
    /// Extensions of data files, which may hold markup in their fields.
    const DATA: [&str; 12] =
        [".csv", ".tsv", ".json", ".geojson", ".xml", ".yaml", ".yml", ".toml", ".log", ".sql", ".md", ".markdown"];
    let start = input.start()?;
    let name = input.name().to_lowercase();
    // An empty file is an error of its own.
    if folder::is_page_name(&name) || start.trim_ascii().is_empty() {
        return Ok(());
    }
    let is_data = DATA.iter().any(|extension| name.ends_with(extension)) && !start.trim_ascii_start().starts_with(b"<");
    if Kind::detect(&start).is_some() && !is_data {
        return Ok(());
    }
    let what = unknown::description(&start, input.name());
    Err(ImportError::Unsupported { name: input.name().to_owned(), what })
}

/// Returns the bytes of the local image that a saved page refers to by `written`, an `src` such as `页面_files/a.jpg`. Only
/// files inside `root` are read.
///
/// # Errors
/// No file matches.
pub fn local_image(root: &Path, page: &Path, written: &str) -> Result<Vec<u8>, ImportError> {
    let path = page.strip_prefix(root).unwrap_or(page).to_string_lossy().replace('\\', "/");
    let image = ImageRef {
        url: written.to_owned(),
        written: written.to_owned(),
        alternatives: Vec::new(),
        referrer_policy: ReferrerPolicy::default(),
    };
    let resources = FolderResources::new(Arc::new(DiskFiles::new(root, IMAGE_CAP)), &path, None);
    resources.image(&image).ok_or_else(|| ImportError::ImageNotFound { written: written.chars().take(200).collect() })
}

/// Reads a saved page of at most `cap` bytes. Without `url`, the URL that the page itself declares is used.
///
/// # Errors
/// The file cannot be read, is too large, is empty or is not HTML.
pub fn read(path: &Path, cap: u64, url: Option<Url>, captured: Option<Timestamp>) -> Result<RawPage, ImportError> {
    let name = path.display().to_string();
    let bytes = input::read_file(path, cap)?;
    check(&bytes, &name)?;
    let url = url.or_else(|| source_url(&bytes));
    Ok(RawPage::from_bytes(bytes, url, Origin::File(PathBuf::from(path)), captured))
}

/// Makes a page of bytes as [`read`] does; `name` is their name in errors.
///
/// # Errors
/// The bytes are empty or not HTML.
pub fn from_bytes(
    bytes: Vec<u8>,
    name: &str,
    url: Option<Url>,
    captured: Option<Timestamp>,
) -> Result<RawPage, ImportError> {
    check(&bytes, name)?;
    let url = url.or_else(|| source_url(&bytes));
    Ok(RawPage::from_bytes(bytes, url, Origin::Import(name.to_owned()), captured))
}

/// Refuses bytes that are empty or cannot be HTML.
fn check(bytes: &[u8], name: &str) -> Result<(), ImportError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ImportError::Empty { name: name.to_owned() });
    }
    let not_html = |what: String| Err(ImportError::NotHtml { name: name.to_owned(), what });
    if let Some(found) = infer::get(bytes).filter(|found| !matches!(found.mime_type(), "text/html" | "text/xml")) {
        return not_html(match found.mime_type() {
            "application/pdf" => "a PDF file".to_owned(),
            other => format!("of type {other}"),
        });
    }
    // Text has zero bytes only in UTF-16, which is recognised by its byte order mark.
    let has_bom = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if !has_bom && bytes.iter().take(4096).any(|&byte| byte == 0) {
        return not_html("binary data".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_page_is_read_with_its_url() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("页.html");
        std::fs::write(&path, "<html><head><link rel=canonical href='https://example.cn/1'></head><p>正文").unwrap();
        let page = read(&path, 1000, None, None).unwrap();
        assert_eq!(page.url.unwrap().as_str(), "https://example.cn/1");
        assert_eq!(page.origin, Origin::File(path.clone()));
        let named = Url::parse("https://example.cn/2").unwrap();
        assert_eq!(read(&path, 1000, Some(named.clone()), None).unwrap().url, Some(named));
    }

    #[test]
    fn errors_state_the_file_the_cause_and_the_next_step() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            read(&path, 100, None, None).unwrap_err().to_string().replace(&dir.path().display().to_string(), "")
        };
        assert_eq!(
            at("a.pdf", b"%PDF-1.7"),
            "/a.pdf is a PDF file, not an HTML page; name the page that it belongs to"
        );
        assert_eq!(at("b", b"\0\x01\x02"), "/b is binary data, not an HTML page; name the page that it belongs to");
        assert_eq!(at("c", b" \n"), "/c is empty; save the page again");
        assert!(at("d", &[b'x'; 101]).contains("larger than 100 bytes"));
        assert!(
            read(dir.path(), 9, None, None)
                .unwrap_err()
                .to_string()
                .ends_with("is not a file; name the HTML file itself")
        );
        assert_eq!(read(&dir.path().join("e"), 9, None, None).unwrap_err().kind(), crate::model::FailureKind::Missing);
    }
}
