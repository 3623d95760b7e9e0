//! Splits the names of classes, ids and files into words.

/// The maximum length of a name that is read, in characters.
const LONGEST: usize = 200;

/// Returns the words of a name in lower case: `articleShare-box_2` gives article, share, box, 2.
pub fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    find_word(name, |word| {
        words.push(word.to_owned());
        None::<()>
    });
    words
}

/// Calls `wanted` with each word of a name, in lower case, and returns the first result; None when there is none.
pub fn find_word<T>(name: &str, mut wanted: impl FnMut(&str) -> Option<T>) -> Option<T> {
    if name.is_ascii() {
        return find_ascii_word(&name[..name.len().min(LONGEST)], wanted);
    }
    let mut word = String::with_capacity(name.len().min(LONGEST));
    let mut previous_lower = false;
    for c in name.chars().take(LONGEST) {
        let boundary = !c.is_alphanumeric() || (c.is_uppercase() && previous_lower);
        if boundary && !word.is_empty() {
            if let Some(found) = wanted(&word) {
                return Some(found);
            }
            word.clear();
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        previous_lower = c.is_lowercase();
    }
    if word.is_empty() { None } else { wanted(&word) }
}

/// Calls `wanted` with each word of an ASCII name, as the general function does, without allocating each word.
fn find_ascii_word<T>(name: &str, mut wanted: impl FnMut(&str) -> Option<T>) -> Option<T> {
    let mut lower = [0; LONGEST];
    let lower = &mut lower[..name.len()];
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let lower = std::str::from_utf8(lower).unwrap_or_default();
    let mut begin = 0;
    let mut previous_lower = false;
    for (at, byte) in name.bytes().chain([b' ']).enumerate() {
        let is_part = byte.is_ascii_alphanumeric();
        if !is_part || byte.is_ascii_uppercase() && previous_lower {
            if begin < at
                && let Some(found) = wanted(&lower[begin..at])
            {
                return Some(found);
            }
            begin = if is_part { at } else { at + 1 };
        }
        previous_lower = byte.is_ascii_lowercase();
    }
    None
}
