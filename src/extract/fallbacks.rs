//! Fallbacks when the model selects almost no text: the container with most of the page's sentences, then the text in
//! structured data, then the excerpt in the page's description.

use super::MIN_TEXT;
use super::blocks::features::PageFacts;
use super::build::{self, Built, Omissions, Source};
use super::classify;
use super::confidence::SHELL;
use super::container::{self, Scores};
use super::coverage::Coverage;
use super::metadata::Findings;
use super::notes::Notes;
use super::scan::Scan;
use super::selection::Selection;
use super::units;
use crate::html::{Page, text};
use crate::model::{Origin, RawPage, Step, Warning, WarningKind};

/// A selection of less weight (130 Han characters, 400 letters) is thin.
const THIN: u32 = 400;

/// A fallback must hold at least this many times the selected text.
const TIMES: u32 = 3;

/// A container with a larger share of its text in links is a menu.
const LINKED: f64 = 0.3;

/// The minimum number of punctuation marks in a container of prose.
const MARKS: u32 = 4;

/// The expected F-measure of the container fallback, for the confidence.
const CONTAINER: f64 = 0.5;

/// The same for text in structured data: it is the publisher's own, but may be cut.
const STRUCTURED_DATA: f64 = 0.7;

/// What the article is taken from when the model's selection is thin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The container with most of the page's sentences.
    Container,
    /// The text in structured data.
    StructuredData,
    /// The beginning of the text, in the page's description.
    Excerpt,
}

impl Fallback {
    fn name(self) -> &'static str {
        match self {
            Self::Container => "the container with most of the page's sentences",
            Self::StructuredData => "the text in structured data",
            Self::Excerpt => "the excerpt in the page's description",
        }
    }

    /// Returns the trace of the choice.
    pub fn step(self) -> Step {
        let reason = "the selected blocks hold almost no text".to_owned();
        Step { step: "fallback", kept: true, what: self.name().to_owned(), reason, score: None }
    }

    /// Returns the warning that the article carries.
    pub fn warning(self) -> Warning {
        if self == Self::Excerpt {
            let detail = format!("scripts fill this page in, and only an excerpt is available: {}", self.name());
            return Warning::new(WarningKind::AppShell, format!("{detail}; save it from a browser"));
        }
        let detail = format!("almost no text was recognised as the article; it was replaced by {}", self.name());
        Warning::new(WarningKind::SecondChoice, detail)
    }
}

/// Replaces a thin selection by the first fallback with enough text. Returns None when the selection stays.
pub fn choose(scan: &Scan<'_>, selection: &mut Selection, facts: &PageFacts<'_>) -> Option<Fallback> {
    let (title, body) = (facts.title, facts.body);
    let kept = weight(selection, &selection.kept);
    if kept >= THIN {
        return None;
    }
    let wanted = (TIMES * kept).max(THIN);
    let part = container::find(scan, &Scores::of(scan)).filter(|&part| is_prose(scan, selection, part));
    if let Some(blocks) = part.map(|part| blocks_of(scan, selection, part))
        && weight(selection, &blocks) >= wanted
    {
        replace(selection, &blocks);
        units::correct(scan, selection);
        classify::drop_title(scan, selection, title);
        selection.expected = CONTAINER;
        return Some(Fallback::Container);
    }
    let is_longer = text::weight(body) >= wanted as usize;
    let from_data = is_longer.then_some(Fallback::StructuredData);
    // An excerpt is used only when there is nothing else.
    let is_nothing = (kept as usize) < MIN_TEXT;
    let fallback = from_data.or_else(|| (is_nothing && !facts.excerpt.is_empty()).then_some(Fallback::Excerpt))?;
    replace(selection, &vec![false; selection.kept.len()]);
    selection.expected = STRUCTURED_DATA;
    Some(fallback)
}

/// Returns the page's description when it is the beginning of the article: it is longer than the text that the page shows,
/// and longer than what is kept of an empty page frame. Empty otherwise.
pub fn excerpt<'f>(scan: &Scan<'_>, found: &'f Findings) -> &'f str {
    let text = found.excerpt.as_deref().unwrap_or_default();
    let weight = text::weight(text);
    if weight >= SHELL && weight > scan.text(0).weight { text } else { "" }
}

