//! Lists of saved URLs that hold the texts of the articles: Readwise Reader, wallabag in CSV, and others with such fields.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use super::error::ImportError;
use super::feed_entry;
use super::input::Input;
use super::item::{ArticleInfo, Item, ItemContent, ListedUrl, Names, Report, Sink};
use super::list_columns::{AUTHORS, CONTENT, LANGUAGE, PUBLISHED, SITE};
use super::reading_list::{self, Fields};
use super::resources::NoResources;
use super::source_url::web_url;
use crate::html::text::collapse;
use crate::model::{Metadata, Origin, PageDate, RawPage, Sourced};

/// The name of the list of the entries without a text.
pub(super) const REST: &str = "without-text";

/// Reads an export. Entries without a text become a list of URLs.
///
/// # Errors
/// It cannot be read at all.
pub(super) fn read(input: &Input, sink: Sink<'_>) -> Result<Report, ImportError> {
    let (mut report, mut names) = (Report::default(), Names::default());
    let (mut rest, mut count) = (Vec::new(), 0u64);
    let mut take = |fields: Fields<'_>| {
        count += 1;
        let listed = reading_list::listed(fields);
        let Some(content) = fields(&CONTENT).filter(|content| !content.trim().is_empty()) else {
            match listed {
                Some(listed) => rest.push(listed),
                None => report.leave_out("entry without text and URL"),
            }
            return ControlFlow::Continue(());
        };
        let title = fields(&["title"]).unwrap_or_default();
        let name = PathBuf::from(names.unique("", &[&title], &count.to_string()));
        sink(item(&content, listed.unwrap_or_default(), fields, Named { name, title, source: input.name() }))
    };
    let cut = reading_list::entries(input, &mut take)?;
    report.cut = cut.map(|cause| format!("after {count} entries: {cause}"));
    pass_on_rest(rest, sink);
    Ok(report)
}

/// Passes on the entries without a text as a list of URLs.
pub(super) fn pass_on_rest(rest: Vec<ListedUrl>, sink: Sink<'_>) {
    if !rest.is_empty() {
        let content = ItemContent::UrlList(rest);
        let _ = sink(Item { name: PathBuf::from(REST), content, resources: Arc::new(NoResources), losses: Vec::new() });
    }
}

struct Named<'a> {
    name: PathBuf,
    title: String,
    source: &'a str,
}

fn item(content: &str, listed: ListedUrl, fields: Fields<'_>, named: Named<'_>) -> Item {
    let sourced = |value: String| {
        Some(collapse(&value)).filter(|value| !value.is_empty()).map(|value| Sourced::new(value, "list"))
    };
    let date = |text: String| -> Option<PageDate> {
        feed_entry::date(&text).or_else(|| feed_entry::date(&super::url_list::time(&text)?))
    };
    let authors: Vec<String> = fields(&AUTHORS).map(|text| reading_list::names(&text)).unwrap_or_default();
    let metadata = Metadata {
        title: sourced(named.title),
        authors: (!authors.is_empty()).then(|| Sourced::new(authors, "list")),
        published: fields(&PUBLISHED)
            .and_then(date)
            .or_else(|| date(listed.added.clone()?))
            .map(|date| Sourced::new(date, "list")),
        site: fields(&SITE).and_then(sourced),
        language: fields(&LANGUAGE).map(|language| language.replace('_', "-")).and_then(sourced),
        description: listed.description.and_then(sourced),
        tags: (!listed.tags.is_empty()).then(|| Sourced::new(listed.tags, "list")),
        ..Metadata::default()
    };
    let html = match content.contains('<') {
        true => content.to_owned(),
        false => {
            let paragraphs = content.split("\n\n").filter(|text| !text.trim().is_empty());
            paragraphs.map(|text| format!("<p>{}</p>\n", super::markdown_html::escaped(text))).collect()
        }
    };
    let origin = Origin::Import(named.source.to_owned());
    let page = RawPage::from_bytes(html.into_bytes(), web_url(&listed.url), origin, None);
    let info = ArticleInfo { metadata, ..ArticleInfo::default() };
    Item {
        name: named.name,
        content: ItemContent::Body(page, Box::new(info)),
        resources: Arc::new(NoResources),
        losses: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Kind;

    #[test]
    fn entries_with_a_text_are_articles_and_the_others_a_list() {
        for file in [
            "{\"count\":2,\"results\":[{\"id\":\"1\",\"url\":\"https://read.readwise.io/1\",\"source_url\":\"https://a.example/1\",\"title\":\"灯\",\
             \"author\":\"林远\",\"tags\":{\"岸\":{\"name\":\"岸\"}},\"created_at\":\"2024-01-02T00:00:00Z\",\"published_date\":\"2023-05-06\",\
             \"html_content\":\"<p>正文。</p>\"},{\"source_url\":\"https://a.example/2\",\"title\":\"船\",\"created_at\":\"2024-01-02T00:00:00Z\",\"html_content\":null}]}",
            "Title;URL;Content;Tags;\"MIME Type\";Language;\"Creation date\";Author;Published\n灯;https://a.example/1;<p>正文。</p>;岸;text/html;zh;2024-01-02;林远;2023-05-06\n\
             船;https://a.example/2;;;;;;;\n",
        ] {
            let input = Input::memory(file.into(), "x");
            assert_eq!(Kind::detect(&input.start().unwrap()), Some(Kind::SavedArticles), "{file}");
            let (mut texts, mut urls) = (Vec::new(), Vec::new());
            read(&input, &mut |item| {
                match item.content {
                    ItemContent::Body(raw, info) => texts.push((raw, info.metadata)),
                    ItemContent::UrlList(found) => urls.extend(found),
                    _ => unreachable!(),
                }
                ControlFlow::Continue(())
            })
            .unwrap();
            let (raw, metadata) = texts.pop().unwrap();
            assert_eq!(
                (raw.url.unwrap().as_str(), raw.body.as_slice()),
                ("https://a.example/1", "<p>正文。</p>".as_bytes())
            );
            assert_eq!(metadata.published.unwrap().value.to_string(), "2023-05-06");
            assert_eq!(
                (metadata.authors.unwrap().value, metadata.tags.unwrap().value),
                (vec!["林远".into()], vec!["岸".into()])
            );
            assert_eq!((texts.len(), urls.len(), urls[0].url.as_str()), (0, 1, "https://a.example/2"));
        }
    }
}
