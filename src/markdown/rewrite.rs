//! Rewrites a finished body for another program: where its links and images lead, and how template markers are escaped.
//!
//! The body is not parsed and written again: what is not rewritten stays to the byte.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use crate::frontmatter::TemplateEngine;

use super::link::destination;
use super::markers::{self, Templates};
use super::rewrite_code;
use super::target_syntax::{self, Attribute, Braces};

/// What a target belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// A link.
    Link,
    /// An image.
    Image,
}

/// What a target is replaced with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewTarget {
    /// A URL or a path.
    Url(String),
    /// A tag of the template engine, which it replaces with a URL.
    Tag(String),
}

/// Returns the new target of one; `None` to leave it as it is.
pub type NewTargets<'a> = dyn FnMut(TargetKind, &str) -> Option<NewTarget> + 'a;

/// Returns a body that was written for one template engine as one for another, with the targets of its links and images
/// replaced. Code is left as it is.
pub fn rewrite(body: &str, from: TemplateEngine, to: TemplateEngine, targets: &mut NewTargets<'_>) -> String {
    let body = &*if from == to { Cow::Borrowed(body) } else { markers::unescaped(body, from) };
    let braces = if to == TemplateEngine::Nunjucks && from != to { Braces::Escape } else { Braces::Keep };
    let mut scanner = Scanner::new(body, to, braces, targets);
    scanner.scan();
    let (edits, tags) = (scanner.edits, scanner.tags);
    let rewritten = apply(body, edits);
    let escaped = if from == to { rewritten } else { markers::escaped(rewritten, to) };
    tags.insert(escaped, to)
}

/// Calls `found` with each target of a body.
pub fn targets(body: &str, found: &mut dyn FnMut(TargetKind, &str)) {
    let mut none = |kind, target: &str| {
        found(kind, target);
        None
    };
    Scanner::new(body, TemplateEngine::None, Braces::Keep, &mut none).scan();
}

fn apply(body: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(body.len() + 256);
    let mut written = 0;
    for (range, text) in edits.into_iter().filter(|(range, _)| range.start <= range.end) {
        if range.start >= written {
            out.push_str(&body[written..range.start]);
            out.push_str(&text);
            written = range.end;
        }
    }
    out + &body[written..]
}

/// Tags of a template engine, which stand in the body as marks until its other markers are escaped.
struct Tags {
    /// Stands before the number of a tag. It contains a digest of the body, so no text of the body is equal to it.
    mark: String,
    tags: Vec<String>,
}

impl Tags {
    fn new(body: &str) -> Self {
        let digest = crate::model::Digest::of(body.as_bytes()).hex();
        Self { mark: format!("bindery{}x", &digest[..32]), tags: Vec::new() }
    }

    fn add(&mut self, tag: String) -> String {
        self.tags.push(tag);
        format!("{}{}x", self.mark, self.tags.len() - 1)
    }

    /// Returns the body with the tags in place of their marks.
    fn insert(&self, body: String, engine: TemplateEngine) -> String {
        if self.tags.is_empty() {
            return body;
        }
        let is_raw = engine == TemplateEngine::Liquid && body.starts_with(markers::RAW);
        let mut out = String::with_capacity(body.len());
        let mut pieces = body.split(self.mark.as_str());
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let (number, rest) = piece.split_once('x').unwrap_or((piece, ""));
            let tag = number.parse().ok().and_then(|number: usize| self.tags.get(number)).map_or("", String::as_str);
            match is_raw {
                true => out.extend([markers::ENDRAW, tag, markers::RAW]),
                false => out.push_str(tag),
            }
            out.push_str(rest);
        }
        out
    }
}

struct Scanner<'b, 't> {
    body: &'b str,
    to: TemplateEngine,
    braces: Braces,
    targets: &'t mut NewTargets<'t>,
    edits: Vec<(Range<usize>, String)>,
    tags: Tags,
    /// Where the runs of backticks of each length begin.
    runs: HashMap<usize, Vec<usize>>,
    /// Open brackets, and whether they are those of images.
    brackets: Vec<(usize, TargetKind)>,
    /// Where the current paragraph ends.
    paragraph_end: usize,
}

