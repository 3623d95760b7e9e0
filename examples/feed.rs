//! Prints the entries of a feed as JSON, one a line. `feed FILE`

use std::ops::ControlFlow;

use bindery::html::decode;
use bindery::import::feed_entries;
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("name a feed")?;
    let bytes = std::fs::read(file)?;
    let (channel, ended) = feed_entries(&decode(&bytes, None, None).text, &mut |entry, channel| {
        let date = |date: Option<bindery::model::PageDate>| date.map(|date| date.to_string());
        let line = json!({
            "title": entry.title, "link": entry.link, "id": entry.id, "base": entry.base, "authors": entry.authors,
            "published": date(entry.published), "modified": date(entry.modified), "categories": entry.categories,
            "content": entry.content, "summary": entry.summary, "site": channel.title,
        });
        println!("{line}");
        ControlFlow::Continue(())
    });
    ended.map_err(|cause| format!("{}: {cause}", channel.title))?;
    Ok(())
}
