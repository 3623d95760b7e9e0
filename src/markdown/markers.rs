//! Escapes template markers of a site generator in a finished body.
//!
//! Hexo's markers are escaped while the Markdown is written, character by character. Jekyll's engine reads the whole body
//! before Markdown does, code included, and has a tag to prevent that; Hugo's shortcodes are escaped by a comment inside.

use std::borrow::Cow;

use crate::frontmatter::TemplateEngine;

/// The template engine that reads the Markdown before it is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Templates {
    /// None whose markers are escaped character by character.
    #[default]
    None,
    /// That of Hexo.
    Hexo,
}

/// Stands for the end of the teaser, alone in its paragraph: in Markdown it is written as the mark that the profile's
/// program knows. A private-use character, which no font shows.
pub const MORE: char = '\u{F0000}';

impl Templates {
    /// Returns the engine, if its markers are escaped character by character.
    pub(super) fn of(engine: TemplateEngine) -> Self {
        if engine == TemplateEngine::Nunjucks { Self::Hexo } else { Self::None }
    }
}

/// The tag that begins a section without tags in Liquid.
pub(super) const RAW: &str = "{% raw %}";
/// The tag that ends it.
pub(super) const ENDRAW: &str = "{% endraw %}";
/// Stands for the beginning of a tag that would end the section: a string outside of it.
const ENDRAW_AS_TEXT: &str = "{% endraw %}{{ '{%' }}{% raw %}";

/// Returns the body with the markers of a template engine escaped.
pub(super) fn escaped(body: String, engine: TemplateEngine) -> String {
    let body = match body.contains(MORE) {
        true => body.replace(MORE, if engine == TemplateEngine::Nunjucks { "<!-- more -->" } else { "<!--more-->" }),
        false => body,
    };
    match engine {
        TemplateEngine::Liquid if body.contains("{{") || body.contains("{%") => liquid(&body),
        TemplateEngine::Shortcodes if body.contains("{{<") || body.contains("{{%") => shortcodes(&body),
        _ => body,
    }
}

/// Returns the body as it was before bindery escaped its markers for a template engine. Hexo's escapes are character
/// references, which every program reads.
pub fn unescaped(body: &str, engine: TemplateEngine) -> Cow<'_, str> {
    match engine {
        TemplateEngine::Liquid => {
            let inner = body.strip_prefix("{% raw %}\n").and_then(|rest| rest.strip_suffix("{% endraw %}\n"));
            inner.map_or(body.into(), |inner| inner.replace(ENDRAW_AS_TEXT, "{%").into())
        }
        TemplateEngine::Shortcodes if body.contains("{{</*") || body.contains("{{%/*") => without_comments(body).into(),
        TemplateEngine::Nunjucks if body.contains("<!-- more -->") => {
            body.replace("<!-- more -->", "<!--more-->").into()
        }
        _ => body.into(),
    }
}

/// Puts a body into a raw section of Liquid (<https://shopify.github.io/liquid/tags/template/#raw>).
fn liquid(body: &str) -> String {
    let mut out = format!("{RAW}\n");
    let mut rest = body;
    while let Some(at) = rest.find("{%") {
        let inside = rest[at + 2..].trim_start_matches('-').trim_start();
        let ends = inside
            .strip_prefix("endraw")
            .is_some_and(|rest| rest.trim_start().trim_start_matches('-').starts_with("%}"));
        out.push_str(&rest[..at]);
        out.push_str(if ends { ENDRAW_AS_TEXT } else { "{%" });
        rest = &rest[at + 2..];
    }
    out.push_str(rest);
    out + ENDRAW + "\n"
}

