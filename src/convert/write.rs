//! From an item of an import to the text that is written.

use serde_json::json;

use crate::extract::{self, ExtractError, extract};
use crate::import::{self, Item, ItemContent, ListedUrl, Post};
use crate::markdown;
use crate::model::{
    Article, Difference, Failure, ImageMap, Loss, LossKind, Origin, RawPage, Sourced, Stage, WarningKind,
};

use super::joined;
use super::options::{Converted, Format, Options};
use super::posts;

/// What has to be done between finding an article and writing it: its images, and its links.
pub(super) type Settle<'a> = &'a mut dyn FnMut(&mut Article) -> Result<ImageMap, Failure>;

/// An article on its way from its page to its text.
pub(super) struct Found {
    pub raw: RawPage,
    pub article: Article,
    /// What the export puts it under.
    pub categories: Vec<String>,
}

/// Converts one item.
pub(super) fn item(item: Item, options: &Options, settle: Settle<'_>) -> Result<Converted, Failure> {
    let losses = item.losses;
    let converted = match item.content {
        ItemContent::UrlList(urls) => Ok(self::urls(&urls)),
        ItemContent::Broken(error) => Err(input_failure(&error)),
        ItemContent::Post(raw) => match import::post(&raw.body) {
            Some(post) => self::post(&raw, &post, options, settle),
            None => page(found(raw, options)?, options, settle),
        },
        ItemContent::Page(raw) => {
            let mut found = found(raw, options)?;
            joined::join(&mut found.article, &found.raw, &*item.resources, options);
            page(found, options, settle)
        }
        ItemContent::Body(raw, told) => page(told_article(raw, *told, options)?, options, settle),
        ItemContent::File(input, ..) => Err(input_failure(&import::ImportError::NotHtml {
            name: input.name().to_owned(),
            what: "an archive inside too many others".to_owned(),
        })),
    };
    converted.map(|converted| Converted {
        losses: losses.into_iter().chain(converted.losses.clone()).collect(),
        ..converted
    })
}

/// The article of a page.
pub(super) fn found(raw: RawPage, options: &Options) -> Result<Found, Failure> {
    let article = extract(&raw, options.extract.clone()).map_err(|error| {
        let advice = match error {
            ExtractError::NoArticle { .. } if !options.extract.fragment => "; --fragment keeps the whole page",
            _ => "",
        };
        Failure::new(Stage::Extract, error.kind(), format!("{error}{advice}"))
    })?;
    Ok(Found { raw, article, categories: Vec::new() })
}

/// The article of a body, with what the export says of it.
pub(super) fn told_article(raw: RawPage, told: import::ArticleInfo, options: &Options) -> Result<Found, Failure> {
    let mut options = options.clone();
    options.extract.fragment = true;
    let mut found = found(raw, &options)?;
    found.article.metadata = told.metadata;
    found.categories = told.categories;
    if !options.extract.comments && !told.comments.is_empty() {
        found.article.losses.push(Loss::new(LossKind::LeftOut, "comments; --comments keeps them"));
    }
    if options.extract.comments && !told.comments.is_empty() {
        let article = &mut found.article;
        let language = article.metadata.language.as_ref().map_or("", |language| language.value.as_str());
        let html = format!("<hr><h2>{}</h2>\n{}", extract::comments_heading(language), told.comments);
        let raw = RawPage { body: html.into_bytes(), ..found.raw.clone() };
        let comments = self::found(raw, &options)?.article;
        article.images.extend(comments.images);
        article.comments = Some(comments.content);
    }
    Ok(found)
}

fn page(found: Found, options: &Options, settle: Settle<'_>) -> Result<Converted, Failure> {
    let Found { mut article, categories, .. } = found;
    let images = settle(&mut article)?;
    let mut profile = options.profile.clone();
    if profile.categories.is_empty() {
        profile.categories = categories;
    }
    let (text, round_trip) = render(&article, &images, &Options { profile, ..options.clone() });
    let players = article.players().len();
    let saved = article.images.iter().filter(|image| images.contains_key(&image.url)).count();
    Ok(Converted {
        text,
        is_list: false,
        title: article.metadata.title.as_ref().map(|title| title.value.clone()),
        images: (saved, article.images.len() - saved + players),
        confidence: article.confidence,
        warnings: article.warnings,
        losses: article.losses,
        trace: article.trace,
        round_trip,
    })
}

