//! Which parts inside the container are not the article.

use crate::html::text;

use super::container::Scores;
use super::cues::Cue;
use super::scan::Scan;

/// A part that holds so much of the container's text is the article, whatever it is called.
const TOO_MUCH: f64 = 0.4;

/// A byline or a date is no heavier than this (80 Han characters, 240 letters).
const HEADER_LINE: usize = 240;

/// Judges each part below one container.
pub struct Clean<'s, 'a> {
    scan: &'s Scan<'a>,
    container: usize,
    score: f64,
    scores: &'s Scores,
    title: String,
}

impl<'s, 'a> Clean<'s, 'a> {
    /// A judge for what stands below `container`; `title` is the article's, empty when it has none.
    pub fn new(scan: &'s Scan<'a>, scores: &'s Scores, container: usize, title: &str) -> Self {
        let score = scores.below(scan, container).max(1.0);
        Self { scan, container, score, scores, title: text::collapse(title) }
    }

    /// Why the element at `index` is not the article; None when it stays.
    pub fn reason(&self, index: usize) -> Option<&'static str> {
        let share = self.scores.below(self.scan, index) / self.score;
        let text = self.scan.text(index);
        match self.scan.entries[index].cue {
            Cue::Beside(word) if share < TOO_MUCH && !self.is_lead_picture(index) => return Some(word),
            Cue::Header if text.weight <= HEADER_LINE && text.marks <= 6 && !self.holds_picture(index) => {
                return Some("byline or date");
            }
            _ => {}
        }
        match self.scan.name(index) {
            "h1" | "h2" if self.is_title(index) => Some("the title, which the front matter holds"),
            "ul" | "ol" | "dl" | "table" | "div" | "section" | "header" if self.is_link_list(index, share) => {
                Some("a list of links")
            }
            "form" | "fieldset" if share < 0.1 => Some("a form"),
            _ => None,
        }
    }

    fn is_title(&self, index: usize) -> bool {
        let text: String = self.text_of(index);
        let heading = text::collapse(&text);
        !heading.is_empty()
            && !self.title.is_empty()
            && (heading == self.title || self.title.starts_with(&heading) && heading.len() * 2 > self.title.len())
    }

    fn text_of(&self, index: usize) -> String {
        self.scan.entries[index].node.descendants().filter_map(|n| n.value().as_text()).map(|t| &*t.text).collect()
    }

    fn is_link_list(&self, index: usize, share: f64) -> bool {
        let text = self.scan.text(index);
        let links = (index..self.scan.entries[index].end).filter(|&below| self.scan.name(below) == "a").take(3).count();
        text.link_density() > 0.7 && links >= 3 && share < 0.2 && !self.holds_heading_of_article(index)
    }

    /// A linked table of contents or list of headings may hold the article's own headings.
    fn holds_heading_of_article(&self, index: usize) -> bool {
        self.scan.entries[index].cue == Cue::Content && index != self.container
    }

    /// A banner or header that is nothing but a large picture leads the article.
    fn is_lead_picture(&self, index: usize) -> bool {
        matches!(self.scan.entries[index].cue, Cue::Beside("masthead" | "banner" | "carousel"))
            && self.scan.text(index).weight <= HEADER_LINE
            && (index..self.scan.entries[index].end).any(|below| self.scan.name(below) == "figure")
    }

    fn holds_picture(&self, index: usize) -> bool {
        (index..self.scan.entries[index].end).any(|below| matches!(self.scan.name(below), "img" | "picture" | "video"))
    }
}
