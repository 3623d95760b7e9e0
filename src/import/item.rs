//! The items that an import produces, and the report of what it left out.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use url::Url;

use super::error::ImportError;
use super::resources::{PageLocation, Resources};
use crate::model::{FeedItem, GuidTrust, Loss, Metadata, Publication, RawPage, safe_name};

/// One thing to convert.
pub struct Item {
    /// Its path within the import, with `/` and without extension; empty for the only item of an input, which takes the
    /// input's name.
    pub name: PathBuf,
    /// Its content.
    pub content: ItemContent,
    /// Its images and linked pages.
    pub resources: Arc<dyn Resources>,
    /// What the export itself lost of it.
    pub losses: Vec<Loss>,
}

/// The content of an item.
pub enum ItemContent {
    /// A page, whose article is to be extracted.
    Page(RawPage),
    /// A post of a static site: front matter and body.
    Post(RawPage),
    /// The body of an article, and its metadata in the export.
    Body(RawPage, Box<ArticleInfo>),
    /// URLs to fetch.
    UrlList(Vec<ListedUrl>),
    /// A file in a folder or container, to be imported by its own kind.
    File(super::Input, super::Kind, PageLocation),
    /// An item that cannot be read.
    Broken(ImportError),
}

/// What an export states about an article besides its body.
#[derive(Debug, Clone, Default)]
pub struct ArticleInfo {
    /// Title, authors, dates, tags and the rest.
    pub metadata: Metadata,
    /// Categories, outermost first.
    pub categories: Vec<String>,
    /// Readers' comments, as HTML; empty for none. They are written only when comments are wanted.
    pub comments: String,
    /// The identity of an item of a feed; None for anything else.
    pub identity: Option<ItemIdentity>,
}

/// The identity of an item within its feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemIdentity {
    /// The URL that stands for it; None for an item that is the page to which it links.
    pub url: Option<Url>,
    /// The item in each URL of its feed.
    pub items: Vec<FeedItem>,
    /// How far its identifier is trusted.
    pub trust: GuidTrust,
}

/// An entry of a list of URLs; its fields are those of a line of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListedUrl {
    /// The URL.
    pub url: String,
    /// Its title; absent when the list gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// When it was added to the list, RFC 3339; absent when the list does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The folders that contain it, outermost first, separated by `/`; absent at the top level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Its description; absent when the list gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it leads to instead of a page; absent for a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ListedKind>,
}

/// What a URL leads to that is itself a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListedKind {
    /// A feed.
    Feed,
    /// A sitemap.
    Sitemap,
}

/// The maximum size of an export that is read as a whole, in bytes.
pub const EXPORT_CAP: u64 = 512 << 20;

/// The names that the items of an export have so far.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// The number of items so far with the same name and the same identifier.
    duplicates: HashMap<String, u64>,
}

impl Names {
    /// Returns a name that no other item has, inside `folder` (empty for none): the first of `wanted` that can be a name,
    /// else one by the identifier, which also distinguishes items of one name.
    pub fn unique(&mut self, folder: &str, wanted: &[&str], id: &str) -> String {
        let name = wanted.iter().map(|name| safe_name(name)).find(|name| !name.is_empty());
        let id = safe_name(id);
        let name = name.unwrap_or_else(|| format!("item-{id}"));
        let mut path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
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

/// What an import left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Items that were left out: the number of each kind, such as `revision` and `trash`.
    pub left_out: BTreeMap<String, u64>,
    /// Losses that belong to no item: the number of each, by kind and detail.
    pub losses: BTreeMap<String, u64>,
    /// Faults of the input that cost nothing: the number of each kind.
    pub warnings: BTreeMap<&'static str, u64>,
    /// Items that not everybody could read: the number of each kind, such as `draft` and `private`.
    pub unpublished: BTreeMap<&'static str, u64>,
    /// Where and why reading stopped early; None when the whole input was read. What came before was read.
    pub cut: Option<String>,
}

impl Report {
    /// Counts an item that is left out.
    pub fn leave_out(&mut self, what: &str) {
        *self.left_out.entry(what.to_owned()).or_default() += 1;
    }

    /// Adds what another part of the import left out.
    pub fn add(&mut self, other: Self) {
        other.left_out.into_iter().for_each(|(what, count)| *self.left_out.entry(what).or_default() += count);
        other.losses.into_iter().for_each(|(what, count)| *self.losses.entry(what).or_default() += count);
        other.warnings.into_iter().for_each(|(what, count)| *self.warnings.entry(what).or_default() += count);
        other.unpublished.into_iter().for_each(|(what, count)| *self.unpublished.entry(what).or_default() += count);
        self.cut = self.cut.take().or(other.cut);
    }

    /// Counts a fault of the input that costs nothing.
    pub fn warn(&mut self, what: &'static str) {
        *self.warnings.entry(what).or_default() += 1;
    }

    /// Counts an item by who could read it.
    pub fn count(&mut self, publication: Publication) {
        if !publication.is_public() {
            *self.unpublished.entry(publication.as_str()).or_default() += 1;
        }
    }

    /// Counts a loss.
    pub fn lose(&mut self, loss: &Loss) {
        *self.losses.entry(format!("{} {}", loss.kind.as_str(), loss.detail)).or_default() += 1;
    }
}

/// Receives each item; `Break` ends the import.
pub type Sink<'a> = &'a mut dyn FnMut(Item) -> ControlFlow<()>;
