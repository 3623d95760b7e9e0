//! robots.txt (RFC 9309).

use std::borrow::Cow;
use std::time::Duration;

use url::Url;

use super::error::{FetchError, shown};
use crate::model::brief;

/// The number of bytes of a robots.txt that are read (RFC 9309, 2.5).
pub const PARSED: usize = 500 << 10;

/// The maximum number of sitemaps read from one robots.txt, chosen by eye.
const MAX_SITEMAPS: usize = 100;

/// The maximum length of a rule in a message, in characters.
const MOST_OF_RULE: usize = 100;

/// The product name that robots.txt files address bindery by.
pub const PRODUCT: &str = "bindery";

/// Whether robots.txt allows a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Robots {
    /// The URL is allowed, or the site has no robots.txt.
    Allowed,
    /// The URL is forbidden.
    Disallowed {
        /// The rule as written, such as `Disallow: /private`.
        rule: String,
    },
    /// The robots.txt could not be read, so nothing may be visited (RFC 9309, 2.3.1.4).
    Unreachable {
        /// The error.
        reason: String,
    },
}

impl Robots {
    /// Returns why the URL is not allowed, as a clause for messages; None if it is allowed.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Allowed => None,
            Self::Disallowed { rule } => Some(format!("robots.txt forbids it ({rule})")),
            Self::Unreachable { reason } => Some(format!("its robots.txt could not be read ({reason})")),
        }
    }

    /// Returns an error of kind `robots` unless the URL is allowed.
    pub fn permit(&self, url: &Url) -> Result<(), FetchError> {
        match self.reason() {
            None => Ok(()),
            Some(reason) => Err(FetchError::Robots { url: shown(url), reason }),
        }
    }
}

/// What a rule does with the URLs that it matches. The greater wins where two are equally specific.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    Disallow,
    Allow,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    effect: Effect,
    /// Normalized; `*` matches any text, a final `$` the end.
    pattern: String,
    written: String,
}

/// The rules of one robots.txt for one product.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
    sitemaps: Vec<String>,
}

impl Rules {
    /// Parses the first [`PARSED`] bytes of a robots.txt. Unknown lines are ignored. In a file that is not UTF-8, bytes beyond
    /// ASCII are read as percent-encoded, so that paths in any charset are matched.
    ///
    /// All groups that name `product` (in any case) apply; without one, those that name `*`; without these either,
    /// everything is allowed.
    pub fn parse(text: &[u8], product: &str) -> Self {
        let text = as_text(whole_lines(text));
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let (mut own, mut any) = (Vec::new(), Vec::new());
        let (mut own_delay, mut any_delay, mut sitemaps) = (None, None, Vec::new());
        let (mut named, mut starred, mut own_seen) = (false, false, false);
        let mut in_rules = true;
        // Whether the last lines were a `Crawl-delay` and empty ones.
        let mut paused = Pause::None;
        for line in text.lines().flat_map(|line| line.split('\r')) {
            paused = paused.after(line);
            let Some((key, value)) = field(line) else { continue };
            match key.as_str() {
                "user-agent" => {
                    if in_rules || paused == Pause::Ended {
                        (named, starred, in_rules) = (false, false, false);
                    }
                    paused = Pause::None;
                    named |= is_product(value, product);
                    starred |= value == "*" || value.starts_with("* ");
                    own_seen |= named;
                }
                "allow" | "disallow" => {
                    in_rules = true;
                    let Some(rule) = rule(if key == "allow" { Effect::Allow } else { Effect::Disallow }, value) else {
                        continue;
                    };
                    if named {
                        own.push(rule.clone());
                    }
                    if starred {
                        any.push(rule);
                    }
                }
                "crawl-delay" => {
                    paused = Pause::Delay;
                    let delay = value.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                    if named {
                        own_delay = own_delay.max(delay);
                    }
                    if starred {
                        any_delay = any_delay.max(delay);
                    }
                }
                // It belongs to no group (https://www.sitemaps.org/protocol.html).
                "sitemap" if sitemaps.len() < MAX_SITEMAPS => sitemaps.push(value.to_owned()),
                _ => {}
            }
        }
        match own_seen {
            true => Self { rules: own, crawl_delay: own_delay, sitemaps },
            false => Self { rules: any, crawl_delay: any_delay, sitemaps },
        }
    }

