//! Links between texts in the form of the site generator that they are written for.
//!
//! While a text is written, such a link is one character of private use: no writer of Markdown escapes it, and no escaping of
//! template markers touches it. In the finished text each is replaced by what the generator fills in.

use std::path::{Component, Path, PathBuf};

use crate::frontmatter::ProfileName;
use crate::markdown::{NewTarget, post_link};

use super::options::{Format, Options};

/// Stands for the first link of a text; the next links have the next characters.
const FIRST: u32 = 0x10_0001;

/// The maximum number of links of one text in this form; further ones keep their URLs.
const MAX_LINKS: u32 = 0xFFF0;

/// The maximum length of the text of a link, in bytes.
const MAX_TEXT: usize = 16 << 10;

/// A generator with links of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Generator {
    Hexo,
    Hugo,
    Jekyll,
    Zola,
}

/// The generator that texts are written for, and where it finds them.
#[derive(Debug, Clone)]
pub(super) struct SiteForm {
    generator: Generator,
    /// The output folder below the folder from which the generator names texts.
    base: PathBuf,
    /// The output folder lies in a folder of posts.
    is_in_posts: bool,
}

/// A link in the form of a generator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SiteLink {
    /// A post of Hexo, whose tag cannot be the destination of a link in Markdown: by its quoted name, with `#` and the fragment if there is one.
    Post(String, String),
    /// What replaces a URL wherever it stands.
    Everywhere(String),
    /// What replaces a URL in Markdown, but not in HTML.
    InMarkdown(String),
}

impl SiteForm {
    /// Returns the form for the profile of some options; None for relative links to files.
    pub fn of(options: &Options, folder: &Path) -> Option<Self> {
        let (generator, root) = match options.profile.name {
            ProfileName::Hexo => (Generator::Hexo, "_posts"),
            ProfileName::Hugo => (Generator::Hugo, "content"),
            ProfileName::Jekyll => (Generator::Jekyll, "_posts"),
            ProfileName::Zola => (Generator::Zola, "content"),
            ProfileName::Default | ProfileName::Obsidian | ProfileName::Custom => return None,
        };
        let below = below(&std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()), root);
        let is_in_posts = root == "_posts" && below.is_some();
        (options.format == Format::Markdown).then(|| Self { generator, base: below.unwrap_or_default(), is_in_posts })
    }

    /// Returns whether a link gets its title from the text that it leads to.
    pub fn has_own_titles(&self) -> bool {
        self.generator == Generator::Hexo
    }

    /// Returns whether dated posts of exports have names of their own.
    pub fn names_by_date(&self) -> bool {
        self.generator == Generator::Jekyll
    }

    /// Returns whether a page in the same folder as an `index` is not a page of its own.
    pub fn has_bundles(&self) -> bool {
        matches!(self.generator, Generator::Hugo | Generator::Zola)
    }

    /// Returns the place that a dated post of an export has instead of `prefix` and `name`; None for any that stays there.
    pub fn dated(&self, prefix: &Path, name: &Path, day: jiff::civil::Date) -> Option<PathBuf> {
        let file = name.file_name()?.to_str()?;
        if self.generator != Generator::Jekyll || name.starts_with("pages") {
            return None;
        }
        let folder = name.parent().unwrap_or(Path::new(""));
        let folder = folder.strip_prefix("posts").unwrap_or(folder);
        let top = Path::new(if self.is_in_posts { "" } else { "_posts" });
        let file = if is_dated(file) { file.to_owned() } else { format!("{day}-{file}") };
        Some(top.join(prefix).join(folder).join(file))
    }

    /// Returns the link from one place to another; None where the generator has no page for it.
    pub fn link(&self, from: &Path, to: &Path, fragment: &str) -> Option<SiteLink> {
        let path = slashed(to)?;
        let is_hidden = |part: &str| part.starts_with(['_', '.', '#']) && part != "_posts" || part.ends_with('~');
        let is_odd =
            |c: char| c.is_control() || matches!(c, '"' | '\'' | '\\' | '<' | '>' | '{' | '}' | '%' | '#' | '`');
        if path.split('/').any(is_hidden) || path.contains(is_odd) || fragment.contains(is_unsafe) {
            return None;
        }
        let full = slashed(&self.base.join(to))?;
        Some(match self.generator {
            Generator::Hexo => {
                let name = full.rsplit_once("_posts/").map_or(full.as_str(), |(_, name)| name);
                let name = if name.contains(char::is_whitespace) {
                    format!("'{name}{fragment}'")
                } else {
                    format!("{name}{fragment}")
                };
                SiteLink::Post(name, fragment.to_owned())
            }
            Generator::Hugo => {
                let page = format!("{}.md", slashed(&relative(from, to))?);
                SiteLink::Everywhere(in_form(ProfileName::Hugo, &page, fragment))
            }
            Generator::Jekyll => {
                let name =
                    full.rsplit_once("_posts/").map(|(_, name)| name).or(self.is_in_posts.then_some(full.as_str()));
                let file = full.rsplit('/').next().unwrap_or_default();
                SiteLink::Everywhere(match name {
                    Some(name) if is_dated(file) => in_form(ProfileName::Jekyll, name, fragment),
                    // Jekyll does not read it.
                    Some(_) => return None,
                    None => format!("{{% link {full}.md %}}{fragment}"),
                })
            }
            Generator::Zola => {
                let link = in_form(ProfileName::Zola, &format!("{full}.md"), fragment);
                let is_bare = !link.contains([' ', '(', ')']);
                SiteLink::InMarkdown(if is_bare { link } else { format!("<{link}>") })
            }
        })
    }
}

