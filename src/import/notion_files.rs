//! Files of a Notion export in Markdown and CSV: pages, and the databases around them.
//! <https://www.notion.com/help/export-your-content>

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::ImportError;
use super::folder::{FolderResources, is_page_name, without_extension};
use super::input::{Input, PAGE_CAP};
use super::item::{ArticleInfo, Item, ItemContent};
use super::markdown_html::{self, escaped};
use super::notion::Properties;
use super::notion_name::{NotionForm, NotionName, without_id};
use super::resources::{NoResources, PageLocation, Resources};
use super::source_url::web_url;
use crate::html::{self, text::collapse};
use crate::model::{ImageRef, Loss, LossKind, Origin, RawPage};

/// The maximum number of files in the folder of a database.
const MAX_ROWS: usize = 100_000;

/// Reads a page or the table of a database.
///
/// # Errors
/// It cannot be read.
pub(super) fn read(input: &Input, location: Option<&PageLocation>) -> Result<Item, ImportError> {
    let bytes = input.read_all(PAGE_CAP)?;
    let text = html::decode(&bytes, None, None).text;
    let text = text.trim_start_matches('\u{feff}');
    let path = location.map_or(input.name(), |location| location.page.as_str());
    let name = NotionName::of(path).or_else(|| NotionName::of(input.name()));
    let (title, form) = name.map_or((path, NotionForm::Markdown), |name| (name.title, name.form));
    let (html, mut info, url, mut losses) = match form {
        NotionForm::Markdown => page(text, title, &columns(location)),
        NotionForm::View | NotionForm::AllRows => table(text, title, location),
    };
    let resources: Arc<dyn Resources> = match location {
        Some(location) => {
            let folder = FolderResources::new(Arc::clone(&location.files), &location.page, None);
            Arc::new(NotionFiles { folder, location: location.clone() })
        }
        None => Arc::new(NoResources),
    };
    let html = without_attachments(&html, location, &mut losses);
    info.metadata.title = info.metadata.title.take().filter(|title| !title.value.is_empty());
    let origin = Origin::Import(input.name().to_owned());
    let page = RawPage::from_bytes(html.into_bytes(), url.as_deref().and_then(web_url), origin, None);
    Ok(Item { name: PathBuf::new(), content: ItemContent::Body(page, Box::new(info)), resources, losses })
}

type Parts = (String, ArticleInfo, Option<String>, Vec<Loss>);

/// Returns a page: its title, the lines of its properties, and its text. `columns` are those of its database.
fn page(text: &str, file_title: &str, columns: &[String]) -> Parts {
    let text = text.replace("\r\n", "\n");
    let (title, rest) = match text.trim_start().strip_prefix("# ") {
        Some(rest) => rest.split_once('\n').unwrap_or((rest, "")),
        None => (file_title, text.as_str()),
    };
    let mut found = Properties::default();
    let block = rest.trim_start_matches('\n').split("\n\n").next().unwrap_or_default();
    let lines: Vec<(&str, &str)> = block
        .lines()
        .filter_map(|line| line.split_once(": ").or_else(|| Some((line.strip_suffix(':')?, ""))))
        .collect();
    let is_known = |name: &str| match columns.is_empty() {
        true => Properties::is_known(name),
        false => columns.iter().any(|column| column == name),
    };
    // A value of several lines is not followed; such a block is text.
    let is_block = !lines.is_empty() && lines.len() == block.lines().count();
    let is_properties = is_block && lines.iter().filter(|(name, _)| is_known(name)).count() * 2 > lines.len();
    let body = if is_properties { rest.trim_start_matches('\n')[block.len()..].trim_start_matches('\n') } else { rest };
    for (name, value) in lines.iter().filter(|_| is_properties) {
        found.take(name, &escaped(value));
    }
    let html = markdown_html::html(body).replace("<aside>", "<blockquote>").replace("</aside>", "</blockquote>");
    let metadata = found.metadata(collapse(title), String::new(), None);
    let info = ArticleInfo { metadata, ..ArticleInfo::default() };
    (html, info, found.link.take(), found.others)
}

