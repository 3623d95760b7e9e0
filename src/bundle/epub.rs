//! Writes books (EPUB 3.3): a chapter for each article, its images, a table of contents and a cover.
//!
//! Nothing in a book is loaded from elsewhere. Images of types that every reader shows are in it, others are linked to and
//! reported. Links between articles of the book lead to their chapters.

mod chapter;
mod contents;
mod cover;
mod package;
mod svg;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::archive::{Archive, Entry};
use crate::model::{Timestamp, UrlKey};

use super::pack::{Checksums, Packer};
use super::piece::Piece;
use super::stored::StoredText;
use super::{BundleError, BundleFormat, BundleOptions, BundleSummary, Selection, Tree, default_date, single};
use chapter::Chapter;
use contents::{Listed, Outline};
use package::{BookMetadata, Item};

const MIMETYPE: &str = "mimetype";
const CONTAINER: &str = "META-INF/container.xml";
/// The folder of the book's files.
const ROOT: &str = "EPUB";
const STYLE: &str = concat!(include_str!("reading.css"), include_str!("epub/style.css"));

/// EPUB 3: a book with a chapter for each article. A target that is a folder, or ends in `/`, becomes a folder with a book
/// for each article.
#[derive(Debug, Clone, Copy)]
pub struct Epub;

impl BundleFormat for Epub {
    fn name(&self) -> &'static str {
        "epub"
    }

    fn about(&self) -> &'static str {
        "A book of the articles, with their images, for e-readers (EPUB 3)"
    }

    fn write(
        &self,
        archive: &Archive,
        target: &Path,
        options: &BundleOptions,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<BundleSummary, BundleError> {
        let mut ignore = |_| {};
        if single::is_folder(target) {
            return single::each(archive, (target, "epub"), options, progress, &mut |stored, path, summary| {
                let outline = Outline::of(vec![Listed::of(stored.entry)]);
                let mut ignore = |_| {};
                let packer = packer(path, &outline, options, &mut ignore)?;
                let mut book = Book::create(archive, packer, options, &outline)?;
                book.chapter(0, stored)?;
                book.finish(summary)
            });
        }
        let listed = selected(archive, &options.selection)?;
        let outline = Outline::of(listed);
        let packer = packer(target, &outline, options, &mut ignore)?;
        let mut book = Book::create(archive, packer, options, &outline)?;
        let folders: Vec<String> = outline.chapters.iter().map(|chapter| chapter.folder.clone()).collect();
        let mut summary = BundleSummary { articles: outline.chapters.len(), ..BundleSummary::default() };
        single::texts(archive, &folders, options, progress, &mut |at, stored| book.chapter(at, stored))?;
        book.finish(&mut summary)?;
        summary.written.push(target.to_owned());
        Ok(summary)
    }

    fn is_in(&self, folder: &Tree) -> bool {
        folder.is_file(MIMETYPE) && folder.is_file(CONTAINER)
    }
}

/// Returns what is listed of the selected articles that have a text.
fn selected(archive: &Archive, selection: &Selection) -> Result<Vec<Listed>, BundleError> {
    let mut listed = Vec::new();
    selection.each(archive, &mut |entry| listed.extend(has_text(&entry).then(|| Listed::of(&entry))))?;
    match listed.is_empty() {
        true => Err(BundleError::NothingSelected),
        false => Ok(listed),
    }
}

/// Returns the date of a book: that of its newest capture, unless another is given.
fn date(outline: &Outline, options: &BundleOptions) -> Timestamp {
    let newest = outline.chapters.iter().map(|chapter| chapter.captured).max();
    options.date.or(newest).unwrap_or_else(default_date)
}

fn packer<'p>(
    path: &Path,
    outline: &Outline,
    options: &'p BundleOptions,
    progress: &'p mut dyn FnMut(u64),
) -> Result<Packer<'p>, BundleError> {
    Packer::create(path, date(outline, options), Checksums::Sha256, &options.stop, progress)
}

fn has_text(entry: &Entry) -> bool {
    entry.record.newest().is_some()
}

/// A book that is being written.
struct Book<'b> {
    archive: &'b Archive,
    packer: Packer<'b>,
    outline: &'b Outline,
    date: Timestamp,
    /// The file of each article of the book, by the keys of its URLs.
    files: BTreeMap<UrlKey, String>,
    items: Vec<Item>,
    /// The names of the images that are packed.
    images: BTreeSet<String>,
    /// The first image of the book that can be its cover.
    lead: Option<Item>,
    metadata: BookMetadata,
    /// Path and reason of each image that is only linked to.
    linked: BTreeSet<(String, String)>,
    /// The path of each text with formulas that stay TeX, and their number.
    tex_formulas: Vec<(String, usize)>,
    bytes: u64,
    /// The number of files of the archive that were read.
    read: usize,
}

