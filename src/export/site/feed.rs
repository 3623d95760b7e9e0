//! The newest articles as an Atom feed (RFC 4287), with their full texts.

use std::collections::BTreeSet;

use url::Url;

use crate::archive::Archive;
use crate::bundle::{self, escaped};
use crate::model::{Digest, Timestamp};

use super::super::article::{self, Articles};
use super::article::{body, page_href};
use super::frame::FEED;
use super::listed::Listed;

/// The number of articles of the feed.
const NEWEST: usize = 20;

/// What a feed is made of.
pub(super) struct Feed<'f> {
    pub archive: &'f Archive,
    pub articles: &'f Articles,
    /// Images that are damaged, as paths below the archive.
    pub damaged: &'f BTreeSet<String>,
    pub title: &'f str,
    /// The URL of the front page; None for a feed whose links are relative to it.
    pub url: Option<&'f Url>,
}

impl Feed<'_> {
    /// Returns the feed of the newest of some articles, which stand from the oldest to the newest.
    pub fn atom(&self, listed: &[Listed]) -> String {
        let root = self.url.map(folder).unwrap_or_default();
        let mut updated = Timestamp::from_second(0);
        let mut entries = String::new();
        for article in listed.iter().rev().take(NEWEST) {
            if let Some((entry, captured)) = self.entry(article, &root) {
                entries.push_str(&entry);
                updated = updated.max(Some(captured));
            }
        }
        let updated = updated.map(|at| at.to_string()).unwrap_or_default();
        let title = escaped(self.title);
        // Without an address, feeds differ by their titles.
        let id = match self.url {
            Some(_) => escaped(&format!("{root}{FEED}")),
            None => format!("urn:sha256:{}", Digest::of(format!("site\n{}", self.title).as_bytes())),
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
             <title>{title}</title>\n<id>{id}</id>\n<link rel=\"self\" href=\"{root}{FEED}\"/>\n\
             <link href=\"{root}index.html\"/>\n<updated>{updated}</updated>\n<generator>bindery</generator>\n\
             <author><name>{title}</name></author>\n{entries}</feed>\n",
            root = escaped(&root),
        )
    }

    /// Returns the entry of an article and the time of its capture; None if its text cannot be read.
    fn entry(&self, listed: &Listed, root: &str) -> Option<(String, Timestamp)> {
        let entry = self.archive.entry(&listed.folder).ok()?;
        let text = article::read(self.archive.root(), &entry).ok()?;
        let captured = entry.record.newest()?.captured;
        let (content, _) = body(&text, &entry, self.articles, self.damaged, root);
        let record = &entry.record;
        let authors: String =
            record.authors.iter().map(|name| format!("<author><name>{}</name></author>\n", escaped(name))).collect();
        let tags: String = listed.tags.iter().map(|tag| format!("<category term=\"{}\"/>\n", escaped(tag))).collect();
        let published = record.published.as_ref().and_then(|date| date.instant());
        let published = published.map(|at| format!("<published>{at}</published>\n")).unwrap_or_default();
        let source = bundle::url_of(record).filter(|url| matches!(url.scheme(), "http" | "https"));
        let via = source.map(|url| format!("<link rel=\"via\" href=\"{}\"/>\n", escaped(url.as_str())));
        let text = format!(
            "<entry xml:lang=\"{}\">\n<title>{}</title>\n<id>urn:sha256:{}</id>\n<link href=\"{}\"/>\n{}\
             <updated>{captured}</updated>\n{published}{authors}{tags}<content type=\"html\">{}</content>\n</entry>\n",
            escaped(&listed.language),
            escaped(&listed.title),
            Digest::of(listed.folder.as_bytes()),
            escaped(&page_href(root, &listed.page)),
            via.unwrap_or_default(),
            escaped(&content),
        );
        Some((text, captured))
    }
}

/// Returns the folder of a front page, as the beginning of the addresses of a site.
fn folder(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let text = url.to_string();
    match text.rsplit_once('/') {
        Some((folder, file)) if file.contains('.') && folder.contains("://") && !folder.ends_with('/') => {
            format!("{folder}/")
        }
        _ if text.ends_with('/') => text,
        _ => format!("{text}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_begins_with_the_folder_of_the_front_page() {
        for (url, wanted) in [
            ("https://example.org", "https://example.org/"),
            ("https://example.org/kept", "https://example.org/kept/"),
            ("https://example.org/kept/index.html?x#y", "https://example.org/kept/"),
        ] {
            assert_eq!(folder(&Url::parse(url).unwrap()), wanted);
        }
    }
}
