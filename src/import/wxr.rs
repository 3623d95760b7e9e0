//! WordPress exports (WXR): an RSS file with everything on a site. It is read as a stream, twice: first for the names of
//! all articles, so that links between them can be resolved, then for the articles.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use url::Url;

use super::error::ImportError;
use super::input::Input;
use super::item::{ArticleInfo, Item, ItemContent, Report, Sink};
use super::resources::Resources;
use super::source_url::web_url;
use super::xml::{self, Visitor};
use super::{feed_entry, wordpress};
use crate::html::text::collapse;
use crate::model::{ImageRef, Loss, LossKind, Metadata, Origin, PageDate, RawPage, Sourced, UrlKey, safe_name};

/// Types of items that are not articles.
const INTERNAL_TYPES: [&str; 22] = [
    "nav_menu_item",
    "revision",
    "wp_template",
    "wp_template_part",
    "wp_global_styles",
    "wp_navigation",
    "wp_font_family",
    "wp_font_face",
    "custom_css",
    "customize_changeset",
    "oembed_cache",
    "user_request",
    "wp_block",
    "attachment",
    "feedback",
    "safecss",
    "acf-field",
    "acf-field-group",
    "elementor_library",
    "wpcf7_contact_form",
    "scheduled-action",
    "jp_mem_plan",
];

/// States of items that were deleted or never saved.
const DISCARDED: [&str; 3] = ["trash", "spam", "auto-draft"];

/// States of items that go to the folder `drafts`.
const UNPUBLISHED: [&str; 3] = ["draft", "pending", "future"];

/// One item of an export, as written.
#[derive(Debug, Clone, Default)]
struct WxrItem {
    title: String,
    link: String,
    creator: String,
    id: String,
    date: String,
    date_gmt: String,
    published: String,
    modified: String,
    modified_gmt: String,
    name: String,
    status: String,
    kind: String,
    content: String,
    excerpt: String,
    attachment: String,
    thumbnail: String,
    comments: u64,
    categories: Vec<String>,
    tags: Vec<String>,
}

/// What the export states about the site.
#[derive(Debug, Clone, Default)]
struct Site {
    title: String,
    language: String,
    authors: HashMap<String, String>,
}

/// The names of all articles, and the targets of links and images.
#[derive(Debug, Default)]
struct SiteIndex {
    /// The name of each item, in order; None for one that is left out.
    names: Vec<Option<Box<str>>>,
    by_key: HashMap<String, usize>,
    attachments: HashMap<String, String>,
    /// The number of the attachment with a URL, as [`bare_url`] reduces it.
    by_url: HashMap<String, String>,
}

/// Reads an export. An error when it cannot be opened; a fault that ends it early is in the report.
pub fn read(input: &Input, sink: Sink<'_>) -> Result<Report, ImportError> {
    let mut first = FirstPass::default();
    // A fault that ends the first pass ends the second at the same place, and is reported there.
    let _ = xml::visit(input.stream()?, &mut ItemReader::new(&mut |raw, _| first.add(raw)));
    let index = Arc::new(first.index);
    let mut report = Report::default();
    let mut at = 0;
    let mut shown: HashSet<String> = HashSet::new();
    let mut take = |raw: WxrItem, site: &Site| {
        let name = index.names.get(at).and_then(Option::as_deref);
        at += 1;
        match name {
            None => {
                if raw.kind != "attachment" {
                    report.leave_out(&reason_left_out(&raw));
                }
                ControlFlow::Continue(())
            }
            Some(name) => {
                index.add_shown(&raw, &mut shown);
                if raw.comments > 0 {
                    *report.left_out.entry("comment".to_owned()).or_default() += raw.comments;
                }
                sink(item(raw, site, name, &index, input.name()))
            }
        }
    };
    let ended = xml::visit(input.stream()?, &mut ItemReader::new(&mut take));
    for (id, url) in index.attachments.iter().filter(|(id, _)| !shown.contains(*id)) {
        report.leave_out("attachment that no article shows");
        report.lose(&Loss::new(LossKind::Attachment, if url.is_empty() { id } else { url }));
    }
    report.cut = ended.err().map(|cause| format!("after {at} items: {cause}"));
    Ok(report)
}

