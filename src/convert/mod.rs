//! Bulk conversion: files and folders of HTML to Markdown, mirrored, with the images that lie beside the pages.

mod place;
mod plan;
mod posts;

use std::path::Path;

use url::Url;

use crate::extract::{self, extract};
use crate::frontmatter::Profile;
use crate::import::{self, Post};
use crate::markdown;
use crate::model::{Article, Difference, Doubt, Failure, ImageMap, Metadata, RawPage, Sourced, Stage};

pub use plan::{Job, PlanError, plan};

/// The largest page that is read.
pub const PAGE_CAP: u64 = 64 * 1024 * 1024;

/// The largest image that is read.
const IMAGE_CAP: usize = 50 * 1024 * 1024;

/// What is written from an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Front matter and Markdown.
    #[default]
    Markdown,
    /// The content as HTML.
    Html,
    /// The content as plain text.
    Text,
    /// Metadata, doubts and Markdown as one JSON object.
    Json,
}

impl Format {
    /// Extension of the files written, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Text => "txt",
            Self::Json => "json",
        }
    }
}

/// How to convert.
#[derive(Debug, Clone)]
pub struct Options {
    /// How to extract.
    pub extract: extract::Options,
    /// How to write.
    pub profile: Profile,
    /// What to write.
    pub format: Format,
    /// The page's address; for one page only.
    pub url: Option<Url>,
}

/// What became of one input.
#[derive(Debug)]
pub struct Converted {
    /// What would be, or was, written.
    pub text: String,
    /// The article's title; None when it has none.
    pub title: Option<String>,
    /// Images that the text now links to locally, and those it does not, each counted once.
    pub images: (usize, usize),
    /// How right and whole the content is expected to be, 0 to 1.
    pub adequacy: f64,
    /// Reasons to trust the result less.
    pub doubts: Vec<Doubt>,
    /// Why it is what it is; empty unless asked for.
    pub trace: Vec<crate::model::Step>,
    /// Where the Markdown, rendered, says something else than the article.
    pub fidelity: Vec<Difference>,
}

/// Converts bytes from standard input or an export. Images stay where they are.
pub fn bytes(bytes: Vec<u8>, name: &str, options: &Options) -> Result<Converted, Failure> {
    let raw = import::from_bytes(bytes, name, options.url.clone(), None).map_err(|error| input_failure(&error))?;
    write(&raw, options, &mut |_| Ok(ImageMap::new()))
}

/// Converts one file without writing anything. Images stay where they are.
pub fn file(path: &Path, options: &Options) -> Result<Converted, Failure> {
    let raw = import::read(path, PAGE_CAP, options.url.clone(), None).map_err(|error| input_failure(&error))?;
    write(&raw, options, &mut |_| Ok(ImageMap::new()))
}

/// Converts one job of a plan and writes its output and images below `folder`.
pub fn job(job: &Job, folder: &Path, options: &Options) -> Result<Converted, Failure> {
    let raw = import::read(&job.source, PAGE_CAP, options.url.clone(), None).map_err(|error| input_failure(&error))?;
    let converted = write(&raw, options, &mut |article| local_images(article, job, folder, options))?;
    place::file(&folder.join(&job.output), converted.text.as_bytes())
        .map_err(|error| write_failure(&job.output, &error))?;
    Ok(converted)
}

type Images<'a> = &'a mut dyn FnMut(&Article) -> Result<ImageMap, Failure>;

fn write(raw: &RawPage, options: &Options, images: Images<'_>) -> Result<Converted, Failure> {
    match import::post(&raw.body) {
        Some(post) => write_post(raw, &post, options, images),
        None => write_page(raw, options, images),
    }
}

/// The body of a post is all article; its front matter is kept unless none is wanted.
fn write_post(raw: &RawPage, post: &Post<'_>, options: &Options, images: Images<'_>) -> Result<Converted, Failure> {
    let body = RawPage { body: post.body.as_bytes().to_vec(), ..raw.clone() };
    let keeps = options.profile.front_matter && options.format == Format::Markdown;
    let mut options = options.clone();
    options.extract.fragment = true;
    options.profile.front_matter = false;
    let mut converted = write_page(&body, &options, images)?;
    let (title, doubt) = posts::title(post);
    converted.title = title.or(converted.title);
    // It was UTF-8, or it would be no post.
    converted.doubts.retain(|doubt| doubt.kind != "charset");
    converted.doubts.extend(doubt);
    if keeps {
        converted.text.insert_str(0, post.front_matter);
    }
    Ok(converted)
}

