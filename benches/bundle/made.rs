//! Archives of any size, the same in every run.

use std::path::Path;

use bindery::archive::{Answer, AnswerSource, PageOrigin, Visit, VisitImage, Writer, WriterOptions};
use bindery::frontmatter::ProfileName;
use bindery::model::{
    Charset, CharsetSource, Digest, Document, Exchange, Headers, Image, ImageFormat, Metadata, Sourced, Timestamp,
    UrlKey,
};
use url::Url;

pub const SOFTWARE: &str = "bindery 0.1.0";
const HOSTS: u64 = 50;
const IMAGES: u64 = 5;
const IMAGE_BYTES: usize = 90_000;
/// What one article takes: its images as files and as captured, and a little text.
const ARTICLE_BYTES: f64 = 2.0 * IMAGES as f64 * IMAGE_BYTES as f64 + 25_000.0;

/// Makes an archive of about this many GB, as a few long runs would have.
pub fn archive(root: &Path, gigabytes: f64) -> u64 {
    let articles = (gigabytes * 1e9 / ARTICLE_BYTES).ceil() as u64;
    let mut writer = Writer::open(root, WriterOptions::new("bench", SOFTWARE, instant(0))).expect("an archive");
    (0..articles).for_each(|n| keep(&mut writer, n));
    writer.commit().expect("sealed");
    articles
}

fn instant(n: u64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + i64::try_from(n).expect("a small number")).expect("an instant")
}

fn keep(writer: &mut Writer, n: u64) {
    let url = Url::parse(&format!("https://host{}.example/news/2026/11/{n}.shtml", n % HOSTS)).expect("a URL");
    let images: Vec<VisitImage> = (0..IMAGES).map(|at| image(writer, &url, n, at)).collect();
    let text = format!("第{n}篇。城里最后一家装订铺的老师傅说，手艺不能断。\n\n").repeat(100);
    let shown: String =
        images.iter().filter_map(|image| Some(format!("![](../../../../{})\n\n", image.path.as_ref()?))).collect();
    let body = text + &shown;
    let page = format!("<html><body>{body}</body></html>").into_bytes();
    let visit = Visit {
        key: UrlKey::of(&url),
        requested: Some(url.clone()),
        answered: Some(url.clone()),
        aliases: Vec::new(),
        feed: bindery::archive::FeedClaims::default(),
        metadata: Metadata {
            title: Some(Sourced::new(format!("第{n}篇：装订铺的老师傅"), "h1")),
            authors: Some(Sourced::new(vec!["张三".to_owned()], "json-ld")),
            site: Some(Sourced::new("例子报".to_owned(), "og:site_name")),
            ..Metadata::default()
        },
        captured: instant(n),
        text_digest: Digest::of(body.as_bytes()),
        document: Document {
            front_matter: format!("---\ntitle: 第{n}篇\n---\n"),
            body_digest: Digest::of(body.as_bytes()),
            body,
            round_trip: Vec::new(),
        },
        images,
        confidence: Some(0.97),
        warnings: Vec::new(),
        losses: Vec::new(),
        charset: Charset { name: "UTF-8".to_owned(), source: CharsetSource::Http },
        profile: ProfileName::Default,
        etag: None,
        last_modified: None,
        status: 200,
        redirects: Vec::new(),
        payload_digest: Digest::of(&page),
        software: SOFTWARE.to_owned(),
        origin: PageOrigin::Network,
        answers: vec![answer(url, n, Some(page))],
        options: Vec::new(),
        continuation_pages: Vec::new(),
    };
    writer.keep(visit).expect("kept");
}

fn image(writer: &mut Writer, page: &Url, n: u64, at: u64) -> VisitImage {
    let url = page.join(&format!("/images/2026/11/{n}/{at}.gif")).expect("a URL");
    let mut bytes = b"GIF89a\x0a\0\x0a\0\0\0\0".to_vec();
    bytes.extend(noise(n * IMAGES + at + 1, IMAGE_BYTES));
    let image = Image { digest: Digest::of(&bytes), format: ImageFormat::Gif, bytes };
    let path = writer.store_image(&image).expect("stored");
    VisitImage { url: url.to_string(), path: Some(path), reason: None, answers: vec![answer(url, n, None)] }
}

fn answer(url: Url, n: u64, body: Option<Vec<u8>>) -> Answer {
    let media_type = if body.is_some() { "text/html" } else { "image/gif" };
    let exchange = Exchange {
        method: "GET".to_owned(),
        request_headers: Headers(vec![("Host".to_owned(), b"example".to_vec())]),
        protocol: "http/1.1".to_owned(),
        remote: None,
    };
    let headers = Headers(vec![("content-type".to_owned(), media_type.as_bytes().to_vec())]);
    Answer { received: instant(n), body, source: AnswerSource::Http { url, status: 200, headers, exchange } }
}

/// Bytes that no coding makes smaller, different for every `seed`.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
