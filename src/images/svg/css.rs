//! Styles that refer to other files.

/// Returns a style, or the value of an attribute, without references to other files and scripts; None if it has none.
pub fn without_references(style: &str) -> Option<String> {
    let plain = unescaped(style);
    let lower = plain.to_ascii_lowercase();
    if ["expression(", "javascript:", "vbscript:", "-moz-binding", "behavior:"].iter().any(|mark| lower.contains(mark))
    {
        return Some(String::new());
    }
    let has_reference = references(&lower).next().is_some() || lower.contains("@import");
    if !has_reference {
        return None;
    }
    let mut out = String::with_capacity(plain.len());
    let mut at = 0;
    while at < plain.len() {
        let import = lower[at..].find("@import").map(|found| at + found);
        let reference = references(&lower[at..]).next().map(|(start, end)| (at + start, at + end));
        match (import, reference) {
            (Some(start), reference) if reference.is_none_or(|(other, _)| start < other) => {
                out.push_str(&plain[at..start]);
                at = lower[start..].find(';').map_or(plain.len(), |end| start + end + 1);
            }
            (_, Some((start, end))) => {
                out.push_str(&plain[at..start]);
                out.push_str("none");
                at = end;
            }
            (_, None) => {
                out.push_str(&plain[at..]);
                break;
            }
        }
    }
    Some(out)
}

/// Returns where functions that fetch a file begin and end.
fn references(lower: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let functions = ["url(", "image(", "image-set(", "src("];
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let found = functions.iter().filter_map(|name| Some((at + lower[at..].find(name)?, name.len()))).min()?;
            let (start, length) = found;
            let inside = &lower[start + length..];
            let end = inside.find(')').map_or(lower.len(), |end| start + length + end + 1);
            at = end;
            let target = inside.trim_start().trim_start_matches(['"', '\'']).trim_start();
            let is_raster = target.starts_with("data:image/") && !target.starts_with("data:image/svg");
            let is_font = target.starts_with("data:font/") || target.starts_with("data:application/");
            if !(target.starts_with('#') || is_raster || is_font) {
                return Some((start, end));
            }
        }
    })
}

/// Resolves the escapes of CSS and removes its comments, which could hide a reference; a style without any stays as it is.
fn unescaped(style: &str) -> String {
    let mut without = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, after)) = rest.split_once("/*") {
        without.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    without.push_str(rest);
    if !without.contains('\\') {
        return without;
    }
    let mut out = String::with_capacity(without.len());
    let mut chars = without.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let mut code = 0;
        let mut digits = 0;
        while let Some(digit) = chars.peek().and_then(|c| c.to_digit(16)).filter(|_| digits < 6) {
            code = code * 16 + digit;
            digits += 1;
            chars.next();
        }
        if digits == 0 {
            out.extend(chars.next());
            continue;
        }
        out.extend(char::from_u32(code));
        chars.next_if(|c| c.is_whitespace());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_other_files_are_left_out() {
        assert_eq!(without_references("fill:url(#a);stroke:red"), None);
        assert_eq!(without_references("a{fill:url('https://x.test/a')} b{}").as_deref(), Some("a{fill:none} b{}"));
        assert_eq!(without_references("@import 'a.css';b{}").as_deref(), Some("b{}"));
        assert_eq!(without_references("u/**/rl(x)").as_deref(), Some("none"));
        assert_eq!(without_references("width:expression(a())").as_deref(), Some(""));
        assert_eq!(without_references("src:url(data:font/woff2;base64,xx)"), None);
    }
}
