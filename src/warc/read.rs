//! Going through a WARC file of any size, one record after another, in bounded memory.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

use super::error::{Fault, WarcError};
use super::head::{self, Head};
use super::http::HttpMessage;
use super::id::RecordId;
use super::input::Input;
use super::record::{IDENTICAL, RecordKind};
use super::write::{END, GZIP_HEAD};
use crate::model::{Digest, Hasher, Timestamp};

const BUFFER: usize = 64 << 10;

/// A record as it was gone through: its head, and digests of its block, which is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it begins, in bytes of the file as it lies there.
    pub offset: u64,
    /// How many bytes of the file it has; for a gzip member, packed.
    pub length: u64,
    /// What it is.
    pub kind: RecordKind,
    /// Its id.
    pub id: RecordId,
    /// Its target URI, without angle brackets; None when it has none.
    pub target: Option<String>,
    /// Its date, cut to the second.
    pub date: Timestamp,
    /// Every named field in order, as it stands.
    pub fields: Vec<(String, String)>,
    /// Length of its block.
    pub block_length: u64,
    /// Digest of its block, from the bytes.
    pub block_digest: Digest,
    /// Digest of its payload, from the bytes: of an HTTP message what follows the head, otherwise the block. None for a
    /// revisit, and where a block that should be HTTP is not.
    pub payload_digest: Option<Digest>,
    /// Status of the answer in it, from its HTTP head; None when it holds none.
    pub status: Option<u16>,
    /// Media type of its payload: of an HTTP message what its head says, otherwise its own field; None when unknown.
    pub media_type: Option<String>,
}

impl Entry {
    /// The first value of a named field (any case); None when it is absent.
    pub fn field(&self, name: &str) -> Option<&str> {
        head::value(&self.fields, name)
    }

    /// The record that a revisit stands for; None when it names none.
    pub fn refers_to(&self) -> Option<RecordId> {
        head::record_id(self.field("WARC-Refers-To")?, false).ok()
    }

    /// The payload digest of the record that an identical revisit stands for; None for every other record.
    pub fn revisited_payload(&self) -> Option<Digest> {
        let identical = self.kind == RecordKind::Revisit && self.field("WARC-Profile") == Some(IDENTICAL);
        let digest = self.field("WARC-Payload-Digest").filter(|_| identical)?;
        digest.strip_prefix("sha256:")?.parse().ok()
    }
}

/// A record with its block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its head.
    pub entry: Entry,
    /// Its block.
    pub block: Vec<u8>,
}

impl Stored {
    /// The HTTP message in it; None when its block is none.
    pub fn http(&self) -> Option<HttpMessage<'_>> {
        HttpMessage::parse(&self.block)
    }
}

/// Goes through the records of a WARC file. Every block is hashed and held against the SHA-256 digests that the record
/// states (other digests are not looked at); memory does not grow with the file.
///
/// A record that is damaged by itself is an error, and the next one follows; after damage that hides where the next
/// record begins, and after the last record, there is nothing more.
pub struct Reader<R> {
    input: Input<R>,
    strict: bool,
    done: bool,
}

/// The record whose block is to be kept, and the most bytes it may have.
type Wanted<'a> = Option<(&'a RecordId, u64)>;

/// What was read, or why not; and whether the next record can be found.
type Step = (Result<Stored, Fault>, bool);

impl<R: Read> Reader<R> {
    /// Reads a file of any program: packed or not, of version 1.1 or earlier.
    pub fn new(input: R) -> Self {
        Self { input: Input::new(input), strict: false, done: false }
    }

    /// Reads a file that bindery wrote: one gzip member a record, every field that bindery writes, ids that follow from
    /// their records. What differs is an error.
    pub fn strict(input: R) -> Self {
        Self { strict: true, ..Self::new(input) }
    }

    fn step(&mut self, wanted: Wanted<'_>) -> Option<Result<Stored, WarcError>> {
        if self.done {
            return None;
        }
        let begun = self.begin();
        let offset = self.input.position;
        let (result, goes_on) = match begun {
            Ok(None) => {
                self.done = true;
                return None;
            }
            Ok(Some(true)) => self.member(wanted),
            Ok(Some(false)) => self.plain(wanted),
            Err(fault) => (Err(fault), false),
        };
        self.done = !goes_on;
        let length = self.input.position - offset;
        let placed = result.map(|stored| Stored { entry: Entry { offset, length, ..stored.entry }, ..stored });
        Some(placed.map_err(|fault| fault.at(offset)))
    }

