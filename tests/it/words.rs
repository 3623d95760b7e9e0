//! Messages and help are written in plain English: the worst turns of phrase are refused.

use crate::architecture::{project, sources};

/// Turns of phrase that native readers had to read twice, each with what to write instead.
const REFUSED: [(&str, &str); 20] = [
    (" is none", "say what is invalid: `invalid proxy URL `x``"),
    (" are none", "say what is invalid"),
    (" is no ", "`is not a valid …` or `invalid …`"),
    (" are no ", "`are not …`"),
    ("so many", "name the number: `after N pages`"),
    ("so deep", "`maximum depth`"),
    (" told", "`reported`, `listed`, `declared`"),
    (" tells", "`says`, `declares`"),
    ("all the same", "`anyway`"),
    ("leave it away", "`omit it`"),
    ("cannot be had", "`could not be fetched`, `could not be read`"),
    ("doubt", "`warning`"),
    ("whoever", "name who it is"),
    ("be had", "`available`, `could not be fetched`"),
    ("becomes of", "`the result of`, `what to do with`"),
    ("became of", "`the result of`, `the outcome of`"),
    ("as much as", "name the number or the limit"),
    ("in silence", "`silently`"),
    ("lies in", "`is in`, `is inside`"),
    ("goes on without", "`continues`, `endless`"),
];

/// Turns of phrase that are refused in comments too.
const REFUSED_IN_COMMENTS: [&str; 10] = [
    " told",
    " tells",
    "so many",
    "so deep that",
    "all the same",
    "whoever",
    "becomes of",
    "became of",
    "be had",
    "in silence",
];

/// The string literals of code without its comments and tests, each with its line number.
fn literals(source: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut chars = source.char_indices().peekable();
    let mut line = 1;
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' => line += 1,
            '/' if source[at..].starts_with("//") => {
                let end = source[at..].find('\n').map_or(source.len(), |end| at + end);
                while chars.next_if(|(next, _)| *next < end).is_some() {}
            }
            '\'' if source[at..].starts_with("'\"'") => {
                chars.next();
                chars.next();
            }
            '"' => {
                let (begins, mut text) = (line, String::new());
                while let Some((_, c)) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => {
                            if let Some((_, escaped)) = chars.next() {
                                line += usize::from(escaped == '\n');
                                text.push(if escaped == '\n' { ' ' } else { escaped });
                            }
                        }
                        c => {
                            line += usize::from(c == '\n');
                            text.push(c);
                        }
                    }
                }
                found.push((begins, text.split_whitespace().collect::<Vec<_>>().join(" ")));
            }
            _ => {}
        }
    }
    found
}

/// Code up to its module of tests.
fn without_tests(source: &str) -> &str {
    source.find("\n#[cfg(test)]\nmod ").map_or(source, |end| &source[..end])
}

/// The documentation comments that clap shows as help.
fn help(source: &str) -> Vec<(usize, String)> {
    let doc = |(at, line): (usize, &str)| line.trim_start().strip_prefix("/// ").map(|text| (at + 1, text.to_owned()));
    source.lines().enumerate().filter_map(doc).collect()
}

/// What is refused in a text; a sentence is looked at, a word or a key is not.
fn refused(text: &str) -> Option<(&'static str, &'static str)> {
    let lower = format!(" {} ", text.to_lowercase());
    if lower.trim().split(' ').count() < 3 {
        return None;
    }
    let lower = lower.replace("there is no ", "").replace("there are no ", "");
    REFUSED.into_iter().find(|(phrase, _)| lower.contains(phrase))
}

#[test]
fn messages_and_help_use_plain_words() {
    let mut broken = Vec::new();
    for path in sources(&project("src")).into_iter().chain(sources(&project("python/src"))) {
        let source = std::fs::read_to_string(&path).unwrap();
        // Lists of words that pages use are data, not messages.
        let inside = path.strip_prefix(project("src")).unwrap_or(&path).display().to_string();
        let code = without_tests(&source);
        let is_cli = inside.starts_with("cli");
        let texts = if inside.starts_with("extract") { Vec::new() } else { literals(code) };
        for (line, text) in texts.into_iter().chain(if is_cli { help(code) } else { Vec::new() }) {
            if let Some((phrase, instead)) = refused(&text) {
                broken.push(format!("src/{inside}:{line}: `{}` in \"{text}\"; write {instead}", phrase.trim()));
            }
        }
    }
    assert!(broken.is_empty(), "{} texts:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn comments_use_plain_words() {
    let mut broken = Vec::new();
    for path in sources(&project("src")).into_iter().chain(sources(&project("python/src"))) {
        let source = std::fs::read_to_string(&path).unwrap();
        for (at, line) in source.lines().enumerate() {
            let Some(comment) = line.trim_start().strip_prefix("//") else { continue };
            let lower = format!(" {} ", comment.to_lowercase());
            if let Some(phrase) = REFUSED_IN_COMMENTS.iter().find(|phrase| lower.contains(**phrase)) {
                broken.push(format!("{}:{}: `{}` in \"{}\"", path.display(), at + 1, phrase.trim(), comment.trim()));
            }
        }
    }
    assert!(broken.is_empty(), "{} comments:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn a_refused_phrase_is_found_in_a_literal_and_not_in_a_comment() {
    let code = "// is none\nlet a = \"the URL is none \\\n   that works\";\n";
    let found: Vec<_> = literals(code).into_iter().filter(|(_, text)| refused(text).is_some()).collect();
    assert_eq!(found, [(2, "the URL is none that works".to_owned())]);
    assert_eq!(refused("there is no article on this page"), None);
}
