//! The destinations of images and links in the source of a Markdown post, with their places in it.
//!
//! The post itself is not written anew: its owner's layout, and the tags of template engines that no parser of Markdown knows,
//! stay to the letter. comrak says which lines are code and HTML; destinations are found in the bytes of the others.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};

use super::html_tag::Tag;
use super::template_tags::verbatim;

/// The maximum length of a title or a label, in bytes; CommonMark limits labels to 999 characters.
const MAX_LABEL: usize = 4000;

/// The depth of parentheses in a destination that CommonMark requires renderers to support.
const MAX_PARENTHESES: usize = 32;

/// What a destination belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestinationKind {
    /// An image.
    Image,
    /// A link.
    Link,
}

/// The destination of an image or a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// What it belongs to.
    pub kind: DestinationKind,
    /// Its place, with the angle brackets around it.
    pub range: Range<usize>,
    /// The URL that it stands for.
    pub url: String,
    /// Where the text of an inline link begins, after its bracket; None for a definition and in HTML.
    pub text: Option<usize>,
}

/// Returns the destinations in a body, in order: of inline images and links, of the definitions that references use, and of
/// `<img src>` and `<a href>`. What stands in code, in comments and in the tags of template engines is not among them.
pub fn destinations(body: &str) -> Vec<Destination> {
    if !body.contains("](") && !body.contains("]:") && !body.contains(['<']) {
        return Vec::new();
    }
    let lines = Lines::of(body);
    let mut definitions = HashMap::new();
    let mut skipped = verbatim(body);
    for (nth, line) in lines.ranges.iter().enumerate() {
        if lines.kinds[nth] != LineKind::Code
            && let Some((label, range)) = definition(&body[line.clone()])
        {
            let range = line.start + range.start..line.start + range.end;
            definitions.entry(label).or_insert((range, None));
            skipped.push(line.clone());
        }
    }
    skipped.sort_unstable_by_key(|range| range.start);
    let mut scan = Scan { body, skipped, definitions, found: Vec::new(), text: 0..0, unclosed: HashSet::new() };
    for (kind, range) in lines.segments() {
        scan.text = range;
        match kind {
            LineKind::Code => {}
            LineKind::Html => scan.html(),
            LineKind::Text(_) => scan.inline(),
        }
    }
    let Scan { mut found, definitions, .. } = scan;
    found.extend(definitions.into_values().filter_map(|(range, kind)| {
        Some(Destination { kind: kind?, url: unescaped(&body[range.clone()]), range, text: None })
    }));
    found.sort_unstable_by_key(|found| found.range.start);
    found
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineKind {
    Code,
    Html,
    /// Text of the block with that number, or of none.
    Text(usize),
}

/// The lines of a body, as comrak counts them.
struct Lines {
    ranges: Vec<Range<usize>>,
    kinds: Vec<LineKind>,
}

impl Lines {
    fn of(body: &str) -> Self {
        let (mut ranges, mut start) = (Vec::new(), 0);
        let bytes = body.as_bytes();
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            // A carriage return and the line feed after it are one line end.
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                ranges.push(start..at + 1);
                start = at + 1;
            }
        }
        ranges.push(start..body.len());
        let mut kinds = vec![LineKind::Text(0); ranges.len()];
        let arena = Arena::new();
        let mut options = Options::default();
        options.extension.table = true;
        let root = parse_document(&arena, body, &options);
        for (nth, node) in root.descendants().enumerate() {
            let data = node.data();
            let kind = match data.value {
                NodeValue::CodeBlock(_) => LineKind::Code,
                NodeValue::HtmlBlock(_) => LineKind::Html,
                NodeValue::Paragraph | NodeValue::Heading(_) | NodeValue::TableRow(_) => LineKind::Text(nth),
                _ => continue,
            };
            let (first, last) = (data.sourcepos.start.line.max(1), data.sourcepos.end.line.min(kinds.len()));
            if first <= last {
                kinds[first - 1..last].fill(kind);
            }
        }
        Self { ranges, kinds }
    }

    /// Returns the runs of lines of one kind, as ranges of bytes.
    fn segments(&self) -> Vec<(LineKind, Range<usize>)> {
        let mut segments: Vec<(LineKind, Range<usize>)> = Vec::new();
        for (kind, range) in self.kinds.iter().zip(&self.ranges) {
            match segments.last_mut() {
                Some((last, so_far)) if last == kind => so_far.end = range.end,
                _ => segments.push((*kind, range.clone())),
            }
        }
        segments
    }
}

