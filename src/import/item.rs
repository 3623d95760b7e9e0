//! What an import gives: things to convert, one after the other, and an account of what it left out.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ImportError;
use crate::model::{ImageRef, Loss, Metadata, RawPage};

/// One thing that an import holds.
pub struct Item {
    /// Its place below the import's own, with `/` and no extension; empty for the only thing in an input, which has the
    /// input's own name.
    pub name: PathBuf,
    /// What it is.
    pub what: What,
    /// What lies around it.
    pub around: Arc<dyn Around>,
    /// What is known to be lost of it, a word and a detail each.
    pub losses: Vec<Loss>,
}

/// What an item is.
pub enum What {
    /// A page, whose article is to be found.
    Page(RawPage),
    /// A post: front matter and body.
    Post(RawPage),
    /// The body of an article, and what the export says of it.
    Body(RawPage, Box<Told>),
    /// URLs to be fetched.
    UrlList(Vec<ListedUrl>),
    /// A file in the export that has a kind of its own, and where it lies there.
    File(super::Input, super::Kind, super::Place),
    /// Something that cannot be read.
    Broken(ImportError),
}

/// What an export says of an article beside its body.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Title, author, dates, tags.
    pub metadata: Metadata,
    /// Categories, outermost first.
    pub categories: Vec<String>,
}

/// What lies around a page in its export: images, and other pages that it links to.
pub trait Around: Send + Sync {
    /// The bytes of an image; None when the export does not hold it.
    fn image(&self, image: &ImageRef) -> Option<Vec<u8>>;

    /// The place of the page behind a link, as [`Item::name`] has it; None for a link that leads elsewhere.
    fn page(&self, href: &str) -> Option<PathBuf>;
}

/// Nothing lies around it.
pub struct Nothing;

impl Around for Nothing {
    fn image(&self, _: &ImageRef) -> Option<Vec<u8>> {
        None
    }

    fn page(&self, _: &str) -> Option<PathBuf> {
        None
    }
}

/// A URL of a list, as a line of JSON has it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListedUrl {
    /// The URL.
    pub url: String,
    /// What the list calls it; absent when it has no name there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// When it was put on the list, RFC 3339; absent when the list does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<String>,
    /// Keywords.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The folders it lies in, outermost first, parted by `/`; absent at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// What the list says about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What an import read, and what it left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Things that were left out and why, with how many: `revision`, `trash`…
    pub left_out: BTreeMap<String, u64>,
    /// Things in articles that were not carried over, with how often: `shortcode [gallery]`…
    pub losses: BTreeMap<String, u64>,
    /// The input ends early or is damaged, and this is where; what came before it was read.
    pub cut: Option<String>,
}

impl Report {
    /// Counts one thing that is left out.
    pub fn leave_out(&mut self, what: &str) {
        *self.left_out.entry(what.to_owned()).or_default() += 1;
    }

    /// Counts one loss.
    pub fn lose(&mut self, loss: &Loss) {
        *self.losses.entry(format!("{} {}", loss.kind.as_str(), loss.detail)).or_default() += 1;
    }
}

/// Takes each item; `Break` ends the reading.
pub type Sink<'a> = &'a mut dyn FnMut(Item) -> ControlFlow<()>;
