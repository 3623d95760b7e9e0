//! Recognises names in scripts with capitals: given names, initials and surnames, a role or a degree after them.

use super::author_words::{DEGREES, ROLES};
use super::languages::is_english_month;

/// Returns true for two or three capitalised words, none of which is typical of outlets.
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

/// Returns true for an academic or professional degree after a name: `Ph.D.`, `MD`, `M.Sc.`, `RN`.
pub fn is_degree(part: &str) -> bool {
    let words = || part.split_whitespace();
    let is_degree = |word: &str| {
        let letters: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let is_short = word.chars().filter(|c| c.is_uppercase()).count() >= 2 || word.contains('.');
        is_short && DEGREES.contains(&letters.as_str()) || matches!(word, "Jr" | "Sr" | "Jr." | "Sr." | "Esq.")
    };
    words().next().is_some() && words().count() <= 3 && words().all(is_degree)
}

/// Drops the month after a name where a date follows in the same line.
pub fn without_month(text: &str) -> &str {
    let sign = |c: char| c.is_whitespace() || matches!(c, ',' | '.' | '-' | '|');
    let rest = text.trim_end_matches(sign);
    // The day follows its month.
    let rest = rest.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(sign);
    match rest.rsplit_once(char::is_whitespace) {
        Some((name, last)) if rest.len() < text.len() && is_english_month(&last.to_lowercase()) => name,
        None if is_english_month(&rest.to_lowercase()) => "",
        _ => text,
    }
}

/// Drops a role after a name: `Jane Doe Senior Editor`.
pub fn without_role(name: &str) -> &str {
    let mut rest = name;
    // A forum shows the number of posts right after the name.
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

/// Splits names that a word joins, such as `and`.
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
    fn degrees_are_distinguished_from_names() {
        for part in ["Ph.D.", "PhD", "M.D.", "MD", "M.Sc.", "RD", "MS", "M.D. FACP", "Jr."] {
            assert!(is_degree(part), "{part}");
        }
        for part in ["Ma", "Ed", "Ann Rn", "Doe", "Do", "林远"] {
            assert!(!is_degree(part), "{part}");
        }
    }
}
