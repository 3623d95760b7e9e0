//! Classifies pages with many dates: a list's dates descend from the newest, those of a thread or a calendar ascend.

use jiff::civil::Date;

use crate::html::text;

use super::collect::Clues;
use super::date_words::{BARE, SHORT, is_of_publication, is_of_something_else};
use super::dates::{self, Order};

/// Fewer different dates than this are not a list.
const FEWEST: usize = 4;

/// At least this many dates, repeated ones included, are a list whose items span a day or two.
const MANY: usize = 8;

/// At least this many different ascending dates, without posts, are a calendar of events.
const EVENTS: usize = 10;

/// Fewer posts than this are not a thread.
const POSTS: usize = 2;

/// How many pieces of text are searched.
const REACH: usize = 6000;

/// More text than this between two dates, in bytes, is an article with its own date.
const ARTICLE: usize = 1500;

/// An article's own dates, of publication and of change, are among this many first ones.
const HEAD: usize = 3;

/// How the dates of a page are ordered.
#[derive(Debug, PartialEq, Eq)]
pub enum Series {
    /// There are too few dates, or they have no order.
    None,
    /// The page is a list: each item has a date of its own.
    List,
    /// Every post has a date; this is the text of the first.
    Thread(String),
}

/// A date that stands alone.
struct Day {
    day: Date,
    text: String,
    /// Bytes of text between the headline and it.
    before: usize,
}

/// Classifies the dates after the headline.
pub fn of(clues: &Clues<'_>, headline: Option<usize>, order: Order) -> Series {
    let days = days(clues, headline.unwrap_or(0), order);
    let mut distinct: Vec<Date> = days.iter().map(|day| day.day).collect();
    distinct.sort();
    distinct.dedup();
    let Some(first) = days.first() else { return Series::None };
    // With this much text before the first date, an article stands above a list of others.
    let parted =
        first.before > ARTICLE || days.windows(2).take(HEAD).any(|pair| pair[1].before - pair[0].before > ARTICLE);
    let count = |goes: fn(&Day, &Day) -> bool| days.windows(2).filter(|pair| goes(&pair[0], &pair[1])).count();
    let (up, down) = (count(|a, b| a.day < b.day), count(|a, b| a.day > b.day));
    let is_many = distinct.len() >= FEWEST || distinct.len() > 1 && days.len() >= MANY;
    // Posts quote others with their dates; none is earlier than the first post.
    let begins = distinct.first() == Some(&first.day) && distinct.len() > 1;
    if clues.posts >= POSTS && days.len() >= POSTS && (begins || down * 8 <= up) {
        Series::Thread(first.text.clone())
    } else if !parted && (up * 4 <= down && is_many || distinct.len() >= EVENTS && down * 4 <= up) {
        Series::List
    } else {
        Series::None
    }
}

/// Returns the date of every short piece of text and of every `<time>`, in page order.
fn days(clues: &Clues<'_>, from: usize, order: Order) -> Vec<Day> {
    let mut times = clues.times.iter().filter(|(at, _)| *at > from && !clues.is_outside(*at)).peekable();
    let (mut days, mut before) = (Vec::new(), 0);
    for (at, piece) in clues.pieces.iter().filter(|(at, _)| *at > from).take(REACH) {
        let start = before;
        before += piece.len();
        // The text inside a `<time>` repeats its date.
        let time = times.next_if(|(place, _)| place < at).map(|(_, time)| time.as_str());
        let piece = time.unwrap_or(piece);
        if !piece.bytes().any(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let text = if time.is_some() { piece.to_owned() } else { text::collapse(piece) };
        let is_other = || is_of_something_else(&text) || is_of_something_else(&clues.label(*at));
        let length = text.chars().count();
        if length > BARE && (length > SHORT || !is_of_publication(&text)) {
            continue;
        }
        if let Some(read) = dates::first(&text, order).filter(|_| !is_other()) {
            days.push(Day { day: read.day, text, before: start });
        }
    }
    days
}
