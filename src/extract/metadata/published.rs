//! When it was published and changed, in the page's own offset.

use jiff::tz::Offset;

use crate::html::Page;
use crate::model::{Doubt, PageDate, Sourced, Step};

use super::collect::{Clues, Role};
use super::dates::{self, Order, Written};
use super::step;

const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "date_published",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "published_time",
    "article.published",
    "sailthru.date",
    "parsely-pub-date",
    "citation_publication_date",
    "citation_date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dc.date",
    "weibo:article:create_at",
    "og:release_date",
    "article_date_original",
    "originalpublicationdate",
    "date",
    "createdate",
];

const MODIFIED: &[&str] = &[
    "article:modified_time",
    "og:updated_time",
    "og:modified_time",
    "datemodified",
    "date_modified",
    "lastmod",
    "dcterms.modified",
    "dc.date.modified",
    "weibo:article:update_at",
    "last-modified",
];

/// Publication and change, and what was assumed about them.
pub struct Dates {
    pub published: Option<Sourced<PageDate>>,
    pub modified: Option<Sourced<PageDate>>,
    pub doubts: Vec<Doubt>,
}

/// Looks through everything that may say when, best source first. `headline` is the headline's place on the page.
pub fn find(
    page: &Page,
    clues: &Clues<'_>,
    language: Option<&str>,
    headline: Option<usize>,
    is_thing: bool,
    steps: &mut Vec<Step>,
) -> Dates {
    let zone = Zone::of(page, language);
    let order = order(language);
    let mut found: Vec<(&'static str, Written)> = Vec::new();
    let mut seen = |source: &'static str, text: &str, steps: &mut Vec<Step>| {
        let read = dates::first(text, order);
        steps.push(step("published", false, source, text));
        found.extend(read.map(|read| (source, read)));
    };
    // A page has a date on which its template made it; only what was written has one of publication.
    for text in clues.ld.published.iter().filter(|_| clues.ld.is_written) {
        seen("json-ld", text, steps);
    }
    for &name in PUBLISHED {
        if let Some(text) = clues.meta(&[name]) {
            seen(name, text, steps);
        }
    }
    for name in ["datepublished", "datecreated"] {
        if let Some(text) = clues.property(name) {
            seen("itemprop", text, steps);
        }
    }
    // What stands on a page about a thing is the date of a review, a sale, a version.
    let shown = if is_thing { Vec::new() } else { shown(clues, headline) };
    for text in shown {
        seen("visible", &text, steps);
    }
    let published = choose(&found).or_else(|| from_address(page).map(|written| ("address", written)));
    let modified = clues
        .ld
        .modified
        .as_deref()
        .map(|text| ("json-ld", text))
        .or_else(|| MODIFIED.iter().find_map(|name| Some((*name, clues.meta(&[name])?))));
    let modified = modified.or_else(|| Some(("itemprop", clues.property("datemodified")?)));
    let modified = modified.and_then(|(source, text)| Some((source, dates::first(text, order)?)));
    let published = published.map(|(source, written)| Sourced::new(zone.apply(written), source));
    let modified = modified.map(|(source, written)| Sourced::new(zone.apply(written), source));
    let assumed = |date: &Option<Sourced<PageDate>>| {
        matches!(date, Some(Sourced { value: PageDate::Time { assumed: true, .. }, .. }))
    };
    let mut doubts = Vec::new();
    if assumed(&published) || assumed(&modified) {
        doubts.push(Doubt::new(
            "assumed-offset",
            format!("the page names no time zone; {} is taken from its language or country", zone.name()),
        ));
    }
    Dates { published, modified, doubts }
}

