//! Exported HTML of every kind, as things to convert: pages, articles with what an export says of them, URLs.
//!
//! A kind is told by content ([`Kind::detect`]) and read by one function of its own; [`open`] is the door to all of them.
//! The next kind is one file here, one value of [`Kind`] and one arm of [`open`].

mod captures;
mod feed;
mod folder;
mod input;
mod item;
mod json_feed;
mod kind;
mod mhtml;
mod pack;
mod post;
mod single_file;
mod source_url;
mod url_list;
mod wordpress;
mod wxr;
mod xml;

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use crate::model::{ImageRef, Origin, RawPage, ReferrerPolicy, Timestamp};

pub use feed::{Channel, Entry, entries as feed_entries};
pub use folder::{Beside, Files, OnDisk, is_companion, is_page_name, without_extension};
pub use input::{Bytes, Input, Packing, START};
pub use item::{Around, Item, ListedUrl, Nothing, Report, Sink, Told, What};
pub use kind::Kind;
pub use post::{Post, Syntax, is_html_body, post};
pub use source_url::{declared_url, source_url};
pub use url_list::{bookmarks, jsonl, listed_url};

/// The largest page that is read, in bytes.
pub const PAGE_CAP: u64 = 64 * 1024 * 1024;

/// The largest image that is read, in bytes.
pub const IMAGE_CAP: u64 = 50 * 1024 * 1024;

/// Extensions of files that hold no text of anybody's, so that nobody need look into them.
const NEVER: [&str; 55] = [
    "png", "jpg", "jpeg", "gif", "webp", "avif", "bmp", "ico", "svg", "tif", "tiff", "heic", "jxl", "css", "js", "mjs",
    "map", "woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4", "m4a", "m4v", "ogg", "wav", "webm", "mov", "avi", "mkv",
    "flv", "swf", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "epub", "exe", "dll", "so", "class",
    "jar", "apk", "iso", "dmg", "sqlite", "db", "cdx", "cdxj",
];

/// Why a file is no page, or an image beside it cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Not there.
    #[error("{name} does not exist; check the path")]
    Missing {
        /// The file as it was named.
        name: String,
    },
    /// There, and cannot be read.
    #[error("{name} cannot be read: {source}")]
    Unreadable {
        /// The file as it was named.
        name: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A folder, a device.
    #[error("{name} is no file; name the HTML file itself")]
    NotAFile {
        /// The path as it was named.
        name: String,
    },
    /// More bytes than are read.
    #[error("{name} is larger than {cap} bytes, the limit for one page; split it, or check that it is the right file")]
    TooLarge {
        /// The file as it was named.
        name: String,
        /// The limit in bytes.
        cap: u64,
    },
    /// No bytes but white space.
    #[error("{name} is empty; save the page again")]
    Empty {
        /// The file as it was named.
        name: String,
    },
    /// Bytes that are no HTML.
    #[error("{name} is {what}, not an HTML page; give the page that it belongs to")]
    NotHtml {
        /// The file as it was named.
        name: String,
        /// What it is, with its article.
        what: String,
    },
    /// An export whose own form is broken.
    #[error("{name} is damaged: {cause}; export it again, or check that it was copied whole")]
    Damaged {
        /// The file as it was named.
        name: String,
        /// What was found.
        cause: String,
    },
    /// An image whose URL leads nowhere on this disk.
    #[error("`{written}` names no file beside the page")]
    NotBeside {
        /// The URL as the page writes it.
        written: String,
    },
}

impl ImportError {
    /// A stable word in kebab-case for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing",
            Self::Unreadable { .. } => "unreadable",
            Self::NotAFile { .. } => "not-a-file",
            Self::TooLarge { .. } => "too-large",
            Self::Empty { .. } => "empty",
            Self::NotHtml { .. } => "not-a-page",
            Self::Damaged { .. } => "damaged",
            Self::NotBeside { .. } => "not-beside",
        }
    }
}

/// Where a page lies in a folder, so that its images and the pages it links to can be found.
#[derive(Clone)]
pub struct Place {
    /// The folder.
    pub files: Arc<dyn Files>,
    /// The page in it.
    pub page: String,
}

/// Whether it is worth looking into a file of that name.
pub fn looks_convertible(path: &Path) -> bool {
    let extension = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    !NEVER.iter().any(|never| extension.eq_ignore_ascii_case(never))
}

