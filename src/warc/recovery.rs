//! Reading damaged files: after a record that cannot be read, reading continues with the next one.

use std::io::{self, BufRead, BufReader, Read, Seek, Write};

use flate2::bufread::GzDecoder;

use super::arc;
use super::error::{Fault, WarcError};
use super::read::{Entry, Reader, StoredRecord};

/// The buffer of a reader, in bytes.
const BUFFER: usize = 1 << 20;

/// The number of bytes from which the first bytes of a gzip member are decompressed.
const MEMBER_START: usize = 16 << 10;

/// The maximum number of gzip members that are tried in one file. More are only in files made for it.
const MAX_TRIALS: usize = 20_000;

/// The number of bytes that are read again after damage, in addition to four times what was read.
const REREAD: u64 = 64 << 20;

/// Iterates over the records of a WARC or ARC file of any program, compressed or not. A record that cannot be read is an
/// error, and the iteration continues with the next record: the next gzip member that holds one, or the next line that
/// begins one. Wrong dates and missing ids are warnings of the record. Memory use does not grow with the file.
pub struct Recovery<R> {
    reader: Reader<R>,
    /// The number of gzip members tried after damage.
    trials: usize,
    /// The number of bytes read more than once.
    reread: u64,
    furthest: u64,
    /// Whether the record that is read is a gzip member of its own.
    is_compressed: bool,
}

impl<R: Read + Seek> Recovery<R> {
    /// Creates a reader.
    pub fn new(input: R) -> Self {
        let mut reader = Reader::recovering(input, BUFFER);
        // A file that cannot be read is reported by the first record.
        reader.end = reader.input.length().ok();
        Self { reader, trials: 0, reread: 0, furthest: 0, is_compressed: false }
    }

    /// Moves to the next record after a damaged one; returns false if there is none.
    fn resume(&mut self, damaged: u64) -> io::Result<bool> {
        self.furthest = self.furthest.max(self.reader.input.position);
        self.reader.input.seek(damaged + 1)?;
        let found = self.seek_record()?;
        self.reread += self.furthest.saturating_sub(self.reader.input.position);
        Ok(found && self.reread <= REREAD + 4 * self.furthest)
    }

    /// Checks the length of an ARC record, which only the next record shows. If none follows, and another begins within the
    /// record, its length is wrong.
    fn check_length(&mut self, entry: Entry) -> io::Result<Result<Entry, WarcError>> {
        let end = entry.offset + entry.length;
        if !entry.is_arc() || self.is_compressed || arc::may_follow(self.reader.input.peek(arc::MAX_LINE)?) {
            return Ok(Ok(entry));
        }
        self.furthest = self.furthest.max(end);
        if self.resume(entry.offset)? && self.reader.input.position < end {
            let stated = entry.block_length;
            return Ok(Err(Fault::WrongLength { stated }.at(entry.offset)));
        }
        self.reader.input.seek(end)?;
        Ok(Ok(entry))
    }

    /// Moves to the next place where a record may begin; returns false if there is none.
    fn seek_record(&mut self) -> io::Result<bool> {
        loop {
            let bytes = self.reader.input.peek(arc::MAX_LINE)?;
            if bytes.is_empty() {
                return Ok(false);
            }
            let places = memchr::memchr3_iter(b'\n', b'W', 0x1f, bytes);
            let Some((at, is_member)) = places.filter_map(|at| place(bytes, at)).next() else {
                let length = bytes.len();
                let kept = if length >= arc::MAX_LINE { last_line(bytes) } else { 0 };
                self.reader.input.consume(length - kept);
                continue;
            };
            self.reader.input.consume(at);
            if !is_member || self.member_begins()? {
                return Ok(true);
            }
            self.reader.input.consume(1);
        }
    }

    /// Returns whether more than one record begins in the gzip member at an offset, the first of which is damaged.
    fn member_holds_more(&mut self, offset: u64) -> io::Result<bool> {
        let position = self.reader.input.position;
        self.reader.input.seek(offset)?;
        let mut member = GzDecoder::new(&mut self.reader.input);
        let mut bytes = vec![0; 2 * arc::MAX_LINE];
        let (mut filled, mut holds_more, mut is_start) = (0, false, true);
        while let Ok(read @ 1..) = member.read(&mut bytes[filled..]) {
            filled += read;
            let found = |at: usize| (at > 0 || !is_start) && place(&bytes[..filled], at).is_some();
            if memchr::memchr2_iter(b'\n', b'W', &bytes[..filled]).any(found) {
                holds_more = true;
                break;
            }
            is_start &= filled < arc::MAX_LINE;
            // While nothing is skipped, the first record stays at the start.
            let kept = if is_start { filled } else { last_line(&bytes[..filled]).min(filled) };
            bytes.copy_within(filled - kept..filled, 0);
            filled = kept;
        }
        drop(member);
        self.reader.input.seek(position)?;
        Ok(holds_more)
    }

