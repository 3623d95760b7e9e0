//! Stories of a Medium export: pages with microformats of their own. <https://help.medium.com/hc/en-us/articles/115004745787>

use super::feed_entry;
use super::item::ArticleInfo;
use super::markup::{attribute, between, elements, text};
use super::source_url::web_url;
use crate::model::{Metadata, Publication, Sourced};
use url::Url;

/// What a page of an export holds: the body of its article, what the export states about it, and its URL.
pub(super) struct ExportedPage {
    pub html: String,
    pub info: ArticleInfo,
    pub url: Option<Url>,
}

/// Returns the story of a page; `None` for any other page. `name` is the file's name.
pub(super) fn read(page: &str, name: &str) -> Option<ExportedPage> {
    if !page.contains("class=\"h-entry\"") || !page.contains("data-field=\"body\"") {
        return None;
    }
    let title = text(between(page, "class=\"p-name\"", "</h1>")?);
    let body = page.split_once("data-field=\"body\"")?.1.split_once('>')?.1;
    let (body, footer) = body.rsplit_once("<footer").unwrap_or((body, ""));
    let body = body.trim_end().strip_suffix("</section>").unwrap_or(body);
    let tag = |class: &str| {
        elements(footer, "a").find(|(tag, _)| attribute(tag, "class").is_some_and(|own| own.contains(class)))
    };
    let author = tag("p-author").map(|(_, inner)| text(inner)).filter(|name| !name.is_empty());
    let published = between(footer, "class=\"dt-published\"", "</time>").and_then(|_| {
        let (_, rest) = footer.split_once("class=\"dt-published\"")?;
        feed_entry::date(&attribute(rest.split('>').next()?, "datetime")?)
    });
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_draft = file.starts_with("draft_") || published.is_none();
    let sourced = |value: String| (!value.is_empty()).then(|| Sourced::new(value, "medium"));
    let subtitle = between(page, "data-field=\"subtitle\"", "</section>").map(text).unwrap_or_default();
    let metadata = Metadata {
        authors: author.map(|name| Sourced::new(vec![name], "medium")),
        published: published.map(|date| Sourced::new(date, "medium")),
        description: sourced(subtitle),
        publication: if is_draft { Publication::Draft } else { Publication::Public },
        title: sourced(title.clone()),
        ..Metadata::default()
    };
    let url = tag("p-canonical").and_then(|(tag, _)| web_url(&attribute(tag, "href")?));
    Some(ExportedPage {
        html: without_title(body, &title),
        info: ArticleInfo { metadata, ..ArticleInfo::default() },
        url,
    })
}

/// Returns the body without the headings that repeat the title or are the rule above it.
fn without_title(body: &str, title: &str) -> String {
    let mut html = body.replace("<hr class=\"section-divider\">", "");
    for name in ["h3", "h2", "h1", "h4"] {
        let first = elements(&html, name).next().map(|(tag, inner)| {
            let is_title = attribute(tag, "class").is_some_and(|class| class.contains("graf--title"));
            (format!("<{name}{tag}>{inner}</{name}>"), is_title || text(inner) == title)
        });
        if let Some((element, true)) = first {
            html = html.replacen(&element, "", 1);
            break;
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_read_without_its_repeated_title_and_a_draft_is_one() {
        let page = |footer: &str| {
            format!(
                "<html><body><article class=\"h-entry\"><header><h1 class=\"p-name\">门做的盖子</h1></header>\
                 <section data-field=\"subtitle\" class=\"p-summary\">小标题</section>\
                 <section data-field=\"body\" class=\"e-content\"><section><h3 class=\"graf graf--title\">门做的盖子</h3><p>正文。</p></section></section>\
                 <footer>{footer}</footer></article></body></html>"
            )
        };
        let footer = "<p>By <a href=\"x\" class=\"p-author h-card\">林</a> on <time class=\"dt-published\" datetime=\"2021-11-02T19:49:19.000Z\">x</time>\
            <a href=\"https://medium.example/a\" class=\"p-canonical\">Canonical link</a></p>";
        let found = read(&page(footer), "posts/2021_a.html").unwrap();
        assert_eq!(found.html, "<section><p>正文。</p></section>");
        assert_eq!(found.url.unwrap().as_str(), "https://medium.example/a");
        assert_eq!(found.info.metadata.authors.unwrap().value, ["林"]);
        assert_eq!(found.info.metadata.publication, Publication::Public);
        let draft = read(&page(""), "posts/draft_a.html").unwrap();
        assert_eq!(draft.info.metadata.publication, Publication::Draft);
        assert!(read("<html><article class=\"h-entry\">x</article>", "a").is_none());
    }
}
