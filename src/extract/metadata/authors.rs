//! Who wrote it: people, never the site, never the editors.

use crate::html::text;
use crate::model::{Sourced, Step};

use super::THREAD;
use super::author_words::{AFTER, BEFORE, MONTHS, NOBODY, OUTLETS, ROLES};
use super::byline;
use super::collect::{Clues, Line, Role};
use super::{kept, step};

/// More authors than this are a list of something else.
const MOST: usize = 20;

/// What else is known of the page.
pub struct About<'n> {
    /// The text about the headline.
    pub near: &'n [&'n str],
    /// Where the headline stands.
    pub headline: Option<usize>,
    /// What the page says it is, as `Found::kinds` has it.
    pub kinds: u16,
    /// It is about things, or a list: whoever is named on it wrote a part of it.
    pub is_list: bool,
    /// A name that stands beside the date at the headline.
    pub signature: Option<String>,
}

/// The people who wrote the article, from the best source that names any.
pub fn find(
    clues: &Clues<'_>,
    sites: &[String],
    about: &About<'_>,
    steps: &mut Vec<Step>,
) -> Option<Sourced<Vec<String>>> {
    // A name far from the headline is a commenter's, a reviewer's or another article's author.
    let near = |at: usize| about.headline.is_none_or(|headline| at + 80 > headline && at < headline + 300);
    let lines = clues.lines.iter().filter(|line| line.role == Role::Author && near(line.at));
    // Names on cards, or of who reviewed a thing, are nobody's who wrote the page.
    let lines = lines.filter(|_| !about.is_list).map(line_names);
    let mut sources: Vec<(&'static str, Vec<String>)> = vec![("json-ld", clues.ld.authors.clone())];
    for name in [
        "author",
        "citation_author",
        "dc.creator",
        "dcterms.creator",
        "parsely-author",
        "sailthru.author",
        "byl",
        "article:author",
        "article:author_name",
    ] {
        sources.push((name, clues.metas(name).iter().map(|value| (*value).to_owned()).collect()));
    }
    if clues.meta(&["twitter:label1"]).is_some_and(|label| label.to_lowercase().starts_with("written")) {
        sources.push(("twitter:data1", clues.metas("twitter:data1").iter().map(|name| (*name).to_owned()).collect()));
    }
    for name in ["author", "creator"] {
        let mut written = clues.properties.get(name).cloned().unwrap_or_default();
        // In a thread every post names its author, and the first one's is the thread's.
        if about.kinds & THREAD != 0 || written.len() > 3 {
            written.truncate(1);
        }
        sources.push(("itemprop", written));
    }
    sources.push(("rel=author", clues.author_links.iter().map(|(_, name)| name.clone()).collect()));
    sources.push(("byline", byline::names(about.near)));
    sources.push(("class", lines.take(1).collect()));
    sources.push(("beside the date", about.signature.iter().cloned().collect()));
    sources.push(("json-ld", clues.ld.organisations.clone()));
    let editors: Vec<&str> = clues.lines.iter().filter_map(|line| editor(&line.text)).collect();
    let mut chosen: Option<Sourced<Vec<String>>> = None;
    for (source, written) in sources.iter().filter(|(_, written)| !written.is_empty()) {
        let mut names: Vec<String> = Vec::new();
        // A person's own site has the person's name, and says so where it names its author.
        let own: &[String] =
            if DECLARED.contains(source) && written.iter().any(|name| is_full_name(name)) { &[] } else { sites };
        for name in written.iter().flat_map(|text| people(text, own)) {
            // Editing systems of Chinese papers put the editor where the author belongs, and say so below the text.
            let is_new = !names.iter().any(|known| known.eq_ignore_ascii_case(&name));
            if is_new && !editors.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let keeps = chosen.is_none() && !names.is_empty() && names.len() <= MOST;
        let text = written.join("; ");
        steps.push(match keeps {
            true => kept("author", source, "the first that names who wrote it", &text),
            false => step("author", source, &text),
        });
        if keeps {
            chosen = Some(Sourced::new(names, *source));
        }
    }
    chosen
}

/// Whom a line calls the editor; None for any other line.
fn editor(line: &str) -> Option<&str> {
    let line = line.trim().trim_start_matches(['（', '(', '【', '[']);
    let words = ["责任编辑", "責任編輯", "责编", "責編", "编辑", "編輯"];
    let rest = words.iter().find_map(|word| line.strip_prefix(word))?.trim_start();
    let name = rest.strip_prefix(['：', ':'])?.trim().trim_end_matches(['）', ')', '】', ']']).trim();
    (!name.is_empty()).then_some(name)
}

/// The names in a line that is called one of authors: its parts, when one of them is a name as a whole, for what stands
/// beside it (a date, a post, a count) is none.
fn line_names(line: &Line) -> String {
    let is_name = |part: &&String| {
        let name = without_before(part);
        is_full_name(name)
            && !MONTHS.contains(&name.split_whitespace().next().unwrap_or_default().to_lowercase().as_str())
    };
    line.parts.iter().find(is_name).unwrap_or(&line.text).clone()
}

/// Sources that a page writes for machines.
const DECLARED: [&str; 3] = ["json-ld", "author", "twitter:data1"];

/// Two or three words with capitals, none of which is what outlets call themselves.
pub fn is_full_name(name: &str) -> bool {
    const OUTLET: [&str; 22] = [
        "news",
        "times",
        "post",
        "media",
        "magazine",
        "blog",
        "team",
        "staff",
        "group",
        "the",
        "inc",
        "inc.",
        "llc",
        "company",
        "university",
        "studio",
        "editorial",
        "online",
        "journal",
        "press",
        "review",
        "network",
    ];
    let words: Vec<&str> = name.split_whitespace().collect();
    let is_name = |word: &str| word.starts_with(char::is_uppercase) && word.chars().skip(1).any(char::is_lowercase);
    let is_initial =
        |word: &str| word.ends_with('.') && word.starts_with(char::is_uppercase) && word.chars().count() == 2;
    (2..=4).contains(&words.len())
        && name.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '.' | '-' | '\'' | '’'))
        && words.iter().all(|word| is_name(word) || is_initial(word))
        && words.iter().filter(|word| is_name(word)).count() >= 2
        && !words.iter().any(|word| OUTLET.contains(&word.to_lowercase().as_str()))
}

