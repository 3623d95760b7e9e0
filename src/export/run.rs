//! Runs an export: decides what is written, and writes it.

mod generated;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use crate::archive::{Archive, ArchiveError, Entry, stored_digest};
use crate::model::Digest;

use super::article::{self, Rendered};
use super::decide::{Edits, FileOutcome, decide};
use super::error::ExportError;
use super::files::{OnDisk, OutputFolder, digest_of};
use super::layout::Layout;
use super::site;
use super::state::{ArticleState, FileState, State};
use super::survey::{self, Survey};
use super::{Backlinks, ExportEvent, ExportOptions, ExportSummary, Folder, Mode, Stale};

/// The number of bytes of texts that are written together.
const BATCH: usize = 32 << 20;

/// Exports the selected articles. `tell` receives what happens.
///
/// # Errors
/// The archive or the selection is not valid, the output folder is refused, or it cannot be written. What was written until
/// then stays, and the next export completes it.
pub fn export(
    archive: &Archive,
    options: &ExportOptions,
    tell: &mut dyn FnMut(ExportEvent),
) -> Result<ExportSummary, ExportError> {
    let (output, state) = open(archive.root(), options)?;
    let mut survey = survey::survey(archive, &options.selection, options.layout, &state, &output)?;
    if options.layout == Layout::Html && options.edits == Edits::Keep {
        survey.leave_out_absent(&state, &output);
    }
    if options.backlinks == Backlinks::List {
        survey.articles.backlinks = survey::backlinks(archive, &survey);
    }
    tell(ExportEvent::Begin { articles: survey.selected.len() });
    for (path, instead) in &survey.avoided {
        tell(ExportEvent::NameTaken { path: path.clone(), instead: instead.clone() });
    }
    let summary = ExportSummary { failed: survey.unreadable.len(), ..ExportSummary::default() };
    for cause in &survey.unreadable {
        tell(ExportEvent::Failed { folder: "articles".to_owned(), cause: cause.clone() });
    }
    let (written, batch, images) = (state.clone(), Batch::default(), BTreeMap::new());
    let mut run = Run { archive, options, survey: &survey, output, state, written, batch, images, summary, tell };
    run.articles()?;
    run.flush()?;
    run.stale()?;
    run.generated()?;
    run.flush()?;
    run.unused()?;
    run.end()?;
    Ok(run.summary)
}

/// Checks that an export may write to its output folder. The archive need not exist yet.
///
/// # Errors
/// The folder is refused or cannot be read.
pub fn check_output(archive: &Path, options: &ExportOptions) -> Result<(), ExportError> {
    open(archive, options).map(drop)
}

/// Opens the output folder.
fn open(archive: &Path, options: &ExportOptions) -> Result<(OutputFolder, State), ExportError> {
    let output = OutputFolder::new(&options.output, archive)?;
    let state = match State::read(&options.output)? {
        Some(state) if state.profile != options.layout.as_str() => {
            return Err(ExportError::OtherProfile { path: options.output.clone(), found: state.profile });
        }
        Some(state) => state,
        None if options.folder == Folder::Any || output.is_empty()? => State::new(options.layout.as_str()),
        None => return Err(ExportError::NotEmpty { path: options.output.clone() }),
    };
    Ok((output, state))
}

/// Files that are written together: the state names them before the first is written.
#[derive(Default)]
struct Batch {
    texts: BTreeMap<String, (String, Digest)>,
    /// The file of the archive and its digest.
    images: BTreeMap<String, (PathBuf, Digest)>,
    bytes: usize,
}

struct Run<'a> {
    archive: &'a Archive,
    options: &'a ExportOptions,
    survey: &'a Survey,
    output: OutputFolder,
    state: State,
    /// The state as it is on disk.
    written: State,
    batch: Batch,
    /// What is wrong with each image of the archive that was read; None if it is undamaged.
    images: BTreeMap<String, Option<String>>,
    summary: ExportSummary,
    tell: &'a mut dyn FnMut(ExportEvent),
}