/// The body of a post is all article; its front matter is kept unless none is wanted.
fn post(raw: &RawPage, post: &Post<'_>, options: &Options, settle: Settle<'_>) -> Result<Converted, Failure> {
    let keeps = options.profile.front_matter && options.format == Format::Markdown;
    let mut body_options = options.clone();
    body_options.extract.fragment = true;
    body_options.profile.front_matter = false;
    let mut front_matter = post.front_matter.to_owned();
    // Images that the front matter names come with those of the body, and count with none of them.
    let named = if options.remote.is_some() && keeps { posts::images(post) } else { Vec::new() };
    let (title, warning) = posts::title(post);
    let settle: Settle<'_> = &mut |article: &mut Article| {
        if article.metadata.title.is_none() {
            article.metadata.title = title.clone().map(|title| Sourced::new(title, "front-matter"));
        }
        let own = article.images.len();
        article.images.extend(named.iter().cloned());
        let images = settle(article)?;
        article.images.truncate(own);
        front_matter = posts::with_images(post.front_matter, &images);
        Ok(images)
    };
    let is_html = is_named_html(raw) || import::is_html_body(post.body);
    let mut converted = if post.body.trim().is_empty() {
        Converted { text: post.body.to_owned(), confidence: 1.0, ..Converted::default() }
    } else if is_html || options.format != Format::Markdown {
        let protected = import::protect(post.body);
        let body = RawPage { body: protected.html.clone().into_bytes(), ..raw.clone() };
        let converted = page(found(body, &body_options)?, &body_options, settle)?;
        Converted { text: protected.restore(&converted.text), ..converted }
    } else {
        // What stands before the front matter stays as well: the text is the file to the byte.
        front_matter.insert_str(0, before(&raw.body, post));
        Converted { text: post.body.to_owned(), confidence: 1.0, ..Converted::default() }
    };
    converted.title = title.or(converted.title);
    // It was UTF-8, or it would be no post.
    converted.warnings.retain(|warning| warning.kind != WarningKind::Charset);
    converted.warnings.extend(warning);
    converted.losses.extend(posts::template_tags(post.body));
    if keeps {
        converted.text.insert_str(0, &front_matter);
    }
    Ok(converted)
}

/// Returns true for a post whose file is named as HTML: its body is HTML, whatever it looks like.
fn is_named_html(raw: &RawPage) -> bool {
    match &raw.origin {
        Origin::File(path) => import::is_page_name(&path.to_string_lossy()),
        Origin::Import(name) => import::is_page_name(name),
        _ => false,
    }
}

/// Returns what stands before the front matter of a post: a byte order mark and empty lines.
fn before<'a>(file: &'a [u8], post: &Post<'_>) -> &'a str {
    let length = file.len().saturating_sub(post.front_matter.len() + post.body.len());
    std::str::from_utf8(&file[..length]).unwrap_or_default()
}

/// A list is laid out for whoever fetches its URLs.
fn urls(urls: &[ListedUrl]) -> Converted {
    let title = Some(format!("{} URLs", urls.len()));
    Converted { text: import::jsonl(urls), is_list: true, title, confidence: 1.0, ..Converted::default() }
}

fn render(article: &Article, images: &ImageMap, options: &Options) -> (String, Vec<Difference>) {
    match options.format {
        Format::Markdown => {
            let document = markdown::write(article, images, &options.profile);
            (document.text(), document.round_trip)
        }
        Format::Html => (document(article, images), Vec::new()),
        Format::Text => (markdown::text(&article.with_comments()), Vec::new()),
        Format::Json => {
            let document = markdown::write(article, images, &options.profile);
            let mut object = json!({
                "url": article.url,
                "categories": options.profile.categories,
                "charset": article.charset,
                "confidence": article.confidence,
                "warnings": article.warnings,
                "losses": article.losses,
                "images": article.images.iter().map(|image| &image.url).collect::<Vec<_>>(),
                "markdown": document.body,
                "round_trip": document.round_trip,
            });
            // Each field of the metadata, and where each came from.
            let metadata = serde_json::to_value(&article.metadata).unwrap_or_default();
            for (name, field) in metadata.as_object().into_iter().flatten() {
                if field.is_string() {
                    object[name] = field.clone();
                    continue;
                }
                object[name] = field["value"].clone();
                object["sources"][name] = field["source"].clone();
            }
            (format!("{object}\n"), document.round_trip)
        }
    }
}

/// The content as an HTML document of its own.
fn document(article: &Article, images: &ImageMap) -> String {
    let language = article.metadata.language.as_ref().map(|found| format!(" lang=\"{}\"", escaped(&found.value)));
    let title = article.metadata.title.as_ref().map(|found| escaped(&found.value)).unwrap_or_default();
    let heading = if title.is_empty() { String::new() } else { format!("<h1>{title}</h1>\n") };
    format!(
        "<!DOCTYPE html>\n<html{}>\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n</head>\n<body>\n\
         {heading}{}\n</body>\n</html>\n",
        language.unwrap_or_default(),
        markdown::html(&article.with_comments(), images).trim_end(),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// What an import says, as one page's failure.
pub(super) fn input_failure(error: &import::ImportError) -> Failure {
    Failure::new(Stage::Input, error.kind(), error.to_string())
}
