//! Names in scripts with capitals: first names, initials and surnames, a post or a degree after them.

use super::author_words::{DEGREES, MONTHS, ROLES};

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

/// `Ph.D.`, `MD`, `M.Sc.`, `RN`: what a person has learned, which stands after the name.
pub fn is_degree(part: &str) -> bool {
    let words = || part.split_whitespace();
    let is_degree = |word: &str| {
        let letters: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let is_short = word.chars().filter(|c| c.is_uppercase()).count() >= 2 || word.contains('.');
        is_short && DEGREES.contains(&letters.as_str()) || matches!(word, "Jr" | "Sr" | "Jr." | "Sr." | "Esq.")
    };
    words().next().is_some() && words().count() <= 3 && words().all(is_degree)
}

/// A date follows the name in one line: its month is no name.
pub fn without_month(text: &str) -> &str {
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
pub fn without_role(name: &str) -> &str {
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

/// The names that words of a language join.
pub fn split_words(text: &str) -> Vec<&str> {
    let mut parts = vec![text];
    for word in [" and ", " und ", " et ", " AND ", " with "] {
        parts = parts.into_iter().flat_map(|part| part.split(word)).collect();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_is_told_from_a_name() {
        for part in ["Ph.D.", "PhD", "M.D.", "MD", "M.Sc.", "RD", "MS", "M.D. FACP", "Jr."] {
            assert!(is_degree(part), "{part}");
        }
        for part in ["Ma", "Ed", "Ann Rn", "Doe", "Do", "林远"] {
            assert!(!is_degree(part), "{part}");
        }
    }
}
