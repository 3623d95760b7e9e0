//! A site whose pages change from visit to visit, and the clock by which they do.

use std::sync::atomic::{AtomicU64, Ordering};

use bindery::fetch::{FetchError, Fetcher, Pending, Robots};
use bindery::model::{Exchange, Headers, Hop, Origin, RawPage, Request, Timestamp};
use url::Url;

use super::kinds::{KINDS, Kind, Visit};
use super::languages::{LANGUAGES, Language};
use super::walls::{WALLS, Wall, page};

/// One day in so many shows a wall.
const WALL_EVERY: u64 = 10;

/// The days between two edits of an article.
const EDIT_EVERY: u64 = 30;

const HOUR: u64 = 3600;

/// Monday, 1 January 2024, in seconds.
const START: u64 = 1_704_067_200;

/// A page of the site.
#[derive(Clone, Copy)]
pub struct Page {
    pub number: u64,
    pub kind: Kind,
    pub language: &'static Language,
}

/// Returns 30 pages, each of another kind, in languages by turns.
pub fn pages() -> Vec<Page> {
    let language = |n: usize| &LANGUAGES[n % LANGUAGES.len()];
    KINDS.iter().enumerate().map(|(n, kind)| Page { number: n as u64, kind: *kind, language: language(n) }).collect()
}

/// Returns a page of every kind in every language.
pub fn all_pages() -> Vec<Page> {
    let pair = |kind: &'static Kind| LANGUAGES.iter().map(move |language| (*kind, language));
    let pairs = KINDS.iter().flat_map(pair).enumerate();
    pairs.map(|(n, (kind, language))| Page { number: n as u64, kind, language }).collect()
}

impl Page {
    pub fn url(&self) -> Url {
        let host = self.host();
        Url::parse(&format!("https://{host}/story/{}.html", self.number)).expect("a URL")
    }

    fn host(&self) -> String {
        format!("{}.courier.example", self.language.code.to_lowercase())
    }

    fn home(&self) -> Url {
        Url::parse(&format!("https://{}/", self.host())).expect("a URL")
    }

    /// Returns how often the article was edited by a day.
    pub fn edits(&self, day: u64) -> u64 {
        // Not every article is edited on the same day, and none on the first.
        (day + self.number % EDIT_EVERY) / EDIT_EVERY
    }

    /// Returns what answers instead of the article on a day; each kind of wall in turn.
    pub fn wall(&self, day: u64) -> Option<Wall> {
        let turn = (day + self.number) / WALL_EVERY + self.number;
        (day > 0 && (day + self.number) % WALL_EVERY == WALL_EVERY - 1).then(|| WALLS[turn as usize % WALLS.len()])
    }

    /// Returns the sentence of the article that the edits up to a day changed.
    pub fn figure(&self, edits: u64, is_flipped: bool) -> String {
        self.language.figure.replace("{}", &(12 + 2 * edits + u64::from(is_flipped)).to_string())
    }

    fn title(&self, edits: u64) -> &'static str {
        if edits % 4 >= 2 { self.language.other_title } else { self.language.title }
    }

    /// Returns the HTML of the page at a visit.
    fn html(&self, visit: &Visit) -> String {
        let edits = self.edits(visit.day);
        let noise = (self.kind.noise)(self.language, visit);
        let (first, rest) = self.language.paragraphs.split_at(3);
        // Every fourth edit takes a paragraph away, and the next puts it back.
        let rest = if edits % 4 == 3 { &rest[..2] } else { rest };
        let paragraphs = |texts: &[&str]| texts.iter().map(|text| format!("<p>{text}</p>\n")).collect::<String>();
        let title = self.title(edits);
        let body = format!(
            "<header><a href='/'>Courier</a></header>{}<main><article><h1>{title}</h1>{}{}<p>{}</p>{}{}{}</article></main>{}",
            noise.before,
            noise.top,
            paragraphs(first),
            self.figure(edits, noise.flip),
            noise.middle,
            paragraphs(rest),
            noise.end,
            noise.after,
        );
        page(self.language, &format!("{}{title}", noise.tab), &body)
    }

    /// Returns what a feed has of the article: its beginning.
    pub fn excerpt(&self) -> String {
        self.language.paragraphs[..3].iter().map(|text| format!("<p>{text}</p>")).collect()
    }
}

