//! What is around the content of every page.

use crate::bundle::{self, Document, escaped};

use super::labels::Labels;

/// The feed.
pub(super) const FEED: &str = "feed.xml";

/// What pages may load: images and styles of the site, which is a folder or on a server.
const POLICY: &str = "default-src 'none'; img-src 'self' file: data:; style-src 'self' file:; base-uri 'none'; \
    form-action 'none'";

/// The search page loads its script and the index, which is scripts too: a page in a folder cannot read other files.
const SEARCH_POLICY: &str = "default-src 'none'; img-src data:; style-src 'self' file:; script-src 'self' file:; \
    base-uri 'none'; form-action 'none'";

/// Returns the styles of all pages.
pub(super) fn style() -> String {
    format!("{}{}", bundle::STYLE, include_str!("site.css"))
}

/// What the pages of a site share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'s> {
    pub title: &'s str,
    /// The words of pages that are not of an article.
    pub labels: &'static Labels,
}

/// A page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'p> {
    /// Its path below the output folder.
    pub path: &'p str,
    pub language: &'p str,
    /// Its title, which may be empty on the front page.
    pub title: &'p str,
    /// The title of the site, if it is known; each page of an article has the same bytes whatever else is exported.
    pub site: Option<&'p str>,
    pub labels: &'static Labels,
    /// Further elements of the head.
    pub head: &'p str,
    /// What is in `main`.
    pub main: &'p str,
    pub scripts: Scripts,
}

/// Whether a page has scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scripts {
    None,
    Search,
}

/// Returns what leads from a page to the output folder: empty, or `../`.
pub(super) fn root(path: &str) -> String {
    "../".repeat(path.matches('/').count())
}

impl Page<'_> {
    /// Returns the HTML.
    pub fn html(&self) -> String {
        let (root, labels) = (root(self.path), self.labels);
        let link = |path: &str, label: &str| {
            let current = if self.path == path { " aria-current=\"page\"" } else { "" };
            format!("<a href=\"{root}{path}\"{current}>{label}</a>\n")
        };
        let links = [
            link("index.html", labels.home),
            link("sources/index.html", labels.sources),
            link("tags/index.html", labels.tags),
            link("search.html", labels.search),
            link(FEED, labels.feed),
        ];
        let lang =
            if self.language == labels.language { String::new() } else { format!(" lang=\"{}\"", labels.language) };
        let body = format!(
            "<div class=\"site\"{lang}>\n<a class=\"skip\" href=\"#content\">{}</a>\n<nav aria-label=\"{}\">\n{}</nav>\n\
             </div>\n<main id=\"content\">\n{}</main>\n",
            labels.skip,
            labels.navigation,
            links.concat(),
            self.main
        );
        let head = format!(
            "{}<link rel=\"stylesheet\" href=\"{root}style.css\"/>\n\
             <link rel=\"alternate\" type=\"application/atom+xml\" href=\"{root}{FEED}\"/>\n",
            self.head
        );
        let title = match self.site {
            Some(site) if self.title.is_empty() => site.to_owned(),
            Some(site) => format!("{} · {site}", self.title),
            None => self.title.to_owned(),
        };
        let policy = match self.scripts {
            Scripts::None => POLICY,
            Scripts::Search => SEARCH_POLICY,
        };
        Document { language: self.language, title: &title, policy, head: &head, body: &body }.html()
    }
}

impl Site<'_> {
    /// Returns a page of the site that is not one of an article.
    pub fn page(&self, path: &str, title: &str, main: &str) -> String {
        let (labels, site) = (self.labels, Some(self.title));
        let language = labels.language;
        Page { path, language, title, site, labels, head: "", main, scripts: Scripts::None }.html()
    }

    /// Returns the attribute for a text in another language than the page.
    pub fn lang(&self, language: &str) -> String {
        let is_own = language.is_empty() || language == self.labels.language;
        if is_own { String::new() } else { format!(" lang=\"{}\"", escaped(language)) }
    }
}
