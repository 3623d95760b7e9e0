//! What the program says of itself: settings, completions, manual pages.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;

use crate::cli::args::Cli;
use crate::cli::{CliError, Context, Ending};

/// `bindery config`.
pub fn config(context: &Context<'_>) -> Result<Ending, CliError> {
    let width = context.settings.rows().map(|(key, _)| key.len()).max().unwrap_or_default();
    for (key, row) in context.settings.rows() {
        let (value, origin) = match row {
            Some((value, origin)) => (Some(value), origin.to_string()),
            None => (None, "not set".to_owned()),
        };
        // A header may hold a password: its name is enough to know it by.
        let shown = value.map(|value| if key == "header" { names_only(value) } else { value.clone() });
        let event = json!({ "event": "setting", "key": key, "value": shown, "origin": origin });
        let text = shown.map_or_else(|| "-".to_owned(), |value| value.to_string());
        context.output.result(&event, &format!("{key:width$} = {text}  ({origin})"))?;
    }
    Ok(Ending::Done)
}

fn names_only(list: &toml::Value) -> toml::Value {
    let headers = list.as_array().into_iter().flatten().filter_map(toml::Value::as_str);
    let hidden = headers.map(|header| format!("{}: …", header.split(':').next().unwrap_or_default()));
    toml::Value::Array(hidden.map(toml::Value::from).collect())
}

/// `bindery completions SHELL`.
pub fn completions(context: &Context<'_>, shell: Shell) -> Result<Ending, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "bindery", &mut script);
    context.output.raw(&String::from_utf8_lossy(&script))?;
    Ok(Ending::Done)
}

/// `bindery man`: the program's own page, or with a folder one page for each command.
pub fn man(context: &Context<'_>, folder: Option<&Path>) -> Result<Ending, CliError> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = folder else {
        context.output.raw(&page(command)?)?;
        return Ok(Ending::Done);
    };
    std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    let below: Vec<clap::Command> = command.get_subcommands().filter(|sub| !sub.is_hide_set()).cloned().collect();
    for command in std::iter::once(command).chain(below) {
        let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
        let path = folder.join(format!("{name}.1"));
        std::fs::write(&path, page(command)?).map_err(|error| cannot_write(&path, &error))?;
        context.output.note(&path.display().to_string());
    }
    Ok(Ending::Done)
}

fn page(command: clap::Command) -> Result<String, CliError> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(CliError::run)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn cannot_write(path: &Path, error: &std::io::Error) -> CliError {
    CliError::run(format!("{} cannot be written: {error}; choose another folder", path.display()))
}
