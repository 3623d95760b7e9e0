//! The numbers in URLs: which page of an article comes before which.

use url::Url;

const ONWARD: [&str; 11] = [
    "下一页",
    "下一頁",
    "下页",
    "下一页阅读",
    "次のページ",
    "次ページ",
    "次のページへ",
    "다음페이지",
    "next",
    "nextpage",
    "continue",
];
const BACK: [&str; 9] =
    ["上一页", "上一頁", "上页", "前のページ", "前のページへ", "이전페이지", "previous", "prev", "previouspage"];
/// The whole text, or the rest of it, on one page.
const WHOLE: [&str; 7] = ["余下全文", "餘下全文", "阅读余下全文", "阅读全文", "查看余下全文", "展开全文", "全文阅读"];

/// Query parameters that number the pages of an article.
const NUMBERS: [&str; 9] = ["page", "p", "pn", "pg", "pageno", "page_no", "pageindex", "paged", "part"];

/// A URL as one of several: what they share, and the page's number.
struct Numbered {
    base: String,
    number: u32,
    /// Whether the number is a whole part of the path, as the number of an article may be.
    bare: bool,
}

/// Whether a link leads to the next page of the same article.
pub fn is_next(own: &Url, target: &Url, rel: bool, text: impl Fn() -> String) -> bool {
    let (here, there) = (numbered(own), numbered(target));
    if here.base == there.base && there.number == here.number + 1 {
        let says = || ONWARD.contains(&words(&text()).as_str());
        // A bare number may be the next article's: then the link must say that it is the next page.
        return says() || rel && !(there.bare && here.bare);
    }
    own.path() != target.path()
        && stem(target.path()).starts_with(stem(own.path()))
        && stem(own.path()).len() > 1
        && WHOLE.contains(&words(&text()).as_str())
}

/// Whether a link leads to the page before of the same article.
pub fn is_previous(own: &Url, target: &Url, rel: bool, text: impl Fn() -> String) -> bool {
    let (here, there) = (numbered(own), numbered(target));
    here.number > 1
        && here.base == there.base
        && there.number + 1 == here.number
        && !(here.bare && there.bare)
        && (rel || BACK.contains(&words(&text()).as_str()))
}

/// The letters of a link's text: arrows and brackets around them say nothing.
fn words(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).take(20).collect()
}

fn stem(path: &str) -> &str {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    path[name..].rfind('.').map_or(path, |dot| &path[..name + dot]).trim_end_matches('/')
}

fn numbered(url: &Url) -> Numbered {
    let host = url.host_str().unwrap_or_default();
    let pairs: Vec<&str> = url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).collect();
    let count = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let is_number = NUMBERS.contains(&name.to_ascii_lowercase().as_str());
        value.parse::<u32>().ok().filter(|number| is_number && (1..1000).contains(number))
    };
    let path = stem(url.path());
    let rest: Vec<&str> = pairs.iter().copied().filter(|pair| count(pair).is_none()).collect();
    let query = rest.join("&");
    if let Some(number) = pairs.iter().find_map(|pair| count(pair)) {
        return Numbered { base: format!("{host}{path}?{query}"), number, bare: false };
    }
    let start = path.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = path[start.len()..].parse::<u32>().ok().filter(|number| (1..1000).contains(number));
    // Three digits at most, or it is the number of an article.
    match number.filter(|_| path.len() - start.len() <= 3) {
        Some(number) if start.ends_with(['_', '-']) => {
            Numbered { base: format!("{host}{}?{query}", &start[..start.len() - 1]), number, bare: false }
        }
        Some(number) if start.ends_with('/') => {
            let base = start.trim_end_matches('/');
            let base = base.strip_suffix("/page").unwrap_or(base);
            Numbered { base: format!("{host}{base}?{query}"), number, bare: true }
        }
        _ => Numbered { base: format!("{host}{path}?{query}"), number: 1, bare: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(own: &str, target: &str, rel: bool, text: &str) -> bool {
        let parse = |path: &str| Url::parse("https://news.test").unwrap().join(path).unwrap();
        is_next(&parse(own), &parse(target), rel, || text.to_owned())
    }

    #[test]
    fn numbers_in_many_forms_name_the_next_page() {
        for (own, target) in [
            ("/a/1024.html", "/a/1024_2.html"),
            ("/a/1024_2.html", "/a/1024_3.html"),
            ("/a/1024-9.html", "/a/1024-10.html"),
            ("/story", "/story/2"),
            ("/story/2/", "/story/3/"),
            ("/story/", "/story/page/2/"),
            ("/a?id=7", "/a?id=7&page=2"),
            ("/a?page=2&id=7", "/a?page=3&id=7"),
        ] {
            assert!(on(own, target, false, "下一页"), "{own} → {target}");
            assert!(!on(target, own, false, "下一页"), "{target} → {own}");
        }
    }

    #[test]
    fn another_article_is_not_a_continuation_page() {
        assert!(!on("/a/1024.html", "/a/1025.html", true, "下一页"));
        assert!(!on("/2024/05/", "/2024/06/", true, "June"), "a bare number with no word for it");
        assert!(!on("/a/1024.html", "/a/1024_2.html", false, "相关阅读"));
        assert!(!on("/a/1024.html", "/a/1024_3.html", false, "下一页"), "a page is left out");
    }
}
