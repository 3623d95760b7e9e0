//! Lists of saved URLs as read-later services and bookmark managers export them, in CSV or JSON: Pocket, Instapaper,
//! Raindrop, Readwise Reader, Omnivore, Pinboard, linkding, Karakeep and others with the same columns.

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use super::error::ImportError;
use super::input::Input;
use super::item::{EXPORT_CAP, ListedUrl};
use super::json_stream;
use super::list_columns::{ADDED, CONTENT, DESCRIPTION, FOLDER, TABLES, TAGS, TITLE, URL, plain, separator};
use super::url_list::{UrlsRead, stripped, time};
use super::xml::{self, Visitor};
use super::xml_lists::PostReader;
use crate::html;
use crate::html::text::collapse;

/// Returns the value of the first of some fields that an entry has.
pub(super) type Fields<'a> = &'a dyn Fn(&[&str]) -> Option<String>;

/// Reads a list in any form.
///
/// # Errors
/// It cannot be read at all.
pub(super) fn read(input: &Input) -> Result<UrlsRead, ImportError> {
    let mut read = UrlsRead::default();
    let mut take = |fields: Fields<'_>| {
        match listed(fields) {
            Some(url) => read.urls.push(url),
            None => read.left_out += 1,
        }
        ControlFlow::Continue(())
    };
    let cut = entries(input, &mut take)?;
    match cut {
        Some(cause) if read.urls.is_empty() => Err(ImportError::Damaged { name: input.name().to_owned(), cause }),
        cut => {
            let cut = cut.map(|cause| format!("after {} entries: {cause}", read.urls.len()));
            Ok(UrlsRead { cut, ..read })
        }
    }
}