/// What a file is that nobody named: told by its first bytes, and by its name only where they say nothing. None for what
/// is not to be converted, such as a post whose body is Markdown already.
pub fn kind_of(path: &Path, start: &[u8]) -> Option<Kind> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let is_markdown = [".md", ".markdown", ".mdx"].iter().any(|ending| name.ends_with(ending));
    match Kind::detect(start) {
        Some(Kind::Post) => {
            // A cut through a character leaves bytes that are none.
            let whole = start.iter().rposition(|&byte| byte == b'\n').map_or(start.len(), |at| at + 1);
            let body = post(start).or_else(|| post(&start[..whole])).map(|post| post.body);
            // Front matter as long as all that was read says nothing about the body.
            body.is_none_or(is_html_body).then_some(Kind::Post)
        }
        Some(Kind::Page | Kind::List) if is_markdown => None,
        // Programs and notes have tags in them, too; only a page begins with one.
        Some(Kind::Page) if !is_page_name(&name) => {
            let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
            (start.trim_ascii_start().starts_with(b"<")
                || start.starts_with(b"\xff\xfe")
                || start.starts_with(b"\xfe\xff"))
            .then_some(Kind::Page)
        }
        Some(kind) => Some(kind),
        // An empty or foreign file that is called a page fails as one.
        None => is_page_name(&name).then_some(Kind::Page),
    }
}

/// Reads an input of a kind, and gives every item in it. Items of a folder in one file have their own kinds, and are
/// opened by whoever takes them. `place` is where a page lies, where that is known.
///
/// ```
/// use std::ops::ControlFlow;
/// use bindery::import::{self, Input, Kind, What};
///
/// let feed = "<rss version='2.0'><channel><item><title>头条</title><description>&lt;p&gt;正文</description></item></channel></rss>";
/// let input = Input::memory(feed.into(), "feed.xml");
/// let kind = Kind::detect(&input.start()?).unwrap();
/// let mut titles = Vec::new();
/// let report = import::open(&input, kind, None, &mut |item| {
///     if let What::Body(_, told) = item.what {
///         titles.extend(told.metadata.title.map(|title| title.value));
///     }
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!((kind, titles, report.cut), (Kind::Feed, vec!["头条".to_owned()], None));
/// # Ok::<(), import::ImportError>(())
/// ```
///
/// # Errors
/// The input as a whole cannot be read. What is wrong with one item is in that item, what breaks the reading off in the
/// report.
pub fn open(input: &Input, kind: Kind, place: Option<&Place>, sink: Sink<'_>) -> Result<Report, ImportError> {
    let name = input.name();
    let whole = || input.whole(PAGE_CAP);
    let single = |item: Item, report: Report, sink: Sink<'_>| {
        let _ = sink(item);
        Ok(report)
    };
    match kind {
        Kind::Page => single(page(input, whole()?, place)?, Report::default(), sink),
        Kind::Post => {
            let raw = RawPage::from_bytes(whole()?, None, origin(input), None);
            single(item(What::Post(raw), around(place, None)), Report::default(), sink)
        }
        Kind::Mhtml => single(mhtml::read(&whole()?, name)?, Report::default(), sink),
        Kind::Bookmarks => {
            let (found, left_out) = url_list::bookmarks(&whole()?);
            single(
                item(What::UrlList(found), Arc::new(Nothing)),
                lines_left_out(left_out, "link that is not a web URL"),
                sink,
            )
        }
        Kind::List => {
            let (found, left_out) = url_list::list(&String::from_utf8_lossy(&whole()?));
            single(
                item(What::UrlList(found), Arc::new(Nothing)),
                lines_left_out(left_out, "line that is not a web URL"),
                sink,
            )
        }
        Kind::Wxr => wxr::read(input, sink),
        Kind::Feed => feed::read(input, sink),
        Kind::Warc => captures::warc(input, sink),
        Kind::Zip => {
            let archive = pack::Archive::zip(input)?;
            match captures::wacz(&archive, name, sink) {
                Some(report) => report,
                None => Ok(pack::read(archive, name, sink)),
            }
        }
        Kind::Tar => {
            let (archive, cut) = pack::Archive::tar(input)?;
            Ok(Report { cut, ..pack::read(archive, name, sink) })
        }
    }
}

fn lines_left_out(count: u64, what: &str) -> Report {
    let mut report = Report::default();
    if count > 0 {
        report.left_out.insert(what.to_owned(), count);
    }
    report
}

fn item(what: What, around: Arc<dyn Around>) -> Item {
    Item { name: PathBuf::new(), what, around, losses: Vec::new() }
}

fn around(place: Option<&Place>, url: Option<Url>) -> Arc<dyn Around> {
    match place {
        Some(place) => Arc::new(Beside::new(Arc::clone(&place.files), &place.page, url)),
        None => Arc::new(Nothing),
    }
}

