//! Text changes as an Atom feed (RFC 4287).

use crate::html::text::escape_xml;
use crate::markdown;
use crate::model::{Digest, Timestamp};

use super::super::ArchiveError;
use super::super::diff::{Hunk, Piece};
use super::super::reader::Archive;
use super::super::record::{Reason, RecordedImage};
use super::TextChange;

/// Returns an Atom feed of changes in the given order: new texts whole, and what differs in changed ones, as HTML. Images
/// are shown from the URLs that they came from. The feed's id is derived from `title`. The same changes give the
/// same bytes.
///
/// # Errors
/// A text cannot be read.
pub fn atom(archive: &Archive, title: &str, changes: &[TextChange]) -> Result<String, ArchiveError> {
    let updated = changes.iter().map(TextChange::captured).max().or_else(|| Timestamp::from_second(0));
    let updated = updated.map(|at| at.to_string()).unwrap_or_default();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<title>{}</title>\n\
         <id>urn:sha256:{}</id>\n<updated>{updated}</updated>\n<generator>bindery</generator>\n\
         <author><name>bindery</name></author>\n",
        escaped(title),
        Digest::of(format!("changes\n{title}").as_bytes()),
    );
    for change in changes {
        entry(archive, change, &mut out)?;
    }
    out.push_str("</feed>\n");
    Ok(out)
}

fn entry(archive: &Archive, change: &TextChange, out: &mut String) -> Result<(), ArchiveError> {
    let record = &change.record;
    let word = match change.reason() {
        Reason::New => "new",
        Reason::Text => "changed",
        Reason::Images => "images recovered",
    };
    let content = match change.reason() {
        Reason::Text => change.difference(archive, 1)?.iter().map(hunk_html).collect::<String>(),
        _ => {
            let images = &record.snapshots[change.number].images;
            let origin = |target: &str| {
                let name = target.rsplit('/').next().unwrap_or(target);
                let is_it = |image: &&RecordedImage| image.path.as_ref().is_some_and(|path| path.ends_with(name));
                match target.contains("://") {
                    true => Some(target.to_owned()),
                    false => images.iter().find(is_it).map(|image| image.url.clone()),
                }
            };
            markdown::render(&change.body(archive, change.number)?, &origin)
        }
    };
    let site =
        record.site.as_deref().map(|site| format!("<category term=\"{}\"/>\n", escaped(site))).unwrap_or_default();
    let link = match record.url.starts_with("http") {
        true => format!("<link href=\"{}\"/>\n", escaped(&record.url)),
        false => String::new(),
    };
    let authors: String =
        record.authors.iter().map(|name| format!("<author><name>{}</name></author>\n", escaped(name))).collect();
    let published =
        record.published.as_ref().and_then(|date| date.instant()).map(|at| format!("<published>{at}</published>\n"));
    out.push_str(&format!(
        "<entry>\n<title>{}</title>\n<id>urn:sha256:{}</id>\n{link}<updated>{}</updated>\n{}{authors}{site}\
         <summary>{word}</summary>\n<content type=\"html\">{}</content>\n</entry>\n",
        escaped(if record.title.is_empty() { &record.url } else { &record.title }),
        Digest::of(change.path().as_bytes()),
        change.captured(),
        published.unwrap_or_default(),
        escaped(&content),
    ));
    Ok(())
}

fn hunk_html(hunk: &Hunk) -> String {
    let mut out = String::from("<p>");
    for piece in &hunk.pieces {
        match piece {
            Piece::Same(text) => out.push_str(&lines(text)),
            Piece::Removed(text) => out.push_str(&format!("<del>{}</del>", lines(text))),
            Piece::Added(text) => out.push_str(&format!("<ins>{}</ins>", lines(text))),
        }
    }
    out.push_str("</p>");
    out
}

fn lines(text: &str) -> String {
    escaped(text).replace('\n', "<br>")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_xml(text, &mut out);
    out
}
