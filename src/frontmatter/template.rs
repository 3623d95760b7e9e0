//! The `custom` profile: front matter from a user's template. <https://docs.rs/minijinja>

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use super::fields::default_form;
use super::{Fields, yaml};

/// A template for front matter.
#[derive(Clone)]
pub struct Template(Arc<Inner>);

struct Inner {
    source: String,
    engine: Environment<'static>,
}

/// An error in a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid front matter template{}: {cause}", .line.map(|line| format!(" at line {line}")).unwrap_or_default())]
pub struct TemplateError {
    /// The line, from 1; None if it is unknown.
    pub line: Option<usize>,
    /// The engine's message.
    pub cause: String,
}

/// The maximum number of instructions for one article, so that every template ends.
const FUEL: u64 = 100_000;

const NAME: &str = "front-matter";

impl Template {
    /// Parses a template, and tests it with all fields set and with none.
    ///
    /// Its variables are the fields of the `default` profile, None (or an empty list) if unknown. There are two filters:
    /// `yaml` writes a value for YAML, `json` for JSON and TOML. The template must contain the delimiters of the front matter.
    ///
    /// ```
    /// use bindery::frontmatter::{self, Fields, Profile, ProfileName, Template};
    ///
    /// let template = Template::new("---\nname: {{ title|yaml }}\n---\n")?;
    /// let profile = Profile { name: ProfileName::Custom, template: Some(template), ..Profile::default() };
    /// let fields = Fields { title: Some("no".into()), ..Fields::default() };
    /// assert_eq!(frontmatter::write(&fields, &profile)?, "---\nname: \"no\"\n---\n");
    /// # Ok::<(), frontmatter::TemplateError>(())
    /// ```
    pub fn new(source: &str) -> Result<Self, TemplateError> {
        let mut engine = Environment::new();
        engine.set_auto_escape_callback(|_| AutoEscape::None);
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_fuel(Some(FUEL));
        engine.add_filter("yaml", |value: Value| scalar(&value, yaml_string));
        engine.add_filter("json", |value: Value| scalar(&value, json_string));
        engine.add_template_owned(NAME, source.to_owned()).map_err(|error| template_error(&error))?;
        let template = Self(Arc::new(Inner { source: source.to_owned(), engine }));
        for fields in [Fields::default(), Fields::full()] {
            template.render(&fields)?;
        }
        Ok(template)
    }

    /// Returns the front matter, with a final line break unless it is empty.
    pub(super) fn render(&self, fields: &Fields) -> Result<String, TemplateError> {
        let context = variables(fields);
        let rendered = self.0.engine.get_template(NAME).and_then(|template| template.render(context));
        let mut text = rendered.map_err(|error| template_error(&error))?;
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(text)
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Template").field(&self.0.source).finish()
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.0.source == other.0.source
    }
}

impl Eq for Template {}

/// Where a string stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Alone,
    InList,
}

/// Returns a value on one line, lists in brackets. `write` formats a string.
fn scalar(value: &Value, write: fn(&str, Position) -> String) -> String {
    if value.is_none() || value.is_undefined() {
        return "null".to_owned();
    }
    let item = |value: Value| value.as_str().map_or_else(|| value.to_string(), |text| write(text, Position::InList));
    match (value.as_str(), value.try_iter()) {
        (Some(text), _) => write(text, Position::Alone),
        (None, Ok(values)) => format!("[{}]", values.map(item).collect::<Vec<_>>().join(", ")),
        (None, Err(_)) => value.to_string(),
    }
}

/// Returns a YAML string. In a list it is always quoted, since an unquoted one could end at a comma.
fn yaml_string(text: &str, position: Position) -> String {
    let scalar = yaml::scalar(text);
    if position == Position::InList && !scalar.starts_with(['"', '\'']) {
        return format!("\"{}\"", scalar.replace('\\', "\\\\").replace('"', "\\\""));
    }
    scalar
}

/// Returns a JSON string that is valid in TOML, which requires more control characters to be escaped.
fn json_string(text: &str, _: Position) -> String {
    let mut out = String::new();
    for c in serde_json::to_string(text).unwrap_or_default().chars() {
        match c {
            '\u{7f}'..='\u{9f}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

fn template_error(error: &minijinja::Error) -> TemplateError {
    TemplateError { line: error.line(), cause: error.to_string() }
}

/// Returns the keys of the `default` profile with their values. One that is not known is null, false, or an empty list.
fn variables(fields: &Fields) -> BTreeMap<String, Value> {
    let unknown = |value: &Value| match value.kind() {
        ValueKind::Seq => Value::from(Vec::<Value>::new()),
        ValueKind::Bool => Value::from(false),
        _ => Value::from(()),
    };
    let mut all: BTreeMap<_, _> = values(&Fields::full()).map(|(key, value)| (key, unknown(&value))).collect();
    all.extend(values(fields));
    all
}

/// Returns the keys that are known with their values: a string, a list of strings, or true.
fn values(fields: &Fields) -> impl Iterator<Item = (String, Value)> {
    let string = |value: &serde_json::Value| Value::from(value.as_str().unwrap_or_default());
    let form = serde_json::to_value(default_form(fields)).unwrap_or_default();
    let keys = form.as_object().cloned().unwrap_or_default().into_iter();
    keys.map(move |(key, value)| match &value {
        serde_json::Value::Array(list) => (key, Value::from(list.iter().map(string).collect::<Vec<_>>())),
        serde_json::Value::Bool(is_true) => (key, Value::from(*is_true)),
        text => (key, string(text)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_rendered_and_errors_name_their_line() {
        let source = "---\n{% if title %}t: {{ title|yaml }}\n{% endif %}tags: {{ tags|yaml }}\n---";
        let template = Template::new(source).unwrap();
        let fields = Fields { title: Some("a: b".into()), tags: vec!["x, y".into(), "no".into()], ..Fields::default() };
        assert_eq!(template.render(&fields).unwrap(), "---\nt: \"a: b\"\ntags: [\"x, y\", \"no\"]\n---\n");
        assert_eq!(template.render(&Fields::default()).unwrap(), "---\ntags: []\n---\n");
        for (wrong, line) in
            [("---\n{{ title", 2), ("a\n\n{{ nonsense }}", 3), ("{% if %}", 1), ("{{ title|nofilter }}", 1)]
        {
            assert_eq!(Template::new(wrong).unwrap_err().line, Some(line), "{wrong}");
        }
        assert!(
            Template::new("{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}").is_err()
        );
    }
}