fn origin(input: &Input) -> Origin {
    match input.path() {
        Some(path) => Origin::File(path.to_owned()),
        None => Origin::Import(input.name().to_owned()),
    }
}

fn page(input: &Input, bytes: Vec<u8>, place: Option<&Place>) -> Result<Item, ImportError> {
    check(&bytes, input.name())?;
    let url = source_url(&bytes);
    let bytes = match single_file::settled(&bytes) {
        Cow::Owned(settled) => settled,
        Cow::Borrowed(_) => bytes,
    };
    let is_body = is_fragment(&bytes);
    let raw = RawPage::from_bytes(bytes, url.clone(), origin(input), None);
    let what = if is_body { What::Body(raw, Box::default()) } else { What::Page(raw) };
    Ok(item(what, around(place, url)))
}

/// The body of an article without a page around it: none of the tags that only a page or its furniture has.
fn is_fragment(bytes: &[u8]) -> bool {
    const OF_PAGES: [&[u8]; 12] = [
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
    let is_ascii = bytes.contains(&b'<');
    is_ascii
        && !memchr::memchr_iter(b'<', bytes).any(|at| {
            let tag = &bytes[at..bytes.len().min(at + 10)];
            OF_PAGES.iter().any(|name| tag.len() >= name.len() && tag[..name.len()].eq_ignore_ascii_case(name))
        })
}

/// The bytes of the image that a saved page means by `written` (an `src` such as `页面_files/a.jpg`). Only files inside
/// `root` are read.
pub fn beside(root: &Path, page: &Path, written: &str) -> Result<Vec<u8>, ImportError> {
    let place = page.strip_prefix(root).unwrap_or(page).to_string_lossy().replace('\\', "/");
    let image = ImageRef {
        url: written.to_owned(),
        written: written.to_owned(),
        alternatives: Vec::new(),
        referrer_policy: ReferrerPolicy::default(),
    };
    let around = Beside::new(Arc::new(OnDisk::new(root, IMAGE_CAP)), &place, None);
    around.image(&image).ok_or_else(|| ImportError::NotBeside { written: written.chars().take(200).collect() })
}

/// Reads a saved page of at most `cap` bytes. Without `url`, its URL is looked for in the page itself.
pub fn read(path: &Path, cap: u64, url: Option<Url>, captured: Option<Timestamp>) -> Result<RawPage, ImportError> {
    let name = path.display().to_string();
    let bytes = bounded(path, cap)?;
    check(&bytes, &name)?;
    let url = url.or_else(|| source_url(&bytes));
    Ok(RawPage::from_bytes(bytes, url, Origin::File(PathBuf::from(path)), captured))
}

/// The same for bytes from elsewhere; `name` is what to call them in errors.
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

/// A file's bytes, never more than `cap` of them in memory.
fn bounded(path: &Path, cap: u64) -> Result<Vec<u8>, ImportError> {
    let name = || path.display().to_string();
    let fail = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => ImportError::Missing { name: name() },
        _ => ImportError::Unreadable { name: name(), source },
    };
    // Told before opening: to open a pipe waits for a writer.
    if !std::fs::metadata(path).map_err(fail)?.is_file() {
        return Err(ImportError::NotAFile { name: name() });
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(fail)?;
    file.take(cap.saturating_add(1)).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > cap {
        return Err(ImportError::TooLarge { name: name(), cap });
    }
    Ok(bytes)
}

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
    // UTF-16 has zero bytes and a mark in front; any other text has none of either.
    let has_mark = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if !has_mark && bytes.iter().take(4096).any(|&byte| byte == 0) {
        return not_html("binary data".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_page_is_read_whole_with_its_url() {
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
    fn what_is_no_page_is_told_by_name_cause_and_next_step() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            read(&path, 100, None, None).unwrap_err().to_string().replace(&dir.path().display().to_string(), "")
        };
        assert_eq!(
            at("a.pdf", b"%PDF-1.7"),
            "/a.pdf is a PDF file, not an HTML page; give the page that it belongs to"
        );
        assert_eq!(at("b", b"\0\x01\x02"), "/b is binary data, not an HTML page; give the page that it belongs to");
        assert_eq!(at("c", b" \n"), "/c is empty; save the page again");
        assert!(at("d", &[b'x'; 101]).contains("larger than 100 bytes"));
        assert!(
            read(dir.path(), 9, None, None).unwrap_err().to_string().ends_with("is no file; name the HTML file itself")
        );
        assert_eq!(read(&dir.path().join("e"), 9, None, None).unwrap_err().kind(), "missing");
    }
}
