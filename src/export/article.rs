//! From a stored text to the text of another program. The stored text stays as it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use url::Url;

use crate::archive::{Entry, PageOrigin, Snapshot};
use crate::frontmatter::{self, Fields, Profile, ProfileName, TemplateEngine};
use crate::markdown::{self, NewTarget, TargetKind};
use crate::model::{Digest, UrlKey, item_fragment, title_name};

use super::layout::Layout;

/// Begins the targets that stand for articles of the export.
const ARTICLE: &str = "bindery-article:";

/// A text as the archive has it.
#[derive(Debug, Clone)]
pub(super) struct StoredText {
    /// Its metadata.
    pub fields: Fields,
    /// Its body.
    pub body: String,
    /// The template engine whose markers are escaped in the body.
    pub engine: TemplateEngine,
}

/// The articles of an export, as links name them.
#[derive(Debug, Default)]
pub(super) struct Articles {
    /// The folder of the article with a URL.
    pub by_key: HashMap<UrlKey, String>,
    /// The name of each article in the output folder.
    pub names: BTreeMap<String, String>,
    /// The articles whose files the user removed. Nothing links to them where links must lead to a file.
    pub absent: BTreeSet<String>,
    /// The title of each article.
    pub titles: BTreeMap<String, String>,
    /// The articles that link to each article; empty unless they are listed.
    pub backlinks: BTreeMap<String, BTreeSet<String>>,
}

/// A text for another program.
#[derive(Debug)]
pub(super) struct Rendered {
    /// The file.
    pub text: String,
    /// The images that it links to: the path below the output folder, and that below the archive.
    pub images: BTreeMap<String, String>,
}

/// Reads the newest text of an article. `Err` says what is wrong with it.
pub(super) fn read(root: &Path, entry: &Entry) -> Result<StoredText, String> {
    let record = &entry.record;
    let newest = record.newest().ok_or("its record lists no text")?;
    let bytes = fs::read(root.join(&entry.folder).join(&newest.file)).map_err(|error| error.to_string())?;
    let found = Digest::of(&bytes);
    if found != newest.sha256 {
        return Err(format!("its text has the digest {found}, and its record has {}", newest.sha256));
    }
    let mut text = String::from_utf8(bytes).map_err(|_| "its text is not UTF-8".to_owned())?;
    let start = usize::try_from(newest.front_matter_bytes).ok().filter(|start| text.is_char_boundary(*start));
    let body = text.split_off(start.unwrap_or_default());
    let profile: ProfileName = record.profile.parse().unwrap_or_default();
    let read = frontmatter::read_fields(&text);
    let fields = Fields {
        title: Some(record.title.clone()).filter(|title| !title.is_empty()),
        authors: record.authors.clone(),
        published: record.published.or(read.published),
        url: web(&record.url),
        canonical: newest.canonical.as_deref().and_then(web),
        site: record.site.clone().or(read.site),
        rights: newest.metadata.rights.clone().or(read.rights),
        archived: read.archived.or(Some(newest.captured)),
        ..read
    };
    Ok(StoredText { fields, body, engine: profile.engine() })
}