impl Run<'_> {
    fn articles(&mut self) -> Result<(), ExportError> {
        for folder in &self.survey.selected {
            if self.options.stop.load(Ordering::Relaxed) {
                self.flush()?;
                self.end()?;
                return Err(ExportError::Interrupted);
            }
            let stored = self.archive.entry(folder).map_err(|error| error.to_string());
            let stored = stored.and_then(|entry| Ok((article::read(self.archive.root(), &entry)?, entry)));
            match stored {
                Ok((text, entry)) => {
                    let damaged = self.damaged(&entry)?;
                    let (layout, articles) = (self.options.layout, &self.survey.articles);
                    let rendered = match layout {
                        Layout::Html => site::page(&text, &entry, articles, &damaged),
                        _ => article::render(text, &entry, layout, articles, &damaged),
                    };
                    self.article(&entry, rendered)?;
                }
                Err(cause) => {
                    self.summary.failed += 1;
                    (self.tell)(ExportEvent::Failed { folder: folder.clone(), cause });
                }
            }
            if self.batch.bytes > BATCH {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Returns the images of an article that are damaged in the archive and not in the output folder.
    fn damaged(&mut self, entry: &Entry) -> Result<BTreeSet<String>, ExportError> {
        let mut damaged = BTreeSet::new();
        let name = self.survey.articles.names.get(&entry.folder).map_or("", String::as_str);
        for (image, _) in entry.record.newest().into_iter().flat_map(article::saved_images) {
            let below = image.strip_prefix("images/").unwrap_or(image);
            let (file, _) = self.options.layout.image(name, below);
            if self.is_there(&file, stored_digest(image)) {
                continue;
            }
            let archive = self.archive;
            let cause = self.images.entry(image.to_owned()).or_insert_with(|| fault(archive, image));
            if let Some(cause) = cause.clone()
                && damaged.insert(image.to_owned())
            {
                self.summary.damaged += 1;
                (self.tell)(ExportEvent::Damaged { image: image.to_owned(), folder: entry.folder.clone(), cause });
            }
        }
        Ok(damaged)
    }

    /// Returns whether an export has written a file with a digest, and its size has not changed.
    fn is_there(&self, file: &str, digest: Option<Digest>) -> bool {
        let known = self.state.files.get(file);
        known.is_some_and(|known| known.sha256 == digest && self.output.has_size(file, known.bytes))
    }

    fn article(&mut self, entry: &Entry, rendered: Rendered) -> Result<(), ExportError> {
        let Some(name) = self.survey.articles.names.get(&entry.folder) else { return Ok(()) };
        let path = self.options.layout.text_path(name);
        let outcome = self.text(&path, rendered.text)?;
        let images = rendered.images.len();
        if outcome.is_written() || outcome == FileOutcome::Unchanged {
            let source = self.options.source.clone();
            let source = self.state.articles.get(&entry.folder).map_or(source, |known| known.source.clone());
            let files = rendered.images.keys().cloned().collect();
            for (file, image) in rendered.images {
                self.image(file, &image)?;
            }
            let article = ArticleState { path: path.clone(), images: files, source };
            self.state.articles.insert(entry.folder.clone(), article);
        }
        let count = match outcome {
            FileOutcome::New => &mut self.summary.new,
            FileOutcome::Updated => &mut self.summary.updated,
            FileOutcome::Unchanged => &mut self.summary.unchanged,
            FileOutcome::Edited => &mut self.summary.edited,
            FileOutcome::Deleted => &mut self.summary.deleted,
        };
        *count += 1;
        let (folder, record) = (entry.folder.clone(), &entry.record);
        let (url, title) = (record.url.clone(), record.title.clone());
        (self.tell)(ExportEvent::Article { outcome, path, folder, url, title, images });
        Ok(())
    }

    /// Decides what to do with a text, and adds it to the batch if it is written.
    fn text(&mut self, path: &str, text: String) -> Result<FileOutcome, ExportError> {
        let digest = Digest::of(text.as_bytes());
        let disk = self.output.on_disk(path)?;
        let outcome = decide(self.state.files.get(path), disk, &digest, self.options.edits);
        self.text_as(path, text, digest, outcome);
        Ok(outcome)
    }

    /// Adds a text to the batch if it is written, and notes one that is there.
    fn text_as(&mut self, path: &str, text: String, digest: Digest, outcome: FileOutcome) {
        if outcome.is_written() {
            self.batch.bytes += text.len();
            self.batch.texts.insert(path.to_owned(), (text, digest));
        } else if outcome == FileOutcome::Unchanged {
            let state = FileState { sha256: Some(digest), pending: None, bytes: text.len() as u64 };
            self.state.files.insert(path.to_owned(), state);
        }
    }

    /// Adds an image to the batch unless it is there.
    fn image(&mut self, file: String, image: &str) -> Result<(), ExportError> {
        let Some(digest) = stored_digest(image) else { return Ok(()) };
        if self.is_there(&file, Some(digest)) || self.batch.images.contains_key(&file) {
            return Ok(());
        }
        let disk = self.output.on_disk(&file)?;
        let source = self.archive.root().join(image);
        // An image that was removed is written again: the text needs it.
        let known = self.state.files.get(&file).filter(|_| disk != OnDisk::Nothing);
        let outcome = decide(known, disk, &digest, self.options.edits);
        if outcome.is_written() {
            self.batch.images.insert(file, (source, digest));
        } else if outcome == FileOutcome::Unchanged {
            let bytes = self.output.path(&file).metadata().map_or(0, |meta| meta.len());
            self.state.files.insert(file, FileState { sha256: Some(digest), pending: None, bytes });
        }
        Ok(())
    }

    /// Writes the batch. The state names each file with its new digest first, so that a kill leaves no file that it does
    /// not know.
    fn flush(&mut self) -> Result<(), ExportError> {
        let batch = std::mem::take(&mut self.batch);
        self.summary.images += batch.images.len();
        if self.options.mode == Mode::DryRun || batch.texts.is_empty() && batch.images.is_empty() {
            return Ok(());
        }
        let digests = batch.texts.iter().map(|(path, (_, digest))| (path, *digest));
        for (path, digest) in digests.chain(batch.images.iter().map(|(path, (_, digest))| (path, *digest))) {
            self.state.files.entry(path.clone()).or_default().pending = Some(digest);
        }
        self.save()?;
        for (path, (source, digest)) in &batch.images {
            self.output.copy(source, path)?;
            let bytes = self.output.path(path).metadata().map_or(0, |meta| meta.len());
            self.state.files.insert(path.clone(), FileState { sha256: Some(*digest), pending: None, bytes });
        }
        for (path, (text, digest)) in &batch.texts {
            self.output.write(path, text.as_bytes())?;
            let bytes = text.len() as u64;
            self.state.files.insert(path.clone(), FileState { sha256: Some(*digest), pending: None, bytes });
        }
        Ok(())
    }

    /// Removes the texts of articles that are no longer selected, or counts them.
    fn stale(&mut self) -> Result<(), ExportError> {
        let gone: Vec<String> = self.state.articles.keys().filter(|folder| self.is_stale(folder)).cloned().collect();
        if self.options.stale == Stale::Keep {
            self.summary.stale = gone.len();
            return Ok(());
        }
        for folder in gone {
            let Some(path) = self.state.articles.get(&folder).map(|article| article.path.clone()) else { continue };
            if self.remove(&path)? {
                self.state.articles.remove(&folder);
                self.summary.removed += 1;
            } else {
                self.summary.stale += 1;
            }
        }
        Ok(())
    }

    /// Removes files that no article uses any more, if texts are removed.
    fn unused(&mut self) -> Result<(), ExportError> {
        if self.options.stale == Stale::Keep {
            return Ok(());
        }
        let referenced = self.state.referenced();
        let unused: Vec<String> =
            self.state.files.keys().filter(|path| !referenced.contains(path.as_str())).cloned().collect();
        for path in unused {
            self.remove(&path)?;
        }
        Ok(())
    }

    /// Returns whether the text of an article is to be removed: this export wrote it and does not select it, or the archive
    /// does not have it.
    fn is_stale(&self, folder: &str) -> bool {
        if self.survey.selected.contains(folder) {
            return false;
        }
        let is_own = self.state.articles.get(folder).is_some_and(|article| article.source == self.options.source);
        match self.archive.entry(folder) {
            Ok(_) => is_own,
            Err(ArchiveError::Io { source, .. }) => source.kind() == std::io::ErrorKind::NotFound,
            // A record that cannot be read may be repaired.
            Err(_) => false,
        }
    }

    /// Removes a file that an export wrote; false if it stays because the user changed it.
    fn remove(&mut self, path: &str) -> Result<bool, ExportError> {
        let known = self.state.files.get(path).copied().unwrap_or_default();
        let is_own = match self.output.on_disk(path)? {
            OnDisk::Nothing | OnDisk::Empty => true,
            OnDisk::File(found) => known.wrote(&found) || self.options.edits == Edits::Overwrite,
            OnDisk::Other => false,
        };
        if !is_own {
            (self.tell)(ExportEvent::KeptEdited { path: path.to_owned() });
            return Ok(false);
        }
        if self.options.mode == Mode::Write {
            self.output.remove(path)?;
        }
        self.state.files.remove(path);
        (self.tell)(ExportEvent::Removed { path: path.to_owned() });
        Ok(true)
    }

    fn end(&mut self) -> Result<(), ExportError> {
        if self.options.mode == Mode::Write && self.state != self.written {
            self.save()?;
        }
        Ok(())
    }

    fn save(&mut self) -> Result<(), ExportError> {
        self.output.prepare(super::STATE)?;
        self.state.write(&self.options.output)?;
        self.written = self.state.clone();
        Ok(())
    }
}

/// Returns what is wrong with an image of the archive; None if it has its digest.
fn fault(archive: &Archive, image: &str) -> Option<String> {
    match (digest_of(&archive.root().join(image)), stored_digest(image)) {
        (Ok(found), Some(digest)) if found == digest => None,
        (Ok(found), _) => Some(format!("its digest is {found}")),
        (Err(error), _) => Some(error.to_string()),
    }
}
