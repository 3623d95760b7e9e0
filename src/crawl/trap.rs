//! Traps: calendars, sessions, and other endless series of URLs.

use url::Url;

use crate::model::Timestamp;

/// The longest URL that is followed, in bytes. Chosen by eye.
const LONGEST: usize = 2000;
/// The most segments of a path. Chosen by eye.
const DEEPEST: usize = 16;
/// The most parameters of a query. Chosen by eye.
const MOST_PAIRS: usize = 12;
/// The most repetitions of one segment of a path, or of one parameter.
const REPEATS: usize = 3;
/// The first year of a calendar that is followed.
const FIRST_YEAR: i64 = 1970;
/// The most pages of one form without text, each linked from the one before. Chosen by eye.
pub const BARREN: u32 = 20;

/// Returns why a URL is not followed; None for one that is.
pub fn trapped(url: &Url, now: Timestamp) -> Option<&'static str> {
    if url.as_str().len() > LONGEST {
        return Some("the URL is too long");
    }
    let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
    if parts.len() > DEEPEST {
        return Some("the path is too deep");
    }
    if has_repeated_block(&parts)
        || parts.iter().any(|part| parts.iter().filter(|other| *other == part).count() > REPEATS)
    {
        return Some("the path repeats itself");
    }
    let pairs: Vec<&str> = url.query().unwrap_or_default().split('&').collect();
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let repeats = |pair: &&str| pairs.iter().filter(|other| name(other) == name(pair)).count() > REPEATS;
    if pairs.len() > MOST_PAIRS || pairs.iter().any(repeats) {
        return Some("the query repeats itself");
    }
    is_out_of_range(url, i64::from(now.year())).then_some("the year is out of range")
}

/// Returns whether two or more segments are repeated at once: `/a/b/a/b`.
fn has_repeated_block(parts: &[&str]) -> bool {
    // A path has few segments: longer ones were refused before.
    (2..=parts.len() / 2).any(|length| parts.windows(2 * length).any(|two| two[..length] == two[length..]))
}

/// Returns whether a URL names a date out of range: `/2031/05/`, `?date=2031-05-01`, `?year=2031`.
fn is_out_of_range(url: &Url, this_year: i64) -> bool {
    let out = |year: i64| (1800..2200).contains(&year) && !(FIRST_YEAR..=this_year + 1).contains(&year);
    let tokens = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty()).map(str::to_owned).collect()
    };
    let year = |token: &str| (token.len() == 4).then(|| token.parse::<i64>().ok()).flatten();
    let month = |token: &str| token.len() <= 2 && token.parse::<u32>().is_ok_and(|month| (1..=12).contains(&month));
    let dated = |tokens: &[String]| tokens.windows(2).any(|pair| month(&pair[1]) && year(&pair[0]).is_some_and(out));
    if dated(&tokens(url.path())) || dated(&tokens(url.query().unwrap_or_default())) {
        return true;
    }
    url.query_pairs().any(|(name, value)| {
        let is_time =
            ["year", "month", "date", "day", "cal"].iter().any(|word| name.to_ascii_lowercase().contains(word));
        let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
        is_time && matches!(digits.len(), 4 | 6 | 8) && year(&digits[..4]).is_some_and(out)
    })
}

/// Returns the form of a URL: two pages of one calendar, or of one list, have the same.
pub fn shape(url: &Url) -> String {
    let mut shape = String::new();
    let text = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    for c in text.chars() {
        match c {
            c if c.is_ascii_digit() => {
                if !shape.ends_with('#') {
                    shape.push('#');
                }
            }
            c => shape.push(c),
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(path: &str) -> Option<&'static str> {
        let url = Url::parse("https://news.test").unwrap().join(path).unwrap();
        trapped(&url, "2026-11-24T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn long_deep_and_repetitive_urls_are_traps() {
        assert!(why("/x/a/b/a/b").is_some() && why("/new-york/new-york/a").is_none());
        assert!(why("/a/b/a/b/a/b/a").is_some_and(|why| why.contains("repeats")));
        assert!(why(&"/x".repeat(4)).is_some());
        assert!(why(&(0..20).map(|n| format!("/{n}")).collect::<String>()).is_some_and(|why| why.contains("deep")));
        assert!(why(&format!("/{}", "x".repeat(2000))).is_some());
        assert!(why("/?s=1&s=2&s=3&s=4").is_some());
    }

    #[test]
    fn a_calendar_ends_with_the_next_year() {
        for trap in
            ["/calendar/2031/05/", "/?date=2031-05-01", "/cal?year=2028", "/cal?month=203105", "/events/1869-12"]
        {
            assert!(why(trap).is_some(), "{trap}");
        }
        for page in ["/2024/03/18/1024.shtml", "/2027/01/", "/a/3000", "/p/1024/3", "/?id=203105", "/article/1869"] {
            assert_eq!(why(page), None, "{page}");
        }
    }

    #[test]
    fn pages_of_one_form_look_the_same() {
        let shape = |path: &str| shape(&Url::parse("https://news.test").unwrap().join(path).unwrap());
        assert_eq!(shape("/cal/2026/1?m=1"), shape("/cal/2027/12?m=22"));
        assert_ne!(shape("/cal/1"), shape("/news/1"));
    }
}