fn write_page(raw: &RawPage, options: &Options, images: Images<'_>) -> Result<Converted, Failure> {
    let article = extract(raw, options.extract.clone()).map_err(|error| Failure {
        stage: Stage::Extract,
        kind: error.kind().to_owned(),
        message: error.to_string(),
    })?;
    let images = images(&article)?;
    let (text, fidelity) = render(&article, &images, options);
    let saved = article.images.iter().filter(|image| images.contains_key(&image.url)).count();
    Ok(Converted {
        text,
        title: article.metadata.title.as_ref().map(|title| title.value.clone()),
        images: (saved, article.images.len() - saved),
        adequacy: article.adequacy,
        doubts: article.doubts,
        trace: article.trace,
        fidelity,
    })
}

fn render(article: &Article, images: &ImageMap, options: &Options) -> (String, Vec<Difference>) {
    match options.format {
        Format::Markdown => {
            let document = markdown::write(article, images, &options.profile);
            (document.text(), document.fidelity)
        }
        Format::Html => (markdown::html(&article.content, images), Vec::new()),
        Format::Text => (markdown::text(&article.content), Vec::new()),
        Format::Json => {
            let document = markdown::write(article, images, &options.profile);
            let metadata = &article.metadata;
            let value = |field: &Option<Sourced<String>>| field.as_ref().map(|found| found.value.clone());
            let object = serde_json::json!({
                "url": article.url,
                "title": value(&metadata.title),
                "authors": metadata.authors.as_ref().map(|found| &found.value),
                "published": metadata.published.as_ref().map(|found| found.value),
                "modified": metadata.modified.as_ref().map(|found| found.value),
                "site": value(&metadata.site),
                "language": value(&metadata.language),
                "description": value(&metadata.description),
                "tags": metadata.tags.as_ref().map(|found| &found.value),
                "canonical": metadata.canonical.as_ref().map(|found| &found.value),
                "image": value(&metadata.lead_image),
                "licence": value(&metadata.licence),
                "sources": sources(metadata),
                "charset": article.charset,
                "adequacy": article.adequacy,
                "doubts": article.doubts,
                "images": article.images.iter().map(|image| &image.url).collect::<Vec<_>>(),
                "markdown": document.body,
                "fidelity": document.fidelity,
            });
            (format!("{object}\n"), document.fidelity)
        }
    }
}

/// Where each value of the metadata came from.
fn sources(metadata: &Metadata) -> serde_json::Value {
    let source = |field: &Option<Sourced<String>>| field.as_ref().map(|found| found.source.clone());
    serde_json::json!({
        "title": source(&metadata.title),
        "authors": metadata.authors.as_ref().map(|found| &found.source),
        "published": metadata.published.as_ref().map(|found| &found.source),
        "modified": metadata.modified.as_ref().map(|found| &found.source),
        "site": source(&metadata.site),
        "language": source(&metadata.language),
        "description": source(&metadata.description),
        "tags": metadata.tags.as_ref().map(|found| &found.source),
        "canonical": metadata.canonical.as_ref().map(|found| &found.source),
        "image": source(&metadata.lead_image),
        "licence": source(&metadata.licence),
    })
}

/// Stores the pictures that lie beside a page, or in it, below `folder`; the others keep their address.
fn local_images(article: &Article, job: &Job, folder: &Path, options: &Options) -> Result<ImageMap, Failure> {
    let mut map = ImageMap::new();
    for reference in &article.images {
        let bytes = if reference.url.starts_with("data:") {
            crate::images::data_uri(&reference.url, IMAGE_CAP).ok()
        } else {
            import::beside(&job.root, &job.source, &reference.written).ok()
        };
        // A picture that is not there stays linked to where it was; the count of the missing says so.
        let Some(image) = bytes.and_then(|bytes| crate::images::identify(bytes).ok()) else { continue };
        let path = format!("images/{}", image.path());
        place::once(&folder.join(&path), &image.bytes).map_err(|error| write_failure(Path::new(&path), &error))?;
        let target = match &options.profile.image_base {
            Some(base) => format!("{base}{}", image.path()),
            None => format!("{}{path}", "../".repeat(job.output.components().count() - 1)),
        };
        map.insert(reference.url.clone(), target);
    }
    Ok(map)
}

fn input_failure(error: &import::ImportError) -> Failure {
    Failure { stage: Stage::Input, kind: error.kind().to_owned(), message: error.to_string() }
}

fn write_failure(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("{} cannot be written: {error}; free space or choose another --output", path.display());
    Failure { stage: Stage::Write, kind: "io".to_owned(), message }
}
