//! Finds the authors: people, never the site, never the editors.

use std::collections::BTreeSet;

use crate::extract::words::editors;
use crate::html::text;
use crate::model::{Sourced, Step};

use super::collect::{Clues, Line, Role};
use super::languages::is_english_month;
use super::people::{is_organisation, people, without_before};
use super::{THREAD, kept, step};
use super::{accounts, byline, cjk_names, latin_names};

/// More authors than this belong to something other than one article.
const MOST: usize = 20;

/// What else is known of the page.
pub struct About<'n> {
    /// The text near the headline.
    pub near: &'n [&'n str],
    /// The position of the headline.
    pub headline: Option<usize>,
    /// The page's declared kinds, as in `Findings::kinds`.
    pub kinds: u16,
    /// The page is about things or is a list: the people named on it wrote parts of it.
    pub is_list: bool,
    /// A name beside the date at the headline.
    pub signature: Option<String>,
}

/// The authors that one source names.
struct Candidate {
    source: &'static str,
    /// The text as written.
    text: String,
    /// The people named in it.
    names: Vec<String>,
    /// Why this source was chosen, if it was.
    why: &'static str,
}

/// Returns the people who wrote the article, from the best source that names any; None where no source does.
pub fn find(
    clues: &Clues<'_>,
    sites: &[String],
    about: &About<'_>,
    steps: &mut Vec<Step>,
) -> Option<Sourced<Vec<String>>> {
    let others = Others::of(clues, about);
    let sources = sources(clues, sites, about).into_iter().filter(|(_, written)| !written.is_empty());
    let candidates: Vec<Candidate> =
        sources.map(|(source, written)| candidate(source, &written, sites, &others)).collect();
    let fits = |found: &&Candidate| !found.names.is_empty() && found.names.len() <= MOST;
    let first = candidates.iter().find(fits);
    let confirmed = first.and_then(|first| confirmed(first, &candidates));
    let account = others.account.as_ref().map(|name| Candidate {
        source: "account",
        text: name.clone(),
        names: vec![name.clone()],
        why: "the account that published it",
    });
    let chosen = confirmed.or(first).or(account.as_ref());
    for found in candidates.iter().chain(&account) {
        steps.push(match chosen.filter(|chosen| std::ptr::eq(*chosen, found)) {
            Some(_) if confirmed.is_some() => {
                kept("author", found.source, "a person whom other sources name too", &found.text)
            }
            Some(_) => kept("author", found.source, found.why, &found.text),
            None => step("author", found.source, &found.text),
        });
    }
    let (source, names) = match chosen {
        Some(chosen) => (chosen.source, chosen.names.clone()),
        None => {
            let user = || accounts::user(clues, about.headline).filter(|_| !about.is_list);
            let user = user().filter(|name| !others.contains(name, "user"));
            let named = named_as_site(clues, sites, about).map(|name| ("site", name));
            let (source, name) = named.or(user.map(|name| ("user", name)))?;
            steps.push(kept("author", source, "no other source names an author", &name));
            (source, vec![name])
        }
    };
    Some(Sourced::new(names, source))
}

/// Reads one source: drops editors, outlets and the page's own title; keeps only people where people and companies are
/// named.
fn candidate(source: &'static str, written: &[String], sites: &[String], others: &Others) -> Candidate {
    // A person's own site has the person's name, and states it where it names its author.
    let is_own = DECLARED.contains(&source) && written.iter().any(|name| latin_names::is_full_name(name));
    let own: &[String] = if is_own { &[] } else { sites };
    let mut names: Vec<String> = Vec::new();
    for name in written.iter().flat_map(|text| people(text, own)) {
        let is_new = !names.iter().any(|known| known.eq_ignore_ascii_case(&name));
        if is_new && !others.contains(&name, source) {
            names.push(name);
        }
    }
    if names.iter().any(|name| !is_organisation(name) && is_person(name)) {
        names.retain(|name| !is_organisation(name));
    }
    Candidate { source, text: written.join("; "), names, why: "the first source that names an author" }
}

/// Returns a person whom two visible sources name, where the first source's name is not that of a person; None
/// otherwise.
fn confirmed<'c>(first: &Candidate, all: &'c [Candidate]) -> Option<&'c Candidate> {
    if SHOWN.contains(&first.source) || !first.names.iter().all(|name| is_organisation(name)) {
        return None;
    }
    let are_people = |found: &&Candidate| found.names.iter().all(|name| is_person(name));
    let mut shown = all.iter().filter(|found| SHOWN.contains(&found.source) && are_people(found));
    let person = shown.find(|found| !found.names.is_empty())?;
    let is_same = |found: &Candidate| found.names.first() == person.names.first();
    shown.any(is_same).then_some(person)
}

