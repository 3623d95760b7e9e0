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

#[cfg(test)]
mod tests {
    use super::*;

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
