//! The `zola` profile: TOML between lines of `+++`. <https://www.getzola.org/documentation/content/page/#front-matter>

use toml::value::Datetime;
use toml::{Table, Value};

use crate::model::PageDate;

use super::Fields;
use super::fields::without_secrets;

/// The front matter without its fences. Zola takes no key that it does not know outside of `extra`.
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
    put("authors", list(&fields.authors));
    let taxonomies = table([("tags", list(&fields.tags)), ("categories", list(&fields.categories))]);
    let extra = table([
        ("url", fields.url.as_ref().map(|url| Value::String(without_secrets(url)))),
        ("site", fields.site.clone().map(Value::String)),
        ("language", fields.language.clone().map(Value::String)),
        ("image", fields.image.clone().map(Value::String)),
        ("archived", fields.archived.and_then(|time| time.to_string().parse().ok().map(Value::Datetime))),
        ("sha256", fields.sha256.map(|digest| Value::String(digest.hex()))),
    ]);
    put("taxonomies", taxonomies);
    put("extra", extra);
    // Strings, lists of strings, dates and tables of these: the writer refuses none of them.
    toml::to_string(&top).unwrap_or_default()
}

fn list(values: &[String]) -> Option<Value> {
    (!values.is_empty()).then(|| Value::Array(values.iter().cloned().map(Value::String).collect()))
}

fn table<const N: usize>(entries: [(&str, Option<Value>); N]) -> Option<Value> {
    let table: Table = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    (!table.is_empty()).then_some(Value::Table(table))
}

/// A date of TOML's own.
fn date(date: PageDate) -> Option<Value> {
    date.to_string().parse::<Datetime>().ok().map(Value::Datetime)
}
