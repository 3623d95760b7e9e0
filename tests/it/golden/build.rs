//! The golden archive: fixed texts and bytes, written as a run would write them. What stands here is frozen with
//! `archive/golden-1`.

use std::path::Path;

use bindery::archive::{
    Answer, AnswerSource, ArchiveError, Captures, NotModified, PageOrigin, Visit, VisitImage, Writer, WriterOptions,
};
use bindery::frontmatter::ProfileName;
use bindery::model::{
    Charset, CharsetSource, Difference, DifferenceKind, Digest, Document, Exchange, Headers, Image, ImageFormat,
    Metadata, Sourced, Timestamp, UrlKey, Warning, WarningKind,
};
use url::Url;

const SOFTWARE: &str = "bindery golden";
const LIBRARY: &str = "https://www.example.org/2021/library?id=7";
const RIVER: &str = "http://news.example.cn:8080/river";
const SECRET: &str = "https://example.com/secret";

type Done = Result<(), ArchiveError>;

/// Makes the archive in an empty folder.
pub fn build(root: &Path) -> Done {
    first_run(root)?;
    second_run(root)?;
    third_run(root)
}

/// Three pages, a redirect, an image in two articles, one that is missing, a page from a file.
fn first_run(root: &Path) -> Done {
    let at = "2021-06-17T10:44:26Z";
    let mut writer = open(root, at, Captures::Changed)?;
    tell_begin(&mut writer, at)?;
    let mut library = page(LIBRARY, at, "图书馆的七十年", "馆长说，最难的是让每一本书都找得到。\n");
    show(&mut writer, &mut library, "https://img.example.org/gate.gif", Some((ImageFormat::Gif, b"GIF89a gate")))?;
    show(&mut writer, &mut library, "https://img.example.org/hall.png", None)?;
    let go = url("https://example.org/go");
    library.redirects = vec![(go.clone(), 301)];
    library.requested = Some(go.clone());
    library.aliases = vec![go.clone()];
    let moved = [("location", LIBRARY), ("transfer-encoding", "chunked"), ("set-cookie", "id=1")];
    library.answers.insert(0, http(&go, 301, &moved, at, Some(b"moved".to_vec())));
    keep(&mut writer, library)?;

    let mut river = page(RIVER, at, "城市里的河", "河水很慢。\n");
    river.profile = ProfileName::Hexo;
    river.document.front_matter = "---\ntitle: 城市里的河\ncomments: false\n---\n".to_owned();
    show(&mut writer, &mut river, "https://img.example.org/gate.gif", Some((ImageFormat::Gif, b"GIF89a gate")))?;
    keep(&mut writer, river)?;
    let mut secret = page(SECRET, at, "Secret", "To be removed.\n");
    show(&mut writer, &mut secret, "https://example.com/s.png", Some((ImageFormat::Png, b"\x89PNG secret")))?;
    keep(&mut writer, secret)?;
    keep(&mut writer, local(at))?;
    tell_end(&mut writer, at)
}

/// A changed text, an image that came back, a visit that found nothing new, a server that said so, a page that is gone.
fn second_run(root: &Path) -> Done {
    let at = "2021-07-01T08:00:00Z";
    let mut writer = open(root, at, Captures::All)?;
    tell_begin(&mut writer, at)?;
    let mut library = page(LIBRARY, at, "图书馆的七十年", "馆长说，最难的是让每一本书都找得到。\n");
    show(&mut writer, &mut library, "https://img.example.org/gate.gif", Some((ImageFormat::Gif, b"GIF89a gate")))?;
    show(&mut writer, &mut library, "https://img.example.org/hall.png", Some((ImageFormat::Png, b"\x89PNG hall")))?;
    keep(&mut writer, library)?;
    let mut river = page(RIVER, at, "城市里的河", "河水很快。\n");
    river.profile = ProfileName::Hexo;
    let image = "data:image/svg+xml;base64,".to_owned() + &"PHN2Zy8+".repeat(40);
    show(&mut writer, &mut river, &image, Some((ImageFormat::Svg, b"<svg/>")))?;
    keep(&mut writer, river)?;
    let later = "2021-07-01T09:00:00Z";
    let river = url(RIVER);
    writer.keep_unchanged(&NotModified {
        key: UrlKey::of(&river),
        captured: instant(later),
        etag: Some("W/\"2\"".to_owned()),
        last_modified: None,
        missing: Vec::new(),
        answers: vec![http(&river, 304, &[("etag", "W/\"2\"")], later, Some(Vec::new()))],
    })?;
    writer.note_absence(&UrlKey::of(&url(LIBRARY)), 404, instant(later))?;
    writer.note_absence(&UrlKey::of(&url(LIBRARY)), 410, instant(later))?;
    tell_end(&mut writer, at)
}

fn third_run(root: &Path) -> Done {
    let at = "2021-07-02T08:00:00Z";
    let mut writer = open(root, at, Captures::Changed)?;
    tell_begin(&mut writer, at)?;
    writer.remove(&UrlKey::of(&url(SECRET)), instant(at))?;
    writer.write_event(&serde_json::json!({ "event": "removed", "url": SECRET }))?;
    tell_end(&mut writer, at)
}

fn open(root: &Path, at: &str, captures: Captures) -> Result<Writer, ArchiveError> {
    let mut opening = WriterOptions::new("golden", SOFTWARE, instant(at));
    opening.captures = captures;
    opening.secret = vec!["X-Key".to_owned()];
    Writer::open(root, opening)
}

