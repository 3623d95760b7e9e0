//! What servers sent, written into the run's WARC file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr;

use url::Url;

use crate::model::{Digest, Exchange, Headers, Timestamp};
use crate::warc::{HttpHead, Original, Packer, Record, RecordId};

use super::ArchiveError;
use super::disk::Disk;
use super::index::Index;
use super::layout::CAPTURES;
use super::log::{Log, Mark};
use super::record::{self, CapturePointer, Part, Payload};

/// A WARC file that is longer is sealed, and the next visit begins another, in bytes.
const ROLL_AT: u64 = 1_000_000_000;

/// Which visits leave what servers sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Captures {
    /// Those that brought a new text or image.
    #[default]
    Changed,
    /// Every one.
    All,
    /// Those that brought a new text or image, without the images themselves.
    Pages,
    /// None.
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

/// What one request brought: an HTTP answer, or a file's bytes.
#[derive(Debug, Clone)]
pub struct Answer {
    /// When it was received.
    pub received: Timestamp,
    /// The body as received; None for that of an image, which is its stored file.
    pub body: Option<Vec<u8>>,
    /// Where it came from.
    pub source: AnswerSource,
}

/// Where an answer came from.
#[derive(Debug, Clone)]
pub enum AnswerSource {
    /// A server.
    Http {
        /// The URL that answered.
        url: Url,
        /// Its status.
        status: u16,
        /// Its header fields.
        headers: Headers,
        /// What was said on the wire.
        exchange: Exchange,
    },
    /// A file on disk.
    File {
        /// The URL it is known by: a URL, or `urn:sha256:<hex>` of its bytes.
        uri: String,
        /// Its media type.
        media_type: String,
    },
}

impl Answer {
    fn uri(&self) -> String {
        match &self.source {
            AnswerSource::Http { url, .. } => record::without_secrets(url),
            AnswerSource::File { uri, .. } => uri.clone(),
        }
    }
}

/// What a run appends to its WARC file.
#[derive(Debug)]
pub(super) struct CaptureLog {
    started: Timestamp,
    software: String,
    secret: Vec<String>,
    log: Option<Log>,
    /// The records in the file.
    ids: BTreeSet<RecordId>,
    /// Those of the visit that is being appended.
    latest: Vec<RecordId>,
    roll_at: u64,
    packer: Packer,
}

/// The WARC record of one answer.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub record: RecordId,
    /// Digest of the body as received.
    pub payload: Digest,
    pub received: Timestamp,
    /// The record that holds the bytes; None when `record` does itself.
    pub original: Option<Payload>,
}

/// What a visit left in the run's capture.
#[derive(Debug, Default)]
pub(super) struct Captured {
    /// None when it left nothing.
    pub pointer: Option<CapturePointer>,
    /// The records of the visit's images, in their order; shorter than they are when nothing was left.
    pub images: Vec<Option<Written>>,
}

/// One visit on its way into the WARC file.
pub(super) struct Appending<'a> {
    captures: &'a mut CaptureLog,
    disk: &'a Disk,
    root: &'a Path,
    index: &'a dyn Index,
    /// Payloads that this visit brought whole.
    fresh: BTreeMap<Digest, Payload>,
    others: Vec<RecordId>,
    parts: Vec<Part>,
}

/// Where a visit's records begin, to go back to when it cannot be kept.
pub(super) struct Begin {
    mark: Option<Mark>,
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
            packer: Packer::default(),
        }
    }

    /// Whether the file must be sealed before the next visit.
    pub fn is_full(&self) -> bool {
        self.log.as_ref().is_some_and(|log| log.length() >= self.roll_at)
    }

    /// Where the next visit begins.
    pub fn begin(&mut self) -> Begin {
        self.latest.clear();
        Begin { mark: self.log.as_ref().map(Log::mark) }
    }

    /// Begins to append a visit.
    pub fn appending<'a>(&'a mut self, disk: &'a Disk, root: &'a Path, index: &'a dyn Index) -> Appending<'a> {
        Appending { captures: self, disk, root, index, fresh: BTreeMap::new(), others: Vec::new(), parts: Vec::new() }
    }

    /// Takes back what was appended since `begin`.
    pub fn take_back(&mut self, disk: &Disk, begin: Begin) -> Result<(), ArchiveError> {
        for id in self.latest.drain(..) {
            self.ids.remove(&id);
        }
        match (&mut self.log, begin.mark) {
            (Some(log), Some(mark)) => log.cut_back(disk, mark),
            (Some(log), None) => {
                log.discard(disk)?;
                self.log = None;
                Ok(())
            }
            (None, _) => Ok(()),
        }
    }

    /// Seals the file; its path below the archive and its digest, or None when there is none.
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
                let name = log.below().rsplit('/').next().unwrap_or_default().to_owned();
                let first = Record::warcinfo(&name, &self.software, self.started);
                if let Err(error) = log.append(disk, &first.to_gzip()) {
                    disk.tidied(log.discard(disk));
                    return Err(error);
                }
                log
            }
        };
        Ok(self.log.insert(log))
    }
}

