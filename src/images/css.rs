//! Background images in CSS.

/// The maximum number of URLs that are read from one style.
const MAX_URLS: usize = 8;

/// Returns the URLs of the background images in a `style` attribute, in order, at most `MAX_URLS`.
pub fn backgrounds(style: &str) -> Vec<String> {
    let mut found = Vec::new();
    for declaration in declarations(style) {
        let Some((name, value)) = declaration.split_once(':') else { continue };
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

/// Returns the declarations of a `style` attribute. A `;` in parentheses or quotes does not end one.
fn declarations(style: &str) -> impl Iterator<Item = &str> {
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

/// Appends the URL in each `url()`.
fn urls(value: &str, found: &mut Vec<String>) {
    let mut rest = value;
    while let Some(at) = rest.to_ascii_lowercase().find("url(") {
        // Lower case does not change positions, since it is ASCII only.
        rest = rest[at + 4..].trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let inner = quote.map_or(rest, |_| &rest[1..]);
        let Some(end) = inner.find(quote.unwrap_or(')')) else { return };
        let url = inner[..end].trim().trim_matches(['"', '\'']).replace('\\', "");
        if !url.is_empty() && found.len() < MAX_URLS {
            found.push(url);
        }
        rest = &inner[end..];
        if found.len() == MAX_URLS {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn background_images_are_found_in_a_style_attribute() {
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
