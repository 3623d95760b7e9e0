//! Records as bytes: one gzip member each, so that any of them can be read without the others.

use std::io::{self, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::record::Record;

/// The head of every member (RFC 1952): deflate, no name, no time, no system. The same for every level, so that a reader
/// can hold every byte of it to account.
pub(super) const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// What ends a record.
pub(super) const END: &[u8] = b"\r\n\r\n";

/// What packs one record after the other: its tables are made once. The bytes are those of [`Record::to_gzip`].
#[derive(Debug, Default)]
pub struct Packer {
    stored: Option<DeflateEncoder<Vec<u8>>>,
    pressed: Option<DeflateEncoder<Vec<u8>>>,
}

impl Packer {
    /// The record as one gzip member.
    pub fn pack(&mut self, record: &Record) -> Vec<u8> {
        let head = record.head();
        let parts = [head.as_bytes(), record.block(), END];
        let (encoder, level, room) = match record.packed {
            true => {
                let room = record.block().len() + record.block().len() / 1000 + 1024;
                (&mut self.stored, Compression::none(), room)
            }
            false => (&mut self.pressed, Compression::new(6), 1024),
        };
        let encoder = encoder.get_or_insert_with(|| DeflateEncoder::new(Vec::new(), level));
        let mut out = Vec::with_capacity(room);
        out.extend(GZIP_HEAD);
        let mut crc = Crc::new();
        parts.iter().for_each(|part| crc.update(part));
        #[expect(clippy::expect_used, reason = "memory takes every write")]
        let mut out = deflate(encoder, out, &parts).expect("memory takes every write");
        out.extend(crc.sum().to_le_bytes());
        out.extend(crc.amount().to_le_bytes());
        out
    }
}

impl Record {
    /// The record as one gzip member. Bodies that are packed already are stored; the same record always gives the same
    /// bytes.
    pub fn to_gzip(&self) -> Vec<u8> {
        Packer::default().pack(self)
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
    fn a_packer_gives_the_same_bytes_however_often_it_was_used() {
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
        let mut packer = Packer::default();
        for record in records.iter().chain(&records) {
            assert!(packer.pack(record) == record.to_gzip(), "{} bytes", record.block().len());
        }
    }
}
