//! Archiving a text that was extracted again from a stored capture.

use crate::model::{Charset, Digest, Document, Loss, PageDate, Timestamp, Warning};
use url::Url;

use super::ArchiveError;
use super::keep::free_name;
use super::layout::index_path;
use super::reader::Entry;
use super::record::{Reason, Record, RecordedImage, Snapshot, image_key, recorded_url, without_secrets};
use super::visit::Kept;
use super::writer::Writer;
use crate::model::{Outcome, Update};

/// The field of a snapshot with the time at which its text was rebuilt from the capture of an earlier one.
const REBUILT: &str = "rebuilt";

/// A text that was extracted again from the capture of an article's newest text.
#[derive(Debug, Clone)]
pub struct Rebuilt {
    /// The Markdown file.
    pub document: Document,
    /// The digest over title, author and body.
    pub text_digest: Digest,
    /// Its title; empty when it has none.
    pub title: String,
    /// Its authors; empty when unknown.
    pub authors: Vec<String>,
    /// The site's name; `None` if unknown.
    pub site: Option<String>,
    /// The date of publication; `None` if unknown.
    pub published: Option<PageDate>,
    /// The page's canonical URL; `None` if it states none.
    pub canonical: Option<Url>,
    /// The charset the page was decoded with.
    pub charset: Charset,
    /// How correct and complete the text is expected to be, from 0 to 1.
    pub confidence: f64,
    /// The options of the extraction, as in the record; empty for the defaults.
    pub options: Vec<String>,
    /// Reasons to trust the text less.
    pub warnings: Vec<Warning>,
    /// Units of the article that the text does not contain.
    pub losses: Vec<Loss>,
    /// The URLs of the images in the text, in order of first mention.
    pub images: Vec<String>,
    /// The front matter profile.
    pub profile: String,
    /// Name and version of the program that wrote the text.
    pub software: String,
    /// When the text was rebuilt.
    pub at: Timestamp,
}

impl Writer {
    /// Adds a rebuilt text as the article's newest. The time of capture and the capture are those of the previous text.
    /// The text is durable when this returns.
    ///
    /// # Errors
    /// The article is missing or was changed meanwhile, or an operation of the operating system fails. The article is
    /// then unchanged.
    pub fn keep_rebuilt(&mut self, entry: &Entry, rebuilt: &Rebuilt) -> Result<Kept, ArchiveError> {
        let has_changed = || ArchiveError::BadRecord {
            path: self.root().join(&entry.folder),
            cause: "the article was changed while its text was rebuilt; run the command again".to_owned(),
        };
        let key = entry.record.key().ok_or_else(has_changed)?;
        let found = self.find(&key)?.filter(|found| found.record == entry.record).ok_or_else(has_changed)?;
        let newest = found.record.newest().cloned().ok_or_else(has_changed)?;
        let file = free_name(&self.root().join(&entry.folder), Some(&found.record), newest.captured);
        let record = with_text(found.record.clone(), &newest, rebuilt, file.clone());
        self.mark_unsealed()?;
        let record = self.put_text(&entry.folder, &file, &rebuilt.document.text(), Some(&found.record), record)?;
        self.register(&entry.folder, &record)?;
        let outcome = Outcome::Updated(Update::Text);
        Ok(Kept { outcome, path: index_path(&entry.folder), folder: entry.folder.clone() })
    }
}

fn with_text(mut record: Record, newest: &Snapshot, rebuilt: &Rebuilt, file: String) -> Record {
    let document = &rebuilt.document;
    let mut other = newest.other.clone();
    other.insert(REBUILT.to_owned(), rebuilt.at.to_string().into());
    let image = |url: &String| {
        let url = recorded_url(url);
        let known = newest.images.iter().find(|image| image_key(&image.url) == image_key(&url));
        known.cloned().unwrap_or_else(|| RecordedImage {
            url,
            path: None,
            reason: Some("not fetched when the page was captured; archive the page again".to_owned()),
            record: None,
            payload_sha256: None,
            received: None,
            original: None,
        })
    };
    record.snapshots.push(Snapshot {
        file,
        reason: Reason::Text,
        sha256: Digest::of(document.text().as_bytes()),
        front_matter_bytes: document.front_matter.len() as u64,
        body_sha256: Digest::of(document.body.as_bytes()),
        text_digest: rebuilt.text_digest,
        canonical: rebuilt.canonical.as_ref().map(without_secrets),
        charset: rebuilt.charset.clone(),
        software: rebuilt.software.clone(),
        options: rebuilt.options.clone(),
        confidence: Some(rebuilt.confidence),
        warnings: rebuilt.warnings.clone(),
        losses: rebuilt.losses.clone(),
        round_trip: document.round_trip.clone(),
        images: rebuilt.images.iter().map(image).collect(),
        unchanged: None,
        other,
        ..newest.clone()
    });
    record.title.clone_from(&rebuilt.title);
    record.authors.clone_from(&rebuilt.authors);
    record.site.clone_from(&rebuilt.site);
    record.published = rebuilt.published;
    record.profile.clone_from(&rebuilt.profile);
    record
}