/// The site, at a time that only [`Site::set`] changes.
pub struct Site {
    pages: Vec<Page>,
    /// Hours since the start.
    hour: AtomicU64,
    /// The number of visits of each page before this hour.
    visits: AtomicU64,
}

impl Site {
    pub fn new(pages: Vec<Page>) -> Self {
        Self { pages, hour: AtomicU64::new(0), visits: AtomicU64::new(0) }
    }

    /// Sets the clock to an hour, and how many visits there were before.
    pub fn set(&self, hour: u64, visits: u64) {
        self.hour.store(hour, Ordering::SeqCst);
        self.visits.store(visits, Ordering::SeqCst);
    }

    pub fn now(&self) -> Timestamp {
        let seconds = START + self.hour.load(Ordering::SeqCst) * HOUR;
        Timestamp::from_second(seconds as i64).expect("a time")
    }

    pub fn visit(&self) -> Visit {
        let hour = self.hour.load(Ordering::SeqCst);
        Visit { number: self.visits.load(Ordering::SeqCst), hour: hour % 24, day: hour / 24 }
    }

    fn answer(&self, url: &Url) -> Result<RawPage, FetchError> {
        let Some(page) = self.pages.iter().find(|page| page.url() == *url) else {
            return Ok(self.raw(url, home(url)));
        };
        let visit = self.visit();
        let good = page.html(&visit);
        let html = match page.wall(visit.day) {
            None => good,
            Some(Wall::Home) => return Ok(self.sent_home(page)),
            Some(Wall::Excerpt) => {
                return Err(FetchError::Dns {
                    url: url.to_string(),
                    host: page.host(),
                    reason: "no address".to_owned(),
                });
            }
            Some(wall) => wall.html(page.language, &good, visit.number),
        };
        Ok(self.raw(url, html))
    }

    fn sent_home(&self, page: &Page) -> RawPage {
        let (from, to) = (page.url(), page.home());
        let hop = Hop {
            url: from.clone(),
            status: 302,
            headers: Headers(vec![("location".to_owned(), b"/".to_vec())]),
            body: Vec::new(),
            captured: self.now(),
            exchange: exchange(),
        };
        RawPage { requested: Some(from), redirects: vec![hop], ..self.raw(&to, home(&to)) }
    }

    fn raw(&self, url: &Url, body: impl Into<Vec<u8>>) -> RawPage {
        let mut raw = RawPage::from_bytes(body.into(), Some(url.clone()), Origin::Network, Some(self.now()));
        raw.exchange = Some(exchange());
        raw
    }
}

fn home(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    format!(
        "<title>{host}</title><main><h1>{host}</h1>{}</main>",
        "<p><a href='/story/1.html'>News of the lock</a></p>".repeat(9)
    )
}

fn exchange() -> Exchange {
    let request_headers = Headers(Vec::new());
    Exchange { method: "GET".to_owned(), request_headers, protocol: "http/1.1".to_owned(), remote: None }
}

/// The bytes of an image of 600 by 400 pixels.
fn image() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend([0, 0, 2, 88, 0, 0, 1, 144, 8, 2, 0, 0, 0]);
    bytes
}

impl Fetcher for Site {
    fn name_origin(&self, _: &Url) {}

    fn robots<'a>(&'a self, _: &'a Url) -> Pending<'a, Robots> {
        Box::pin(async { Robots::Allowed })
    }

    fn page<'a>(&'a self, request: &'a Request) -> Pending<'a, Result<RawPage, FetchError>> {
        Box::pin(async { self.answer(&request.url) })
    }

    fn follow(&self, _: RawPage, target: Url) -> Pending<'_, Result<RawPage, FetchError>> {
        Box::pin(async move { self.answer(&target) })
    }

    fn image<'a>(&'a self, url: &'a Url, _: Option<&'a Url>, _: &'a Url) -> Pending<'a, Result<RawPage, FetchError>> {
        Box::pin(async { Ok(self.raw(url, image())) })
    }
}
