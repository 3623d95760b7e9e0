//! Collects in one pass over a page everything that can hold metadata.

use std::collections::{BTreeMap, BTreeSet};

use crate::html::{Element, ElementRef, Node, Page, text};

use super::LONGEST_VALUE;
use super::element_names::{is_logo, is_post, is_user, leads_home};
use super::jsonld::{self, JsonLd};
use super::outside;
use crate::extract::blocks::names::HEADLINE;
use crate::extract::elements;
use crate::extract::hints::Hints;
use crate::extract::naming;
use crate::extract::scan::{Entry, Scan};

/// Maximum number of lines with a role: a page has a few, a hostile one any number.
const MOST_LINES: usize = 60;

/// Maximum number of parts read of one line.
const MOST_PARTS: usize = 12;

/// Maximum distance of a label before what it names, in nodes.
const LABEL_REACH: usize = 6;

/// The topic bit of titles.
const TITLE: u64 = 1 << 17;

/// Minimum and maximum length of a title that is not an `h1`, in characters.
const LEAST_TITLE: usize = 4;
const MOST_TITLE: usize = 200;

/// Maximum length of a label beside a date, in bytes.
const LONGEST_LABEL: usize = 90;

/// How much text is kept for detecting the language, in characters.
const SAMPLE: usize = 4000;

/// The text of a part whose class or id names its role.
pub struct Line {
    /// Its role.
    pub role: Role,
    /// Its text, collapsed.
    pub text: String,
    /// The texts of its parts, each collapsed: a name ends where its element ends.
    pub parts: Vec<String>,
    /// Its position in the scan.
    pub at: usize,
}

/// The role of a part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Words such as author, byline, writer.
    Author,
    /// Words such as date, time, pub.
    Date,
    /// Words such as info, meta, source: anything in a header line.
    Info,
    /// Words such as source, laiyuan: the outlet that it is from.
    Source,
    /// Words such as nickname, account: who published it on a platform.
    Account,
}

/// Everything collected, in page order. A position is an index into the scan's entries.
#[derive(Default)]
pub struct Clues<'a> {
    metas: BTreeMap<String, Vec<&'a str>>,
    /// The JSON-LD object of the article.
    pub ld: JsonLd,
    /// `<title>`.
    pub title: Option<String>,
    /// Every `<h1>` with text, with its position.
    pub headings: Vec<(usize, String)>,
    /// Headings of lower rank and parts whose class says title, each with its position.
    pub titled: Vec<(usize, String)>,
    /// `id` and `class` of `<body>`, which can hold the page's date.
    pub body: String,
    /// Texts of headings that link to the front page: the site's names for itself.
    pub home_names: Vec<String>,
    /// How many elements have ids that number posts, as forums write them.
    pub posts: usize,
    /// Texts of links to user pages, with their position.
    pub users: Vec<(usize, String)>,
    /// The account of a WeChat page; None on other pages.
    pub account: Option<String>,
    /// `lang` of `<html>` or `<body>`.
    pub language: Option<&'a str>,
    /// `href` of `<link rel=canonical>`.
    pub canonical: Option<&'a str>,
    /// Microdata and RDFa: the property's name and value.
    pub properties: BTreeMap<String, Vec<String>>,
    /// Microdata dates of publication or creation, in page order.
    pub days: Vec<String>,
    /// `<time>` elements: `datetime`, else the text, with the position.
    pub times: Vec<(usize, String)>,
    /// Positions of elements with hAtom's class `updated`, the date of the last change for programs.
    updated: BTreeSet<usize>,
    /// Lines with a role.
    pub lines: Vec<Line>,
    /// Texts of `rel=author` links, with their position.
    pub author_links: Vec<(usize, String)>,
    /// License URLs: of `rel=license`, and links to Creative Commons.
    pub licences: Vec<(&'static str, &'a str)>,
    /// The start of the page's visible text.
    pub sample: String,
    /// Pieces of visible text with their position, without those outside the article: the text near the headline is
    /// searched here.
    pub pieces: Vec<(usize, &'a str)>,
    /// For each node, whether it is outside the article: in comments, related cards, navigation, the footer.
    outside: Vec<bool>,
}

