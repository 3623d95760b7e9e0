//! One walk over a page for everything that may say what it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::html::{ElementRef, Node, Page, text};

use super::jsonld::{self, Ld};
use crate::extract::blocks::names::HEADLINE;
use crate::extract::cues;
use crate::extract::scan::Scan;

/// No value is looked at further than this, in characters.
pub const LONGEST: usize = 1000;

/// Lines that are called author, date or the like; a page has a few of them, a hostile one any number.
const MOST_LINES: usize = 60;

/// Fewer cards than this are no list.
const FEWEST_CARDS: usize = 3;

/// Parts of one line that are looked at.
const MOST_PARTS: usize = 12;

/// The topics, by their places in `blocks::names`, of what has bylines and dates of its own: comments, the footer,
/// related articles, questions of consent, and the tags `<nav>` and `<footer>`.
const BESIDE: u64 = 1 | 1 << 2 | 1 << 8 | 1 << 11 | 1 << 44 | 1 << 45;

/// The topic of feet and bottoms.
const FOOT: u64 = 1 << 2;

/// The tag `<footer>`.
const FOOT_TAG: u64 = 1 << 45;

/// The first of so many parts of a page's text are its beginning.
const EARLY: usize = 4;

/// Those of them that tags stand for.
const TAGGED: u64 = 1 << 44 | 1 << 45;

/// The foot of an article with less text than this (80 Han characters, 240 letters) has its facts; with more, links.
const FACTS: usize = 240;

/// The topics of a part that tells of the article, whatever else it is: byline, date, meta. A blog's `<footer>` may be one.
const ABOUT: u64 = 1 << 4 | 1 << 5 | 1 << 6;

/// A label stands no further before what it names, in nodes.
const LABEL_REACH: usize = 6;

/// How much text is kept for telling the language, in characters.
const SAMPLE: usize = 4000;

/// Text of a part whose name says what it holds.
pub struct Line {
    /// What the part is called.
    pub role: Role,
    /// Its text, collapsed.
    pub text: String,
    /// The texts of its parts, each collapsed: a name ends where its element ends.
    pub parts: Vec<String>,
    /// Where it stands among the page's elements.
    pub at: usize,
}

/// What a part of the page is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// author, byline, writer.
    Author,
    /// date, time, pub.
    Date,
    /// info, meta, source: anything of a header line.
    Info,
}

/// Everything found, in page order.
#[derive(Default)]
pub struct Clues<'a> {
    metas: BTreeMap<String, Vec<&'a str>>,
    /// The JSON-LD object that stands for the article.
    pub ld: Ld,
    /// `<title>`.
    pub title: Option<String>,
    /// Every `<h1>` with text, with its place.
    pub headings: Vec<(usize, String)>,
    /// Texts of those that lead to the front page: what the site calls itself.
    pub home_names: Vec<String>,
    /// How many elements are called posts by number, as forums have them.
    pub posts: usize,
    /// `lang` of `<html>` or `<body>`.
    pub language: Option<&'a str>,
    /// `href` of `<link rel=canonical>`.
    pub canonical: Option<&'a str>,
    /// Microdata and RDFa: the property's name and value.
    pub properties: BTreeMap<String, Vec<String>>,
    /// What microdata calls the day of publication or making, in page order.
    pub days: Vec<String>,
    /// `<time>`: `datetime`, else its text, with its place.
    pub times: Vec<(usize, String)>,
    /// Places that templates name as the day of the last change (hAtom's `updated`), for machines.
    updated: BTreeSet<usize>,
    /// Lines whose part is named.
    pub lines: Vec<Line>,
    /// Texts of `rel=author` links, with their place.
    pub author_links: Vec<(usize, String)>,
    /// Addresses under which the page says it may be used: of `rel=license`, and of Creative Commons.
    pub licences: Vec<(&'static str, &'a str)>,
    /// The start of the page's visible text.
    pub sample: String,
    /// Pieces of visible text with their place: what stands near the headline is looked for here. What stands beside
    /// the article is not among them.
    pub pieces: Vec<(usize, &'a str)>,
    /// True for every node that stands beside the article: in comments, related cards, navigation, the footer.
    beside: Vec<bool>,
}

