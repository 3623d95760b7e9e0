//! The one function that makes names on disk out of text from a page.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::Digest;

/// The longest title part of a slug, in bytes: names are limited in bytes, and a Han character takes three.
pub const MAX_SLUG_BYTES: usize = 80;

/// The folder name of an article: its title made safe, `-`, and the first 8 hex digits of the SHA-256 of its key.
///
/// Two titles may be equal, two keys are not; a title of nothing but signs leaves `untitled`.
pub fn slug(title: &str, key: &str) -> String {
    let mut name = safe_name(title);
    if name.is_empty() {
        name.push_str("untitled");
    }
    let hex = Digest::of(key.as_bytes()).hex();
    format!("{name}-{}", &hex[..8])
}

/// Lower-cased NFC letters and digits of any script, every other run one `-`, none at the ends, at most
/// [`MAX_SLUG_BYTES`] bytes, cut between graphemes. Empty when the text has no letter and no digit.
pub fn safe_name(text: &str) -> String {
    let folded: String = text.nfc().flat_map(char::to_lowercase).nfc().collect();
    let mut name = String::new();
    let mut pending_dash = false;
    for grapheme in folded.graphemes(true) {
        // A grapheme is kept whole when it begins with a letter or digit; marks on it come along.
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
    // A letter and its mark between which a joiner stood are one letter now.
    name.nfc().collect()
}

/// Letters, digits and the marks that belong to them; joiners and bidi controls hide in graphemes too.
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
    fn a_joiner_between_letter_and_mark_leaves_one_letter() {
        assert_eq!(safe_name("caf\u{e9}"), safe_name("cafe\u{200d}\u{301}"));
    }

    #[test]
    fn two_keys_never_share_a_name() {
        assert_ne!(slug("same", "example.org/1"), slug("same", "example.org/2"));
    }
}