impl<'b, 't> Scanner<'b, 't> {
    fn new(body: &'b str, to: TemplateEngine, braces: Braces, targets: &'t mut NewTargets<'t>) -> Self {
        Self {
            body,
            to,
            braces,
            targets,
            edits: Vec::new(),
            tags: Tags::new(body),
            runs: rewrite_code::runs(body),
            brackets: Vec::new(),
            paragraph_end: 0,
        }
    }

    fn scan(&mut self) {
        let bytes = self.body.as_bytes();
        let mut at = 0;
        let mut is_line_start = true;
        while at < bytes.len() {
            if at >= self.paragraph_end {
                self.brackets.clear();
                self.paragraph_end = self.body[at..].find("\n\n").map_or(bytes.len(), |end| at + end + 2);
            }
            if std::mem::take(&mut is_line_start)
                && let Some(end) = rewrite_code::fenced_block(self.body, at)
            {
                self.paragraph_end = self.paragraph_end.max(end);
                (at, is_line_start) = (end, true);
                continue;
            }
            at = match bytes[at] {
                b'\\' => at + 1 + bytes.get(at + 1).map_or(0, |next| usize::from(next.is_ascii_punctuation())),
                b'`' => self.code_span(at),
                b'<' => self.angle(at),
                b'!' if bytes.get(at + 1) == Some(&b'[') => {
                    self.brackets.push((at, TargetKind::Image));
                    at + 2
                }
                b'[' => {
                    self.brackets.push((at, TargetKind::Link));
                    at + 1
                }
                b']' => self.bracket_end(at),
                brace @ (b'{' | b'}') if self.braces == Braces::Escape => self.brace(at, brace),
                byte => {
                    is_line_start = byte == b'\n';
                    at + 1
                }
            };
        }
    }

    /// Skips a code span, or a run of backticks that begins none.
    fn code_span(&mut self, at: usize) -> usize {
        let length = rewrite_code::run_length(self.body, at);
        let starts = self.runs.get(&length).map_or(&[][..], Vec::as_slice);
        let next = starts.partition_point(|&start| start < at + length);
        let Some(&end) = starts.get(next).filter(|end| **end < self.paragraph_end) else { return at + length };
        if self.braces == Braces::Escape
            && let Some(html) = rewrite_code::span_as_html(self.body, at + length..end)
        {
            self.edits.push((at..end + length, html));
        }
        end + length
    }

    /// Rewrites an autolink or the attribute of a tag.
    fn angle(&mut self, at: usize) -> usize {
        let Some(end) = target_syntax::tag_end(self.body, at) else { return at + 1 };
        let inside = &self.body[at + 1..end - 1];
        if inside.starts_with("http://") || inside.starts_with("https://") {
            if let Some(target) = (self.targets)(TargetKind::Link, inside) {
                let text = inside.replace('_', "\\_").replace('~', "\\~");
                let (open, close) = self.link(target);
                self.edits.push((at..end, format!("{open}{text}{close}")));
            }
            return end;
        }
        let found = match target_syntax::tag_name(inside) {
            "a" => Some((TargetKind::Link, "href")),
            "img" => Some((TargetKind::Image, "src")),
            _ => None,
        };
        let attribute =
            found.and_then(|(kind, name)| Some((kind, target_syntax::attribute(self.body, at..end, name)?)));
        if let Some((kind, Attribute { range, value })) = attribute
            && let Some(target) = (self.targets)(kind, &value)
        {
            let value = match target {
                NewTarget::Url(url) => target_syntax::attribute_value(&url, self.braces),
                NewTarget::Tag(tag) => self.tags.add(tag),
            };
            self.edits.push((range, value));
        } else if self.braces == Braces::Escape {
            self.braces(at..end);
        }
        if target_syntax::tag_name(inside) == "pre" {
            let close = self.body[end..].find("</pre>").map_or(self.body.len(), |length| end + length);
            if self.braces == Braces::Escape {
                self.braces(end..close);
            }
            return close;
        }
        end
    }

