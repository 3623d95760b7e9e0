//! Extracts the article of a page: its content, its metadata, and how far the result can be trusted.
//!
//! The content tree holds only these elements, and text:
//! blocks `p`, `h1`–`h6` (`id`), `ul`, `ol` (`start`), `li`, `blockquote`, `pre`, `table` and its parts (`align`, `colspan`,
//! `rowspan`), `figure`, `figcaption`, `hr`, `dl`, `dt`, `dd`, `details`, `summary`, `div` inside cells and items;
//! inline `a` (`href` and `title`, or `id` for an anchor), `img` (`src`, `alt`, `title`), `strong`/`b`, `em`/`i`, `del`/`s`, `ins`, `code`, `kbd`,
//! `samp`, `var`, `sub`, `sup`, `mark`, `q`, `br`, `ruby`, `rt`, `input` (`type`, `checked`);
//! footnotes `note-ref` and `note` (`label`);
//! `video`, `audio`, `iframe`, `embed` (`src`, `title`). A callout is a `blockquote` (`callout`: `note`, `tip`, `important`,
//! `warning` or `caution`); its label is the first paragraph, in bold, or the attribute `label` when it repeats the kind. The `src` of an `img` is the key of its [`ImageRef`].

mod anchors;
mod attributes;
mod blocks;
mod build;
mod captions;
mod classify;
mod comments;
mod confidence;
mod container;
#[doc(hidden)]
pub mod continuation;
mod corrections;
mod coverage;
mod drawing;
mod editors;
mod elements;
mod embedded;
mod fallbacks;
mod figure_captions;
mod figures;
mod find_units;
mod formulas_and_code;
mod frames;
mod hidden;
mod hints;
mod inline_styles;
mod insertions;
mod labels;
mod layout_tables;
mod lines;
mod losses;
mod markup;
mod media;
#[doc(hidden)]
pub mod metadata;
mod naming;
mod notes;
mod page_regions;
mod passes;
mod redirect;
mod references;
mod repeated_items;
mod rights;
mod rotating;
mod ruby;
mod scan;
mod sections;
mod selection;
mod sites;
mod tabs;
mod thread;
#[doc(hidden)]
pub mod training;
mod units;
mod words;

use std::sync::{Arc, LazyLock};

use crate::html::{Page, text};
use crate::model::tree::NodeId;
use crate::model::{Article, CharsetSource, FailureKind, ImageRef, Metadata, RawPage, Sourced, Warning, WarningKind};

use anchors::MissingTarget;
use blocks::features::PageFacts;
use build::{Built, Omissions, Source};
use coverage::Coverage;
use fallbacks::Fallback;
use notes::Notes;
use scan::Scan;

#[doc(hidden)]
pub use blocks::model::{Model, ModelError};

/// The shipped model; a file beside it says how it is trained.
static SHIPPED: LazyLock<Model> = LazyLock::new(|| {
    let bytes = include_bytes!("blocks/model.bin");
    // The file is part of the program, and a test reads it.
    #[allow(clippy::expect_used, reason = "the shipped file is read by a test")]
    Model::read(bytes).expect("the shipped model is valid")
});

/// A page with a larger share of its text in links is a menu.
const ALL_LINKS: f64 = 0.97;

/// An article holds at least this much text (14 Han characters).
const MIN_TEXT: usize = 40;

/// How to extract.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// The input is an article's body: everything is kept.
    pub fragment: bool,
    /// Keep readers' comments, apart from the content.
    pub comments: bool,
    /// Record the trace of every decision.
    pub trace: bool,
    /// The model that scores blocks; None for the shipped one.
    pub model: Option<Arc<Model>>,
}

/// Why a page has no article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// Only white space.
    #[error("the page has no text; open it in a browser to see whether it needs a login or scripts")]
    Empty,
    /// Not an HTML page.
    #[error("{what} is not an article page; bindery archives HTML pages only; download this file with another program")]
    NotAPage {
        /// What it is: `a PDF file`, `an image (image/png)`.
        what: String,
    },
    /// A page without an article.
    #[error("no article was found on the page: {why}")]
    NoArticle {
        /// What the page holds instead, as a clause.
        why: String,
    },
}

impl ExtractError {
    /// Returns the kind of the failure.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Empty => FailureKind::Empty,
            Self::NotAPage { .. } => FailureKind::NotAPage,
            Self::NoArticle { .. } => FailureKind::NoArticle,
        }
    }
}

