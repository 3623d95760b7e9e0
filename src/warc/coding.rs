//! Decoding of content codings: gzip, deflate, br, zstd and chains of them, with a limit on the decoded size.
//!
//! RFC 9110 section 8.4; RFC 1952, 1950, 1951, 7932, 8878.

use std::error::Error;
use std::io::{self, Read};

use flate2::bufread::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The maximum number of codings in a chain. Longer chains only occur in attacks.
pub const MAX_CHAIN: usize = 3;

/// The window size that every zstd decoder must support (RFC 9659), in bytes.
const ZSTD_WINDOW: u64 = 8 << 20;

/// The number of bytes decoded at a time.
const BUFFER: usize = 64 << 10;

/// The number of bytes that are examined to distinguish text from coded data.
const SNIFFED: usize = 512;

/// A shorter body without markup may be coded data by chance.
const SHORTEST_TEXT: usize = 16;

/// Why a body cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodingError {
    /// The coded bytes end before the coding does.
    #[error("the {coding} data ends early, so part of the body is missing; fetch it again")]
    Truncated {
        /// The coding that is incomplete.
        coding: String,
    },
    /// The decoded body exceeds the limit.
    #[error("the decoded body is larger than {cap} bytes; this is the largest size that bindery reads")]
    TooLarge {
        /// The limit in bytes.
        cap: u64,
    },
    /// The bytes are not in the coding that the header states.
    #[error("the body is not valid {coding} ({reason}); the server labels it wrongly, or it was damaged in transit")]
    Malformed {
        /// The stated coding.
        coding: String,
        /// What the decoder reported.
        reason: String,
    },
    /// The coding is not supported, or the chain is longer than [`MAX_CHAIN`].
    #[error("the content coding `{name}` is not supported; supported are gzip, deflate, br and zstd")]
    Unknown {
        /// The coding, or the whole chain.
        name: String,
    },
}

/// A body without its content codings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decoded {
    /// The body; `None` if no coding was removed from it.
    pub body: Option<Vec<u8>>,
    /// Why a part of the body may be missing or wrong; `None` if it was decoded without errors.
    pub damage: Option<String>,
}

/// Removes the content codings of `body`.
///
/// `header` is the value of `Content-Encoding` (several fields joined by `, `), with the codings in the order in which
/// they were applied. As in browsers, names that are not codings (`identity`, `none`, `utf-8`) are ignored, and so is a
/// coding of a body that is plain text. Where a coded body is damaged, what was decoded before is returned with the damage;
/// a body that ends before its coding does is an error. An empty body stays empty. No step of a chain may produce more than
/// `cap` bytes.
pub fn decode(header: &str, body: &[u8], cap: u64) -> Result<Decoded, CodingError> {
    let names: Vec<&str> = header.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let codings: Vec<Coding> = names.iter().filter_map(|name| Coding::named(name)).collect();
    if codings.len() > MAX_CHAIN {
        return Err(CodingError::Unknown { name: header.chars().take(80).collect() });
    }
    let mut decoded = Decoded::default();
    for coding in codings.iter().rev() {
        let coded = decoded.body.as_deref().unwrap_or(body);
        let mut sink = Sink { bytes: Vec::new(), cap };
        let done = if coded.is_empty() { Ok(()) } else { coding.decode(coded, &mut sink) };
        match done {
            Ok(()) => {}
            Err(Fault::Malformed(_) | Fault::Truncated) if is_text(coded) => continue,
            Err(Fault::Malformed(reason)) if is_text(&sink.bytes) => {
                decoded.damage = Some(format!("its {} data is damaged ({reason})", coding.name()));
            }
            Err(fault) => return Err(fault.of(*coding, cap)),
        }
        decoded.body = Some(sink.bytes);
    }
    let is_coded = || names.iter().any(|name| Coding::named(name).is_none() && !is_no_coding(name));
    if decoded.body.is_none() && codings.is_empty() && is_coded() && is_binary(body) {
        return Err(CodingError::Unknown { name: header.chars().take(80).collect() });
    }
    Ok(decoded)
}

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    fn decode(self, body: &[u8], sink: &mut Sink) -> Result<(), Fault> {
        match self {
            Self::Gzip => gzip(body, sink),
            Self::Deflate => deflate(body, sink),
            Self::Brotli => brotli(body, sink),
            Self::Zstd => zstd(body, sink),
        }
    }
}

/// Returns whether servers write a name where the body has no coding.
fn is_no_coding(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "identity" | "none" | "utf-8" | "utf8" | "binary" | "8bit")
}

/// Returns whether a body is text without decoding: markup, JSON, or UTF-8 without control characters. Coded data is neither,
/// within the bytes that are looked at.
fn is_text(body: &[u8]) -> bool {
    let start = &body[..body.len().min(SNIFFED)];
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let begins = start.iter().find(|byte| !byte.is_ascii_whitespace());
    let is_markup = matches!(begins, Some(b'<' | b'{' | b'['));
    // The last character may be cut.
    let is_utf_8 = || std::str::from_utf8(start).map_or_else(|error| error.error_len().is_none(), |_| true);
    !is_binary(start) && (is_markup || start.len() >= SHORTEST_TEXT && is_utf_8())
}

/// Returns whether the start of a body has control characters that no text has, except for UTF-16.
fn is_binary(body: &[u8]) -> bool {
    let start = &body[..body.len().min(SNIFFED)];
    let is_utf_16 = start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff");
    // ISO-2022-JP uses the escape character.
    !is_utf_16 && start.iter().any(|byte| matches!(byte, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f))
}

