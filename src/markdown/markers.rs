//! Marks that a site generator's template engine would take for its own, in a body that is done.
//!
//! Hexo's are escaped where they are written, sign by sign. Jekyll's engine reads a body before Markdown does, code and
//! all, and has a tag that says so; Hugo has a comment inside each shortcode.

use crate::frontmatter::ProfileName;

const RAW: &str = "{% raw %}";
const ENDRAW: &str = "{% endraw %}";

/// The body with the marks of the profile's engine escaped in its own way.
pub(super) fn escaped(body: String, profile: ProfileName) -> String {
    match profile {
        ProfileName::Jekyll if body.contains("{{") || body.contains("{%") => liquid(&body),
        ProfileName::Hugo if body.contains("{{<") || body.contains("{{%") => shortcodes(&body),
        _ => body,
    }
}

/// <https://shopify.github.io/liquid/tags/template/#raw>
fn liquid(body: &str) -> String {
    let mut out = format!("{RAW}\n");
    let mut rest = body;
    while let Some(at) = rest.find("{%") {
        let inside = rest[at + 2..].trim_start_matches('-').trim_start();
        let ends = inside
            .strip_prefix("endraw")
            .is_some_and(|rest| rest.trim_start().trim_start_matches('-').starts_with("%}"));
        out.push_str(&rest[..at]);
        // The tag that ends it is said by a string, outside of it.
        out.push_str(if ends { "{% endraw %}{{ '{%' }}{% raw %}" } else { "{%" });
        rest = &rest[at + 2..];
    }
    out.push_str(rest);
    out + ENDRAW + "\n"
}

/// <https://gohugo.io/content-management/shortcodes/>
fn shortcodes(body: &str) -> String {
    let mut out = String::with_capacity(body.len() + 64);
    let mut rest = body;
    while let Some(at) = rest.find("{{") {
        out.push_str(&rest[..at]);
        let marks = &rest[at..];
        let (end, kind) = match marks.as_bytes().get(2) {
            Some(b'<') => (">}}", '<'),
            Some(b'%') => ("%}}", '%'),
            _ => {
                out.push_str("{{");
                rest = &marks[2..];
                continue;
            }
        };
        let inner = &marks[3..];
        match inner.find(end).filter(|&end| !inner[..end].contains("{{<") && !inner[..end].contains("{{%")) {
            Some(length) => {
                out.push_str(&format!("{{{{{kind}/*{}*/{end}", &inner[..length]));
                rest = &inner[length + end.len()..];
            }
            // A mark that nothing ends has no form of its own.
            None => {
                out.push_str(&format!("&#123;{{{kind}"));
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_gets_its_own_escape() {
        let jekyll = |body: &str| escaped(body.to_owned(), ProfileName::Jekyll);
        assert_eq!(jekyll("文 { a }\n"), "文 { a }\n");
        assert_eq!(jekyll("{{ a }}\n"), "{% raw %}\n{{ a }}\n{% endraw %}\n");
        assert_eq!(
            jekyll("a {%- endraw -%}\n"),
            "{% raw %}\na {% endraw %}{{ '{%' }}{% raw %}- endraw -%}\n{% endraw %}\n"
        );
        let hugo = |body: &str| escaped(body.to_owned(), ProfileName::Hugo);
        assert_eq!(hugo("{{ a }}\n"), "{{ a }}\n");
        assert_eq!(hugo("`{{< fig src=\"a\" >}}` {{% x %}}\n"), "`{{</* fig src=\"a\" */>}}` {{%/* x */%}}\n");
        assert_eq!(hugo("a {{< b {{% c %}}\n"), "a &#123;{< b {{%/* c */%}}\n");
    }
}