/// A stage of extraction, in order.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Decoding and parsing.
    Parse,
    /// The walk over the page.
    Scan,
    /// Title, authors, dates.
    Metadata,
    /// Blocks and their features.
    Features,
    /// The model's scores.
    Inference,
    /// The choice of blocks.
    Choice,
    /// The article's tree.
    Build,
}

/// Extracts the article of a page.
///
/// ```
/// use bindery::extract::{Options, extract};
/// use bindery::model::{Origin, RawPage};
///
/// let page = "<title>老城的装订铺</title><nav><a href='/'>首页</a></nav>\
///     <article><h1>老城的装订铺</h1><p>铺子在南门外，开了四十年，师傅姓林，手艺是祖上传下来的。</p></article>";
/// let raw = RawPage::from_bytes(page.into(), "https://example.cn/1".parse().ok(), Origin::Replay, None);
/// let article = extract(&raw, Options::default())?;
/// assert_eq!(article.metadata.title.map(|title| title.value).as_deref(), Some("老城的装订铺"));
/// assert_eq!(article.content.text(article.content.root()).trim(), "铺子在南门外，开了四十年，师傅姓林，手艺是祖上传下来的。");
/// # Ok::<(), bindery::extract::ExtractError>(())
/// ```
pub fn extract(raw: &RawPage, options: Options) -> Result<Article, ExtractError> {
    extract_watched(raw, options, &mut |_| ())
}

/// Does the same and calls `done` after each stage, so that a caller with a clock can measure it. Not all stages are reached
/// on a page without an article.
#[doc(hidden)]
pub fn extract_watched(raw: &RawPage, options: Options, done: &mut dyn FnMut(Stage)) -> Result<Article, ExtractError> {
    check(raw)?;
    if options.fragment {
        return Ok(fragment(raw));
    }
    let page = Page::parse(raw);
    done(Stage::Parse);
    whole_page(raw, &page, options, done)
}

/// Does the same for a page that is parsed already.
#[cfg(feature = "net")]
pub(crate) fn extract_parsed(raw: &RawPage, page: &Page, options: Options) -> Result<Article, ExtractError> {
    check(raw)?;
    whole_page(raw, page, options, &mut |_| ())
}

#[doc(hidden)]
pub use comments::heading as comments_heading;

/// Returns what a page says about itself, whether it has an article or not.
///
/// # Errors
/// [`ExtractError::Empty`] and [`ExtractError::NotAPage`].
pub fn read_metadata(raw: &RawPage) -> Result<Metadata, ExtractError> {
    check(raw)?;
    let page = Page::parse(raw);
    Ok(metadata::find(&page, &Scan::of(&page)).metadata)
}

/// Refuses bytes that need not be parsed.
pub(crate) fn check(raw: &RawPage) -> Result<(), ExtractError> {
    if let Some(what) = not_a_page(raw) {
        return Err(ExtractError::NotAPage { what });
    }
    if raw.content().iter().all(u8::is_ascii_whitespace) {
        return Err(ExtractError::Empty);
    }
    Ok(())
}

fn fragment(raw: &RawPage) -> Article {
    let page = Page::parse_fragment(raw);
    let scan = Scan::of(&page);
    // The parser adds an `html` element around a fragment.
    let body = scan.children(0).find(|&child| scan.element(child).is_some()).unwrap_or(0);
    let notes = Notes::of(&scan);
    let mut built = build::build(Source { page: &page, scan: &scan, notes: &notes }, body, None, Omissions::Untraced);
    notes::settle(&mut built.tree);
    passes::run_fragment(&mut built.tree);
    anchors::resolve(&mut built.tree, MissingTarget::Keep);
    let metadata = Metadata { rights: own_rights(&built), ..Metadata::default() };
    assemble(raw, &page, metadata, built, byte_warnings(raw, &page))
}