/// Escapes the markers of Hugo's shortcodes (<https://gohugo.io/content-management/shortcodes/>).
fn shortcodes(body: &str) -> String {
    let mut out = String::with_capacity(body.len() + 64);
    let mut rest = body;
    while let Some(at) = rest.find("{{") {
        out.push_str(&rest[..at]);
        let marker = &rest[at..];
        let (end, kind) = match marker.as_bytes().get(2) {
            Some(b'<') => (">}}", '<'),
            Some(b'%') => ("%}}", '%'),
            _ => {
                out.push_str("{{");
                rest = &marker[2..];
                continue;
            }
        };
        let inner = &marker[3..];
        match inner.find(end).filter(|&end| !inner[..end].contains("{{<") && !inner[..end].contains("{{%")) {
            Some(length) => {
                out.push_str(&format!("{{{{{kind}/*{}*/{end}", &inner[..length]));
                rest = &inner[length + end.len()..];
            }
            // An unclosed marker cannot be escaped by a comment.
            None => {
                out.push_str(&format!("&#123;{{{kind}"));
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Returns a body without the comments that [`shortcodes`] wrote into its markers.
fn without_comments(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    // Where the next end of a marker of each form is: looked for again only behind it, so that the time grows with the body.
    let mut ends = [("<", ">}}", Some(0)), ("%", "%}}", Some(0))];
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = body[at..].find("{{") {
        let start = at + found + 2;
        at = start;
        let Some((open, close, end)) = ends.iter_mut().find(|(open, ..)| body[start..].starts_with(*open)) else {
            continue;
        };
        let inner = start + open.len();
        if end.is_some_and(|end| end < inner) {
            *end = body[inner..].find(*close).map(|found| inner + found);
        }
        // What was escaped ends at the first end of a marker.
        let text = end.and_then(|end| body[inner..end].strip_prefix("/*")?.strip_suffix("*/"));
        if let (Some(text), Some(end)) = (text, *end) {
            out.extend([&body[copied..inner], text]);
            (copied, at) = (end, end + close.len());
        }
    }
    out + &body[copied..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_has_its_own_escape() {
        let jekyll = |body: &str| escaped(body.to_owned(), TemplateEngine::Liquid);
        assert_eq!(jekyll("文 { a }\n"), "文 { a }\n");
        assert_eq!(jekyll("{{ a }}\n"), "{% raw %}\n{{ a }}\n{% endraw %}\n");
        assert_eq!(
            jekyll("a {%- endraw -%}\n"),
            "{% raw %}\na {% endraw %}{{ '{%' }}{% raw %}- endraw -%}\n{% endraw %}\n"
        );
        let hugo = |body: &str| escaped(body.to_owned(), TemplateEngine::Shortcodes);
        assert_eq!(hugo("{{ a }}\n"), "{{ a }}\n");
        assert_eq!(hugo("`{{< fig src=\"a\" >}}` {{% x %}}\n"), "`{{</* fig src=\"a\" */>}}` {{%/* x */%}}\n");
        assert_eq!(hugo("a {{< b {{% c %}}\n"), "a &#123;{< b {{%/* c */%}}\n");
    }

    #[test]
    fn openings_without_an_end_cost_no_more_each() {
        for end in ["", ">}}"] {
            let body = "{{</*".repeat(400_000) + end;
            assert_eq!(unescaped(&body, TemplateEngine::Shortcodes), body);
        }
    }

    #[test]
    fn escapes_are_undone_exactly() {
        for body in [
            "{{ a }} {% raw %}\n{{ b }}\n{% endraw %} {%- endraw -%}\n",
            "{% raw %}\n{% endraw %}{{ '{%' }}{% raw %} endraw %}\n{% endraw %}\n",
            "`{{< fig */>}}` {{% x %}} {{</* 注释 */>}} {{%/* y */%}} a */>}} {{< b {{% c %}} {{桥\n",
            "{{<!-- more -->}} {{",
        ] {
            for engine in [TemplateEngine::Liquid, TemplateEngine::Shortcodes] {
                let text = unescaped(&escaped(body.to_owned(), engine), engine).replace("&#123;", "{");
                assert_eq!(text, body, "{engine:?}");
            }
        }
    }
}
