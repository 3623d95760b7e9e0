//! `bindery export`.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};
use serde_json::json;
use url::Url;

use bindery::archive::Archive;
use bindery::export::{
    self, Backlinks, Edits, ExportError, ExportEvent, ExportOptions, ExportSummary, FileOutcome, Folder, Layout, Mode,
    SiteOptions, Stale,
};

use crate::cli::context::{Context, counted};
use crate::cli::error::{CliError, Ending};
use crate::cli::help::examples;
#[cfg(all(feature = "net", feature = "store"))]
use crate::cli::settings;
use crate::cli::signals;

use super::selected::Selected;

const EXAMPLES: &str = examples!(
    "Write all articles as posts of a Hexo site" => "bindery export --profile hexo --output blog --into",
    "Write the articles about a subject as notes" => "bindery export --query 装订铺 --profile obsidian --output vault",
    "Make a site for browsers, with search" => "bindery export --profile html --output site --prune",
    "See what would be written" => "bindery export --profile plain --output texts --dry-run",
);

/// Write articles into a site, a vault or a folder, again and again
///
/// New and changed articles are written; a file that you changed or removed is left as it is. Links between exported
/// articles point to the exported texts. The files that were written are listed in .bindery-export.json in the output
/// folder.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Export {
    #[command(flatten)]
    selected: Selected,
    /// Write for this program
    #[arg(long, value_name = "NAME", value_parser = layout_parser())]
    profile: Layout,
    /// Write into this folder, the root of the site or vault
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: PathBuf,
    /// Write into a folder that already has other files; none of them is changed
    #[arg(long)]
    into: bool,
    /// Replace texts that you changed, and write again those that you removed
    #[arg(long)]
    force: bool,
    /// Remove texts whose articles you no longer select or have, unless you changed them
    #[arg(long)]
    prune: bool,
    /// End each text with a list of the articles that link to it
    #[arg(long)]
    backlinks: bool,
    /// Name a site for browsers; without it, the lists are named after what they are
    #[arg(long, value_name = "TEXT")]
    site_title: Option<String>,
    /// Where a site for browsers will be, so that the links of its feed are complete
    #[arg(long, value_name = "URL", value_parser = web_url)]
    site_url: Option<Url>,
    /// Report what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Parses the name of a layout. The help lists all.
fn layout_parser() -> impl TypedValueParser<Value = Layout> {
    let names = Layout::ALL.map(|layout| PossibleValue::new(layout.as_str()).help(layout.about()));
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Layout>())
}

/// Parses the URL of a site.
fn web_url(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(_) => Err("expected https://… or http://…".to_owned()),
        Err(error) => Err(format!("{error}; expected https://…")),
    }
}

/// Exports the selected articles.
pub fn run(context: &Context<'_>, args: &Export) -> Result<Ending, CliError> {
    let archive = Archive::open(&context.archive()).map_err(CliError::run)?;
    let mut options = ExportOptions::new(args.profile, args.output.clone());
    options.site = SiteOptions { title: args.site_title.clone(), url: args.site_url.clone() };
    if args.profile != Layout::Html && options.site != SiteOptions::default() {
        return Err(CliError::usage("--site-title and --site-url are for sites for browsers; add --profile html"));
    }
    options.selection = args.selected.selection(context)?;
    options.stop = signals::stop_flag(context.output);
    if args.into {
        options.folder = Folder::Any;
    }
    if args.force {
        options.edits = Edits::Overwrite;
    }
    if args.prune {
        options.stale = Stale::Remove;
    }
    if args.backlinks {
        options.backlinks = Backlinks::List;
    }
    if args.dry_run {
        options.mode = Mode::DryRun;
    }
    export_articles(context, &archive, &options)
}

/// Returns how the articles of a source are exported.
#[cfg(all(feature = "net", feature = "store"))]
pub fn options_of(name: &str, export: &settings::Export) -> ExportOptions {
    ExportOptions {
        source: Some(name.to_owned()),
        folder: if export.into { Folder::Any } else { Folder::Own },
        stale: if export.prune { Stale::Remove } else { Stale::Keep },
        backlinks: if export.backlinks { Backlinks::List } else { Backlinks::None },
        site: SiteOptions { title: export.site_title.clone(), url: export.site_url.clone() },
        ..ExportOptions::new(export.profile.0, export.output.clone())
    }
}

/// Exports the articles that the runs of a source visited.
#[cfg(all(feature = "net", feature = "store"))]
pub fn run_source(context: &Context<'_>, name: &str, export: &settings::Export) -> Result<Ending, CliError> {
    let archive = Archive::open(&context.archive()).map_err(CliError::run)?;
    let mut folders = archive.folders_of_source(name).map_err(CliError::run)?;
    folders.retain(|folder| archive.root().join(folder).is_dir());
    if folders.is_empty() {
        return Ok(Ending::Done);
    }
    let mut options = options_of(name, export);
    options.selection.folders = Some(folders);
    export_articles(context, &archive, &options)
}

