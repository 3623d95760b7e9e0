//! The `zola` profile: TOML between `+++` lines. <https://www.getzola.org/documentation/content/page/#front-matter>

use toml::value::Datetime;
use toml::{Table, Value};

use crate::model::{PageDate, shown_url};

use super::Fields;

/// Returns the front matter without its delimiters. Zola refuses unknown keys outside of `extra`.
pub(super) fn write(fields: &Fields) -> String {
    let mut top = Table::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            top.insert(key.to_owned(), value);
        }
    };
    put("title", fields.title.clone().map(Value::String));
    put("date", fields.published.and_then(date));
    put("updated", fields.modified.and_then(date));
    put("description", fields.description.clone().map(Value::String));
    put("draft", (!fields.publication.is_public()).then_some(Value::Boolean(true)));
    put("aliases", list(&fields.aliases));
    put("authors", list(&fields.authors));
    let taxonomies = table([("tags", list(&fields.tags)), ("categories", list(&fields.categories))]);
    let extra = table([
        ("url", fields.url.as_ref().map(|url| Value::String(shown_url(url)))),
        ("site", fields.site.clone().map(Value::String)),
        ("language", fields.language.clone().map(Value::String)),
        ("image", fields.image.clone().map(Value::String)),
        ("archived", fields.archived.and_then(|time| time.to_string().parse().ok().map(Value::Datetime))),
        ("properties", properties(fields)),
        ("sha256", fields.sha256.map(|digest| Value::String(digest.hex()))),
    ]);
    put("taxonomies", taxonomies);
    put("extra", extra);
    let mut out = String::new();
    // Keys after a header belong to that table, so tables come last.
    let is_table = |value: &&Value| value.is_table();
    put_all(&mut out, top.iter().filter(|(_, value)| !is_table(value)));
    for (name, value) in top.iter().filter(|(_, value)| is_table(value)) {
        out.push_str(&format!("\n[{name}]\n"));
        put_all(&mut out, value.as_table().into_iter().flatten());
    }
    out
}

fn put_all<'a>(out: &mut String, values: impl Iterator<Item = (&'a String, &'a Value)>) {
    for (key, value) in values {
        out.push_str(&format!("{key} = {}\n", format_value(value)));
    }
}

/// Formats a string, a list of strings, or a date.
fn format_value(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Table(table) => {
            let pairs = table.iter().map(|(key, value)| format!("{} = {}", quoted(key), format_value(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
        Value::Array(values) => format!("[{}]", values.iter().map(format_value).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// Returns a basic string of TOML. Control characters that TOML allows are escaped too, since U+009B starts a command in
/// terminals.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn list(values: &[String]) -> Option<Value> {
    (!values.is_empty()).then(|| Value::Array(values.iter().cloned().map(Value::String).collect()))
}

fn table<const N: usize>(entries: [(&str, Option<Value>); N]) -> Option<Value> {
    let table: Table = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    (!table.is_empty()).then_some(Value::Table(table))
}

fn properties(fields: &Fields) -> Option<Value> {
    let pairs = fields.properties.distinct().map(|(name, value)| (name.clone(), Value::String(value.clone())));
    let table: Table = pairs.collect();
    (!table.is_empty()).then_some(Value::Table(table))
}

/// Returns a TOML date.
fn date(date: PageDate) -> Option<Value> {
    date.to_string().parse::<Datetime>().ok().map(Value::Datetime)
}
