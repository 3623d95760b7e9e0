//! Images that a style shows behind an element.

/// Returns the URLs of a style's backgrounds, in order; empty when it has none.
pub fn backgrounds(style: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rule in rules(style) {
        let Some((name, value)) = rule.split_once(':') else { continue };
        let name = name.trim().to_ascii_lowercase();
        if name.starts_with("--") && name.contains("image")
            || name.starts_with("--") && name.contains("bg")
            || matches!(name.as_str(), "background" | "background-image")
        {
            urls(value, &mut found);
        }
    }
    found
}

/// The rules of a style; a `;` in brackets or quotes ends none.
fn rules(style: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(style);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let (mut depth, mut quote) = (0_usize, None);
        for (at, c) in text.char_indices() {
            match (c, quote) {
                (_, Some(open)) if c == open => quote = None,
                (_, Some(_)) => {}
                ('"' | '\'', None) => quote = Some(c),
                ('(', None) => depth += 1,
                (')', None) => depth = depth.saturating_sub(1),
                (';', None) if depth == 0 => {
                    rest = Some(&text[at + 1..]);
                    return Some(&text[..at]);
                }
                _ => {}
            }
        }
        Some(text)
    })
}

/// What stands in each `url()`.
fn urls(value: &str, found: &mut Vec<String>) {
    let mut rest = value;
    while let Some(at) = rest.to_ascii_lowercase().find("url(") {
        // Small letters are as long as capital ones.
        rest = rest[at + 4..].trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let inner = quote.map_or(rest, |_| &rest[1..]);
        let Some(end) = inner.find(quote.unwrap_or(')')) else { return };
        let url = inner[..end].trim().trim_matches(['"', '\'']).replace('\\', "");
        if !url.is_empty() && found.len() < 8 {
            found.push(url);
        }
        rest = &inner[end..];
        if found.len() == 8 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backgrounds_are_read_from_a_style() {
        for (style, url) in [
            ("background-image: url('https://a.cn/茶;1.jpg'); height: 3px", "https://a.cn/茶;1.jpg"),
            ("color:red;BACKGROUND:#fff URL( \"/a b.jpg\" ) center/cover", "/a b.jpg"),
            ("background:linear-gradient(rgba(0,0,0,.5),#000),url(/a.jpg)", "/a.jpg"),
        ] {
            assert_eq!(backgrounds(style), [url], "{style}");
        }
        assert!(backgrounds("background:red;cursor:url(a.cur)").is_empty());
        assert!(backgrounds("background:url(").is_empty());
    }
}
