//! Posts of static sites: front matter, then a body of HTML, as migrations from feeds leave them.

/// A post in its two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Post<'a> {
    /// The front matter to the letter, with its fences and the line break after the closing one.
    pub front_matter: &'a str,
    /// What stands between the fences.
    pub fields: &'a str,
    /// The language of the fields.
    pub syntax: Syntax,
    /// The body.
    pub body: &'a str,
}

/// What front matter is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// Between lines of `---`.
    Yaml,
    /// Between lines of `+++`.
    Toml,
    /// Between lines of `;;;`.
    Json,
}

/// Takes a post apart; None for anything else. Empty lines before the first fence are no part of it: no reader of posts
/// understands them.
pub fn post(bytes: &[u8]) -> Option<Post<'_>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let (first, rest) = text.split_once('\n')?;
    let syntax = match first.trim_end() {
        "---" => Syntax::Yaml,
        "+++" => Syntax::Toml,
        ";;;" => Syntax::Json,
        _ => return None,
    };
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == first.trim_end() {
            let start = first.len() + 1;
            let end = start + at + line.len();
            let (front_matter, body) = text.split_at(end);
            return Some(Post { front_matter, fields: &rest[..at], syntax, body });
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_front_matter_and_a_body() {
        let text = "\u{feff}\n---\ntitle: '一: 二'\n# 注释\ncategories:\n - 新闻\n---\n\n<div><p>文</p></div>\n";
        let post = post(text.as_bytes()).unwrap();
        assert_eq!(post.front_matter, "---\ntitle: '一: 二'\n# 注释\ncategories:\n - 新闻\n---\n");
        assert_eq!(post.fields, "title: '一: 二'\n# 注释\ncategories:\n - 新闻\n");
        assert_eq!((post.syntax, post.body), (Syntax::Yaml, "\n<div><p>文</p></div>\n"));
    }

    #[test]
    fn other_fences_and_line_ends_are_known() {
        let toml = post(b"+++\r\ntitle = \"a\"\r\n+++\r\n<p>x").unwrap();
        assert_eq!(
            (toml.syntax, toml.front_matter, toml.body),
            (Syntax::Toml, "+++\r\ntitle = \"a\"\r\n+++\r\n", "<p>x")
        );
        assert_eq!(post(b";;;\n\"title\": \"a\"\n;;;\nx").unwrap().syntax, Syntax::Json);
        assert_eq!(post(b"---\n---\nx").unwrap().fields, "");
    }

    #[test]
    fn what_is_no_post_is_left_alone() {
        for text in
            ["<p>---\n---\n", "---", "---\ntitle: never closed\n<p>x</p>\n", "-----\na\n-----\n", "", "\u{feff}"]
        {
            assert_eq!(post(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(post(b"---\n\xff\n---\n"), None, "bytes that are no UTF-8");
    }
}
