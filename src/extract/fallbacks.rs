//! What is tried when the model leaves next to nothing: the part of the page that holds most of its sentences, then the
//! text that the page tells programs, then the excerpt of it that it tells them.

use super::NOTHING;
use super::blocks::features::PageFacts;
use super::build::{self, Built, Source};
use super::classify;
use super::confidence::SHELL;
use super::container::{self, Scores};
use super::coverage::Coverage;
use super::metadata::Found;
use super::notes::Notes;
use super::scan::Scan;
use super::selection::Selection;
use super::units;
use crate::html::{Page, text};
use crate::model::{Origin, RawPage, Step, Warning};

/// A choice that holds less text (130 Han characters, 400 letters) is thin.
const THIN: u32 = 400;

/// What is taken in its place holds so many times as much.
const TIMES: u32 = 3;

/// A part with a larger share of its text in links is a menu.
const LINKED: f64 = 0.3;

/// Without so many sentence marks, a part tells nothing.
const MARKS: u32 = 4;

/// How right the choice of a part in place of the model's is expected to be, as confidence has it.
const PART: f64 = 0.5;

/// The same for a text that was told to programs: it is the publisher's own, and may be cut.
const TOLD: f64 = 0.7;

/// What the article was taken from when the model's choice was thin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The part that holds most of the page's sentences.
    Readable,
    /// The text in structured data.
    Told,
    /// The beginning of the text, as the page describes itself.
    Excerpt,
}

impl Fallback {
    fn name(self) -> &'static str {
        match self {
            Self::Readable => "the part that holds most sentences",
            Self::Told => "the text in structured data",
            Self::Excerpt => "the excerpt in the page's description",
        }
    }

    /// As the trace has it.
    pub fn step(self) -> Step {
        let reason = "the blocks that were chosen hold next to no text".to_owned();
        Step { step: "ladder", kept: true, what: self.name().to_owned(), reason, score: None }
    }

    /// What the reader is told.
    pub fn warning(self) -> Warning {
        if self == Self::Excerpt {
            let detail = format!("scripts fill this page in, and all that is known of its text is {}", self.name());
            return Warning::new("app-shell", format!("{detail}; save it from a browser"));
        }
        let detail = format!("next to no text was found to be the article; it is {}", self.name());
        Warning::new("second-choice", detail)
    }
}

/// Takes something else where the choice is thin and something else is not. None where the choice stays.
pub fn choose(scan: &Scan<'_>, selection: &mut Selection, facts: &PageFacts<'_>) -> Option<Fallback> {
    let (title, told) = (facts.title, facts.body);
    let kept = weight(selection, &selection.kept);
    if kept >= THIN {
        return None;
    }
    let wanted = (TIMES * kept).max(THIN);
    let part = container::find(scan, &Scores::of(scan)).filter(|&part| is_told(scan, selection, part));
    if let Some(blocks) = part.map(|part| of(scan, selection, part))
        && weight(selection, &blocks) >= wanted
    {
        take(selection, &blocks);
        units::correct(scan, selection);
        classify::drop_title(scan, selection, title);
        selection.expected = PART;
        return Some(Fallback::Readable);
    }
    let is_longer = text::weight(told) >= wanted as usize;
    let told = is_longer.then_some(Fallback::Told);
    // An excerpt is better than nothing, and than nothing else.
    let is_nothing = (kept as usize) < NOTHING;
    let fallback = told.or_else(|| (is_nothing && !facts.excerpt.is_empty()).then_some(Fallback::Excerpt))?;
    take(selection, &vec![false; selection.kept.len()]);
    selection.expected = TOLD;
    Some(fallback)
}

/// The page's own description where it is the beginning of its text: the page says that it is an article, shows a reader
/// less than it tells programs, and tells them more than would be kept of a frame. Empty where it is none.
pub fn excerpt<'f>(scan: &Scan<'_>, found: &'f Found) -> &'f str {
    let text = found.excerpt.as_deref().unwrap_or_default();
    let weight = text::weight(text);
    if weight >= SHELL && weight > scan.text(0).weight { text } else { "" }
}

