//! The body of a WordPress post: shortcodes, and newlines that stand for paragraphs and line breaks.
//!
//! WordPress itself converts it to HTML when it shows a post: <https://developer.wordpress.org/reference/functions/wpautop/>.

use super::wordpress_blocks;
use super::wordpress_site::SiteIndex;
use super::wxr_items::Comment;
use crate::markdown::MORE;
use crate::model::{Loss, LossKind};

/// Elements that `wpautop` does not put into paragraphs. This is WordPress's own list, which differs from
/// [`crate::html::elements::is_block`]: it has `area`, `col` and `style`, and not `aside`, `header` and `nav`.
const BLOCKS: [&str; 40] = [
    "table",
    "thead",
    "tfoot",
    "caption",
    "col",
    "colgroup",
    "tbody",
    "tr",
    "td",
    "th",
    "div",
    "dl",
    "dd",
    "dt",
    "ul",
    "ol",
    "li",
    "pre",
    "form",
    "map",
    "area",
    "blockquote",
    "address",
    "style",
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "fieldset",
    "legend",
    "section",
    "article",
    "figure",
    "figcaption",
    "details",
    "summary",
];

/// Blocks in which a single run of text does not become a paragraph.
const TEXT_BLOCKS: [&str; 17] = [
    "li",
    "td",
    "th",
    "dt",
    "dd",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "figure",
    "figcaption",
    "caption",
    "summary",
    "legend",
];

/// Elements whose newlines are kept.
const VERBATIM: [&str; 4] = ["pre", "script", "style", "textarea"];

/// Shortcodes that are recognised by name; others are recognised by attributes or by their end tag.
const KNOWN_SHORTCODES: [&str; 12] = [
    "gallery",
    "audio",
    "video",
    "playlist",
    "contact-form",
    "contact-form-7",
    "toc",
    "ngg",
    "rev_slider",
    "vc_row",
    "raw",
    "recent-posts",
];

/// The maximum length of a shortcode's tag, in bytes.
const MAX_SHORTCODE: usize = 4096;

/// Returns the body of a post as HTML, and what of it could not be converted. `post` is the number of the post.
pub(super) fn html(content: &str, site: &SiteIndex, post: &str) -> (String, Vec<Loss>) {
    let mut losses = Vec::new();
    let content = content.replace("\r\n", "\n").replace('\r', "\n");
    let content = wordpress_blocks::inserted(&content, site, &mut losses);
    let content = verbatim(&content);
    let content = shortcodes(&content, Context { site, post }, &mut losses);
    let content = more(&content);
    // Posts of the block editor have paragraphs already.
    let html = if content.contains("<!-- wp:") { content } else { paragraphs(&content) };
    (html, losses)
}

/// What shortcodes refer to.
#[derive(Clone, Copy)]
struct Context<'a> {
    site: &'a SiteIndex,
    post: &'a str,
}

impl Context<'_> {
    /// Returns an image of the media library with its alternative text and its caption; `None` when the export does not
    /// have it.
    fn figure(self, id: &str) -> Option<String> {
        let attachment = self.site.attachments.get(id).filter(|attachment| !attachment.url.is_empty())?;
        let alt = attachment.alt.replace('&', "&amp;").replace('"', "&quot;");
        let caption = &attachment.caption;
        let caption = if caption.is_empty() { String::new() } else { format!("<figcaption>{caption}</figcaption>") };
        Some(format!("<figure><img src=\"{}\" alt=\"{alt}\">{caption}</figure>\n", attachment.url))
    }
}

/// Replaces the marks that end a teaser or a page of a post.
fn more(content: &str) -> String {
    let mut out = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(at) = rest.find("<!--") {
        let (before, tag) = rest.split_at(at);
        // The dashes of the beginning may be those of the end: `<!-->` is a comment.
        let Some(end) = tag[2..].find("-->").map(|end| end + 2) else { break };
        out.push_str(before);
        match tag.get(4..end).unwrap_or_default().split_whitespace().next() {
            // Another text for the link may follow the word.
            Some("more") => out.push_str(&format!("\n\n<p>{MORE}</p>\n\n")),
            Some("nextpage") => out.push_str("\n\n"),
            _ => out.push_str(&tag[..end + 3]),
        }
        rest = &tag[end + 3..];
    }
    out + rest
}

