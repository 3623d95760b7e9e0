//! Captures pages with a fetcher in memory: what a server cannot be made to do, without a server.
#![cfg(all(feature = "net", feature = "store"))]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bindery::archive::{Archive, Writer, WriterOptions};
use bindery::capture::{Captured, Capturer, ContinuationPages, ImageChecks, Input, Job, Options};
use bindery::fetch::{FetchError, Fetcher, Pending, Robots};
use bindery::frontmatter::Profile;
use bindery::markdown::IgnoredLines;
use bindery::model::{FailureKind, Origin, Outcome, RawPage, Request, Timestamp, WarningKind};
use parking_lot::Mutex;
use url::Url;

const PARAGRAPH: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。\
    七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册。</p>";

/// Pages in memory. Every other URL does not resolve.
#[derive(Default)]
struct Pages {
    pages: BTreeMap<String, String>,
    /// Every URL that was asked for, in order.
    asked: Mutex<Vec<String>>,
}

impl Pages {
    fn with(mut self, url: &str, html: String) -> Self {
        self.pages.insert(url.to_owned(), html);
        self
    }

    fn get(&self, url: &Url) -> Result<RawPage, FetchError> {
        self.asked.lock().push(url.to_string());
        match self.pages.get(url.as_str()) {
            Some(html) => Ok(RawPage::from_bytes(html.clone().into(), Some(url.clone()), Origin::Network, Some(now()))),
            None => {
                Err(FetchError::Dns { url: url.to_string(), host: url.to_string(), reason: "no address".to_owned() })
            }
        }
    }
}

impl Fetcher for Pages {
    fn name_origin(&self, _: &Url) {}

    fn robots<'a>(&'a self, _: &'a Url) -> Pending<'a, Robots> {
        Box::pin(async { Robots::Allowed })
    }

    fn page<'a>(&'a self, request: &'a Request) -> Pending<'a, Result<RawPage, FetchError>> {
        Box::pin(async { self.get(&request.url) })
    }

    fn follow(&self, _: RawPage, target: Url) -> Pending<'_, Result<RawPage, FetchError>> {
        Box::pin(async move { self.get(&target) })
    }

    fn image<'a>(&'a self, url: &'a Url, _: Option<&'a Url>, _: &'a Url) -> Pending<'a, Result<RawPage, FetchError>> {
        Box::pin(async { self.get(url) })
    }
}

fn now() -> Timestamp {
    "2026-11-24T08:00:00Z".parse().unwrap()
}

/// Captures one page, and commits.
async fn capture(root: &Path, pages: &Arc<Pages>, url: &str) -> Captured {
    let writer = Writer::open(root, WriterOptions::new("test", "test 1", now())).unwrap();
    let options = Options {
        profile: Profile::default(),
        respect_robots: false,
        ignored: IgnoredLines::default(),
        image_checks: ImageChecks::default(),
        comments: false,
        software: "test 1".to_owned(),
        clock: Arc::new(now),
    };
    let fetcher: Arc<dyn Fetcher> = Arc::<Pages>::clone(pages);
    let capturer =
        Capturer { fetcher: Some(fetcher), writer: Arc::new(Mutex::new(writer)), options: Arc::new(options) };
    let job = Job { continuation_pages: ContinuationPages::Join, ..Job::new(Input::Url(url.parse().unwrap())) };
    let captured = capturer.capture(job).await.unwrap();
    capturer.commit().unwrap();
    captured
}

fn page(title: &str, more: &str) -> String {
    let text = PARAGRAPH.repeat(4);
    format!(
        "<html lang=zh-CN><title>{title}</title><article><h1>{title}</h1><p>{title}的正文。</p>{text}{more}</article></html>"
    )
}

#[tokio::test]
async fn an_image_on_a_host_without_an_address_is_named_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let html = page("图书馆", "<img src='https://img.example.org/a.png' width=600 height=400>");
    let pages = Arc::new(Pages::default().with("https://example.org/a", html));
    let captured = capture(dir.path(), &pages, "https://example.org/a").await;
    assert_eq!(captured.outcome, Outcome::New);
    assert!(
        captured.missing.iter().any(|(url, why)| url.ends_with("/a.png") && why.contains("no address")),
        "{captured:?}"
    );
    assert_eq!(Archive::open(dir.path()).unwrap().find("https://example.org/a").unwrap().len(), 1);
}

#[tokio::test]
async fn a_host_without_an_address_is_a_failure_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let captured = capture(dir.path(), &Arc::new(Pages::default()), "https://nowhere.example/a").await;
    let Outcome::Failed(failure) = captured.outcome else { panic!("{captured:?}") };
    assert_eq!(failure.kind, FailureKind::Dns);
    assert!(!captured.may_pass && captured.path.is_none());
}

#[tokio::test]
async fn a_continuation_page_that_cannot_be_fetched_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let html = page("图书馆", "<a rel=next href='https://example.org/a?page=2'>下一页</a>");
    let pages = Arc::new(Pages::default().with("https://example.org/a", html));
    let captured = capture(dir.path(), &pages, "https://example.org/a").await;
    assert!(captured.warnings.iter().any(|warning| warning.kind == WarningKind::PagesMissing), "{captured:?}");
    assert_eq!(*pages.asked.lock(), ["https://example.org/a", "https://example.org/a?page=2"]);
}