/// Returns true for a person's full name, in any script.
fn is_person(name: &str) -> bool {
    latin_names::is_full_name(name)
        || cjk_names::is_full_name(name)
        || cjk_names::has_cjk(name) && !is_organisation(name)
}

/// Returns the texts of every source, best source first.
fn sources(clues: &Clues<'_>, sites: &[String], about: &About<'_>) -> Vec<(&'static str, Vec<String>)> {
    // A name far from the headline belongs to a commenter, a reviewer or another article's author.
    let near = |at: usize| about.headline.is_none_or(|headline| at + 80 > headline && at < headline + 300);
    let lines = clues.lines.iter().filter(|line| line.role == Role::Author && near(line.at));
    // Names on cards, or of reviewers of a product, are not the page's author.
    let lines = lines.filter(|_| !about.is_list).map(line_names);
    let mut sources: Vec<(&'static str, Vec<String>)> = vec![("json-ld", clues.ld.authors.clone())];
    for name in METAS {
        sources.push((name, clues.metas(name).iter().map(|value| (*value).to_owned()).collect()));
    }
    if clues.meta(&["twitter:label1"]).is_some_and(|label| label.to_lowercase().starts_with("written")) {
        sources.push(("twitter:data1", clues.metas("twitter:data1").iter().map(|name| (*name).to_owned()).collect()));
    }
    for name in ["author", "creator"] {
        let mut written = clues.properties.get(name).cloned().unwrap_or_default();
        // In a thread every post names its author; the first post's author is the thread's.
        if about.kinds & THREAD != 0 || written.len() > 3 {
            written.truncate(1);
        }
        sources.push(("itemprop", written));
    }
    sources.push(("rel=author", clues.author_links.iter().map(|(_, name)| name.clone()).collect()));
    let bylines = byline::names(about.near, sites);
    let anywhere = || byline::anywhere(clues.pieces.iter().map(|(_, piece)| piece), sites).into_iter().collect();
    let is_signed = !bylines.is_empty() || about.is_list || about.kinds & THREAD != 0;
    sources.push(("byline", if is_signed { bylines } else { anywhere() }));
    sources.push(("class", lines.take(1).collect()));
    sources.push(("beside the date", about.signature.iter().cloned().collect()));
    sources.push(("json-ld", clues.ld.organisations.clone()));
    sources
}

/// Names on the page that are not its author's.
struct Others {
    /// Editors: some content management systems of Chinese newspapers put the editor where the author belongs; the
    /// text's last lines name the editor as such.
    editors: BTreeSet<String>,
    /// Outlets that the page names as its source.
    outlets: BTreeSet<String>,
    /// The page's own title.
    titles: BTreeSet<String>,
    /// The account that published it on a platform.
    account: Option<String>,
}

impl Others {
    fn of(clues: &Clues<'_>, about: &About<'_>) -> Self {
        let pieces = || clues.pieces.iter().map(|(_, piece)| *piece).filter(|piece| piece.len() < LINE);
        let lines = clues.lines.iter().map(|line| line.text.as_str());
        let mut editors: BTreeSet<String> =
            lines.chain(pieces()).filter_map(editor).flat_map(|names| people(names, &[])).collect();
        let pairs = clues.pieces.windows(2).filter(|pair| is_editor_label(pair[0].1));
        editors.extend(pairs.flat_map(|pair| people(pair[1].1, &[])));
        let account = accounts::find(clues, about.near);
        let stated = about.near.iter().copied().filter_map(|piece| source_after(piece).map(str::to_owned));
        let labelled =
            about.near.windows(2).filter(|pair| is_source_label(pair[0])).map(|pair| text::collapse(pair[1]));
        let declared = ["source", "mediaid"].iter().flat_map(|name| clues.metas(name)).map(|name| text::collapse(name));
        let called = clues.lines.iter().filter(|line| line.role == Role::Source);
        let called = called.filter_map(|line| line.parts.last().cloned());
        let outlets = stated.chain(labelled).chain(declared).chain(called);
        Self {
            editors,
            outlets: outlets.filter(|name| !cjk_names::is_full_name(name)).collect(),
            titles: clues.headings.iter().map(|(_, text)| text.clone()).chain(clues.title.clone()).collect(),
            account,
        }
    }

    fn contains(&self, name: &str, source: &str) -> bool {
        let is_editor = self.editors.contains(name)
            || cjk_names::has_cjk(name)
                && self.editors.iter().any(|editor| name.len() > editor.len() && name.ends_with(editor));
        let is_outlet = self.account.is_none() && !SHOWN.contains(&source) && self.outlets.contains(name);
        is_editor || is_outlet || self.titles.contains(name) && !latin_names::is_full_name(name)
    }
}

/// Returns the site's name where it is the author's, and the page names the author so too; None otherwise.
fn named_as_site(clues: &Clues<'_>, sites: &[String], about: &About<'_>) -> Option<String> {
    let is_site = |name: &String| sites.iter().any(|site| site.eq_ignore_ascii_case(name));
    // Only Chinese, Japanese and Korean names are one word that can be both a person and a site.
    if !sites.iter().any(|site| cjk_names::has_cjk(site)) {
        return None;
    }
    let all = sources(clues, &[], about);
    let named = |wanted: bool| {
        let found = all.iter().filter(move |(source, _)| SHOWN.contains(source) == wanted);
        found.flat_map(|(_, written)| written.iter().flat_map(|text| people(text, &[]))).filter(is_site)
    };
    let declared: Vec<String> = named(false).filter(|name| !is_organisation(name)).collect();
    let signed = clues.lines.iter().filter(|line| line.role == Role::Author);
    let signed: Vec<String> = signed.map(line_names).flat_map(|text| people(&text, &[])).collect();
    let is_shown =
        |name: &String| named(true).chain(signed.iter().cloned()).any(|shown| shown.eq_ignore_ascii_case(name));
    declared.into_iter().find(|name| cjk_names::has_cjk(name) && is_shown(name))
}

/// Returns the outlet in `来源：晨钟日报`; None for other text.
fn source_after(piece: &str) -> Option<&str> {
    let (_, rest) = SOURCES.iter().find_map(|word| piece.split_once(word))?;
    let rest = rest.trim_start().strip_prefix(['：', ':'])?.trim_start();
    let end = rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|name| !name.is_empty())
}