/// Exports articles, and reports what happens.
fn export_articles(context: &Context<'_>, archive: &Archive, options: &ExportOptions) -> Result<Ending, CliError> {
    let mut broken = None;
    let exported = export::export(archive, options, &mut |event| {
        if broken.is_none() {
            broken = show(context, options, &event).err();
        }
        if broken.is_some() {
            options.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    });
    if let Some(error) = broken {
        return Err(error);
    }
    let summary = match exported {
        Err(error @ ExportError::Interrupted) => {
            context.output.problem(&format!("bindery: {}: {error}", options.output.display()));
            return Ok(Ending::Interrupted);
        }
        Err(error) if error.is_usage() => return Err(CliError::usage(error)),
        exported => exported.map_err(CliError::run)?,
    };
    sum_up(context, options, &summary)?;
    Ok(if summary.failed + summary.damaged > 0 { Ending::PageFailed } else { Ending::Done })
}

fn show(context: &Context<'_>, options: &ExportOptions, event: &ExportEvent) -> Result<(), CliError> {
    let output = context.output;
    // In a snapshot each page has one event `article` already.
    let article = if options.source.is_some() { "exported" } else { "article" };
    match event {
        ExportEvent::Begin { articles } => output.progress().start(*articles as u64, "articles"),
        ExportEvent::NameTaken { path, instead } => output.aside(
            &json!({ "event": "name-taken", "path": path, "instead": instead }),
            &format!("{path} is a file of yours, so the article is written to {instead}"),
        )?,
        ExportEvent::Article { outcome, path, folder, url, title, images } => {
            output.progress().step();
            let event = json!({
                "event": article, "outcome": outcome.word(), "path": path, "folder": folder, "url": url,
                "title": title, "images": images,
            });
            let images = if *images > 0 { format!("  ({})", counted(*images as u64, "image")) } else { String::new() };
            let line = format!("{:<9} {path}{images}", outcome.word());
            match outcome {
                FileOutcome::New | FileOutcome::Updated => output.done(&event, &line)?,
                FileOutcome::Unchanged => output.repeated(&event, &line)?,
                FileOutcome::Edited => output.aside(&event, &format!("{path} was changed by you and stays"))?,
                FileOutcome::Deleted => output.repeated(&event, &format!("{path} was removed by you and stays so"))?,
            }
        }
        ExportEvent::Failed { folder, cause } => {
            output.progress().step();
            let event = json!({ "event": article, "outcome": "failed", "folder": folder, "error": cause });
            output.failure(&event, &format!("{folder} is not exported: {cause}; run `bindery verify`"))?;
        }
        ExportEvent::Damaged { image, folder, cause } => output.failure(
            &json!({ "event": "damaged", "image": image, "folder": folder, "error": cause }),
            &format!("{image} is damaged ({cause}), so {folder} is exported without it; run `bindery repair`"),
        )?,
        ExportEvent::Index { outcome, path } => {
            let event = json!({ "event": "index", "outcome": outcome.word(), "path": path });
            match outcome {
                FileOutcome::Edited => output.aside(&event, &format!("{path} was changed by you and stays"))?,
                _ => output.repeated(&event, &format!("{:<9} {path}", outcome.word()))?,
            }
        }
        ExportEvent::Removed { path } => {
            let line = format!("{:<9} {path}", "removed");
            output.done(&json!({ "event": "removed", "path": path }), &line)?;
        }
        ExportEvent::KeptEdited { path } => output.aside(
            &json!({ "event": "kept", "path": path }),
            &format!("{path} was changed by you and is not removed; --force removes it"),
        )?,
    }
    Ok(())
}

fn sum_up(context: &Context<'_>, options: &ExportOptions, summary: &ExportSummary) -> Result<(), CliError> {
    let is_dry = options.mode == Mode::DryRun;
    let event = json!({
        "event": "summary", "command": "export", "profile": options.layout.as_str(),
        "output": options.output.to_string_lossy(), "source": options.source, "dry_run": is_dry,
        "new": summary.new, "updated": summary.updated, "unchanged": summary.unchanged, "edited": summary.edited,
        "deleted": summary.deleted, "failed": summary.failed, "images": summary.images, "damaged": summary.damaged,
        "removed": summary.removed, "stale": summary.stale,
    });
    let mut sentence = format!(
        "{} new, {} updated, {} unchanged; {}",
        summary.new,
        summary.updated,
        summary.unchanged,
        counted(summary.images as u64, "image")
    );
    let mut add = |count: usize, what: &str| {
        if count > 0 {
            sentence.push_str(&format!("; {count} {what}"));
        }
    };
    add(summary.edited, "changed by you and left as they are (--force replaces them)");
    add(summary.deleted, "removed by you (--force writes them again)");
    add(summary.removed, "removed");
    add(summary.stale, "no longer selected (--prune removes them)");
    add(summary.damaged, "images damaged");
    add(summary.failed, "failed");
    let what = if is_dry { "nothing was written to" } else { "in" };
    context.output.summary(&event, &format!("{sentence}; {what} {}", options.output.display()))?;
    Ok(())
}
