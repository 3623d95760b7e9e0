//! When it was published and changed, in the page's own offset.

use crate::html::{Page, text};
use crate::model::{PageDate, Sourced, Step, Warning, WarningKind};

use super::collect::{Clues, Line, Role};
use super::date_words::{
    OF_CHANGE, OF_PUBLICATION, QUOTE_BEGINS, is_of_change, is_of_export, is_of_publication, is_of_quote,
    is_of_something_else, says,
};
use super::dates::{self, Order, Written};
use super::order;
use super::series::{self, Series};
use super::spans;
use super::step;
use super::zone::Zone;

const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "date_published",
    "dateupdate",
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
    "published",
    "date",
    "createdate",
    "ms.date",
    "_pubtime",
    "apub:time",
    "publish_time",
    "publishtime",
    "pubtime",
    "article:create_at",
    "og:regdate",
    "og:pubdate",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "release_date",
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
    pub warnings: Vec<Warning>,
}

/// What is known of a page before its dates are looked for.
pub struct About {
    /// Where the headline stands.
    pub headline: Option<usize>,
    /// It is about a product, a service, a list of things.
    pub is_thing: bool,
    /// It says that it is an article.
    pub is_article: bool,
    /// It says that it is a forum's thread.
    pub is_thread: bool,
}

/// Looks through everything that may say when, best source first.
pub fn find(page: &Page, clues: &Clues<'_>, language: Option<&str>, about: &About, steps: &mut Vec<Step>) -> Dates {
    let zone = Zone::of(page, language);
    let mut days =
        Days { order: order::of(clues, language), steps, found: Vec::new(), own: None, changed: Changed::default() };
    if !about.is_thing {
        days.read_declared(clues);
    }
    days.read_shown(clues, about);
    let published = days.published(about.is_thread).or_else(|| Some(("url", from_url(page, clues)?)));
    // Where a page shows no other day, the one of its last change is the day a reader knows it by.
    let published = published.or_else(|| Some(("visible, as updated", days.changed.for_readers?)));
    let published = published.map(|(source, written)| Sourced::new(zone.apply(written), source));
    let modified = days.modified(clues).map(|(source, written)| Sourced::new(zone.apply(written), source));
    let is_assumed = |date: &Sourced<PageDate>| matches!(date.value, PageDate::Time { assumed: true, .. });
    let assumed = published.iter().chain(&modified).any(is_assumed).then(|| {
        let from = format!("the page names no time zone; {} is taken from its language or country", zone.name());
        Warning::new(WarningKind::AssumedOffset, from)
    });
    Dates { published, modified, warnings: assumed.into_iter().collect() }
}

/// A day and the name of what it was read from.
type Read = (&'static str, Written);

/// Where a date stands, and what the trace calls that place.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// In what the page declares to programs.
    Declared(&'static str),
    /// In the text.
    Visible(&'static str),
}

impl Source {
    fn as_str(self) -> &'static str {
        match self {
            Self::Declared(name) | Self::Visible(name) => name,
        }
    }

    fn is_declared(self) -> bool {
        matches!(self, Self::Declared(_))
    }
}

/// A date that was read, and the step of the trace that tells of it.
#[derive(Clone, Copy)]
struct Found {
    source: Source,
    written: Written,
    step: usize,
}

/// The first day that is said to be of a change.
#[derive(Default)]
struct Changed {
    shown: Option<Written>,
    /// Not the name of its part alone says so.
    for_readers: Option<Written>,
}

/// The days read so far.
struct Days<'a> {
    order: Order,
    steps: &'a mut Vec<Step>,
    /// Days of publication, best source first.
    found: Vec<Found>,
    /// The day that stands at the headline by itself.
    own: Option<Written>,
    changed: Changed,
}