    /// Looks at what comes next: true for a gzip member, None for the end of the file.
    fn begin(&mut self) -> Result<Option<bool>, Fault> {
        let strict = self.strict;
        loop {
            let next = self.input.peek(GZIP_HEAD.len()).map_err(Fault::of_io)?;
            return match next {
                [] => Ok(None),
                [0x1f] | [0x1f, 0x8b, ..] => Ok(Some(true)),
                [b'\r' | b'\n', ..] if !strict => {
                    self.input.consume(1);
                    continue;
                }
                _ if strict => Err(Fault::malformed("there is no gzip member")),
                _ => Ok(Some(false)),
            };
        }
    }

    fn member(&mut self, wanted: Wanted<'_>) -> Step {
        let plain_head = match self.input.peek(GZIP_HEAD.len()) {
            Ok(bytes) => bytes.starts_with(&GZIP_HEAD) || bytes.len() < GZIP_HEAD.len(),
            Err(error) => return (Err(Fault::of_io(error)), false),
        };
        let mut unpacked = BufReader::with_capacity(BUFFER, GzDecoder::new(&mut self.input));
        let result = record(&mut unpacked, self.strict, wanted);
        if let Err(Fault::Io(_) | Fault::Gzip { .. }) = result {
            return (result, false);
        }
        // To the end whatever was found: there the checksum stands, and the next member begins.
        let drained = drain(&mut unpacked);
        drop(unpacked);
        let at_end = matches!(self.input.peek(1), Ok([]));
        match (drained, result) {
            (Err(error), _) => (Err(Fault::of_io(error)), false),
            (Ok(_), Err(Fault::Truncated)) if at_end => (Err(Fault::Truncated), false),
            (Ok(_), Err(Fault::Truncated)) => (Err(Fault::malformed("a member ends inside a record's head")), true),
            (Ok(1..), Ok(_)) => (Err(Fault::Shared), true),
            (Ok(_), Ok(_)) if self.strict && !plain_head => {
                let reason = "its head is not the one that bindery writes".to_owned();
                (Err(Fault::Gzip { reason }), true)
            }
            (Ok(_), result) => (result, true),
        }
    }

    fn plain(&mut self, wanted: Wanted<'_>) -> Step {
        let result = record(&mut self.input, self.strict, wanted);
        let at_end = matches!(self.input.peek(1), Ok([]));
        match result {
            Err(Fault::WrongLength { .. }) if at_end => (Err(Fault::Truncated), false),
            Err(fault @ (Fault::Digest { .. } | Fault::WrongId { .. })) => (Err(fault), true),
            Err(fault) => (Err(fault), false),
            stored => (stored, true),
        }
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Entry, WarcError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step(None).map(|step| step.map(|stored| stored.entry))
    }
}

/// Brings back the record with this id, its block whole; None when the file has no such record. A file that is set to
/// the offset of the record gives it at once.
///
/// # Errors
/// The record is damaged or has more than `cap` bytes; or it was not found, and something before the end is damaged.
pub fn find(input: impl Read, id: &RecordId, cap: u64) -> Result<Option<Stored>, WarcError> {
    let mut reader = Reader::new(input);
    let mut damage = None;
    while let Some(step) = reader.step(Some((id, cap))) {
        match step {
            Ok(stored) if stored.entry.id == *id => return Ok(Some(stored)),
            Ok(_) => {}
            Err(error) => damage = damage.or(Some(error)),
        }
    }
    damage.map_or(Ok(None), Err)
}

/// How many bytes at the start of a file that bindery wrote are whole, valid members. A killed run's file is cut there.
///
/// # Errors
/// The input cannot be read.
pub fn whole_members(input: impl Read) -> io::Result<u64> {
    let mut whole = 0;
    for entry in Reader::strict(input) {
        match entry {
            Ok(entry) => whole = entry.offset + entry.length,
            Err(WarcError { fault: Fault::Io(error), .. }) => return Err(error),
            Err(_) => break,
        }
    }
    Ok(whole)
}

fn drain(source: &mut dyn BufRead) -> io::Result<u64> {
    let mut drained = 0;
    loop {
        let length = source.fill_buf()?.len();
        if length == 0 {
            return Ok(drained);
        }
        drained += length as u64;
        source.consume(length);
    }
}

