//! Keeping a text that was made again from a stored capture.

use crate::model::{Charset, Digest, Document, Loss, PageDate, Timestamp, Warning};
use url::Url;

use super::ArchiveError;
use super::keep::free_name;
use super::reader::Entry;
use super::record::{Reason, Record, RecordedImage, Snapshot, image_key, recorded_url, without_secrets};
use super::visit::Kept;
use super::writer::{Writer, index_of};
use crate::model::{Outcome, Update};

/// Field of a snapshot: when its text was made again from the capture of an earlier one.
const REBUILT: &str = "rebuilt";

/// A text that was made again from the capture of an article's newest text.
#[derive(Debug, Clone)]
pub struct Rebuilt {
    /// What is written.
    pub document: Document,
    /// Digest over title, author and body.
    pub text_digest: Digest,
    /// Its title; empty when it has none.
    pub title: String,
    /// Its authors; empty when unknown.
    pub authors: Vec<String>,
    /// The site's name; None when unknown.
    pub site: Option<String>,
    /// Publication; None when unknown.
    pub published: Option<PageDate>,
    /// The URL that the page claims for itself.
    pub canonical: Option<Url>,
    /// The charset the page was read in.
    pub charset: Charset,
    /// How right and whole the text is expected to be, 0 to 1.
    pub confidence: f64,
    /// How it was extracted, as the record names it; empty for as usual.
    pub options: Vec<String>,
    /// Reasons to trust it less.
    pub warnings: Vec<Warning>,
    /// Units of the article that it does not hold.
    pub losses: Vec<Loss>,
    /// URLs of the images that it mentions, in order of first mention.
    pub images: Vec<String>,
    /// The front matter profile.
    pub profile: String,
    /// Name and version of the program that made it.
    pub software: String,
    /// When it was made.
    pub at: Timestamp,
}

impl Writer {
    /// Keeps a text made again from the capture of the article's newest text as its newest; what was captured when, and the
    /// capture itself, are those of the text it follows. Durable when it returns.
    ///
    /// # Errors
    /// An article that is not there or changed meanwhile, and what the operating system refuses. The article is then as it
    /// was before.
    pub fn keep_rebuilt(&mut self, entry: &Entry, rebuilt: &Rebuilt) -> Result<Kept, ArchiveError> {
        let gone = || ArchiveError::BadRecord {
            path: self.root().join(&entry.folder),
            cause: "the article changed while its text was made again; run the command once more".to_owned(),
        };
        let key = entry.record.key().ok_or_else(gone)?;
        let found = self.find(&key)?.filter(|found| found.record == entry.record).ok_or_else(gone)?;
        let newest = found.record.newest().cloned().ok_or_else(gone)?;
        let file = free_name(&self.root().join(&entry.folder), Some(&found.record), newest.captured);
        let record = with_text(found.record.clone(), &newest, rebuilt, file.clone());
        self.unseal()?;
        let record = self.put_text(&entry.folder, &file, &rebuilt.document.text(), Some(&found.record), record)?;
        self.register(&entry.folder, &record)?;
        let outcome = Outcome::Updated(Update::Text);
        Ok(Kept { outcome, path: index_of(&entry.folder), folder: entry.folder.clone() })
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
            reason: Some("was not fetched when the page was captured; archive the page again".to_owned()),
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