impl Days<'_> {
    /// What machines are told. A page has a date on which its template made it; only what was written has one of
    /// publication.
    fn read_declared(&mut self, clues: &Clues<'_>) {
        for text in clues.ld.published.iter().filter(|_| clues.ld.is_written) {
            self.note(Source::Declared("json-ld"), text);
        }
        for &name in PUBLISHED {
            if let Some(text) = clues.meta(&[name]) {
                self.note(Source::Declared(name), text);
            }
        }
        for text in clues.metas_called(&["published", "date"]) {
            self.note(Source::Declared("meta"), text);
        }
        for text in &clues.days {
            self.note(Source::Declared("itemprop"), text);
        }
    }

    /// What readers see. On a page about a thing that is the date of a review, a sale, a version; on a list, that of
    /// each of its parts; the first of a thread's days is the thread's.
    fn read_shown(&mut self, clues: &Clues<'_>, about: &About) {
        if about.is_thing {
            return;
        }
        let series = if about.is_article { Series::None } else { series::of(clues, about.headline, self.order) };
        match series {
            Series::List => return,
            Series::Thread(text) => self.note(Source::Visible("visible, the first of a thread"), &text),
            Series::None => {}
        }
        let declared = clues.ld.published.as_deref().and_then(|text| dates::first(text, self.order));
        for shown in shown(clues, about.headline, self.order) {
            self.place(&shown, declared);
        }
        if self.found.is_empty()
            && let Some(text) = labelled(clues, self.order)
        {
            self.note(Source::Visible("visible, as published"), &text);
        }
    }

    /// The day in a text that readers see is one of publication or of change.
    fn place(&mut self, shown: &Shown, declared: Option<Written>) {
        let day = dates::first(&shown.text, self.order);
        let is_declared = declared.is_some() && declared.map(|told| told.day) == day.map(|day| day.day);
        if shown.of_change && !(shown.for_machines && is_declared) {
            self.changed.shown = self.changed.shown.or(day);
            self.changed.for_readers = self.changed.for_readers.or(day.filter(|_| !shown.for_machines));
            self.steps.extend(day.map(|_| step("modified", "visible", &shown.text)));
            return;
        }
        let is_at_headline = (-1..=AFTER).contains(&shown.distance) || is_of_publication(&shown.text);
        self.own = self.own.or_else(|| day.filter(|_| is_at_headline && shown.text.chars().count() < BARE));
        self.note(Source::Visible("visible"), &shown.text);
    }

    /// Takes the day in a text where there is one, and tells the trace of it; of what was declared to be one, always.
    fn note(&mut self, source: Source, text: &str) {
        let day = dates::first(text, self.order);
        if day.is_some() || source.is_declared() {
            self.found.extend(day.map(|written| Found { source, written, step: self.steps.len() }));
            self.steps.push(step("published", source.as_str(), text));
        }
    }

    /// The day of publication, marked in the trace.
    fn published(&mut self, is_thread: bool) -> Option<Read> {
        let (chosen, why) = choose(&self.found, is_thread, self.own)?;
        if let Some(step) = self.steps.get_mut(chosen.step) {
            step.kept = true;
            step.reason = format!("{}: {why}", step.reason);
        }
        Some((chosen.source.as_str(), chosen.written))
    }

    /// The day of the last change.
    fn modified(&self, clues: &Clues<'_>) -> Option<Read> {
        let declared = clues.ld.modified.as_deref().map(|text| ("json-ld", text));
        let declared = declared.or_else(|| MODIFIED.iter().find_map(|name| Some((*name, clues.meta(&[name])?))));
        let declared = declared.or_else(|| Some(("itemprop", clues.property("datemodified")?)));
        let declared = declared.and_then(|(source, text)| Some((source, dates::first(text, self.order)?)));
        declared.or_else(|| Some(("visible", self.changed.shown?)))
    }
}

/// The first source that can be read; where it knows only the day, a later one may know the time of that day. The posts
/// of a thread are all dated: the earliest that machines are told of is the thread's. `own` is the day that stands at
/// the headline by itself: an earlier one than the first source's is the article's, which moved or was made anew.
fn choose(found: &[Found], is_thread: bool, own: Option<Written>) -> Option<(Found, &'static str)> {
    let told = found.iter().filter(|found| is_thread && found.source.is_declared());
    let earliest = told.min_by_key(|found| found.written.day).map(|found| (found, "the earliest of a thread"));
    let (first, why) = earliest.or_else(|| Some((found.first()?, "the first source that names a day")))?;
    let earlier = own.filter(|own| own.day < first.written.day && !is_thread);
    let moved = found.iter().find(|found| earlier.is_some_and(|own| found.written.day == own.day));
    let (first, why) = moved.map_or((first, why), |moved| (moved, "at the headline, before what machines are told"));
    let exact = found.iter().find(|other| other.written.day == first.written.day && other.written.time.is_some());
    Some((*exact.unwrap_or(first), why))
}