fn web(url: &str) -> Option<Url> {
    Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

impl Articles {
    /// Returns the article that a link leads to, and the place in it: empty, or beginning with `#`.
    pub fn linked(&self, target: &str) -> Option<(&str, String)> {
        let url = web(target)?;
        let folder = self.by_key.get(&UrlKey::of(&url))?;
        let fragment = url.fragment().filter(|fragment| !fragment.is_empty() && item_fragment(&url).is_none());
        Some((folder, fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default()))
    }
}

/// Returns the text of an article for a layout. `damaged` are the images that cannot be used, as paths below the archive.
pub(super) fn render(
    stored: StoredText,
    entry: &Entry,
    layout: Layout,
    articles: &Articles,
    damaged: &BTreeSet<String>,
) -> Rendered {
    let name = articles.names.get(&entry.folder).map_or("", String::as_str);
    let saved: BTreeMap<&str, &str> = entry.record.newest().into_iter().flat_map(saved_images).collect();
    let mut images = BTreeMap::new();
    let mut image = |target: &str| {
        let path = image_in(target)?;
        let (path, url) = saved.get_key_value(path.as_str())?;
        if damaged.contains(*path) {
            return web(url).map(|_| (*url).to_owned());
        }
        let (file, link) = layout.image(name, path.strip_prefix("images/").unwrap_or(path));
        images.insert(file, (*path).to_owned());
        Some(link)
    };
    let mut fields = stored.fields;
    fields.image = fields.image.take().and_then(|target| match image(&target) {
        Some(link) => Some(link).filter(|link| layout.profile().names_remote_images() || web(link).is_none()),
        None => Some(target).filter(|target| layout.profile().names_remote_images() && web(target).is_some()),
    });
    let language = fields.language.clone().unwrap_or_default();
    let body = stored.body + &backlinks(&entry.folder, &language, articles);
    let mut targets = |kind: TargetKind, target: &str| match kind {
        TargetKind::Image => image(target).map(NewTarget::Url),
        TargetKind::Link => match target.strip_prefix(ARTICLE) {
            Some(folder) => Some(layout.link(articles.names.get(folder)?, "")),
            None => {
                let (folder, fragment) = articles.linked(target)?;
                Some(layout.link(articles.names.get(folder)?, &fragment))
            }
        },
    };
    let profile = layout.profile();
    let body = markdown::rewrite(&body, stored.engine, profile.engine(), &mut targets);
    fields.aliases = aliases(&fields, entry);
    fields.other_titles = fields.title.iter().filter(|title| title.as_str() != name).cloned().collect();
    fields.sha256 = Some(Digest::of(body.as_bytes()));
    // Only a user's template fails.
    let front_matter =
        frontmatter::write(&fields, &Profile { name: profile, ..Profile::default() }).unwrap_or_default();
    Rendered { text: front_matter + &body, images }
}

/// Returns the saved images of a text: the path below the archive, and the URL.
pub(super) fn saved_images(snapshot: &Snapshot) -> impl Iterator<Item = (&str, &str)> {
    snapshot.images.iter().filter_map(|image| Some((image.path.as_deref()?, image.url.as_str())))
}

/// Returns the path below the archive of the image that a target of a stored text leads to, whatever stands before it.
pub(super) fn image_in(target: &str) -> Option<String> {
    let mut parts = target.rsplit('/');
    let (file, folder) = (parts.next()?, parts.next()?);
    Some(format!("images/{folder}/{file}"))
}

/// Returns the paths that an article had on the user's own site: those that its text names, else that of an imported page.
fn aliases(fields: &Fields, entry: &Entry) -> Vec<String> {
    let is_import = entry.record.newest().is_some_and(|newest| newest.origin == PageOrigin::Import.as_str());
    let is_page = |url: &&Url| url.path() != "/" && url.query().is_none();
    match &fields.url {
        Some(url) if is_import && fields.aliases.is_empty() && is_page(&url) => vec![url.path().to_owned()],
        _ => fields.aliases.clone(),
    }
}

/// Returns a section with the articles that link to one; empty if there are none.
fn backlinks(folder: &str, language: &str, articles: &Articles) -> String {
    let Some(from) = articles.backlinks.get(folder).filter(|from| !from.is_empty()) else { return String::new() };
    let heading = if language.starts_with("zh") { "链接到本文的文章" } else { "Linked from" };
    format!("\n## {heading}\n\n{}", list(from.iter(), articles))
}

/// Returns a list of links to articles, by their folders.
fn list<'a>(folders: impl Iterator<Item = &'a String>, articles: &Articles) -> String {
    let line = |folder: &String| {
        let title = articles.titles.get(folder).map_or("", String::as_str);
        format!("- [{}]({ARTICLE}{folder})\n", plain_title(title))
    };
    folders.map(line).collect()
}

/// Returns a title as the text of a link: no character of it is read as Markdown or as a template marker.
fn plain_title(title: &str) -> String {
    let mut out = String::with_capacity(title.len());
    for c in title.chars() {
        match c {
            '{' | '}' => out.push_str(&format!("&#{};", u32::from(c))),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~' | '$' | '|' | '#' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    if out.trim().is_empty() { "untitled".to_owned() } else { out }
}

/// Returns a text that lists articles, the newest first. `articles` are their days and folders, newest first.
pub(super) fn index(layout: Layout, title: &str, days: &[(String, String)], articles: &Articles) -> String {
    let mut text = format!("# {title}\n");
    let mut month = "";
    for (day, folder) in days {
        let own = day.get(..7).unwrap_or(day);
        if own != month {
            text.push_str(&format!("\n## {own}\n\n"));
            month = own;
        }
        text.push_str(&list(std::iter::once(folder), articles));
    }
    let mut targets =
        |_: TargetKind, target: &str| Some(layout.link(articles.names.get(target.strip_prefix(ARTICLE)?)?, ""));
    markdown::rewrite(&text, TemplateEngine::None, layout.profile().engine(), &mut targets)
}

/// Returns the name of the text that lists all others.
pub(super) fn index_name(title: &str) -> String {
    title_name(title)
}