    /// Returns whether the gzip member at the position holds a record.
    fn member_begins(&mut self) -> io::Result<bool> {
        self.trials += 1;
        let bytes = self.reader.input.peek(MEMBER_START)?;
        let mut start = [0; 9];
        let read = GzDecoder::new(bytes).read_exact(&mut start).is_ok();
        let starts = [&b"WARC/"[..], b"http://", b"https://", b"filedesc:", b"dns:", b"ftp://"];
        Ok(read && self.trials < MAX_TRIALS && starts.iter().any(|begin| start.starts_with(begin)))
    }
}

/// Returns where a record may begin at a line end or at the first byte of a gzip member, and whether it is a member.
fn place(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    if bytes[at] == 0x1f {
        // Deflate is the only method, and three bits of the flags are reserved (RFC 1952).
        let is_member =
            bytes[at..].starts_with(&[0x1f, 0x8b, 8]) && bytes.get(at + 3).is_none_or(|flags| flags & 0xe0 == 0);
        return is_member.then_some((at, true));
    }
    if bytes[at] == b'W' {
        // What comes before it may have been cut, so that it need not begin a line.
        let version = bytes[at..]
            .strip_prefix(b"WARC/")
            .filter(|version| version.starts_with(b"1.") || version.starts_with(b"0."));
        let end = version?.iter().take(6).position(|&byte| byte == b'\n');
        return end.is_some().then_some((at, false));
    }
    arc::is_header(&bytes[at + 1..]).then_some((at + 1, false))
}

/// Returns the number of bytes at the end that may begin a record and be too few to show it: those from the last line end,
/// if the line is not too long, or else as many as a version has.
fn last_line(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(arc::MAX_LINE / 8)..];
    memchr::memrchr(b'\n', tail).map_or(16, |at| tail.len() - at).max(16)
}

impl<R: Read + Seek> Recovery<R> {
    /// Returns the next record with its block. The block of a record is empty if it is longer than `cap` bytes.
    pub fn next_with_block(&mut self, cap: u64) -> Option<Result<StoredRecord, WarcError>> {
        self.advance(Some(cap))
    }

    fn advance(&mut self, cap: Option<u64>) -> Option<Result<StoredRecord, WarcError>> {
        self.is_compressed = matches!(self.reader.input.peek(2), Ok([0x1f, 0x8b, ..]));
        let result = match self.reader.next_up_to(cap)? {
            Ok(StoredRecord { entry, block }) => {
                let offset = entry.offset;
                let checked = self.check_length(entry).unwrap_or_else(|error| Err(Fault::of_io(error).at(offset)));
                checked.map(|entry| StoredRecord { entry, block })
            }
            Err(error) if self.is_compressed && !matches!(error.fault, Fault::Shared | Fault::Io(_)) => {
                match self.member_holds_more(error.offset) {
                    Ok(true) => return Some(Err(Fault::Shared.at(error.offset))),
                    Ok(false) => Err(error),
                    Err(failed) => return Some(Err(Fault::of_io(failed).at(error.offset))),
                }
            }
            Err(error) => Err(error),
        };
        if let Err(error) = &result
            && self.reader.done
            && !matches!(error.fault, Fault::Io(_))
        {
            match self.resume(error.offset) {
                Ok(found) => self.reader.done = !found,
                Err(error) => return Some(Err(Fault::of_io(error).at(self.reader.input.position))),
            }
        }
        Some(result)
    }
}

impl<R: Read + Seek> Iterator for Recovery<R> {
    type Item = Result<Entry, WarcError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance(None).map(|step| step.map(|stored| stored.entry))
    }
}

/// Writes the decompressed bytes of a gzip file whose members hold several records each, and of damaged members what comes
/// before the damage. Returns the first damage.
///
/// # Errors
/// The file cannot be read, the copy cannot be written, or it would have more than `cap` bytes.
pub fn decompress<R: Read + Seek>(input: R, out: &mut dyn Write, cap: u64) -> io::Result<Option<WarcError>> {
    let mut recovery = Recovery::new(input);
    let (mut left, mut damage) = (cap, None);
    loop {
        let offset = recovery.reader.input.position;
        if recovery.reader.input.peek(1)?.is_empty() {
            return Ok(damage);
        }
        let mut member = BufReader::new(GzDecoder::new(&mut recovery.reader.input));
        let fault = loop {
            match member.fill_buf() {
                Ok([]) => break None,
                Ok(piece) if piece.len() as u64 > left => {
                    return Err(io::Error::other(format!("it is larger than {cap} bytes")));
                }
                Ok(piece) => {
                    out.write_all(piece)?;
                    let length = piece.len();
                    left -= length as u64;
                    member.consume(length);
                }
                Err(error) => break Some(Fault::of_io(error)),
            }
        };
        drop(member);
        match fault {
            None => {}
            Some(Fault::Io(error)) => return Err(error),
            Some(fault) => {
                damage.get_or_insert(fault.at(offset));
                // The next record begins on a line of its own.
                out.write_all(b"\r\n\r\n")?;
                if !recovery.resume(offset)? {
                    return Ok(damage);
                }
            }
        }
    }
}
