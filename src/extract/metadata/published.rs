//! Determines when the page was published and changed, in the page's own offset.

use crate::html::{Page, text};
use crate::model::{PageDate, Sourced, Step, Warning, WarningKind};

use super::collect::{Clues, Line, Role};
use super::date_order;
use super::date_words::{
    BARE, OF_CHANGE, OF_PUBLICATION, QUOTE_BEGINS, SHORT, is_of_change, is_of_export, is_of_publication, is_of_quote,
    is_of_something_else, says,
};
use super::dates::{self, Order, ParsedDate};
use super::ranges;
use super::series::{self, Series};
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

/// The dates of publication and of the last change, with warnings about assumptions.
pub struct Dates {
    pub published: Option<Sourced<PageDate>>,
    pub modified: Option<Sourced<PageDate>>,
    pub warnings: Vec<Warning>,
}

/// What is known of a page before its dates are read.
pub struct About {
    /// The position of the headline; None where there is none.
    pub headline: Option<usize>,
    /// The page is about a product or a service, or is a list of things.
    pub is_thing: bool,
    /// The page declares that it is an article.
    pub is_article: bool,
    /// The page declares that it is a forum's thread.
    pub is_thread: bool,
}

/// Returns the page's dates, best source first.
pub fn find(page: &Page, clues: &Clues<'_>, language: Option<&str>, about: &About, steps: &mut Vec<Step>) -> Dates {
    let zone = Zone::of(page, language);
    let mut days = DateSearch {
        order: date_order::of(clues, language),
        steps,
        found: Vec::new(),
        own: None,
        changed: ChangeDates::default(),
    };
    if !about.is_thing {
        days.read_declared(clues);
    }
    days.read_shown(clues, about);
    let published = days.published(about).or_else(|| Some(("url", from_url(page, clues)?)));
    // Where a page shows no other date, readers know it by the date of its last change.
    let published = published.or_else(|| Some(("visible, as updated", days.changed.by_words?)));
    let published = published.map(|(source, written)| Sourced::new(zone.apply(written), source));
    let modified = days.modified(clues).map(|(source, written)| Sourced::new(zone.apply(written), source));
    let is_assumed = |date: &Sourced<PageDate>| matches!(date.value, PageDate::Time { assumed: true, .. });
    let assumed = published.iter().chain(&modified).any(is_assumed).then(|| {
        let from = format!("the page names no time zone; {} is taken from its language or country", zone.name());
        Warning::new(WarningKind::AssumedOffset, from)
    });
    Dates { published, modified, warnings: assumed.into_iter().collect() }
}

/// A source's name and the date read from it.
type SourcedDate = (&'static str, ParsedDate);

/// The place of a date, with the name that the trace gives it.
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

/// A date that was read, and the index of its step in the trace.
#[derive(Clone, Copy)]
struct DatedText {
    source: Source,
    written: ParsedDate,
    step: usize,
}

/// The first dates of a change.
#[derive(Default)]
struct ChangeDates {
    shown: Option<ParsedDate>,
    /// The first one whose words say so, not only the class of its element.
    by_words: Option<ParsedDate>,
}

/// The dates read so far.
struct DateSearch<'a> {
    order: Order,
    steps: &'a mut Vec<Step>,
    /// Dates of publication, best source first.
    found: Vec<DatedText>,
    /// The date alone in a piece of text at the headline.
    own: Option<ParsedDate>,
    changed: ChangeDates,
}

