//! Lists of URLs: bookmarks as browsers export them, and plain lists.

use jiff::Timestamp;

use super::item::ListedUrl;
use super::source_url::web_url;
use crate::html::text::collapse;
use crate::html::{Edge, ElementRef, Page};
use crate::model::{Origin, RawPage};

/// The URLs of a list.
#[derive(Debug, Default)]
pub(super) struct UrlsRead {
    pub urls: Vec<ListedUrl>,
    /// The number of entries without a web URL.
    pub left_out: u64,
    /// Where and why reading stopped early; `None` when all was read.
    pub cut: Option<String>,
}

/// Reads the URLs of a Netscape bookmark file, in its order. Other links (`place:`, `javascript:`, a browser's own pages)
/// are left out; the second value is their number.
/// <https://learn.microsoft.com/en-us/previous-versions/windows/internet-explorer/ie-developer/platform-apis/aa753582(v=vs.85)>
pub fn bookmarks(bytes: &[u8]) -> (Vec<ListedUrl>, u64) {
    let raw = RawPage::from_bytes(bytes.to_vec(), None, Origin::Replay, None);
    let page = Page::parse(&raw);
    let is_flat = page.elements_named("dl").next().is_none();
    let mut reader = BookmarkReader { is_flat, ..BookmarkReader::default() };
    for edge in page.dom.root().traverse() {
        match edge {
            Edge::Open(node) => {
                let Some(element) = ElementRef::wrap(node) else {
                    if let Some(text) = node.value().as_text() {
                        reader.text(&text.text);
                    }
                    continue;
                };
                reader.open(&element);
            }
            Edge::Close(node) => {
                if let Some(element) = node.value().as_element() {
                    reader.close(element.name());
                }
            }
        }
    }
    (reader.found, reader.left_out)
}

/// Assembles bookmarks from the elements of a page.
#[derive(Default)]
struct BookmarkReader {
    found: Vec<ListedUrl>,
    left_out: u64,
    /// True for an export of Pocket or Instapaper, whose lists are `ul` or `ol` elements without nesting.
    is_flat: bool,
    /// The names of the open folders, outermost first; None for a list without a heading.
    folders: Vec<Option<String>>,
    /// The heading before the next list.
    heading: Option<String>,
    /// The open heading, link or description, with its text so far.
    open_text: Option<(Field, String)>,
}

/// What a piece of text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Heading,
    Title,
    Description,
}

impl BookmarkReader {
    fn open(&mut self, element: &ElementRef<'_>) {
        match element.value().name() {
            "dl" => {
                self.finish();
                self.folders.push(self.heading.take());
            }
            "dt" => self.finish(),
            // Pocket and Instapaper write a list for each state, after an `h1` heading.
            "ul" | "ol" => {
                self.finish();
                self.folders.push(self.heading.take());
            }
            "h1" if self.folders.is_empty() && self.is_flat => {
                self.finish();
                self.open_text = Some((Field::Heading, String::new()));
            }
            "h3" => {
                self.finish();
                self.open_text = Some((Field::Heading, String::new()));
            }
            "a" => {
                self.finish();
                self.link(element);
            }
            "dd" => {
                self.finish();
                self.open_text = Some((Field::Description, String::new()));
            }
            // Browsers write the lines of a description with `br`.
            "br" => self.text("\n"),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match (name, self.open_text.as_ref().map(|(field, _)| *field)) {
            ("dl" | "ul" | "ol", _) => {
                self.finish();
                self.folders.pop();
            }
            ("h1" | "h3", Some(Field::Heading)) | ("a", Some(Field::Title)) | ("dd", Some(Field::Description)) => {
                self.finish()
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, so_far)) = &mut self.open_text {
            so_far.push_str(text);
        }
    }

    fn link(&mut self, element: &ElementRef<'_>) {
        let href = stripped(element.attr("href").unwrap_or_default());
        if web_url(href).is_none() {
            self.left_out += 1;
            return;
        }
        let folder = self.folders.iter().flatten().cloned().collect::<Vec<_>>().join("/");
        let tags = element.attr("tags").unwrap_or_default().split(',').map(str::trim).filter(|tag| !tag.is_empty());
        self.found.push(ListedUrl {
            url: href.to_owned(),
            added: ["add_date", "time_added"].iter().find_map(|name| instant(element.attr(name)?)),
            tags: tags.map(str::to_owned).collect(),
            folder: Some(folder).filter(|folder| !folder.is_empty()),
            ..ListedUrl::default()
        });
        self.open_text = Some((Field::Title, String::new()));
    }

    /// Stores the open text as complete.
    fn finish(&mut self) {
        let Some((field, text)) = self.open_text.take() else { return };
        let text = match field {
            Field::Description => text.lines().map(collapse).collect::<Vec<_>>().join("\n").trim().to_owned(),
            _ => collapse(&text),
        };
        if text.is_empty() {
            return;
        }
        match (field, self.found.last_mut()) {
            (Field::Heading, _) => self.heading = Some(text),
            (Field::Title, Some(last)) => last.title = Some(text),
            (Field::Description, Some(last)) => last.description = Some(text),
            _ => {}
        }
    }
}

/// Converts a time since 1970 in seconds, milliseconds or microseconds to RFC 3339; None for an invalid time and for one
/// before 1990.
pub(super) fn instant(digits: &str) -> Option<String> {
    let number: i64 = digits.trim().parse().ok()?;
    let seconds = if number >= 100_000_000_000_000 {
        number / 1_000_000
    } else if number >= 100_000_000_000 {
        number / 1_000
    } else {
        number
    };
    let after_1990 = seconds > 631_152_000;
    Timestamp::from_second(seconds).ok().filter(|_| after_1990).map(|instant| instant.to_string())
}

/// Parses a time in seconds since 1970, in a form of RFC 3339, or in that of mail; None for other forms.
pub(super) fn time(text: &str) -> Option<String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return instant(text);
    }
    let written = [text.to_owned(), format!("{text}Z"), format!("{text}T00:00:00Z")];
    let time = written.iter().find_map(|text| text.parse::<Timestamp>().ok());
    let mail = || jiff::fmt::rfc2822::parse(text).ok().map(|time| time.timestamp());
    time.or_else(mail).map(|time| time.to_string())
}

