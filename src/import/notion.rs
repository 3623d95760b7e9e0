//! Pages of a Notion export in HTML. <https://www.notion.com/help/export-your-content>

use super::feed_entry;
use super::item::ArticleInfo;
use super::markup::{attribute, between, elements, text};
use super::medium::ExportedPage;
use super::source_url::web_url;
use crate::model::{Loss, LossKind, Metadata, PageDate, Sourced};

/// Names of properties, in lower case.
const TAGS: [&str; 8] = ["tags", "tag", "category", "categories", "标签", "分类", "タグ", "keywords"];
const AUTHORS: [&str; 9] = ["author", "authors", "created by", "writer", "作者", "创建者", "著者", "autor", "auteur"];
const PUBLISHED: [&str; 9] =
    ["published", "date", "created", "created time", "publish date", "日期", "创建时间", "作成日時", "datum"];
const MODIFIED: [&str; 5] = ["last edited time", "updated", "edited", "上次编辑时间", "最終更新日時"];
const LINK: [&str; 4] = ["url", "link", "source", "链接"];
const SUMMARY: [&str; 4] = ["description", "summary", "摘要", "简介"];

/// Returns the text of a page and the properties that have no place in its front matter; `None` for any other page.
pub(super) fn read(page: &str) -> Option<(ExportedPage, Vec<Loss>)> {
    if !page.contains("class=\"page-body\"") || !page.contains("<article id=\"") {
        return None;
    }
    let title = between(page, "class=\"page-title\"", "</h1>").map(text).unwrap_or_default();
    let body = page.split_once("class=\"page-body\"")?.1.split_once('>')?.1;
    let body = body.rsplit_once("</article>").map_or(body, |(body, _)| body);
    let body = body.trim_end().strip_suffix("</div>").unwrap_or(body);
    let header = page.split_once("class=\"page-body\"").map_or("", |(header, _)| header);
    let mut found = Properties::default();
    let properties = between(header, "class=\"properties\"", "</table>").unwrap_or_default();
    for (_, row) in elements(properties, "tr") {
        let name = between(row, "<th", "</th>").map(text).unwrap_or_default();
        let value = between(row, "<td", "</td>").unwrap_or_default();
        found.take(&name, value);
    }
    let description = between(header, "class=\"page-description\"", "</p>").map(text).unwrap_or_default();
    let cover = between(header, "class=\"page-cover-image\"", ">").is_some().then(|| cover(header)).flatten();
    let metadata = found.metadata(title, description, cover);
    let info = ArticleInfo { metadata, ..ArticleInfo::default() };
    let url = found.link.as_deref().and_then(web_url);
    Some((ExportedPage { html: joined(&check_boxes(body)), info, url }, found.others))
}

fn cover(header: &str) -> Option<String> {
    let at = header.find("class=\"page-cover-image\"")?;
    let tag = &header[header[..at].rfind('<')?..];
    attribute(tag.split('>').next()?, "src").filter(|url| web_url(url).is_some())
}

/// The properties of a page.
#[derive(Default)]
pub(super) struct Properties {
    tags: Vec<String>,
    authors: Vec<String>,
    published: Option<PageDate>,
    modified: Option<PageDate>,
    /// The URL of what the page is about.
    pub link: Option<String>,
    summary: String,
    /// Properties that have no place in front matter.
    pub others: Vec<Loss>,
}

impl Properties {
    /// Returns the metadata of the page.
    pub fn metadata(&mut self, title: String, description: String, cover: Option<String>) -> Metadata {
        let sourced = |value: String| (!value.is_empty()).then(|| Sourced::new(value, "notion"));
        let listed = |values: Vec<String>| (!values.is_empty()).then(|| Sourced::new(values, "notion"));
        let description = if description.is_empty() { std::mem::take(&mut self.summary) } else { description };
        Metadata {
            title: sourced(title),
            authors: listed(std::mem::take(&mut self.authors)),
            published: self.published.take().map(|date| Sourced::new(date, "notion")),
            modified: self.modified.take().map(|date| Sourced::new(date, "notion")),
            description: sourced(description),
            tags: listed(std::mem::take(&mut self.tags)),
            lead_image: cover.map(|url| Sourced::new(url, "notion")),
            ..Metadata::default()
        }
    }

    /// Returns true for the name of a property that has a place in front matter.
    pub fn is_known(name: &str) -> bool {
        let name = name.to_lowercase();
        [&TAGS[..], &AUTHORS, &PUBLISHED, &MODIFIED, &LINK, &SUMMARY].iter().any(|names| names.contains(&name.as_str()))
    }

