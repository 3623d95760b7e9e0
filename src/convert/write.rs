//! Converts one item of an import to its text.

use serde_json::{Map, Value, json};

use crate::extract::{self, ExtractError, extract};
use crate::import::{self, Item, ItemContent, ListedUrl, Post};
use crate::markdown;
use crate::model::{
    Article, Difference, Failure, ImageMap, Loss, LossKind, Origin, RawPage, Sourced, Stage, WarningKind,
};

use super::carried::{self, Carried, Fetching};
use super::images::Localise;
use super::joined;
use super::options::{Converted, Format, Options};
use super::posts;

/// The article of an item.
pub(super) struct ExtractedItem {
    pub raw: RawPage,
    pub article: Article,
    /// Its categories in the export.
    pub categories: Vec<String>,
}

/// Converts one item.
pub(super) fn item(item: Item, options: &Options, localise: Localise<'_>) -> Result<Converted, Failure> {
    let losses = item.losses;
    let converted = match item.content {
        ItemContent::UrlList(urls) => Ok(self::urls(&urls)),
        ItemContent::Broken(error) => Err(input_failure(&error)),
        ItemContent::Post(raw) => match import::post(&raw.body) {
            Some(post) => self::post(&raw, &post, options, localise),
            None => page(extract_page(raw, options)?, options, localise),
        },
        ItemContent::Page(raw) => {
            let mut found = extract_page(raw, options)?;
            joined::join(&mut found.article, &found.raw, &*item.resources, options);
            page(found, options, localise)
        }
        ItemContent::Body(raw, info) => page(extract_body(raw, *info, options)?, options, localise),
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

/// Extracts the article of a page.
pub(super) fn extract_page(raw: RawPage, options: &Options) -> Result<ExtractedItem, Failure> {
    let article = extract(&raw, options.extract.clone()).map_err(|error| {
        let advice = match error {
            ExtractError::NoArticle { .. } if !options.extract.fragment => "; --fragment keeps the whole page",
            _ => "",
        };
        Failure::new(Stage::Extract, error.kind(), format!("{error}{advice}"))
    })?;
    Ok(ExtractedItem { raw, article, categories: Vec::new() })
}

/// Extracts an article's body and gives it the metadata of the export.
pub(super) fn extract_body(
    raw: RawPage,
    info: import::ArticleInfo,
    options: &Options,
) -> Result<ExtractedItem, Failure> {
    let mut options = options.clone();
    options.extract.fragment = true;
    // A note may be nothing but its title and its metadata; of an item of a feed the text is on its page.
    let is_note = info.identity.is_none() && info.metadata.title.is_some();
    let is_empty = raw.body.iter().all(u8::is_ascii_whitespace);
    let raw = if is_note && is_empty { RawPage { body: b"<p></p>".to_vec(), ..raw } } else { raw };
    let mut found = extract_page(raw, &options)?;
    found.article.metadata = info.metadata;
    found.categories = info.categories;
    if !options.extract.comments && !info.comments.is_empty() {
        found.article.losses.push(Loss::new(LossKind::LeftOut, "comments; --comments keeps them"));
    }
    if options.extract.comments && !info.comments.is_empty() {
        let article = &mut found.article;
        let language = article.metadata.language.as_ref().map_or("", |language| language.value.as_str());
        let html = format!("<hr><h2>{}</h2>\n{}", extract::comments_heading(language), info.comments);
        let raw = RawPage { body: html.into_bytes(), ..found.raw.clone() };
        let comments = self::extract_page(raw, &options)?.article;
        article.images.extend(comments.images);
        article.comments = Some(comments.content);
    }
    Ok(found)
}

fn page(found: ExtractedItem, options: &Options, localise: Localise<'_>) -> Result<Converted, Failure> {
    let ExtractedItem { mut article, categories, .. } = found;
    let images = localise(&mut article)?;
    let mut profile = options.profile.clone();
    if profile.categories.is_empty() {
        profile.categories = categories;
    }
    let fields = fields(&article, &profile.categories);
    let Rendered { text, front_matter, round_trip } =
        render(&article, &images, &Options { profile, ..options.clone() });
    let players = article.players().len();
    let saved = article.images.iter().filter(|image| images.contains_key(&image.url)).count();
    Ok(Converted {
        text,
        front_matter,
        fields,
        is_list: false,
        title: article.metadata.title.as_ref().map(|title| title.value.clone()),
        images: (saved, article.images.len() - saved + players),
        missing: Vec::new(),
        confidence: article.confidence,
        warnings: article.warnings,
        losses: article.losses,
        trace: article.trace,
        round_trip,
    })
}

/// Converts a post. All of its body is article; its front matter is kept unless the options write none.
fn post(raw: &RawPage, post: &Post<'_>, options: &Options, localise: Localise<'_>) -> Result<Converted, Failure> {
    let keeps = options.profile.front_matter && options.format == Format::Markdown;
    let mut body_options = options.clone();
    body_options.extract.fragment = true;
    body_options.profile.front_matter = false;
    let mut front_matter = post.front_matter.to_owned();
    // Images of the front matter are stored with those of the body but not counted.
    let named = if options.remote.is_some() && keeps { posts::images(post) } else { Vec::new() };
    let (title, warning) = posts::title(post);
    let localise: Localise<'_> = &mut |article: &mut Article| {
        if article.metadata.title.is_none() {
            article.metadata.title = title.clone().map(|title| Sourced::new(title, "front-matter"));
        }
        article.metadata.publication = posts::publication(post);
        let own = article.images.len();
        article.images.extend(named.iter().cloned());
        let images = localise(article)?;
        article.images.truncate(own);
        front_matter = posts::with_images(post.front_matter, &images);
        Ok(images)
    };
    let is_html = is_named_html(raw) || import::is_html_body(post.body);
    let mut converted = if options.format != Format::Markdown && post.body.trim().is_empty() {
        Converted { text: post.body.to_owned(), confidence: 1.0, ..Converted::default() }
    } else if is_html || options.format != Format::Markdown {
        let protected = import::protect(post.body);
        let body = RawPage { body: protected.html.clone().into_bytes(), ..raw.clone() };
        let converted = page(extract_page(body, &body_options)?, &body_options, localise)?;
        Converted { text: protected.restore(&converted.text), ..converted }
    } else {
        // The text before the front matter stays too, so that the output equals the file.
        let fetching = if options.remote.is_some() { Fetching::Web } else { Fetching::Nothing };
        let Carried { text, images } = carried::body(post.body, fetching, localise)?;
        front_matter.insert_str(0, before(&raw.body, post));
        Converted { text, images, confidence: 1.0, ..Converted::default() }
    };
    converted.title = title.or(converted.title);
    // A post is always UTF-8.
    converted.warnings.retain(|warning| warning.kind != WarningKind::Charset);
    converted.warnings.extend(warning);
    converted.losses.extend(posts::template_tags(post.body));
    if keeps {
        converted.text.insert_str(0, &front_matter);
        converted.front_matter = front_matter.len();
    }
    Ok(converted)
}

/// Returns whether the file of a post is named as HTML; its body is HTML then.
fn is_named_html(raw: &RawPage) -> bool {
    match &raw.origin {
        Origin::File(path) => import::is_page_name(&path.to_string_lossy()),
        Origin::Import(name) => import::is_page_name(name),
        _ => false,
    }
}

/// Returns the text before the front matter of a post: a byte order mark and empty lines.
fn before<'a>(file: &'a [u8], post: &Post<'_>) -> &'a str {
    let length = file.len().saturating_sub(post.front_matter.len() + post.body.len());
    std::str::from_utf8(&file[..length]).unwrap_or_default()
}

/// Writes a list of URLs as JSON lines, for `archive --input-file`.
fn urls(urls: &[ListedUrl]) -> Converted {
    let title = Some(format!("{} URLs", urls.len()));
    Converted { text: import::jsonl(urls), is_list: true, title, confidence: 1.0, ..Converted::default() }
}

/// The text of an article in one format.
struct Rendered {
    text: String,
    /// The length of the front matter at its start, in bytes.
    front_matter: usize,
    round_trip: Vec<Difference>,
}

fn render(article: &Article, images: &ImageMap, options: &Options) -> Rendered {
    let (text, front_matter, round_trip) = match options.format {
        Format::Markdown => {
            let document = markdown::write(article, images, &options.profile);
            (document.text(), document.front_matter.len(), document.round_trip)
        }
        Format::Html => (document(article, images), 0, Vec::new()),
        Format::Text => (markdown::text(&article.with_comments()), 0, Vec::new()),
        Format::Json => {
            let document = markdown::write(article, images, &options.profile);
            let mut object = fields(article, &options.profile.categories);
            object.insert("markdown".to_owned(), document.body.into());
            object.insert("round_trip".to_owned(), json!(document.round_trip));
            (format!("{}\n", Value::Object(object)), 0, document.round_trip)
        }
    };
    Rendered { text, front_matter, round_trip }
}

/// Returns what a program may want to know of an article besides its text: each metadata field and its source, URL,
/// charset, images, warnings and losses.
fn fields(article: &Article, categories: &[String]) -> Map<String, Value> {
    let mut object = json!({
        "url": article.url,
        "categories": categories,
        "charset": article.charset,
        "confidence": article.confidence,
        "warnings": article.warnings,
        "losses": article.losses,
        "images": article.images.iter().map(|image| &image.url).collect::<Vec<_>>(),
    });
    let metadata = serde_json::to_value(&article.metadata).unwrap_or_default();
    for (name, field) in metadata.as_object().into_iter().flatten() {
        if field.is_string() {
            object[name] = field.clone();
            continue;
        }
        object[name] = field["value"].clone();
        object["sources"][name] = field["source"].clone();
    }
    match object {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Returns the content as a complete HTML document.
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

/// Returns an import's error as the failure of one page.
pub(super) fn input_failure(error: &import::ImportError) -> Failure {
    Failure::new(Stage::Input, error.kind(), error.to_string())
}