    /// Returns the `Crawl-delay`; None if there is none.
    pub fn crawl_delay(&self) -> Option<Duration> {
        self.crawl_delay
    }

    /// Returns the sitemaps, as written.
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }

    /// Returns whether the rules allow a URL: the longest matching pattern decides, and `Allow` on a tie.
    pub fn check(&self, url: &Url) -> Robots {
        if url.path() == "/robots.txt" {
            return Robots::Allowed;
        }
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let path = normalize(&format!("{}{query}", url.path()), Wildcards::Literal);
        let best = self
            .rules
            .iter()
            .filter(|rule| matches(&rule.pattern, &path))
            .max_by_key(|rule| (rule.pattern.len(), rule.effect));
        match best {
            Some(rule) if rule.effect == Effect::Disallow => {
                Robots::Disallowed { rule: brief(&rule.written, MOST_OF_RULE) }
            }
            _ => Robots::Allowed,
        }
    }
}

/// Whether a `Crawl-delay` has ended a group. It is not a rule (RFC 9309, 2.2.4), so a `User-agent` in the next line belongs to
/// the same group; after an empty line its author meant another one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pause {
    None,
    Delay,
    Ended,
}

impl Pause {
    fn after(self, line: &str) -> Self {
        if self == Self::Delay && line.trim().is_empty() { Self::Ended } else { self }
    }
}

/// Returns the text of a file; one that is not UTF-8 has its bytes beyond ASCII percent-encoded.
fn as_text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut text = String::with_capacity(bytes.len() * 2);
            for byte in bytes {
                if byte.is_ascii() { text.push(char::from(*byte)) } else { push_coded(&mut text, *byte) }
            }
            Cow::Owned(text)
        }
    }
}

/// Returns the lines within the first [`PARSED`] bytes, without the one that the limit cuts: half a path would forbid too
/// much.
fn whole_lines(text: &[u8]) -> &[u8] {
    match text.get(..PARSED) {
        Some(head) if text.len() > PARSED => {
            let end = head.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(0);
            &head[..end]
        }
        _ => text,
    }
}

/// Returns key and value of a line (`Allow : /a # why` → `allow`, `/a`); None if it has no colon.
fn field(line: &str) -> Option<(String, &str)> {
    let line = line.split('#').next().unwrap_or_default();
    let (key, value) = line.split_once(':')?;
    Some((key.trim().to_ascii_lowercase(), value.trim()))
}

/// Returns whether the value of `User-agent` is this product. A product token consists of letters, `-` and `_`, so
/// `bindery/1.0` is bindery.
fn is_product(value: &str, product: &str) -> bool {
    let end = value.find(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '_')).unwrap_or(value.len());
    end > 0 && value[..end].eq_ignore_ascii_case(product)
}

fn rule(effect: Effect, value: &str) -> Option<Rule> {
    let word = match effect {
        Effect::Allow => "Allow",
        Effect::Disallow => "Disallow",
    };
    let pattern = || normalize(value, Wildcards::Special);
    (!value.is_empty()).then(|| Rule { effect, pattern: pattern(), written: format!("{word}: {value}") })
}

/// What `*` and a final `$` mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wildcards {
    /// Any text and the end, in a pattern.
    Special,
    /// Themselves, in a URL.
    Literal,
}

/// Returns one spelling for the same octets (RFC 9309, 2.2.2): percent-encoded are those beyond ASCII and those that no URL
/// has (as in `{id}`), unreserved characters never are, hex digits are in upper case. Literal `*` and `$` are percent-encoded, since a pattern cannot express them otherwise.
fn normalize(text: &str, wildcards: Wildcards) -> String {
    let is_pattern = wildcards == Wildcards::Special;
    let mut out = String::with_capacity(text.len());
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        let digits = text.as_bytes().get(at + 1..at + 3).filter(|_| byte == b'%');
        let coded = digits.and_then(|pair| Some(hex(pair[0])? << 4 | hex(pair[1])?));
        if coded.is_some() {
            bytes.nth(1);
        }
        match coded {
            Some(octet) if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) => out.push(char::from(octet)),
            Some(octet) => push_coded(&mut out, octet),
            None if is_pattern && byte == b'$' && at + 1 < text.len() => push_coded(&mut out, byte),
            None if !is_pattern && matches!(byte, b'*' | b'$') => push_coded(&mut out, byte),
            None if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) => out.push(char::from(byte)),
            None => push_coded(&mut out, byte),
        }
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn push_coded(out: &mut String, octet: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.extend(['%', char::from(DIGITS[usize::from(octet >> 4)]), char::from(DIGITS[usize::from(octet & 15)])]);
}