impl<'a> Clues<'a> {
    /// Walks a page.
    pub fn of(page: &'a Page, scan: &Scan<'_>) -> Self {
        let mut clues = Self { beside: beside(scan), ..Self::default() };
        let mut scripts = Vec::new();
        let mut sampled = 0;
        for (at, node) in page.dom.root().descendants().enumerate() {
            match node.value() {
                Node::Element(_) => {
                    if let Some(element) = ElementRef::wrap(node) {
                        let named = scan.entries[at].topics & HEADLINE != 0;
                        clues.element(at, element, named, &mut scripts);
                    }
                }
                Node::Text(found) if !found.text.trim().is_empty() && is_read(node) => {
                    if !clues.beside[at] {
                        clues.pieces.push((at, &found.text));
                    }
                    if sampled < SAMPLE {
                        let (end, count) = start_of(&found.text, SAMPLE);
                        sampled += count;
                        clues.sample.push_str(&found.text[..end]);
                    }
                }
                _ => {}
            }
        }
        // Frameworks that know no scripts in a page's head write `<meta name="script:ld+json">`.
        let named = clues.metas.iter().filter(|(name, _)| name.ends_with("ld+json"));
        scripts.extend(named.flat_map(|(_, values)| values.iter().map(|value| (*value).to_owned())));
        clues.ld = jsonld::article(&scripts);
        clues
    }

