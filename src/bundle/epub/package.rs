//! The package document: metadata, manifest and reading order.

use std::collections::BTreeSet;

use crate::frontmatter;
use crate::model::{Digest, Timestamp};

use super::super::stored::StoredText;
use super::super::xhtml::escaped;
use super::contents::{self, Listed};

/// The path of the package document.
pub(super) const PACKAGE: &str = "EPUB/package.opf";

/// Leads to the package document.
pub(super) const CONTAINER_XML: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
    <container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\">\n<rootfiles>\n\
    <rootfile full-path=\"EPUB/package.opf\" media-type=\"application/oebps-package+xml\"/>\n</rootfiles>\n</container>\n";

/// The maximum number of languages, authors, sites, keywords and URLs that a book lists of each.
const MAX_LISTED: usize = 50;

/// A file of the book.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub id: String,
    /// Its path below the folder of the package document.
    pub href: String,
    pub media_type: &'static str,
    /// What it is beyond its type; empty for nothing.
    pub properties: &'static str,
}

impl Item {
    pub fn new(id: impl Into<String>, href: impl Into<String>, media_type: &'static str) -> Self {
        Self { id: id.into(), href: href.into(), media_type, properties: "" }
    }

    pub fn with_properties(self, properties: &'static str) -> Self {
        Self { properties, ..self }
    }
}

/// What the articles of a book say about themselves, each value once.
#[derive(Debug, Default)]
pub(super) struct BookMetadata {
    languages: Vec<String>,
    authors: Vec<String>,
    sites: Vec<String>,
    rights: Vec<String>,
    tags: Vec<String>,
    urls: Vec<String>,
    /// The days of publication.
    days: BTreeSet<String>,
}

impl BookMetadata {
    /// Adds what an article says.
    pub fn add(&mut self, stored: &StoredText<'_>) {
        let record = &stored.entry.record;
        let tags = frontmatter::read_fields(stored.parts().0).tags;
        add(&mut self.languages, [stored.language()]);
        add(&mut self.authors, record.authors.iter().cloned());
        add(&mut self.sites, record.site.iter().cloned());
        add(&mut self.rights, stored.newest.metadata.rights.iter().cloned());
        add(&mut self.tags, tags);
        add(&mut self.urls, stored.url().map(String::from));
        self.days.extend(record.published.as_ref().map(|date| date.day().to_string()));
    }

    /// Returns the language of the first article.
    pub fn language(&self) -> &str {
        self.languages.first().map_or("und", String::as_str)
    }
}

/// Appends values that are not blank and not known, up to the number that a book lists.
fn add(known: &mut Vec<String>, values: impl IntoIterator<Item = String>) {
    for value in values {
        if known.len() < MAX_LISTED && !value.trim().is_empty() && !known.contains(&value) {
            known.push(value);
        }
    }
}

/// Returns the identifier of a book: a UUID of version 8 from the keys of its articles, which stays when their texts change.
pub(super) fn identifier(chapters: &[Listed]) -> String {
    let keys: Vec<&str> =
        chapters.iter().map(|chapter| chapter.key().map_or(chapter.folder.as_str(), |key| key.as_str())).collect();
    let hex = Digest::of(keys.join("\n").as_bytes()).hex();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
    format!("urn:uuid:{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// What a package document is written from.
pub(super) struct Package<'p> {
    pub id: &'p str,
    pub title: &'p str,
    pub modified: Timestamp,
    pub metadata: &'p BookMetadata,
    pub items: &'p [Item],
    /// The number of chapters.
    pub chapters: usize,
}

/// Returns the package document.
pub(super) fn opf(package: &Package<'_>) -> String {
    let metadata = package.metadata;
    let language = escaped(metadata.language());
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"id\" xml:lang=\"{language}\">\n\
         <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n\
         <dc:identifier id=\"id\">{}</dc:identifier>\n<dc:title>{}</dc:title>\n",
        package.id,
        escaped(package.title)
    );
    let mut add = |name: &str, values: &mut dyn Iterator<Item = &String>| {
        values.for_each(|value| out.push_str(&format!("<dc:{name}>{}</dc:{name}>\n", escaped(value))));
    };
    add("language", &mut metadata.languages.iter());
    add("creator", &mut metadata.authors.iter());
    add("publisher", &mut metadata.sites.iter());
    // A book has one date.
    add("date", &mut metadata.days.iter().next_back().into_iter());
    add("source", &mut metadata.urls.iter());
    add("rights", &mut metadata.rights.iter());
    add("subject", &mut metadata.tags.iter());
    out.push_str(&format!(
        "<meta property=\"dcterms:modified\">{}</meta>\n<meta name=\"cover\" content=\"{}\"/>\n</metadata>\n<manifest>\n",
        package.modified,
        package.items.iter().find(|item| item.properties == "cover-image").map_or("cover", |item| item.id.as_str())
    ));
    for item in package.items {
        let properties = match item.properties {
            "" => String::new(),
            properties => format!(" properties=\"{properties}\""),
        };
        let (id, href, media_type) = (&item.id, &item.href, item.media_type);
        out.push_str(&format!("<item id=\"{id}\" href=\"{href}\" media-type=\"{media_type}\"{properties}/>\n"));
    }
    out.push_str("</manifest>\n<spine toc=\"ncx\">\n<itemref idref=\"cover\"/>\n");
    // A list of one chapter is of use to programs only.
    if package.chapters > 1 {
        out.push_str("<itemref idref=\"nav\"/>\n");
    }
    let files: BTreeSet<&str> = package.items.iter().map(|item| item.href.as_str()).collect();
    let written = |at: &usize| files.contains(contents::file(*at).as_str());
    for at in (0..package.chapters).filter(written) {
        out.push_str(&format!("<itemref idref=\"c{}\"/>\n", at + 1));
    }
    out + "</spine>\n</package>\n"
}
