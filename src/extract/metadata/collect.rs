//! One walk over a page for everything that may say what it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::html::{Element, ElementRef, Node, Page, text};

use super::beside;
use super::jsonld::{self, Ld};
use super::marks::{is_logo, is_post, is_user, leads_home};
use crate::extract::blocks::names::HEADLINE;
use crate::extract::elements;
use crate::extract::hints::Hints;
use crate::extract::naming;
use crate::extract::scan::{Entry, Scan};

/// No value is looked at further than this, in characters.
pub const LONGEST: usize = 1000;

/// Lines that are called author, date or the like; a page has a few of them, a hostile one any number.
const MOST_LINES: usize = 60;

/// Parts of one line that are looked at.
const MOST_PARTS: usize = 12;

/// A label stands no further before what it names, in nodes.
const LABEL_REACH: usize = 6;

/// The topic of titles.
const TITLE: u64 = 1 << 17;

/// A title that is no heading is no shorter, in characters, and shorter than the other.
const LEAST_TITLE: usize = 4;
const MOST_TITLE: usize = 200;

/// A piece of text beside a date that says of what day it is is no longer, in bytes.
const LONGEST_LABEL: usize = 90;

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
    /// source, laiyuan: the outlet that it is from.
    Source,
    /// nickname, account: who published it on a platform.
    Account,
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
    /// Texts of headings of lower rank and of parts called titles, each with its place.
    pub titled: Vec<(usize, String)>,
    /// `id` and `class` of `<body>`, which may hold the day of the page.
    pub body: String,
    /// Texts of those that lead to the front page: what the site calls itself.
    pub home_names: Vec<String>,
    /// How many elements are called posts by number, as forums have them.
    pub posts: usize,
    /// Texts of links to people's own pages, with their place.
    pub users: Vec<(usize, String)>,
    /// The account of a WeChat page.
    pub account: Option<String>,
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
    /// URLs under which the page says it may be used: of `rel=license`, and of Creative Commons.
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
        let mut clues = Self { beside: beside::nodes(scan), ..Self::default() };
        let mut scripts = Vec::new();
        let mut sampled = 0;
        for (at, node) in page.dom.root().descendants().enumerate() {
            match node.value() {
                Node::Element(_) => {
                    if let Some(element) = ElementRef::wrap(node) {
                        let topics = scan.entries[at].topics;
                        clues.element(at, element, &scan.entries[at], &mut scripts);
                        if topics & TITLE != 0 || matches!(element.value().name(), "h2" | "h3") {
                            clues.title_element(at, element);
                        }
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

    /// The URL that the page says it has; None where it says nothing that is one.
    pub fn claimed_url(&self) -> Option<url::Url> {
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

    /// The last words before a place, no further than a line goes, in lower case.
    pub fn before(&self, at: usize) -> String {
        let upto = self.pieces.partition_point(|(piece, _)| *piece < at);
        let near = self.pieces[upto.saturating_sub(3)..upto].iter().filter(|(piece, _)| at < piece + 2 * LABEL_REACH);
        near.map(|(_, piece)| piece.to_lowercase()).filter(|piece| piece.len() < LONGEST_LABEL).collect()
    }

    /// The first words after a place, as far as a line goes, in lower case.
    pub fn after(&self, at: usize) -> String {
        let from = self.pieces.partition_point(|(piece, _)| *piece <= at);
        let near = self.pieces[from..].iter().take(3).filter(|(piece, _)| *piece < at + 2 * LABEL_REACH);
        near.map(|(_, piece)| piece.chars().take(LONGEST_LABEL).collect::<String>().to_lowercase()).collect()
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

    fn element(&mut self, at: usize, element: ElementRef<'a>, entry: &Entry<'_>, scripts: &mut Vec<String>) {
        let source = element.value();
        let name = source.name();
        let told = Told::of(source);
        match name {
            "meta" => self.meta_element(element),
            "title" if self.title.is_none() && !inside_svg(element) => {
                self.title = non_empty(text::collapse(&element.text().take(8).collect::<String>()))
            }
            "html" | "body" => {
                self.language = self.language.or(source.attr("lang").or(source.attr("xml:lang")));
                for names in [told.id, told.class].into_iter().flatten() {
                    self.body.extend(names.chars().take(LONGEST).chain([' ']));
                }
            }
            "h1" => {
                if let Some(text) = non_empty(heading_of(element)) {
                    if leads_home(element) || is_logo(element) {
                        self.home_names.push(text.clone());
                    }
                    self.headings.push((at, text));
                }
            }
            "link" if has_word(told.rel, "canonical") => {
                self.canonical = self.canonical.or(told.href);
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
            "a" if has_word(told.rel, "author") && !self.beside[at] => {
                self.author_links.extend(non_empty(text_of(element)).map(|text| (at, text)));
            }
            _ => {}
        }
        if name == "a" && !self.beside[at] && self.users.len() < MOST_LINES && told.href.is_some_and(is_user) {
            self.users.extend(non_empty(text_of(element)).map(|text| (at, text)));
        }
        if let "a" | "link" = name
            && let Some(href) = told.href
        {
            if has_word(told.rel, "license") {
                self.licences.push(("rel=license", href));
            } else if is_creative_commons(href) {
                self.licences.push(("link", href));
            }
        }
        if entry.hints.has(Hints::UPDATED) && has_word(told.class, "updated") && !has_word(told.class, "published") {
            self.updated.insert(at);
        }
        self.posts += usize::from(told.id.is_some_and(is_post));
        if let Some(properties) = told.itemprop.or(told.property) {
            self.property_element(element, properties);
        }
        // Discuz, on which half of the Chinese forums run, shortens the word.
        let of_topic = entry.topics & HEADLINE != 0 || told.class == Some("authi");
        let named = of_topic || entry.hints.has(Hints::ACCOUNT);
        if told.id == Some("js_name") {
            self.account = self.account.take().or_else(|| non_empty(text_of(element)));
        }
        if named
            && self.lines.len() < MOST_LINES
            && !matches!(name, "body" | "html" | "main" | "article" | "meta" | "link")
            && let Some(role) = role(element)
            && !self.beside[at]
            && let Some(text) = non_empty(text_of(element))
            && (of_topic || text.len() < LONGEST_LABEL)
        {
            self.lines.push(Line { role, text, parts: parts_of(element), at });
        }
    }

    /// A part that is called a title, or a heading of lower rank.
    fn title_element(&mut self, at: usize, element: ElementRef<'a>) {
        let is_text =
            !matches!(element.value().name(), "h1" | "title" | "body" | "html" | "main" | "article" | "section");
        if is_text && self.titled.len() < MOST_LINES && !self.beside[at] {
            let text = heading_of(element);
            if (LEAST_TITLE..MOST_TITLE).contains(&text.chars().count()) {
                self.titled.push((at, text));
            }
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

/// The attributes of an element that are read here, found in one pass.
#[derive(Default)]
struct Told<'a> {
    class: Option<&'a str>,
    id: Option<&'a str>,
    rel: Option<&'a str>,
    href: Option<&'a str>,
    itemprop: Option<&'a str>,
    property: Option<&'a str>,
}

impl<'a> Told<'a> {
    fn of(element: &'a Element) -> Self {
        let mut told = Self::default();
        for (name, value) in element.attrs() {
            match name {
                "class" => told.class = Some(value),
                "id" => told.id = Some(value),
                "rel" => told.rel = Some(value),
                "href" => told.href = Some(value),
                "itemprop" => told.itemprop = Some(value),
                "property" => told.property = Some(value),
                _ => {}
            }
        }
        told
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
            Node::Element(found) if !elements::is_inline(found.name()) || found.name() == "br" => text.push(' '),
            _ => {}
        }
        if text.len() > 4 * LONGEST {
            break;
        }
    }
    let text: String = text::collapse(&text).chars().take(LONGEST).collect();
    text.trim_end_matches(['¶', '#', '§', '🔗', ' ']).to_owned()
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
        for word in value.split_whitespace().take(12).flat_map(naming::words) {
            match word.as_str() {
                "author" | "authors" | "authi" | "byline" | "writer" | "reporter" | "zuozhe" | "contributor"
                | "journalist" => {
                    return Some(Role::Author);
                }
                "date" | "time" | "datetime" | "publish" | "pubtime" | "pubdate" | "timestamp" | "published"
                | "posted" | "postdate" | "shijian" => {
                    found = Some(Role::Date);
                }
                "nickname" | "nick" | "account" | "wemedia" | "uname" | "user" if found.is_none() => {
                    found = Some(Role::Account);
                }
                "source" | "laiyuan" if found.is_none() => found = Some(Role::Source),
                "info" | "meta" | "pub" | "post-info" | "dateline" | "subtitle" if found.is_none() => {
                    found = Some(Role::Info);
                }
                _ => {}
            }
        }
    }
    found
}
