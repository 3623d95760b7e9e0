//! Writing an article: front matter and Markdown, with the round-trip check.

use std::collections::BTreeSet;

#[cfg(feature = "htmd")]
use super::engine;
use super::markers::Templates;
use super::round_trip::{self, Dialect};
use super::{anchors, build, inline, markers, page, repair};

use crate::frontmatter::{self, Fields, Profile, Style};
use crate::model::tree::Tree;
use crate::model::{Article, Difference, DifferenceKind, Digest, Document, ImageMap};

/// Writes an article: its body, the digest of the body, and front matter that contains the digest.
///
/// `images` maps the `src` of images to the targets that the Markdown links to; other images keep their `src`. In the front
/// matter, `archived` is the time of capture, and `image` the target of the first image, in the `default` profile only if it
/// is a local file. Unless the profile's style disables the round-trip check, the body is rendered and compared with the
/// article, and `round_trip` holds the remaining differences.
///
/// ```
/// use bindery::extract::{Options, extract};
/// use bindery::frontmatter::Profile;
/// use bindery::markdown;
/// use bindery::model::{ImageMap, Origin, RawPage};
///
/// let body = "<p>铺子在<b>“南门”</b>外。<img src='https://example.cn/a.png' alt='铺子'></p>";
/// let raw = RawPage::from_bytes(body.into(), None, Origin::Replay, None);
/// let article = extract(&raw, Options { fragment: true, ..Options::default() })?;
/// let images = ImageMap::from([("https://example.cn/a.png".to_owned(), "images/a.png".to_owned())]);
/// let document = markdown::write(&article, &images, &Profile::default());
/// assert_eq!(document.body, "铺子在<strong>“南门”</strong>外。![铺子](images/a.png)\n");
/// assert!(document.round_trip.is_empty());
/// # Ok::<(), bindery::extract::ExtractError>(())
/// ```
pub fn write(article: &Article, images: &ImageMap, profile: &Profile) -> Document {
    let (body, mut differences) = checked(&article.with_comments(), images, profile);
    let body = markers::escaped(body, profile.name.engine());
    let body_digest = Digest::of(body.as_bytes());
    let fields = fields(article, images, profile, body_digest);
    let front_matter = frontmatter::write(&fields, profile).unwrap_or_else(|error| {
        let found = error.to_string();
        differences.push(Difference { kind: DifferenceKind::FrontMatter, expected: String::new(), found });
        // The template fails with these fields only. The front matter is written without the template, so that none is lost.
        frontmatter::write(&fields, &Profile { template: None, ..profile.clone() }).unwrap_or_default()
    });
    Document { front_matter, body, body_digest, round_trip: differences }
}

/// Returns a content tree as Markdown, ending in one newline; empty when the tree shows nothing.
pub fn body(tree: &Tree, images: &ImageMap, profile: &Profile) -> String {
    markers::escaped(
        checked(tree, images, &Profile { style: Style { check: false, ..profile.style }, ..profile.clone() }).0,
        profile.name.engine(),
    )
}

/// Returns the body, and the differences between the tree and the rendered body.
pub(super) fn checked(tree: &Tree, images: &ImageMap, profile: &Profile) -> (String, Vec<Difference>) {
    let style = profile.style;
    let without_anchors = anchors::without(tree, style);
    let tree = without_anchors.as_ref().unwrap_or(tree);
    #[cfg(feature = "htmd")]
    if style.engine == crate::frontmatter::Engine::Htmd {
        let body = engine::htmd(tree, images, style);
        let found = match style.check {
            true => Check { tree, images, dialect: Dialect { style, math: false } }.differences(&body),
            false => Vec::new(),
        };
        return (body, found);
    }
    let blocks = build::blocks(tree, images, style);
    let templates = Templates::of(profile.name.engine());
    let writer = inline::Writer { images, links: &blocks.links, templates, style, math: blocks.math };
    let body = page::write(&blocks, writer, &BTreeSet::new());
    if !style.check {
        return (body, Vec::new());
    }
    let dialect = Dialect { style, math: blocks.math };
    let check = Check { tree, images, dialect };
    let found = check.differences(&body);
    if found.is_empty() || !style.html {
        return (body, found);
    }
    let broken = repair::misread(&blocks, writer, dialect, |leaf| page::write_leaf(leaf, writer));
    let repaired = page::write(&blocks, writer, &broken);
    let left = check.differences(&repaired);
    if left.len() < found.len() { (repaired, left) } else { (body, found) }
}

/// The article that a body is compared with.
struct Check<'a> {
    tree: &'a Tree,
    images: &'a ImageMap,
    dialect: Dialect,
}