/// Reads one record from its first byte to its last.
fn record(source: &mut dyn BufRead, strict: bool, wanted: Wanted<'_>) -> Result<Stored, Fault> {
    let head = Head::read(source, strict)?;
    let wanted = wanted.filter(|(id, _)| **id == head.id);
    if let Some((_, cap)) = wanted.filter(|(_, cap)| head.length > *cap) {
        return Err(Fault::TooLarge { cap });
    }
    let block = Block::read(source, &head, wanted.is_some())?;
    check_end(source, strict, head.length)?;
    check(&head, &block, strict)?;
    let block = Block { media_type: block.media_type.or_else(|| head.own_media_type()), ..block };
    let Head { kind, id, target, date, length, fields } = head;
    let entry = Entry {
        offset: 0,
        length: 0,
        kind,
        id,
        target,
        date,
        fields,
        block_length: length,
        block_digest: block.digest,
        payload_digest: block.payload,
        status: block.status,
        media_type: block.media_type,
    };
    Ok(Stored { entry, block: block.bytes })
}

/// A block that was gone through.
struct Block {
    digest: Digest,
    payload: Option<Digest>,
    /// Status and media type that its HTTP head states.
    status: Option<u16>,
    media_type: Option<String>,
    /// Its bytes; empty when they are not wanted.
    bytes: Vec<u8>,
}

impl Block {
    fn read(source: &mut dyn BufRead, head: &Head, keep: bool) -> Result<Self, Fault> {
        let mut rest = source.take(head.length);
        let mut bytes = Vec::new();
        let mut whole = Hasher::new();
        let mut payload = None;
        let (mut status, mut media_type) = (None, None);
        if head.is_http() {
            let is_head = head::read_lines(&mut rest, &mut bytes)?;
            whole.update(&bytes);
            if let Some(message) = HttpMessage::parse(&bytes) {
                status = message.status;
                media_type = message.headers.get("content-type").map(str::to_owned);
            }
            payload = (is_head && head.kind != RecordKind::Revisit).then(Hasher::new);
            if !keep {
                bytes = Vec::new();
            }
        }
        loop {
            let piece = rest.fill_buf().map_err(Fault::of_io)?;
            if piece.is_empty() {
                break;
            }
            whole.update(piece);
            if let Some(payload) = &mut payload {
                payload.update(piece);
            }
            if keep {
                bytes.extend_from_slice(piece);
            }
            let length = piece.len();
            rest.consume(length);
        }
        if rest.limit() > 0 {
            return Err(Fault::WrongLength { stated: head.length });
        }
        let digest = whole.finish();
        let payload = match (payload, head.is_http(), head.kind) {
            (Some(payload), ..) => Some(payload.finish()),
            (None, true, _) | (None, _, RecordKind::Revisit) => None,
            (None, false, _) => Some(digest),
        };
        Ok(Self { digest, payload, status, media_type, bytes })
    }
}

/// The two line ends after a block. Other programs may leave them out at the end of a member.
fn check_end(source: &mut dyn BufRead, strict: bool, stated: u64) -> Result<(), Fault> {
    let mut end = Vec::new();
    source.take(END.len() as u64).read_to_end(&mut end).map_err(Fault::of_io)?;
    match END.strip_prefix(end.as_slice()) {
        Some([]) => Ok(()),
        Some(_) if !strict => Ok(()),
        _ => Err(Fault::WrongLength { stated }),
    }
}

fn check(head: &Head, block: &Block, strict: bool) -> Result<(), Fault> {
    let differs = |part, stated, found| Err(Fault::Digest { id: head.id.clone(), part, stated, found });
    match head.digest("WARC-Block-Digest", strict)? {
        Some(stated) if stated != block.digest => return differs("block", stated, block.digest),
        _ => {}
    }
    // The payload of a segment is a part of the one that its digest is of.
    let segment = head::value(&head.fields, "WARC-Segment-Number").is_some();
    match (head.digest("WARC-Payload-Digest", strict)?, block.payload) {
        (Some(stated), Some(found)) if stated != found && !segment => return differs("payload", stated, found),
        _ => {}
    }
    if !strict {
        return Ok(());
    }
    if head.is_http() && block.payload.is_none() && head.kind != RecordKind::Revisit {
        return Err(Fault::malformed("the record's block does not begin with an HTTP head"));
    }
    let derived = RecordId::derive(head.kind, head.target.as_deref(), head.date, &block.digest);
    if derived != head.id {
        return Err(Fault::WrongId { stated: head.id.clone(), derived });
    }
    Ok(())
}
