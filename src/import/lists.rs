//! Inputs that are lists of URLs, of every kind.

use super::error::ImportError;
use super::input::{Input, PAGE_CAP};
use super::item::{ListedUrl, Report};
use super::kind::Kind;
use super::url_list::UrlsRead;
use super::{bookmark_tree, reading_list, url_list, xml_lists};
use crate::html;

/// Reads a list of a kind.
///
/// # Errors
/// It cannot be read at all.
pub(super) fn read(input: &Input, kind: Kind) -> Result<(Vec<ListedUrl>, Report), ImportError> {
    let counted = |(urls, left_out)| UrlsRead { urls, left_out, cut: None };
    let (read, what) = match kind {
        Kind::Bookmarks => {
            let bytes = input.read_all(PAGE_CAP)?;
            let is_tree = bytes.trim_ascii_start().starts_with(b"{");
            let found = if is_tree { bookmark_tree::read(&bytes, input.name())? } else { url_list::bookmarks(&bytes) };
            (counted(found), "link that is not a web URL")
        }
        Kind::Opml => (xml_lists::opml(input)?, "feed without a web URL"),
        Kind::Sitemap => (xml_lists::sitemap(input)?, "entry without a web URL"),
        Kind::ReadingList => (reading_list::read(input)?, "entry without a web URL"),
        _ => {
            let bytes = input.read_all(PAGE_CAP)?;
            let text = html::decode(&bytes, None, None).text;
            (counted(url_list::list(&text)), "line that is not a web URL")
        }
    };
    let mut report = Report { cut: read.cut, ..Report::default() };
    if read.left_out > 0 {
        report.left_out.insert(what.to_owned(), read.left_out);
    }
    Ok((read.urls, report))
}