/// Builds an article from text in structured data, which may contain HTML.
pub fn build_text(page: &Page, text: &str) -> Built {
    let html = if text.contains("</") { text.to_owned() } else { paragraphs(text) };
    let raw = RawPage::from_bytes(html.into_bytes(), page.url.clone(), Origin::Replay, None);
    let page = Page { headers: page.headers.clone(), base: page.base.clone(), ..Page::parse_fragment(&raw) };
    let scan = Scan::of(&page);
    let selection = Selection::all(&scan);
    let notes = Notes::of(&scan);
    let source = Source { page: &page, scan: &scan, notes: &notes };
    build::build(source, 0, Some(&Coverage::new(&scan, &selection)), Omissions::Untraced)
}

/// Returns HTML with a paragraph for each line.
fn paragraphs(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    let lines = escaped.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("<p>{line}</p>")).collect()
}

fn weight(selection: &Selection, blocks: &[bool]) -> u32 {
    selection.blocks.iter().zip(blocks).filter(|(_, of)| **of).map(|(block, _)| block.text.weight).sum()
}

/// Returns true for a container of prose: punctuation, and few links.
fn is_prose(scan: &Scan<'_>, selection: &Selection, part: usize) -> bool {
    let inside = selection.containers.inside(scan, part);
    inside.marks >= MARKS && f64::from(inside.linked) <= LINKED * f64::from(inside.weight)
}

/// Marks the visible blocks of a container that are not mostly links.
fn blocks_of(scan: &Scan<'_>, selection: &Selection, part: usize) -> Vec<bool> {
    let (from, to) = selection.containers.range(scan, part);
    let is_seen = |at: usize| {
        let block = &selection.blocks[at];
        !scan.entries[block.first].hidden && f64::from(block.text.link_density()) <= LINKED
    };
    (0..selection.blocks.len()).map(|at| (from..to).contains(&at) && is_seen(at)).collect()
}

fn replace(selection: &mut Selection, blocks: &[bool]) {
    for (at, &taken) in blocks.iter().enumerate() {
        if selection.kept[at] != taken {
            selection.kept[at] = taken;
            selection.overruled[at] = Some("the first selection held almost no text");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applies the fallbacks to a selection of the headings alone.
    fn choose_from_headings(html: &str) -> (Option<Fallback>, String) {
        let raw = RawPage::from_bytes(html.as_bytes().to_vec(), None, Origin::Replay, None);
        let page = Page::parse(&raw);
        let scan = Scan::of(&page);
        let mut selection = Selection::all(&scan);
        for at in 0..selection.kept.len() {
            selection.kept[at] = scan.name(selection.blocks[at].element) == "h2";
        }
        let fallback = choose(&scan, &mut selection, &PageFacts::default());
        let kept = selection.blocks.iter().zip(&selection.kept).filter(|(_, kept)| **kept);
        (fallback, kept.map(|(block, _)| block.words(&scan)).collect())
    }

    #[test]
    fn the_container_with_the_sentences_replaces_an_almost_empty_selection() {
        let line =
            "老船工从十六岁起就在这条河上撑船，大桥通车以后，坐船的只剩下对岸的几个学生，还有舍不得绕路的卖菜人。";
        let menu = "<li><a href=/a>渡口周刊</a></li>".repeat(9);
        let page = format!("<ul>{menu}</ul><h2>渡口</h2><div class=x>{}</div>", format!("<p>{line}</p>").repeat(12));
        let (fallback, kept) = choose_from_headings(&page);
        assert_eq!(fallback, Some(Fallback::Container));
        assert!(kept.matches(line).count() == 12 && !kept.contains("渡口周刊"), "{kept}");
    }

    #[test]
    fn the_selection_of_a_page_without_sentences_stays() {
        let cards = "<li><a href=/a>渡口的老船工姓吴，今年七十三岁</a></li>".repeat(40);
        let (fallback, kept) = choose_from_headings(&format!("<h2>渡口</h2><ul>{cards}</ul>"));
        assert_eq!((fallback, kept.as_str()), (None, "渡口"));
    }
}