impl<'a> Clues<'a> {
    /// Collects the clues of a page.
    pub fn of(page: &'a Page, scan: &Scan<'_>) -> Self {
        let mut clues = Self { outside: outside::nodes(scan), ..Self::default() };
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
                Node::Text(found) if !text::is_white_space(&found.text) && is_read(node) => {
                    if !clues.outside[at] {
                        clues.pieces.push((at, &found.text));
                    }
                    if sampled < SAMPLE {
                        let (end, count) = text::start_of(&found.text, SAMPLE);
                        sampled += count;
                        clues.sample.push_str(&found.text[..end]);
                    }
                }
                _ => {}
            }
        }
        // Some frameworks, which cannot write scripts in a page's head, write `<meta name="script:ld+json">`.
        let named = clues.metas.iter().filter(|(name, _)| name.ends_with("ld+json"));
        scripts.extend(named.flat_map(|(_, values)| values.iter().map(|value| (*value).to_owned())));
        clues.ld = jsonld::article(&scripts);
        clues
    }

    /// Returns the value of the first of these `<meta>` names that has one; None where none has.
    pub fn meta(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.metas.get(*name)?.first().copied())
    }

    /// Returns every value of a `<meta>` name.
    pub fn metas(&self, name: &str) -> &[&'a str] {
        self.metas.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the URL that the page declares as its own; None where it declares no valid one.
    pub fn claimed_url(&self) -> Option<url::Url> {
        url::Url::parse(self.canonical.or(self.meta(&["og:url"]))?).ok()
    }

    /// Returns the values of `<meta>` names that hold all of these words, separated by `-`, `_`, `.` or `:`.
    pub fn metas_called<'s>(&'s self, words: &'s [&str]) -> impl Iterator<Item = &'a str> + 's {
        let called = |name: &str| words.iter().all(|word| name.split(['-', '_', '.', ':']).any(|part| part == *word));
        self.metas.iter().filter(move |(name, _)| called(name)).flat_map(|(_, values)| values.first().copied())
    }

    /// Returns true for a position outside the article.
    pub fn is_outside(&self, at: usize) -> bool {
        self.outside.get(at).copied().unwrap_or(false)
    }

    /// Returns true where only a class says that the date is that of the last change.
    pub fn is_updated(&self, at: usize) -> bool {
        // The text directly inside the element counts too.
        self.updated.contains(&at) || at > 0 && self.updated.contains(&(at - 1))
    }

    /// Returns the short piece of text right before a position, which can say what a date means: `Updated on`; empty
    /// where there is none.
    pub fn label(&self, at: usize) -> String {
        let before = self.pieces.partition_point(|(piece, _)| *piece < at).checked_sub(1);
        let (place, text) = before.and_then(|before| self.pieces.get(before)).copied().unwrap_or((0, ""));
        let text = text::collapse(text);
        let is_label =
            at < place + LABEL_REACH && text.chars().count() < 30 && !text.contains(|c: char| c.is_ascii_digit());
        if is_label { text + " " } else { String::new() }
    }

    /// Returns the last words before a position, at most a line, in lower case.
    pub fn before(&self, at: usize) -> String {
        let upto = self.pieces.partition_point(|(piece, _)| *piece < at);
        let near = self.pieces[upto.saturating_sub(3)..upto].iter().filter(|(piece, _)| at < piece + 2 * LABEL_REACH);
        near.map(|(_, piece)| piece.to_lowercase()).filter(|piece| piece.len() < LONGEST_LABEL).collect()
    }

    /// Returns the first words after a position, at most a line, in lower case.
    pub fn after(&self, at: usize) -> String {
        let from = self.pieces.partition_point(|(piece, _)| *piece <= at);
        let near = self.pieces[from..].iter().take(3).filter(|(piece, _)| *piece < at + 2 * LABEL_REACH);
        near.map(|(_, piece)| piece.chars().take(LONGEST_LABEL).collect::<String>().to_lowercase()).collect()
    }

    /// Returns the number of different lines whose role is author.
    pub fn signed(&self) -> usize {
        let lines = self.lines.iter().filter(|line| line.role == Role::Author).map(|line| line.text.as_str());
        lines.collect::<std::collections::BTreeSet<_>>().len()
    }

    /// Returns the number of pieces of text between two positions; negative where the second comes first.
    pub fn distance(&self, from: usize, to: usize) -> isize {
        let place = |at: usize| self.pieces.partition_point(|(piece, _)| *piece < at) as isize;
        place(to) - place(from)
    }

    /// Returns the first value of a microdata property; None where there is none.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name)?.first().map(String::as_str)
    }

    fn element(&mut self, at: usize, element: ElementRef<'a>, entry: &Entry<'_>, scripts: &mut Vec<String>) {
        let source = element.value();
        let name = source.name();
        let attributes = Attributes::of(source);
        match name {
            "meta" => self.meta_element(element),
            "title" if self.title.is_none() && !inside_svg(element) => {
                self.title = non_empty(text::collapse(&element.text().take(8).collect::<String>()))
            }
            "html" | "body" => {
                self.language = self.language.or(source.attr("lang").or(source.attr("xml:lang")));
                for names in [attributes.id, attributes.class].into_iter().flatten() {
                    self.body.extend(names.chars().take(LONGEST_VALUE).chain([' ']));
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
            "link" if has_word(attributes.rel, "canonical") => {
                self.canonical = self.canonical.or(attributes.href);
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
            "a" if has_word(attributes.rel, "author") && !self.outside[at] => {
                self.author_links.extend(non_empty(text_of(element)).map(|text| (at, text)));
            }
            _ => {}
        }
        if name == "a" && !self.outside[at] && self.users.len() < MOST_LINES && attributes.href.is_some_and(is_user) {
            self.users.extend(non_empty(text_of(element)).map(|text| (at, text)));
        }
        if let "a" | "link" = name
            && let Some(href) = attributes.href
        {
            if has_word(attributes.rel, "license") {
                self.licences.push(("rel=license", href));
            } else if is_creative_commons(href) {
                self.licences.push(("link", href));
            }
        }
        if entry.hints.has(Hints::UPDATED)
            && has_word(attributes.class, "updated")
            && !has_word(attributes.class, "published")
        {
            self.updated.insert(at);
        }
        self.posts += usize::from(attributes.id.is_some_and(is_post));
        if let Some(properties) = attributes.itemprop.or(attributes.property) {
            self.property_element(element, properties);
        }
        // Discuz, which runs many Chinese forums, abbreviates the word.
        let of_topic = entry.topics & HEADLINE != 0 || attributes.class == Some("authi");
        let named = of_topic || entry.hints.has(Hints::ACCOUNT);
        if attributes.id == Some("js_name") {
            self.account = self.account.take().or_else(|| non_empty(text_of(element)));
        }
        if named
            && self.lines.len() < MOST_LINES
            && !matches!(name, "body" | "html" | "main" | "article" | "meta" | "link")
            && let Some(role) = role(element)
            && !self.outside[at]
            && let Some(text) = non_empty(text_of(element))
            && (of_topic || text.len() < LONGEST_LABEL)
        {
            self.lines.push(Line { role, text, parts: parts_of(element), at });
        }
    }

    /// Collects a heading of lower rank, or a part whose class says title.
    fn title_element(&mut self, at: usize, element: ElementRef<'a>) {
        let is_text =
            !matches!(element.value().name(), "h1" | "title" | "body" | "html" | "main" | "article" | "section");
        if is_text && self.titled.len() < MOST_LINES && !self.outside[at] {
            let text = heading_of(element);
            if (LEAST_TITLE..MOST_TITLE).contains(&text.chars().count()) {
                self.titled.push((at, text));
            }
        }
    }

    fn meta_element(&mut self, element: ElementRef<'a>) {
        // Some templates write `value` in place of `content`.
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
            // The property describes a person: the name is a property of its own.
            let inner = element.descendants().skip(1).take(40).filter_map(ElementRef::wrap);
            inner.filter(|below| has_word(below.attr("itemprop"), "name")).find_map(|below| non_empty(text_of(below)))
        };
        let value = value.or_else(named).or_else(|| non_empty(text_of(element)));
        let Some(value) = value else { return };
        for property in properties.split_whitespace() {
            let property = property.rsplit([':', '/']).next().unwrap_or_default().to_ascii_lowercase();
            if matches!(property.as_str(), "datepublished" | "datecreated") && self.days.len() < MOST_LINES {
                self.days.push(value.chars().take(LONGEST_VALUE).collect());
            }
            if matches!(property.as_str(), "headline" | "author" | "datemodified" | "creator") {
                self.properties.entry(property).or_default().push(value.chars().take(LONGEST_VALUE).collect());
            }
        }
    }
}

/// The attributes of an element that are read here, found in one pass.
#[derive(Default)]
struct Attributes<'a> {
    class: Option<&'a str>,
    id: Option<&'a str>,
    rel: Option<&'a str>,
    href: Option<&'a str>,
    itemprop: Option<&'a str>,
    property: Option<&'a str>,
}