/// The first pass over an export.
#[derive(Default)]
struct FirstPass {
    index: SiteIndex,
    /// The names in use.
    taken: HashSet<String>,
    /// The number of items so far with the same name and the same number.
    duplicates: HashMap<String, u64>,
}

impl FirstPass {
    fn add(&mut self, raw: WxrItem) -> ControlFlow<()> {
        if raw.kind == "attachment" && !DISCARDED.contains(&raw.status.as_str()) {
            self.index.attachments.insert(raw.id.clone(), raw.attachment.clone());
            self.index.by_url.insert(bare_url(&raw.attachment).to_owned(), raw.id.clone());
        }
        let name = is_article(&raw).then(|| self.name(&raw));
        if let (Some(_), Ok(url)) = (&name, Url::parse(&raw.link)) {
            self.index.by_key.entry(UrlKey::of(&url).to_string()).or_insert(self.index.names.len());
        }
        self.index.names.push(name.map(String::into_boxed_str));
        ControlFlow::Continue(())
    }

    /// Returns a unique name for an article.
    fn name(&mut self, raw: &WxrItem) -> String {
        let folder = match raw.kind.as_str() {
            _ if UNPUBLISHED.contains(&raw.status.as_str()) => "drafts".to_owned(),
            "post" | "" => "posts".to_owned(),
            "page" => "pages".to_owned(),
            other => safe_name(other),
        };
        let written = percent_encoding::percent_decode_str(&raw.name).decode_utf8_lossy().into_owned();
        let name = [safe_name(&written), safe_name(&raw.title)].into_iter().find(|name| !name.is_empty());
        let id = safe_name(&raw.id);
        let mut path = format!("{folder}/{}", name.unwrap_or_else(|| format!("item-{id}")));
        if self.taken.insert(path.clone()) {
            return path;
        }
        let stem = format!("{path}-{id}");
        if self.taken.insert(stem.clone()) {
            return stem;
        }
        let nth = self.duplicates.entry(stem.clone()).or_insert(1);
        loop {
            *nth += 1;
            path = format!("{stem}-{nth}");
            if self.taken.insert(path.clone()) {
                return path;
            }
        }
    }
}

/// Returns a URL without scheme, extension and size: `//blog.example.cn/a` of `https://blog.example.cn/a-300x200.jpg`.
fn bare_url(url: &str) -> &str {
    let url = url.trim().split(['?', '#']).next().unwrap_or_default();
    let url = url.find("//").map_or(url, |at| &url[at..]);
    let name = url.rfind('/').map_or(0, |at| at + 1);
    let bare = url[name..].rfind('.').map_or(url, |at| &url[..name + at]);
    let size = bare[name..].rfind('-').map(|at| (name + at, &bare[name + at + 1..]));
    let is_size = |text: &str| {
        let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.split_once('x').is_some_and(|(width, height)| number(width) && number(height))
    };
    match size {
        Some((at, size)) if is_size(size) || size == "scaled" => &bare[..at],
        _ => bare,
    }
}

impl SiteIndex {
    /// Returns the URL of an attachment.
    fn attachment(&self, id: &str) -> Option<String> {
        self.attachments.get(id).filter(|url| !url.is_empty()).cloned()
    }

    /// Adds the attachments that an article shows or links to.
    fn add_shown(&self, raw: &WxrItem, shown: &mut HashSet<String>) {
        if self.attachments.is_empty() {
            return;
        }
        if self.attachments.contains_key(&raw.thumbnail) {
            shown.insert(raw.thumbnail.clone());
        }
        let url = |rest: &str| {
            let end = rest.find(['"', '\'', ' ', '<', '>', ')', '\n']).unwrap_or(rest.len());
            self.by_url.get(bare_url(&rest[..end])).cloned()
        };
        shown.extend(raw.content.match_indices("//").filter_map(|(at, _)| url(&raw.content[at..])));
        // Galleries list their attachments: `ids="1,2"`.
        for (at, _) in raw.content.match_indices("ids=") {
            let rest = raw.content[at + 4..].trim_start_matches(['"', '\'']);
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ',' || c == ' ')).unwrap_or(rest.len());
            let ids = rest[..end].split(',').map(str::trim).filter(|id| self.attachments.contains_key(*id));
            shown.extend(ids.map(str::to_owned));
        }
    }
}