    /// Adds a property, whose value is HTML.
    pub fn take(&mut self, name: &str, value: &str) {
        let plain = text(value);
        if plain.is_empty() {
            return;
        }
        let is = |names: &[&str]| names.contains(&name.to_lowercase().as_str());
        let values = || -> Vec<String> {
            let spans: Vec<String> =
                elements(value, "span").map(|(_, inner)| text(inner)).filter(|text| !text.is_empty()).collect();
            if spans.is_empty() {
                plain.split([',', '，', '、']).map(|name| name.trim().to_owned()).collect()
            } else {
                spans
            }
        };
        if is(&TAGS) {
            self.tags.extend(values());
        } else if is(&AUTHORS) {
            self.authors.extend(values());
        } else if is(&PUBLISHED) && self.published.is_none() && date(&plain).is_some() {
            self.published = date(&plain);
        } else if is(&MODIFIED) && date(&plain).is_some() {
            self.modified = date(&plain);
        } else if is(&LINK) && web_url(&plain).is_some() {
            self.link = Some(plain);
        } else if is(&SUMMARY) {
            self.summary = plain;
        } else {
            self.others.push(Loss::new(LossKind::LeftOut, format!("property {name}: {plain}")));
        }
    }
}

/// Parses a date as Notion writes it: `@May 3, 2024`, `@2024年5月3日`, with or without a time, or in a form of feeds.
fn date(text: &str) -> Option<PageDate> {
    let text = text.trim().trim_start_matches('@');
    feed_entry::date(text).or_else(|| {
        let pieces: Vec<&str> = text.split_whitespace().collect();
        let day = pieces.get(..3).map(|pieces| pieces.join(" ")).unwrap_or_default();
        let western =
            jiff::civil::Date::strptime("%B %d, %Y", &day).or_else(|_| jiff::civil::Date::strptime("%d %B %Y", &day));
        let eastern = || jiff::civil::Date::strptime("%Y年%m月%d日", pieces.first().copied().unwrap_or_default());
        western.or_else(|_| eastern()).ok().map(PageDate::Day)
    })
}

/// Writes the boxes of a list of tasks as check boxes.
fn check_boxes(body: &str) -> String {
    body.replace("<div class=\"checkbox checkbox-on\"></div>", "<input type=\"checkbox\" checked>")
        .replace("<div class=\"checkbox checkbox-off\"></div>", "<input type=\"checkbox\">")
}

/// Joins lists: Notion writes each item as a list of its own.
fn joined(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find("</ul>").into_iter().chain(rest.find("</ol>")).min() {
        let (before, end) = rest.split_at(at);
        let (name, after) = (&end[2..4], &end[5..]);
        out.push_str(before);
        let next = after.trim_start();
        let tag =
            next.strip_prefix('<').and_then(|tag| tag.strip_prefix(name)).filter(|tag| tag.starts_with([' ', '>']));
        let is_same = tag.and_then(|tag| tag.split('>').next()).is_some_and(|tag| {
            // A list that begins at 1 is another list.
            tag.contains("-list\"")
                && !(name == "ol" && tag.contains("start=\"1\""))
                && list_class(tag) == last_class(&out, name)
        });
        rest = match tag.filter(|_| is_same).and_then(|tag| tag.split_once('>')) {
            Some((_, items)) => items,
            None => {
                out.push_str(&end[..5]);
                after
            }
        };
    }
    out + rest
}

/// Returns the class of a list, such as `bulleted-list`.
fn list_class(tag: &str) -> Option<String> {
    attribute(tag, "class")
}

/// Returns the class of the list of a name that was begun last.
fn last_class(html: &str, name: &str) -> Option<String> {
    let at = html.rfind(&format!("<{name} "))?;
    list_class(html[at..].split('>').next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html><head><title>x</title></head><body><article id=\"a1\" class=\"page sans\"><header>\
        <h1 class=\"page-title\">山毛榉 &amp; 木柴</h1><p class=\"page-description\"></p>\
        <table class=\"properties\"><tbody><tr><th><span></span>Tags</th><td><span class=\"v\">木</span><span class=\"v\">火</span></td></tr>\
        <tr><th>Date</th><td><time>@May 3, 2024</time></td></tr><tr><th>Kilos</th><td>30</td></tr></tbody></table></header>\
        <div class=\"page-body\"><p>正文。</p><ul class=\"bulleted-list\"><li>一</li></ul><ul class=\"bulleted-list\"><li>二</li></ul>\
        <ul class=\"to-do-list\"><li><div class=\"checkbox checkbox-on\"></div> 三</li></ul></div></article></body></html>";

    #[test]
    fn properties_are_metadata_and_items_of_a_list_stand_together() {
        let (page, others) = read(PAGE).unwrap();
        let found = page.info.metadata;
        assert_eq!(found.title.unwrap().value, "山毛榉 & 木柴");
        assert_eq!(found.tags.unwrap().value, ["木", "火"]);
        assert_eq!(found.published.unwrap().value.to_string(), "2024-05-03");
        assert_eq!(others.iter().map(|loss| loss.detail.as_str()).collect::<Vec<_>>(), ["property Kilos: 30"]);
        assert_eq!(
            page.html,
            "<p>正文。</p><ul class=\"bulleted-list\"><li>一</li><li>二</li></ul>\
             <ul class=\"to-do-list\"><li><input type=\"checkbox\" checked> 三</li></ul>"
        );
        assert!(read("<html><body><p>x</p></body></html>").is_none());
    }
}
