//! Bringing the articles of another archive into this one: texts, captures, images, URLs and visits of both.
//!
//! Files are written in the order of every other run, so a merge that was interrupted leaves an archive that the next
//! writer recovers, and merging again completes it. What is there already is recognised by its digest.

mod combine;
mod incoming;
mod names;
mod report;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;

use url::Url;

use crate::model::{Digest, FailureKind, Outcome, UrlKey};

use super::ArchiveError;
use super::feed_items::FeedClaims;
use super::identity::PageIdentity;
use super::known::Recorded;
use super::layout::{RECORD, RUNS, TOMBSTONE, UNSEALED, check_path, digest_in, slug_end};
use super::reader::{Archive, Entry};
use super::record::{Record, Snapshot, read_bytes};
use super::tombstone::Tombstone;
use super::writer::Writer;

use incoming::Damage;
use names::{TextNames, free_path};
use report::Taken;

pub use report::{MergeEvent, MergedArticle};

/// The number of articles that share their flushes.
const BATCH: usize = 64;

/// Called after each step of a merge.
pub type MergeListener<'a> = dyn FnMut(&mut Writer, MergeEvent) -> ControlFlow<()> + 'a;

impl Writer {
    /// Brings everything of another archive into this one, and reports each article when it is durable. `Break` ends the
    /// merge. The caller commits.
    ///
    /// # Errors
    /// The other archive is this one, or has an unfinished run; or an operation of the operating system fails. Damage of
    /// the other archive is not an error: it is reported, and what needs the damaged file is not merged.
    pub fn merge(&mut self, other: &Archive, on_event: &mut MergeListener<'_>) -> Result<(), ArchiveError> {
        check_other(self.root(), other.root())?;
        self.mark_unsealed()?;
        self.defer_writes();
        let mut merge = Merge::new(self, other)?;
        if merge.articles(on_event)?.is_break() || merge.rest(on_event)?.is_break() {
            return merge.writer.state.disk.commit_deferred();
        }
        self.state.disk.commit_deferred()
    }
}

/// Returns an error if an archive cannot be merged into this one.
fn check_other(root: &Path, other: &Path) -> Result<(), ArchiveError> {
    let real = |path: &Path| path.canonicalize().map_err(|error| ArchiveError::io("read", path, error));
    if real(root)? == real(other)? {
        return Err(ArchiveError::MergeOfItself { path: other.to_owned() });
    }
    if other.join(UNSEALED).exists() {
        return Err(ArchiveError::UnfinishedRun { path: other.to_owned() });
    }
    Ok(())
}

/// A merge that is under way.
struct Merge<'a> {
    writer: &'a mut Writer,
    other: &'a Archive,
    /// The digests of the other archive's captures and runs, by path.
    theirs: BTreeMap<String, Digest>,
    /// The paths of this archive's captures and runs, by digest.
    ours: BTreeMap<Digest, String>,
    /// Articles that were removed from this archive.
    removed: BTreeMap<UrlKey, Tombstone>,
    /// Images of the other archive that are done, or that only articles need which were removed here.
    seen_images: BTreeSet<String>,
    /// Capture files that cannot be taken.
    damaged: BTreeMap<String, Damage>,
    /// Reports for the time when the articles are durable.
    waiting: Vec<MergeEvent>,
}

/// Why an article is not taken.
enum Refusal {
    /// A file that it needs is damaged.
    Damaged(Damage),
    /// The archive failed.
    Archive(ArchiveError),
}

impl From<ArchiveError> for Refusal {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(error)
    }
}

impl From<Damage> for Refusal {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl<'a> Merge<'a> {
    fn new(writer: &'a mut Writer, other: &'a Archive) -> Result<Self, ArchiveError> {
        let ours = incoming::listed(&writer.root)?.into_iter().map(|(path, digest)| (digest, path)).collect();
        let removed = incoming::tombstones(&writer.root)?.into_iter().map(|(key, _, tombstone)| (key, tombstone));
        Ok(Self {
            theirs: incoming::listed(other.root())?,
            ours,
            removed: removed.collect(),
            seen_images: BTreeSet::new(),
            damaged: BTreeMap::new(),
            waiting: Vec::new(),
            writer,
            other,
        })
    }

