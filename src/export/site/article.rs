//! The page of an article.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use crate::archive::Entry;
use crate::bundle::{self, ImageTarget, Targets, Vocabulary, escaped, url_escaped};
use crate::markdown;

use super::super::article::{Articles, Rendered, StoredText, image_in, saved_images};
use super::super::layout::Layout;
use super::frame::{Page, Scripts, root};
use super::labels::Labels;
use super::listed;

/// Returns the page of an article. `damaged` are the images that cannot be used, as paths below the archive.
pub(in super::super) fn page(
    stored: &StoredText,
    entry: &Entry,
    articles: &Articles,
    damaged: &BTreeSet<String>,
) -> Rendered {
    let name = articles.names.get(&entry.folder).map_or("", String::as_str);
    let path = Layout::Html.text_path(name);
    let root = root(&path);
    let (body, images) = body(stored, entry, articles, damaged, &root);
    let language = bundle::language(stored.fields.language.clone(), &stored.body);
    let labels = Labels::of(&language);
    let record = &entry.record;
    let main = format!(
        "<article>\n{}{body}</article>\n{}{}",
        bundle::header(record),
        tags(stored, labels, &root),
        backlinks(entry, labels, articles, &root)
    );
    let page = Page {
        path: &path,
        language: &language,
        title: bundle::title_of(record),
        site: None,
        labels,
        head: &bundle::authors(record),
        main: &main,
        scripts: Scripts::None,
    };
    Rendered { text: page.html(), images }
}

/// Returns the body of an article, for a page from which `root` leads to the output folder, and its images: the path below
/// the output folder, and that below the archive.
pub(super) fn body(
    stored: &StoredText,
    entry: &Entry,
    articles: &Articles,
    damaged: &BTreeSet<String>,
    root: &str,
) -> (String, BTreeMap<String, String>) {
    let language = bundle::language(stored.fields.language.clone(), &stored.body);
    let saved = entry.record.newest().into_iter().flat_map(saved_images).collect();
    let base = bundle::url_of(&entry.record);
    let mut targets = SiteTargets { base, saved, articles, damaged, root, images: BTreeMap::new() };
    let text = markdown::unescaped(&stored.body, stored.engine);
    let body = bundle::of_markdown(&text, &language, Vocabulary::Html, &mut targets).text;
    (body, targets.images)
}

/// Returns the address of the page with a name, from a page from which `root` leads to the output folder.
pub(super) fn page_href(root: &str, name: &str) -> String {
    format!("{root}{}", url_escaped(&Layout::Html.text_path(name)))
}

fn tags(stored: &StoredText, labels: &Labels, root: &str) -> String {
    let tags = listed::tags(stored);
    let link = |tag: &String| {
        let file = url_escaped(&listed::list_name(tag));
        format!("<a href=\"{root}tags/{file}.html\">{}</a>", escaped(tag))
    };
    match tags.is_empty() {
        true => String::new(),
        false => {
            let links: Vec<String> = tags.iter().map(link).collect();
            format!("<p class=\"tags\">{}: {}</p>\n", labels.tags, links.join(" · "))
        }
    }
}

/// Returns the list of the articles that link to one; empty if there are none.
fn backlinks(entry: &Entry, labels: &Labels, articles: &Articles, root: &str) -> String {
    let from = articles.backlinks.get(&entry.folder).into_iter().flatten();
    let items: String = from
        .filter(|folder| !articles.absent.contains(*folder))
        .filter_map(|folder| {
            let title = articles.titles.get(folder).filter(|title| !title.trim().is_empty()).unwrap_or(folder);
            let href = page_href(root, articles.names.get(folder)?);
            Some(format!("<li><a href=\"{href}\">{}</a></li>\n", escaped(title)))
        })
        .collect();
    match items.is_empty() {
        true => String::new(),
        false => format!("<section>\n<h2>{}</h2>\n<ul>\n{items}</ul>\n</section>\n", labels.backlinks),
    }
}

struct SiteTargets<'t> {
    base: Option<Url>,
    /// The saved images: the path below the archive, and the URL.
    saved: BTreeMap<&'t str, &'t str>,
    articles: &'t Articles,
    damaged: &'t BTreeSet<String>,
    root: &'t str,
    images: BTreeMap<String, String>,
}

impl Targets for SiteTargets<'_> {
    fn link(&self, href: &str) -> Option<String> {
        let url = bundle::web_link(href, self.base.as_ref())?;
        let own = self.articles.linked(url.as_str());
        let own = own.and_then(|(folder, fragment)| Some((self.articles.names.get(folder)?, fragment)));
        Some(match own {
            Some((name, fragment)) => page_href(self.root, name) + &url_escaped(&fragment),
            None => url_escaped(url.as_str()),
        })
    }

    fn image(&mut self, src: &str) -> ImageTarget {
        let saved = image_in(src).and_then(|path| self.saved.get_key_value(path.as_str()));
        let Some((path, url)) = saved else { return bundle::linked(src, self.base.as_ref()) };
        if self.damaged.contains(*path) {
            return bundle::linked(url, None);
        }
        // Where the image lies does not depend on the article.
        let (file, _) = Layout::Html.image("", path.strip_prefix("images/").unwrap_or(path));
        let shown = format!("{}{}", self.root, url_escaped(&file));
        self.images.insert(file, (*path).to_owned());
        ImageTarget::Shown(shown)
    }
}