/// Passes on each entry of a list in CSV, JSON or XML, and returns why reading stopped early; `None` when all was read.
///
/// # Errors
/// It cannot be opened, or it is too large.
pub(super) fn entries(
    input: &Input,
    take: &mut dyn FnMut(Fields<'_>) -> ControlFlow<()>,
) -> Result<Option<String>, ImportError> {
    let start = input.start()?;
    let start = html::decode(&start, None, None).text;
    let start = start.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(['[', '{']) {
        let mut each = |_: &str, value: Value| match value {
            Value::Object(object) => take(&|names| field_of(&object, names)),
            _ => ControlFlow::Continue(()),
        };
        return Ok(json_stream::visit(input.stream()?, &TABLES, &mut each).err());
    }
    if start.starts_with('<') {
        let mut each = |attributes: &[(String, String)]| {
            let value = |wanted: &&str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
            take(&|names| names.iter().filter_map(value).find(|value| !value.trim().is_empty()).cloned()).is_break()
        };
        return Ok(xml::visit(input.stream()?, &mut PostReader(&mut each) as &mut dyn Visitor).err());
    }
    let bytes = input.read_all(EXPORT_CAP)?;
    csv(&html::decode(&bytes, None, None).text, take)
        .map_err(|cause| ImportError::Damaged { name: input.name().to_owned(), cause })
}

/// Passes on each row of a table.
///
/// # Errors
/// It is not CSV.
fn csv(text: &str, take: &mut dyn FnMut(Fields<'_>) -> ControlFlow<()>) -> Result<Option<String>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let delimiter = separator(text.lines().next().unwrap_or_default());
    let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().map_err(|error| error.to_string())?.iter().map(plain).collect();
    let url = header.iter().position(|name| URL.contains(&name.as_str())).unwrap_or_default();
    let ends_with_line = text.ends_with(['\n', '\r']);
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).map_err(|error| error.to_string())? {
        let is_last = reader.position().byte() as usize >= text.len();
        let start = row.position().map_or(0, |position| position.byte() as usize);
        let has_open_quote =
            || memchr::memchr_iter(b'"', text.as_bytes().get(start..).unwrap_or_default()).count() % 2 == 1;
        let is_cut = is_last && row.len() < header.len() && (!ends_with_line || has_open_quote());
        // The last field of a file that was cut is not complete.
        if !is_cut || row.len() > url + 1 {
            let field = |names: &[&str]| -> Option<String> {
                let at = |name: &&str| header.iter().position(|own| own == name);
                let values = names.iter().filter_map(at).filter_map(|at| row.get(at));
                values.map(str::trim).find(|value| !value.is_empty()).map(str::to_owned)
            };
            if take(&field).is_break() {
                break;
            }
        }
        if is_cut {
            return Ok(Some(format!("the last row has {} of {} fields", row.len(), header.len())));
        }
    }
    Ok(None)
}

/// Returns the first of some fields that an object has, as text.
fn field_of(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
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
    let own = |wanted: &&str| object.iter().find(|(name, _)| plain(name) == *wanted).map(|(_, value)| value);
    // Karakeep keeps the URL inside of `content`.
    let content = object.get("content").and_then(Value::as_object);
    let inner = |wanted: &&str| content?.iter().find(|(name, _)| plain(name) == *wanted).map(|(_, value)| value);
    let is_text = |value: &&Value| value.is_string() || names != CONTENT;
    names.iter().filter_map(|name| own(name).filter(is_text).or_else(|| inner(name))).find_map(text)
}

/// Returns the entry of a list with some fields; None without a web URL.
pub(super) fn listed(field: Fields<'_>) -> Option<ListedUrl> {
    let url = stripped(&field(&URL)?).to_owned();
    super::source_url::web_url(&url)?;
    // Pinboard calls the URL `href`, the title `description`, and separates tags by spaces.
    let is_pinboard = field(&["href"]).is_some() && field(&["url", "title"]).is_none();
    let (title, description) = match is_pinboard {
        true => (field(&["description"]), field(&["extended"])),
        false => (field(&TITLE), field(&DESCRIPTION)),
    };
    let separators: &[char] = if is_pinboard { &[' ', ','] } else { &[','] };
    // Services without a title repeat the URL.
    let title = title.map(|title| collapse(&title)).filter(|title| !title.is_empty() && *title != url);
    Some(ListedUrl {
        title,
        added: field(&ADDED).and_then(|text| time(&text)),
        tags: field(&TAGS).map(|text| tags(&text, separators)).unwrap_or_default(),
        folder: field(&FOLDER),
        description,
        url,
        kind: None,
    })
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

/// Splits tags: a list of JSON or Python, else names separated by `|` (Pocket) or by `separators`.
fn tags(text: &str, separators: &[char]) -> Vec<String> {
    let names: Vec<String> = match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some(inner) => quoted(inner),
        None if text.contains('|') => text.split('|').map(str::to_owned).collect(),
        None => text.split(separators).map(str::to_owned).collect(),
    };
    let mut tags: Vec<String> = Vec::new();
    for name in names.iter().map(|name| collapse(name)).filter(|name| !name.is_empty()) {
        if !tags.contains(&name) {
            tags.push(name);
        }
    }
    tags
}

/// Returns the names in a list of them, as [`tags`] are written.
pub(super) fn names(text: &str) -> Vec<String> {
    if text.starts_with('[') { tags(text, &[',']) } else { vec![collapse(text)] }
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

    fn found(file: &str) -> UrlsRead {
        read(&Input::memory(file.into(), "x")).unwrap()
    }

    #[test]
    fn each_services_fields_are_read() {
        let read = found(
            "title,url,time_added,tags,status\n\"价格, 然后\",https://a.example/?x=1&y=2,1600322788,城市|书,unread\n,nothing,1,,\n",
        );
        assert_eq!((read.urls.len(), read.left_out), (1, 1));
        let first = &read.urls[0];
        assert_eq!(first.title.as_deref(), Some("价格, 然后"));
        assert_eq!((first.tags.join(" "), first.folder.as_deref()), ("城市 书".to_owned(), Some("unread")));
        assert_eq!(first.added.as_deref(), Some("2020-09-17T06:06:28Z"));
        let read = found(
            "Title,URL,Document tags,Saved date\nA,https://a.example/,\"['it\\'s', \"\"two words\"\"]\",2024-09-15 08:00:00+00:00\n",
        );
        assert_eq!(read.urls[0].tags, ["it's", "two words"]);
        assert_eq!(read.urls[0].added.as_deref(), Some("2024-09-15T08:00:00Z"));
        let read = found(
            "[{\"href\":\"https://b.example/\",\"description\":\"灯 塔\",\"extended\":\"记\",\"time\":\"2024-01-01T00:00:00Z\",\"tags\":\"a b\"},\
            {\"url\":\"https://c.example/\",\"labels\":[{\"name\":\"收藏\"}],\"savedAt\":\"2024-01-02T00:00:00.000Z\"}]",
        );
        let pinboard = &read.urls[0];
        assert_eq!((pinboard.title.as_deref(), pinboard.description.as_deref()), (Some("灯 塔"), Some("记")));
        assert_eq!(pinboard.tags, ["a", "b"]);
        assert_eq!(read.urls[1].tags, ["收藏"]);
        assert_eq!(read.urls[1].added.as_deref(), Some("2024-01-02T00:00:00Z"));
        let read = found(
            "<?xml version='1.0'?><posts user='x'><post href='https://b.example/' description='灯' tag='a b' time='2024-01-01T00:00:00Z'/></posts>",
        );
        assert_eq!((read.urls[0].title.as_deref(), read.urls[0].tags.len()), (Some("灯"), 2));
        let read = found(
            "{\"results\":[{\"url\":\"https://read.readwise.io/x\",\"source_url\":\"https://a.example/\",\"title\":\"x\",\"tags\":{\"a\":{}}}]}",
        );
        assert_eq!((read.urls[0].url.as_str(), read.urls[0].tags.len()), ("https://a.example/", 1));
    }

    #[test]
    fn what_comes_before_a_cut_is_kept_and_the_cut_is_named() {
        let read = found("title,url,time_added,tags\n一,https://a.example/1,1,x\n二,https://a.exam");
        assert_eq!(
            (read.urls.len(), read.cut.as_deref()),
            (1, Some("after 1 entries: the last row has 2 of 4 fields"))
        );
        let read = found("title,url,tags\n5\" 盘,https://a.example/1,x\n\"二,https://a.exam\n");
        assert!(read.urls.len() == 1 && read.cut.is_some());
        let read = found("title,url,tags\n5\" 盘,https://a.example/1,x\n二,https://a.example/2\n");
        assert!(read.urls.len() == 2 && read.cut.is_none());
        let read = found("[{\"url\":\"https://a.example/\",\"time\":\"1\"},{\"url\":\"https:");
        assert!(read.urls.len() == 1 && read.cut.is_some_and(|cut| cut.starts_with("after 1 entries: EOF")));
        let damaged = super::read(&Input::memory(b"[{\"url\": ".to_vec(), "x")).unwrap_err().to_string();
        assert!(damaged.contains("x is damaged"), "{damaged}");
    }

    #[test]
    fn other_charsets_are_recognised() {
        let text = "标题不在这里,title,url,folder\n老城的铺子和渡口,老城的铺子,https://a.example/1,城市\n第二行也是中文,船在河上,https://a.example/2,河\n";
        let (bytes, _, _) = encoding_rs::GBK.encode(text);
        let read = super::read(&Input::memory(bytes.into_owned(), "x")).unwrap();
        assert_eq!(read.urls[0].title.as_deref(), Some("老城的铺子"));
    }
}
