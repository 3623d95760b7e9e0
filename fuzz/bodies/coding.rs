//! Content codings. The first line is the header, the rest the body; what begins with `pack` is packed here first.

use std::io::Write;

use bindery::warc::coding::{CodingError, Decoded, decode};

/// The most that may come out.
const CAP: u64 = 1 << 20;

pub fn body(input: &[u8]) {
    let (header, bytes) = super::first_line(input);
    let header = String::from_utf8_lossy(header);
    match decode(&header, bytes, CAP) {
        Ok(Decoded { body, .. }) => assert!(body.is_none_or(|text| text.len() as u64 <= CAP)),
        Err(error) => super::assert_said(&error.to_string()),
    }
    // What is packed comes out as it was, and a part of it never as if it were whole.
    let packed = gzip(bytes);
    let whole = Ok(Decoded { body: Some(bytes.to_vec()), damage: None });
    assert_eq!(decode("gzip", &packed, u64::MAX), whole);
    assert_eq!(decode("x-gzip, identity", &packed, u64::MAX), whole);
    let cut = decode("gzip", &packed[..packed.len() - 1], u64::MAX);
    assert!(matches!(cut, Err(CodingError::Truncated { .. })), "{cut:?}");
    if !bytes.is_empty() {
        let small = decode("gzip", &packed, bytes.len() as u64 - 1);
        assert!(matches!(small, Err(CodingError::TooLarge { .. })), "{small:?}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
