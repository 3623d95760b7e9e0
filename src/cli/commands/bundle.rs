//! `bindery bundle`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};
use indicatif::HumanBytes;
use serde_json::json;

use bindery::archive::{Archive, ArchiveError, Writer};
use bindery::bundle::{
    self, BundleError, BundleFormat, BundleOptions, BundleSummary, FORMATS, Notes, Rules, Signer, is_standard_output,
};
use bindery::model::Timestamp;

use crate::cli::context::{Context, SOFTWARE, counted};
use crate::cli::error::{CliError, Ending};
use crate::cli::signals;

use super::selected::Selected;

/// Pack articles for preservation, for replay, or for reading in other programs
///
/// A bag (BagIt 1.0 in a ZIP file) holds an archive of the selected articles with texts, images and captures; `bindery
/// restore` restores it. A WACZ holds their captures for replay. A TextPack holds one text with its images. An EPUB
/// is a book with a chapter for each article, HTML is one file with the images inside, jsonl has one article per line. The same
/// archive and selection give the same bytes; SOURCE_DATE_EPOCH sets the date, which otherwise is that of the newest
/// capture.
#[derive(Debug, Args)]
pub struct Bundle {
    #[command(flatten)]
    selected: Selected,
    /// Write to this file, or `-` for standard output; with --format textpack, epub or html and a name that ends in `/`, one file per article into that folder
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    output: PathBuf,
    /// Write this format
    #[arg(long, value_name = "FORMAT", default_value = "bag", value_parser = format_parser())]
    format: &'static dyn BundleFormat,
    /// Also pack your own notes, the notes.md of each article (bag only)
    #[arg(long)]
    notes: bool,
    /// Sign each file with this minisign key (as `minisign -G` writes it), into FILE.minisig, which `minisign -V` checks
    #[arg(long, value_name = "KEY", value_hint = ValueHint::FilePath)]
    sign: Option<PathBuf>,
    /// Read the key's password from the first line of this file
    #[arg(long, value_name = "FILE", requires = "sign", value_hint = ValueHint::FilePath)]
    password_file: Option<PathBuf>,
}

/// Parses the name of a format. The help lists all.
fn format_parser() -> impl TypedValueParser<Value = &'static dyn BundleFormat> {
    let names = FORMATS.iter().map(|format| PossibleValue::new(format.name()).help(format.about()));
    let named = |name: String| FORMATS.into_iter().find(|format| format.name() == name);
    PossibleValuesParser::new(names).try_map(move |name| named(name).ok_or("not a format"))
}

/// Packs the selected articles.
pub fn run(context: &Context<'_>, args: Bundle) -> Result<Ending, CliError> {
    check_output(context, &args)?;
    let archive = Archive::open(&context.archive()).map_err(CliError::run)?;
    complete(context, &archive);
    let selection = args.selected.selection(context)?;
    let stop = signals::stop_flag(context.output);
    let notes = match (args.notes, args.format.rules()) {
        (false, _) => Notes::LeftOut,
        (true, Rules::BagIt) => Notes::Packed,
        (true, _) => return Err(CliError::usage("--notes: only a bag has a place for notes; use --format bag")),
    };
    let making = BundleOptions { selection, date: source_date()?, software: SOFTWARE.to_owned(), notes, stop };
    let password = args.password_file.as_deref().map(password).transpose()?;
    // An invalid key is reported before anything is packed.
    let signer = args.sign.as_deref().map(|key| Signer::open(key, password)).transpose().map_err(CliError::usage)?;
    let progress = context.output.progress();
    progress.start(0, "bytes");
    let mut report = |done, all| progress.position(done, all);
    let path = args.output.as_path();
    let made = bundle::write(&archive, args.format, path, &making, &mut report);
    let made = match made {
        Err(error @ BundleError::Interrupted) => {
            context.output.problem(&format!("bindery: {}: {error}", path.display()));
            return Ok(Ending::Interrupted);
        }
        // The reader of a pipe has read enough.
        Err(BundleError::Io { source, .. }) if source.kind() == ErrorKind::BrokenPipe => return Err(source.into()),
        made => made.map_err(CliError::run)?,
    };
    let signatures = signer.iter().flat_map(|signer| made.written.iter().map(|path| signer.sign(path)));
    for signature in signatures {
        context.output.note(&format!("signed: {}", signature.map_err(CliError::run)?.display()));
    }
    print(context, args.format.name(), path, &made)?;
    Ok(Ending::Done)
}

/// Refuses flags that standard output has no place for.
fn check_output(context: &Context<'_>, args: &Bundle) -> Result<(), CliError> {
    match is_standard_output(&args.output) {
        true if context.output.is_json() => {
            Err(CliError::usage("--json: events would be mixed into the bundle on standard output; use --output FILE"))
        }
        true if args.sign.is_some() => {
            Err(CliError::usage("--sign: a signature is a file beside the bundle; use --output FILE"))
        }
        _ => Ok(()),
    }
}

/// Completes what a killed run left, as every run does, so that what it archived is packed too.
fn complete(context: &Context<'_>, archive: &Archive) {
    if !archive.is_unfinished() {
        return;
    }
    match Writer::open(archive.root(), context.opening()) {
        Ok(writer) => writer.notes().iter().for_each(|note| context.output.note(note)),
        // Another process completes it, or will not let go: what the manifests list is packed.
        Err(ArchiveError::Locked { .. }) => {}
        Err(error) => context.output.problem(&format!(
            "bindery: what a killed run left cannot be completed, so only what the manifests list is packed: {error}"
        )),
    }
}

fn print(context: &Context<'_>, format: &str, path: &Path, made: &BundleSummary) -> Result<(), CliError> {
    for (skipped, why) in &made.skipped {
        let event = json!({ "event": "left-out", "path": skipped, "reason": why });
        context.output.failure(&event, &format!("{skipped} is not in the bundle: {why}"))?;
    }
    for (text, count) in &made.tex_formulas {
        let event = json!({ "event": "tex-formulas", "path": text, "count": count });
        let formulas = counted(*count as u64, "formula");
        context.output.failure(&event, &format!("{text}: {formulas} shown as TeX: not valid or too large"))?;
    }
    let meta = if is_standard_output(path) { None } else { path.metadata().ok() };
    let size = meta.filter(|meta| meta.is_file()).map_or(made.bytes, |meta| meta.len());
    let event = json!({
        "event": "summary", "command": "bundle", "format": format, "path": path.to_string_lossy(),
        "articles": made.articles, "files": made.files, "bytes": size, "skipped": made.skipped.len(),
        "tex-formulas": made.tex_formulas.iter().map(|(_, count)| count).sum::<usize>(),
    });
    let (articles, files) = (counted(made.articles as u64, "article"), counted(made.files as u64, "file"));
    let path = if is_standard_output(path) { "standard output".into() } else { path.display().to_string() };
    let sentence = format!("{path}: {articles}, {files}, {}", HumanBytes(size));
    context.output.summary(&event, &sentence)?;
    Ok(())
}

/// Reads the first line of a file.
fn password(path: &Path) -> Result<String, CliError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        CliError::usage(format!("{} cannot be read: {error}; check --password-file", path.display()))
    })?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Returns the date that reproducible builds set.
fn source_date() -> Result<Option<Timestamp>, CliError> {
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH") else { return Ok(None) };
    let second = text.to_str().and_then(|text| text.parse().ok()).and_then(Timestamp::from_second);
    match second {
        Some(date) => Ok(Some(date)),
        None => Err(CliError::usage("SOURCE_DATE_EPOCH is not a number of seconds since 1970; correct or unset it")),
    }
}
