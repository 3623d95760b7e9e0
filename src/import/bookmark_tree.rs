//! Bookmarks as browsers store them in JSON: backups of Firefox, and the file `Bookmarks` of Chrome, Edge and others.

use serde_json::Value;

use super::error::ImportError;
use super::item::ListedUrl;
use super::source_url::web_url;
use super::url_list::instant;
use crate::html::text::collapse;

/// Seconds from 1601-01-01, from which Chromium counts, to 1970-01-01.
const CHROMIUM_EPOCH: i64 = 11_644_473_600;

/// Reads the bookmarks in the order of the file. The second value is the number of bookmarks that are not web URLs.
///
/// # Errors
/// It is not JSON.
pub(super) fn read(bytes: &[u8], name: &str) -> Result<(Vec<ListedUrl>, u64), ImportError> {
    let damaged = |error: serde_json::Error| ImportError::Damaged { name: name.to_owned(), cause: error.to_string() };
    let value: Value = serde_json::from_slice(bytes).map_err(damaged)?;
    let (mut found, mut left_out) = (Vec::new(), 0);
    let roots: Vec<&Value> = match &value["roots"] {
        Value::Object(roots) => roots.values().collect(),
        _ => vec![&value],
    };
    let mut waiting: Vec<(String, &Value)> = roots.into_iter().rev().map(|root| (String::new(), root)).collect();
    while let Some((folder, node)) = waiting.pop() {
        let title = collapse(text(node, &["title", "name"]).unwrap_or_default());
        if let Some(children) = node["children"].as_array() {
            let path = [folder.as_str(), title.as_str()].into_iter().filter(|part| !part.is_empty());
            let path = path.collect::<Vec<_>>().join("/");
            waiting.extend(children.iter().rev().map(|child| (path.clone(), child)));
            continue;
        }
        let Some(url) = text(node, &["uri", "url"]) else { continue };
        if web_url(url).is_none() {
            left_out += 1;
            continue;
        }
        let tags = node["tags"].as_str().unwrap_or_default().split(',').map(collapse);
        found.push(ListedUrl {
            title: Some(title).filter(|title| !title.is_empty() && title != url),
            added: added(node),
            tags: tags.filter(|tag| !tag.is_empty()).collect(),
            folder: Some(folder).filter(|folder| !folder.is_empty()),
            url: url.to_owned(),
            ..ListedUrl::default()
        });
    }
    Ok((found, left_out))
}

fn text<'a>(node: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| node[*name].as_str())
}

/// Returns when a bookmark was added: microseconds since 1970 in Firefox, since 1601 in Chromium; None for no such time.
fn added(node: &Value) -> Option<String> {
    let seconds = match node["dateAdded"].as_i64() {
        Some(micros) => micros / 1_000_000,
        None => node["date_added"].as_str()?.parse::<i64>().ok()? / 1_000_000 - CHROMIUM_EPOCH,
    };
    (seconds > 0).then(|| instant(&seconds.to_string())).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookmarks_of_both_families_have_title_folder_tags_and_time() {
        let firefox = r#"{"type":"text/x-moz-place-container","title":"","children":[{"title":"书签栏","children":[
            {"type":"text/x-moz-place","title":"老渡口","uri":"https://a.example/1","dateAdded":1388166091504000,"tags":"河, 船"},
            {"type":"text/x-moz-place","title":"x","uri":"place:sort=8"}]}]}"#;
        let (found, left_out) = read(firefox.as_bytes(), "b.json").unwrap();
        let wanted = ListedUrl {
            url: "https://a.example/1".to_owned(),
            title: Some("老渡口".to_owned()),
            added: Some("2013-12-27T17:41:31Z".to_owned()),
            tags: vec!["河".to_owned(), "船".to_owned()],
            folder: Some("书签栏".to_owned()),
            ..ListedUrl::default()
        };
        assert_eq!((found, left_out), (vec![wanted], 1));
        let chromium = r#"{"checksum":"1","roots":{"bookmark_bar":{"name":"Bar","type":"folder","children":[
            {"name":"Inner","children":[{"type":"url","name":"B","url":"https://b.example/","date_added":"13118850929335823"}]}]}}}"#;
        let (found, _) = read(chromium.as_bytes(), "Bookmarks").unwrap();
        assert_eq!(found[0].folder.as_deref(), Some("Bar/Inner"));
        assert_eq!(found[0].added.as_deref(), Some("2016-09-20T13:15:29Z"));
    }
}
