//! Lists of URLs in XML: feeds (OPML), sitemaps, and bookmarks of Pinboard.

use super::error::ImportError;
use super::input::Input;
use super::item::{ListedKind, ListedUrl};
use super::source_url::web_url;
use super::url_list::{UrlsRead, stripped, time};
use super::xml::{self, Visitor};
use crate::html::text::collapse;

/// Reads the feeds of an OPML file. <https://opml.org/spec2.opml>
///
/// # Errors
/// It cannot be opened.
pub(super) fn opml(input: &Input) -> Result<UrlsRead, ImportError> {
    let mut reader = OpmlReader::default();
    let ended = xml::visit(input.stream()?, &mut reader);
    let cut = ended.err().map(|cause| format!("after {} feeds: {cause}", reader.read.urls.len()));
    Ok(UrlsRead { cut, ..reader.read })
}

/// Reads the URLs of a sitemap, or of an index of sitemaps. <https://www.sitemaps.org/protocol.html>
///
/// # Errors
/// It cannot be opened.
pub(super) fn sitemap(input: &Input) -> Result<UrlsRead, ImportError> {
    let mut reader = SitemapReader::default();
    let ended = xml::visit(input.stream()?, &mut reader);
    let cut = ended.err().map(|cause| format!("after {} URLs: {cause}", reader.read.urls.len()));
    Ok(UrlsRead { cut, ..reader.read })
}

/// Adds a URL, or counts it when it is not one of the web.
fn add(read: &mut UrlsRead, listed: ListedUrl) {
    let url = stripped(&listed.url).to_owned();
    match web_url(&url) {
        Some(_) => read.urls.push(ListedUrl { url, ..listed }),
        None => read.left_out += 1,
    }
}

fn words(text: &str) -> Option<String> {
    Some(collapse(text)).filter(|text| !text.is_empty())
}

#[derive(Default)]
struct OpmlReader {
    read: UrlsRead,
    /// The names of the open outlines.
    folders: Vec<Option<String>>,
}

impl Visitor for OpmlReader {
    fn open(&mut self, path: &[String], attributes: &[(String, String)]) {
        if path.last().is_none_or(|name| name != "outline") {
            return;
        }
        let get = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let title = ["title", "text"].iter().find_map(|name| words(get(name)?));
        let url = ["xmlurl", "url", "htmlurl"].iter().find_map(|name| get(name).filter(|url| !url.trim().is_empty()));
        if let Some(url) = url {
            let folder = self.folders.iter().flatten().cloned().collect::<Vec<_>>().join("/");
            let tags = get("category").unwrap_or_default().split(',').map(|tag| tag.trim().trim_matches('/'));
            let listed = ListedUrl {
                url: url.to_owned(),
                title: title.clone(),
                added: get("created").and_then(time),
                tags: tags.filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
                folder: Some(folder).filter(|folder| !folder.is_empty()),
                description: get("description").and_then(words),
                kind: get("xmlurl").is_some_and(|feed| feed == url).then_some(ListedKind::Feed),
            };
            add(&mut self.read, listed);
        }
        self.folders.push(title.filter(|_| url.is_none()));
    }

    fn close(&mut self, path: &[String], _: &[(String, String)], _: &str) -> bool {
        if path.last().is_some_and(|name| name == "outline") {
            self.folders.pop();
        }
        false
    }
}

#[derive(Default)]
struct SitemapReader {
    read: UrlsRead,
    entry: ListedUrl,
}

impl Visitor for SitemapReader {
    fn open(&mut self, path: &[String], _: &[(String, String)]) {
        if path.len() == 2 {
            self.entry = ListedUrl::default();
        }
    }

    fn close(&mut self, path: &[String], _: &[(String, String)], text: &str) -> bool {
        let name = path.last().map(|name| name.rsplit(':').next().unwrap_or(name)).unwrap_or_default();
        match (path.len(), name) {
            (2, "url" | "sitemap") => {
                self.entry.kind = (name == "sitemap").then_some(ListedKind::Sitemap);
                add(&mut self.read, std::mem::take(&mut self.entry));
            }
            (3, "loc") => text.clone_into(&mut self.entry.url),
            (3, "lastmod") if self.entry.added.is_none() => self.entry.added = time(text.trim()),
            // The extension for news.
            (4, "title") => self.entry.title = words(text),
            (4, "publication_date") => self.entry.added = time(text.trim()).or(self.entry.added.take()),
            (4, "keywords") => {
                let tags = text.split(',').map(str::trim).filter(|tag| !tag.is_empty());
                self.entry.tags = tags.map(str::to_owned).collect();
            }
            _ => {}
        }
        false
    }
}

/// Receives the attributes of a bookmark; true ends the reading.
pub(super) type TakeAttributes<'a> = &'a mut dyn FnMut(&[(String, String)]) -> bool;

/// Passes on the attributes of each bookmark of a Pinboard export in XML. <https://pinboard.in/api#posts_all>
pub(super) struct PostReader<'a>(pub TakeAttributes<'a>);

impl Visitor for PostReader<'_> {
    fn open(&mut self, _: &[String], _: &[(String, String)]) {}

    fn close(&mut self, path: &[String], attributes: &[(String, String)], _: &str) -> bool {
        path.last().is_some_and(|name| name == "post") && (self.0)(attributes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_and_pages_of_a_site_keep_titles_folders_and_dates() {
        let file = "<?xml version='1.0'?><opml version='2.0'><head><title>订阅</title></head><body>\
            <outline text='河'><outline text='x' title='渡口 &amp; 船' type='rss' xmlUrl='https://a.example/f?x=1&amp;y' category='/a/b,c'/>\
            <outline text='坏' xmlUrl='feed:x'/></outline><outline text='灯' xmlUrl='https://b.example/f'>";
        let read = opml(&Input::memory(file.into(), "x")).unwrap();
        assert_eq!((read.urls.len(), read.left_out, read.cut.is_some()), (2, 1, true));
        assert_eq!(read.urls[0].url, "https://a.example/f?x=1&y");
        assert_eq!(read.urls[0].title.as_deref(), Some("渡口 & 船"));
        assert_eq!((read.urls[0].folder.as_deref(), read.urls[0].tags.join(" ")), (Some("河"), "a/b c".to_owned()));
        assert_eq!((read.urls[1].folder.as_deref(), read.urls[1].kind), (None, Some(ListedKind::Feed)));
        let file = "<?xml version='1.0'?><urlset xmlns='x'><url><loc>\n https://a.example/1\n</loc><lastmod>2024-03-18</lastmod>\
            <image:image><image:loc>https://a.example/1.png</image:loc></image:image><news:news><news:title>灯</news:title></news:news></url>\
            <url><loc>/2</loc></url></urlset>";
        let read = sitemap(&Input::memory(file.into(), "x")).unwrap();
        assert_eq!((read.urls.len(), read.left_out, read.cut), (1, 1, None));
        assert_eq!((read.urls[0].url.as_str(), read.urls[0].title.as_deref()), ("https://a.example/1", Some("灯")));
        assert_eq!(read.urls[0].added.as_deref(), Some("2024-03-18T00:00:00Z"));
    }
}
