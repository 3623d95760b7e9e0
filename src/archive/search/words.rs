//! Dividing text and queries into the words of the index. Scripts without spaces are divided into pairs of neighbouring
//! characters, because most Chinese words have two.

use unicode_normalization::UnicodeNormalization;

/// Returns whether a character is indexed in pairs: Han, kana and Hangul. Hangul has spaces, but its words have
/// endings.
fn is_paired(c: char) -> bool {
    matches!(c as u32,
        0x3005..=0x3007 | 0x3041..=0x30ff | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7a3
        | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

/// Returns the words of a text, separated by spaces: words of letters and digits unchanged, runs of paired characters
/// as their pairs. The last character of a run is also a word, so that every character starts a word.
pub fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    each(text, &mut |word| {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    });
    out
}

fn each(text: &str, emit: &mut dyn FnMut(&str)) {
    let mut word = String::new();
    let mut run: Vec<char> = Vec::new();
    for c in text.nfkc().filter(|c| !is_inside_a_word(*c)).chain([' ']) {
        let paired = is_paired(c);
        if !paired && !run.is_empty() {
            pairs(&run, emit);
            run.clear();
        }
        if (paired || !c.is_alphanumeric()) && !word.is_empty() {
            emit(&word);
            word.clear();
        }
        match c {
            _ if paired => run.push(c),
            c if c.is_alphanumeric() => word.extend(c.to_lowercase()),
            _ => {}
        }
    }
}

/// Returns whether a character is a soft hyphen or word joiner: words continue after them, and nobody types them.
fn is_inside_a_word(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{2060}')
}

fn pairs(run: &[char], emit: &mut dyn FnMut(&str)) {
    for pair in run.windows(2) {
        emit(&pair.iter().collect::<String>());
    }
    if let Some(last) = run.last() {
        emit(&last.to_string());
    }
}

/// Returns the FTS5 query for what the user typed: all words are required, `"…"` is a phrase, `-…` is excluded. Empty
/// if no word is required.
pub fn query(typed: &str) -> String {
    let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
    for term in terms(typed) {
        let (list, text) = match term.strip_prefix('-') {
            Some(text) => (&mut unwanted, text),
            None => (&mut wanted, term.as_str()),
        };
        list.extend(phrase(text));
    }
    if wanted.is_empty() {
        return String::new();
    }
    let mut query = wanted.join(" AND ");
    for phrase in unwanted {
        query = format!("({query}) NOT {phrase}");
    }
    query
}

/// Returns the FTS5 phrase of a term. A run of paired characters becomes the sequence of its pairs; its last character
/// alone would not match longer runs.
fn phrase(text: &str) -> Option<String> {
    let prefix = text.ends_with('*');
    let mut found: Vec<String> = Vec::new();
    each(text, &mut |word| found.push(word.to_owned()));
    let ends_in_run = text.nfkc().filter(|c| c.is_alphanumeric()).last().is_some_and(is_paired);
    let last_is_alone = found.last().is_some_and(|word| word.chars().count() == 1);
    match (ends_in_run && last_is_alone, found.len()) {
        (_, 0) => None,
        // A single character matches every word that starts with it.
        (true, 1) => Some(format!("\"{}\"*", found[0])),
        (true, length) => {
            // The last character of a longer run is already in the pair before it; a single character is not.
            let before = found[length - 2].chars().collect::<Vec<_>>();
            let of_a_pair = before.len() == 2 && before.last().map(char::to_string).as_ref() == found.last();
            let kept = if of_a_pair { &found[..length - 1] } else { &found[..] };
            Some(format!("\"{}\"{}", kept.join(" "), if of_a_pair { "" } else { "*" }))
        }
        (false, _) => Some(format!("\"{}\"{}", found.join(" "), if prefix { "*" } else { "" })),
    }
}

/// Returns the terms of a query without quotes; excluded terms start with `-`.
pub fn terms(typed: &str) -> Vec<String> {
    let mut terms = Vec::new();
    let mut rest = typed.trim_start();
    while !rest.is_empty() {
        let minus = rest.starts_with('-');
        let body = rest.strip_prefix('-').unwrap_or(rest);
        let quote = body.chars().next().filter(|c| matches!(c, '"' | '“' | '「'));
        let (term, after) = match quote {
            Some(open) => {
                let close = match open {
                    '“' => '”',
                    '「' => '」',
                    other => other,
                };
                let inside = &body[open.len_utf8()..];
                inside.split_once(close).unwrap_or((inside, ""))
            }
            None => body.split_once(char::is_whitespace).unwrap_or((body, "")),
        };
        if !term.trim().is_empty() {
            terms.push(format!("{}{}", if minus { "-" } else { "" }, term.trim()));
        }
        rest = after.trim_start();
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_characters_are_paired_and_other_words_are_unchanged() {
        assert_eq!(words("图书馆 2024年Ｏpen Source"), "图书 书馆 馆 2024 年 open source");
        assert_eq!(words("한국어, 日本語！"), "한국 국어 어 日本 本語 語");
        assert_eq!(words(" —— "), "");
    }

    #[test]
    fn soft_hyphens_are_ignored() {
        assert_eq!(words("Donau\u{ad}dampf 图\u{ad}书\u{ad}馆"), words("Donaudampf 图书馆"));
        assert_eq!(query("Donau\u{ad}dampf"), query("Donaudampf"));
    }

    #[test]
    fn a_query_is_divided_like_the_text() {
        assert_eq!(query("图书馆"), "\"图书 书馆\"");
        assert_eq!(query("书"), "\"书\"*");
        assert_eq!(query("老城 \"open source\" -广告"), "(\"老城\" AND \"open source\") NOT \"广告\"");
        assert_eq!(query("2024年"), "\"2024 年\"*");
        assert_eq!(query("“装订 铺” libr*"), "\"装订 订 铺\"* AND \"libr\"*");
        assert_eq!(query("-广告"), "");
        assert_eq!(query("\" OR x:y"), "\"or x y\"", "operators are treated as words");
    }
}
