//! The digest by which two texts of a page are compared.

use crate::frontmatter::Profile;
use crate::html::text::collapse;
use crate::model::tree::{NodeId, Tree};
use crate::model::{Article, Digest, ImageMap};

use super::ignored::IgnoredLines;
use super::target::steady_target;
use super::volatile::{steady_line, steady_title};
use super::write::body;

/// A text of a page as it is compared with a later one, when their digests were computed with other settings.
#[derive(Debug, Clone, Copy)]
pub struct Statement<'a> {
    /// The title; empty if there is none.
    pub title: &'a str,
    /// The authors.
    pub authors: &'a [String],
    /// The Markdown.
    pub body: &'a str,
}

impl Statement<'_> {
    /// Returns whether another text of the page, in Markdown of the same profile, differs only in what is not compared.
    pub fn is_same(&self, other: &Statement<'_>, ignored: &IgnoredLines) -> bool {
        let head = |text: &Statement<'_>| {
            let authors: Vec<String> = text.authors.iter().map(|author| collapse(author)).collect();
            (steady_title(&collapse(text.title)).to_owned(), authors)
        };
        let lines = |body: &str| {
            let mut lines = String::new();
            push_lines(&mut lines, &with_steady_targets(body), ignored);
            lines
        };
        head(self) == head(other) && (self.body == other.body || lines(self.body) == lines(other.body))
    }
}

/// Returns Markdown in which the target of each link is in the form of [`steady_target`].
fn with_steady_targets(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut parts = body.split("](");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find([')', ' ', '\n']).unwrap_or(part.len());
        out.push_str("](");
        out.push_str(&steady_target(&part[..end]));
        out.push_str(&part[end..]);
    }
    out
}

/// The attributes with URLs.
const URLS: [&str; 5] = ["href", "src", "poster", "data", "cite"];

/// What a text digest is computed over, except for the bytes of the images. The same for a text whatever the profile is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestInput {
    /// Title, authors and body.
    text: String,
    /// The `src` of each image of the body, in order.
    images: Vec<String>,
}

impl DigestInput {
    /// Returns the input for an article. Lines that `ignored` contains do not count.
    ///
    /// The text is UTF-8: the title, white space collapsed and without a number of messages before it (nothing when there
    /// is none), and a newline; each author, white space collapsed, and a newline; one more newline; then the body as the
    /// `default` profile writes it, without blank lines and volatile lines, in which each image's target is `image` and
    /// every other target is in the form of [`steady_target`].
    pub fn new(article: &Article, ignored: &IgnoredLines) -> Self {
        let mut text = String::new();
        if let Some(title) = &article.metadata.title {
            text.push_str(steady_title(&collapse(&title.value)));
        }
        text.push('\n');
        for author in article.metadata.authors.iter().flat_map(|authors| &authors.value) {
            text.push_str(&collapse(author));
            text.push('\n');
        }
        text.push('\n');
        let mut tree = article.with_comments().into_owned();
        let images = steady_targets(&mut tree);
        let targets: ImageMap = images.iter().map(|src| (src.clone(), "image".to_owned())).collect();
        push_lines(&mut text, &body(&tree, &targets, &Profile::default()), ignored);
        Self { text, images }
    }

    /// Returns the SHA-256 of the text, a newline, and a line for each image: the digest of its bytes, if `bytes_of` knows
    /// it for its `src`, otherwise its URL in the form of [`steady_target`].
    pub fn digest(&self, bytes_of: &dyn Fn(&str) -> Option<Digest>) -> Digest {
        let mut text = self.text.clone();
        text.push('\n');
        for src in &self.images {
            match bytes_of(src) {
                Some(digest) => text.push_str(&digest.hex()),
                None => text.push_str(&steady_target(src)),
            }
            text.push('\n');
        }
        Digest::of(text.as_bytes())
    }
}

/// Replaces the targets of links by the form in which they are compared, and returns the sources of the images.
fn steady_targets(tree: &mut Tree) -> Vec<String> {
    let nodes: Vec<NodeId> = tree.descendants(tree.root()).collect();
    let mut images = Vec::new();
    for id in nodes {
        if tree.name(id) == "img" {
            images.extend(tree.attr(id, "src").map(str::to_owned));
            continue;
        }
        let Some(element) = tree.element_mut(id) else { continue };
        for name in URLS {
            if let Some(target) = element.attr(name).map(steady_target) {
                element.set(name, target);
            }
        }
    }
    images
}

