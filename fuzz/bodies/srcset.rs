//! `srcset`, and what is chosen from it and the attributes beside it (one a line, `name=value`).

use bindery::images::{Descriptor, ImageChoice, pick, srcset};

pub fn body(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let candidates = srcset(&text);
    let mut after = 0;
    for candidate in &candidates {
        // Each is a part of the text, in its order.
        let at = candidate.url.as_ptr() as usize - text.as_ptr() as usize;
        assert!(at >= after && at + candidate.url.len() <= text.len());
        after = at + candidate.url.len();
        assert!(!candidate.url.is_empty() && !candidate.url.contains(|c: char| c.is_ascii_whitespace()));
        assert!(!candidate.url.starts_with(',') && !candidate.url.ends_with(','), "{candidate:?}");
        let size = match candidate.descriptor {
            Descriptor::Width(size) | Descriptor::Density(size) => size,
        };
        assert!(size.is_finite() && size >= 0.0, "{candidate:?}");
    }
    let plain: Vec<String> = candidates.iter().map(|candidate| candidate.url.to_owned()).collect();
    let again = srcset(&plain.join(" 1x, ")).len();
    assert_eq!(again, plain.len(), "the URLs by themselves are as many");
    let attributes: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let whole = [("src", "/a.gif"), ("srcset", text.as_ref())];
    for img in [attributes.as_slice(), &whole] {
        if let ImageChoice::Image(picked) = pick(img, &[&attributes], &[]) {
            assert!(picked.alternatives.len() <= 4 && !picked.alternatives.contains(&picked.written));
            assert!(img.iter().chain(&attributes).any(|(_, value)| value.contains(&picked.written)), "{picked:?}");
        }
    }
}
