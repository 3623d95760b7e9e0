//! The command line: parse → settings → command → exit code.

mod args;
mod colour;
mod commands;
mod context;
mod error;
mod help;
#[cfg(feature = "net")]
mod job;
mod output;
#[cfg(feature = "net")]
mod pages;
mod progress;
mod report;
mod settings;
mod signals;
mod text;
#[cfg(feature = "net")]
mod web;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser};

use bindery::model::{Clock, Timestamp};

use args::{Cli, Command, Global};
use colour::Colour;
use commands::convert::Target;
use context::Context;
use error::{CliError, Ending};
use output::{Form, Level, Output};
use progress::Visibility;
use settings::{Environment, Settings, Surroundings};

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let level = match (cli.global.quiet, cli.global.verbose) {
        (true, _) => Level::Quiet,
        (_, true) => Level::Verbose,
        _ => Level::Normal,
    };
    let environment = environment();
    let form = if cli.global.json { Form::Json } else { Form::Text };
    let progress = if cli.global.no_progress { Visibility::Hidden } else { Visibility::OnTerminals };
    let output = Output::new(form, level, progress, Colour::of(&environment));
    match run(cli, &output, environment) {
        Ok(ending) => ending.code(),
        Err(error) => {
            output.progress().clear();
            if !error.is_closed_pipe() {
                output.problem(&format!("bindery: {error}"));
            }
            error.code()
        }
    }
}

/// Prints help and version to standard output with exit code 0, and wrong usage to standard error.
fn refuse(error: &clap::Error) -> ExitCode {
    // A closed pipe cannot be reported.
    let _ = error.print();
    if error.use_stderr() { CliError::usage("").code() } else { ExitCode::SUCCESS }
}

fn run(cli: Cli, output: &Output, environment: Environment) -> Result<Ending, CliError> {
    let folder = std::env::current_dir().map_err(|error| {
        CliError::run(format!("the working folder cannot be found: {error}; change to one that exists"))
    })?;
    let around = Surroundings { environment, folder };
    let settings = Settings::load(cli.flags()?, cli.global.config.as_deref(), &around)?;
    let context = Context { settings, output, clock: clock(&cli.global)?, environment: around.environment };
    match cli.command {
        #[cfg(feature = "net")]
        Command::Archive(args) => commands::archive::run(&context, &args),
        Command::Convert(args) => {
            let target = if cli.global.place.archive.is_some() { Target::Archive } else { Target::Files };
            commands::convert::run(&context, args, target)
        }
        #[cfg(feature = "net")]
        Command::Crawl(args) => commands::crawl::run(&context, &args),
        #[cfg(all(feature = "net", feature = "store"))]
        Command::Snapshot(args) => commands::snapshot::run(&context, &args),
        Command::Export(args) => commands::export::run(&context, &args),
        Command::Bundle(args) => commands::bundle::run(&context, args),
        Command::Rebuild(args) => commands::rebuild::run(&context, args),
        Command::Restore(args) => commands::restore::run(&context, args),
        Command::Merge(args) => commands::merge::run(&context, args),
        Command::Verify(args) => commands::verify::run(&context, args),
        Command::Repair(args) => commands::repair::run(&context, &args),
        Command::List(args) => commands::list::run(&context, &args),
        Command::Show(args) => commands::show::run(&context, args),
        Command::Diff(args) => commands::diff::run(&context, args),
        Command::Search(args) => commands::search::run(&context, &args),
        Command::Remove(args) => commands::remove::run(&context, args),
        Command::Reindex(args) => commands::reindex::run(&context, &args),
        Command::Config(args) => commands::config::run(&context, &args),
        Command::Completions(args) => commands::about::completions(&context, &args, Cli::command()),
        Command::Man(args) => commands::about::man(&context, &args, Cli::command()),
    }
}

fn environment() -> Environment {
    // A value that is not valid Unicode is ignored.
    std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?))).collect()
}

fn clock(global: &Global) -> Result<Clock, CliError> {
    Ok(match &global.now {
        Some(text) => {
            let fixed: Timestamp = text.parse().map_err(|error| CliError::usage(format!("--now: {error}")))?;
            Arc::new(move || fixed)
        }
        None => Arc::new(|| Timestamp::new(jiff::Timestamp::now())),
    })
}