/// Returns whether a pattern matches a path. Each text between `*` is matched where it first occurs, without
/// backtracking, so no pattern is slow.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, to_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let last = if to_end { parts.pop() } else { None };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    match last {
        Some(last) => rest.ends_with(last),
        None => !to_end || rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, path: &str) -> Robots {
        let url = Url::parse("https://example.org").unwrap().join(path).unwrap();
        Rules::parse(text.as_bytes(), PRODUCT).check(&url)
    }

    fn allowed(text: &str, path: &str) -> bool {
        check(text, path) == Robots::Allowed
    }

    #[test]
    fn a_group_that_names_bindery_replaces_the_one_for_everyone() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: Bindery/2.0 (archive)\nDisallow: /稿/\n";
        assert!(allowed(text, "/a"));
        assert_eq!(check(text, "/稿/1"), Robots::Disallowed { rule: "Disallow: /稿/".into() });
        assert!(!allowed("User-agent: binderyx\nAllow: /\nUser-agent: *\nDisallow: /", "/a"));
    }

    #[test]
    fn crawl_delay_and_sitemaps_are_read() {
        let read = |text: &str| Rules::parse(text.as_bytes(), PRODUCT);
        let rules = read("Sitemap: /a.xml\nuser-agent: *\ncrawl-delay: 2.5\nDisallow:\nSITEMAP: https://b.test/b.xml");
        assert_eq!(rules.crawl_delay(), Some(Duration::from_millis(2500)));
        assert_eq!(rules.sitemaps(), ["/a.xml", "https://b.test/b.xml"]);
        let own = read("user-agent: *\ncrawl-delay: 9\n\nuser-agent: bindery\ncrawl-delay: 1");
        assert_eq!(own.crawl_delay(), Some(Duration::from_secs(1)));
        for nonsense in ["-1", "soon", "1e999", "NaN"] {
            assert_eq!(read(&format!("user-agent: *\ncrawl-delay: {nonsense}")).crawl_delay(), None, "{nonsense}");
        }
    }

    #[test]
    fn groups_for_the_same_product_are_merged() {
        let text =
            "user-agent: bindery\ndisallow: /a\n\nuser-agent: x\ndisallow: /b\n\nuser-agent: BINDERY\ndisallow: /c";
        assert!(!allowed(text, "/a") && allowed(text, "/b") && !allowed(text, "/c"));
    }

    #[test]
    fn several_user_agents_share_a_group_even_with_other_lines_between() {
        let text =
            "User-agent: x\nSitemap: https://example.org/map.xml\nUser-agent: bindery\nCrawl-delay: 3\nDisallow: /a";
        assert!(!allowed(text, "/a"));
    }

    #[test]
    fn a_crawl_delay_ends_no_group_unless_an_empty_line_follows() {
        for ending in ["\n", "\r\n", "\r"] {
            let together = "User-agent: x\nCrawl-delay: 3\nUser-agent: bindery\nDisallow: /a".replace('\n', ending);
            assert!(!allowed(&together, "/a"), "{together:?}");
            let apart = "User-agent: *\nCrawl-delay: 3\n\nUser-agent: x\nDisallow: /a".replace('\n', ending);
            assert!(allowed(&apart, "/a"), "{apart:?}");
            let after = "User-agent: *\nCrawl-delay: 3\n\nDisallow: /a".replace('\n', ending);
            assert!(!allowed(&after, "/a"), "{after:?}");
        }
    }

    #[test]
    fn a_group_without_rules_allows_everything() {
        assert!(allowed("User-agent: *\nDisallow: /\nUser-agent: bindery\nDisallow:", "/a"));
        assert!(allowed("", "/a"));
        assert!(allowed("Disallow: /a", "/a"));
    }

    #[test]
    fn the_longest_match_wins_and_allow_wins_a_tie() {
        let text = "User-agent: *\nDisallow: /news/\nAllow: /news/2024/\nDisallow: /news/2024/draft";
        assert!(!allowed(text, "/news/1"));
        assert!(allowed(text, "/news/2024/1"));
        assert!(!allowed(text, "/news/2024/draft-1"));
        assert!(allowed("User-agent: *\nDisallow: /p\nAllow: /p", "/page"));
        assert!(!allowed("User-agent: *\nAllow: /page\nDisallow: /*.html", "/page.html"));
    }

    #[test]
    fn a_star_matches_any_text_and_a_final_dollar_the_end() {
        let text = "User-agent: *\nDisallow: /*/print\nDisallow: *.gif$\nDisallow: /exact$";
        assert!(!allowed(text, "/a/b/print.html"));
        assert!(!allowed(text, "/i.gif.gif"));
        assert!(allowed(text, "/i.gif?x"));
        assert!(!allowed(text, "/exact") && allowed(text, "/exact/1"));
    }

    #[test]
    fn a_character_and_its_percent_encoding_match_each_other() {
        for rule in ["/新闻/", "/%E6%96%B0%E9%97%BB/", "/%e6%96%b0%e9%97%bb/"] {
            assert!(!allowed(&format!("User-agent: *\nDisallow: {rule}"), "/新闻/1"), "{rule}");
        }
        let gbk = Rules::parse(b"User-agent: *\nDisallow: /\xd0\xc2\xce\xc5/", PRODUCT);
        let path = |text: &str| Url::parse("https://example.org").unwrap().join(text).unwrap();
        assert_ne!(gbk.check(&path("/%d0%C2%CE%C5/1")), Robots::Allowed);
        assert_eq!(gbk.check(&path("/新闻/1")), Robots::Allowed);
        for (rule, url) in
            [("/{id}/", "/%7Bid%7D/1"), ("/%7bid%7d/", "/{id}/1"), ("/a|b", "/a%7Cb"), ("/a b", "/a%20b")]
        {
            assert!(!allowed(&format!("User-agent: *\nDisallow: {rule}"), url), "{rule}");
        }
        assert!(!allowed("User-agent: *\nDisallow: /%62ar", "/bar"));
        assert!(!allowed("User-agent: *\nDisallow: /a%2Fb", "/a%2fb"));
        assert!(allowed("User-agent: *\nDisallow: /a%2Fb", "/a/b"));
        assert!(!allowed("User-agent: *\nDisallow: /x%2Ay", "/x*y"));
        assert!(allowed("User-agent: *\nDisallow: /x%2Ay", "/xzy"));
        assert!(!allowed("User-agent: *\nDisallow: /a$b", "/a$b"));
    }

    #[test]
    fn the_query_is_matched_and_robots_txt_itself_is_always_allowed() {
        let text = "User-agent: *\nDisallow: /*?print=\nDisallow: /robots.txt";
        assert!(!allowed(text, "/a?print=1") && allowed(text, "/a"));
        assert!(allowed(text, "/robots.txt"));
    }

    #[test]
    fn byte_order_marks_comments_and_all_line_endings_are_accepted() {
        let text = "\u{feff}# robots\rUser-agent : *\r\nDISALLOW:/a # no\nnonsense\n: :\n";
        assert!(!allowed(text, "/a"));
    }

    #[test]
    fn lines_beyond_the_size_limit_are_ignored() {
        let text = format!("User-agent: *\n{}\nDisallow: /", "#".repeat(PARSED));
        assert!(allowed(&text, "/a"));
        let start = "User-agent: *\nDisallow: /b\n";
        let filler = "#".repeat(PARSED - start.len() - "\nDisallow: /".len());
        let text = format!("{start}{filler}\nDisallow: /private");
        assert!(allowed(&text, "/a") && !allowed(&text, "/b"));
    }

    #[test]
    fn a_hostile_pattern_is_matched_quickly() {
        let text = format!("User-agent: *\nDisallow: /{}b", "*a".repeat(5_000)).repeat(20);
        assert!(allowed(&text, &format!("/{}", "a".repeat(20_000))));
    }

    #[test]
    fn an_unreachable_robots_txt_forbids_everything() {
        let url = Url::parse("https://example.org/a").unwrap();
        let error = Robots::Unreachable { reason: "it answered 503".into() }.permit(&url).unwrap_err();
        assert_eq!(error.kind(), crate::model::FailureKind::Robots);
        assert!(error.to_string().contains("503"));
    }
}
