//! A page, its image, its redirect and its second visit, as records.

use std::io::Write;

use bindery::model::{Digest, Exchange, Headers, Timestamp};
use bindery::warc::{Entry, HttpHead, Original, Reader, Record, WarcError};
use flate2::Compression;
use flate2::write::GzEncoder;
use url::Url;

pub const PAGE: &str = "https://example.org/river?page=1";
pub const IMAGE: &str = "https://img.example.org/a.png";
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

pub fn headers(fields: &[(&str, &str)]) -> Headers {
    Headers(fields.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect())
}

/// Returns the reference to a record for a later revisit.
pub fn original(record: &Record) -> Original {
    Original { id: record.id().clone(), uri: record.target().unwrap().to_owned(), date: record.date() }
}

pub fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

pub fn date() -> Timestamp {
    "2026-11-23T08:58:55Z".parse().unwrap()
}

pub fn exchange() -> Exchange {
    Exchange {
        method: "GET".to_owned(),
        request_headers: headers(&[
            ("host", "example.org"),
            ("cookie", "session=s3cret"),
            ("authorization", "Basic s3cret"),
            ("x-token", "s3cret"),
            ("accept", "text/html"),
        ]),
        protocol: "h2".to_owned(),
        remote: Some("192.0.2.7".parse().unwrap()),
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The page's body, as it was sent.
pub fn page() -> Vec<u8> {
    gzip("<!DOCTYPE html><title>河</title><p>河水很慢。<img src=https://img.example.org/a.png>".as_bytes())
}

pub fn response(url: &Url, status: u16, headers: &Headers, body: &[u8]) -> Record {
    let (exchange, secret) = (exchange(), ["X-Token".to_owned()]);
    Record::response(&HttpHead { url, status, headers, exchange: &exchange, secret: &secret }, body, date())
}

/// Warcinfo, page with its request, image, the image again, the page not modified, a file without a URL.
pub fn records() -> Vec<Record> {
    let (exchange, secret) = (exchange(), vec!["X-Token".to_owned()]);
    let html = headers(&[
        ("content-type", "text/html; charset=utf-8"),
        ("content-encoding", "gzip"),
        ("transfer-encoding", "chunked"),
        ("set-cookie", "id=s3cret; Path=/"),
        ("etag", "\"1\""),
    ]);
    let png = headers(&[("content-type", "image/png"), ("content-length", &PNG.len().to_string())]);
    let (page_url, image_url) = (url(PAGE), url(IMAGE));
    let again = url("https://img.example.org/b.png");
    let head = |url, status, headers| HttpHead { url, status, headers, exchange: &exchange, secret: &secret };
    let answer = response(&page_url, 200, &html, &page());
    let request = Record::request(&exchange, &page_url, date(), &secret).concurrent_to(answer.id());
    let image = response(&image_url, 200, &png, PNG);
    let revisit = Record::revisit(&head(&again, 200, &png), &Digest::of(PNG), &original(&image), date());
    let kept = Record::not_modified(&head(&page_url, 304, &html), &original(&answer), date());
    let file = Record::resource("urn:sha256:00", "text/html", "<p>山</p>".as_bytes(), date());
    let info = Record::warcinfo("20261123T085855Z.warc.gz", "bindery 0.1.0", date());
    vec![info, answer, request, image, revisit, kept, file]
}

pub fn file() -> Vec<u8> {
    records().iter().flat_map(Record::to_gzip).collect()
}

pub fn entries(file: &[u8]) -> Result<Vec<Entry>, WarcError> {
    Reader::strict(file).collect()
}

/// What a record is without its packing.
pub fn unpacked(record: &Record) -> Vec<u8> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&record.to_gzip()[..]), &mut bytes).unwrap();
    bytes
}

/// A record of a foreign program from its lines and its block, not packed.
pub fn raw(lines: &str, block: &[u8]) -> Vec<u8> {
    let head: String = lines.trim().lines().map(|line| format!("{}\r\n", line.trim())).collect();
    [format!("{head}Content-Length: {}\r\n\r\n", block.len()).as_bytes(), block, b"\r\n\r\n"].concat()
}