/// Escapes the tags between `<pre>` tags that are code and not markup: those of a block with a language, and those that
/// cannot stand in a `pre` element.
fn verbatim(content: &str) -> String {
    const INLINE: [&str; 24] = [
        "code", "span", "b", "strong", "em", "i", "a", "br", "mark", "kbd", "samp", "sub", "sup", "u", "s", "del",
        "ins", "font", "small", "tt", "var", "strike", "big", "img",
    ];
    let mut out = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(at) =
        rest.match_indices("<pre").map(|(at, _)| at).find(|at| rest[at + 4..].starts_with([' ', '>', '\n']))
    {
        let Some(start) = rest[at..].find('>').map(|end| at + end + 1) else { break };
        let Some(end) = rest[start..].find("</pre>").map(|end| start + end) else { break };
        let (tag, inner) = (&rest[at + 4..start - 1], &rest[start..end]);
        let language = attribute(tag, "lang");
        let is_markup = || {
            let mut tags =
                inner.match_indices('<').map(|(at, _)| tag_name(&inner[at..])).filter(|name| !name.is_empty());
            tags.all(|name| INLINE.contains(&name.as_str()))
        };
        if language.is_none() && is_markup() {
            out.push_str(&rest[..end + 6]);
        } else {
            out.push_str(&rest[..at]);
            let is_escaped = attribute(tag, "escaped") == Some("true");
            let is_escaped = is_escaped || !inner.contains('<');
            let code = if is_escaped { unescaped(inner) } else { inner.to_owned() };
            out.push_str(&code_block(language.unwrap_or_default(), &code));
        }
        rest = &rest[end + 6..];
    }
    out + rest
}

/// Returns code in which `&lt;` stands for `<`, without its character references.
fn unescaped(code: &str) -> String {
    code.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Returns code as a block.
fn code_block(language: &str, code: &str) -> String {
    let class = if language.is_empty() { String::new() } else { format!(" class=\"language-{language}\"") };
    let code = code.trim_start_matches('\n').trim_end();
    // Brackets would be read as shortcodes.
    let code = code.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('[', "&#91;");
    format!("\n\n<pre><code{class}>{code}</code></pre>\n\n")
}

/// Returns the comments that the site shows as HTML, replies below what they answer; empty for none.
pub(super) fn comments(comments: &[Comment]) -> String {
    let shown: Vec<&Comment> = comments.iter().filter(|comment| comment.is_shown()).collect();
    let is_top = |comment: &Comment| !shown.iter().any(|other| other.id == comment.parent && other.id != comment.id);
    let mut html = String::new();
    let mut written = std::collections::HashSet::new();
    // What is still to be written, first last; None closes the replies to a comment.
    let mut open: Vec<Option<&Comment>> =
        shown.iter().rev().filter(|comment| is_top(comment)).map(|comment| Some(*comment)).collect();
    while let Some(next) = open.pop() {
        let Some(comment) = next else {
            html.push_str("</blockquote>\n");
            continue;
        };
        if !written.insert(comment.id.as_str()) {
            continue;
        }
        let author = comment.author.replace('&', "&amp;").replace('<', "&lt;");
        let date = comment.date.get(..16).unwrap_or(&comment.date);
        html.push_str(&format!(
            "<p><strong>{author}</strong> {date}</p>\n{}\n",
            paragraphs(&comment.content.replace("\r\n", "\n"))
        ));
        let replies: Vec<_> = shown
            .iter()
            .rev()
            .filter(|reply| reply.parent == comment.id && !written.contains(reply.id.as_str()))
            .collect();
        if !replies.is_empty() && !comment.id.is_empty() {
            html.push_str("<blockquote>\n");
            open.push(None);
            open.extend(replies.into_iter().map(|reply| Some(*reply)));
        }
    }
    html
}

/// The tag of a shortcode.
struct ShortcodeTag<'a> {
    name: &'a str,
    attributes: &'a str,
    closes: bool,
    end: usize,
}

/// Parses the tag that begins with the `[` at `at`.
fn tag(text: &str, at: usize) -> Option<ShortcodeTag<'_>> {
    let rest = &text[at + 1..];
    let (closes, rest) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
    let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
    let (name, after) = rest.split_at(length);
    let mut limit = after.len().min(MAX_SHORTCODE);
    while !after.is_char_boundary(limit) {
        limit -= 1;
    }
    let end = after[..limit].find([']', '[', '\n'])?;
    let attributes = after[..end].trim_end_matches('/').trim();
    let is_tag = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && after[end..].starts_with(']')
        && !after[end + 1..].starts_with('(')
        && (after.starts_with([' ', ']', '/']));
    is_tag.then(|| ShortcodeTag { name, attributes, closes, end: text.len() - after.len() + end + 1 })
}

fn shortcodes(text: &str, context: Context<'_>, losses: &mut Vec<Loss>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    let mut from = 0;
    while let Some(at) = text[from..].find('[').map(|at| from + at) {
        from = at + 1;
        let Some(tag) = tag(text, at) else { continue };
        let close = format!("[/{}]", tag.name);
        let inner = text[tag.end..].find(&close).map(|end| &text[tag.end..tag.end + end]);
        let converted = if tag.closes { None } else { convert(&tag, inner, context) };
        if let Some((html, takes_inner)) = converted {
            out.push_str(&text[done..at]);
            out.push_str(&html);
            done = if takes_inner { tag.end + inner.map_or(0, |inner| inner.len() + close.len()) } else { tag.end };
            from = done;
        } else if !tag.closes && (inner.is_some() || is_shortcode(&tag)) {
            losses.push(Loss::new(LossKind::Shortcode, format!("[{}]", tag.name)));
            from = tag.end;
        }
    }
    out.push_str(&text[done..]);
    out
}

