//! The items of a WordPress export, assembled from its elements.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

use super::xml::Visitor;
use crate::html::text::collapse;
use crate::model::Publication;

/// One item of an export, as written.
#[derive(Debug, Clone, Default)]
pub(super) struct WxrItem {
    pub title: String,
    pub link: String,
    pub creator: String,
    pub id: String,
    pub date: String,
    pub date_gmt: String,
    pub published: String,
    pub modified: String,
    pub modified_gmt: String,
    pub name: String,
    pub status: String,
    pub kind: String,
    pub content: String,
    pub excerpt: String,
    pub attachment: String,
    pub thumbnail: String,
    pub password: String,
    pub parent: String,
    pub guid: String,
    /// The alternative text of an attachment.
    pub alt: String,
    pub comments: Vec<Comment>,
    /// Terms of other taxonomies than categories and tags, as `taxonomy: name`.
    pub other_terms: Vec<String>,
    pub categories: Vec<String>,
    pub tags: Vec<String>,
}

impl WxrItem {
    /// Returns who could read it.
    pub fn publication(&self) -> Publication {
        match self.status.as_str() {
            "draft" | "pending" | "future" | "auto-draft" | "inherit" => Publication::Draft,
            "private" => Publication::Private,
            _ if !self.password.trim().is_empty() => Publication::Protected,
            _ => Publication::Public,
        }
    }
}

/// A reader's comment.
#[derive(Debug, Clone, Default)]
pub(super) struct Comment {
    pub id: String,
    pub parent: String,
    pub author: String,
    pub date: String,
    pub content: String,
    pub approved: String,
    pub kind: String,
}

impl Comment {
    /// Returns true for a comment of a reader that the site shows; false for spam, for one that waits for approval, and
    /// for a notice that another site links to the article.
    pub fn is_shown(&self) -> bool {
        self.approved == "1" && matches!(self.kind.as_str(), "" | "comment")
    }
}

/// What the export states about the site.
#[derive(Debug, Clone, Default)]
pub(super) struct Site {
    pub title: String,
    pub language: String,
    pub authors: HashMap<String, String>,
}

/// Assembles items from the elements of an export.
pub(super) struct ItemReader<'a> {
    take: &'a mut dyn FnMut(WxrItem, &Site) -> ControlFlow<()>,
    site: Site,
    item: WxrItem,
    comment: Comment,
    meta_key: String,
    login: String,
    seen: BTreeSet<String>,
}

impl<'a> ItemReader<'a> {
    pub fn new(take: &'a mut dyn FnMut(WxrItem, &Site) -> ControlFlow<()>) -> Self {
        let (site, item) = (Site::default(), WxrItem::default());
        Self {
            take,
            site,
            item,
            comment: Comment::default(),
            meta_key: String::new(),
            login: String::new(),
            seen: BTreeSet::new(),
        }
    }

    /// Takes in a child element of an item.
    fn item_child(&mut self, name: &str, attributes: &[(String, String)], text: &str) {
        let item = &mut self.item;
        let text_of = |text: &str| text.trim().to_owned();
        match name {
            "title" => item.title = plain(text),
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
            "wp:post_password" => text.clone_into(&mut item.password),
            "wp:post_parent" => item.parent = text_of(text),
            "guid" => item.guid = text_of(text),
            "category" => {
                let domain = attributes.iter().find(|(key, _)| key == "domain").map_or("category", |(_, value)| value);
                let list = match domain {
                    "category" => &mut item.categories,
                    "post_tag" | "tag" => &mut item.tags,
                    "post_format" | "nav_menu" | "link_category" => return,
                    other => {
                        let term = format!("{other}: {}", plain(text));
                        item.other_terms.push(term);
                        return;
                    }
                };
                let name = plain(text);
                if !name.is_empty() && !list.contains(&name) {
                    list.push(name);
                }
            }
            _ => {}
        }
    }
}

impl ItemReader<'_> {
    /// Takes in a child element of a comment.
    fn comment_child(&mut self, name: &str, text: &str) {
        let comment = &mut self.comment;
        let field = match name {
            "wp:comment_id" => &mut comment.id,
            "wp:comment_parent" => &mut comment.parent,
            "wp:comment_author" => &mut comment.author,
            "wp:comment_date" => &mut comment.date,
            "wp:comment_content" => &mut comment.content,
            "wp:comment_approved" => &mut comment.approved,
            "wp:comment_type" => &mut comment.kind,
            _ => return,
        };
        text.trim().clone_into(field);
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
            ("item", "wp:comment") => self.item.comments.push(std::mem::take(&mut self.comment)),
            ("item", name) => self.item_child(name, attributes, text),
            ("wp:postmeta", "wp:meta_key") => text.trim().clone_into(&mut self.meta_key),
            ("wp:postmeta", "wp:meta_value") if self.meta_key == "_thumbnail_id" => {
                text.trim().clone_into(&mut self.item.thumbnail);
            }
            ("wp:postmeta", "wp:meta_value") if self.meta_key == "_wp_attachment_image_alt" => {
                self.item.alt = collapse(text);
            }
            ("wp:comment", name) => self.comment_child(name, text),
            ("wp:author", "wp:author_login") => text.trim().clone_into(&mut self.login),
            ("wp:author", "wp:author_display_name") if !text.trim().is_empty() => {
                self.site.authors.insert(self.login.clone(), plain(text));
            }
            ("channel", "title") if self.seen.insert("title".to_owned()) => self.site.title = plain(text),
            ("channel", "language") => self.site.language = text.trim().to_owned(),
            _ => {}
        }
        false
    }
}

/// Returns a title or a name as text: WordPress writes them as HTML, and sometimes escapes that once more.
pub(super) fn plain(html: &str) -> String {
    let mut text = html.trim().to_owned();
    for _ in 0..2 {
        if !text.contains(['<', '&']) {
            break;
        }
        text = crate::html::fragment(&text).root().text().collect();
    }
    collapse(&text)
}