/// Returns the label and the destination of a line that defines a reference, whatever quote or list it stands in.
fn definition(line: &str) -> Option<(String, Range<usize>)> {
    let start = line.find(|c: char| !matches!(c, ' ' | '\t' | '>'))?;
    let rest = line[start..].strip_prefix('[').filter(|rest| !rest.starts_with('^'))?;
    let end = rest.find("]:").filter(|&end| end <= MAX_LABEL && !rest[..end].contains(['[', ']']))?;
    let after = start + 1 + end + 2;
    let at = after + (line[after..].len() - line[after..].trim_start_matches([' ', '\t']).len());
    let range = destination(line, at)?;
    let behind = line[range.end..].trim();
    let is_title = behind.is_empty() || behind.len() > 1 && behind.starts_with(['"', '\'', '(']);
    (is_title && !range.is_empty()).then(|| (label(&rest[..end]), range))
}

/// Labels that differ in case and white space only are one.
fn label(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Returns the place of the destination that begins at `at`.
fn destination(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = &text[at..];
    if let Some(inner) = rest.strip_prefix('<') {
        let end = inner.find(['<', '>', '\n', '\r'])?;
        return inner[end..].starts_with('>').then_some(at..at + end + 2);
    }
    let (mut depth, mut escaped) = (0usize, false);
    for (offset, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' if depth == MAX_PARENTHESES => return None,
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at..at + offset),
            ')' => depth -= 1,
            c if c.is_ascii_whitespace() || c.is_ascii_control() => return (depth == 0).then_some(at..at + offset),
            _ => {}
        }
    }
    (depth == 0).then_some(at..text.len())
}

/// Returns a destination without its angle brackets, backslash escapes and ampersands of HTML.
fn unescaped(written: &str) -> String {
    let inner = written.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(written);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek().is_some_and(char::is_ascii_punctuation) => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out.replace("&amp;", "&")
}

/// A bracket that may begin an image or a link.
struct Bracket {
    kind: DestinationKind,
    /// Where the text in it begins.
    text: usize,
}

/// The search through one body.
struct Scan<'b> {
    body: &'b str,
    /// What is not looked at, in order.
    skipped: Vec<Range<usize>>,
    /// The definitions by their labels, and what uses them.
    definitions: HashMap<String, (Range<usize>, Option<DestinationKind>)>,
    found: Vec<Destination>,
    /// The segment that is searched.
    text: Range<usize>,
    /// Elements that are opened in it and not closed.
    unclosed: HashSet<&'static str>,
}

