//! `bindery config`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueHint};
use serde_json::json;
use toml::Value;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};
use crate::cli::settings::Setting;

/// Show each setting, its value and where it came from
///
/// Settings come from the user's file, bindery.toml, BINDERY_* variables and flags; a later one wins. In bindery.toml,
/// a `[[source]]` may override each of them, except `archive`.
#[derive(Debug, Args)]
pub struct Config {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write a file with every setting and its default, all of them commented out
    Init {
        /// The file; one that exists is not overwritten
        #[arg(value_name = "FILE", default_value = "bindery.toml", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

/// Shows the settings, or writes a file of them.
pub fn run(context: &Context<'_>, args: &Config) -> Result<Ending, CliError> {
    match &args.action {
        None => show(context),
        Some(Action::Init { file }) => init(context, file),
    }
}

fn show(context: &Context<'_>) -> Result<Ending, CliError> {
    for file in context.settings.files() {
        let event = json!({ "event": "file", "path": file.to_string_lossy() });
        if context.output.is_json() {
            context.output.result(&event, "")?;
        }
        context.output.note(&format!("read {}", file.display()));
    }
    let width = context.settings.rows().map(|row| row.key.len()).max().unwrap_or_default();
    for row in context.settings.rows() {
        let key = row.key;
        let origin = row.origin.map_or_else(|| "not set".to_owned(), ToString::to_string);
        let shown = row.value.map(|value| without_secrets(key, value));
        let event = json!({ "event": "setting", "key": key, "value": shown, "origin": origin });
        let text = shown.map_or_else(|| "-".to_owned(), |value| value.to_string());
        context.output.result(&event, &format!("{key:width$} = {text}  ({origin})"))?;
    }
    Ok(Ending::Done)
}

/// Removes the passwords that headers and proxies may contain: shows only the header's name and the proxy's host.
fn without_secrets(key: &str, value: Value) -> Value {
    match (key, value) {
        ("header", Value::Array(headers)) => {
            let headers = headers.iter().filter_map(Value::as_str);
            let hidden = headers.map(|header| format!("{}: …", header.split(':').next().unwrap_or_default()));
            Value::Array(hidden.map(Value::from).collect())
        }
        ("proxy", Value::String(proxy)) => match proxy.rsplit_once('@') {
            Some((_, host)) => Value::from(format!("…@{host}")),
            None => Value::from(proxy),
        },
        (_, value) => value,
    }
}

/// Values that show the form of settings without a default.
const EXAMPLES: [(&str, &str); 8] = [
    ("template", "front-matter.j2"),
    ("image-base", "/images/"),
    ("proxy", "http://127.0.0.1:8080"),
    ("cookie-file", "~/cookies.txt"),
    ("delay", "1s"),
    ("max-bytes", "500MB"),
    ("since", "7d"),
    ("user-agent", "bindery"),
];

/// What a file of settings begins with.
const HEAD: &str = "\
# Settings of bindery. What follows `# ` with `=` is a setting with its default: remove the `# ` to change it.
# A setting without a default has an example. Flags and BINDERY_* variables come before this file.
";

/// What a file of settings ends with.
const SOURCES: &str = "
# What `bindery snapshot` visits. A source may have any setting of its own except `archive`.
#
# [[source]]
# name = \"example\"
# seeds = [\"https://example.org/rss.xml\"]
# schedule = \"0 8,20 * * *\"      # cron, or instead: every = \"6h\"
# time-zone = \"Asia/Shanghai\"    # without it: UTC
# jitter = \"10m\"
# categories = [\"news\"]
# export = { profile = \"hexo\", output = \"blog\", into = true }
";

fn init(context: &Context<'_>, path: &Path) -> Result<Ending, CliError> {
    let shown = path.display();
    let mut text = HEAD.to_owned();
    for (setting, default) in context.settings.defaults() {
        let note = if default.is_none() { " (no default)" } else { "" };
        let value = default.unwrap_or_else(|| example(setting));
        text.push_str(&format!("\n# {}{note}\n# {} = {value}\n", setting.help, setting.key));
    }
    text.push_str(SOURCES);
    let written = std::fs::File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            CliError::usage(format!("{shown} exists and is not overwritten; name another file"))
        }
        _ => CliError::run(format!("{shown} cannot be written: {error}")),
    })?;
    let event = json!({ "event": "summary", "command": "config", "path": path.to_string_lossy() });
    context.output.summary(&event, &format!("wrote {shown}; every setting in it is commented out"))?;
    Ok(Ending::Done)
}

/// Returns a value that a setting without a default accepts.
fn example(setting: &Setting) -> Value {
    let known = EXAMPLES.iter().find(|(key, _)| *key == setting.key).map(|(_, text)| Value::from(*text));
    let guesses = [Value::from(2), Value::from("1s"), Value::from("text")];
    known.into_iter().chain(guesses).find(|value| setting.check(value).is_ok()).unwrap_or_else(|| Value::from(""))
}
