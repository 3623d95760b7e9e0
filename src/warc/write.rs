//! Compression of records: one gzip member each, so that every record can be read independently.

use std::io::{self, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::record::Record;

/// The header of every member (RFC 1952): deflate, no name, no time, no system. It is the same for every compression
/// level, so a strict reader can check every byte of it.
pub(super) const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// The end of every record.
pub(super) const END: &[u8] = b"\r\n\r\n";

/// Compresses records and reuses its tables between them. The bytes are those of [`Record::to_gzip`].
#[derive(Debug, Default)]
pub struct Compressor {
    stored: Option<DeflateEncoder<Vec<u8>>>,
    deflated: Option<DeflateEncoder<Vec<u8>>>,
}

impl Compressor {
    /// Returns the record as one gzip member.
    pub fn compress(&mut self, record: &Record) -> Vec<u8> {
        let head = record.head();
        let parts = [head.as_bytes(), record.block(), END];
        let (encoder, level, capacity) = match record.compressed {
            true => {
                let capacity = record.block().len() + record.block().len() / 1000 + 1024;
                (&mut self.stored, Compression::none(), capacity)
            }
            false => (&mut self.deflated, Compression::new(6), 1024),
        };
        let encoder = encoder.get_or_insert_with(|| DeflateEncoder::new(Vec::new(), level));
        let mut out = Vec::with_capacity(capacity);
        out.extend(GZIP_HEAD);
        let mut crc = Crc::new();
        parts.iter().for_each(|part| crc.update(part));
        #[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
        let mut out = deflate(encoder, out, &parts).expect("writing to memory cannot fail");
        out.extend(crc.sum().to_le_bytes());
        out.extend(crc.amount().to_le_bytes());
        out
    }
}

impl Record {
    /// Returns the record as one gzip member. Bodies that are already compressed are stored. The same record always
    /// gives the same bytes.
    pub fn to_gzip(&self) -> Vec<u8> {
        Compressor::default().compress(self)
    }
}

fn deflate(encoder: &mut DeflateEncoder<Vec<u8>>, out: Vec<u8>, parts: &[&[u8]]) -> io::Result<Vec<u8>> {
    *encoder.get_mut() = out;
    parts.iter().try_for_each(|part| encoder.write_all(part))?;
    encoder.reset(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn a_reused_compressor_gives_the_same_bytes() {
        let at: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
        let record = |body: &[u8], kind: &str| Record::resource("https://a.test/", kind, body, at);
        let noise: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let text = "装订铺的师傅姓林。".repeat(9000);
        let records = [
            record(text.as_bytes(), "text/html"),
            record(&noise, "image/png"),
            record(b"", "text/html"),
            record(&noise, "text/html"),
            record(text.as_bytes(), "image/jpeg"),
        ];
        let mut compressor = Compressor::default();
        for record in records.iter().chain(&records) {
            assert!(compressor.compress(record) == record.to_gzip(), "{} bytes", record.block().len());
        }
    }
}