    /// The first value of the first of these `<meta>` names that has one.
    pub fn meta(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.metas.get(*name)?.first().copied())
    }

    /// Every value of a `<meta>` name.
    pub fn metas(&self, name: &str) -> &[&'a str] {
        self.metas.get(name).map_or(&[], Vec::as_slice)
    }

    /// The address that the page says it has; None where it says nothing that is one.
    pub fn claimed_address(&self) -> Option<url::Url> {
        url::Url::parse(self.canonical.or(self.meta(&["og:url"]))?).ok()
    }

    /// The values of `<meta>` names that have all these words in them, set apart by `-`, `_`, `.` or `:`.
    pub fn metas_called<'s>(&'s self, words: &'s [&str]) -> impl Iterator<Item = &'a str> + 's {
        let called = |name: &str| words.iter().all(|word| name.split(['-', '_', '.', ':']).any(|part| part == *word));
        self.metas.iter().filter(move |(name, _)| called(name)).flat_map(|(_, values)| values.first().copied())
    }

    /// True for what stands beside the article, by its place.
    pub fn is_beside(&self, at: usize) -> bool {
        self.beside.get(at).copied().unwrap_or(false)
    }

    /// True for what a class alone calls the day of the last change.
    pub fn is_updated(&self, at: usize) -> bool {
        // The text right inside it too.
        self.updated.contains(&at) || at > 0 && self.updated.contains(&(at - 1))
    }

    /// The short piece of text right before a place, which may say of what day a date is: `Updated on`; empty where
    /// there is none.
    pub fn label(&self, at: usize) -> String {
        let before = self.pieces.partition_point(|(piece, _)| *piece < at).checked_sub(1);
        let (place, text) = before.and_then(|before| self.pieces.get(before)).copied().unwrap_or((0, ""));
        let text = text::collapse(text);
        let is_label =
            at < place + LABEL_REACH && text.chars().count() < 30 && !text.contains(|c: char| c.is_ascii_digit());
        if is_label { text + " " } else { String::new() }
    }

    /// How many different lines are called ones of authors.
    pub fn signed(&self) -> usize {
        let lines = self.lines.iter().filter(|line| line.role == Role::Author).map(|line| line.text.as_str());
        lines.collect::<std::collections::BTreeSet<_>>().len()
    }

    /// How many pieces of text stand between two places; negative where the second comes first.
    pub fn distance(&self, from: usize, to: usize) -> isize {
        let place = |at: usize| self.pieces.partition_point(|(piece, _)| *piece < at) as isize;
        place(to) - place(from)
    }

    /// The first value of a microdata property.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name)?.first().map(String::as_str)
    }

    fn element(&mut self, at: usize, element: ElementRef<'a>, named: bool, scripts: &mut Vec<String>) {
        let source = element.value();
        let name = source.name();
        match name {
            "meta" => self.meta_element(element),
            "title" if self.title.is_none() && !inside_svg(element) => {
                self.title = non_empty(text::collapse(&element.text().take(8).collect::<String>()))
            }
            "html" | "body" => self.language = self.language.or(source.attr("lang").or(source.attr("xml:lang"))),
            "h1" => {
                if let Some(text) = non_empty(heading_of(element)) {
                    if leads_home(element) {
                        self.home_names.push(text.clone());
                    }
                    self.headings.push((at, text));
                }
            }
            "link" if has_word(source.attr("rel"), "canonical") => {
                self.canonical = self.canonical.or(source.attr("href"));
            }
            "time" => {
                let written = source.attr("datetime").map(str::to_owned).filter(|value| !value.trim().is_empty());
                self.times.push((at, written.unwrap_or_else(|| text_of(element))));
            }
            "script"
                if source.attr("type").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/ld+json")) =>
            {
                scripts.push(element.text().collect());
            }
            "a" if has_word(source.attr("rel"), "author") && !self.beside[at] => {
                self.author_links.extend(non_empty(text_of(element)).map(|text| (at, text)));
            }
            _ => {}
        }
        if let "a" | "link" = name
            && let Some(href) = source.attr("href")
        {
            if has_word(source.attr("rel"), "license") {
                self.licences.push(("rel=license", href));
            } else if is_creative_commons(href) {
                self.licences.push(("link", href));
            }
        }
        if has_word(source.attr("class"), "updated") && !has_word(source.attr("class"), "published") {
            self.updated.insert(at);
        }
        self.posts += usize::from(source.attr("id").is_some_and(is_post));
        if let Some(properties) = source.attr("itemprop").or(source.attr("property")) {
            self.property_element(element, properties);
        }
        // Discuz, on which half of the Chinese forums run, shortens the word.
        let named = named || source.attr("class") == Some("authi");
        if named
            && self.lines.len() < MOST_LINES
            && !matches!(name, "body" | "html" | "main" | "article" | "meta" | "link")
            && let Some(role) = role(element)
            && !self.beside[at]
            && let Some(text) = non_empty(text_of(element))
        {
            self.lines.push(Line { role, text, parts: parts_of(element), at });
        }
    }

    fn meta_element(&mut self, element: ElementRef<'a>) {
        // Some templates write `value`.
        let content = element.attr("content").or_else(|| element.attr("value"));
        let Some(content) = content.map(str::trim).filter(|content| !content.is_empty()) else { return };
        for key in ["name", "property", "itemprop", "http-equiv"].iter().filter_map(|attr| element.attr(attr)) {
            for key in key.split_whitespace() {
                self.metas.entry(key.to_ascii_lowercase()).or_default().push(content);
            }
        }
    }

    fn property_element(&mut self, element: ElementRef<'a>, properties: &str) {
        if element.value().name() == "meta" {
            return;
        }
        let value = ["content", "datetime"].iter().find_map(|attr| element.attr(attr)).map(str::to_owned);
        let named = || {
            // A person inside: the name is a property of its own.
            let inner = element.descendants().skip(1).take(40).filter_map(ElementRef::wrap);
            inner.filter(|below| has_word(below.attr("itemprop"), "name")).find_map(|below| non_empty(text_of(below)))
        };
        let value = value.or_else(named).or_else(|| non_empty(text_of(element)));
        let Some(value) = value else { return };
        for property in properties.split_whitespace() {
            let property = property.rsplit([':', '/']).next().unwrap_or_default().to_ascii_lowercase();
            if matches!(property.as_str(), "datepublished" | "datecreated") && self.days.len() < MOST_LINES {
                self.days.push(value.chars().take(LONGEST).collect());
            }
            if matches!(property.as_str(), "headline" | "author" | "datemodified" | "creator") {
                self.properties.entry(property).or_default().push(value.chars().take(LONGEST).collect());
            }
        }
    }
}