    fn articles(&mut self, on_event: &mut MergeListener<'_>) -> Result<ControlFlow<()>, ArchiveError> {
        for entry in self.other.each()? {
            let done = match entry {
                Ok(entry) => self.article(entry)?,
                Err(error) => MergedArticle::unreadable(&error),
            };
            self.waiting.push(MergeEvent::Article(done));
            if self.waiting.len() >= BATCH {
                self.writer.state.disk.commit_deferred()?;
                if self.report(on_event).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                self.writer.commit_if_due()?;
            }
        }
        self.writer.state.disk.commit_deferred()?;
        Ok(self.report(on_event))
    }

    fn report(&mut self, on_event: &mut MergeListener<'_>) -> ControlFlow<()> {
        std::mem::take(&mut self.waiting).into_iter().try_for_each(|event| on_event(self.writer, event))
    }

    /// Takes what does not belong to an article: further images, runs and tombstones.
    fn rest(&mut self, on_event: &mut MergeListener<'_>) -> Result<ControlFlow<()>, ArchiveError> {
        for path in incoming::images(self.other.root())? {
            if !self.seen_images.contains(&path)
                && let Err(Refusal::Archive(error)) = self.image(&path)
            {
                return Err(error);
            }
        }
        let runs: Vec<String> = self.theirs.keys().filter(|path| path.starts_with(RUNS)).cloned().collect();
        for path in runs {
            if let Err(Refusal::Archive(error)) = self.log(&path) {
                return Err(error);
            }
        }
        for (key, folder, tombstone) in incoming::tombstones(self.other.root())? {
            self.tombstone(&key, &folder, &tombstone)?;
        }
        self.writer.state.disk.commit_deferred()?;
        Ok(self.report(on_event))
    }

    fn article(&mut self, entry: Entry) -> Result<MergedArticle, ArchiveError> {
        let Entry { folder, record } = entry;
        let done = MergedArticle::of(&record);
        match self.take(&folder, record) {
            Ok(taken) => Ok(MergedArticle { ..taken.into_article(done) }),
            Err(Refusal::Damaged(damage)) => {
                let Damage { path, cause } = damage;
                let message = format!("{folder} was not merged: {path} {cause}");
                Ok(MergedArticle { is_damaged: true, ..done.failed(FailureKind::Damaged, message) })
            }
            Err(Refusal::Archive(error)) => {
                let failure = error.page_failure()?;
                Ok(MergedArticle { outcome: Outcome::Failed(failure), ..done })
            }
        }
    }

    fn take(&mut self, folder: &str, mut record: Record) -> Result<Taken, Refusal> {
        let own = record.key().ok_or_else(|| Damage::new(&format!("{folder}/{RECORD}"), "has no valid URL"))?;
        if self.is_removed(&own, &record)? {
            let images = record.snapshots.iter().flat_map(|snapshot| &snapshot.images);
            self.seen_images.extend(images.filter_map(|image| image.path.clone()));
            return Ok(Taken::Removed);
        }
        let texts = self.texts(folder, &record)?;
        let key = self.key(&own, &record, &texts)?;
        let ours = self.writer.find_own(&key)?;
        let target = match &ours {
            Some(ours) => ours.folder.clone(),
            None => self.free_folder(folder, &own)?,
        };
        let before = ours.map(|entry| entry.record);
        let new: Vec<(usize, Digest)> = record
            .snapshots
            .iter()
            .enumerate()
            .filter(|(_, snapshot)| combine::missing(before.as_ref(), &record).any(|new| std::ptr::eq(new, *snapshot)))
            .map(|(at, snapshot)| (at, snapshot.sha256))
            .collect();
        for (at, _) in &new {
            self.images_of(&record.snapshots[*at])?;
        }
        self.captures(before.as_ref(), &mut record)?;
        let mut files = Vec::new();
        let mut names = TextNames::of(&self.writer.root.join(&target), before.as_ref());
        for (at, sha256) in &new {
            let snapshot = &mut record.snapshots[*at];
            snapshot.file = names.free(snapshot);
            files.push((snapshot.file.clone(), texts.get(sha256).cloned().unwrap_or_default()));
        }
        let combined = match before.clone() {
            Some(before) => combine::combine(before, record),
            None => record,
        };
        if before.as_ref() == Some(&combined) {
            return Ok(Taken::Unchanged(target));
        }
        let is_new = before.is_none();
        self.writer.put_merged(&target, &files, before.as_ref(), combined)?;
        self.writer.new += usize::from(is_new);
        Ok(if is_new { Taken::New(target, files.len()) } else { Taken::Updated(target, files.len()) })
    }

