//! The order of a book's chapters, and its tables of contents.

use std::collections::BTreeMap;

use crate::archive::Entry;
use crate::model::{Timestamp, UrlKey};

use super::super::stored::{day_of, origin_of, title_of};
use super::super::xhtml::escaped;

/// What is listed of an article before its text is read.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub folder: String,
    pub title: String,
    /// The day of publication, else that of the capture.
    pub day: String,
    /// The source that the article is listed under.
    pub origin: String,
    pub captured: Timestamp,
    /// The keys of its URLs, its own first.
    keys: Vec<UrlKey>,
}

impl Listed {
    pub fn of(entry: &Entry) -> Self {
        let captured = entry.record.newest().map(|newest| newest.captured);
        Self {
            folder: entry.folder.clone(),
            title: title_of(&entry.record).to_owned(),
            day: day_of(&entry.record),
            origin: origin_of(&entry.record),
            captured: captured.unwrap_or_else(super::default_date),
            keys: entry.record.keys().collect(),
        }
    }

    /// Returns the key of its own URL; None for a damaged record.
    pub fn key(&self) -> Option<&UrlKey> {
        self.keys.first()
    }
}

/// The chapters of a book in order: by source, and in each by day.
#[derive(Debug)]
pub(super) struct Outline {
    pub chapters: Vec<Listed>,
}

/// Returns the path of a chapter in the book.
pub(super) fn file(at: usize) -> String {
    format!("text/{:04}.xhtml", at + 1)
}

impl Outline {
    pub fn of(mut chapters: Vec<Listed>) -> Self {
        chapters.sort_by(|one, other| {
            let key = |listed: &Listed| (listed.origin.clone(), listed.day.clone(), listed.folder.clone());
            key(one).cmp(&key(other))
        });
        Self { chapters }
    }

    /// Returns the file of each article by the keys of its URLs; its own key counts before the aliases of others.
    pub fn files(&self) -> BTreeMap<UrlKey, String> {
        let mut files = BTreeMap::new();
        for own in [true, false] {
            for (at, chapter) in self.chapters.iter().enumerate() {
                let keys = if own { chapter.keys.get(..1) } else { chapter.keys.get(1..) };
                for key in keys.unwrap_or_default() {
                    files.entry(key.clone()).or_insert_with(|| file(at));
                }
            }
        }
        files
    }

    /// Returns the sources with the positions of their chapters.
    fn groups(&self) -> Vec<(&str, Vec<usize>)> {
        let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
        for (at, chapter) in self.chapters.iter().enumerate() {
            match groups.last_mut() {
                Some((origin, chapters)) if *origin == chapter.origin => chapters.push(at),
                _ => groups.push((&chapter.origin, vec![at])),
            }
        }
        groups
    }

    /// Returns the title of the book: that of the only article, else the sources.
    pub fn title(&self) -> String {
        if let [only] = self.chapters.as_slice() {
            return only.title.clone();
        }
        let groups = self.groups();
        let names: Vec<&str> = groups.iter().map(|(origin, _)| *origin).filter(|origin| !origin.is_empty()).collect();
        match names.as_slice() {
            [] => self.days(),
            [one] => format!("{one} {}", self.days()),
            [one, two] => format!("{one}, {two} {}", self.days()),
            [one, two, others @ ..] => format!("{one}, {two} +{} {}", others.len(), self.days()),
        }
    }

    /// Returns the line below the title on a typeset cover.
    pub fn subtitle(&self) -> String {
        match self.chapters.as_slice() {
            [only] => format!("{} {}", only.origin, only.day).trim().to_owned(),
            _ => format!("{}", self.chapters.len()),
        }
    }

    /// Returns the first and the last day.
    fn days(&self) -> String {
        let days = || self.chapters.iter().map(|chapter| chapter.day.as_str());
        let (first, last) = (days().min().unwrap_or_default(), days().max().unwrap_or_default());
        if first == last { first.to_owned() } else { format!("{first} – {last}") }
    }

    fn label(&self, at: usize) -> String {
        match self.chapters.as_slice() {
            [only] => escaped(&only.title),
            chapters => format!("{} ({})", escaped(&chapters[at].title), chapters[at].day),
        }
    }
}

/// Returns the table of contents of EPUB 3.
pub(super) fn nav(outline: &Outline, title: &str, language: &str) -> String {
    let heading = match language.get(..2) {
        Some("zh") => "目录",
        Some("ja") => "目次",
        Some("ko") => "차례",
        _ => "Contents",
    };
    let entry = |at: &usize| format!("<li><a href=\"{}\">{}</a></li>\n", file(*at), outline.label(*at));
    let groups = outline.groups();
    let list: String = match groups.as_slice() {
        [(_, only)] => only.iter().map(entry).collect(),
        groups => groups
            .iter()
            .map(|(origin, chapters)| {
                let entries: String = chapters.iter().map(entry).collect();
                let origin = if origin.is_empty() { "—" } else { origin };
                format!("<li><span>{}</span>\n<ol>\n{entries}</ol></li>\n", escaped(origin))
            })
            .collect(),
    };
    let (title, language) = (escaped(title), escaped(language));
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE html>\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" \
         lang=\"{language}\" xml:lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\"/>\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" type=\"text/css\" href=\"style.css\"/>\n</head>\n<body>\n\
         <nav epub:type=\"toc\" id=\"toc\" role=\"doc-toc\">\n<h1>{heading}</h1>\n<ol>\n{list}</ol>\n</nav>\n\
         </body>\n</html>\n"
    )
}

/// Returns the table of contents that readers of EPUB 2 use.
pub(super) fn ncx(outline: &Outline, title: &str, id: &str) -> String {
    let point = |id: &str, at: usize, label: &str, inside: &str| {
        format!(
            "<navPoint id=\"{id}\" playOrder=\"{}\"><navLabel><text>{label}</text></navLabel>\
             <content src=\"{}\"/>{inside}</navPoint>\n",
            at + 1,
            file(at)
        )
    };
    let entry = |at: &usize| point(&format!("p{}", at + 1), *at, &outline.label(*at), "");
    let groups = outline.groups();
    let (depth, points): (usize, String) = match groups.as_slice() {
        [(_, only)] => (1, only.iter().map(entry).collect()),
        groups => {
            let points = groups.iter().enumerate().map(|(number, (origin, chapters))| {
                let entries: String = chapters.iter().map(entry).collect();
                let first = chapters.first().copied().unwrap_or_default();
                let origin = if origin.is_empty() { "—" } else { origin };
                point(&format!("g{}", number + 1), first, &escaped(origin), &entries)
            });
            (2, points.collect())
        }
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <ncx xmlns=\"http://www.daisy.org/z3986/2005/ncx/\" version=\"2005-1\">\n<head>\n\
         <meta name=\"dtb:uid\" content=\"{id}\"/>\n<meta name=\"dtb:depth\" content=\"{depth}\"/>\n</head>\n\
         <docTitle><text>{}</text></docTitle>\n<navMap>\n{points}</navMap>\n</ncx>\n",
        escaped(title)
    )
}