/// Reads the URLs of a plain list, in its order. A line holds a URL, which a title may follow, or a [`ListedUrl`] as a JSON
/// object; `#` at the beginning of a line or after white space begins a comment. The second value is the number of other
/// lines.
pub fn list(text: &str) -> (Vec<ListedUrl>, u64) {
    let mut left_out = 0;
    let mut found = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match listed_url(line) {
            Some(url) => found.push(url),
            None => left_out += 1,
        }
    }
    (found, left_out)
}

/// Parses one line of a list; None when it is not a web URL.
pub fn listed_url(line: &str) -> Option<ListedUrl> {
    let mut listed = if line.starts_with('{') {
        serde_json::from_str::<ListedUrl>(line).ok()?
    } else {
        let line = without_comment(line);
        let (url, title) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let title = Some(title.trim().to_owned()).filter(|title| !title.is_empty());
        ListedUrl { url: url.to_owned(), title, ..ListedUrl::default() }
    };
    listed.url = stripped(&listed.url).to_owned();
    web_url(&listed.url).is_some().then_some(listed)
}

/// Returns a line of a list without the comment at its end. A `#` within a word, as in a URL, begins none.
pub fn without_comment(line: &str) -> &str {
    let begins = |at: &usize| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
    let end = line.match_indices('#').map(|(at, _)| at).find(begins);
    line[..end.unwrap_or(line.len())].trim_end()
}

/// Removes the characters at both ends that URL parsers ignore (<https://url.spec.whatwg.org/#url-parsing>).
pub(super) fn stripped(url: &str) -> &str {
    url.trim_matches(|c: char| c.is_whitespace() || c.is_control())
}

