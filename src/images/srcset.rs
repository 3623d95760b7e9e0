//! The `srcset` attribute. <https://html.spec.whatwg.org/#parse-a-srcset-attribute>

/// The width in pixels above which a narrower variant is preferred.
pub const MAX_WIDTH: f64 = 2560.0;

/// One URL of a `srcset`.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate<'a> {
    /// The URL as written.
    pub url: &'a str,
    /// The declared size.
    pub descriptor: Descriptor,
}

/// The declared size of a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Descriptor {
    /// Width in pixels (`640w`).
    Width(f64),
    /// Image pixels per CSS pixel (`2x`); 1 when not declared.
    Density(f64),
}

/// Parses a `srcset`. Candidates with invalid descriptors are left out, as browsers do; URLs may contain commas.
pub fn srcset(value: &str) -> Vec<Candidate<'_>> {
    let mut candidates = Vec::new();
    let mut rest = value;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            return candidates;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (url, after) = rest.split_at(end);
        let trimmed = url.trim_end_matches(',');
        let descriptors = if trimmed.len() < url.len() {
            rest = after;
            ""
        } else {
            let end = descriptors_end(after);
            rest = &after[end..];
            &after[..end]
        };
        if let Some(descriptor) = descriptor(descriptors)
            && !trimmed.is_empty()
        {
            candidates.push(Candidate { url: trimmed, descriptor });
        }
    }
}

/// Returns the position of the comma that ends this candidate; a comma in parentheses does not.
fn descriptors_end(text: &str) -> usize {
    let mut in_parentheses = false;
    for (at, c) in text.char_indices() {
        match c {
            '(' => in_parentheses = true,
            ')' => in_parentheses = false,
            ',' if !in_parentheses => return at,
            _ => {}
        }
    }
    text.len()
}

/// Parses the descriptors of a candidate; None when they are invalid.
fn descriptor(text: &str) -> Option<Descriptor> {
    let mut found = None;
    for word in text.split_ascii_whitespace() {
        let unit = word.chars().next_back()?;
        let number: f64 =
            word[..word.len() - unit.len_utf8()].parse().ok().filter(|n: &f64| n.is_finite() && *n > 0.0)?;
        match unit {
            'w' => found = Some(Descriptor::Width(number)),
            'x' => found = Some(Descriptor::Density(number)),
            // A height adds nothing to the width next to it.
            'h' => {}
            _ => return None,
        }
    }
    Some(found.unwrap_or(Descriptor::Density(1.0)))
}

/// Sorts the candidates, best first: the widest up to [`MAX_WIDTH`], then wider ones from the narrowest up; without
/// widths, the densest up to 3.
pub(super) fn ranked(mut candidates: Vec<Candidate<'_>>) -> Vec<Candidate<'_>> {
    let limit = |descriptor: Descriptor| match descriptor {
        Descriptor::Width(width) => (width, MAX_WIDTH),
        Descriptor::Density(density) => (density, 3.0),
    };
    let key = |candidate: &Candidate<'_>| {
        let (size, most) = limit(candidate.descriptor);
        if size <= most { (0, -size) } else { (1, size) }
    };
    candidates.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(value: &str) -> Vec<&str> {
        srcset(value).into_iter().map(|candidate| candidate.url).collect()
    }

    #[test]
    fn urls_may_contain_commas() {
        assert_eq!(urls("/c,w_300/a.jpg 300w,/c,w_600/a.jpg 600w"), ["/c,w_300/a.jpg", "/c,w_600/a.jpg"]);
        assert_eq!(urls("a.jpg, b.jpg 2x,"), ["a.jpg", "b.jpg"]);
        assert_eq!(urls("data:image/png;base64,AAAA 1x, b.jpg 2x"), ["data:image/png;base64,AAAA", "b.jpg"]);
    }

    #[test]
    fn a_candidate_with_an_invalid_descriptor_is_left_out() {
        assert_eq!(urls("a.jpg big, b.jpg -1w, c.jpg 600w 400h"), ["c.jpg"]);
        assert!(urls(" , ,").is_empty());
    }

    #[test]
    fn the_widest_up_to_the_limit_is_best() {
        let best = |value| ranked(srcset(value))[0].url.to_owned();
        assert_eq!(best("s.jpg 320w, xl.jpg 4000w, l.jpg 1600w"), "l.jpg");
        assert_eq!(best("xl.jpg 4000w, xxl.jpg 8000w"), "xl.jpg");
        assert_eq!(best("a.jpg, b.jpg 2x"), "b.jpg");
    }

    #[test]
    fn a_long_list_takes_time_linear_in_its_length() {
        let value = "a.jpg 1w (,".repeat(100_000);
        assert_eq!(srcset(&value).len(), 0);
        assert_eq!(srcset(&",".repeat(1_000_000)).len(), 0);
    }
}
