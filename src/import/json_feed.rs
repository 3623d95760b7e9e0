//! JSON Feed, 1.0 and 1.1. <https://www.jsonfeed.org/version/1.1/>

use serde_json::Value;

use super::feed_entry::{Channel, FeedEntry, date};

/// Parses a feed to its metadata and its entries.
pub(super) fn entries(text: &str) -> Result<(Channel, Vec<FeedEntry>), serde_json::Error> {
    let feed: Value = serde_json::from_str(text)?;
    let channel = Channel {
        title: text_of(&feed["title"]),
        language: text_of(&feed["language"]),
        link: text_of(&feed["home_page_url"]),
        author: names(&feed).into_iter().next().unwrap_or_default(),
        own: text_of(&feed["feed_url"]),
        next: text_of(&feed["next_url"]),
        ..Channel::default()
    };
    Ok((channel, feed["items"].as_array().into_iter().flatten().map(entry).collect()))
}

fn entry(value: &Value) -> FeedEntry {
    let plain = text_of(&value["content_text"]).replace('&', "&amp;").replace('<', "&lt;");
    let html = text_of(&value["content_html"]);
    let link = [&value["url"], &value["external_url"]].map(text_of).into_iter().find(|link| !link.is_empty());
    let tags = value["tags"].as_array().into_iter().flatten().map(text_of).filter(|tag| !tag.is_empty());
    FeedEntry {
        title: text_of(&value["title"]),
        link: link.unwrap_or_default(),
        id: text_of(&value["id"]),
        published: date(&text_of(&value["date_published"])),
        modified: date(&text_of(&value["date_modified"])),
        authors: names(value),
        categories: tags.collect(),
        content: if html.trim().is_empty() { plain } else { html },
        summary: text_of(&value["summary"]),
        ..FeedEntry::default()
    }
}

/// Returns the names in `authors` (version 1.1) or `author` (version 1.0).
fn names(value: &Value) -> Vec<String> {
    let several = value["authors"].as_array().into_iter().flatten();
    let names = several.chain([&value["author"]]).map(|author| text_of(&author["name"]));
    let mut found: Vec<String> = Vec::new();
    for name in names.filter(|name| !name.trim().is_empty()) {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// Returns a string, or a number as a string, since identifiers may be numbers.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
