//! Reading WARC files of any size, record by record, in bounded memory.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

use super::arc;
use super::error::{Fault, WarcError};
use super::head::{self, Head, HeadWarning, Mode};
use super::http::HttpMessage;
use super::id::RecordId;
use super::input::Input;
use super::kind::RecordKind;
use super::record::IDENTICAL;
use super::write::{END, GZIP_HEAD};
use crate::model::{Digest, Hasher, Timestamp};

const BUFFER: usize = 64 << 10;

/// The header of a record, and the digests of its block. The block itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it begins: an offset in bytes in the file as stored.
    pub offset: u64,
    /// Its length in bytes in the file; for a gzip member, compressed.
    pub length: u64,
    /// Its type.
    pub kind: RecordKind,
    /// Its id.
    pub id: RecordId,
    /// Its target URI without angle brackets; `None` if it has none.
    pub target: Option<String>,
    /// Its date, truncated to the second.
    pub date: Timestamp,
    /// Every named field, unchanged and in order.
    pub fields: Vec<(String, String)>,
    /// The length of its block in bytes.
    pub block_length: u64,
    /// The digest of its block, computed from the bytes.
    pub block_digest: Digest,
    /// The digest of its payload, computed from the bytes: the body of an HTTP message, otherwise the block. `None` for
    /// a revisit, and for a block that should be HTTP but is not.
    pub payload_digest: Option<Digest>,
    /// The status in its HTTP header; `None` if it holds no response.
    pub status: Option<u16>,
    /// The media type of its payload, from the HTTP header or, for other blocks, from the record's field; `None` if
    /// unknown.
    pub media_type: Option<String>,
    /// Faults of its header; empty unless the reader recovers records.
    pub warnings: Vec<HeadWarning>,
}

impl Entry {
    /// Returns the first value of a named field (any case); `None` if it is absent.
    pub fn field(&self, name: &str) -> Option<&str> {
        head::value(&self.fields, name)
    }

    /// Returns whether it is a record of an ARC file.
    pub fn is_arc(&self) -> bool {
        self.field(arc::MARK).is_some()
    }

    /// Returns the record that a revisit refers to; `None` if it refers to none.
    pub fn refers_to(&self) -> Option<RecordId> {
        head::record_id(self.field("WARC-Refers-To")?, Mode::Lenient).ok()
    }

    /// Returns the payload digest that an `identical-payload-digest` revisit states; `None` for every other record.
    pub fn revisited_payload(&self) -> Option<Digest> {
        let identical = self.kind == RecordKind::Revisit && self.field("WARC-Profile") == Some(IDENTICAL);
        let digest = self.field("WARC-Payload-Digest").filter(|_| identical)?;
        digest.strip_prefix("sha256:")?.parse().ok()
    }
}

/// A record with its block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its header and digests.
    pub entry: Entry,
    /// Its block.
    pub block: Vec<u8>,
}

impl StoredRecord {
    /// Parses the HTTP message in its block; `None` if the block is not one.
    pub fn http(&self) -> Option<HttpMessage<'_>> {
        HttpMessage::parse(&self.block)
    }
}

/// Iterates over the records of a WARC file. Every block is hashed and compared with the SHA-256 digests that the
/// record states; other digest algorithms are ignored. Memory use does not grow with the file.
///
/// A damaged record is an error, and the iteration continues with the next record. It ends after damage that hides
/// where the next record begins.
pub struct Reader<R> {
    pub(super) input: Input<R>,
    mode: Mode,
    pub(super) done: bool,
    /// The length of the file; `None` if it is unknown.
    pub(super) end: Option<u64>,
}

/// The record whose block is returned, and the maximum length of that block in bytes.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    Nothing,
    Id(&'a RecordId, u64),
    Any(u64),
    /// Any record; a larger one comes without its block.
    UpTo(u64),
}