fn is_source_label(piece: &str) -> bool {
    let piece = piece.trim();
    let bare = piece.trim_end_matches(['：', ':', ' ', '　']);
    bare.len() < piece.len() && SOURCES.iter().any(|word| bare.ends_with(word))
}

/// Labels before an outlet.
const SOURCES: [&str; 5] = ["来源", "來源", "稿源", "出处", "提供元"];

/// Names of `<meta>` elements that hold authors, best first.
const METAS: [&str; 10] = [
    "author",
    "citation_author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
    "cxenseparse:author",
    "article:author",
    "article:author_name",
];

/// Sources that readers see.
const SHOWN: [&str; 5] = ["itemprop", "rel=author", "byline", "class", "beside the date"];

/// Maximum length of a line about an editor, in bytes.
const LINE: usize = 200;

/// Returns the labels before an editor.
fn editor_labels() -> impl Iterator<Item = &'static str> {
    editors::ALL.iter().flat_map(|(_, words)| words.names).copied()
}

fn is_editor_label(piece: &str) -> bool {
    let piece = piece.trim().trim_start_matches(['（', '(', '【', '[']);
    let bare = piece.trim_end_matches(['：', ':', ' ', '　']);
    bare.len() < piece.len() && editor_labels().any(|label| label == bare)
}

/// Returns the editor that a line names; None for any other line.
fn editor(line: &str) -> Option<&str> {
    let line = line.trim().trim_start_matches(['（', '(', '【', '[']);
    let rest = editor_labels().find_map(|word| line.strip_prefix(word))?.trim_start();
    let name = rest.strip_prefix(['：', ':'])?.trim().trim_end_matches(['）', ')', '】', ']']).trim();
    (!name.is_empty()).then_some(name)
}

/// Returns the names in an author line: its parts where one of them is a full name, because the text beside it (a date,
/// a role, a count) is not; else the whole line.
fn line_names(line: &Line) -> String {
    let is_name = |part: &&String| {
        let name = without_before(part);
        (latin_names::is_full_name(name) || cjk_names::is_full_name(name))
            && !is_english_month(&name.split_whitespace().next().unwrap_or_default().to_lowercase())
    };
    let found = line.parts.iter().find(is_name);
    // An account's name is not a full name: take the first part with text.
    let cjk = || line.parts.iter().filter(|part| cjk_names::has_cjk(part)).find(|part| !people(part, &[]).is_empty());
    found.or_else(cjk).unwrap_or(&line.text).clone()
}

/// Sources for programs, not for readers.
const DECLARED: [&str; 3] = ["json-ld", "author", "twitter:data1"];