    /// Returns whether the article was removed from this archive after its last visit.
    fn is_removed(&self, key: &UrlKey, record: &Record) -> Result<bool, ArchiveError> {
        let Some(tombstone) = self.removed.get(key) else { return Ok(false) };
        let last = |snapshot: &Snapshot| {
            snapshot.unchanged.as_ref().map_or(snapshot.captured, |seen| seen.last.max(snapshot.captured))
        };
        let is_later = record.snapshots.iter().any(|snapshot| last(snapshot) > tombstone.removed);
        Ok(!is_later && self.writer.find_own(key)?.is_none())
    }

    /// Reads the texts of an article, by digest.
    fn texts(&self, folder: &str, record: &Record) -> Result<BTreeMap<Digest, Vec<u8>>, Damage> {
        let read = |snapshot: &Snapshot| {
            let path = format!("{folder}/{}", snapshot.file);
            Ok((snapshot.sha256, incoming::bytes(self.other.root(), &path, &snapshot.sha256)?))
        };
        record.snapshots.iter().map(read).collect()
    }

    /// Returns the key of the article of this archive that is the same article.
    fn key(&self, own: &UrlKey, record: &Record, texts: &BTreeMap<Digest, Vec<u8>>) -> Result<UrlKey, ArchiveError> {
        let Some((url, newest)) = Url::parse(&record.url).ok().filter(Url::has_host).zip(record.newest()) else {
            return Ok(own.clone());
        };
        let aliases: Vec<Url> = record.aliases.iter().filter_map(|url| Url::parse(url).ok()).collect();
        let feed = FeedClaims { items: record.feed_items.clone(), ..FeedClaims::default() };
        let canonical = newest.canonical.as_deref().and_then(|url| Url::parse(url).ok());
        let warnings: Vec<_> = newest.warnings.iter().filter_map(Recorded::known).cloned().collect();
        let start = usize::try_from(newest.front_matter_bytes).unwrap_or_default();
        let text = texts.get(&newest.sha256).and_then(|bytes| bytes.get(start..)).unwrap_or_default();
        self.writer.article_key(&PageIdentity {
            answered: &url,
            redirected_from: &aliases,
            canonical: canonical.as_ref(),
            feed: &feed,
            title: &record.title,
            warnings: &warnings,
            text_digest: &newest.text_digest,
            body: &|| String::from_utf8_lossy(text).into_owned(),
        })
    }

    /// Returns the folder of an article that is new here: that of the other archive.
    fn free_folder(&self, folder: &str, key: &UrlKey) -> Result<String, Refusal> {
        check_path(folder)?;
        let is_at_home =
            folder.starts_with(&format!("articles/{}/", key.host_folder())) && folder.ends_with(&slug_end(key));
        if !is_at_home {
            return Err(Damage::new(&format!("{folder}/{RECORD}"), "does not belong in this folder").into());
        }
        Ok(self.writer.unoccupied(key, folder.to_owned())?)
    }

    fn images_of(&mut self, snapshot: &Snapshot) -> Result<(), Refusal> {
        snapshot.images.iter().filter_map(|image| image.path.as_ref()).try_for_each(|path| self.image(path))
    }

