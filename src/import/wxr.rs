//! WordPress exports (WXR): an RSS file with everything on a site. It is read as a stream, twice: first for the names of
//! all articles, so that links between them can be resolved, then for the articles.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::error::ImportError;
use super::input::Input;
use super::item::{ArticleInfo, Item, ItemContent, ItemIdentity, Report, Sink};
use super::resources::Resources;
use super::source_url::{permalink, web_url};
use super::wordpress_site::{DISCARDED, FirstPass, ItemKind, SiteIndex};
use super::wxr_items::{Comment, ItemReader, Site, WxrItem};
use super::{feed_entry, wordpress, xml};
use crate::html::text::collapse;
use crate::model::{FeedItem, GuidTrust, Loss, LossKind, Metadata, Origin, PageDate, RawPage, Sourced};

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

/// Reads an export. An error when it cannot be opened; a fault that ends it early is in the report.
pub fn read(input: &Input, sink: Sink<'_>) -> Result<Report, ImportError> {
    let mut first = FirstPass::default();
    // A fault that ends the first pass ends the second at the same place, and is reported there.
    let mut add = |raw: WxrItem, _: &Site| {
        let item = if is_article(&raw) { ItemKind::Article } else { ItemKind::Other };
        first.add(raw, item)
    };
    let _ = xml::visit(input.stream()?, &mut ItemReader::new(&mut add));
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
                for comment in raw.comments.iter().filter(|comment| !comment.is_shown()) {
                    report.leave_out(reason_hidden(comment));
                }
                report.count(raw.publication());
                sink(item(raw, site, name, &index, input.name()))
            }
        }
    };
    let ended = xml::visit(input.stream()?, &mut ItemReader::new(&mut take));
    for (id, attachment) in index.attachments.iter().filter(|(id, _)| !shown.contains(*id)) {
        report.leave_out("attachment that no article shows");
        let url = &attachment.url;
        report.lose(&Loss::new(LossKind::Attachment, if url.is_empty() { id } else { url }));
    }
    report.cut = ended.err().map(|cause| format!("after {at} items: {cause}"));
    Ok(report)
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

/// Returns why a comment is not shown, for the report.
fn reason_hidden(comment: &Comment) -> &'static str {
    match (comment.kind.as_str(), comment.approved.as_str()) {
        (_, "spam" | "trash" | "post-trashed") => "comment that is spam or was deleted",
        ("pingback" | "trackback", _) => "notice of a link from another site",
        _ => "comment that was not approved",
    }
}

fn item(raw: WxrItem, site: &Site, name: &str, index: &Arc<SiteIndex>, source: &str) -> Item {
    let sourced =
        |value: &str| Some(collapse(value)).filter(|value| !value.is_empty()).map(|value| Sourced::new(value, "wxr"));
    let content = if raw.content.trim().is_empty() { &raw.excerpt } else { &raw.content };
    let (html, mut losses) = wordpress::html(content, index, &raw.id);
    if matches!(raw.status.as_str(), "pending" | "future") {
        losses.push(Loss::new(LossKind::Status, raw.status.clone()));
    }
    losses.extend(raw.other_terms.iter().map(|term| Loss::new(LossKind::LeftOut, format!("term {term}"))));
    let author = site.authors.get(&raw.creator).unwrap_or(&raw.creator);
    let link = web_url(&raw.link);
    let identity = if link.is_none() { identity(&raw.guid) } else { None };
    let excerpt = if raw.content.trim().is_empty() { "" } else { raw.excerpt.as_str() };
    let metadata = Metadata {
        title: sourced(&raw.title),
        authors: sourced(author).map(|name| Sourced::new(vec![name.value], "wxr")),
        published: date(&raw.date, &raw.date_gmt, &raw.published).map(|date| Sourced::new(date, "wxr")),
        modified: date(&raw.modified, &raw.modified_gmt, "").map(|date| Sourced::new(date, "wxr")),
        site: sourced(&site.title),
        language: sourced(&site.language),
        description: sourced(&plain(excerpt)),
        lead_image: index.attachment_url(&raw.thumbnail).map(|url| Sourced::new(url, "wxr")),
        tags: (!raw.tags.is_empty()).then(|| Sourced::new(raw.tags.clone(), "wxr")),
        publication: raw.publication(),
        permalink: link.as_ref().and_then(|link| permalink(link, "wxr")),
        ..Metadata::default()
    };
    let page = RawPage::from_bytes(html.into_bytes(), link, Origin::Import(source.to_owned()), None);
    let comments = wordpress::comments(&raw.comments);
    let info = ArticleInfo { metadata, categories: raw.categories, comments, identity };
    Item {
        name: PathBuf::from(name),
        content: ItemContent::Body(page, Box::new(info)),
        resources: Arc::clone(index) as Arc<dyn Resources>,
        losses,
    }
}

/// Returns what distinguishes a post without a link, such as a draft, from others with the same words: its guid, such
/// as `https://example.org/?p=12`. `None` if it is not a web URL.
fn identity(guid: &str) -> Option<ItemIdentity> {
    let site = web_url(guid)?.join("/").ok()?;
    let item = FeedItem::new(site.as_str(), Some(guid.trim()));
    Some(ItemIdentity { url: item.url(), items: vec![item], trust: GuidTrust::Certain })
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
