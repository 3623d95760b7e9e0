//! The search page and its index: scripts that a page in a folder can load.
//!
//! The index is divided by the first characters of words, so that a search loads the parts with its words only. Words are
//! those of `bindery search`; the script divides and folds a query in the same way.

use std::collections::{BTreeMap, HashMap};

use crate::archive::HAN;
use crate::bundle::escaped;

use super::Emit;
use super::frame::{Page, Scripts, Site};
use super::listed::Listed;

const SCRIPT: &str = include_str!("search.js");

/// The number of bytes that a part of the index is to have.
const PART_BYTES: usize = 48 << 10;

/// The largest number of parts.
const MOST_PARTS: usize = 1024;

/// The number of articles whose titles are in one file.
const BLOCK: usize = 100;

/// The digits of numbers in the index: five bits each, and the upper half says that another digit follows.
const DIGITS: &[u8; 64] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

/// The articles of each word.
#[derive(Debug, Default)]
pub(super) struct Index {
    articles: u32,
    words: HashMap<String, Places>,
}

/// The articles that have a word.
#[derive(Debug, Default)]
struct Places {
    /// The number after that of the last article.
    next: u32,
    /// The gaps between their numbers, each with the weight of the word there.
    coded: String,
}

impl Index {
    /// Adds the next article: the words of its title and of its text, separated by spaces.
    pub fn add(&mut self, title: &str, body: &str) {
        let mut counts: HashMap<&str, u32> = HashMap::new();
        body.split(' ').filter(|word| !word.is_empty()).for_each(|word| *counts.entry(word).or_default() += 1);
        // Words of the title weigh most, however often the text has them.
        counts.extend(title.split(' ').filter(|word| !word.is_empty()).map(|word| (word, u32::MAX)));
        for (word, count) in counts {
            let weight = match count {
                u32::MAX => 3,
                5.. => 2,
                2.. => 1,
                _ => 0,
            };
            let places = match self.words.get_mut(word) {
                Some(places) => places,
                None => self.words.entry(word.to_owned()).or_default(),
            };
            push_number(&mut places.coded, (self.articles - places.next) * 4 + weight);
            places.next = self.articles + 1;
        }
        self.articles += 1;
    }

    /// Returns the number of parts, which grows with the index.
    fn parts(&self) -> usize {
        let bytes: usize = self.words.iter().map(|(word, places)| word.len() + places.coded.len() + 2).sum();
        (bytes / PART_BYTES).next_power_of_two().min(MOST_PARTS)
    }
}

fn push_number(out: &mut String, mut number: u32) {
    loop {
        let digit = (number & 31) as usize;
        number >>= 5;
        let more = if number > 0 { 32 } else { 0 };
        out.push(char::from(DIGITS[digit + more]));
        if number == 0 {
            break;
        }
    }
}

/// Returns the part of a word: by its first character, and the second too in scripts whose words are not pairs.
fn part_of(word: &str, parts: usize) -> usize {
    let mut hash: u32 = 0x811c_9dc5;
    for (at, c) in word.chars().take(2).map(u32::from).enumerate() {
        if at == 1 && word.chars().next().is_some_and(|first| u32::from(first) >= 0xe00) {
            break;
        }
        hash = (hash ^ c).wrapping_mul(0x0100_0193);
    }
    hash as usize & (parts - 1)
}

/// Writes the search page, its script and the index.
pub(super) fn files<E>(site: &Site<'_>, listed: &[Listed], index: Index, emit: Emit<'_, E>) -> Result<(), E> {
    let parts = index.parts();
    emit("search.html", page(site, listed.len(), parts))?;
    emit("search/search.js", script())?;
    for (block, articles) in listed.chunks(BLOCK).enumerate() {
        let rows: Vec<[&str; 6]> = articles.iter().map(|article| row(site, article)).collect();
        let rows = serde_json::json!(rows);
        emit(&format!("search/articles-{block}.js"), format!("binderyArticles({block},{rows});\n"))?;
    }
    let mut by_part: Vec<BTreeMap<String, String>> = vec![BTreeMap::new(); parts];
    for (word, places) in index.words {
        by_part[part_of(&word, parts)].insert(word, places.coded);
    }
    for (number, words) in by_part.into_iter().enumerate() {
        // Neither words nor numbers have characters that a string cannot have.
        let words: String = words.iter().map(|(word, coded)| format!("{word} {coded};")).collect();
        emit(&format!("search/words-{number}.js"), format!("binderyWords({number},\"{words}\");\n"))?;
    }
    Ok(())
}

/// Returns what the search page shows of an article.
fn row<'r>(site: &Site<'_>, article: &'r Listed) -> [&'r str; 6] {
    let language = if article.language == site.labels.language { "" } else { &article.language };
    [&article.page, &article.title, &article.day, &article.origin, &article.excerpt, language]
}

/// Returns the script with the table of Chinese characters.
fn script() -> String {
    let (notes, lines): (Vec<&str>, Vec<&str>) = HAN.lines().partition(|line| line.starts_with('#'));
    let notes: String = notes.iter().map(|line| format!("//{}\n", line.trim_start_matches('#'))).collect();
    format!("{SCRIPT}\n{notes}binderySearch(\"{}\");\n", lines.join(" "))
}

fn page(site: &Site<'_>, articles: usize, parts: usize) -> String {
    let labels = site.labels;
    let main = format!(
        "<h1>{search}</h1>\n<form role=\"search\" id=\"form\">\n<label for=\"query\">{query}</label>\n\
         <input id=\"query\" type=\"search\" autocomplete=\"off\" autocapitalize=\"off\" spellcheck=\"false\"/>\n\
         <button type=\"submit\">{search}</button>\n</form>\n<noscript><p>{script}</p></noscript>\n\
         <p id=\"status\" role=\"status\"></p>\n<ol class=\"articles\" id=\"results\"></ol>\n\
         <p><button type=\"button\" id=\"more\" hidden=\"hidden\">{more}</button></p>\n",
        search = labels.search,
        query = labels.query,
        script = labels.needs_script,
        more = labels.more,
    );
    let data = format!(
        "<script defer=\"defer\" src=\"search/search.js\" data-articles=\"{articles}\" data-block=\"{BLOCK}\" \
         data-parts=\"{parts}\" data-found=\"{}\" data-one=\"{}\" data-none=\"{}\" data-failed=\"{}\"></script>\n",
        escaped(labels.found),
        escaped(labels.found_one),
        escaped(labels.found_none),
        escaped(labels.failed),
    );
    Page {
        path: "search.html",
        language: labels.language,
        title: labels.search,
        site: Some(site.title),
        labels,
        head: &data,
        main: &main,
        scripts: Scripts::Search,
    }
    .html()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_its_articles_with_their_weights() {
        let mut index = Index::default();
        index.add("石桥", "石桥 桥");
        index.add("", "船");
        index.add("", "石桥 石桥");
        assert_eq!(index.words["石桥"].coded, "35");
        assert_eq!(index.words["船"].coded, "4");
        let mut number = String::new();
        push_number(&mut number, 32 * 3 + 5);
        assert_eq!(number, "B3");
    }

    #[test]
    fn the_words_that_begin_with_a_character_are_in_one_part() {
        assert_eq!(part_of("图", 64), part_of("图书", 64));
        assert_eq!(part_of("libraries", 64), part_of("li", 64));
        assert!(part_of("x", 1) == 0);
    }
}