impl Wanted<'_> {
    /// Returns the maximum length if the block of a record is wanted.
    fn cap(self, head: &Head) -> Option<u64> {
        match self {
            Self::Nothing => None,
            Self::Id(wanted, cap) => (*wanted == head.id).then_some(cap),
            Self::Any(cap) => Some(cap),
            Self::UpTo(cap) => (head.length <= cap).then_some(cap),
        }
    }
}

/// The record or its fault, and whether the next record can be found.
type ReadResult = (Result<StoredRecord, Fault>, bool);

impl<R: Read> Reader<R> {
    /// Creates a reader for files of any program, compressed or not, of version 1.1 or earlier.
    pub fn new(input: R) -> Self {
        Self { input: Input::new(input), mode: Mode::Lenient, done: false, end: None }
    }

    /// Creates a reader for files that bindery wrote: one gzip member per record, every field that bindery writes, ids
    /// derived from their records. Any difference is an error.
    pub fn strict(input: R) -> Self {
        Self { mode: Mode::Strict, ..Self::new(input) }
    }

    /// Creates a reader for WARC and ARC files of any program that may be damaged.
    pub(super) fn recovering(input: R, buffer: usize) -> Self {
        Self { input: Input::with_capacity(input, buffer), mode: Mode::Recovery, done: false, end: None }
    }

    /// Returns the next record, with its block unless that is longer than `cap` bytes.
    pub(super) fn next_up_to(&mut self, cap: Option<u64>) -> Option<Result<StoredRecord, WarcError>> {
        self.step(cap.map_or(Wanted::Nothing, Wanted::UpTo))
    }

    fn step(&mut self, wanted: Wanted<'_>) -> Option<Result<StoredRecord, WarcError>> {
        if self.done {
            return None;
        }
        let start = self.begin();
        let offset = self.input.position;
        let (result, can_continue) = match start {
            Ok(None) => {
                self.done = true;
                return None;
            }
            Ok(Some(true)) => self.member(wanted),
            Ok(Some(false)) => self.plain(wanted),
            Err(fault) => (Err(fault), false),
        };
        self.done = !can_continue;
        let length = self.input.position - offset;
        let located = result.map(|stored| StoredRecord { entry: Entry { offset, length, ..stored.entry }, ..stored });
        Some(located.map_err(|fault| fault.at(offset)))
    }

    /// Looks ahead: returns true for a gzip member, false for an uncompressed record, `None` at the end of the file.
    fn begin(&mut self) -> Result<Option<bool>, Fault> {
        let strict = self.mode.is_strict();
        loop {
            let next = self.input.peek(GZIP_HEAD.len()).map_err(Fault::of_io)?;
            return match next {
                [] => Ok(None),
                [0x1f] | [0x1f, 0x8b, ..] => Ok(Some(true)),
                [b'\r' | b'\n', ..] if !strict => {
                    self.input.consume(1);
                    continue;
                }
                _ if strict => Err(Fault::malformed("no gzip member begins here")),
                _ => Ok(Some(false)),
            };
        }
    }

    fn member(&mut self, wanted: Wanted<'_>) -> ReadResult {
        let has_own_header = match self.input.peek(GZIP_HEAD.len()) {
            Ok(bytes) => bytes.starts_with(&GZIP_HEAD) || bytes.len() < GZIP_HEAD.len(),
            Err(error) => return (Err(Fault::of_io(error)), false),
        };
        let mut decompressed = BufReader::with_capacity(BUFFER, GzDecoder::new(&mut self.input));
        let result = record(&mut decompressed, self.mode, wanted, u64::MAX);
        if let Err(Fault::Io(_) | Fault::Gzip { .. }) = result {
            return (result, false);
        }
        // Reads to the member's end in any case, to check its checksum and to find the next member.
        let drained = drain(&mut decompressed);
        drop(decompressed);
        let at_end = matches!(self.input.peek(1), Ok([]));
        match (drained, result) {
            (Err((1.., _)), Ok(_)) if self.mode == Mode::Recovery => (Err(Fault::Shared), true),
            (Err((_, error)), _) => (Err(Fault::of_io(error)), false),
            (Ok(_), Err(Fault::Truncated)) if at_end => (Err(Fault::Truncated), false),
            (Ok(_), Err(Fault::Truncated)) => {
                (Err(Fault::malformed("a gzip member ends inside a record's header")), true)
            }
            (Ok(1..), Ok(_)) => (Err(Fault::Shared), true),
            (Ok(_), Ok(_)) if self.mode.is_strict() && !has_own_header => {
                let reason = "its header is not the one that bindery writes".to_owned();
                (Err(Fault::Gzip { reason }), true)
            }
            (Ok(_), result) => (result, true),
        }
    }

