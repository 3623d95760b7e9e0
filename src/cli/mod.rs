//! The command line: parse → settings → command → exit code.

mod args;
mod commands;
mod config;
mod error;
mod output;
mod progress;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use bindery::archive::WriterOptions;
use bindery::frontmatter::{Profile, ProfileName, Style, Template};
use bindery::model::{Clock, Timestamp};

use args::{Cli, Command, Global, Writing};
use config::{Flags, Settings, Surroundings};
use error::{CliError, Ending};
use output::{Level, Output};

/// Name and version, as archives record them.
const SOFTWARE: &str = concat!("bindery ", env!("CARGO_PKG_VERSION"));

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
    let output = Output::new(cli.global.json, level, !cli.global.no_progress);
    match run(cli, &output) {
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

/// Help and version go to standard output and are no error; anything else is wrong usage.
fn refuse(error: &clap::Error) -> ExitCode {
    // A closed pipe leaves nobody to tell.
    let _ = error.print();
    if error.use_stderr() { CliError::usage("").code() } else { ExitCode::SUCCESS }
}

fn run(cli: Cli, output: &Output) -> Result<Ending, CliError> {
    let folder = std::env::current_dir().map_err(|error| {
        CliError::run(format!("the working folder cannot be found: {error}; change to one that exists"))
    })?;
    let around = Surroundings { environment: environment(), folder };
    let settings = Settings::load(flags(&cli), cli.global.config.as_deref(), &around)?;
    let context = Context { settings, output, clock: clock(&cli.global)? };
    match cli.command {
        #[cfg(feature = "net")]
        Command::Archive(args) => commands::archive::run(&context, args),
        Command::Convert(args) => commands::convert::run(&context, args, cli.global.archive.is_some()),
        #[cfg(feature = "net")]
        Command::Crawl(args) => commands::crawl::run(&context, &args),
        #[cfg(all(feature = "net", feature = "store"))]
        Command::Snapshot(args) => commands::snapshot::run(&context, &args),
        Command::Bundle(args) => commands::bundle::run(&context, args),
        Command::Rebuild(args) => commands::rebuild::run(&context, args),
        Command::Restore(args) => commands::restore::run(&context, args),
        Command::Verify(args) => commands::verify::run(&context, args),
        Command::List(args) => commands::list::run(&context, args),
        Command::Show(args) => commands::show::run(&context, args),
        Command::Diff(args) => commands::diff::run(&context, args),
        Command::Search(args) => commands::search::run(&context, &args),
        Command::Remove(args) => commands::remove::run(&context, args),
        Command::Reindex(_) => commands::reindex::run(&context),
        Command::Config(_) => commands::about::config(&context),
        Command::Completions(args) => commands::about::completions(&context, args.shell),
        Command::Man(args) => commands::about::man(&context, args.folder.as_deref()),
    }
}

/// What every command needs.
struct Context<'a> {
    settings: Settings,
    output: &'a Output,
    clock: Clock,
}

impl Context<'_> {
    /// The archive's folder.
    fn archive(&self) -> PathBuf {
        PathBuf::from(self.settings.text("archive").unwrap_or_default())
    }

    /// What a writer is told when it opens the archive.
    fn opening(&self) -> WriterOptions {
        WriterOptions::new(&format!("{SOFTWARE}, process {}", std::process::id()), SOFTWARE, (self.clock)())
    }

    /// How Markdown is written.
    fn profile(&self) -> Result<Profile, CliError> {
        let name: ProfileName = self.settings.text("profile").unwrap_or_default().parse().map_err(CliError::usage)?;
        let image_base =
            self.settings.text("image-base").filter(|base| !base.is_empty()).map(|base| match base.ends_with('/') {
                true => base,
                false => format!("{base}/"),
            });
        let categories = self.settings.list("categories");
        let template = match self.settings.text("template").filter(|_| name == ProfileName::Custom) {
            Some(path) => Some(template(&path)?),
            None if name == ProfileName::Custom => {
                return Err(CliError::usage("the profile `custom` needs a template; add --template FILE"));
            }
            None => None,
        };
        Ok(Profile { name, template, categories, image_base, front_matter: true, style: self.style()? })
    }

    /// The style of the Markdown.
    fn style(&self) -> Result<Style, CliError> {
        let text = |key| self.settings.text(key).unwrap_or_default();
        Ok(Style {
            engine: text("engine").parse().map_err(CliError::usage)?,
            flavour: text("markdown").parse().map_err(CliError::usage)?,
            headings: text("heading-style").parse().map_err(CliError::usage)?,
            bullets: text("list-marker").parse().map_err(CliError::usage)?,
            html: !self.settings.switch("no-html"),
            check: !self.settings.switch("no-check"),
        })
    }
}

