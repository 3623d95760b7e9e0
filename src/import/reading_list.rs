//! Lists of saved URLs as read-later services and bookmark managers export them, in CSV or JSON: Pocket, Instapaper,
//! Raindrop, Readwise Reader, Omnivore, Pinboard, linkding, Karakeep and others with the same columns.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::error::ImportError;
use super::item::ListedUrl;
use super::list_columns::{ADDED, DESCRIPTION, FOLDER, TAGS, TITLE, URL, plain};
use super::url_list::{instant, stripped};
use crate::html::text::collapse;

/// Reads a list in either form. The second value is the number of entries without a web URL.
///
/// # Errors
/// It is damaged.
pub(super) fn read(bytes: &[u8], name: &str) -> Result<(Vec<ListedUrl>, u64), ImportError> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if start.starts_with(b"[") || start.starts_with(b"{") { json(bytes, name) } else { csv(bytes, name) }
}

/// Reads a list in CSV. The second value is the number of rows that are not web URLs.
///
/// # Errors
/// It is not CSV.
fn csv(bytes: &[u8], name: &str) -> Result<(Vec<ListedUrl>, u64), ImportError> {
    let damaged = |error: csv::Error| ImportError::Damaged { name: name.to_owned(), cause: error.to_string() };
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().map_err(damaged)?.iter().map(plain).collect();
    let (mut found, mut left_out) = (Vec::new(), 0);
    for row in reader.records() {
        let row = row.map_err(damaged)?;
        let field = |names: &[&str]| -> Option<String> {
            let at = |name: &&str| header.iter().position(|own| own == name);
            let values = names.iter().filter_map(at).filter_map(|at| row.get(at));
            values.map(str::trim).find(|value| !value.is_empty()).map(str::to_owned)
        };
        match listed(&field) {
            Some(url) => found.push(url),
            None => left_out += 1,
        }
    }
    Ok((found, left_out))
}

/// Reads a list in JSON. The second value is the number of objects that have no web URL.
///
/// # Errors
/// It is not JSON.
fn json(bytes: &[u8], name: &str) -> Result<(Vec<ListedUrl>, u64), ImportError> {
    let value: Value = super::json::parse(bytes, name)?;
    let (mut found, mut left_out) = (Vec::new(), 0);
    for object in objects(&value) {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            Value::Array(names) => Some(tag_names(names)).filter(|names| names != "[]"),
            // Pocket's tags are the keys of an object; a collection of Raindrop is one with a title.
            Value::Object(fields) => match ["title", "name"].iter().find_map(|name| fields.get(*name)?.as_str()) {
                Some(name) => Some(name.to_owned()),
                None => Some(Value::from(fields.keys().cloned().collect::<Vec<_>>()).to_string()),
            },
            _ => None,
        };
        let field = |names: &[&str]| {
            let own = |wanted: &&str| object.iter().find(|(name, _)| plain(name) == *wanted).map(|(_, value)| value);
            // Karakeep keeps the URL inside of `content`.
            let inner = |wanted: &&str| object.get("content")?.as_object()?.get(*wanted);
            names.iter().filter_map(|name| own(name).or_else(|| inner(name))).find_map(text)
        };
        match listed(&field) {
            Some(url) => found.push(url),
            None => left_out += 1,
        }
    }
    Ok((found, left_out))
}

/// Returns the objects of a list: the elements of an array, or the values of an object, at the top or one level below.
fn objects(value: &Value) -> Vec<&Map<String, Value>> {
    let inner: Vec<&Value> = match value {
        Value::Array(values) => values.iter().collect(),
        Value::Object(fields) => {
            let list = ["bookmarks", "items", "articles", "links", "list"].iter().find_map(|name| fields.get(*name));
            match list {
                Some(Value::Array(values)) => values.iter().collect(),
                Some(Value::Object(values)) => values.values().collect(),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    };
    inner.into_iter().filter_map(Value::as_object).collect()
}

/// Returns the entry of a list whose fields `field` looks up by their names; None without a web URL.
fn listed(field: &dyn Fn(&[&str]) -> Option<String>) -> Option<ListedUrl> {
    let url = stripped(&field(&URL)?).to_owned();
    super::source_url::web_url(&url)?;
    // Services without a title repeat the URL.
    let title = field(&TITLE).map(|title| collapse(&title)).filter(|title| !title.is_empty() && *title != url);
    Some(ListedUrl {
        title,
        added: field(&ADDED).and_then(|text| time(&text)),
        tags: field(&TAGS).map(|text| tags(&text)).unwrap_or_default(),
        folder: field(&FOLDER),
        description: field(&DESCRIPTION),
        url,
    })
}

/// Parses a time in seconds since 1970 or in a form of RFC 3339; None for other forms.
fn time(text: &str) -> Option<String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return instant(text);
    }
    let written = [text.to_owned(), format!("{text}Z"), format!("{text}T00:00:00Z")];
    written.iter().find_map(|text| text.parse::<Timestamp>().ok()).map(|time| time.to_string())
}

