//! Protects tags of template engines in the body of a post while the HTML around them becomes Markdown.

use std::collections::BTreeSet;
use std::ops::Range;

/// Stands for the first tag; the next tags have the next characters. Private use, and never in a page's text.
const FIRST: u32 = 0xF_0001;

/// The maximum number of tags of one post that are protected.
const MAX_TAGS: usize = 60_000;

/// The maximum length of a tag, in bytes.
const MAX_TAG: usize = 16 << 10;

/// The delimiters of tags: Liquid and Nunjucks, Hugo, and the mark that ends a teaser.
const DELIMITERS: [(&str, &str); 7] = [
    ("{{<", ">}}"),
    ("{{%", "%}}"),
    ("{{", "}}"),
    ("{%", "%}"),
    ("{#", "#}"),
    ("<!--more", "-->"),
    ("<!-- more", "-->"),
];

/// The body of a post whose tags are replaced by characters that no markup reads.
#[derive(Debug, PartialEq, Eq)]
pub struct ProtectedBody {
    /// The body to convert.
    pub html: String,
    tags: Vec<String>,
}

impl ProtectedBody {
    /// Puts the tags back into the text that was made of the body.
    pub fn restore(&self, text: &str) -> String {
        if self.tags.is_empty() {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            let nth = (c as u32).checked_sub(FIRST).and_then(|nth| self.tags.get(usize::try_from(nth).ok()?));
            match nth {
                Some(tag) => out.push_str(tag),
                None => out.push(c),
            }
        }
        out
    }
}

/// Replaces the tags of a body, and makes blocks of code of those that highlight code.
pub fn protect(body: &str) -> ProtectedBody {
    let body = &highlighted(body);
    let (mut html, mut tags) = (String::with_capacity(body.len()), Vec::new());
    let mut done = 0;
    while let Some(tag) = next(body, done).filter(|_| tags.len() < MAX_TAGS) {
        let Some(stand_in) = u32::try_from(tags.len()).ok().and_then(|nth| char::from_u32(FIRST + nth)) else { break };
        html.push_str(&body[done..tag.start]);
        html.push(stand_in);
        done = tag.end;
        tags.push(body[tag].to_owned());
    }
    html.push_str(&body[done..]);
    ProtectedBody { html, tags }
}

/// Returns the place of the next tag from `from`.
fn next(body: &str, from: usize) -> Option<Range<usize>> {
    let mut at = from;
    while let Some(start) = body[at..].find(['{', '<']).map(|found| at + found) {
        let rest = &body[start..];
        let found = DELIMITERS.iter().find(|(open, _)| {
            rest.len() >= open.len() && rest.as_bytes()[..open.len()].eq_ignore_ascii_case(open.as_bytes())
        });
        if let Some((open, close)) = found {
            let mut limit = rest.len().min(MAX_TAG);
            while !rest.is_char_boundary(limit) {
                limit -= 1;
            }
            if let Some(end) = rest[open.len()..limit].find(close) {
                return Some(start..start + open.len() + end + close.len());
            }
        }
        at = start + 1;
    }
    None
}

/// Returns the places of the tags of a body; of a tag that has code or verbatim text in it, up to the tag that ends it. A tag
/// with an empty line in it is none.
pub(super) fn verbatim(body: &str) -> Vec<Range<usize>> {
    const RAW: [(&str, &str, &str, &str); 4] = [
        ("{%", "raw", "endraw", "%}"),
        ("{%", "verbatim", "endverbatim", "%}"),
        ("{%", "comment", "endcomment", "%}"),
        ("{{<", "raw", "/raw", ">}}"),
    ];
    let (mut ranges, mut unclosed) = (Vec::new(), BTreeSet::new());
    let mut done = 0;
    while let Some(tag) = next(body, done) {
        let (name, _) = words(&body[tag.clone()]);
        let pair = CODE.iter().chain(&RAW).find(|pair| pair.1 == name && body[tag.start..].starts_with(pair.0));
        let end = pair.filter(|pair| !unclosed.contains(*pair)).and_then(|pair| {
            let found = code_until(body, tag.end, (pair.0, pair.2, pair.3));
            if found.is_none() {
                unclosed.insert(pair);
            }
            Some(found?.1)
        });
        let inner = &body[tag.clone()];
        if end.is_none() && (inner.contains("\n\n") || inner.contains("\n\r\n")) {
            done = tag.start + 1;
            continue;
        }
        done = end.unwrap_or(tag.end);
        ranges.push(tag.start..done);
    }
    ranges
}