/// A decoder's error, without the name of the coding.
enum Fault {
    Truncated,
    TooLarge,
    Malformed(String),
}

impl Fault {
    fn of(self, coding: Coding, cap: u64) -> CodingError {
        let coding = coding.name().to_owned();
        match self {
            Self::Truncated => CodingError::Truncated { coding },
            Self::TooLarge => CodingError::TooLarge { cap },
            Self::Malformed(reason) => CodingError::Malformed { coding, reason },
        }
    }

    fn of_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            _ => Self::Malformed(error.to_string()),
        }
    }
}

/// The decoded bytes, limited to `cap`.
struct Sink {
    bytes: Vec<u8>,
    cap: u64,
}

impl Sink {
    fn push(&mut self, chunk: &[u8]) -> Result<(), Fault> {
        let len = self.bytes.len() + chunk.len();
        if len as u64 > self.cap {
            return Err(Fault::TooLarge);
        }
        if len > self.bytes.capacity() {
            // Doubles the capacity, as `Vec` does, but never beyond the limit.
            let cap = usize::try_from(self.cap).unwrap_or(usize::MAX);
            let wanted = self.bytes.capacity().saturating_mul(2).clamp(len, cap.max(len));
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    fn drain(&mut self, reader: &mut impl Read) -> Result<(), Fault> {
        let mut buffer = vec![0; BUFFER];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => self.push(&buffer[..read])?,
                Err(error) => return Err(Fault::of_io(&error)),
            }
        }
    }
}

/// Decodes consecutive gzip members. Bytes after the last member are ignored as padding, as browsers do.
fn gzip(body: &[u8], sink: &mut Sink) -> Result<(), Fault> {
    let mut rest = body;
    loop {
        let mut decoder = GzDecoder::new(rest);
        sink.drain(&mut decoder)?;
        rest = decoder.into_inner();
        if !rest.starts_with(&[0x1f, 0x8b]) {
            return Ok(());
        }
    }
}

/// Decodes zlib data, which the standard requires, or raw deflate data, which many servers send instead.
fn deflate(body: &[u8], sink: &mut Sink) -> Result<(), Fault> {
    let zlib = matches!(body, [first, second, ..]
        if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31));
    match inflate(body, if zlib { Wrapper::Zlib } else { Wrapper::None }, sink) {
        Err(Fault::Malformed(reason)) if zlib => {
            let text = std::mem::take(&mut sink.bytes);
            match inflate(body, Wrapper::None, sink) {
                Err(_) if text.len() > sink.bytes.len() => {
                    sink.bytes = text;
                    Err(Fault::Malformed(reason))
                }
                done => done,
            }
        }
        done => done,
    }
}

/// The format around deflated data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrapper {
    /// Header and checksum of zlib (RFC 1950).
    Zlib,
    /// None (RFC 1951).
    None,
}

fn inflate(body: &[u8], wrapper: Wrapper, sink: &mut Sink) -> Result<(), Fault> {
    let mut state = Decompress::new(wrapper == Wrapper::Zlib);
    let mut buffer = vec![0; BUFFER];
    loop {
        let (read, written) = (state.total_in(), state.total_out());
        // Both totals are bounded by lengths of slices, so the casts lose nothing.
        let status = state
            .decompress(&body[read as usize..], &mut buffer, FlushDecompress::None)
            .map_err(|error| Fault::Malformed(error.to_string()))?;
        let fresh = (state.total_out() - written) as usize;
        sink.push(&buffer[..fresh])?;
        if status == Status::StreamEnd {
            return Ok(());
        }
        if fresh == 0 && state.total_in() == read {
            return Err(Fault::Truncated);
        }
    }
}

/// A reader that reports an error at the end of its bytes: the brotli decoder reads further only if its input is
/// incomplete.
struct EndIsError<'a>(&'a [u8]);

impl Read for EndIsError<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.0.read(buffer)
    }
}

fn brotli(body: &[u8], sink: &mut Sink) -> Result<(), Fault> {
    sink.drain(&mut brotli_decompressor::Decompressor::new(EndIsError(body), BUFFER))
}

/// Decodes consecutive zstd frames and ignores skippable ones.
fn zstd(body: &[u8], sink: &mut Sink) -> Result<(), Fault> {
    let mut rest = body;
    while !rest.is_empty() {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(sink.cap.max(ZSTD_WINDOW));
        match decoder.init(&mut rest) {
            Ok(()) => zstd_frame(&mut decoder, &mut rest, sink)?,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                rest = rest.get(length as usize..).ok_or(Fault::Truncated)?;
            }
            Err(error) => return Err(zstd_fault(&error)),
        }
    }
    Ok(())
}

fn zstd_frame(decoder: &mut FrameDecoder, rest: &mut &[u8], sink: &mut Sink) -> Result<(), Fault> {
    while !decoder.is_finished() {
        decoder
            .decode_blocks(&mut *rest, BlockDecodingStrategy::UptoBytes(BUFFER))
            .map_err(|error| zstd_fault(&error))?;
        if let Some(chunk) = decoder.collect() {
            sink.push(&chunk)?;
        }
    }
    match (decoder.get_checksum_from_data(), decoder.get_calculated_checksum()) {
        (Some(stated), Some(found)) if stated != found => Err(Fault::Malformed("its checksum does not match".into())),
        _ => Ok(()),
    }
}

fn zstd_fault(error: &FrameDecoderError) -> Fault {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(link) = cause {
        if link.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof) {
            return Fault::Truncated;
        }
        cause = link.source();
    }
    Fault::Malformed(error.to_string())
}

#[cfg(test)]
mod tests;