impl<'b> Book<'b> {
    fn create(
        archive: &'b Archive,
        packer: Packer<'b>,
        options: &BundleOptions,
        outline: &'b Outline,
    ) -> Result<Self, BundleError> {
        let mut book = Self {
            archive,
            packer,
            outline,
            date: date(outline, options),
            files: outline.files(),
            items: Vec::new(),
            images: BTreeSet::new(),
            lead: None,
            metadata: BookMetadata::default(),
            linked: BTreeSet::new(),
            tex_formulas: Vec::new(),
            bytes: 0,
            read: 0,
        };
        // Programs recognise a book by this file, which is the first and is not compressed.
        book.pack(MIMETYPE, &Piece::of_bytes(b"application/epub+zip".to_vec()))?;
        book.pack(CONTAINER, &Piece::of_bytes(package::CONTAINER_XML.into()))?;
        book.add(Item::new("style", "style.css", "text/css"), STYLE.to_owned())?;
        Ok(book)
    }

    fn pack(&mut self, name: &str, piece: &Piece) -> Result<(), BundleError> {
        self.bytes += piece.length;
        self.packer.add(name, piece).map(drop)
    }

    /// Packs a generated file of the book.
    fn add(&mut self, item: Item, text: String) -> Result<(), BundleError> {
        self.pack(&format!("{ROOT}/{}", item.href), &Piece::of_bytes(text.into_bytes()))?;
        self.items.push(item);
        Ok(())
    }

    /// Packs an article and its images.
    fn chapter(&mut self, at: usize, stored: &StoredText<'_>) -> Result<(), BundleError> {
        let file = contents::file(at);
        let chapter = Chapter::of(self.archive, stored, &self.files)?;
        let properties = if chapter.formulas.mathml > 0 { "mathml" } else { "" };
        let item = Item::new(format!("c{}", at + 1), file, "application/xhtml+xml").with_properties(properties);
        self.add(item, chapter.text)?;
        self.tex_formulas.extend(stored.tex_formulas(chapter.formulas));
        for below in &chapter.images {
            let Some(image) = stored.images.get(below) else { continue };
            if !self.images.insert(below.clone()) {
                continue;
            }
            let href = chapter::image_href(image);
            let item = Item::new(format!("i{}", self.images.len()), href, image.format.media_type());
            self.pack(&format!("{ROOT}/{}", item.href), &image.piece(self.archive)?)?;
            if self.lead.is_none() && cover::can_be(image.format) {
                self.lead = Some(item.clone());
            }
            self.items.push(item);
            self.read += 1;
        }
        self.linked.extend(chapter.linked);
        self.metadata.add(stored);
        self.read += 1;
        Ok(())
    }

    /// Writes the cover, the tables of contents and the package, and closes the file.
    fn finish(mut self, summary: &mut BundleSummary) -> Result<(), BundleError> {
        let metadata = std::mem::take(&mut self.metadata);
        let outline = self.outline;
        let title = outline.title();
        let lead = self.lead.take().filter(|_| outline.chapters.len() == 1);
        let cover = match lead {
            Some(lead) => lead.href,
            None => {
                let item = Item::new("cover-image", "cover.svg", "image/svg+xml");
                let href = item.href.clone();
                self.add(item, cover::typeset(&title, &outline.subtitle()))?;
                href
            }
        };
        let page = Item::new("cover", "cover.xhtml", "application/xhtml+xml");
        self.add(page, cover::page(&cover, &title, metadata.language()))?;
        let nav = Item::new("nav", "nav.xhtml", "application/xhtml+xml").with_properties("nav");
        self.add(nav, contents::nav(outline, &title, metadata.language()))?;
        let id = package::identifier(&outline.chapters);
        let ncx = Item::new("ncx", "toc.ncx", "application/x-dtbncx+xml");
        self.add(ncx, contents::ncx(outline, &title, &id))?;
        for item in self.items.iter_mut().filter(|item| item.href == cover) {
            item.properties = "cover-image";
        }
        let opf = package::opf(&package::Package {
            id: &id,
            title: &title,
            modified: self.date,
            metadata: &metadata,
            items: &self.items,
            chapters: outline.chapters.len(),
        });
        self.pack(package::PACKAGE, &Piece::of_bytes(opf.into_bytes()))?;
        summary.bytes += self.bytes;
        summary.files += self.read;
        summary.tex_formulas.extend(self.tex_formulas);
        let known: BTreeSet<_> = summary.skipped.iter().cloned().collect();
        summary.skipped.extend(self.linked.into_iter().filter(|linked| !known.contains(linked)));
        self.packer.finish()
    }
}