impl Check<'_> {
    fn differences(&self, body: &str) -> Vec<Difference> {
        if body.len() > round_trip::MAX_SIZE {
            let found = format!("{} bytes", body.len());
            return vec![Difference { kind: DifferenceKind::Unchecked, expected: String::new(), found }];
        }
        let page = round_trip::content_of_tree(self.tree, self.tree.root(), self.images, self.dialect.style);
        round_trip::differences(&page, &round_trip::content_of_markdown(body, self.dialect))
    }
}

fn fields(article: &Article, images: &ImageMap, profile: &Profile, digest: Digest) -> Fields {
    Fields {
        url: article.url.clone(),
        categories: profile.categories.clone(),
        image: first_image(&article.content, images, profile),
        archived: article.captured,
        sha256: Some(digest),
        ..Fields::of(&article.metadata)
    }
}

/// Returns the target of the first image of the content. A profile may allow a remote image, and none a
/// `data:` URL.
fn first_image(tree: &Tree, images: &ImageMap, profile: &Profile) -> Option<String> {
    let mut sources =
        tree.descendants(tree.root()).filter(|&id| tree.name(id) == "img").filter_map(|id| tree.attr(id, "src"));
    let first = sources.next()?;
    let remote = (profile.name.names_remote_images() && !first.starts_with("data:")).then(|| first.to_owned());
    images.get(first).cloned().or(remote)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontmatter::ProfileName;
    use crate::markdown::{check, html, text};
    use crate::model::Sourced;

    fn article(source: &str) -> Article {
        let mut article = check::article(source);
        article.captured = "2026-11-23T08:58:55Z".parse().ok();
        article.metadata.published = Some(Sourced::new("2021-06-17T18:44:26+08:00".parse().unwrap(), "json-ld"));
        article.metadata.site = Some(Sourced::new("某某网".to_owned(), "og:site_name"));
        article
    }

    const IMAGE: &str = "<p>文</p><p><img src='https://example.cn/1.png?utm_source=x' alt='图'></p>";

    fn saved() -> ImageMap {
        ImageMap::from([("https://example.cn/1.png?utm_source=x".to_owned(), "images/ab/ab.png".to_owned())])
    }

    #[test]
    fn the_front_matter_contains_the_digest_of_all_bytes_after_it() {
        let document = write(&article(IMAGE), &saved(), &Profile::default());
        let text = document.text();
        let (_, after) = text.split_once("\n---\n").unwrap();
        assert_eq!(after, "文\n\n![图](images/ab/ab.png)\n");
        assert_eq!(document.body_digest, Digest::of(after.as_bytes()));
        assert!(document.front_matter.contains(&format!("sha256: {}\n", Digest::of(after.as_bytes()))));
        assert!(document.front_matter.contains("image: images/ab/ab.png\n"));
        assert!(document.front_matter.contains("archived: \"2026-11-23T08:58:55Z\"\n"), "{}", document.front_matter);
    }

    #[test]
    fn an_image_that_was_not_saved_stays_linked_and_is_named_by_hexo_only() {
        let hexo = Profile { name: ProfileName::Hexo, categories: vec!["新闻".to_owned()], ..Profile::default() };
        let text = write(&article(IMAGE), &ImageMap::new(), &hexo).text();
        let url = "https://example.cn/1.png?utm_source=x";
        assert!(text.contains(&format!("headimg: {url}\n")) && text.contains(&format!("![图]({url})")), "{text}");
        let text = write(&article(IMAGE), &ImageMap::new(), &Profile::default()).text();
        assert!(!text.contains("image:") && text.contains(&format!("![图]({url})")), "{text}");
    }

    #[test]
    fn html_is_the_same_content_without_scripts_and_styles() {
        let source = "<div class=x><p onclick='x()'>a &lt; b <span>c</span> <a href='javascript:x()'>d</a></p><custom>e</custom>\
                      <img src='/a\"b.png'></div><pre><code class='language-c'>x\n\n  y</code></pre>";
        let images = ImageMap::from([("/a\"b.png".to_owned(), "images/ab/ab.png".to_owned())]);
        assert_eq!(
            html(&check::tree(source), &images),
            "<div>\n<p>a &lt; b c <a>d</a></p>\ne<img src=\"images/ab/ab.png\" alt=\"\"></div>\n<pre><code class=\"language-c\">x\n\n  y</code></pre>\n"
        );
        assert_eq!(html(&Tree::new(), &ImageMap::new()), "");
    }

    #[test]
    fn plain_text_has_a_blank_line_between_blocks_and_no_markdown() {
        let source = "<h2>题</h2><p>一 <b>粗</b> <a href='/x'>链</a><br>二</p><ul><li>甲</li></ul><pre>*x*</pre>\
                      <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table><p><img src='/a.png' alt='图'></p>";
        assert_eq!(text(&check::tree(source)), "题\n\n一 粗 链\n二\n\n甲\n\n*x*\n\na\tb\n1\t2\n\n图\n");
    }
}
