//! Writing the responses of servers to the run's WARC file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr;

use url::Url;

use crate::model::{Digest, Exchange, Headers, Timestamp, shown_url};
use crate::warc::{Compressor, HttpHead, Original, Record, RecordId};

use super::ArchiveError;
use super::disk::Disk;
use super::index::Index;
use super::layout::CAPTURES;
use super::log::{Log, Position};
use super::record::{CapturePointer, ContinuationPage, Payload};

/// The size at which a WARC file is sealed and the next visit starts another, in bytes.
const ROLL_AT: u64 = 1_000_000_000;

/// When the responses of servers are captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Captures {
    /// For visits that brought a new text or image.
    #[default]
    Changed,
    /// For every visit.
    All,
    /// For visits that brought a new text or image, but without the images.
    Pages,
    /// Never.
    None,
}

impl Captures {
    /// Every value.
    pub const ALL: [Self; 4] = [Self::Changed, Self::All, Self::Pages, Self::None];

    /// Returns the word that users write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::All => "all",
            Self::Pages => "pages",
            Self::None => "none",
        }
    }
}

impl FromStr for Captures {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|value| value.as_str() == text);
        found.ok_or_else(|| format!("invalid value `{text}`; use changed, all, pages or none"))
    }
}

/// One response, or the bytes of a file.
#[derive(Debug, Clone)]
pub struct Answer {
    /// When it was received.
    pub received: Timestamp,
    /// The body as received; `None` for an image, whose stored file is the body.
    pub body: Option<Vec<u8>>,
    /// Its source.
    pub source: AnswerSource,
}

/// The source of a response.
#[derive(Debug, Clone)]
pub enum AnswerSource {
    /// A server.
    Http {
        /// The URL that responded.
        url: Url,
        /// Its status.
        status: u16,
        /// Its header fields.
        headers: Headers,
        /// The request and connection.
        exchange: Exchange,
    },
    /// A file on disk.
    File {
        /// The URL of the page, or `urn:sha256:<hex>` of the bytes.
        uri: String,
        /// Its media type.
        media_type: String,
    },
}

impl Answer {
    fn uri(&self) -> String {
        match &self.source {
            AnswerSource::Http { url, .. } => shown_url(url),
            AnswerSource::File { uri, .. } => uri.clone(),
        }
    }
}

/// The WARC file of a run.
#[derive(Debug)]
pub(super) struct CaptureLog {
    started: Timestamp,
    software: String,
    secret: Vec<String>,
    log: Option<Log>,
    /// The ids of the records in the file.
    ids: BTreeSet<RecordId>,
    /// The ids of the records of the current visit.
    latest: Vec<RecordId>,
    roll_at: u64,
    compressor: Compressor,
}

/// The WARC record of one response.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub record: RecordId,
    /// The digest of the body as received.
    pub payload: Digest,
    pub received: Timestamp,
    /// The record that holds the bytes; `None` if `record` itself does.
    pub original: Option<Payload>,
}

/// The records that a visit added to the run's capture.
#[derive(Debug, Default)]
pub(super) struct Captured {
    /// `None` if the visit added none.
    pub pointer: Option<CapturePointer>,
    /// The records of the visit's images, in order; may be shorter than the list of images.
    pub images: Vec<Option<Written>>,
}

/// Appends the responses of one visit to the WARC file.
pub(super) struct VisitAppender<'a> {
    captures: &'a mut CaptureLog,
    disk: &'a Disk,
    root: &'a Path,
    index: &'a dyn Index,
    /// The payloads that this visit added.
    added: BTreeMap<Digest, Payload>,
    others: Vec<RecordId>,
    continuation_pages: Vec<ContinuationPage>,
}

/// The end of the WARC file before a visit, to roll back to if the visit cannot be archived.
pub(super) struct VisitStart {
    position: Option<Position>,
}

