//! Safe file names from page text. All names on disk that come from a page are made here.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::Digest;

/// Maximum length of the title in a slug, in bytes. File systems limit names to 255 bytes, and a Han character takes
/// three.
pub const MAX_SLUG_BYTES: usize = 80;

/// Returns the folder name of an article: its safe title, `-`, and the first 8 hex digits of the SHA-256 of its key.
///
/// The digest separates articles with equal titles. A title without a letter or digit becomes `untitled`.
pub fn slug(title: &str, key: &str) -> String {
    let mut name = safe_name(title);
    if name.is_empty() {
        name.push_str("untitled");
    }
    let hex = Digest::of(key.as_bytes()).hex();
    format!("{name}-{}", &hex[..8])
}

/// Returns the lower-case NFC letters and digits of a text in any script. Every run of other characters between them
/// becomes one `-`. The name is truncated between graphemes to [`MAX_SLUG_BYTES`] bytes; it is empty if the text has no
/// letter or digit.
pub fn safe_name(text: &str) -> String {
    let folded: String = text.nfc().flat_map(char::to_lowercase).nfc().collect();
    let mut name = String::new();
    let mut pending_dash = false;
    for grapheme in folded.graphemes(true) {
        // A grapheme that begins with a letter or digit keeps its combining marks.
        if !grapheme.chars().next().is_some_and(char::is_alphanumeric) {
            pending_dash = true;
            continue;
        }
        let kept: String = grapheme.chars().filter(|&c| is_safe(c)).collect();
        let dash = usize::from(pending_dash && !name.is_empty());
        if name.len() + dash + kept.len() > MAX_SLUG_BYTES {
            break;
        }
        if dash == 1 {
            name.push('-');
        }
        pending_dash = false;
        name.push_str(&kept);
    }
    // Removing a joiner may leave a letter and a combining mark that NFC composes.
    name.nfc().collect()
}

/// Returns whether a character is a letter, a digit or a combining mark. Graphemes can also contain joiners and bidi
/// controls, which are not safe.
fn is_safe(c: char) -> bool {
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

/// Maximum length of a name made from a title, in bytes: with an ending and a suffix against clashes it is at most 255.
const MAX_TITLE_NAME_BYTES: usize = 240;

/// Names that Windows reserves for devices, with any ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Returns a title as the name of a file without its ending, as people read it: in NFC, with its capitals, spaces and most
/// punctuation. Characters that a file system, a link or Obsidian would interpret become spaces. The name is truncated
/// between graphemes to 240 bytes; it is `untitled` if nothing is left.
pub fn title_name(title: &str) -> String {
    let visible = title.nfc().filter(|&c| c.is_whitespace() || !is_invisible(c));
    let plain: String = visible.map(|c| if is_special(c) { ' ' } else { c }).collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut name = String::new();
    // A name that begins with a point is hidden, and Windows drops points and spaces at the end.
    for grapheme in words.trim_start_matches(['.', ' ', '-', '~']).graphemes(true) {
        if name.len() + grapheme.len() > MAX_TITLE_NAME_BYTES {
            break;
        }
        name.push_str(grapheme);
    }
    let name: String = name.trim_end_matches(['.', ' ']).nfc().collect();
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let is_port = (stem.starts_with("com") || stem.starts_with("lpt")) && stem.chars().count() == 4;
    match name.as_str() {
        "" => "untitled".to_owned(),
        _ if DEVICES.contains(&stem.as_str()) || is_port => format!("_{name}"),
        _ => name,
    }
}

fn is_special(c: char) -> bool {
    c.is_control()
        || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '#' | '^' | '[' | ']' | '%' | '`')
}

/// Returns whether a character has no width, or changes the direction of the text after it.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns the form in which two names are equal on a disk that ignores case or the normalisation of Unicode.
pub fn folded_name(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_readable_name_that_every_disk_accepts() {
        assert_eq!(title_name("除了联合声明，他俩还谈了啥？"), "除了联合声明，他俩还谈了啥？");
        assert_eq!(title_name("C#: a/b \"x\" [1]|2?"), "C a b x 1 2");
        assert_eq!(title_name("../../etc/passwd"), "etc passwd");
        assert_eq!(title_name(".hidden."), "hidden");
        assert_eq!((title_name("CON"), title_name("com1.txt")), ("_CON".to_owned(), "_com1.txt".to_owned()));
        assert_eq!(
            (title_name(""), title_name("???"), title_name("a\u{202e}\u{200b}b")),
            ("untitled".into(), "untitled".into(), "ab".into())
        );
        let long = title_name(&"长".repeat(300));
        assert_eq!(long, "长".repeat(80));
        assert_eq!(folded_name("Caf\u{e9}"), folded_name("cafe\u{301}"));
    }

    #[test]
    fn keeps_letters_of_every_script() {
        assert_eq!(safe_name("除了联合声明，他俩还谈了啥？"), "除了联合声明-他俩还谈了啥");
        assert_eq!(safe_name("Ein Übergang: Größe 2"), "ein-übergang-größe-2");
        assert_eq!(safe_name("हिन्दी में"), "हिन्दी-में");
    }

    #[test]
    fn hostile_titles_make_one_safe_path_component() {
        for title in
            ["../../etc/passwd", "CON", "a\u{202e}b", "x\0y", "100% real", "...", "a\u{200d}b", "\n---\n", "nul.txt"]
        {
            let slug = slug(title, "example.org/");
            let bad = |c: char| c.is_control() || "/\\%.:*?\"<>|\u{202e}\u{200d}".contains(c);
            assert!(!slug.contains(bad), "{title:?} became {slug:?}");
            assert!(slug.len() <= MAX_SLUG_BYTES + 9);
        }
        assert!(slug("", "k").starts_with("untitled-"));
    }

    #[test]
    fn cuts_between_graphemes_and_within_the_limit() {
        let name = safe_name(&"长".repeat(4000));
        assert_eq!(name.chars().count(), MAX_SLUG_BYTES / 3);
        let accents = safe_name(&"e\u{0301}\u{0323}".repeat(100));
        assert!(accents.len() <= MAX_SLUG_BYTES);
        assert_eq!(accents.nfc().collect::<String>(), accents);
    }

    #[test]
    fn a_joiner_between_a_letter_and_its_mark_makes_no_difference() {
        assert_eq!(safe_name("caf\u{e9}"), safe_name("cafe\u{200d}\u{301}"));
    }

    #[test]
    fn two_keys_never_share_a_name() {
        assert_ne!(slug("same", "example.org/1"), slug("same", "example.org/2"));
    }
}
