//! robots.txt by RFC 9309: who may visit what.

use std::time::Duration;

use url::Url;

use super::error::{FetchError, shown};

/// How much of a robots.txt is read, in bytes (RFC 9309, 2.5).
pub const PARSED: usize = 500 << 10;

/// More sitemaps than this are not a site's but an attack's.
const MOST_SITEMAPS: usize = 100;

/// The name robots.txt knows us by.
pub const PRODUCT: &str = "bindery";

/// Whether robots.txt lets a URL be visited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Robots {
    /// It does, or there is none.
    Allowed,
    /// It does not.
    Disallowed {
        /// The rule as it is written, such as `Disallow: /private`.
        rule: String,
    },
    /// It could not be read, so nothing may be visited (RFC 9309, 2.3.1.4).
    Unreachable {
        /// Why, one sentence.
        reason: String,
    },
}

impl Robots {
    /// `Err` of kind `robots` unless the visit is allowed.
    pub fn permit(&self, url: &Url) -> Result<(), FetchError> {
        let rule = match self {
            Self::Allowed => return Ok(()),
            Self::Disallowed { rule } => rule.clone(),
            Self::Unreachable { reason } => format!("it could not be read: {reason}"),
        };
        Err(FetchError::Robots { url: shown(url), rule })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allow: bool,
    /// Normalised; `*` is any text, a final `$` the end.
    pattern: String,
    written: String,
}

/// The rules of one robots.txt that bind one product.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
    sitemaps: Vec<String>,
}

impl Rules {
    /// Reads a robots.txt: the first [`PARSED`] bytes, bytes that are not UTF-8 replaced, lines it does not know passed over.
    ///
    /// The groups that name `product` (any case) bind together; where none does, those that name `*`; where none
    /// does either, everything is allowed.
    pub fn parse(text: &[u8], product: &str) -> Self {
        let text = String::from_utf8_lossy(whole_lines(text));
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let (mut own, mut any) = (Vec::new(), Vec::new());
        let (mut own_delay, mut any_delay, mut sitemaps) = (None, None, Vec::new());
        let (mut named, mut starred, mut own_seen) = (false, false, false);
        let mut in_rules = true;
        for (key, value) in text.split(['\n', '\r']).filter_map(field) {
            match key.as_str() {
                "user-agent" => {
                    if in_rules {
                        (named, starred, in_rules) = (false, false, false);
                    }
                    named |= is_product(value, product);
                    starred |= value == "*" || value.starts_with("* ");
                    own_seen |= named;
                }
                "allow" | "disallow" => {
                    in_rules = true;
                    let Some(rule) = rule(key == "allow", value) else { continue };
                    if named {
                        own.push(rule.clone());
                    }
                    if starred {
                        any.push(rule);
                    }
                }
                "crawl-delay" => {
                    in_rules = true;
                    let delay = value.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                    if named {
                        own_delay = own_delay.max(delay);
                    }
                    if starred {
                        any_delay = any_delay.max(delay);
                    }
                }
                // It stands outside of all groups (https://www.sitemaps.org/protocol.html).
                "sitemap" if sitemaps.len() < MOST_SITEMAPS => sitemaps.push(value.to_owned()),
                _ => {}
            }
        }
        match own_seen {
            true => Self { rules: own, crawl_delay: own_delay, sitemaps },
            false => Self { rules: any, crawl_delay: any_delay, sitemaps },
        }
    }

    /// The pause between two requests that it asks for; None when it asks for none.
    pub fn crawl_delay(&self) -> Option<Duration> {
        self.crawl_delay
    }

    /// The sitemaps that it names, as written.
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }

    /// What these rules say of a URL: the longest pattern that matches decides, and `Allow` on a tie.
    pub fn check(&self, url: &Url) -> Robots {
        if url.path() == "/robots.txt" {
            return Robots::Allowed;
        }
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let path = normal(&format!("{}{query}", url.path()), false);
        let best = self
            .rules
            .iter()
            .filter(|rule| matches(&rule.pattern, &path))
            .max_by_key(|rule| (rule.pattern.len(), rule.allow));
        match best {
            Some(rule) if !rule.allow => Robots::Disallowed { rule: rule.written.clone() },
            _ => Robots::Allowed,
        }
    }
}

/// At most [`PARSED`] bytes, and no line that the limit cuts: half a path would forbid too much.
fn whole_lines(text: &[u8]) -> &[u8] {
    match text.get(..PARSED) {
        Some(head) if text.len() > PARSED => {
            let end = head.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(0);
            &head[..end]
        }
        _ => text,
    }
}

/// `Allow : /a # why` → `allow`, `/a`.
fn field(line: &str) -> Option<(String, &str)> {
    let line = line.split('#').next().unwrap_or_default();
    let (key, value) = line.split_once(':')?;
    Some((key.trim().to_ascii_lowercase(), value.trim()))
}

/// A product token ends where its letters, `-` and `_` end: `bindery/1.0` names bindery.
fn is_product(value: &str, product: &str) -> bool {
    let end = value.find(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '_')).unwrap_or(value.len());
    end > 0 && value[..end].eq_ignore_ascii_case(product)
}

