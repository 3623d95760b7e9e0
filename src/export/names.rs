//! Which name each article has in the output folder.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::model::folded_name;

use super::layout::Layout;

/// What an article's name is made of.
#[derive(Debug, Clone)]
pub(super) struct NamedArticle {
    /// The folder of the article in the archive.
    pub folder: String,
    /// Its title.
    pub title: String,
    /// Its day.
    pub day: Date,
    /// The name that it has from an earlier export.
    pub known: Option<String>,
}

/// The names of an export.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The name of each article, by its folder in the archive.
    pub by_folder: BTreeMap<String, String>,
    /// Names that were avoided because a file of the user has them, with the names taken instead.
    pub avoided: Vec<(String, String)>,
}

/// Names articles: one keeps the name that it has; the others get names that no other text and no file of the user has, also
/// on a disk that ignores case or the normalisation of Unicode. `foreign` are the user's files and folders in the folder of
/// the texts, as [`folded_name`] returns them.
pub(super) fn assign(layout: Layout, articles: &[NamedArticle], foreign: &BTreeSet<String>) -> Names {
    let mut names = Names::default();
    let mut used: BTreeSet<String> = BTreeSet::new();
    for article in articles {
        if let Some(known) = &article.known {
            used.insert(folded_name(&layout.entry(known)));
            names.by_folder.insert(article.folder.clone(), known.clone());
        }
    }
    for article in articles.iter().filter(|article| article.known.is_none()) {
        let slug = article.folder.rsplit('/').next().unwrap_or_default();
        let wanted = layout.name(slug, &article.title, article.day);
        let digits = slug.rsplit('-').next().unwrap_or_default();
        let readable = matches!(layout, Layout::Obsidian | Layout::Plain);
        let mut name = wanted.clone();
        let mut attempt = 1;
        while used.contains(&folded_name(&layout.entry(&name))) || foreign.contains(&folded_name(&layout.entry(&name)))
        {
            attempt += 1;
            name = match (readable, attempt) {
                (true, 2) => format!("{wanted} {digits}"),
                (true, _) => format!("{wanted} {digits}-{attempt}"),
                (false, _) => format!("{wanted}-{attempt}"),
            };
        }
        if foreign.contains(&folded_name(&layout.entry(&wanted))) {
            names.avoided.push((layout.text_path(&wanted), layout.text_path(&name)));
        }
        used.insert(folded_name(&layout.entry(&name)));
        names.by_folder.insert(article.folder.clone(), name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(folder: &str, title: &str, known: Option<&str>) -> NamedArticle {
        let day = "2024-03-18".parse().unwrap();
        NamedArticle { folder: folder.to_owned(), title: title.to_owned(), day, known: known.map(str::to_owned) }
    }

    #[test]
    fn names_differ_on_every_disk_and_stay_once_given() {
        let titles = ["Café", "CAFE\u{301}", "石桥", "石桥", "石桥?"];
        let mut articles: Vec<_> = titles
            .iter()
            .enumerate()
            .map(|(n, title)| article(&format!("articles/a/2024/x-{n:08}"), title, None))
            .collect();
        let foreign = BTreeSet::from([folded_name("石桥.MD")]);
        let names = assign(Layout::Plain, &articles, &foreign);
        let list: Vec<&str> = names.by_folder.values().map(String::as_str).collect();
        assert_eq!(list, ["Café", "CAFÉ 00000001", "石桥 00000002", "石桥 00000003", "石桥 00000004"]);
        assert_eq!(names.avoided[0], ("石桥.md".to_owned(), "石桥 00000002.md".to_owned()));
        articles[4].known = Some("石桥".to_owned());
        let names = assign(Layout::Plain, &articles, &BTreeSet::new());
        assert_eq!((names.by_folder[&articles[4].folder].as_str(), names.avoided.len()), ("石桥", 0));
        assert_eq!(names.by_folder[&articles[2].folder], "石桥 00000002");
    }

    #[test]
    fn a_long_title_is_cut_to_a_name_that_every_disk_accepts() {
        let articles = [article("a-1", &"长".repeat(300), None), article("b-12345678", &"长".repeat(300), None)];
        for layout in Layout::ALL {
            for name in assign(layout, &articles, &BTreeSet::new()).by_folder.values() {
                assert!(layout.entry(name).len() <= 255, "{name}");
            }
        }
    }
}