fn is_article(raw: &WxrItem) -> bool {
    let is_kept = !DISCARDED.contains(&raw.status.as_str()) && !INTERNAL_TYPES.contains(&raw.kind.as_str());
    is_kept && !(raw.content.trim().is_empty() && raw.excerpt.trim().is_empty())
}

/// Returns why an item is left out, for the report.
fn reason_left_out(raw: &WxrItem) -> String {
    if INTERNAL_TYPES.contains(&raw.kind.as_str()) {
        raw.kind.clone()
    } else if DISCARDED.contains(&raw.status.as_str()) {
        raw.status.clone()
    } else {
        format!("{} without content", if raw.kind.is_empty() { "item" } else { &raw.kind })
    }
}

fn item(raw: WxrItem, site: &Site, name: &str, index: &Arc<SiteIndex>, source: &str) -> Item {
    let sourced =
        |value: &str| Some(collapse(value)).filter(|value| !value.is_empty()).map(|value| Sourced::new(value, "wxr"));
    let content = if raw.content.trim().is_empty() { &raw.excerpt } else { &raw.content };
    let (html, mut losses) = wordpress::html(content, &|id| index.attachment(id));
    if raw.status == "draft" || raw.status == "pending" || raw.status == "private" || raw.status == "future" {
        losses.push(Loss::new(LossKind::Status, raw.status.clone()));
    }
    let author = site.authors.get(&raw.creator).unwrap_or(&raw.creator);
    let link = web_url(&raw.link);
    let excerpt = if raw.content.trim().is_empty() { "" } else { raw.excerpt.as_str() };
    let metadata = Metadata {
        title: sourced(&raw.title),
        authors: sourced(author).map(|name| Sourced::new(vec![name.value], "wxr")),
        published: date(&raw.date, &raw.date_gmt, &raw.published).map(|date| Sourced::new(date, "wxr")),
        modified: date(&raw.modified, &raw.modified_gmt, "").map(|date| Sourced::new(date, "wxr")),
        site: sourced(&site.title),
        language: sourced(&site.language),
        description: sourced(&plain(excerpt)),
        lead_image: index.attachment(&raw.thumbnail).map(|url| Sourced::new(url, "wxr")),
        tags: (!raw.tags.is_empty()).then(|| Sourced::new(raw.tags.clone(), "wxr")),
        ..Metadata::default()
    };
    let page = RawPage::from_bytes(html.into_bytes(), link, Origin::Import(source.to_owned()), None);
    let info = ArticleInfo { metadata, categories: raw.categories, identity: None };
    Item {
        name: PathBuf::from(name),
        content: ItemContent::Body(page, Box::new(info)),
        resources: Arc::clone(index) as Arc<dyn Resources>,
        losses,
    }
}

/// Returns the text of an excerpt.
fn plain(html: &str) -> String {
    let fragment = crate::html::fragment(html);
    fragment.root().text().collect::<Vec<_>>().join(" ")
}

/// Returns the date of an item: its local time, with the offset between local time and UTC. None for the dates of drafts,
/// which are in the year 0 or 1970.
fn date(own: &str, gmt: &str, published: &str) -> Option<PageDate> {
    let parse =
        |text: &str| DateTime::strptime("%Y-%m-%d %H:%M:%S", text.trim()).ok().filter(|time| time.year() > 1970);
    match (parse(own), parse(gmt)) {
        (Some(local), Some(utc)) => {
            let minutes = local.duration_since(utc).as_secs() / 60;
            let fits = minutes % 15 == 0 && minutes.abs() <= 14 * 60;
            let offset = Offset::from_seconds(i32::try_from(minutes * 60).ok()?).ok().filter(|_| fits);
            let (local, offset) = offset.map_or((utc, Offset::UTC), |offset| (local, offset));
            Some(PageDate::Time { local, offset, assumed: false })
        }
        (Some(local), None) => Some(PageDate::Day(local.date())),
        (None, Some(utc)) => Some(PageDate::Time { local: utc, offset: Offset::UTC, assumed: false }),
        (None, None) => feed_entry::date(published),
    }
}

