//! Labels above lists of links: whether the links are the author's sources or the site's other articles.

use crate::html::text;

use super::words::labels::{ALL, LabelWords};

/// The maximum weight of a label (20 Han characters, 60 letters).
const LABEL: usize = 60;

/// The maximum weight of the text after the word of a label.
const BESIDE: usize = 30;

/// What a label says about the links below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Sources, or an encyclopedia's cross-references: a section of the article.
    Sources,
    /// Further reading: the author's recommendations when the links lead to other sites, otherwise the site's own.
    Further,
    /// Other articles of the site.
    Related,
}

/// Returns at most `most` letters and digits of a text, in lower case.
pub fn plain(chars: impl Iterator<Item = char>, most: usize) -> String {
    let mut plain = String::new();
    for c in chars.filter(|c| c.is_alphanumeric()).take(most) {
        if c.is_ascii() { plain.push(c.to_ascii_lowercase()) } else { plain.extend(c.to_lowercase()) }
    }
    plain
}

/// Returns the label that a plain text begins with; None without one.
pub fn begins(plain: &str) -> Option<Label> {
    // Sections are numbered: "7. References".
    let plain = plain.trim_start_matches(|c: char| c.is_ascii_digit());
    [Label::Related, Label::Further, Label::Sources]
        .into_iter()
        .find(|label| words(*label).any(|word| plain.starts_with(word)))
}

/// Returns the words of a label in every language.
fn words(label: Label) -> impl Iterator<Item = &'static str> {
    let lists = move |words: &'static LabelWords| match label {
        Label::Sources => [words.sources, &[]],
        Label::Further => [words.further, words.further_sections],
        Label::Related => [words.related, words.related_sections],
    };
    ALL.iter().flat_map(move |(_, words)| lists(words)).flatten().copied()
}

/// Returns true for a plain text that begins with a label that sites put between the paragraphs of an article.
pub fn is_inserted(plain: &str) -> bool {
    ALL.iter().flat_map(|(_, words)| [words.further, words.related]).flatten().any(|word| plain.starts_with(word))
}

/// Returns the label that a line is; None when it has other text.
pub fn of(line: &str) -> Option<Label> {
    let plain = plain(line.chars(), LABEL + 1);
    if text::weight(&plain) > LABEL {
        return None;
    }
    let bare = plain.trim_start_matches(|c: char| c.is_ascii_digit());
    let mut all = [Label::Related, Label::Further, Label::Sources].into_iter().flat_map(words);
    let is_whole = all.any(|word| bare.strip_prefix(word).is_some_and(|rest| text::weight(rest) <= BESIDE));
    begins(&plain).filter(|_| is_whole)
}

/// Returns true when a URL leads to another site than `host`. A relative URL does not; when `host` is empty, every absolute
/// URL does.
pub fn leads_away(href: &str, host: &str) -> bool {
    let href = href.trim();
    let rest =
        href.strip_prefix("https://").or_else(|| href.strip_prefix("http://")).or_else(|| href.strip_prefix("//"));
    let Some(rest) = rest else { return false };
    let other = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().to_ascii_lowercase();
    !other.is_empty() && (host.is_empty() || site(&other) != site(&host.to_ascii_lowercase()))
}

/// Returns the registered domain of a host: `example.com` for `news.example.com`.
fn site(host: &str) -> &str {
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), Some(second)) = (dots.next(), dots.next()) else { return host };
    let is_country = host.len() - last == 3;
    let shared = ["co", "com", "net", "org", "gov", "edu", "ac", "or", "ne", "go"].contains(&&host[second + 1..last]);
    let from = if is_country && shared { dots.next().map_or(0, |at| at + 1) } else { second + 1 };
    &host[from..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_distinguish_sources_from_other_articles() {
        for line in ["Sources", "7. References", "参考资料：", "參考文獻", "Quellen", "See also", "出典・参考文献"]
        {
            assert_eq!(of(line), Some(Label::Sources), "{line}");
        }
        for line in ["Further reading", "【延伸阅读】", "関連リンク"] {
            assert_eq!(of(line), Some(Label::Further), "{line}");
        }
        for line in ["Related articles", "相关阅读", "関連記事", "Read more:"] {
            assert_eq!(of(line), Some(Label::Related), "{line}");
        }
        for line in [
            "来源不明的旧书在柜台上放了三年，一直没有人来问过它的价钱",
            "The stairs",
            "参观时间是每天上午九点到下午五点",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }

    #[test]
    fn hosts_of_one_domain_are_one_site() {
        assert!(leads_away("https://books.example/rye", "news.harbour.example"));
        assert!(!leads_away("https://www.harbour.example/a", "news.harbour.example"));
        assert!(!leads_away("/a", "harbour.example") && !leads_away("#a", ""));
        assert!(leads_away("//a.co.uk/x", "b.co.uk") && !leads_away("//x.b.co.uk/x", "b.co.uk"));
    }
}