/// The first source that can be read; where it knows only the day, a later one may know the time of that day.
fn choose(found: &[(&'static str, Written)]) -> Option<(&'static str, Written)> {
    let (_, first) = found.first()?;
    let exact = found.iter().find(|(_, other)| other.day == first.day && other.time.is_some());
    exact.or(found.first()).copied()
}

/// Dates that a reader sees at the headline: in `<time>`, in parts that are called so, in the lines right after it.
fn shown(clues: &Clues<'_>, headline: Option<usize>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let near = |at: usize| headline.is_none_or(|headline| at + 60 > headline && at < headline + 400);
    texts.extend(clues.times.iter().filter(|(at, _)| near(*at)).take(3).map(|(_, text)| text.clone()));
    for role in [Role::Date, Role::Info] {
        texts.extend(
            clues.lines.iter().filter(|line| line.role == role && near(line.at)).take(4).map(|line| line.text.clone()),
        );
    }
    if let Some(headline) = headline {
        let after = clues.pieces.iter().filter(|(at, _)| *at > headline).take(25);
        // Long pieces are the article itself, which speaks of other dates.
        texts
            .extend(after.map(|(_, piece)| piece.trim()).filter(|piece| piece.chars().count() < 80).map(str::to_owned));
    }
    texts
}

/// /2021/06/17/ or /20210617/ or t20210617_ in the address: the day.
fn from_address(page: &Page) -> Option<Written> {
    let path = page.url.as_ref()?.path();
    let digits: Vec<&str> = path.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).collect();
    let joined = digits
        .windows(3)
        .filter(|run| run[0].len() == 4 && run[1].len() <= 2 && run[2].len() <= 2)
        .map(|run| run.join("-"));
    let whole = digits.iter().filter(|run| run.len() == 8).map(|run| (*run).to_owned());
    let halves = digits.windows(2).filter(|run| run[0].len() == 4 && run[1].len() == 4).map(|run| run.concat());
    whole.chain(joined).chain(halves).find_map(|text| dates::first(&text, Order::Unknown)).map(|written| Written {
        time: None,
        offset: None,
        ..written
    })
}

fn order(language: Option<&str>) -> Order {
    match language {
        Some("en-US" | "en-CA" | "fil") => Order::MonthFirst,
        Some(tag) if !tag.starts_with("en") => Order::DayFirst,
        Some("en-GB" | "en-AU" | "en-NZ" | "en-IN" | "en-IE" | "en-ZA") => Order::DayFirst,
        _ => Order::Unknown,
    }
}

/// What is assumed of a time without an offset.
#[derive(Clone, Copy)]
enum Zone {
    China,
    JapanOrKorea,
    Unknown,
}

impl Zone {
    fn of(page: &Page, language: Option<&str>) -> Self {
        let host = page.url.as_ref().and_then(url::Url::host_str).unwrap_or_default();
        let language = language.unwrap_or_default();
        let primary = language.split('-').next().unwrap_or_default();
        match host.rsplit('.').next().unwrap_or_default() {
            "cn" | "xn--fiqs8s" => Self::China,
            "jp" | "kr" => Self::JapanOrKorea,
            _ if language.starts_with("zh-CN") || language.starts_with("zh-Hans") => Self::China,
            _ if matches!(primary, "ja" | "ko") => Self::JapanOrKorea,
            _ => Self::Unknown,
        }
    }

    fn hours(self) -> Option<i8> {
        match self {
            Self::China => Some(8),
            Self::JapanOrKorea => Some(9),
            Self::Unknown => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::China => "+08:00",
            Self::JapanOrKorea => "+09:00",
            Self::Unknown => "none",
        }
    }

    /// Without an offset, said or assumed, the day is all that is known.
    fn apply(self, written: Written) -> PageDate {
        let assumed = self.hours().and_then(|hours| Offset::from_hours(hours).ok());
        match (written.local(), written.offset, assumed) {
            (Some(local), Some(offset), _) => PageDate::Time { local, offset, assumed: false },
            (Some(local), None, Some(offset)) => PageDate::Time { local, offset, assumed: true },
            _ => PageDate::Day(written.day),
        }
    }
}