/// The tags that highlight code, with those that end them. <https://jekyllrb.com/docs/liquid/tags/#code-snippet-highlighting>,
/// <https://hexo.io/docs/tag-plugins#Code-Block>, <https://gohugo.io/shortcodes/highlight/>
const CODE: [(&str, &str, &str, &str); 5] = [
    ("{%", "highlight", "endhighlight", "%}"),
    ("{%", "codeblock", "endcodeblock", "%}"),
    ("{%", "code", "endcode", "%}"),
    ("{{<", "highlight", "/highlight", ">}}"),
    ("{{%", "highlight", "/highlight", "%}}"),
];

/// Returns the name of a tag and its arguments.
fn words(tag: &str) -> (&str, &str) {
    let inner = tag.trim_start_matches(['{', '%', '<', '-']).trim_end_matches(['}', '%', '>', '-']).trim();
    inner.split_once(char::is_whitespace).unwrap_or((inner, ""))
}

/// Makes blocks of code of `{% highlight ruby %}…{% endhighlight %}` and its like in Hexo and Hugo.
fn highlighted(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut done = 0;
    while let Some(tag) = next(body, done) {
        let (name, arguments) = words(&body[tag.clone()]);
        let pair = CODE.iter().find(|(open, start, _, _)| *start == name && body[tag.start..].starts_with(open));
        let block = pair.and_then(|(open, _, end, close)| code_until(body, tag.end, (open, end, close)));
        out.push_str(&body[done..tag.start]);
        match block {
            Some((code, end)) => {
                out.push_str(&code_block(language(arguments), code));
                done = end;
            }
            None => {
                out.push_str(&body[tag.clone()]);
                done = tag.end;
            }
        }
    }
    out.push_str(&body[done..]);
    out
}

/// Returns the code from `from` up to the tag that ends it, and where that tag ends.
fn code_until<'b>(body: &'b str, from: usize, (open, name, close): (&str, &str, &str)) -> Option<(&'b str, usize)> {
    let mut at = from;
    loop {
        let start = at + body[at..].find(open)?;
        let end = start + body[start..].find(close)? + close.len();
        let inner = body[start + open.len()..end - close.len()].trim_matches('-').trim();
        if inner == name {
            return Some((&body[from..start], end));
        }
        at = start + open.len();
    }
}

/// Returns the language that the arguments of a tag name; empty for none.
fn language(arguments: &str) -> &str {
    let words = || arguments.split_whitespace().map(|word| word.trim_matches(['"', '\'', ',']));
    let named = words().find_map(|word| word.strip_prefix("lang:").or_else(|| word.strip_prefix("lang=")));
    named.or_else(|| words().next().filter(|word| !word.contains([':', '=', '.', '/']))).unwrap_or_default()
}

fn code_block(language: &str, code: &str) -> String {
    let code = code.trim_start_matches(['\r', '\n']).trim_end();
    let code = code.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let language: String = language.chars().filter(|c| c.is_alphanumeric() || "+#-_.".contains(*c)).collect();
    let class = if language.is_empty() { String::new() } else { format!(" class=\"language-{language}\"") };
    format!("\n<pre><code{class}>{code}</code></pre>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_put_back_to_the_letter() {
        let body = "<p>a {{ x | y }} {% img a_b.jpg \"*c*\" %}</p>\n<!-- more -->\n<p>{{< fig src=\"1\" >}} { { %}</p>";
        let protected = protect(body);
        assert!(!protected.html.contains("{{ x") && !protected.html.contains("more"), "{}", protected.html);
        assert_eq!(protected.restore(&protected.html), body);
        assert_eq!(protect("<p>plain</p>").html, "<p>plain</p>");
    }

    #[test]
    fn highlighted_code_is_a_block_in_its_language() {
        for (tag, end) in [
            ("{% highlight ruby linenos %}", "{% endhighlight %}"),
            ("{% codeblock 题目 lang:ruby %}", "{% endcodeblock %}"),
            ("{{< highlight ruby \"linenos=table\" >}}", "{{< /highlight >}}"),
        ] {
            let html = protect(&format!("<p>a</p>\n{tag}\nputs \"<b>\"\n  x\n{end}\n<p>b</p>")).html;
            assert!(html.contains("<pre><code class=\"language-ruby\">puts \"&lt;b&gt;\"\n  x</code></pre>"), "{html}");
        }
        let open = "{% highlight %}never closed";
        assert_eq!(protect(open).restore(&protect(open).html), open);
    }
}