/// Returns URLs as lines of JSON.
pub fn jsonl(urls: &[ListedUrl]) -> String {
    // Serialising strings and lists of strings cannot fail.
    let line = |url| serde_json::to_string(url).unwrap_or_default() + "\n";
    urls.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset=UTF-8\">\n\
<TITLE>Bookmarks</TITLE>\n<H1>Bookmarks Menu</H1>\n\n<DL><p>\n\
    <DT><A HREF=\"place:type=6&sort=14\" ADD_DATE=\"1546300800\">Recent</A>\n\
    <DT><H3 ADD_DATE=\"1546300800\">新闻 &amp; 评论</H3>\n    <DD>a folder's note\n    <DL><p>\n\
        <DT><A HREF=\"https://example.cn/一?a=1&amp;b=2\" ADD_DATE=\"1546300800123456\" TAGS=\"历史,老城\">老城的\n 铺子</A>\n\
        <DD>第一行\n第二行 &lt;b&gt;\n\
        <DT><H3>内层</H3>\n        <DL><p>\n            <DT><A HREF=\"http://example.org/\" ADD_DATE=\"0\"></A>\n        </DL><p>\n\
    </DL><p>\n    <HR>\n    <DT><A HREF=\"javascript:alert(1)\">x</A>\n    <DT><A HREF=\"https://example.org/top\">Top</A>\n</DL>\n";

    #[test]
    fn bookmarks_keep_title_time_tags_folder_and_description() {
        let (found, left_out) = bookmarks(FILE.as_bytes());
        assert_eq!(left_out, 2);
        assert_eq!(found.len(), 3, "{found:#?}");
        assert_eq!(
            found[0],
            ListedUrl {
                url: "https://example.cn/一?a=1&b=2".into(),
                title: Some("老城的 铺子".into()),
                added: Some("2019-01-01T00:00:00Z".into()),
                tags: vec!["历史".into(), "老城".into()],
                folder: Some("新闻 & 评论".into()),
                description: Some("第一行\n第二行 <b>".into()),
                kind: None,
            }
        );
        assert_eq!((found[1].folder.as_deref(), found[1].added.as_deref()), (Some("新闻 & 评论/内层"), None));
        assert_eq!((found[2].folder.as_deref(), found[2].title.as_deref()), (None, Some("Top")));
    }

    #[test]
    fn an_export_of_pocket_is_read_as_bookmarks() {
        let file = "<!DOCTYPE html><html><!--x--><head><title>Pocket Export</title></head><body><h1>Unread</h1><ul>\
            <li><a href=\"https://example.cn/1\" time_added=\"1546300800\" tags=\"老城\">铺子</a></li></ul>\
            <h1>Read Archive</h1><ul><li><a href=\"https://example.cn/2\" time_added=\"\" tags=\"\">x</a></li></ul></body></html>";
        assert_eq!(super::super::Kind::detect(file.as_bytes()), Some(super::super::Kind::Bookmarks));
        let (found, _) = bookmarks(file.as_bytes());
        let folders: Vec<_> = found.iter().map(|found| found.folder.as_deref().unwrap()).collect();
        assert_eq!(folders, ["Unread", "Read Archive"]);
        assert_eq!((found[0].added.as_deref(), found[0].tags.len()), (Some("2019-01-01T00:00:00Z"), 1));
        let file = "<!DOCTYPE html><html><head><title>Instapaper: Export</title></head><body><h1>Unread</h1>\n<ol>\n\
            <li><a href=\"https://example.cn/1\">铺子</a></ol><h1>Archive</h1><ol><li><a href=\"https://example.cn/2\">x</a></ol>";
        assert_eq!(super::super::Kind::detect(file.as_bytes()), Some(super::super::Kind::Bookmarks));
        let (found, _) = bookmarks(file.as_bytes());
        let folders: Vec<_> = found.iter().map(|found| found.folder.as_deref().unwrap()).collect();
        assert_eq!(folders, ["Unread", "Archive"]);
    }

    #[test]
    fn plain_and_json_lines_are_read_and_written_back() {
        let text = "\u{feff}# 读过\nhttps://example.cn/1  题 目\n{\"url\":\"https://example.cn/2\",\"tags\":[\"a\"]}\nnonsense\n";
        let (found, left_out) = list(text);
        assert_eq!((found.len(), left_out), (2, 1));
        assert_eq!(found[0].title.as_deref(), Some("题 目"));
        assert_eq!(list(&jsonl(&found)), (found, 0));
    }

    #[test]
    fn a_comment_may_follow_a_url_and_a_fragment_is_part_of_it() {
        let text = "https://example.cn/1 # the first\nhttps://example.cn/2#part\t# 第二\nhttps://example.cn/3 题 # x\n";
        let (found, left_out) = list(text);
        let lines: Vec<_> = found.iter().map(|url| (url.url.as_str(), url.title.as_deref())).collect();
        let wanted =
            [("https://example.cn/1", None), ("https://example.cn/2#part", None), ("https://example.cn/3", Some("题"))];
        assert_eq!((lines.as_slice(), left_out), (wanted.as_slice(), 0));
    }
}
