//! The kind of an input, detected by its first bytes.

use std::ffi::OsStr;
use std::path::Path;

use super::beginnings::{
    has_content_column, has_content_field, is_bookmark_tree, is_csv_list, is_ghost, is_json, is_json_list, is_wallabag,
    xml_root,
};
use super::folder::is_page_name;
use super::input::DETECTION_BYTES;
use super::joplin_item;
use super::notion_name::NotionName;
use super::post::{self, PostText};
use crate::warc::begins_as_arc;

/// Extensions of files that never hold an article; such files are not opened.
const NOT_CONVERTIBLE: [&str; 54] = [
    "png", "jpg", "jpeg", "gif", "webp", "avif", "bmp", "ico", "svg", "tif", "tiff", "heic", "jxl", "css", "js", "mjs",
    "map", "woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4", "m4a", "m4v", "ogg", "wav", "webm", "mov", "avi", "mkv",
    "flv", "swf", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "exe", "dll", "so", "class", "jar", "apk",
    "iso", "dmg", "sqlite", "db", "cdx", "cdxj",
];

/// A kind of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An HTML page, as saved by a browser, by SingleFile or by a download tool; or a fragment of one.
    Page,
    /// A post of a static site: front matter, then a body.
    Post,
    /// A page with its images in one MIME message.
    Mhtml,
    /// A WordPress export.
    Wxr,
    /// An RSS, Atom or JSON Feed file.
    Feed,
    /// A WARC or ARC file.
    Warc,
    /// A ZIP file: a WACZ, or a folder of files.
    Zip,
    /// A tar file.
    Tar,
    /// Bookmarks as browsers and reading lists export them.
    Bookmarks,
    /// URLs, one a line.
    List,
    /// A list of saved URLs in CSV or JSON.
    ReadingList,
    /// A wallabag export.
    Wallabag,
    /// A Ghost export.
    Ghost,
    /// An Evernote export.
    Enex,
    /// An e-book in EPUB.
    Epub,
    /// A Joplin export: a tar file, or a folder of items.
    Joplin,
    /// A folder or ZIP file that Omnivore exported.
    Omnivore,
    /// A page in Markdown or a table in CSV of a Notion export.
    Notion,
    /// A list of feeds.
    Opml,
    /// A sitemap.
    Sitemap,
    /// A list of saved URLs in CSV or JSON with the texts of the articles.
    SavedArticles,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 21] = [
        Self::Page,
        Self::Post,
        Self::Mhtml,
        Self::Wxr,
        Self::Feed,
        Self::Warc,
        Self::Zip,
        Self::Tar,
        Self::Bookmarks,
        Self::List,
        Self::ReadingList,
        Self::Wallabag,
        Self::Ghost,
        Self::Enex,
        Self::Epub,
        Self::Joplin,
        Self::Omnivore,
        Self::Notion,
        Self::Opml,
        Self::Sitemap,
        Self::SavedArticles,
    ];

    /// Returns what files of this kind are, for a list of kinds.
    pub fn description(self) -> &'static str {
        match self {
            Self::Page => {
                "HTML pages as browsers, SingleFile and download tools save them; pages of Notion, Medium and Substack exports"
            }
            Self::Post => "posts of Hexo, Hugo, Jekyll and others: front matter, then HTML or Markdown",
            Self::Mhtml => "pages with their images in one file (.mhtml, .mht)",
            Self::Wxr => "WordPress exports (.xml)",
            Self::Feed => "RSS, Atom and JSON feeds; Blogger exports",
            Self::Warc => "web archives (.warc, .warc.gz, .arc, .arc.gz)",
            Self::Zip => "ZIP files of any of these; WACZ",
            Self::Tar => "tar files of any of these, also compressed",
            Self::Bookmarks => "bookmarks of browsers (.html, .json) and of Pocket (.html); they become a list of URLs",
            Self::List => "lists of URLs, one a line; they become a list of URLs with titles",
            Self::ReadingList => {
                "lists of Pocket, Instapaper, Raindrop, Readwise, Omnivore and others (.csv, .json); they become a list of URLs"
            }
            Self::Wallabag => "wallabag exports (.json)",
            Self::Ghost => "Ghost exports (.json)",
            Self::Enex => "Evernote exports (.enex)",
            Self::Epub => "e-books (.epub), a text for each chapter",
            Self::Joplin => "Joplin exports (.jex, and folders exported as RAW)",
            Self::Omnivore => "Omnivore exports (.zip, or unpacked): lists, texts and highlights",
            Self::Notion => "pages in Markdown and databases in CSV of Notion exports",
            Self::Opml => "lists of feeds (.opml); they become a list of URLs",
            Self::Sitemap => "sitemaps (.xml); they become a list of URLs",
            Self::SavedArticles => "articles of Readwise Reader, wallabag and others with their texts (.csv, .json)",
        }
    }

    /// Returns its name, for messages and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Post => "post",
            Self::Mhtml => "mhtml",
            Self::Wxr => "wordpress",
            Self::Feed => "feed",
            Self::Warc => "warc",
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::Bookmarks => "bookmarks",
            Self::List => "list",
            Self::ReadingList => "reading-list",
            Self::Wallabag => "wallabag",
            Self::Ghost => "ghost",
            Self::Enex => "enex",
            Self::Epub => "epub",
            Self::Joplin => "joplin",
            Self::Omnivore => "omnivore",
            Self::Notion => "notion",
            Self::Opml => "opml",
            Self::Sitemap => "sitemap",
            Self::SavedArticles => "articles",
        }
    }

    /// Returns true for a kind with exactly one item.
    pub fn is_single(self) -> bool {
        matches!(self, Self::Page | Self::Post | Self::Mhtml | Self::Notion) || self.is_list()
    }

    /// Returns true for a kind that becomes a list of URLs.
    pub fn is_list(self) -> bool {
        matches!(self, Self::Bookmarks | Self::List | Self::ReadingList | Self::Opml | Self::Sitemap)
    }

    /// Detects the kind by the first bytes, after decompression; None for an unknown kind.
    pub fn detect(start: &[u8]) -> Option<Self> {
        // The first member of a book says what it is, uncompressed.
        if start.starts_with(b"PK\x03\x04") && start.get(30..58) == Some(b"mimetypeapplication/epub+zip") {
            return Some(Self::Epub);
        }
        if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
            return Some(Self::Zip);
        }
        if start.starts_with(b"WARC/") || begins_as_arc(start) {
            return Some(Self::Warc);
        }
        if is_tar(start) {
            let name = start[..100].split(|&byte| byte == 0).next().unwrap_or_default();
            let is_item = std::str::from_utf8(name).is_ok_and(joplin_item::is_item_name);
            return Some(if is_item { Self::Joplin } else { Self::Tar });
        }
        let text = text(start)?;
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let lower = text.get(..floor(text, 4096)).unwrap_or_default().to_ascii_lowercase();
        let is_flat = ["<title>pocket export</title>", "<title>instapaper: export</title>"];
        let is_flat = is_flat.iter().any(|title| lower.contains(title));
        if lower.starts_with("<!doctype netscape-bookmark-file") || is_flat || has_bookmarks(&lower) {
            return Some(Self::Bookmarks);
        }
        if let Some(root) = xml_root(&lower) {
            return match root.rsplit_once(':').map_or(root, |(prefix, name)| if prefix == "rdf" { root } else { name })
            {
                "rss" if text.contains("xmlns:wp=") || text.contains("<wp:wxr_version") => Some(Self::Wxr),
                "rss" | "feed" | "rdf:rdf" | "channel" => Some(Self::Feed),
                "en-export" => Some(Self::Enex),
                "opml" => Some(Self::Opml),
                "urlset" | "sitemapindex" => Some(Self::Sitemap),
                "posts" if lower.contains("<post ") && lower.contains("href=") => Some(Self::ReadingList),
                _ => None,
            };
        }
        if is_mime(text) {
            return Some(Self::Mhtml);
        }
        if begins_as_json_feed(text) {
            return Some(Self::Feed);
        }
        let extent = if start.len() >= DETECTION_BYTES { PostText::Truncated } else { PostText::Complete };
        if post::begins_as_post(text, extent) {
            return Some(Self::Post);
        }
        if is_list(text) {
            return Some(Self::List);
        }
        if is_json(text) {
            return json(text);
        }
        if is_csv_list(text) {
            return Some(if has_content_column(text) { Self::SavedArticles } else { Self::ReadingList });
        }
        is_markup(&lower).then_some(Self::Page)
    }
}

