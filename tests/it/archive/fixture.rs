//! Small archives and the means to change them behind bindery's back.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bindery::archive::{Answer, AnswerSource, Kept, PageOrigin, Visit, VisitImage, Writer, WriterOptions};
use bindery::frontmatter::ProfileName;
use bindery::model::{
    Charset, CharsetSource, Digest, Document, Exchange, Finding, Headers, Image, ImageFormat, Metadata, Sourced,
    Timestamp, UrlKey, Warning, WarningKind,
};
use bindery::verify;
use tempfile::TempDir;
use url::Url;

pub const HOLDER: &str = "bindery 0.1.0, process 4711";

pub struct Scratch {
    _folder: TempDir,
    pub root: PathBuf,
}

/// In memory where there is such a place: thousands of flushes are waited for in these tests.
pub fn scratch() -> Scratch {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    Scratch { root: folder.path().join("archive"), _folder: folder }
}

pub fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

pub fn image(name: &str) -> Image {
    let bytes = format!("GIF89a {name}").into_bytes();
    Image { digest: Digest::of(&bytes), format: ImageFormat::Gif, bytes }
}

/// A visit of a page whose text shows images, each saved or missing.
pub fn visit(page_url: &str, captured: &str, text: &str, images: &[(&str, bool)]) -> Visit {
    let links: String = images
        .iter()
        .map(|(name, saved)| match saved {
            true => format!("\n![图](../../../../images/{})\n", image(name).path()),
            false => format!("\n![图](https://img.example.org/{name})\n"),
        })
        .collect();
    let body = format!("{text}\n{links}");
    let page = format!("<html>{text}</html>").into_bytes();
    let front_matter = format!("---\ntitle: 城市里的河\nurl: {page_url}\n---\n");
    let url = url(page_url);
    Visit {
        key: UrlKey::of(&url),
        requested: Some(url.clone()),
        answered: Some(url.clone()),
        aliases: Vec::new(),
        feed: Default::default(),
        metadata: Metadata {
            title: Some(Sourced::new("城市里的河".to_owned(), "h1")),
            authors: Some(Sourced::new(vec!["张三".to_owned()], "json-ld")),
            site: Some(Sourced::new("例子报".to_owned(), "og:site_name")),
            published: "2024-05-06T07:08:09+08:00".parse().ok().map(|date| Sourced::new(date, "json-ld")),
            ..Metadata::default()
        },
        captured: captured.parse().unwrap(),
        document: Document { front_matter, body_digest: Digest::of(body.as_bytes()), body, round_trip: Vec::new() },
        text_digest: Digest::of(text.as_bytes()),
        images: images
            .iter()
            .map(|(name, saved)| VisitImage {
                url: format!("https://img.example.org/{name}"),
                path: saved.then(|| format!("images/{}", image(name).path())),
                reason: (!saved).then(|| "404 Not Found".to_owned()),
                answers: if *saved {
                    vec![answer(&format!("https://img.example.org/{name}"), captured, None)]
                } else {
                    Vec::new()
                },
            })
            .collect(),
        confidence: Some(0.97),
        warnings: vec![Warning::new(WarningKind::AssumedOffset, "+08:00")],
        losses: Vec::new(),
        charset: Charset { name: "gb18030".to_owned(), source: CharsetSource::Meta },
        profile: ProfileName::Default,
        etag: Some("\"1\"".to_owned()),
        last_modified: None,
        status: 200,
        redirects: Vec::new(),
        payload_digest: Digest::of(&page),
        software: "bindery 0.1.0".to_owned(),
        origin: PageOrigin::Network,
        answers: vec![answer(url.as_str(), captured, Some(page))],
        options: Vec::new(),
        continuation_pages: Vec::new(),
    }
}

