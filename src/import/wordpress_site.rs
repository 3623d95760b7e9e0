//! What the articles of a WordPress export refer to: each other, attachments and reusable blocks.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::PathBuf;

use url::Url;

use super::item::Names;
use super::resources::Resources;
use super::wxr_items::WxrItem;
use crate::model::{ImageRef, UrlKey};

/// States of items that were deleted or never saved.
pub(super) const DISCARDED: [&str; 3] = ["trash", "spam", "auto-draft"];

/// An image or another file of the media library.
#[derive(Debug, Default)]
pub(super) struct Attachment {
    pub url: String,
    pub alt: String,
    /// Its caption, as HTML.
    pub caption: String,
}

/// The names of all articles, and the targets of links, images and blocks.
#[derive(Debug, Default)]
pub(super) struct SiteIndex {
    /// The name of each item, in order; None for one that is left out.
    pub names: Vec<Option<Box<str>>>,
    by_key: HashMap<String, usize>,
    /// The positions of articles, by the number that `?p=2` names.
    by_id: HashMap<String, usize>,
    pub attachments: HashMap<String, Attachment>,
    /// The attachments of each post, by the post's number, in the order of the export.
    children: HashMap<String, Vec<String>>,
    /// The number of the attachment with a URL, as [`bare_url`] reduces it.
    by_url: HashMap<String, String>,
    /// The contents of reusable blocks.
    blocks: HashMap<String, String>,
    /// The host of the site; empty until an article with a link was seen.
    host: String,
}

/// What an item of an export becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemKind {
    /// An article or page.
    Article,
    /// Nothing by itself: an attachment, a menu's entry, a block that articles refer to.
    Other,
}

/// The first pass over an export.
#[derive(Default)]
pub(super) struct FirstPass {
    pub index: SiteIndex,
    names: Names,
}

impl FirstPass {
    /// Adds an item.
    pub fn add(&mut self, raw: WxrItem, item: ItemKind) -> ControlFlow<()> {
        let is_article = item == ItemKind::Article;
        let index = &mut self.index;
        let is_kept = !DISCARDED.contains(&raw.status.as_str());
        if raw.kind == "attachment" && is_kept {
            index.by_url.insert(bare_url(&raw.attachment).to_owned(), raw.id.clone());
            index.children.entry(raw.parent.clone()).or_default().push(raw.id.clone());
            let attachment = Attachment {
                url: raw.attachment.clone(),
                alt: raw.alt.clone(),
                caption: raw.excerpt.trim().to_owned(),
            };
            index.attachments.insert(raw.id.clone(), attachment);
        }
        if raw.kind == "wp_block" && is_kept {
            index.blocks.insert(raw.id.clone(), raw.content.clone());
        }
        let at = index.names.len();
        if is_article {
            index.by_id.insert(raw.id.clone(), at);
            for url in [&raw.link, &raw.guid].into_iter().filter_map(|link| Url::parse(link).ok()) {
                if index.host.is_empty() {
                    url.host_str().unwrap_or_default().clone_into(&mut index.host);
                }
                index.by_key.entry(key(&url)).or_insert(at);
            }
        }
        let name = is_article.then(|| self.name(&raw));
        self.index.names.push(name.map(String::into_boxed_str));
        ControlFlow::Continue(())
    }

    /// Returns a unique name for an article.
    fn name(&mut self, raw: &WxrItem) -> String {
        let folder = match (raw.publication().folder(), raw.kind.as_str()) {
            (Some(folder), _) => folder.to_owned(),
            (None, "post" | "") => "posts".to_owned(),
            (None, "page") => "pages".to_owned(),
            (None, other) => crate::model::safe_name(other),
        };
        let written = percent_encoding::percent_decode_str(&raw.name).decode_utf8_lossy().into_owned();
        self.names.unique(&folder, &[&written, &raw.title], &raw.id)
    }
}

/// Returns the key of a URL without the slash that ends it: WordPress answers with and without.
fn key(url: &Url) -> String {
    UrlKey::of(url).to_string().trim_end_matches('/').to_owned()
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
    /// Returns the URL of an attachment; `None` when the export does not have it.
    pub fn attachment_url(&self, id: &str) -> Option<String> {
        self.attachments.get(id).map(|attachment| attachment.url.clone()).filter(|url| !url.is_empty())
    }

    /// Returns the numbers of the images that were uploaded for a post.
    pub fn images_of(&self, post: &str) -> Vec<&str> {
        let is_image = |id: &&String| {
            let url = self.attachments.get(*id).map_or("", |attachment| attachment.url.as_str()).to_ascii_lowercase();
            [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".svg"]
                .iter()
                .any(|ending| url.ends_with(ending))
        };
        self.children.get(post).into_iter().flatten().filter(is_image).map(String::as_str).collect()
    }

    /// Returns the content of a reusable block; `None` when the export does not have it.
    pub fn block(&self, id: &str) -> Option<&str> {
        self.blocks.get(id).map(String::as_str)
    }

    /// Adds the attachments that an article shows or links to.
    pub fn add_shown(&self, raw: &WxrItem, shown: &mut HashSet<String>) {
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
        if raw.content.contains("[gallery") {
            shown.extend(self.images_of(&raw.id).into_iter().map(str::to_owned));
        }
        // Galleries list their attachments: `ids="1,2"`.
        for (at, _) in raw.content.match_indices("ids=") {
            let rest = raw.content[at + 4..].trim_start_matches(['"', '\'']);
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ',' || c == ' ')).unwrap_or(rest.len());
            let ids = rest[..end].split(',').map(str::trim).filter(|id| self.attachments.contains_key(*id));
            shown.extend(ids.map(str::to_owned));
        }
    }
}

impl Resources for SiteIndex {
    fn image(&self, _: &ImageRef) -> Option<Vec<u8>> {
        None
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        let base = Url::parse(&format!("https://{}/", self.host)).ok();
        let url = Url::parse(href).ok().or_else(|| base?.join(href).ok())?;
        let by_number = || {
            let (_, id) =
                url.query_pairs().find(|(name, _)| matches!(name.as_ref(), "p" | "page_id" | "attachment_id"))?;
            let is_own = self.host.is_empty() || url.host_str().is_some_and(|host| same_site(host, &self.host));
            self.by_id.get(id.as_ref()).filter(|_| is_own).copied()
        };
        let at = self.by_key.get(&key(&url)).copied().or_else(by_number)?;
        self.names.get(at)?.as_deref().map(PathBuf::from)
    }
}

fn same_site(one: &str, other: &str) -> bool {
    one.trim_start_matches("www.") == other.trim_start_matches("www.")
}