/// Returns the HTML for a shortcode, and whether it includes the enclosed content; None for an unknown shortcode.
fn convert(tag: &ShortcodeTag<'_>, inner: Option<&str>, context: Context<'_>) -> Option<(String, bool)> {
    match tag.name {
        "caption" | "wp_caption" => {
            let inner = inner?.trim();
            // The image, perhaps in a link, comes first. Older posts have the caption in an attribute.
            let end = if tag_name(inner) == "a" { "</a>" } else { ">" };
            let end = inner.find(end)? + end.len();
            let words = Some(inner[end..].trim()).filter(|words| !words.is_empty());
            let words = words.or_else(|| attribute(tag.attributes, "caption")).unwrap_or_default();
            let figure = format!("\n\n<figure>{}<figcaption>{words}</figcaption></figure>\n\n", inner[..end].trim());
            Some((figure, true))
        }
        "embed" => {
            let url = inner?.trim();
            Some((format!("<a href=\"{url}\">{url}</a>"), true))
        }
        "code" | "sourcecode" | "php" | "html" | "css" | "javascript" | "js" | "python" | "bash" | "java" => {
            let language = ["language", "lang"].iter().find_map(|name| attribute(tag.attributes, name));
            let language = language.unwrap_or(if tag.name.ends_with("code") { "" } else { tag.name });
            Some((code_block(language, &unescaped(inner?)), true))
        }
        "gallery" => {
            let ids = attribute(tag.attributes, "ids").or_else(|| attribute(tag.attributes, "include"));
            let excluded = attribute(tag.attributes, "exclude").unwrap_or_default();
            let post = attribute(tag.attributes, "id").unwrap_or(context.post);
            let ids: Vec<&str> = match ids {
                Some(ids) => ids.split(',').map(str::trim).collect(),
                // Without numbers a gallery shows what was uploaded for its post.
                None => context.site.images_of(post),
            };
            let ids = ids.into_iter().filter(|id| !excluded.split(',').any(|other| other.trim() == *id));
            let images: String = ids.filter_map(|id| context.figure(id)).collect();
            (!images.is_empty()).then(|| (format!("\n\n{images}\n"), false))
        }
        "audio" | "video" => {
            let types = ["src", "mp3", "mp4", "m4a", "ogg", "webm", "m4v", "wav"];
            let url = types.iter().find_map(|name| attribute(tag.attributes, name))?;
            Some((format!("\n\n<{0} src=\"{url}\"></{0}>\n\n", tag.name), inner.is_some()))
        }
        "more" => Some((String::new(), false)),
        _ => None,
    }
}

/// Returns the value of an attribute, in double quotes, single quotes or none.
fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = attributes;
    while let Some((key, value)) = rest.split_once('=') {
        let key = key.trim().rsplit(char::is_whitespace).next().unwrap_or_default();
        let value = value.trim_start();
        let (value, behind) = match value.chars().next()? {
            quote @ ('"' | '\'') => value[1..].split_once(quote)?,
            _ => value.split_once(char::is_whitespace).unwrap_or((value, "")),
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = behind;
    }
    None
}

/// Returns true for a shortcode, by its name or its attributes: text in brackets has neither.
fn is_shortcode(tag: &ShortcodeTag<'_>) -> bool {
    KNOWN_SHORTCODES.contains(&tag.name) || tag.attributes.contains('=')
}

