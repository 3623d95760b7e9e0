//! Posts of static sites: front matter, then a body. Migrations from feeds leave bodies of HTML.

/// A post, split into front matter and body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Post<'a> {
    /// The front matter as written, with its fences and the line end after the closing one.
    pub front_matter: &'a str,
    /// The text between the fences.
    pub fields: &'a str,
    /// The format of the fields.
    pub syntax: Syntax,
    /// The body.
    pub body: &'a str,
    /// The number of empty lines before the front matter.
    pub skipped: usize,
}

/// The format of front matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// Between lines of `---`.
    Yaml,
    /// Between lines of `+++`.
    Toml,
    /// Between lines of `;;;`, without braces; or one object with braces.
    Json,
}

/// Splits a post into front matter and body; None for anything else. Empty lines before the first fence are skipped: site
/// generators would not recognise the front matter after them.
pub fn post(bytes: &[u8]) -> Option<Post<'_>> {
    let source = std::str::from_utf8(bytes).ok()?;
    let text = source.trim_start_matches('\u{feff}').trim_start();
    let skipped = source[..source.len() - text.len()].matches('\n').count();
    if text.starts_with('{') {
        return object(text, skipped);
    }
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
            return Some(Post { front_matter, fields: &rest[..at], syntax, body, skipped });
        }
        at += line.len();
    }
    None
}

/// Splits a post that begins with a JSON object. An object without a body is not a post.
fn object(text: &str, skipped: usize) -> Option<Post<'_>> {
    let mut objects =
        serde_json::Deserializer::from_str(text).into_iter::<serde_json::Map<String, serde_json::Value>>();
    objects.next()?.ok()?;
    let end = objects.byte_offset();
    let line = text[end..].find('\n').map(|at| end + at + 1).filter(|&line| text[end..line].trim().is_empty());
    let (front_matter, body) = text.split_at(line.unwrap_or(end));
    let is_post = !body.trim().is_empty() && !body.trim_start().starts_with('{');
    is_post.then_some(Post { front_matter, fields: &text[..end], syntax: Syntax::Json, body, skipped })
}

/// How much of an input a text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PostText {
    /// All of it.
    Complete,
    /// Only its beginning.
    Truncated,
}

/// Returns true for a post. The front matter of a truncated text may be incomplete.
pub(super) fn begins_as_post(text: &str, extent: PostText) -> bool {
    let first = text.lines().next().unwrap_or_default().trim_end();
    let opens = matches!(first, "---" | "+++" | ";;;") || first.starts_with('{');
    opens && (extent == PostText::Truncated && first.len() == 3 || post(text.as_bytes()).is_some())
}

/// Returns true when a body is HTML and not Markdown: it has tags such as those of blocks, images and line breaks, and at
/// least as many as lines in the syntax of Markdown.
pub fn is_html_body(body: &str) -> bool {
    // The tags that HTML bodies consist of, and that Markdown rarely contains.
    const TAGS: [&str; 24] = [
        "p",
        "div",
        "br",
        "img",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "table",
        "blockquote",
        "section",
        "article",
        "figure",
        "pre",
        "span",
        "center",
        "font",
        "a",
        "hr",
    ];
    const INLINE: [&str; 5] = ["a", "br", "font", "img", "span"];
    let (mut tags, mut has_blocks) = (0usize, false);
    for (at, _) in body.match_indices('<') {
        let rest = &body[at + 1..];
        let name = &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())];
        let ends = rest[name.len()..].starts_with([' ', '>', '/', '\n', '\t', '\r']);
        has_blocks |= ends && !name.is_empty() && !INLINE.iter().any(|tag| tag.eq_ignore_ascii_case(name));
        tags += usize::from(ends && TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name)));
    }
    let (mut untagged, mut tagged, mut paragraph) = (0usize, 0usize, None);
    for line in body.lines().chain([""]) {
        match (line.trim().is_empty(), paragraph) {
            (true, Some(has_tags)) => {
                *(if has_tags { &mut tagged } else { &mut untagged }) += 1;
                paragraph = None;
            }
            (true, None) => {}
            // Posts in Markdown have images as HTML, too.
            (false, so_far) => paragraph = Some(so_far.unwrap_or(false) || has_tag_but_image(line)),
        }
    }
    // Paragraphs without tags, separated by empty lines, are Markdown; as HTML they would be one paragraph.
    let lines = body.lines().filter(|line| is_markdown(line)).count();
    tags > 0 && untagged <= tagged && tags >= lines && (has_blocks || lines == 0)
}

fn has_tag_but_image(line: &str) -> bool {
    let is_image =
        |at: usize| line.as_bytes().get(at + 1..at + 4).is_some_and(|name| name.eq_ignore_ascii_case(b"img"));
    line.match_indices('<').any(|(at, _)| !is_image(at))
}

fn is_markdown(line: &str) -> bool {
    let line = line.trim_start();
    let starts = ["# ", "## ", "### ", "#### ", "- ", "* ", "+ ", "> ", "```", "~~~", "1. ", "!["];
    starts.iter().any(|start| line.starts_with(start)) || line.contains("](") || line.contains("**")
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
    fn other_fences_and_line_ends_are_recognised() {
        let toml = post(b"+++\r\ntitle = \"a\"\r\n+++\r\n<p>x").unwrap();
        assert_eq!(
            (toml.syntax, toml.front_matter, toml.body),
            (Syntax::Toml, "+++\r\ntitle = \"a\"\r\n+++\r\n", "<p>x")
        );
        assert_eq!(post(b";;;\n\"title\": \"a\"\n;;;\nx").unwrap().syntax, Syntax::Json);
        assert_eq!(post(b"---\n---\nx").unwrap().fields, "");
    }

    #[test]
    fn an_object_before_a_body_is_front_matter() {
        let post = post("{\n  \"title\": \"一}\"\n}\n\n正文<br>二".as_bytes()).unwrap();
        assert_eq!(post.front_matter, "{\n  \"title\": \"一}\"\n}\n");
        assert_eq!((post.syntax, post.body), (Syntax::Json, "\n正文<br>二"));
        for text in ["{\"a\": 1}\n", "{\"a\": 1}\n{\"a\": 2}\n", "{broken\nx", "{% raw %}\n<p>x"] {
            assert_eq!(super::post(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn html_bodies_are_distinguished_from_markdown() {
        for body in ["<div><p>一", "开头是文字<br>\n二", "文字\n\n<P class=x>", "<p>a</p>\n<ul>\n<li>- b</li></ul>"]
        {
            assert!(is_html_body(body), "{body}");
        }
        for body in [
            "",
            "只有文字",
            "# 题\n\n**粗** [链](x)\n\n<br>\n\n- 一\n- 二",
            "a < b > c",
            "一段\n\n两段\n\n<img src=a>\n\n三段",
            "<!-- more -->\n文",
            "文字\n\n<img src=a>",
            "**图**：<img src=a>，见<a href=b>一</a>",
        ] {
            assert!(!is_html_body(body), "{body}");
        }
    }

    #[test]
    fn other_text_is_not_a_post() {
        for text in
            ["<p>---\n---\n", "---", "---\ntitle: never closed\n<p>x</p>\n", "-----\na\n-----\n", "", "\u{feff}"]
        {
            assert_eq!(post(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(post(b"---\n\xff\n---\n"), None, "invalid UTF-8");
    }
}
