//! What the beginnings of exports look like.

use super::list_columns::{ADDED, CONTENT, FOLDER, TABLES, TAGS, TITLE, URL, plain, separator};

/// Returns true for the beginning of a JSON object or array.
pub(super) fn is_json(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['{', '[']) else { return false };
    let next = rest.trim_start().chars().next();
    next.is_none_or(|c| matches!(c, '"' | '{' | '[' | ']' | '}' | '-') || text.starts_with('[') && c.is_ascii_digit())
}

/// Returns the name of the root element of an XML document in lower case; None for HTML and for anything else.
pub(super) fn xml_root(lower: &str) -> Option<&str> {
    let mut rest = lower;
    loop {
        rest = rest.trim_start();
        // The declarations of a document type stand in brackets.
        let has_declarations = rest.find(['[', '>']).is_some_and(|at| rest[at..].starts_with('['));
        let end = if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<!doctype") && !rest.starts_with("<!doctype html") {
            if has_declarations { "]>" } else { ">" }
        } else {
            break;
        };
        rest = rest.split_once(end)?.1;
    }
    let name = rest.strip_prefix('<')?;
    let name = &name[..name.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?];
    if name == "!doctype" {
        return None;
    }
    let is_xml = lower.starts_with("<?xml")
        || name.ends_with(":feed")
        || name.ends_with(":rss")
        || matches!(name, "rss" | "feed" | "rdf:rdf" | "channel" | "svg" | "opml" | "urlset" | "sitemapindex");
    (is_xml && name != "html").then_some(name)
}

/// Returns true for the beginning of an export of Ghost.
pub(super) fn is_ghost(text: &str) -> bool {
    text.starts_with('{') && text.contains("\"exported_on\"") && text.contains("\"meta\"")
}

/// Returns true for the beginning of bookmarks as Firefox and Chromium store them in JSON.
pub(super) fn is_bookmark_tree(text: &str) -> bool {
    let is_chromium = text.contains("\"roots\"") && text.contains("\"bookmark_bar\"");
    text.starts_with('{') && (text.contains("\"text/x-moz-place") || is_chromium)
}

/// Returns true for the beginning of an export of wallabag.
pub(super) fn is_wallabag(text: &str) -> bool {
    text.starts_with('[') && text.contains("\"is_archived\"") && text.contains("\"content\"")
}

/// Returns true for the beginning of a list in CSV: its first line names a URL, and a field that only such lists have.
pub(super) fn is_csv_list(text: &str) -> bool {
    let names = columns(text);
    let has = |wanted: &[&str]| names.iter().any(|name| wanted.contains(&name.as_str()));
    has(&URL) && (has(&TITLE) || has(&TAGS)) && (has(&ADDED) || has(&TAGS) || has(&FOLDER))
}

/// Returns true for a list in CSV that has a column for the texts of the articles.
pub(super) fn has_content_column(text: &str) -> bool {
    columns(text).iter().any(|name| CONTENT.contains(&name.as_str()))
}

/// Returns the names of the columns of a table in CSV; empty for anything else.
fn columns(text: &str) -> Vec<String> {
    let Some(first) = text.lines().next().filter(|line| line.len() < 2000 && line.contains([',', ';', '\t'])) else {
        return Vec::new();
    };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).delimiter(separator(first)).from_reader(first.as_bytes());
    let Some(Ok(header)) = reader.records().next() else { return Vec::new() };
    header.iter().map(plain).collect()
}

/// Returns true for a list in JSON whose entries have the texts of the articles.
pub(super) fn has_content_field(text: &str) -> bool {
    text.match_indices("\":").any(|(end, _)| {
        let name = text[..end].rsplit('"').next().unwrap_or_default();
        let value = text[end + 2..].trim_start();
        name.len() < 40
            && CONTENT.contains(&plain(name).as_str())
            && value.starts_with('"')
            && !value.starts_with("\"\"")
    })
}

/// Returns true for the beginning of a list in JSON: objects, the first of which has a URL and says when it was saved.
pub(super) fn is_json_list(text: &str) -> bool {
    let is_listed = text.starts_with('[')
        || TABLES[1..].iter().any(|name| {
            let key = format!("\"{name}\"");
            text.starts_with('{')
                && text.find(&key).is_some_and(|at| {
                    text[at + key.len()..]
                        .trim_start()
                        .strip_prefix(':')
                        .is_some_and(|rest| rest.trim_start().starts_with(['[', '{']))
                })
        });
    let Some(end) = text.find('{').filter(|_| is_listed) else { return false };
    let start = &text[end..];
    let mut keys = start.split('"').skip(1).step_by(2).map(plain).take(200);
    let (mut url, mut added) = (false, false);
    keys.any(|key| {
        url |= URL.contains(&key.as_str());
        added |= ADDED.contains(&key.as_str());
        url && added
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_recognised_by_its_columns() {
        for header in [
            "title,url,time_added,tags,status",
            "URL,Title,Selection,Folder",
            "id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite",
            "\u{feff}\"Title\",\"URL\",\"Document tags\",\"Saved date\"",
        ] {
            assert!(is_csv_list(&format!("{header}\na,b\n")), "{header}");
        }
        for header in
            ["day,hole,centimetres", "年份,项目,金额", "name,url", "url\nhttps://a.example/", "a sentence, with a url"]
        {
            assert!(!is_csv_list(header), "{header}");
        }
        assert!(is_json_list("[\n {\"id\": 1, \"url\": \"https://a.example/\", \"savedAt\": \"2024\"}]"));
        assert!(is_json_list("{\"bookmarks\": [{\"createdAt\": 1, \"content\": {\"url\": \"x\"}}]}"));
        assert!(is_bookmark_tree("{\"guid\": \"root\", \"type\": \"text/x-moz-place-container\"}"));
        assert!(is_bookmark_tree("{\"checksum\": \"1\", \"roots\": {\"bookmark_bar\": {}}}"));
        assert!(!is_bookmark_tree("{\"roots\": []}"));
        assert!(!is_json_list("[{\"url\": \"x\", \"unit\": \"kg\"}]"));
        assert!(!is_json_list("{\"name\": \"a\", \"url\": \"x\", \"time\": 3}"));
    }
}