impl Resources for SiteIndex {
    fn image(&self, _: &ImageRef) -> Option<Vec<u8>> {
        None
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        let url = Url::parse(href).ok()?;
        let at = self.by_key.get(&UrlKey::of(&url).to_string())?;
        self.names.get(*at)?.as_deref().map(PathBuf::from)
    }
}

/// Assembles items from the elements of an export.
struct ItemReader<'a> {
    take: &'a mut dyn FnMut(WxrItem, &Site) -> ControlFlow<()>,
    site: Site,
    item: WxrItem,
    meta_key: String,
    login: String,
    seen: BTreeSet<String>,
}

impl<'a> ItemReader<'a> {
    fn new(take: &'a mut dyn FnMut(WxrItem, &Site) -> ControlFlow<()>) -> Self {
        let (site, item) = (Site::default(), WxrItem::default());
        Self { take, site, item, meta_key: String::new(), login: String::new(), seen: BTreeSet::new() }
    }

    /// Takes in a child element of an item.
    fn item_child(&mut self, name: &str, attributes: &[(String, String)], text: &str) {
        let item = &mut self.item;
        let text_of = |text: &str| text.trim().to_owned();
        match name {
            "title" => item.title = text_of(text),
            "link" => item.link = text_of(text),
            "pubdate" => item.published = text_of(text),
            "dc:creator" => item.creator = text_of(text),
            "content:encoded" => item.content = text.to_owned(),
            "excerpt:encoded" => item.excerpt = text.to_owned(),
            "wp:post_id" => item.id = text_of(text),
            "wp:post_date" => item.date = text_of(text),
            "wp:post_date_gmt" => item.date_gmt = text_of(text),
            "wp:post_modified" => item.modified = text_of(text),
            "wp:post_modified_gmt" => item.modified_gmt = text_of(text),
            "wp:post_name" => item.name = text_of(text),
            "wp:status" => item.status = text_of(text),
            "wp:post_type" => item.kind = text_of(text),
            "wp:attachment_url" => item.attachment = text_of(text),
            "wp:comment" => item.comments += 1,
            "category" => {
                let domain = attributes.iter().find(|(key, _)| key == "domain").map_or("category", |(_, value)| value);
                let list = match domain {
                    "category" => &mut item.categories,
                    "post_tag" | "tag" => &mut item.tags,
                    _ => return,
                };
                let name = collapse(text);
                if !name.is_empty() && !list.contains(&name) {
                    list.push(name);
                }
            }
            _ => {}
        }
    }
}

impl Visitor for ItemReader<'_> {
    fn open(&mut self, path: &[String], _: &[(String, String)]) {
        if path.last().is_some_and(|name| name == "item") {
            self.item = WxrItem::default();
        }
    }

    fn close(&mut self, path: &[String], attributes: &[(String, String)], text: &str) -> bool {
        let [.., parent, name] = path else { return false };
        match (parent.as_str(), name.as_str()) {
            (_, "item") => return (self.take)(std::mem::take(&mut self.item), &self.site).is_break(),
            ("item", name) => self.item_child(name, attributes, text),
            ("wp:postmeta", "wp:meta_key") => text.trim().clone_into(&mut self.meta_key),
            ("wp:postmeta", "wp:meta_value") if self.meta_key == "_thumbnail_id" => {
                text.trim().clone_into(&mut self.item.thumbnail);
            }
            ("wp:author", "wp:author_login") => text.trim().clone_into(&mut self.login),
            ("wp:author", "wp:author_display_name") if !text.trim().is_empty() => {
                self.site.authors.insert(self.login.clone(), text.trim().to_owned());
            }
            ("channel", "title") if self.seen.insert("title".to_owned()) => self.site.title = text.trim().to_owned(),
            ("channel", "language") => self.site.language = text.trim().to_owned(),
            _ => {}
        }
        false
    }
}
