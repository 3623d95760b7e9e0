//! What is known of a page from an earlier visit although nothing on the page says it: the text that it repeats under other
//! settings, the article that it continues.

use url::Url;

use crate::archive::{ArchiveError, Record, Writer};
use crate::markdown::{IgnoredLines, Statement};
use crate::model::{Article, Digest, Document, UrlKey};

use super::Capturer;

/// Returns the digest of the newest text of an article if a text with another digest differs from it only in what is not
/// compared: `ignored` may have been changed since, or the table of volatile lines. A text that cannot be read is not the same.
pub(crate) fn same_as_newest(
    writer: &Writer,
    (key, previous): (&UrlKey, Option<&Record>),
    digest: Digest,
    (article, document): (&Article, &Document),
    ignored: &IgnoredLines,
) -> Option<Digest> {
    let record = previous?;
    if record.snapshots.iter().any(|snapshot| snapshot.text_digest == digest) {
        return None;
    }
    let body = writer.newest_text(key).ok()??;
    let metadata = &article.metadata;
    let authors = metadata.authors.as_ref().map_or(&[][..], |authors| &authors.value);
    let title = metadata.title.as_ref().map_or("", |title| &title.value);
    let old = Statement { title: &record.title, authors: &record.authors, body: &body };
    let new = Statement { title, authors, body: &document.body };
    let newest = record.newest()?.text_digest;
    old.is_same(&new, ignored).then_some(newest)
}

impl Capturer {
    /// Returns the article that continues on a page which does not say so, as an earlier visit of the article found.
    pub(super) fn continued(&self, page: Option<&Url>) -> Result<Option<Url>, ArchiveError> {
        page.map_or(Ok(None), |page| self.writer.lock().article_continued_on(page))
    }
}
