//! URL templates with a variable for the width: `photo_{width}x.jpg`.

use super::attributes::Attrs;
use super::srcset::MAX_WIDTH;

/// The width in pixels to use where the page gives none.
const DEFAULT_WIDTH: u32 = 1080;

/// Expands the first URL template in an image's attributes to at most two URLs, the widest up to [`MAX_WIDTH`] first.
pub fn expand(img: Attrs<'_>) -> Vec<String> {
    let mut templates = img
        .iter()
        .filter(|(name, _)| !matches!(*name, "alt" | "title" | "style" | "class" | "id"))
        .map(|(_, value)| value.trim())
        .filter(|value| is_template(value));
    let Some(template) = templates.next() else { return Vec::new() };
    widths(img).into_iter().take(2).filter_map(|width| fill(template, width)).collect()
}

/// Returns true for a URL template whose variables are all known.
pub fn is_template(value: &str) -> bool {
    value.contains(['{', '%'])
        && !value.starts_with(['{', '[', '<'])
        && value.contains('/')
        && !value.contains(char::is_whitespace)
        && variables(value).next().is_some()
        && fill(value, DEFAULT_WIDTH).is_some()
}

/// Returns the widths that the page offers, best first.
fn widths(img: Attrs<'_>) -> Vec<u32> {
    let numbers = |value: &str| -> Vec<u32> {
        let parts = value.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok());
        parts.filter(|width| (1..10_000).contains(width)).take(64).collect()
    };
    let mut offered: Vec<u32> =
        img.iter().filter(|(name, _)| name.contains("widths")).flat_map(|(_, value)| numbers(value)).collect();
    if offered.is_empty() {
        let named = img.iter().filter(|(name, _)| matches!(*name, "data-width" | "data-max-width" | "width"));
        offered = named.filter_map(|(_, value)| value.trim().parse().ok()).filter(|width| *width >= 200).collect();
    }
    if offered.is_empty() {
        offered.push(DEFAULT_WIDTH);
    }
    let is_beyond = |width: u32| f64::from(width) > MAX_WIDTH;
    offered.sort_unstable_by_key(|&width| (is_beyond(width), if is_beyond(width) { width } else { u32::MAX - width }));
    offered.dedup();
    offered
}

/// Returns the start, the end and the name of each variable.
fn variables(value: &str) -> impl Iterator<Item = (usize, usize, String)> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = &value[from..];
        let (start, open) = [("{", 1), ("%7B", 3), ("%7b", 3)]
            .into_iter()
            .filter_map(|(brace, length)| rest.find(brace).map(|at| (at, length)))
            .min()?;
        let inner = &rest[start + open..];
        let (end, close) = [("}", 1), ("%7D", 3), ("%7d", 3)]
            .into_iter()
            .filter_map(|(brace, length)| inner.find(brace).map(|at| (at, length)))
            .min()?;
        let name = inner[..end].trim_matches(['{', ' ']).to_ascii_lowercase();
        let begin = from + start;
        let mut after = begin + open + end + close;
        if name.len() < end && value[after..].starts_with('}') {
            after += 1;
        }
        from = after;
        Some((begin, after, name))
    })
}

/// Returns the template with its variables filled in; None for an unknown variable.
fn fill(template: &str, width: u32) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    for (start, end, name) in variables(template) {
        out.push_str(&template[copied..start]);
        match name.as_str() {
            "w" | "size" => out.push_str(&width.to_string()),
            name if name.contains("width") => out.push_str(&width.to_string()),
            "hidpi" => {}
            name if name.contains("ratio") || name.contains("dpr") => out.push('1'),
            _ => return None,
        }
        copied = end;
    }
    out.push_str(&template[copied..]);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_expanded_with_the_widest_widths_offered() {
        let img: Attrs<'_> = &[("data-src", "/lid_{width}x.jpg?v=1"), ("data-widths", "[180, 360, 720, 1080, 4000]")];
        assert_eq!(expand(img), ["/lid_1080x.jpg?v=1", "/lid_720x.jpg?v=1"]);
        assert_eq!(expand(&[("data-src", "/n/{width}{hidpi}/a.jpg"), ("width", "640")]), ["/n/640/a.jpg"]);
        assert_eq!(expand(&[("data-src", "/n/%7Bwidth%7D/茶.jpg")]), ["/n/1080/茶.jpg"]);
        assert_eq!(expand(&[("data-src", "/n/{{width}}/a.jpg")]), ["/n/1080/a.jpg"]);
    }

    #[test]
    fn other_braces_are_not_templates() {
        for value in ["/a.jpg", "{\"a\": \"/b.jpg\"}", "/a/{id}.jpg", "/a/%7B12-34%7D/b.jpg", "/a/{"] {
            assert!(!is_template(value) && expand(&[("data-src", value)]).is_empty(), "{value}");
        }
    }
}