fn whole_page(
    raw: &RawPage,
    page: &Page,
    options: Options,
    done: &mut dyn FnMut(Stage),
) -> Result<Article, ExtractError> {
    let scan = Scan::of(page);
    done(Stage::Scan);
    let mut found = metadata::find(page, &scan);
    done(Stage::Metadata);
    let title = found.metadata.title.as_ref().map_or("", |title| title.value.as_str());
    let (body, excerpt) = (found.body.as_deref().unwrap_or_default(), fallbacks::excerpt(&scan, &found));
    let facts = PageFacts { title, body, excerpt, host: &found.host, kinds: found.kinds };
    if scan.text(0).link_density() > ALL_LINKS && excerpt.is_empty() {
        return Err(ExtractError::NoArticle { why: why_no_article(&scan) });
    }
    let model = options.model.as_deref().unwrap_or_else(|| &SHIPPED);
    let mut selection = classify::classify(&scan, &facts, model, done);
    embedded::keep(&scan, &mut selection);
    sites::apply(&scan, &found.host, &mut selection);
    let thread = thread::find(&scan, &mut selection);
    let fallback = if thread.is_some() { None } else { fallbacks::choose(&scan, &mut selection, &facts) };
    let layout = figure_captions::keep(&scan, &mut selection);
    let mut notes = Notes::of(&scan);
    let is_unchanged = !references::keep(&scan, &mut notes, &mut selection);
    let kept = match layout.filter(|_| is_unchanged) {
        Some(layout) => Coverage::from_layout(&scan, &selection, layout),
        None => Coverage::new(&scan, &selection),
    };
    done(Stage::Choice);
    if kept.weight() < MIN_TEXT
        && thread.is_none()
        && !matches!(fallback, Some(Fallback::StructuredData | Fallback::Excerpt))
    {
        return Err(ExtractError::NoArticle { why: why_no_article(&scan) });
    }
    let source = Source { page, scan: &scan, notes: &notes };
    let omissions = if options.trace { Omissions::Traced } else { Omissions::Untraced };
    let mut built = match fallback {
        None if let Some(thread) = &thread => build::build_thread(source, thread, &kept, omissions),
        Some(Fallback::StructuredData) => fallbacks::build_text(page, facts.body),
        Some(Fallback::Excerpt) => fallbacks::build_text(page, facts.excerpt),
        _ => build::build(source, 0, Some(&kept), omissions),
    };
    let lost_notes = notes::settle(&mut built.tree);
    let pass_steps = passes::run(&mut built.tree, &found.host);
    found.metadata.rights = own_rights(&built).or(found.metadata.rights);
    thread::settle(&mut built.tree);
    let content = &built.tree;
    let texts = content.descendants(content.root()).filter_map(|id| content.text_of(id));
    let weight: usize = texts.map(text::weight).sum();
    if thread.is_none() && confidence::is_shell(&scan, &selection, weight) {
        return Err(ExtractError::NoArticle { why: "scripts fill this page in; save it from a browser".to_owned() });
    }
    if weight < MIN_TEXT && built.images.is_empty() && thread.is_none() {
        return Err(ExtractError::NoArticle { why: why_no_article(&scan) });
    }
    let mut warnings = byte_warnings(raw, page);
    warnings.extend(found.warnings);
    let title = found.metadata.title.as_ref().map_or("", |title| title.value.as_str());
    warnings.extend(fallback.map(Fallback::warning));
    warnings.extend(confidence::warnings(page, &scan, &selection, title, weight));
    // Text from structured data is not in the page's elements.
    let mut losses = losses::of_building(&built, lost_notes);
    if matches!(fallback, None | Some(Fallback::Container)) {
        losses.extend(losses::find(&scan, &selection, &kept));
    }
    warnings.extend(losses::formula_warning(&losses));
    warnings.extend(losses::warning(&losses));
    let confidence = confidence::score(&selection, &warnings);
    let mut trace = Vec::new();
    if options.trace {
        trace.extend(found.candidates);
        trace.extend(selection.steps(&scan));
        trace.extend(fallback.map(Fallback::step));
        trace.extend(kept.steps());
        trace.append(&mut built.steps);
        trace.extend(pass_steps);
        trace.extend(losses::steps(&losses));
    }
    let mut comments_at = None;
    if options.comments {
        let language = found.metadata.language.as_ref().map_or("", |language| language.value.as_str());
        comments_at = add_comments(source, &mut selection, &mut built, comments::heading(language));
    }
    anchors::resolve(&mut built.tree, MissingTarget::Page(raw.url.as_ref()));
    let mut article = Article { confidence, losses, trace, ..assemble(raw, page, found.metadata, built, warnings) };
    article.comments = comments_at.map(|at| article.content.split_off(at));
    done(Stage::Build);
    Ok(article)
}

/// Appends readers' comments to the article. The selection is replaced by that of the comments. Returns where the comments
/// begin: links between them and the text are resolved before they are split off.
fn add_comments(
    source: Source<'_, '_>,
    selection: &mut selection::Selection,
    built: &mut Built,
    heading: &str,
) -> Option<NodeId> {
    let found = comments::find(source.scan, selection)?;
    selection.kept = found;
    let mut section = build::build(source, 0, Some(&Coverage::new(source.scan, selection)), Omissions::Untraced);
    notes::settle(&mut section.tree);
    passes::run(&mut section.tree, &selection.host);
    let at = comments::append(&mut built.tree, &section.tree, heading);
    let known: std::collections::BTreeSet<String> = built.images.iter().map(|image| image.url.clone()).collect();
    built.images.extend(section.images.into_iter().filter(|image| !known.contains(&image.url)));
    Some(at)
}