/// Returns the kind of a JSON export by its beginning; `None` for other JSON.
fn json(text: &str) -> Option<Kind> {
    if is_ghost(text) {
        Some(Kind::Ghost)
    } else if is_wallabag(text) {
        Some(Kind::Wallabag)
    } else if is_bookmark_tree(text) {
        Some(Kind::Bookmarks)
    } else {
        let kind = if has_content_field(text) { Kind::SavedArticles } else { Kind::ReadingList };
        is_json_list(text).then_some(kind)
    }
}

/// Returns true when a list of definitions has links or headings with the attribute that only bookmarks have.
fn has_bookmarks(lower: &str) -> bool {
    lower.contains("<dl")
        && lower.match_indices("<dt").any(|(at, _)| {
            let inner = lower[at + 3..].trim_start_matches('>').trim_start();
            let tag = inner.split('>').next().unwrap_or_default();
            (tag.starts_with("<a ") || tag.starts_with("<h3")) && tag.contains("add_date=")
        })
}

/// Returns true when a file of that name may hold something to convert.
pub fn looks_convertible(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    !NOT_CONVERTIBLE.iter().any(|other| extension.eq_ignore_ascii_case(other))
}

/// Returns what a file that is not read is called in a report, by its extension: `.docx file`. `None` for files that pages
/// refer to, such as images.
pub fn not_read(path: &Path) -> Option<String> {
    const OF_PAGES: [&str; 24] = [
        "png", "jpg", "jpeg", "gif", "webp", "avif", "bmp", "ico", "svg", "tif", "tiff", "heic", "jxl", "css", "js",
        "mjs", "map", "woff", "woff2", "ttf", "otf", "eot", "cdx", "cdxj",
    ];
    let extension: String =
        path.extension().and_then(OsStr::to_str).unwrap_or_default().to_lowercase().chars().take(12).collect();
    match extension.as_str() {
        "" => Some("file without an extension".to_owned()),
        extension if OF_PAGES.contains(&extension) => None,
        extension => Some(format!(".{extension} file")),
    }
}