impl<'a> Attributes<'a> {
    fn of(element: &'a Element) -> Self {
        let mut attributes = Self::default();
        for (name, value) in element.attrs() {
            match name {
                "class" => attributes.class = Some(value),
                "id" => attributes.id = Some(value),
                "rel" => attributes.rel = Some(value),
                "href" => attributes.href = Some(value),
                "itemprop" => attributes.itemprop = Some(value),
                "property" => attributes.property = Some(value),
                _ => {}
            }
        }
        attributes
    }
}

/// Returns an element's text, collapsed, at most [`LONGEST_VALUE`] characters.
fn text_of(element: ElementRef<'_>) -> String {
    let read = element.descendants().filter_map(|node| node.value().as_text().filter(|_| is_read(node)));
    let mut text = String::new();
    for piece in read {
        text.extend(piece.text.chars().take(LONGEST_VALUE));
        if text.len() > 4 * LONGEST_VALUE {
            break;
        }
        // Neighbouring elements are separate words in names and dates.
        text.push(' ');
    }
    text::collapse(&text).chars().take(LONGEST_VALUE).collect()
}

/// Returns a heading's text: inline elements join words, and the permalink sign is left out.
fn heading_of(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    for node in element.descendants().skip(1) {
        match node.value() {
            Node::Text(found) if is_read(node) => text.extend(found.text.chars().take(LONGEST_VALUE)),
            Node::Element(found) if !elements::is_inline(found.name()) || found.name() == "br" => text.push(' '),
            _ => {}
        }
        if text.len() > 4 * LONGEST_VALUE {
            break;
        }
    }
    let text: String = text::collapse(&text).chars().take(LONGEST_VALUE).collect();
    text.trim_end_matches(['¶', '#', '§', '🔗', ' ']).to_owned()
}

/// Returns the texts of an element's parts, for the first characters of a line of names.
fn parts_of(element: ElementRef<'_>) -> Vec<String> {
    let read = element.descendants().filter_map(|node| node.value().as_text().filter(|_| is_read(node)));
    read.map(|piece| text::collapse(&piece.text)).filter(|text| !text.is_empty()).take(MOST_PARTS).collect()
}

fn is_creative_commons<'h>(href: &'h str) -> bool {
    let without = |text: &'h str, start: &str| text.strip_prefix(start).unwrap_or(text);
    let rest = ["https:", "http:", "//", "www."].into_iter().fold(href, without);
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