/// An element's text, collapsed, no further than [`LONGEST`].
fn text_of(element: ElementRef<'_>) -> String {
    let read = element.descendants().filter_map(|node| node.value().as_text().filter(|_| is_read(node)));
    let mut text = String::new();
    for piece in read {
        text.extend(piece.text.chars().take(LONGEST));
        if text.len() > 4 * LONGEST {
            break;
        }
        // Neighbouring parts are words of their own, as far as names and dates are concerned.
        text.push(' ');
    }
    text::collapse(&text).chars().take(LONGEST).collect()
}

/// A heading's text: what stands inline is one word with its neighbours, and the sign that links to it is no part of it.
fn heading_of(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    for node in element.descendants().skip(1) {
        match node.value() {
            Node::Text(found) if is_read(node) => text.extend(found.text.chars().take(LONGEST)),
            Node::Element(found) if !cues::is_inline(found.name()) || found.name() == "br" => text.push(' '),
            _ => {}
        }
        if text.len() > 4 * LONGEST {
            break;
        }
    }
    let text: String = text::collapse(&text).chars().take(LONGEST).collect();
    text.trim_end_matches(['¶', '#', '§', '🔗', ' ']).to_owned()
}

/// `p2270718`, `post_1324873`, `pid12`, `msg-77`.
fn is_post(id: &str) -> bool {
    let name = id.trim_end_matches(|c: char| c.is_ascii_digit());
    let name = name.trim_end_matches(['-', '_']);
    id.ends_with(|c: char| c.is_ascii_digit()) && ["p", "post", "pid", "msg", "message"].contains(&name)
}

/// A heading that is a link to the front page.
fn leads_home(heading: ElementRef<'_>) -> bool {
    let inner = heading.descendants().skip(1).take(6).filter_map(ElementRef::wrap);
    let around = heading.ancestors().take(2).filter_map(ElementRef::wrap);
    inner.chain(around).filter(|element| element.value().name() == "a").filter_map(|link| link.attr("href")).any(
        |href| {
            let host = href.split_once("://").map(|(_, rest)| rest);
            href == "/"
                || host.is_some_and(|rest| rest.trim_end_matches('/').chars().all(|c| c != '/' && c != '?' && c != '#'))
        },
    )
}

/// The texts of an element's parts, as far as a line of names goes.
fn parts_of(element: ElementRef<'_>) -> Vec<String> {
    let read = element.descendants().filter_map(|node| node.value().as_text().filter(|_| is_read(node)));
    read.map(|piece| text::collapse(&piece.text)).filter(|text| !text.is_empty()).take(MOST_PARTS).collect()
}

/// Where the first so many characters of a text end, and how many there are.
fn start_of(text: &str, most: usize) -> (usize, usize) {
    if text.is_ascii() {
        let end = text.len().min(most);
        return (end, end);
    }
    text.char_indices().take(most).fold((0, 0), |(_, count), (at, c)| (at + c.len_utf8(), count + 1))
}

/// An element that says it is an article.
fn is_article(scan: &Scan<'_>, at: usize) -> bool {
    let Some(element) = scan.element(at) else { return false };
    let kind = element.attr("itemtype").unwrap_or_default();
    scan.name(at) == "article" || kind.ends_with("Article") || kind.ends_with("BlogPosting")
}