/// The people in one text.
pub fn people(written: &str, sites: &[String]) -> Vec<String> {
    let text = text::collapse(written);
    if text.contains("://") || text.starts_with("www.") || text.chars().count() > 200 {
        return Vec::new();
    }
    let text = without_before(text.trim_matches(is_bracket));
    let text = without_month(&text[..end(text)]);
    let mut names = Vec::new();
    for part in text.split(['、', '，', ',', ';', '；', '&', '＆', '/', '／', '|']).flat_map(split_words) {
        let part = without_before(part.trim().trim_matches(is_bracket)).trim();
        for name in chinese_names(part) {
            let name = name
                .trim()
                .trim_matches(|c: char| is_bracket(c) || matches!(c, ':' | '：' | '.' | '-' | '»' | '|'))
                .trim();
            let name = without_role(name);
            if is_person(name, sites) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

fn is_bracket(c: char) -> bool {
    matches!(c, '【' | '】' | '[' | ']' | '(' | ')' | '（' | '）' | '「' | '」' | '"' | '“' | '”') || c.is_whitespace()
}

fn without_before(text: &str) -> &str {
    let mut rest = text.trim();
    loop {
        let found = BEFORE.iter().find_map(|before| {
            let head = rest.get(..before.len()).filter(|head| head.to_lowercase() == **before)?;
            let after = &rest[head.len()..];
            // `by` must be a word: Byron is a name.
            let joins = before.ends_with(|c: char| c.is_ascii_alphabetic()) && after.starts_with(char::is_alphanumeric);
            (!joins && !after.trim().is_empty()).then_some(after)
        });
        match found {
            Some(after) => {
                rest = after.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '：' | '/' | '／'))
            }
            None => return rest,
        }
    }
}

/// Where the names end: at a mark, at a year, at an address.
fn end(text: &str) -> usize {
    let lower = text.to_lowercase();
    let marks = AFTER.iter().filter_map(|mark| lower.find(mark)).filter(|&at| at > 0 && text.is_char_boundary(at));
    let mail = text.find('@').and_then(|at| text[..at].rfind(char::is_whitespace).or(Some(0)));
    let year = text
        .char_indices()
        .zip(text.chars().skip(1))
        .find(|((at, a), b)| {
            // In `ann1987` the number is a part of the name.
            a.is_ascii_digit()
                && b.is_ascii_digit()
                && !text[..*at].ends_with(|c: char| c.is_alphanumeric() && !text::is_cjk(c))
        })
        .map(|((at, _), _)| at);
    marks.chain(mail).chain(year).min().unwrap_or(text.len())
}

/// A date follows the name in one line: its month is no name.
fn without_month(text: &str) -> &str {
    let sign = |c: char| c.is_whitespace() || matches!(c, ',' | '.' | '-' | '|');
    let rest = text.trim_end_matches(sign);
    // The day stands after its month.
    let rest = rest.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(sign);
    match rest.rsplit_once(char::is_whitespace) {
        Some((name, last)) if rest.len() < text.len() && MONTHS.contains(&last.to_lowercase().as_str()) => name,
        None if MONTHS.contains(&rest.to_lowercase().as_str()) => "",
        _ => text,
    }
}

/// What a person is, after the name: `Jane Doe Senior Editor`.
fn without_role(name: &str) -> &str {
    let mut rest = name;
    // A forum's count of posts stands right after the name.
    if let Some((head, last)) = rest.rsplit_once(' ')
        && last.chars().all(|c| c.is_ascii_digit())
    {
        rest = head;
    }
    while let Some((head, last)) = rest.rsplit_once(char::is_whitespace)
        && head.contains(char::is_whitespace)
        && ROLES.contains(&last.to_lowercase().as_str())
        && !matches!(last.to_lowercase().as_str(), "jr." | "md" | "m.d." | "phd" | "ph.d.")
    {
        rest = head.trim_end();
    }
    rest
}

fn split_words(text: &str) -> Vec<&str> {
    let mut parts = vec![text];
    for word in [" and ", " und ", " et ", " AND ", " with "] {
        parts = parts.into_iter().flat_map(|part| part.split(word)).collect();
    }
    parts
}

/// Chinese names stand beside each other with nothing but a space between them, an outlet's name before them.
fn chinese_names(part: &str) -> Vec<&str> {
    let words: Vec<&str> = part.split_whitespace().collect();
    let is_chinese = |word: &str| word.chars().all(|c| text::is_cjk(c) || c == '·');
    if words.len() < 2 || !words.iter().all(|word| is_chinese(word)) {
        return vec![part];
    }
    let is_outlet = |word: &str| word.chars().count() >= 3 && OUTLETS.iter().any(|end| word.ends_with(end));
    // A name of two characters is set with a space in it, to be as long as the others.
    if words.len() == 2 && words.iter().all(|word| word.chars().count() == 1) {
        return vec![part];
    }
    words.into_iter().filter(|word| !is_outlet(word)).collect()
}

fn is_person(name: &str, sites: &[String]) -> bool {
    let lower = name.to_lowercase();
    let length = name.chars().count();
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let chinese = name.chars().any(text::is_cjk);
    let most = if chinese { 16 } else { 60 };
    let is_role = ROLES.iter().any(|role| lower == *role || lower.split_whitespace().all(|word| ROLES.contains(&word)));
    let is_site = sites.iter().any(|site| site.to_lowercase() == lower || chinese && site.starts_with(name));
    let outlet = chinese && length >= 3 && OUTLETS.iter().any(|end| name.ends_with(end));
    (2..=most).contains(&length)
        && (letters * 2 > length || letters >= 3 && name.starts_with(char::is_alphabetic) && !name.contains('-'))
        && lower.matches('.').count() <= 2 * name.split_whitespace().count()
        && !name.ends_with('*')
        && name.split_whitespace().count() <= 5
        && !NOBODY.contains(&lower.as_str())
        && !(is_role || is_site || outlet)
        && !lower.contains(".com")
        && !["编辑", "報導", "报道", "責任", "责任", "来源", "來源", "责编", "校对", "审核"]
            .iter()
            .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        people(text, &["晨钟网".to_owned(), "Example Times".to_owned()]).join("|")
    }

    #[test]
    fn names_lose_what_stands_around_them() {
        for (written, names) in [
            ("【文/晨钟网 林远】", "林远"),
            ("文｜林远 何苗", "林远|何苗"),
            ("作者：林远", "林远"),
            ("本报记者 林远、何苗", "林远|何苗"),
            ("记者林远 发自北京", "林远"),
            ("作者： Jane Doe 翻訳者 田中 一郎", "Jane Doe"),
            ("作者：林远 责任编辑：何苗", "林远"),
            ("홍길동 기자", "홍길동"),
            ("By Jane Doe and John A. Roe", "Jane Doe|John A. Roe"),
            ("By Jane Doe | Staff Writer", "Jane Doe"),
            ("Jane Doe, Reporter", "Jane Doe"),
            ("By Jane Doe Updated June 17, 2021", "Jane Doe"),
            ("米哈伊尔·戈尔巴乔夫", "米哈伊尔·戈尔巴乔夫"),
            ("Byron Smith", "Byron Smith"),
        ] {
            assert_eq!(read(written), names, "{written}");
        }
    }

    #[test]
    fn sites_editors_and_addresses_are_nobody() {
        for written in [
            "晨钟网",
            "Example Times",
            "admin",
            "责任编辑：何苗",
            "https://example.org/jane",
            "jane@example.org",
            "新华社",
            "Staff",
            "来源：晨钟网",
        ] {
            assert_eq!(read(written), "", "{written}");
        }
    }
}
