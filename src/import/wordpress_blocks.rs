//! Blocks of WordPress's editor whose content is not in their HTML. <https://developer.wordpress.org/block-editor/>

use serde_json::Value;

use super::wordpress_site::SiteIndex;
use crate::model::{Loss, LossKind};

/// Reusable blocks in reusable blocks are put in to this depth.
const MAX_DEPTH: usize = 4;

/// A post does not grow further than this by its reusable blocks, in bytes.
const MAX_SIZE: usize = 8 << 20;

/// Blocks without content of their own that a reader does not miss.
const EMPTY: [&str; 5] = ["spacer", "separator", "more", "nextpage", "paragraph"];

/// The comment that begins a block.
struct BlockTag<'a> {
    name: &'a str,
    attributes: Value,
    /// True when the block has no content: `<!-- wp:block {"ref":9} /-->`.
    is_void: bool,
}

/// Returns a post with its reusable blocks and the images of its covers put in. Blocks that the site fills in when a page is
/// shown are named as losses.
pub(super) fn inserted(content: &str, site: &SiteIndex, losses: &mut Vec<Loss>) -> String {
    let mut content = content.to_owned();
    for _ in 0..MAX_DEPTH {
        let (next, is_changed) = once(&content, site);
        content = next;
        if !is_changed || content.len() > MAX_SIZE {
            break;
        }
    }
    for (_, _, tag) in tags(&content) {
        if tag.is_void && !EMPTY.contains(&tag.name) {
            let name = match tag.name {
                "block" => format!("reusable block {}", number(&tag.attributes["ref"])),
                other => format!("block {other}, which the site fills in"),
            };
            losses.push(Loss::new(LossKind::LeftOut, name));
        }
    }
    content
}

fn once(content: &str, site: &SiteIndex) -> (String, bool) {
    let mut out = String::with_capacity(content.len());
    let (mut done, mut is_changed) = (0, false);
    for (start, end, tag) in tags(content) {
        if start < done {
            continue;
        }
        match tag.name {
            "block" if tag.is_void => {
                if let Some(block) = site.block(&number(&tag.attributes["ref"])) {
                    out.push_str(&content[done..start]);
                    // A block of the old editor has no comments, and would be given paragraphs once more.
                    out.push_str(block);
                    done = end;
                    is_changed = true;
                }
            }
            "cover" | "media-text" if !tag.is_void => {
                let close = format!("<!-- /wp:{}", tag.name);
                let inner = content[end..].find(&close).map_or("", |length| &content[end..end + length]);
                let url =
                    ["url", "mediaUrl"].iter().find_map(|name| tag.attributes[*name].as_str()).unwrap_or_default();
                let is_video = tag.attributes["backgroundType"] == "video";
                if !url.is_empty()
                    && !inner.contains("<img")
                    && !is_video
                    && !content[end..].starts_with("\n<figure data-cover")
                {
                    let alt = tag.attributes["alt"].as_str().unwrap_or_default().replace('"', "&quot;");
                    out.push_str(&content[done..end]);
                    out.push_str(&format!(
                        "\n<figure data-cover><img src=\"{}\" alt=\"{alt}\"></figure>",
                        url.replace('"', "%22")
                    ));
                    done = end;
                }
            }
            _ => {}
        }
    }
    out.push_str(&content[done..]);
    (out, is_changed)
}

fn number(value: &Value) -> String {
    value.as_u64().map(|number| number.to_string()).unwrap_or_default()
}

/// Returns the comments that begin blocks, with their places.
fn tags(content: &str) -> Vec<(usize, usize, BlockTag<'_>)> {
    let mut found = Vec::new();
    for (start, _) in content.match_indices("<!-- wp:") {
        let Some(end) = content[start..].find("-->").map(|end| start + end) else { break };
        let inner = content[start + 8..end].trim();
        let (inner, is_void) = inner.strip_suffix('/').map_or((inner, false), |inner| (inner.trim_end(), true));
        let (name, attributes) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        let attributes = serde_json::from_str(attributes.trim()).unwrap_or_default();
        found.push((start, end + 3, BlockTag { name, attributes, is_void }));
    }
    found
}