/// Returns the columns of the database to which a page belongs; empty for none.
fn columns(location: Option<&PageLocation>) -> Vec<String> {
    let Some((folder, _)) = location.and_then(|location| location.page.rsplit_once('/')) else { return Vec::new() };
    let Some(location) = location else { return Vec::new() };
    let (parent, name) = folder.rsplit_once('/').unwrap_or(("", folder));
    let belongs = |file: &String| {
        let found = NotionName::of(file).filter(|found| found.form != NotionForm::Markdown);
        found.is_some_and(|found| found.title == without_id(name).unwrap_or(name) || file.starts_with(name))
    };
    let Some(table) = location.files.names(parent, MAX_ROWS).into_iter().find(belongs) else { return Vec::new() };
    let path = if parent.is_empty() { table } else { format!("{parent}/{table}") };
    let bytes = location.files.read(&path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.headers().map(|header| header.iter().map(|name| name.trim().to_owned()).collect()).unwrap_or_default()
}

/// Returns the table of a database, whose rows lead to their pages.
fn table(text: &str, title: &str, location: Option<&PageLocation>) -> Parts {
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
    let pages = location.map(row_pages).unwrap_or_default();
    let mut html = String::from("<table>\n");
    let mut losses = Vec::new();
    for (nth, row) in reader.records().enumerate() {
        let Ok(row) = row else {
            losses.push(Loss::new(LossKind::DamagedRecord, format!("row {nth} cannot be read")));
            continue;
        };
        let cell = if nth == 0 { "th" } else { "td" };
        html.push_str("<tr>");
        for (column, value) in row.iter().enumerate() {
            let words = escaped(value.trim()).replace('\n', "<br>");
            let page = if column == 0 && nth > 0 { page_of(value, &pages) } else { None };
            let inner: Cow<'_, str> = match page {
                Some(path) => format!("<a href=\"{path}\">{words}</a>").into(),
                None => words.into(),
            };
            html.push_str(&format!("<{cell}>{inner}</{cell}>"));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</table>\n");
    let metadata = Properties::default().metadata(title.to_owned(), String::new(), None);
    (html, ArticleInfo { metadata, ..ArticleInfo::default() }, None, losses)
}

/// Returns the links from the table of a database to the pages of its rows, by their titles in letters.
fn row_pages(location: &PageLocation) -> HashMap<String, String> {
    let (parent, file) = location.page.rsplit_once('/').unwrap_or(("", &location.page));
    let stem = file.strip_suffix("_all.csv").or_else(|| file.strip_suffix(".csv")).unwrap_or(file);
    let folders = [stem, without_id(stem).unwrap_or(stem)];
    let mut pages = HashMap::new();
    for folder in folders {
        let path = if parent.is_empty() { folder.to_owned() } else { format!("{parent}/{folder}") };
        for name in location.files.names(&path, MAX_ROWS) {
            let title = name.rsplit_once('.').filter(|_| name.ends_with(".md") || is_page_name(&name));
            if let Some(title) = title.and_then(|(stem, _)| without_id(stem)) {
                let link = percent_encoding::utf8_percent_encode(&format!("{folder}/{name}"), PATH).to_string();
                pages.entry(letters(title)).or_insert(link);
            }
        }
    }
    pages
}

/// Characters that stand for something else in a link.
const PATH: &percent_encoding::AsciiSet =
    &percent_encoding::CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#').add(b'"').add(b'<').add(b'>').add(b'&');

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns the page of a row: Notion cuts long titles in names of files, and leaves out some characters.
fn page_of<'p>(title: &str, pages: &'p HashMap<String, String>) -> Option<&'p String> {
    /// The numbers of letters at which titles are cut.
    const CUT: std::ops::RangeInclusive<usize> = 30..=60;
    let title = letters(title);
    let ends = || CUT.rev().filter_map(|count| title.char_indices().nth(count).map(|(at, _)| at));
    Some(title.as_str())
        .filter(|title| !title.is_empty())
        .and_then(|title| pages.get(title).or_else(|| ends().find_map(|end| pages.get(&title[..end]))))
}

/// Returns the text without links to files of the export that are neither pages nor images, which are lost.
pub(super) fn without_attachments(html: &str, location: Option<&PageLocation>, losses: &mut Vec<Loss>) -> String {
    let Some(location) = location else { return html.to_owned() };
    let folder = FolderResources::new(Arc::clone(&location.files), &location.page, None);
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(" href=\"") {
        let (before, after) = rest.split_at(at);
        let link = after[7..].split('"').next().unwrap_or_default();
        let whole = &after[..(7 + link.len() + 1).min(after.len())];
        out.push_str(before);
        rest = &after[whole.len()..];
        let is_local = !link.contains("://") && !link.starts_with(['#', '/']) && !link.starts_with("mailto:");
        let found = is_local.then(|| folder.paths(link).into_iter().find(|path| location.files.has(path))).flatten();
        match found.filter(|path| !is_page_name(path) && NotionName::of(path).is_none()) {
            Some(path) => {
                losses.push(Loss::new(LossKind::Attachment, path.rsplit('/').next().unwrap_or_default()));
            }
            None => out.push_str(whole),
        }
    }
    out + rest
}

/// The images and linked pages of a file.
struct NotionFiles {
    folder: FolderResources,
    location: PageLocation,
}

impl Resources for NotionFiles {
    fn image(&self, image: &ImageRef) -> Option<Vec<u8>> {
        self.folder.image(image)
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        let files = &self.location.files;
        let found =
            || self.folder.paths(href).into_iter().find(|path| NotionName::of(path).is_some() && files.has(path));
        self.folder.page(href).or_else(|| {
            let path = found()?;
            let all = path.strip_suffix(".csv").map(|stem| format!("{stem}_all.csv")).filter(|all| files.has(all));
            Some(without_extension(Path::new(&all.unwrap_or(path))))
        })
    }

    fn location(&self) -> Option<PageLocation> {
        Some(self.location.clone())
    }
}