/// What a server sent; the body of an image is its stored file.
pub fn answer(answered: &str, received: &str, body: Option<Vec<u8>>) -> Answer {
    let field = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let media_type = if body.is_some() { "text/html" } else { "image/gif" };
    Answer {
        received: received.parse().unwrap(),
        body,
        source: AnswerSource::Http {
            url: url(answered),
            status: 200,
            headers: Headers(vec![field("content-type", media_type), field("set-cookie", "id=geheim")]),
            exchange: Exchange {
                method: "GET".to_owned(),
                request_headers: Headers(vec![field("Host", "example.org"), field("Cookie", "id=geheim")]),
                protocol: "http/1.1".to_owned(),
                remote: "203.0.113.7".parse().ok(),
            },
        },
    }
}

pub const RIVER: &str = "https://example.org/river";
pub const HILL: &str = "https://example.org/hill";

pub fn open(root: &Path) -> Writer {
    open_at(root, "2026-11-24T12:00:00Z")
}

/// A writer of a run that began at an instant.
pub fn open_at(root: &Path, started: &str) -> Writer {
    Writer::open(root, opening(started)).unwrap()
}

pub fn opening(started: &str) -> WriterOptions {
    let started: Timestamp = started.parse().unwrap();
    WriterOptions::new(HOLDER, "bindery 0.1.0", started)
}

/// Stores the images of a visit that are saved, then keeps it.
pub fn keep(writer: &mut Writer, visit: Visit) -> Kept {
    for image_of in visit.images.iter().filter(|image| image.path.is_some()) {
        let name = image_of.url.rsplit('/').next().unwrap();
        assert_eq!(Some(writer.store_image(&image(name)).unwrap()), image_of.path);
    }
    writer.keep(visit).unwrap()
}

/// One visit in a run of its own.
pub fn run(root: &Path, visit: Visit) -> Kept {
    let mut writer = open_at(root, &visit.captured.to_string());
    let kept = keep(&mut writer, visit);
    writer.commit().unwrap();
    kept
}

/// Two articles, one of them with two texts, one image saved and one missing.
pub fn small(root: &Path) {
    small_visits().into_iter().for_each(|visit| drop(run(root, visit)));
}

/// The same without captures; every page was `<html>`.
pub fn small_without_captures(root: &Path) {
    for mut visit in small_visits() {
        visit.answers.clear();
        visit.payload_digest = Digest::of(b"<html>");
        run(root, visit);
    }
}

fn small_visits() -> [Visit; 3] {
    [
        visit(RIVER, "2026-11-23T08:00:00Z", "河水很慢。", &[("a.gif", true), ("b.gif", false)]),
        visit(RIVER, "2026-11-24T08:00:00Z", "河水很快。", &[("a.gif", true), ("b.gif", false)]),
        visit(HILL, "2026-11-24T08:00:01Z", "山很高。", &[("c.gif", true)]),
    ]
}

pub fn findings(root: &Path) -> Vec<Finding> {
    verify::archive(root, 2, &mut |_| {}).unwrap().findings
}

pub fn assert_whole(root: &Path, when: &str) {
    let found = findings(root);
    assert!(found.is_empty(), "{when}: {found:#?}");
}

/// Every file outside `.bindery/`, by its path below the archive.
pub fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let below = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if below == ".bindery" {
            } else if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(below, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Makes an archive look like one whose last commit was an hour ago.
pub fn age(root: &Path) {
    let hours = |n: u64| SystemTime::now() - Duration::from_secs(n * 3600);
    for path in files(root).keys() {
        let age = match (path.as_str(), path.ends_with("manifest-sha256.txt")) {
            ("manifest-sha256.txt", _) => hours(1),
            (_, true) => hours(2),
            _ => hours(3),
        };
        let path = root.join(path);
        File::options().append(true).open(&path).unwrap().set_modified(age).unwrap();
        File::open(path.parent().unwrap()).unwrap().set_modified(hours(3)).unwrap();
    }
}

/// Writes a file without changing when it was last changed: what a failing disk does.
pub fn spoil(path: &Path, bytes: &[u8]) {
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    fs::write(path, bytes).unwrap();
    File::options().append(true).open(path).unwrap().set_modified(modified).unwrap();
}