/// What stands beside the article, node by node: whatever is in comments, related cards, navigation or a footer.
fn beside(scan: &Scan<'_>) -> Vec<bool> {
    let cards = cards(scan);
    // What the page's only heading stands in is no panel over it, whatever its looks are called.
    let mut headings = (0..scan.entries.len()).filter(|&at| scan.name(at) == "h1" && scan.text(at).weight > 0);
    let heading = headings.next().filter(|_| headings.next().is_none());
    // The foot of the page's only article has the article's own facts.
    let mut articles = (0..scan.entries.len()).filter(|&at| is_article(scan, at));
    let article = articles.next().filter(|_| articles.next().is_none());
    let article = article.map_or(0..0, |at| at..scan.entries[at].end);
    let whole = scan.text(0).weight;
    let mut before = 0;
    let mut beside: Vec<bool> = Vec::with_capacity(scan.entries.len());
    for (at, entry) in scan.entries.iter().enumerate() {
        // What holds most of the page is named for what else is in it.
        let is_part = scan.text(at).weight * 2 < whole;
        let is_headed = heading.is_some_and(|heading| (at..entry.end).contains(&heading));
        // What is called the foot or the bottom of something near the page's beginning is not the page's.
        let is_early = before * EARLY < whole;
        let is_own_foot = article.contains(&at) && scan.text(at).weight < FACTS;
        let lifted = match (is_own_foot, is_early) {
            (true, _) => FOOT | FOOT_TAG,
            (false, true) => FOOT,
            (false, false) => 0,
        };
        let topics = if is_headed { TAGGED } else { BESIDE } & !lifted;
        before += entry.own.weight;
        let is_named = entry.topics & topics != 0
            && entry.topics & ABOUT == 0
            && !matches!(scan.name(at), "html" | "body" | "main" | "article" | "header" | "h1" | "time");
        let own = is_part && (is_named || cards.contains(&at));
        beside.push(own || entry.parent < at && beside[entry.parent]);
    }
    beside
}

/// The `article`s of a list: several of them, each under a heading that links elsewhere.
fn cards(scan: &Scan<'_>) -> std::collections::BTreeSet<usize> {
    let mut cards = std::collections::BTreeSet::new();
    // The nearest `article` around each node, or usize::MAX.
    let mut around: Vec<usize> = Vec::with_capacity(scan.entries.len());
    let mut headed: Vec<bool> = Vec::with_capacity(scan.entries.len());
    for (at, entry) in scan.entries.iter().enumerate() {
        let name = scan.name(at);
        let outer = if entry.parent < at { around[entry.parent] } else { usize::MAX };
        let in_heading = entry.parent < at && headed[entry.parent] || matches!(name, "h2" | "h3" | "h4");
        around.push(if name == "article" { at } else { outer });
        headed.push(in_heading);
        if name == "a" && outer != usize::MAX && in_heading {
            cards.insert(outer);
        }
    }
    if cards.len() < FEWEST_CARDS { std::collections::BTreeSet::new() } else { cards }
}

fn is_creative_commons(href: &str) -> bool {
    let rest = href.trim_start_matches("https:").trim_start_matches("http:").trim_start_matches("//");
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    rest.strip_prefix("creativecommons.org/")
        .is_some_and(|path| path.starts_with("licenses/") || path.starts_with("publicdomain/"))
}

fn is_read(node: crate::html::NodeRef<'_>) -> bool {
    !node.parent().is_some_and(|parent| {
        parent.value().as_element().is_some_and(|element| {
            matches!(element.name(), "script" | "style" | "noscript" | "template" | "title" | "button" | "rt" | "rp")
        })
    })
}

fn non_empty(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn has_word(value: Option<&str>, wanted: &str) -> bool {
    value.is_some_and(|value| value.split_whitespace().any(|word| word.eq_ignore_ascii_case(wanted)))
}

fn inside_svg(element: ElementRef<'_>) -> bool {
    element.ancestors().take(3).any(|above| above.value().as_element().is_some_and(|above| above.name() == "svg"))
}

fn role(element: ElementRef<'_>) -> Option<Role> {
    let mut found = None;
    for value in [element.attr("class"), element.attr("id")].into_iter().flatten() {
        for word in value.split_whitespace().take(12).flat_map(cues::words) {
            match word.as_str() {
                "author" | "authors" | "authi" | "byline" | "writer" | "reporter" | "zuozhe" | "contributor"
                | "journalist" => {
                    return Some(Role::Author);
                }
                "date" | "time" | "datetime" | "pubtime" | "pubdate" | "timestamp" | "published" | "posted"
                | "postdate" | "shijian" => {
                    found = Some(Role::Date);
                }
                "info" | "meta" | "source" | "pub" | "post-info" | "dateline" | "subtitle" | "laiyuan"
                    if found.is_none() =>
                {
                    found = Some(Role::Info);
                }
                _ => {}
            }
        }
    }
    found
}