    fn plain(&mut self, wanted: Wanted<'_>) -> ReadResult {
        let most = self.end.map_or(u64::MAX, |end| end.saturating_sub(self.input.position));
        let result = record(&mut self.input, self.mode, wanted, most);
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
        self.step(Wanted::Nothing).map(|step| step.map(|stored| stored.entry))
    }
}

/// Returns the record with this id and its block; `None` if the file has no such record. Seek the file to the record's
/// offset beforehand to find it at once.
///
/// # Errors
/// The record is damaged or its block is larger than `cap` bytes; or it was not found and another record is damaged.
pub fn find(input: impl Read, id: &RecordId, cap: u64) -> Result<Option<StoredRecord>, WarcError> {
    let mut reader = Reader::new(input);
    let mut damage = None;
    while let Some(step) = reader.step(Wanted::Id(id, cap)) {
        match step {
            Ok(stored) if stored.entry.id == *id => return Ok(Some(stored)),
            Ok(_) => {}
            Err(error) => damage = damage.or(Some(error)),
        }
    }
    damage.map_or(Ok(None), Err)
}

/// Returns the first record of a WARC or ARC file of any program, with its block. Seek the file to a record's offset
/// beforehand.
///
/// # Errors
/// There is no record, it is damaged, or its block is larger than `cap` bytes.
pub fn first(input: impl Read, cap: u64) -> Result<StoredRecord, WarcError> {
    let mut reader = Reader::recovering(input, BUFFER);
    match reader.step(Wanted::Any(cap)) {
        Some(result) => result,
        None => Err(Fault::Truncated.at(0)),
    }
}

/// Returns the number of bytes of complete, valid members at the start of a file that bindery wrote. The file of a
/// killed run is truncated to this length.
///
/// # Errors
/// The input cannot be read.
pub fn valid_length(input: impl Read) -> io::Result<u64> {
    let mut length = 0;
    for entry in Reader::strict(input) {
        match entry {
            Ok(entry) => length = entry.offset + entry.length,
            Err(WarcError { fault: Fault::Io(error), .. }) => return Err(error),
            Err(_) => break,
        }
    }
    Ok(length)
}

/// Reads to the end. Returns the number of bytes, also with an error.
fn drain(source: &mut dyn BufRead) -> Result<u64, (u64, io::Error)> {
    let mut drained = 0;
    loop {
        let length = source.fill_buf().map_err(|error| (drained, error))?.len();
        if length == 0 {
            return Ok(drained);
        }
        drained += length as u64;
        source.consume(length);
    }
}

/// Reads one record from its first byte to its last; `most` is the maximum length of its block if the file is complete.
fn record(source: &mut dyn BufRead, mode: Mode, wanted: Wanted<'_>, most: u64) -> Result<StoredRecord, Fault> {
    let first = source.fill_buf().map_err(Fault::of_io)?.first().copied();
    let head = match mode {
        Mode::Recovery if first.is_some_and(|byte| byte != b'W') => arc::read(source)?,
        _ => Head::read(source, mode)?,
    };
    if head.length > most {
        return Err(Fault::Truncated);
    }
    let cap = wanted.cap(&head);
    if let Some(cap) = cap.filter(|cap| head.length > *cap) {
        return Err(Fault::TooLarge { cap });
    }
    let block = Block::read(source, &head, if cap.is_some() { BlockUse::Return } else { BlockUse::Digest })?;
    check_end(source, mode, head.length)?;
    check(&head, &block, mode)?;
    let block = Block { media_type: block.media_type.or_else(|| head.own_media_type()), ..block };
    let Head { kind, id, target, date, length, fields, warnings } = head;
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
        warnings,
    };
    Ok(StoredRecord { entry, block: block.bytes })
}

