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

/// Removes the content codings of `body`.
///
/// `header` is the value of `Content-Encoding` (several fields joined by `, `), with the codings in the order in which
/// they were applied. Returns `None` if it states no coding other than `identity`. An empty body stays empty under any
/// supported coding. No step of a chain may produce more than `cap` bytes.
pub fn decode(header: &str, body: &[u8], cap: u64) -> Result<Option<Vec<u8>>, CodingError> {
    let names: Vec<String> = header
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != "identity")
        .collect();
    if names.len() > MAX_CHAIN {
        return Err(CodingError::Unknown { name: header.chars().take(80).collect() });
    }
    let mut decoded: Option<Vec<u8>> = None;
    for name in names.iter().rev() {
        decoded = Some(decode_one(name, decoded.as_deref().unwrap_or(body), cap)?);
    }
    Ok(decoded)
}

fn decode_one(name: &str, body: &[u8], cap: u64) -> Result<Vec<u8>, CodingError> {
    let decoder: fn(&[u8], &mut Sink) -> Result<(), Fault> = match name {
        "gzip" | "x-gzip" => gzip,
        "deflate" => deflate,
        "br" => brotli,
        "zstd" => zstd,
        _ => return Err(CodingError::Unknown { name: name.chars().take(80).collect() }),
    };
    let mut sink = Sink { bytes: Vec::new(), cap };
    if !body.is_empty() {
        decoder(body, &mut sink).map_err(|fault| fault.with_coding(name, cap))?;
    }
    Ok(sink.bytes)
}

/// A decoder's error, without the name of the coding.
enum Fault {
    Truncated,
    TooLarge,
    Malformed(String),
}

impl Fault {
    fn with_coding(self, coding: &str, cap: u64) -> CodingError {
        let coding = coding.to_owned();
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
    match inflate(body, zlib, sink) {
        Err(Fault::Malformed(_)) if zlib => {
            sink.bytes.clear();
            inflate(body, false, sink)
        }
        done => done,
    }
}

fn inflate(body: &[u8], zlib: bool, sink: &mut Sink) -> Result<(), Fault> {
    let mut state = Decompress::new(zlib);
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
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const LINE: &str = "乌鲁木齐的雪下了一整夜。The snow fell all night. ";
    /// `LINE` repeated twenty times, as `zlib.brotliCompressSync` and `zstd -19 --check` write it.
    const BROTLI: &str = "1bc304f88d94abed6883e74064088f2a7c6395d1bac2d060038e03d512b2c1e066429b8f4c3242b7c31791\
                          3423ff035a29bc9ed165a347439740d20db70d142430a57442fffd2000";
    const ZSTD: &str = "28b52ffd64c403350200d403e4b98ce9b281e69ca8e9bd90e79a84e99baae4b88be4ba86e4b880e695b4e5a4\
                        9ce3808254686520736e6f772066656c6c20616c6c206e696768742e2001004d08f0072816a29066";
    /// 64 MB of zeros.
    const BROTLI_BOMB: &str = "cbffff3ff82700e2b14020f7fe8fffff7ff04f00c4611180eefd1fffffffe09f0088c30200ddfb3ffeffff\
                               c13f0110870500baf77ffcffff837f02200e0b0074effff8ffff07ff04401c1600e8defff1ffff0ffe0980\
                               382c00d0bdffcbffff3ffc1300715800a07bff07";

    fn unhex(text: &str) -> Vec<u8> {
        let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
        digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
    }

    fn text() -> Vec<u8> {
        LINE.repeat(20).into_bytes()
    }

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn every_coding() -> Vec<(&'static str, Vec<u8>)> {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(&text()).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::best());
        raw.write_all(&text()).unwrap();
        vec![
            ("gzip", gz(&text())),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", raw.finish().unwrap()),
            ("br", unhex(BROTLI)),
            ("zstd", unhex(ZSTD)),
        ]
    }

    #[test]
    fn every_coding_is_decoded() {
        for (name, body) in every_coding() {
            assert_eq!(decode(name, &body, 10_000), Ok(Some(text())), "{name}");
        }
        assert_eq!(decode("X-GZIP", &gz(b"a"), 10), Ok(Some(b"a".to_vec())));
    }

    #[test]
    fn no_coding_gives_none_and_an_empty_body_stays_empty() {
        assert_eq!(decode("", b"a", 10), Ok(None));
        assert_eq!(decode("identity", b"a", 10), Ok(None));
        assert_eq!(decode("gzip", b"", 10), Ok(Some(Vec::new())));
    }

    #[test]
    fn consecutive_members_and_frames_are_decoded() {
        let mut body = gz("上".as_bytes());
        body.extend(gz("下".as_bytes()));
        body.extend([0; 12]);
        assert_eq!(decode("gzip", &body, 100), Ok(Some("上下".as_bytes().to_vec())));

        let skippable = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        let frames = [&unhex(ZSTD)[..], &skippable, &unhex(ZSTD)].concat();
        assert_eq!(decode("zstd", &frames, 10_000), Ok(Some(text().repeat(2))));
    }

    #[test]
    fn a_chain_is_decoded_from_its_last_coding() {
        assert_eq!(decode("zstd, gzip", &gz(&unhex(ZSTD)), 10_000), Ok(Some(text())));
        assert!(matches!(decode("gzip,gzip,gzip,gzip", b"x", 10), Err(CodingError::Unknown { .. })));
    }

    #[test]
    fn a_truncated_body_is_an_error_and_never_a_shorter_text() {
        for (name, body) in every_coding() {
            for len in 1..body.len() {
                let found = decode(name, &body[..len], 10_000);
                assert_eq!(found, Err(CodingError::Truncated { coding: name.into() }), "{name} cut after {len} bytes");
            }
        }
    }

    #[test]
    fn bytes_in_another_coding_are_refused() {
        for name in ["gzip", "zstd", "deflate", "br"] {
            let found = decode(name, "<!DOCTYPE html><p>没有压缩</p>".as_bytes(), 10_000);
            assert!(matches!(found, Err(CodingError::Malformed { .. })), "{name}: {found:?}");
        }
        assert_eq!(decode("compress", b"x", 10), Err(CodingError::Unknown { name: "compress".into() }));
    }

    #[test]
    fn a_wrong_checksum_is_refused() {
        for name in ["gzip", "zstd"] {
            let mut body = if name == "gzip" { gz(&text()) } else { unhex(ZSTD) };
            let at = body.len() - if name == "gzip" { 5 } else { 1 };
            body[at] ^= 1;
            assert!(matches!(decode(name, &body, 10_000), Err(CodingError::Malformed { .. })), "{name}");
        }
    }

    #[test]
    fn a_decompression_bomb_stops_at_the_limit() {
        let brotli = unhex(BROTLI_BOMB);
        let gzip = gz(&vec![0; 64 << 20]);
        let doubled = gz(&gzip);
        for (name, body) in [("br", &brotli), ("gzip", &gzip), ("gzip, gzip", &doubled)] {
            assert_eq!(decode(name, body, 1 << 20), Err(CodingError::TooLarge { cap: 1 << 20 }), "{name}");
        }
        let mut sink = Sink { bytes: Vec::new(), cap: 1 << 20 };
        assert!(matches!(super::gzip(&gzip, &mut sink), Err(Fault::TooLarge)));
        assert!(sink.bytes.capacity() <= 1 << 20);
    }

    #[test]
    fn a_body_of_exactly_the_limit_is_accepted() {
        let cap = text().len() as u64;
        assert!(decode("gzip", &gz(&text()), cap).is_ok());
        assert!(decode("gzip", &gz(&text()), cap - 1).is_err());
    }
}