    /// Rewrites the target of a link or image whose text ends here.
    fn bracket_end(&mut self, at: usize) -> usize {
        let Some((open, kind)) = self.brackets.pop() else { return at + 1 };
        let Some(target) = target_syntax::inline(self.body, at + 1) else { return at + 1 };
        match (self.targets)(kind, &target.url) {
            Some(NewTarget::Tag(tag)) if kind == TargetKind::Link && self.to == TemplateEngine::Nunjucks => {
                let (start, end) = self.link(NewTarget::Tag(tag));
                self.edits.push((open..open + 1, start));
                self.edits.push((at..target.end, end));
            }
            Some(NewTarget::Tag(tag)) => {
                let mark = self.tags.add(tag);
                self.edits.push((target.range, mark));
            }
            Some(NewTarget::Url(url)) => {
                self.edits.push((target.range, destination(&url, Templates::of(self.to)).into_owned()));
            }
            None if self.braces == Braces::Escape => {
                let source = &self.body[target.range.clone()];
                if source.contains(['{', '}']) {
                    let coded = source.replace('{', "%7B").replace('}', "%7D");
                    self.edits.push((target.range.clone(), coded));
                }
                self.braces(target.range.end..target.end);
            }
            None => {}
        }
        target.end
    }

    /// Returns what stands before and after the text of a link. Hexo reads Markdown after its tags became comments, which
    /// are no targets of links; in an attribute they are left alone.
    fn link(&mut self, target: NewTarget) -> (String, String) {
        match target {
            NewTarget::Tag(tag) if self.to == TemplateEngine::Nunjucks => {
                (format!("<a href=\"{}\">", self.tags.add(tag)), "</a>".to_owned())
            }
            NewTarget::Tag(tag) => ("[".to_owned(), format!("]({})", self.tags.add(tag))),
            NewTarget::Url(url) => ("[".to_owned(), format!("]({})", destination(&url, Templates::of(self.to)))),
        }
    }

    /// Escapes a brace that is part of a marker.
    fn brace(&mut self, at: usize, brace: u8) -> usize {
        let bytes = self.body.as_bytes();
        let beside = match brace {
            b'{' => bytes.get(at + 1),
            _ => at.checked_sub(1).and_then(|before| bytes.get(before)),
        };
        if beside.is_some_and(|beside| *beside == brace || matches!(beside, b'%' | b'#')) {
            self.edits.push((at..at + 1, format!("&#{brace};")));
        }
        at + 1
    }