/// A text that a reader sees at the headline.
struct Shown {
    text: String,
    /// Pieces of text from the headline to it; negative before the headline.
    distance: isize,
    /// It is said to be of a change.
    of_change: bool,
    /// Only the name of its part says so.
    for_machines: bool,
}

/// A line no longer than this, in characters, is little more than its date.
pub const BARE: usize = 32;

/// A part that is called date or the like has it this near to its beginning, in characters.
const LINE: usize = 160;

/// A longer piece of text, in characters, is no line of facts.
pub const SHORT: usize = 80;

/// Pieces of text before a headline that may be its date and nothing else.
const NEAR: usize = 5;

/// How far before the headline its date may stand, in pieces of text.
const BEFORE: isize = 12;

/// How far after it.
const AFTER: isize = 14;

/// Texts that may hold the date of what is under the headline, the nearest first: in `<time>`, in parts that are called
/// so, in the lines right after it. Far from the headline, or where the page shows none, anything has a date; it is
/// believed where the whole page names no other.
fn shown(clues: &Clues<'_>, headline: Option<usize>, order: Order) -> Vec<Shown> {
    let shown = |at: usize, text: &str| {
        // Most texts hold no day.
        dates::first(text, order)?;
        let label = clues.label(at);
        let distance = headline.map_or(AFTER + 1, |headline| clues.distance(headline, at));
        let said = format!("{label}{text}");
        let for_machines = clues.is_updated(at) && !is_of_publication(&said);
        let of_change = is_of_change(&said) || for_machines;
        let is_other = is_other(clues, at, text) || spans::is_span(text, order);
        (!is_other && !is_told(text)).then(|| Shown { text: text.to_owned(), of_change, for_machines, distance })
    };
    let times = clues.times.iter().filter(|(at, _)| !clues.is_beside(*at));
    let mut texts: Vec<Shown> = times.filter_map(|(at, text)| shown(*at, text)).collect();
    // A byline may hold the day too.
    for role in [Role::Date, Role::Info, Role::Author] {
        let is_called = |line: &&Line| line.role == role || role == Role::Info && line.role == Role::Source;
        let lines = clues.lines.iter().filter(is_called);
        texts.extend(lines.filter_map(|line| shown(line.at, &line.text.chars().take(LINE).collect::<String>())));
    }
    let mut days: Vec<_> = texts.iter().filter_map(|shown| dates::first(&shown.text, order)).map(|at| at.day).collect();
    days.sort();
    days.dedup();
    if let Some(headline) = headline {
        let after = clues.pieces.iter().filter(|(at, _)| *at > headline).take(25);
        // Long pieces are the article itself, which speaks of other dates; a line that begins with one has it first.
        let told = after.map(|(at, piece)| (*at, text::collapse(&piece.chars().take(400).collect::<String>())));
        let upto = |piece: &str| if piece.chars().count() < SHORT { SHORT } else { BARE };
        let short = told.map(|(at, piece)| (at, piece.chars().take(upto(&piece)).collect::<String>()));
        let dated = short.filter(|(_, piece)| piece.chars().count() != BARE || dates::first(piece, order).is_some());
        texts.extend(dated.filter_map(|(at, piece)| shown(at, &piece)));
    }
    if let Some(headline) = headline {
        let upto = clues.pieces.partition_point(|(at, _)| *at < headline);
        let before = clues.pieces[upto.saturating_sub(NEAR)..upto].iter();
        let bare = before.map(|(at, piece)| (*at, piece.trim())).filter(|(_, piece)| piece.chars().count() <= BARE);
        texts.extend(bare.filter_map(|(at, piece)| shown(at, piece)));
    }
    let only = days.len() == 1;
    texts.retain(|shown| only || (-BEFORE..=AFTER).contains(&shown.distance));
    // What stands before the headline is more often a date of today.
    texts.sort_by_key(|shown| if shown.distance < 0 { -3 * shown.distance } else { shown.distance });
    texts
}

/// The day of something else than the page: by its own words, by those right before it, or as that of a quoted message.
fn is_other(clues: &Clues<'_>, at: usize, text: &str) -> bool {
    let label = || clues.label(at);
    is_of_something_else(text) || is_of_something_else(&label()) || is_of_export(&clues.before(at)) || {
        let lower = text.to_lowercase();
        let begins = QUOTE_BEGINS.iter().any(|begin| lower.trim_start().starts_with(begin));
        begins && is_of_quote(&(lower + &clues.after(at))) || is_of_quote(text)
    }
}