/// Converts empty lines to paragraphs and single newlines to line breaks, outside blocks and verbatim text.
fn paragraphs(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut run = String::new();
    let mut open_block = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (before, tag) = match next_block(rest) {
            Some((at, length)) => (&rest[..at], &rest[at..at + length]),
            None => (rest, ""),
        };
        run.push_str(before);
        rest = &rest[before.len() + tag.len()..];
        if tag.is_empty() {
            break;
        }
        flush(&mut run, &mut out, surrounding(&open_block));
        out.push_str(tag);
        let name = tag_name(tag);
        if !tag.starts_with("</") && TEXT_BLOCKS.contains(&name.as_str()) {
            open_block.clone_from(&name);
        } else if tag.starts_with("</") && name == open_block {
            open_block.clear();
        }
        if VERBATIM.contains(&name.as_str()) && !tag.starts_with("</") {
            let end = find_ignoring_case(rest, &format!("</{name}")).unwrap_or(rest.len());
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    flush(&mut run, &mut out, surrounding(&open_block));
    out
}

/// Returns the position and the length of the next tag of a block.
fn next_block(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(at) = text[from..].find('<').map(|at| from + at) {
        let end = text[at..].find('>')? + 1;
        if BLOCKS.contains(&tag_name(&text[at..at + end]).as_str()) {
            return Some((at, end));
        }
        from = at + 1;
    }
    None
}

fn tag_name(tag: &str) -> String {
    let rest = tag.trim_start_matches('<').trim_start_matches('/');
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    rest[..end].to_ascii_lowercase()
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    text.match_indices("</")
        .map(|(at, _)| at)
        .find(|&at| text.get(at..at + wanted.len()).is_some_and(|found| found.eq_ignore_ascii_case(wanted)))
}

/// What a run of text is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Surrounding {
    /// An element of [`TEXT_BLOCKS`].
    TextBlock,
    /// Anything else.
    Other,
}

fn surrounding(open_block: &str) -> Surrounding {
    if open_block.is_empty() { Surrounding::Other } else { Surrounding::TextBlock }
}

/// Writes a run of text between two tags.
fn flush(run: &mut String, out: &mut String, surrounding: Surrounding) {
    let mut groups: Vec<Vec<&str>> = vec![Vec::new()];
    for line in run.lines() {
        match (line.trim(), groups.last_mut()) {
            ("", Some(last)) if !last.is_empty() => groups.push(Vec::new()),
            ("", _) | (_, None) => {}
            (line, Some(last)) => last.push(line),
        }
    }
    groups.retain(|group| !group.is_empty());
    let single = groups.len() == 1 && surrounding == Surrounding::TextBlock;
    for group in groups {
        let text = group.join("<br>\n");
        out.push_str(&if single { text } else { format!("<p>{text}</p>\n") });
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::super::wordpress_site::Attachment;
    use super::*;

    fn of(content: &str) -> (String, Vec<String>) {
        let mut index = SiteIndex::default();
        let (url, alt, caption) = ["https://example.cn/7.jpg", "桥", "桥上"].map(str::to_owned).into();
        let attachment = Attachment { url, alt, caption };
        index.attachments.insert("7".to_owned(), attachment);
        let (html, losses) = html(content, &index, "1");
        (html, losses.into_iter().map(|loss| loss.detail).collect())
    }

    #[test]
    fn newlines_become_paragraphs_and_breaks_outside_blocks() {
        assert_eq!(of("一\r\n二\r\n\r\n<strong>三</strong>\n").0, "<p>一<br>\n二</p>\n<p><strong>三</strong></p>\n");
        assert_eq!(of("一\n<ul>\n<li>a</li>\n</ul>\n二").0, "<p>一</p>\n<ul><li>a</li></ul><p>二</p>\n");
        assert_eq!(of("<pre>a\n\nb</pre>").0, "<pre>a\n\nb</pre>");
        let blocks = "<!-- wp:paragraph -->\n<p>一\n二</p>\n<!-- /wp:paragraph -->";
        assert_eq!(of(blocks).0, blocks);
    }

    #[test]
    fn a_comment_may_be_empty_and_the_marks_after_it_are_read() {
        let html = of("一<!-->二<!--->三\n<!--more-->\n四").0;
        assert!(html.starts_with("<p>一<!-->二<!--->三") && html.contains(MORE), "{html}");
    }

    #[test]
    fn shortcodes_are_converted_or_reported() {
        let (html, losses) = of("[caption id=\"a\" width=\"3\"]<a href='x'><img src=\"1.jpg\" /></a> 铺子[/caption]");
        assert!(
            html.contains("<figure><a href='x'><img src=\"1.jpg\" /></a><figcaption>铺子</figcaption></figure>"),
            "{html}"
        );
        assert!(losses.is_empty());
        assert!(
            of("[gallery ids=\"7,8\"]")
                .0
                .contains("<img src=\"https://example.cn/7.jpg\" alt=\"桥\"><figcaption>桥上</figcaption>")
        );
        assert!(
            of("[sourcecode language=\"php\"]\n$a < 1;\n\n$b[/sourcecode]")
                .0
                .contains("<code class=\"language-php\">$a &lt; 1;\n\n$b<")
        );
        assert!(of("[embed]https://example.cn/v[/embed]").0.contains("<a href=\"https://example.cn/v\">"));
        let (html, losses) = of("前[contact-form-7 id=\"1\" title=\"x\"]后 [sic] [1] [x](y) [box]中[/box]");
        assert_eq!(losses, ["[contact-form-7]", "[box]"]);
        assert!(html.contains("[contact-form-7 id=\"1\" title=\"x\"]") && html.contains("[sic] [1] [x](y)"), "{html}");
    }
}
