//! Articles that were saved as several pages in one folder: which page continues which.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use url::Url;

use super::folder::{DiskFiles, FolderResources};
use super::input::IMAGE_CAP;
use super::resources::PageLocation;
use super::source_url::source_url;
use crate::extract::continuation::{self, Certainty, Neighbour, titles_agree};
use crate::html::Page;
use crate::html::text::collapse;
use crate::model::RawPage;

/// The most pages of one article.
const MOST_PAGES: usize = 50;

/// The continuation pages of a saved page.
#[derive(Debug, Default)]
pub struct SavedPages {
    /// Those that were saved with it, in order.
    pub pages: Vec<RawPage>,
    /// Whether a link leads to a further one, which was not saved.
    pub is_cut: bool,
}

/// Returns where a page on disk lies; None for a path without a file name.
pub fn location_of(path: &Path) -> Option<PageLocation> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let page = path.file_name()?.to_str()?.to_owned();
    Some(PageLocation { files: Arc::new(DiskFiles::new(folder, IMAGE_CAP)), page })
}

/// Returns the continuation pages that were saved with the first page of an article.
pub fn saved_pages(at: &PageLocation, first: &RawPage) -> SavedPages {
    let mut found = SavedPages::default();
    if !names_after(&at.page).iter().any(|path| at.files.has(path)) {
        return found;
    }
    let mut seen = BTreeSet::from([at.page.clone()]);
    let parsed = Page::parse(first);
    let title = title_of(&parsed);
    let mut next = next_of(at, &at.page, &parsed);
    while let Some(NextPage { path, certainty }) = next.take() {
        let Some(path) = path.filter(|_| found.pages.len() + 1 < MOST_PAGES) else {
            found.is_cut = certainty != Certainty::Doubtful || !found.pages.is_empty();
            break;
        };
        if !seen.insert(path.clone()) {
            break;
        }
        let Some(raw) = read(at, &path, first) else {
            found.is_cut = true;
            break;
        };
        let page = Page::parse(&raw);
        if certainty != Certainty::Certain && !titles_agree(title.as_deref(), title_of(&page).as_deref()) {
            break;
        }
        next = next_of(at, &path, &page);
        found.pages.push(raw);
    }
    found
}

/// Returns the path of the page that a saved page continues: one that was saved with it, and whose next page it is.
pub fn continued_page(at: &PageLocation, raw: &RawPage) -> Option<String> {
    let candidates: Vec<String> = names_before(&at.page).into_iter().filter(|path| at.files.has(path)).collect();
    let page = candidates.first().map(|_| Page::parse(raw))?;
    candidates.into_iter().find(|path| {
        let Some(before) = read(at, path, raw) else { return false };
        let before = Page::parse(&before);
        next_of(at, path, &before).is_some_and(|next| {
            let agree = || titles_agree(title_of(&before).as_deref(), title_of(&page).as_deref());
            next.path.as_deref() == Some(&at.page) && (next.certainty == Certainty::Certain || agree())
        })
    })
}

/// The next page of a saved page.
struct NextPage {
    /// Where it lies; None when it was not saved.
    path: Option<String>,
    certainty: Certainty,
}

/// Returns the next page by the names of the files, or else by the URLs of the pages.
fn next_of(at: &PageLocation, path: &str, page: &Page) -> Option<NextPage> {
    let around = resources(at, path, page.url.clone());
    let by_name = file_url(path).and_then(|own| continuation::next_page(page, &own)).map(|next| {
        let query = next.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        (around.page_path(&format!("{}{query}", next.url.path())), next.certainty)
    });
    let by_url = || {
        let Neighbour { url, certainty } = continuation::next_page(page, page.url.as_ref()?)?;
        Some((around.page_path(url.as_str()), certainty))
    };
    let (path, certainty) = by_name.or_else(by_url)?;
    Some(NextPage { path, certainty })
}

fn resources(at: &PageLocation, path: &str, url: Option<Url>) -> FolderResources {
    FolderResources::new(Arc::clone(&at.files), path, url)
}

fn read(at: &PageLocation, path: &str, first: &RawPage) -> Option<RawPage> {
    let bytes = at.files.read(path)?;
    let url = source_url(&bytes);
    Some(RawPage::from_bytes(bytes, url, first.origin.clone(), first.captured))
}

/// Returns a URL with the path of a file, so that file names are compared as URLs are.
fn file_url(path: &str) -> Option<Url> {
    let mut url = Url::parse("https://folder.invalid/").ok()?;
    url.set_path(path);
    Some(url)
}