impl Appending<'_> {
    /// Appends an answer, with its request before it. `stored` has the bytes of an image that the answer lacks.
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
        let whole = match self.fresh.get(&payload) {
            Some(known) => Some(known.clone()),
            None => self.index.payload(&payload)?,
        }
        .filter(|_| !body.is_empty());
        let record = self.make(answer, body, &payload, whole.as_ref())?;
        let file = self.put(&record)?;
        if whole.is_none() {
            let known = Payload { file, record: record.id().clone(), url: answer.uri(), received: answer.received };
            self.fresh.entry(payload).or_insert(known);
        }
        Ok(Written { record: record.id().clone(), payload, received: answer.received, original: whole })
    }

    /// Appends the page's own answer; for a 304, `original` is the page that it stands for.
    pub fn page(&mut self, answer: &Answer, original: Option<Payload>) -> Result<Written, ArchiveError> {
        match (&answer.source, original) {
            (AnswerSource::Http { url, status: 304, headers, exchange }, Some(original)) => {
                let request = self.request(exchange, url, answer.received)?;
                let head = HttpHead { url, status: 304, headers, exchange, secret: &self.captures.secret };
                let record = Record::not_modified(&head, &refers_to(&original), answer.received);
                let record = record.concurrent_to(&request);
                self.put(&record)?;
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

    /// Appends a redirect on the way to the page.
    pub fn hop(&mut self, answer: &Answer) -> Result<(), ArchiveError> {
        let written = self.answer(answer, None)?;
        self.others.push(written.record);
        Ok(())
    }

    /// Appends a further page of the article.
    pub fn part(&mut self, answer: &Answer) -> Result<(), ArchiveError> {
        let Written { record, payload, received, original } = self.answer(answer, None)?;
        self.others.push(record.clone());
        self.parts.push(Part { record, url: answer.uri(), payload_sha256: payload, received, original });
        Ok(())
    }

    /// Waits until the records are on the disk, now or with all that waits, and points to them.
    pub fn finish(self, page: Written) -> Result<CapturePointer, ArchiveError> {
        let log = self.captures.log(self.disk, self.root)?;
        log.flush_in(self.disk)?;
        let file = log.below().to_owned();
        Ok(CapturePointer { file, page: page.record, original: page.original, others: self.others, parts: self.parts })
    }

    fn make(
        &mut self,
        answer: &Answer,
        body: &[u8],
        payload: &Digest,
        whole: Option<&Payload>,
    ) -> Result<Record, ArchiveError> {
        match &answer.source {
            AnswerSource::File { uri, media_type } => Ok(Record::resource(uri, media_type, body, answer.received)),
            AnswerSource::Http { url, status, headers, exchange } => {
                let request = self.request(exchange, url, answer.received)?;
                let head = HttpHead { url, status: *status, headers, exchange, secret: &self.captures.secret };
                let record = match whole {
                    Some(known) => Record::revisit(&head, payload, &refers_to(known), answer.received),
                    None => Record::response(&head, body, answer.received),
                };
                Ok(record.concurrent_to(&request))
            }
        }
    }

    fn request(&mut self, exchange: &Exchange, url: &Url, received: Timestamp) -> Result<RecordId, ArchiveError> {
        let request = Record::request(exchange, url, received, &self.captures.secret);
        self.put(&request)?;
        self.others.push(request.id().clone());
        Ok(request.id().clone())
    }

    /// Appends a record unless the file has it; the file's path below the archive once it is sealed.
    fn put(&mut self, record: &Record) -> Result<String, ArchiveError> {
        let is_new = !self.captures.ids.contains(record.id());
        let packed = is_new.then(|| self.captures.packer.pack(record));
        let log = self.captures.log(self.disk, self.root)?;
        if let Some(packed) = packed {
            log.append(self.disk, &packed)?;
        }
        let file = log.below().to_owned();
        if self.captures.ids.insert(record.id().clone()) {
            self.captures.latest.push(record.id().clone());
        }
        Ok(file)
    }
}

fn refers_to(payload: &Payload) -> Original {
    Original { id: payload.record.clone(), uri: payload.url.clone(), date: payload.received }
}