/// Returns the kind of a file that was named: by its name in an export of Notion, else by its first bytes.
pub fn named_kind(path: &Path, start: &[u8]) -> Option<Kind> {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let is_text = !start.iter().take(4096).any(|&byte| byte == 0) && !start.starts_with(b"---");
    if is_text && NotionName::of(&name).is_some() { Some(Kind::Notion) } else { Kind::detect(start) }
}

/// Returns the kind of a file that was found in a folder: by its first bytes, and by its name where these decide nothing.
/// None for a file that is not converted.
pub fn kind_of(path: &Path, start: &[u8]) -> Option<Kind> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let is_markdown = [".md", ".markdown", ".mdx"].iter().any(|ending| name.ends_with(ending));
    match named_kind(path, start) {
        // A Markdown post is carried over; other text with lines of hyphens is nobody's post.
        Some(Kind::Post) if !is_markdown && !is_page_name(&name) => {
            // The start may end within a character; the last complete line is valid.
            let lines = start.iter().rposition(|&byte| byte == b'\n').map_or(start.len(), |at| at + 1);
            let body = post::post(start).or_else(|| post::post(&start[..lines])).map(|post| post.body);
            // Without the end of the front matter nothing is known about the body.
            body.is_none_or(post::is_html_body).then_some(Kind::Post)
        }
        Some(Kind::Page | Kind::List) if is_markdown => None,
        // Source code and notes contain tags too; only a page begins with one.
        Some(Kind::Page) if !is_page_name(&name) => {
            let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
            (start.trim_ascii_start().starts_with(b"<")
                || start.starts_with(b"\xff\xfe")
                || start.starts_with(b"\xfe\xff"))
            .then_some(Kind::Page)
        }
        Some(kind) => Some(kind),
        None if is_web_archive_name(path) => Some(Kind::Warc),
        // An empty or unknown file with the name of a page is reported as an invalid page.
        None => is_page_name(&name).then_some(Kind::Page),
    }
}

/// Returns true for the name of a WARC or ARC file. Its first record may be damaged, so that its bytes do not show it.
pub fn is_web_archive_name(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    [".warc", ".warc.gz", ".warc.zst", ".arc.gz"].iter().any(|ending| name.ends_with(ending))
}

/// Returns the largest character boundary not above `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Decodes the bytes well enough to find ASCII markers; None for binary data.
fn text(start: &[u8]) -> Option<String> {
    let (encoding, bom) = encoding_rs::Encoding::for_bom(start).unwrap_or(match start {
        [b'<', 0, ..] => (encoding_rs::UTF_16LE, 2),
        [0, b'<', ..] => (encoding_rs::UTF_16BE, 2),
        _ => (encoding_rs::UTF_8, 0),
    });
    if bom == 0 && start.iter().take(4096).any(|&byte| byte == 0) {
        return None;
    }
    Some(encoding.decode(start).0.into_owned())
}

/// Returns true for a tar header with the right checksum. <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html>
fn is_tar(start: &[u8]) -> bool {
    let Some(header) = start.get(..512) else { return false };
    let digits = String::from_utf8_lossy(&header[148..156]);
    let stated = u64::from_str_radix(digits.trim_matches(['\0', ' ']), 8);
    let sum = |range: std::ops::Range<usize>| header[range].iter().map(|&byte| u64::from(byte)).sum::<u64>();
    stated.is_ok_and(|stated| stated > 256 && stated == sum(0..148) + 8 * 32 + sum(156..512))
}

