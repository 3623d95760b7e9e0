//! What answers in the place of an article on one day in ten.

use super::languages::Language;

/// A kind of answer that is not the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wall {
    /// One of the walls of the language.
    Worded(usize),
    /// A page that only scripts fill.
    Shell,
    /// The first part of the page.
    Cut,
    /// A redirect to the home page.
    Home,
    /// An error of the server, and a feed that has the beginning of the text.
    Excerpt,
}

pub const WALLS: [Wall; 12] = [
    Wall::Worded(0),
    Wall::Worded(1),
    Wall::Worded(2),
    Wall::Worded(3),
    Wall::Worded(4),
    Wall::Worded(5),
    Wall::Worded(6),
    Wall::Worded(7),
    Wall::Shell,
    Wall::Cut,
    Wall::Home,
    Wall::Excerpt,
];

impl Wall {
    /// Returns what answers for a page whose article page would be `good`, at a visit of this number.
    pub fn html(self, l: &Language, good: &str, number: u64) -> String {
        match self {
            Self::Worded(which) => {
                let (title, text) = l.walls[which];
                let text = text.replace("{}", &format!("{:x}", number * 104_729));
                page(l, title, &format!("<main><h1>{title}</h1>{text}</main>"))
            }
            Self::Shell => format!(
                "<!DOCTYPE html><html lang={}><head><title>{}</title></head><body><div id=app></div>\
                 <script src='/app.js?{number}'></script></body></html>",
                l.code, l.title
            ),
            Self::Cut => {
                let middle = good.find(l.paragraphs[3]).unwrap_or(good.len() / 2);
                good[..middle + l.paragraphs[3].char_indices().nth(9).map_or(0, |(at, _)| at)].to_owned()
            }
            Self::Home | Self::Excerpt => String::new(),
        }
    }
}

/// Returns a page.
pub fn page(l: &Language, title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang={}><head><meta charset=utf-8><title>{title}</title></head><body>{body}</body></html>",
        l.code
    )
}