/// Builds an article from the text that programs are told, which may hold HTML.
pub fn build_told(page: &Page, told: &str) -> Built {
    let html = if told.contains("</") { told.to_owned() } else { paragraphs(told) };
    let raw = RawPage::from_bytes(html.into_bytes(), page.url.clone(), Origin::Replay, None);
    let page = Page { headers: page.headers.clone(), base: page.base.clone(), ..Page::parse_fragment(&raw) };
    let scan = Scan::of(&page);
    let selection = Selection::whole(&scan);
    let notes = Notes::of(&scan);
    let source = Source { page: &page, scan: &scan, notes: &notes };
    build::build(source, 0, Some(&Coverage::new(&scan, &selection)), false)
}

/// A paragraph for each line.
fn paragraphs(told: &str) -> String {
    let escaped = told.replace('&', "&amp;").replace('<', "&lt;");
    let lines = escaped.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("<p>{line}</p>")).collect()
}

fn weight(selection: &Selection, blocks: &[bool]) -> u32 {
    selection.blocks.iter().zip(blocks).filter(|(_, of)| **of).map(|(block, _)| block.text.weight).sum()
}

/// A part that tells something: sentences, and few links.
fn is_told(scan: &Scan<'_>, selection: &Selection, part: usize) -> bool {
    let inside = selection.containers.inside(scan, part);
    inside.marks >= MARKS && f64::from(inside.linked) <= LINKED * f64::from(inside.weight)
}

/// The blocks of a part that a reader sees and that lead nowhere else.
fn of(scan: &Scan<'_>, selection: &Selection, part: usize) -> Vec<bool> {
    let (from, to) = selection.containers.range(scan, part);
    let is_seen = |at: usize| {
        let block = &selection.blocks[at];
        !scan.entries[block.first].hidden && f64::from(block.text.link_density()) <= LINKED
    };
    (0..selection.blocks.len()).map(|at| (from..to).contains(&at) && is_seen(at)).collect()
}

fn take(selection: &mut Selection, blocks: &[bool]) {
    for (at, &taken) in blocks.iter().enumerate() {
        if selection.kept[at] != taken {
            selection.kept[at] = taken;
            selection.overruled[at] = Some("what was chosen first held next to no text");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Climbs from a choice that holds the headings alone.
    fn choose_from_headings(html: &str) -> (Option<Fallback>, String) {
        let raw = RawPage::from_bytes(html.as_bytes().to_vec(), None, Origin::Replay, None);
        let page = Page::parse(&raw);
        let scan = Scan::of(&page);
        let mut selection = Selection::whole(&scan);
        for at in 0..selection.kept.len() {
            selection.kept[at] = scan.name(selection.blocks[at].element) == "h2";
        }
        let fallback = choose(&scan, &mut selection, &PageFacts::default());
        let kept = selection.blocks.iter().zip(&selection.kept).filter(|(_, kept)| **kept);
        (fallback, kept.map(|(block, _)| block.words(&scan)).collect())
    }

    #[test]
    fn the_part_with_the_sentences_takes_the_place_of_next_to_nothing() {
        let line =
            "老船工从十六岁起就在这条河上撑船，大桥通车以后，坐船的只剩下对岸的几个学生，还有舍不得绕路的卖菜人。";
        let menu = "<li><a href=/a>渡口周刊</a></li>".repeat(9);
        let page = format!("<ul>{menu}</ul><h2>渡口</h2><div class=x>{}</div>", format!("<p>{line}</p>").repeat(12));
        let (fallback, kept) = choose_from_headings(&page);
        assert_eq!(fallback, Some(Fallback::Readable));
        assert!(kept.matches(line).count() == 12 && !kept.contains("渡口周刊"), "{kept}");
    }

    #[test]
    fn a_page_without_sentences_stays_as_it_was_judged() {
        let cards = "<li><a href=/a>渡口的老船工姓吴，今年七十三岁</a></li>".repeat(40);
        let (fallback, kept) = choose_from_headings(&format!("<h2>渡口</h2><ul>{cards}</ul>"));
        assert_eq!((fallback, kept.as_str()), (None, "渡口"));
    }
}