/// Characters that would end a fragment or its surroundings.
fn is_unsafe(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '>' | '{' | '}' | '(' | ')' | '\\' | '`')
}

/// Returns whether a name begins as `2012-05-01-`, by which Jekyll knows a post.
fn is_dated(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = name.splitn(4, '-');
    let mut next = |length: std::ops::RangeInclusive<usize>| {
        parts.next().is_some_and(|part| digits(part) && length.contains(&part.len()))
    };
    next(4..=4) && next(1..=2) && next(1..=2) && parts.next().is_some_and(|rest| !rest.is_empty())
}

/// Returns what of a folder lies below its last part of that name; None without one.
fn below(folder: &Path, name: &str) -> Option<PathBuf> {
    let parts: Vec<_> = folder.components().collect();
    let at = parts.iter().rposition(|part| part.as_os_str() == name)?;
    Some(parts[at + 1..].iter().collect())
}

/// Returns the path from the folder of one place to another.
pub(super) fn relative(from: &Path, to: &Path) -> PathBuf {
    let folders = |path: &Path| -> Vec<_> {
        let folder = path.parent().unwrap_or(Path::new(""));
        folder.components().map(|part: Component<'_>| part.as_os_str().to_owned()).collect()
    };
    let (here, there) = (folders(from), folders(to));
    let shared = here.iter().zip(&there).take_while(|(here, there)| here == there).count();
    let mut path: PathBuf = std::iter::repeat_n("..", here.len() - shared).collect();
    path.extend(&there[shared..]);
    path.push(to.file_name().unwrap_or_default());
    path
}

/// Returns a path with `/`; None when it is not Unicode.
fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

/// The links of one text, by the characters that stand for them.
#[derive(Debug, Default)]
pub(super) struct StandIns {
    links: Vec<(SiteLink, String)>,
}

impl StandIns {
    /// Returns whether a text has such characters of its own.
    pub fn occur_in(text: &str) -> bool {
        // In UTF-8 all of them begin with this byte.
        memchr::memchr(0xF4, text.as_bytes()).is_some()
    }

    /// Adds a link in place of a URL; None when there are too many.
    pub fn add(&mut self, link: SiteLink, url: &str) -> Option<char> {
        let nth = u32::try_from(self.links.len()).ok().filter(|&nth| nth < MAX_LINKS)?;
        self.links.push((link, url.to_owned()));
        char::from_u32(FIRST + nth)
    }

    /// Replaces the characters in a finished text.
    pub fn restore(&self, text: String) -> String {
        if self.links.is_empty() {
            return text;
        }
        let mut raw = RawSections::default();
        let mut out = String::with_capacity(text.len() + 64);
        let mut rest = text.as_str();
        while let Some(at) = memchr::memchr(0xF4, rest.as_bytes()) {
            out.push_str(&rest[..at]);
            let c = rest[at..].chars().next().unwrap_or_default();
            rest = &rest[at + c.len_utf8()..];
            let nth = (c as u32).checked_sub(FIRST).and_then(|nth| usize::try_from(nth).ok());
            let Some((link, url)) = nth.and_then(|nth| self.links.get(nth)) else {
                out.push(c);
                continue;
            };
            let is_markdown = !out.ends_with(['"', '\'', '=']);
            match link {
                SiteLink::Post(name, fragment) if is_markdown => {
                    match text_before(&out).filter(|_| rest.starts_with(')')) {
                        Some(start) => {
                            let text = out[start + 1..out.len() - 2].to_owned();
                            out.truncate(start);
                            rest = &rest[1..];
                            let is_alone = rest.is_empty() || rest.starts_with('\n');
                            let has_tag = is_plain(&text) && (is_alone || !begins_block(&out));
                            out.push_str(&match has_tag {
                                true => format!("{{% post_link {name} '{text}' %}}"),
                                false => format!("<a href=\"{}\">{text}</a>", post_path(name, fragment)),
                            });
                        }
                        None => out.push_str(&destination(url)),
                    }
                }
                SiteLink::Post(name, fragment) => out.push_str(&post_path(name, fragment)),
                SiteLink::Everywhere(tag) => {
                    let is_raw = tag.contains("{%") && raw.is_open(&out);
                    let tag = if is_raw { format!("{{% endraw %}}{tag}{{% raw %}}") } else { tag.clone() };
                    out.push_str(&tag);
                }
                SiteLink::InMarkdown(link) if is_markdown => out.push_str(link),
                SiteLink::InMarkdown(_) => out.push_str(url),
            }
        }
        out.push_str(rest);
        out
    }
}

/// Returns a URL as the destination of a link in Markdown.
pub(super) fn destination(url: &str) -> String {
    match url.contains([' ', '(', ')', '<', '>']) {
        true => format!("<{}>", url.replace('<', "%3C").replace('>', "%3E")),
        false => url.to_owned(),
    }
}

/// Returns where the bracket opens whose text ends at the end of `out`, as in `[text](`.
fn text_before(out: &str) -> Option<usize> {
    let inner = out.strip_suffix("](")?;
    let bytes = inner.as_bytes();
    let least = bytes.len().saturating_sub(MAX_TEXT);
    let is_escaped = |at: usize| bytes[..at].iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1;
    let mut depth = 1usize;
    for at in (least..bytes.len()).rev() {
        match bytes[at] {
            // Brackets in code need no partner.
            b'`' => return None,
            b']' if !is_escaped(at) => depth += 1,
            b'[' if !is_escaped(at) => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Returns whether what follows a text begins a block of Markdown, as in `> - `. While Markdown is rendered a tag of Hexo is a
/// comment, which there makes HTML of the whole line.
fn begins_block(out: &str) -> bool {
    let line = out.rsplit('\n').next().unwrap_or_default();
    line.chars().all(|c| c.is_whitespace() || c.is_ascii_digit() || matches!(c, '>' | '-' | '*' | '+' | '.' | ')'))
}

/// Returns whether a tag of Hexo may have a text, which it does not read as Markdown.
fn is_plain(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains(|c: char| "\\*_`[]<>&{}'\"!|~$\n\r".contains(c))
}

/// Returns the URL of a post of Hexo, for HTML.
fn post_path(name: &str, fragment: &str) -> String {
    let bare = name.trim_matches('\'');
    in_form(ProfileName::Hexo, bare.strip_suffix(fragment).unwrap_or(bare), fragment)
}

/// Returns a link to a post in the form of a generator.
fn in_form(generator: ProfileName, post: &str, fragment: &str) -> String {
    match post_link(generator, post, fragment) {
        Some(NewTarget::Url(link) | NewTarget::Tag(link)) => link,
        None => post.to_owned(),
    }
}

/// Whether a text is inside of what Liquid and Nunjucks leave as it is.
#[derive(Debug, Default)]
struct RawSections {
    /// How much of the text was looked at.
    seen: usize,
    is_open: bool,
}

impl RawSections {
    fn is_open(&mut self, text: &str) -> bool {
        for (at, _) in text[self.seen..].match_indices("{%") {
            let name = text[self.seen + at + 2..].trim_start_matches('-').trim_start();
            if name.starts_with("endraw") {
                self.is_open = false;
            } else if name.starts_with("raw") {
                self.is_open = true;
            }
        }
        self.seen = text.len();
        self.is_open
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontmatter::Profile;

    fn form(name: ProfileName, folder: &str) -> Option<SiteForm> {
        SiteForm::of(&Options::new(Profile { name, ..Profile::default() }), Path::new(folder))
    }

    /// Returns a text with one link as it is written for a profile.
    fn written(name: ProfileName, text: &str) -> String {
        let link =
            form(name, "out").unwrap().link(Path::new("blog/posts/a"), Path::new("blog/pages/灯塔"), "#顶").unwrap();
        let mut stand_ins = StandIns::default();
        let c = stand_ins.add(link, "https://a.cn/?p=2").unwrap();
        stand_ins.restore(text.replace('@', &c.to_string()))
    }

    #[test]
    fn each_generator_has_its_own_links() {
        let text = "见[灯 塔](@)、[**灯**](@)和[![图](a.png)](@)。<a href=\"@\">灯</a>\n";
        assert_eq!(
            written(ProfileName::Hexo, text),
            "见{% post_link blog/pages/灯塔#顶 '灯 塔' %}、<a href=\"{% post_path blog/pages/灯塔 %}#顶\">**灯**</a>和\
             <a href=\"{% post_path blog/pages/灯塔 %}#顶\">![图](a.png)</a>。<a href=\"{% post_path blog/pages/灯塔 %}#顶\">灯</a>\n"
        );
        assert_eq!(
            written(ProfileName::Hugo, "[灯](@ \"题\") <a href=\"@\">"),
            "[灯]({{< relref \"../pages/灯塔.md#顶\" >}} \"题\") <a href=\"{{< relref \"../pages/灯塔.md#顶\" >}}\">"
        );
        assert_eq!(written(ProfileName::Jekyll, "[灯](@)"), "[灯]({% link blog/pages/灯塔.md %}#顶)");
        assert_eq!(
            written(ProfileName::Jekyll, "{% raw %}\n{{ a }}[灯](@){% endraw %}[灯](@)"),
            "{% raw %}\n{{ a }}[灯]({% endraw %}{% link blog/pages/灯塔.md %}#顶{% raw %}){% endraw %}[灯]({% link blog/pages/灯塔.md %}#顶)"
        );
        assert_eq!(
            written(ProfileName::Zola, "[灯](@) <a href=\"@\">"),
            "[灯](@/blog/pages/灯塔.md#顶) <a href=\"https://a.cn/?p=2\">"
        );
        assert!(form(ProfileName::Default, "out").is_none());
        // Where a tag cannot stand, the URL does.
        assert_eq!(
            written(ProfileName::Hexo, "[`]`](@) [a](@ \"b\")"),
            "[`]`](https://a.cn/?p=2) [a](https://a.cn/?p=2 \"b\")"
        );
    }

    #[test]
    fn a_tag_of_hexo_does_not_begin_a_line_with_more_in_it() {
        let html = "<a href=\"{% post_path blog/pages/灯塔 %}#顶\">灯</a>";
        let tag = "{% post_link blog/pages/灯塔#顶 '灯' %}";
        for (text, link) in [
            ("- [灯](@)\n", tag),
            ("- [灯](@) *一*\n", html),
            ("> 1. [灯](@)，\n", html),
            ("[灯](@)", tag),
            ("# [灯](@)。", tag),
        ] {
            assert_eq!(written(ProfileName::Hexo, text), text.replace("[灯](@)", link));
        }
    }

    #[test]
    fn texts_are_named_from_the_folder_where_the_generator_looks() {
        let link = |name, folder: &str, to: &str| form(name, folder).unwrap().link(Path::new("a"), Path::new(to), "");
        let tag = |text: &str| Some(SiteLink::Everywhere(text.to_owned()));
        assert_eq!(
            link(ProfileName::Jekyll, "site", "_posts/blog/2012-05-01-a b"),
            tag("{% post_url blog/2012-05-01-a b %}")
        );
        assert_eq!(
            link(ProfileName::Jekyll, "site/_posts", "blog/2012-05-01-a"),
            tag("{% post_url blog/2012-05-01-a %}")
        );
        assert_eq!(link(ProfileName::Jekyll, "site/_posts", "blog/pages/a"), None);
        assert_eq!(
            link(ProfileName::Hexo, "site/source/_posts/old", "blog/a b"),
            Some(SiteLink::Post("'old/blog/a b'".to_owned(), String::new()))
        );
        assert_eq!(
            link(ProfileName::Zola, "site/content/old", "blog/a (b)"),
            Some(SiteLink::InMarkdown("<@/old/blog/a (b).md>".to_owned()))
        );
        for odd in ["_a/b", ".a", "a\"b", "a%}", "a#b", "a~/b"] {
            assert_eq!(link(ProfileName::Hexo, "out", odd), None, "{odd}");
        }
        assert_eq!(post_path("'a b#c'", "#c"), "{% post_path 'a b' %}#c");
    }

    #[test]
    fn dated_posts_of_an_export_are_named_as_jekyll_wants_them() {
        let day = "2012-05-01".parse().unwrap();
        let place = |folder: &str, name: &str| {
            form(ProfileName::Jekyll, folder).unwrap().dated(Path::new("blog"), Path::new(name), day)
        };
        assert_eq!(place("out", "posts/灯塔").unwrap(), Path::new("_posts/blog/2012-05-01-灯塔"));
        assert_eq!(place("site/_posts", "posts/灯塔").unwrap(), Path::new("blog/2012-05-01-灯塔"));
        assert_eq!(place("out", "book/2012-5-1-a").unwrap(), Path::new("_posts/blog/book/2012-5-1-a"));
        assert_eq!(place("out", "pages/about"), None);
    }
}