fn rule(allow: bool, value: &str) -> Option<Rule> {
    let word = if allow { "Allow" } else { "Disallow" };
    (!value.is_empty()).then(|| Rule { allow, pattern: normal(value, true), written: format!("{word}: {value}") })
}

/// One spelling for what is the same octet (RFC 9309, 2.2.2): everything beyond ASCII percent-encoded, unreserved
/// characters never, hex digits in capitals. In a URL `*` and `$` are encoded too, since a pattern can name them no other way.
fn normal(text: &str, pattern: bool) -> String {
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
            None if pattern && byte == b'$' && at + 1 < text.len() => push_coded(&mut out, byte),
            None if !pattern && matches!(byte, b'*' | b'$') => push_coded(&mut out, byte),
            None if byte.is_ascii_graphic() => out.push(char::from(byte)),
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

/// Each part between the stars is taken where it first occurs: no backtracking, so no pattern is slow.
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
    fn the_group_that_names_us_binds_and_the_star_does_not() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: Bindery/2.0 (archive)\nDisallow: /稿/\n";
        assert!(allowed(text, "/a"));
        assert_eq!(check(text, "/稿/1"), Robots::Disallowed { rule: "Disallow: /稿/".into() });
        assert!(!allowed("User-agent: binderyx\nAllow: /\nUser-agent: *\nDisallow: /", "/a"));
    }

    #[test]
    fn a_pause_and_sitemaps_are_read() {
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
    fn groups_of_one_product_are_merged() {
        let text =
            "user-agent: bindery\ndisallow: /a\n\nuser-agent: x\ndisallow: /b\n\nuser-agent: BINDERY\ndisallow: /c";
        assert!(!allowed(text, "/a") && allowed(text, "/b") && !allowed(text, "/c"));
    }

    #[test]
    fn several_names_share_a_group_even_around_other_lines() {
        let text =
            "User-agent: x\nSitemap: https://example.org/map.xml\nUser-agent: bindery\nCrawl-delay: 3\nDisallow: /a";
        assert!(!allowed(text, "/a"));
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
    fn a_star_is_any_text_and_a_dollar_the_end() {
        let text = "User-agent: *\nDisallow: /*/print\nDisallow: *.gif$\nDisallow: /exact$";
        assert!(!allowed(text, "/a/b/print.html"));
        assert!(!allowed(text, "/i.gif.gif"));
        assert!(allowed(text, "/i.gif?x"));
        assert!(!allowed(text, "/exact") && allowed(text, "/exact/1"));
    }

    #[test]
    fn a_written_octet_and_its_percent_form_are_one() {
        for rule in ["/新闻/", "/%E6%96%B0%E9%97%BB/", "/%e6%96%b0%e9%97%bb/"] {
            assert!(!allowed(&format!("User-agent: *\nDisallow: {rule}"), "/新闻/1"), "{rule}");
        }
        assert!(!allowed("User-agent: *\nDisallow: /%62ar", "/bar"));
        assert!(!allowed("User-agent: *\nDisallow: /a%2Fb", "/a%2fb"));
        assert!(allowed("User-agent: *\nDisallow: /a%2Fb", "/a/b"));
        assert!(!allowed("User-agent: *\nDisallow: /x%2Ay", "/x*y"));
        assert!(allowed("User-agent: *\nDisallow: /x%2Ay", "/xzy"));
        assert!(!allowed("User-agent: *\nDisallow: /a$b", "/a$b"));
    }

    #[test]
    fn the_query_is_matched_and_robots_txt_is_always_allowed() {
        let text = "User-agent: *\nDisallow: /*?print=\nDisallow: /robots.txt";
        assert!(!allowed(text, "/a?print=1") && allowed(text, "/a"));
        assert!(allowed(text, "/robots.txt"));
    }

    #[test]
    fn marks_comments_and_any_line_end_are_read() {
        let text = "\u{feff}# robots\rUser-agent : *\r\nDISALLOW:/a # no\nnonsense\n: :\n";
        assert!(!allowed(text, "/a"));
    }

    #[test]
    fn what_lies_beyond_the_limit_is_not_read() {
        let text = format!("User-agent: *\n{}\nDisallow: /", "#".repeat(PARSED));
        assert!(allowed(&text, "/a"));
        let start = "User-agent: *\nDisallow: /b\n";
        let filler = "#".repeat(PARSED - start.len() - "\nDisallow: /".len());
        let text = format!("{start}{filler}\nDisallow: /private");
        assert!(allowed(&text, "/a") && !allowed(&text, "/b"));
    }

    #[test]
    fn a_hostile_pattern_is_quick() {
        let text = format!("User-agent: *\nDisallow: /{}b", "*a".repeat(5_000)).repeat(20);
        assert!(allowed(&text, &format!("/{}", "a".repeat(20_000))));
    }

    #[test]
    fn an_unreachable_file_forbids() {
        let url = Url::parse("https://example.org/a").unwrap();
        let error = Robots::Unreachable { reason: "it answered 503".into() }.permit(&url).unwrap_err();
        assert_eq!(error.kind(), "robots");
        assert!(error.to_string().contains("503"));
    }
}
