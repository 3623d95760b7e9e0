//! The days of a page with many: a list's go down from the newest, a thread's and a calendar's go up from the first.

use jiff::civil::Date;

use crate::html::text;

use super::collect::Clues;
use super::date_words::{is_of_publication, is_of_something_else};
use super::dates::{self, Order};
use super::published::{BARE, SHORT};

/// Fewer different days than this are no list.
const FEWEST: usize = 4;

/// So many days, the same ones among them, are a list that fills in a day or two.
const MANY: usize = 8;

/// So many different days that go up, and no posts, are what is going to happen.
const EVENTS: usize = 10;

/// Fewer posts than this are no thread.
const POSTS: usize = 2;

/// Pieces of text that are looked through.
const REACH: usize = 6000;

/// More text than this, in bytes, between two days is an article under its own day.
const ARTICLE: usize = 1500;

/// An article's own days, of publication, of a change, are among so many first ones.
const HEAD: usize = 3;

/// What the days of a page are.
#[derive(Debug, PartialEq, Eq)]
pub enum Series {
    /// Too few, or in no order.
    None,
    /// Each part of the page has a day of its own.
    List,
    /// Every post has one; this is the text of the first.
    Thread(String),
}

/// A day that stands by itself.
struct Day {
    day: Date,
    text: String,
    /// Bytes of text between the headline and it.
    before: usize,
}

/// What the days after the headline are.
pub fn of(clues: &Clues<'_>, headline: Option<usize>, order: Order) -> Series {
    let days = days(clues, headline.unwrap_or(0), order);
    let mut distinct: Vec<Date> = days.iter().map(|day| day.day).collect();
    distinct.sort();
    distinct.dedup();
    let Some(first) = days.first() else { return Series::None };
    // So much text before the first of them is an article above a list of others.
    let parted =
        first.before > ARTICLE || days.windows(2).take(HEAD).any(|pair| pair[1].before - pair[0].before > ARTICLE);
    let count = |goes: fn(&Day, &Day) -> bool| days.windows(2).filter(|pair| goes(&pair[0], &pair[1])).count();
    let (up, down) = (count(|a, b| a.day < b.day), count(|a, b| a.day > b.day));
    let is_many = distinct.len() >= FEWEST || distinct.len() > 1 && days.len() >= MANY;
    // Posts quote others with their days; none is before the first.
    let begins = distinct.first() == Some(&first.day) && distinct.len() > 1;
    if clues.posts >= POSTS && days.len() >= POSTS && (begins || down * 8 <= up) {
        Series::Thread(first.text.clone())
    } else if !parted && (up * 4 <= down && is_many || distinct.len() >= EVENTS && down * 4 <= up) {
        Series::List
    } else {
        Series::None
    }
}

/// Every short piece of text that is a day, and every `<time>`, in page order.
fn days(clues: &Clues<'_>, from: usize, order: Order) -> Vec<Day> {
    let mut times = clues.times.iter().filter(|(at, _)| *at > from && !clues.is_beside(*at)).peekable();
    let (mut days, mut before) = (Vec::new(), 0);
    for (at, piece) in clues.pieces.iter().filter(|(at, _)| *at > from).take(REACH) {
        let start = before;
        before += piece.len();
        // The text inside a `<time>` is that day once more.
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
