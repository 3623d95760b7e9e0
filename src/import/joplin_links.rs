//! The text of a Joplin note as HTML, with its links to notes and files by identifier.

use std::collections::HashMap;

use super::container::Container;
use super::joplin_item::{JoplinItem, is_id};
use super::markdown_html::{self, escaped};
use crate::model::{Loss, LossKind};

/// Begins the `src` of an image of the export; its identifier follows.
pub(super) const IMAGE: &str = "joplin-image/";

/// Begins the `href` of a link to another note; its identifier follows.
pub(super) const NOTE: &str = "joplin-note:";

/// What an identifier stands for.
pub(super) enum Target<'a> {
    /// An image that the export contains.
    Image,
    /// Another file, or an image that the export does not contain, with its name if it has one.
    File(Option<&'a str>),
    Note,
    /// Nothing in the export.
    Missing,
}

/// Returns the paths of the files of notes, by their identifiers.
pub(super) fn resource_files(container: &Container, folder: &str) -> HashMap<String, String> {
    let prefix = format!("{folder}resources/");
    let files = container.paths().filter(|path| path.starts_with(&prefix));
    let id = |path: &str| path[prefix.len()..].split('.').next().filter(|id| is_id(id)).map(str::to_owned);
    files.filter_map(|path| Some((id(path)?, path.to_owned()))).collect()
}

/// Returns the text of a note as HTML: a task begins with its check box.
pub(super) fn html<'t>(
    note: &JoplinItem,
    target: &mut dyn FnMut(&str) -> Target<'t>,
    losses: &mut Vec<Loss>,
) -> String {
    const HTML: &str = "2";
    let body = match note.get("markup_language") {
        HTML => note.body.clone(),
        _ => markdown_html::html(&note.body),
    };
    let body = linked(&body, target, losses);
    if !note.is("is_todo") {
        return body;
    }
    let checked = if matches!(note.get("todo_completed"), "" | "0") { "" } else { " checked" };
    format!("<ul><li><input type=\"checkbox\"{checked}> {}</li></ul>\n{body}", escaped(&note.title))
}

/// Rewrites the attributes that refer to an item: `src=":/…"` and `href=":/…"`, with or without `joplin://`.
fn linked<'t>(html: &str, target: &mut dyn FnMut(&str) -> Target<'t>, losses: &mut Vec<Loss>) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(":/") {
        let (before, after) = rest.split_at(at);
        let id = after.get(2..34).filter(|id| is_id(id)).map(str::to_lowercase);
        let is_attribute = ["src=\"", "href=\"", "src='", "href='"].iter().any(|start| before.ends_with(start));
        let (Some(id), true) = (id, is_attribute) else {
            out.push_str(before);
            out.push_str(&after[..2]);
            rest = &after[2..];
            continue;
        };
        let is_source = before.ends_with("src=\"") || before.ends_with("src='");
        let kept = match target(&id) {
            Target::Image if is_source => Some(IMAGE),
            Target::Note if !is_source => Some(NOTE),
            Target::Note | Target::Missing => {
                losses.push(Loss::new(LossKind::LeftOut, format!("link to {id}, which the export does not contain")));
                None
            }
            Target::Image => {
                losses.push(Loss::new(LossKind::Attachment, id.as_str()));
                None
            }
            Target::File(name) => {
                losses.push(Loss::new(LossKind::Attachment, name.unwrap_or(&id)));
                None
            }
        };
        rest = &after[34..];
        if let Some(start) = kept {
            out.push_str(before);
            out.push_str(start);
            out.push_str(&id);
        } else {
            // The attribute goes, up to its closing quote.
            let (start, quote) = before.split_at(before.len() - 1);
            out.push_str(start.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '='));
            rest = rest.split_once(quote).map_or("", |(_, rest)| rest);
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_by_identifier_lead_to_what_they_stand_for() {
        let id = |n: u8| format!("{n:032x}");
        let html = format!(
            "<p><img src=\":/{}\" alt=\"a\"><a href=\":/{}#x\">b</a><a href=\":/{}\">c</a> :/{} <a href=\":/zz\">d</a>",
            id(1),
            id(2),
            id(3),
            id(1)
        );
        let mut losses = Vec::new();
        let mut target = |found: &str| match found.ends_with('1') {
            true => Target::Image,
            false if found.ends_with('2') => Target::Note,
            false => Target::File(Some("表.pdf")),
        };
        assert_eq!(
            linked(&html, &mut target, &mut losses),
            format!(
                "<p><img src=\"{IMAGE}{}\" alt=\"a\"><a href=\"{NOTE}{}#x\">b</a><a >c</a> :/{} <a href=\":/zz\">d</a>",
                id(1),
                id(2),
                id(1)
            )
        );
        assert_eq!(losses, [Loss::new(LossKind::Attachment, "表.pdf")]);
    }
}