    fn braces(&mut self, range: Range<usize>) {
        for at in range {
            let byte = self.body.as_bytes()[at];
            if matches!(byte, b'{' | b'}') {
                self.brace(at, byte);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TemplateEngine::{Liquid, None as Plain, Nunjucks, Shortcodes};

    fn moved(kind: TargetKind, target: &str) -> Option<NewTarget> {
        match (kind, target) {
            (TargetKind::Link, "https://a.cn/1_(一)?a&b") => Some(NewTarget::Url("文 章.md".to_owned())),
            (TargetKind::Link, "https://a.cn/2_x") => Some(NewTarget::Tag("{% post_path 二 %}".to_owned())),
            (TargetKind::Image, "../图.png") => Some(NewTarget::Url("/images/图.png".to_owned())),
            _ => None,
        }
    }

    fn to(engine: TemplateEngine, body: &str) -> String {
        rewrite(body, Plain, engine, &mut moved)
    }

    #[test]
    fn targets_of_links_and_images_are_replaced_and_nothing_else() {
        let body = "见[**一**文](https://a.cn/1_(一)?a&b \"题\\\" )\")、![图](../图.png)。\n\n\
            [![](../图.png)](<https://a.cn/1_(一)?a&b>) [别处](https://b.cn/)\n";
        let expected = "见[**一**文](<文 章.md> \"题\\\" )\")、![图](/images/图.png)。\n\n\
            [![](/images/图.png)](<文 章.md>) [别处](https://b.cn/)\n";
        assert_eq!(to(Plain, body), expected);
    }

    #[test]
    fn html_and_autolinks_are_rewritten_too() {
        let body = "<table><tr><td><a class=\"x\" href=\"https://a.cn/1_(一)?a&amp;b\">文</a><img src=\"../图.png\" alt=\"\">\n";
        let expected = "<table><tr><td><a class=\"x\" href=\"文 章.md\">文</a><img src=\"/images/图.png\" alt=\"\">\n";
        assert_eq!(to(Plain, body), expected);
        assert_eq!(to(Shortcodes, "<https://a.cn/2_x>"), "[https://a.cn/2\\_x]({% post_path 二 %})");
    }

    #[test]
    fn code_and_escaped_text_stay() {
        for body in [
            "`[文](https://a.cn/2_x)`\n",
            "``a`[文](https://a.cn/2_x)``\n",
            "```md\n[文](https://a.cn/2_x)\n```\n",
            "> - ````\n>   [文](https://a.cn/2_x)\n>   ```\n>   ````\n",
            "\\[文\\](https://a.cn/2_x)\n",
            "<pre>[文](https://a.cn/2_x)</pre>\n",
        ] {
            assert_eq!(to(Plain, body), body);
        }
        assert_eq!(to(Plain, "a ` b [文](https://a.cn/2_x)\n\n` c\n"), "a ` b [文]({% post_path 二 %})\n\n` c\n");
    }

    #[test]
    fn a_tag_is_written_where_its_engine_replaces_it() {
        let body = "见[**二**](https://a.cn/2_x \"t\")。{{ x }}\n";
        assert_eq!(to(Nunjucks, body), "见<a href=\"{% post_path 二 %}\">**二**</a>。&#123;{ x }&#125;\n");
        let expected = "{% raw %}\n见[**二**]({% endraw %}{% post_path 二 %}{% raw %} \"t\")。{{ x }}\n{% endraw %}\n";
        assert_eq!(to(Liquid, body), expected);
        assert_eq!(to(Liquid, "[二](https://a.cn/2_x)\n"), "[二]({% post_path 二 %})\n");
    }

    #[test]
    fn markers_are_escaped_for_hexo_outside_of_fenced_code() {
        let body = "{{ a }} {# `{% b %}` [c](/{{d}}) <i title=\"{{e}}\">\n\n```\n{{ f }}\n```\n\n|`{%\\|%}`|\n";
        let expected = "&#123;{ a }&#125; &#123;# <code>&#123;&#37; b &#37;&#125;</code> [c](/%7B%7Bd%7D%7D) \
            <i title=\"&#123;{e}&#125;\">\n\n```\n{{ f }}\n```\n\n|<code>&#123;&#37;&#124;&#37;&#125;</code>|\n";
        assert_eq!(to(Nunjucks, body), expected);
    }

    #[test]
    fn escapes_of_another_engine_are_removed_first() {
        let body = "`{{< fig >}}` {{% x %}} {{ y }}\n";
        for from in [Liquid, Shortcodes] {
            let stored = rewrite(body, Plain, from, &mut |_, _| None);
            assert_ne!(stored, body);
            assert_eq!(rewrite(&stored, from, Plain, &mut |_, _| None), body);
            assert_eq!(rewrite(&stored, from, from, &mut |_, _| None), stored);
        }
        assert_eq!(rewrite("a\n\n<!-- more -->\n", Nunjucks, Shortcodes, &mut |_, _| None), "a\n\n<!--more-->\n");
    }

    #[test]
    fn long_bodies_of_unclosed_constructs_take_linear_time() {
        for part in ["[", "](", "](<", "<a href=\"", "`a``", "![x](\"", "{{%", "](((", "<http://"] {
            let body = part.repeat(60_000 / part.len());
            let begun = std::time::Instant::now();
            to(Nunjucks, &body);
            assert!(begun.elapsed().as_secs() < 20, "{part}");
        }
    }
}