/// What a block is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BlockUse {
    /// Only to compute its digests.
    Digest,
    /// To return its bytes too.
    Return,
}

/// The digests and, if wanted, the bytes of a block.
struct Block {
    digest: Digest,
    payload: Option<Digest>,
    /// The status in its HTTP header. Like the media type, `None` without one.
    status: Option<u16>,
    media_type: Option<String>,
    /// Its bytes; empty if they are not wanted.
    bytes: Vec<u8>,
}

impl Block {
    fn read(source: &mut dyn BufRead, head: &Head, block_use: BlockUse) -> Result<Self, Fault> {
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
            if block_use == BlockUse::Digest {
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
            if block_use == BlockUse::Return {
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

/// Checks the two line ends after a block. Some programs omit them at the end of a member, or write others.
fn check_end(source: &mut dyn BufRead, mode: Mode, stated: u64) -> Result<(), Fault> {
    if mode == Mode::Recovery {
        return match after_line_ends(source)? {
            (2.., _) => Ok(()),
            // The next record, of a WARC or of an ARC file, or another gzip member.
            (_, None | Some(b'W' | b'a'..=b'z' | 0x1f)) => Ok(()),
            _ => Err(Fault::WrongLength { stated }),
        };
    }
    let mut end = Vec::new();
    source.take(END.len() as u64).read_to_end(&mut end).map_err(Fault::of_io)?;
    match END.strip_prefix(end.as_slice()) {
        Some([]) => Ok(()),
        Some(_) if mode == Mode::Lenient => Ok(()),
        _ => Err(Fault::WrongLength { stated }),
    }
}

/// Consumes line ends. Returns the number of lines, and the byte that follows them, which is `None` at the end.
fn after_line_ends(source: &mut dyn BufRead) -> Result<(u64, Option<u8>), Fault> {
    let mut lines = 0;
    loop {
        match source.fill_buf().map_err(Fault::of_io)?.first().copied() {
            Some(byte @ (b'\r' | b'\n')) => {
                lines += u64::from(byte == b'\n');
                source.consume(1);
            }
            next => return Ok((lines, next)),
        }
    }
}

fn check(head: &Head, block: &Block, mode: Mode) -> Result<(), Fault> {
    let differs = |part, stated, found| Err(Fault::Digest { id: head.id.clone(), part, stated, found });
    match head.digest("WARC-Block-Digest", mode)? {
        Some(stated) if stated != block.digest => return differs("block", stated, block.digest),
        _ => {}
    }
    // The digest of a segment is that of the complete payload, of which the segment holds a part. Some programs state that
    // of the payload without its transfer coding.
    let segment = head::value(&head.fields, "WARC-Segment-Number").is_some() || mode == Mode::Recovery;
    match (head.digest("WARC-Payload-Digest", mode)?, block.payload) {
        (Some(stated), Some(found)) if stated != found && !segment => return differs("payload", stated, found),
        _ => {}
    }
    if !mode.is_strict() {
        return Ok(());
    }
    if head.is_http() && block.payload.is_none() && head.kind != RecordKind::Revisit {
        return Err(Fault::malformed("the record's block does not begin with an HTTP header"));
    }
    let derived = RecordId::derive(head.kind, head.target.as_deref(), head.date, &block.digest);
    if derived != head.id {
        return Err(Fault::WrongId { stated: head.id.clone(), derived });
    }
    Ok(())
}
