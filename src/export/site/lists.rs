//! Lists of articles: by day, by source and by tag.

use std::collections::BTreeMap;

use crate::bundle::{escaped, url_escaped};

use super::Emit;
use super::article::page_href;
use super::frame::{Site, root};
use super::listed::{Listed, list_name};

/// The number of articles of a full page. The newest page has up to twice as many: pages are filled from the oldest, so
/// that a new article changes few of them.
const PER_PAGE: usize = 50;

/// Writes the front page and the older pages of all articles.
pub(super) fn by_day<E>(site: &Site<'_>, listed: &[Listed], emit: Emit<'_, E>) -> Result<(), E> {
    let all: Vec<&Listed> = listed.iter().collect();
    let list = List { site, heading: "", front: "index.html", older: "pages/", articles: &all };
    list.pages(emit)
}

/// Writes the list of the sources, and a list for each.
pub(super) fn by_origin<E>(site: &Site<'_>, listed: &[Listed], emit: Emit<'_, E>) -> Result<(), E> {
    let origin = |article: &Listed| match article.origin.as_str() {
        "" => vec![site.labels.unknown.to_owned()],
        origin => vec![origin.to_owned()],
    };
    by_group(site, ("sources", site.labels.sources), &groups(listed, &origin), emit)
}

/// Writes the list of the tags, and a list for each.
pub(super) fn by_tag<E>(site: &Site<'_>, listed: &[Listed], emit: Emit<'_, E>) -> Result<(), E> {
    by_group(site, ("tags", site.labels.tags), &groups(listed, &|article| article.tags.clone()), emit)
}

/// Articles with something in common.
struct Group<'l> {
    /// The name, as the first article has it.
    name: String,
    articles: Vec<&'l Listed>,
}

/// Returns the groups by the names of their files.
fn groups<'l>(listed: &'l [Listed], names: &dyn Fn(&Listed) -> Vec<String>) -> BTreeMap<String, Group<'l>> {
    let mut groups: BTreeMap<String, Group<'l>> = BTreeMap::new();
    for article in listed {
        for name in names(article) {
            let file = list_name(&name);
            groups.entry(file).or_insert_with(|| Group { name, articles: Vec::new() }).articles.push(article);
        }
    }
    groups
}

fn by_group<E>(
    site: &Site<'_>,
    (folder, heading): (&str, &str),
    groups: &BTreeMap<String, Group<'_>>,
    emit: Emit<'_, E>,
) -> Result<(), E> {
    let mut named: Vec<(&String, &Group<'_>)> = groups.iter().collect();
    named.sort_by_key(|(file, group)| (std::cmp::Reverse(group.articles.len()), *file));
    let item = |(file, group): &(&String, &Group<'_>)| {
        format!(
            "<li><a href=\"{}.html\">{}</a> <span class=\"count\">{}</span></li>\n",
            url_escaped(file),
            escaped(&group.name),
            group.articles.len()
        )
    };
    let items: String = named.iter().map(item).collect();
    let list = if items.is_empty() {
        format!("<p>{}</p>\n", site.labels.nothing)
    } else {
        format!("<ul class=\"groups\">\n{items}</ul>\n")
    };
    let main = format!("<h1>{heading}</h1>\n{list}");
    emit(&format!("{folder}/index.html"), site.page(&format!("{folder}/index.html"), heading, &main))?;
    for (file, group) in groups {
        let front = format!("{folder}/{file}.html");
        let older = format!("{folder}/{file}-");
        List { site, heading: &group.name, front: &front, older: &older, articles: &group.articles }.pages(emit)?;
    }
    Ok(())
}

/// A list of articles on one or more pages.
struct List<'l> {
    site: &'l Site<'l>,
    /// Its heading; empty for the title of the site.
    heading: &'l str,
    /// The page with the newest articles.
    front: &'l str,
    /// What the paths of the other pages begin with.
    older: &'l str,
    /// From the oldest to the newest.
    articles: &'l [&'l Listed],
}

impl List<'_> {
    fn pages<E>(&self, emit: Emit<'_, E>) -> Result<(), E> {
        let full = (self.articles.len() / PER_PAGE).saturating_sub(1);
        for number in 1..=full {
            let articles = &self.articles[(number - 1) * PER_PAGE..number * PER_PAGE];
            emit(&self.path(number, full), self.page(number, full, articles))?;
        }
        emit(self.front, self.page(full + 1, full, &self.articles[full * PER_PAGE..]))
    }

    /// Returns the path of a page. The oldest is the first; the front page comes after the last full one.
    fn path(&self, number: usize, full: usize) -> String {
        if number > full { self.front.to_owned() } else { format!("{}{number}.html", self.older) }
    }

    fn page(&self, number: usize, full: usize, articles: &[&Listed]) -> String {
        let path = self.path(number, full);
        let labels = self.site.labels;
        let heading = if self.heading.is_empty() { self.site.title } else { self.heading };
        let mut main = format!("<h1>{}</h1>\n", escaped(heading));
        if articles.is_empty() {
            main.push_str(&format!("<p>{}</p>\n", labels.nothing));
        }
        let mut month = "";
        for article in articles.iter().rev() {
            let own = article.day.get(..7).unwrap_or(&article.day);
            if own != month {
                main.push_str(if month.is_empty() { "" } else { "</ul>\n" });
                main.push_str(&format!("<h2 class=\"month\">{}</h2>\n<ul class=\"articles\">\n", escaped(own)));
                month = own;
            }
            main.push_str(&self.item(article, &path));
        }
        main.push_str(if articles.is_empty() { "" } else { "</ul>\n" });
        let root = root(&path);
        let link = |to: usize, rel: &str, label: &str| {
            format!("<a href=\"{root}{}\" rel=\"{rel}\">{label}</a>\n", url_escaped(&self.path(to, full)))
        };
        let newer = if number <= full { link(number + 1, "prev", labels.newer) } else { String::new() };
        let older = if number > 1 { link(number - 1, "next", labels.older) } else { String::new() };
        if full > 0 {
            let name = labels.pages;
            main.push_str(&format!("<nav class=\"pages\" aria-label=\"{name}\">\n{newer}{older}</nav>\n"));
        }
        self.site.page(&path, self.heading, &main)
    }

    fn item(&self, article: &Listed, path: &str) -> String {
        let meta = match article.origin.as_str() {
            "" => article.day.clone(),
            origin => format!("{} · {}", article.day, escaped(origin)),
        };
        format!(
            "<li{}><a href=\"{}\">{}</a><p class=\"meta\">{meta}</p></li>\n",
            self.site.lang(&article.language),
            page_href(&root(path), &article.page),
            escaped(&article.title)
        )
    }
}