/// Adds the lines of a body that are compared. Code is compared as it is.
fn push_lines(text: &mut String, body: &str, ignored: &IgnoredLines) {
    let mut fence: Option<&str> = None;
    for line in body.lines().filter(|line| !ignored.contains(line)) {
        let start = line.trim_start();
        let mark = &start[..start.len() - start.trim_start_matches(['`', '~']).len()];
        let is_fence = mark.len() >= 3 && (mark.bytes().all(|b| b == b'`') || mark.bytes().all(|b| b == b'~'));
        match fence {
            Some(open) if is_fence && mark.starts_with(open) => fence = None,
            None if is_fence => fence = Some(mark),
            _ => {}
        }
        let kept = if fence.is_some() || is_fence { Some(line.to_owned()) } else { steady_line(line) };
        if let Some(kept) = kept.filter(|kept| fence.is_some() || !kept.trim().is_empty()) {
            text.push_str(&kept);
            text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::check::article;

    const BODY: &str = "<p>文</p><p><img src='https://example.cn/1.png?utm_source=x' alt='图'></p>";

    fn digest(source: &str) -> Digest {
        DigestInput::new(&article(source), &IgnoredLines::default()).digest(&|_| None)
    }

    #[test]
    fn the_digest_is_computed_over_the_documented_bytes() {
        let text = "题 目\n李明\n\n文\n![图](image)\n\n";
        let input = DigestInput::new(&article(BODY), &IgnoredLines::default());
        assert_eq!(input.digest(&|_| None), Digest::of(format!("{text}example.cn/1.png\n").as_bytes()));
        let bytes = Digest::of(b"png");
        assert_eq!(input.digest(&|_| Some(bytes)), Digest::of(format!("{text}{bytes}\n").as_bytes()));
    }

    #[test]
    fn the_digest_changes_with_the_text_and_with_where_links_lead() {
        assert_eq!(digest(BODY), digest(&BODY.replace("utm_source=x", "fbclid=y")));
        assert_ne!(digest(BODY), digest(&BODY.replace("文", "字")));
        assert_ne!(digest(BODY), digest(&BODY.replace("1.png", "2.png")));
        let link = "<p>见<a href='https://example.cn/r.pdf?token=1'>报告</a></p>";
        assert_eq!(digest(link), digest(&link.replace("token=1", "token=2")));
        assert_ne!(digest(link), digest(&link.replace("r.pdf", "s.pdf")));
        let mut renamed = article(BODY);
        renamed.metadata.title = None;
        assert_ne!(digest(BODY), DigestInput::new(&renamed, &IgnoredLines::default()).digest(&|_| None));
    }

    #[test]
    fn volatile_lines_do_not_count_and_lines_of_code_do() {
        assert_eq!(digest("<p>文</p><p>Views: 1</p>"), digest("<p>文</p>"));
        let code = "<pre><code>Views: 1\n\nViews: 2</code></pre>";
        assert_ne!(digest(code), digest(&code.replace("Views: 2", "Views: 3")));
        assert_ne!(digest(code), digest(&code.replace("\n\n", "\n")));
    }

    #[test]
    fn an_ignored_line_does_not_count() {
        let ignored = IgnoredLines::new(&["^Weather".to_owned()]).unwrap();
        let of = |text: &str| DigestInput::new(&article(text), &ignored);
        assert_eq!(of("<p>文</p><p>Weather: fine</p>"), of("<p>文</p><p>Weather: rain</p>"));
        assert_ne!(of("<p>文</p><p>Wind: none</p>"), of("<p>文</p><p>Wind: strong</p>"));
    }

    #[test]
    fn two_texts_are_the_same_if_they_differ_in_what_is_not_compared() {
        let authors = ["李明".to_owned()];
        let text = |title, body| Statement { title, authors: &authors, body };
        let ignored = IgnoredLines::new(&["^Weather".to_owned()]).unwrap();
        let old = text("(2) 题目", "文\n\nViews: 1\n\n[报告](https://example.cn/r.pdf?token=1)\n\nWeather: fine\n");
        let new = text("题目", "文\n\nViews: 2\n\n[报告](https://example.cn/r.pdf?token=2)\n\nWeather: rain\n");
        assert!(old.is_same(&new, &ignored));
        assert!(!old.is_same(&new, &IgnoredLines::default()), "the weather counts");
        let moved = new.body.replace("r.pdf", "s.pdf");
        assert!(!old.is_same(&text("题目", &moved), &ignored));
        assert!(!old.is_same(&text("标题", new.body), &ignored));
        assert!(!old.is_same(&Statement { authors: &[], ..new }, &ignored));
    }
}