impl CaptureLog {
    pub fn new(started: Timestamp, software: &str, secret: &[String], roll_at: Option<u64>) -> Self {
        Self {
            started,
            software: software.to_owned(),
            secret: secret.to_vec(),
            log: None,
            ids: BTreeSet::new(),
            latest: Vec::new(),
            roll_at: roll_at.unwrap_or(ROLL_AT),
            compressor: Compressor::default(),
        }
    }

    /// Returns whether the file must be sealed before the next visit.
    pub fn is_full(&self) -> bool {
        self.log.as_ref().is_some_and(|log| log.length() >= self.roll_at)
    }

    /// Returns where the next visit starts.
    pub fn begin(&mut self) -> VisitStart {
        self.latest.clear();
        VisitStart { position: self.log.as_ref().map(Log::position) }
    }

    /// Starts to append a visit.
    pub fn appender<'a>(&'a mut self, disk: &'a Disk, root: &'a Path, index: &'a dyn Index) -> VisitAppender<'a> {
        VisitAppender {
            captures: self,
            disk,
            root,
            index,
            added: BTreeMap::new(),
            others: Vec::new(),
            continuation_pages: Vec::new(),
        }
    }

    /// Removes what was appended since `start`.
    pub fn roll_back(&mut self, disk: &Disk, start: VisitStart) -> Result<(), ArchiveError> {
        for id in self.latest.drain(..) {
            self.ids.remove(&id);
        }
        match (&mut self.log, start.position) {
            (Some(log), Some(position)) => log.truncate(disk, position),
            (Some(log), None) => {
                log.discard(disk)?;
                self.log = None;
                Ok(())
            }
            (None, _) => Ok(()),
        }
    }

    /// Seals the file and returns its path below the archive and its digest; `None` if the run has no file.
    pub fn seal(&mut self, disk: &Disk, root: &Path) -> Result<Option<(String, Digest)>, ArchiveError> {
        let sealed = self.log.as_ref().map(|log| log.seal(disk, root)).transpose()?;
        self.log = None;
        self.ids.clear();
        self.latest.clear();
        Ok(sealed)
    }

    fn log(&mut self, disk: &Disk, root: &Path) -> Result<&mut Log, ArchiveError> {
        let log = match self.log.take() {
            Some(log) => log,
            None => {
                let instant = self.started.compact();
                let folder = format!("{CAPTURES}/{}/{}", &instant[..4], &instant[4..6]);
                let mut log = Log::create(disk, root, &folder, self.started, "warc.gz")?;
                let name = log.sealed_path().rsplit('/').next().unwrap_or_default().to_owned();
                let first = Record::warcinfo(&name, &self.software, self.started);
                if let Err(error) = log.append(disk, &first.to_gzip()) {
                    disk.note_cleanup(log.discard(disk));
                    return Err(error);
                }
                log
            }
        };
        Ok(self.log.insert(log))
    }
}

