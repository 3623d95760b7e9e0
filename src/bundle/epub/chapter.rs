//! An article as a chapter.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use crate::archive::Archive;
use crate::model::{ImageFormat, UrlKey};

use super::super::BundleError;
use super::super::stored::{StoredImage, StoredText, header, linked, web_link};
use super::super::xhtml::{self, FormulaCount, ImageTarget, Targets, Vocabulary, Xhtml, escaped, url_escaped};
use super::svg;

/// A chapter.
pub(super) struct Chapter {
    /// The XHTML document.
    pub text: String,
    /// The images that it shows, by folder and name, in order of first mention.
    pub images: Vec<String>,
    /// Path and reason of the images that it links to.
    pub linked: BTreeSet<(String, String)>,
    pub formulas: FormulaCount,
}

impl Chapter {
    /// Renders an article. `files` are the chapters of the book by the keys of their articles.
    pub fn of(
        archive: &Archive,
        stored: &StoredText<'_>,
        files: &BTreeMap<UrlKey, String>,
    ) -> Result<Self, BundleError> {
        let language = stored.language();
        let mut targets = ChapterTargets {
            base: stored.url(),
            stored,
            files,
            unfit: unfit(archive, stored)?,
            images: Vec::new(),
            known: BTreeSet::new(),
        };
        let Xhtml { text: body, formulas } =
            xhtml::of_markdown(&stored.plain_body(), &language, Vocabulary::Epub, &mut targets);
        let title = escaped(stored.title());
        let language = escaped(&language);
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE html>\n\
             <html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" \
             lang=\"{language}\" xml:lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\"/>\n<title>{title}</title>\n\
             <link rel=\"stylesheet\" type=\"text/css\" href=\"../style.css\"/>\n</head>\n<body>\n\
             <article epub:type=\"chapter\">\n{}{body}</article>\n</body>\n</html>\n",
            header(&stored.entry.record)
        );
        let images = targets.images;
        let linked =
            targets.unfit.into_iter().map(|(below, why)| (format!("images/{below}"), why.to_owned())).collect();
        Ok(Self { text, images, linked, formulas })
    }
}

/// Returns the path of an image in the book.
pub(super) fn image_href(image: &StoredImage) -> String {
    format!("images/{}", image.name())
}

/// Returns the images of a text that no book may show, each with the reason.
fn unfit(archive: &Archive, stored: &StoredText<'_>) -> Result<BTreeMap<String, &'static str>, BundleError> {
    let mut found = BTreeMap::new();
    for (below, image) in &stored.images {
        let why = match image.format {
            ImageFormat::Jpg | ImageFormat::Png | ImageFormat::Gif | ImageFormat::Webp => continue,
            ImageFormat::Svg => match svg::fault(&image.bytes(archive)?) {
                Some(why) => why,
                None => continue,
            },
            ImageFormat::Avif => "e-readers need not show AVIF, so the book links to it",
            ImageFormat::Jxl => "e-readers need not show JPEG XL, so the book links to it",
            _ => "e-readers need not show images of this type, so the book links to it",
        };
        found.insert(below.clone(), why);
    }
    Ok(found)
}

struct ChapterTargets<'t> {
    base: Option<Url>,
    stored: &'t StoredText<'t>,
    files: &'t BTreeMap<UrlKey, String>,
    unfit: BTreeMap<String, &'static str>,
    images: Vec<String>,
    /// The same, to find them in.
    known: BTreeSet<String>,
}

impl Targets for ChapterTargets<'_> {
    fn link(&self, href: &str) -> Option<String> {
        let url = web_link(href, self.base.as_ref())?;
        let chapter = matches!(url.scheme(), "http" | "https").then(|| self.files.get(&UrlKey::of(&url))).flatten();
        // Chapters are in one folder.
        let chapter = chapter.map(|file| file.rsplit('/').next().unwrap_or(file).to_owned());
        Some(chapter.unwrap_or_else(|| url_escaped(url.as_str())))
    }

    fn image(&mut self, src: &str) -> ImageTarget {
        let Some(image) = self.stored.image(src) else { return linked(src, self.base.as_ref()) };
        let below = image.path.strip_prefix("images/").unwrap_or(&image.path);
        if self.unfit.contains_key(below) {
            return linked(&image.url, None);
        }
        if self.known.insert(below.to_owned()) {
            self.images.push(below.to_owned());
        }
        ImageTarget::Shown(format!("../{}", image_href(image)))
    }
}