impl Scan<'_> {
    /// Returns the end of what is skipped at a place.
    fn skip(&self, at: usize) -> Option<usize> {
        let nth = self.skipped.partition_point(|range| range.start <= at);
        let range = self.skipped.get(nth.checked_sub(1)?)?;
        (at < range.end).then_some(range.end)
    }

    /// Searches blocks of text.
    fn inline(&mut self) {
        let (mut at, end) = (self.text.start, self.text.end);
        let mut brackets: Vec<Bracket> = Vec::new();
        self.unclosed.clear();
        // Runs of backticks, by length, that nothing closes.
        let mut unclosed = HashSet::new();
        while at < end {
            if let Some(next) = self.skip(at) {
                at = next;
                continue;
            }
            let rest = &self.body.as_bytes()[at..end];
            match rest[0] {
                b'\\' => at += 2,
                b'`' => at += self.code_span(at, &mut unclosed),
                b'<' => at = self.tag(at),
                b'!' if rest.get(1) == Some(&b'[') => {
                    brackets.push(Bracket { kind: DestinationKind::Image, text: at + 2 });
                    at += 2;
                }
                b'[' => {
                    brackets.push(Bracket { kind: DestinationKind::Link, text: at + 1 });
                    at += 1;
                }
                b']' => {
                    at = match brackets.pop() {
                        Some(bracket) => self.close(&bracket, at),
                        None => at + 1,
                    }
                }
                // A skipped part begins with a brace, an angle bracket or a line.
                _ => {
                    let next = rest[1..].iter().position(|byte| b"\\`<!]{\n[".contains(byte));
                    at += next.map_or(rest.len(), |next| next + 1);
                }
            }
        }
    }

    /// Returns the length of the code span that begins at `at`, or of the backticks that begin none.
    fn code_span(&self, at: usize, unclosed: &mut HashSet<usize>) -> usize {
        let rest = &self.body.as_bytes()[at..self.text.end];
        let run = |from: usize| rest[from..].iter().take_while(|&&byte| byte == b'`').count();
        let open = run(0);
        if unclosed.contains(&open) {
            return open;
        }
        let mut next = open;
        while let Some(found) = memchr::memchr(b'`', &rest[next..]) {
            let close = run(next + found);
            next += found + close;
            if close == open {
                return next;
            }
        }
        unclosed.insert(open);
        open
    }

    /// Ends a bracket at the `]` at `at`: with a destination, or with the label of a definition. Returns where to go on.
    fn close(&mut self, bracket: &Bracket, at: usize) -> usize {
        let (kind, text) = (bracket.kind, bracket.text);
        let rest = &self.body[at + 1..self.text.end];
        if rest.starts_with('(')
            && let Some((range, end)) = self.inline_destination(at + 2)
        {
            let url = unescaped(&self.body[range.clone()]);
            self.found.push(Destination { kind, range, url, text: Some(text) });
            return end;
        }
        let own = &self.body[text..at];
        let named =
            rest.strip_prefix('[').and_then(|rest| rest.split(']').next()).filter(|name| !name.trim().is_empty());
        let name = named.unwrap_or(own);
        if name.len() <= MAX_LABEL
            && let Some((_, used)) = self.definitions.get_mut(&label(name))
            && *used != Some(DestinationKind::Image)
        {
            *used = Some(kind);
        }
        at + 1 + named.map_or(0, |name| name.len() + 2)
    }

    /// Returns the destination behind the parenthesis before `at`, and where the parentheses end.
    fn inline_destination(&self, at: usize) -> Option<(Range<usize>, usize)> {
        let text = &self.body[..self.text.end];
        let blank =
            |from: usize| from + text[from..].len() - text[from..].trim_start_matches([' ', '\t', '\n', '\r']).len();
        let range = destination(text, blank(at))?;
        let mut end = blank(range.end);
        if let Some(quote) = text[end..].chars().next().filter(|c| matches!(c, '"' | '\'' | '(') && end > range.end) {
            let close = if quote == '(' { ')' } else { quote };
            let mut escaped = false;
            let inner = text[end + 1..].char_indices().take_while(|(length, _)| *length <= MAX_LABEL).find(|(_, c)| {
                let ends = *c == close && !escaped;
                escaped = *c == '\\' && !escaped;
                ends
            });
            end = blank(end + 1 + inner?.0 + 1);
        }
        text[end..].starts_with(')').then_some((range, end + 1))
    }

    /// Searches blocks of HTML.
    fn html(&mut self) {
        self.unclosed.clear();
        let (mut at, end) = (self.text.start, self.text.end);
        while at < end {
            at = match self.skip(at) {
                Some(next) => next,
                None if self.body.as_bytes()[at] == b'<' => self.tag(at),
                None => {
                    let rest = &self.body.as_bytes()[at + 1..end];
                    memchr::memchr2(b'<', b'{', rest).map_or(end, |next| at + 1 + next)
                }
            };
        }
    }

    /// Takes in the tag at `at`. Returns where to go on: behind the tag, or behind the element for one of code.
    fn tag(&mut self, at: usize) -> usize {
        /// Elements whose content is no text of the post.
        const CODE: [(&str, &str); 5] = [
            ("pre", "</pre"),
            ("code", "</code"),
            ("script", "</script"),
            ("style", "</style"),
            ("textarea", "</textarea"),
        ];
        let rest = &self.body[at..self.text.end];
        if rest.starts_with("<!--") {
            // The dashes of the beginning may be those of the end.
            return self.behind(at + 2, "-->").unwrap_or(at + 4);
        }
        let Some(tag) = Tag::parse(rest) else { return at + 1 };
        let end = at + tag.length;
        let code = CODE.iter().find(|(name, _)| tag.name.eq_ignore_ascii_case(name));
        if let Some((_, close)) = code {
            return self.behind(end, close).unwrap_or(end);
        }
        let wanted = match tag.name.to_ascii_lowercase().as_str() {
            "img" => Some(("src", DestinationKind::Image)),
            "a" => Some(("href", DestinationKind::Link)),
            _ => None,
        };
        if let Some((name, kind)) = wanted
            && let Some((_, value)) = tag.attributes.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))
        {
            let range = at + value.start..at + value.end;
            let url = self.body[range.clone()].trim().replace("&amp;", "&");
            self.found.push(Destination { kind, range, url, text: None });
        }
        end
    }

    /// Returns where the next `close` ends; None when the segment has none.
    fn behind(&mut self, from: usize, close: &'static str) -> Option<usize> {
        if self.unclosed.contains(close) {
            return None;
        }
        let rest = &self.body.as_bytes()[from..self.text.end];
        let is_close = |at: &usize| {
            rest.get(*at..at + close.len()).is_some_and(|found| found.eq_ignore_ascii_case(close.as_bytes()))
        };
        let found = memchr::memchr_iter(close.as_bytes()[0], rest).find(is_close);
        if found.is_none() {
            self.unclosed.insert(close);
        }
        found.map(|length| from + length + close.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The images of a body, then the links.
    fn of(body: &str) -> (Vec<String>, Vec<String>) {
        let found = destinations(body);
        for found in &found {
            let written = unescaped(&body[found.range.clone()]);
            assert!(written.trim() == found.url, "{found:?} {written}");
        }
        let all = |kind| found.iter().filter(|found| found.kind == kind).map(|found| found.url.clone()).collect();
        (all(DestinationKind::Image), all(DestinationKind::Link))
    }

    #[test]
    fn every_form_of_an_image_is_found() {
        let body = "前![图](https://a.cn/1.png)后![](<https://a.cn/a b.png> \"题 (一)\")\r\n\r\n> - ![x][铺 子] ![铺  子][] ![铺 子]\r\n\r\n\
            [![](https://a.cn/2.png?a=1&amp;b=2)](https://a.cn/post)\r\n\r\n| a |\r\n|---|\r\n| ![](https://a.cn/3.png) |\r\n\r\n\
            <p align=center><IMG alt='>' src='https://a.cn/4.png'></p>\r\n\r\n文<img src=https://a.cn/5.png>字![](a\\_b.png)\r\n\r\n\
            [铺 子]: https://a.cn/6.png 'x'\r\n[another]: /unused\r\n";
        let (images, links) = of(body);
        assert_eq!(
            images,
            [
                "https://a.cn/1.png",
                "https://a.cn/a b.png",
                "https://a.cn/2.png?a=1&b=2",
                "https://a.cn/3.png",
                "https://a.cn/4.png",
                "https://a.cn/5.png",
                "a_b.png",
                "https://a.cn/6.png",
            ]
        );
        assert_eq!(links, ["https://a.cn/post"]);
    }

    #[test]
    fn code_comments_and_template_tags_are_left_alone() {
        let body = "`![](a)` ``x ` ![](a)`` \\![l](b)\n\n```md\n![](a)\n```\n\n- 一\n\n      ![](a)\n\n  ![](yes)\n\n文\n\n    ![](a)\n\n\
            <!-- ![](a) <img src=a> -->\n\n<pre>\n<img src=a>\n</pre>\n\n{% img a.png %} {{< figure src=\"a\" >}} {% raw %}\n\n![](a)\n\n{% endraw %}\n\n\
            {% codeblock %}\n![](a)\n{% endcodeblock %}\n\n{% highlight html %}\n<img src=a>\n{% endhighlight %}\n文 <code>![](a)</code>\n";
        let (images, links) = of(body);
        assert_eq!((images, links), (vec!["yes".to_owned()], vec!["b".to_owned()]));
    }

    #[test]
    fn what_is_not_closed_is_text_and_takes_linear_time() {
        for body in [
            "![](a",
            "![a]",
            "![](<a)",
            "![](a b)",
            "![](a \"b)",
            "[![](",
            "<img src=\"a",
            "<img src",
            "!",
            "![",
            "[a]:",
            "\\",
            "`",
        ] {
            assert_eq!(destinations(body), [], "{body}");
        }
        for piece in [
            "![](a \"",
            "<img a=\"",
            "``` `",
            "[",
            "![",
            "]",
            "](",
            "<!--",
            "<a ",
            "{{",
            "{% raw %}",
            "> ",
            "[a]: b\n",
            "<pre>\n",
        ] {
            let many = piece.repeat(20_000);
            let started = std::time::Instant::now();
            let _ = destinations(&many);
            assert!(started.elapsed().as_secs() < 20, "{piece}");
        }
    }
}