/// Splits a path before its extension.
fn split(path: &str) -> (&str, &str) {
    path.rfind('.').filter(|dot| !path[*dot..].contains('/')).map_or((path, ""), |dot| path.split_at(dot))
}

/// Splits a path without its extension before the number of a page: three digits at most.
fn numbered(stem: &str) -> Option<(&str, u32)> {
    let start = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = Some(&stem[start.len()..]).filter(|digits| (1..=3).contains(&digits.len()))?;
    Some((start, digits.parse().ok()?))
}

/// Returns the paths that the page before may have, by the number at the end of a file's name.
fn names_before(path: &str) -> Vec<String> {
    let (stem, ending) = split(path);
    let Some((start, number)) = numbered(stem) else { return Vec::new() };
    let mut names = Vec::new();
    if number > 1 {
        names.push(format!("{start}{}{ending}", number - 1));
    }
    let marked = start.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let bare = |text: &str| text.trim_end_matches(['_', '-', '.', ',', '/']).to_owned();
    for first in [bare(start), bare(marked)].into_iter().filter(|first| number <= 2 && !first.is_empty()) {
        names.push(format!("{first}{ending}"));
        names.push(format!("{first}/index{ending}"));
    }
    names
}

/// Returns the paths that the next page may have. Nothing is parsed of a page beside which there is none.
fn names_after(path: &str) -> Vec<String> {
    let (stem, ending) = split(path);
    let marks =
        ["_2", "-2", ".2", "2", "_1", "-1", "-p2", "_p2", "-page2", "-page-2", "_page_2", "/2", "/page/2", "/p2"];
    let mut names: Vec<String> = marks.iter().map(|mark| format!("{stem}{mark}{ending}")).collect();
    if let Some(folder) = stem.strip_suffix("/index") {
        names.extend(["2", "page/2"].map(|mark| format!("{folder}/{mark}{ending}")));
        names.extend(["2", "page/2"].map(|mark| format!("{folder}/{mark}/index{ending}")));
    }
    names.extend(numbered(stem).map(|(start, number)| format!("{start}{}{ending}", number + 1)));
    names
}

fn title_of(page: &Page) -> Option<String> {
    let title = page.elements().find(|element| element.value().name() == "title")?;
    Some(collapse(&title.text().collect::<String>())).filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;

    fn lying(pages: &[(&str, &str)]) -> (tempfile::TempDir, impl Fn(&str) -> (PageLocation, RawPage)) {
        let folder = tempfile::tempdir().unwrap();
        for (name, html) in pages {
            std::fs::write(folder.path().join(name), html).unwrap();
        }
        let root = folder.path().to_owned();
        let page = move |name: &str| {
            let at = location_of(&root.join(name)).unwrap();
            let bytes = std::fs::read(root.join(name)).unwrap();
            (at, RawPage::from_bytes(bytes, None, Origin::File(root.join(name)), None))
        };
        (folder, page)
    }

    #[test]
    fn pages_that_lie_together_follow_one_another() {
        let (_folder, page) = lying(&[
            ("200.html", "<title>隧道</title><p>一<a href='200_2.html'>下一页</a>"),
            ("200_2.html", "<title>隧道</title><p>二<a href='200_3.html'>下一页</a>"),
            ("200_3.html", "<title>隧道</title><p>三"),
            ("201.html", "<title>桥</title><p>四<a href='202.html'>下一页</a>"),
            ("202.html", "<title>门</title><p>五"),
        ]);
        let (at, first) = page("200.html");
        let found = saved_pages(&at, &first);
        assert_eq!((found.pages.len(), found.is_cut), (2, false));
        for (name, before) in [
            ("200_3.html", Some("200_2.html")),
            ("200_2.html", Some("200.html")),
            ("202.html", None),
            ("200.html", None),
        ] {
            let (at, raw) = page(name);
            assert_eq!(continued_page(&at, &raw).as_deref(), before, "{name}");
        }
        let (at, other) = page("201.html");
        assert!(saved_pages(&at, &other).pages.is_empty(), "the next article");
    }

    #[test]
    fn a_continuation_page_that_was_not_saved_is_reported() {
        let (_folder, page) = lying(&[
            ("a.html", "<p>一<a href='a-2.html'>Next page</a>"),
            ("a-2.html", "<p>二<a href='a-3.html'>Next page</a>"),
        ]);
        let (at, first) = page("a.html");
        let found = saved_pages(&at, &first);
        assert_eq!((found.pages.len(), found.is_cut), (1, true));
    }
}
