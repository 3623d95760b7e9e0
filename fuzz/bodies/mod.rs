//! What must hold of each reader of foreign bytes, for any bytes. The fuzz targets run these, and so does
//! `tests/it/fuzz` with every seed and every find.

pub mod bundle;
pub mod coding;
pub mod decode;
pub mod extract;
pub mod front_matter;
pub mod import;
pub mod inert;
#[cfg(feature = "net")]
pub mod lists;
pub mod markdown;
pub mod notes;
#[cfg(feature = "net")]
pub mod robots;
pub mod srcset;
pub mod warc;
pub mod zip;

use bindery::model::{Origin, RawPage};

/// A body, and how an input of its kind is made `n` times as large.
pub struct Target {
    pub name: &'static str,
    pub body: fn(&[u8]),
    pub grown: fn(&[u8], usize) -> Vec<u8>,
}

/// Every target.
pub fn all() -> Vec<Target> {
    let target = |name, body, grown| Target { name, body, grown };
    vec![
        target("decode", decode::body, after_first_line),
        target("coding", coding::body, after_first_line),
        target("extract", extract::body, repeated),
        target("markdown", markdown::body, repeated),
        target("front_matter", front_matter::body, repeated),
        target("srcset", srcset::body, repeated),
        #[cfg(feature = "net")]
        target("robots", robots::body, repeated),
        #[cfg(feature = "net")]
        target("lists", lists::body, lists::grown),
        target("warc", warc::body, repeated),
        target("zip", zip::body, zip::grown),
        target("bundle", bundle::body, bundle::grown),
        target("import", import::body, import::grown),
        target("notes", notes::body, notes::grown),
    ]
}

/// The same bytes again and again.
fn repeated(bytes: &[u8], times: usize) -> Vec<u8> {
    bytes.repeat(times)
}

/// The first line once, what follows it again and again.
fn after_first_line(bytes: &[u8], times: usize) -> Vec<u8> {
    let (first, rest) = first_line(bytes);
    [first, b"\n", &rest.repeat(times)].concat()
}

/// The first line, and what follows its end.
fn first_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    (&bytes[..end], bytes.get(end + 1..).unwrap_or_default())
}

/// The bytes between `open` and `close` repeated, what stands around them once.
fn inner_repeated(bytes: &[u8], open: &[u8], close: &[u8], times: usize) -> Vec<u8> {
    let find = |part: &[u8]| bytes.windows(part.len()).position(|window| window == part);
    let last = |part: &[u8]| bytes.windows(part.len()).rposition(|window| window == part);
    match (find(open), last(close)) {
        (Some(from), Some(to)) if from <= to => {
            let to = to + close.len();
            [&bytes[..from], &bytes[from..to].repeat(times), &bytes[to..]].concat()
        }
        _ => bytes.repeat(times),
    }
}

/// A page that came from the web.
fn page(bytes: &[u8]) -> RawPage {
    RawPage::from_bytes(bytes.to_vec(), url::Url::parse("https://example.org/a/b").ok(), Origin::Replay, None)
}

/// A message says something, and does not carry the input in it.
fn assert_said(message: &str) {
    assert!(!message.trim().is_empty() && message.len() < 4000, "{} bytes: {message:.200?}", message.len());
}