    /// Takes an image. One that is damaged in the other archive is reported, and missed only if this archive lacks it.
    fn image(&mut self, path: &str) -> Result<(), Refusal> {
        let known = digest_in(path).map(|digest| self.writer.state.index.image(&digest)).transpose()?.flatten();
        let is_first = self.seen_images.insert(path.to_owned());
        let image = match incoming::image(self.other.root(), path) {
            Ok(image) => image,
            Err(damage) => {
                if is_first {
                    self.waiting.push(MergeEvent::Damage(damage.path.clone(), damage.cause.clone()));
                }
                return if known.is_some() { Ok(()) } else { Err(damage.into()) };
            }
        };
        let (stored, is_written) = self.writer.put_image(&image)?;
        if stored != path {
            let cause = format!("is stored here as {stored}, so its texts would not find it");
            return Err(Damage::new(path, cause).into());
        }
        if known.is_some() && is_written {
            self.waiting
                .push(MergeEvent::Note(format!("{path} was damaged here and is restored from the other archive")));
        }
        Ok(())
    }

    /// Takes the capture files that new snapshots and visits need, and renames them in the record.
    fn captures(&mut self, before: Option<&Record>, record: &mut Record) -> Result<(), Refusal> {
        let known: BTreeSet<(String, String)> = before
            .into_iter()
            .flat_map(|before| &before.snapshots)
            .flat_map(|known| {
                known.records().into_iter().map(|pointer| (known.sha256.hex(), pointer.record.to_string()))
            })
            .collect();
        let is_here = |snapshot: &Snapshot| {
            let records = snapshot.records();
            before.is_some_and(|before| before.snapshots.iter().any(|known| combine::is_same(known, snapshot)))
                && records.iter().all(|pointer| known.contains(&(snapshot.sha256.hex(), pointer.record.to_string())))
        };
        let mut names = BTreeMap::new();
        for snapshot in record.snapshots.iter().filter(|snapshot| !is_here(snapshot)) {
            for file in combine::capture_files(snapshot) {
                let here = self.log(&file)?;
                names.insert(file, here);
            }
        }
        record.snapshots.iter_mut().for_each(|snapshot| combine::rename_captures(snapshot, &names));
        Ok(())
    }

    /// Takes a capture or the events of a run, and returns its path here.
    fn log(&mut self, path: &str) -> Result<String, Refusal> {
        let Some(digest) = self.theirs.get(path).copied() else {
            return Err(Damage::new(path, "is listed in no manifest").into());
        };
        if let Some(here) = self.ours.get(&digest) {
            return Ok(here.clone());
        }
        if let Some(damage) = self.damaged.get(path) {
            return Err(damage.clone().into());
        }
        check_path(path)?;
        let here = free_path(&self.writer.root, path);
        let from = self.other.root().join(path);
        let is_whole = match from.is_file() {
            true => self.writer.copy_file(&from, &here, &digest)?,
            false => false,
        };
        if !is_whole {
            let damage = Damage::new(path, "is missing or differs from the digest in its manifest");
            self.waiting.push(MergeEvent::Damage(damage.path.clone(), damage.cause.clone()));
            self.damaged.insert(path.to_owned(), damage.clone());
            return Err(damage.into());
        }
        self.ours.insert(digest, here.clone());
        Ok(here)
    }

    /// Takes a tombstone, unless the article is in this archive or was removed from it.
    fn tombstone(&mut self, key: &UrlKey, folder: &str, tombstone: &Tombstone) -> Result<(), ArchiveError> {
        if self.writer.find_own(key)?.is_some() {
            let url = &tombstone.url;
            self.waiting
                .push(MergeEvent::Note(format!("{url} was removed from the other archive; it stays in this one")));
            return Ok(());
        }
        let path = format!("{folder}/{TOMBSTONE}");
        if self.removed.contains_key(key) || self.writer.root.join(&path).exists() {
            return Ok(());
        }
        let bytes = read_bytes(&self.other.root().join(&path))?;
        self.writer.put_file(&path, &bytes)
    }
}