/// Returns the names of tags, which services write as texts or as objects with a name, as a JSON array.
fn tag_names(values: &[Value]) -> String {
    let name = |value: &Value| match value {
        Value::String(name) => Some(name.clone()),
        Value::Object(fields) => {
            ["name", "title", "label"].iter().find_map(|key| fields.get(*key)?.as_str().map(str::to_owned))
        }
        _ => None,
    };
    Value::from(values.iter().filter_map(name).collect::<Vec<_>>()).to_string()
}

/// Splits tags: a list of JSON or Python, else names separated by `|` (Pocket) or by commas.
fn tags(text: &str) -> Vec<String> {
    let names: Vec<String> = match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some(inner) => quoted(inner),
        None if text.contains('|') => text.split('|').map(str::to_owned).collect(),
        None => text.split(',').map(str::to_owned).collect(),
    };
    let mut tags: Vec<String> = Vec::new();
    for name in names.iter().map(|name| collapse(name)).filter(|name| !name.is_empty()) {
        if !tags.contains(&name) {
            tags.push(name);
        }
    }
    tags
}

/// Returns the quoted texts of the inside of a list, such as `'a', "it's"`.
fn quoted(inner: &str) -> Vec<String> {
    let (mut found, mut open, mut escaped) = (Vec::new(), None, false);
    let mut text = String::new();
    for c in inner.chars() {
        match open {
            None if c == '"' || c == '\'' => open = Some(c),
            None => {}
            Some(_) if escaped => {
                text.push(c);
                escaped = false;
            }
            Some(_) if c == '\\' => escaped = true,
            Some(quote) if c == quote => {
                found.push(std::mem::take(&mut text));
                open = None;
            }
            Some(_) => text.push(c),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_services_fields_are_read() {
        let file = "title,url,time_added,tags,status\n\"价格, 然后\",https://a.example/?x=1&y=2,1600322788,城市|书,unread\n,nothing,1,,\n";
        let (found, left_out) = csv(file.as_bytes(), "x").unwrap();
        assert_eq!((found.len(), left_out), (1, 1));
        assert_eq!(found[0].title.as_deref(), Some("价格, 然后"));
        assert_eq!((found[0].tags.join(" "), found[0].folder.as_deref()), ("城市 书".to_owned(), Some("unread")));
        assert_eq!(found[0].added.as_deref(), Some("2020-09-17T06:06:28Z"));
        let file = "Title,URL,Document tags,Saved date\nA,https://a.example/,\"['it\\'s', \"\"two words\"\"]\",2024-09-15 08:00:00+00:00\n";
        let (found, _) = csv(file.as_bytes(), "x").unwrap();
        assert_eq!(found[0].tags, ["it's", "two words"]);
        assert_eq!(found[0].added.as_deref(), Some("2024-09-15T08:00:00Z"));
        let file = "[{\"href\":\"https://b.example/\",\"description\":\"\",\"time\":\"2024-01-01T00:00:00Z\",\"tags\":\"a,b\"},\
            {\"url\":\"https://c.example/\",\"labels\":[{\"name\":\"收藏\"}],\"savedAt\":\"2024-01-02T00:00:00.000Z\"}]";
        let (found, _) = json(file.as_bytes(), "x").unwrap();
        assert_eq!(found[0].tags, ["a", "b"]);
        assert_eq!(found[1].tags, ["收藏"]);
        assert_eq!(found[1].added.as_deref(), Some("2024-01-02T00:00:00Z"));
        assert!(json(b"[{\"url\": ", "x").unwrap_err().to_string().contains("x is damaged"));
    }
}