/// A sentence that ends in a date: the day of what it tells.
fn is_told(text: &str) -> bool {
    let lower = text.to_lowercase();
    let told = lower.rsplit_once(" on ").filter(|(_, day)| day.starts_with(|c: char| c.is_ascii_digit()));
    told.is_some_and(|(before, _)| before.split_whitespace().count() >= 3 && !is_of_publication(before))
}

/// The only day on the page that is said to be that of publication, wherever it stands.
fn labelled(clues: &Clues<'_>, order: Order) -> Option<String> {
    let times = clues.times.iter().filter(|(at, _)| !clues.is_beside(*at)).map(|(at, text)| (*at, text.as_str()));
    let pieces = clues.pieces.iter().copied().filter(|(_, piece)| piece.bytes().any(|byte| byte.is_ascii_digit()));
    let mut found: Option<(Written, String)> = None;
    for (at, text) in times.chain(pieces) {
        let Some(day) = Some(text).filter(|text| text.len() < 2 * SHORT).and_then(|text| dates::first(text, order))
        else {
            continue;
        };
        let label = clues.label(at);
        let begins = || OF_PUBLICATION.iter().any(|word| text.trim_start().to_lowercase().starts_with(word));
        let said = format!("{label} {text}");
        let is_other = says(&said, OF_CHANGE) || is_other(clues, at, &said) || is_told(text);
        if is_other || !(is_of_publication(&label) || begins()) {
            continue;
        }
        if found.as_ref().is_some_and(|(other, _)| other.day != day.day) {
            return None;
        }
        found.get_or_insert_with(|| (day, text::collapse(text)));
    }
    found.map(|(_, text)| text)
}

/// /2021/06/17/ or /2021/june/17/ or /20210617/ or t20210617_ in the page's URL, or in the one that it says it has:
/// the day.
fn from_url(page: &Page, clues: &Clues<'_>) -> Option<Written> {
    let claimed = clues.claimed_url();
    let whole = |text: &str| in_digits(text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 8));
    let found = page.url.iter().chain(&claimed).find_map(|url| in_path(url.path()).or_else(|| whole(url.query()?)));
    // The name of `<body>` may hold a day too: it is the page's where the page shows it without its year.
    found.or_else(|| whole(&clues.body).filter(|found| is_shown(clues, *found)))
}

/// The first day among runs of eight digits.
fn in_digits<'t>(mut runs: impl Iterator<Item = &'t str>) -> Option<Written> {
    runs.find_map(|run| dates::first(run, Order::Unknown)).map(|day| Written { time: None, offset: None, ..day })
}

/// The page shows the month and the day: 6月24日.
fn is_shown(clues: &Clues<'_>, found: Written) -> bool {
    let (month, day) = (found.day.month(), found.day.day());
    let forms = [format!("{month}月{day}日"), format!("{month:02}月{day:02}日"), format!("{month}월 {day}일")];
    let mut short = clues.pieces.iter().filter(|(_, piece)| piece.len() < 2 * SHORT);
    short.any(|(_, piece)| forms.iter().any(|form| piece.contains(form.as_str())))
}

fn in_path(path: &str) -> Option<Written> {
    let folders: Vec<&str> = path.split('/').collect();
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let named = folders
        .windows(3)
        .filter(|run| run[0].len() == 4 && is_number(run[0]) && run[2].len() <= 2 && is_number(run[2]))
        .map(|run| run.join(" "));
    let digits: Vec<&str> = path.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).collect();
    let joined = digits
        .windows(3)
        .filter(|run| run[0].len() == 4 && run[1].len() <= 2 && run[2].len() <= 2)
        .map(|run| run.join("-"));
    let whole = digits.iter().filter(|run| run.len() == 8).map(|run| (*run).to_owned());
    let halves = digits.windows(2).filter(|run| run[0].len() == 4 && run[1].len() == 4).map(|run| run.concat());
    whole
        .chain(joined)
        .chain(halves)
        .chain(named)
        .find_map(|text| dates::first(&text, Order::Unknown))
        .map(|written| Written { time: None, offset: None, ..written })
}
