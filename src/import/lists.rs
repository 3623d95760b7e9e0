//! Inputs that are lists of URLs, of every kind.

use super::error::ImportError;
use super::input::{Input, PAGE_CAP};
use super::item::{ListedUrl, Report};
use super::kind::Kind;
use super::url_list::UrlsRead;
use super::{reading_list, url_list, xml_lists};
use crate::html;

/// Reads a list of a kind.
///
/// # Errors
/// It cannot be read at all.
pub(super) fn read(input: &Input, kind: Kind) -> Result<(Vec<ListedUrl>, Report), ImportError> {
    let counted = |(urls, left_out)| UrlsRead { urls, left_out, cut: None };
    let (read, what) = match kind {
        Kind::Bookmarks => (counted(url_list::bookmarks(&input.read_all(PAGE_CAP)?)), "link that is not a web URL"),
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
