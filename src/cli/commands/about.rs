//! What the program says about itself: completions, manual pages.

use std::path::{Path, PathBuf};

use clap::{Args, Command, ValueHint};
use clap_complete::Shell;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};
use crate::cli::help::EXIT_STATUS;

/// Print a completion script for a shell
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

/// Print the manual page, or write one for each command into a folder
#[derive(Debug, Args)]
pub struct Man {
    /// Write bindery.1 and one page for each command into this folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
}

/// Prints a completion script.
pub fn completions(context: &Context<'_>, args: &Completions, mut program: Command) -> Result<Ending, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "bindery", &mut script);
    context.output.raw(&String::from_utf8_lossy(&script))?;
    Ok(Ending::Done)
}

/// Prints the program's manual page, or writes one page for each command into a folder.
pub fn man(context: &Context<'_>, args: &Man, mut program: Command) -> Result<Ending, CliError> {
    program.build();
    let Some(folder) = &args.folder else {
        context.output.raw(&page(context, program)?)?;
        return Ok(Ending::Done);
    };
    std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    let below: Vec<Command> = program.get_subcommands().filter(|sub| !sub.is_hide_set()).cloned().collect();
    for command in std::iter::once(program).chain(below) {
        let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
        let path = folder.join(format!("{name}.1"));
        std::fs::write(&path, page(context, command)?).map_err(|error| cannot_write(&path, &error))?;
        context.output.note(&path.display().to_string());
    }
    Ok(Ending::Done)
}

/// Returns the manual page of a command.
fn page(context: &Context<'_>, mut command: Command) -> Result<String, CliError> {
    // What stands at the end of the help stands in sections of its own.
    let examples = command.get_after_help().map(ToString::to_string).filter(|text| text.starts_with("Examples:"));
    command = command.after_help("").after_long_help("");
    let subject = if command.has_subcommands() { Subject::Program } else { Subject::Command };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(CliError::run)?;
    let mut page = String::from_utf8_lossy(&page).into_owned();
    page.push_str(&sections(context, subject, examples.as_deref()));
    Ok(page)
}

/// What a manual page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Program,
    Command,
}

/// Returns the sections after the options.
fn sections(context: &Context<'_>, subject: Subject, examples: Option<&str>) -> String {
    let mut page = String::new();
    let mut section = |name: &str, entries: &[(String, String)]| {
        page.push_str(&format!(".SH {name}\n"));
        for (term, text) in entries {
            page.push_str(&format!(".TP\n\\fB{}\\fR\n{}\n", roff(term), roff(text)));
        }
    };
    if subject == Subject::Program {
        section("ENVIRONMENT", &environment(context));
        section("FILES", &FILES.map(owned));
    }
    section("EXIT STATUS", &EXIT_STATUS.map(owned));
    let program = [
        ("bindery archive https://example.org/page", "Archive a page into ./bindery-archive."),
        ("bindery list", "List what is archived."),
        ("bindery verify", "Check every byte of the archive."),
    ];
    let of_command = |text: &str| -> Vec<(String, String)> {
        let lines: Vec<&str> = text.lines().skip(1).map(str::trim).collect();
        lines.chunks_exact(2).map(|pair| (pair[1].to_owned(), pair[0].replace(':', "."))).collect()
    };
    match examples {
        Some(text) => section("EXAMPLES", &of_command(text)),
        None if subject == Subject::Program => section("EXAMPLES", &program.map(owned)),
        None => {}
    }
    page
}

fn owned((term, text): (&str, &str)) -> (String, String) {
    (term.to_owned(), text.to_owned())
}

/// The files that the program reads, for the manual.
const FILES: [(&str, &str); 3] = [
    ("bindery.toml", "Settings and sources, in the archive's folder or else in the working folder."),
    (
        "$XDG_CONFIG_HOME/bindery/config.toml",
        "The user's settings; ~/.config/bindery/config.toml if XDG_CONFIG_HOME is not set.",
    ),
    ("bindery-archive", "The archive, if no other is named."),
];

/// Returns the variables that the program reads, for the manual.
fn environment(context: &Context<'_>) -> Vec<(String, String)> {
    let settings = context.settings.variables().map(|(variable, key)| (variable, format!("The setting `{key}`.")));
    let others = [
        (
            "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY",
            "Proxies for http: and https: URLs and for both, if the setting `proxy` is not set; also in lower case.",
        ),
        (
            "NO_PROXY",
            "Hosts that are contacted without a proxy: names, addresses, networks, or *, separated by commas.",
        ),
        ("SSL_CERT_FILE", "A file with the certificate authorities to trust, in PEM, instead of the system's."),
        ("SSL_CERT_DIR", "Folders with such files, separated by colons (on Windows by semicolons)."),
        ("SOURCE_DATE_EPOCH", "The date of bundles, in seconds since 1970."),
        ("NO_COLOR", "No colours on a terminal."),
        ("TZ", "The time zone in which times are shown, where a schedule names none."),
    ];
    settings.chain(others.map(owned)).collect()
}

/// Escapes a text for a manual page.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> CliError {
    CliError::run(format!("{} cannot be written: {error}; choose another folder", path.display()))
}