/// Returns true for the beginning of a JSON Feed.
pub fn begins_as_json_feed(text: &str) -> bool {
    text.starts_with('{') && text.contains("jsonfeed.org/version")
}

/// Returns true for the header of a MIME message: only header fields, one of which declares the version or an HTML type.
fn is_mime(text: &str) -> bool {
    let mut is_declared = false;
    for line in text.lines().take(60) {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let Some((name, value)) = line.split_once(':') else { return false };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return false;
        }
        let value = value.trim().to_ascii_lowercase();
        is_declared |= name.eq_ignore_ascii_case("content-type")
            && (value.starts_with("multipart/") || value.starts_with("text/html"));
        is_declared |= name.eq_ignore_ascii_case("mime-version");
    }
    is_declared
}

/// Returns true for a list of web URLs, one a line, with comments and empty lines. A title may follow a URL.
fn is_list(text: &str) -> bool {
    let is_url = |line: &str| {
        let line = line.to_ascii_lowercase();
        line.starts_with("http://") || line.starts_with("https://") || line.starts_with("{\"url\"")
    };
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).peekable();
    lines.peek().is_some() && lines.all(is_url)
}

/// Returns true when a tag that only HTML has is near the start.
fn is_markup(lower: &str) -> bool {
    const TAGS: [&str; 22] = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<title",
        "<meta",
        "<article",
        "<section",
        "<main",
        "<div",
        "<p>",
        "<p ",
        "<h1",
        "<h2",
        "<ul",
        "<ol",
        "<table",
        "<figure",
        "<blockquote",
        "<br",
        "<img ",
        "<span",
    ];
    TAGS.iter().any(|tag| lower.contains(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_detected_by_its_first_bytes() {
        for (start, kind) in [
            ("<!DOCTYPE html><p>x", Some(Kind::Page)),
            ("<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><html xmlns='y'>", Some(Kind::Page)),
            ("正文从这里开始<br>第二行", Some(Kind::Page)),
            ("\u{feff}\n---\ntitle: a\n---\n<p>x", Some(Kind::Post)),
            ("{\n \"title\": \"a\"\n}\n\n<p>x", Some(Kind::Post)),
            ("From: <Saved by Blink>\r\nMIME-Version: 1.0\r\n\r\n", Some(Kind::Mhtml)),
            ("Content-Type: multipart/related;\r\n\tboundary=x\r\n\r\n", Some(Kind::Mhtml)),
            (
                "<?xml version=\"1.0\"?>\n<!-- a -->\n<rss xmlns:wp=\"http://wordpress.org/export/1.2/\">",
                Some(Kind::Wxr),
            ),
            ("<?xml version=\"1.0\"?><?xml-stylesheet href='x'?><rss version='2.0'><channel>", Some(Kind::Feed)),
            ("<feed xmlns='http://www.w3.org/2005/Atom'>", Some(Kind::Feed)),
            ("<rdf:RDF xmlns='x'>", Some(Kind::Feed)),
            ("{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": []}", Some(Kind::Feed)),
            ("WARC/1.0\r\nWARC-Type: warcinfo\r\n", Some(Kind::Warc)),
            ("<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<META", Some(Kind::Bookmarks)),
            ("# 列表\nhttps://example.cn/一 题目\n\nHTTP://example.org\n", Some(Kind::List)),
            ("<svg xmlns='x'><p>", None),
            ("<?xml version='1.0'?><urlset>", Some(Kind::Sitemap)),
            ("<opml version='2.0'><head>", Some(Kind::Opml)),
            ("body { color: red }", None),
            ("{\"a\": 1}", None),
            ("Plain words: nothing else\n\nmore", None),
            ("", None),
        ] {
            assert_eq!(Kind::detect(start.as_bytes()), kind, "{start:?}");
        }
        assert_eq!(Kind::detect(b"PK\x03\x04rest"), Some(Kind::Zip));
        assert_eq!(Kind::detect(b"\x89PNG\r\n\x1a\n\0\0\0"), None);
        let utf16: Vec<u8> = "\u{feff}<html><p>x".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Kind::detect(&utf16), Some(Kind::Page));
    }

    #[test]
    fn a_tar_header_is_recognised_by_its_checksum() {
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_old();
        header.set_size(1);
        builder.append_data(&mut header, "a.html", &b"x"[..]).unwrap();
        let bytes = builder.into_inner().unwrap();
        assert_eq!(Kind::detect(&bytes), Some(Kind::Tar));
        assert_eq!(Kind::detect(&vec![0; 1024]), None);
    }
}