/// A front matter template from a file.
fn template(path: &str) -> Result<Template, CliError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::usage(format!("the template {path} cannot be read: {error}")))?;
    Template::new(&text).map_err(|error| CliError::usage(format!("{path}: {error}")))
}

fn environment() -> BTreeMap<String, String> {
    // A value that is no Unicode is none of ours.
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

/// The flags that have a setting of the same name.
fn flags(cli: &Cli) -> Flags {
    let mut flags = Flags::new();
    if let Some(archive) = &cli.global.archive {
        flags.insert("archive", archive.to_string_lossy().into_owned().into());
    }
    match &cli.command {
        #[cfg(feature = "net")]
        Command::Archive(args) => {
            writing_flags(&args.writing, &mut flags);
            network_flags(&args.network, &mut flags);
            if let Some(captures) = &args.captures {
                flags.insert("captures", captures.as_str().into());
            }
        }
        Command::Convert(args) => {
            writing_flags(&args.writing, &mut flags);
            #[cfg(feature = "net")]
            network_flags(&args.network, &mut flags);
        }
        #[cfg(feature = "net")]
        Command::Crawl(args) => {
            writing_flags(&args.writing, &mut flags);
            network_flags(&args.network, &mut flags);
            if let Some(captures) = &args.captures {
                flags.insert("captures", captures.as_str().into());
            }
        }
        #[cfg(all(feature = "net", feature = "store"))]
        Command::Snapshot(args) => network_flags(&args.network, &mut flags),
        Command::Rebuild(args) => writing_flags(&args.writing, &mut flags),
        _ => {}
    }
    flags
}

fn writing_flags(writing: &Writing, flags: &mut Flags) {
    let texts = [
        ("profile", &writing.profile),
        ("template", &writing.template),
        ("engine", &writing.engine),
        ("markdown", &writing.markdown),
        ("heading-style", &writing.heading_style),
        ("list-marker", &writing.list_marker),
    ];
    for (key, value) in texts {
        if let Some(value) = value {
            flags.insert(key, value.as_str().into());
        }
    }
    for (key, given) in [("comments", writing.comments), ("no-html", writing.no_html), ("no-check", writing.no_check)] {
        if given {
            flags.insert(key, true.into());
        }
    }
    if !writing.categories.is_empty() {
        flags.insert("categories", writing.categories.clone().into());
    }
    if let Some(base) = &writing.image_base {
        flags.insert("image-base", base.as_str().into());
    }
}

#[cfg(feature = "net")]
fn network_flags(network: &args::Network, flags: &mut Flags) {
    let texts = [("timeout", &network.timeout), ("delay", &network.delay), ("user-agent", &network.user_agent)];
    for (key, value) in texts {
        if let Some(value) = value {
            flags.insert(key, value.as_str().into());
        }
    }
    if let Some(retries) = network.retries {
        flags.insert("retries", i64::from(retries).into());
    }
    if !network.header.is_empty() {
        flags.insert("header", network.header.clone().into());
    }
    for (key, given) in [("allow-private", network.allow_private), ("respect-robots", network.respect_robots)] {
        if given {
            flags.insert(key, true.into());
        }
    }
}