fn tell_begin(writer: &mut Writer, at: &str) -> Done {
    writer
        .write_event(&serde_json::json!({ "event": "run", "command": "archive", "software": SOFTWARE, "started": at }))
}

fn tell_end(writer: &mut Writer, at: &str) -> Done {
    writer.write_event(&serde_json::json!({ "event": "summary", "ended": at }))?;
    writer.commit()
}

fn keep(writer: &mut Writer, visit: Visit) -> Done {
    let event = serde_json::json!({ "event": "article", "title": visit.title() });
    writer.keep(visit)?;
    writer.write_event(&event)
}

#[allow(clippy::expect_used, reason = "the texts are fixed")]
fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

#[allow(clippy::expect_used, reason = "the texts are fixed")]
fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn page(written: &str, at: &str, title: &str, body: &str) -> Visit {
    let url = url(written);
    let bytes = format!("<html><title>{title}</title>{body}</html>").into_bytes();
    Visit {
        key: UrlKey::of(&url),
        requested: Some(url.clone()),
        answered: Some(url.clone()),
        aliases: Vec::new(),
        feed: Default::default(),
        metadata: Metadata {
            title: Some(Sourced::new(title.to_owned(), "h1")),
            authors: Some(Sourced::new(vec!["林远".to_owned()], "json-ld")),
            site: Some(Sourced::new("晨钟网".to_owned(), "og:site_name")),
            published: "2021-06-17T18:44:26+08:00".parse().ok().map(|date| Sourced::new(date, "json-ld")),
            canonical: Some(Sourced::new(url.clone(), "rel=canonical")),
            ..Metadata::default()
        },
        captured: instant(at),
        document: Document {
            front_matter: format!("---\ntitle: {title}\nurl: {url}\n---\n"),
            body: body.to_owned(),
            body_digest: Digest::of(body.as_bytes()),
            round_trip: vec![Difference {
                kind: DifferenceKind::Links,
                expected: "https://example.org/a".to_owned(),
                found: String::new(),
            }],
        },
        text_digest: Digest::of(format!("{title}\n{body}").as_bytes()),
        images: Vec::new(),
        confidence: Some(0.97),
        warnings: vec![Warning::new(WarningKind::AssumedOffset, "+08:00")],
        losses: Vec::new(),
        charset: Charset { name: "gb18030".to_owned(), source: CharsetSource::Meta },
        profile: ProfileName::Default,
        etag: Some("W/\"1\"".to_owned()),
        last_modified: Some("Thu, 17 Jun 2021 10:00:00 GMT".to_owned()),
        status: 200,
        redirects: Vec::new(),
        payload_digest: Digest::of(&bytes),
        software: SOFTWARE.to_owned(),
        origin: PageOrigin::Network,
        answers: vec![http(&url, 200, &[("content-type", "text/html; charset=gb2312")], at, Some(bytes))],
        options: Vec::new(),
        continuation_pages: Vec::new(),
    }
}

/// A page without a URL.
fn local(at: &str) -> Visit {
    let bytes = "<html>没有地址的页</html>".as_bytes().to_vec();
    let digest = Digest::of(&bytes);
    let source = AnswerSource::File { uri: format!("urn:sha256:{digest}"), media_type: "text/html".to_owned() };
    let page = page("https://example.org/", at, "没有地址的页", "从磁盘上来。\n");
    Visit {
        key: UrlKey::of_bytes(&digest),
        requested: None,
        answered: None,
        metadata: Metadata { published: None, canonical: None, ..page.metadata.clone() },
        etag: None,
        last_modified: None,
        payload_digest: digest,
        origin: PageOrigin::File,
        answers: vec![Answer { received: instant(at), body: Some(bytes), source }],
        ..page
    }
}

/// Adds an image to a text: saved with these bytes, or missing.
fn show(writer: &mut Writer, visit: &mut Visit, written: &str, bytes: Option<(ImageFormat, &[u8])>) -> Done {
    let path = match bytes {
        Some((format, bytes)) => {
            let image = Image { digest: Digest::of(bytes), format, bytes: bytes.to_vec() };
            Some(writer.store_image(&image)?)
        }
        None => None,
    };
    let target = path.as_ref().map_or_else(|| written.to_owned(), |path| format!("../../../../{path}"));
    visit.document.body.push_str(&format!("\n![]({target})\n"));
    visit.document.body_digest = Digest::of(visit.document.body.as_bytes());
    let at = visit.captured.to_string();
    let answers = match written.starts_with("http") && path.is_some() {
        true => vec![http(&url(written), 200, &[("content-type", "image/gif")], &at, None)],
        false => Vec::new(),
    };
    let reason = path.is_none().then(|| "404 Not Found".to_owned());
    visit.images.push(VisitImage { url: written.to_owned(), path, reason, answers });
    Ok(())
}

fn http(url: &Url, status: u16, fields: &[(&str, &str)], at: &str, body: Option<Vec<u8>>) -> Answer {
    let headers = |fields: &[(&str, &str)]| {
        Headers(fields.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect())
    };
    let host = url.host_str().unwrap_or_default();
    let sent = [("Host", host), ("User-Agent", SOFTWARE), ("Cookie", "id=1"), ("X-Key", "secret")];
    let exchange = Exchange {
        method: "GET".to_owned(),
        request_headers: headers(&sent),
        protocol: "h2".to_owned(),
        remote: "192.0.2.7".parse().ok(),
    };
    let source = AnswerSource::Http { url: url.clone(), status, headers: headers(fields), exchange };
    Answer { received: instant(at), body, source }
}