impl VisitAppender<'_> {
    /// Appends a response, preceded by its request. `stored` is the file of an image, whose response has no body.
    pub fn answer(&mut self, answer: &Answer, stored: Option<&Path>) -> Result<Written, ArchiveError> {
        let read;
        let body = match (&answer.body, stored) {
            (Some(body), _) => body,
            (None, Some(path)) => {
                read = self.disk.read(path)?;
                &read
            }
            (None, None) => &Vec::new(),
        };
        let payload = Digest::of(body);
        let earlier = match self.added.get(&payload) {
            Some(known) => Some(known.clone()),
            None => self.index.payload(&payload)?,
        }
        .filter(|_| !body.is_empty());
        let record = self.build(answer, body, &payload, earlier.as_ref())?;
        let file = self.append(&record)?;
        if earlier.is_none() {
            let known = Payload { file, record: record.id().clone(), url: answer.uri(), received: answer.received };
            self.added.entry(payload).or_insert(known);
        }
        Ok(Written { record: record.id().clone(), payload, received: answer.received, original: earlier })
    }

    /// Appends the page's response. For a 304, `original` is the record with the page's bytes.
    pub fn page(&mut self, answer: &Answer, original: Option<Payload>) -> Result<Written, ArchiveError> {
        match (&answer.source, original) {
            (AnswerSource::Http { url, status: 304, headers, exchange }, Some(original)) => {
                let request = self.request(exchange, url, answer.received)?;
                let head = HttpHead { url, status: 304, headers, exchange, secret: &self.captures.secret };
                let record = Record::not_modified(&head, &refers_to(&original), answer.received);
                let record = record.concurrent_to(&request);
                self.append(&record)?;
                Ok(Written {
                    record: record.id().clone(),
                    payload: Digest::of(b""),
                    received: answer.received,
                    original: Some(original),
                })
            }
            _ => self.answer(answer, None),
        }
    }

    /// Appends a redirect that led to the page.
    pub fn hop(&mut self, answer: &Answer) -> Result<(), ArchiveError> {
        let written = self.answer(answer, None)?;
        self.others.push(written.record);
        Ok(())
    }

    /// Appends a continuation page of the article.
    pub fn continuation_page(&mut self, answer: &Answer) -> Result<(), ArchiveError> {
        let Written { record, payload, received, original } = self.answer(answer, None)?;
        self.others.push(record.clone());
        let page = ContinuationPage { record, url: answer.uri(), payload_sha256: payload, received, original };
        self.continuation_pages.push(page);
        Ok(())
    }

    /// Makes the records durable, now or with the deferred batch, and returns a pointer to them.
    pub fn finish(self, page: Written) -> Result<CapturePointer, ArchiveError> {
        let log = self.captures.log(self.disk, self.root)?;
        log.flush_or_defer(self.disk)?;
        let file = log.sealed_path().to_owned();
        let (others, continuation_pages) = (self.others, self.continuation_pages);
        Ok(CapturePointer { file, page: page.record, original: page.original, others, continuation_pages })
    }

    fn build(
        &mut self,
        answer: &Answer,
        body: &[u8],
        payload: &Digest,
        earlier: Option<&Payload>,
    ) -> Result<Record, ArchiveError> {
        match &answer.source {
            AnswerSource::File { uri, media_type } => Ok(Record::resource(uri, media_type, body, answer.received)),
            AnswerSource::Http { url, status, headers, exchange } => {
                let request = self.request(exchange, url, answer.received)?;
                let head = HttpHead { url, status: *status, headers, exchange, secret: &self.captures.secret };
                let record = match earlier {
                    Some(known) => Record::revisit(&head, payload, &refers_to(known), answer.received),
                    None => Record::response(&head, body, answer.received),
                };
                Ok(record.concurrent_to(&request))
            }
        }
    }

    fn request(&mut self, exchange: &Exchange, url: &Url, received: Timestamp) -> Result<RecordId, ArchiveError> {
        let request = Record::request(exchange, url, received, &self.captures.secret);
        self.append(&request)?;
        self.others.push(request.id().clone());
        Ok(request.id().clone())
    }

    /// Appends a record unless the file already has it, and returns the path below the archive of the sealed file.
    fn append(&mut self, record: &Record) -> Result<String, ArchiveError> {
        let is_new = !self.captures.ids.contains(record.id());
        let compressed = is_new.then(|| self.captures.compressor.compress(record));
        let log = self.captures.log(self.disk, self.root)?;
        if let Some(compressed) = compressed {
            log.append(self.disk, &compressed)?;
        }
        let file = log.sealed_path().to_owned();
        if self.captures.ids.insert(record.id().clone()) {
            self.captures.latest.push(record.id().clone());
        }
        Ok(file)
    }
}

fn refers_to(payload: &Payload) -> Original {
    Original { id: payload.record.clone(), uri: payload.url.clone(), date: payload.received }
}
