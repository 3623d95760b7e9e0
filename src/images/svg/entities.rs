//! Entities that a document declares for itself.

use std::collections::HashMap;

/// The entities of a document.
#[derive(Debug, Default)]
pub struct Entities {
    /// Names and values of those that stand for text.
    texts: HashMap<String, String>,
    /// Whether the declarations can bring in more than text.
    pub are_active: bool,
}

impl Entities {
    /// Reads the declarations of a document type.
    pub fn of(declared: &str) -> Self {
        let mut entities = Self::default();
        let lower = declared.to_ascii_lowercase();
        // The value of an attribute that no tag shows.
        entities.are_active =
            lower.contains("<!attlist") && ["on", "href", "script"].iter().any(|mark| lower.contains(mark));
        for (at, start) in lower.match_indices("<!entity") {
            let rest = declared[at + start.len()..].trim_start();
            let mut parts = rest.splitn(2, char::is_whitespace);
            let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default().trim_start());
            let quoted = value.chars().next().filter(|c| matches!(c, '"' | '\''));
            let text = quoted.and_then(|quote| value[1..].split_once(quote)).map(|(text, _)| text);
            match text {
                Some(text) if name != "%" && !text.contains(['<', '&', '%']) => {
                    // The first declaration counts.
                    entities.texts.entry(name.to_owned()).or_insert_with(|| text.to_owned());
                }
                _ => entities.are_active = true,
            }
        }
        entities
    }

    /// Returns what a name stands for: a declared text, or one of the characters of XML itself.
    pub fn get(&self, name: &str) -> Option<&str> {
        match name {
            "amp" => Some("&"),
            "lt" => Some("<"),
            "gt" => Some(">"),
            "quot" => Some("\""),
            "apos" => Some("'"),
            _ => self.texts.get(name).map(String::as_str),
        }
    }
}

/// Returns whether a reference is one that every document has: to a character by its number.
pub fn is_of_xml(name: &str) -> bool {
    name.strip_prefix('#').is_some_and(|digits| digits.chars().all(|c| c.is_ascii_hexdigit() || c == 'x'))
}
