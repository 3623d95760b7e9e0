//! Bodies in every coding, whole, cut, damaged and labelled wrongly.

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

fn removed(header: &str, body: &[u8], cap: u64) -> Result<Option<Vec<u8>>, CodingError> {
    decode(header, body, cap).map(|decoded| {
        assert_eq!(decoded.damage, None);
        decoded.body
    })
}

#[test]
fn every_coding_is_decoded() {
    for (name, body) in every_coding() {
        assert_eq!(removed(name, &body, 10_000), Ok(Some(text())), "{name}");
    }
    assert_eq!(removed("X-GZIP", &gz(b"a"), 10), Ok(Some(b"a".to_vec())));
}

#[test]
fn no_coding_gives_none_and_an_empty_body_stays_empty() {
    assert_eq!(removed("", b"a", 10), Ok(None));
    assert_eq!(removed("gzip", b"", 10), Ok(Some(Vec::new())));
    for name in ["identity", "none", "UTF-8", "utf-8, identity", "binary", "x-made-up"] {
        assert_eq!(removed(name, b"a", 10), Ok(None), "{name}");
    }
    assert_eq!(removed("none, gzip, utf-8", &gz(b"a"), 10), Ok(Some(b"a".to_vec())));
}

#[test]
fn text_under_the_label_of_a_coding_is_read_as_it_is() {
    let gbk = [b"\r\n<p>".as_slice(), b"\xc3\xbb\xd3\xd0\xd1\xb9\xcb\xf5"].concat();
    let bodies =
        ["<!DOCTYPE html><p>没有压缩</p>".as_bytes(), "{\"a\": 1}".as_bytes(), "没有压缩的一行文字".as_bytes(), &gbk];
    for name in ["gzip", "zstd", "deflate", "br", "br, gzip"] {
        for body in bodies {
            assert_eq!(removed(name, body, 10_000), Ok(None), "{name}: {}", String::from_utf8_lossy(body));
        }
    }
    assert_eq!(removed("gzip, gzip", &gz(&text()), 10_000), Ok(Some(text())), "labelled twice, coded once");
}

#[test]
fn consecutive_members_and_frames_are_decoded() {
    let mut body = gz("上".as_bytes());
    body.extend(gz("下".as_bytes()));
    body.extend([0; 12]);
    assert_eq!(removed("gzip", &body, 100), Ok(Some("上下".as_bytes().to_vec())));

    let skippable = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    let frames = [&unhex(ZSTD)[..], &skippable, &unhex(ZSTD)].concat();
    assert_eq!(removed("zstd", &frames, 10_000), Ok(Some(text().repeat(2))));
}

#[test]
fn a_chain_is_decoded_from_its_last_coding() {
    assert_eq!(removed("zstd, gzip", &gz(&unhex(ZSTD)), 10_000), Ok(Some(text())));
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
fn binary_data_in_another_coding_is_refused() {
    let data = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    for name in ["gzip", "zstd", "deflate", "br"] {
        let found = decode(name, data, 10_000);
        assert!(
            matches!(found, Err(CodingError::Malformed { .. } | CodingError::Truncated { .. })),
            "{name}: {found:?}"
        );
    }
    let compress = b"\x1f\x9d\x90\x3c\xe0\x10\0";
    assert_eq!(decode("compress", compress, 10), Err(CodingError::Unknown { name: "compress".into() }));
    assert_eq!(removed("identity", data, 10), Ok(None));
}

#[test]
fn of_damaged_data_what_was_decoded_is_read_and_the_damage_named() {
    for (name, from_end) in [("gzip", 5), ("deflate", 1), ("zstd", 1)] {
        let mut body = every_coding().into_iter().find(|(coding, _)| *coding == name).unwrap().1;
        let at = body.len() - from_end;
        body[at] ^= 1;
        let found = decode(name, &body, 10_000).unwrap();
        assert_eq!(found.body, Some(text()), "{name}");
        assert!(found.damage.unwrap().starts_with(&format!("its {name} data is damaged (")), "{name}");
    }
    let many: String = (0..9000).map(|n| format!("<p>第{n}段 {}", n * n)).collect();
    let mut body = gz(many.as_bytes());
    let half = body.len() / 2;
    body[half..half + 64].fill(0xff);
    let found = decode("gzip", &body, 1 << 20).unwrap();
    let begin = found.body.unwrap();
    assert!(found.damage.is_some() && begin.len() > 10_000 && many.as_bytes().starts_with(&begin[..10_000]));
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
