//! robots.txt: what it forbids it says, and the longest rule decides.

use bindery::fetch::{Robots, Rules};
use url::Url;

pub fn body(input: &[u8]) {
    let rules = Rules::parse(input, "bindery");
    assert_eq!(rules, Rules::parse(input, "BINDERY"), "names have no case");
    assert!(rules.sitemaps().len() <= 100);
    let text = String::from_utf8_lossy(input);
    for url in urls(&text) {
        let Ok(url) = Url::parse(&url) else { continue };
        match rules.check(&url) {
            Robots::Allowed => {}
            Robots::Disallowed { rule } => {
                let (_, pattern) = rule.split_once(':').expect("a rule names its kind");
                let pattern = pattern.trim();
                assert!(text.contains(pattern), "{pattern} stands nowhere");
                // A letter may be percent-coded in the URL (RFC 9309, 2.2.2).
                let is_plain = pattern.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/');
                if is_plain && !url.path().contains('%') {
                    assert!(url.path().starts_with(pattern), "{pattern} forbids {url}");
                }
            }
            Robots::Unreachable { reason } => panic!("a text that was read is {reason}"),
        }
    }
    let own = Url::parse("https://example.org/robots.txt").unwrap();
    assert_eq!(rules.check(&own), Robots::Allowed);
    // A group for another program changes nothing where one is for us; a rule before it ends the group that was open.
    let ended = [input, b"\n\nAllow: /none-such\n"].concat();
    let more = [&ended, b"User-agent: another-program\nDisallow: /\n".as_slice()].concat();
    if more.len() < bindery::fetch::PARSED && named(&text) {
        assert_eq!(Rules::parse(&ended, "bindery"), Rules::parse(&more, "bindery"), "a group for another program");
    }
}

/// Whether a group names us: then those for others do not count.
fn named(text: &str) -> bool {
    text.lines().any(|line| line.trim().eq_ignore_ascii_case("user-agent: bindery"))
}

/// The first few paths that the text speaks of, as URLs.
fn urls(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || c == ':').filter(|word| word.starts_with('/'));
    let plain = |word: &str| format!("https://example.org{}", word.replace(['*', '$'], "x"));
    words.take(16).map(plain).chain(["https://example.org/".to_owned()]).collect()
}