impl DateSearch<'_> {
    /// Reads the declared dates. A page itself has the date on which its template was rendered; only a text has a date
    /// of publication.
    fn read_declared(&mut self, clues: &Clues<'_>) {
        for text in clues.ld.published.iter().filter(|_| clues.ld.is_written) {
            self.add(Source::Declared("json-ld"), text);
        }
        for &name in PUBLISHED {
            if let Some(text) = clues.meta(&[name]) {
                self.add(Source::Declared(name), text);
            }
        }
        for text in clues.metas_called(&["published", "date"]) {
            self.add(Source::Declared("meta"), text);
        }
        for text in &clues.days {
            self.add(Source::Declared("itemprop"), text);
        }
    }

    /// Reads the visible dates. On a page about a thing these are dates of reviews, sales and versions; on a list, of
    /// its items. The first date of a thread is the thread's.
    fn read_shown(&mut self, clues: &Clues<'_>, about: &About) {
        if about.is_thing {
            return;
        }
        let series = if about.is_article { Series::None } else { series::of(clues, about.headline, self.order) };
        match series {
            Series::List => return,
            Series::Thread(text) => self.add(Source::Visible("visible, the first of a thread"), &text),
            Series::None => {}
        }
        let declared = clues.ld.published.as_deref().and_then(|text| dates::first(text, self.order));
        for shown in shown(clues, about.headline, self.order) {
            self.add_visible(&shown, declared);
        }
        if self.found.is_empty()
            && let Some(text) = only_labelled(clues, self.order)
        {
            self.add(Source::Visible("visible, as published"), &text);
        }
    }

    /// Adds a visible date, as one of publication or of change.
    fn add_visible(&mut self, shown: &VisibleDate, declared: Option<ParsedDate>) {
        let day = dates::first(&shown.text, self.order);
        let is_declared = declared.is_some() && declared.map(|declared| declared.day) == day.map(|day| day.day);
        if shown.of_change && !(shown.by_class_only && is_declared) {
            self.changed.shown = self.changed.shown.or(day);
            self.changed.by_words = self.changed.by_words.or(day.filter(|_| !shown.by_class_only));
            self.steps.extend(day.map(|_| step("modified", "visible", &shown.text)));
            return;
        }
        let is_at_headline = (-1..=AFTER).contains(&shown.distance) || is_of_publication(&shown.text);
        self.own = self.own.or_else(|| day.filter(|_| is_at_headline && shown.text.chars().count() < BARE));
        self.add(Source::Visible("visible"), &shown.text);
    }

    /// Adds the date in a text, with a step for the trace. A declared text without a date gets a step too.
    fn add(&mut self, source: Source, text: &str) {
        let day = dates::first(text, self.order);
        if day.is_some() || source.is_declared() {
            self.found.extend(day.map(|written| DatedText { source, written, step: self.steps.len() }));
            self.steps.push(step("published", source.as_str(), text));
        }
    }

    /// Returns the date of publication and marks its step in the trace; None where there is none.
    fn published(&mut self, about: &About) -> Option<SourcedDate> {
        let (chosen, why) = choose(&self.found, about, self.own)?;
        if let Some(step) = self.steps.get_mut(chosen.step) {
            step.kept = true;
            step.reason = format!("{}: {why}", step.reason);
        }
        Some((chosen.source.as_str(), chosen.written))
    }

    /// Returns the date of the last change; None where there is none.
    fn modified(&self, clues: &Clues<'_>) -> Option<SourcedDate> {
        let declared = clues.ld.modified.as_deref().map(|text| ("json-ld", text));
        let declared = declared.or_else(|| MODIFIED.iter().find_map(|name| Some((*name, clues.meta(&[name])?))));
        let declared = declared.or_else(|| Some(("itemprop", clues.property("datemodified")?)));
        let declared = declared.and_then(|(source, text)| Some((source, dates::first(text, self.order)?)));
        declared.or_else(|| Some(("visible", self.changed.shown?)))
    }
}

/// Returns the first source that can be read; where it knows only the day, a later one may know the time of that day.
/// The posts of a thread are all dated: the earliest in structured data is the thread's. `own` is the day that stands
/// at the headline by itself: an earlier one than the first source's is the article's, which moved or was made anew.
fn choose(found: &[DatedText], about: &About, own: Option<ParsedDate>) -> Option<(DatedText, &'static str)> {
    let is_thread = about.is_thread;
    let declared = found.iter().filter(|found| is_thread && found.source.is_declared());
    let earliest = declared.min_by_key(|found| found.written.day).map(|found| (found, "the earliest of a thread"));
    let (first, why) = earliest.or_else(|| Some((found.first()?, "the first source with a date")))?;
    let earlier = own.filter(|own| own.day < first.written.day && !is_thread);
    let moved = found.iter().find(|found| earlier.is_some_and(|own| found.written.day == own.day));
    let (first, why) =
        moved.map_or((first, why), |moved| (moved, "at the headline, and earlier than the declared date"));
    let exact = found.iter().find(|other| other.written.day == first.written.day && other.written.time.is_some());
    Some((*exact.unwrap_or(first), why))
}

/// A visible text with a date.
struct VisibleDate {
    text: String,
    /// Pieces of text from the headline to it; negative before the headline.
    distance: isize,
    /// The text says that the date is of a change.
    of_change: bool,
    /// Only the class of its element says so.
    by_class_only: bool,
}

/// A part with a date's or author's class is read up to this length, in characters.
const LINE: usize = 160;

/// How many pieces of text before a headline can be its date alone.
const NEAR: usize = 5;

/// Maximum distance of a date before its headline, in pieces of text.
const BEFORE: isize = 12;

/// Maximum distance of a date after its headline, in pieces of text.
const AFTER: isize = 14;