/// Returns the rights notice at the article's end.
fn own_rights(built: &Built) -> Option<Sourced<String>> {
    rights::find(&built.tree).map(|notice| Sourced::new(notice, "text"))
}

fn assemble(raw: &RawPage, page: &Page, metadata: Metadata, built: Built, warnings: Vec<Warning>) -> Article {
    let images = remaining_images(&built);
    Article {
        url: raw.url.clone(),
        captured: raw.captured,
        metadata,
        content: built.tree,
        comments: None,
        images,
        charset: page.charset.clone(),
        confidence: 1.0,
        warnings,
        losses: Vec::new(),
        trace: Vec::new(),
    }
}

/// Returns the images that are still in the content after the passes.
fn remaining_images(built: &Built) -> Vec<ImageRef> {
    let tree = &built.tree;
    let kept: std::collections::BTreeSet<&str> = tree
        .descendants(tree.root())
        .filter(|&id| tree.name(id) == "img")
        .filter_map(|id| tree.attr(id, "src"))
        .collect();
    built.images.iter().filter(|image| kept.contains(image.url.as_str())).cloned().collect()
}

/// Returns the warnings about the page's bytes: whether they are all there, and how they are read.
fn byte_warnings(raw: &RawPage, page: &Page) -> Vec<Warning> {
    let charset = &page.charset;
    let mut warnings = Vec::new();
    if let Some(damage) = &raw.damage {
        let detail = format!("the page may end early: {damage}; archive it again later");
        warnings.push(Warning::new(WarningKind::Truncated, detail));
    }
    if charset.source == CharsetSource::Detected {
        warnings.push(Warning::new(
            WarningKind::Charset,
            format!("the page declares no charset that fits its bytes; read as {}", charset.name),
        ));
    }
    if page.malformed {
        warnings.push(Warning::new(
            WarningKind::Malformed,
            format!("some bytes are not valid {} and were replaced by U+FFFD", charset.name),
        ));
    }
    warnings
}

fn why_no_article(scan: &Scan<'_>) -> String {
    let text = scan.text(0);
    if text.weight == 0 {
        return "it has no text (it may be filled in by scripts)".to_owned();
    }
    if text.link_density() > 0.6 {
        return "it is a list of links".to_owned();
    }
    "its text is too short".to_owned()
}

/// Returns what the bytes are when they are not a page; None when they may be one.
fn not_a_page(raw: &RawPage) -> Option<String> {
    let content = raw.content();
    let media = raw.headers.get("content-type").unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if let Some(found) = infer::get(content)
        && !matches!(found.mime_type(), "text/html" | "text/xml")
    {
        return Some(name_of(found.mime_type()));
    }
    let page = [
        "",
        "text/html",
        "application/xhtml+xml",
        "text/xml",
        "application/xml",
        "application/octet-stream",
        "text/plain",
    ];
    let is_wide = raw.headers.get("content-type").is_some_and(|media| media.to_ascii_lowercase().contains("utf-16"));
    if !is_wide && is_binary(content) {
        return Some("a file of binary data".to_owned());
    }
    // Content that looks like HTML is a page even when the server declares another type.
    if page.contains(&media.as_str()) || looks_like_html(content) {
        return None;
    }
    Some(name_of(&media))
}

fn name_of(media: &str) -> String {
    match media.split_once('/') {
        _ if media == "application/pdf" => "a PDF file".to_owned(),
        Some(("image", _)) => format!("an image ({media})"),
        Some(("video", _)) => format!("a video ({media})"),
        Some(("audio", _)) => format!("a sound recording ({media})"),
        _ => format!("a file of type {media}"),
    }
}

/// Bytes that no text has, more than one in fifty of the first: the binary data bytes of the WHATWG's MIME sniffing.
/// UTF-16 with its mark is text.
fn is_binary(content: &[u8]) -> bool {
    let start = &content[..content.len().min(4096)];
    let is_wide = start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]);
    let binary = start.iter().filter(|&&byte| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f)).count();
    !is_wide && !looks_like_html(content) && binary * 50 > start.len()
}

fn looks_like_html(content: &[u8]) -> bool {
    let start = content[..content.len().min(512)].to_ascii_lowercase();
    [b"<!doctype html".as_slice(), b"<html", b"<head", b"<body"]
        .iter()
        .any(|tag| start.windows(tag.len()).any(|w| w == *tag))
}