/// Returns texts that can hold the article's date, the nearest to the headline first: `<time>` elements, parts with a
/// date's class, the lines right after the headline. Far from the headline, or without one, a date counts only where
/// the page has no other.
fn shown(clues: &Clues<'_>, headline: Option<usize>, order: Order) -> Vec<VisibleDate> {
    let shown = |at: usize, text: &str| {
        // Most texts hold no date.
        dates::first(text, order)?;
        let label = clues.label(at);
        let distance = headline.map_or(AFTER + 1, |headline| clues.distance(headline, at));
        let labelled = format!("{label}{text}");
        let by_class_only = clues.is_updated(at) && !is_of_publication(&labelled);
        let of_change = is_of_change(&labelled) || by_class_only;
        let is_other = is_other(clues, at, text) || ranges::is_range(text, order);
        (!is_other && !is_of_event(text)).then(|| VisibleDate {
            text: text.to_owned(),
            of_change,
            by_class_only,
            distance,
        })
    };
    let times = clues.times.iter().filter(|(at, _)| !clues.is_outside(*at));
    let mut texts: Vec<VisibleDate> = times.filter_map(|(at, text)| shown(*at, text)).collect();
    // A byline can hold the date too.
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
        // Long pieces are the article itself, which mentions other dates; in a byline-like piece the date comes first.
        let beginnings = after.map(|(at, piece)| (*at, text::collapse(&piece.chars().take(400).collect::<String>())));
        let upto = |piece: &str| if piece.chars().count() < SHORT { SHORT } else { BARE };
        let short = beginnings.map(|(at, piece)| (at, piece.chars().take(upto(&piece)).collect::<String>()));
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
    // A date before the headline is often today's date.
    texts.sort_by_key(|shown| if shown.distance < 0 { -3 * shown.distance } else { shown.distance });
    texts
}

/// Returns true for a date of something other than the page: by its own words, by those right before it, or as that of
/// a quoted message.
fn is_other(clues: &Clues<'_>, at: usize, text: &str) -> bool {
    let label = || clues.label(at);
    is_of_something_else(text) || is_of_something_else(&label()) || is_of_export(&clues.before(at)) || {
        let lower = text.to_lowercase();
        let begins = QUOTE_BEGINS.iter().any(|begin| lower.trim_start().starts_with(begin));
        begins && is_of_quote(&(lower + &clues.after(at))) || is_of_quote(text)
    }
}

/// Returns true for a sentence that ends in the date of an event it reports.
fn is_of_event(text: &str) -> bool {
    let lower = text.to_lowercase();
    let event = lower.rsplit_once(" on ").filter(|(_, day)| day.starts_with(|c: char| c.is_ascii_digit()));
    event.is_some_and(|(before, _)| before.split_whitespace().count() >= 3 && !is_of_publication(before))
}

/// Returns the text of the only date on the page labelled as that of publication, wherever it is; None where there are
/// none or several.
fn only_labelled(clues: &Clues<'_>, order: Order) -> Option<String> {
    let times = clues.times.iter().filter(|(at, _)| !clues.is_outside(*at)).map(|(at, text)| (*at, text.as_str()));
    let pieces = clues.pieces.iter().copied().filter(|(_, piece)| piece.bytes().any(|byte| byte.is_ascii_digit()));
    let mut found: Option<(ParsedDate, String)> = None;
    for (at, text) in times.chain(pieces) {
        let Some(day) = Some(text).filter(|text| text.len() < 2 * SHORT).and_then(|text| dates::first(text, order))
        else {
            continue;
        };
        let label = clues.label(at);
        let begins = || OF_PUBLICATION.iter().any(|word| text.trim_start().to_lowercase().starts_with(word));
        let labelled = format!("{label} {text}");
        let is_other = says(&labelled, OF_CHANGE) || is_other(clues, at, &labelled) || is_of_event(text);
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

/// Returns the date in the page's fetched or declared URL, such as /2021/06/17/, /2021/june/17/, /20210617/ or
/// t20210617_.
fn from_url(page: &Page, clues: &Clues<'_>) -> Option<ParsedDate> {
    let claimed = clues.claimed_url();
    let whole = |text: &str| in_digits(text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 8));
    let found = page.url.iter().chain(&claimed).find_map(|url| in_path(url.path()).or_else(|| whole(url.query()?)));
    // The class or id of `<body>` can hold a date too: it is the page's where the page shows the same day without its
    // year.
    found.or_else(|| whole(&clues.body).filter(|found| is_shown(clues, *found)))
}

/// Returns the first date among runs of eight digits.
fn in_digits<'t>(mut runs: impl Iterator<Item = &'t str>) -> Option<ParsedDate> {
    runs.find_map(|run| dates::first(run, Order::Unknown)).map(|day| ParsedDate { time: None, offset: None, ..day })
}

/// Returns true where the page shows the date's month and day: 6月24日.
fn is_shown(clues: &Clues<'_>, found: ParsedDate) -> bool {
    let (month, day) = (found.day.month(), found.day.day());
    let forms = [format!("{month}月{day}日"), format!("{month:02}月{day:02}日"), format!("{month}월 {day}일")];
    let mut short = clues.pieces.iter().filter(|(_, piece)| piece.len() < 2 * SHORT);
    short.any(|(_, piece)| forms.iter().any(|form| piece.contains(form.as_str())))
}

fn in_path(path: &str) -> Option<ParsedDate> {
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
        .map(|written| ParsedDate { time: None, offset: None, ..written })
}
